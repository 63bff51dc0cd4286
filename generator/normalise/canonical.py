"""The value that normalise gives: one plain document, OpenAPI 3.1 whatever came in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from generator.bundle import Provenance
from generator.errors import Diagnostic, Location
from generator.tree import Json, JsonObject


@dataclass(frozen=True, slots=True)
class Canonical:
    """A document that leaves nothing to decide.

    In ``tree`` every ``$ref`` but those of path items points to ``#/components/schemas/<ClassName>``; parameters,
    bodies and responses stand where they are used; keys of ``components.schemas`` are final class names. A schema is
    one of:

    - ``{}``, anything, and ``{"not": {}}``, nothing;
    - ``{"$ref": "#/components/schemas/<ClassName>"}``; no name leads back to itself with nothing in between;
    - ``type``, a scalar with the limits that pydantic enforces; or a string with a ``format`` and no limits: ``date-time``,
      ``date``, ``uuid`` or ``binary`` (bytes). An integer has a ``format`` where that says more than its limits: ``int32`` or
      ``int64``;
    - ``enum`` of strings, whole numbers and booleans, without a type;
    - ``{"type": "array", "items": ...}``, with ``minItems`` and ``maxItems``;
    - ``{"type": "object", "additionalProperties": <schema>}``, a map;
    - ``anyOf`` of two members at least, none of them an ``anyOf``, null last. ``discriminator`` names the wire name of a
      property that every member but null, each a reference to a class, requires and has as an ``enum``: no two of them
      share a value, and it is the same attribute in all of them;
    - as a component only: an object with ``properties``, where some are described or no others may come. It has
      ``required`` (of those described) where that is not empty, and ``additionalProperties`` where other properties may not
      come (``false``) or have a schema.

    Where a schema is used (components, properties, parameters, contents) it has ``description``, ``default`` if that fits,
    ``examples`` whether they fit or not, and ``deprecated``, ``readOnly`` and ``writeOnly`` if they are true; a class has a
    ``description`` and ``examples`` only. Limits stand there
    alone, on the schema itself or its only member beside null: items, values and members with limits are references to
    components.

    ``field_names`` holds, by class name, the attribute of each property that has another name in Python. ``exact`` is a
    JSON Schema 2020-12 document: in ``$defs``, by the keys that media types of request bodies name as ``exact``, are the
    schemas that say more than types do. ``answers`` is another, of the schemas of answers, where those were asked for:
    each media type of a response then has them as ``answer``, each response its ``headers`` (see ``answers``).
    """

    tree: JsonObject
    field_names: Mapping[str, Mapping[str, str]]
    provenance: Provenance
    warnings: tuple[Diagnostic, ...]
    exact: JsonObject = field(default_factory=dict[str, Json])
    answers: JsonObject = field(default_factory=dict[str, Json])

    @property
    def schemas(self) -> JsonObject:
        """The components, by class name."""
        schemas: JsonObject = self.tree["components"]["schemas"]
        return schemas

    def locate(self, *pointer: str | int) -> Location:
        """Where the source says what stands at ``pointer``."""
        return self.provenance.locate(pointer)
