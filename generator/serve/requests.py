"""What of a request an example answer goes by: which picture is asked for, and a seed that equal requests share."""

from __future__ import annotations

import hashlib
import re
from collections.abc import AsyncIterable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final, cast

from pydantic import BaseModel

from .pictures import DEFAULT_SIZE

_SIZE: Final = re.compile(r"(\d{1,5})x(\d{1,5})")
_MOST_PICTURES: Final = 10


@dataclass(frozen=True, slots=True)
class Asked:
    """A request: its seed, and the size and the number of the pictures that it asks for."""

    seed: str
    size: tuple[int, int] = DEFAULT_SIZE
    count: int = 1


async def asked(operation: str, arguments: Iterable[object], keywords: Mapping[str, object]) -> Asked:
    """What a handler was called with. Bodies that come piece by piece are read to their end."""
    given = [*arguments, *keywords.values()]
    told = [[_told(item) async for item in _pieces(value)] for value in given]
    seed = hashlib.sha256(repr((operation, told, [*keywords])).encode("utf-8", "backslashreplace")).hexdigest()
    body = next(iter(arguments), None)
    return Asked(seed, _size(body), _count(body))


async def _pieces(value: object) -> AsyncIterable[object]:
    if isinstance(value, AsyncIterable):
        async for piece in cast("AsyncIterable[object]", value):
            yield piece
    else:
        yield value


def _told(value: object) -> object:
    """The value as something whose ``repr`` is the same wherever the value is."""
    if isinstance(value, BaseModel):
        return [(name, _told(getattr(value, name))) for name in sorted(value.model_fields_set)]
    if isinstance(value, Mapping):
        return sorted((str(key), _told(item)) for key, item in cast("Mapping[object, object]", value).items())
    if isinstance(value, list | tuple):
        return [_told(item) for item in cast("list[object]", value)]
    if hasattr(value, "open") and hasattr(value, "filename"):  # an Upload of the generated package
        return _digest(value)
    return value


def _digest(upload: object) -> list[object]:
    content: object = getattr(upload, "content", b"")
    if isinstance(content, bytes):
        return [hashlib.sha256(content).hexdigest()]
    file = getattr(upload, "open")()  # noqa: B009 - the class is the package's
    digest = hashlib.file_digest(file, "sha256").hexdigest()
    file.seek(0)
    return [getattr(upload, "filename", ""), digest]


def _size(body: object) -> tuple[int, int]:
    found = _SIZE.fullmatch(str(getattr(body, "size", "")))
    if found is not None:
        return int(found[1]), int(found[2])
    width, height = getattr(body, "width", None), getattr(body, "height", None)
    return (width, height) if isinstance(width, int) and isinstance(height, int) else DEFAULT_SIZE


def _count(body: object) -> int:
    count = getattr(body, "n", 1)
    return min(count, _MOST_PICTURES) if isinstance(count, int) and count > 0 else 1
