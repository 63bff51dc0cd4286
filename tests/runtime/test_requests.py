from __future__ import annotations

import datetime

import pytest
from _runtime.transport import ApiKey, Basic, BearerToken, Credential, Operation, Transport

from tests.runtime.calling import FIELDS, GET, Caller, Server, ok
from tests.runtime.shapes import Answer, Image


def test_a_call_sends_only_what_was_set_and_gives_the_typed_answer(caller: Caller) -> None:
    server = Server(ok())
    fields = {**FIELDS, "user_id": "u", "images": [Image(url="x", b64=None)]}
    answer = caller.call(server, fields=fields)
    assert answer == Answer(created=1, data=[Image(url="u")])
    assert server.last.method == "POST"
    assert str(server.last.url) == "http://test/base/images/generations"
    assert server.body == {"model": "m", "prompt": "p", "user-id": "u", "images": [{"url": "x"}]}
    assert server.last.headers["content-type"] == "application/json"
    assert server.last.headers["accept"] == "application/json"


def test_a_body_that_is_no_object_is_sent_whole(caller: Caller) -> None:
    server = Server(ok())
    caller.call(server, body=[Image(url="x"), 1])
    assert server.body == [{"url": "x"}, 1]
    caller.call(server, GET, path={"deployment-id": "a", "b": "c"})
    assert server.last.content == b""
    assert "content-type" not in server.last.headers


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({**FIELDS, "x": 1}, "create_image() got an unexpected keyword argument 'x'"),
        ({**FIELDS, "user-id": 1}, "create_image() got an unexpected keyword argument 'user-id'"),
        ({**FIELDS, "stream": True}, "create_image() got an unexpected keyword argument 'stream'"),
        ({"model": "m"}, "create_image() missing 1 required keyword-only argument: 'prompt'"),
        ({}, "create_image() missing 2 required keyword-only arguments: 'model' and 'prompt'"),
    ],
)
def test_wrong_keywords_raise_type_error_as_python_does(
    caller: Caller, fields: dict[str, object], message: str
) -> None:
    server = Server(ok())
    with pytest.raises(TypeError) as caught:
        caller.call(server, fields=fields)
    assert str(caught.value) == message
    with pytest.raises(TypeError) as caught:
        caller.stream(server, fields=fields)
    assert str(caught.value) == message.replace("image(", "image_stream(")
    assert server.requests == []


def test_call_options_go_over_everything_else(caller: Caller) -> None:
    server = Server(ok())
    caller.call(
        server,
        fields={"model": "m"},
        query={"a": 1, "b": 2},
        settings={"headers": {"X-One": "1", "X-Two": "2"}, "max_retries": 0},
        options={
            "headers": {"x-two": "two"},
            "query": {"b": [3, 4]},
            "body": {"prompt": "extra", "vendor": {"seed": 1}},
            "timeout": 7.0,
        },
    )
    assert server.body == {"model": "m", "prompt": "extra", "vendor": {"seed": 1}}
    assert server.last.url.query == b"a=1&b=3&b=4"
    assert (server.last.headers["x-one"], server.last.headers["x-two"]) == ("1", "two")
    assert server.last.extensions["timeout"]["read"] == 7.0


def test_the_default_timeout_leaves_time_for_an_image(caller: Caller) -> None:
    server = Server(ok())
    caller.call(server, fields=FIELDS)
    assert server.last.extensions["timeout"] == {
        "connect": 5.0,
        "read": 600.0,
        "write": 600.0,
        "pool": 600.0,
    }
    caller.call(server, fields=FIELDS, options={"timeout": None})
    assert server.last.extensions["timeout"]["read"] is None


@pytest.mark.parametrize(
    ("value", "raw"),
    [
        ("a/b", b"a%2Fb"),
        ("../up", b"..%2Fup"),
        ("%2e%2e", b"%252e%252e"),
        ("x?y#z", b"x%3Fy%23z"),
        ("a b;c=d@e", b"a%20b%3Bc%3Dd%40e"),
        ("naïve", b"na%C3%AFve"),
        (True, b"true"),
        (["a", "b,c"], b"a,b%2Cc"),
    ],
)
def test_a_path_value_stays_within_its_segment(caller: Caller, value: object, raw: bytes) -> None:
    server = Server(ok())
    caller.call(server, GET, path={"deployment-id": value, "b": 2})
    assert server.last.url.raw_path == b"/base/x/" + raw + b"/2"


