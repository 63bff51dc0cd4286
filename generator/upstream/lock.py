"""``upstream/lock.json``: of each URL that ``spec`` names, the file that holds the copy, and how it is told from another.

There is no time in it and no secret, its entries are sorted: the same documents give the same bytes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NoReturn

from generator import origins
from generator.errors import Location, SpecloomError, error
from generator.manifest import is_inside
from generator.tree import Json, is_array, is_object

FOLDER = "upstream"
"""The folder of an integration that holds what was fetched."""

LOCK = "lock.json"
"""The file in it that tells what that is."""

_DIGEST = re.compile(r"[0-9a-f]{64}")
_KEYS = ("url", "file", "sha256", "etag", "last_modified", "index")


@dataclass(frozen=True, slots=True)
class Entry:
    """One copy. ``url`` has no secrets; ``file`` is empty for a page without a document, which is not kept; ``index`` is the
    entry of ``spec`` whose links named the page.
    """

    url: str
    file: str
    sha256: str
    etag: str = ""
    last_modified: str = ""
    index: str = ""


@dataclass(frozen=True, slots=True)
class Lock:
    """The entries of a lock."""

    entries: tuple[Entry, ...]

    def find(self, url: str, *, index: str = "") -> Entry | None:
        """The copy of what stands at a URL."""
        named, below = origins.without_secrets(url), origins.without_secrets(index)
        return next((entry for entry in self.entries if entry.url == named and entry.index == below), None)

    def below(self, index: str) -> tuple[Entry, ...]:
        """The pages that an index named."""
        return tuple(entry for entry in self.entries if entry.index == origins.without_secrets(index))

    def render(self) -> bytes:
        """The file's content."""
        ordered = sorted(self.entries, key=lambda entry: (entry.index, entry.url))
        listed = [{key: value for key in _KEYS if (value := getattr(entry, key))} for entry in ordered]
        return (json.dumps({"sources": listed}, indent=2, sort_keys=True) + "\n").encode()


def locked(entries: Iterable[Entry]) -> Lock:
    """The lock of these entries, in its order."""
    return Lock(tuple(sorted(entries, key=lambda entry: (entry.index, entry.url))))


def parse(data: bytes, *, name: str) -> Lock:
    """The lock in a file. Raises ``broken-lock`` for what :meth:`Lock.render` did not write."""
    try:
        root: Json = json.loads(data)
    except ValueError as problem:
        _broken(name, str(problem))
    if not is_object(root) or root.keys() != {"sources"} or not is_array(root["sources"]):
        _broken(name, "the key 'sources' is expected, and no other")
    entries: list[Entry] = []
    for item in root["sources"]:
        if not is_object(item) or not all(isinstance(value, str) for value in item.values()):
            _broken(name, "a source is an object of strings")
        if not {"url", "sha256"} <= item.keys() <= set(_KEYS) or not _DIGEST.fullmatch(item["sha256"]):
            _broken(name, f"a source has the keys {', '.join(_KEYS)}")
        if (file := item.get("file")) and not is_inside(file):
            _broken(name, f"{file!r} is not the path of a copy")
        entries.append(Entry(**{"file": "", **item}))
    return locked(entries)


def _broken(name: str, message: str) -> NoReturn:
    found: SpecloomError = error(
        "broken-lock",
        f"this is not a lock that specloom wrote: {message}",
        Location(name),
        "restore it from version control, or delete it and run `specloom update`",
    )
    raise found
