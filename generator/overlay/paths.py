"""JSONPath, as RFC 9535 has it: the one importer of its library.

A query is text of somebody's, so it gets a bounded number of steps, and its patterns run in a linear engine.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from iregexp_check import check
from jsonpath_rfc9535 import JSONPathEnvironment, JSONPathError, JSONPathNode, JSONPathQuery, Parser
from jsonpath_rfc9535.function_extensions import ExpressionType, FilterFunction
from jsonpath_rfc9535.selectors import IndexSelector, JSONPathSelector, NameSelector
from jsonpath_rfc9535.tokens import TokenStream
from pydantic_core import SchemaError, SchemaValidator, core_schema

from generator.tree import Json, Pointer, is_array, is_object
from generator.yaml12 import MAX_DEPTH

MAX_STEPS: Final = 2_000_000
"""How many nodes a query may look at: ten times those of the largest document that we try."""

MAX_CHARACTERS: Final = 10_000
"""How long a query may be: the library goes a level deeper with each of its segments."""

_SHORT: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_ESCAPES: Final = {"'": r"\'", "\\": r"\\", "\b": r"\b", "\f": r"\f", "\n": r"\n", "\r": r"\r", "\t": r"\t"}


class PathError(Exception):
    """A query that is none, or that takes too many steps. The message says why."""


@dataclass(frozen=True, slots=True)
class Query:
    """A JSONPath query."""

    text: str
    _query: JSONPathQuery
    _engine: _Engine

    def find(self, tree: Json) -> list[Pointer]:
        """Where the nodes are that it selects, each once. Raises :class:`PathError` for what takes too many steps."""
        self._engine.steps = 0
        try:
            return list(dict.fromkeys(node.location for node in self._query.finditer(tree)))
        except (JSONPathError, RecursionError) as found:
            raise PathError(_reason(found)) from None

    @property
    def names(self) -> Pointer | None:
        """The names and indexes of a query that can select one node only (RFC 9535, section 2.3.5.1)."""
        if not self._query.singular_query():
            return None
        selectors = [segment.selectors[0] for segment in self._query.segments]
        return tuple(one.name if isinstance(one, NameSelector) else getattr(one, "index", 0) for one in selectors)


def parse(text: str) -> Query:
    """The query that ``text`` is. Raises :class:`PathError` for what RFC 9535 does not know."""
    engine = _Engine()
    if len(text) > MAX_CHARACTERS:
        raise PathError(f"it has more than {MAX_CHARACTERS:,} characters")
    try:
        return Query(text, engine.compile(text), engine)
    except (JSONPathError, RecursionError, ValueError) as found:
        raise PathError(_reason(found)) from None


def spelled(pointer: Iterable[str | int]) -> str:
    """The query that selects the node at ``pointer``, with the short form for names that have one."""
    return "$" + "".join(_segment(token) for token in pointer)


def quoted(text: str) -> str:
    """A string literal (RFC 9535, section 2.3.1.1)."""
    return "'" + "".join(_ESCAPES.get(one) or (one if one >= " " else f"\\u{ord(one):04x}") for one in text) + "'"


def _segment(token: str | int) -> str:
    if isinstance(token, int):
        return f"[{token}]"
    return f".{token}" if _SHORT.fullmatch(token) else f"[{quoted(token)}]"


def _reason(found: Exception) -> str:
    if isinstance(found, RecursionError):
        return "it nests too deep"
    token = getattr(found, "token", None)
    text = str(found.args[0]) if found.args else str(found)
    index = getattr(token, "index", None)
    return text if index is None else f"{text} (character {index + 1})"


# --- the engine -------------------------------------------------------------------------------------------------------


class _Engine(JSONPathEnvironment):
    """The library's, with steps counted: each level of a descent asks for ``max_recursion_depth``."""

    def __init__(self) -> None:
        self.parser_class = _Parser
        self.steps = 0
        super().__init__()

    @property
    def max_recursion_depth(self) -> int:  # pyright: ignore[reportIncompatibleVariableOverride]
        self.spend(1)
        return 2 * MAX_DEPTH + 1

    def spend(self, steps: int) -> None:
        self.steps += steps
        if self.steps > MAX_STEPS:
            raise JSONPathError(f"it looks at more than {MAX_STEPS:,} nodes")

    def setup_function_extensions(self) -> None:
        super().setup_function_extensions()
        self.function_extensions["match"] = _Match(whole=True)
        self.function_extensions["search"] = _Match(whole=False)


class _Parser(Parser):
    """The library's, with selectors that count what they go through."""

    def parse_selectors(self, stream: TokenStream) -> tuple[JSONPathSelector, ...]:
        selectors = super().parse_selectors(stream)
        if len(selectors) == 1 and isinstance(selectors[0], NameSelector | IndexSelector):
            return selectors  # parsers ask for these two by type, and they go through nothing
        return tuple(_Counted(selector) for selector in selectors)


class _Counted(JSONPathSelector):
    def __init__(self, selector: JSONPathSelector) -> None:
        super().__init__(env=selector.env, token=selector.token)
        self._selector = selector

    def __str__(self) -> str:
        return str(self._selector)

    def resolve(self, node: JSONPathNode) -> Iterable[JSONPathNode]:
        value: Json = node.value
        size = len(value) if is_object(value) or is_array(value) else 0
        if isinstance(self.env, _Engine):
            self.env.spend(1 + size)
        return self._selector.resolve(node)


class _Match(FilterFunction):
    """``match`` and ``search`` (RFC 9535, sections 2.4.6 and 2.4.7) over patterns of RFC 9485."""

    def __init__(self, *, whole: bool) -> None:
        self._whole = whole

    @property
    def arg_types(self) -> list[ExpressionType]:
        return [ExpressionType.VALUE, ExpressionType.VALUE]

    @property
    def return_type(self) -> ExpressionType:
        return ExpressionType.LOGICAL

    def __call__(self, text: object, pattern: object) -> bool:
        if not isinstance(text, str) or not isinstance(pattern, str):
            return False
        compiled = _compiled(pattern, whole=self._whole)
        return compiled is not None and compiled.isinstance_python(text)


@lru_cache
def _compiled(pattern: str, *, whole: bool) -> SchemaValidator | None:
    if not check(pattern):
        return None
    parts = re.findall(r"\\.|\[(?:\\.|[^\]\\])*\]|.", pattern, re.DOTALL)
    inner = "".join(r"[^\n\r]" if part == "." else part for part in parts)
    try:
        return SchemaValidator(core_schema.str_schema(pattern=rf"\A(?:{inner})\z" if whole else inner))
    except SchemaError:
        return None
