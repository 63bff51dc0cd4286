"""What the author of a document should know of how it was read."""

from __future__ import annotations

from dataclasses import dataclass, field

from generator.errors import Diagnostic, Level, SpecloomError, error
from generator.normalise.canonical import Canonical
from generator.tree import Pointer


@dataclass(frozen=True, slots=True)
class Notes:
    """Gathers warnings, each at the place in the source that it is about."""

    canonical: Canonical
    warnings: list[Diagnostic] = field(default_factory=list[Diagnostic])

    def left_out(self, media_type: str, what: str, at: Pointer) -> None:
        """A media type that stands beside one that is generated."""
        message = f"{media_type} of this {what} is left out: another media type of it is generated"
        self._add("warning", "media-type-left-out", message, at, "")

    def body_required(self, field_name: str, at: Pointer) -> None:
        """A body whose ``required`` was guessed."""
        message = f"`required` is not said: the body is read as required, since it needs `{field_name}`"
        hint = "say `required: true`, or `required: false` if calls without a body are meant"
        self._add("warning", "body-required", message, at, hint)

    def read_as(self, code: str, message: str, at: Pointer, hint: str) -> None:
        """Something invalid whose meaning is clear."""
        self._add("warning", code, message, at, hint)

    def refuse(self, code: str, message: str, at: Pointer, hint: str) -> SpecloomError:
        """The exception for something that has no meaning here."""
        return error(code, message, self.canonical.locate(*at), hint)

    def unsupported(self, what: str, at: Pointer) -> SpecloomError:
        """The exception for a construct that no output exists for."""
        hint = "leave the operation out: name it under `skip:` with a reason"
        return self.refuse("unsupported", f"{what} cannot be generated", at, hint)

    def _add(self, level: Level, code: str, message: str, at: Pointer, hint: str) -> None:
        self.warnings.append(Diagnostic(level, code, message, self.canonical.locate(*at), hint))
