"""From text to values: what forms and parameters say, read by the type that is declared for it."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable
from typing import Any, Literal, TypeGuard, cast, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import from_json

from .model import adapter_of, fields_of, members_of, wire_name
from .problems import invalid, problem_of_value

__all__ = ["nested", "read_value", "steps", "typed"]

_NUMBER = re.compile(r"-?(0|[1-9]\d{0,300})(\.\d+)?([eE][+-]?\d{1,3})?")
_BOOLEANS = {"true": True, "false": False, "1": True, "0": False}
_DEEPEST = 20


def read_value(annotation: object, tree: object, *, at: str = "") -> object:
    """The value of the type ``annotation`` that texts stand for, in lists and dicts as they were nested.

    ``at`` is the name of the parameter that is read, which a problem is about; a body has none. Raises
    :class:`InvalidRequest` where the value does not fit.
    """
    value = typed(annotation, tree)
    try:
        return adapter_of(annotation).validate_python(value, by_alias=True, by_name=False)
    except ValidationError as error:
        raise problem_of_value(error, value, at=at) from error


def typed(annotation: object, tree: object) -> object:
    """The tree with its texts read as the annotation has them: the first member of a union that can be read counts.

    What cannot be read stays as it is, so that validation says what is wrong with it.
    """
    members = [*members_of(annotation)]
    for member in members:
        read = _read(member, tree)
        if read is not _UNREADABLE and (len(members) == 1 or _fits(member, read)):
            return read
    return tree


_UNREADABLE = object()


def _read(member: object, tree: object) -> object:
    """The tree as this type, or ``_UNREADABLE``."""
    if isinstance(tree, str):
        return _read_text(member, tree)
    if isinstance(tree, dict):
        return _read_object(member, cast("dict[str, object]", tree))
    if not isinstance(tree, list):
        return tree
    items = cast("list[object]", tree)
    return [typed(get_args(member)[0], item) for item in items] if get_origin(member) is list else items


def _read_text(member: object, text: str) -> object:
    if member is bool:
        return _BOOLEANS.get(text.lower(), _UNREADABLE)
    if member is int or member is float:
        return from_json(text) if _NUMBER.fullmatch(text) else _UNREADABLE
    if get_origin(member) is Literal:
        said = {str(value).lower() if isinstance(value, bool) else str(value): value for value in get_args(member)}
        return said.get(text, _UNREADABLE)
    if get_origin(member) is list:
        listed = _read_json(text, "[")
        return _read_item(get_args(member)[0], text) if listed is _UNREADABLE else listed
    if get_origin(member) is dict or _is_model(member):
        return _read_json(text, "{")
    return text


def _read_json(text: str, opening: str) -> object:
    if text.lstrip().startswith(opening):
        try:
            return from_json(text)
        except ValueError:
            return _UNREADABLE
    return _UNREADABLE


def _read_item(item: object, text: str) -> object:
    """The list of a form that says its name once. Of lists within lists there is no telling."""
    within = any(get_origin(member) is list for member in members_of(item))
    return _UNREADABLE if within else [typed(item, text)]


def _read_object(member: object, tree: dict[str, object]) -> object:
    if get_origin(member) is list:
        numbered = bool(tree) and all(key.isdecimal() for key in tree)
        items = [tree[key] for key in sorted(tree, key=int)] if numbered else [tree]
        return [typed(get_args(member)[0], item) for item in items]
    if get_origin(member) is dict:
        return {key: typed(get_args(member)[1], value) for key, value in tree.items()}
    if _is_model(member):
        known = {wire_name(name, field): field.annotation for name, field in fields_of(member).items()}
        return {key: typed(known.get(key, object), value) for key, value in tree.items()}
    return tree if member is object or member is Any else _UNREADABLE


def _is_model(member: object) -> TypeGuard[type[BaseModel]]:
    return isinstance(member, type) and issubclass(member, BaseModel)


def _fits(member: object, value: object) -> bool:
    try:
        adapter_of(member).validate_python(value, by_alias=True, by_name=False)
    except ValidationError:
        return False
    return True


def steps(key: str, *, whole: Container[str] = ()) -> tuple[str, ...]:
    """``a[b][0]`` -> ``a``, ``b``, ``0``, and ``a[]`` -> ``a``, ````; a key in ``whole`` is a name as it stands.

    Raises :class:`InvalidRequest` for one that leads deeper than any document does.
    """
    name, bracket, rest = key.partition("[")
    if key in whole or not bracket or not name or not rest.endswith("]"):
        return (key,)
    found = (name, *rest[:-1].split("]["))
    if len(found) > _DEEPEST:
        raise invalid(name, f"more than {_DEEPEST} brackets deep")
    return found


def nested(entries: Iterable[tuple[tuple[str, ...], object]]) -> dict[str, object]:
    """The tree whose leaves are the values at the ends of their steps; a name that comes again makes a list."""
    by_name: dict[str, list[tuple[tuple[str, ...], object]]] = {}
    for path, value in entries:
        by_name.setdefault(path[0], []).append((path[1:], value))
    return {name: _node(below) for name, below in by_name.items()}


def _node(entries: list[tuple[tuple[str, ...], object]]) -> object:
    leaves = [value for path, value in entries if path in ((), ("",))]
    branches = [(path, value) for path, value in entries if path not in ((), ("",))]
    if not branches:
        return leaves[0] if len(leaves) == 1 and entries[0][0] == () else leaves
    return [*leaves, nested(branches)] if leaves else nested(branches)
