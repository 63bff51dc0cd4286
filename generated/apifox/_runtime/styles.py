"""Values as text: parameters in every style of OpenAPI, and the pairs of a form.

The styles are those of OpenAPI 3.1.0, section 4.8.12.3, written as RFC 6570 says; a trailing ``*`` is its "explode".
``json`` and ``text`` are what a parameter's ``content`` declares.
"""

from __future__ import annotations

import datetime
import decimal
import enum
import json
import re
import uuid
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import TypeGuard, cast
from urllib.parse import quote, urlencode

from pydantic import AnyUrl, BaseModel

from .model import fields_of, takes_null, to_json, wire_name

_JOINED = {"spaceDelimited": "%20", "pipeDelimited": "%7C"}
_JOINED_IN_FORMS = {"comma": ",", "space": " ", "pipe": "|"}
_COOKIE_VALUE = re.compile(r"[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]*")  # RFC 6265, 4.1.1


# -- values ---------------------------------------------------------------------------------------------------------


def is_list(value: object) -> TypeGuard[Collection[object]]:
    """Whether the value is several of a kind."""
    return isinstance(value, list | tuple | set | frozenset)


def is_composed(value: object) -> bool:
    """Whether the value is an object or several of a kind."""
    return is_list(value) or isinstance(value, BaseModel | Mapping)


def properties_of(value: object) -> dict[str, object] | None:
    """An object's properties by wire name, of a model those that were set; None for what is no object."""
    if isinstance(value, BaseModel):
        fields = fields_of(type(value))
        given = {n: getattr(value, n) for n in fields if n in value.model_fields_set}
        kept = {wire_name(n, fields[n]): v for n, v in given.items() if v is not None or takes_null(fields[n])}
        return kept | (value.model_extra or {})
    return dict(cast("Mapping[str, object]", value)) if isinstance(value, Mapping) else None


def as_text(value: object) -> str:
    """A scalar as text. Raises ``TypeError`` for what has no one way to be written."""
    if isinstance(value, enum.Enum):
        return as_text(value.value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime.datetime | datetime.date | datetime.time):
        return value.isoformat()
    if not isinstance(value, str | int | float | decimal.Decimal | uuid.UUID | AnyUrl):
        raise TypeError(f"a parameter or a field of a form cannot be a {type(value).__name__} here")
    return str(value)


def as_content(value: object, media_type: str) -> str:
    """A value under a media type of its own: JSON, or the text of a scalar."""
    return to_json(value).decode() if is_composed(value) or is_json(media_type) else as_text(value)


def is_json(media_type: str) -> bool:
    """Whether a media type is JSON, itself or by its suffix (RFC 6839, 3.1)."""
    return media_type == "application/json" or media_type.endswith("+json")


# -- parameters -----------------------------------------------------------------------------------------------------


def in_path(name: str, value: object, style: str) -> str:
    """A path parameter, every reserved character of its values percent-encoded.

    Raises ``ValueError`` where it would be empty or a step to another folder (RFC 3986, 3.3).
    """
    parts = _expand(value, style, _percent)
    if style.startswith("matrix"):
        text = "".join(f";{key or _percent(name)}{'=' if item else ''}{item}" for key, item in parts)
    elif style.startswith("label"):
        text = "".join(f".{_assigned(part)}" for part in parts)
    else:
        text = ",".join(map(_assigned, parts))
    if text in ("", ".", ".."):
        raise ValueError(f"the path parameter {name!r} cannot be {value!r}")
    return text


def in_query(name: str, value: object, style: str = "form*") -> list[str]:
    """A parameter's parts of the query: ``["a=1", "a=2"]``."""
    if style == "deepObject":
        return [f"{_percent(key)}={_percent(text)}" for key, text in _bracketed(name, value)]
    return [f"{key or _percent(name)}={text}" for key, text in _expand(value, style, _percent)]


def in_header(name: str, value: object, style: str = "simple") -> str:
    """A header's value, of which nothing is encoded but what JSON can say in ASCII.

    Raises ``ValueError`` for text that no header can carry (RFC 9110, 5.5).
    """
    text = ",".join(map(_assigned, _expand(value, style, str)))
    if style == "json":
        text = json.dumps(json.loads(text), separators=(",", ":"))
    if not text.isascii() or not text.isprintable():
        raise ValueError(f"the header {name!r} has a character that no header can carry")
    return text


def in_cookies(name: str, value: object, style: str = "form") -> Iterator[tuple[str, str]]:
    """The cookies of a parameter. Raises ``ValueError`` for text that no cookie can carry (RFC 6265, 4.1.1)."""

    def checked(text: str) -> str:
        if not _COOKIE_VALUE.fullmatch(text):
            raise ValueError(f"the cookie {name!r} has a character that no cookie can carry")
        return text

    for key, text in _expand(value, style, _percent if style == "json" else checked):
        yield key or name, text


def _percent(text: str) -> str:
    return quote(text, safe="")


def _assigned(part: tuple[str, str]) -> str:
    key, text = part
    return f"{key}={text}" if key else text


def _expand(value: object, style: str, encode: Callable[[str], str]) -> list[tuple[str, str]]:
    """The parts of a value, each with the property's name where exploding makes one of each property.

    Names and texts are encoded. Nothing is left of None and of what is empty (RFC 6570, 2.3).
    """
    if value is None:
        return []
    if style in ("json", "text"):
        return [("", encode(as_content(value, "application/json" if style == "json" else "text/plain")))]
    properties = properties_of(value)
    if properties is None:
        parts = [("", encode(as_text(item))) for item in _items(value)]
        texts = [text for _, text in parts]
    else:
        parts = [(encode(key), encode(as_text(i))) for key, item in properties.items() for i in _items(item)]
        texts = [text for part in parts for text in part]
    return parts if style.endswith("*") or not texts else [("", _JOINED.get(style, ",").join(texts))]


def _items(value: object) -> list[object]:
    return [item for item in (value if is_list(value) else [value]) if item is not None]


# -- forms ----------------------------------------------------------------------------------------------------------


def as_form(fields: Mapping[str, object], parts: Mapping[str, str]) -> bytes:
    """The fields as ``application/x-www-form-urlencoded``; None cannot be said and is left out.

    A list repeats its name, an object is written in brackets (``a[b][c]=1``), unless ``parts`` says otherwise: a list
    as ``brackets`` (``a[0]=x``), or joined by ``comma``, ``space`` or ``pipe``, or anything under a media type.
    """
    return urlencode([pair for name, value in fields.items() for pair in _form_pairs(name, value, parts)]).encode()


def _form_pairs(name: str, value: object, parts: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    notation = parts.get(name, "")
    if value is None:
        return
    if notation in _JOINED_IN_FORMS:
        flat = properties_of(value)
        items = [item for pair in flat.items() for item in pair] if flat is not None else _items(value)
        yield name, _JOINED_IN_FORMS[notation].join(map(as_text, items))
    elif "/" in notation:
        yield name, as_content(value, notation)
    else:
        yield from _bracketed(name, value, numbered=notation == "brackets")


def _bracketed(name: str, value: object, *, numbered: bool = False) -> Iterator[tuple[str, str]]:
    """``a[b][c]`` for what is in objects; lists repeat their name, or have numbers where their items are objects."""
    properties = properties_of(value)
    if properties is not None:
        for key, item in properties.items():
            yield from _bracketed(f"{name}[{key}]", item)
    elif is_list(value):
        numbered = numbered or any(map(is_composed, value))
        for index, item in enumerate(value):
            yield from _bracketed(f"{name}[{index}]" if numbered else name, item)
    elif value is not None:
        yield name, as_text(value)
