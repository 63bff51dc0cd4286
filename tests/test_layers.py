"""The table of stages in docs/architecture.md, held by the imports."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

GENERATOR = Path(__file__).parents[1] / "generator"

MAY_IMPORT: dict[str, set[str]] = {
    "tree": set(),
    "layout": set(),
    "errors": set(),
    "codes": {"errors"},
    "findings": {"errors"},
    "ir": {"errors", "tree"},
    "names": set(),
    "openapi": {"tree"},
    "yaml_events": {"tree"},
    "yaml12": {"errors", "tree", "yaml_events"},
    "yaml_marks": {"errors", "tree", "yaml12", "yaml_events"},
    "json_marks": {"yaml_events", "yaml_marks"},
    "document": {"errors", "json_marks", "tree", "yaml12", "yaml_events", "yaml_marks"},
    "markdown": {"document", "errors", "tree", "yaml12"},
    "load": {"document", "errors", "tree", "markdown", "yaml12", "yaml_events", "yaml_marks"},
    "files": {"errors"},
    "origins": set(),
    "revisions": {"errors", "files"},
    "config": {"document", "files", "layout", "load", "errors", "tree", "names", "origins"},
    "sources": {
        "config",
        "document",
        "errors",
        "load",
        "manifest",
        "markdown",
        "openapi",
        "origins",
        "revisions",
        "tree",
        "upstream",
    },
    "upstream": {
        "atomic",
        "config",
        "errors",
        "files",
        "load",
        "manifest",
        "markdown",
        "origins",
        "sources",
        "tree",
    },
    "provenance": {"document", "errors", "tree"},
    "identity": {"document", "tree"},
    "references": {"identity", "document", "load", "errors", "openapi", "tree"},
    "survey": {"errors", "openapi", "references", "tree"},
    "bundle": {"document", "errors", "openapi", "provenance", "references", "survey", "tree", "yaml12"},
    "merge": {"bundle", "document", "errors", "openapi", "tree"},
    "overlay": {"bundle", "document", "errors", "tree", "yaml12"},
    "plain_yaml": {"tree"},
    "reach": {"openapi", "tree"},
    "select": {"bundle", "openapi", "reach", "tree"},
    "entries": {"config", "errors", "ir", "names", "openapi", "select", "tree"},
    "normalise": {"bundle", "codes", "errors", "identity", "tree", "openapi", "names"},
    "build": {"normalise", "ir", "errors", "tree", "names"},
    "diff": {"build", "bundle", "errors", "ir", "names", "normalise", "openapi", "targets", "tree"},
    "wording": {"ir", "tree"},
    "comparing": {"ir", "tree", "wording"},
    "manifest": {"errors", "tree"},
    "unchanged": {"layout", "manifest"},
    "atomic": {"layout"},
    "prose": set(),
    "render": {"manifest", "prose"},
    "examples": {"ir", "tree"},
    "targets": {"examples", "ir", "errors", "layout", "tree", "names", "manifest", "prose", "render"},
    "format": {"errors"},
    "output": {"atomic", "errors", "layout", "manifest"},
    "serve": {
        "check",
        "errors",
        "findings",
        "jobs",
        "layout",
        "manifest",
        "output",
        "pipeline",
        "report",
        "tree",
        "unchanged",
    },
}
"""Stage -> what it may import of ours. A module that is not here is at the top and may import everything but ``cli``."""

ONLY_IN = {
    "jinja2": {"render.py"},
    "black": {"format.py"},
    "jsonpath_rfc9535": {"overlay/paths.py"},
    "yaml": {"yaml_events.py", "yaml12.py", "yaml_marks.py"},
    "markdown_it": {"markdown.py", "prose.py"},
    "markupsafe": {"prose.py"},
    "jsonschema_rs": {"normalise/patterns.py", "serve/schemas.py", "examples.py"},
    "rstr": {"serve/scalars.py"},
    "uvicorn": {"serve/run.py"},
    "httpx2": {"upstream/addresses.py", "upstream/fetch.py"},
    "fastapi": {"serve/app.py", "serve/package.py"},
}
"""A library -> the only files that import it, so that each boundary is one place."""

FILES = sorted(GENERATOR.rglob("*.py"))


def imported(path: Path) -> list[str]:
    """Absolute names of the modules that a file imports, wherever in it the import stands."""
    package = ["generator", *path.relative_to(GENERATOR).parent.parts]
    found: list[str] = []
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            stem = ".".join([*base, *([node.module] if node.module else [])])
            found += [f"{stem}.{alias.name}" for alias in node.names] if stem == "generator" else [stem]
    return found


def stage(module: str) -> str:
    return module.split(".")[1] if "." in module else "__init__"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(GENERATOR)))
def test_stage_imports_its_input_and_the_leaves(path: Path) -> None:
    own = path.relative_to(GENERATOR).parts[0].removesuffix(".py")
    ours = {stage(name) for name in imported(path) if name.split(".")[0] == "generator"} - {own}
    if own in MAY_IMPORT:
        assert ours <= MAY_IMPORT[own], f"{own} may not import {sorted(ours - MAY_IMPORT[own])}"
    assert "cli" not in ours or own == "__main__"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(GENERATOR)))
def test_library_stays_behind_its_boundary(path: Path) -> None:
    name = str(path.relative_to(GENERATOR))
    for library in {module.split(".")[0] for module in imported(path)} & ONLY_IN.keys():
        assert name in ONLY_IN[library], f"{library} is the business of {sorted(ONLY_IN[library])}"


def test_targets_never_import_each_other() -> None:
    """`python` and `security` are parts that targets are made of, not targets."""
    targets = {"models", "server", "client", "readme"}
    for name in targets:
        others = {module.rpartition(".")[2] for module in imported(GENERATOR / "targets" / f"{name}.py")} & targets
        assert not others, f"{name} imports {sorted(others)}"


def test_every_stage_of_the_table_exists() -> None:
    present = {path.relative_to(GENERATOR).parts[0].removesuffix(".py") for path in FILES}
    assert MAY_IMPORT.keys() <= present


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(GENERATOR)))
def test_file_stays_readable_in_one_sitting(path: Path) -> None:
    assert len(path.read_text("utf-8").splitlines()) <= 500
