"""JSON that a caller sends, read strictly as its type says."""

from __future__ import annotations

from typing import TypeGuard, cast

from pydantic import ValidationError
from pydantic_core import from_json, to_json

from .model import adapter_of
from .problems import problem_of_json

__all__ = ["checked_json"]


def checked_json(annotation: object, raw: bytes, *, at: str = "") -> object:
    """The value of a JSON text, validated from its bytes in strict mode. Raises :class:`Problem`.

    ``2.0`` is an integer as well (JSON Schema 2020-12 Validation, 6.1.1).
    """
    try:
        return adapter_of(annotation).validate_json(raw, strict=True, by_alias=True, by_name=False)
    except ValidationError as error:
        if not any(_is_whole(item["input"]) for item in error.errors(include_url=False, include_context=False)):
            raise problem_of_json(error, raw, at=at) from error
    return checked_json(annotation, to_json(_without_fractions(from_json(raw)), inf_nan_mode="constants"), at=at)


def _is_whole(value: object) -> TypeGuard[float]:
    return isinstance(value, float) and value.is_integer()


def _without_fractions(tree: object) -> object:
    """The tree with whole numbers as integers, however they were written."""
    if isinstance(tree, dict):
        return {key: _without_fractions(value) for key, value in cast("dict[str, object]", tree).items()}
    if isinstance(tree, list):
        return [_without_fractions(item) for item in cast("list[object]", tree)]
    return int(tree) if _is_whole(tree) else tree
