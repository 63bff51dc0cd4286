"""YAML 1.2 as JSON values: the core schema (YAML 1.2.2, section 10.3) over the events of PyYAML.

PyYAML's own loaders follow YAML 1.1, where ``on`` and ``no`` are booleans, ``12:30`` is a number and
``2025-01-01`` a date. Only its scanner and parser are used here, the C ones where libyaml is at hand. The
composer keeps a stack of its own, so that no text can exhaust Python's.

Places are character indexes into the text; ``document.py`` makes lines and columns of them, and ``yaml_marks.py``
finds the place of any node when a message needs it.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from typing import NoReturn, cast

from generator import yaml_events as y
from generator.tree import Json, JsonArray, JsonObject, Pointer, is_array, is_object
from generator.yaml_events import Event, Malformed, Span

MAX_DEPTH = 200
"""How deep collections may nest, aliases followed. Later stages recurse over the tree."""

MAX_ALIASED = 1_000_000
"""How many nodes aliases may stand for in all; 32 characters of a string weigh as one node more."""

_TAG = "tag:yaml.org,2002:"
_CONSTANTS: dict[str, Json] = {
    "": None,
    **dict.fromkeys(("~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_NUMBER_START = frozenset("+-.0123456789")
_INTEGER = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_COLON_IN_VALUE = re.compile(r"\s*(?:- )?[^\s:'\"#][^:]*:\s+[^\s'\"|>\[{&*].*:(?:\s|$)")
_KEY_HINT = "JSON has strings for keys; quote the text when it starts with '{', '[' or '?'"
_INDENT_HINT = "the keys of one mapping start in the same column: check the indent of this line and the ones above"
_NOT_FINITE = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufeff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a text is not a YAML document that can be used: the fields of a ``Diagnostic`` with spans for places."""

    code: str
    message: str
    hint: str
    span: Span
    pointer: Pointer = ()
    related: tuple[tuple[str, Span], ...] = ()


