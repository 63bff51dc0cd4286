"""Operations of several pages: the same method and path, documented several times, is one operation.

What callers may send is what any of the pages lets them send, and they may get what any of them says: bodies and answers
become ``anyOf`` (OpenAPI 3.1.1, section 4.8.24). A parameter is required where all pages require it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from generator.errors import Diagnostic
from generator.openapi import Kind, operations, path_of
from generator.tree import Json, JsonObject, Pointer, is_array, is_object

from .meaning import exactly, meaning
from .parts import Merging, Page, Part

Inherited = Mapping[Page, Mapping[str, Part]]
"""By page, what its operations have from its root and the merged document's root does not say."""

_JOINED = (
    "operationId",
    "summary",
    "description",
    "tags",
    "deprecated",
    "security",
    "servers",
    "requestBody",
    "responses",
)
_FROM_THE_ITEM = ("parameters", "servers")


@dataclass(frozen=True, slots=True)
class _Operation:
    """An operation with what it inherits from its path and its page."""

    part: Part
    fields: Mapping[str, Part]
    parameters: Sequence[Part]

    @property
    def value(self) -> JsonObject:
        written = {key: part.node for key, part in self.fields.items()}
        return {**written, **({"parameters": [part.node for part in self.parameters]} if self.parameters else {})}


def merge_paths(merging: Merging, section: str, inherited: Inherited) -> set[Pointer]:
    """Every path item of ``paths`` or ``webhooks``, by its key; gives the places of those that several pages made."""
    found: dict[str, list[Part]] = {}
    roots = [Part(page, (section,), page.bundle.tree[section]) for page in merging.pages if section in page.bundle.tree]
    for root in roots:
        for key, part in root.fields():
            name = path_of(key, root.node) if section == "paths" else key
            found.setdefault(name, []).append(part)
    if roots:
        merging.write((section,), {}, roots[0])
    made: set[Pointer] = {(section, key) for key, parts in found.items() if len(parts) > 1}
    for key in sorted(found):
        _merge_item(merging, (section, key), found[key], inherited, made)
    return made


def _merge_item(
    merging: Merging, out: tuple[str, str], parts: list[Part], inherited: Inherited, made: set[Pointer]
) -> None:
    if len(parts) == 1 and not inherited[parts[0].page]:
        target = parts[0].followed()
        merging.put(out, target if target.pointer in made else parts[0])
        return
    items = [part.followed() for part in parts]
    if not all(is_object(item.node) for item in items):
        merging.put(out, items[0])
        merging.drop(items[1:], out)
        return
    merging.write(out, {}, items[0])
    shared = {key for key in _FROM_THE_ITEM if len({exactly(item.node.get(key)) for item in items}) == 1}
    for key, part in ((key, part) for item in items for key, part in item.fields()):
        is_own = key in shared or (key not in _FROM_THE_ITEM and not _is_method(item_key=key, part=part))
        if is_own and key not in _at(merging, out):
            merging.put((*out, key), part)
    by_method: dict[tuple[str | int, ...], list[_Operation]] = {}
    for item in items:
        for method, node, way in operations(item.node):
            place = (method,) if len(way) == 1 else way
            operation = Part(item.page, (*item.pointer, *way), node)
            by_method.setdefault(place, []).append(_read(item, operation, inherited[item.page], shared))
    for place, several in sorted(by_method.items(), key=lambda entry: str(entry[0])):
        if len(place) > 1 and place[0] not in _at(merging, out):
            merging.write((*out, place[0]), {}, several[0].part)
        name = f"{str(place[-1] if place else '').upper()} {out[-1]}"
        _merge_operation(merging, (*out, *place), name, several)


def _is_method(*, item_key: str, part: Part) -> bool:
    return item_key == "additionalOperations" or any(
        way == (item_key,) for _, _, way in operations({item_key: part.node})
    )


