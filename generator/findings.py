"""What a run tells of a document that it read: errors that it went on in spite of, warnings, what it left out."""

from __future__ import annotations

from dataclasses import dataclass

from generator.errors import Diagnostic, Location


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What errors took away: where it stands, and the errors, where they are known.

    ``name`` is that of an operation (``POST /images``), or of a path or a component that no operation needs.
    """

    name: str
    location: Location
    because: tuple[Diagnostic, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """What to tell of a document. There are ``errors`` only where the run was to go on without what they take away."""

    warnings: tuple[Diagnostic, ...]
    errors: tuple[Diagnostic, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
