"""Specs whose author means harm: a payload in every position that a string can stand in.

Each file of ``specs/`` is named after the position and the payload. Whatever comes of it, a package or a refusal:
nothing in it runs, nothing is written outside the output, and what is written compiles and imports.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from generator.cli import main
from tests.docs.pages import Outline, page_of, readme_of, with_payload
from tests.hostile.payloads import MARKUP

SPECS = sorted((Path(__file__).parent / "specs").glob("*.json"))
PARTS = 8
"""So many tests share the files, each of which imports what it generated."""

MARK = "PWNED"
"""What every payload tries to make: a folder of this name."""

IMPORT = """
import importlib, json, pkgutil, sys
sys.path.insert(0, sys.argv[1])
def watch(event, args):
    if event in ("os.mkdir", "os.system", "subprocess.Popen", "os.exec", "os.posix_spawn", "socket.connect", "os.remove"):
        raise SystemExit(f"{event} {args}")
    if event == "open" and isinstance(args[1], str) and set(args[1]) & set("wax+"):
        raise SystemExit(f"{event} {args}")
sys.dont_write_bytecode = True
sys.addaudithook(watch)
for name in json.loads(sys.argv[2]):
    package = importlib.import_module(name)
    for module in pkgutil.walk_packages(package.__path__, name + "."):
        importlib.import_module(module.name)
    models = importlib.import_module(name + ".models")
    for model in models.__all__:
        getattr(models, model)
"""

_watched = threading.local()


def _watch(event: str, args: tuple[object, ...]) -> None:
    """What a generation may not do: touch anything but the output (and read), start a process, open a socket."""
    seen: list[str] | None = getattr(_watched, "seen", None)
    if seen is None:
        return
    writes = event == "open" and isinstance(args[1], str) and bool(set(args[1]) & set("wax+"))
    if event in ("os.system", "subprocess.Popen", "os.exec", "os.posix_spawn", "socket.connect"):
        seen.append(f"{event} {args}")
    elif event in ("os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.link", "os.symlink") or writes:
        outside = not isinstance(args[0], int) and not str(args[0]).startswith(_watched.root)
        if outside:
            seen.append(f"{event} {args}")


sys.addaudithook(_watch)


@contextmanager
def watched(root: Path) -> Iterator[list[str]]:
    _watched.root, _watched.seen = str(root), []
    try:
        yield _watched.seen
    finally:
        _watched.seen = None


def package_of(spec: Path) -> str:
    return "hostile_" + spec.stem.replace("-", "_").replace(".", "_")


def test_there_are_enough() -> None:
    assert len(SPECS) >= 60


@pytest.mark.parametrize("part", range(PARTS))
def test_nothing_runs_and_nothing_leaves_the_output(
    part: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = tmp_path.resolve()
    specs = SPECS[part::PARTS]
    for spec in specs:
        output = root / package_of(spec)
        with watched(root) as seen:
            code = main(["generate", "--input", str(spec), "--output", str(output)])
        told = capsys.readouterr().err
        assert code in (0, 2), (spec.name, told)
        assert "Traceback" not in told, (spec.name, told)
        assert "error[internal]" not in told, (spec.name, told)
        assert seen == [], spec.name
        for path in output.rglob("*.py"):
            compile(path.read_text("utf-8"), str(path), "exec", dont_inherit=True)
    names = [package_of(spec) for spec in specs if (root / package_of(spec) / "__init__.py").exists()]
    assert names
    command = [sys.executable, "-c", IMPORT, str(root), json.dumps(names)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=root)
    assert done.returncode == 0, done.stderr[-2000:] + done.stdout[-500:]
    assert not [path for path in root.rglob("*") if MARK in path.name]


def _blocks(text: str) -> list[tuple[str, str]]:
    """What a Markdown text is made of: its blocks, and the marks, links and HTML in its lines."""
    parser = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    tokens = parser.parse(text)
    lines = [child for token in tokens for child in token.children or ()]
    kept = [token for token in lines if token.type not in ("text", "code_inline")]
    return [(token.type, token.tag) for token in (*tokens, *kept)]


@pytest.mark.parametrize("payload", MARKUP)
def test_a_readme_is_built_alike_whatever_the_texts_are(payload: str, tmp_path: Path) -> None:
    """Neither a link, nor a picture, nor HTML, nor a cell or a block comes of them."""
    assert _blocks(readme_of(with_payload(payload), tmp_path)) == _blocks(readme_of(with_payload("harmless"), tmp_path))


@pytest.mark.parametrize("payload", MARKUP)
def test_a_page_runs_and_loads_nothing_of_the_texts(payload: str, tmp_path: Path) -> None:
    outline = Outline(page_of(with_payload(payload), tmp_path))
    tags = [tag for tag, _ in outline.elements]
    assert tags.count("script") == tags.count("style") == 1
    assert not {"img", "iframe", "svg", "object", "embed", "form", "base", "link"} & {*tags}
    assert not [name for _, attributes in outline.elements for name in attributes if name.startswith("on")]
    for link in outline.all("href"):
        assert link.startswith(("#", "http://", "https://", "mailto:"))
