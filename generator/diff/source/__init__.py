"""Two generated packages in step: every pair that source rules look at, with the operations that it is part of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from generator import ir
from generator.diff.source.annotations import Annotations, Comparison
from generator.diff.source.matching import Matched, match, match_operations, match_schemas, renamed_groups
from generator.diff.source.methods import Methods, Side
from generator.diff.source.models import model_pairs
from generator.diff.source.pairs import (
    CredentialPair,
    ModelPair,
    Namespace,
    NamespacePair,
    Package,
    PackagePair,
    ServerPair,
    SourcePairs,
)
from generator.diff.source.usage import Usage, expanded_models, operation_name, usage, webhook_name
from generator.targets.security import is_secured

__all__ = ["Package", "walk"]


def walk(old: Package, new: Package) -> Iterator[tuple[SourcePairs, tuple[str, ...]]]:
    """Every pair of the two packages, with the names of the operations that it is about, none where it is about all."""
    schemas = match_schemas(old, new)
    operations = match_operations(old.api.operations, new.api.operations)
    groups = renamed_groups(operations, old.api, new.api)
    partners = {was.name: is_.name for was, is_ in schemas if was is not None and is_ is not None}
    said = Comparison(
        Annotations(old.api, kept=frozenset(partners), called=partners),
        Annotations(new.api, kept=frozenset(partners.values()), called={}),
    )
    for pair in (*_packages(old.api, new.api), *_namespaces(old.api, new.api, groups)):
        yield pair, ()
    methods = Methods(Side.of(old.api, said.old), Side.of(new.api, said.new), groups=groups, said=said)
    for matched, name_of in (
        (operations, operation_name),
        (match_operations(old.api.webhooks, new.api.webhooks), webhook_name),
    ):
        for was, is_ in matched:
            about = is_ or was
            assert about is not None
            for pair in methods.pairs(was, is_):
                yield pair, (name_of(about),)
    yield from _models(old.api, new.api, schemas, groups=groups, said=said)


def _packages(old: ir.Api, new: ir.Api) -> Iterator[SourcePairs]:
    yield PackagePair(old, new)
    yield ServerPair("create_app", is_secured(old.operations), is_secured(new.operations))
    if old.webhooks and new.webhooks:
        yield ServerPair("build_webhook_router", is_secured(old.webhooks), is_secured(new.webhooks))
    for was, is_ in match(
        old.security_schemes, new.security_schemes, [lambda scheme: [scheme.name], lambda scheme: [scheme.py_name]]
    ):
        found = is_ or was
        assert found is not None
        yield CredentialPair(f"`{found.py_name}`", was, is_)


def _namespaces(old: ir.Api, new: ir.Api, renamed: Mapping[str, str]) -> Iterator[SourcePairs]:
    before, after = _by_group(old), _by_group(new)
    for name, namespace in after.items():
        was = next((earlier for earlier, later in renamed.items() if later == name), name)
        yield NamespacePair(f"`client.{name}`", before.get(was), namespace)
    for name, namespace in before.items():
        if name not in after and name not in renamed:
            yield NamespacePair(f"`client.{name}`", namespace, None)


def _by_group(api: ir.Api) -> dict[str, Namespace]:
    found: dict[str, Namespace] = {}
    for group in api.groups:
        inside = [operation for operation in api.operations if operation.group == group.name]
        found[group.name] = Namespace(group, inside[0].where if inside else (), len(inside))
    return found


def _models(
    old: ir.Api, new: ir.Api, schemas: Matched[ir.Schema], *, groups: Mapping[str, str], said: Comparison
) -> Iterator[tuple[SourcePairs, tuple[str, ...]]]:
    before, after = usage(old), usage(new)
    expanded = expanded_models(old), expanded_models(new)
    for was, is_ in schemas:
        found = is_ or was
        assert found is not None
        one = before[was.name] if was is not None else Usage()
        other = after[is_.name] if is_ is not None else Usage()
        modules = (groups.get(was.module, was.module) if was else "", is_.module if is_ else "")
        pair = ModelPair(f"`{found.name}`", was, is_, modules)
        by_keyword = was is not None and is_ is not None and was.name in expanded[0] and is_.name in expanded[1]
        about = tuple(sorted(one.operations | other.operations))
        for each in model_pairs(pair, frozenset(one.uses & other.uses), expanded=by_keyword, said=said):
            yield each, about
