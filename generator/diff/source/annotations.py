"""Types as code sees them: what an annotation of the generated Python lets through, and what one lets through beyond another.

Type checkers go by names: a class is the same as long as its name is, and so is a named type that both packages have (its
own change is found once, where it is declared). Sources: the typing specification's rules of assignability, ``Literal`` and
the promotion of ``int`` to ``float``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from generator import ir

NONE = "None"
ANY = "Any"


@dataclass(frozen=True, slots=True)
class Value:
    """A value of a ``Literal``. ``kind`` is the class of the value, which tells ``True`` from ``1``."""

    kind: str
    text: str

    def __str__(self) -> str:
        return f"Literal[{self.text}]"


@dataclass(frozen=True, slots=True)
class Holder:
    """A class that holds others: ``list`` or ``dict``, or what gives them one by one."""

    name: str
    item: Annotation

    def __str__(self) -> str:
        inner = shown(self.item)
        return f"dict[str, {inner}]" if self.name == "dict" else f"{self.name}[{inner}]"


Atom: TypeAlias = str | Value | Holder
Annotation: TypeAlias = frozenset[Atom]
"""The members of a union, one of one for what is none; empty where no value can be."""

Extent: TypeAlias = Literal["values", "members", "open", "type", ""]
"""What one annotation has beyond another: values of a ``Literal``, members of what is a union anyway, any value of the
class whose values were listed, or another class altogether; or nothing."""

_SCALARS: Mapping[ir.ScalarKind, str] = {
    "string": "str",
    "integer": "int",
    "number": "float",
    "boolean": "bool",
    "datetime": "datetime",
    "date": "date",
    "uuid": "UUID",
}
_FITS_TOO: Mapping[str, frozenset[str]] = {
    "int": frozenset(["float"]),
    "bool": frozenset(["int", "float"]),
    "datetime": frozenset(["date"]),
}
_BOOLEANS = frozenset([Value("bool", "True"), Value("bool", "False")])


def shown(annotation: Annotation) -> str:
    """The annotation as people write it, its members sorted."""
    values = sorted(atom.text for atom in annotation if isinstance(atom, Value))
    names = sorted(str(atom) for atom in annotation if not isinstance(atom, Value) and atom != NONE)
    listed = [*([f"Literal[{', '.join(values)}]"] if values else []), *names, *([NONE] if NONE in annotation else [])]
    return " | ".join(listed) or "Never"


class Annotations:
    """The annotations of one package.

    ``kept`` names the aliases that stay names; ``called`` says what the other package calls a class or an alias that has
    another name there.
    """

    def __init__(self, api: ir.Api, *, kept: frozenset[str], called: Mapping[str, str]) -> None:
        self._api = api
        self._kept = kept
        self._called = called
        self._aliases = {called.get(s.name, s.name): s for s in api.schemas if isinstance(s, ir.AliasSchema)}

    def of(self, type_: ir.Type, *, file: str = "Upload") -> Annotation:
        """The annotation for ``type_``; ``file`` is what stands for a file."""
        return frozenset(self._atoms(type_, file, ()))

    def opened(self, annotation: Annotation) -> Annotation:
        """The annotation with the types that its names stand for, as far as these are no classes."""
        found: set[Atom] = set()
        pending, seen = [*annotation], set[str]()
        while pending:
            atom = pending.pop()
            alias = self._aliases.get(atom) if isinstance(atom, str) and atom not in seen else None
            if alias is None:
                found.add(atom)
            else:
                seen.add(str(atom))
                pending += self._atoms(alias.type, "Upload", (alias.name,))
        return frozenset(found)

    def _atoms(self, type_: ir.Type, file: str, within: tuple[str, ...]) -> Iterator[Atom]:
        match type_:
            case ir.Scalar("file"):
                yield file
            case ir.Scalar(kind):
                yield _SCALARS[kind]
            case ir.LiteralOf(values):
                yield from (Value(type(value).__name__, repr(value)) for value in values)
            case ir.ListOf(item):
                yield Holder("list", frozenset(self._atoms(item, file, within)))
            case ir.MapOf(value):
                yield Holder("dict", frozenset(self._atoms(value, file, within)))
            case ir.UnionOf(members):
                for member in members:
                    yield from self._atoms(member, file, within)
            case ir.Nullable(inner):
                yield from self._atoms(inner, file, within)
                if not isinstance(inner, ir.Anything):
                    yield NONE
            case ir.Ref(name):
                yield from self._named(name, file, within)
            case ir.Null():
                yield NONE
            case ir.Anything():
                yield ANY
            case ir.Nothing():
                pass

    def _named(self, name: str, file: str, within: tuple[str, ...]) -> Iterator[Atom]:
        schema = self._api.schema(name)
        if isinstance(schema, ir.ObjectSchema) or name in self._kept or name in within:
            yield self._called.get(name, name)
        else:
            yield from self._atoms(schema.type, file, (*within, name))


@dataclass(frozen=True, slots=True)
class Comparison:
    """The annotations of both packages."""

    old: Annotations
    new: Annotations

    def gained(self, old: Annotation, new: Annotation) -> Annotation:
        """What the new annotation lets through that the old one did not."""
        return _beyond(new, old, self.new, self.old)

    def lost(self, old: Annotation, new: Annotation) -> Annotation:
        """What the old annotation let through that the new one does not."""
        return _beyond(old, new, self.old, self.new)

    def extent(self, old: Annotation, new: Annotation) -> tuple[Extent, Extent]:
        """What was gained and what was lost, ``None`` aside."""
        gained, lost = (without_none(part, old, new) for part in (self.gained(old, new), self.lost(old, new)))
        before, after = self.old.opened(old) - {NONE}, self.new.opened(new) - {NONE}
        if gained and lost:
            if all(isinstance(atom, Value) for atom in gained | lost):
                return "values", "values"
            both = len(_kinds(before)) > 1 and len(_kinds(after)) > 1
            return ("members", "members") if both else ("type", "type")
        return _extent(gained, before), _extent(lost, after)


def without_none(part: Annotation, old: Annotation, new: Annotation) -> Annotation:
    """A part of what changed, ``None`` aside, unless that is all that the old or the new one lets through."""
    return part if frozenset([NONE]) in (old, new) else part - {NONE}


def parts(words: str, old: Annotation, new: Annotation) -> Iterator[tuple[str, Annotation, Annotation]]:
    """The annotations, then those of the items of lists and maps that stand beside each other in them.

    What holds them counts as one and the same, so that a difference is found at its place alone.
    """
    for name, what in (("list", "an item"), ("dict", "a value")):
        was = [atom for atom in old if isinstance(atom, Holder) and atom.name == name]
        is_ = [atom for atom in new if isinstance(atom, Holder) and atom.name == name]
        if len(was) == len(is_) == 1 and was != is_:
            old, new = (old - {was[0]}) | {name}, (new - {is_[0]}) | {name}
            yield from parts(f"{what} of {words}", was[0].item, is_[0].item)
    yield words, old, new


def _beyond(values: Annotation, place: Annotation, of_values: Annotations, of_place: Annotations) -> Annotation:
    rest = values - place
    if not rest or ANY in place:
        return frozenset()
    opened = of_place.opened(place)
    return frozenset(atom for atom in of_values.opened(rest) if not _fits(atom, opened))


def _fits(atom: Atom, place: Annotation) -> bool:
    if atom in place or ANY in place:
        return True
    match atom:
        case Value(kind):
            return bool(place & {kind, *_FITS_TOO.get(kind, ())})
        case Holder():
            return False
        case _:
            return bool(place & _FITS_TOO.get(atom, frozenset())) or (atom == "bool" and place >= _BOOLEANS)


def _extent(beyond: Annotation, narrower: Annotation) -> Extent:
    """What kind of difference ``beyond`` is to the annotation that does not have it."""
    values = {atom for atom in narrower if isinstance(atom, Value)}
    if not beyond:
        return ""
    if values and all(isinstance(atom, Value) for atom in beyond):
        return "values"
    if values and beyond == frozenset[Atom](atom.kind for atom in values) and len(_kinds(narrower)) == 1:
        return "open"
    return "members" if len(_kinds(narrower)) > 1 else "type"


def _kinds(annotation: Annotation) -> frozenset[Atom]:
    """The members of a union, all its literal values being one."""
    return frozenset("Literal" if isinstance(atom, Value) else atom for atom in annotation)
