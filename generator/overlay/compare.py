"""The overlay that turns one document into another.

It keeps to what version 1.0 allows, so that more tools can apply it: values are replaced by merging into the object around
them. What is removed and is neither an object nor an array makes it one of version 1.1.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from generator.tree import Json, JsonArray, JsonObject, Pointer, is_array, is_object

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


@dataclass(slots=True)
class _Change:
    """What is to be done at an object: targets to ``remove``, values to ``put`` into it, and changes ``inside`` of it.

    ``primitive`` says that something removed is neither an object nor an array.
    """

    remove: list[str] = field(default_factory=list[str])
    primitive: bool = False
    put: JsonObject = field(default_factory=dict[str, Json])
    inside: dict[str | int, _Change] = field(default_factory=dict[str | int, "_Change"])

    def take_out(self, target: str, value: Json) -> None:
        self.remove.append(target)
        self.primitive |= is_primitive(value)

    def part(self, token: str | int) -> _Change:
        return self.inside.setdefault(token, _Change())


# --- what is different ------------------------------------------------------------------------------------------------


def _objects(old: JsonObject, new: JsonObject, at: Pointer, change: _Change) -> None:
    for key, value in old.items():
        if key not in new:
            change.take_out(spelled((*at, key)), value)
    for key, value in new.items():
        if key not in old:
            change.put[key] = value
        elif not same(old[key], value):
            _property(old[key], value, key, at, change)


def _property(old: Json, new: Json, key: str, at: Pointer, change: _Change) -> None:
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
    change.take_out(spelled(place), old)
    change.put[key] = new


def _arrays(old: JsonArray, new: JsonArray, key: str, at: Pointer, change: _Change) -> bool:
    """Whether ``new`` is made of ``old`` by changes inside of objects, or by leaving out and appending; these changes."""
    pairs = list(zip(old, new, strict=False))
    if len(old) == len(new) and all(same(a, b) or (is_object(a) and is_object(b)) for a, b in pairs):
        elements = _Change()
        for index, (a, b) in enumerate(pairs):
            if not same(a, b):
                _objects(a, b, (*at, index), elements.part(index))
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
        change.take_out(_element(old, index, at), old[index])
    if kept < len(new):
        change.put[key] = new[kept:]
    return kept > 0


def _element(array: JsonArray, index: int, at: Pointer) -> str:
    """The target for an element: by what it is, where that tells it apart from the others, else by its index."""
    value = array[index]
    if isinstance(value, str) and sum(same(value, other) for other in array) == 1:
        return f"{spelled(at)}[?@ == {quoted(value)}]"
    if is_object(value):
        for name in _NAMES:
            said = value.get(name)
            if isinstance(said, str) and _named(array)[name, said] == 1:
                return f"{spelled(at)}[?{spelled([name]).replace('$', '@', 1)} == {quoted(said)}]"
    return spelled((*at, index))


def _named(array: JsonArray) -> Counter[tuple[str, str]]:
    return Counter(
        (name, value[name])
        for value in array
        if is_object(value)
        for name in _NAMES
        if isinstance(value.get(name), str)
    )  # fmt: skip


def same(a: Json, b: Json) -> bool:
    """Whether two values are the same JSON: ``1`` is neither ``true`` nor ``1.0``."""
    if is_object(a) and is_object(b):
        return a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    if is_array(a) and is_array(b):
        return len(a) == len(b) and all(map(same, a, b))
    return type(a) is type(b) and a == b


# --- as actions -------------------------------------------------------------------------------------------------------


def _actions(change: _Change, at: Pointer) -> Iterator[JsonObject]:
    """The actions for what changes at an object and inside of it: one for each place, as deep as that is.

    In an operation or a schema, what changes further down goes with what changes at the top.
    """
    merged = dict(change.put)
    apart: list[tuple[str | int, _Change]] = []
    for token, inner in change.inside.items():
        update = _update(inner) if change.put and _is_part(at) and isinstance(token, str) else None
        if update is None:
            apart.append((token, inner))
        else:
            yield from ({"target": target, "remove": True} for target in _removals(inner))
            if update:
                merged[str(token)] = update
    yield from ({"target": target, "remove": True} for target in change.remove)
    if merged:
        yield {"target": spelled(at), "update": merged}
    for token, inner in apart:
        yield from _actions(inner, (*at, token))


def _update(change: _Change) -> JsonObject | None:
    """What to merge into an object for all that changes inside of it; ``None`` where an array stands in between."""
    merged = dict(change.put)
    for token, inner in change.inside.items():
        update = _update(inner) if isinstance(token, str) else None
        if update is None:
            return None
        if update:
            merged[str(token)] = update
    return merged


def _removals(change: _Change) -> Iterator[str]:
    yield from change.remove
    for inner in change.inside.values():
        yield from _removals(inner)


def _is_part(at: Pointer) -> bool:
    """Whether people see one thing in an object: an operation, a schema. Sections such as ``paths`` hold many."""
    return len(at) >= (3 if at[:1] == ("components",) else 2)


def _removes_primitives(change: _Change) -> bool:
    return change.primitive or any(map(_removes_primitives, change.inside.values()))


def _size(change: _Change, at: Pointer) -> int:
    return len(json.dumps(list(_actions(change, at))))


def _replacing(new: Json, key: str) -> int:
    """About the length of the actions that replace a property as a whole."""
    return len(json.dumps(new)) + 2 * len(key) + 80
