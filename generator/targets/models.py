"""The models package. The one importer of datamodel-code-generator, which is called once for each module.

It gets components so plain that there is one way to write them, without any text of the spec's author in them, and
its answer is compared with the names that the IR has.
"""

from __future__ import annotations

import ast
import json
import tempfile
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from datamodel_code_generator import GenerateConfig, LiteralType, generate
from datamodel_code_generator.enums import DataModelType, InputFileType
from datamodel_code_generator.format import PythonVersion

from generator import ir
from generator.manifest import TEMPLATES
from generator.normalise.canonical import Canonical
from generator.render import docstring, render
from generator.tree import Json, JsonObject, is_array, is_object

from .python import Artifact, Import, import_block

_RUNTIME = "runtime"  # stands for the relative module until the imports are written
_NOT_FOR_DMCG = frozenset(["description", "readOnly", "writeOnly", "deprecated"])


class NameMismatchError(Exception):
    """datamodel-code-generator named something in another way than the IR: a mistake of ours, not of the spec."""


@dataclass(frozen=True, slots=True)
class ModelsModule:
    """The view of ``models/module.py.jinja``: statements are classes first, then type aliases."""

    doc: str
    imports: str
    statements: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ModelsPackage:
    """The view of ``models/__init__.py.jinja``."""

    modules: tuple[tuple[str, tuple[str, ...]], ...]

    @property
    def names(self) -> list[str]:
        """Every model, sorted."""
        return sorted(name for _, names in self.modules for name in names)

    @staticmethod
    def quoted(names: Iterable[str]) -> str:
        """The names as a set display."""
        return "{" + ", ".join(repr(name) for name in names) + "}"


def make(api: ir.Api, canonical: Canonical) -> list[Artifact]:
    """One file for each module of models, and the package that gives them out."""
    modules: dict[str, list[ir.Schema]] = {}
    for schema in api.schemas:
        modules.setdefault(schema.module, []).append(schema)
    package = ModelsPackage(
        tuple((module, tuple(sorted(s.name for s in modules[module]))) for module in sorted(modules))
    )
    artifacts = [Artifact(PurePosixPath("models/__init__.py"), render("models/__init__.py.jinja", package))]
    for module in sorted(modules):
        view = _module_view(api, canonical, module, modules[module])
        artifacts.append(Artifact(PurePosixPath(f"models/{module}.py"), render("models/module.py.jinja", view)))
    return artifacts


def _module_view(api: ir.Api, canonical: Canonical, module: str, schemas: list[ir.Schema]) -> ModelsModule:
    group = next((group for group in api.groups if group.name == module), None)
    text = _generate(api, canonical, schemas)
    tree = ast.parse(text)
    imports = {item for node in tree.body if isinstance(node, ast.ImportFrom) for item in _imports(node)}
    lines = text.splitlines()
    defined = {
        name: "\n".join(lines[node.lineno - 1 : node.end_lineno]) for node in tree.body for name in _defines(node)
    }
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    return ModelsModule(
        doc=f"Models of {group.title}." if group else "Models that several groups of operations share.",
        imports=import_block(item for item in imports if item.name in used or item.module == "__future__"),
        statements=tuple(defined[schema.name] for schema in _in_order(schemas)),
    )


def _generate(api: ir.Api, canonical: Canonical, schemas: list[ir.Schema]) -> str:
    """datamodel-code-generator's text for these schemas. Raises :class:`NameMismatchError`."""
    here = {schema.name for schema in schemas}
    components = {schema.name: _plain(canonical.schemas[schema.name], here) for schema in schemas}
    with tempfile.TemporaryDirectory() as folder:
        metadata = Path(folder, "metadata.json")
        text = generate(
            {
                "openapi": "3.1.0",
                "info": {"title": "", "version": ""},
                "paths": {},
                "components": {"schemas": components},
            },
            config=GenerateConfig(
                input_file_type=InputFileType.OpenAPI,
                output_model_type=DataModelType.PydanticV2BaseModel,
                target_python_version=PythonVersion.PY_311,
                base_class=f"{_RUNTIME}.Model",
                additional_imports=[f"{_RUNTIME}.Nullable"],
                custom_template_dir=TEMPLATES / "models",
                extra_template_data=defaultdict(dict, {s.name: _class_view(api, s) for s in schemas}),
                aliases={
                    f"{schema.name}.{field.name}": field.py_name
                    for schema in schemas
                    if isinstance(schema, ir.ObjectSchema)
                    for field in schema.fields
                    if field.name != field.py_name
                },
                external_ref_mapping={ir.SHARED: f".{ir.SHARED}"},
                emit_model_metadata=metadata,
                enum_field_as_literal=LiteralType.All,
                field_constraints=True,
                use_annotated=True,
                use_type_alias=True,
                strict_nullable=True,
                disable_timestamp=True,
                custom_file_header="#",
                formatters=[],
            ),
        )
        if not isinstance(text, str):
            raise NameMismatchError(f"one module was asked for, {type(text).__name__} came back")
        _compare_names(schemas, json.loads(metadata.read_text("utf-8"))["models"])
    return text


