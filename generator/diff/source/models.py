"""Models in step: a class or a named type, its attributes and their types."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from generator import ir
from generator.diff.source.annotations import NONE, Annotation, Annotations, Comparison
from generator.diff.source.matching import match
from generator.diff.source.pairs import (
    DIRECTIONS,
    MADE,
    READ,
    AttributePair,
    AttributeUse,
    ModelPair,
    SourcePairs,
    Use,
    sent_pairs,
    type_pairs,
)


@dataclass(frozen=True, slots=True)
class Holder:
    """What fields belong to: a model, or a method whose keyword arguments they are.

    ``expanded`` says that callers give them to a method; they make a model of them otherwise.
    """

    name: str
    uses: frozenset[Use]
    expanded: bool


def model_pairs(pair: ModelPair, uses: frozenset[Use], *, expanded: bool, said: Comparison) -> Iterator[SourcePairs]:
    """A model, and what is in it."""
    yield pair
    match pair.old, pair.new:
        case ir.ObjectSchema() as old, ir.ObjectSchema() as new:
            yield from attribute_pairs(Holder(pair.name, uses, expanded), old.fields, new.fields, said=said)
        case ir.AliasSchema() as old, ir.AliasSchema() as new:
            before, after = said.old.of(old.type), said.new.of(new.type)
            yield from type_pairs(pair.name, before, after, at=(old.where, new.where), uses=uses, said=said)
        case _:
            pass


def attribute_pairs(
    holder: Holder, old: Iterable[ir.Field], new: Iterable[ir.Field], *, said: Comparison
) -> Iterator[SourcePairs]:
    """Fields in pairs: those with the same name on the wire, then those with the same name in Python."""
    for was, is_ in match(old, new, [lambda field: [field.name], lambda field: [field.py_name]]):
        found = is_ or was
        assert found is not None
        words = f"`{found.py_name}` of {holder.name}"
        uses = [*_uses(holder, words, was, is_, said)]
        yield AttributePair(words, was, is_, asked=any(use.must[1] for use in uses))
        yield from uses
        if was is not None and is_ is not None:
            yield from _types(holder, words, was, is_, said)


def _uses(
    holder: Holder, words: str, old: ir.Field | None, new: ir.Field | None, said: Comparison
) -> Iterator[AttributeUse]:
    """The attribute in each direction in which somebody makes its model."""
    lacks = False
    if old is not None and new is not None:
        lacks = NONE in said.gained(_annotation(old, said.old), _annotation(new, said.new))
    for direction in DIRECTIONS:
        if MADE[direction] in holder.uses:
            by_keyword = direction == "request" and holder.expanded
            must = [field is not None and _must_give(field, by_keyword=by_keyword) for field in (old, new)]
            read = READ[direction] in holder.uses
            yield AttributeUse(words, old, new, must[1], direction, (must[0], must[1]), lacks and read)


def _types(holder: Holder, words: str, old: ir.Field, new: ir.Field, said: Comparison) -> Iterator[SourcePairs]:
    at = (old.where, new.where)
    before, after = _annotation(old, said.old), _annotation(new, said.new)
    if not _has_default(new) and new.required and not old.required and NONE not in after:
        before -= {NONE}  # that it has to be given says that already
    if not holder.expanded:
        yield from type_pairs(words, before, after, at=at, uses=holder.uses, said=said)
        return
    yield from type_pairs(words, before, after, at=at, uses=holder.uses - {"callers make"}, said=said)
    before, after = said.old.of(old.type), said.new.of(new.type)
    yield from sent_pairs(words, before, after, at=at, uses=holder.uses & {"callers make"}, said=said)


def _annotation(field: ir.Field, annotations: Annotations) -> Annotation:
    """The annotation of an attribute: None stands for what is not there."""
    found = annotations.of(field.type)
    return found | {NONE} if not (field.required or _has_default(field)) else found


def _has_default(field: ir.Field) -> bool:
    return field.default is not None and field.default.value is not None


def _must_give(field: ir.Field, *, by_keyword: bool) -> bool:
    """Whether who makes the model, or calls the method, has to give it."""
    return field.required and not (field.read_only if by_keyword else _has_default(field))
