"""What a generated folder was made from, and what was made: ``manifest.json``.

The manifest is the only licence to replace or delete a file (``output.py``), and lets ``check`` answer from hashes
alone (``unchanged.py``) and say which of spec, tool and hand moved (``check.py``). It holds no time and no absolute path,
so equal inputs give equal bytes.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePosixPath
from typing import NoReturn

from generator.errors import Location, SpecloomError, error
from generator.tree import Json, JsonObject, is_array, is_object

FILE = PurePosixPath("manifest.json")
"""Where the manifest stands in a generated folder."""

REQUIRED_KEYS = ("inputs", "outputs", "settings", "tool")
KEYS = (*REQUIRED_KEYS, "left_out")
PINNED = ("jinja2",)
"""The packages whose output is our output, besides the formatter that the integration chose."""

_PACKAGE = Path(__file__).resolve().parent
_SHIPPED = _PACKAGE / "templates"
TEMPLATES = _SHIPPED if _SHIPPED.is_dir() else _PACKAGE.parent / "templates"
"""The templates: inside the package where it was installed from a wheel, beside it in a checkout."""


@dataclass(frozen=True, slots=True)
class Tool:
    """What specloom was when it generated: its version, a digest of its code and templates, the versions that it pins.

    The version alone does not tell: a checkout, and what was installed from a commit, move without it.
    """

    version: str
    code: str
    pins: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Manifest:
    """Digests (sha256, hexadecimal) of everything that went into a generated folder and of every file in it.

    ``inputs`` is keyed by paths relative to the integration's folder, ``outputs`` by paths relative to the generated
    folder; the manifest itself is not among them. ``settings`` digests what was asked for besides the inputs.
    ``left_out`` names the operations (``POST /images``) that the run could not do and went on without, as it was told to.
    """

    tool: Tool
    settings: str
    inputs: Mapping[str, str]
    outputs: Mapping[PurePosixPath, str]
    left_out: tuple[str, ...] = ()

    def render(self) -> bytes:
        """The file's content: JSON with sorted keys, in UTF-8."""
        content = {
            "inputs": dict(self.inputs),
            "left_out": sorted(self.left_out),
            "outputs": {str(path): digest for path, digest in self.outputs.items()},
            "settings": self.settings,
            "tool": {"code": self.tool.code, "pins": dict(self.tool.pins), "version": self.tool.version},
        }
        return (json.dumps(content, indent=2, sort_keys=True, ensure_ascii=False) + "\n").encode()


