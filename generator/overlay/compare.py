"""The overlay that turns one document into another.

It keeps to what version 1.0 allows, so that more tools can apply it: values are replaced by merging into the object around
them. What is removed and is neither an object nor an array makes it one of version 1.1.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from generator.tree import Json, JsonArray, JsonObject, is_array, is_object

from .patch import is_primitive
from .paths import quoted, spelled

_NAMES = ("name", "operationId", "url", "$ref")
"""The properties by which people tell the elements of an array apart."""


def compare(old: JsonObject, new: JsonObject) -> JsonObject | None:
    """The overlay that turns ``old`` into ``new``; ``None`` where they are equal."""
    change = _Change()
    _objects(old, new, (), change)
    actions = list(_actions(change, ()))
    if not actions:
        return None
    title = new.get("info", {}).get("title") if is_object(new.get("info")) else None
    name = " ".join(title.split()) if isinstance(title, str) and title.strip() else "the document"
    version = "1.1.0" if _removes_primitives(change) else "1.0.0"
    return {"overlay": version, "info": {"title": f"Changes to {name}", "version": "1.0.0"}, "actions": actions}


@dataclass(frozen=True, slots=True)
class _Element:
    """The selector of an array's element."""

    selector: str


Step: TypeAlias = str | _Element
Way: TypeAlias = tuple[Step, ...]
"""How to get to a node: by properties and by elements."""


@dataclass(slots=True)
class _Change:
    """What is to be done at an object: targets to ``remove``, values to ``put`` into it, and changes ``inside`` of it.

    ``primitive`` says that something removed is neither an object nor an array.
    """

    remove: list[str] = field(default_factory=list[str])
    primitive: bool = False
    put: JsonObject = field(default_factory=dict[str, Json])
    inside: dict[Step, _Change] = field(default_factory=dict["Step", "_Change"])

    def take_out(self, target: str, value: Json) -> None:
        self.remove.append(target)
        self.primitive |= is_primitive(value)


# --- what is different ------------------------------------------------------------------------------------------------


def _objects(old: JsonObject, new: JsonObject, at: Way, change: _Change) -> None:
    for key, value in old.items():
        if key not in new:
            change.take_out(_target((*at, key)), value)
    for key, value in new.items():
        if key not in old:
            change.put[key] = value
        elif not same(old[key], value):
            _property(old[key], value, key, at, change)


def _property(old: Json, new: Json, key: str, at: Way, change: _Change) -> None:
    place = (*at, key)
    if is_object(old) and is_object(new):
        inner = _Change()
        _objects(old, new, place, inner)
        if old.keys() & new.keys() or _size(inner, place) <= _replacing(new, key):
            change.inside[key] = inner
            return
    elif is_array(old) and is_array(new):
        inner = _Change()
        if _arrays(old, new, key, place, inner) and _size(inner, at) <= _replacing(new, key):
            change.remove += inner.remove
            change.primitive |= inner.primitive
            change.put |= inner.put
            change.inside |= inner.inside
            return
    elif is_primitive(old) and is_primitive(new):
        change.put[key] = new
        return
    change.take_out(_target(place), old)
    change.put[key] = new


def _arrays(old: JsonArray, new: JsonArray, key: str, at: Way, change: _Change) -> bool:
    """Whether ``new`` is made of ``old`` by changes inside of objects, or by leaving out and appending; these changes."""
    pairs = list(zip(old, new, strict=False))
    if len(old) == len(new) and all(same(a, b) or (is_object(a) and is_object(b)) for a, b in pairs):
        elements = _Change()
        for index, (a, b) in enumerate(pairs):
            if not same(a, b):
                step = _by_name(old, index, new) or _Element(f"[{index}]")
                elements.inside[step] = _Change()
                _objects(a, b, (*at, step), elements.inside[step])
        change.inside[key] = elements
        return True
    kept = 0
    gone: list[int] = []
    for index, value in enumerate(old):
        if kept < len(new) and same(value, new[kept]):
            kept += 1
        else:
            gone.append(index)
    for index in reversed(gone):
        step = _by_name(old, index, old) or _Element(f"[{index}]")
        change.take_out(_target((*at, step)), old[index])
    if kept < len(new):
        change.put[key] = new[kept:]
    return kept > 0


def _by_name(old: JsonArray, index: int, new: JsonArray) -> _Element | None:
    """An element of ``old`` by what it is called, where no other is called so, neither before nor in ``new``.

    Indexes change with what is before them, which is why the specification advises against them.
    """
    value = old[index]
    if isinstance(value, str):
        return _Element(f"[?@ == {quoted(value)}]") if old.count(value) == 1 else None
    for name in _NAMES if is_object(value) else ():
        said = value.get(name)
        if not isinstance(said, str) or new[index].get(name) != said:
            continue
        if all(_named(array, name, said) == 1 for array in (old, new)):
            return _Element(f"[?@{spelled([name])[1:]} == {quoted(said)}]")
    return None


def _named(array: JsonArray, name: str, said: str) -> int:
    return sum(is_object(one) and one.get(name) == said for one in array)


def same(a: Json, b: Json) -> bool:
    """Whether two values are the same JSON: ``1`` is neither ``true`` nor ``1.0``."""
    if is_object(a) and is_object(b):
        return a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    if is_array(a) and is_array(b):
        return len(a) == len(b) and all(map(same, a, b))
    return type(a) is type(b) and a == b


# --- as actions -------------------------------------------------------------------------------------------------------


def _actions(change: _Change, at: Way) -> Iterator[JsonObject]:
    """The actions for what changes at an object and inside of it: one for each place, as deep as that is.

    In an operation or a schema, what changes further down goes with what changes at the top.
    """
    merged = dict(change.put)
    apart: list[tuple[Step, _Change]] = []
    for token, inner in change.inside.items():
        update = _update(inner) if change.put and _is_part(at) else None
        if update is None or not isinstance(token, str):
            apart.append((token, inner))
        else:
            yield from ({"target": target, "remove": True} for target in _removals(inner))
            if update:
                merged[token] = update
    yield from ({"target": target, "remove": True} for target in change.remove)
    if merged:
        yield {"target": _target(at), "update": merged}
    for token, inner in apart:
        yield from _actions(inner, (*at, token))


def _update(change: _Change) -> JsonObject | None:
    """What to merge into an object for all that changes inside of it; ``None`` where an array stands in between."""
    merged = dict(change.put)
    for token, inner in change.inside.items():
        update = _update(inner)
        if update is None or not isinstance(token, str):
            return None
        if update:
            merged[token] = update
    return merged


def _removals(change: _Change) -> Iterator[str]:
    yield from change.remove
    for inner in change.inside.values():
        yield from _removals(inner)


def _target(at: Way) -> str:
    return "$" + "".join(step.selector if isinstance(step, _Element) else spelled([step])[1:] for step in at)


def _is_part(at: Way) -> bool:
    """Whether people see one thing in an object: an operation, a schema. Sections such as ``paths`` hold many."""
    return len(at) >= (3 if at[:1] == ("components",) else 2)


def _removes_primitives(change: _Change) -> bool:
    return change.primitive or any(map(_removes_primitives, change.inside.values()))


def _size(change: _Change, at: Way) -> int:
    return len(json.dumps(list(_actions(change, at))))


def _replacing(new: Json, key: str) -> int:
    """About the length of the actions that replace a property as a whole."""
    return len(json.dumps(new)) + 2 * len(key) + 80
