"""Which parts of two packages are the same, whatever code calls them."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

from generator import ir
from generator.diff.source.pairs import Package
from generator.diff.surface import nameless
from generator.tree import Pointer

T = TypeVar("T")
Matched = list[tuple[T | None, T | None]]


def match(old: Iterable[T], new: Iterable[T], keys: Iterable[Callable[[T], Iterable[Hashable]]]) -> Matched[T]:
    """The entries in pairs: those with a key in common by the first way to make keys, then by the next one, and so on.

    The new ones in their order, then what is gone. A key that several have is none.
    """
    before = {id(entry): entry for entry in old}
    listed = [*new]
    after = {id(entry): entry for entry in listed}
    partner: dict[int, T] = {}
    for keys_of in keys:
        was, is_ = _by_key(before.values(), keys_of), _by_key(after.values(), keys_of)
        for key, entry in is_.items():
            if key in was and id(was[key]) in before and id(entry) in after:
                partner[id(entry)] = before.pop(id(was[key]))
                del after[id(entry)]
    return [*((partner.get(id(entry)), entry) for entry in listed), *((entry, None) for entry in before.values())]


def _by_key(entries: Iterable[T], keys_of: Callable[[T], Iterable[Hashable]]) -> dict[Hashable, T]:
    found: dict[Hashable, list[T]] = {}
    for entry in entries:
        for key in keys_of(entry):
            found.setdefault(key, []).append(entry)
    return {key: one[0] for key, one in found.items() if len(one) == 1}


def match_operations(old: Sequence[ir.Operation], new: Sequence[ir.Operation]) -> Matched[ir.Operation]:
    """Operations in pairs: those that answer the same requests, then those with the same id."""
    return match(
        old, new, [lambda o: [(o.method, nameless(path)) for path in o.paths], lambda o: [o.id], lambda o: [(o.group, o.name)]]
    )  # fmt: skip


def match_schemas(old: Package, new: Package) -> Matched[ir.Schema]:
    """Models in pairs: those of one name, then those that stand at the same place, then those that say the same."""
    shared = {schema.name for schema in old.api.schemas} & {schema.name for schema in new.api.schemas}
    packages = {id(schema): package for package in (old, new) for schema in package.api.schemas}

    def place(schema: ir.Schema) -> Iterator[Pointer]:
        bundled = packages[id(schema)].locate(schema.where).bundled
        if bundled is not None:
            yield bundled

    def content(schema: ir.Schema) -> Iterator[Hashable]:
        if isinstance(schema, ir.AliasSchema):
            yield _known(schema.type, shared)
        elif schema.fields:
            yield tuple((f.name, f.py_name, _known(f.type, shared), f.required) for f in schema.fields)

    return match(old.api.schemas, new.api.schemas, [lambda schema: [schema.name], place, content])


def _known(type_: ir.Type, names: set[str]) -> Hashable:
    """The type as text, without the names that are not in both packages."""
    own = [name for name in ir.references(type_) if name not in names]
    text = repr(type_)
    for name in own:
        text = text.replace(f"Ref(name={name!r})", "Ref()")
    return text


def renamed_groups(operations: Matched[ir.Operation], old: ir.Api, new: ir.Api) -> Mapping[str, str]:
    """The groups that have another name: all that was in the one is in the other, and nothing else."""
    before, after = {group.name for group in old.groups}, {group.name for group in new.groups}
    went: dict[str, set[str]] = {}
    came: dict[str, set[str]] = {}
    for was, is_ in operations:
        if was is not None:
            went.setdefault(was.group, set()).add(is_.group if is_ is not None else "")
        if is_ is not None:
            came.setdefault(is_.group, set()).add(was.group if was is not None else "")
    return {
        name: target
        for name in sorted(before - after)
        for target in went.get(name, ())
        if went[name] == {target} and came.get(target) == {name} and target not in before
    }
