"""Request bodies' schemas as JSON Schema 2020-12, for a validator that enforces what types cannot say.

Each is written out from the document itself rather than from the canonical schemas, which have lost what no type says.
Kept are the keywords that assert something, each only where it is valid: what is left compiles. Schemas of answers, which
examples are made of, keep what says what a value looks like as well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress

from generator.bundle import Bundle
from generator.identity import absolute
from generator.openapi import META_SCHEMA
from generator.tree import (
    Json,
    JsonObject,
    Pointer,
    encode_reference,
    format_pointer,
    is_array,
    is_object,
    parse_pointer,
    resolve,
)

from .keywords import PARTS, VALUES
from .patterns import Effort, effort, is_sound
from .typed import typed
from .values import Tally

URI = "https://specloom.invalid/schemas.json"
"""What the schemas refer to each other by where a document has resources of its own."""

LONGEST = 10_000
"""The longest string that is held against a pattern whose time is quadratic in it: some tenths of a second."""

MANY_WAYS = 10_000
"""How often a validator may look at one and the same value, by all the ways that lead through a schema."""

_IN_PLACE = ("allOf", "anyOf", "oneOf", "not", "if", "then", "else")
_COMPONENTS: Pointer = ("components", "schemas")
_LOOKS = frozenset(["example", "examples", "default", "readOnly", "writeOnly", "contentEncoding", "contentMediaType"])


class ExactSchemas:
    """Gathers the schemas, each under a key, with all that they refer to.

    They are schemas of requests: nothing that is ``readOnly`` is required (OpenAPI 3.1.0, 4.8.24.4). Where a
    ``discriminator`` says which member of a ``oneOf`` a value is, it may fit others as well (4.8.25).

    ``of_answers`` gathers schemas of answers instead: nothing that is ``writeOnly`` is required, none is left out because
    types say it all, references are absolute, and ``discriminator`` has a reference for each of its ``mapping``.
    """

    def __init__(
        self,
        bundle: Bundle,
        *,
        upconvert: Callable[[JsonObject], JsonObject],
        tally: Tally,
        of_answers: bool = False,
    ) -> None:
        self._of_answers = of_answers
        self._tree = bundle.tree
        self._upconvert = upconvert
        self._tally = tally
        self._dynamic = any("$dynamicRef" in document.text for document in bundle.documents)
        self._definitions: JsonObject = {}
        self._targets: dict[str, Pointer] = {}
        self._names: dict[Pointer, str] = {}
        self._pending: list[Pointer] = []
        self._places: dict[str, Pointer] = {}
        self._uses: dict[str, set[str]] = {}
        self._added: dict[Pointer, str] = {}

    def add(self, wanted: str, pointer: Pointer) -> str:
        """Takes the schema at ``pointer`` in, as ``wanted`` if that is free; gives its key, empty if types say it all."""
        if pointer not in self._added:
            self._added[pointer] = self._taken_in(wanted, pointer)
        return self._added[pointer]

    def _taken_in(self, wanted: str, pointer: Pointer) -> str:
        schema = self._converted(resolve(self._tree, pointer), pointer)
        uses = self._settled(schema)
        if not self._of_answers and typed(schema, self._referred):
            return ""
        if self._ways(schema) > MANY_WAYS:
            message = "this schema multiplies its parts: what types cannot say of it is not checked"
            self._tally.note("not-enforced", message, pointer)
            return ""
        name = self._free_name(wanted)
        self._definitions[name], self._uses[name] = schema, uses
        if not is_sound(self._document([name]), URI + encode_reference(("$defs", name))):
            message = "a validator does not take this schema: what types cannot say of it is not checked"
            self._tally.note("not-enforced", message, pointer)
            return ""
        return name

    def document(self) -> JsonObject:
        """The schemas that were taken in, by key, and what they refer to; empty if there are none."""
        keys = [key for key in self._added.values() if key]
        return self._document(keys) if keys or self._of_answers else {}

    def _document(self, roots: Iterable[str]) -> JsonObject:
        reached, pending = set[str](), list(roots)
        while pending:
            name = pending.pop()
            if name not in reached:
                reached.add(name)
                pending += self._uses[name]
        definitions = {name: node for name, node in self._definitions.items() if name in reached}
        return {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": URI, "$defs": definitions}

    # -- one schema -------------------------------------------------------------------------------------------------

    def _converted(self, node: Json, pointer: Pointer) -> Json:
        if not is_object(node):
            return node if isinstance(node, bool) else True
        node = self._upconvert(node)
        found: JsonObject = {}
        for keyword, value in node.items():
            found |= self._keyword(keyword, value, node, pointer)
        self._bound_patterns(found, pointer)
        self._soften(found, node)
        nullable = node.get("x-nullable") is True
        return {"anyOf": [{"type": "null"}, found]} if nullable else found

    def _keyword(self, keyword: str, value: Json, node: JsonObject, pointer: Pointer) -> JsonObject:
        """What stands for one keyword, nothing if it asserts nothing or is not valid."""
        at = (*pointer, keyword)
        if keyword == "$ref":
            # Beside a dynamic reference it is what that leads to where nothing comes in between.
            return {} if "$dynamicRef" in node else self._reference(value)
        if keyword in ("$id", "$dynamicAnchor", "$dynamicRef"):
            if isinstance(value, str) and META_SCHEMA.fullmatch(value):
                return {"$ref": value} if keyword == "$dynamicRef" else {}
            return {keyword: value} if self._dynamic and isinstance(value, str) else {}
        if keyword == "dependencies" and is_object(value):
            return self._dependencies(value, at)
        if keyword == "additionalItems":
            return {"items": self._converted(value, at)} if is_array(node.get("items")) else {}
        if keyword == "items" and is_array(value):
            return {"prefixItems": self._each(value, at)} if value else {}
        if keyword in VALUES:
            return {keyword: value} if VALUES[keyword](value) else {}
        if self._of_answers and keyword in _LOOKS:
            return {keyword: value}
        if self._of_answers and keyword == "discriminator" and is_object(value):
            return {keyword: self._discriminator(value)}
        match PARTS.get(keyword):
            case "schema" if is_object(value) or isinstance(value, bool):
                return {keyword: self._converted(value, at)}
            case "list" if is_array(value) and value:
                return {keyword: self._each(value, at)}
            case "map" if is_object(value):
                return {keyword: {name: self._converted(part, (*at, name)) for name, part in value.items()}}
            case _:
                return {}

    def _discriminator(self, value: JsonObject) -> JsonObject:
        """With references for what its mapping says, which may be the names of schemas (OpenAPI 3.1.0, 4.8.25)."""
        mapping = value.get("mapping")
        named: JsonObject = self._tree.get("components", {}).get("schemas", {})
        found: JsonObject = {}
        for tag, target in mapping.items() if is_object(mapping) else ():
            reference = encode_reference((*_COMPONENTS, target)) if target in named else target
            if isinstance(reference, str) and reference.startswith("#"):
                with suppress(KeyError):
                    found[tag] = self._reference(reference)
        return {"propertyName": value.get("propertyName"), "mapping": found}

    def _each(self, values: list[Json], at: Pointer) -> list[Json]:
        return [self._converted(value, (*at, index)) for index, value in enumerate(values)]

    def _dependencies(self, value: JsonObject, at: Pointer) -> JsonObject:
        """``dependencies`` of older drafts, as the two keywords that it became (JSON Schema 2019-09 Core, 10.2)."""
        lists = {key: names for key, names in value.items() if is_array(names)}
        schemas = {key: self._converted(part, (*at, key)) for key, part in value.items() if key not in lists}
        found: JsonObject = {"dependentRequired": lists} if VALUES["dependentRequired"](lists) and lists else {}
        return {**found, "dependentSchemas": schemas} if schemas else found

    def _soften(self, found: JsonObject, node: JsonObject) -> None:
        """Takes back what is not meant of a request, or cannot be meant at all."""
        if "oneOf" in found and is_object(node.get("discriminator")):
            members = found.pop("oneOf")
            if "anyOf" in found:
                found["allOf"] = [*found.get("allOf", []), {"anyOf": members}]
            else:
                found["anyOf"] = members
        if "required" in found:
            needed = [name for name in found["required"] if not self._is_one_way(node, name)]
            found["required"] = needed
            if not needed:
                del found["required"]

    def _is_one_way(self, node: Json, name: str) -> bool:
        """Whether a property only goes the other way, as the schema or what it includes says."""
        other_way = "writeOnly" if self._of_answers else "readOnly"
        pending, seen = [node], set[int]()
        while pending:
            node = pending.pop()
            if not is_object(node) or id(node) in seen:
                continue
            seen.add(id(node))
            properties = node.get("properties")
            member = properties.get(name) if is_object(properties) else None
            if is_object(member):
                target = self._behind(member)
                if member.get(other_way) is True or (is_object(target) and target.get(other_way) is True):
                    return True
            pending += node["allOf"] if is_array(node.get("allOf")) else []
            pending += [self._behind(node)] if isinstance(node.get("$ref"), str) else []
        return False

    def _bound_patterns(self, found: JsonObject, at: Pointer) -> None:
        """Leaves the patterns that can be checked in a time that nobody can make long."""
        if "pattern" in found:
            match self._effort(found["pattern"], (*at, "pattern")):
                case "linear":
                    pass
                case "quadratic":
                    message = (
                        f"this pattern looks around at every place: strings above {LONGEST:,} characters are refused"
                    )
                    self._tally.note("pattern-bounded", message, (*at, "pattern"))
                    found["maxLength"] = min(found.get("maxLength", LONGEST), LONGEST)
                case "impossible":
                    del found["pattern"]
        patterns: JsonObject = found.get("patternProperties", {})
        lasting = [name for name in patterns if self._effort(name, (*at, "patternProperties", name)) != "linear"]
        for name in lasting:
            del patterns[name]
        if lasting:
            # Which properties are additional is not known any more.
            found.pop("additionalProperties", None)
            found.pop("unevaluatedProperties", None)

    def _effort(self, pattern: str, at: Pointer) -> Effort:
        found = effort(pattern)
        if found == "impossible" or (found == "quadratic" and at[-1] != "pattern"):
            self._tally.note("pattern-not-enforced", "this pattern cannot be checked in a bounded time", at)
        return found

    # -- references -------------------------------------------------------------------------------------------------

    def _reference(self, reference: Json) -> JsonObject:
        """The reference with the pointer that it leads to, until it is known what becomes of that."""
        if not isinstance(reference, str):
            return {}
        target = self._target(reference)
        self._named(target[:3] if target[:2] == _COMPONENTS else target)
        return {"$ref": target}

    def _target(self, reference: str) -> Pointer:
        if reference not in self._targets:
            # The bundle stage has followed every reference: this one is local and leads somewhere.
            node: Json = self._tree
            target: Pointer = ()
            for token in parse_pointer(reference.removeprefix("#")):
                step = int(token) if is_array(node) else token
                target, node = (*target, step), resolve(node, (step,))
            self._targets[reference] = target
        return self._targets[reference]

    def _behind(self, node: JsonObject) -> Json:
        reference = node.get("$ref")
        if not isinstance(reference, str):
            return node
        return resolve(self._tree, self._target(reference))

    def _named(self, pointer: Pointer) -> str:
        """What the schema at ``pointer`` is called among the definitions; it is converted when its turn comes."""
        if pointer not in self._names:
            wanted = str(pointer[-1]) if pointer[:-1] == _COMPONENTS else format_pointer(pointer)
            self._names[pointer] = self._free_name(wanted)
            self._pending.append(pointer)
        return self._names[pointer]

    def _free_name(self, wanted: str) -> str:
        while wanted in self._definitions:
            wanted += "_"
        self._definitions[wanted] = True
        return wanted

    def _settled(self, schema: Json) -> set[str]:
        """Leads every reference of the schema, and of what it needs, to where its target is; gives the names in it."""
        unsettled: list[tuple[Json, set[str]]] = [(schema, uses := set[str]())]
        while unsettled:
            while self._pending:
                pointer = self._pending.pop()
                name, self._uses[name] = self._names[pointer], set()
                self._definitions[name] = self._converted(resolve(self._tree, pointer), pointer)
                unsettled.append((self._definitions[name], self._uses[name]))
            node, names = unsettled.pop()
            for holder in _unsettled(node):
                home, rest = self._home(holder["$ref"])
                names.add(home)
                holder["$ref"] = self._spelled(("$defs", home, *rest))
        return uses

    def _home(self, target: Pointer) -> tuple[str, Pointer]:
        """The definition that a pointer leads into, and the way from there."""
        if target[:2] == _COMPONENTS and target not in self._names:
            home = self._names[target[:3]]
            try:
                if _is_schema(resolve(self._definitions[home], target[3:])):
                    return home, target[3:]
            except KeyError:
                pass  # The way leads through what asserts nothing, and so is not there.
        return self._named(target), ()

    def _spelled(self, pointer: Pointer) -> str:
        """The reference to a place among the definitions, from the resource that it is in where there are several."""
        if not self._dynamic:
            return (URI if self._of_answers else "") + encode_reference(pointer)
        node: Json = {"$defs": self._definitions}
        uri, start = URI, 0
        for depth, token in enumerate(pointer, 1):
            node = resolve(node, (token,))
            if is_object(node) and isinstance(node.get("$id"), str):
                uri, start = absolute(uri, node["$id"]), depth
        reference = uri + encode_reference(pointer[start:])
        self._places[reference] = pointer
        return reference

    def _referred(self, reference: str) -> Json:
        """What a settled reference leads to; None for what defines JSON Schema itself."""
        if META_SCHEMA.fullmatch(reference):
            return None
        pointer = self._places[reference] if self._dynamic else parse_pointer(reference.partition("#")[2])
        return resolve({"$defs": self._definitions}, pointer)

    def _ways(self, schema: Json) -> int:
        """How many schemas are asked about one value, each as often as ways lead to it; one in a circle counts once."""
        ways: dict[int, int] = {}
        entered, stack = set[int](), [schema]
        while stack:
            node = stack[-1]
            beside = list(self._beside(node))
            further = [part for part in beside if id(part) not in ways]
            if id(node) not in entered and further:
                entered.add(id(node))
                stack += further
            else:
                ways.setdefault(id(node), 1 + sum(ways.get(id(part), 0) for part in beside))
                stack.pop()
        return ways[id(schema)]

    def _beside(self, node: Json) -> Iterator[Json]:
        """The schemas that a schema asks about the same value."""
        if not is_object(node):
            return
        if isinstance(node.get("$ref"), str):
            yield self._referred(node["$ref"])
        for keyword in _IN_PLACE:
            value = node.get(keyword)
            yield from value if is_array(value) else [value]
        dependent = node.get("dependentSchemas")
        yield from dependent.values() if is_object(dependent) else ()


def _unsettled(node: Json) -> Iterator[JsonObject]:
    """The schemas below ``node`` with a reference that is still a pointer, which no JSON value is."""
    stack = [node]
    while stack:
        node = stack.pop()
        if is_object(node):
            if isinstance(node.get("$ref"), tuple):
                yield node
            stack += node.values()
        elif is_array(node):
            stack += node


def _is_schema(node: Json) -> bool:
    return is_object(node) or isinstance(node, bool)