def _class_view(api: ir.Api, schema: ir.Schema) -> dict[str, object]:
    """What our class template wants to know beside what datamodel-code-generator tells it."""
    fields = schema.fields if isinstance(schema, ir.ObjectSchema) else ()
    return {
        "closed": isinstance(schema, ir.ObjectSchema) and not schema.open,
        "doc": docstring(schema.doc, 4) if schema.doc else "",
        "docs": {field.name: docstring(field.doc, 4) for field in fields if field.doc},
        "nullable": {field.name for field in fields if not field.required and _takes_null(api, field.type)},
    }


def _takes_null(api: ir.Api, type_: ir.Type) -> bool:
    match type_:
        case ir.Nullable() | ir.Null() | ir.Anything():
            return True
        case ir.Ref(name):
            schema = api.schema(name)
            return isinstance(schema, ir.AliasSchema) and schema.type != type_ and _takes_null(api, schema.type)
        case _:
            return False


def _plain(schema: Json, here: set[str]) -> Json:
    """The component as datamodel-code-generator gets it: no prose, null among the types of a scalar."""
    if is_array(schema):
        return [_plain(item, here) for item in schema]
    if not is_object(schema):
        return schema
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        target = "" if name in here else ir.SHARED
        kept = {"default": schema["default"]} if "default" in schema else {}
        return {"$ref": f"{target}#/components/schemas/{name}", **kept}
    members = schema.get("anyOf", [])
    if len(members) == 2 and members[1] == {"type": "null"} and _takes_type_list(members[0]):
        notes = {key: value for key, value in schema.items() if key != "anyOf"}
        return _plain({**members[0], "type": [members[0]["type"], "null"], **notes}, here)
    result: JsonObject = {}
    for key, value in schema.items():
        if key == "properties":
            result[key] = {name: _plain(item, here) for name, item in value.items()}
        elif key in ("enum", "default", "required"):
            result[key] = value
        elif key not in _NOT_FOR_DMCG:
            result[key] = _plain(value, here)
    return result


def _takes_type_list(schema: JsonObject) -> bool:
    return schema.get("type") in ("string", "integer", "number", "boolean", "array")


def _compare_names(schemas: list[ir.Schema], models: list[JsonObject]) -> None:
    ours = {
        schema.name: [f.py_name for f in schema.fields] if isinstance(schema, ir.ObjectSchema) else None
        for schema in schemas
    }
    theirs = {model["class_name"]: [field["name"] for field in model["fields"]] for model in models}
    for name in ours.keys() ^ theirs.keys():
        raise NameMismatchError(f"{name} is known to {'the IR' if name in ours else 'datamodel-code-generator'} only")
    for name, fields in ours.items():
        if fields is not None and sorted(fields) != sorted(theirs[name]):
            raise NameMismatchError(f"the fields of {name} are {fields} in the IR and {theirs[name]} in the class")


def _imports(node: ast.ImportFrom) -> list[Import]:
    module = "." * node.level + (node.module or "")
    return [Import(".._runtime.model" if module == _RUNTIME else module, alias.name) for alias in node.names]


def _defines(node: ast.stmt) -> list[str]:
    if isinstance(node, ast.ClassDef):
        return [node.name]
    if isinstance(node, ast.Assign):
        return [target.id for target in node.targets if isinstance(target, ast.Name)]
    return []


def _in_order(schemas: list[ir.Schema]) -> list[ir.Schema]:
    """Classes as the document has them (their annotations wait), then aliases after what they are made of."""
    classes: list[ir.Schema] = [schema for schema in schemas if isinstance(schema, ir.ObjectSchema)]
    aliases = {schema.name: schema for schema in schemas if isinstance(schema, ir.AliasSchema)}
    ordered: dict[str, ir.AliasSchema] = {}

    def place(schema: ir.AliasSchema, within: tuple[str, ...]) -> None:
        for name in ir.references(schema.type):
            if name in aliases and name not in within:
                place(aliases[name], (*within, name))
        ordered.setdefault(schema.name, schema)

    for name, schema in aliases.items():
        place(schema, (name,))
    return [*classes, *ordered.values()]
