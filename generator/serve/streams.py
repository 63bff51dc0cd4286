"""The events of an example stream: each kind of event once, the one that ends a conversation last."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from typing import Final

from generator.tree import Json, JsonObject, is_array, is_object

from .facts import NoValueError, kinds, readings
from .schemas import Schemas

_ALIKE: Final = 3
"""How many events a stream has that are all of one kind."""

_MOST: Final = 200


def events(schemas: Schemas, plan: JsonObject, make: Callable[[Json, Json, int], object]) -> list[object]:
    """The events in their order.

    ``plan`` is what ``build.answers`` says of the stream. ``make`` gives the event of a schema, by the schema of all
    events, the one of its kind and a number, and raises :class:`NoValueError` where there is none. What kind an event is
    says ``type`` (or ``event``), and the member of a union that it is. Errors are left out: who reads would stop there.
    """
    schema = schemas.named(plan["schema"])
    item = _item(schemas, schema) if plan["whole"] else schema
    key = "type" if plan["final"] or not _has(schemas, item, "event") else "event"
    known = _looks(schemas, plan, item) or kinds(schemas, item, key)[:_MOST]
    wanted = known * _ALIKE if len(known) == 1 else known
    found: list[tuple[str, object]] = []
    for number, kind in enumerate(wanted):
        try:
            event = make(item, kind, number)
        except NoValueError:
            continue
        found.append((str(getattr(event, key, "")), event))
    final = sorted(plan["final"], key=lambda kind: not kind.endswith("completed"))  # a good end, if there is one
    told = [event for kind, event in found if kind not in final and not _ends(kind)]
    last = sorted((pair for pair in found if pair[0] in final), key=lambda pair: final.index(pair[0]))
    return [*told, *(event for _, event in last[:1])]


def _item(schemas: Schemas, schema: Json) -> Json:
    """The schema of the items, where a schema describes them all."""
    for facts in islice(readings(schemas, schema), 1):
        if facts.items:
            return schemas.joined(facts.items)
    return schema


def _has(schemas: Schemas, item: Json, name: str) -> bool:
    return any(name in facts.properties for facts in islice(readings(schemas, item), 1))


def _looks(schemas: Schemas, plan: JsonObject, item: Json) -> list[Json]:
    """The events that the document itself shows, as schemas."""
    looks = [look for example in plan["examples"] for look in (example if is_array(example) else [example])]
    return [{"const": look} for look in looks if is_object(look) and schemas.fits(item, look)]


def _ends(kind: str) -> bool:
    """Whether a kind of event says that a stream fails, or that it is over, which its end says as well."""
    return kind in ("error", "done") or kind.endswith(".error")
