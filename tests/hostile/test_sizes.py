"""Documents whose author means harm by size: each ends soon, in little memory, with all of its output or a located refusal.

Every case runs the command line in a process of its own with limits on its memory and processor time.
"""

from __future__ import annotations

import json
import os
import re
import resource
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from generator.files import MAX_BYTES
from generator.report import MAX_SHOWN
from generator.yaml12 import MAX_DEPTH

ROOT = Path(__file__).parents[2]
MEMORY = 2 * 1024**3
SECONDS = 30
"""Of processor time. A slow machine under load needs a third of it for the slowest case."""

TEXT = 'openapi: 3.1.0\ninfo: {title: T, version: "1"}\n'
PATHS = "paths: {/a: {get: {operationId: a, responses: {'200': {description: ok}}}}}\n"
HEAD: dict[str, Any] = {"openapi": "3.1.0", "info": {"title": "T", "version": "1"}}
OK = {"200": {"description": "ok"}}

Files = Mapping[str, str]


def run(folder: Path, *arguments: str, seconds: int = SECONDS) -> subprocess.CompletedProcess[str]:
    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))

    return subprocess.run(
        [sys.executable, "-m", "generator", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        preexec_fn=limit,
        capture_output=True,
        text=True,
        check=False,
        timeout=20 * seconds,
    )


def generate(folder: Path, files: Files, *, seconds: int = SECONDS) -> subprocess.CompletedProcess[str]:
    """Generates from the first of the files. Whatever comes of it, nothing is half-written."""
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    done = run(folder, "generate", "--input", next(iter(files)), "--output", "out", seconds=seconds)
    assert done.returncode in (0, 2), (done.returncode, done.stderr[-2000:])
    assert "Traceback" not in done.stderr
    assert "internal" not in done.stderr, done.stderr[-2000:]
    written = sorted(path.name for path in folder.iterdir() if path.name not in {name.split("/")[0] for name in files})
    if done.returncode == 0:
        assert (folder / "out" / "manifest.json").exists()
    else:
        assert written == []
        assert re.search(r"--> \S+?(:\d+:\d+)?$", done.stderr, re.MULTILINE)
    return done


def document(schemas: Mapping[str, object] = {}, **more: object) -> str:
    paths = {
        "/a": {
            "post": {
                "operationId": "a",
                "requestBody": {"content": {"application/json": {"schema": ref("S")}}},
                "responses": OK,
            }
        }
    }
    components = {"components": {"schemas": schemas}} if schemas else {}
    return json.dumps({**HEAD, "paths": paths if schemas else {}, **components, **more})


def ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def schema(text: str) -> str:
    """A document with one schema, given as JSON text."""
    return document({"S": "@"}).replace('"@"', text)


# --- depth ------------------------------------------------------------------------------------------------------------

NESTED: dict[str, tuple[str, str]] = {
    "properties": ('{"type":"object","properties":{"a":', "}}"),
    "items": ('{"type":"array","items":', "}"),
    "allOf": ('{"allOf":[', "]}"),
    "anyOf": ('{"anyOf":[{"type":"integer"},', "]}"),
    "not": ('{"not":', "}"),
    "additionalProperties": ('{"type":"object","additionalProperties":', "}"),
}

DEEP: dict[str, Callable[[int], Files]] = {
    "json objects": lambda n: {"s.json": document(**{"x-a": "@"}).replace('"@"', '{"a":' * n + "1" + "}" * n)},
    "json arrays": lambda n: {"s.json": "[" * n + "]" * n},
    "yaml flow": lambda n: {"s.yaml": TEXT + PATHS + "x-a: " + "[" * n + "]" * n},
    "yaml flow that never closes": lambda n: {"s.yaml": TEXT + PATHS + "x-a: " + "{a: " * n},
    "yaml dashes": lambda n: {"s.yaml": TEXT + PATHS + "x-a:\n " + "- " * n + "1"},
    "yaml keys of keys": lambda n: {"s.yaml": TEXT + PATHS + "x-a:\n " + "? " * n + "1"},
    **{
        f"schemas: {name}": lambda n, pair=pair: {"s.json": schema(pair[0] * n + '{"type":"string"}' + pair[1] * n)}
        for name, pair in NESTED.items()
    },
}


@pytest.mark.parametrize("kind", DEEP)
def test_what_nests_too_deep_is_refused_where_it_does(kind: str, tmp_path: Path) -> None:
    done = generate(tmp_path, DEEP[kind](100_000 if "json" in kind else 10_000))
    assert done.returncode == 2
    assert f"more than {MAX_DEPTH} levels" in done.stderr or "yaml-key" in done.stderr


def test_yaml_in_blocks_may_not_nest_deeper_either(tmp_path: Path) -> None:
    lines = "".join(" " * depth + "a:\n" for depth in range(1, 2_000))
    assert "error[nesting]" in generate(tmp_path, {"s.yaml": TEXT + PATHS + "x-a:\n" + lines}).stderr


@pytest.mark.parametrize("name", NESTED)
def test_just_below_the_limit_schemas_nest_or_are_refused(name: str, tmp_path: Path) -> None:
    opening, closing = NESTED[name]
    levels = (MAX_DEPTH - 10) // (opening + closing).count("{") - 5
    generate(tmp_path, {"s.json": schema(opening * levels + '{"type":"string"}' + closing * levels)})


def test_a_page_of_quotes_and_brackets_does_no_harm(tmp_path: Path) -> None:
    noise = "> " * 10_000 + "q\n\n" + "[a](" * 50_000 + "\n\n" + "*a **b " * 50_000 + "\n\n"
    assert generate(tmp_path, {"s.md": noise + "```yaml\n" + TEXT + PATHS + "```\n"}).returncode == 0


# --- chains and cycles ------------------------------------------------------------------------------------------------

LONG = 3_000


def chain(section: str, end: object, start: Callable[[object], object]) -> str:
    """References in a section of the components, one leading to the next."""
    names = {f"C{n}": {"$ref": f"#/components/{section}/C{n + 1}"} for n in range(LONG)}
    paths = {"/a": start({"$ref": f"#/components/{section}/C0"})}
    return json.dumps({**HEAD, "paths": paths, "components": {section: {**names, f"C{LONG}": end}}})


def linked(link: Callable[[str], object]) -> str:
    """Schemas, each with a link to the next."""
    links = {f"C{n}": link(f"C{n + 1}") for n in range(LONG)}
    return document({"S": ref("C0"), **links, f"C{LONG}": {"type": "object", "properties": {"a": {}}}})


CHAINS: dict[str, tuple[Files, str]] = {
    "schemas": ({"s.json": linked(ref)}, "reference-chain"),
    "responses": (
        {"s.json": chain("responses", OK["200"], lambda r: {"get": {"responses": {"200": r}}})},
        "reference-chain",
    ),
    "path items": ({"s.json": chain("pathItems", {"get": {"responses": OK}}, lambda r: r)}, "reference-chain"),
    "files": (
        {
            "s.yaml": TEXT + "paths: {/a: {$ref: f0.yaml}}\n",
            **{f"f{n}.yaml": f"$ref: f{n + 1}.yaml\n" for n in range(LONG)},
        },
        "reference-chain",
    ),
    "allOf": ({"s.json": linked(lambda to: {"allOf": [ref(to)], "required": ["a"]})}, "too-deep"),
    "a pointer of many steps": (
        {"s.json": document({"S": {"$ref": "#/components/schemas/S" + "/properties/a" * LONG}})},
        "dangling-reference",
    ),
}


@pytest.mark.parametrize("kind", CHAINS)
def test_a_chain_of_thousands_is_refused_and_told_a_few_times(kind: str, tmp_path: Path) -> None:
    files, code = CHAINS[kind]
    done = generate(tmp_path, files)
    assert done.returncode == 2
    assert 1 <= done.stderr.count(f"error[{code}]") <= MAX_SHOWN


def use(section: str, reference: object) -> dict[str, object]:
    """An operation with a reference of that kind."""
    response: dict[str, object] = {"description": "ok"}
    operation: dict[str, object] = {"operationId": "a", "responses": {"200": response}}
    if section == "parameters":
        operation["parameters"] = [reference]
    elif section == "responses":
        operation["responses"] = {"200": reference}
    elif section == "requestBodies":
        operation["requestBody"] = reference
    elif section == "callbacks":
        operation["callbacks"] = {"c": reference}
    else:
        response[section] = {"X": reference}
    return operation


def cycle(section: str) -> str:
    to = [{"$ref": f"#/components/{section}/{name}"} for name in "AB"]
    components = {section: {"A": to[1], "B": to[0]}}
    return json.dumps({**HEAD, "paths": {"/a": {"post": use(section, to[0])}}, "components": components})


KEYED = {"type": "object", "required": ["k"], "properties": {"k": {"type": "string"}}}
CYCLES: dict[str, Files] = {
    "itself": {"s.json": document({"S": ref("S")})},
    "each other": {"s.json": document({"S": ref("T"), "T": ref("S")})},
    "allOf": {"s.json": document({"S": {"allOf": [ref("T")]}, "T": {"allOf": [ref("S")], "properties": {"b": {}}}})},
    "anyOf": {"s.json": document({"S": {"anyOf": [ref("S"), {"type": "string"}]}})},
    "oneOf": {"s.json": document({"S": {"oneOf": [ref("T"), {"type": "null"}]}, "T": {"oneOf": [ref("S")]}})},
    "everywhere": {
        "s.json": document(
            {
                "S": {
                    **{word: ref("S") for word in ("not", "if", "then", "else", "items", "contains", "propertyNames")},
                    **{word: ref("S") for word in ("additionalProperties", "unevaluatedProperties")},
                    **{word: {"a": ref("S")} for word in ("properties", "patternProperties", "dependentSchemas")},
                }
            }
        )
    },
    "into itself": {"s.json": document({"S": {"properties": {"a": {"$ref": "#/components/schemas/S/properties/a"}}}})},
    "growing": {"s.json": document({"S": {"$ref": "#/components/schemas/S/properties/a"}})},
    "discriminator": {
        "s.json": document(
            {"S": {**KEYED, "discriminator": {"propertyName": "k", "mapping": {"a": "#/components/schemas/S"}}}}
        )
    },
    "discriminator of a child": {
        "s.json": document(
            {"S": {"oneOf": [ref("S"), ref("T")], "discriminator": {"propertyName": "k"}}, "T": {"allOf": [ref("S")]}}
        )
    },
    "dynamic": {"s.json": document({"S": {"$dynamicAnchor": "n", "$dynamicRef": "#n"}})},
    "path items": {
        "s.json": json.dumps({**HEAD, "paths": {"/a": {"$ref": "#/paths/~1b"}, "/b": {"$ref": "#/paths/~1a"}}})
    },
    "the root": {"s.json": json.dumps({**HEAD, "paths": {"/a": {"$ref": "#"}}})},
    "paths": {"s.json": json.dumps({**HEAD, "paths": {"$ref": "#/paths"}})},
    "files": {
        "s.yaml": TEXT + "paths: {/a: {$ref: b.yaml}}\n",
        "b.yaml": "$ref: c.yaml\n",
        "c.yaml": "$ref: b.yaml\n",
    },
    "a callback of its own": {
        "s.yaml": TEXT + "paths: {/a: {$ref: b.yaml}}\n",
        "b.yaml": "post: {operationId: a, responses: {'200': {description: ok}}, callbacks: {c: {'{$url}': {$ref: b.yaml}}}}\n",
    },
    "aliases": {"s.yaml": TEXT + PATHS + "x-a: &a [*a]\n"},
    "aliases in mappings": {"s.yaml": TEXT + PATHS + "x-a: &a {b: *a}\n"},
    **{section: {"s.json": cycle(section)} for section in ("parameters", "responses", "requestBodies", "headers")},
    **{section: {"s.json": cycle(section)} for section in ("callbacks", "links")},
}


@pytest.mark.parametrize("kind", CYCLES)
def test_a_cycle_is_read_or_refused(kind: str, tmp_path: Path) -> None:
    generate(tmp_path, CYCLES[kind])


# --- bombs ------------------------------------------------------------------------------------------------------------


def doubling(keyword: str) -> str:
    """Forty levels, each of which refers twice to the next: 2**40 ways through them."""
    levels = {f"{x}{n}": {keyword: [ref(f"A{n + 1}"), ref(f"B{n + 1}")]} for n in range(40) for x in "AB"}
    ends = {f"{x}40": {"type": "object", "properties": {x.lower(): {"type": "string"}}} for x in "AB"}
    return document({"S": ref("A0"), **levels, **ends})


def combining() -> str:
    """Properties that combine what they stand in with what comes next: as many classes as there are ways."""

    def level(n: int) -> object:
        def part(x: str) -> object:
            back = {y: {"allOf": [ref("C0"), {"properties": {f"{x}{n}": {}}}]} for y in "ab"}
            return {"allOf": [ref(f"C{n + 1}"), {"type": "object", "properties": back}]}

        return {"type": "object", "properties": {x: part(x) for x in "ab"}}

    return document({"S": ref("C0"), **{f"C{n}": level(n) for n in range(40)}, "C40": {"type": "object"}})


def aliases(line: Callable[[int], str]) -> str:
    return TEXT + PATHS + "x-0: &a0 {a: lol}\n" + "".join(f"x-{n}: &a{n} {line(n)}\n" for n in range(1, 60))


def twice_over() -> str:
    """A schema that no type says, behind 2**40 ways to one and the same value."""
    levels = {f"L{n}": {"allOf": [ref(f"L{n + 1}"), ref(f"L{n + 1}")]} for n in range(40)}
    return document({"S": ref("L0"), **levels, "L40": {"type": "object", "not": {"required": ["z"]}}})


UNIONS = {
    "oneOf": [{"type": "object", "required": [f"a{n}"], "properties": {f"a{n}": {}}} for n in range(200)],
    "anyOf": [{"type": "object", "properties": {f"b{n}": {}}} for n in range(200)],
    "allOf": [{"oneOf": [{"properties": {f"{x}{n}": {}}} for n in range(50)]} for x in "cdefgh"],
}
BOMBS: dict[str, tuple[Files, str]] = {
    "allOf": ({"s.json": doubling("allOf")}, ""),
    "anyOf": ({"s.json": doubling("anyOf")}, ""),
    "oneOf": ({"s.json": doubling("oneOf")}, ""),
    "unions beside unions": ({"s.json": document({"S": UNIONS})}, ""),
    "ways to a value": ({"s.json": twice_over()}, ""),
    "combinations": ({"s.json": combining()}, "too-many-classes"),
    "operations": (
        {
            "s.yaml": TEXT + "paths: {/a: {get: {$ref: 'o.yaml#/o0'}}}\n",
            "o.yaml": "".join(
                f"o{n}: {{responses: {{}}, callbacks: {{c: {{u: {{get: {{$ref: '#/o{n + 1}'}}, put: {{$ref: '#/o{n + 1}'}}}}}}}}}}\n"
                for n in range(40)
            )
            + "o40: {responses: {}}\n",
        },
        "reference-bomb",
    ),
    "path items": (
        {
            "s.yaml": TEXT + "paths: {/a: {$ref: p0.yaml}}\n",
            **{
                f"p{n}.yaml": "post: {responses: {}, callbacks: {"
                + ", ".join(f"{x}: {{u: {{$ref: p{n + 1}.yaml, summary: {x}}}}}" for x in "ab")
                + "}}\n"
                for n in range(40)
            },
            "p40.yaml": "get: {responses: {}}\n",
        },
        "reference-bomb",
    ),
    "aliases in lists": ({"s.yaml": aliases(lambda n: f"[*a{n - 1}, *a{n - 1}]")}, "yaml-alias-bomb"),
    "aliases in mappings": ({"s.yaml": aliases(lambda n: f"{{a: *a{n - 1}, b: *a{n - 1}}}")}, "yaml-alias-bomb"),
    "merge keys": ({"s.yaml": aliases(lambda n: f"{{<<: [*a{n - 1}, *a{n - 1}]}}")}, "yaml-alias-bomb"),
    "many aliases": (
        {"s.yaml": TEXT + PATHS + f"x-0: &a [{'1, ' * 1_000}]\nx-1: [{'*a, ' * 50_000}]\n"},
        "yaml-alias-bomb",
    ),
    "aliases of text": (
        {"s.yaml": TEXT + PATHS + f"x-0: &a {'x' * 1_000_000}\nx-1: [{'*a, ' * 50_000}]\n"},
        "yaml-alias-bomb",
    ),
    "aliases as keys": (
        {"s.yaml": TEXT + PATHS + f"x-0: &a {'x' * 1_000_000}\nx-1: [{'{*a : 1}, ' * 50_000}]\n"},
        "yaml-alias-bomb",
    ),
}


@pytest.mark.parametrize("kind", BOMBS)
def test_what_multiplies_is_read_once_or_refused(kind: str, tmp_path: Path) -> None:
    files, code = BOMBS[kind]
    done = generate(tmp_path, files)
    assert done.returncode == (2 if code else 0), done.stderr
    assert f"[{code}]" in done.stderr or not code


# --- many, and long ---------------------------------------------------------------------------------------------------

LETTERS = "abcDef-" * 15_000
BIG_NUMBER = "9" * 100_000


def path_with(operation: Mapping[str, object], path: str = "/a") -> str:
    return json.dumps({**HEAD, "paths": {path: {"get": {"responses": OK, **operation}}}})


MANY: dict[str, tuple[Files, str]] = {
    "values": ({"s.json": document({"S": {"enum": [f"v{n}" for n in range(10_000)]}})}, ""),
    "lists as values": ({"s.json": document({"S": {"enum": [[n] for n in range(20_000)]}})}, ""),
    "properties": ({"s.json": document({"S": {"properties": {f"p{n}": {} for n in range(5_000)}}})}, ""),
    "parts": ({"s.json": document({"S": {"allOf": [{"properties": {f"p{n}": {}}} for n in range(2_000)]}})}, ""),
    "members": (
        {"s.json": document({"S": {"oneOf": [{"properties": {f"p{n}": {}}} for n in range(2_000)]}})},
        "too-many-members",
    ),
    "schemas": ({"s.json": document({"S": {}, **{f"S{n}": {"properties": {"a": {}}} for n in range(2_000)}})}, ""),
    "schemas of one name": (
        {"s.json": document({"S": {}, **{"T" + "-" * n: {"properties": {"a": {}}} for n in range(500)}})},
        "",
    ),
    "tags": (
        {
            "s.json": json.dumps(
                {**HEAD, "paths": {f"/{n}": {"get": {"tags": [f"t{n}"], "responses": OK}} for n in range(2_000)}}
            )
        },
        "too-many-tags",
    ),
    "text": ({"s.json": document({"S": {"description": "lorem ipsum " * 850_000, "properties": {"a": {}}}})}, ""),
    "a name of a schema": ({"s.json": document({"S": {}, "N" * 1_000_000: {"properties": {"a": {}}}})}, ""),
    "a name of words": ({"s.json": document({"S": {}, "aB-" * 300_000: {"properties": {"a": {}}}})}, ""),
    "a name of a property": ({"s.json": document({"S": {"properties": {LETTERS: {"properties": {LETTERS: {}}}}}})}, ""),
    "an operationId": ({"s.json": path_with({"operationId": LETTERS})}, ""),
    "a tag": ({"s.json": path_with({"tags": [LETTERS]})}, ""),
    "a path": ({"s.json": path_with({}, "/" + LETTERS)}, "invalid-path"),
    "a path of names": ({"s.json": path_with({}, "".join(f"/{{a{n}}}" for n in range(20_000)))}, "invalid-path"),
    "a parameter": ({"s.json": path_with({"parameters": [{"name": LETTERS, "in": "query", "schema": {}}]})}, ""),
    "a media type": ({"s.json": path_with({"responses": {"200": {"description": "", "content": {LETTERS: {}}}}})}, ""),
    "a status": ({"s.json": path_with({"responses": {"200" + "x 1" * 30_000: {"description": ""}}})}, "invalid-status"),
    "a reference": ({"s.json": document({"S": ref("a" * 100_000)})}, "dangling-reference"),
    "an index": ({"s.json": document({"S": {"$ref": f"#/tags/{BIG_NUMBER}"}}, tags=[])}, "dangling-reference"),
    "a file name": ({"s.json": document({"S": {"$ref": "a/" * 50_000 + "b.yaml"}})}, "file-unreadable"),
    "a type": ({"s.json": document({"S": {"type": "x" * 100_000}})}, "unknown-type"),
    "an integer": ({"s.json": schema(f'{{"default": {BIG_NUMBER}}}')}, "number-range"),
    "an integer in yaml": ({"s.yaml": TEXT + PATHS + f"x-a: {BIG_NUMBER}\n"}, "number-range"),
    "a hexadecimal integer": ({"s.yaml": TEXT + PATHS + f"x-a: 0x{'f' * 100_000}\n"}, "number-range"),
    **{f"the number {n}": ({"s.json": schema(f'{{"default": {n}}}')}, "number-range") for n in ("1e999999", "NaN")},
    **{f"the number {n}": ({"s.yaml": TEXT + PATHS + f"x-a: {n}\n"}, "number-range") for n in (".inf", ".nan")},
}


@pytest.mark.parametrize("kind", MANY)
def test_what_is_many_or_long_is_written_out_or_refused(kind: str, tmp_path: Path) -> None:
    files, code = MANY[kind]
    done = generate(tmp_path, files)
    assert done.returncode == (2 if code else 0), done.stderr[-3_000:]
    assert f"[{code}]" in done.stderr or not code
    assert len(done.stderr) < 100_000


@pytest.mark.parametrize("value", ["1e300", "1" + "0" * 30, "0", "-1", "1e-320", "1.5", "9" * 4_000])
def test_a_limit_of_any_size_is_checked_or_said_not_to_be(value: str, tmp_path: Path) -> None:
    words = ("minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties", "minContains")
    numbers = ("multipleOf", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "maxContains")
    kinds = ('"type":"number"', '"type":"integer"', '"type":"string"', '"type":"array"', '"type":"object"')
    fields = [f'"{word}{n}":{{{kind},"{word}":{value}}}' for word in words + numbers for n, kind in enumerate(kinds)]
    done = generate(tmp_path, {"s.json": schema(f'{{"type":"object","properties":{{{",".join(fields)}}}}}')})
    if done.returncode == 0:
        code = "import sys; sys.path.insert(0, '.'); import out.models as m; m.S"
        subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True, timeout=60)