@pytest.mark.parametrize("value", ["", ".", "..", None, [], ["a", ".."]])
def test_a_path_value_that_would_change_the_path_is_refused(caller: Caller, value: object) -> None:
    server = Server(ok())
    with pytest.raises(ValueError, match="deployment-id"):
        caller.call(server, GET, path={"deployment-id": value, "b": 2})
    assert server.requests == []


def test_parameters_are_written_as_openapi_writes_them(caller: Caller) -> None:
    server = Server(ok())
    noon = datetime.datetime(2024, 2, 1, 12, tzinfo=datetime.UTC)
    caller.call(
        server,
        GET,
        path={"deployment-id": "d", "b": "b"},
        query={
            "api-version": noon,
            "tag": ["a&b", "c"],
            "deep": True,
            "none": None,
            "day": noon.date(),
        },
        headers={"X-List": [1, 2], "X-No": False, "X-None": None},
        cookies={"session": "s-1", "none": None},
        settings={"base_url": "https://test/base?key=k"},
    )
    assert server.last.url.params.multi_items() == [
        ("key", "k"),
        ("api-version", "2024-02-01T12:00:00+00:00"),
        ("tag", "a&b"),
        ("tag", "c"),
        ("deep", "true"),
        ("day", "2024-02-01"),
    ]
    assert server.last.url.path == "/base/x/d/b"
    assert server.last.headers["x-list"] == "1,2"
    assert server.last.headers["x-no"] == "false"
    assert "x-none" not in server.last.headers
    assert server.last.headers["cookie"] == "session=s-1"
    with pytest.raises(ValueError, match="cookie"):
        caller.call(server, GET, path={"deployment-id": "d", "b": "b"}, cookies={"a": "1; admin=1"})
    with pytest.raises(TypeError, match="dict"):
        caller.call(server, GET, path={"deployment-id": "d", "b": "b"}, query={"a": {"b": 1}})


KEY = ApiKey("x-bf-vk", "secret")


@pytest.mark.parametrize(
    ("security", "credentials", "expected"),
    [
        (
            (("B",), ("K",)),
            {"K": KEY, "B": BearerToken("secret")},
            {"authorization": "Bearer secret"},
        ),
        ((("B",), ("K",)), {"K": KEY}, {"x-bf-vk": "secret"}),
        (
            (("B", "K"), ("U",)),
            {"K": KEY, "U": Basic("ü", "p:")},
            {"authorization": "Basic w7w6cDo="},
        ),
        (
            (("B", "K"),),
            {"K": KEY, "B": BearerToken("s")},
            {"authorization": "Bearer s", "x-bf-vk": "secret"},
        ),
        (((), ("K",)), {"K": KEY}, {"x-bf-vk": "secret"}),
        ((("B",),), {"K": KEY}, {}),
        ((), {"K": KEY}, {}),
        ((("C",),), {"C": ApiKey("c", "v", "cookie")}, {"cookie": "c=v"}),
    ],
)
def test_the_first_alternative_that_is_complete_is_applied(
    caller: Caller,
    security: tuple[tuple[str, ...], ...],
    credentials: dict[str, Credential],
    expected: dict[str, str],
) -> None:
    server = Server(ok())
    operation = Operation[Answer](id="o", name="o", method="GET", path="/", response=Answer, security=security)
    caller.call(server, operation, settings={"credentials": credentials})
    sent = {name: server.last.headers.get(name) for name in ("authorization", "x-bf-vk", "cookie")}
    assert {name: value for name, value in sent.items() if value} == expected


def test_a_key_in_the_query(caller: Caller) -> None:
    server = Server(ok())
    operation = Operation[Answer](id="o", name="o", method="GET", path="/", response=Answer, security=(("Q",),))
    caller.call(server, operation, settings={"credentials": {"Q": ApiKey("api key", "a&b", "query")}})
    assert server.last.url.params.multi_items() == [("api key", "a&b")]


def test_credentials_do_not_show_their_secrets() -> None:
    shown = repr([BearerToken("secret"), Basic("user", "secret"), KEY])
    assert "secret" not in shown
    assert "user" in shown


def test_a_base_url_must_be_absolute() -> None:
    for url in ("", "/v1", "localhost:8080", "ftp://test"):
        with pytest.raises(ValueError, match="base_url"):
            Transport(base_url=url)
