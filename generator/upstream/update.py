"""All the documents of an integration that are on the network: fetched, and written with their lock in one step."""

from __future__ import annotations

import re
import shutil
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from posixpath import splitext
from urllib.parse import unquote, urljoin, urlsplit

from generator import atomic, manifest, markdown, origins
from generator.config import Integration
from generator.errors import Diagnostic, Location, SpecloomError, error
from generator.load import load_all, load_text
from generator.sources import holds_document, page_links

from .fetch import Fetcher, Limits
from .lock import FOLDER, LOCK, Entry, Lock, locked, parse

PARTS = ".upstream.part"
"""The folder of an integration that holds what arrived before a connection broke."""

MAX_PAGES = 2_000
"""How many pages an index may name."""

_ODD = re.compile(r"[^A-Za-z0-9._-]+")


@dataclass(frozen=True, slots=True)
class Moved:
    """A source that is not what it was, ``new``, or ``gone``."""

    url: str
    how: str


@dataclass(frozen=True, slots=True)
class Update:
    """What the network says: the lock as it would be, the files by their path in ``upstream/``, and what moved."""

    lock: Lock
    files: Mapping[str, bytes]
    moved: tuple[Moved, ...]


async def ask(integration: Integration, limits: Limits) -> Update:
    """Asks for every document of the integration that is on the network. Writes nothing but what arrived in part.

    Raises :class:`SpecloomError` with everything that went wrong.
    """
    old = _old_lock(integration)
    async with Fetcher(limits, parts=integration.root / PARTS) as fetcher:
        asking = _Asking(integration, old, fetcher)
        wrong: list[Diagnostic] = []
        for index, text in enumerate(integration.spec):
            try:
                await asking.source(text, integration.locate_spec(index))
            except SpecloomError as problem:
                wrong += problem.diagnostics
    if wrong:
        raise SpecloomError(wrong)
    found = asking.found
    names = _names([entry for entry, _ in found if entry.file])
    entries = [replace(entry, file=names.get((entry.index, entry.url), "")) for entry, _ in found]
    files = {entry.file: data for entry, (_, data) in zip(entries, found, strict=True) if entry.file}
    return Update(locked(entries), files, tuple(_moved(old, entries)))


def has_sources(integration: Integration) -> bool:
    """Whether anything of the integration is on the network."""
    return any(origins.kind_of(text) == "url" or origins.is_index(text) for text in integration.spec)


def write(integration: Integration, update: Update) -> bool:
    """Puts the documents and their lock into ``upstream/``, all at once; whether anything is different then.

    What else is in the folder stays. Raises ``OSError`` when the disk says no.
    """
    folder = integration.root / FOLDER
    files = {**update.files, LOCK: update.lock.render()}
    if not update.lock.entries or all(_content(folder / name) == data for name, data in files.items()):
        return False
    ours = {LOCK, *(entry.file for entry in _old_lock(integration).entries)}
    with atomic.workspace(folder) as work:
        staged = work / "new"
        staged.mkdir()
        for path in sorted(folder.rglob("*")) if folder.is_dir() else ():
            name = path.relative_to(folder).as_posix()
            if name not in ours and name not in files and not path.is_dir():
                (staged / name).parent.mkdir(parents=True, exist_ok=True)
                atomic.link_or_copy(path, staged / name)
        for name, data in sorted(files.items()):
            (staged / name).parent.mkdir(parents=True, exist_ok=True)
            atomic.write_file(staged / name, data)
        atomic.swap(staged, folder, work=work)
    shutil.rmtree(integration.root / PARTS, ignore_errors=True)
    return True


