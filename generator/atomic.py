"""Replacing a whole folder so that, killed at any moment, the old or the new one is there: locks, renames, recovery.

All work happens in one hidden folder beside the target, ``.<name>.specloom``, on the same filesystem:

=========  ===========================================================================================
``lock``   held for as long as a run works here; the kernel lets go of it when the run dies
``new``    the new tree while it is built; the old tree once the two have changed places
``old``    the old tree, between the two renames of a system that cannot exchange two folders at once
``ready``  the whole new tree, once the old one is being deleted because it cannot be renamed
=========  ===========================================================================================

Linux and macOS exchange two folders in one step, so a reader always finds a whole tree. Elsewhere there is a moment
without the folder; the next run finds ``old`` or ``ready`` and puts things right before it does anything else.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import shutil
import stat
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from generator.layout import work_folder

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

_UNSUPPORTED = frozenset({errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EXDEV})
"""What an exchange answers where kernel or filesystem has none; EXDEV: a folder from a lower layer of an overlay."""


@contextmanager
def workspace(folder: Path) -> Generator[Path]:
    """The work folder of ``folder``, empty but for its lock, for as long as no other run may have it.

    Waits for a run that has it, and finishes or undoes what a killed one left. Gone at the end.
    Raises ``OSError`` when the folder above cannot be written.
    """
    work = work_folder(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    handle = _acquire(work)
    try:
        _recover(folder, work)
        (work / ".gitignore").write_text("*\n", encoding="utf-8")  # what a kill leaves is nobody's change
        yield work
    finally:
        _clear(work)
        _release(work, handle)


def swap(staged: Path, folder: Path, *, work: Path) -> None:
    """Puts the tree ``staged``, which is in ``work``, in the place of ``folder``, which may not exist yet."""
    for path, _, _ in os.walk(staged, topdown=False):
        _sync_folder(Path(path))
    if not folder.exists():
        staged.rename(folder)
    elif not _exchange(staged, folder):
        _replace(staged, folder, work)
    _sync_folder(folder.parent)


def write_file(path: Path, data: bytes) -> None:
    """Creates ``path`` with ``data`` and waits until it is on the disk. Raises ``FileExistsError`` if it exists."""
    with path.open("xb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def replace_file(path: Path, data: bytes) -> None:
    """Puts ``data`` in the place of ``path``, whether it exists or not: all of it, or on any failure nothing."""
    staged = path.with_name(f".{path.name}.specloom")
    try:
        staged.unlink(missing_ok=True)
        write_file(staged, data)
        staged.replace(path)
    except OSError as problem:
        problem.filename = str(path)
        raise
    finally:
        staged.unlink(missing_ok=True)


def link_or_copy(source: Path, target: Path) -> None:
    """``source``, a file or a symlink that is not followed, at ``target`` as well: the same inode where that can be."""
    try:
        os.link(source, target, follow_symlinks=False)
    except (
        OSError,
        NotImplementedError,
    ):  # no hard links here, too many of them, or another user's file
        shutil.copy2(source, target, follow_symlinks=False)


# --- steps ------------------------------------------------------------------------------------------------------------


def _replace(staged: Path, folder: Path, work: Path) -> None:
    """What :func:`swap` does where two folders cannot change places in one step."""
    try:
        folder.rename(work / "old")
    except OSError as problem:
        if problem.errno != errno.EXDEV:
            raise
        ready = staged.rename(work / "ready")
        _sync_folder(work)
        shutil.rmtree(folder)
        ready.rename(folder)
    else:
        staged.rename(folder)


def _recover(folder: Path, work: Path) -> None:
    """Ends what a killed run began: forward from ``ready``, back to ``old``; then forgets the rest."""
    ready, old = work / "ready", work / "old"
    if ready.exists():
        if folder.exists():
            shutil.rmtree(folder)
        ready.rename(folder)
    elif old.exists() and not folder.exists():
        old.rename(folder)
    _clear(work)


def _clear(work: Path) -> None:
    for entry in list(os.scandir(work)):
        if entry.name == "lock":
            continue
        if entry.is_dir(follow_symlinks=False):
            shutil.rmtree(entry.path)
        else:
            os.unlink(entry.path)


def _exchange(first: Path, second: Path) -> bool:
    """Lets two folders change places in one step; ``False`` where the platform cannot.

    renameat2(2) with RENAME_EXCHANGE on Linux, renamex_np(2) with RENAME_SWAP on macOS.
    """
    if sys.platform == "win32":
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    paths = os.fsencode(first), os.fsencode(second)
    if hasattr(libc, "renameat2"):
        at_cwd, rename_exchange = -100, 2
        failed = libc.renameat2(at_cwd, paths[0], at_cwd, paths[1], rename_exchange)
    elif hasattr(libc, "renamex_np"):
        rename_swap = 2
        failed = libc.renamex_np(paths[0], paths[1], rename_swap)
    else:
        return False
    if not failed:
        return True
    code = ctypes.get_errno()
    if code in _UNSUPPORTED:
        return False
    raise OSError(code, os.strerror(code), str(second))


def _sync_folder(path: Path) -> None:
    """Waits until the entries of the folder ``path`` are on the disk."""
    if sys.platform == "win32":
        return  # a folder cannot be opened there
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    except OSError as problem:  # some network filesystems cannot sync a folder
        if problem.errno not in _UNSUPPORTED:
            raise
    finally:
        os.close(handle)


# --- the lock ---------------------------------------------------------------------------------------------------------


def _acquire(work: Path) -> int:
    """Makes ``work`` and waits for its lock. The handle holds the lock until it is closed."""
    while True:
        _make(work)
        try:
            flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0)
            handle = os.open(work / "lock", flags, 0o600)
        except FileNotFoundError:
            continue  # the run that had it removed the folder just now
        if sys.platform == "win32":
            msvcrt.locking(handle, msvcrt.LK_LOCK, 1)
        else:
            fcntl.flock(handle, fcntl.LOCK_EX)
        if _is_current(work / "lock", handle):
            return handle
        os.close(handle)  # the lock of a folder that is gone


def _make(work: Path) -> None:
    """Raises ``FileExistsError`` when something other than a folder stands there: what is inside will be deleted."""
    with contextlib.suppress(FileExistsError):
        work.mkdir()
        return
    with contextlib.suppress(FileNotFoundError):
        if not stat.S_ISDIR(work.lstat().st_mode):
            raise FileExistsError(errno.EEXIST, "not a folder of specloom's", str(work))


def _is_current(lock: Path, handle: int) -> bool:
    try:
        return os.path.samestat(lock.stat(), os.fstat(handle))
    except FileNotFoundError:
        return False


def _release(work: Path, handle: int) -> None:
    """Removes the lock and the folder. A run that waits finds the lock gone, and makes its own."""
    if sys.platform == "win32":
        os.close(handle)  # an open file cannot be removed there; one that another run has opened stays
        with contextlib.suppress(PermissionError):
            (work / "lock").unlink()
    else:
        (work / "lock").unlink()
        os.close(handle)
    with contextlib.suppress(OSError):  # a run that waited is in it already
        work.rmdir()
