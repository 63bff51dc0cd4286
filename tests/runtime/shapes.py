"""Models of an image API, written as the generator writes them."""

from __future__ import annotations

from typing import Annotated, Literal

from _runtime.model import Model, Nullable
from pydantic import Field
from typing_extensions import TypeAliasType


class Request(Model):
    model: str
    prompt: str | list[str]
    n: Annotated[int | None, Field(ge=1, le=10)] = None
    size: Literal["256x256", "auto"] | None = None
    user_id: Annotated[str | None, Field(alias="user-id")] = None
    code: Nullable[str] = None
    images: list[Image] | None = None
    stream: bool | None = None


class Image(Model):
    url: str | None = None
    b64: bytes | None = None
    index: int | None = None


class Answer(Model):
    created: int
    data: list[Image]
    quality: Literal["low", "high"] | None = None


class Partial(Model):
    type: Literal["partial"]
    index: int


class Completed(Model):
    type: Literal["completed"]
    usage: Image | None = None


Event = TypeAliasType("Event", Partial | Completed)


class ErrorField(Model):
    type: str | None = None
    code: str | None = None
    message: str | None = None
    param: str | None = None
    event_id: str | None = None


class Bifrost(Model):
    event_id: str | None = None
    type: str | None = None
    is_bifrost_error: bool | None = None
    status_code: int | None = None
    error: ErrorField | None = None


class Flat(Model):
    code: int
    message: str
    field: str | None = None


class ProblemDetails(Model):
    """RFC 9457."""

    type: str | None = None
    title: str
    status: int
    detail: str | None = None


class Unfillable(Model):
    trace: str
    message: str
