"""What schemathesis complains of and is left as it is: each a function, the argument its docstring, as narrow as can be."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from schemathesis import Case, Response
from schemathesis.core.failures import Failure

_ALL: Final[list[tuple[str, frozenset[str], str, Callable[[Case, Response], bool]]]] = []


def exclusion_of(document: str, failure: Failure, case: Case, response: Response) -> str | None:
    return None
