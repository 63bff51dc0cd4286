"""The events of PyYAML's parser with types: all that the project uses of PyYAML, which has none of its own.

The C parser is used where libyaml is at hand, the Python one elsewhere. Places are character indexes into the text.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol, cast

import yaml

from generator.tree import Json


class Mark(Protocol):
    """A place in the text."""

    index: int


class Event(Protocol):
    """What the events have; which of the fields are there depends on the class."""

    start_mark: Mark
    end_mark: Mark
    anchor: str | None
    tag: str | None
    value: str
    implicit: tuple[bool, bool]
    flow_style: bool


class Malformed(Protocol):
    """What PyYAML's exceptions have."""

    problem: str | None
    problem_mark: Mark | None
    context: str | None
    context_mark: Mark | None


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of the text, as character indexes: from ``start`` up to and without ``end``."""

    start: int
    end: int


_yaml: Json = yaml
_LOADER: Json = getattr(yaml, "CBaseLoader", yaml.BaseLoader)

Scalar = cast("type[object]", _yaml.ScalarEvent)
Alias = cast("type[object]", _yaml.AliasEvent)
MappingStart = cast("type[object]", _yaml.MappingStartEvent)
SequenceStart = cast("type[object]", _yaml.SequenceStartEvent)
CollectionEnd = cast("type[object]", _yaml.CollectionEndEvent)
DocumentStart = cast("type[object]", _yaml.DocumentStartEvent)
MalformedYaml = cast("type[Exception]", _yaml.MarkedYAMLError)


def events(text: str) -> Iterator[Event]:
    """The events of ``text`` in order. Raises ``MalformedYaml`` where the text stops being YAML."""
    return cast("Iterator[Event]", _yaml.parse(text, Loader=_LOADER))


def span(event: Event) -> Span:
    """The place of an event."""
    return Span(event.start_mark.index, event.end_mark.index)
