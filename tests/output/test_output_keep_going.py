"""`--keep-going`: only what cannot be done is left out, with place and reason, and `check` agrees with what was written."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import pytest

from tests.output.small import SPEC, Ran, add

Run: TypeAlias = Callable[..., Ran]

HEAD = 'openapi: 3.1.0\ninfo: {title: T, version: "1"}\nservers: [{url: https://a.test}]\n'
GOOD = "  /good: {get: {operationId: good, tags: [good], responses: {'200': {description: ok}}}}\n"
ANSWER = "{'200': {description: ok, content: {application/json: {schema: {$ref: '%s'}}}}}"

LEFT_OUT: dict[str, tuple[str, str, list[str]]] = {
    "a parameter that has no place": (
        "  /bad: {post: {parameters: [{name: x, in: nowhere, schema: {}}], responses: {}}}\n",
        "unsupported",
        ["POST /bad"],
    ),
    "a dangling reference": (
        "  /bad: {get: {operationId: bad, responses: %s}}\n" % (ANSWER % "#/components/schemas/Gone"),
        "dangling-reference",
        ["GET /bad"],
    ),
    "a reference to a file that is broken": (
        "  /bad: {get: {operationId: bad, responses: %s}}\n" % (ANSWER % "broken.yaml#/A"),
        "yaml-syntax",
        ["GET /bad"],
    ),
    "a component that has no type, and what reaches it": (
        "  /bad: {get: {operationId: bad, responses: %s}}\n" % (ANSWER % "#/components/schemas/Outer")
        + "components: {schemas: {Outer: {type: object, properties: {x: {$ref: '#/components/schemas/Bad'}}},\n"
        + "  Bad: {type: nothing}, Fine: {type: object, properties: {y: {type: string}}}}}\n",
        "unknown-type",
        ["GET /bad"],
    ),
    "a component that nothing reaches": (
        "components: {schemas: {Bad: {type: nothing}}}\n",
        "unknown-type",
        ["#/components/schemas/Bad"],
    ),
    "a parameter of all operations of a path": (
        "  /bad/{x}:\n    parameters: [{$ref: '#/components/parameters/P'}]\n"
        "    get: {operationId: one, responses: {}}\n    put: {operationId: two, responses: {}}\n"
        "components: {parameters: {P: {name: x, in: path, required: true, schema: {type: nothing}}}}\n",
        "unknown-type",
        ["GET /bad/{x}", "PUT /bad/{x}"],
    ),
    "a path item that is none": ("  /bad: [1]\n", "wrong-type", ["/bad"]),
    "a path that is none": (
        "  http://a.test/bad: {get: {operationId: bad, responses: {}}}\n",
        "invalid-path",
        ["GET http://a.test/bad"],
    ),
    "a path without a slash, a method in capitals": (
        "  bad/{x}: {GET: {parameters: [{name: x, in: nowhere, schema: {}}], responses: {}}}\n",
        "unsupported",
        ["GET /bad/{x}"],
    ),
    "a method of its own": (
        "  /bad: {additionalOperations: {B D: {operationId: bad, responses: {}}}}\n",
        "invalid-method",
        ["B D /bad"],
    ),
    "a webhook": (
        "webhooks: {bad: {post: {parameters: [{name: x, in: nowhere, schema: {}}]}}}\n",
        "unsupported",
        ["POST bad"],
    ),
    "a callback, with the operation that asks for it": (
        "  /bad: {get: {responses: {}, callbacks: {b: {'{$url}': {put: {requestBody: {content: {application/json:"
        " {schema: {type: nothing}}}}}}}}}}\n",
        "unknown-type",
        ["GET /bad"],
    ),
    "a path item in an extension": (
        "  /bad: {$ref: '#/x-items/group/item'}\n"
        "x-items: {group: {item: {get: {parameters: [{name: x, in: nowhere, schema: {}}], responses: {}}}}}\n",
        "unsupported",
        ["GET /bad"],
    ),
    "a scheme that has no output": (
        "  /bad: {get: {operationId: bad, security: [{S: []}], responses: {}}}\n"
        "components: {securitySchemes: {S: {type: magic}}}\n",
        "unsupported",
        ["GET /bad"],
    ),
}


def project_of(project: Path, text: str) -> Path:
    folder = add(project, "api", HEAD + "paths:\n" + GOOD + text)
    (folder / "broken.yaml").write_text("A: {type: [}\n")
    return folder


@pytest.mark.parametrize("case", LEFT_OUT)
def test_what_cannot_be_done_is_left_out_with_place_and_reason(project: Path, run: Run, case: str) -> None:
    text, code, names = LEFT_OUT[case]
    project_of(project, text)
    refused = run("generate", "api")
    assert (refused.code, refused.out) == (2, "")
    assert not (project / "generated").exists()
    done = run("generate", "api", "--keep-going", "--format", "json")
    assert done.code == 1
    content = json.loads(done.out)
    assert [item["code"] for item in content["diagnostics"]] == [code]
    assert [item["name"] for item in content["left_out"]] == names
    assert all(item["line"] for item in content["left_out"])
    assert all([reason["code"] for reason in item["because"]] == [code] for item in content["left_out"])
    handlers = (project / "generated/api/server/handlers.py").read_text()
    assert "GET /good" in handlers
    assert "bad" not in (project / "generated/api/openapi.json").read_text()
    assert json.loads((project / "generated/api/manifest.json").read_text())["left_out"] == names


@pytest.mark.parametrize("case", LEFT_OUT)
def test_check_agrees_with_what_keep_going_wrote(project: Path, run: Run, case: str) -> None:
    """The manifest remembers: `check` is no error by surprise, and tells what the package goes without."""
    project_of(project, LEFT_OUT[case][0])
    run("generate", "api", "--keep-going")
    for arguments in ([], ["--keep-going"]):
        done = run("check", "api", *arguments)
        assert (done.code, done.out) == (0, "")
        assert "warning[operations-left-out]" in done.err
        assert "error[" not in done.err
    again = run("generate", "api", "--keep-going")
    assert (again.code, again.out) == (1, "")
    assert "error[" in again.err
    assert "1 left out:\n" in again.err or "2 left out:\n" in again.err
    assert run("generate", "api").code == 2


def test_check_sees_that_more_or_less_is_left_out(project: Path, run: Run) -> None:
    folder = project_of(project, LEFT_OUT["a parameter that has no place"][0])
    run("generate", "api", "--keep-going")
    spec = folder / "openapi.yaml"
    mended = spec.read_text().replace("nowhere", "query")
    spec.write_text(spec.read_text() + LEFT_OUT["a parameter that has no place"][0].replace("/bad", "/worse"))
    done = run("check", "api")
    assert done.code == 1
    assert "error[unsupported]" in done.err
    spec.write_text(mended)
    done = run("check", "api")
    assert (done.code, done.err) == (1, "")
    assert run("generate", "api").code == 0
    assert run("check", "api") == Ran(0, "", "")


def test_check_can_be_asked_what_keep_going_would_write(project: Path, run: Run) -> None:
    project_of(project, LEFT_OUT["a parameter that has no place"][0])
    assert run("check", "api").code == 2
    done = run("check", "api", "--keep-going")
    assert done.code == 1
    assert "generated/api/server/handlers.py: missing\n" in done.out
    assert not (project / "generated").exists()


@pytest.mark.parametrize(
    "text",
    [
        "openapi: [\n",
        HEAD.replace("3.1.0", "9.9") + "paths:\n" + GOOD,
        HEAD + "tags: 3\npaths:\n" + GOOD,
        HEAD + "externalDocs: {$ref: 'gone.yaml'}\npaths:\n" + GOOD,
        HEAD + "paths:\n" + LEFT_OUT["a parameter that has no place"][0],
    ],
    ids=["broken yaml", "unknown version", "wrong root", "dangling root", "nothing left"],
)
def test_what_every_operation_needs_still_refuses(project: Path, run: Run, text: str) -> None:
    add(project, "api", text)
    done = run("generate", "api", "--keep-going")
    assert (done.code, done.out) == (2, "")
    assert "error[" in done.err
    assert ("error[nothing-left]" in done.err) == ("a.test" in text and "/bad" in text)
    assert not (project / "generated").exists()


def test_what_the_document_asks_of_all_is_wrong_with_those_that_do_not_say_otherwise(project: Path, run: Run) -> None:
    good = GOOD.replace("{operationId", "{security: [], operationId")
    magic = "components: {securitySchemes: {S: {type: magic}}}\n"
    add(project, "api", HEAD + "security: [{S: []}]\n" + magic + "paths:\n" + good + GOOD.replace("good", "bad"))
    assert run("generate", "api").code == 2
    done = run("generate", "api", "--keep-going", "--format", "json")
    assert done.code == 1
    content = json.loads(done.out)
    assert [(item["code"], item["line"]) for item in content["diagnostics"]] == [("unsupported", 5)]
    assert [item["name"] for item in content["left_out"]] == ["GET /bad"]


def test_settings_that_are_wrong_still_refuse(project: Path, run: Run) -> None:
    folder = project_of(project, LEFT_OUT["a parameter that has no place"][0])
    (folder / "integration.yaml").write_text("spec: openapi.yaml\nskip: {god: not now}\n")
    done = run("generate", "api", "--keep-going")
    assert done.code == 2
    assert "did you mean 'good'?" in done.err
    assert "error[unsupported]" in done.err


def test_without_errors_it_changes_nothing(project: Path, run: Run) -> None:
    add(project, "api", SPEC)
    assert run("generate", "api", "--keep-going").code == 0
    assert run("generate", "api") == Ran(0, "", "")


def test_errors_of_all_stages_come_together(project: Path, run: Run) -> None:
    """References, shapes, schemas and operations are read one after the other; nobody wants to run four times."""
    bodies, references = (LEFT_OUT[case][0] for case in ("a parameter that has no place", "a dangling reference"))
    shapes = "  /shape: {get: {responses: 3}}\n"
    types = "  /type: {get: {responses: %s}}\n" % (ANSWER.replace("{$ref: '%s'}", "{type: nothing}"))  # noqa: UP031
    text = bodies + references.replace("/bad", "/worse") + shapes + types
    project_of(project, text)
    told = run("generate", "api").err
    assert all(code in told for code in ("unsupported", "dangling-reference", "wrong-type", "unknown-type"))
    assert told.endswith("4 errors\n")


def test_inspect_shows_what_is_left(project: Path, run: Run) -> None:
    project_of(project, LEFT_OUT["a dangling reference"][0])
    assert run("inspect", "api").code == 2
    done = run("inspect", "api", "--keep-going")
    assert done.code == 1
    assert "1 operation\n" in done.out
    assert "GET /bad  spec/api/openapi.yaml:6:" in done.err
