"""A schema -> a value that fits it: its own examples where they do, and else what its keywords ask for."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from random import Random

from generator.tree import Json, is_array, is_object

from .facts import Facts, NoValueError, parts, readings
from .scalars import Scalars
from .schemas import Schemas

_READINGS = 24
"""How many choices among the members of unions are tried in one place."""

_ROLLS = 8
"""How often a value is made where keywords ask for more than is looked at."""

_DEEPEST = 40
_STRING: Json = {"type": "string"}


class Values:
    """Makes values; ``random`` chooses where a schema leaves a choice, so the same one makes the same values.

    Properties that may be left out are there down to ``depth`` objects below each other, and where nothing recurs.
    """

    def __init__(self, schemas: Schemas, random: Random, *, examples: bool = True, depth: int = 5) -> None:
        self._schemas = schemas
        self._random = random
        self._scalars = Scalars(random)
        self._examples = examples
        self._depth = depth
        self._open: list[frozenset[object]] = []
        self._left = 5_000

    def value(self, schema: Json, *, name: str = "") -> Json:
        """A value for the schema, which nearly always fits: that is for the caller to see.

        ``name`` is that of the property that it is for. Raises :class:`NoValueError` where none was found.
        """
        for facts in islice(readings(self._schemas, schema), _READINGS):
            with suppress(NoValueError):
                for _ in range(_ROLLS if facts.hard else 1):
                    value = self._of(schema, facts, name)
                    if not facts.hard or self._schemas.fits(schema, value):
                        return value
        raise NoValueError

    def _of(self, schema: Json, facts: Facts, name: str) -> Json:
        here = _identity(schema)
        again = sum(bool(here & outer) for outer in self._open)
        self._left -= 1
        if again > 1 or len(self._open) > _DEEPEST or self._left < -5_000:
            raise NoValueError
        for look in facts.looks if self._examples else ():
            if self._schemas.fits(schema, look) and not (look is None and facts.types != ["null"]):
                return copy.deepcopy(look)
        if facts.choices is not None:
            return self._random.choice([choice for choice in facts.choices if choice is not None] or [None])
        self._open.append(here)
        try:
            return self._of_type(schema, facts, name)
        finally:
            self._open.pop()

    def _of_type(self, schema: Json, facts: Facts, name: str) -> Json:
        # Null is what a value is where there is nothing else.
        match next((kind for kind in facts.types if kind != "null"), "null"):
            case "object":
                return self._object(facts)
            case "array":
                return self._array(facts, name)
            case "string":
                return self._string(schema, facts, name)
            case "integer":
                return _given(self._scalars.integer(facts.plain, name))
            case "number":
                return _given(self._scalars.number(facts.plain))
            case "boolean":
                return self._random.random() < 0.5
            case _:
                return None

    def _string(self, schema: Json, facts: Facts, name: str) -> str:
        for text in self._scalars.strings(facts.plain, name):
            if "patterns" not in facts.plain or self._schemas.fits(schema, text):
                return text
        raise NoValueError

    # -- objects ----------------------------------------------------------------------------------------------------

    def _object(self, facts: Facts) -> Json:
        found: dict[str, Json] = {}
        most = facts.plain.get("maxProperties", len(facts.properties) + len(facts.required))
        for name in [*facts.required, *(facts.properties if self._is_roomy() else ())]:
            self._add(found, name, facts, most)
        for name in [needed for given in [*found] for needed in facts.together.get(given, ())]:
            facts.required[name] = None
            self._add(found, name, facts, most + 1)
        for number in range(1, 1 + self._wanted(facts) - len(found)):
            schema = self._schema_of_other(facts)
            key = self._key(facts, number)
            found[key] = self.value(schema, name=key)
        return found

    def _add(self, found: dict[str, Json], name: str, facts: Facts, most: int) -> None:
        needed = name in facts.required
        if name in found or (len(found) >= most and not needed):
            return
        schemas = facts.properties.get(name, [])
        if not needed and any(is_write_only(self._schemas, schema) for schema in schemas):
            return
        try:
            found[name] = self.value(self._schemas.joined(schemas or [self._schema_of_other(facts)]), name=name)
        except NoValueError:
            if needed:
                raise

    def _is_roomy(self) -> bool:
        """Whether there is room for what may be left out."""
        recurs = any(self._open[-1] & outer for outer in self._open[:-1])
        return len(self._open) <= self._depth and self._left > 0 and not recurs

    @staticmethod
    def _wanted(facts: Facts) -> int:
        """How many properties an object has to have: a map at least one, to show what its values are."""
        shown = not facts.properties and any(is_object(schema) and schema for schema in facts.others)
        least = facts.plain.get("minProperties", 0)
        return min(max(least, 1 if shown else 0), facts.plain.get("maxProperties", 100), 100)

    def _schema_of_other(self, facts: Facts) -> Json:
        """The schema of properties that are not named."""
        schemas = [*facts.others, *(schema for listed in facts.patterned.values() for schema in listed)]
        closed = False in facts.others and not facts.patterned
        return False if closed else self._schemas.joined([schema for schema in schemas if schema is not False])

    def _key(self, facts: Facts, number: int) -> str:
        names = facts.plain.get("propertyNames", {})
        if facts.patterned and False in facts.others:
            names = {"pattern": next(iter(facts.patterned))}
        if is_object(names) and names:
            return str(self.value(self._schemas.joined([names, _STRING])))
        return f"key{number}" if number > 1 else "key"

    # -- arrays -----------------------------------------------------------------------------------------------------

    def _array(self, facts: Facts, name: str) -> list[Json]:
        least, most = facts.plain.get("minItems", 0), facts.plain.get("maxItems", 1_000)
        listed = [
            schema for schemas in zip(*facts.first, strict=False) for schema in [self._schemas.joined([*schemas])]
        ]
        wanted = max(least, min(most, max(len(listed), 1) if self._left > 0 else 0))
        schemas = listed[:wanted] + [self._schemas.joined(facts.items)] * min(wanted - len(listed), 1_000)
        contained = facts.plain.get("minContains", 1) if facts.contains else 0
        for index in range(min(contained, 100)):
            inside = self._schemas.joined([*facts.contains, *(schemas[index : index + 1] or facts.items)])
            schemas[index : index + 1] = [inside]
        found: list[Json] = []
        for schema in schemas:
            try:
                found.append(self._unlike(schema, found if facts.plain.get("uniqueItems") else [], name))
            except NoValueError:
                if len(found) < max(least, contained):
                    raise
                break
        return found

    def _unlike(self, schema: Json, others: list[Json], name: str) -> Json:
        """An item that is none of the others."""
        for attempt in range(20):
            value = self.value(schema, name=name) if not attempt else self._without_examples(schema, name)
            if value not in others:
                return value
        raise NoValueError

    def _without_examples(self, schema: Json, name: str) -> Json:
        kept, self._examples = self._examples, False
        try:
            return self.value(schema, name=name)
        finally:
            self._examples = kept


def _identity(schema: Json) -> frozenset[object]:
    """What tells that a schema is inside of itself: the node, and the name that it refers to."""
    members = schema.get("allOf", ()) if is_object(schema) else ()
    named = [node["$ref"] for node in (schema, *members[: len(members) == 1]) if is_object(node) and "$ref" in node]
    return frozenset([id(schema), *named])


def _given(value: Json) -> Json:
    if value is None:
        raise NoValueError
    return value


def is_write_only(schemas: Schemas, schema: Json) -> bool:
    """Whether a property never comes in answers, as its schema or what that includes says."""
    try:
        return any(part.node.get("writeOnly") is True for part in parts(schemas, schema))
    except NoValueError:
        return False


def without_write_only(schemas: Schemas, schema: Json, value: Json) -> Json:
    """The value without the properties that never come in answers, wherever the schema describes them."""
    described = [*_described(schemas, schema)]
    if is_array(value):
        items = schemas.joined([node["items"] for node in described if "items" in node])
        return [without_write_only(schemas, items, item) for item in value]
    if not is_object(value):
        return value
    found: dict[str, Json] = {}
    for name, item in value.items():
        given = [node["properties"][name] for node in described if name in node.get("properties", {})]
        if not any(is_write_only(schemas, schema) for schema in given):
            found[name] = without_write_only(schemas, schemas.joined(given), item) if given else item
    return found


def _described(schemas: Schemas, schema: Json) -> Iterator[dict[str, Json]]:
    """Every part of a schema, those of all members of its unions among them."""
    pending = [schema]
    for _ in range(1_000):
        if not pending:
            return
        try:
            for part in parts(schemas, pending.pop()):
                yield part.node
                pending += [*part.node.get("oneOf", ()), *part.node.get("anyOf", ())]
        except NoValueError:
            continue
