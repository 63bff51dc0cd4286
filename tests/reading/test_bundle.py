"""What a bundle knows besides its tree: where its parts come from, and what reading files may do."""

from __future__ import annotations

import pickle
from collections.abc import Mapping

import pytest

from generator.bundle import Bundle, bundle
from generator.errors import SpecloomError
from generator.load import load


def bundled(files: Mapping[str, str], entry: str = "openapi.yaml") -> Bundle:
    def read(path: str) -> bytes:
        if path not in files:
            raise FileNotFoundError(path)
        return files[path].encode()

    return bundle(load(files[entry].encode(), name=entry), read=read)


def codes(files: Mapping[str, str]) -> list[str]:
    with pytest.raises(SpecloomError) as raised:
        bundled(files)
    return [f"{item.location} {item.code}" for item in raised.value.diagnostics]


FILES = {
    "openapi.yaml": """\
paths:
  /a: {$ref: 'paths/a.yaml#/a', summary: Mine}
  /b: {$ref: 'paths/a.yaml#/b'}
components:
  schemas:
    Own:
      properties: {x: {type: string}}
""",
    "paths/a.yaml": """\
a:
  get: {operationId: a}
b:
  get:
    parameters:
      - {$ref: ../parameters.yaml#/page}
""",
    "parameters.yaml": "page: {name: page, in: query}\n",
}


def test_every_node_is_traced_to_its_file() -> None:
    provenance = bundled(FILES).provenance
    assert str(provenance.locate(("paths", "/a", "get", "operationId"))) == "paths/a.yaml:2:22"
    assert str(provenance.locate(("paths", "/a", "get"), key=True)) == "paths/a.yaml:2:3"
    assert str(provenance.locate(("paths", "/a", "summary"))) == "openapi.yaml:2:42"
    at = ("paths", "/b", "get", "parameters", 0)
    assert str(provenance.locate((*at, "$ref"))) == "paths/a.yaml:6:16"
    page = ("components", "parameters", "page", "name")
    assert str(provenance.locate(page)) == "parameters.yaml:1:14"
    assert str(provenance.locate(("components", "schemas", "Own", "nope"))) == "openapi.yaml:6:5"


def test_moves_stack_on_the_provenance_before() -> None:
    provenance = bundled(FILES).provenance
    hoisted = provenance.moved({("schemas", "OwnX"): ("components", "schemas", "Own", "properties", "x")})
    renamed = hoisted.moved({("schemas", "Y"): ("schemas", "OwnX")})
    for found, name in ((hoisted, "OwnX"), (renamed, "Y")):
        assert str(found.locate(("schemas", name, "type"))) == "openapi.yaml:7:30"
        # What no entry names has stayed where it was.
        assert str(found.locate(("paths", "/a", "get", "operationId"))) == "paths/a.yaml:2:22"


def test_a_bundle_lists_every_file_that_it_was_made_from() -> None:
    found = bundled(FILES)
    assert [document.name for document in found.documents] == sorted(FILES)
    assert pickle.loads(pickle.dumps(found)).tree == found.tree


def test_the_trees_of_the_files_stay_as_they_are() -> None:
    entry = load(FILES["openapi.yaml"].encode(), name="openapi.yaml")
    before = pickle.dumps(entry.root)
    bundle(entry, read=lambda path: FILES[path].encode())
    assert pickle.dumps(entry.root) == before


def test_paths_are_relative_to_the_file_they_stand_in() -> None:
    found = bundled(
        {
            "api/v1/openapi.yaml": "components: {schemas: {A: {$ref: '../shared/a.yaml#/A'}}}",
            "api/shared/a.yaml": "A: {items: {$ref: './b.yaml'}}",
            "api/shared/b.yaml": "items: {$ref: ../v1/openapi.yaml#/components/schemas/A}",
        },
        entry="api/v1/openapi.yaml",
    )
    assert found.tree["components"]["schemas"] == {
        "A": {"items": {"$ref": "#/components/schemas/b"}},
        "b": {"items": {"$ref": "#/components/schemas/A"}},
    }


def test_all_errors_of_all_files_are_told() -> None:
    files = {
        "openapi.yaml": "components:\n  schemas:\n    A: {$ref: a.yaml#/A}\n    B: {$ref: b.yaml}\n    C: {$ref: c.yaml}\n",
        "a.yaml": "A:\n  properties:\n    x: {$ref: '#/Nope'}\n    y: {$ref: 'https://example.com'}\n    z: {$ref: c.yaml}\n",
        "b.yaml": "a: b: c\n",
    }
    assert sorted(codes(files)) == [
        "a.yaml:3:15 dangling-reference",
        "a.yaml:4:15 network-reference",
        "a.yaml:5:15 file-missing",
        "b.yaml:1:5 yaml-syntax",
    ]


def test_a_reference_through_another_file_is_broken_where_it_breaks() -> None:
    files = {
        "openapi.yaml": "components: {schemas: {A: {$ref: a.yaml#/A/properties/x}, B: {$ref: a.yaml#/A}}}",
        "a.yaml": "A: {$ref: '#/B'}\n",
    }
    assert codes(files) == ["a.yaml:1:11 dangling-reference"]


def test_what_a_file_system_refuses_is_an_error_at_the_reference() -> None:
    def read(path: str) -> bytes:
        raise IsADirectoryError(21, "Is a directory")

    entry = load(b"components: {schemas: {A: {$ref: folder}}}", name="openapi.yaml")
    with pytest.raises(SpecloomError) as raised:
        bundle(entry, read=read)
    (found,) = raised.value.diagnostics
    assert (found.code, found.location.column) == ("file-unreadable", 34)
    assert "Is a directory" in found.message


def test_files_that_write_each_other_out_too_deep_are_refused() -> None:
    files = {"openapi.yaml": "paths: {/a: {get: {$ref: o0.yaml}}}"}
    for number in range(150):
        files[f"o{number}.yaml"] = f"callbacks: {{c: {{u: {{get: {{$ref: o{number + 1}.yaml}}}}}}}}"
    files["o150.yaml"] = "responses: {}"
    (found,) = codes(files)
    assert found.endswith("nesting")


def test_components_keep_their_order_when_one_is_added() -> None:
    """The entry's own come first, then what other files give in the order of its first use."""
    entry = "components:\n  schemas:\n    Z: {items: {$ref: m.yaml#/M}}\n    A: {items: {$ref: m.yaml#/B}}\n"
    found = bundled({"openapi.yaml": entry, "m.yaml": "B: {type: string}\nM: {items: {$ref: '#/N'}}\nN: {}\n"})
    assert list(found.tree["components"]["schemas"]) == ["Z", "A", "M", "N", "B"]


def test_a_name_that_two_nodes_want_goes_to_the_first_and_numbers_come_last() -> None:
    files = {
        "openapi.yaml": "components: {schemas: {X: {anyOf: [{$ref: a.yaml#/p/A}, {$ref: a.yaml#/q/A}, {$ref: a.yaml#/r/A}]}}}",
        "a.yaml": "p: {A: {type: string}}\nq: {A: {type: integer}}\nr: {A: {type: boolean}}\n",
    }
    assert list(bundled(files).tree["components"]["schemas"]) == ["X", "A", "a_A", "a_A_2"]
