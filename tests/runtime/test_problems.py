from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Literal

import httpx2
import pytest
from _runtime.handlers import UnimplementedError
from _runtime.model import Model, to_json
from _runtime.problems import Problem, render_problem
from _runtime.routes import Route
from fastapi import APIRouter, Depends, FastAPI, HTTPException
from pydantic import BaseModel

from tests.runtime.apps import build, send
from tests.runtime.shapes import Bifrost, Flat, Image, ProblemDetails, Unfillable


def failing_router(error: Exception, responses: dict[int | str, dict[str, object]]) -> APIRouter:
    router = APIRouter(route_class=Route)

    @router.get("/fail", responses=responses)
    async def fail() -> object:  # pyright: ignore[reportUnusedFunction]
        raise error

    return router


def fail_with(
    error: Exception,
    responses: dict[int | str, dict[str, object]] | None = None,
    *models: type[BaseModel],
) -> httpx2.Response:
    return send(build(failing_router(error, responses or {}), *models), "GET", "/fail")


def test_a_problem_is_answered_with_its_status_and_headers() -> None:
    answer = fail_with(Problem(429, "slow down", code="quota", headers={"retry-after": "7"}))
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "7")
    assert answer.json() == {
        "error": {
            "message": "slow down",
            "type": "rate_limit_error",
            "param": None,
            "code": "quota",
        }
    }


def test_a_not_implemented_error_of_other_code_is_a_failure_of_the_server() -> None:
    assert fail_with(NotImplementedError("internal words")).status_code == 500


@pytest.mark.parametrize(
    ("detail", "message", "code"),
    [
        ({"message": "no", "code": 7}, "no", "7"),
        ({"error": {"message": "no", "code": "x"}}, "no", "x"),
        ({"reason": ["a"]}, '{"reason":["a"]}', None),
        (["a"], "['a']", None),
    ],
)
def test_the_detail_of_an_http_exception_may_be_an_object(detail: object, message: str, code: str | None) -> None:
    error = fail_with(HTTPException(403, detail)).json()["error"]
    assert (error["message"], error["code"]) == (message, code)


def test_a_problem_may_bring_its_own_body() -> None:
    answer = fail_with(Problem(400, "m", body=Bifrost(event_id="e")), {400: {"model": Flat}})
    assert (answer.status_code, answer.json()) == (400, {"event_id": "e"})


def test_http_exceptions_and_missing_implementations_have_the_shape_too() -> None:
    declared: dict[int | str, dict[str, object]] = {"default": {"model": Flat}}
    answer = fail_with(HTTPException(403, "no", {"x-a": "b"}), declared)
    assert (answer.status_code, answer.headers["x-a"]) == (403, "b")
    assert answer.json() == {"code": 403, "message": "no"}
    answer = fail_with(UnimplementedError("internal words"), declared)
    assert answer.status_code == 501
    assert answer.json() == {"code": 501, "message": "GET /fail is not implemented"}
    assert fail_with(HTTPException(304)).content == b""


def test_unexpected_exceptions_are_500_in_shape_and_say_nothing() -> None:
    answer = fail_with(RuntimeError("the password is x"), {}, Unfillable, Flat)
    assert (answer.status_code, answer.json()) == (
        500,
        {"code": 500, "message": "the server failed"},
    )
    with pytest.raises(RuntimeError):
        asyncio.run(_raise_through(build(failing_router(RuntimeError("x"), {}))))


async def _raise_through(app: FastAPI) -> None:
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://test") as client:
        await client.get("/fail")


