"""``integration.yaml``: what to generate from which document, and the user's say over names."""

from __future__ import annotations

import keyword
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from os.path import realpath
from pathlib import Path
from typing import Literal, TypeAlias

from generator import origins
from generator.document import Document, describe
from generator.errors import Diagnostic, Location, SpecloomError, error
from generator.files import read_file
from generator.layout import GENERATED, SETTINGS, TARGETS, path_below, settings_files
from generator.load import load
from generator.tree import Json, Pointer, is_array, is_object, resolve

FORMATTERS = ("black", "ruff")

Formatter: TypeAlias = Literal["black", "ruff"]

NAMED = ("operations", "tags", "schemas", "fields", "parameters")
"""What may be given another name under ``names``."""

PAGINATION = ("items", "cursor", "from", "page", "first", "offset", "next", "more")
"""What may be said of an operation under ``pagination``: properties of its answer, and query parameters."""

_KEYS = ("spec", "overlays", "targets", "include", "names", "skip", "pagination", "formatter")
_PAGE_KINDS = ("cursor", "page", "offset", "next")


@dataclass(frozen=True, slots=True)
class Include:
    """Which operations to take; every one where all are empty."""

    tags: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    operations: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Names:
    """Names that the user chose: method by operation, namespace by tag, class by schema.

    ``fields`` has attributes by ``Schema.property``, ``parameters`` has arguments by ``operationId.name``.
    """

    operations: Mapping[str, str] = field(default_factory=dict[str, str])
    tags: Mapping[str, str] = field(default_factory=dict[str, str])
    schemas: Mapping[str, str] = field(default_factory=dict[str, str])
    fields: Mapping[str, str] = field(default_factory=dict[str, str])
    parameters: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class Integration:
    """One set of documents and what to make of it.

    ``root`` is the folder that nothing is read outside of, ``spec`` what the documents are read from that make the API
    (``origins.kind_of``), ``skip`` the reason for each operation that is left out, ``pagination`` how the pages of an operation follow each other, None for one
    that has none. ``document`` is the settings file itself (its bytes' ``sha256`` among the
    inputs), ``None`` when there is none. ``overlays`` are paths of overlays, in the order in which they are applied;
    ``lenient_overlays`` says that their targets may match nothing.
    """

    name: str
    root: Path
    spec: tuple[str, ...]
    targets: tuple[str, ...] = TARGETS
    include: Include = field(default_factory=Include)
    names: Names = field(default_factory=Names)
    skip: Mapping[str, str] = field(default_factory=dict[str, str])
    pagination: Mapping[str, Mapping[str, str] | None] = field(default_factory=dict[str, Mapping[str, str] | None])
    formatter: Formatter = "black"
    document: Document | None = None
    overlays: tuple[str, ...] = ()
    lenient_overlays: bool = False

    @property
    def package(self) -> str:
        """The path by which Python imports what is generated: a project's from ``generated``, any other by its name."""
        return self.name if self.document is None else f"{GENERATED}.{self.name}"

    def read(self, path: str) -> bytes:
        """The bytes of a file by its path relative to the root.

        Raises ``OSError``, ``outside-root`` for paths that leave the root, links followed, and what
        :func:`generator.files.read_file` refuses.
        """
        root = self.root.resolve()
        # Path.resolve fails on links that lead in a circle in a way of its own; opening such a file is an OSError.
        real = Path(realpath(root / path))
        if not real.is_relative_to(root):
            hint = "copy the file below the folder of the spec"
            message = f"'{path}' leads out of the folder of the spec"
            raise error("outside-root", message, Location(path), hint)
        return read_file(real, name=path)

    def locate(self, pointer: Pointer, *, key: bool = False) -> Location:
        """Where a setting stands, for messages about it; the document's file when there are no settings."""
        if self.document is None:
            return Location(self.spec[0])
        return self.document.locate(pointer, key=key)

    def locate_spec(self, index: int) -> Location:
        """Where the entry of ``spec`` with this number stands."""
        listed = self.document is not None and is_array(self.document.root.get("spec"))
        return self.locate(("spec", index) if listed else ("spec",))

    def locate_item(self, pointer: Pointer, item: str) -> Location:
        """Where ``item`` stands in the list at ``pointer``."""
        listed: Json = [] if self.document is None else resolve(self.document.root, pointer)
        return self.locate((*pointer, listed.index(item)) if item in listed else pointer)


def load_integration(folder: Path) -> Integration:
    """The settings in ``folder/integration.yaml``. Raises :class:`SpecloomError` with everything wrong in them."""
    try:
        data = read_file(folder / SETTINGS, name=SETTINGS)
    except OSError as found:
        message = f"the settings cannot be read: {found.strerror}"
        hint = "an integration is a folder with an integration.yaml that has the key 'spec'"
        raise error("file-missing", message, Location(SETTINGS), hint) from None
    return read_settings(data, folder)


def read_settings(data: bytes, folder: Path) -> Integration:
    """The settings that a file of ``folder`` holds. Raises :class:`SpecloomError` with everything wrong in them."""
    return _Reader(load(data, name=SETTINGS)).integration(folder)


