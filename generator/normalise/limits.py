"""Which limits on values pydantic can enforce, written as it takes them. What it cannot say is left out."""

from __future__ import annotations

from fractions import Fraction
from math import ceil, floor, isfinite

from generator.tree import Json, JsonObject

from .literals import Warn
from .values import WIDTHS, compiles, fits_width

FORMATS = ("date-time", "date", "uuid", "binary")
_LARGEST_SIZE = 2**63 - 1
_READABLE = ("text/", "json", "xml", "yaml", "javascript", "urlencoded")
_LOWER, _UPPER = ("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")


def scalar(kind: str, words: JsonObject, warn: Warn) -> JsonObject:
    """The canonical schema of a scalar type with what ``words`` say of it."""
    schema: JsonObject = {"type": kind}
    if kind == "string":
        if words.get("format") in FORMATS or binary_content(words):
            return {**schema, "format": words["format"] if words.get("format") in FORMATS else "binary"}
        schema |= sizes(words, "Length", warn)
        if isinstance(words.get("pattern"), str):
            if compiles(words["pattern"]):
                schema["pattern"] = words["pattern"]
            else:
                message = "pydantic cannot compile this pattern: only the server checks it, in JSON bodies"
                warn("pattern-not-enforced", "pattern", message)
    elif kind in ("integer", "number"):
        schema |= _bounds(words, warn, whole=kind == "integer")
        if kind == "integer" and _is_width_left_to_say(words.get("format"), schema):
            schema["format"] = words["format"]
        schema |= _multiple(words, warn, whole=kind == "integer")
    return schema


def binary_content(words: JsonObject) -> bool:
    """Whether a value is bytes: its media type is no text, and nothing encodes it (OpenAPI 3.1.0, 4.8.14.2)."""
    media_type = words.get("contentMediaType")
    if not isinstance(media_type, str) or "/" not in media_type or "contentEncoding" in words:
        return False
    return not any(part in media_type.lower() for part in _READABLE)


def sizes(words: JsonObject, what: str, warn: Warn) -> JsonObject:
    """How long a string (``Length``) or an array (``Items``) is at least and at most."""
    least, most = words.get(f"min{what}"), words.get(f"max{what}")
    found: JsonObject = {}
    if least is not None and 0 < ceil(least) <= _LARGEST_SIZE:
        found[f"min{what}"] = ceil(least)
    if most is not None and most < max(found.get(f"min{what}", 0), 0):
        warn(
            "contradictory-limits", f"max{what}", f"no value fits both `min{what}` and `max{what}`: neither is checked"
        )
        return {}
    if most is not None and floor(most) <= _LARGEST_SIZE:
        found[f"max{what}"] = floor(most)
    return found


def _bounds(words: JsonObject, warn: Warn, *, whole: bool) -> JsonObject:
    found: JsonObject = {}
    for key in (*_LOWER, *_UPPER):
        value = words.get(key)
        if value is None or isinstance(value, bool):
            continue
        if not whole:
            if _fits_a_float(value):
                found[key] = value
            else:
                warn("limit-not-enforced", key, f"`{key}` is beyond what a float can hold, so it is not checked")
        elif value == int(value):
            found[key] = int(value)
        elif key in _LOWER:  # A whole number above 0.5 is one from 1 on, whether 0.5 is in or out.
            inner: int = ceil(value)
            found["minimum"] = max(inner, found.get("minimum", inner))
        else:
            outer: int = floor(value)
            found["maximum"] = min(outer, found.get("maximum", outer))
    if _leave_nothing(found, whole=whole):
        keyword = next(key for key in _UPPER if key in found)
        warn("contradictory-limits", keyword, "no number is within these bounds: they are not checked")
        return {}
    return found


def _is_width_left_to_say(format_: Json, bounds: JsonObject) -> bool:
    """Whether the format of integers says more than their bounds. One that bounds go beyond is not meant."""
    inner = [bounds[key] for key in (*_LOWER, *_UPPER) if key in bounds]
    sides = [any(key in bounds for key in keys) for keys in (_LOWER, _UPPER)]
    return (
        isinstance(format_, str)
        and format_ in WIDTHS
        and not all(sides)
        and all(fits_width(bound, format_) for bound in inner)
    )


def _leave_nothing(found: JsonObject, *, whole: bool) -> bool:
    """Whether no number is within the bounds."""
    step = 1 if whole else 0
    for low in _LOWER:
        for high in _UPPER:
            if low in found and high in found:
                strict = (low == "exclusiveMinimum") + (high == "exclusiveMaximum")
                room = found[high] - found[low] - step * strict
                if room < 0 or (room == 0 and strict and not whole):
                    return True
    return False


def _multiple(words: JsonObject, warn: Warn, *, whole: bool) -> JsonObject:
    value = words.get("multipleOf")
    if value is None:
        return {}
    if value <= 0 or not _fits_a_float(value):
        warn("limit-not-enforced", "multipleOf", "`multipleOf` is no number above 0, so it is not checked")
        return {}
    if whole:
        # A whole number that is a multiple of 3/2 is one of 3.
        value = Fraction(str(value)).numerator
        return {} if value == 1 else {"multipleOf": value}
    return {"multipleOf": value}


def _fits_a_float(value: Json) -> bool:
    try:
        return isfinite(float(value))
    except OverflowError:
        return False
