"""Rules about unions: their members, and the property by which these are told apart."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from generator.diff.findings import Change, Rule, rule
from generator.diff.pairs import Comparison, LimitsPair, MemberPair, SchemaPair
from generator.diff.shapes import Schema, Shape, Shapes
from generator.diff.wording import listed, quoted
from generator.tree import Json, is_object


def _removed(pair: MemberPair) -> Iterator[Change]:
    if pair.old:
        yield pair.change(f"{pair.name} may not be {pair.old.name} any more")


def _added(pair: MemberPair) -> Iterator[Change]:
    if pair.new:
        yield pair.change(f"{pair.name} may be {pair.new.name} too")


def _tag(pair: SchemaPair) -> Iterator[Change]:
    old, new = pair.old.tag, pair.new.tag
    if old and new and old != new:
        yield pair.change(
            f"members of {pair.name} are told apart by {quoted(new)} now, was {quoted(old)}", key="discriminator"
        )


def _values_only_in(one: SchemaPair, mapping: Mapping[str, str], other: Mapping[str, str]) -> list[str]:
    """Values of a discriminator that one side has, for members that are on both: others are told of as members."""
    if not one.old.tag or one.old.tag != one.new.tag:
        return []
    members = _members(one, one.old) & _members(one, one.new)
    return [value for value, target in mapping.items() if value not in other and _name(target) in members]


def _members(pair: SchemaPair, shape: Shape) -> set[str]:
    """The names of the members of a union, or those that the mapping of another schema has."""
    shapes = pair.comparison.old if shape is pair.old else pair.comparison.new
    return {shapes.of(member).name for member in shape.union} or {_name(target) for target in shape.mapping.values()}


def _name(target: str) -> str:
    return target.rpartition("/")[2]


def _moved(pair: SchemaPair) -> Iterator[Change]:
    old, new = pair.old.mapping, pair.new.mapping
    for value in old.keys() & new.keys():
        if _name(old[value]) != _name(new[value]) and not _is_renamed(pair.comparison, old[value], new[value]):
            said = f"{quoted(_name(new[value]))} now, was {quoted(_name(old[value]))}"
            yield pair.change(f"{quoted(value)} stands for {said}, in {pair.name}", key="discriminator")


def _is_renamed(comparison: Comparison, was: str, is_: str) -> bool:
    """Whether two targets of a discriminator are one but for its name, as far as can be told."""
    old, new = _component(comparison.old, was), _component(comparison.new, is_)
    if not old or not new or comparison.old.of(old).properties.keys() != comparison.new.of(new).properties.keys():
        return False
    return False not in (comparison.widened(old, new), comparison.narrowed(old, new))


def _component(shapes: Shapes, target: str) -> Schema:
    """Where the schema of a name stands, nowhere if there is none."""
    schemas: Json = shapes.surface.tree.get("components", {}).get("schemas")
    return (("components", "schemas", _name(target)),) if is_object(schemas) and _name(target) in schemas else ()


def _values(pair: SchemaPair, *, come: bool) -> Iterator[Change]:
    old, new = pair.old.mapping, pair.new.mapping
    found = _values_only_in(pair, new, old) if come else _values_only_in(pair, old, new)
    if found and old and new:
        said = "stands for a member" if come else "stands for no member any more"
        yield pair.change(f"{listed(found)} of {pair.name} {said}", key="discriminator")


def _discriminated(pair: SchemaPair, *, comes: bool) -> Iterator[Change]:
    if pair.old.types and pair.new.types and (bool(pair.old.tag), bool(pair.new.tag)) == (not comes, comes):
        said = (
            f"told apart by {quoted(pair.new.tag)} now" if comes else "not said any more to be told apart by a property"
        )
        yield pair.change(f"members of {pair.name} are {said}", key="discriminator")


@rule(MemberPair, "breaking", direction="request", mirror="request-union-member-added")
def request_union_member_removed(pair: MemberPair) -> Iterator[Change]:
    """One of several shapes of a request is not accepted any more, nor by the others.

    Requests of this shape are refused. Go on accepting it until nobody sends it.
    """
    return _removed(pair) if pair.covered is False else iter(())


@rule(
    MemberPair,
    "warning",
    direction="request",
    mirror="made backwards, more is accepted: `request-union-member-added`",
)
def request_union_member_removed_undecided(pair: MemberPair) -> Iterator[Change]:
    """One of several shapes of a request is gone, and perhaps the others do not let all of it through.

    Whether they do cannot be told: patterns, formats or several shapes together decide. Try what callers send.
    """
    if pair.old and pair.covered is None:
        yield pair.change(f"{pair.name} may not be {pair.old.name} of one kind any more, unless others cover it")


@rule(MemberPair, "warning", direction="request", mirror="made backwards it is `request-union-member-added`")
def request_union_member_unnamed(pair: MemberPair) -> Iterator[Change]:
    """One of several shapes of a request is gone; another lets it through, but does not name all of its properties.

    Requests of this shape are accepted, and what nobody names is likely to be ignored. Go on naming it until nobody sends it.
    """
    if pair.old and pair.unnamed:
        yield pair.change(
            f"{pair.name} may be {pair.old.name} only as another shape now, none of which names {listed(pair.unnamed)}"
        )


@rule(MemberPair, "info", direction="request", mirror="request-union-member-removed")
def request_union_member_added(pair: MemberPair) -> Iterator[Change]:
    """One more shape of a request is accepted.

    Whoever sends the others still may.
    """
    return _added(pair) if pair.covered is not True or pair.unnamed else iter(())


@rule(LimitsPair, "warning", direction="request", mirror="request-discriminator-changed")
def request_discriminator_changed(pair: LimitsPair) -> Iterator[Change]:
    """The shapes of a request are told apart by another property.

    Requests that have the old one only may be misread; that it is not accepted any more has rules of its own. Go on
    reading the old one.
    """
    return _tag(pair)


@rule(LimitsPair, "breaking", direction="request", mirror="request-discriminator-value-added")
def request_discriminator_value_removed(pair: LimitsPair) -> Iterator[Change]:
    """A value of the property that tells the shapes of a request apart is not known any more.

    Requests with it are refused. Keep it as another name of the same shape.
    """
    return _values(pair, come=False)


@rule(LimitsPair, "info", direction="request", mirror="request-discriminator-value-removed")
def request_discriminator_value_added(pair: LimitsPair) -> Iterator[Change]:
    """One more value of the property that tells the shapes of a request apart is known.

    Whoever sends the others still may.
    """
    return _values(pair, come=True)


@rule(LimitsPair, "breaking", direction="request", mirror="request-discriminator-value-moved")
def request_discriminator_value_moved(pair: LimitsPair) -> Iterator[Change]:
    """A value of the property that tells the shapes of a request apart stands for another shape.

    Requests with it are held against that one. Give the other shape a value of its own.
    """
    return _moved(pair)


@rule(MemberPair, "info", direction="response", mirror="response-union-member-added")
def response_union_member_removed(pair: MemberPair) -> Iterator[Change]:
    """One of several shapes of an answer is not answered any more.

    Callers get nothing that they were not told of before.
    """
    return _removed(pair) if pair.covered is not True or pair.unnamed else iter(())


@rule(MemberPair, "breaking", direction="response", mirror="response-union-member-removed")
def response_union_member_added(pair: MemberPair) -> Iterator[Change]:
    """An answer may have one more shape.

    Callers that know the others cannot read it. Answer with it only to those who ask for it.
    """
    return _added(pair) if pair.covered is False else iter(())


@rule(
    MemberPair,
    "warning",
    direction="response",
    mirror="made backwards, less is answered: `response-union-member-removed`",
)
def response_union_member_added_undecided(pair: MemberPair) -> Iterator[Change]:
    """An answer may have one more shape, and perhaps the others do not cover it.

    Whether they do cannot be told: patterns, formats or several shapes together decide. Compare them.
    """
    if pair.new and pair.covered is None:
        yield pair.change(f"{pair.name} may be {pair.new.name} of one kind more, unless others cover it")


@rule(MemberPair, "info", direction="response", mirror="made backwards it is `response-union-member-removed`")
def response_union_member_named(pair: MemberPair) -> Iterator[Change]:
    """An answer may have one more shape, which has properties more than one of the known shapes.

    Callers can read it as the one that they know.
    """
    if pair.new and pair.unnamed:
        yield pair.change(f"{pair.name} may be {pair.new.name} too, which has {listed(pair.unnamed)}")


@rule(LimitsPair, "warning", direction="response", mirror="response-discriminator-changed")
def response_discriminator_changed(pair: LimitsPair) -> Iterator[Change]:
    """The shapes of an answer are told apart by another property.

    Callers that look at the old one tell them apart as long as it is answered; that it is gone has rules of its own. Go on
    answering with both.
    """
    return _tag(pair)


@rule(LimitsPair, "info", direction="response", mirror="response-discriminator-value-added")
def response_discriminator_value_removed(pair: LimitsPair) -> Iterator[Change]:
    """A value of the property that tells the shapes of an answer apart is not answered any more.

    Callers get nothing that they were not told of before.
    """
    return _values(pair, come=False)


@rule(LimitsPair, "breaking", direction="response", mirror="response-discriminator-value-removed")
def response_discriminator_value_added(pair: LimitsPair) -> Iterator[Change]:
    """The property that tells the shapes of an answer apart may have one more value.

    Callers do not know which shape it stands for. Answer with the value that they know.
    """
    return _values(pair, come=True)


@rule(LimitsPair, "breaking", direction="response", mirror="response-discriminator-value-moved")
def response_discriminator_value_moved(pair: LimitsPair) -> Iterator[Change]:
    """A value of the property that tells the shapes of an answer apart stands for another shape.

    Callers read it as the old one. Give the other shape a value of its own.
    """
    return _moved(pair)


@rule(LimitsPair, "info", direction="request", mirror="request-discriminator-dropped")
def request_discriminator_added(pair: LimitsPair) -> Iterator[Change]:
    """The document names the property that tells the shapes of a request apart.

    What is accepted is what the shapes say, as before. Code that is generated from it gets better messages.
    """
    return _discriminated(pair, comes=True)


@rule(LimitsPair, "info", direction="request", mirror="request-discriminator-added")
def request_discriminator_dropped(pair: LimitsPair) -> Iterator[Change]:
    """The document does not name the property any more that tells the shapes of a request apart.

    What is accepted is what the shapes say, as before.
    """
    return _discriminated(pair, comes=False)


@rule(LimitsPair, "info", direction="response", mirror="response-discriminator-dropped")
def response_discriminator_added(pair: LimitsPair) -> Iterator[Change]:
    """The document names the property that tells the shapes of an answer apart.

    What is answered is what the shapes say, as before.
    """
    return _discriminated(pair, comes=True)


@rule(LimitsPair, "warning", direction="response", mirror="response-discriminator-added")
def response_discriminator_dropped(pair: LimitsPair) -> Iterator[Change]:
    """The document does not name the property any more that tells the shapes of an answer apart.

    Code that is generated from it has to try the shapes one by one, and may take the wrong one. Keep naming it if answers
    have it.
    """
    return _discriminated(pair, comes=False)


RULES: tuple[Rule, ...] = (
    request_union_member_removed,
    request_union_member_removed_undecided,
    request_union_member_unnamed,
    request_union_member_added,
    request_discriminator_changed,
    request_discriminator_added,
    request_discriminator_dropped,
    request_discriminator_value_removed,
    request_discriminator_value_added,
    request_discriminator_value_moved,
    response_union_member_removed,
    response_union_member_added,
    response_union_member_added_undecided,
    response_union_member_named,
    response_discriminator_changed,
    response_discriminator_added,
    response_discriminator_dropped,
    response_discriminator_value_removed,
    response_discriminator_value_added,
    response_discriminator_value_moved,
)
