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


class _Block(NamedTuple):
    """A code fence: the line it opens on (from 0), whether it closes, and what it holds."""

    line: int
    closed: bool
    content: str


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
    found = [block for block in blocks if _holds_document(block.content)]
    if not found:
        found = [block for block in blocks if _holds_malformed(block.content)]
    for block in found:
        if not block.closed:
            message = "the code fence opened here is never closed"
            hint = "end the block with a line of as many backticks or tildes"
            place = source.line(source.skipped + block.line + 1)
            raise error("markdown-open-fence", message, place, hint)
    if len(found) > 1:
        raise _several(source, found)
    if not found:
        return None
    return replace(source, text=found[0].content, skipped=source.skipped + found[0].line + 1)


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
            blocks.append(_Block(first, after - first - 2 == token.content.count("\n"), token.content))
    return blocks


def _mentions(content: str) -> bool:
    pattern = _JSON_KEY if content.lstrip().startswith("{") else _ROOT_KEY
    return bool(pattern.search(content))


def _holds_document(content: str) -> bool:
    if not _mentions(content):
        return False
    try:
        root: Json = parse(content)
    except YamlError:
        return False
    return is_object(root) and ("openapi" in root or "swagger" in root)


def _holds_malformed(content: str) -> bool:
    if not _mentions(content):
        return False
    try:
        parse(content)
    except YamlError:
        return True
    return False
