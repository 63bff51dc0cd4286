"""Which part of the old document is which of the new one: what took a part's place stands beside it, however it is called."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TypeVar

from generator.diff.surface import Operation, Parameter, Response, Scheme

K = TypeVar("K", str, tuple[str, str])
V = TypeVar("V")


def paired(old: Mapping[K, V], new: Mapping[K, V]) -> Iterator[tuple[K, V | None, V | None]]:
    """The entries of both, by key and in its order, so that nothing hangs on the order of a document."""
    for key in sorted({**new, **old}):
        yield key, old.get(key), new.get(key)


def _only(found: Iterable[V]) -> V | None:
    """The one that there is, None where there are none or several."""
    first, *others = [*found][:2] or [None]
    return None if others else first


def schemes(old: Mapping[str, Scheme], new: Mapping[str, Scheme]) -> Iterator[tuple[str, Scheme | None, Scheme | None]]:
    """Schemes by name; one that is gone is one that is new, where the two say the same and no others do."""
    gone = {name: scheme for name, scheme in old.items() if name not in new}
    added = {name: scheme for name, scheme in new.items() if name not in old}
    for name, was in gone.items():
        alike = _only(is_ for is_ in added.values() if _says(is_) == _says(was))
        if alike and _only(o for o in gone.values() if _says(o) == _says(was)):
            old = {**{key: scheme for key, scheme in old.items() if key != name}, alike.name: was}
    yield from paired(old, new)


def _says(scheme: Scheme) -> tuple[object, ...]:
    return (scheme.kind, scheme.said, scheme.flows)


def operations(
    old: Mapping[tuple[str, str], Operation], new: Mapping[tuple[str, str], Operation]
) -> Iterator[tuple[Operation | None, Operation | None]]:
    """Operations by method and path; one that is gone is one that is new, where the two have one id and differ in
    method or path alone, with as many parameters in it.
    """
    gone, added = _by_id(old, new), _by_id(new, old)
    before = {**old}
    for name in gone.keys() & added.keys():
        was, is_ = _only(gone[name]), _only(added[name])
        if was and is_ and (was[0] == is_[0] or was[1] == is_[1]) and was[1].count("{}") == is_[1].count("{}"):
            before[is_] = before.pop(was)
    for _, was, is_ in paired(before, new):
        yield was, is_


def _by_id(
    operations: Mapping[tuple[str, str], Operation], others: Mapping[tuple[str, str], Operation]
) -> Mapping[str, list[tuple[str, str]]]:
    """Where the operations of each id answer that the others do not."""
    found: dict[str, list[tuple[str, str]]] = {}
    for key, operation in operations.items():
        if key not in others and operation.id:
            found.setdefault(operation.id, []).append(key)
    return found


def responses(
    old: Mapping[str, Response], new: Mapping[str, Response]
) -> Iterator[tuple[Response | None, Response | None]]:
    """Answers by status. A code that is gone is told of by its range, and the other way round, if the other side has it;
    else, by the only new status that also means success, or also an error.
    """
    left = [status for status in old if status not in new]
    right = [status for status in new if status not in old]
    pairs: list[tuple[str, str]] = []
    pairs += [(status, _range(status)) for status in left if _range(status) in new and _range(status) != status]
    pairs += [(_range(status), status) for status in right if _range(status) in old and _range(status) != status]
    for kind in (("1", "2", "3"), ("4", "5")):
        was = _only(status for status in left if status[:1] in kind)
        is_ = _only(status for status in right if status[:1] in kind)
        if was and is_ and not any(was in pair or is_ in pair for pair in pairs):
            pairs.append((was, is_))
    yield from ((old[was], new[is_]) for was, is_ in sorted(pairs))
    told = {status for pair in pairs for status in pair}
    for status, was, is_ in paired(old, new):
        if (was and is_) or status not in told:
            yield was, is_


def _range(status: str) -> str:
    return f"{status[:1]}XX"


def parameters(old: Operation, new: Operation) -> Iterator[tuple[Parameter | None, Parameter | None]]:
    """The parameters of both: those of the path by their position in it, and one that is gone from its place beside the
    one of its name that is new in another place.
    """
    names = dict(zip(_in_path(old.path), _in_path(new.path), strict=False))
    before = {
        (place, names.get(name, name) if place == "path" else name): parameter
        for (place, name), parameter in old.parameters.items()
    }
    for key in [key for key in before if key not in new.parameters]:
        named = [k for k in new.parameters if k not in before and k[1].lower() == key[1].lower()]
        if len(named) == 1:
            before[named[0]] = before.pop(key)
    for _, was, is_ in paired(before, new.parameters):
        yield was, is_


def _in_path(path: str) -> list[str]:
    return [piece.partition("}")[0] for piece in path.split("{")[1:]]