def test_the_nearest_declared_model_gives_the_shape() -> None:
    def keys(status: int, **declared: type[BaseModel]) -> set[str]:
        responses: dict[int | str, dict[str, object]] = {
            name.strip("_"): {"model": model} for name, model in declared.items()
        }
        return set(fail_with(Problem(status, "m"), responses).json())

    assert keys(404, _404=Flat, _4XX=ProblemDetails, default=Bifrost) == {"code", "message"}
    assert "title" in keys(404, _4XX=ProblemDetails, default=Flat)
    assert keys(404, _500=ProblemDetails, default=Flat) == {"code", "message"}
    assert keys(404, _500=ProblemDetails, _400=Flat) == {"code", "message"}
    assert keys(404, _500=Flat) == {"code", "message"}
    assert keys(404, _200=Flat) == {"error"}
    assert keys(404) == {"error"}


def test_an_error_is_written_in_the_media_type_that_is_declared_for_its_model() -> None:
    problem_json: dict[str, object] = {"model": ProblemDetails, "content": {"application/problem+json": {}}}
    declared: dict[int | str, dict[str, object]] = {404: problem_json, 409: {"model": Flat}}
    assert fail_with(Problem(404, "m"), declared).headers["content-type"] == "application/problem+json"
    assert fail_with(Problem(409, "m"), declared).headers["content-type"] == "application/json"
    assert fail_with(Problem(404, "m")).headers["content-type"] == "application/json"


PROBLEM = Problem(400, "bad size", param="size", code="invalid_value")


class Envelope(Model):
    error: Bifrost | str | None = None


class OAuth(Model):
    error: str
    error_description: str | None = None


class OnlyText(Model):
    error: str


class Anthropic(Model):
    type: Literal["error"]
    error: Inner


class Inner(Model):
    type: Literal["invalid_request_error", "api_error"]
    message: str


class Beside(Model):
    message: str
    error: Details


class Details(Model):
    code: str | None = None


class OpenAI(Model):
    error: OpenAIError


class OpenAIError(Model):
    message: str
    type: str
    param: str | None
    code: int | None


@pytest.mark.parametrize(
    ("model", "rendered"),
    [
        (
            Bifrost,
            {
                "type": "invalid_request_error",
                "status_code": 400,
                "error": {
                    "type": "invalid_request_error",
                    "code": "invalid_value",
                    "message": "bad size",
                    "param": "size",
                },
            },
        ),
        (Flat, {"code": 400, "message": "bad size", "field": "size"}),
        (
            ProblemDetails,
            {
                "type": "invalid_request_error",
                "title": "Bad Request",
                "status": 400,
                "detail": "bad size",
            },
        ),
        (OAuth, {"error": "invalid_request_error", "error_description": "bad size"}),
        (OnlyText, {"error": "bad size"}),
        (
            Anthropic,
            {"type": "error", "error": {"type": "invalid_request_error", "message": "bad size"}},
        ),
        (Beside, {"message": "bad size", "error": {"code": "invalid_value"}}),
        (
            OpenAI,
            {
                "error": {
                    "message": "bad size",
                    "type": "invalid_request_error",
                    "param": "size",
                    "code": 400,
                }
            },
        ),
    ],
)
def test_declared_error_models_are_filled_by_name_and_type(model: type[BaseModel], rendered: dict[str, object]) -> None:
    assert render_problem(PROBLEM, model) == rendered
    model.model_validate_json(to_json(rendered), strict=True)


@pytest.mark.parametrize("model", [None, Unfillable, Image])
def test_the_openai_envelope_stands_in_for_a_model_that_cannot_tell(
    model: type[BaseModel] | None,
) -> None:
    assert render_problem(PROBLEM, model) == {
        "error": {
            "message": "bad size",
            "type": "invalid_request_error",
            "param": "size",
            "code": "invalid_value",
        }
    }


def test_dependencies_with_yield_see_that_the_call_failed() -> None:
    seen: list[str] = []

    async def session() -> AsyncIterator[None]:
        try:
            yield
            seen.append("commit")
        except Exception:
            seen.append("rollback")
            raise

    router = failing_router(Problem(400, "no"), {})
    app = FastAPI()
    app.include_router(router, dependencies=[Depends(session)])
    assert send(app, "GET", "/fail").status_code == 400
    assert seen == ["rollback"]
