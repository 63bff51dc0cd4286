"""What the document says of its answers beyond their types: schemas whole, examples, headers that must come."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from generator.tree import Json, JsonObject, Pointer, is_array, is_object

from .exact import ExactSchemas

Follow: TypeAlias = Callable[[Json, Pointer], tuple[JsonObject, Pointer]]
"""Gives the object that a node is or leads to, and where that stands."""


class AnswerReader:
    """Reads Response Objects; ``schemas`` gathers their schemas."""

    def __init__(self, schemas: ExactSchemas, follow: Follow) -> None:
        self._schemas = schemas
        self._follow = follow

    def media(self, node: JsonObject, at: Pointer, hint: str) -> JsonObject:
        """Of a Media Type Object: the keys of ``schema`` and ``itemSchema``, empty where there is none, and ``examples``."""
        keys = {
            key: self._schemas.add(hint, (*at, key)) if key in node else "" for key in ("schema", "itemSchema")
        }  # fmt: skip
        return {**keys, "examples": self._examples(node, at)}

    def headers(self, response: JsonObject, at: Pointer, hint: str) -> JsonObject:
        """The headers that must come, by name: the key of the schema, and ``examples``. ``Content-Type`` is none of them
        (OpenAPI 3.1.0, 4.8.17); ``Location`` always is, since redirects need it.
        """
        found: JsonObject = {}
        for name, header in response.get("headers", {}).items():
            node, where = self._follow(header, (*at, "headers", name))
            needed = node.get("required") is True or name.lower() == "location"
            if needed and name.lower() != "content-type":
                found[name] = self.media(node, where, f"{hint} {name}")
        return found

    def _examples(self, node: JsonObject, at: Pointer) -> list[Json]:
        """The values of ``example`` and ``examples`` (OpenAPI 3.1.0, 4.8.14 and 4.8.19), those of other documents aside."""
        listed: list[Json] = [node["example"]] if "example" in node else []
        examples = node.get("examples")
        if is_array(examples):
            return [*listed, *examples]
        for name, entry in examples.items() if is_object(examples) else ():
            if is_object(entry):
                example = self._follow(entry, (*at, "examples", name))[0]
                listed += [example[key] for key in ("value", "dataValue") if key in example]
        return listed
