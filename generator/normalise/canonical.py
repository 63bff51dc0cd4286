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
    one of: ``{}``, a reference, a scalar ``type``, an ``enum`` of literals, an array, a map (``additionalProperties``),
    an ``anyOf`` (null last), or, only as a component of its own, an object with ``properties``.

    ``field_names`` holds, by class name, the attribute of each property that has another name in Python. ``exact`` is a
    JSON Schema 2020-12 document: in ``$defs``, by the keys that media types of request bodies name as ``exact``, are the
    schemas that say more than types do.
    """

    tree: JsonObject
    field_names: Mapping[str, Mapping[str, str]]
    provenance: Provenance
    warnings: tuple[Diagnostic, ...]
    exact: JsonObject = field(default_factory=dict[str, Json])

    @property
    def schemas(self) -> JsonObject:
        """The components, by class name."""
        schemas: JsonObject = self.tree["components"]["schemas"]
        return schemas

    def locate(self, *pointer: str | int) -> Location:
        """Where the source says what stands at ``pointer``."""
        return self.provenance.locate(pointer)
