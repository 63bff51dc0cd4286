from __future__ import annotations

import email.utils
import time
import uuid
from dataclasses import replace

import httpx2
import pytest
from _runtime import errors
from _runtime.calls import Settings
from _runtime.transport import Transport

from tests.runtime.calling import CREATE, FIELDS, GET, Caller, Server, ok
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


KEYED = replace(CREATE, stream_field="")
KEY = {"Idempotency-Key": None}


def test_a_declared_idempotency_key_is_made_once_and_makes_a_call_repeatable(caller: Caller) -> None:
    server = Server(httpx2.ReadTimeout("slow"), httpx2.Response(503), ok())
    caller.call(server, KEYED, fields=FIELDS, headers=KEY)
    keys = [request.headers["idempotency-key"] for request in server.requests]
    assert len(keys) == 3
    assert len({*keys}) == 1
    assert uuid.UUID(keys[0]).version == 4
    caller.call(server, KEYED, fields=FIELDS, headers=KEY)
    assert server.last.headers["idempotency-key"] != keys[0]


def test_an_idempotency_key_is_the_callers_or_left_out(caller: Caller) -> None:
    server = Server(httpx2.ReadTimeout("slow"), ok())
    caller.call(server, KEYED, fields=FIELDS, headers={"idempotency-key": "mine"})
    assert [request.headers["idempotency-key"] for request in server.requests] == ["mine", "mine"]
    server = Server(httpx2.ReadTimeout("slow"), ok())
    caller.call(server, KEYED, fields=FIELDS, options={"headers": {"Idempotency-Key": "mine"}})
    assert len(server.requests) == 2
    caller.call(server, GET, path={"deployment-id": "a", "b": "b"}, headers=KEY)
    assert "idempotency-key" not in server.last.headers
    caller.call(server, KEYED, fields=FIELDS)
    assert "idempotency-key" not in server.last.headers


def calls(server: Server, count: int, **settings: object) -> tuple[Transport, int]:
    """How many of the calls of one client fail."""
    client = httpx2.Client(transport=httpx2.MockTransport(server))
    transport = Transport(Settings(base_url="http://test", **settings), client, sleep=server.waits.append)  # type: ignore[arg-type]
    failed = 0
    for _ in range(count):
        try:
            transport.call(CREATE, fields=FIELDS)
        except errors.ApiError:
            failed += 1
    return transport, failed


def test_an_outage_is_not_multiplied() -> None:
    server = Server(httpx2.Response(503))
    assert calls(server, 200)[1] == 200
    assert len(server.requests) == 250
    server = Server(httpx2.Response(503))
    transport, _ = calls(server, 5, retry_budget=1)
    assert len(server.requests) == 6
    with pytest.raises(errors.ServerError) as caught:
        transport.call(CREATE, fields=FIELDS)
    assert "retry_budget" in caught.value.__notes__[0]


def test_good_answers_fill_the_budget_again() -> None:
    server = Server(httpx2.Response(503))
    transport, _ = calls(server, 3, retry_budget=2)
    server.answers = [ok()]
    for _ in range(10):
        transport.call(CREATE, fields=FIELDS)
    server.requests.clear()
    server.answers = [httpx2.Response(503), ok()]
    transport.call(CREATE, fields=FIELDS)
    assert len(server.requests) == 2


def test_a_wait_that_the_server_asks_for_costs_nothing() -> None:
    server = Server(httpx2.Response(429, headers={"retry-after": "1"}))
    calls(server, 20, retry_budget=0)
    assert len(server.requests) == 60


def test_a_client_without_a_budget_does_not_retry(caller: Caller) -> None:
    server = Server(httpx2.Response(503))
    with pytest.raises(errors.ServerError):
        caller.call(server, fields=FIELDS, settings={"retry_budget": 0})
    assert len(server.requests) == 1
