"""From a response to the declared value, or to an exception, or to another attempt. Does no I/O."""

from __future__ import annotations

import datetime
import email.utils
import random
import re
import time

import httpx2
from pydantic import BaseModel, ValidationError
from pydantic_core import from_json

from .calls import Call, Operation
from .errors import (
    ApiError,
    DecodeError,
    RequestTimeoutError,
    StatusError,
    TransportError,
    status_error,
)
from .model import adapter_of, lenient

_IDEMPOTENT = frozenset({"GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"})  # RFC 9110, 9.2.2
_NEVER_SENT = (httpx2.LocalProtocolError, httpx2.UnsupportedProtocol)  # nor ever will be
_LONGEST_WAIT = 60.0


def retry_delay(call: Call, outcome: httpx2.Response | httpx2.RequestError, tried: int) -> float | None:
    """The seconds to wait before trying again after ``tried`` attempts; None if this outcome stands.

    408, 409, 429, 5xx and lost connections are tried again. A request that may have been understood and got no
    answer in time is tried again only if its method is idempotent: an image that was made is billed.
    """
    if tried > call.max_retries:
        return None
    if isinstance(outcome, httpx2.Response):
        if outcome.status_code not in (408, 409, 429) and outcome.status_code < 500:
            return None
        asked = _retry_after(outcome.headers)
        if asked is not None:
            return asked if asked <= _LONGEST_WAIT else None
    elif isinstance(outcome, httpx2.ReadTimeout | httpx2.WriteTimeout):
        if call.method not in _IDEMPOTENT:
            return None
    elif isinstance(outcome, _NEVER_SENT) or not isinstance(outcome, httpx2.TransportError):
        return None
    backoff = min(0.5 * 2.0 ** (tried - 1), 8.0)
    return backoff * (1 - 0.25 * random.random())


def _retry_after(headers: httpx2.Headers) -> float | None:
    """The wait that the server asks for: seconds, or an HTTP date (RFC 9110, 10.2.3), or milliseconds in the
    ``retry-after-ms`` that OpenAI and Azure send. None where it asks for none, or not clearly.
    """
    for name, unit in (("retry-after-ms", 1000.0), ("retry-after", 1.0)):
        text = headers.get(name, "")
        if re.fullmatch(r"\d+(\.\d+)?", text.strip()):
            return float(text) / unit
    try:
        date = email.utils.parsedate_to_datetime(headers.get("retry-after", ""))
    except ValueError:
        return None
    return max(0.0, date.replace(tzinfo=date.tzinfo or datetime.UTC).timestamp() - time.time())


def decode(operation: Operation[object, object], response: httpx2.Response, *, strict: bool) -> object:
    """The value of a 2xx response. Raises :class:`DecodeError` when the body is not what was declared."""
    content = response.content
    if operation.success != "json":
        return response.text if operation.success == "text" else content
    if operation.response is None:
        return None
    adapter = adapter_of(operation.response)
    try:
        return (
            adapter.validate_json(content, by_alias=True, by_name=False) if content else adapter.validate_python(None)
        )
    except ValidationError as error:
        if not content:
            raise _undecodable(operation, response, "has no body") from error
        if any(item["type"] == "json_invalid" for item in error.errors(include_url=False)):
            raise _undecodable(operation, response, "is not JSON") from error
        if strict:
            raise _undecodable(operation, response, "is not what the API declares") from error
    return lenient(operation.response, from_json(content))


def not_a_stream(operation: Operation[object, object], response: httpx2.Response) -> DecodeError:
    """The exception for a 2xx response to a streamed call that is not a stream; its body has been read."""
    given = response.headers.get("content-type", "of no declared type")
    return _undecodable(operation, response, f"is not a stream of events but {given}")


def is_event_stream(response: httpx2.Response) -> bool:
    """Whether the response says that its body is server-sent events."""
    media = response.headers.get("content-type", "").partition(";")[0]
    return media.strip().lower() == "text/event-stream"


def failure(operation: Operation[object, object], outcome: httpx2.Response | httpx2.RequestError) -> ApiError:
    """The exception for an outcome that is no 2xx response."""
    if isinstance(outcome, httpx2.Response):
        return _status_failure(operation, outcome)
    kind = RequestTimeoutError if isinstance(outcome, httpx2.TimeoutException) else TransportError
    reason = str(outcome) or type(outcome).__name__
    return kind(f"{operation.method} {operation.path}: {reason}", request=outcome.request)


def _status_failure(operation: Operation[object, object], response: httpx2.Response) -> StatusError:
    status = response.status_code
    try:
        tree: object = from_json(response.content)
    except ValueError:
        text = response.text
        return status_error(response, body=text, tree=text, declared=False)
    for key in (status, str(status), f"{status // 100}XX", "default"):
        annotation = operation.errors.get(key)
        if annotation is not None:
            break
    else:
        return status_error(response, body=tree, tree=tree, declared=False)
    try:
        body = adapter_of(annotation).validate_json(response.content, by_alias=True, by_name=False)
        declared = True
    except ValidationError:
        body = lenient(annotation, tree)
        declared = isinstance(body, BaseModel)
    return status_error(response, body=body, tree=tree, declared=declared)


def _undecodable(operation: Operation[object, object], response: httpx2.Response, what: str) -> DecodeError:
    message = f"{operation.method} {operation.path}: the {response.status_code} answer {what}"
    return DecodeError(message, response=response, content=response.content)
