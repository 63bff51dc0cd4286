"""(template, view) -> text: the one Jinja environment. Spec text reaches a template as data, never as one.

What a template says is escaped by itself in HTML (``*.html.jinja``), elsewhere by the filters here.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable
from functools import cache

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from generator.manifest import TEMPLATES
from generator.prose import prose

_ENDING_QUOTES = re.compile(r'"{3,}|"+$')
_INVISIBLE = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff]"
)
_MARKS = re.compile(r"[\\`*\[\]<>|&~$]|(?<![^\W_])_|_(?![^\W_])")
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "|": "&#124;", "\\": "&#92;", "`": "&#96;"}
_BLOCK_START = re.compile(r"^([0-9]*)([#+=:.)-])")
_NOT_IN_HTML = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]")
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff]")


def render(template: str, view: object) -> str:
    """The text of ``template`` (a path below ``templates/``) for ``view``. An unknown name in it is an error."""
    return _environment().get_template(template).render(view=view)


def page_of(template: str, view: object) -> str:
    """An HTML page, without the characters that HTML has no place for."""
    return _NOT_IN_HTML.sub("", render(template, view))


def asset(name: str) -> str:
    """What a page holds as it is, a path below ``templates/``: its style, its script."""
    return (TEMPLATES / name).read_text("utf-8")


def policy(style: str, script: str) -> str:
    """A content security policy that lets these two in and nothing else (CSP Level 3, section 2.3.1)."""

    def digest(text: str) -> str:
        return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"

    allowed = f"style-src {digest(style)}; script-src {digest(script)}"
    return f"default-src 'none'; {allowed}; base-uri 'none'; form-action 'none'"


def docstring(text: str, indent: int) -> str:
    """``text`` as a docstring literal whose further lines stand ``indent`` columns in.

    Nothing in it can end the literal or be read as an escape: backslashes and closing quotes are escaped, control
    characters are left out.
    """
    plain = _UNPRINTABLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n").expandtabs(4)).strip()
    escaped = _ENDING_QUOTES.sub(lambda quotes: '\\"' * len(quotes.group()), plain.replace("\\", "\\\\"))
    lines = [line.rstrip() for line in escaped.split("\n")]
    pad = " " * indent
    if len(lines) == 1:
        return f'"""{escaped}"""'
    body = "\n".join(pad + line if line else "" for line in lines[1:])
    return f'"""{lines[0]}\n{body}\n{pad}"""'


def markdown(text: str, longest: int = 10_000) -> str:
    """``text`` as one line of Markdown that says it and nothing else: no mark-up, no HTML, no link, no cell of a table.

    What is longer than ``longest`` is cut between words. Where a block could begin, its first character is escaped
    (CommonMark, chapter 4; GitHub's tables and strikethrough besides).
    """
    words = _INVISIBLE.sub(" ", text).split()
    plain = " ".join(words)
    if len(plain) > longest:
        plain = plain[:longest].rpartition(" ")[0] or plain[:longest]
        plain = plain.rstrip(" .,;:") + " …"
    escaped = _MARKS.sub(lambda mark: _ENTITIES.get(mark.group(), "\\" + mark.group()), plain)
    return _BLOCK_START.sub(lambda start: f"{start[1]}\\{start[2]}", escaped)


def code(text: str) -> str:
    """``text`` as a span of code, as plain words where it has characters that end one, or a cell of a table."""
    found = " ".join(_INVISIBLE.sub(" ", text).split())
    return markdown(found) if not found or re.search(r"[`|\\]", found) else f"`{found}`"


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=lambda name: name is not None and name.endswith(".html.jinja"),
    )
    filters: dict[str, Callable[..., str]] = {
        "pyrepr": repr,
        "docstring": docstring,
        "markdown": markdown,
        "code": code,
        "prose": prose,
    }
    environment.filters |= filters  # pyright: ignore[reportAttributeAccessIssue]  jinja2 types its own filters only
    return environment
