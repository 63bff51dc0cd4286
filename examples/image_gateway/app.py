"""The gateway: ``uvicorn --factory examples.image_gateway.app:create``.

Callers speak Bifrost's dialect of the images API (the ``openai`` SDK does, with ``base_url=".../openai/v1"``). Each model
is drawn here or asked of an upstream; when one fails, those in ``fallbacks`` are tried in order.
"""

from __future__ import annotations

import os
import time
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import cast

import httpx2
from fastapi import FastAPI
from starlette.concurrency import iterate_in_threadpool, run_in_threadpool
from starlette.responses import FileResponse

from examples.image_gateway import renderer
from examples.image_gateway.settings import Caller, Model, Settings
from generated.bifrost.client import ApiError, AsyncClient, StatusError
from generated.bifrost.client.images import OpenAIImageGenerationRequestParams
from generated.bifrost.models import (
    ImageData,
    OpenAIImageGenerationRequest,
    OpenAIImageGenerationResponse,
    OpenAIImageStreamResponse,
)
from generated.bifrost.server import Credentials, ImagesHandlers, Problem, create_app, matches

CALLER: ContextVar[Caller] = ContextVar("CALLER")
"""Who makes the request that is being answered."""

THEIR_FAULT = {400, 413, 415, 422}
"""What an upstream says of a request that no other model would take either."""


class Upstream(httpx2.AsyncHTTPTransport):
    """The way to an OpenAI-compatible API, whose paths are Bifrost's without ``/openai/v1``."""

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        request.url = request.url.copy_with(path=request.url.path.replace("/openai/v1/images/", "/images/"))
        return await super().handle_async_request(request)


class Gateway(ImagesHandlers):
    """Answers from the first model that can."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._clients: dict[str, AsyncClient] = {}

    @asynccontextmanager
    async def running(self, _: FastAPI) -> AsyncGenerator[None]:
        """Holds a client for each upstream as long as the app runs."""
        async with AsyncExitStack() as stack:
            for name, model in self._settings.models.items():
                if model.base_url:
                    http = await stack.enter_async_context(httpx2.AsyncClient(transport=Upstream()))
                    self._clients[name] = AsyncClient(
                        base_url=model.base_url,
                        bearer_auth=model.key,
                        http_client=http,
                        timeout=model.timeout,
                        max_retries=1,
                    )
            yield

    async def create_image(self, body: OpenAIImageGenerationRequest, /) -> OpenAIImageGenerationResponse:
        """The first answer that a model gives."""
        failures: list[str] = []
        for name, model in self._models(body):
            try:
                if not model.base_url:
                    return await run_in_threadpool(_drawn, body)
                return await self._clients[name].images.create_image(**_asked(body, model))
            except ApiError as error:
                failures.append(_failure(name, error))
        raise Problem(502, "; ".join(failures), code="upstream_failed")

    async def create_image_stream(
        self, body: OpenAIImageGenerationRequest, /
    ) -> AsyncIterator[OpenAIImageStreamResponse]:
        """The events of the first model that sends any. What fails after that ends the stream with an error event."""
        failures: list[str] = []
        for name, model in self._models(body):
            begun = False
            try:
                async for event in self._events(name, model, body):
                    begun = True
                    yield event
            except ApiError as error:
                failures.append(_failure(name, error))
                if begun:
                    break
            else:
                return
        raise Problem(502, "; ".join(failures), code="upstream_failed")

    async def create_azure_image(
        self, body: OpenAIImageGenerationRequest, /, *, deployment_id: str, api_version: str | None = None
    ) -> OpenAIImageGenerationResponse:
        """As Azure has it: the deployment is the model."""
        return await self.create_image(body.model_copy(update={"model": deployment_id}))

    async def create_azure_image_stream(
        self, body: OpenAIImageGenerationRequest, /, *, deployment_id: str, api_version: str | None = None
    ) -> AsyncIterator[OpenAIImageStreamResponse]:
        """As Azure has it, as a stream."""
        async for event in self.create_image_stream(body.model_copy(update={"model": deployment_id})):
            yield event

    def _models(self, body: OpenAIImageGenerationRequest) -> list[tuple[str, Model]]:
        """The models to try, in order; raises a :class:`Problem` for those that are unknown, or not this caller's."""
        names = dict.fromkeys([body.model, *(body.fallbacks or ())])
        for name in names:
            if name not in self._settings.models:
                raise Problem(404, f"there is no model {name!r}", param="model", code="model_not_found")
            if not CALLER.get().may_use(name):
                raise Problem(403, f"this key does not open the model {name!r}", param="model")
        return [(name, self._settings.models[name]) for name in names]

    async def _events(
        self, name: str, model: Model, body: OpenAIImageGenerationRequest
    ) -> AsyncIterator[OpenAIImageStreamResponse]:
        if model.base_url:
            async with self._clients[name].images.create_image_stream(**_asked(body, model)) as events:
                async for event in events:
                    yield event
            return
        async for index, image in iterate_in_threadpool(enumerate(renderer.stages(body.prompt, body.size))):
            kind = "image_generation.completed" if index == renderer.LAST else "image_generation.partial_image"
            yield OpenAIImageStreamResponse(type=kind, b64_json=image, partial_image_index=index)


def _drawn(body: OpenAIImageGenerationRequest) -> OpenAIImageGenerationResponse:
    """What the embedded model answers; a ``url`` is one that holds the image itself, so nothing has to be kept."""
    images = [renderer.as_base64(renderer.draw(body.prompt, body.size, number)) for number in range(body.n)]
    if body.response_format == "url":
        data = [ImageData(url=f"data:image/png;base64,{image}") for image in images]
    else:
        data = [ImageData(b64_json=image) for image in images]
    return OpenAIImageGenerationResponse(created=int(time.time()), data=data, output_format="png")


def _asked(body: OpenAIImageGenerationRequest, model: Model) -> OpenAIImageGenerationRequestParams:
    """What the upstream is asked for: what the caller said, of a model by its own name."""
    said = body.model_dump(exclude_unset=True, exclude={"stream", "fallbacks"})
    return cast("OpenAIImageGenerationRequestParams", {**said, "model": model.name})


def _failure(name: str, error: ApiError) -> str:
    """Why the next model is tried; raises a :class:`Problem` where none would do better."""
    if isinstance(error, StatusError) and error.status in THEIR_FAULT:
        raise Problem(error.status, error.message, param=error.param, code=error.code) from error
    return f"{name}: {error}"


def create(settings: Settings | None = None) -> FastAPI:
    """The gateway as an app, with a page to try it at ``/``. Settings come from the file that ``GATEWAY`` names."""
    file = os.environ.get("GATEWAY")
    settings = settings or (Settings.read(Path(file)) if file else Settings())

    def authenticate(given: Credentials) -> Caller | None:
        secret = given.bearer_auth or given.virtual_key_auth or given.api_key_auth
        secret = secret or (given.basic_auth.password if given.basic_auth else "")
        for caller in settings.callers:
            if matches(secret, caller.key):
                CALLER.set(caller)
                return caller
        return None

    gateway = Gateway(settings)
    app = create_app(gateway, authenticate=authenticate)
    app.router.lifespan_context = gateway.running

    @app.get("/", include_in_schema=False)
    def page() -> FileResponse:  # pyright: ignore[reportUnusedFunction]
        return FileResponse(Path(__file__).with_name("page.html"))

    return app
