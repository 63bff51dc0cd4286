"""What a comparison finds, and the rules that find it.

A rule is one function over one kind of pair: it looks at what was and what is, and says in a sentence what changed. Its
name, with dashes, is its id; its docstring is what ``specloom explain`` and ``docs/rules.md`` say of it.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal, TypeAlias, TypeVar, cast

from generator.errors import Location
from generator.tree import Pointer

Severity: TypeAlias = Literal["breaking", "warning", "info"]
"""Breaking: somebody's calls or code stop working. Warning: they may. Info: they do not."""

Kind: TypeAlias = Literal["wire", "source"]
"""Whom it is about: callers on the wire, or code that uses the generated Python."""

Direction: TypeAlias = Literal["request", "response", ""]

Users: TypeAlias = Literal["callers", "handlers", ""]
"""Whose code a rule of source is about: that which calls the client, that which the server calls, or any."""

SEVERITIES: tuple[Severity, ...] = ("breaking", "warning", "info")

P = TypeVar("P")


@dataclass(frozen=True, slots=True)
class Change:
    """What a rule says of a pair: a sentence, and where to look in the old and in the new document, None for nowhere."""

    message: str
    old: Pointer | None
    new: Pointer | None


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule: ``check`` gives what it finds in a pair of the type ``subject``.

    It is asked about pairs of its ``direction`` alone, or about all if it has none.
    One of source is asked where there is code of its ``users``.
    ``mirror`` is the id of the rule that finds the same change made backwards, or, where it has a space in it, the
    reason why there is none.
    """

    id: str
    severity: Severity
    kind: Kind
    direction: Direction
    mirror: str
    subject: type
    doc: str
    users: Users
    check: Callable[[object], Iterable[Change]]


@dataclass(frozen=True, slots=True)
class Finding:
    """What changed. ``operations`` are those that it is about (``POST /images``), sorted; none where it is about all."""

    rule: str
    severity: Severity
    kind: Kind
    direction: Direction
    message: str
    old: Location | None
    new: Location | None
    operations: tuple[str, ...] = ()


def rule(
    subject: type[P],
    severity: Severity,
    *,
    mirror: str,
    direction: Direction = "",
    kind: Kind = "wire",
    users: Users = "",
) -> Callable[[Callable[[P], Iterable[Change]]], Rule]:
    """Makes a rule of a function."""

    def made(check: Callable[[P], Iterable[Change]]) -> Rule:
        identifier = check.__name__.replace("_", "-")
        doc = inspect.cleandoc(check.__doc__ or "")
        of_any = cast("Callable[[object], Iterable[Change]]", check)  # asked about pairs of its subject alone
        return Rule(identifier, severity, kind, direction, mirror, subject, doc, users, of_any)

    return made
