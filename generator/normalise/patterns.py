"""What jsonschema-rs takes, asked before generated code relies on it."""

from __future__ import annotations

from functools import cache
from typing import Literal, TypeAlias

from generator.tree import JsonObject

Effort: TypeAlias = Literal["linear", "quadratic", "impossible"]


@cache
def effort(pattern: str) -> Effort:
    """How much it takes to hold a string against a regular expression.

    Its engine runs in linear time, but for look-around and back-references: there it starts over at every place, unless
    it is told at the start of the string, ``^(?!xn--)(?=.*[0-9])...``, and so only once.
    """
    if _compiles(pattern, fancy=False):
        return "linear"
    if not _compiles(pattern, fancy=True):
        return "impossible"
    rest = pattern[1:] if pattern.startswith("^") else ""
    while rest.startswith(("(?=", "(?!")):
        end = _end_of_group(rest)
        if not _compiles(f"(?:{rest[3:end]})", fancy=False):
            return "quadratic"
        rest = rest[end + 1 :]
    return "linear" if pattern.startswith("^(") and _compiles(rest, fancy=False) else "quadratic"


def fits(pattern: str, text: str) -> bool | None:
    """Whether a regular expression is found in a string, None where that is not told in linear time."""
    from jsonschema_rs import Draft202012Validator, RegexOptions

    if not _compiles(pattern, fancy=False):
        return None
    return Draft202012Validator({"pattern": pattern}, pattern_options=RegexOptions()).is_valid(text)


def _end_of_group(pattern: str) -> int:
    """The index of the parenthesis that closes the one at the start."""
    depth, in_class, escaped = 0, False, False
    for index, sign in enumerate(pattern):
        if escaped:
            escaped = False
        elif sign == "\\":
            escaped = True
        elif in_class:
            in_class = sign != "]"
        elif sign == "[":
            in_class = True
        else:
            depth += (sign == "(") - (sign == ")")
            if depth == 0:
                return index
    return len(pattern)


@cache
def _compiles(pattern: str, *, fancy: bool) -> bool:
    from jsonschema_rs import Draft202012Validator, FancyRegexOptions, RegexOptions, ValidationError

    try:
        Draft202012Validator({"pattern": pattern}, pattern_options=FancyRegexOptions() if fancy else RegexOptions())
    except ValidationError:
        return False
    return True


def is_sound(document: JsonObject, reference: str) -> bool:
    """Whether a validator can be made of the schema at ``reference`` of the document."""
    from jsonschema_rs import Draft202012Validator, ReferencingError, Registry

    registry = Registry([(document["$id"], document)])
    try:
        Draft202012Validator({"$ref": reference}, registry=registry, offline=True)
    except (ValueError, ReferencingError):
        return False
    return True
