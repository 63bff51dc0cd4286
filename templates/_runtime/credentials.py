"""How a client shows who calls."""

from __future__ import annotations

import base64
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

Secret: TypeAlias = str | tuple[str, str]
"""A token or key; a user name and password where the scheme is ``basic``."""


@dataclass(frozen=True, slots=True)
class Credential:
    """What goes into the header, query parameter or cookie called ``name``."""

    name: str
    value: str = field(repr=False)
    place: Literal["header", "query", "cookie"] = "header"


@dataclass(frozen=True, slots=True)
class Scheme:
    """A way to show who calls, and the environment variable that a secret for it is in if it is given nowhere else.

    ``name`` is that of an API key's header, query parameter or cookie, or of an HTTP authentication scheme.
    """

    kind: Literal["bearer", "basic", "authorization", "header", "query", "cookie"]
    variable: str
    name: str = ""

    def credential(self, secret: Secret) -> Credential:
        """The credential with that secret, for ``basic`` a pair or ``user:password``.

        Raises ``ValueError`` for a secret that no header can carry, without a word of it.
        """
        if self.kind == "basic":  # RFC 7617, in UTF-8
            text = secret if isinstance(secret, str) else ":".join(secret)
            return Credential("Authorization", f"Basic {base64.b64encode(text.encode()).decode()}")
        if not isinstance(secret, str):
            raise TypeError(f"a credential for {self.kind} is a str")
        # RFC 9110, 5.5
        if not secret or not secret.isascii() or not secret.isprintable() or secret != secret.strip():
            what = "is empty or has white space around it or characters that no header can carry"
            raise ValueError(f"a credential (that of {self.variable}) {what}")
        if self.kind in ("bearer", "authorization"):  # RFC 6750; RFC 9110, 11.6.2
            return Credential("Authorization", f"{self.name or 'Bearer'} {secret}")
        return Credential(self.name, secret, self.kind)


def credentials(schemes: Mapping[str, Scheme], given: Iterable[Secret | None]) -> dict[str, Credential]:
    """The credentials by scheme; those of the environment where none at all is given."""
    secrets = dict(zip(schemes, given, strict=True))
    if all(secret is None for secret in secrets.values()):
        secrets = {name: os.environ.get(scheme.variable) or None for name, scheme in schemes.items()}
    return {name: schemes[name].credential(secret) for name, secret in secrets.items() if secret is not None}


def choose(known: Mapping[str, Credential], alternatives: tuple[tuple[str, ...], ...]) -> list[Credential]:
    """Those of the first alternative that all are there for. What was given is used also where none is needed."""
    for alternative in alternatives:
        found = [credential for scheme in alternative if (credential := known.get(scheme))]
        if found and len(found) == len(alternative):
            return found
    return []
