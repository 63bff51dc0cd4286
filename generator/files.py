"""Files from the disk, as far as they can be the parts of a description."""

from __future__ import annotations

import os
from pathlib import Path
from stat import S_ISDIR, S_ISREG

from generator.errors import Location, error

MAX_BYTES = 64 * 1024 * 1024
"""How large a file may be: twenty times the largest document that we try."""


def read_file(path: Path, *, name: str) -> bytes:
    """The bytes of a file; ``name`` is what messages call it.

    Raises ``OSError`` for what cannot be opened, ``not-a-file`` for folders, pipes and devices, which may have no end,
    and ``file-too-large``.
    """
    # Without O_NONBLOCK, opening a pipe waits for someone to write to it.
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    with open(handle, "rb") as file:
        mode = os.fstat(handle).st_mode
        if not S_ISREG(mode):
            what = "a folder" if S_ISDIR(mode) else "a pipe or a device"
            raise error("not-a-file", f"'{name}' is {what}, not a file", Location(name), "name the file itself")
        data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        message = f"'{name}' is larger than {MAX_BYTES // 1024**2} MB"
        hint = "split the description into several files, or take data out of it that nothing is generated from"
        raise error("file-too-large", message, Location(name), hint)
    return data
