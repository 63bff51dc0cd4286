"""The Overlay Specification's own files: its compliance sets, its test documents and the examples in its text.

They are read from a clone of github.com/OAI/Overlay-Specification in ``SPECLOOM_OVERLAY_SUITE``.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest

from generator.errors import SpecloomError
from generator.load import load
from generator.overlay import read
from generator.overlay.compare import same
from generator.tree import Json
from generator.yaml12 import parse
from tests.overlay.applying import applied

SUITE = Path(os.environ.get("SPECLOOM_OVERLAY_SUITE") or "/nonexistent")
SETS = sorted(path.parent for path in SUITE.glob("compliant-sets/*/overlay.yaml"))
PASS = sorted(SUITE.glob("tests/v1.[01]/pass/*.yaml"))
FAIL = sorted(SUITE.glob("tests/v1.[01]/fail/*.yaml"))

NO_QUERY = "actions-traits-example.yaml"
"""Held up for its structure alone: its target `$.paths.*.get[?@.x-oai-traits.paged]` is no query of RFC 9535."""

pytestmark = pytest.mark.skipif(not SETS, reason="SPECLOOM_OVERLAY_SUITE names no clone of OAI/Overlay-Specification")


def name(path: Path) -> str:
    return str(path.relative_to(SUITE))


@pytest.mark.parametrize("folder", SETS, ids=name)
def test_compliance_set_gives_the_expected_document(folder: Path) -> None:
    document, expected = (
        load((folder / file).read_bytes(), name=file).root for file in ("openapi.yaml", "output.yaml")
    )
    assert same(applied(document, (folder / "overlay.yaml").read_text()), expected)


@pytest.mark.parametrize("path", PASS, ids=name)
def test_valid_overlay_is_read(path: Path) -> None:
    if path.name == NO_QUERY:
        with pytest.raises(SpecloomError) as raised:
            read(load(path.read_bytes(), name=path.name))
        assert [item.code for item in raised.value.diagnostics] == ["overlay-path"]
    else:
        read(load(path.read_bytes(), name=path.name))


@pytest.mark.parametrize("path", FAIL, ids=name)
def test_invalid_overlay_is_refused_at_its_line(path: Path) -> None:
    with pytest.raises(SpecloomError) as raised:
        read(load(path.read_bytes(), name=path.name))
    assert all(item.location.line and item.hint for item in raised.value.diagnostics)


def examples(version: str) -> list[tuple[str, Json]]:
    """The YAML blocks of the specification's text, each with the heading that it stands under."""
    heading = ""
    found: list[tuple[str, Json]] = []
    text = (SUITE / "versions" / f"{version}.md").read_text()
    for part in re.finditer(r"^#+ ([^\n]*)$|^```yaml\n(.*?)^```$", text, re.M | re.S):
        heading = part[1] or heading
        if part[2] and "extends:" not in part[2]:  # those two show that field alone
            found.append((heading, parse(part[2])))
    return found


@pytest.mark.parametrize("version", ["1.0.0", "1.1.0"])
def test_every_overlay_in_the_text_is_read(version: str) -> None:
    overlays = [(heading, tree) for heading, tree in examples(version) if "overlay" in tree]
    assert len(overlays) >= 6
    for heading, tree in overlays:
        if version == "1.0.0" and heading == "Traits Example":
            continue  # its target is no query of RFC 9535, and was corrected in 1.1.0
        read(load(json.dumps(tree).encode(), name="overlay.json"))


def test_every_result_in_the_text_is_reached() -> None:
    """Blocks of three: a description, an overlay, and what they give; the traits example has no other."""
    blocks = [tree for _, tree in examples("1.1.0")]
    triples = [
        (one, two, three)
        for one, two, three in zip(blocks, blocks[1:], blocks[2:], strict=False)
        if "openapi" in one and "overlay" in two and "openapi" in three
    ]
    assert len(triples) == 4
    for document, overlay, expected in triples:
        assert same(applied(document, overlay), expected)
