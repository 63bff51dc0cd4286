"""What whoever runs a server may choose."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypedDict

__all__ = ["Limits", "Settings"]


class Settings(TypedDict, total=False):
    """Keyword arguments of ``create_app`` and ``build_router``; None takes a limit away."""

    max_body_bytes: int | None
    """The largest body that is held in memory: JSON, text, a form, a line, the fields beside files. 64 MiB."""
    max_upload_bytes: int | None
    """The largest body that is not: files, which go to disk, and what a handler reads piece by piece. 4 GiB."""
    keep_alive: float | None
    """Seconds without an event after which a stream of server-sent events is kept open by a comment. 15."""
    strict_accept: bool
    """Whether 406 answers a caller whose ``Accept`` has none of the declared media types. True."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The settings, each with its default."""

    max_body_bytes: int | None = 64 * 2**20
    max_upload_bytes: int | None = 4 * 2**30
    keep_alive: float | None = 15.0
    strict_accept: bool = True
