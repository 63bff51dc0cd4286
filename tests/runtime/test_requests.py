from __future__ import annotations

import datetime
from dataclasses import replace

import pytest
from _runtime.calls import Settings, prepare
from _runtime.credentials import Credential, Scheme, credentials
from _runtime.operations import Declared, Operation

from tests.runtime.calling import CREATE, FIELDS, GET, Caller, Server, ok
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


def test_options_that_do_not_exist_are_refused(caller: Caller) -> None:
    with pytest.raises(TypeError, match=r"create_image\(\) got an unexpected request option 'timeot'"):
        caller.call(Server(ok()), fields=FIELDS, options={"timeot": 3})


def test_none_for_what_may_not_be_null_means_not_there(caller: Caller) -> None:
    server = Server(ok())
    caller.call(server, fields={**FIELDS, "n": None, "user_id": None, "code": None})
    assert server.body == {**FIELDS, "code": None}


def test_an_optional_body_is_sent_where_something_is_in_it(caller: Caller) -> None:
    server = Server(ok())
    operation = replace(CREATE, body_required=False, declared=lambda: Declared(body=Image, answers={200: Answer}))
    caller.call(server, operation, fields={})
    assert (server.last.content, "content-type" in server.last.headers) == (b"", False)
    caller.call(server, operation, body=None)
    assert server.last.content == b""
    caller.call(server, operation, fields={"url": "u"})
    assert server.body == {"url": "u"}
    caller.call(server, operation, fields={}, options={"body": {"a": 1}})
    assert server.body == {"a": 1}


def test_a_path_may_have_a_query_and_a_fragment(caller: Caller) -> None:
    server = Server(ok())
    operation = replace(GET, path="/x/{deployment-id}?beta=true&at={b}#add")
    caller.call(server, operation, path={"deployment-id": "a?b", "b": "c&d"}, query={"z": "#"})
    assert server.last.url.raw_path == b"/base/x/a%3Fb?beta=true&at=c%26d&z=%23"
    assert server.last.url.fragment == ""


def test_an_operation_has_its_own_server_unless_the_caller_chose_one(caller: Caller) -> None:
    server = Server(ok())
    for own, url in (
        ("https://uploads.test/v2?k=1", "https://uploads.test/v2/x/d/b?k=1"),
        ("/v2", "http://test/v2/x/d/b"),
    ):
        operation = replace(GET, server=own)
        caller.call(server, operation, path={"deployment-id": "d", "b": "b"}, settings={"own_servers": True})
        assert str(server.last.url) == url
        caller.call(server, operation, path={"deployment-id": "d", "b": "b"})
        assert str(server.last.url) == "http://test/base/x/d/b"


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


@pytest.mark.parametrize("value", ["", ".", "..", None, [], [".."]])
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
    with pytest.raises(TypeError, match="a field of a form cannot be a Credential"):
        caller.call(server, GET, path={"deployment-id": "d", "b": "b"}, query={"a": KEY})


def answers() -> Declared:
    return Declared(answers={200: Answer})


KEY = Credential("x-bf-vk", "secret")


@pytest.mark.parametrize(
    ("security", "known", "expected"),
    [
        (
            (("B",), ("K",)),
            {"K": KEY, "B": Credential("Authorization", "Bearer secret")},
            {"authorization": "Bearer secret"},
        ),
        ((("B",), ("K",)), {"K": KEY}, {"x-bf-vk": "secret"}),
        (
            (("B", "K"), ("U",)),
            {"K": KEY, "U": Credential("Authorization", "Basic w7w6cDo=")},
            {"authorization": "Basic w7w6cDo="},
        ),
        (
            (("B", "K"),),
            {"K": KEY, "B": Credential("Authorization", "Bearer s")},
            {"authorization": "Bearer s", "x-bf-vk": "secret"},
        ),
        (((), ("K",)), {"K": KEY}, {"x-bf-vk": "secret"}),
        ((("B",),), {"K": KEY}, {}),
        ((), {"K": KEY}, {}),
        ((("C",),), {"C": Credential("c", "v", "cookie")}, {"cookie": "c=v"}),
    ],
)
def test_the_first_alternative_that_is_complete_is_applied(
    caller: Caller,
    security: tuple[tuple[str, ...], ...],
    known: dict[str, Credential],
    expected: dict[str, str],
) -> None:
    server = Server(ok())
    operation = Operation[Answer](id="o", name="o", method="GET", path="/", declared=answers, security=security)
    caller.call(server, operation, settings={"credentials": known})
    sent = {name: server.last.headers.get(name) for name in ("authorization", "x-bf-vk", "cookie")}
    assert {name: value for name, value in sent.items() if value} == expected


def test_a_key_in_the_query(caller: Caller) -> None:
    server = Server(ok())
    operation = Operation[Answer](id="o", name="o", method="GET", path="/", declared=answers, security=(("Q",),))
    caller.call(server, operation, settings={"credentials": {"Q": Credential("api key", "a&b", "query")}})
    assert server.last.url.params.multi_items() == [("api key", "a&b")]


SCHEMES = {
    "B": Scheme("bearer", "X_B"),
    "U": Scheme("basic", "X_U"),
    "K": Scheme("header", "X_K", "x-key"),
    "Q": Scheme("query", "X_Q", "key"),
    "D": Scheme("authorization", "X_D", "Digest"),
}


def test_secrets_become_what_their_schemes_say() -> None:
    made = credentials(SCHEMES, ["t", ("ü", "p:"), "k", None, 'username="a"'])
    assert made == {
        "B": Credential("Authorization", "Bearer t"),
        "U": Credential("Authorization", "Basic w7w6cDo="),
        "K": Credential("x-key", "k"),
        "D": Credential("Authorization", 'Digest username="a"'),
    }


def test_the_environment_is_asked_where_nothing_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"X_B": "env", "X_U": "ü:p:", "X_Q": "q", "X_D": ""}.items():
        monkeypatch.setenv(name, value)
    assert credentials(SCHEMES, [None] * 5) == {
        "B": Credential("Authorization", "Bearer env"),
        "U": Credential("Authorization", "Basic w7w6cDo="),
        "Q": Credential("key", "q", "query"),
    }
    assert credentials(SCHEMES, [None, None, "k", None, None]) == {"K": Credential("x-key", "k")}


@pytest.mark.parametrize("secret", ["", " a", "a\nb", "ü"])
def test_a_secret_that_no_header_can_carry_is_refused_unsaid(secret: str) -> None:
    for kind in ("B", "K", "Q", "D"):
        with pytest.raises(ValueError, match=f"a credential .that of X_{kind}. is empty or has") as caught:
            SCHEMES[kind].credential(secret)
        assert str(caught.value).endswith("or characters that no header can carry")


def test_nothing_that_holds_a_secret_shows_it() -> None:
    known = credentials(SCHEMES, ["sec-b", ("user", "sec-u"), "sec-k", "sec-q", None])
    settings = Settings(base_url="http://u:sec-url@test/?k=sec-p", credentials=known, headers={"x-own": "sec-h"})
    call = prepare(
        settings, replace(GET, security=(("Q",),)), {"path": {"deployment-id": "a", "b": "b"}}, streamed=False
    )
    shown = repr([known, settings, call])
    assert "sec-q" in str(call.url)
    assert "sec-" not in shown
    assert "Basic" not in shown


def test_a_base_url_must_be_absolute() -> None:
    for url in ("", "/v1", "localhost:8080", "ftp://test"):
        with pytest.raises(ValueError, match="base_url"):
            Settings(base_url=url)