def find_integrations(project: Path) -> tuple[Integration, ...]:
    """All integrations of a project, ``spec/*/integration.yaml``, by name.

    Raises :class:`SpecloomError` with everything wrong in any of them, the files named from the project on.
    """
    found: list[Integration] = []
    wrong: list[Diagnostic] = []
    for path in settings_files(project):
        try:
            found.append(load_integration(path.parent))
        except SpecloomError as problem:
            file = path.relative_to(project).as_posix()
            wrong += [replace(item, location=replace(item.location, file=file)) for item in problem.diagnostics]
    if wrong:
        raise SpecloomError(wrong)
    return tuple(found)


def from_input(
    spec: Path, *, name: str, targets: Iterable[str], root: Path | None = None, overlays: Iterable[Path] = ()
) -> Integration:
    """The integration of a document that has no settings. Nothing is read outside of ``root``, by default its folder.

    A document may come from anyone, so only its user can say that it may read more. Raises ``outside-root`` for a
    document or an overlay that is not below ``root`` itself.
    """
    if not _is_name(name):
        raise error("config-name", _bad_name(name), Location(spec.name), _NAME_HINT)
    root = root or spec.parent
    paths: list[str] = []
    for what, file in (("document", spec), *(("overlay", overlay) for overlay in overlays)):
        path = path_below(root, file)
        if path is None:
            hint = "name the folder that holds the document and all the files that it refers to"
            raise error("outside-root", f"the {what} is not below {root.as_posix()}", Location(file.name), hint)
        paths.append(path)
    return Integration(name, root, (paths[0],), tuple(targets), overlays=tuple(paths[1:]))


_NAME_HINT = "use letters, digits and underscores, no digit in front, and no word of Python's"


def _is_name(text: str) -> bool:
    return text.isidentifier() and not keyword.iskeyword(text)


def _bad_name(name: str) -> str:
    return f"'{name}' cannot be the name of a Python package"


def _path(text: str) -> str | None:
    """What is wrong with ``text`` as the path of the document, if anything is."""
    if not text.strip():
        return "the path is empty"
    if text.startswith("/") or "\\" in text or ".." in text.split("/"):
        return f"'{text}' is not a path below this folder, written with '/'"
    return None


def _identifier(text: str) -> str | None:
    """What is wrong with ``text`` as a name in the output, if anything is."""
    return None if _is_name(text) else f"'{text}' cannot be a name in Python"


def _reason(text: str) -> str | None:
    return None if text.strip() else "the reason is empty"


