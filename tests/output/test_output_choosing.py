"""What the settings choose and name: what is not needed goes along, and an entry that does nothing is an error."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import pytest

from generator.config import load_integration
from generator.openapi import operations
from generator.pipeline import understand
from tests.output.small import Ran, add

Run: TypeAlias = Callable[..., Ran]

SPEC = """\
openapi: 3.1.0
info: {title: Shop, version: "1"}
servers: [{url: https://shop.test}]
security: [{Key: []}]
tags: [{name: Cats}, {name: Dogs}, {name: Nobody}]
paths:
  /cats:
    get:
      operationId: listCats
      tags: [Cats]
      parameters: [{name: page-size, in: query, schema: {type: integer}}]
      responses: {'200': {description: ok, content: {application/json: {schema: {$ref: '#/components/schemas/Cat'}}}}}
  /dogs:
    post:
      operationId: addDog
      tags: [Dogs]
      security: [{Token: []}]
      requestBody:
        required: true
        content:
          application/json:
            schema: {type: object, properties: {dog: {$ref: '#/components/schemas/Dog'}}}
      responses: {'200': {description: ok}}
  /dogs/all: {$ref: '#/paths/~1dogs'}
components:
  schemas:
    Cat: {type: object, properties: {name: {type: string}, copy: {type: string}, fur: {$ref: '#/components/schemas/Fur'}}}
    Dog: {type: object, properties: {name: {type: string}, fur: {$ref: '#/components/schemas/Fur'}}}
    Fur: {type: object, properties: {colour: {type: string}}}
    Orphan: {type: object, properties: {x: {$ref: '#/components/schemas/Rest'}}}
    Rest: {type: object, properties: {x: {type: string}}}
  securitySchemes:
    Key: {type: apiKey, in: header, name: X-Key}
    Token: {type: http, scheme: bearer}
"""


def document(project: Path, run: Run, settings: str) -> dict[str, list[str]]:
    """What the settings leave of the document, by kind."""
    folder = add(project, "api", SPEC)
    (folder / "integration.yaml").write_text(f"spec: openapi.yaml\n{settings}")
    done = run("generate", "api")
    assert done.code == 0, done.err
    tree = json.loads((project / "generated/api/openapi.json").read_text())
    return {
        "paths": list(tree["paths"]),
        "schemas": list(tree["components"]["schemas"]),
        "schemes": list(tree["components"]["securitySchemes"]),
        "tags": [tag["name"] for tag in tree["tags"]],
    }


def test_without_a_choice_the_document_is_what_it_was(project: Path, run: Run) -> None:
    left = document(project, run, "")
    assert left["schemas"] == ["Cat", "Dog", "Fur", "Orphan", "Rest"]
    assert left["tags"] == ["Cats", "Dogs", "Nobody"]


@pytest.mark.parametrize(
    "choice", ["tags: [Cats]", "paths: [/cats]", "operations: [listCats]", "operations: [GET /cats]"]
)
def test_include_takes_what_it_names_and_nothing_that_this_does_not_need(project: Path, run: Run, choice: str) -> None:
    left = document(project, run, f"include: {{{choice}}}\n")
    assert left == {"paths": ["/cats"], "schemas": ["Cat", "Fur"], "schemes": ["Key"], "tags": ["Cats"]}


@pytest.mark.parametrize("name", ["addDog", "POST /dogs", "POST /dogs/all"])
def test_skip_takes_along_what_only_the_skipped_needed(project: Path, run: Run, name: str) -> None:
    """An operation with two routes goes by either; what no operation ever needed stays."""
    left = document(project, run, f"skip: {{{name}: not for us}}\n")
    assert left["paths"] == ["/cats"]
    assert left["schemas"] == ["Cat", "Fur", "Orphan", "Rest"]
    assert (left["schemes"], left["tags"]) == (["Key"], ["Cats", "Nobody"])
    assert "Dog" not in (project / "generated/api/models/__init__.py").read_text()


def test_what_is_skipped_may_be_as_broken_as_it_likes(project: Path, run: Run) -> None:
    folder = add(
        project, "api", SPEC.replace("schemas/Dog'}}}", "schemas/Gone'}}}").replace("Token: {type", "Token: {x")
    )
    (folder / "integration.yaml").write_text("spec: openapi.yaml\nskip: {addDog: not for us}\n")
    assert run("generate", "api").code == 0


def test_names_are_what_the_user_says(project: Path, run: Run) -> None:
    document(
        project, run,
        "names:\n  operations: {listCats: all_cats, POST /dogs: adopt}\n  tags: {Cats: felines}\n"
        "  schemas: {Cat: Feline, AddDogRequest: Adoption}\n  fields: {Cat.name: called, Dog.fur: coat}\n"
        "  parameters: {listCats.page-size: size}\n",
    )  # fmt: skip
    made = project / "generated/api"
    models = "".join(path.read_text() for path in (made / "models").glob("*.py"))
    assert "class Feline(" in models
    assert "class Adoption(" in models
    assert 'called: Annotated[str | None, Field(alias="name")] = None' in models
    assert "coat: " in models
    client = (made / "client/felines.py").read_text()
    assert "def all_cats(" in client
    assert "size: int" in client
    assert "def adopt(" in (made / "client/dogs.py").read_text()


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ("include: {tags: [Cat]}", ("2:18", "unused-entry", "did you mean 'Cats'?")),
        ("include: {paths: [/cats, /cat]}", ("2:26", "unused-entry", "did you mean '/cats'?")),
        ("include: {operations: [listCat]}", ("2:24", "unused-entry", "did you mean 'listCats'?")),
        ("skip: {GET /cat: no}", ("2:8", "unused-entry", "did you mean 'GET /cats'?")),
        ("names: {operations: {listcats: x}}", ("2:22", "unused-entry", "did you mean 'listCats'?")),
        ("names: {tags: {Cat: x}}", ("2:16", "unused-entry", "did you mean 'Cats'?")),
        ("names: {schemas: {Catt: X}}", ("2:19", "unused-entry", "did you mean 'Cat'?")),
        ("names: {fields: {Cat.nam: x}}", ("2:18", "unused-entry", "did you mean 'Cat.name'?")),
        ("names: {parameters: {listCats.page: x}}", ("2:22", "unused-entry", "did you mean 'listCats.page-size'?")),
        ("pagination: {listCat: false}", ("2:14", "unused-entry", "did you mean 'listCats'?")),
        ("pagination: {listCats: {page: page-size}}", ("2:14", "pagination", "as the document does")),
        ("pagination: {GET /cats: {items: cat, page: page-size}}", ("2:33", "pagination", "as the document does")),
        ("names: {fields: {Cat.name: 1x}}", ("2:28", "config-value", "letters, digits")),
        ("names: {parameters: {listCats.page-size: class}}", ("2:42", "config-value", "letters, digits")),
        ("names: {fields: {Cat.name: copy}}", ("2:28", "name-taken", "another name for 'Cat.name'")),
        ("names: {fields: {Cat.name: fur}}", ("2:28", "name-taken", "another name")),
        ("names: {schemas: {Cat: Dog}}", ("2:24", "name-taken", "another name")),
        ("names: {schemas: {Cat: Field}}", ("2:24", "name-taken", "another name")),
        ("names: {tags: {Cats: close}}", ("2:22", "name-taken", "another name")),
        ("names: {parameters: {listCats.page-size: self}}", ("2:42", "name-taken", "another name")),
    ],
)
def test_an_entry_that_does_nothing_is_an_error_at_its_line(
    project: Path, run: Run, settings: str, told: tuple[str, str, str]
) -> None:
    folder = add(project, "api", SPEC)
    (folder / "integration.yaml").write_text(f"spec: openapi.yaml\n{settings}\n")
    done = run("generate", "api", "--format", "json")
    assert done.code == 2
    (found,) = json.loads(done.out)["diagnostics"]
    assert (f"{found['line']}:{found['column']}", found["code"]) == told[:2]
    assert found["file"] == "spec/api/integration.yaml"
    assert told[2] in found["hint"]


def test_a_rule_for_pages_is_held_against_the_operation(project: Path, run: Run) -> None:
    folder = add(project, "api", SPEC)
    rule = "{items: fur, cursor: after, from: fur.color, more: fur.colour}"
    (folder / "integration.yaml").write_text(f"spec: openapi.yaml\npagination: {{listCats: {rule}}}\n")
    done = run("generate", "api", "--format", "json")
    assert [found["message"] for found in json.loads(done.out)["diagnostics"]] == [
        "listCats cannot be read in pages: 'fur' in its answer is no list",
        "listCats cannot be read in pages: the operation has no query parameter 'after'",
        "listCats cannot be read in pages: its answer has no 'fur.color'",
    ]


HOOKS = """\
openapi: 3.2.0
info: {title: Hooks, version: "1"}
servers: [{url: https://hooks.test}]
paths:
  /jobs:
    post:
      operationId: start
      tags: [Jobs]
      responses: {'200': {description: ok}}
      callbacks:
        done: {'{$request.query.url}': {post: {operationId: jobDone, requestBody: {content: {application/json:
          {schema: {$ref: '#/components/schemas/Job'}}}}}}}
    additionalOperations:
      COPY: {operationId: copyJob, tags: [Copies], responses: {'200': {description: ok, content: {application/json:
        {schema: {$ref: '#/components/schemas/Copy'}}}}}}
webhooks:
  told:
    post: {operationId: tell, tags: [Telling], parameters: [{name: X-By, in: header, schema: {type: string}}],
      requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/News'}}}}}
    put: {tags: [Telling], requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/Old'}}}}}
components:
  schemas:
    Job: {type: object, properties: {id: {type: string}}}
    Copy: {type: object, properties: {id: {type: string}}}
    News: {type: object, properties: {id: {type: string}}}
    Old: {type: object, properties: {id: {type: string}}}
"""


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ("include: {operations: [start]}", {"paths": {"/jobs": ["post"]}, "schemas": ["Job"]}),
        ("include: {tags: [Copies]}", {"paths": {"/jobs": ["COPY"]}, "schemas": ["Copy"]}),
        ("include: {operations: [COPY /jobs]}", {"paths": {"/jobs": ["COPY"]}, "schemas": ["Copy"]}),
        ("include: {operations: [tell]}", {"webhooks": {"told": ["post"]}, "schemas": ["News"]}),
        (
            "include: {tags: [Telling]}\nskip: {POST told: no}",
            {"webhooks": {"told": ["put"]}, "schemas": ["Old"]},
        ),
        (
            "skip: {start: no, tell: no}",
            {
                "paths": {"/jobs": ["COPY"]},
                "webhooks": {"told": ["put"]},
                "schemas": ["Copy", "Old"],
            },
        ),
    ],
)
def test_what_the_api_calls_is_chosen_as_what_it_answers(
    project: Path, run: Run, settings: str, told: dict[str, object]
) -> None:
    """Webhooks go by operationId, tag or `POST name`; callbacks go with their operation."""
    folder = add(project, "api", HOOKS)
    (folder / "integration.yaml").write_text(f"spec: openapi.yaml\n{settings}\n")
    done = run("generate", "api")
    assert done.code == 0, done.err
    tree = json.loads((project / "generated/api/openapi.json").read_text())
    left = {
        section: {name: [method for method, *_ in operations(item)] for name, item in tree[section].items()}
        for section in ("paths", "webhooks")
        if tree.get(section)
    }
    assert {**left, "schemas": list(tree["components"]["schemas"])} == told


def test_what_the_api_calls_has_names_too(project: Path, run: Run) -> None:
    folder = add(project, "api", HOOKS)
    (folder / "integration.yaml").write_text(
        "spec: openapi.yaml\nnames:\n  operations: {tell: inform, jobDone: finished, PUT told: replace}\n"
        "  tags: {Telling: news}\n  parameters: {tell.X-By: sender}\n"
    )
    done = run("generate", "api")
    assert done.code == 0, done.err
    api = understand(load_integration(folder)).api
    assert {operation.name for operation in api.webhooks} == {"inform", "finished", "replace"}
    assert {parameter.py_name for operation in api.webhooks for parameter in operation.parameters} == {"sender"}


@pytest.mark.parametrize(
    ("names", "told"),
    [
        ("{AddDogRequest: Cat}", "the name `Cat` is taken by something else"),
        ("{AddDogRequest: Both, Cat: Both}", "the name `Both` is taken by something else"),
    ],
)
def test_a_class_of_our_making_gets_no_name_that_is_taken(project: Path, run: Run, names: str, told: str) -> None:
    folder = add(project, "api", SPEC)
    (folder / "integration.yaml").write_text(f"spec: openapi.yaml\nnames: {{schemas: {names}}}\n")
    done = run("generate", "api")
    assert done.code == 2
    assert told in done.err


def test_a_name_that_the_user_chose_is_kept_free_for_it(project: Path, run: Run) -> None:
    """Two inline schemas of one name: the first gives its name away, the second keeps its own."""
    folder = add(project, "api", HOOKS.replace("put: {tags", "put: {operationId: tell-, tags"))
    text = (folder / "openapi.yaml").read_text()
    for name in ("News", "Old"):
        text = text.replace(
            f"{{schema: {{$ref: '#/components/schemas/{name}'}}}}",
            f"{{schema: {{type: object, properties: {{{name}: {{type: string}}}}}}}}",
        )
    (folder / "openapi.yaml").write_text(text)
    settings = folder / "integration.yaml"

    def classes() -> set[str]:
        return {schema.name for schema in understand(load_integration(folder)).api.schemas} - {
            "Job",
            "Copy",
            "News",
            "Old",
        }

    assert classes() == {"TellRequest", "TellRequestJson"}
    settings.write_text("spec: openapi.yaml\nnames: {schemas: {TellRequest: Telling}}\n")
    assert classes() == {"Telling", "TellRequestJson"}
    settings.write_text("spec: openapi.yaml\nnames: {schemas: {TellRequest: TellRequestJson}}\n")
    assert classes() == {"TellRequestJson", "TellRequest2"}
