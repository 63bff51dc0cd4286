"""How rules put what they found into words."""

from __future__ import annotations

from collections.abc import Iterable

_LONGEST = 100


def quoted(value: object) -> str:
    """What a document says, on one line and not too long."""
    text = " ".join(str(value).split()).replace("`", "'")
    return f"`{text if len(text) <= _LONGEST else text[: _LONGEST - 1] + '…'}`"


def listed(values: Iterable[object]) -> str:
    """Several of them, in their alphabetical order; ``none`` for none."""
    return ", ".join(quoted(value) for value in sorted(map(str, values))) or "none"
