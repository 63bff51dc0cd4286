"""The models package: a class for each object schema, an alias for each other one, a module for each group."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from generator import ir
from generator.render import render
from generator.tree import Json

from .python import CONSTRAINTS, Artifact, Import, annotate, import_block, imports_of, opened

_RUNTIME = ".._runtime.model"


@dataclass(frozen=True, slots=True)
class FieldView:
    """A field as its line says it; ``default`` is source, empty where a value has to be given."""

    name: str
    annotation: str
    default: str
    doc: str


@dataclass(frozen=True, slots=True)
class ClassView:
    """A class. ``extra`` is the annotation of the values of further properties, empty where they may be anything."""

    name: str
    closed: bool
    extra: str
    doc: str
    fields: tuple[FieldView, ...]


@dataclass(frozen=True, slots=True)
class AliasView:
    """A named type: the source of what it stands for."""

    name: str
    value: str
    doc: str


@dataclass(frozen=True, slots=True)
class ModelsModule:
    """The view of ``models/module.py.jinja``: classes first, whose annotations wait, then what is made of them."""

    doc: str
    imports: str
    classes: tuple[ClassView, ...]
    aliases: tuple[AliasView, ...]


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


def make(api: ir.Api) -> list[Artifact]:
    """One file for each module of models, and the package that gives them out."""
    modules: dict[str, list[ir.Schema]] = {}
    for schema in api.schemas:
        modules.setdefault(schema.module, []).append(schema)
    package = ModelsPackage(
        tuple((module, tuple(sorted(s.name for s in modules[module]))) for module in sorted(modules))
    )
    artifacts = [Artifact(PurePosixPath("models/__init__.py"), render("models/__init__.py.jinja", package))]
    for module in sorted(modules):
        view = _Module(api, module, modules[module]).view()
        artifacts.append(Artifact(PurePosixPath(f"models/{module}.py"), render("models/module.py.jinja", view)))
    return artifacts


class _Module:
    """Spells one module, and gathers what it has to import."""

    def __init__(self, api: ir.Api, name: str, schemas: list[ir.Schema]) -> None:
        self._api = api
        self._name = name
        self._schemas = schemas
        self._imports = {Import("__future__", "annotations")}

    def view(self) -> ModelsModule:
        group = next((group for group in self._api.groups if group.name == self._name), None)
        classes = tuple(self._class(schema) for schema in self._schemas if isinstance(schema, ir.ObjectSchema))
        aliases = tuple(self._aliases({s.name: s for s in self._schemas if isinstance(s, ir.AliasSchema)}))
        if classes:
            self._imports.add(Import(_RUNTIME, "Model"))
        return ModelsModule(
            doc=f"Models of {group.title}." if group else "Models that several groups of operations share.",
            imports=import_block(self._imports),
            classes=classes,
            aliases=aliases,
        )

    # -- classes ----------------------------------------------------------------------------------------------------

    def _class(self, schema: ir.ObjectSchema) -> ClassView:
        named = not isinstance(schema.extra, ir.Anything | ir.Nothing)
        if named:
            self._imports.add(Import("pydantic", "Field"))
        return ClassView(
            name=schema.name,
            closed=isinstance(schema.extra, ir.Nothing),
            extra=self._spell(schema.extra) if named else "",
            doc=schema.doc,
            fields=tuple(self._field(field) for field in schema.fields),
        )

    def _field(self, field: ir.Field) -> FieldView:
        annotation, default = self._spell(field.type), ""
        if field.default is not None and field.default.value is not None:
            default = repr(field.default.value)
        elif not field.required:
            default = "None"
        if not field.required and self._takes_null(field.type):
            self._imports.add(Import(_RUNTIME, "Nullable"))
            annotation = f"Nullable[{annotation.removesuffix(' | None')}]"
        elif default == "None":
            annotation += " | None"
        settings = {"alias": field.name} if field.py_name != field.name else {}
        return FieldView(field.py_name, self._annotated(annotation, settings, field.constraints), default, field.doc)

    def _takes_null(self, type_: ir.Type) -> bool:
        match type_:
            case ir.Nullable() | ir.Null() | ir.Anything():
                return True
            case ir.Ref(name):
                schema = self._api.schema(name)
                return isinstance(schema, ir.AliasSchema) and schema.type != type_ and self._takes_null(schema.type)
            case _:
                return False

    def _annotated(self, annotation: str, settings: Mapping[str, str], limits: tuple[tuple[str, Json], ...]) -> str:
        given = [f"{key}={value!r}" for key, value in settings.items()]
        given += [f"{CONSTRAINTS[keyword]}={value!r}" for keyword, value in limits]
        if not given:
            return annotation
        self._imports |= {Import("typing", "Annotated"), Import("pydantic", "Field")}
        return f"Annotated[{annotation}, Field({', '.join(given)})]"

    # -- aliases ----------------------------------------------------------------------------------------------------

    def _aliases(self, aliases: dict[str, ir.AliasSchema]) -> Iterator[AliasView]:
        """Each after those that it is made of. Those that hold each other write each other out, and name only themselves."""
        if aliases:
            self._imports.add(Import("typing_extensions", "TypeAliasType"))
        reach = {name: _reached(name, aliases) for name in aliases}
        for schema in _in_order(aliases):
            mates = {name for name in reach[schema.name] if schema.name in reach[name]} - {schema.name}
            type_ = self._unrolled(schema.type, mates, ())
            value = self._annotated(self._spell(type_), {}, schema.constraints)
            itself = schema.name in ir.references(type_)
            yield AliasView(schema.name, repr(value) if itself else value, schema.doc)

    def _unrolled(self, type_: ir.Type, mates: set[str], within: tuple[str, ...]) -> ir.Type:
        """The type with the aliases in ``mates`` replaced by what they stand for."""

        def inner(part: ir.Type) -> ir.Type:
            return self._unrolled(part, mates, within)

        match type_:
            case ir.Ref(other) if other in mates:
                if other in within:
                    return ir.Anything()
                return self._unrolled(self._alias_type(other), mates, (*within, other))
            case ir.ListOf(item):
                return ir.ListOf(inner(item))
            case ir.MapOf(value):
                return ir.MapOf(inner(value))
            case ir.Nullable(part):
                return ir.Nullable(inner(part))
            case ir.UnionOf(members, tag):
                return ir.UnionOf(tuple(inner(member) for member in members), tag)
            case _:
                return type_

    def _alias_type(self, name: str) -> ir.Type:
        schema = self._api.schema(name)
        return schema.type if isinstance(schema, ir.AliasSchema) else ir.Ref(name)

    # -- types ------------------------------------------------------------------------------------------------------

    def _spell(self, type_: ir.Type) -> str:
        """The annotation, discriminators in it; its imports are noted."""
        self._imports |= set(imports_of(type_))
        self._imports |= {
            Import(f".{ir.SHARED}", name)
            for name in ir.references(type_)
            if self._api.schema(name).module != self._name
        }
        return annotate(type_, tagged=self._tagged)

    def _tagged(self, union: ir.UnionOf, text: str) -> str:
        first = opened(self._api, union.members[0])
        schema = self._api.schema(first.name) if isinstance(first, ir.Ref) else None
        if not union.tag or not isinstance(schema, ir.ObjectSchema):
            return text
        attribute = next(field.py_name for field in schema.fields if field.name == union.tag)
        self._imports |= {Import("typing", "Annotated"), Import("pydantic", "Field")}
        return f"Annotated[{text}, Field(discriminator={attribute!r})]"


def _reached(name: str, aliases: Mapping[str, ir.AliasSchema]) -> set[str]:
    """The aliases that this one leads to through aliases, itself among them only if it holds itself."""
    pending, seen = [name], set[str]()
    while pending:
        found = set(ir.references(aliases[pending.pop()].type)) & aliases.keys() - seen
        seen |= found
        pending += found
    return seen


def _in_order(aliases: Mapping[str, ir.AliasSchema]) -> list[ir.AliasSchema]:
    """The aliases, each after those that it names, as far as they do not name each other."""
    ordered: dict[str, ir.AliasSchema] = {}

    def place(schema: ir.AliasSchema, within: frozenset[str]) -> None:
        for name in ir.references(schema.type):
            if name in aliases and name not in within and name not in ordered:
                place(aliases[name], within | {name})
        ordered.setdefault(schema.name, schema)

    for name, schema in aliases.items():
        place(schema, frozenset([name]))
    return list(ordered.values())
