"""From an operation and what the caller gave to its request's body, which is read no sooner than it is sent."""

from __future__ import annotations

import io
import os
from collections.abc import AsyncIterable, AsyncIterator, Callable, Collection, Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TypeAlias, TypedDict, cast

from pydantic import BaseModel
from pydantic_core import from_json

from .files import Upload
from .model import fields_of, takes_null, to_json, wire_name
from .operations import Arguments, BodyKind, Operation
from .styles import as_content, as_form, as_text, is_composed, is_json, is_list, properties_of

_CHUNK = 65_536
_USUAL: dict[BodyKind, str] = {
    "json": "application/json",
    "form": "application/x-www-form-urlencoded",
    "multipart": "multipart/form-data",
    "text": "text/plain; charset=utf-8",
    "binary": "application/octet-stream",
    "lines": "application/x-ndjson",
}

Chunks: TypeAlias = Iterable[bytes] | AsyncIterable[bytes]


class Content(TypedDict, total=False):
    """What ``build_request`` of an httpx2 client takes for a body."""

    content: bytes | Chunks
    files: list[tuple[str, tuple[str | None, IO[bytes] | bytes, str | None]]]


@dataclass(frozen=True, slots=True)
class Payload:
    """A body, ready to be sent as often as needed, or once where it is not ``repeatable``.

    ``open`` gives the content for one attempt; what it opens is closed with the stack. ``in_parts`` says that httpx2
    adds the boundary to its content type.
    """

    content_type: str
    open: Callable[[ExitStack], Content]
    repeatable: bool = True
    in_parts: bool = False


def encode(
    operation: Operation[object, object], arguments: Arguments, extra: Mapping[str, object], *, streamed: bool
) -> Payload | None:
    """The body of a call; ``extra`` are fields that go over its own. None if there is none.

    Raises ``TypeError`` for a field that does not exist or is missing, in Python's words.
    """
    added = dict(extra)
    if operation.stream_field and (streamed or operation.stream_by_default):
        added = {operation.stream_field: streamed, **extra}
    body: object = arguments.get("body")
    if "fields" in arguments:
        body = _by_wire_name(operation, arguments["fields"], extra, streamed=streamed)
    if not added and not operation.body_required and (body is None or body == {}):
        return None
    if not added and "fields" not in arguments and "body" not in arguments:
        return None
    if added:
        body = {**_object(operation, {} if body is None else body), **added}
    return _write(operation, body)


def _object(operation: Operation[object, object], body: object) -> Mapping[str, object]:
    """A body's properties, to which others can be added."""
    properties = from_json(to_json(body)) if operation.body == "json" else properties_of(body)
    if operation.body not in ("json", "form", "multipart") or not isinstance(properties, dict):
        raise TypeError("only a body that is an object can take further fields")
    return cast("dict[str, object]", properties)


def _write(operation: Operation[object, object], body: object) -> Payload:
    content_type = operation.content_type or _USUAL[operation.body]
    match operation.body:
        case "json":
            return _plain(content_type, to_json(body))
        case "form":
            return _plain(content_type, as_form(_object(operation, body), operation.parts))
        case "multipart":
            return _multipart(content_type, _object(operation, body), operation.parts)
        case "text":
            charset = "; charset=utf-8" if content_type.startswith("text/") and "charset" not in content_type else ""
            return _plain(content_type + charset, as_text(body).encode())
        case "binary":
            return _binary(content_type, _Source(body))
        case "lines":
            return _lines(content_type, cast("Iterable[object] | AsyncIterable[object]", body))


def _plain(content_type: str, content: bytes) -> Payload:
    return Payload(content_type, lambda _: {"content": content})


def _by_wire_name(
    operation: Operation[object, object], given: Mapping[str, object], extra: Collection[str], *, streamed: bool
) -> dict[str, object]:
    method = f"{operation.name}_stream" if streamed and operation.stream_field else operation.name
    model = operation.types.body
    fields = fields_of(model) if isinstance(model, type) and issubclass(model, BaseModel) else {}
    wires = {name: wire_name(name, field) for name, field in fields.items()}
    for name in given:
        if name not in wires or wires[name] == operation.stream_field:
            raise TypeError(f"{method}() got an unexpected keyword argument '{name}'")
    there = {*given, *(name for name, wire in wires.items() if wire in extra)}
    missing = [
        repr(name)
        for name, field in fields.items()
        if field.is_required() and name not in there and wires[name] != operation.stream_field
    ]
    if missing:
        *head, last = missing
        words = f"{', '.join(head)}{',' if len(head) > 1 else ''} and {last}" if head else last
        count = f"{len(missing)} required keyword-only argument{'s' if head else ''}"
        raise TypeError(f"{method}() missing {count}: {words}")
    return {wires[name]: value for name, value in given.items() if value is not None or takes_null(fields[name])}


# -- files ----------------------------------------------------------------------------------------------------------


