"""What a generated folder was made from, and what was made: ``manifest.json``.

The manifest is the only licence to replace or delete a file (``output.py``), and lets ``check`` answer from hashes
alone and say which of spec, tool and hand moved (``check.py``). It holds no time and no absolute path, so equal
inputs give equal bytes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from functools import cache
from importlib import metadata
from pathlib import Path, PurePath, PurePosixPath
from typing import NoReturn, cast

from generator.errors import Location, SpecloomError, error
from generator.tree import Json, JsonObject, is_object

FILE = PurePosixPath("manifest.json")
"""Where the manifest stands in a generated folder."""

HEADER_KEYS = ("inputs", "outputs", "settings", "tool")
TOOL_KEYS = ("pins", "templates", "version")
PINNED = ("jinja2",)
"""The packages whose output is our output, besides the formatter that the integration chose."""

_PACKAGE = Path(__file__).resolve().parent
_SHIPPED = _PACKAGE / "templates"
TEMPLATES = _SHIPPED if _SHIPPED.is_dir() else _PACKAGE.parent / "templates"
"""The templates: inside the package where it was installed from a wheel, beside it in a checkout."""


@dataclass(frozen=True, slots=True)
class Tool:
    """What specloom was when it generated: its version, a digest of its templates, the versions that it pins."""

    version: str
    templates: str
    pins: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Manifest:
    """Digests (sha256, hexadecimal) of everything that went into a generated folder and of every file in it.

    ``inputs`` is keyed by paths relative to the integration's folder, ``outputs`` by paths relative to the generated
    folder; the manifest itself is not among them. ``settings`` digests what the integration asks for.
    """

    tool: Tool
    settings: str
    inputs: Mapping[str, str]
    outputs: Mapping[PurePosixPath, str]

    def render(self) -> bytes:
        """The file's content: JSON with sorted keys, in UTF-8."""
        content = {
            "inputs": dict(self.inputs),
            "outputs": {str(path): digest for path, digest in self.outputs.items()},
            "settings": self.settings,
            "tool": {
                "pins": dict(self.tool.pins),
                "templates": self.tool.templates,
                "version": self.tool.version,
            },
        }
        return (json.dumps(content, indent=2, sort_keys=True, ensure_ascii=False) + "\n").encode()


