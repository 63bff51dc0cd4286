"""What can be wrong with the input, where, and what to do about it.

A stage raises :class:`SpecloomError` with everything that it found wrong, or returns its value together with
the warnings it has. Only ``cli`` prints them. Nothing here imports another module of the project.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeAlias

Level: TypeAlias = Literal["error", "warning", "note"]
"""An error stops the run; a warning tells of something that is not as the document says; a note of what costs nothing."""

MAX_TEXT = 2_000
"""How many characters of a message or pointer are kept: both quote the document, whose keys may be of any length."""


@dataclass(frozen=True, slots=True)
class Location:
    """A place in an input file.

    ``line`` and ``column`` count from 1; ``line`` 0 means the file as a whole. ``pointer`` is the node's JSON
    pointer in that file (``#/paths/...``, ``""`` where there is none). ``excerpt`` holds up to three source
    lines as ``(number, text)``, the one at ``line`` among them; ``width`` is how many columns to underline. ``bundled`` is
    the node's pointer in the bundled document, ``None`` for a place that is not in it: it tells which operations need the
    node (``select.py``).
    """

    file: str
    line: int = 0
    column: int = 0
    pointer: str = ""
    excerpt: tuple[tuple[int, str], ...] = ()
    width: int = 1
    bundled: tuple[str | int, ...] | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "pointer", _cut(self.pointer))

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding about the input: a stable ``code``, a sentence that says what is wrong, and a hint what to do.

    ``related`` names other places that take part, such as the first use of a repeated operationId.
    """

    level: Level
    code: str
    message: str
    location: Location
    hint: str = ""
    related: tuple[tuple[str, Location], ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "message", _cut(self.message))
        object.__setattr__(self, "hint", _cut(self.hint))


def _cut(text: str) -> str:
    """The text, without its middle if it is too long: what is wrong is said at its ends."""
    return text if len(text) <= MAX_TEXT else f"{text[: MAX_TEXT // 2]} ... {text[-MAX_TEXT // 4 :]}"


class SpecloomError(Exception):
    """The input cannot be used. Carries every diagnostic that the stage found, errors and warnings alike."""

    def __init__(self, diagnostics: Diagnostic | Iterable[Diagnostic]) -> None:
        found = (diagnostics,) if isinstance(diagnostics, Diagnostic) else tuple(diagnostics)
        super().__init__("; ".join(f"{item.location}: {item.message}" for item in found))
        self.diagnostics = found


def error(code: str, message: str, location: Location, hint: str = "") -> SpecloomError:
    """A :class:`SpecloomError` with the one diagnostic that these words make."""
    return SpecloomError(Diagnostic("error", code, message, location, hint))


def explained(problem: Exception) -> tuple[Diagnostic, ...]:
    """An exception as findings: about the spec, about the disk, or about specloom itself."""
    if isinstance(problem, SpecloomError):
        return problem.diagnostics
    if isinstance(problem, OSError):
        place = problem.filename if isinstance(problem.filename, str | Path) else "disk"
        message = problem.strerror or str(problem)
        return (Diagnostic("error", "disk", message, Location(str(place)), "check the path, its rights and the disk"),)
    if isinstance(problem, MemoryError):
        message, hint = (
            "it takes more memory than there is",
            "Leave operations out with `include`, or split the document.",
        )
        return (Diagnostic("error", "memory", message, Location("specloom"), hint),)
    return (
        Diagnostic(
            "error",
            "internal",
            f"{type(problem).__name__}: {problem}",
            Location("specloom"),
            "This is a mistake of specloom's. Please report it with the document that shows it; "
            "SPECLOOM_DEBUG=1 in the environment shows where it happened.",
        ),
    )
