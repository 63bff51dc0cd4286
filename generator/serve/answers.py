"""Handlers that answer every operation with an example: what ``serve`` gives to the generated server."""

from __future__ import annotations

import base64
import json
import types
from collections.abc import AsyncIterator, Callable, Iterator
from random import Random
from typing import Final

from generator.tree import Json, JsonObject, is_array, is_object

from .facts import NoValueError
from .package import Package
from .pictures import png
from .requests import Asked, asked
from .schemas import Schemas
from .streams import events
from .values import Values, without_write_only

_ATTEMPTS: Final = tuple(
    (examples, depth, turn) for turn in range(3) for examples in (True, False) for depth in (5, 1, 0)
)
"""How a value is made: with the examples of nested schemas, how deep what may be left out is there, and with which seed."""


def handlers(package: Package) -> object:
    """An object with a method for each that the package's Protocols ask for."""
    return types.SimpleNamespace(**dict(_Examples(package).methods()))


class _Examples:
    def __init__(self, package: Package) -> None:
        self._package = package
        self._schemas = Schemas(package.plan["schemas"])

    def methods(self) -> Iterator[tuple[str, Callable[..., object]]]:
        """Every method by its name."""
        for name, plan in self._package.plan["operations"].items():
            if plan["answer"] is not None:
                yield name, self._answering(name, plan["answer"])
            if plan["stream"] is not None:
                called = name if plan["answer"] is None else f"{name}_stream"
                yield called, self._streaming(called, plan["stream"])

    def _answering(self, name: str, plan: JsonObject) -> Callable[..., object]:
        async def answer(*arguments: object, **keywords: object) -> object:
            request = await asked(name, arguments, keywords)
            headers = dict(self._headers(plan["headers"], request))
            value = self._value(name, plan, request)
            main, _, form = plan["media_type"].partition("/")
            media_type = "image/png" if (main, form) == ("image", "*") else None
            if not headers and media_type is None:
                return value
            return self._package.reply(value, status=plan["status"], headers=headers, media_type=media_type)

        return answer

    def _streaming(self, name: str, plan: JsonObject) -> Callable[..., object]:
        async def stream(*arguments: object, **keywords: object) -> AsyncIterator[object]:
            request = await asked(name, arguments, keywords)

            def event(item: Json, kind: Json, number: int) -> object:
                return self._fitting(name, item, [], request, kind=kind, number=number)

            for piece in events(self._schemas, plan, event):
                yield piece

        return stream

    # -- one answer -------------------------------------------------------------------------------------------------

    def _value(self, name: str, plan: JsonObject, request: Asked) -> object:
        schema = self._schemas.named(plan["schema"])
        match plan["media"]:
            case "none":
                return None
            case "json":
                try:
                    return self._fitting(name, schema, plan["examples"], request)
                except NoValueError:
                    message = f"no example was found that fits the schema of {name}: give its response an `example`"
                    raise self._package.problem(501, message) from None
            case "text":
                return self._text(schema, plan["examples"], request)
            case _:
                return self._bytes(plan["media_type"], request)

    def _fitting(
        self, name: str, schema: Json, examples: list[Json], request: Asked, *, kind: Json = None, number: int = 0
    ) -> object:
        """A value that fits the schema and the method's type, as that type: one of the examples, or one that is made.

        Made by the schema of its ``kind``, where that is another. Raises :class:`NoValueError` where none was found.
        """
        for value in [*examples, *(json.loads(text) for text in examples if _is_json(text))]:
            found = self._accepted(name, schema, self._answerable(schema, value), request)
            if found is not None:
                return found
        for with_examples, depth, turn in _ATTEMPTS:
            random = Random(f"{request.seed} {number} {turn}")
            values = Values(self._schemas, random, examples=with_examples, depth=depth)
            try:
                value = values.value(schema if kind is None else kind)
            except NoValueError:
                continue
            found = self._accepted(name, schema, self._answerable(schema, value), request)
            if found is not None:
                return found
        raise NoValueError

    def _answerable(self, schema: Json, value: Json) -> Json:
        return without_write_only(self._schemas, schema, value) if self._package.plan["write_only"] else value

    def _accepted(self, name: str, schema: Json, value: Json, request: Asked) -> object:
        """The value as what the method gives, None where it is none or what is sent of it does not fit the schema."""
        reader = self._package.reader(name)
        for shown in (_with_pictures(value, request, Random(request.seed)), value):
            try:
                found = reader.validate_json(json.dumps(shown).encode(), by_alias=True, by_name=False)
            except ValueError:
                continue
            if found is not None and self._schemas.fits(schema, json.loads(self._package.to_json(found))):
                return found
        return None

    def _text(self, schema: Json, examples: list[Json], request: Asked) -> str:
        if examples:
            return examples[0] if isinstance(examples[0], str) else json.dumps(examples[0], indent=2)
        try:
            value = Values(self._schemas, Random(request.seed)).value(schema)
        except NoValueError:
            value = "example"
        return value if isinstance(value, str) else json.dumps(value)

    def _bytes(self, media_type: str, request: Asked) -> bytes:
        random = Random(request.seed)
        if media_type.startswith("image/"):
            return png(request.size, random)
        return b"{}" if media_type.endswith("json") else random.randbytes(64)

    def _headers(self, plan: JsonObject, request: Asked) -> Iterator[tuple[str, str]]:
        """The headers that must come, written as OpenAPI's ``simple`` style (OpenAPI 3.1.0, 4.8.12.3)."""
        for name, media in plan.items():
            schema = self._schemas.named(media["schema"])
            fitting = [value for value in media["examples"] if self._schemas.fits(schema, value)]
            try:
                value = fitting[0] if fitting else Values(self._schemas, Random(request.seed)).value(schema, name=name)
            except NoValueError:
                continue
            items = value if is_array(value) else [value]
            texts = [item if isinstance(item, str) else json.dumps(item) for item in items]
            yield name, ",".join(texts).encode("ascii", "backslashreplace").decode().replace("\r", "").replace("\n", "")


def _is_json(text: Json) -> bool:
    """Whether an example is JSON in a string, as it is written by those who want its form kept."""
    try:
        return isinstance(text, str) and json.loads(text) is not None
    except ValueError:
        return False


def _with_pictures(value: Json, request: Asked, random: Random) -> Json:
    """The value with real pictures, as many and as large as were asked for, wherever it has one as ``b64_json``."""
    if is_array(value):
        pictures = value and all(is_object(item) and isinstance(item.get("b64_json"), str) for item in value)
        items = value[:1] * request.count if pictures else value
        return [_with_pictures(item, request, random) for item in items]
    if not is_object(value):
        return value
    found = {key: _with_pictures(item, request, random) for key, item in value.items()}
    if isinstance(value.get("b64_json"), str):
        found["b64_json"] = base64.b64encode(png(request.size, random)).decode()
    return found
