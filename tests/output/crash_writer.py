"""Writes one tree over another, and dies at a chosen moment. Run by test_output_crash.py, in a process of its own.

``crash_writer.py MODE FOLDER steps``: for every event that Python reports to audit hooks during one write, a fork of
this process writes tree B over tree A and dies at that event. Prints a line per death: the state that a reader finds,
and the state after the next run began.
``crash_writer.py MODE FOLDER forever``: writes A and B in turn until it is killed.
"""

from __future__ import annotations

import errno
import os
import shutil
import sys
from pathlib import Path, PurePosixPath
from typing import NoReturn

from generator import atomic, manifest, output
from generator.manifest import Tool

TOOL = Tool("1", "t", {})
SHARED = {"__init__.py": b"# shared\n", "py.typed": b"", "_runtime/errors.py": b"x = 1\n"}
TREES = {
    "A": {
        **SHARED,
        **{f"models/m{number}.py": b"a = 1\n" * 50 for number in range(6)},
        "only_a/x.py": b"a",
    },
    "B": {
        **SHARED,
        **{f"models/m{number}.py": b"b = 2\n" * 50 for number in range(2, 9)},
        "only_b/x.py": b"b",
    },
}
FOREIGN = {"notes.txt": b"mine\n", "models/mine/deep.txt": b"mine too\n"}


def tree(name: str) -> output.Tree:
    return {PurePosixPath(path): data for path, data in TREES[name].items()}


def write(folder: Path, name: str) -> output.Plan:
    owner = manifest.describe(tree(name), inputs={"openapi.yaml": name}, settings="", tool=TOOL)
    return output.write(folder, tree(name), owner)


def state(folder: Path) -> str:
    """``A`` or ``B`` when the folder is exactly that tree, its manifest and the foreign files; else what is wrong."""
    if not folder.is_dir():
        return "absent"
    found = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    listed = found.pop("manifest.json", b"")
    for name, files in TREES.items():
        owner = manifest.describe(tree(name), inputs={"openapi.yaml": name}, settings="", tool=TOOL)
        if found == {**files, **FOREIGN} and listed == owner.render():
            return name
    return f"mixed: {sorted(found)}"


def prepare(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    shutil.rmtree(atomic.work_folder(folder), ignore_errors=True)
    write(folder, "A")
    for path, data in FOREIGN.items():
        (folder / path).parent.mkdir(exist_ok=True)
        (folder / path).write_bytes(data)


def pretend(mode: str, folder: Path) -> None:
    """Takes away what the platform under test does not have."""
    if mode == "exchange":
        return
    atomic._exchange = lambda first, second: False  # pyright: ignore[reportPrivateUsage]
    if mode == "copy":  # an overlay: a folder from a lower layer cannot be renamed
        rename = Path.rename

        def refusing(self: Path, target: Path) -> Path:
            if self == folder:
                raise OSError(errno.EXDEV, os.strerror(errno.EXDEV), str(self))
            return rename(self, target)

        Path.rename = refusing  # type: ignore[method-assign]


def write_and_die(folder: Path, at: int) -> NoReturn:
    seen = 0

    def count(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal seen
        seen += 1
        if seen == at:
            os._exit(9)

    sys.addaudithook(count)
    write(folder, "B")
    os._exit(0)


def die_at_every_step(folder: Path) -> None:
    at = 0
    code = 9
    while code == 9:
        at += 1
        prepare(folder)
        child = os.fork()
        if child == 0:
            write_and_die(folder, at)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        found = state(folder)
        with atomic.workspace(folder):
            pass
        leftover = "leftover" if atomic.work_folder(folder).exists() else "clean"
        print(code, found, state(folder), leftover, sep="|")


def main() -> None:
    os.fsync = lambda handle: None  # a process that dies loses nothing that it wrote; a disk would be slow
    mode, folder, what = sys.argv[1], Path(sys.argv[2]), sys.argv[3]
    pretend(mode, folder)
    if what == "steps":
        die_at_every_step(folder)
        return
    print("ready", flush=True)
    while True:
        write(folder, "B")
        write(folder, "A")


if __name__ == "__main__":
    main()
