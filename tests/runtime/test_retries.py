from __future__ import annotations

import email.utils
import time

import httpx2
import pytest
from _runtime import errors

from tests.runtime.calling import FIELDS, GET, Caller, Server, ok
from tests.runtime.shapes import Answer


@pytest.mark.parametrize("status", [408, 409, 429, 500, 503])
def test_passing_failures_are_retried_with_growing_waits(caller: Caller, status: int) -> None:
    server = Server(httpx2.Response(status), httpx2.ConnectError("refused"), ok())
    assert isinstance(caller.call(server, fields=FIELDS), Answer)
    assert len(server.requests) == 3
    assert 0.375 <= server.waits[0] <= 0.5
    assert 0.75 <= server.waits[1] <= 1.0
    assert server.requests[0].content == server.requests[2].content


def test_retries_end(caller: Caller) -> None:
    server = Server(httpx2.Response(503, json={"error": {"message": "busy"}}))
    with pytest.raises(errors.ServerError, match="503: busy"):
        caller.call(server, fields=FIELDS)
    assert len(server.requests) == 3
    server = Server(httpx2.Response(503))
    with pytest.raises(errors.ServerError):
        caller.call(server, fields=FIELDS, options={"max_retries": 0})
    assert len(server.requests) == 1
    server = Server(httpx2.Response(503))
    with pytest.raises(errors.ServerError):
        caller.call(server, fields=FIELDS, settings={"max_retries": 7})
    assert len(server.requests) == 8
    assert max(server.waits) <= 8.0


@pytest.mark.parametrize("status", [301, 400, 401, 404, 422])
def test_lasting_failures_are_not_retried(caller: Caller, status: int) -> None:
    server = Server(httpx2.Response(status, headers={"location": "/other"}))
    with pytest.raises(errors.StatusError) as caught:
        caller.call(server, fields=FIELDS)
    assert (len(server.requests), caught.value.status) == (1, status)


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"retry-after": "3"}, 3.0),
        ({"retry-after": "0"}, 0.0),
        ({"retry-after-ms": "1500", "retry-after": "9"}, 1.5),
        ({"retry-after": "Thu, 01 Jan 1970 00:00:00 GMT"}, 0.0),
        ({"retry-after": "60"}, 60.0),
    ],
)
def test_retry_after_is_honoured(caller: Caller, headers: dict[str, str], wait: float) -> None:
    server = Server(httpx2.Response(429, headers=headers), ok())
    caller.call(server, fields=FIELDS)
    assert server.waits == [wait]


def test_retry_after_as_a_date(caller: Caller) -> None:
    date = email.utils.formatdate(time.time() + 30, usegmt=True)
    server = Server(httpx2.Response(429, headers={"retry-after": date}), ok())
    caller.call(server, fields=FIELDS)
    assert 25 < server.waits[0] <= 30


@pytest.mark.parametrize("asked", ["61", "Fri, 31 Dec 9999 23:59:59 GMT", "9" * 400])
def test_a_wait_of_more_than_a_minute_is_left_to_the_caller(caller: Caller, asked: str) -> None:
    server = Server(httpx2.Response(429, headers={"retry-after": asked}), ok())
    with pytest.raises(errors.RateLimitError) as caught:
        caller.call(server, fields=FIELDS)
    assert caught.value.headers["retry-after"] == asked
    assert server.waits == []


@pytest.mark.parametrize("asked", ["-1", "soon", "nan", "inf", ""])
def test_a_retry_after_that_says_nothing_is_ignored(caller: Caller, asked: str) -> None:
    server = Server(httpx2.Response(429, headers={"retry-after": asked}), ok())
    caller.call(server, fields=FIELDS)
    assert 0.375 <= server.waits[0] <= 0.5


def test_a_read_timeout_is_retried_only_where_nothing_is_done_twice(caller: Caller) -> None:
    server = Server(httpx2.ReadTimeout("slow"), ok())
    with pytest.raises(errors.RequestTimeoutError) as caught:
        caller.call(server, fields=FIELDS)
    assert len(server.requests) == 1
    assert caught.value.request.method == "POST"
    assert isinstance(caught.value.__cause__, httpx2.ReadTimeout)

    server = Server(httpx2.ReadTimeout("slow"), ok())
    caller.call(server, GET, path={"deployment-id": "a", "b": "b"})
    assert len(server.requests) == 2

    server = Server(httpx2.ConnectTimeout("slow"), ok())
    caller.call(server, fields=FIELDS)
    assert len(server.requests) == 2


def test_a_request_that_cannot_be_sent_is_not_tried_again(caller: Caller) -> None:
    server = Server(httpx2.LocalProtocolError("illegal header"))
    with pytest.raises(errors.TransportError, match="POST /images/generations: illegal header"):
        caller.call(server, fields=FIELDS)
    assert len(server.requests) == 1
