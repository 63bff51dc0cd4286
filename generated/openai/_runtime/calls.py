"""From an operation and what the caller gave to the request that says so. Does no I/O but opening files."""

from __future__ import annotations

import re
import uuid
from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from urllib.parse import unquote_plus

import httpx2

from .credentials import Credential, choose
from .operations import Arguments, Operation, RequestOptions
from .payloads import Content, Payload, Rest, encode, in_chunks
from .styles import in_cookies, in_header, in_path, in_query

_IDEMPOTENT = frozenset({"GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"})  # RFC 9110, 9.2.2
_KEY = "idempotency-key"  # draft-ietf-httpapi-idempotency-key-header

DEFAULT_TIMEOUT = httpx2.Timeout(600.0, connect=5.0)
"""Ten minutes for each read and write, since an image can take minutes; five seconds to connect."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What holds for all calls of a client.

    ``base_url`` may have a path and query parameters, which every request then carries; it stands back for an
    operation's own server where ``own_servers`` says so. ``credentials`` are by the name of their scheme. ``timeout``
    is in seconds (None: wait for ever), also for an httpx2 client that is passed in. ``max_retries`` says how often a
    call is repeated (see :func:`answers.retry_delay`), ``retry_budget`` how often all of them are (see
    :class:`answers.Budget`). ``headers`` go with every request. ``strict_responses`` refuses
    2xx bodies that do not fit their declaration instead of reading them as far as they go. Raises ``ValueError`` for a
    ``base_url`` that is not an absolute http(s) URL.
    """

    base_url: str | httpx2.URL = field(repr=False)
    own_servers: bool = False
    credentials: Mapping[str, Credential] = field(default_factory=dict[str, Credential])
    timeout: float | httpx2.Timeout | None = field(default_factory=lambda: DEFAULT_TIMEOUT)
    max_retries: int = 2
    retry_budget: int = 50
    headers: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    strict_responses: bool = False
    server: str = field(init=False, repr=False)

    def __post_init__(self) -> None:
        url = httpx2.URL(self.base_url)
        if url.scheme not in ("http", "https") or not url.host:
            raise ValueError(f"base_url must be an http:// or https:// URL, not {str(url)!r}")
        object.__setattr__(self, "server", str(url))


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call, ready to be sent as often as ``max_retries`` and its body allow.

    ``idempotent`` says that to send it twice does no more than once.
    """

    method: str
    url: httpx2.URL = field(repr=False)
    headers: Sequence[tuple[str, str]] = field(repr=False)
    payload: Payload | None
    timeout: float | httpx2.Timeout | None
    max_retries: int
    idempotent: bool

    @contextmanager
    def request(self, client: httpx2.Client | httpx2.AsyncClient) -> Generator[httpx2.Request]:
        """The request as this client sends it, with the headers and cookies that are its own.

        Files that it opens are closed at the end of the ``with``.
        """
        headers = [*self.headers]
        with ExitStack() as stack:
            body: Content = self.payload.open(stack) if self.payload else {}
            content = body.get("content")
            if isinstance(content, Rest) and (length := content.length()) is not None:
                headers.append(("content-length", str(length)))
            if (
                isinstance(client, httpx2.AsyncClient)
                and isinstance(content, Iterable)
                and not isinstance(content, bytes)
            ):
                body["content"] = in_chunks(content)
            request = client.build_request(self.method, self.url, headers=headers, timeout=self.timeout, **body)
            if self.payload and self.payload.in_parts:
                # httpx2 knows but one subtype of multipart.
                kind = request.headers["content-type"]
                request.headers["content-type"] = kind.replace("multipart/form-data", self.payload.content_type, 1)
            yield request


def prepare(
    settings: Settings,
    operation: Operation[object, object],
    arguments: Arguments,
    *,
    streamed: bool,
) -> Call:
    """The call that these arguments mean.

    Raises ``TypeError`` for a body field or an option that does not exist and for a field that is missing, in
    Python's words, and ``ValueError`` for a path or cookie parameter that would change the meaning of its
    surroundings.
    """
    options = arguments.get("options") or {}
    for name in options:
        if name not in RequestOptions.__annotations__:
            raise TypeError(f"{operation.name}() got an unexpected request option '{name}'")
    payload = encode(operation, arguments, options.get("body", {}), streamed=streamed)
    styles = operation.styles

    accept = f"{operation.stream_media}, application/json;q=0.5" if streamed else operation.accept
    headers = {"accept": accept}  # names in lower case: what comes later replaces what came before
    if payload is not None and not payload.in_parts:
        headers["content-type"] = payload.content_type
    headers |= _in_lower_case(settings.headers)
    for name, given in arguments.get("headers", {}).items():
        made = given is None and name.lower() == _KEY and operation.method not in _IDEMPOTENT
        value = str(uuid.uuid4()) if made else given
        if value is not None:
            headers[name.lower()] = in_header(name, value, styles.get(("header", name), "simple"))
    crumbs = arguments.get("cookies", {}).items()
    cookies = [pair for name, value in crumbs for pair in in_cookies(name, value, styles.get(("cookie", name), "form"))]

    url, query = _address(settings, operation, arguments.get("path", {}))
    for name, value in arguments.get("query", {}).items():
        query += in_query(name, value, styles.get(("query", name), "form*"))
    for credential in choose(settings.credentials, operation.security):
        if credential.place == "header":
            headers[credential.name.lower()] = credential.value
        elif credential.place == "query":
            query += in_query(credential.name, credential.value)
        else:
            cookies.append((credential.name, credential.value))
    if cookies:
        headers["cookie"] = "; ".join(f"{name}={value}" for name, value in cookies)
    headers |= _in_lower_case(options.get("headers", {}))
    if replaced := options.get("query", {}):
        query = [piece for piece in query if unquote_plus(piece.partition("=")[0]) not in replaced]
        query += [piece for name, value in replaced.items() for piece in in_query(name, value)]
    return Call(
        method=operation.method,
        url=url.copy_with(raw_path=b"?".join([url.raw_path, "&".join(query).encode()])) if query else url,
        headers=[*headers.items()],
        payload=payload,
        timeout=options.get("timeout", settings.timeout),
        max_retries=options.get("max_retries", settings.max_retries),
        idempotent=operation.method in _IDEMPOTENT or _KEY in headers,
    )


def _address(
    settings: Settings, operation: Operation[object, object], values: Mapping[str, object]
) -> tuple[httpx2.URL, list[str]]:
    """The URL without its query, and the query's parts that are the server's and the path's own.

    A path may have a query, which is sent, and a fragment, by which a document tells apart what HTTP cannot.
    """

    def fill(match: re.Match[str]) -> str:
        name = match[1]
        return in_path(name, values.get(name), operation.styles.get(("path", name), "simple"))

    own = operation.server if settings.own_servers else ""
    before, _, query_before = _server(settings.server, own).raw_path.decode().partition("?")
    template, _, query = operation.path.partition("#")[0].partition("?")
    path, query = [re.sub(r"\{([^{}]+)\}", fill, text) if "{" in text else text for text in (template, query)]
    url = _url(settings.server, own, before.rstrip("/") + path)
    return url, [piece for piece in (*query_before.split("&"), *query.split("&")) if piece]


# What a client calls are a few addresses, and to take one apart costs as much as all else that a call is made of.


@lru_cache(maxsize=64)
def _server(base: str, own: str) -> httpx2.URL:
    url = httpx2.URL(base)
    return url.join(own) if own else url


@lru_cache(maxsize=256)
def _url(base: str, own: str, path: str) -> httpx2.URL:
    return _server(base, own).copy_with(raw_path=path.encode(), fragment=None)


def _in_lower_case(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}