class _Reader:
    """Takes the values out of the document and collects what is wrong."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._wrong: list[Diagnostic] = []

    def integration(self, folder: Path) -> Integration:
        name = folder.resolve().name
        if not _is_name(name):
            hint = f"rename the folder: {_NAME_HINT}"
            self._wrong.append(Diagnostic("error", "config-name", _bad_name(name), Location(SETTINGS), hint))
        self._known_keys((), _KEYS)
        include = Include(
            tags=self._texts(("include", "tags")),
            paths=self._texts(("include", "paths")),
            operations=self._texts(("include", "operations")),
        )
        self._known_keys(("include",), ("tags", "paths", "operations"))
        names = Names(**{kind: self._table(("names", kind), _identifier) for kind in NAMED})
        self._known_keys(("names",), NAMED)
        found = Integration(
            name=name,
            root=folder,
            spec=self._spec(),
            targets=self._texts(("targets",), of=TARGETS) or TARGETS,
            include=include,
            names=names,
            skip=self._table(("skip",), _reason),
            pagination=self._pagination(),
            formatter=self._formatter(),
            document=self._document,
            overlays=self._overlays(),
        )
        if self._wrong:
            raise SpecloomError(self._wrong)
        return found

    # -- keys ----------------------------------------------------------------------------------------

    def _spec(self) -> tuple[str, ...]:
        """What the documents are read from, each once."""
        value = self._value(("spec",))
        if value is None:
            hint = "add a line such as 'spec: openapi.yaml'"
            self._report("config-key", "the key 'spec' is missing", (), hint)
            return ()
        if is_array(value) and not value:
            self._report("config-value", "this list is empty", ("spec",), "name a document")
        found: list[str] = []
        listed: list[tuple[Pointer, Json]] = [(("spec",), value)]
        if is_array(value):
            listed = [(("spec", index), item) for index, item in enumerate(value)]
        for at, item in listed:
            if self._is_text(at, item):
                if problem := origins.problem(item):
                    self._report("config-value", problem, at, "keep the documents in this folder, or name their URL")
                elif item in found:
                    self._report(
                        "config-value", f"'{origins.without_secrets(item)}' is named twice", at, "take one out"
                    )
                found.append(item)
        return tuple(found)

    def _overlays(self) -> tuple[str, ...]:
        paths = self._texts(("overlays",))
        for path in paths:
            problem = _path(path)
            if problem is not None:
                at = ("overlays", self._document.root["overlays"].index(path))
                self._report("config-value", problem, at, "keep the overlays in this folder")
        return paths

    def _formatter(self) -> Formatter:
        value = self._value(("formatter",))
        if value is not None and self._is_text(("formatter",), value):
            self._is_one_of(("formatter",), value, FORMATTERS)
        return "ruff" if value == "ruff" else "black"

    def _pagination(self) -> Mapping[str, Mapping[str, str] | None]:
        """By operation, the rule for its pages; None for ``false``."""
        value = self._value(("pagination",))
        if value is None:
            return {}
        if not is_object(value):
            self._wrong_type(("pagination",), value, "a mapping")
            return {}
        return {key: None if said is False else self._page_rule(key, said) for key, said in value.items()}

    def _page_rule(self, key: str, said: Json) -> Mapping[str, str]:
        at = ("pagination", key)
        if not is_object(said):
            self._wrong_type(at, said, "a mapping, or false")
            return {}
        self._known_keys(at, PAGINATION)
        kinds = [kind for kind in _PAGE_KINDS if kind in said]
        if len(kinds) != 1:
            hint = f"say one of {_list(_PAGE_KINDS)}"
            self._report("config-value", "this does not say, in one way, how the next page is asked for", at, hint)
        for word, kind in (("from", "cursor"), ("first", "page")):
            if (word in said) > (kind in said) or (word == "from" and (word in said) < (kind in said)):
                message = f"'{word}' belongs to '{kind}', and this has only one of both"
                self._report("config-key", message, at, f"say both, or none: {word}, {kind}")
        rule = {"items": "", **({"first": "1"} if "page" in said else {})}
        for word, name in said.items():
            if word == "first":
                rule[word] = "0" if name == 0 else "1"
                self._is_one_of((*at, word), str(name), ("0", "1"))
            elif self._is_text((*at, word), name):
                rule[word] = name
        return rule

    def _texts(self, pointer: Pointer, *, of: Collection[str] = ()) -> tuple[str, ...]:
        """The strings of a list, each ``of`` the given ones where any are given."""
        value = self._value(pointer)
        if value is None:
            return ()
        if not is_array(value):
            self._wrong_type(pointer, value, "a list")
            return ()
        if of and not value:
            self._report("config-value", "this list is empty", pointer, f"name some of: {_list(of)}")
        texts: list[str] = []
        for index, item in enumerate(value):
            at = (*pointer, index)
            if self._is_text(at, item) and (not of or self._is_one_of(at, item, of)):
                texts.append(item)
        return tuple(dict.fromkeys(texts))

    def _table(self, pointer: Pointer, problem: Callable[[str], str | None]) -> Mapping[str, str]:
        """A mapping of strings, none of which has the ``problem``."""
        value = self._value(pointer)
        if value is None:
            return {}
        if not is_object(value):
            self._wrong_type(pointer, value, "a mapping")
            return {}
        for key, item in value.items():
            at = (*pointer, key)
            if self._is_text(at, item):
                message = problem(item)
                if message:
                    hint = _NAME_HINT if problem is _identifier else "say why it is left out"
                    self._report("config-value", message, at, hint)
        return value

    # -- checks --------------------------------------------------------------------------------------

    def _value(self, pointer: Pointer) -> Json:
        """The value at ``pointer``, ``None`` when it or what it stands in is missing."""
        node: Json = self._document.root
        for token in pointer:
            if not is_object(node):
                return None
            node = node.get(str(token))
        return node

    def _known_keys(self, pointer: Pointer, known: Collection[str]) -> None:
        node = self._value(pointer)
        if node is None:
            return
        if not is_object(node):
            self._wrong_type(pointer, node, "a mapping")
            return
        for key in node:
            if key not in known:
                place = f" in '{pointer[-1]}'" if pointer else ""
                message = f"there is no setting '{key}'{place}"
                self._report("config-key", message, (*pointer, key), _near(key, known), key=True)

    def _is_text(self, pointer: Pointer, value: Json) -> bool:
        if not isinstance(value, str):
            self._wrong_type(pointer, value, "a string")
        return isinstance(value, str)

    def _is_one_of(self, pointer: Pointer, value: str, known: Collection[str]) -> bool:
        if value not in known:
            message = f"'{value}' is not one of {_list(known)}"
            self._report("config-value", message, pointer, _near(value, known))
        return value in known

    def _wrong_type(self, pointer: Pointer, value: Json, wanted: str) -> None:
        message = f"'{pointer[-1]}' is {describe(value)}, not {wanted}"
        if isinstance(pointer[-1], int):
            message = f"this is {describe(value)}, not {wanted}"
        hint = "quote it" if wanted == "a string" and not isinstance(value, dict | list) else ""
        self._report("config-type", message, pointer, hint or f"write {wanted}")

    def _report(self, code: str, message: str, pointer: Pointer, hint: str, *, key: bool = False) -> None:
        place = self._document.locate(pointer, key=key)
        self._wrong.append(Diagnostic("error", code, message, place, hint))


def _near(word: str, known: Collection[str]) -> str:
    """A hint with the known word that is nearest, or with all of them."""
    near = get_close_matches(word, known, n=1)
    return f"did you mean '{near[0]}'?" if near else f"there are: {_list(known)}"


def _list(words: Iterable[str]) -> str:
    return ", ".join(f"'{word}'" for word in words)
