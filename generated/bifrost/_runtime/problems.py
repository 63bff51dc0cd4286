"""What a server answers when something is wrong, in the error shape that the API declares."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Literal, cast, get_args, get_origin

from fastapi import HTTPException
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails, from_json
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.responses import Response

from .model import adapter_of, fields_of, members_of, to_json, wire_name

INVALID_JSON = "invalid_json"
"""The code of the problem with a body that is not JSON at all."""

_MESSAGE = ("message", "detail", "error_description", "msg")
_PARAM = ("param", "field")
_CODE = ("code", "error_code")
_STATUS = ("status", "status_code")
_TYPES = {
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    409: "conflict_error",
    429: "rate_limit_error",
    501: "not_implemented_error",
}


class Problem(HTTPException):
    """What a handler raises to answer with an error: ``raise Problem(404, "no such model", param="model")``.

    ``type`` is by default OpenAI's word for the status. The answer has the shape that the operation declares for
    the status; ``body`` is that shape already filled, and then goes out as it is.
    """

    def __init__(
        self,
        status: int,
        message: str,
        *,
        type: str | None = None,
        param: str | None = None,
        code: str | None = None,
        headers: Mapping[str, str] | None = None,
        body: BaseModel | None = None,
    ) -> None:
        super().__init__(status, message, dict(headers) if headers else None)
        self.status = status
        self.message = message
        self.type = type or _TYPES.get(status, "server_error" if status >= 500 else "invalid_request_error")
        self.param = param
        self.code = code
        self.body = body


class InvalidRequest(Problem):
    """A request that is not as the API declares it: 400, or 422 where an operation declares that and 400 is not."""


def problem_of(error: StarletteHTTPException) -> Problem:
    """The problem that an exception of FastAPI or Starlette tells."""
    if isinstance(error, Problem):
        return error
    detail: object = error.detail
    if not isinstance(detail, dict):
        return Problem(error.status_code, str(detail), headers=error.headers)
    told = cast("dict[str, object]", detail)
    inner = told.get("error")
    said = {**told, **cast("dict[str, object]", inner)} if isinstance(inner, dict) else told
    kind, param, code = (str(said[key]) if said.get(key) is not None else None for key in ("type", "param", "code"))
    message = str(next((said[key] for key in _MESSAGE if key in said), to_json(told).decode()))
    return Problem(error.status_code, message, type=kind, param=param, code=code, headers=error.headers)


def problem_of_parameters(error: RequestValidationError) -> InvalidRequest:
    """The problem with a path, query, header or cookie parameter: the first one."""
    first = cast("Sequence[ErrorDetails]", error.errors())[0]
    path = ".".join(map(str, first["loc"][1:]))  # after "query", "path" and so on
    return invalid(path, first["msg"], missing=first["type"] == "missing")


def problem_of_json(error: ValidationError, raw: bytes, *, at: str = "") -> Problem:
    """The problem with a JSON text: that it is none, or what :func:`problem_of_value` says of its value."""
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    if first["type"] == "json_invalid":
        return Problem(
            400, f"{at or 'the body'} is not valid JSON: {first['msg']}", param=at or None, code=INVALID_JSON
        )
    return problem_of_value(error, from_json(raw), at=at)


def problem_of_value(error: ValidationError, tree: object, *, at: str = "") -> InvalidRequest:
    """The problem with a value: its first wrong field, by wire names (``data.0.url``), below the parameter ``at``.

    Among the complaints of a union's members the one counts that got furthest into the value; members that got
    equally far are quoted together.
    """
    errors = error.errors(include_url=False, include_context=False, include_input=False)
    paths = [_wire_path(tree, item) for item in errors]
    path = max((item for item in paths if item[:1] == paths[0][:1]), key=len)
    told = [item for item, its_path in zip(errors, paths, strict=True) if its_path == path]
    reasons = dict.fromkeys(item["msg"] for item in told)
    param = ".".join([at, *path] if at else path)
    return invalid(param, ", or: ".join(reasons), missing=told[0]["type"] == "missing")


def invalid(param: str, reason: str = "Field required", *, missing: bool = False) -> InvalidRequest:
    """The problem with the parameter or field ``param``, or with the body as a whole where that is empty."""
    code = "missing_required_parameter" if missing else "invalid_value"
    return InvalidRequest(400, f"{param or 'the body'}: {reason}", param=param or None, code=code)


def _wire_path(tree: object, error: ErrorDetails) -> tuple[str, ...]:
    """The error's location without the names of union members that pydantic puts between the keys."""
    path: list[str] = []
    node = tree
    for index, step in enumerate(error["loc"]):
        if isinstance(node, dict) and step in node:
            node = cast("dict[object, object]", node)[step]
        elif isinstance(node, list) and isinstance(step, int):
            node = cast("list[object]", node)[step]
        elif error["type"] != "missing" or index + 1 < len(error["loc"]):
            continue
        path.append(str(step))
    return tuple(path)