def digest(data: bytes) -> str:
    """The sha256 of ``data``, in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def describe(tree: Mapping[PurePosixPath, bytes], *, inputs: Mapping[str, str], settings: str, tool: Tool) -> Manifest:
    """The manifest of ``tree``."""
    return Manifest(tool, settings, inputs, {path: digest(data) for path, data in tree.items()})


def load(folder: Path) -> Manifest | None:
    """The manifest in ``folder``; ``None`` where there is none.

    Raises ``SpecloomError`` when the file is there and is not a manifest, such as one with conflict markers in it.
    """
    path = folder / FILE
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return None
    return parse(data, name=path.as_posix())


def parse(data: bytes, *, name: str) -> Manifest:
    """The manifest that ``data`` says. ``name`` stands for the file in messages.

    Every key must be known and every path must stay inside the folder: the paths are a licence to delete. Raises
    ``SpecloomError`` otherwise.
    """
    document = _parsed(data, name)
    _expect_keys(document, HEADER_KEYS, name, "#")
    tool = document["tool"]
    _expect_keys(tool, TOOL_KEYS, name, "#/tool")
    outputs = _strings(document["outputs"], name, "#/outputs")
    for path in outputs:
        if not is_inside(path) or PurePosixPath(path) == FILE:
            _broken(name, "#/outputs", f"{path!r} is not the path of a generated file")
    return Manifest(
        tool=Tool(
            version=_string(tool["version"], name, "#/tool/version"),
            templates=_string(tool["templates"], name, "#/tool/templates"),
            pins=_strings(tool["pins"], name, "#/tool/pins"),
        ),
        settings=_string(document["settings"], name, "#/settings"),
        inputs=_strings(document["inputs"], name, "#/inputs"),
        outputs={PurePosixPath(path): value for path, value in outputs.items()},
    )


def is_inside(path: str) -> bool:
    """Whether ``path`` is relative, in its shortest form, and can only name something below the folder it starts from.

    Backslashes and colons are refused with the rest: on some systems they separate folders, drives and streams.
    """
    parts = path.split("/")
    return all(part not in ("", ".", "..") for part in parts) and not any(
        character in "\\:" or ord(character) < 32 for character in path
    )


# --- what the running tool is -----------------------------------------------------------------------------------------


def current_tool(formatter: str) -> Tool:
    """The running tool, with the pins that matter when ``formatter`` is the formatter."""
    pins = {package: _version(package) for package in (*PINNED, formatter)}
    return Tool(version=_version("specloom"), templates=_template_digest(), pins=pins)


def is_checkout() -> bool:
    """Whether the tool runs from its own source tree, where its code moves without its version moving."""
    return not TEMPLATES.is_relative_to(_PACKAGE)


def settings_digest(settings: object, *, without: Iterable[str] = ()) -> str:
    """The digest of a settings value, a dataclass; fields named in ``without`` do not count.

    Raises ``TypeError`` when the value holds something that has no one spelling in JSON.
    """
    skipped = frozenset(without)
    plain = {name: value for name, value in _fields(settings).items() if name not in skipped}
    return digest(json.dumps(plain, sort_keys=True, default=_plain).encode())


@cache
def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "not installed"


@cache
def _template_digest() -> str:
    """One digest over the paths and contents of all templates."""
    total = hashlib.sha256()
    for path in sorted(TEMPLATES.rglob("*"), key=lambda each: each.relative_to(TEMPLATES).parts):
        if path.is_file() and "__pycache__" not in path.parts:
            total.update(path.relative_to(TEMPLATES).as_posix().encode() + b"\0")
            total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


def _fields(value: object) -> dict[str, object]:
    if not is_dataclass(value):
        raise TypeError(f"a setting of type {type(value).__name__} has no digest")
    return {field.name: getattr(value, field.name) for field in fields(value)}


def _plain(value: object) -> object:
    """What ``json`` may write in the place of ``value``, which it cannot write itself."""
    if isinstance(value, PurePath):
        return value.as_posix()
    if isinstance(value, Mapping):
        return dict(cast(Mapping[object, object], value))
    if isinstance(value, (set, frozenset)):
        return sorted(str(item) for item in cast(frozenset[object], value))
    return _fields(value)


# --- strict reading ---------------------------------------------------------------------------------------------------


def _parsed(data: bytes, name: str) -> Json:
    try:
        return json.loads(data.decode("utf-8"), object_pairs_hook=_without_duplicates)
    except json.JSONDecodeError as problem:
        lines = problem.doc.splitlines()
        nearby = range(max(1, problem.lineno - 1), min(len(lines), problem.lineno + 1) + 1)
        excerpt = tuple((number, lines[number - 1]) for number in nearby)
        location = Location(name, problem.lineno, problem.colno, excerpt=excerpt)
        raise _error(location, problem.msg) from None
    except ValueError as problem:  # not UTF-8, or a key twice
        raise _error(Location(name), str(problem)) from None


def _without_duplicates(pairs: list[tuple[str, Json]]) -> JsonObject:
    result: JsonObject = {}
    for key, value in pairs:
        if key in result:
            raise ValueError(f"the key {key!r} is there twice")
        result[key] = value
    return result


def _expect_keys(value: Json, keys: tuple[str, ...], name: str, pointer: str) -> None:
    if not is_object(value):
        _broken(name, pointer, "an object is expected here")
    for key in keys:
        if key not in value:
            _broken(name, pointer, f"the key {key!r} is missing")
    for key in value:
        if key not in keys:
            _broken(name, pointer, f"the key {key!r} is unknown")


def _string(value: Json, name: str, pointer: str) -> str:
    if not isinstance(value, str):
        _broken(name, pointer, "a string is expected here")
    return value


def _strings(value: Json, name: str, pointer: str) -> dict[str, str]:
    if not is_object(value):
        _broken(name, pointer, "an object is expected here")
    return {key: _string(item, name, f"{pointer}/{key}") for key, item in value.items()}


def _broken(name: str, pointer: str, message: str) -> NoReturn:
    raise _error(Location(name, pointer=pointer), message)


def _error(location: Location, message: str) -> SpecloomError:
    return error(
        "broken-manifest",
        f"this is not a manifest that specloom wrote: {message}",
        location,
        "Restore it from version control, or delete the generated folder and run `specloom generate`.",
    )
