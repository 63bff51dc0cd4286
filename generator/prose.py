"""Markdown of a document -> HTML that is text and nothing else: CommonMark and tables, without HTML, images or scripts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup, escape

_LONGEST = 100_000
_PLAIN = re.compile(r"[^\s\d\\`*_\[\]<>&#!|~+=:-][^\\`*_\[\]<>&#!|~\n]*")
"""One line that has no mark-up in it: most descriptions."""
_LINK = re.compile(r"https?://|mailto:", re.IGNORECASE)


@cache
def prose(text: str) -> Markup:
    """``text`` as HTML. Links lead to http, https and mailto; of any other, and of pictures, the words are left.

    Headings are smaller than those of the page around.
    """
    if _PLAIN.fullmatch(text):
        return Markup("<p>") + escape(text) + Markup("</p>\n")
    text = text[:_LONGEST]
    parser = _parser(tables=_has_full_tables(text))
    tokens = list(_tamed(parser.parse(text)))
    return Markup(parser.renderer.render(tokens, parser.options, {}))


def plain(text: str) -> str:
    """The words of ``text``, a line, without its mark-up."""
    if _PLAIN.fullmatch(text):
        return text
    tokens = _parser(tables=False).parseInline(text[:_LONGEST])
    words = (
        " " if child.type in ("softbreak", "hardbreak") else child.content
        for token in tokens
        for child in token.children or ()
    )
    return " ".join("".join(words).split())


def _has_full_tables(text: str) -> bool:
    """Whether rows are about as long as the longest: short ones are filled up, and a few characters would be many cells."""
    bars = [line.count("|") for line in text.split("\n") if "|" in line]
    return bool(bars) and max(bars) * len(bars) <= 3 * sum(bars) + 100


@cache
def _parser(*, tables: bool) -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False})
    if tables:
        parser.enable("table")
    # What is no link of ours is told apart later, so that its words are kept rather than its source.
    parser.validateLink = lambda url: True
    return parser


def _tamed(tokens: Iterable[Token]) -> Iterator[Token]:
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = "h6"
        if token.children is not None:
            token.children = list(_without_links(token.children))
        yield token


def _without_links(tokens: Iterable[Token]) -> Iterator[Token]:
    """The tokens of a line; links never nest (CommonMark, section 6.3)."""
    kept = True
    for token in tokens:
        if token.type == "link_open":
            kept = bool(_LINK.match(str(token.attrGet("href"))))
            token.attrs = {"href": token.attrs["href"], "rel": "noreferrer"} if kept else {}
        if token.type == "image":
            yield Token("text", "", 0, content=token.content)
        elif kept or token.type not in ("link_open", "link_close"):
            yield token