class YamlError(Exception):
    """The text cannot be used. ``problems`` holds all that was found, in the order of the text."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("; ".join(problem.message for problem in problems))
        self.problems = problems


def parse(text: str) -> Json:
    """The one document in ``text`` as JSON values; ``None`` when it holds none.

    Mapping keys become strings as they stand in the source (``200:`` is ``"200"``). An alias gives the very
    object that its anchor names. The keys of what a merge key (``<<``) names stand before the mapping's own. Raises
    :class:`YamlError` for malformed YAML, repeated keys, a second document, tags outside the core schema, merge keys
    of anything but mappings, numbers that JSON cannot write, and for aliases or nesting beyond :data:`MAX_ALIASED` and :data:`MAX_DEPTH`.
    """
    unprintable = _UNPRINTABLE.search(text)
    if unprintable:
        span = Span(*unprintable.span())
        message = f"the character U+{ord(unprintable[0]):04X} may not stand in YAML"
        hint = 'remove it, or write it as an escape such as "\\x07" in double quotes'
        raise YamlError((Problem("yaml-syntax", message, hint, span),))
    return _Composer(text).compose()


@dataclass(slots=True)
class _Frame:
    """A collection that is still open. ``merges`` says that its key is a merge key, ``merged`` what those gave."""

    node: JsonObject | JsonArray
    anchor: str | None
    start: int
    key: str | None = None
    merges: bool = False
    merged: list[JsonObject] = field(default_factory=list[JsonObject])
    key_span: Span = field(default_factory=lambda: Span(0, 0))
    keys: dict[str, Span] = field(default_factory=dict[str, Span])
    size: int = 1
    height: int = 1


@dataclass(frozen=True, slots=True)
class _Anchored:
    """What an alias stands for: the value, its expanded size and height, and its text if it is a scalar."""

    value: Json
    size: int
    height: int
    source: str | None


class _Composer:
    """Builds the tree of one text from its events."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._stack: list[_Frame] = []
        self._anchors: dict[str, _Anchored] = {}
        self._open: set[str] = set()
        self._aliased = 0
        self._problems: list[Problem] = []
        self._root: Json = None

    def compose(self) -> Json:
        documents = 0
        try:
            for event in y.events(self._text):
                if isinstance(event, y.Scalar):
                    self._scalar(event)
                elif isinstance(event, y.MappingStart):
                    self._begin(event, {}, "map")
                elif isinstance(event, y.SequenceStart):
                    self._begin(event, [], "seq")
                elif isinstance(event, y.CollectionEnd):
                    self._end()
                elif isinstance(event, y.Alias):
                    self._alias(event)
                elif isinstance(event, y.DocumentStart):
                    documents += 1
                    if documents > 1:
                        hint = "keep one document and remove the '---' line"
                        self._stop(event, "yaml-documents", "a second document starts here", hint)
        except y.MalformedYaml as error:
            self._problems.append(self._syntax_problem(cast("Malformed", error)))
        if self._problems:
            raise YamlError(tuple(self._problems))
        return self._root

    # -- nodes ---------------------------------------------------------------------------------------

    def _scalar(self, event: Event) -> None:
        text = event.value
        if self._expects_key():
            if event.tag:
                self._tagged(event)
            self._anchor(event.anchor, text, 1 + len(text) // 32, height=0, source=text)
            self._key(text, y.span(event))
            self._stack[-1].merges = text == "<<" and event.implicit[0] and not event.tag
            return
        if event.tag:
            value = self._tagged(event)
        elif event.implicit[0]:
            value = self._plain(event)
        else:
            value = text
        size = 1 + len(text) // 32
        self._anchor(event.anchor, value, size, height=0, source=text)
        self._place(value, size, height=0)

    def _begin(self, event: Event, node: JsonObject | JsonArray, tag: str) -> None:
        if self._expects_key():
            self._stop(event, "yaml-key", "a mapping or list cannot be a key", _KEY_HINT)
        if event.tag and event.tag not in ("!", _TAG + tag):
            self._unknown_tag(event)
        if len(self._stack) >= MAX_DEPTH:
            self._too_deep(event)
        if event.anchor:
            self._open.add(event.anchor)
        self._stack.append(_Frame(node, event.anchor, event.start_mark.index))

    def _end(self) -> None:
        frame = self._stack.pop()
        if frame.merged and isinstance(frame.node, dict):
            _merge(frame.node, frame.merged)
        if frame.anchor:
            self._open.discard(frame.anchor)
        self._anchor(frame.anchor, frame.node, frame.size, height=frame.height, source=None)
        self._place(frame.node, frame.size, height=frame.height)

    def _alias(self, event: Event) -> None:
        name = event.anchor or ""
        if name in self._open:
            self._stop(
                event,
                "yaml-alias",
                f"the alias '*{name}' stands inside the node it names",
                "use `$ref` for what refers to itself",
            )
        target = self._anchors.get(name)
        if target is None:
            hint = f"anchors come before their aliases: mark the node with '&{name}'"
            self._stop(event, "yaml-alias", f"no anchor '&{name}' before this alias", hint)
        self._aliased += target.size
        if self._aliased > MAX_ALIASED:
            message = f"the aliases up to this one stand for more than {MAX_ALIASED:,} nodes"
            self._stop(event, "yaml-alias-bomb", message, "use `$ref` for what is shared")
        if self._expects_key():
            if target.source is None:
                self._stop(event, "yaml-key", "a mapping or list cannot be a key", _KEY_HINT)
            self._key(target.source, y.span(event))
            return
        if len(self._stack) + target.height > MAX_DEPTH:
            self._too_deep(event)
        self._place(target.value, target.size, height=target.height)

    def _expects_key(self) -> bool:
        return bool(self._stack) and isinstance(self._stack[-1].node, dict) and self._stack[-1].key is None

    def _key(self, key: str, span: Span) -> None:
        frame = self._stack[-1]
        first = frame.keys.get(key)
        if first is not None:
            message = f"the key '{key}' stands twice in this mapping"
            pointer = (*self._pointer(), key)
            related = (("first used here", first),)
            hint = "remove or rename one of the two"
            self._problems.append(Problem("duplicate-key", message, hint, span, pointer, related))
        else:
            frame.keys[key] = span
        frame.key = key
        frame.key_span = span

    def _place(self, value: Json, size: int, *, height: int) -> None:
        if not self._stack:
            self._root = value
            return
        frame = self._stack[-1]
        frame.size += size
        if height >= frame.height:
            frame.height = height + 1
        if isinstance(frame.node, list):
            frame.node.append(value)
        elif frame.key is not None:
            if frame.merges:
                self._merged(frame, value)
            else:
                frame.node[frame.key] = value
            frame.key = None

    def _merged(self, frame: _Frame, value: Json) -> None:
        """What a merge key gives to its mapping (https://yaml.org/type/merge.html): YAML 1.1's, yet everybody's."""
        given = value if is_array(value) else [value]
        if all(is_object(mapping) for mapping in given):
            frame.merged += given
        else:
            hint = "give it a mapping or a list of mappings, such as `<<: *name`"
            message = "a merge key takes the keys of mappings, and here is none"
            self._problems.append(Problem("yaml-merge-key", message, hint, frame.key_span, (*self._pointer(),)))
        frame.merges = False

    def _anchor(self, name: str | None, value: Json, size: int, *, height: int, source: str | None) -> None:
        if name:
            self._anchors[name] = _Anchored(value, size, height, source)

    # -- scalars -------------------------------------------------------------------------------------

    def _plain(self, event: Event) -> Json:
        text = event.value
        if text in _CONSTANTS:
            return _CONSTANTS[text]
        if text[0] not in _NUMBER_START:
            return text
        if _INTEGER.fullmatch(text):
            return self._integer(event)
        if _FLOAT.fullmatch(text) or _NOT_FINITE.fullmatch(text):
            return self._float(event)
        return text

    def _integer(self, event: Event) -> Json:
        text = event.value
        try:
            value = int(text, {"0o": 8, "0x": 16}.get(text[:2], 10))
            str(value)
        except ValueError:
            # Python refuses to read, and to write, decimal numbers of more than some thousand digits.
            message = f"a number of {len(text):,} digits is too long"
            self._report(event, "number-range", message, "quote it if it is text")
            return 0
        return value

    def _float(self, event: Event) -> Json:
        value = math.nan if _NOT_FINITE.fullmatch(event.value) else float(event.value)
        if math.isfinite(value):
            return value
        message = f"JSON has no number '{event.value[:40]}'"
        self._report(event, "number-range", message, "quote it if it is text")
        return 0.0

    def _tagged(self, event: Event) -> Json:
        text = event.value
        match (event.tag or "").removeprefix(_TAG):
            case "str" | "!" | "binary" | "timestamp":  # the last two are of YAML 1.1; JSON says them as text
                return text
            case "null" if text in _CONSTANTS and _CONSTANTS[text] is None:
                return None
            case "bool" if isinstance(_CONSTANTS.get(text), bool):
                return _CONSTANTS[text]
            case "int" if _INTEGER.fullmatch(text):
                return self._integer(event)
            case "float" if _FLOAT.fullmatch(text) or _NOT_FINITE.fullmatch(text):
                return self._float(event)
            case "null" | "bool" | "int" | "float" as name:
                message = f"'{text[:40]}' is not what its tag '!!{name}' says"
                self._report(event, "yaml-tag", message, "remove the tag")
            case _:
                self._unknown_tag(event)
        return text

    # -- problems ------------------------------------------------------------------------------------

    def _pointer(self) -> Pointer:
        tokens = (len(frame.node) if isinstance(frame.node, list) else frame.key for frame in self._stack)
        return tuple(token for token in tokens if token is not None)

    def _report(self, event: Event, code: str, message: str, hint: str) -> None:
        self._problems.append(Problem(code, message, hint, y.span(event), self._pointer()))

    def _stop(self, event: Event, code: str, message: str, hint: str) -> NoReturn:
        self._report(event, code, message, hint)
        raise YamlError(tuple(self._problems))

    def _unknown_tag(self, event: Event) -> None:
        tag = (event.tag or "").replace(_TAG, "!!")
        hint = "remove the tag; quote the value if it is text"
        self._report(event, "yaml-tag", f"the tag '{tag}' is not part of the core schema", hint)

    def _too_deep(self, event: Event) -> NoReturn:
        message = f"collections nest more than {MAX_DEPTH} levels deep here"
        hint = "move the inner part to a component and refer to it"
        # The pointer to this place would fill the screen.
        problem = Problem("nesting", message, hint, y.span(event))
        raise YamlError((*self._problems, problem))

    def _syntax_problem(self, error: Malformed) -> Problem:
        mark = error.problem_mark or error.context_mark
        start = mark.index if mark else 0
        message, hint = explain(self._text, start, error.problem or error.context or "")
        related: tuple[tuple[str, Span], ...] = ()
        if error.context and error.context_mark and error.context_mark.index < start:
            opened = error.context_mark.index
            related = ((error.context, Span(opened, opened + 1)),)
        return Problem("yaml-syntax", message, hint, Span(start, start + 1), (), related)


def _merge(node: JsonObject, merged: list[JsonObject]) -> None:
    """Puts the keys of ``merged`` in front of its own. Its own win, then those of the earlier mapping."""
    own = dict(node)
    node.clear()
    for mapping in reversed(merged):
        node.update(mapping)
    node.update(own)


def explain(text: str, index: int, problem: str) -> tuple[str, str]:
    """A sentence and a hint for libyaml's ``problem`` at ``index``; the usual causes are told by what stands there."""
    start = max(text.rfind("\n", 0, index), text.rfind("\r", 0, index)) + 1
    line = re.split(r"[\r\n]", text[start : start + 1000], maxsplit=1)[0]
    here = text[index : index + 1]
    if here == "\t" or line[: index - start + 1].lstrip(" ").startswith("\t"):
        return "a tab indents this line", "indent with spaces; YAML does not allow tabs there"
    if "mapping values are not allowed" in problem:
        if _COLON_IN_VALUE.match(line):
            hint = "quote the value, or put it on the next line below `|`"
            return "the value holds a colon followed by a space, which starts a mapping", hint
        return "this key is not where a key can stand", _INDENT_HINT
    if "could not find expected ':'" in problem:
        return "this line is no 'key: value' pair", "check the colon, the quotes and the indent"
    if "cannot start any token" in problem:
        return f"a plain value cannot start with '{here}'", "quote the value"
    if "',' or" in problem or here in ("]", "}"):
        return f"the brackets do not match here ({problem})", "check the commas and brackets"
    if "did not find expected" in problem or problem.startswith("expected <block end>"):
        return f"the structure breaks here ({problem})", _INDENT_HINT
    if "unexpected end of stream" in problem:
        return "the text ends inside a quoted value", "close the quote"
    if "escape" in problem:
        return problem, "in double quotes a backslash starts an escape; use single quotes"
    return problem, "check the quotes, brackets and indent around this place"
