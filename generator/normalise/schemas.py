"""Plain schemas: references to named classes and nothing left to decide.

Inline objects get names after the place where they stand (``<Parent><Field>``), what ``allOf`` joins becomes one schema,
null is split from the rest. What Python has no type for becomes a wider type, with a warning. The stages after this one
read no other form than that of :class:`generator.normalise.canonical.Canonical`.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import replace

from generator import names
from generator.bundle import Provenance
from generator.errors import Diagnostic, SpecloomError, error
from generator.tree import Json, JsonObject, Pointer, is_array, is_object

from . import limits
from .classes import COMPONENTS, ClassNames, below, member_words, property_name
from .combine import Merged, merge
from .literals import stands_for_itself
from .settle import settle
from .sources import MAX_DEPTH, Source, Sources, SourceTree, Upconvert, is_component
from .tags import Tags, has_tag, property_of
from .unions import Multiplied, choices
from .values import (
    KEPT,
    NOTHING,
    NULL,
    ContradictionError,
    Tally,
    joined,
    kind_of,
    nullable,
    reference,
    without_notes,
)

_LIMITS = frozenset(
    ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength", "maxLength", "pattern"]
    + ["minItems", "maxItems"]
)
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
        "prefixItems",
        "propertyNames",
    ]
    + ["dependentRequired", "dependentSchemas", "dependencies", "patternProperties", "minProperties", "maxProperties"]
    + ["unevaluatedProperties", "unevaluatedItems"]
)


MAX_MEMBERS = 1_000
"""How many members a union may have: `A | B | C` is an expression as deep as it has members."""

MAX_COMBINED = 1_000
"""How many classes may be made of inline schemas that meet in one place; OpenAI's document has 119."""


