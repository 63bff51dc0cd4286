"""A generated tree and the disk: what a run may change there, and changing it all at once.

Only files that the manifest owns, and that nobody edited, are replaced or removed. Files that did not change keep
their inode and their times; what else stands in the folder stays.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import shutil
import stat
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TypeAlias

from generator import atomic, manifest
from generator.errors import Diagnostic, Location, SpecloomError, error
from generator.layout import CACHES, work_folder
from generator.manifest import Manifest

Tree: TypeAlias = Mapping[PurePosixPath, bytes]
"""The files of one integration, by their paths relative to ``generated/<name>/``, without the manifest."""

Digests: TypeAlias = Mapping[PurePosixPath, str]
"""The sha256 of files, by their paths relative to the folder."""

IRREGULAR = "not a regular file"
"""Stands for the digest of a symlink or a device: it equals none."""

_READS = 10
"""How often a reader starts when other runs put new trees in the place of the one that it reads."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What writing a tree means for the folder, each list sorted.

    ``foreign`` and ``edited`` are why nothing at all may be written: files in the way that the manifest does not name,
    and files that it does name but that are no longer what was generated.
    """

    written: tuple[PurePosixPath, ...] = ()
    removed: tuple[PurePosixPath, ...] = ()
    unchanged: tuple[PurePosixPath, ...] = ()
    foreign: tuple[PurePosixPath, ...] = ()
    edited: tuple[PurePosixPath, ...] = ()

    @property
    def is_refused(self) -> bool:
        """Whether something stands in the way."""
        return bool(self.foreign or self.edited)

    @property
    def is_empty(self) -> bool:
        """Whether the folder is what it should be."""
        return not (self.written or self.removed or self.is_refused)


def read(folder: Path) -> Digests:
    """The digests of all files in ``folder``, none where it does not exist. Caches are left out, symlinks not followed.

    Raises ``SpecloomError`` when ``folder`` is a symlink or a file, ``OSError`` when it cannot be read.
    """
    for _ in range(_READS):
        if not _is_folder(folder):
            return {}
        with contextlib.suppress(FileNotFoundError):
            return dict(sorted(_read(folder, PurePosixPath())))
    raise FileNotFoundError(errno.ENOENT, "it changes faster than it can be read", str(folder))


def _is_folder(folder: Path) -> bool:
    try:
        mode = folder.lstat().st_mode
    except FileNotFoundError:
        return False
    if not stat.S_ISDIR(mode):
        kind = "a symlink" if stat.S_ISLNK(mode) else "not a folder"
        raise error(
            "output-not-a-folder",
            f"{folder.as_posix()} is {kind}; generated files are written into a folder of their own",
            Location(folder.as_posix()),
            "Move it away, or name another folder.",
        )
    return True


def _read(folder: Path, at: PurePosixPath) -> Iterable[tuple[PurePosixPath, str]]:
    for entry in os.scandir(folder):
        path = at / entry.name
        if entry.is_dir(follow_symlinks=False):
            if entry.name not in CACHES:
                yield from _read(Path(entry.path), path)
        elif entry.is_file(follow_symlinks=False):
            with open(entry.path, "rb") as file:
                yield path, hashlib.file_digest(file, "sha256").hexdigest()
        else:
            yield path, IRREGULAR


def plan(disk: Digests, new: Digests, owner: Manifest | None) -> Plan:
    """What it takes to make ``disk`` into ``new`` under the licence of ``owner``, the manifest on the disk.

    ``new`` has the manifest file in it. A file in the way that already is what it should be is no obstacle.
    """
    owned: dict[PurePosixPath, str] = {}
    if owner is not None:
        owned = {**owner.outputs, manifest.FILE: disk.get(manifest.FILE, "")}
    unchanged = {path for path in new if disk.get(path) == new[path]}
    written = new.keys() - unchanged
    theirs = {path for path in written if path in disk and path not in owned}
    edited = {path for path in owned if path in disk and path not in unchanged and disk[path] != owned[path]}
    removed = {path for path in owned if path in disk and path not in new} - edited
    # A file where a folder must be, or files in a folder where a file must be.
    stays = disk.keys() - written - removed
    folders = {parent for path in stays for parent in path.parents}
    theirs |= {path for path in written if path in folders}
    theirs |= {parent for path in written for parent in path.parents if parent in stays}
    return Plan(
        written=tuple(sorted(written)),
        removed=tuple(sorted(removed)),
        unchanged=tuple(sorted(unchanged)),
        foreign=tuple(sorted(theirs - edited)),
        edited=tuple(sorted(edited)),
    )


def write(folder: Path, tree: Tree, owner: Manifest) -> Plan:
    """Makes ``folder`` hold ``tree`` and its manifest ``owner``, all at once; gives what changed.

    Touches nothing when nothing changed. Waits for another run that writes the same folder. Raises ``SpecloomError``
    when a path of the tree is not one inside a folder, or a file of somebody else's is in the way (and then nothing was
    written), ``OSError`` when the disk says no.
    """
    _check_paths(folder, tree)
    files = {**tree, manifest.FILE: owner.render()}
    new = {path: manifest.digest(data) for path, data in files.items()}
    todo = _plan(folder, new)
    if todo.is_empty and not work_folder(folder).exists():
        return todo
    with atomic.workspace(folder) as work:
        todo = _plan(folder, new)  # again: another run may have been at work, or a killed one been undone
        if todo.is_refused:
            raise SpecloomError(_refusals(folder, todo))
        if not todo.is_empty:
            _stage(folder, work / "new", todo, files)
            atomic.swap(work / "new", folder, work=work)
    return todo


def _plan(folder: Path, new: Digests) -> Plan:
    disk = read(folder)
    return plan(disk, new, manifest.load(folder))


def _stage(folder: Path, staged: Path, todo: Plan, files: Tree) -> None:
    """Builds the new folder: what stays is linked, what is new is written, folders that a removal emptied are gone."""
    if folder.exists():
        _carry(folder, staged, frozenset(todo.written + todo.removed))
    else:
        staged.mkdir()
    for path in todo.written:
        target = staged / path
        target.parent.mkdir(parents=True, exist_ok=True)
        atomic.write_file(target, files[path])
    for path in todo.removed:
        for parent in path.parents[:-1]:
            left = staged / parent
            if left.is_dir() and CACHES.issuperset(os.listdir(left)):
                shutil.rmtree(left)


def _carry(source: Path, target: Path, leave: frozenset[PurePosixPath], at: str = "") -> None:
    """The folder ``source`` once more as ``target``, without the paths in ``leave``; ``at`` is its own path there."""
    target.mkdir()
    shutil.copymode(source, target)
    for entry in os.scandir(source):
        path = PurePosixPath(at, entry.name)
        if path in leave:
            continue
        if entry.is_dir(follow_symlinks=False):
            _carry(Path(entry.path), target / entry.name, leave, str(path))
        else:
            atomic.link_or_copy(Path(entry.path), target / entry.name)


# --- saying no --------------------------------------------------------------------------------------------------------


def _check_paths(folder: Path, tree: Tree) -> None:
    spellings: dict[str, PurePosixPath] = {}
    for path in sorted(tree):
        if not manifest.is_inside(str(path)) or path == manifest.FILE:
            raise error(
                "output-path",
                f"{str(path)!r} is not a path that may be generated",
                Location(folder.as_posix()),
                "Give what it is named after another name under `names` in integration.yaml.",
            )
        twin = spellings.setdefault(str(path).casefold(), path)
        if twin != path:
            raise error(
                "output-path",
                f"{str(twin)!r} and {str(path)!r} are one file on systems that do not tell case apart",
                Location(folder.as_posix()),
                "Give one of the two another name under `names` in integration.yaml.",
            )


def _refusals(folder: Path, todo: Plan) -> Iterable[Diagnostic]:
    where = Location(folder.as_posix())
    if todo.foreign:
        yield Diagnostic(
            "error",
            "foreign-file",
            f"{_files(todo.foreign)} in the way {_was(todo.foreign)} not generated by specloom; nothing was written",
            where,
            "Move what you wrote there into a folder of your own: nothing hand-written lives among generated files.",
            _places(folder, todo.foreign),
        )
    if todo.edited:
        yield Diagnostic(
            "error",
            "edited-file",
            f"{_files(todo.edited)} {_was(todo.edited)} edited since the last generation; nothing was written",
            where,
            "Move the edits into a module of your own, then delete these files and generate again: "
            "a deleted file is generated anew.",
            _places(folder, todo.edited),
        )


def _places(folder: Path, paths: tuple[PurePosixPath, ...]) -> tuple[tuple[str, Location], ...]:
    return tuple(("here", Location((folder / path).as_posix())) for path in paths)


def _files(paths: tuple[PurePosixPath, ...]) -> str:
    return "a file" if len(paths) == 1 else f"{len(paths)} files"


def _was(paths: tuple[PurePosixPath, ...]) -> str:
    return "was" if len(paths) == 1 else "were"
