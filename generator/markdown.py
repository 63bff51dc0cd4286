"""Where the OpenAPI document is in a Markdown page, or between the tags of a wrapped file.

Code fences are found by the rules of CommonMark (section 4.5), which markdown-it-py implements: any length, tildes,
in lists and quotes, and blocks inside blocks. Which of them holds the document is told by what it says.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import NamedTuple

from markdown_it import MarkdownIt

from generator.document import Source
from generator.errors import Diagnostic, Location, SpecloomError, error
from generator.tree import Json, is_object
from generator.yaml12 import YamlError, parse

_ROOT_KEY = re.compile(r"""^["']?(?:openapi|swagger)["']?\s*:""", re.MULTILINE)
_JSON_KEY = re.compile(r"""\b(?:openapi|swagger)["']?\s*:""")
_FENCE = re.compile(r"^ {0,3}(?:`{3,}|~{3,})", re.MULTILINE)
_TAG = re.compile(r"\s*<([A-Za-z][\w.:-]*)>\s*")


_DATA = ("", "json", "json5", "jsonc", "openapi", "swagger", "yaml", "yml")
"""The languages of a fence that may have been meant to hold a document."""


class _Block(NamedTuple):
    """A code fence: the line it opens on (from 0), whether it closes, its language, and what it holds."""

    line: int
    closed: bool
    language: str
    content: str


class Link(NamedTuple):
    """A link of a page: where it leads, and its line in the file."""

    target: str
    line: int


def unwrap(source: Source) -> Source:
    """The content between a lone opening tag on the first line and its closing tag on the last, if that is so."""
    lines = source.text.split("\n")
    filled = [number for number, line in enumerate(lines) if line.strip()]
    first, last = filled[0], filled[-1]
    tag = _TAG.fullmatch(lines[first])
    if not tag or lines[last].strip() != f"</{tag[1]}>":
        return source
    inner = "".join(line + "\n" for line in lines[first + 1 : last])
    return replace(source, text=inner, skipped=source.skipped + first + 1)


def is_page(text: str) -> bool:
    """Whether a code fence opens at the margin before anything that looks like the root of a document."""
    fence = _FENCE.search(text)
    return bool(fence) and not _ROOT_KEY.search(text, 0, fence.start())


def find_document(source: Source) -> Source | None:
    """The one code fence that holds an OpenAPI document, ``None`` when there is no such fence.

    A fence counts when the root of its YAML or JSON has the key ``openapi`` or ``swagger``. Where none does, one that
    is malformed and names that key counts, so that its errors are told. Raises ``markdown-open-fence`` at
    the opening of a fence that never closes, and ``markdown-several`` naming the line of each document.
    """
    blocks = _blocks(source.text)
    found = [block for block in blocks if _holds_document(block.content, in_code=block.language not in _DATA)]
    if not found:
        found = [block for block in blocks if _holds_malformed(block.content)]
    _refuse_open(source, found)
    if len(found) > 1:
        raise _several(source, found)
    return _inside(source, found[0]) if found else None


def find_documents(source: Source) -> tuple[Source, ...]:
    """Every code fence that holds a document, and those that were meant to and are malformed, so that none is lost.

    Raises ``markdown-open-fence``.
    """
    found = [
        block
        for block in _blocks(source.text)
        if _holds_document(block.content, in_code=block.language not in _DATA)
        or (block.language in _DATA and _holds_malformed(block.content))
    ]
    _refuse_open(source, found)
    return tuple(_inside(source, block) for block in found)


def front_matter(source: Source) -> Source | None:
    """The YAML between two lines of dashes that a page starts with, ``None`` where it starts otherwise."""
    lines = source.text.split("\n")
    if lines[0].strip() != "---":
        return None
    end = next((number for number, line in enumerate(lines[1:], 1) if line.rstrip() == "---"), None)
    if end is None or not "".join(lines[1:end]).strip():
        return None
    inner = "".join(line + "\n" for line in lines[1:end])
    return replace(source, text=inner, skipped=source.skipped + 1)


def find_links(source: Source) -> tuple[Link, ...]:
    """The links of a page, each target once (CommonMark, section 6.3)."""
    found: dict[str, Link] = {}
    for token in MarkdownIt("commonmark").parse(source.text):
        for child in token.children or ():
            target = child.attrGet("href") if child.type == "link_open" else None
            if isinstance(target, str) and target:
                found.setdefault(target, Link(target, source.skipped + (token.map[0] if token.map else 0) + 1))
    return tuple(found.values())


def _refuse_open(source: Source, blocks: list[_Block]) -> None:
    for block in blocks:
        if not block.closed:
            message = "the code fence opened here is never closed"
            hint = "end the block with a line of as many backticks or tildes"
            place = source.line(source.skipped + block.line + 1)
            raise error("markdown-open-fence", message, place, hint)


def _inside(source: Source, block: _Block) -> Source:
    return replace(source, text=block.content, skipped=source.skipped + block.line + 1)


def no_document(source: Source) -> SpecloomError:
    """The error for a page without a document."""
    message = "no code block of this page holds an OpenAPI document"
    hint = "the root of a ```yaml or ```json block must have the key 'openapi' or 'swagger'"
    return error("markdown-no-document", message, Location(source.name), hint)


def _several(source: Source, found: list[_Block]) -> SpecloomError:
    places = [source.line(source.skipped + block.line + 1) for block in found]
    numbers = ", ".join(str(place.line) for place in places)
    message = f"this page holds {len(found)} OpenAPI documents, in the blocks at lines {numbers}"
    hint = "keep each in a file of its own and name one of them as the spec"
    related = tuple(("another one", place) for place in places[1:])
    return SpecloomError(Diagnostic("error", "markdown-several", message, places[0], hint, related))


def _blocks(text: str) -> list[_Block]:
    blocks: list[_Block] = []
    ended = text if text.endswith("\n") else text + "\n"
    # Fences are blocks: what stands inside of a line is of no interest, and slow to read where it is hostile.
    for token in MarkdownIt("commonmark").disable("inline").parse(ended):
        if token.type == "fence" and token.map:
            first, after = token.map
            # The closing line is part of the map and not of the content.
            language = token.info.split()[0].lower() if token.info.strip() else ""
            closed = after - first - 2 == token.content.count("\n")
            blocks.append(_Block(first, closed, language, token.content))
    return blocks


def _mentions(content: str) -> bool:
    pattern = _JSON_KEY if content.lstrip().startswith("{") else _ROOT_KEY
    return bool(pattern.search(content))


def _holds_document(content: str, *, in_code: bool) -> bool:
    """Whether it is a document. Code of other languages may look like YAML, but does not name a version."""
    if not _mentions(content):
        return False
    try:
        root: Json = parse(content)
    except YamlError:
        return False
    version = root.get("openapi", root.get("swagger")) if is_object(root) else None
    return is_object(root) and ("openapi" in root or "swagger" in root) and (not in_code or str(version)[:1].isdigit())


def _holds_malformed(content: str) -> bool:
    if not _mentions(content):
        return False
    try:
        parse(content)
    except YamlError:
        return True
    return False