def digest(data: bytes) -> str:
    """The sha256 of ``data``, in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def describe(
    tree: Mapping[PurePosixPath, bytes],
    *,
    inputs: Mapping[str, str],
    settings: str,
    tool: Tool,
    left_out: Iterable[str] = (),
) -> Manifest:
    """The manifest of ``tree``."""
    outputs = {path: digest(data) for path, data in tree.items()}
    return Manifest(tool, settings, inputs, outputs, tuple(sorted(left_out)))


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

    Every key must be known and every path must stay inside the folder: the paths are a licence to delete. What ``tool``
    holds may be another version's. Raises ``SpecloomError`` otherwise.
    """
    document = _parsed(data, name)
    _expect_keys(document, REQUIRED_KEYS, KEYS, name, "#")
    tool = document["tool"]
    _expect_keys(tool, ("pins", "version"), None, name, "#/tool")
    outputs = _strings(document["outputs"], name, "#/outputs")
    for path in outputs:
        if not is_inside(path) or PurePosixPath(path) == FILE:
            _broken(name, "#/outputs", f"{path!r} is not the path of a generated file")
    return Manifest(
        tool=Tool(
            version=_string(tool["version"], name, "#/tool/version"),
            code=_string(tool.get("code", ""), name, "#/tool/code"),
            pins=_strings(tool["pins"], name, "#/tool/pins"),
        ),
        settings=_string(document["settings"], name, "#/settings"),
        inputs=_strings(document["inputs"], name, "#/inputs"),
        outputs={PurePosixPath(path): value for path, value in outputs.items()},
        left_out=_texts(document.get("left_out", []), name, "#/left_out"),
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
    return _tool((*PINNED, formatter) if formatter != "none" else PINNED)


def is_current(tool: Tool) -> bool:
    """Whether the running tool is ``tool``, and so would generate the same from the same."""
    return tool == _tool(tool.pins)


def settings_digest(
    name: str, *, spec: str = "", targets: Iterable[str] = (), overlays: Iterable[str] = (), lenient: bool = False
) -> str:
    """The digest of what a run is asked for besides its inputs; ``spec`` and what follows it where no settings say them.

    ``lenient`` says that the run would have failed without ``--lenient-overlays``.
    """
    asked = [name, spec, list(targets), *([list(overlays), lenient] if lenient or overlays else [])]
    return digest(json.dumps(asked).encode())


def _tool(pinned: Iterable[str]) -> Tool:
    return Tool(version("specloom"), _code_digest(), {package: version(package) for package in pinned})


def version(package: str) -> str:
    """The version of an installed package.

    It stands in the name of the folder that describes the package (PyPA, "Recording installed projects");
    ``importlib.metadata``, which also knows older ways, takes a third of the time of a run that has nothing to do.
    """
    found = _installed().get(_normalised(package))
    if found is not None:
        return found
    from importlib import metadata

    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "not installed"


@cache
def _installed() -> Mapping[str, str]:
    """Versions by normalised name. What comes first on the path counts, as it does for imports."""
    found: dict[str, str] = {}
    for folder in sys.path:
        try:
            names = os.listdir(folder or ".")
        except OSError:
            continue
        for name in names:
            if name.endswith(".dist-info"):
                package, _, version = name.removesuffix(".dist-info").partition("-")
                found.setdefault(_normalised(package), version)
    return found


def _normalised(package: str) -> str:
    return package.replace("-", "_").replace(".", "_").lower()


@cache
def _code_digest() -> str:
    """One digest over the paths and contents of the tool's own modules and templates, wherever it runs from."""
    total = hashlib.sha256()
    modules = (file for file in _files(_PACKAGE, "generator/") if file[0].endswith(".py"))
    files = {path: file for path, file in modules if not path.startswith("generator/templates/")}
    files |= _files(TEMPLATES, "templates/")
    for path in sorted(files):
        with open(files[path], "rb") as file:
            total.update(path.encode() + b"\0" + hashlib.sha256(file.read()).digest())
    return total.hexdigest()


def _files(folder: str | Path, at: str) -> Iterator[tuple[str, str]]:
    """The files below ``folder``: what to call each, and where it is."""
    for entry in os.scandir(folder):
        if not entry.is_dir():
            yield at + entry.name, entry.path
        elif entry.name != "__pycache__":
            yield from _files(entry.path, f"{at}{entry.name}/")


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


def _expect_keys(
    value: Json, required: tuple[str, ...], known: tuple[str, ...] | None, name: str, pointer: str
) -> None:
    """Refuses what is no object, lacks a key, or has one that is not ``known``."""
    if not is_object(value):
        _broken(name, pointer, "an object is expected here")
    for key in required:
        if key not in value:
            _broken(name, pointer, f"the key {key!r} is missing")
    for key in value:
        if known is not None and key not in known:
            _broken(name, pointer, f"the key {key!r} is unknown")


def _string(value: Json, name: str, pointer: str) -> str:
    if not isinstance(value, str):
        _broken(name, pointer, "a string is expected here")
    return value


def _strings(value: Json, name: str, pointer: str) -> dict[str, str]:
    if not is_object(value):
        _broken(name, pointer, "an object is expected here")
    return {key: _string(item, name, f"{pointer}/{key}") for key, item in value.items()}


def _texts(value: Json, name: str, pointer: str) -> tuple[str, ...]:
    if not is_array(value):
        _broken(name, pointer, "an array is expected here")
    return tuple(_string(item, name, f"{pointer}/{index}") for index, item in enumerate(value))


def _broken(name: str, pointer: str, message: str) -> NoReturn:
    raise _error(Location(name, pointer=pointer), message)


def _error(location: Location, message: str) -> SpecloomError:
    return error(
        "broken-manifest",
        f"this is not a manifest that specloom wrote: {message}",
        location,
        "Restore it from version control, or delete the generated folder and run `specloom generate`.",
    )