def render_problem(problem: Problem, model: type[BaseModel] | None) -> dict[str, object]:
    """The problem as the JSON object of a declared error model, or in OpenAI's envelope.

    The model's fields are filled by their names: a message (``message``, ``detail``, ``error_description``, ``msg``,
    or else ``title``), ``type``, ``param`` or ``field``, ``code`` or ``error_code``, ``status`` or ``status_code``, in
    the type that each declares, and so within a model under ``error``. Optional fields with nothing to say are left
    out. Without a model, or where it has no place for the message or requires what is not known, the answer is
    ``{"error": {"message", "type", "param", "code"}}``.
    """
    if model is not None:
        filled, told = _fill(problem, model)
        if filled is not None and told:
            return filled
    return envelope(problem)


def envelope(problem: Problem) -> dict[str, object]:
    """The problem as OpenAI writes it, which its SDK reads both as an answer and as an event in mid-stream."""
    return {
        "error": {
            "message": problem.message,
            "type": problem.type,
            "param": problem.param,
            "code": problem.code,
        }
    }


@dataclass(frozen=True, slots=True)
class Shape:
    """What an API declares errors to look like: a model (None for OpenAI's envelope), and what it is written in."""

    model: type[BaseModel] | None = None
    media_type: str = "application/json"


def answer(problem: Problem, shape: Shape) -> Response:
    """The HTTP response that tells this problem."""
    if problem.status in (204, 205, 304):  # RFC 9110, 15.3.5, 15.3.6 and 15.4.5: these have no content
        return Response(status_code=problem.status, headers=problem.headers)
    content = render_problem(problem, shape.model) if problem.body is None else problem.body
    return Response(to_json(content), problem.status, headers=problem.headers, media_type=shape.media_type)


def declared_shape(responses: Mapping[int | str, Mapping[str, object]], status: int) -> Shape:
    """The shape that a route's ``responses`` declare for this status, or the nearest other one."""
    shapes: dict[str, Shape] = {}
    for key, response in responses.items():
        model, content = response.get("model"), cast("Mapping[str, object]", response.get("content", {}))
        for member in members_of(model) if not str(key).startswith("2") else ():
            if isinstance(member, type) and issubclass(member, BaseModel):
                shapes.setdefault(str(key), Shape(member, next(iter(content), "application/json")))
    family = str(status)[0]
    wanted = [str(status), f"{family}XX", "default", *(key for key in shapes if key[0] == family)]
    return next((shapes[key] for key in [*wanted, *shapes] if key in shapes), Shape())


def _fill(problem: Problem, model: type[BaseModel]) -> tuple[dict[str, object] | None, bool]:
    """The model's fields (None if a required one cannot be filled), and whether the message found a place."""
    filled: dict[str, object] = {}
    told = False
    fields = fields_of(model)
    wires = {wire_name(name, field) for name, field in fields.items()}
    for name, field in fields.items():
        wire, required = wire_name(name, field), field.is_required()
        nested, told_inside = _fill_nested(problem, wire, field.annotation)
        if nested is not None:
            filled[wire] = nested
            told = told or told_inside
            continue
        for value in _candidates(problem, wire, wires, field):
            if (required or value is not None) and _fits(field.annotation, value):
                filled[wire] = value
                told = told or value == problem.message
                break
        else:
            if required:
                return None, False
    return filled, told


def _fill_nested(problem: Problem, wire: str, annotation: object) -> tuple[dict[str, object] | None, bool]:
    if wire == "error":
        for member in members_of(annotation):
            if isinstance(member, type) and issubclass(member, BaseModel):
                return _fill(problem, member)
    return None, False


def _candidates(problem: Problem, wire: str, wires: set[str], field: FieldInfo) -> Iterator[object]:
    """What could stand in the field called ``wire`` of a model with the fields ``wires``; the best first."""
    has_message = not wires.isdisjoint(_MESSAGE)
    if wire in _MESSAGE:
        yield problem.message
    elif wire == "title":
        yield HTTPStatus(problem.status).phrase if has_message else problem.message
    elif wire == "type":
        yield problem.type
    elif wire == "error":
        yield problem.type if has_message else problem.message
    elif wire in _PARAM:
        yield problem.param
    elif wire in _CODE:
        yield problem.code
        if field.is_required():
            yield from (problem.status, str(problem.status))
    elif wire in _STATUS:
        yield from (problem.status, str(problem.status))
    for member in members_of(field.annotation):
        if get_origin(member) is Literal and len(get_args(member)) == 1:
            yield get_args(member)[0]


def _fits(annotation: object, value: object) -> bool:
    try:
        adapter_of(annotation).validate_json(to_json(value), strict=True)
    except ValidationError:
        return False
    return True
