"""What classes are called: components after their keys, inline schemas after the place where they stand.

A name never depends on what else the document holds, unless two places want the same one.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Mapping
from itertools import count

from generator.names import class_name, free, unique
from generator.tree import Json, Pointer, is_array, is_object

COMPONENTS: Pointer = ("components", "schemas")
LONGEST = 80
"""How long a name that we make up may be. Those of the document stay as they are."""

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z][^A-Z]*|[^A-Z]+")
_SPELLED = {
    ".": "Dot", "-": "Dash", "_": "Underscore", "/": "Slash", ":": "Colon", "+": "Plus", " ": "Space", "$": "Dollar",
    "<": "Of", "[": "Of", "(": "Of", "@": "At", "#": "Hash", "*": "Star", "&": "And", ",": "Comma", "~": "Tilde",
}  # fmt: skip


class ClassNames:
    """Who is called what. ``components`` holds the names of the named schemas, by where they stand.

    ``renames`` are the names that the user chose, by component or by the name that an inline schema would have. Nothing
    else gets one of them, and what is told apart by a number keeps it whatever else is renamed.
    """

    def __init__(self, keys: Iterable[str], renames: Mapping[str, str]) -> None:
        self.components: dict[Pointer, str] = {
            (*COMPONENTS, key): name for key, name in told_apart(keys, renames).items()
        }
        self._by_key: dict[Hashable, str] = {}
        self._renames = {key: name for key, name in renames.items() if (*COMPONENTS, key) not in self.components}
        self._given = set(self.components.values())
        self._taken = {*self._given, *self._renames.values()}

    def known(self, key: Hashable) -> str | None:
        """The name that was given to what has this key."""
        return self._by_key.get(key)

    def give(self, key: Hashable, hint: str, *, pointer: Pointer = ()) -> str:
        """The name of what has this key: the hint, or the first free name after it.

        Contents of one body in several media types are told apart by these, where ``pointer`` leads to one.
        """
        if key not in self._by_key:
            wanted = bounded(class_name(hint))
            name = next(name for name in _candidates(wanted, pointer) if name not in self._taken)
            self._taken.add(name)
            self._by_key[key] = free(self._renames[name], self._given) if name in self._renames else name
            self._given.add(self._by_key[key])
        return self._by_key[key]


def _candidates(wanted: str, pointer: Pointer) -> Iterator[str]:
    yield wanted
    if "content" in pointer[:-1]:
        media_type = str(pointer[pointer.index("content") + 1])
        yield bounded(wanted + property_name(media_type.rpartition("/")[2]))
    yield from (f"{wanted}{number}" for number in count(2))


def told_apart(keys: Iterable[str], renames: Mapping[str, str]) -> dict[str, str]:
    """The class name of each component. ``renames`` holds those that the user chose.

    Of several keys that make one name (``a.b``, ``aB``), the one that is written like it keeps it; the others spell out
    what makes them different (``ADotB``). A number is the last resort.
    """
    wanted = {key: renames.get(key, class_name(key)) for key in keys}
    often = Counter(wanted.values())
    chosen: dict[str, str] = {}
    for key, name in wanted.items():
        clear = often[name] == 1 or key in renames or key == name
        chosen[key] = name if clear else _spelled(key, name)
    ordered = sorted(chosen, key=lambda key: (key not in renames, chosen[key] != wanted[key]))
    final = dict(zip(ordered, unique(chosen[key] for key in ordered), strict=True))
    return {key: final[key] for key in chosen}


def _spelled(key: str, name: str) -> str:
    """``a.b`` -> ``ADotB``; ``aB``, which has nothing to spell out, -> ``LowerAB``."""
    spelled = class_name("".join(f" {_SPELLED[sign]} " if sign in _SPELLED else sign for sign in key))
    return spelled if spelled != name else f"Lower{name}" if key[:1].islower() else name


def bounded(name: str) -> str:
    """The name, or one that says how it starts and ends if it is longer than anybody reads.

    A digest of the whole name keeps what is shortened apart.
    """
    if len(name) <= LONGEST:
        return name
    words = [word for word in _WORD.findall(name) if word]
    head, tail = "", ""
    while words and len(head) + len(words[0]) <= LONGEST // 2 - 8:
        head += words.pop(0)
    while words and len(tail) + len(words[-1]) <= LONGEST // 2 - 8:
        tail = words.pop() + tail
    digest = hashlib.sha256(name.encode()).hexdigest()[:6].upper()
    return f"{head or name[:24]}{digest}{tail}"


def below(parent: str, word: str) -> str:
    """What a class in a part of another is called."""
    return bounded(parent + word)


def property_name(key: str) -> str:
    """The part that a property (or any other key) has in the names of the classes below it."""
    return class_name(f"a {key}")[1:] or "Field"


def member_words(members: list[Json], hint: str) -> list[str]:
    """What to add to the name of the union ``hint`` to name its members.

    That is their title, the class that they build on, their tag or their type; or what only they have.
    """
    wanted = [_member_word(member).removeprefix(hint) for member in members]
    often = Counter(wanted)
    for index, member in enumerate(members):
        if not wanted[index] or often[wanted[index]] > 1:
            told = _told_by_shape(member, [other for other in members if other is not member])
            wanted[index] = told or wanted[index]
    unnamed = wanted.count("")
    return [word or ("Other" if unnamed == 1 else f"Option{index + 1}") for index, word in enumerate(wanted)]


def _member_word(member: Json) -> str:
    if not is_object(member):
        return ""
    title = member.get("title")
    if isinstance(title, str) and title.strip():
        return property_name(title)
    parts = member.get("allOf")
    for link in (member, *(part for part in (parts if is_array(parts) else ()) if is_object(part))):
        if isinstance(link.get("$ref"), str):
            return property_name(link["$ref"].rpartition("/")[2])
    properties = member.get("properties")
    for schema in properties.values() if is_object(properties) else ():
        values = _literals(schema)
        if len(values) == 1 and isinstance(values[0], str) and values[0]:
            return property_name(values[0])
    kind = member.get("type")
    return property_name(kind) if isinstance(kind, str) and kind != "object" else ""


def _literals(schema: Json) -> list[Json]:
    if not is_object(schema):
        return []
    values = [schema["const"]] if "const" in schema else schema.get("enum", [])
    return values if is_array(values) else []


def _told_by_shape(member: Json, others: list[Json]) -> str:
    """What a member has and no other: a property, or the type of its items. Empty if there is no such thing."""
    if not is_object(member):
        return ""
    items = member.get("items")
    if is_object(items) and isinstance(items.get("type"), str):
        same = [other for other in others if is_object(other) and other.get("items") == items]
        return "" if same else property_name(f"{items['type']} array")
    theirs = {key for other in others for key in _keys(other)}
    alone = next((f"With{property_name(key)}" for key in _keys(member) if key not in theirs), "")
    return alone or ("Map" if is_object(member.get("additionalProperties")) and not _keys(member) else "")


def _keys(member: Json) -> list[str]:
    """The properties that a member knows, those that it needs first."""
    if not is_object(member):
        return []
    properties, required = member.get("properties"), member.get("required")
    needed = [key for key in (required if is_array(required) else []) if isinstance(key, str)]
    return [*needed, *(key for key in (properties if is_object(properties) else {}) if key not in needed)]
