"""Pictures, as small as they can be said: a PNG of one colour."""

from __future__ import annotations

import struct
import zlib
from random import Random
from typing import Final

DEFAULT_SIZE: Final = (1024, 1024)
_MOST_PIXELS: Final = 4096 * 4096


def png(size: tuple[int, int], random: Random) -> bytes:
    """A PNG of that size (W3C PNG, third edition) in a colour that ``random`` chooses.

    Three bytes a pixel in memory, so what nobody can draw is drawn in the usual size.
    """
    width, height = size if 0 < size[0] * size[1] <= _MOST_PIXELS and size[0] > 0 else DEFAULT_SIZE
    row = b"\0" + random.randbytes(3) * width  # filter 0; 8 bits of red, green and blue
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(row * height, 1)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in chunks)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
