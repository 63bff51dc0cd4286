"""A tree as YAML that people read, and that YAML 1.1 and 1.2 read alike."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from generator.tree import Json, JsonObject, is_array, is_object

_PLAIN = re.compile(
    r"[A-Za-z_$/][\w$/.,()@+?=&|!<>*'\"\[\]{}-]*( [\w$/.,()@+?=&|!<>*'\"\[\]{}-]+)*|\d+\.\d+\.\d+", re.ASCII
)
_WORDS = frozenset(["null", "true", "false", "yes", "no", "on", "off", "y", "n"])
_BLOCK = re.compile(r"(?![ \n\t])[^\0-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]*", re.DOTALL)


def as_yaml(tree: JsonObject) -> str:
    """The text of a tree."""
    return "".join(f"{line}\n" for line in _entries(tree, ""))


def _entries(node: Json, indent: str) -> Iterator[str]:
    """The lines of a mapping or a list that is not empty."""
    parts = node.items() if is_object(node) else (("-", value) for value in node)
    for key, value in parts:
        head = indent + (f"{_scalar(key)}:" if is_object(node) else "-")
        if isinstance(value, dict | list) and value:
            lines = list(_entries(value, indent + "  "))
            if is_object(node):
                yield head
                yield from lines
            else:
                yield f"{head} {lines[0].lstrip()}"
                yield from lines[1:]
        elif isinstance(value, str) and _is_block(value):
            # The sign says how many line breaks end the text: one, or none.
            yield f"{head} |" if value.endswith("\n") else f"{head} |-"
            yield from (f"{indent}  {line}" if line else "" for line in value.removesuffix("\n").split("\n"))
        else:
            yield f"{head} {_scalar(value)}"


def _scalar(value: Json) -> str:
    if is_object(value) or is_array(value):
        return json.dumps(value)
    if not isinstance(value, str):
        return json.dumps(value)
    if _PLAIN.fullmatch(value) and value.lower() not in _WORDS:
        return value
    text = json.dumps(value, ensure_ascii=False)
    return re.sub("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]", lambda found: f"\\u{ord(found[0]):04x}", text)


def _is_block(text: str) -> bool:
    """Whether a text is the same when it is written as a block of lines."""
    return "\n" in text[:-1] and not text.endswith("\n\n") and " \n" not in text and bool(_BLOCK.fullmatch(text))
