"""Client against server in process, for every operation of every integration: what is sent is what arrives."""

from __future__ import annotations

from pathlib import Path

import pytest
from fastapi.openapi.utils import get_openapi

from generator import ir
from generator.config import find_integrations
from generator.pipeline import understand
from tests.round_trip import Package

ROOT = Path(__file__).parents[2]
APIS = {integration.name: understand(integration).api for integration in find_integrations(ROOT)}
PAIRS = [(name, operation) for name, api in APIS.items() for operation in api.operations]
OPERATIONS = [pytest.param(name, operation, id=f"{name}:{operation.id}") for name, operation in PAIRS]
STREAMS = [pytest.param(name, operation, id=f"{name}:{operation.id}") for name, operation in PAIRS if operation.stream]
AMOUNT = pytest.mark.parametrize("everything", [False, True], ids=["required only", "everything"])


def package(name: str) -> Package:
    return Package(f"generated.{name}", APIS[name])


@AMOUNT
@pytest.mark.parametrize(("name", "operation"), OPERATIONS)
def test_sync_call_arrives_as_sent(name: str, operation: ir.Operation, everything: bool) -> None:
    package(name).call(operation, everything=everything)


@AMOUNT
@pytest.mark.parametrize(("name", "operation"), OPERATIONS)
async def test_async_call_arrives_as_sent(name: str, operation: ir.Operation, everything: bool) -> None:
    await package(name).call_async(operation, everything=everything)


@pytest.mark.parametrize(("name", "operation"), STREAMS)
async def test_stream_arrives_as_sent(name: str, operation: ir.Operation) -> None:
    await package(name).stream_async(operation)


@pytest.mark.filterwarnings("ignore:Duplicate Operation ID")  # one operation on two routes, as the document has it
@pytest.mark.parametrize("name", APIS)
def test_what_fastapi_derives_agrees_with_the_document(name: str) -> None:
    """Paths, methods, parameters, bodies, statuses and schemes; but for the 422 that FastAPI adds everywhere."""
    subject = package(name)
    derived = get_openapi(title="x", version="1", routes=subject.wire.app.routes)
    for operation in subject.api.operations:
        for path in operation.paths:
            python_path = path
            for parameter in operation.parameters:
                python_path = python_path.replace(f"{{{parameter.name}}}", f"{{{parameter.py_name}}}")
            found = derived["paths"][python_path][operation.method.lower()]
            assert found["operationId"] == operation.id
            declared = {str(failure.status) for failure in operation.errors} | {"200"}
            assert found["responses"].keys() - {"422"} == declared
            wanted = {scheme for need in operation.security for scheme in need.schemes}
            assert {scheme for need in found.get("security", []) for scheme in need} == wanted
            names = {(p["name"].replace("_", "-"), p["in"]) for p in found.get("parameters", [])}
            assert names == {(p.name.replace("_", "-"), p.place) for p in operation.parameters}
            assert ("requestBody" in found) == (operation.body is not None)
            if operation.stream is not None:
                assert "text/event-stream" in found["responses"]["200"]["content"]
