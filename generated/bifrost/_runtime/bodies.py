"""The bodies of requests: which of its media types one has, and what it says."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable
from typing import ClassVar, Final

from fastapi import Request
from pydantic_core import from_json

from .checked import checked_json
from .incoming import first_header, incoming
from .problems import Problem, invalid
from .routes import Description

__all__ = ["ByteStream", "Content", "bytes_body", "json_body", "lines_body", "reads", "sequence_body", "text_body"]


class ByteStream:
    """A binary body as it comes: its pieces, once, by ``async for``, or the rest of it by ``await body.read()``."""

    def __init__(self, request: Request) -> None:
        self.content_type = request.headers.get("content-type", "")
        self._incoming = incoming(request.scope, request.receive)
        self._pieces = request.stream()

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self._pieces

    async def read(self) -> bytes:
        """The rest of the body. Raises :class:`Problem` 413 for one that is too large to be held in memory."""
        self._incoming.hold()
        return b"".join([piece async for piece in self._pieces])


class Content(ABC):
    """A body in one media type."""

    def __init__(self, annotation: object, media_type: str) -> None:
        self.annotation = annotation
        self.media_type = media_type
        self._kind, _, self._form = media_type.lower().partition("/")

    def accepts(self, media_type: str) -> bool:
        """Whether a ``Content-Type``, in lower case and without parameters, means this body."""
        kind, form = self._kind, self._form
        return media_type == f"{kind}/{form}" or (form == "*" and media_type.startswith(kind.replace("*", "")))

    @abstractmethod
    async def read(self, request: Request) -> object:
        """What the body says, ``ABSENT`` where there is none. Raises :class:`Problem` for what does not fit."""


ABSENT: Final = object()


def reads(*contents: Content, required: bool = True) -> Callable[[Request], object]:
    """A dependency that reads a body: ``Depends(reads(json_body(Image), bytes_body("image/png")))``.

    The ``Content-Type`` chooses. FastAPI comes to it after the route's own dependencies, so who may not call hears
    nothing about the body, and costs nothing. Without ``required`` it gives None where there is no body.
    """
    return _Reader(contents, required=required)


class _Reader:
    """Reads the body of a request as the first of its contents that the request's media type means."""

    def __init__(self, contents: tuple[Content, ...], *, required: bool) -> None:
        self._contents = contents
        self._required = required

    async def __call__(self, request: Request) -> object:
        media_type = first_header(request.scope, b"content-type").partition(";")[0].strip().lower()
        content = next((content for content in self._contents if content.accepts(media_type)), None)
        value = ABSENT
        if content is not None:
            _refuse_coded(request)
            value = await content.read(request)
        elif await _has_content(request):
            known = " or ".join(content.media_type for content in self._contents)
            told = f"the body is {media_type}" if media_type else "the request has no Content-Type"
            raise Problem(415 if media_type else 400, f"{told}: it has to be {known}")
        if value is ABSENT and self._required:
            raise invalid("", missing=True)
        return None if value is ABSENT else value

    def describe(self) -> Description:
        """The Request Body Object, with the names of its schemas."""
        content = {
            content.media_type: {"schema": {"title": getattr(content.annotation, "__name__", str(content.annotation))}}
            for content in self._contents
        }
        return {"requestBody": {"content": content, "required": self._required}}


async def whole(request: Request) -> bytes:
    """All of a body that is held in memory."""
    return await incoming(request.scope, request.receive).read(request)


async def _has_content(request: Request) -> bool:
    async for piece in request.stream():
        if piece:
            return True
    return False


def _refuse_coded(request: Request) -> None:
    """Raises :class:`Problem` 415 for a compressed body (RFC 9110, 15.5.16): how large it is would be anybody's guess."""
    coding = first_header(request.scope, b"content-encoding").lower()
    if coding not in ("", "identity"):
        raise Problem(415, f"the body is coded as {coding}", headers={"accept-encoding": "identity"})


class _JsonBody(Content):
    def __init__(self, annotation: object, media_type: str, check: Callable[[object], None] | None) -> None:
        super().__init__(annotation, media_type)
        self._check = check

    def accepts(self, media_type: str) -> bool:
        return super().accepts(media_type) or re.fullmatch(r"(application/(.+\+)?|text/)json", media_type) is not None

    async def read(self, request: Request) -> object:
        raw = await whole(request)
        if not raw:
            return ABSENT
        value = checked_json(self.annotation, raw)
        if self._check is not None:
            self._check(from_json(raw))
        return value


class _TextBody(Content):
    async def read(self, request: Request) -> str:
        raw = await whole(request)
        charset = re.search(r'charset="?([\w.:-]+)', request.headers.get("content-type", ""), re.IGNORECASE)
        try:
            return raw.decode(charset[1] if charset else "utf-8")
        except (LookupError, UnicodeDecodeError) as error:
            raise Problem(400, f"the body is not text: {error}") from error


class _BytesBody(Content):
    async def read(self, request: Request) -> ByteStream:
        return ByteStream(request)


class _LinesBody(Content):
    """JSON texts, each validated when it has come."""

    separator: ClassVar[bytes] = b"\n"

    async def read(self, request: Request) -> AsyncIterator[object]:
        return self._items(request)

    async def _items(self, request: Request) -> AsyncIterator[object]:
        number = 0
        async for text in self._texts(request):
            if text.strip():
                yield checked_json(self.annotation, text, at=str(number))
                number += 1

    async def _texts(self, request: Request) -> AsyncIterator[bytes]:
        source, begun, size = incoming(request.scope, request.receive), list[bytes](), 0
        async for chunk in request.stream():
            for index, piece in enumerate(chunk.split(self.separator)):
                if index:
                    yield b"".join(begun)
                    begun, size = [], 0
                begun.append(piece)
                size += len(piece)
                source.check_held(size)
        yield b"".join(begun)


class _SequenceBody(_LinesBody):
    separator = b"\x1e"


def json_body(
    annotation: object, media_type: str = "application/json", *, check: Callable[[object], None] | None = None
) -> Content:
    """A JSON text, strictly as its type says: ``"2"`` is no integer, null is no absence.

    ``check`` raises :class:`Problem` for parsed JSON of that type which the schema refuses for what no type says.
    """
    return _JsonBody(annotation, media_type, check)


def text_body(media_type: str) -> Content:
    """Text, as ``str``."""
    return _TextBody(str, media_type)


def bytes_body(media_type: str) -> Content:
    """Anything else, as a :class:`ByteStream`."""
    return _BytesBody(bytes, media_type)


def lines_body(annotation: object, media_type: str) -> Content:
    """A JSON text on each line (ndjson, JSON Lines), as an async iterator of what they say."""
    return _LinesBody(annotation, media_type)


def sequence_body(annotation: object, media_type: str) -> Content:
    """A JSON text sequence (RFC 7464), as an async iterator of what they say."""
    return _SequenceBody(annotation, media_type)
