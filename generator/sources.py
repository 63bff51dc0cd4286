"""The documents that ``spec`` names, read: files, files at a git revision, what ``specloom update`` fetched, indexes of pages.

Nothing here asks the network: of a URL the copy below ``upstream/`` is read, if it is the one that the lock tells of.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from posixpath import dirname, normpath
from urllib.parse import unquote

from generator import markdown, origins, revisions
from generator.config import Integration
from generator.document import Document, Source, read_yaml
from generator.errors import Diagnostic, Location, SpecloomError, error
from generator.load import load, load_all, load_text
from generator.manifest import digest
from generator.openapi import METHODS
from generator.tree import is_object
from generator.upstream.lock import FOLDER, LOCK, Entry, Lock, parse

Read = Callable[[str], bytes]

PAGES = (".md", ".mdx", ".markdown", ".yaml", ".yml", ".json")
"""What a link of an index must end in to be looked at."""


@dataclass(frozen=True, slots=True)
class Entrance:
    """A document to start from, and how the files are read that it refers to."""

    document: Document
    read: Read


@dataclass(slots=True)
class Sources:
    """What ``spec`` gives: the documents, and the files that only lead to them."""

    entrances: list[Entrance] = field(default_factory=list[Entrance])
    extra: list[Document] = field(default_factory=list[Document])


def read_sources(integration: Integration) -> Sources:
    """Every document that the settings name. Raises :class:`SpecloomError` with everything that is wrong with any of them."""
    reading = _Reading(integration)
    wrong: list[Diagnostic] = []
    for index, text in enumerate(integration.spec):
        try:
            reading.entry(text, integration.locate_spec(index))
        except SpecloomError as problem:
            wrong += problem.diagnostics
    if wrong:
        raise SpecloomError(wrong)
    return reading.found


class _Reading:
    def __init__(self, integration: Integration) -> None:
        self._integration = integration
        self._lock: Lock | None = None
        self.found = Sources()

    def entry(self, text: str, named: Location) -> None:
        """What one entry of ``spec`` names; ``named`` is where it stands."""
        match origins.kind_of(text):
            case "file" if origins.is_index(text):
                self._index(text, named)
            case "file":
                self._take(self._bytes(text, named), text, self._integration.read)
            case "revision":
                self._revision(text, named)
            case "url" if origins.is_index(text):
                self._fetched(text, named)
                self._several(self._pages_of(text), named, text)
            case "url":
                self._take(*self._fetched(text, named))

    # -- files ---------------------------------------------------------------------------------------

    def _bytes(self, path: str, named: Location) -> bytes:
        try:
            return self._integration.read(path)
        except FileNotFoundError as missing:
            hint = "name the document by its path from the folder of these settings"
            raise error("file-missing", f"there is no file {path}", named, hint) from missing

    def _take(self, data: bytes, name: str, read: Read) -> None:
        """The documents of a file; a page that points at one stands for the operation that it names."""
        try:
            documents = load_all(data, name=name)
        except SpecloomError as problem:
            if problem.diagnostics[0].code != "markdown-no-document":
                raise
            pointer = _pointer(load_text(data, name=name))
            if pointer is None:
                raise
            documents = (self._pointed(pointer, read),)
            self.found.extra.append(load_text(data, name=name))
        self.found.entrances += [Entrance(document, read) for document in documents]

    def _pointed(self, pointer: _Pointer, read: Read) -> Document:
        """The document that a page names, without the operations that it does not."""
        if not pointer.file:
            message = f"this page only names {pointer.method} {pointer.path} of a document, and holds none"
            hint = "name the document itself under `spec`, and `include` the operations that you want"
            raise error("page-pointer", message, pointer.place, hint)
        try:
            document = load(read(pointer.file), name=pointer.file)
        except FileNotFoundError as missing:
            hint = "put that file into the folder of the settings, or name the document itself under `spec`"
            raise error("page-pointer", f"there is no file {pointer.file}", pointer.place, hint) from missing
        paths = document.root.get("paths")
        item = paths.get(pointer.path) if is_object(paths) else None
        key = next((key for key in item if key.lower() == pointer.method.lower()), "") if is_object(item) else ""
        if not is_object(item) or not key:
            message = f"{pointer.file} has no operation {pointer.method} {pointer.path}"
            raise error("page-pointer", message, pointer.place, "correct the method or the path")
        kept = {name: value for name, value in item.items() if name == key or name.lower() not in METHODS}
        return replace(document, root={**document.root, "paths": {pointer.path: kept}})

    def _revision(self, text: str, named: Location) -> None:
        revision, path = origins.split_revision(text)
        root = self._integration.root
        if not revisions.exists(revision, at=root):
            hint = "name a commit, a tag or a branch of the repository that this folder is in"
            raise error("no-revision", f"git knows no revision '{revision}' here", named, hint)
        # So the names of all files tell their revision, and relative references keep it.
        prefix = f"{revision}:./"

        def read(name: str) -> bytes:
            if not name.startswith(prefix):
                message = f"'{name}' leads out of the folder of the spec"
                raise error("outside-root", message, Location(name), "copy the file below that folder")
            return revisions.read(revision, name.removeprefix(prefix), at=root)

        name = prefix + normpath(path)
        try:
            self._take(read(name), name, read)
        except FileNotFoundError as missing:
            hint = "paths start at the folder of these settings"
            raise error("file-missing", f"there is no file {path} at {revision}", named, hint) from missing

    # -- indexes -------------------------------------------------------------------------------------

    def _index(self, path: str, named: Location) -> None:
        """The pages that an index in this folder names, by relative links and by URLs."""
        index = load_text(self._bytes(path, named), name=path)
        self.found.extra.append(index)
        folder = dirname(path)
        links = page_links(index)
        pages: list[tuple[bytes, str, Read]] = []
        for link in links:
            if origins.kind_of(link.target) == "url":
                continue
            name = normpath(f"{folder}/{unquote(link.target)}" if folder else unquote(link.target))
            pages.append((self._bytes(name, index.source.line(link.line)), name, self._integration.read))
        if any(origins.kind_of(link.target) == "url" for link in links):
            pages += self._pages_of(path)
            if not self._locked(named).below(path):
                raise self._never(path, named)
        self._several(pages, named, path)

    def _several(self, pages: Iterable[tuple[bytes, str, Read]], named: Location, index: str) -> None:
        """Those pages that hold a document."""
        before = len(self.found.entrances)
        wrong: list[Diagnostic] = []
        for data, name, read in pages:
            if not holds_document(data, name=name):
                # It took part all the same: there may be a document in it tomorrow.
                self.found.extra.append(Document(Source(name, "", ""), "", digest(data)))
                continue
            try:
                self._take(data, name, read)
            except SpecloomError as problem:
                wrong += problem.diagnostics
        if wrong:
            raise SpecloomError(wrong)
        if len(self.found.entrances) == before:
            message = f"no page that {origins.without_secrets(index)} names holds a document"
            raise error("empty-index", message, named, "name the pages themselves")

    # -- what was fetched ----------------------------------------------------------------------------

    def _locked(self, named: Location) -> Lock:
        if self._lock is None:
            name = f"{FOLDER}/{LOCK}"
            try:
                data = self._integration.read(name)
            except FileNotFoundError:
                self._lock = Lock(())
            else:
                self._lock = parse(data, name=name)
                self.found.extra.append(load_text(data, name=name))
        return self._lock

    def _fetched(self, url: str, named: Location) -> tuple[bytes, str, Read]:
        entry = self._locked(named).find(url)
        if entry is None or not entry.file:
            raise self._never(url, named)
        return self._vendored(entry, named)

    def _pages_of(self, index: str) -> Iterator[tuple[bytes, str, Read]]:
        named = self._integration.locate_spec(self._integration.spec.index(index))
        for entry in self._locked(named).below(index):
            if entry.file:
                yield self._vendored(entry, named)

    def _vendored(self, entry: Entry, named: Location) -> tuple[bytes, str, Read]:
        """The vendored copy of what stands at a URL, if it is the one of the lock."""
        name = f"{FOLDER}/{entry.file}"
        again = f"run `specloom update {self._integration.name}`"
        try:
            data = self._integration.read(name)
        except FileNotFoundError as missing:
            message = f"there is no {name}, the copy of {entry.url}"
            raise error("upstream-missing", message, named, again) from missing
        if digest(data) != entry.sha256:
            related = (("this one", Location(name)),)
            message = f"the copy of {entry.url} is not the one that {FOLDER}/{LOCK} tells of"
            hint = f"restore it from version control, or {again}; changes to it belong into an overlay"
            raise SpecloomError(Diagnostic("error", "upstream-changed", message, named, hint, related))

        def refuse(path: str) -> bytes:
            message = f"'{path}' is beside a fetched document, and only what `spec` names is fetched"
            raise error("network-reference", message, Location(name), "name a document that is whole in itself")

        return data, name, refuse

    def _never(self, url: str, named: Location) -> SpecloomError:
        message = f"{origins.without_secrets(url)} was never fetched"
        return error("upstream-missing", message, named, f"run `specloom update {self._integration.name}`")


def page_links(index: Document) -> list[markdown.Link]:
    """The links of an index that may lead to a document, without what names a place in a page."""
    found: dict[str, markdown.Link] = {}
    for link in markdown.find_links(index.source):
        target = link.target.partition("#")[0]
        if target.partition("?")[0].lower().endswith(PAGES) and not origins.is_index(target):
            found.setdefault(target, link._replace(target=target))
    return list(found.values())


def holds_document(data: bytes, *, name: str) -> bool:
    """Whether a file that an index names is one to take: it holds a document, or one that is malformed."""
    try:
        documents = load_all(data, name=name)
    except SpecloomError as problem:
        return problem.diagnostics[0].code not in ("markdown-no-document", "empty-file", "not-a-mapping")
    return any("openapi" in document.root or "swagger" in document.root for document in documents)


# -- pages that only point --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Pointer:
    """What the front matter of a page names: an operation, and the file that has it, or ``""``."""

    file: str
    method: str
    path: str
    place: Location


def _pointer(page: Document) -> _Pointer | None:
    """The ``openapi`` of a page's front matter: ``METHOD /path``, or ``/file.yaml METHOD /path``."""
    matter = markdown.front_matter(page.source)
    if matter is None:
        return None
    front = read_yaml(matter, data=b"")
    said = front.root.get("openapi")
    words = said.split() if isinstance(said, str) else []
    if len(words) not in (2, 3):
        return None
    *file, method, path = words
    if method.lower() not in METHODS:
        return None
    return _Pointer("".join(file).lstrip("/"), method.upper(), path, front.locate(("openapi",)))
