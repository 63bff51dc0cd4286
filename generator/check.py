"""Drift: how a generated folder differs from what would be generated now, and who moved: spec, tool or hand.

Nothing here writes. ``unchanged.py`` answers before this where every digest of the manifest still holds.
"""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Literal, TypeAlias

from generator import manifest, output
from generator.layout import SETTINGS
from generator.manifest import Manifest, Tool

if TYPE_CHECKING:
    from generator.config import Integration
    from generator.pipeline import Generated

State: TypeAlias = Literal["missing", "edited", "stale-spec", "stale-tool", "stale-both", "orphaned", "foreign"]

DIFF_LINES = 60
"""How many lines of a file's diff are shown."""


@dataclass(frozen=True, slots=True)
class Drift:
    """One file that is not what it should be.

    ``states`` has two members where a hand and the spec or tool moved the same file. ``moved`` names what moved in spec
    and tool. ``line`` is the first line of the file on the disk that differs, 0 where the question makes no sense, and
    ``diff`` the unified diff from the disk to what would be generated, for a file that is on both sides.
    """

    path: str
    states: tuple[State, ...]
    moved: tuple[str, ...] = ()
    line: int = 0
    diff: tuple[str, ...] = ()


def manifest_of(integration: Integration, generated: Generated) -> Manifest:
    """The manifest that belongs to what was generated for ``integration`` just now."""
    name = integration.name
    lenient = any(item.code == "overlay-unmatched" for item in generated.found.warnings)
    if integration.document is None:
        settings = manifest.settings_digest(
            name, spec=integration.spec[0], targets=integration.targets, overlays=integration.overlays, lenient=lenient
        )
    else:
        settings = manifest.settings_digest(name, lenient=lenient)
    return manifest.describe(
        generated.tree,
        inputs=generated.inputs,
        settings=settings,
        tool=manifest.current_tool(integration.formatter),
        left_out=[item.name for item in generated.found.left_out],
    )


def left_out(folder: Path) -> frozenset[str]:
    """The operations that the last run in ``folder`` went on without. Raises ``SpecloomError`` for a broken manifest."""
    last = manifest.load(folder)
    return frozenset(last.left_out) if last is not None else frozenset()


def compare(folder: Path, tree: output.Tree, new: Manifest) -> tuple[Drift, ...]:
    """What differs between ``folder`` and ``tree`` with its manifest ``new``, sorted by path."""
    disk = output.read(folder)
    old = manifest.load(folder)
    files = {**tree, manifest.FILE: new.render()}
    wanted = {**new.outputs, manifest.FILE: manifest.digest(files[manifest.FILE])}
    owned: Mapping[PurePosixPath, str] = {}
    if old is not None:
        owned = {**old.outputs, manifest.FILE: disk.get(manifest.FILE, "")}
    staleness, moved = _moved(old, new)
    paths = sorted(path for path in disk.keys() | wanted.keys() if _counts(path, wanted))
    found: list[Drift] = []
    for path in paths:
        states = _states(disk.get(path), wanted.get(path), owned.get(path), staleness)
        if not states:
            continue
        line, diff = 0, ()
        if path in disk and path in wanted and path != manifest.FILE:
            line, diff = _diff(folder / path, files[path])
        reasons = moved if staleness in states else ()
        found.append(Drift((folder / path).as_posix(), states, reasons, line, diff))
    return tuple(found)


def orphans(generated: Path, names: Collection[str]) -> Iterator[Drift]:
    """Whole folders in ``generated`` that were made from an integration which is not among ``names`` any more.

    Raises ``SpecloomError`` for a broken manifest.
    """
    if not generated.is_dir():
        return
    for folder in sorted(generated.iterdir()):
        if folder.name in names or folder.is_symlink() or not folder.is_dir():
            continue
        last = manifest.load(folder)
        if last is not None and SETTINGS in last.inputs:
            yield Drift(folder.as_posix(), ("orphaned",))


def _states(disk: str | None, wanted: str | None, owned: str | None, staleness: State) -> tuple[State, ...]:
    """What is the matter with one file, from its digests on the disk, as generated now, and in the manifest."""
    if disk == wanted:
        return ()
    if disk is None:
        return ("missing",)
    if owned is None:
        return ("foreign",)
    edited: tuple[State, ...] = ("edited",) if disk != owned else ()
    if wanted is None:
        return (*edited, "orphaned")
    return edited if wanted == owned else (*edited, staleness)


def _counts(path: PurePosixPath, wanted: Collection[PurePosixPath]) -> bool:
    """Whether a file on the disk is anybody's business: hidden ones belong to editors and systems."""
    return path in wanted or not any(part.startswith(".") for part in path.parts)


# --- who moved --------------------------------------------------------------------------------------------------------


def _moved(old: Manifest | None, new: Manifest) -> tuple[State, tuple[str, ...]]:
    """Why a file that nobody edited differs from what would be generated now.

    Generation is a function of spec, settings and tool: where neither of the first two moved, the third did.
    """
    if old is None:
        return "stale-spec", ()
    spec = [*_changes(old.inputs, new.inputs)]
    if old.settings != new.settings and SETTINGS not in {change.split()[0] for change in spec}:
        spec.append("settings changed")
    if not spec and old.left_out != new.left_out:
        spec.append("other operations are left out")
    tool = [*_tool_changes(old.tool, new.tool)]
    if not spec:
        return "stale-tool", tuple(tool)
    return ("stale-both" if tool else "stale-spec"), (*spec, *tool)


def _changes(old: Mapping[str, str], new: Mapping[str, str]) -> Iterable[str]:
    for path in sorted(old.keys() | new.keys()):
        if path not in old:
            yield f"{path} is new"
        elif path not in new:
            yield f"{path} is gone"
        elif old[path] != new[path]:
            yield f"{path} changed"


def _tool_changes(old: Tool, new: Tool) -> Iterable[str]:
    if old.version != new.version:
        yield f"specloom {old.version} -> {new.version}"
    elif old.code != new.code:
        yield "its own code changed"
    for package in sorted(old.pins.keys() | new.pins.keys()):
        before, after = old.pins.get(package, "none"), new.pins.get(package, "none")
        if before != after:
            yield f"{package} {before} -> {after}"


# --- showing it -------------------------------------------------------------------------------------------------------


def _diff(path: Path, new: bytes) -> tuple[int, tuple[str, ...]]:
    """The first line that differs, and the unified diff, cut after :data:`DIFF_LINES` lines."""
    if path.is_symlink() or not path.is_file():
        return 0, ()
    before, after = _lines(path.read_bytes()), _lines(new)
    same = 0
    while same < min(len(before), len(after)) and before[same] == after[same]:
        same += 1
    name = path.as_posix()
    lines = list(difflib.unified_diff(before, after, name, f"{name} (generated)", lineterm=""))
    if len(lines) > DIFF_LINES:
        lines[DIFF_LINES:] = [f"... {len(lines) - DIFF_LINES} more lines"]
    return same + 1, tuple(lines)


def _lines(data: bytes) -> list[str]:
    """The lines as editors count them: ``splitlines`` would also split at form feeds and the like."""
    lines = data.decode("utf-8", errors="replace").split("\n")
    return lines[:-1] if lines[-1] == "" else lines
