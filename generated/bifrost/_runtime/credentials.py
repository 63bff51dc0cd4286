"""How a client shows who calls."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Self


@dataclass(frozen=True, slots=True)
class Credential:
    """What goes into the header, query parameter or cookie called ``name``.

    The makers take None for a credential that was not given. They raise ``ValueError`` for a secret that no header
    can carry, without a word of it.
    """

    name: str
    value: str = field(repr=False)
    place: Literal["header", "query", "cookie"] = "header"

    @classmethod
    def key(cls, value: str | None, name: str, place: Literal["header", "query", "cookie"] = "header") -> Self | None:
        """A key under the name and in the place that the API asks for."""
        return None if value is None else cls(name, _sendable(value), place)

    @classmethod
    def authorization(cls, value: str | None, scheme: str) -> Self | None:
        """``Authorization: <scheme> <value>`` (RFC 9110, 11.6.2)."""
        return None if value is None else cls("Authorization", f"{scheme} {_sendable(value)}")

    @classmethod
    def bearer(cls, token: str | None) -> Self | None:
        """``Authorization: Bearer <token>`` (RFC 6750)."""
        return cls.authorization(token, "Bearer")

    @classmethod
    def basic(cls, pair: tuple[str, str] | None) -> Self | None:
        """``Authorization: Basic <username:password>`` (RFC 7617), in UTF-8."""
        return None if pair is None else cls.authorization(base64.b64encode(":".join(pair).encode()).decode(), "Basic")


def choose(known: Mapping[str, Credential | None], alternatives: tuple[tuple[str, ...], ...]) -> list[Credential]:
    """Those of the first alternative that all are there for. What was given is used also where none is needed."""
    for alternative in alternatives:
        found = [credential for scheme in alternative if (credential := known.get(scheme))]
        if found and len(found) == len(alternative):
            return found
    return []


def _sendable(secret: str) -> str:
    """The secret, if a header can carry it (RFC 9110, 5.5)."""
    if not secret or not secret.isascii() or not secret.isprintable() or secret != secret.strip():
        raise ValueError("a credential is empty or has white space around it or characters that no header can carry")
    return secret