def _at(merging: Merging, out: Pointer) -> Json:
    node: Json = merging.tree
    for token in out:
        node = node[token]
    return node


def _read(item: Part, operation: Part, inherited: Mapping[str, Part], shared: set[str]) -> _Operation:
    fields = {key: part for key, part in operation.fields() if key != "parameters"}
    servers = item.get("servers")
    if "servers" not in shared and servers is not None:
        fields.setdefault("servers", servers)
    for key, part in inherited.items():
        if key != "servers" or servers is None:
            fields.setdefault(key, part)
    own = _listed(operation.get("parameters"))
    above = _listed(item.get("parameters")) if "parameters" not in shared else []
    named = {_name_of(part) for part in own}
    return _Operation(operation, fields, [*(part for part in above if _name_of(part) not in named), *own])


def _listed(part: Part | None) -> list[Part]:
    return [part.child(index) for index in range(len(part.node))] if part is not None and is_array(part.node) else []


def _name_of(parameter: Part) -> tuple[str, str]:
    node = parameter.followed().node
    return (str(node.get("in")), str(node.get("name"))) if is_object(node) else ("", exactly(node))


def _merge_operation(merging: Merging, out: Pointer, name: str, several: Sequence[_Operation]) -> None:
    distinct = _different("operation", [(operation.value, operation) for operation in several])
    if len(distinct) == 1:
        chosen = distinct[0]
        merging.write(out, {}, chosen.part)
        for key, part in chosen.fields.items():
            merging.put((*out, key), part)
        _put_all(merging, (*out, "parameters"), chosen.parameters, chosen.part)
        merging.drop((operation.part for operation in several if operation is not chosen), out)
        return
    first, *others = distinct
    message = f"{name} is documented in {len(distinct)} ways: it takes and gives what any of them says"
    hint = "nothing, if they are one operation; otherwise leave out the pages that are not meant"
    where = tuple(("and here", operation.part.locate(key=True)) for operation in others)
    merging.found.append(
        Diagnostic("warning", "pages-union", message, first.part.locate(key=True), hint, where),
    )
    merging.write(out, {}, first.part)
    _Union(merging, out, distinct).write()


def _different(kind: Kind, found: Iterable[tuple[Json, _Operation]]) -> list[_Operation]:
    """One operation for each meaning, with the most words, in the order of the pages."""
    by_meaning: dict[str, list[tuple[str, _Operation]]] = {}
    for value, operation in found:
        bare = meaning(kind, {key: kept for key, kept in value.items() if key not in ("operationId", "tags")})
        by_meaning.setdefault(bare, []).append((exactly(value), operation))
    return [max(alike, key=lambda entry: (len(entry[0]), entry[0]))[1] for alike in by_meaning.values()]


def _put_all(merging: Merging, out: Pointer, parts: Sequence[Part], origin: Part) -> None:
    if parts:
        merging.write(out, [], origin)
        for index, part in enumerate(parts):
            merging.put((*out, index), part)


