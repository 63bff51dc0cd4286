"""The YAML reader beyond what the case folders show: limits, sharing, and the parser without libyaml."""

from __future__ import annotations

import pytest
import yaml

from generator import yaml_events
from generator.yaml12 import MAX_DEPTH, YamlError, parse
from generator.yaml_marks import read_marks


def codes(text: str) -> list[str]:
    with pytest.raises(YamlError) as raised:
        parse(text)
    return [problem.code for problem in raised.value.problems]


def place(text: str) -> str:
    """The text that the first problem is about."""
    with pytest.raises(YamlError) as raised:
        parse(text)
    span = raised.value.problems[0].span
    return text[span.start : span.end]


@pytest.mark.parametrize(
    "bomb",
    [
        pytest.param('a: &a ["x"]\nb: [' + "*a, " * 2_500_000 + "]", id="many aliases of a node"),
        pytest.param('a: &a "' + "x" * 9_900_000 + '"\nb: [' + "*a, " * 40_000 + "]", id="long text"),
        pytest.param(
            "- &a [x, x, x, x, x, x, x, x, x]\n"
            + "- &b [*a, *a, *a, *a, *a, *a, *a, *a, *a]\n- &a [*b, *b, *b, *b, *b, *b, *b, *b, *b]\n" * 119_000,
            id="aliases of aliases",
        ),
    ],
)
def test_ten_megabytes_of_aliases_end_at_the_alias_that_is_too_much(bomb: str) -> None:
    assert len(bomb) > 9_900_000
    assert codes(bomb) == ["yaml-alias-bomb"]


def test_aliases_share_the_node_of_their_anchor() -> None:
    tree = parse("a: &a {b: [1]}\nc: *a\nd: [*a]\n")
    assert tree["a"] is tree["c"] is tree["d"][0]


def test_an_anchor_may_be_given_to_another_node() -> None:
    assert parse("[&a 1, *a, &a 2, *a]") == [1, 1, 2, 2]


@pytest.mark.parametrize("text", ["[" * 100_000, "{a: " * 100_000, "- " * 100_000])
def test_nesting_ends_at_a_limit_and_not_in_python(text: str) -> None:
    assert codes(text) == ["nesting"]


def test_nesting_up_to_the_limit_is_read() -> None:
    assert parse("[" * MAX_DEPTH + "]" * MAX_DEPTH) is not None
    assert codes("[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1)) == ["nesting"]


def test_what_json_can_only_say_as_text_is_text() -> None:
    assert parse("a: !!binary |-\n  AA==\nb: !!timestamp 2026-01-02\n") == {"a": "AA==", "b": "2026-01-02"}


def test_nesting_through_aliases_counts() -> None:
    steps = "".join(f"- &a{n} [*a{n - 1}]\n" for n in range(1, MAX_DEPTH + 1))
    assert codes(f"- &a0 [x]\n{steps}") == ["nesting"]


def test_all_problems_are_told_up_to_the_one_that_ends_the_reading() -> None:
    text = "a: 1\na: 2\nb: !foo c\nd: .inf\ne: [\n"
    assert codes(text) == ["duplicate-key", "yaml-tag", "number-range", "yaml-syntax"]


def test_problems_point_at_what_is_wrong() -> None:
    assert place("a: 1\nb: 2\n'a': 3\n") == "'a'"
    assert place("a:\n  b: [1, *x]\n") == "*x"
    assert place("a: \x07b") == "\x07"
    assert place("? {a: b}\n: c\n").startswith("{")


def test_a_number_of_any_length_is_read_or_refused_with_a_reason() -> None:
    assert parse("0x" + "f" * 3_000) == int("f" * 3_000, 16)
    assert codes("0x" + "f" * 10_000) == ["number-range"]
    assert codes("9" * 10_000) == ["number-range"]


def test_nothing_but_comments_is_no_document() -> None:
    assert parse("") is None
    assert parse("# only this\n") is None


def test_keys_are_the_text_of_the_source() -> None:
    assert parse("{0x10: a, TRUE: b, '': c, ~: d, 2025-01-01: e, &k on: f}") == {
        "0x10": "a",
        "TRUE": "b",
        "": "c",
        "~": "d",
        "2025-01-01": "e",
        "on": "f",
    }
    assert parse("a: &k on\n*k : b\n") == {"a": "on", "on": "b"}


def test_a_quoted_merge_key_is_a_key() -> None:
    assert parse("'<<': {a: b}") == {"<<": {"a": "b"}}


TEXTS = [
    "openapi: 3.1.0\npaths:\n  /a: &a\n    get: {tags: [x, 'y'], 200: |\n        text\n        more\n      }\n",
    "a: &a [1, {b: c}]\nd: *a\ne:\n- f\n- g: h\n  i: >-\n    folded\n",
]


@pytest.mark.parametrize("text", [TEXTS[1], "a: 1\n\tb: 2\n", "a: b: c\n", "a: 1\na: 2\n", "a: !x [*y]\n"])
def test_the_parser_without_libyaml_reads_the_same(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def outcome() -> object:
        try:
            return parse(text), read_marks(text).find(("d", 1, "b"), key=True)
        except YamlError as error:
            return [(problem.code, problem.message, problem.span.start) for problem in error.problems]

    first = outcome()
    monkeypatch.setattr(yaml_events, "_LOADER", yaml.BaseLoader)
    assert outcome() == first