def _content(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None


def _old_lock(integration: Integration) -> Lock:
    name = f"{FOLDER}/{LOCK}"
    try:
        return parse(integration.read(name), name=name)
    except FileNotFoundError:
        return Lock(())


class _Asking:
    def __init__(self, integration: Integration, old: Lock, fetcher: Fetcher) -> None:
        self._integration = integration
        self._old = old
        self._fetcher = fetcher
        self.found: list[tuple[Entry, bytes]] = []

    async def source(self, text: str, named: Location) -> None:
        """What one entry of ``spec`` names, as far as it is on the network."""
        is_url = origins.kind_of(text) == "url"
        if not origins.is_index(text):
            if is_url:
                data = await self._fetch(text, named)
                _refuse_other(data, text, named)
            return
        if is_url:
            data = await self._fetch(text, named)
            pages = [page for link in _links(data) if (page := _page_of(text, link.target))]
        else:
            links = _links(self._integration.read(text))
            pages = [link.target for link in links if origins.kind_of(link.target) == "url"]
        if len(pages) > MAX_PAGES:
            message = f"this index names {len(pages):,} pages, more than the {MAX_PAGES:,} that are fetched"
            raise error("upstream-large", message, named, "name the pages themselves")
        wrong: list[Diagnostic] = []
        for page in dict.fromkeys(pages):
            try:
                await self._fetch(page, named, index=text)
            except SpecloomError as problem:
                wrong += problem.diagnostics
        if wrong:
            raise SpecloomError(wrong)

    async def _fetch(self, url: str, named: Location, *, index: str = "") -> bytes:
        """What stands at a URL now, from the network or from the copy that is still the same."""
        known = self._old.find(url, index=index)
        kept = self._kept(known)
        answer = await self._fetcher.fetch(url, named=named, known=known if kept is not None else None)
        data = answer.data if answer.data is not None else kept
        if data is None:
            raise error(
                "upstream-broken", f"{origins.without_secrets(url)}: nothing changed, it says", named, "try again"
            )
        file = "" if index and data and not holds_document(data, name=_path_of(url)) else "kept"
        entry = Entry(
            url=origins.without_secrets(url),
            file=file,
            sha256=manifest.digest(data),
            etag=answer.etag,
            last_modified=answer.last_modified,
            index=origins.without_secrets(index),
        )
        self.found.append((entry, data))
        return data

    def _kept(self, known: Entry | None) -> bytes | None:
        """The copy that is there, if it is the one of the lock."""
        if known is None or not known.file:
            return None
        data = _content(self._integration.root / FOLDER / known.file)
        return data if data is not None and manifest.digest(data) == known.sha256 else None


def _links(index: bytes) -> list[markdown.Link]:
    return page_links(load_text(index, name="llms.txt"))


def _page_of(index: str, target: str) -> str:
    """The URL of a link, if it leads to a page of the same site: an index is somebody else's text."""
    try:
        page = urljoin(index, target)
    except ValueError:
        return ""
    is_page = origins.kind_of(page) == "url" and origins.problem(page) is None
    return page if is_page and origins.origin(page) == origins.origin(index) else ""


def _refuse_other(data: bytes, url: str, named: Location) -> None:
    """Refuses what is no document at all, or one with mistakes in its text, before it takes the place of one that is."""
    shown = origins.without_secrets(url)
    try:
        documents = load_all(data, name=_path_of(url))
    except SpecloomError as problem:
        first = problem.diagnostics[0]
        message = f"{shown}: what stands there cannot be read (line {first.location.line}): {first.message}"
        raise error("upstream-type", message, named, first.hint or "name the document itself") from problem
    if not any("openapi" in document.root or "swagger" in document.root for document in documents):
        raise error("upstream-type", f"{shown}: there is no OpenAPI document", named, "name the document itself")


def _moved(old: Lock, entries: Sequence[Entry]) -> Iterator[Moved]:
    before = {(entry.index, entry.url): entry for entry in old.entries}
    now = {(entry.index, entry.url): entry for entry in entries}
    for key in sorted(before.keys() | now.keys()):
        if key not in before:
            yield Moved(key[1], "new")
        elif key not in now:
            yield Moved(key[1], "gone")
        elif before[key].sha256 != now[key].sha256:
            yield Moved(key[1], "changed")


# -- names of copies --------------------------------------------------------------------------------------------------


def _path_of(url: str) -> str:
    """The path of a URL as that of a file, of letters, digits, dots and dashes alone."""
    parts = [_ODD.sub("-", part).strip(".-") for part in unquote(urlsplit(url).path).split("/")]
    return PurePosixPath(*[part[:80] for part in parts if part] or ["document"]).as_posix()


def _names(entries: Sequence[Entry]) -> dict[tuple[str, str], str]:
    """The path of each copy: that of its URL, with a digest of the whole where that alone does not tell it from others."""
    paths = {(entry.index, entry.url): _path_of(entry.url) for entry in entries}
    folders = {parent.as_posix() for path in paths.values() for parent in PurePosixPath(path).parents}
    often = Counter(path.lower() for path in paths.values())
    names: dict[tuple[str, str], str] = {}
    for key, path in paths.items():
        if often[path.lower()] > 1 or path in folders or path.lower() == LOCK or urlsplit(key[1]).query:
            stem, suffix = splitext(path)
            path = f"{stem}-{manifest.digest(repr(key).encode())[:8]}{suffix}"
        names[key] = path
    return names
