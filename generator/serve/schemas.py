"""The schemas of answers at run time: what a reference leads to, and whether a value fits."""

from __future__ import annotations

from typing import Final

from jsonschema_rs import Draft202012Validator, FancyRegexOptions, Registry, ValidationError

from generator.tree import Json, JsonObject, is_object, parse_pointer, resolve

_PATTERNS: Final = FancyRegexOptions(backtrack_limit=100_000)


class Schemas:
    """A document of schemas, as ``normalise.answers`` makes it."""

    def __init__(self, document: JsonObject) -> None:
        self._document = document
        self._uri: str = document["$id"]
        self._registry = Registry([(self._uri, document)])
        # The node is kept beside its validator, so that no other comes to have its id.
        self._joined: dict[tuple[int, ...], Json] = {}
        self._validators: dict[int, tuple[Json, Draft202012Validator]] = {}

    def named(self, key: str) -> Json:
        """The schema with that key; any value fits where there is none."""
        return self._document["$defs"].get(key, True)

    def target(self, reference: str) -> Json:
        """What a reference leads to. What stands in another document, such as a meta-schema, lets everything through."""
        if not reference.startswith(f"{self._uri}#"):
            return True
        try:
            return resolve(self._document, parse_pointer(reference.partition("#")[2]))
        except KeyError:
            return True

    def joined(self, schemas: list[Json]) -> Json:
        """The schema that says what all of these say; the same one every time, for it is remembered by."""
        if len(schemas) == 1:
            return schemas[0]
        key = tuple(map(id, schemas))
        if key not in self._joined:
            self._joined[key] = {"allOf": schemas} if schemas else {}
        return self._joined[key]

    def fits(self, schema: Json, value: Json) -> bool:
        """Whether a value fits a schema of the document, all that ``format`` says aside.

        Never follows a reference to anywhere else. Schemas that no validator takes let nothing through.
        """
        if not is_object(schema):
            return schema is True
        found = self._validators.get(id(schema))
        if found is None:
            try:
                found = (schema, self._validator(schema))
            except (ValueError, ValidationError):
                return False
            self._validators[id(schema)] = found
        try:
            return found[1].is_valid(value)
        except ValueError:  # infinities, which YAML knows and JSON does not
            return False

    def _validator(self, schema: JsonObject) -> Draft202012Validator:
        return Draft202012Validator(
            schema, registry=self._registry, pattern_options=_PATTERNS, validate_formats=False, offline=True
        )
