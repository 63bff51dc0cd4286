"""What generated methods say of an operation, and what they hand over for a call."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Annotated, Generic, Literal, TypeAlias, TypedDict

import httpx2
from typing_extensions import TypeVar

T_co = TypeVar("T_co", covariant=True)
E_co = TypeVar("E_co", covariant=True, default=object)

PlainText: TypeAlias = Annotated[str, "plain text"]
"""An answer that is the text as it comes; ``str`` is a string in JSON."""

BodyKind: TypeAlias = Literal["json", "form", "multipart", "text", "binary", "lines"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """The annotations of what an operation sends and gives.

    ``body`` is that of the body where its fields are given one by one. ``answers`` has the good answers by status, the
    usual one first: ``PlainText``, ``bytes``, None for no content, or what JSON is read as. ``errors`` has
    the error bodies by status, ``"4XX"`` or ``"default"``. ``event`` is the annotation of a streamed event.
    """

    body: object = None
    answers: Mapping[int, object] = field(default_factory=dict[int, object])
    errors: Mapping[int | str, object] = field(default_factory=dict[int | str, object])
    event: object = None


@dataclass(frozen=True, kw_only=True)
class Operation(Generic[T_co, E_co]):
    """One operation of the API, as ``Operation[Answer]`` or ``Operation[Answer, Event]``.

    ``id`` is its name in the document, ``name`` that of the client's method. ``path`` is the document's template
    (``/x/{deployment-id}``), parameters under their wire names. ``server`` is a URL of its own. ``security`` lists
    alternatives, each the names of the schemes that it needs together; an empty one allows anonymous calls.

    ``body`` is how a body is written, ``content_type`` its media type where that is not the usual one, ``parts`` how
    fields of a form are written and ``styles`` how parameters are, where that is not the plain way (see
    :mod:`styles`). ``accept`` is what the answer may be.

    ``stream_field`` is the wire name of the body's switch between answer and stream, ``stream_by_default`` says that
    leaving it out means a stream, ``stream_media`` is the stream's media type, and ``final`` has the values of an
    event's ``type`` that end it. ``pages`` says how the pages of an answer follow each other (see :mod:`paging`); then
    ``E`` is the type of their items.

    ``declared`` is called at the first call, so that a module of operations imports no models.
    """

    id: str
    name: str
    method: str
    path: str
    server: str = ""
    security: tuple[tuple[str, ...], ...] = ()
    body: BodyKind = "json"
    body_required: bool = True
    content_type: str = ""
    parts: Mapping[str, str] = field(default_factory=dict[str, str])
    styles: Mapping[tuple[str, str], str] = field(default_factory=dict[tuple[str, str], str])
    accept: str = "application/json"
    stream_field: str = ""
    stream_by_default: bool = False
    stream_media: str = "text/event-stream"
    final: frozenset[str] = frozenset()
    pages: Mapping[str, str] = field(default_factory=dict[str, str])
    declared: Callable[[], Declared] = Declared

    @cached_property
    def types(self) -> Declared:
        """What ``declared`` gives, made once."""
        return self.declared()


class RequestOptions(TypedDict, total=False):
    """What one call does differently: ``timeout`` in seconds (None: wait for ever), ``max_retries``, and further
    ``headers``, ``query`` parameters and fields of the ``body``, which go over what the call itself would send.
    """

    timeout: float | httpx2.Timeout | None
    max_retries: int
    headers: Mapping[str, str]
    query: Mapping[str, object]
    body: Mapping[str, object]


class Arguments(TypedDict, total=False):
    """What a generated method hands over: parameters by wire name, None for those to leave out, and ``fields`` (an
    object body's fields by Python name) or ``body`` (the whole of any other body; None for none where it is optional).
    """

    path: Mapping[str, object]
    query: Mapping[str, object]
    headers: Mapping[str, object]
    cookies: Mapping[str, object]
    fields: Mapping[str, object]
    body: object
    options: RequestOptions | None
