"""Nodes of real documents replaced by what should not stand there: understood, or refused at its line."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from generator.config import from_input
from generator.errors import SpecloomError
from generator.load import load
from generator.pipeline import comparable, compare, understand
from generator.tree import Json, Pointer

ROOT = Path(__file__).parents[1]
DOCUMENTS = [
    ROOT / "spec" / "openai" / "endpoint-reference.txt",
    ROOT / "spec" / "apifox" / "image-generation.md",
    *sorted((ROOT / "tests" / "cases" / "generate").glob("*/openapi.yaml")),
    *(ROOT / "tests" / "cases" / "dialects" / name / "openapi.yaml" for name in ("swagger", "openapi-3.2")),
]
COMPARED = sorted(
    (ROOT / "tests" / "diff" / "rules" / name / "old.yaml")
    for name in (
        "callback-removed",
        "oauth-url-changed",
        "response-discriminator-changed",
        "security-alternative-added",
    )
)
WRONG: list[Json] = [None, 5, "text", [], {}, True, [None], {"x": None}]
MOST = 700
"""So many changes of one document are tried, spread over it: each node of a large one gets some of the values."""


def nodes(node: Json, at: Pointer = ()) -> Iterator[Pointer]:
    """The pointers to all nodes below the root."""
    children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, child in children:
        yield (*at, key)
        yield from nodes(child, (*at, key))


def changes(tree: Json) -> list[tuple[Pointer, Json]]:
    """Where to put what, :data:`MOST` of them at the most."""
    found = [(at, value) for at in nodes(tree) for value in WRONG]
    step = -(-len(found) // MOST) | 1  # odd, so that it does not meet the same values at every node
    return found[::step]


def replaced(tree: Json, at: Pointer, value: Json) -> Json:
    changed = copy.deepcopy(tree)
    node = changed
    for key in at[:-1]:
        node = node[key]
    node[at[-1]] = value
    return changed


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.parent.name)
def test_wrong_value_anywhere_is_understood_or_refused_at_its_line(path: Path, tmp_path: Path) -> None:
    tree = load(path.read_bytes(), name=path.name).root
    document = tmp_path / "openapi.json"
    integration = from_input(document, name="subject", targets=("models", "server", "client"))
    failures: list[str] = []
    for at, value in changes(tree):
        document.write_text(json.dumps(replaced(tree, at, value), indent=1))
        try:
            understand(integration)
        except SpecloomError as refusal:
            if not all(diagnostic.location.line for diagnostic in refusal.diagnostics):
                failures.append(f"{at} = {value!r}: no line in {refusal}")
        except Exception as error:
            failures.append(f"{at} = {value!r}: {type(error).__name__}: {error}")
    assert not failures, f"{len(failures)}:\n" + "\n".join(failures[:25])


@pytest.mark.parametrize("path", COMPARED, ids=lambda path: path.parent.name)
def test_documents_with_a_wrong_value_anywhere_are_compared_or_refused(path: Path, tmp_path: Path) -> None:
    """What keeps a document from being generated does not keep it from being compared."""
    tree = load(path.read_bytes(), name=path.name).root
    document = tmp_path / "openapi.json"
    integration = from_input(document, name="subject", targets=("models", "server", "client"))
    document.write_text(json.dumps(tree))
    right = comparable(integration)
    failures: list[str] = []
    for at, value in changes(tree):
        document.write_text(json.dumps(replaced(tree, at, value)))
        try:
            wrong = comparable(integration)
            compare(right, wrong)
            compare(wrong, right)
        except SpecloomError:
            continue
        except Exception as error:
            failures.append(f"{at} = {value!r}: {type(error).__name__}: {error}")
    assert not failures, f"{len(failures)}:\n" + "\n".join(failures[:25])