class SchemaReader:
    """Reads schemas of one bundled document and gathers the named classes that they need.

    ``schemas`` and ``moved`` (canonical pointer -> pointer in the bundle) grow with each reading; ``settle`` finishes
    them. ``read`` raises :class:`SpecloomError` at the place of a schema that has no meaning; ``read_components`` gathers
    these in ``errors``.
    """

    def __init__(
        self,
        tree: JsonObject,
        provenance: Provenance,
        *,
        upconvert: Upconvert,
        renames: Mapping[str, str],
        attributes: Mapping[str, str],
        tally: Tally,
    ) -> None:
        self.schemas: JsonObject = {}
        self.moved: dict[Pointer, Pointer] = {}
        self.errors: list[Diagnostic] = []
        self._tally = tally
        self._attributes = attributes
        self._names = ClassNames(tree.get("components", {}).get("schemas", {}), renames)
        self._components = self._names.components
        self._sources = SourceTree(tree, provenance, classes=self._components, upconvert=upconvert, tally=tally)
        self._tags = Tags(self._sources, self._components)
        self._pending: list[tuple[str, Sources]] = []
        self._active: dict[frozenset[object], str] = {}
        self._multiplied = Multiplied()
        self._combined = 0
        self._refused: SpecloomError | None = None
        self._provenance = provenance
        self._used: list[tuple[Pointer, JsonObject]] = []

    def read_components(self) -> None:
        """Every named schema of the document, in its order."""
        for pointer, name in self._components.items():
            self.moved[(*COMPONENTS, name)] = pointer
            self.schemas[name] = {}
            try:
                self.schemas[name] = self._component(name, self._sources.at(pointer))
                self._define_pending()
            except SpecloomError as problem:
                self.errors += problem.diagnostics

    def read(self, node: Json, pointer: Pointer, *, hint: str) -> JsonObject:
        """The canonical schema for the one at ``pointer``; ``hint`` names the class if it needs one."""
        schema = self._read((Source(node, pointer, hint),), hint)
        self._define_pending()
        self._used.append((pointer, schema))
        return schema

    def settle(self) -> None:
        """Finishes all that was read, in place, once nothing more is read."""
        settle(
            self.schemas, used=self._used, moved=self.moved, tags=self._tags, attributes=self.field_names(),
            tally=self._tally,
        )  # fmt: skip

    def field_names(self) -> dict[str, dict[str, str]]:
        """By class name, the attribute of each property that has another name in Python.

        The user's are ``attributes``, by ``Schema.property``; the schema may be called by its class as well.
        """
        renamed: dict[str, dict[str, str]] = {}
        chosen = self._attributes
        components = {name: str(pointer[-1]) for pointer, name in self._components.items()}
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

    # -- named classes ----------------------------------------------------------------------------------------------

    def _component(self, name: str, source: Source) -> JsonObject:
        known = self._reference((source,))
        if known is not None and "allOf" not in self._sources.upconverted(source):
            return known
        try:
            merged = merge((source,), self._sources, self._tally)
        except ContradictionError as problem:
            return self._nothing(problem, source.pointer)
        if known is not None and not (merged.is_class and has_tag(merged)):
            return (
                known  # An `allOf` of one is another name, unless the class that it includes tells its children apart.
            )
        if not merged.is_class:
            return self._noted(self._plain(merged, name), merged)
        if merged.null == "yes":
            inner = self._hoist(merged, f"{name}Object")
            self._tags.of_subclass(inner, merged)
            return self._noted({"$ref": reference(inner)}, merged)
        self._tags.of_subclass(name, merged)
        return self._class(name, merged)

    def _hoist(self, merged: Merged, hint: str) -> str:
        """The name of the class for an inline schema; it is defined when the schema around it is read."""
        key = _key(merged.sources)
        name = self._names.known(key)
        if name is None:
            self._combined += len(merged.sources) > 1
            if self._combined > MAX_COMBINED:
                raise self._too_many(merged.pointer)
            name = self._names.give(key, hint, pointer=merged.pointer)
            self._pending.append((name, merged.sources))
        return name

    def _too_many(self, pointer: Pointer) -> SpecloomError:
        """The refusal of combinations that multiply, told once: at the first that is one too many."""
        if self._refused is None:
            message = (
                f"schemas that are combined through `allOf` and unions make more than {MAX_COMBINED:,} classes here"
            )
            hint = "give the combinations names in `components` and refer to those"
            self._refused = error("too-many-classes", message, self._provenance.locate(pointer), hint)
        return self._refused

    def _define_pending(self) -> None:
        """Defines the classes that were named, each before those in it. Raises all that is wrong in them at once."""
        errors: list[Diagnostic] = []
        self._pending.reverse()
        while self._pending:
            name, sources = self._pending.pop()
            others = len(self._pending)
            own = tuple(source if source.rest else replace(source, hint=name) for source in sources)
            self.moved[(*COMPONENTS, name)] = own[0].pointer
            self.schemas[name] = {}
            try:
                self.schemas[name] = self._class(name, merge(own, self._sources, self._tally))
            except SpecloomError as problem:
                errors += problem.diagnostics
            self._pending[others:] = reversed(self._pending[others:])
        if errors:
            raise SpecloomError(errors)

    def _class(self, name: str, merged: Merged) -> JsonObject:
        self._note_unenforced(merged)
        properties: JsonObject = {}
        for key, sources in merged.properties.items():
            hint = sources[0].hint if len(sources) == 1 else below(name, property_name(key))
            self.moved[(*COMPONENTS, name, "properties", key)] = sources[0].pointer
            properties[key] = self._read(sources, hint)
        schema: JsonObject = {"type": "object", "properties": properties}
        if required := [key for key in merged.required if key in properties]:
            schema["required"] = required
        values = self._values(merged, name)
        if values != {}:
            schema["additionalProperties"] = False if values == NOTHING else values
        return _with_notes(
            schema, {key: merged.notes[key] for key in ("description", "examples") if key in merged.notes}
        )

    # -- references -------------------------------------------------------------------------------------------------

    def _reference(self, sources: Sources) -> JsonObject | None:
        """Sources that do nothing but refer to one schema, as a reference to its class, with the notes beside."""
        bare = self._sources.bare(sources)
        if bare is None or bare.target is None or not self._is_redundant(bare.kinds, bare.target):
            return None
        target = self._sources.at(bare.target)
        notes = bare.notes
        if is_component(bare.target):
            schema: JsonObject = {"$ref": reference(self._components[bare.target])}
            node = target.node if is_object(target.node) else {}
            notes = {**{key: True for key in ("readOnly", "writeOnly") if node.get(key) is True}, **notes}
        else:
            schema = self._read((target,), target.hint)
        if bare.nullable:
            schema = nullable(schema)
        return _with_notes(schema, notes)

    def _is_redundant(self, kinds: frozenset[str] | None, target: Pointer) -> bool:
        """Whether types that stand beside a reference say nothing new."""
        if kinds is None:
            return True
        try:
            known = self._sources.kinds(self._sources.at(target))
        except ContradictionError:
            return True
        return known is not None and known <= (kinds | {"integer"} if "number" in kinds else kinds)

    # -- one schema -------------------------------------------------------------------------------------------------

    def _read(self, sources: Sources, hint: str) -> JsonObject:
        """The canonical form of what fits all the sources; an object with properties becomes a class named ``hint``.

        Raises :class:`SpecloomError` for what is no schema, or nests too deep.
        """
        key = _key(sources)
        alias = "alias", key
        if key in self._active:
            # An array of itself, say: it needs a name to be spoken of.
            return {"$ref": reference(self._names.give(alias, self._active[key]))}
        if len(self._active) > MAX_DEPTH:
            raise self._sources.too_deep(sources[0].pointer)
        self._active[key] = hint
        try:
            schema = self._reference(sources)
            if schema is None:
                schema = self._inline(sources, hint)
        finally:
            del self._active[key]
        name = self._names.known(alias)
        if name is None:
            return schema
        self.moved[(*COMPONENTS, name)] = sources[0].pointer
        self.schemas[name] = without_notes(schema)
        return {"$ref": reference(name), **{key: note for key, note in schema.items() if key in KEPT}}

    def _inline(self, sources: Sources, hint: str) -> JsonObject:
        try:
            merged = merge(sources, self._sources, self._tally)
        except ContradictionError as problem:
            return self._nothing(problem, sources[0].pointer)
        if merged.is_class:
            return self._noted({"$ref": reference(self._hoist(merged, hint))}, merged)
        return self._noted(self._plain(merged, hint), merged)

    def _plain(self, merged: Merged, hint: str) -> JsonObject:
        """The canonical form of what is no class."""
        self._note_unenforced(merged)
        if merged.unions:
            return self._union(merged, hint)
        if merged.literals is not None:
            return self._literals(merged, hint)
        if merged.kinds is None:
            return {}
        if len(merged.kinds) == 1:
            return self._of_kind(merged, merged.kinds[0], hint)
        members = [self._of_kind(merged, kind, below(hint, property_name(kind))) for kind in merged.kinds]
        return (
            self._joined(
                [
                    (member, below(hint, property_name(kind)))
                    for member, kind in zip(members, merged.kinds, strict=True)
                ],
                merged.pointer,
            )
            if members
            else NULL
        )

    def _of_kind(self, merged: Merged, kind: str, hint: str) -> JsonObject:
        def warn(code: str, keyword: str, message: str) -> None:
            self._tally.note(code, message, (*merged.pointer, keyword))

        if kind == "array":
            most = {"maxItems": len(merged.places)} if merged.no_more_items else {}
            given = limits.sizes({**most, **merged.words}, "Items", warn)
            return {"type": "array", "items": self._items(merged, below(hint, "Item")), **given}
        if kind != "object":
            return limits.scalar(kind, merged.words, warn)
        if merged.has_shape:
            return {"$ref": reference(self._hoist(merged, hint))}
        return {"type": "object", "additionalProperties": self._values(merged, hint)}

    def _items(self, merged: Merged, hint: str) -> JsonObject:
        """The items of an array; of a tuple, the union of what may stand at its places."""
        if not merged.places:
            return self._nested(merged.items, hint) if merged.items else {}
        every = [*merged.places, *([merged.items] if merged.items else [])]
        pairs = [(without_notes(self._read(item, item[0].hint)), item[0].hint) for item in every]
        return self._named_if_limited(self._joined(pairs, merged.pointer), merged.pointer, hint)

    def _values(self, merged: Merged, hint: str) -> JsonObject:
        """What properties that have no schema of their own have to fit, ``{}`` for anything.

        Of patterns for names, Python knows none: such a property fits what any of them asks for.
        """
        named: list[Sources] = [(source,) for source in merged.patterns]
        if merged.values:
            named.append(merged.values)
        if not named:
            return dict(NOTHING) if merged.closed else {}
        if merged.patterns and merged.properties and not merged.closed and not merged.values:
            return {}
        if len(named) == 1:
            return self._nested(named[0], below(hint, "Value"))
        words = member_words([sources[0].node for sources in named], "")
        pairs = [(sources, below(hint, f"Value{word}")) for sources, word in zip(named, words, strict=True)]
        union = self._joined([(without_notes(self._read(*pair)), pair[1]) for pair in pairs], merged.pointer)
        return self._named_if_limited(union, merged.pointer, below(hint, "Value"))

    def _literals(self, merged: Merged, hint: str) -> JsonObject:
        """Strings, whole numbers and booleans stand for themselves; of other values Python knows the type alone."""
        values = merged.literals or []
        others = [value for value in values if not stands_for_itself(value)]
        kinds = list(dict.fromkeys(map(kind_of, others)))
        members = [self._of_kind(merged, kind, below(hint, property_name(kind))) for kind in kinds]
        if others:
            message = (
                f"Python has no literals for {', '.join(f'`{kind}`' for kind in kinds)}: any value of the type fits"
            )
            self._tally.note("not-enforced", message, (*merged.pointer, "enum"))
        solid = [v for v in values if stands_for_itself(v) and not ("number" in kinds and kind_of(v) == "integer")]
        pairs = [(member, below(hint, property_name(kind))) for member, kind in zip(members, kinds, strict=True)]
        literals: list[tuple[JsonObject, str]] = [({"enum": solid}, hint)] if solid else []
        return self._joined([*literals, *pairs], merged.pointer) if values else dict(NULL)

    def _union(self, merged: Merged, hint: str) -> JsonObject:
        rest = merged.rest()
        is_plain = not rest and len(merged.unions) == 1
        if not is_plain and not self._multiplied.has_room():
            message = "unions in unions that go on and on: this one is not read"
            self._tally.note("not-enforced", message, merged.unions[0].pointer)
            return without_notes(self._read(rest, hint)) if rest else {}
        found = choices(merged, self._sources, self._tally)
        if not found:
            problem = ContradictionError("no member of this union fits what stands beside it")
            return self._nothing(problem, merged.unions[0].pointer)
        with nullcontext() if is_plain else self._multiplied.by(len(found)):
            return self._members(merged, found, hint)

    def _members(self, merged: Merged, found: list[Sources], hint: str) -> JsonObject:
        declared = merged.unions[0].discriminator if len(merged.unions) == 1 else None
        if len(found) > MAX_MEMBERS:
            message = (
                f"this union has {len(found):,} members, more than the {MAX_MEMBERS:,} that Python's compilers take"
            )
            where = self._provenance.locate(merged.unions[0].pointer)
            raise error("too-many-members", message, where, "say what the members have in common")
        pairs: list[tuple[JsonObject, str]] = []
        for choice in found:
            name = self._choice_name(choice, hint)
            schema = without_notes(self._read(choice, name))
            pairs.append((schema, name))
            if declared is not None and "$ref" in schema:
                self._tags.of_member(schema["$ref"].rpartition("/")[2], choice[0], declared)
        union = self._joined(pairs, merged.unions[0].pointer)
        return (
            {**union, "discriminator": property_of(declared)} if "anyOf" in union and property_of(declared) else union
        )

    @staticmethod
    def _choice_name(choice: Sources, hint: str) -> str:
        """After its own place for what stands for itself; what fits several schemas is named after where they meet."""
        if len(choice) == 1:
            return choice[0].hint
        for source in choice:
            hint = below(hint, source.word)
        return hint

    # -- members and items ------------------------------------------------------------------------------------------

    def _nested(self, sources: Sources, hint: str) -> JsonObject:
        """The schema of an item or a value: without notes, and with limits only behind a name."""
        schema = without_notes(self._read(sources, hint))
        return self._named_if_limited(schema, sources[0].pointer, hint)

    def _joined(self, schemas: list[tuple[JsonObject, str]], pointer: Pointer) -> JsonObject:
        """The union of schemas, each with a name in case that it needs one."""
        union = joined(schema for schema, _ in schemas)
        if len([member for member in union.get("anyOf", ()) if member != NULL]) < 2:
            return union
        named: list[JsonObject] = []
        for index, (schema, hint) in enumerate(schemas):
            for plain in schema.get("anyOf", [schema]):
                named.append(self._named_if_limited(plain, (*pointer, index), hint))
        return joined(named)

    def _named_if_limited(self, schema: JsonObject, pointer: Pointer, hint: str) -> JsonObject:
        """The schema, or the name of an alias if it has limits: only a field or an alias can carry these."""
        members = schema.get("anyOf", [schema])
        if not any(key in _LIMITS for member in members for key in member):
            return schema
        name = self._names.give(("limited", pointer, hint), hint, pointer=pointer)
        self.schemas[name] = schema
        self.moved[(*COMPONENTS, name)] = pointer
        return {"$ref": reference(name)}

    # -- notes and warnings -----------------------------------------------------------------------------------------

    def _noted(self, schema: JsonObject, merged: Merged) -> JsonObject:
        """The schema with null and notes."""
        with_null = nullable(schema) if merged.null == "yes" else schema
        return _with_notes(with_null, merged.notes)

    def _nothing(self, problem: ContradictionError, pointer: Pointer) -> JsonObject:
        if not problem.meant:
            self._tally.note("contradiction", f"{problem}: no value fits", pointer)
        return dict(NOTHING)

    def _note_unenforced(self, merged: Merged) -> None:
        for leaf in merged.leaves:
            for keyword in sorted(_NOT_ENFORCED & leaf.node.keys()):
                if leaf.node[keyword] is not False:
                    message = f"`{keyword}` has no Python type: only the server checks it, in JSON bodies"
                    self._tally.note("not-enforced", message, (*leaf.source.pointer, keyword))
            required = leaf.node.get("required")
            asked = [key for key in required if isinstance(key, str)] if is_array(required) else []
            if not merged.unions and not merged.properties.keys() >= set(asked):
                message = "`required` names a property that has no schema: it is not asked for"
                self._tally.note("not-enforced", message, (*leaf.source.pointer, "required"))


def _with_notes(schema: JsonObject, notes: JsonObject) -> JsonObject:
    """The schema with what is said of its place: a text, a value, and flags that are set."""
    return {**schema, **{key: notes[key] for key in KEPT if key in notes and _says_something(key, notes[key])}}


def _says_something(key: str, note: Json) -> bool:
    if key == "description":
        return isinstance(note, str) and bool(note.strip())
    if key == "examples":
        return is_array(note) and bool(note)
    return key == "default" or note is True


def _key(sources: Sources) -> frozenset[object]:
    """What tells a conjunction from every other one."""
    return frozenset(source.key for source in sources)