class _Source:
    """A file to send: bytes, a path that is opened for each attempt, or an open file, read from where it stands."""

    def __init__(self, value: object) -> None:
        self.upload = Upload.of(value)
        self._content = self.upload.content
        self._start = 0 if isinstance(self._content, bytes | os.PathLike) else _position(self._content)
        self.repeatable = self._start is not None

    def filename(self, default: str) -> str:
        """The name that the file goes by."""
        content = self._content
        name = str(content) if isinstance(content, os.PathLike) else getattr(content, "name", None)
        return self.upload.filename or (Path(name).name if isinstance(name, str) else "") or default

    def open(self, stack: ExitStack) -> bytes | Rest:
        """The content for one attempt, from its start."""
        if isinstance(self._content, bytes):
            return self._content
        if isinstance(self._content, os.PathLike):
            return Rest(stack.enter_context(Path(self._content).open("rb")), 0)
        rest = Rest(self._content, self._start)
        if self.repeatable:
            rest.seek(0)
        return rest


def _position(file: IO[bytes]) -> int | None:
    """Where an open file stands; None where there is no way back."""
    try:
        return file.tell() if file.seekable() else None
    except (AttributeError, OSError):
        return None


class Rest(io.RawIOBase):
    """What is left of an open file, as a file of its own. It has no descriptor that could be asked for its size."""

    def __init__(self, file: IO[bytes], start: int | None) -> None:
        self._file = file
        self._start = start

    def read(self, size: int = -1, /) -> bytes:
        """The next bytes. Raises ``TypeError`` for a file that gives text."""
        chunk = self._file.read(size)
        if isinstance(cast("object", chunk), str):
            raise TypeError("a file to send has to be open in binary mode")
        return chunk

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        """Moves, from where the file stood. Raises ``io.UnsupportedOperation`` where there is no way back."""
        if self._start is None:
            raise io.UnsupportedOperation("seek")
        return self._file.seek(offset + self._start if whence == os.SEEK_SET else offset, whence) - self._start

    def tell(self) -> int:
        """Where it stands, from where the file stood."""
        return self.seek(0, os.SEEK_CUR)

    def length(self) -> int | None:
        """The number of bytes, after which it stands at its start; None where nobody knows."""
        if self._start is None:
            return None
        length = self.seek(0, os.SEEK_END)
        self.seek(0)
        return length


def _binary(content_type: str, source: _Source) -> Payload:
    return Payload(
        source.upload.content_type or content_type, lambda stack: {"content": source.open(stack)}, source.repeatable
    )


# -- multipart ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Part:
    """A part of a multipart body. Without ``content_type`` it is what its file name tells, or plain text."""

    name: str
    content: _Source | bytes
    content_type: str

    def open(self, stack: ExitStack) -> tuple[str, tuple[str | None, IO[bytes] | bytes, str | None]]:
        """The part as httpx2 takes it."""
        if isinstance(self.content, bytes):
            return self.name, (None, self.content, self.content_type or None)
        content_type = self.content.upload.content_type or self.content_type or None
        return self.name, (self.content.filename(self.name), cast("IO[bytes]", self.content.open(stack)), content_type)


def _multipart(content_type: str, fields: Mapping[str, object], notations: Mapping[str, str]) -> Payload:
    """``multipart/form-data`` (RFC 7578), or the same under another subtype."""
    parts = [part for name, value in fields.items() for part in _parts(name, value, notations.get(name, ""))]
    if not parts:  # of which httpx2 makes no body
        return _plain(f"{content_type}; boundary=none", b"--none--\r\n")
    repeatable = all(part.content.repeatable for part in parts if isinstance(part.content, _Source))
    return Payload(
        content_type, lambda stack: {"files": [part.open(stack) for part in parts]}, repeatable, in_parts=True
    )


def _parts(name: str, value: object, media_type: str) -> Iterator[_Part]:
    """A part for a file or a scalar, one for each in a list of these, one in JSON for anything else but None."""
    if value is None:
        return
    if _is_file(value):
        yield _Part(name, _Source(value), media_type)
    elif is_list(value) and not is_json(media_type) and not any(map(is_composed, value)):
        for item in value:
            yield from _parts(name, item, media_type)
    else:
        usual = "application/json" if is_composed(value) else ""
        yield _Part(name, as_content(value, media_type).encode(), media_type or usual)


def _is_file(value: object) -> bool:
    return isinstance(value, Upload | bytes | os.PathLike) or callable(getattr(value, "read", None))


# -- many items -----------------------------------------------------------------------------------------------------


def _lines(content_type: str, items: Iterable[object] | AsyncIterable[object]) -> Payload:
    """A JSON text for each item, in the frame of the media type: a line, a record of RFC 7464, or an event."""
    sequence, events = content_type.endswith("json-seq"), content_type == "text/event-stream"
    before, after = (b"\x1e", b"\n") if sequence else (b"data: ", b"\n\n") if events else (b"", b"\n")

    async def one_by_one(items: AsyncIterable[object]) -> AsyncIterator[bytes]:
        async for item in items:
            yield before + to_json(item) + after

    def open_(_: ExitStack) -> Content:
        if isinstance(items, AsyncIterable):
            return {"content": one_by_one(items)}
        return {"content": (before + to_json(item) + after for item in items)}

    return Payload(content_type, open_, not isinstance(items, Iterator | AsyncIterator))


async def in_chunks(content: Iterable[bytes]) -> AsyncIterator[bytes]:
    """The content as an async client takes it."""
    if isinstance(content, Rest):
        while chunk := content.read(_CHUNK):
            yield chunk
    else:
        for chunk in content:
            yield chunk
