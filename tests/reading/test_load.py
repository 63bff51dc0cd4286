"""From bytes to a document, and from a pointer back to the line."""

from __future__ import annotations

import hashlib
import json
import pickle

import pytest

from generator.document import EXCERPT_COLUMNS, Document
from generator.errors import Diagnostic, SpecloomError
from generator.load import load, load_text
from generator.tree import Pointer

YAML = """\
openapi: 3.1.0
info:
  title: An API
  x-list: [one, {two: three}]
paths:
  /a~b/{c}:
    get:
      tags:
        - first
        - name: second
      description: |
        Some text
        on two lines
"""


def refused(data: bytes, name: str = "a.yaml") -> Diagnostic:
    with pytest.raises(SpecloomError) as raised:
        load(data, name=name)
    (found,) = raised.value.diagnostics
    return found


def underlined(document: Document, pointer: Pointer, *, key: bool = False) -> str:
    """The text that a location underlines."""
    found = document.locate(pointer, key=key)
    line = dict(found.excerpt)[found.line]
    return line[found.column - 1 : found.column - 1 + found.width]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_utf8_and_marked_utf16_are_read(encoding: str) -> None:
    document = load("title: Größe ☃ 𝄞\nb: 1\n".encode(encoding), name="a.yaml")
    assert document.root["title"] == "Größe ☃ 𝄞"
    assert str(document.locate(("b",))) == "a.yaml:2:4"


def test_a_byte_that_is_no_text_is_located() -> None:
    found = refused("title: ü\nname: é".encode() + b"\xe9 x\n")
    assert (found.code, str(found.location)) == ("not-utf8", "a.yaml:2:8")
    assert "0xe9" in found.message


def test_utf16_without_its_mark_is_refused() -> None:
    assert refused("a: 1".encode("utf-16-le")).code == "yaml-syntax"


@pytest.mark.parametrize("data", [b"", b" \n\t\n", b"\xef\xbb\xbf"])
def test_an_empty_file_is_refused(data: bytes) -> None:
    assert refused(data).code == "empty-file"


@pytest.mark.parametrize(
    ("pointer", "value", "key"),
    [
        ((), "openapi: 3.1.0", "openapi: 3.1.0"),
        (("openapi",), "3.1.0", "openapi"),
        (("info", "title"), "An API", "title"),
        (("info",), "info", "info"),
        (("info", "x-list"), "[", "x-list"),
        (("info", "x-list", 1, "two"), "three", "two"),
        (("info", "x-list", "1", "two"), "three", "two"),
        (("paths", "/a~b/{c}", "get", "tags", 0), "first", "first"),
        (("paths", "/a~b/{c}", "get", "tags", 1), "name: second", "name: second"),
        (("paths", "/a~b/{c}", "get", "description"), "|", "description"),
        (("info", "missing", "deeper"), "info", "info"),
        (("missing",), "openapi: 3.1.0", "openapi: 3.1.0"),
    ],
)
def test_a_pointer_is_found_in_the_source(pointer: Pointer, value: str, key: str) -> None:
    document = load(YAML.encode(), name="a.yaml")
    assert underlined(document, pointer) == value
    assert underlined(document, pointer, key=True) == key


def test_a_location_has_its_pointer_and_three_lines() -> None:
    found = load(YAML.encode(), name="dir/a.yaml").locate(("paths", "/a~b/{c}", "put"))
    assert (str(found), found.pointer) == ("dir/a.yaml:6:3", "#/paths/~1a~0b~1{c}")
    assert [number for number, _ in found.excerpt] == [5, 6, 7]


def test_json_has_the_same_places() -> None:
    text = '{\r\n\t"a": {"b": "\\ud83d\\ude00", "c\\u0064": [1,\r\n\t\t2]}}'
    document = load(text.encode(), name="a.json")
    assert document.root == {"a": {"b": "😀", "cd": [1, 2]}}
    assert str(document.locate(("a", "cd"), key=True)) == "a.json:2:29"
    assert str(document.locate(("a", "cd", 1))) == "a.json:3:3"


def test_json_in_a_file_of_another_name_and_flow_yaml_are_read() -> None:
    assert load(b'\n {"a": [1]}', name="a.txt").root == {"a": [1]}
    assert load(b"{a: [1], b: c}", name="a.yaml").root == {"a": [1], "b": "c"}


@pytest.mark.parametrize(
    ("text", "code", "place"),
    [
        ("{'a': 1}", "json-syntax", "a.json:1:2"),
        ('{"a": 1 "b": 2}', "json-syntax", "a.json:1:9"),
        ('{"a": -Infinity}', "number-range", "a.json:1:7"),
        ('{"a": 1e400}', "number-range", "a.json:1:7"),
        ('{"a": ' + "9" * 5000 + "}", "number-range", "a.json:1:7"),
        ('{"a": "\\ud83d!"}', "json-syntax", "a.json:1:8"),
        ('{"a": ' + "[" * 300 + "]" * 300 + "}", "nesting", "a.json:1:206"),
        ('{"a": ' + "[" * 100_000 + "]" * 100_000 + "}", "nesting", "a.json:1:206"),
        ("[1]", "not-a-mapping", "a.json:1:1"),
    ],
)
def test_what_json_cannot_hold_is_located(text: str, code: str, place: str) -> None:
    found = refused(text.encode(), "a.json")
    assert (found.code, str(found.location)) == (code, place)


def test_a_place_in_markdown_is_one_in_the_page() -> None:
    page = "# Page\r\n\r\n> - ```yaml\r\n>   openapi: 3.1.0\r\n>   info:\r\n>     title: T\r\n>   ```\r\n"
    document = load(page.encode(), name="page.md")
    assert underlined(document, ("info", "title")) == "T"
    assert str(document.locate(("info", "title"), key=True)) == "page.md:6:7"


def test_a_long_line_is_cut_behind_the_place_and_left_out_far_to_the_right() -> None:
    text = json.dumps({"a": "x" * 500, "b": 1, "c": "y" * (2 * EXCERPT_COLUMNS), "d": 2})
    document = load(text.encode(), name="a.json")
    ((_, line),) = document.locate(("b",)).excerpt
    assert len(line) < 800
    assert document.locate(("d",)).column > EXCERPT_COLUMNS
    assert not document.locate(("d",)).excerpt


def test_a_text_is_a_document_of_one_string() -> None:
    document = load_text(b"# Hello\n", name="hello.md")
    assert document.root == "# Hello\n"
    assert str(document.locate(())) == "hello.md:1:1"


def test_a_document_knows_the_digest_of_its_bytes_and_can_be_sent_elsewhere() -> None:
    document = load(b"a: 1", name="a.yaml")
    assert document.sha256 == hashlib.sha256(b"a: 1").hexdigest()
    assert pickle.loads(pickle.dumps(document)) == document
