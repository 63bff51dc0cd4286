from __future__ import annotations

import datetime
import json
from typing import Annotated, Literal, cast

import pytest
from _runtime.files import Upload
from _runtime.model import IsoDate, IsoDateTime, Mismatch, Model, Nullable, adapter_of, lenient, read_json, to_json
from pydantic import ConfigDict, Field, ValidationError
from typing_extensions import TypeAliasType

from tests.runtime.shapes import Answer, Completed, Event, Image, Partial, Request

Name = TypeAliasType("Name", "str | list[str]")
MaybeName = TypeAliasType("MaybeName", "str | None")


class Node(Model):
    name: str
    weight: Annotated[float | None, Field(multiple_of=0.5)] = None
    pattern: Annotated[str | None, Field(pattern="^a", max_length=3)] = None
    alias: Name | None = None
    limited: Annotated[Name | None, Field(max_length=2)] = None
    choice: Annotated[Partial | Completed | None, Field(discriminator="type")] = None
    child: Node | None = None
    children: list[Node] | None = None
    nullable: Nullable[str] = None
    limited_nullable: Annotated[Nullable[str], Field(max_length=3)] = None
    nullable_alias: MaybeName = None
    required_nullable: Nullable[str]


@pytest.mark.parametrize(
    "field",
    ["weight", "pattern", "alias", "limited", "choice", "child", "children"],
)
def test_strict_validation_refuses_null_for_an_optional_field(field: str) -> None:
    raw = f'{{"name": "x", "required_nullable": null, "{field}": null}}'
    with pytest.raises(ValidationError) as caught:
        Node.model_validate_json(raw, strict=True)
    assert caught.value.errors()[0]["loc"][0] == field
    assert getattr(Node.model_validate_json(raw), field) is None


def test_strict_validation_reaches_into_recursive_models() -> None:
    raw = '{"name":"x","required_nullable":null,"children":[{"name":"y","required_nullable":null,"weight":null}]}'
    with pytest.raises(ValidationError) as caught:
        Node.model_validate_json(raw, strict=True)
    assert caught.value.errors()[0]["loc"] == ("children", 0, "weight")


def test_nullable_fields_take_null_and_keep_it() -> None:
    raw = b'{"name":"x","nullable":null,"limited_nullable":null,"nullable_alias":null,"required_nullable":null}'
    assert to_json(Node.model_validate_json(raw, strict=True)) == raw
    with pytest.raises(ValidationError, match="at most 3"):
        Node.model_validate_json('{"name":"x","required_nullable":null,"limited_nullable":"long"}', strict=True)


def test_none_in_python_means_absent_and_is_not_written() -> None:
    node = Node(name="x", required_nullable=None, weight=None, child=None, nullable=None)
    assert to_json(node) == b'{"name":"x","nullable":null,"required_nullable":null}'


def test_constraints_hold_behind_the_optional() -> None:
    for bad in ('"weight": 0.3', '"pattern": "abcd"', '"limited": "abc"', '"weight": "1"'):
        with pytest.raises(ValidationError):
            Node.model_validate_json(f'{{"name": "x", "required_nullable": "", {bad}}}', strict=True)


def test_the_json_schema_says_what_strict_validation_takes() -> None:
    schema = Node.model_json_schema()
    properties = schema["$defs"]["Node"]["properties"]
    assert properties["weight"] == {"multipleOf": 0.5, "type": "number", "title": "Weight"}
    assert properties["child"]["$ref"] == "#/$defs/Node"
    assert {"type": "null"} in properties["nullable"]["anyOf"]
    assert "null" not in str(properties["choice"])
    aliased = Request.model_json_schema()["properties"]["user-id"]
    assert aliased["type"] == "string"


def test_json_has_wire_names_and_only_what_was_set() -> None:
    request = Request(model="m", prompt="p", user_id="u")
    assert to_json(request) == b'{"model":"m","prompt":"p","user-id":"u"}'
    assert to_json({"a": [request], "b": Image(b64=b"\xff\xfe")}) == (
        b'{"a":[{"model":"m","prompt":"p","user-id":"u"}],"b":{"b64":"__4="}}'
    )
    assert to_json([1, "é", True, None, datetime.date(2024, 2, 1), b"\xff"]) == (
        '[1,"é",true,null,"2024-02-01","_w=="]'.encode()
    )


def test_unknown_fields_travel_both_ways() -> None:
    assert to_json(Image.model_validate_json('{"url":"u","new":{"a":[1]}}')) == (b'{"url":"u","new":{"a":[1]}}')


def test_lenient_gives_the_model_itself_when_the_json_fits() -> None:
    assert lenient(Image, {"url": "u"}) == Image(url="u")


@pytest.mark.filterwarnings("error")
def test_lenient_keeps_what_does_not_fit_and_types_the_rest() -> None:
    answer = lenient(
        Answer,
        {
            "created": "soon",
            "data": [{"url": "u"}, {"url": 3, "b64": "//4=", "new": 1}],
            "quality": "hd",
            "x": 1,
        },
    )
    assert isinstance(answer, Answer)
    assert (answer.created, answer.quality) == ("soon", "hd")
    assert answer.data[0] == Image(url="u")
    assert isinstance(answer.data[1], Image)
    assert (answer.data[1].url, answer.data[1].b64) == (3, b"\xff\xfe")
    assert answer.data[1].model_extra == {"new": 1}
    assert answer.model_extra == {"x": 1}
    assert b'"x":1' in to_json(answer)


def test_lenient_gives_none_for_a_required_field_that_is_missing() -> None:
    answer = lenient(Answer, {"data": 3})
    assert isinstance(answer, Answer)
    assert answer.created is None
    assert answer.data == 3
    assert answer.model_fields_set == {"data"}


