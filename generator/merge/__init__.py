"""Several documents that make one API, merged after each was bundled.

Documentation sites give a page to every operation, and each page has a document of its own with the components that it
needs. What comes out does not depend on the order in which the pages are named: they are sorted by what they say.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from generator.bundle import Bundle
from generator.document import Document
from generator.errors import Diagnostic, SpecloomError
from generator.openapi import COMPONENT_SECTION, Kind, children, is_reference
from generator.tree import Json, JsonObject, Pointer, is_array, is_object, parse_pointer

from .meaning import exactly, first_difference, meaning
from .operations import Inherited, merge_paths
from .parts import Merging, Page, Part

__all__ = ["merged"]

_KINDS = {section: kind for kind, section in COMPONENT_SECTION.items()} | {"mediaTypes": "mediaType"}
_MADE = ("openapi", "info", "servers", "security", "tags", "paths", "webhooks", "components", "$self")
_NUMBERS = re.compile(r"\d+")


def merged(bundles: Sequence[Bundle], *, title: str, extra: Sequence[Document] = ()) -> Bundle:
    """The one document that these are pages of; ``title`` is its title where they have several.

    Components that say the same are one. A method and path that several pages document differently becomes one operation
    whose bodies and answers are unions, with a warning. ``extra`` are further files that took part.

    Raises :class:`SpecloomError` for components of one name that differ, and for versions that cannot be mixed.
    """
    ordered = sorted(bundles, key=_order)
    pages = [Page(number, bundle) for number, bundle in enumerate(ordered)]
    merging = Merging(pages)
    _write_version(merging)
    _write_info(merging, title)
    inherited = _write_shared(merging)
    made = merge_paths(merging, "paths", inherited)
    made |= merge_paths(merging, "webhooks", inherited)
    _write_components(merging)
    _write_tags(merging)
    _write_others(merging)
    _refuse_references(merging, made)
    errors = [item for item in merging.found if item.level == "error"]
    if errors:
        raise SpecloomError([*errors, *(item for page in pages for item in page.bundle.errors)])
    documents = {(item.name, item.source.skipped): item for page in pages for item in page.bundle.documents}
    return Bundle(
        tree=merging.tree,
        provenance=merging.provenance(),
        documents=tuple(documents[key] for key in sorted(documents)) + tuple(extra),
        warnings=(*(item for page in pages for item in _moved(merging, page, page.bundle.warnings)), *merging.found),
        errors=tuple(item for page in pages for item in _moved(merging, page, page.bundle.errors)),
        broken=tuple(dict.fromkeys(merging.home(page, at) for page in pages for at in page.bundle.broken)),
    )


def _order(bundle: Bundle) -> tuple[str, str, int]:
    """What the pages are sorted by: what they say. Names tell apart only those that say the same."""
    document, _ = bundle.provenance.sources[()]
    return json.dumps(bundle.tree), document.name, document.source.skipped


def _moved(merging: Merging, page: Page, found: Sequence[Diagnostic]) -> list[Diagnostic]:
    """Findings of a page, with their places in what was made of all."""
    return [
        (
            item
            if item.location.bundled is None
            else replace(item, location=replace(item.location, bundled=merging.home(page, item.location.bundled)))
        )
        for item in found
    ]


# -- the root ---------------------------------------------------------------------------------------------------------


def _root(page: Page) -> Part:
    return Part(page, (), page.bundle.tree)


def _everywhere(merging: Merging, *keys: str) -> list[Part]:
    """What stands at these keys, in every page that has it."""
    return [part for page in merging.pages if (part := _root(page).get(*keys)) is not None]


def _write_version(merging: Merging) -> None:
    """The newest of the versions, which differ in no more than the last number. Raises ``pages-version``."""
    versions = _everywhere(merging, "openapi")
    swagger = _everywhere(merging, "swagger")
    if swagger:
        message = "this is Swagger 2.0, of which only one document makes an API"
        hint = "convert the documents to OpenAPI 3"
        raise SpecloomError(Diagnostic("error", "pages-version", message, swagger[0].locate(), hint))
    by_minor: dict[tuple[int, ...], Part] = {}
    for part in versions:
        by_minor.setdefault(_numbers(part)[:2], part)
    if len(by_minor) > 1:
        (_, first), *others = sorted(by_minor.items())
        named = " and ".join(str(part.node) for _, part in sorted(by_minor.items()))
        message = f"these documents are of versions that cannot be mixed: {named}"
        related = tuple((f"{part.node}", part.locate()) for _, part in others)
        hint = "convert the documents to one version"
        raise SpecloomError(Diagnostic("error", "pages-version", message, first.locate(), hint, related))
    merging.put(("openapi",), max(versions, key=_numbers))


def _numbers(part: Part) -> tuple[int, ...]:
    return tuple(int(number[:9]) for number in _NUMBERS.findall(str(part.node)))


def _write_info(merging: Merging, title: str) -> None:
    """What the pages agree on. Of versions the newest; a page's own title and description are not the API's."""
    found = _everywhere(merging, "info")
    merging.write(("info",), {}, found[0] if found else _root(merging.pages[0]))
    by_key: dict[str, dict[str, Part]] = {}
    for key, part in ((key, part) for info in found for key, part in info.fields() if part.node not in ("", None)):
        by_key.setdefault(key, {}).setdefault(exactly(part.node), part)
    by_key.setdefault("title", {})
    for key, values in sorted(by_key.items(), key=lambda entry: (entry[0] != "title", entry[0])):
        parts = list(values.values())
        if len(parts) == 1:
            merging.put(("info", key), parts[0])
        elif key == "title":
            merging.write(("info", "title"), title, found[0] if found else _root(merging.pages[0]))
        elif key == "version":
            merging.put(("info", "version"), max(parts, key=lambda part: (_numbers(part), str(part.node))))


def _write_shared(merging: Merging) -> Inherited:
    """``servers`` and ``security`` of the root: what most pages say. The operations of the others say their own."""
    inherited: dict[Page, dict[str, Part]] = {page: {} for page in merging.pages}
    for key in ("servers", "security"):
        said = {page: _root(page).get(key) for page in merging.pages}
        texts = {page: exactly(part.node) if part is not None and part.node else "" for page, part in said.items()}
        # A page without servers says nothing of them, one without security says that none is needed (section 4.8.1).
        votes = Counter(text for text in texts.values() if text or key == "security")
        if not votes:
            continue
        chosen = max(votes, key=lambda text: (votes[text], text))
        first = next(page for page in merging.pages if texts[page] == chosen)
        if part := said[first]:
            merging.put((key,), part)
        for page, text in texts.items():
            if text != chosen and (text or key == "security"):
                inherited[page][key] = said[page] or Part(page, (), [])
    return inherited


def _write_tags(merging: Merging) -> None:
    found: dict[str, list[Part]] = {}
    listed = [part for part in _everywhere(merging, "tags") if is_array(part.node)]
    for part in (whole.child(index) for whole in listed for index in range(len(whole.node))):
        name = part.node.get("name") if is_object(part.node) else part.node
        found.setdefault(str(name), []).append(part)
    if found:
        merging.write(("tags",), [], listed[0])
        for index, (_, parts) in enumerate(sorted(found.items())):
            merging.put(("tags", index), _wordiest(parts))


def _write_others(merging: Merging) -> None:
    """What else stands in a root: entry by entry where it is an object, else what the first page says."""
    for page in merging.pages:
        for key, value in _root(page).fields():
            if key in _MADE:
                continue
            if key == "jsonSchemaDialect" or not (is_object(value.node) and is_object(merging.tree.get(key, {}))):
                _write_other(merging, key, value)
                continue
            if key not in merging.tree:
                merging.write((key,), {}, value)
            for name, entry in value.fields():
                if name not in merging.tree[key]:
                    merging.put((key, name), entry)
                elif exactly(entry.node) == exactly(merging.tree[key][name]):
                    merging.drop([entry], (key, name))


def _write_other(merging: Merging, key: str, part: Part) -> None:
    if key not in merging.tree:
        merging.put((key,), part)
    elif key == "jsonSchemaDialect" and merging.tree[key] != part.node:
        message = f"this dialect of JSON Schema is not that of other pages, {merging.tree[key]!r}"
        merging.found.append(
            Diagnostic("error", "pages-version", message, part.locate(), "convert the documents to one dialect")
        )


# -- components -------------------------------------------------------------------------------------------------------


def _write_components(merging: Merging) -> None:
    sections = _everywhere(merging, "components")
    if not sections:
        return
    merging.write(("components",), {}, sections[0])
    found: dict[str, dict[str, list[Part]]] = {}
    for section, part in ((key, part) for whole in sections for key, part in whole.fields()):
        entries = found.setdefault(section, {})
        for name, entry in part.fields():
            entries.setdefault(name, []).append(entry)
    for section in sorted(found):
        merging.write(("components", section), {}, sections[0])
        for name, parts in sorted(found[section].items()):
            _write_component(merging, _KINDS.get(section, ""), ("components", section, name), parts)


def _write_component(merging: Merging, kind: Kind, out: Pointer, parts: list[Part]) -> None:
    """One component for all that have the name, if they mean the same."""
    by_meaning: dict[str, list[Part]] = {}
    for part in parts:
        by_meaning.setdefault(meaning(kind, part.node) if kind else exactly(part.node), []).append(part)
    alike, *others = by_meaning.values()
    chosen = _wordiest(alike)
    merging.put(out, chosen)
    merging.drop((part for part in alike if part is not chosen), out)
    if others:
        _differ(merging, kind, out, [alike[0], *(parts[0] for parts in others)])
    elif len(texts := {exactly(part.node): part for part in parts}) > 1:
        message = f"`{out[-1]}` has other words in other pages; those of the page with the most are taken"
        related = tuple(("and here", part.locate(key=True)) for part in texts.values() if part is not chosen)
        hint = "nothing, if the words do not matter"
        where = chosen.locate(key=True)
        merging.found.append(Diagnostic("warning", "pages-wording", message, where, hint, related))


def _differ(merging: Merging, kind: Kind, out: Pointer, parts: list[Part]) -> None:
    one, other, *_ = parts
    way = first_difference(kind, one.node, other.node)
    what = f": `{'.'.join(map(str, way))}` differs" if way else ""
    message = f"`{out[-1]}` is not the same in {len(parts)} pages{what}"
    related = tuple(("not the same", part.locate(*way)) for part in parts[1:])
    hint = "mend the page that is wrong, give one of them another name, or leave one out of `spec`"
    merging.found.append(Diagnostic("error", "pages-differ", message, one.locate(*way), hint, related))


def _wordiest(parts: Sequence[Part]) -> Part:
    """The part with the most text."""
    return max(parts, key=lambda part: (len(exactly(part.node)), exactly(part.node)))


# -- references -------------------------------------------------------------------------------------------------------


def _refuse_references(merging: Merging, made: set[Pointer]) -> None:
    """Reports references into what does not stand in the merged document as it stood in the page."""
    for page in merging.pages:
        for at, target in _references(page.bundle.tree):
            there = _read(page.bundle.tree, target)
            if target[:1] == ("components",) or there is None:
                continue
            if target[:2] in made and len(target) == 2 and target[0] in ("paths", "webhooks"):
                continue  # a path that is another one: it was written out
            here = _read(merging.tree, target)
            if here is None or exactly(here) != exactly(there):
                message = "this reference leads into a part that several pages make together"
                hint = "make what it leads to a component"
                merging.found.append(Diagnostic("error", "pages-reference", message, page.locate((*at, "$ref")), hint))


def _references(tree: JsonObject) -> list[tuple[Pointer, Pointer]]:
    found: list[tuple[Pointer, Pointer]] = []
    waiting: list[tuple[Kind, Json, Pointer]] = [("document", tree, ())]
    while waiting:
        kind, node, at = waiting.pop()
        if is_reference(node) and node["$ref"].startswith("#/"):
            found.append((at, parse_pointer(node["$ref"][1:])))
        waiting += children(kind, node, at)
    return found


def _read(tree: Mapping[str, Json], pointer: Pointer) -> Json:
    node: Json = tree
    for token in pointer:
        if is_array(node):
            node = node[int(token)] if str(token).isdecimal() and int(token) < len(node) else None
        elif is_object(node):
            node = node.get(str(token))
        else:
            return None
    return node
