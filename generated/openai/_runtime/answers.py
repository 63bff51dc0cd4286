"""From a response to the declared value, or to an exception, or to another attempt. Does no I/O."""

from __future__ import annotations

import datetime
import email.utils
import random
import re
import time
from collections.abc import Sequence

import httpx2
from pydantic import BaseModel
from pydantic_core import from_json

from .calls import Call
from .errors import ApiError, DecodeError, RequestTimeoutError, StatusError, TransportError, status_error
from .model import Mismatch, lenient, read_json
from .operations import Operation, PlainText

_NEVER_SENT = (httpx2.LocalProtocolError, httpx2.UnsupportedProtocol)  # nor ever will be
_NOT_ARRIVED = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout)
_LONGEST_WAIT = 60.0


class Budget:
    """How many retries a client has left, so that an outage is not multiplied by those who call in it.

    A good answer gives back a tenth of one: in the long run, at most one call in eleven is a retry.
    """

    def __init__(self, size: int) -> None:
        self._tenths = self._most = 10 * size

    def earn(self) -> None:
        """Notes a good answer."""
        self._tenths = min(self._most, self._tenths + 1)

    def spend(self) -> bool:
        """Whether a retry is left, which is then taken."""
        enough = self._tenths >= 10
        self._tenths -= 10 if enough else 0
        return enough


def settle(
    operation: Operation[object, object],
    call: Call,
    outcome: httpx2.Response | httpx2.RequestError,
    tried: int,
    *,
    streamed: bool,
    begun: bool,
    budget: Budget,
) -> httpx2.Response | float:
    """The response if it is what was asked for, else the seconds to wait before the next attempt.

    ``begun`` says that an answer was lost after its head had come. A wait that the server asked for costs nothing of
    the ``budget``, every other retry does. Raises the exception for an outcome that stands and is no good answer.
    """
    if isinstance(outcome, httpx2.Response) and is_good(operation, outcome):
        budget.earn()
        if streamed and not is_stream(operation, outcome):
            given = outcome.headers.get("content-type", "of no declared type")
            raise _undecodable(operation, outcome, f"is not a stream of events but {given}")
        return outcome
    delay = retry_delay(call, outcome, tried, begun=begun)
    paced = isinstance(outcome, httpx2.Response) and _retry_after(outcome.headers) is not None
    if delay is not None and (paced or budget.spend()):
        return delay
    error = failure(operation, outcome)
    if delay is not None:
        error.add_note("It was not tried again: too many calls of this client failed of late (`retry_budget`).")
    raise error from (outcome if isinstance(outcome, Exception) else None)


def retry_delay(
    call: Call, outcome: httpx2.Response | httpx2.RequestError, tried: int, *, begun: bool = False
) -> float | None:
    """The seconds to wait before trying again after ``tried`` attempts; None if this outcome stands.

    408, 409, 429, 5xx and failures to connect are tried again, unless the body can be read but once. A request that may
    have arrived, and got no answer in time or not all of it, is tried again only if that does nothing twice:
    an image that was made is billed.
    """
    if tried > call.max_retries or (call.payload is not None and not call.payload.repeatable):
        return None
    if isinstance(outcome, httpx2.Response):
        if outcome.status_code not in (408, 409, 429) and outcome.status_code < 500:
            return None
        asked = _retry_after(outcome.headers)
        if asked is not None:
            return asked if asked <= _LONGEST_WAIT else None
    else:
        lost = isinstance(outcome, httpx2.TransportError) and not isinstance(outcome, _NEVER_SENT)
        arrived = begun or not isinstance(outcome, _NOT_ARRIVED)
        if not lost or (arrived and not call.idempotent):
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


def is_good(operation: Operation[object, object], response: httpx2.Response) -> bool:
    """Whether the status is a good answer: 2xx, or declared as one."""
    return response.is_success or response.status_code in operation.types.answers


def is_stream(operation: Operation[object, object], response: httpx2.Response) -> bool:
    """Whether the response says that its body is the stream; lines of JSON go by many names, and by that of JSON."""
    media = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    declared = operation.stream_media
    return media == declared or ("json" in media and declared != "text/event-stream")


def decode(
    operation: Operation[object, object], response: httpx2.Response, *, strict: bool, mismatches: list[Mismatch]
) -> object:
    """The value of a good answer, read as the one declared for its status, or else as the usual one.

    Where it differs from its schema is added to ``mismatches``. Raises :class:`DecodeError` when the body is not what
    was declared.
    """
    answers = operation.types.answers
    status = response.status_code if response.status_code in answers else next(iter(answers), 0)
    annotation = answers.get(status)
    content = response.content
    if annotation is None:
        return None
    if annotation is bytes:
        return content
    if annotation is PlainText:
        return response.text
    try:
        return read_json(annotation, content or b"null", strict=strict or not content, mismatches=mismatches)
    except ValueError as error:
        what = str(error) if content else "has no body"
        raise _undecodable(operation, response, what, mismatches) from error.__cause__


def failure(operation: Operation[object, object], outcome: httpx2.Response | httpx2.RequestError) -> ApiError:
    """The exception that an outcome means."""
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
        annotation = operation.types.errors.get(key)
        if annotation is not None:
            break
    else:
        return status_error(response, body=tree, tree=tree, declared=False)
    mismatches: list[Mismatch] = []
    body = lenient(annotation, tree, mismatches)
    return status_error(response, body=body, tree=tree, declared=not mismatches or isinstance(body, BaseModel))


def _undecodable(
    operation: Operation[object, object], response: httpx2.Response, what: str, mismatches: Sequence[Mismatch] = ()
) -> DecodeError:
    message = f"{operation.method} {operation.path}: the {response.status_code} answer {what}"
    return DecodeError(message, response=response, content=response.content, mismatches=mismatches)