def test_many_errors_are_counted_and_the_first_are_shown(tmp_path: Path) -> None:
    number = 20_000
    schemas: dict[str, object] = {"S": {}, **{f"S{n}": ref(f"Gone{n}") for n in range(number)}}
    told = generate(tmp_path, {"s.json": document(schemas)}).stderr
    assert told.count("error[dangling-reference]") == MAX_SHOWN
    assert f"... and {number - MAX_SHOWN} errors more" in told
    assert f"{number} errors" in told


# --- files ------------------------------------------------------------------------------------------------------------


def _pipe(path: Path) -> None:
    os.mkfifo(path)


def _folder(path: Path) -> None:
    path.mkdir()


def _circle(path: Path) -> None:
    path.symlink_to(path.name)


def _sparse(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(10 * 1024**3)


def _large(path: Path) -> None:
    path.write_bytes(b" " * (MAX_BYTES + 1))


ODD: dict[str, Callable[[Path], None]] = {
    "a pipe": _pipe, "a folder": _folder, "a circle of links": _circle, "ten gigabytes": _sparse, "too large": _large
}  # fmt: skip


@pytest.mark.parametrize("kind", ODD)
def test_what_is_no_file_or_too_large_is_refused_at_the_reference(kind: str, tmp_path: Path) -> None:
    ODD[kind](tmp_path / "other.yaml")
    (tmp_path / "s.yaml").write_text(TEXT + "paths: {/a: {$ref: other.yaml}}\n")
    done = run(tmp_path, "generate", "--input", "s.yaml", "--output", "out")
    assert done.returncode == 2
    assert "s.yaml:3:" in done.stderr
    assert "internal" not in done.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("command", ["generate", "inspect"])
@pytest.mark.parametrize("kind", ODD)
def test_what_is_no_file_or_too_large_is_refused(kind: str, command: str, tmp_path: Path) -> None:
    ODD[kind](tmp_path / "s.yaml")
    where = ["--input", "s.yaml", "--output", "out"] if command == "generate" else ["s.yaml"]
    done = run(tmp_path, command, *where)
    assert done.returncode == 2
    assert "s.yaml" in done.stderr
    assert "internal" not in done.stderr
    assert "Traceback" not in done.stderr


# --- patterns ---------------------------------------------------------------------------------------------------------

PATTERNS = (
    "(a+)+$", "^(a|a)*$", "^(([a-z])+.)+[A-Z]([a-z])+$", "a{1000000}", "(a{1000}){1000}", "((a{0,100}){0,100}){0,100}",
    "(?=(a+)+$)a", "(?<=a+)b", "(a)\\1+", "(", "[", "*", "\\", "|".join(f"a{n}" for n in range(5_000)), "(" * 5_000 + ")" * 5_000,
)  # fmt: skip

SERVE = """
import sys, time; sys.path.insert(0, ".")
from fastapi.testclient import TestClient
from out.server import create_app, handlers
protocol = next(value for name, value in vars(handlers).items() if name.endswith("Handlers"))
class Mine(protocol):
    async def a(self, **arguments): return None
client = TestClient(create_app(Mine()), raise_server_exceptions=False)
started = time.process_time()
for name in sys.argv[1:]:
    assert client.post("/a", json={name: "a" * 100_000 + "!", "a" * 10_000 + "!": "b"}).status_code < 500
print(time.process_time() - started)
"""


def test_a_hostile_pattern_costs_neither_the_generator_nor_the_server(tmp_path: Path) -> None:
    fields = {f"p{n}": {"type": "string", "pattern": pattern} for n, pattern in enumerate(PATTERNS)}
    names = {pattern: {"type": "string"} for pattern in PATTERNS}
    more = {"patternProperties": names, "propertyNames": {"pattern": "^(a+)+$"}}
    files = {"s.json": document({"S": {"type": "object", "properties": fields, **more}})}
    assert generate(tmp_path, files).returncode == 0
    command = [sys.executable, "-c", SERVE, *fields]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr[-2_000:]
    assert float(done.stdout) < 15


# --- the largest ------------------------------------------------------------------------------------------------------


def _body(kind: str) -> str:
    room = MAX_BYTES - 1_000
    if kind == "text":
        return document(**{"x-a": "x" * room})
    if kind == "lists":
        return document(**{"x-a": "@"}).replace('"@"', "[" + "[]," * (room // 3) + "0]")
    if kind == "paths":
        return (
            document()[:-1].replace(
                '"paths": {}', '"paths": {' + ",".join(f'"/{n}":{{}}' for n in range(room // 14)) + "}"
            )
            + "}"
        )
    return TEXT + PATHS + "x-a:\n" + "- a\n" * (room // 4)


@pytest.mark.corpus
@pytest.mark.parametrize(("kind", "code"), [("text", ""), ("lists", "memory"), ("paths", "memory"), ("yaml", "")])
def test_a_file_of_the_largest_size_ends_in_minutes(kind: str, code: str, tmp_path: Path) -> None:
    name = "s.yaml" if kind == "yaml" else "s.json"
    done = generate(tmp_path, {name: _body(kind)}, seconds=600)
    assert done.returncode == (2 if code else 0), done.stderr[-3_000:]
    assert f"[{code}]" in done.stderr or not code


@pytest.mark.corpus
@pytest.mark.parametrize("number", [2_000, 20_000])
def test_operations_take_time_by_their_number(number: int, tmp_path: Path) -> None:
    paths = {
        f"/a{n}": {"get": {"operationId": f"op{n}", "tags": [f"t{n % 500}"], "responses": OK}} for n in range(number)
    }
    assert generate(tmp_path, {"s.json": json.dumps({**HEAD, "paths": paths})}, seconds=number // 10).returncode == 0
