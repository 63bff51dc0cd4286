"""Parameters in every style of OpenAPI: those that FastAPI's own markers do not read."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Literal, TypeAlias, get_origin
from urllib.parse import unquote, unquote_plus

from fastapi import Request
from pydantic import BaseModel

from .checked import checked_json
from .model import fields_of, members_of, wire_name
from .paths import DELIMITERS_KEPT, without_marks
from .problems import invalid
from .routes import Description
from .texts import nested, read_value, steps

__all__ = ["Styled", "styled"]

Place: TypeAlias = Literal["path", "query", "header", "cookie"]


def styled(
    name: str,
    annotation: object,
    *,
    place: Place,
    style: str = "",
    required: bool = True,
    key: str = "",
    others: Iterable[str] = (),
) -> Styled:
    """A dependency that reads a parameter: ``Depends(styled("ids", list[int], place="query", style="form"))``.

    ``style`` is one of OpenAPI (3.1.0, 4.8.12.3), with ``*`` where lists and objects explode; ``json`` or ``text`` for a
    parameter with a media type; or empty for a value, or repeated values, as they are. ``key`` is the parameter's name
    in the path template where that is another one. ``others`` are the names that an object of free keys leaves alone.
    """
    return Styled(name, annotation, place, style, required, key=key or name, others=frozenset(others))


class Styled:
    """Reads a parameter from a request and validates it; gives None where it may be left out and is."""

    def __init__(
        self,
        name: str,
        annotation: object,
        place: Place,
        style: str,
        required: bool,
        *,
        key: str,
        others: frozenset[str],
    ) -> None:
        self._name = name
        self._annotation = annotation
        self._place: Place = place
        self._style, star, _ = style.partition("*")
        self._explodes = star == "*"
        self._required = required
        self._key = key
        self._others = others
        self._models = [m for m in members_of(annotation) if isinstance(m, type) and issubclass(m, BaseModel)]
        origins = {get_origin(member) for member in members_of(annotation)}
        self._is_object = bool(self._models) or dict in origins
        self._is_list = list in origins and not self._is_object

    async def __call__(self, request: Request) -> object:
        found = self._find(request)
        if found is None:
            if self._required:
                raise invalid(self._name, missing=True)
            return None
        if self._style != "json":
            return read_value(self._annotation, found, at=self._name)
        return checked_json(self._annotation, str(found).encode(), at=self._name)

    def describe(self) -> Description:
        """The Parameter Object, without the schema."""
        told: dict[str, object] = {"name": self._name, "in": self._place, "required": self._required}
        if self._style in ("json", "text"):
            media_type = "application/json" if self._style == "json" else "text/plain"
            return {"parameters": [{**told, "content": {media_type: {"schema": {}}}}]}
        how = {"style": self._style, "explode": self._explodes} if self._style else {}
        return {"parameters": [{**told, **how, "schema": {}}]}

    def _find(self, request: Request) -> object:
        """Texts in the shape of the value; None where the request has none."""
        match self._place:
            case "path":
                return self._assemble(request.scope[DELIMITERS_KEPT][self._key], without_marks)
            case "header":
                lines = request.headers.getlist(self._name)
                return self._assemble(",".join(lines), str.strip) if lines else None
            case "query":
                pairs = (pair.partition("=") for pair in request.url.query.split("&"))
                return self._find_among([(unquote_plus(key), value) for key, _, value in pairs], unquote_plus)
            case "cookie":
                crumbs = ";".join(request.headers.getlist("cookie")).split(";")
                pairs = (crumb.strip().partition("=") for crumb in crumbs)
                decode = unquote if self._style == "json" else str
                return self._find_among([(key, value.strip('"')) for key, _, value in pairs], decode)

    def _find_among(self, pairs: list[tuple[str, str]], decode: Callable[[str], str]) -> object:
        if self._style == "deepObject":
            entries = [(steps(key), decode(value)) for key, value in pairs]
            return nested(entry for entry in entries if entry[0][0] == self._name).get(self._name)
        if self._style == "form" and self._explodes and self._is_object:
            return {key: decode(value) for key, value in pairs if self._is_property(key)} or None
        given = [value for key, value in pairs if key in (self._name, f"{self._name}[]")]
        if not given:
            return None
        if self._is_list and (self._explodes or not self._style):
            return [decode(value) for value in given]
        return self._assemble(given[-1], decode)

    def _is_property(self, key: str) -> bool:
        """Whether the pair of a query is a property of the object that this parameter is."""
        if not self._models:
            return key != "" and key not in self._others
        return any(key == wire_name(name, field) for model in self._models for name, field in fields_of(model).items())

    def _assemble(self, text: str, decode: Callable[[str], str]) -> object:
        """The list or object that one text says, or the text; it is decoded once it is in parts."""
        exploded_object = self._explodes and self._is_object
        separator = self._separator()
        text = text[1:] if text[:1] == {"label": ".", "matrix": ";"}.get(self._style) else text
        whole = self._style in ("", "json", "text") or not (self._is_list or self._is_object)
        # Browsers encode separators as well; one that is not encoded says that those that are belong to the values.
        parts = [text] if whole else text.split(separator) if separator in text else decode(text).split(separator)
        if self._style == "matrix" and not exploded_object:
            parts = [part.removeprefix(self._name).removeprefix("=") for part in parts]
        if whole:
            return decode(parts[0])
        if separator in text:
            parts = [decode(part) for part in parts]
        if exploded_object:
            return {key: value for key, _, value in (part.partition("=") for part in parts)}
        if self._is_object:
            return dict(zip(parts[::2], parts[1::2], strict=False))
        return [] if parts == [""] else parts

    def _separator(self) -> str:
        """What stands between the parts of a value (OpenAPI 3.1.0, 4.8.12.4)."""
        if self._explodes and self._style in ("label", "matrix"):
            return "." if self._style == "label" else ";"
        return {"spaceDelimited": " ", "pipeDelimited": "|"}.get(self._style, ",")
