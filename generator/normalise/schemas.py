"""Plain schemas: references to named classes and nothing left to decide.

Inline objects get names after the place where they stand (``<Parent><Field>``), ``allOf`` is merged, null is split
from the rest, defaults that do not fit are left out. The stages after this one read no other form.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from generator import names
from generator.bundle import Provenance
from generator.errors import Diagnostic, SpecloomError, error
from generator.tree import (
    Json,
    JsonObject,
    Pointer,
    format_pointer,
    is_array,
    is_object,
    parse_pointer,
    resolve,
)

from .combine import ContradictionError, Part, is_annotation, merge
from .values import KEPT, Tally, compiles, fits, hint_of, is_class, kind_of, member_name, nullable, reference

COMPONENTS: Pointer = ("components", "schemas")
_KINDS = ("string", "integer", "number", "boolean", "array", "object", "null")
_FORMATS = ("date-time", "date", "uuid")
_SCALAR_CONSTRAINTS = {
    "string": ("minLength", "maxLength", "pattern"),
    "integer": ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
    "number": ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
    "boolean": (),
    "null": (),
}
_CONSTRAINTS = frozenset(key for keys in _SCALAR_CONSTRAINTS.values() for key in keys) | {"minItems", "maxItems"}
_IMPLIED_KIND = {
    "properties": "object",
    "additionalProperties": "object",
    "items": "array",
    "prefixItems": "array",
}
_NOT_ENFORCED = frozenset(
    [
        "not",
        "if",
        "then",
        "else",
        "contains",
        "minContains",
        "maxContains",
        "uniqueItems",
        "dependentRequired",
    ]
    + [
        "dependentSchemas",
        "dependencies",
        "patternProperties",
        "propertyNames",
        "unevaluatedProperties",
    ]
    + ["unevaluatedItems", "minProperties", "maxProperties", "prefixItems"]
)

_NOT_READ = frozenset(["readOnly", "writeOnly", "discriminator"])

Upconvert = Callable[[JsonObject], JsonObject]


class SchemaReader:
    """Reads schemas of one bundled document and gathers the named classes that they need.

    ``schemas`` and ``moved`` (canonical pointer -> pointer in the bundle) grow with each reading.
    ``read`` raises :class:`SpecloomError` at the place of a schema that has no type; ``read_components`` gathers these in
    ``errors``.
    """

    def __init__(
        self,
        tree: JsonObject,
        provenance: Provenance,
        *,
        upconvert: Upconvert,
        renames: Mapping[str, str],
        tally: Tally,
    ) -> None:
        self._tree = tree
        self._provenance = provenance
        self._upconvert = upconvert
        self.schemas: JsonObject = {}
        self.moved: dict[Pointer, Pointer] = {}
        self._tally = tally
        self._renames = renames
        self.errors: list[Diagnostic] = []
        keys = list(tree.get("components", {}).get("schemas", {}))
        wanted = names.unique(renames.get(key, names.class_name(key)) for key in keys)
        self._class_at: dict[Pointer, str] = {(*COMPONENTS, key): name for key, name in zip(keys, wanted, strict=True)}
        self._taken = set(wanted)

    def read_components(self) -> None:
        """Every named schema of the document, in its order."""
        for pointer, name in list(self._class_at.items()):
            if name not in self.schemas:
                try:
                    self._read_named(self._node(pointer), pointer, name)
                except SpecloomError as problem:
                    self.errors += problem.diagnostics
                    self.schemas[name] = {}

    def read(self, node: Json, pointer: Pointer, *, hint: str) -> JsonObject:
        """The canonical schema for the one at ``pointer``; ``hint`` names the class if it needs one."""
        part = self._flatten(node, pointer, ())
        return self._read_part(part, hint) if isinstance(part, Part) else part

    def field_names(self, chosen: Mapping[str, str]) -> dict[str, dict[str, str]]:
        """By class name, the attribute of each property that has another name in Python.

        ``chosen`` has the user's, by ``Schema.property``; the schema may be called by its class as well.
        """
        renamed: dict[str, dict[str, str]] = {}
        components = {name: str(pointer[-1]) for pointer, name in self._class_at.items() if len(pointer) == 3}
        for name, schema in self.schemas.items():
            properties = list(schema.get("properties", ()))
            also = components.get(name, name)
            wanted = {
                key: chosen.get(f"{also}.{key}") or chosen.get(f"{name}.{key}") or names.field_name(key, self.schemas)
                for key in properties
            }
            # A property that keeps its name comes first: another's name that is made from words gives way to it.
            ordered = sorted(properties, key=lambda key: wanted[key] != key)
            pairs = zip(ordered, names.unique(wanted[key] for key in ordered), strict=True)
            renamed[name] = {key: attribute for key, attribute in pairs if key != attribute}
        return renamed

    # -- references and allOf ---------------------------------------------------------------------------------------

    def _node(self, pointer: Pointer) -> Json:
        return resolve(self._tree, pointer)

    def _target(self, reference: str) -> Pointer:
        # The bundle stage has followed every reference: this one is local and leads somewhere.
        node: Json = self._tree
        pointer: Pointer = ()
        for token in parse_pointer(reference.removeprefix("#")):
            step = int(token) if isinstance(node, list) else token
            pointer, node = (*pointer, step), resolve(node, (step,))
        return pointer

    def _flatten(self, node: Json, pointer: Pointer, within: tuple[Pointer, ...]) -> Part | JsonObject:
        """The schema with its ``allOf`` merged and its references followed; or one that is canonical already,

        a reference to a class, where nothing but annotations stands beside it.
        """
        if node is True or node == {}:
            return {}
        if not is_object(node):
            what = "a schema that no value fits (`false`)" if node is False else f"{type(node).__name__} for a schema"
            raise error(
                "unsupported-schema", f"{what} has no Python type", self._provenance.locate(pointer),
                "describe the values with a `type`, or leave the property out",
            )  # fmt: skip
        node = self._upconvert(node)
        own = {key: value for key, value in node.items() if key not in ("$ref", "allOf", "x-nullable")}
        joined = [("allOf", index) for index in range(len(node.get("allOf", [])))]
        links: list[tuple[Json, Pointer]] = [(node["allOf"][index], (*pointer, key, index)) for key, index in joined]
        if "$ref" in node:
            links.insert(0, (node["$ref"], (*pointer, "$ref")))
        plain = all(is_annotation(key) for key in own)
        if len(links) == 1 and plain:
            only = self._follow_only(links[0], own, within)
            if only is not None:
                return nullable(only) if node.get("x-nullable") else only
        if not links:
            return self._part({**own, **({"x-nullable": True} if node.get("x-nullable") else {})}, pointer)
        parts = [self._part(own, pointer)]
        for value, at in links:
            parts += self._linked_parts(value, at, within)
        try:
            return merge(parts)
        except ContradictionError as problem:
            raise error(
                "unsupported-allof", str(problem), self._provenance.locate((*pointer, "allOf")),
                "write the merged schema out, or leave the operation out with `skip`",
            ) from problem  # fmt: skip

    def _part(self, node: JsonObject, pointer: Pointer) -> Part:
        return Part(
            node,
            pointer,
            {name: (*pointer, "properties", name) for name in node.get("properties", {})},
        )

    def _follow_only(
        self, link: tuple[Json, Pointer], annotations: JsonObject, within: tuple[Pointer, ...]
    ) -> JsonObject | None:
        """A lone reference (or an ``allOf`` of one) stays a reference to its class, with the notes beside it."""
        value, at = link
        kept = {key: value for key, value in annotations.items() if key in KEPT}
        if at[-1] != "$ref":
            if not (is_object(value) and set(self._upconvert(value)) == {"$ref"}):
                return None
            value, at = value["$ref"], (*at, "$ref")
        target = self._target(value)
        if target in within:
            return None
        if target in self._class_at:
            return {"$ref": reference(self._class_at[target]), **kept}
        part = self._flatten(self._node(target), target, (*within, target))
        if not isinstance(part, Part):
            return {**part, **kept}
        if is_class(part.node):
            name = self._name_for(target, hint_of(target))
            if name not in self.schemas:
                self._define(name, part)
            return {"$ref": reference(name), **kept}
        return None

    def _linked_parts(self, value: Json, at: Pointer, within: tuple[Pointer, ...]) -> list[Part]:
        if at[-1] == "$ref":
            target = self._target(value)
            if target in within:
                raise error(
                    "allof-cycle", "this schema includes itself through `allOf`", self._provenance.locate(at),
                    "a schema can hold itself in a property, not be a part of itself",
                )  # fmt: skip
            value, at, within = self._node(target), target, (*within, target)
        elif is_object(value) and "$ref" in value and set(value) <= {"$ref", "description"}:
            return self._linked_parts(value["$ref"], (*at, "$ref"), within)
        if value is True or value == {}:
            return []
        flat = self._flatten(value, at, within)
        if isinstance(flat, Part):
            return [flat]
        if "$ref" in flat:
            target = next(p for p, name in self._class_at.items() if reference(name) == flat["$ref"])
            notes = {key: note for key, note in flat.items() if key != "$ref"}
            return [
                self._part(notes, at),
                *self._linked_parts(format_pointer(target), (*at, "$ref"), within),
            ]
        return [self._part(flat, at)]

    # -- one schema -------------------------------------------------------------------------------------------------

    def _read_part(self, part: Part, hint: str) -> JsonObject:
        """The canonical form of a merged schema, hoisted where it is an object with properties."""
        node = part.node
        if is_class(node):
            return self._with_null(part, {"$ref": reference(self._hoist(part, hint))})
        return self._with_null(part, self._read_inline(part, hint))

    def _with_null(self, part: Part, schema: JsonObject) -> JsonObject:
        node = part.node
        result = nullable(schema) if _allows_null(node) and schema else dict(schema)
        for key in KEPT:
            if key in node and key not in result:
                result[key] = node[key]
        if "default" in result and not fits(result["default"], result, self.schemas):
            self._warn(
                "unfit-default",
                part,
                "default",
                f"the default {result['default']!r} does not fit its schema",
            )
            del result["default"]
        return result

    def _read_inline(self, part: Part, hint: str) -> JsonObject:
        node = part.node
        self._note_unenforced(part)
        if "const" in node or "enum" in node:
            return self._literals(part, [node["const"]] if "const" in node else node["enum"])
        for keyword in ("oneOf", "anyOf"):
            if is_array(node.get(keyword)):
                return self._union(part, keyword, hint)
        kinds = node.get("type") or next((kind for key, kind in _IMPLIED_KIND.items() if key in node), None)
        if kinds is None:
            return {}
        listed = [kind for kind in (kinds if is_array(kinds) else [kinds]) if kind != "null" or kinds == "null"]
        unknown = [kind for kind in listed if kind not in _KINDS]
        if unknown:
            raise error(
                "unknown-type", f"{unknown[0]!r} is not a type", self._provenance.locate((*part.pointer, "type")),
                f"the types are {', '.join(_KINDS)}",
            )  # fmt: skip
        members = [self._of_kind(part, kind, hint) for kind in listed] or [{"type": "null"}]
        if len(members) == 1:
            return members[0]
        places = [((*part.pointer, "type", index), names.class_name(kind)) for index, kind in enumerate(listed)]
        pairs = zip(members, places, strict=True)
        return {"anyOf": [self._named_if_constrained(member, at, hint + kind) for member, (at, kind) in pairs]}

    def _of_kind(self, part: Part, kind: str, hint: str) -> JsonObject:
        node = part.node
        if kind == "array":
            items = self._nested(node.get("items", {}), (*part.pointer, "items"), hint + "Item")
            limits = {key: node[key] for key in ("minItems", "maxItems") if key in node}
            return {"type": "array", "items": items, **limits}
        if kind == "object":
            values = node.get("additionalProperties", True)
            pointer = (*part.pointer, "additionalProperties")
            value = {} if isinstance(values, bool) else self.read(values, pointer, hint=hint + "Value")
            return {"type": "object", "additionalProperties": value}
        schema: JsonObject = {"type": kind}
        if kind == "string" and node.get("format") in _FORMATS:
            return {**schema, "format": node["format"]}
        for key in _SCALAR_CONSTRAINTS[kind]:
            if key in node and (key != "pattern" or self._usable_pattern(part)):
                schema[key] = node[key]
        return schema

    def _nested(self, node: Json, pointer: Pointer, hint: str) -> JsonObject:
        """The schema of an item or a value."""
        return self._named_if_constrained(self.read(node, pointer, hint=hint), pointer, hint)

    def _named_if_constrained(self, schema: JsonObject, pointer: Pointer, hint: str) -> JsonObject:
        """The schema without notes; one with constraints, which only a field can carry, behind a name of its own."""
        bare = {key: value for key, value in schema.items() if key not in KEPT}
        members = bare.get("anyOf", [bare])
        if not any(key in _CONSTRAINTS for member in members for key in member):
            return bare
        name = self._name_for(pointer, hint)
        self.schemas[name] = bare
        self.moved[(*COMPONENTS, name)] = pointer
        return {"$ref": reference(name)}

    def _literals(self, part: Part, values: list[Json]) -> JsonObject:
        chosen: list[Json] = []
        for value in values:
            if value is not None and not any(value == other and type(value) is type(other) for other in chosen):
                chosen.append(value)
        if not chosen:
            return {"type": "null"}
        if all(isinstance(value, str | int) for value in chosen):
            return {"enum": chosen}
        kinds = [kind_of(value) for value in chosen]
        members: list[JsonObject] = [self._of_kind(part, kind, "") for kind in dict.fromkeys(kinds)]
        return members[0] if len(members) == 1 else {"anyOf": members}

    def _union(self, part: Part, keyword: str, hint: str) -> JsonObject:
        """The members of a union, each with what stands beside it merged in."""
        shared = {key: value for key, value in part.node.items() if key != keyword and not is_annotation(key)}
        shared_part = Part(shared, part.pointer, part.properties) if shared else None
        members: list[JsonObject] = []
        for index, member in enumerate(part.node[keyword]):
            at = (*part.pointer, keyword, index)
            name = member_name(member, hint) or f"{hint}Option{index + 1}"
            read = self._member(member, at, shared_part, name)
            for plain in read.get("anyOf", [read]):
                bare = self._named_if_constrained(plain, at, name)
                if bare not in members:
                    members.append(bare)
        if not members:
            raise error(
                "unsupported-union", f"no member of this `{keyword}` fits what stands beside it",
                self._provenance.locate((*part.pointer, keyword)), "take out what contradicts its members",
            )  # fmt: skip
        if {} in members:
            return {}
        null = {"type": "null"}
        solid = [member for member in members if member != null]
        if len(solid) == len(members):
            return solid[0] if len(solid) == 1 else {"anyOf": solid}
        return {"anyOf": [*solid, null]} if solid else null

    def _member(self, member: Json, at: Pointer, shared: Part | None, name: str) -> JsonObject:
        """A member of a union with what stands beside the union merged in; ``{"anyOf": []}`` if both exclude each other.

        Null stays: who lists it beside another ``type`` means that it may come.
        """
        if shared is None or member == {"type": "null"}:
            return self.read(member, at, hint=name)
        try:
            return self._read_part(merge([Part({}, at, {}), *self._linked_parts(member, at, ()), shared]), name)
        except ContradictionError:
            return {"anyOf": []}

    # -- named classes ----------------------------------------------------------------------------------------------

    def _read_named(self, node: Json, pointer: Pointer, name: str) -> None:
        part = self._flatten(node, pointer, (pointer,))
        if isinstance(part, Part) and is_class(part.node) and _allows_null(part.node):
            inner = self._name_for((*pointer, "type"), f"{name}Object")
            self.schemas[name] = nullable({"$ref": reference(inner)})
            self.moved[(*COMPONENTS, name)] = pointer
            self._define(inner, part)
        elif isinstance(part, Part):
            self._define(name, part)
        else:
            self.schemas[name] = part
            self.moved[(*COMPONENTS, name)] = pointer

    def _name_for(self, pointer: Pointer, hint: str) -> str:
        if pointer not in self._class_at:
            wanted = names.class_name(hint)
            if (*COMPONENTS, wanted) not in self._class_at:
                wanted = self._renames.get(wanted, wanted)
            name = names.free(wanted, self._taken)
            self._taken.add(name)
            self._class_at[pointer] = name
        return self._class_at[pointer]

    def _hoist(self, part: Part, hint: str) -> str:
        name = self._name_for(part.pointer, hint)
        if name not in self.schemas:
            self._define(name, part)
        return name

    def _define(self, name: str, part: Part) -> None:
        """Writes the component down, first an empty one, so that a recursive schema finds it."""
        self.moved[(*COMPONENTS, name)] = part.pointer
        self.schemas[name] = {}
        if not is_class(part.node):
            self.schemas[name] = self._with_null(part, self._read_inline(part, name))
            return
        self._note_unenforced(part)
        properties: JsonObject = {}
        for key, value in part.node.get("properties", {}).items():
            at = part.properties[key]
            self.moved[(*COMPONENTS, name, "properties", key)] = at
            properties[key] = self.read(value, at, hint=name + names.class_name(key))
        required = [key for key in part.node.get("required", []) if key in properties]
        schema: JsonObject = {"type": "object", "properties": properties}
        if required:
            schema["required"] = required
        if part.node.get("additionalProperties") is False:
            schema["additionalProperties"] = False
        self.schemas[name] = {
            **schema,
            **{key: part.node[key] for key in ("description",) if key in part.node},
        }

    # -- small decisions --------------------------------------------------------------------------------------------

    def _usable_pattern(self, part: Part) -> bool:
        if compiles(part.node["pattern"]):
            return True
        self._warn(
            "pattern-not-enforced",
            part,
            "pattern",
            "pydantic cannot compile this pattern, so it is not checked",
        )
        return False

    def _note_unenforced(self, part: Part) -> None:
        for keyword in sorted(_NOT_ENFORCED & part.node.keys()):
            self._warn("not-enforced", part, keyword, f"`{keyword}` has no Python type and is not checked")
        for keyword in sorted(_NOT_READ & part.node.keys()):
            self._warn("left-out", part, keyword, f"`{keyword}` changes nothing yet")

    def _warn(self, code: str, part: Part, keyword: str, message: str) -> None:
        self._tally.note(code, message, (*part.pointer, keyword))


def _allows_null(node: JsonObject) -> bool:
    """Whether null may stand beside what else the schema describes."""
    kinds = node.get("type")
    in_enum = None in node.get("enum", []) and len(node["enum"]) > 1
    return node.get("x-nullable") is True or (is_array(kinds) and "null" in kinds and len(kinds) > 1) or in_enum
