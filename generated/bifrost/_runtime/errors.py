"""What a call can raise.

ApiError
├── TransportError              no answer came: connection refused, lost, or not understood
│   └── RequestTimeoutError     no answer came in time
├── StatusError                 an answer other than 2xx, unless it is declared as a good one
│   ├── BadRequestError             400
│   ├── AuthenticationError         401
│   ├── PermissionDeniedError       403
│   ├── NotFoundError               404
│   ├── ConflictError               409
│   ├── UnprocessableEntityError    422
│   ├── RateLimitError              429
│   └── ServerError                 5xx
├── DecodeError                 a 2xx answer whose body is not what was declared
├── PagingError                 pages that lead nowhere, or in a circle
└── StreamError                 an error event in the middle of a stream
    └── StreamInterruptedError  a stream that broke, or ended before its last event
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import httpx2

from .model import Mismatch

_REQUEST_IDS = ("x-request-id", "request-id", "x-amzn-requestid", "apim-request-id")


class ApiError(Exception):
    """The base of everything that a call raises about the API; ``message`` says what happened."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message

    def __reduce__(self) -> tuple[object, ...]:
        return _revive, (type(self), self.args, vars(self))


def _revive(kind: type[ApiError], args: tuple[object, ...], state: dict[str, object]) -> ApiError:
    """An exception as it was pickled: by what it holds, not by the arguments that it was made from."""
    error = kind.__new__(kind, *args)
    vars(error).update(state)
    return error


class TransportError(ApiError):
    """No answer came. The cause (``__cause__``) is httpx2's own exception."""

    def __init__(self, message: str, *, request: httpx2.Request) -> None:
        super().__init__(message)
        self.request = request


class RequestTimeoutError(TransportError):
    """No answer came in time. The server may have done the work all the same."""


class StatusError(ApiError):
    """The server answered with a status other than 2xx.

    ``body`` is the error model declared for this status (then ``declared`` is true), else the parsed JSON, else the
    text. ``message``, ``param`` and ``code`` are picked out of it where it has them, also under ``error``.
    """

    def __init__(self, response: httpx2.Response, *, body: object, tree: object, declared: bool) -> None:
        found, self.param, self.code = read_details(tree)
        super().__init__(found or response.reason_phrase or "the server gave no reason")
        self.response = response
        self.status = response.status_code
        self.headers = response.headers
        self.body = body
        self.declared = declared

    @property
    def request_id(self) -> str | None:
        """What the server calls the request, for those who ask about it."""
        return request_id(self.headers)

    def __str__(self) -> str:
        return f"{self.status}: {self.message}"


class BadRequestError(StatusError):
    """400: the request is wrong; ``param`` may name the field."""


class AuthenticationError(StatusError):
    """401: no credentials, or not these."""


class PermissionDeniedError(StatusError):
    """403: the credentials do not open this."""


class NotFoundError(StatusError):
    """404: no such thing."""


class ConflictError(StatusError):
    """409: the thing is in another state than the request assumes."""


class UnprocessableEntityError(StatusError):
    """422: the request is well formed and still wrong."""


class RateLimitError(StatusError):
    """429: too many requests; ``headers`` may say when to come back."""


class ServerError(StatusError):
    """5xx: the server failed."""


class DecodeError(ApiError):
    """A 2xx answer whose body is not what was declared; ``content`` is that body (of a stream, the event's data).

    ``mismatches`` tells where it differs from its schema.
    """

    def __init__(
        self, message: str, *, response: httpx2.Response, content: bytes, mismatches: Sequence[Mismatch] = ()
    ) -> None:
        super().__init__(message)
        self.response = response
        self.content = content
        self.mismatches = tuple(mismatches)


class PagingError(ApiError):
    """A page that says there are more without saying where, or that leads back to where its walk has been."""


class StreamError(ApiError):
    """The server reported an error in the middle of a stream; ``event`` is the event's JSON, or its text."""

    def __init__(self, message: str | None = None, *, event: object = None) -> None:
        found, self.param, self.code = read_details(event)
        super().__init__(message or found or "the server reported an error in mid-stream")
        self.event = event


class StreamInterruptedError(StreamError):
    """The connection was lost in mid-stream, or the stream ended before its last event."""


_BY_STATUS: dict[int, type[StatusError]] = {
    400: BadRequestError,
    401: AuthenticationError,
    403: PermissionDeniedError,
    404: NotFoundError,
    409: ConflictError,
    422: UnprocessableEntityError,
    429: RateLimitError,
}
_MESSAGE_KEYS = ("message", "detail", "error_description", "msg", "title")


def request_id(headers: httpx2.Headers) -> str | None:
    """The name that a server gave a request."""
    return next((headers[name] for name in _REQUEST_IDS if name in headers), None)


def status_error(response: httpx2.Response, *, body: object, tree: object, declared: bool) -> StatusError:
    """The exception class for the response's status, filled; ``tree`` is the body as parsed JSON, or as text."""
    family = ServerError if response.status_code >= 500 else StatusError
    kind = _BY_STATUS.get(response.status_code, family)
    return kind(response, body=body, tree=tree, declared=declared)


def read_details(tree: object) -> tuple[str | None, str | None, str | None]:
    """``(message, param, code)`` out of an error body of any common shape; what is under ``error`` goes first."""
    if isinstance(tree, str):
        return (tree[:500] or None), None, None
    if not isinstance(tree, dict):
        return None, None, None
    top = cast("dict[str, object]", tree)
    inner = top.get("error")
    nodes = [cast("dict[str, object]", inner), top] if isinstance(inner, dict) else [top]
    message = _first_text(nodes, _MESSAGE_KEYS) or (inner if isinstance(inner, str) else None)
    return message, _first_text(nodes, ("param",)), _first_text(nodes, ("code",))


def _first_text(nodes: list[dict[str, object]], keys: tuple[str, ...]) -> str | None:
    for node in nodes:
        for key in keys:
            value = node.get(key)
            if isinstance(value, str | int) and not isinstance(value, bool) and value != "":
                return str(value)
    return None
