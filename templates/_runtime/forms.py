"""Forms: URL-encoded ones, and those of parts, some of which are files."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any, get_args, get_origin
from urllib.parse import parse_qsl

from fastapi import Request
from pydantic import BaseModel
from python_multipart.exceptions import FormParserError
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from .bodies import Content, whole
from .checked import checked_json
from .files import Upload
from .incoming import Incoming, incoming
from .model import fields_of, members_of, wire_name
from .problems import Problem
from .texts import nested, read_value, steps

__all__ = ["form_body", "multipart_body"]

_MOST_FIELDS = 1000
_SEPARATORS = {"comma": ",", "space": " ", "pipe": "|"}


class _Form(Content):
    """A form whose fields are read by the types of a model's fields.

    ``a[b]`` is the field ``b`` of the object ``a``; ``a[]``, ``a[0]`` and a name that comes again make lists. What is
    an object or a list by its type may be JSON as well.
    """

    def __init__(self, annotation: object, media_type: str, notations: Mapping[str, str]) -> None:
        super().__init__(annotation, media_type)
        self._notations = notations

    async def read(self, request: Request) -> object:
        try:
            pairs = await self.parse(request)
        except (FormParserError, MultiPartException, ValueError) as error:
            raise Problem(400, f"the body is not {self.media_type}: {error}") from error
        fields = self._fields()
        entries = [
            (steps(key, whole=fields.keys()), await self._value(key, value, fields.get(key, object)))
            for key, value in pairs
        ]
        return read_value(self.annotation, nested(entries))

    async def parse(self, request: Request) -> list[tuple[str, UploadFile | str]]:
        """The names and values of the form."""
        text = (await whole(request)).decode(errors="replace")
        return [*parse_qsl(text, keep_blank_values=True, max_num_fields=_MOST_FIELDS)]

    async def _value(self, key: str, value: UploadFile | str, annotation: object) -> object:
        """What a field is given: a file, text, or what its notation makes of the text."""
        if isinstance(value, UploadFile):
            if _takes(annotation, Upload):
                return Upload(value.file, value.filename, value.content_type)
            value = (await value.read()).decode(errors="replace")
        elif _takes(annotation, Upload) and not _takes(annotation, str):
            return Upload(value.encode())
        notation = self._notations.get(key, "")
        if notation in _SEPARATORS:
            return value.split(_SEPARATORS[notation])
        return checked_json(object, value.encode(), at=key) if notation.endswith("json") else value

    def _fields(self) -> dict[str, object]:
        """The annotations of the fields by their names on the wire; none for a form of free fields."""
        models = (m for m in members_of(self.annotation) if isinstance(m, type) and issubclass(m, BaseModel))
        return {wire_name(name, f): f.annotation for model in models for name, f in fields_of(model).items()}


class _Multipart(_Form):
    async def parse(self, request: Request) -> list[tuple[str, UploadFile | str]]:
        source = incoming(request.scope, request.receive)
        form = await _Parts(request, source).parse()
        source.kept.append(form)
        return form.multi_items()


class _Parts(MultiPartParser):
    """Files go to disk when they are large; all that is no file is held in memory, and limited as such."""

    def __init__(self, request: Request, source: Incoming) -> None:
        super().__init__(request.headers, request.stream(), max_fields=_MOST_FIELDS, max_part_size=sys.maxsize)
        self._source = source
        self._held = 0

    def on_part_data(self, data: bytes, start: int, end: int) -> None:
        if self._current_part.file is None:
            self._held += end - start
            self._source.check_held(self._held)
        super().on_part_data(data, start, end)


def _takes(annotation: object, kind: type) -> bool:
    """Whether a value of the annotation, or an item of its list, may be of this kind."""
    for member in members_of(annotation):
        if member is kind or member is object or member is Any:
            return True
        if get_origin(member) is list and _takes(get_args(member)[0], kind):
            return True
    return False


def form_body(annotation: object, notations: Mapping[str, str] | None = None) -> Content:
    """A URL-encoded form.

    ``notations`` say how fields are written that are not as their types say (OpenAPI 3.1.0, 4.8.15): ``comma``,
    ``space`` or ``pipe`` between the items of a list, ``brackets``, or a media type.
    """
    return _Form(annotation, "application/x-www-form-urlencoded", notations or {})


def multipart_body(
    annotation: object, notations: Mapping[str, str] | None = None, media_type: str = "multipart/form-data"
) -> Content:
    """A form of parts; files are :class:`Upload`, whose content is open until the call is answered."""
    return _Multipart(annotation, media_type, notations or {})
