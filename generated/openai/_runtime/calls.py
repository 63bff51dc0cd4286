"""From an operation and what the caller gave to the request that says so. Does no I/O."""

from __future__ import annotations

import base64
import datetime
import decimal
import enum
import re
import uuid
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, Literal, TypeAlias, TypedDict, cast
from urllib.parse import quote

import httpx2
from pydantic import AnyUrl, BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import from_json
from typing_extensions import TypeVar

from .model import fields_of, to_json, wire_name

T_co = TypeVar("T_co", covariant=True)
E_co = TypeVar("E_co", covariant=True, default=object)

_ACCEPT = {"json": "application/json", "text": "text/plain, */*;q=0.5", "binary": "*/*"}
_ACCEPT_EVENTS = "text/event-stream, application/json;q=0.5"
_COOKIE_VALUE = re.compile(r"[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]*")  # RFC 6265, 4.1.1


@dataclass(frozen=True, slots=True)
class BearerToken:
    """``Authorization: Bearer <token>`` (RFC 6750)."""

    token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Basic:
    """``Authorization: Basic <username:password>`` (RFC 7617), in UTF-8."""

    username: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key in the header, query parameter or cookie called ``name``."""

    name: str
    value: str = field(repr=False)
    place: Literal["header", "query", "cookie"] = "header"


Credential: TypeAlias = BearerToken | Basic | ApiKey


@dataclass(frozen=True, kw_only=True)
class Operation(Generic[T_co, E_co]):
    """One operation of the API, as ``Operation[Answer]`` or ``Operation[Answer, Event]``.

    ``id`` is its name in the document, ``name`` that of the client's method. ``path`` is the document's template
    (``/x/{deployment-id}``), parameters under their wire names. ``security`` lists alternatives, each the names of
    the schemes that it needs together; an empty one allows anonymous calls. ``body`` is the annotation of the body,
    ``response`` of the 2xx answer (None: there is none), ``success`` how that answer is written. ``errors`` holds
    the declared error bodies by status, ``"4XX"`` or ``"default"``. ``event`` is the annotation of a streamed event,
    ``stream_field`` the wire name of the body's switch between answer and stream, and ``final`` has the values of
    an event's ``type`` that end a stream.
    """

    id: str
    name: str
    method: str
    path: str
    security: tuple[tuple[str, ...], ...] = ()
    body: object = None
    response: object = None
    success: Literal["json", "text", "binary"] = "json"
    errors: Mapping[int | str, object] = field(default_factory=dict[int | str, object])
    event: object = None
    stream_field: str | None = None
    final: frozenset[str] = frozenset()


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
    """What a generated method hands over: parameters by wire name, None for those to leave out, and one of
    ``fields`` (an object body's fields by Python name), ``body`` (the whole of any other body) and ``optional_body``
    (the same, or None for none).
    """

    path: Mapping[str, object]
    query: Mapping[str, object]
    headers: Mapping[str, object]
    cookies: Mapping[str, object]
    fields: Mapping[str, object]
    body: object
    optional_body: object
    options: RequestOptions | None


DEFAULT_TIMEOUT = httpx2.Timeout(600.0, connect=5.0)
"""Ten minutes for each read and write, since an image can take minutes; five seconds to connect."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What holds for all calls of a client.

    ``base_url`` may have a path and query parameters, which every request then carries. ``credentials`` are by the
    name of their scheme. ``timeout`` is in seconds (None: wait for ever), also for an httpx2 client that is passed
    in. ``max_retries`` says how often a call is repeated (see :func:`answers.retry_delay`). ``headers`` go with every
    request. ``strict_responses`` refuses 2xx bodies that do not fit their declaration instead of reading them as far
    as they go. Raises ``ValueError`` for a ``base_url`` that is not an absolute http(s) URL.
    """

    base_url: str | httpx2.URL
    credentials: Mapping[str, Credential]
    timeout: float | httpx2.Timeout | None
    max_retries: int
    headers: Mapping[str, str]
    strict_responses: bool
    url: httpx2.URL = field(init=False)

    def __post_init__(self) -> None:
        url = httpx2.URL(self.base_url)
        if url.scheme not in ("http", "https") or not url.host:
            raise ValueError(f"base_url must be an http:// or https:// URL, not {str(url)!r}")
        object.__setattr__(self, "url", url)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call, ready to be sent as often as needed."""

    method: str
    url: httpx2.URL
    headers: Sequence[tuple[str, str]]
    content: bytes | None
    timeout: float | httpx2.Timeout | None
    max_retries: int

    def request(self, client: httpx2.Client | httpx2.AsyncClient) -> httpx2.Request:
        """The request as this client sends it, with the headers and cookies that are its own."""
        return client.build_request(
            self.method,
            self.url,
            headers=self.headers,
            content=self.content,
            timeout=self.timeout,
        )


def prepare(
    settings: Settings,
    operation: Operation[object, object],
    arguments: Arguments,
    *,
    streamed: bool,
) -> Call:
    """The call that these arguments mean.

    Raises ``TypeError`` for a body field that does not exist or is missing, in Python's words, and ``ValueError``
    for a path or cookie parameter that would change the meaning of its surroundings.
    """
    options = arguments.get("options") or {}
    credentials = _pick_credentials(settings.credentials, operation.security)
    content = _encode_body(operation, arguments, options.get("body", {}), streamed=streamed)

    cookies = [*_pairs(arguments.get("cookies", {}))]
    query = [*settings.url.params.multi_items(), *_pairs(arguments.get("query", {}))]
    headers = httpx2.Headers({"accept": _ACCEPT_EVENTS if streamed else _ACCEPT[operation.success]})
    if content is not None:
        headers["content-type"] = "application/json"
    headers.update(settings.headers)
    headers.update({name: ",".join(values) for name, values in _texts(arguments.get("headers", {}))})
    for credential in credentials:
        if isinstance(credential, BearerToken):
            headers["authorization"] = f"Bearer {credential.token}"
        elif isinstance(credential, Basic):
            pair = f"{credential.username}:{credential.password}".encode()
            headers["authorization"] = f"Basic {base64.b64encode(pair).decode()}"
        elif credential.place == "header":
            headers[credential.name] = credential.value
        else:
            target = query if credential.place == "query" else cookies
            target.append((credential.name, credential.value))
    if cookies:
        headers["cookie"] = "; ".join(_cookie(name, value) for name, value in cookies)
    headers.update(options.get("headers", {}))

    replaced = dict(_texts(options.get("query", {})))
    query = [(name, value) for name, value in query if name not in replaced]
    query += [(name, value) for name, values in replaced.items() for value in values]
    base_path = settings.url.raw_path.partition(b"?")[0].decode().rstrip("/")
    path = base_path + _expand(operation.path, arguments.get("path", {}))
    url = settings.url.copy_with(raw_path=path.encode(), fragment=None)
    return Call(
        method=operation.method,
        url=url.copy_merge_params(tuple(query)) if query else url,
        headers=headers.multi_items(),
        content=content,
        timeout=options.get("timeout", settings.timeout),
        max_retries=options.get("max_retries", settings.max_retries),
    )


def _pick_credentials(known: Mapping[str, Credential], alternatives: tuple[tuple[str, ...], ...]) -> list[Credential]:
    """Those of the first alternative that all are there for. What was given is used also where none is needed."""
    for alternative in alternatives:
        if alternative and all(scheme in known for scheme in alternative):
            return [known[scheme] for scheme in alternative]
    return []


def _encode_body(
    operation: Operation[object, object],
    arguments: Arguments,
    extra: Mapping[str, object],
    *,
    streamed: bool,
) -> bytes | None:
    switch = {operation.stream_field: True} if streamed and operation.stream_field else {}
    if "fields" in arguments:
        given = _by_wire_name(operation, arguments["fields"], extra, streamed=streamed)
        return to_json({**given, **switch, **extra})
    body: object = arguments.get("body", arguments.get("optional_body"))
    if "body" not in arguments and body is None:
        if not switch and not extra:
            return None
        body = {}
    if not switch and not extra:
        return to_json(body)
    tree: object = from_json(to_json(body))
    if not isinstance(tree, dict):
        raise TypeError("only an object body can take further fields")
    return to_json({**cast("dict[str, object]", tree), **switch, **extra})


def _by_wire_name(
    operation: Operation[object, object],
    given: Mapping[str, object],
    extra: Collection[str],
    *,
    streamed: bool,
) -> dict[str, object]:
    method = f"{operation.name}_stream" if streamed and operation.stream_field else operation.name
    model = operation.body
    fields: Mapping[str, FieldInfo] = {}
    if isinstance(model, type) and issubclass(model, BaseModel):
        fields = fields_of(model)
    wires = {name: wire_name(name, field) for name, field in fields.items()}
    for name in given:
        if name not in wires or wires[name] == operation.stream_field:
            raise TypeError(f"{method}() got an unexpected keyword argument '{name}'")
    there = {*given, *(name for name, wire in wires.items() if wire in extra)}
    missing = [
        repr(name)
        for name, field in fields.items()
        if field.is_required() and name not in there and wires[name] != operation.stream_field
    ]
    if missing:
        *head, last = missing
        words = f"{', '.join(head)}{',' if len(head) > 1 else ''} and {last}" if head else last
        count = f"{len(missing)} required keyword-only argument{'s' if head else ''}"
        raise TypeError(f"{method}() missing {count}: {words}")
    return {wires[name]: value for name, value in given.items()}


def _expand(template: str, values: Mapping[str, object]) -> str:
    """The path with its parameters filled in, every reserved character of theirs percent-encoded."""

    def fill(match: re.Match[str]) -> str:
        name = match[1]
        value = values.get(name)
        texts = _as_texts(value)
        if any(text in ("", ".", "..") for text in texts) or not texts:
            raise ValueError(f"the path parameter {name!r} cannot be {value!r}")
        return ",".join(quote(text, safe="") for text in texts)

    return re.sub(r"\{([^{}]+)\}", fill, template)


def _cookie(name: str, value: str) -> str:
    if not _COOKIE_VALUE.fullmatch(value):
        raise ValueError(f"the cookie {name!r} has a character that no cookie can carry")
    return f"{name}={value}"


def _pairs(parameters: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    for name, values in _texts(parameters):
        for value in values:
            yield name, value


def _texts(parameters: Mapping[str, object]) -> Iterator[tuple[str, list[str]]]:
    for name, value in parameters.items():
        if value is not None:
            yield name, _as_texts(value)


def _as_texts(value: object) -> list[str]:
    """The parameter as text, a list item by item. Raises ``TypeError`` for what has no one way to be written."""
    if value is None:
        return []
    if isinstance(value, list | tuple | set | frozenset):
        return [text for item in cast("Collection[object]", value) for text in _as_texts(item)]
    if isinstance(value, enum.Enum):
        return _as_texts(value.value)
    if isinstance(value, bool):
        return ["true" if value else "false"]
    if isinstance(value, datetime.datetime | datetime.date | datetime.time):
        return [value.isoformat()]
    if not isinstance(value, str | int | float | decimal.Decimal | uuid.UUID | AnyUrl):
        raise TypeError(f"a parameter cannot be a {type(value).__name__}")
    return [str(value)]