class _Union:
    """One operation out of several that differ."""

    def __init__(self, merging: Merging, out: Pointer, several: Sequence[_Operation]) -> None:
        self._merging = merging
        self._out = out
        self._several = several
        self._first = several[0].part

    def write(self) -> None:
        self._words()
        self._parameters()
        if bodies := self._all("requestBody"):
            self._body((*self._out, "requestBody"), bodies)
        self._answers(self._all("responses"))
        for key, part in ((key, part) for operation in self._several for key, part in operation.fields.items()):
            if key not in _JOINED and key not in _at(self._merging, self._out):
                self._merging.put((*self._out, key), part)

    def _all(self, key: str) -> list[Part]:
        return [operation.fields[key] for operation in self._several if key in operation.fields]

    def _words(self) -> None:
        """What is said of the operation as a whole. A name that not all pages give it is none."""
        ids = self._all("operationId")
        if len({exactly(part.node) for part in ids}) == 1:
            self._put("operationId", ids[0])
        if summaries := _texts(self._all("summary")):
            self._write("summary", min(summaries, key=lambda text: (len(text), text)))
        if descriptions := _texts(self._all("description")):
            self._write("description", "\n\n".join(descriptions))
        for key in ("tags", "servers"):
            listed = [item for part in self._all(key) for item in _listed(part)]
            if distinct := {exactly(item.node): item for item in listed}:
                self._write(key, [item.node for _, item in sorted(distinct.items())])
        if len(flags := self._all("deprecated")) == len(self._several) and all(part.node is True for part in flags):
            self._write("deprecated", True)
        self._security()

    def _security(self) -> None:
        """Whoever any of the pages lets in. What says nothing of it has what the root says."""
        said = self._all("security")
        if not said:
            return
        ways: list[Json] = [part.node for part in said]
        if len(said) < len(self._several):
            ways.append(self._merging.tree.get("security"))
        alternatives: dict[str, Json] = {}
        for listed in ways:
            nobody: Json = {}
            for way in listed if is_array(listed) and listed else [nobody]:
                alternatives[exactly(way)] = way
        every: list[Json] = [way for _, way in sorted(alternatives.items())]
        self._write("security", [] if every == [{}] else every)

    def _put(self, key: str, part: Part) -> None:
        self._merging.put((*self._out, key), part)

    def _write(self, key: str, value: Json) -> None:
        self._merging.write((*self._out, key), value, self._first)

    # -- parameters ----------------------------------------------------------------------------------

    def _parameters(self) -> None:
        found: dict[tuple[str, str], list[Part]] = {}
        for operation in self._several:
            for part in operation.parameters:
                found.setdefault(_name_of(part), []).append(part)
        if not found:
            return
        self._write("parameters", [])
        for index, (_, parts) in enumerate(sorted(found.items())):
            self._parameter((*self._out, "parameters", index), parts)

    def _parameter(self, out: Pointer, parts: list[Part]) -> None:
        resolved = [part.followed() for part in parts]
        is_everywhere = len(parts) == len(self._several)
        is_required = all(_is_required(part) for part in resolved)
        if len({exactly(part.node) for part in parts}) == 1 and is_everywhere | (not is_required):
            self._merging.put(out, parts[0])
            return
        self._merging.write(out, {}, resolved[0])
        for key, part in ((key, part) for whole in resolved for key, part in whole.fields()):
            if key not in ("required", "schema", "content", *_at(self._merging, out)):
                self._merging.put((*out, key), part)
        if (is_required and is_everywhere) or _name_of(resolved[0])[0] == "path":
            self._merging.write((*out, "required"), True, resolved[0])
        self._schemas((*out, "schema"), [part for whole in resolved if (part := whole.get("schema"))])
        self._content((*out, "content"), [part for whole in resolved if (part := whole.get("content"))])

    # -- bodies and answers --------------------------------------------------------------------------

    def _body(self, out: Pointer, parts: list[Part]) -> None:
        if self._is_one("requestBody", out, parts) and len(parts) == len(self._several):
            return
        resolved = [part.followed() for part in parts]
        self._merging.write(out, {}, resolved[0])
        if texts := _texts([part for whole in resolved if (part := whole.get("description"))]):
            self._merging.write((*out, "description"), "\n\n".join(texts), resolved[0])
        if len(parts) == len(self._several) and all(_is_required(whole) for whole in resolved):
            self._merging.write((*out, "required"), True, resolved[0])
        self._content((*out, "content"), [part for whole in resolved if (part := whole.get("content"))])

    def _answers(self, parts: list[Part]) -> None:
        if not parts:
            return
        self._merging.write((*self._out, "responses"), {}, parts[0])
        by_status: dict[str, list[Part]] = {}
        for status, part in ((status, part) for whole in parts for status, part in whole.fields()):
            by_status.setdefault(str(status), []).append(part)
        for status, answers in sorted(by_status.items()):
            self._answer((*self._out, "responses", status), answers)

    def _answer(self, out: Pointer, parts: list[Part]) -> None:
        if self._is_one("response", out, parts):
            return
        resolved = [part.followed() for part in parts]
        self._merging.write(out, {}, resolved[0])
        texts = _texts([part for whole in resolved if (part := whole.get("description"))])
        self._merging.write((*out, "description"), "\n\n".join(texts), resolved[0])
        for key in ("headers", "links"):
            self._entries((*out, key), [part for whole in resolved if (part := whole.get(key))])
        self._content((*out, "content"), [part for whole in resolved if (part := whole.get("content"))])

    def _is_one(self, kind: Kind, out: Pointer, parts: list[Part]) -> bool:
        """Puts what all the pages say, if they mean the same."""
        if len({meaning(kind, part.node) for part in parts}) > 1 or not all(is_object(part.node) for part in parts):
            return False
        chosen = max(parts, key=lambda part: (len(exactly(part.node)), exactly(part.node)))
        self._merging.put(out, chosen)
        self._merging.drop((part for part in parts if part is not chosen), out)
        return True

    def _content(self, out: Pointer, parts: list[Part]) -> None:
        """Bodies by media type."""
        found: dict[str, list[Part]] = {}
        for name, part in ((name, part) for whole in parts for name, part in whole.fields()):
            found.setdefault(name, []).append(part)
        if not found:
            return
        self._merging.write(out, {}, parts[0])
        for name, bodies in sorted(found.items()):
            here = (*out, name)
            if self._is_one("mediaType", here, bodies):
                continue
            self._merging.write(here, {}, bodies[0])
            for key in ("schema", "itemSchema"):
                self._schemas((*here, key), [part for body in bodies if (part := body.get(key))])
            for key in ("examples", "encoding"):
                self._entries((*here, key), [part for body in bodies if (part := body.get(key))])
            for key, part in ((key, part) for body in bodies for key, part in body.fields()):
                # The Media Type Object has one of both: `example` and `examples` (OpenAPI 3.1.1, section 4.8.14).
                is_extra = key == "example" and "examples" in _at(self._merging, here)
                if key not in ("schema", "itemSchema") and key not in _at(self._merging, here) and not is_extra:
                    self._merging.put((*here, key), part)

    def _entries(self, out: Pointer, parts: list[Part]) -> None:
        """Named entries of all the pages; of one name, that of the first."""
        for name, part in ((name, part) for whole in parts for name, part in whole.fields()):
            if out[-1] not in _at(self._merging, out[:-1]):
                self._merging.write(out, {}, parts[0])
            if name not in _at(self._merging, out):
                self._merging.put((*out, name), part)

    def _schemas(self, out: Pointer, parts: list[Part]) -> None:
        """A schema that takes what any of these takes."""
        by_meaning: dict[str, list[Part]] = {}
        for part in parts:
            by_meaning.setdefault(meaning("schema", part.node), []).append(part)
        chosen = [
            max(same, key=lambda part: (len(exactly(part.node)), exactly(part.node))) for same in by_meaning.values()
        ]
        if len(chosen) == 1:
            self._merging.put(out, chosen[0])
        elif chosen:
            self._merging.write(out, {"anyOf": []}, chosen[0])
            for index, part in enumerate(chosen):
                self._merging.put((*out, "anyOf", index), part)
        for same, kept in zip(by_meaning.values(), range(len(chosen)), strict=True):
            home = out if len(chosen) == 1 else (*out, "anyOf", kept)
            self._merging.drop((part for part in same if part is not chosen[kept]), home)


def _is_required(part: Part) -> bool:
    return is_object(part.node) and part.node.get("required") is True


def _texts(parts: Iterable[Part]) -> list[str]:
    """The distinct texts, without empty ones, in the order of the pages."""
    return list(dict.fromkeys(text for part in parts if isinstance(text := part.node, str) and text.strip()))