def test_lenient_survives_hostile_field_names() -> None:
    value = {
        "created": "x",
        "_fields_set": 1,
        "cls": 2,
        "self": 3,
        "__class__": 4,
        "model_extra": 5,
    }
    answer = lenient(Answer, value)
    assert isinstance(answer, Answer)
    assert answer.model_extra == {key: value[key] for key in value if key != "created"}


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ({"type": "partial", "index": "first"}, Partial),
        ({"type": "completed", "usage": 3}, Completed),
        ({"type": "unheard of", "usage": {"index": 1}}, Completed),
        ({"type": "unheard of", "index": 1}, Partial),
    ],
)
def test_lenient_picks_the_best_member_of_a_union(value: object, kind: type[Model]) -> None:
    assert type(lenient(Event, value)) is kind


def test_lenient_goes_into_lists_dicts_and_optionals() -> None:
    built = lenient(dict[str, list[Image] | None], {"a": [{"url": 1}], "b": None, "c": 3})
    assert isinstance(built, dict)
    assert isinstance(built["a"][0], Image)
    assert (built["b"], built["c"]) == (None, 3)
    assert lenient(Literal["a"], "b") == "b"
    assert lenient(Image, [1]) == [1]


def test_lenient_trusts_a_discriminator_more_than_keys() -> None:
    class Left(Model):
        kind: Literal["left"]
        x: int

    class Right(Model):
        kind: Literal["right"]
        y: int | None = None
        z: int | None = None

    assert type(lenient(Left | Right, {"kind": "left", "x": "?", "y": 1, "z": 2})) is Left
    assert type(lenient(Left | Right, {"kind": "?", "x": 1, "y": 1, "z": 2})) is Right


def test_a_class_that_is_no_model_keeps_its_own_settings() -> None:
    upload = Upload(b"x")
    assert adapter_of(Upload).validate_python(upload) is upload
    assert adapter_of(list[Upload]).validate_python([b"y"]) != [upload]


class Closed(Model):
    model_config = ConfigDict(extra="forbid")

    a: int | None = None


class Limited(Model):
    count: Annotated[int, Field(ge=1, multiple_of=2)]
    name: Annotated[str | None, Field(pattern="^a", max_length=3)] = None
    shades: list[Literal["a", "b"]] | None = None
    parts: dict[str, Image] | None = None
    either: Event | None = None
    closed: Closed | None = None


@pytest.mark.parametrize(
    ("field", "value", "pointer", "message"),
    [
        ("count", 3.5, "/count", "valid integer"),
        ("count", 3, "/count", "multiple of 2"),
        ("count", None, "/count", "valid integer"),
        ("name", "b", "/name", "match pattern"),
        ("shades", ["a", "c"], "/shades/1", "'a' or 'b'"),
        ("shades", "a", "/shades", "valid array"),
        ("parts", {"x/y~": {"index": "?"}}, "/parts/x~1y~0/index", "valid integer"),
        ("either", {"type": "partial", "index": None}, "/either/index", "valid integer"),
        ("either", {"type": "new", "index": 1}, "/either/type", "'partial'"),
        ("closed", {"a": 1, "b": 2}, "/closed/b", "not permitted"),
    ],
)
def test_a_mismatch_is_told_by_its_place_and_the_value_stays(
    field: str, value: object, pointer: str, message: str
) -> None:
    found: list[Mismatch] = []
    content = json.dumps({"count": 2, field: value}).encode()
    read = read_json(Limited, content, strict=False, mismatches=found)
    assert isinstance(read, Limited)
    assert [item.pointer for item in found] == [pointer]
    assert message in found[0].message
    if field == "closed":  # which pydantic does not write, but has
        assert read.closed is not None and read.closed.model_extra == {"b": 2}
    else:
        assert json.loads(to_json(read)) == {"count": 2, field: value}
    with pytest.raises(ValueError, match="is not what the API declares") as caught:
        read_json(Limited, content, strict=True)
    assert pointer in str(caught.value)


def test_every_mismatch_is_told() -> None:
    found: list[Mismatch] = []
    read_json(Limited, b'{"name": "b", "closed": {"b": 1}, "unknown": 1}', strict=False, mismatches=found)
    assert [item.pointer for item in found] == ["/count", "/name", "/closed/b"]
    assert str(found[0]) == "/count: Field required"


def test_what_is_left_out_or_unknown_is_no_mismatch() -> None:
    found: list[Mismatch] = []
    read = read_json(Limited, b'{"count": 2, "name": null, "unknown": 1}', strict=True, mismatches=found)
    assert (found, cast("Limited", read).model_extra) == ([], {"unknown": 1})


class Dated(Model):
    on: IsoDate | None = None
    at: IsoDateTime | None = None
    cost: float | None = None


@pytest.mark.parametrize(
    ("text", "strictly", "leniently"),
    [
        ('{"on": "2023-01-31"}', True, True),
        ('{"on": "20230131"}', False, False),
        ('{"on": "0"}', False, False),
        ('{"on": 86400}', False, True),
        ('{"on": "2023-01-31T00:00:00Z"}', False, True),
        ('{"at": "2023-01-31T10:00:00+01:00"}', True, True),
        ('{"at": "2023-01-31T10:00:00"}', False, False),
        ('{"at": "1700000000"}', False, False),
        ('{"cost": NaN}', False, False),
        ('{"cost": 1e400}', False, False),
    ],
)
def test_dates_are_written_out_and_numbers_are_finite(text: str, strictly: bool, leniently: bool) -> None:
    for strict, fits in ((True, strictly), (False, leniently)):
        try:
            Dated.model_validate_json(text, strict=strict)
        except ValidationError:
            assert not fits
        else:
            assert fits
