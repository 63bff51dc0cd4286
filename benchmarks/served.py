"""The apps that `serving.py` compares, one ASGI app each: `uvicorn served:generated`."""

from __future__ import annotations

from collections.abc import AsyncIterator
from hmac import compare_digest
from typing import Annotated

from fastapi import Depends, FastAPI, HTTPException
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from generated.bifrost.models import (
    ImageData,
    OpenAIImageGenerationRequest,
    OpenAIImageGenerationResponse,
    OpenAIImageStreamResponse,
)
from generated.bifrost.server import ImagesHandlers, create_app, matches

PATH = "/openai/v1/images/generations"
SECRET = "secret"


def answer(body: OpenAIImageGenerationRequest) -> OpenAIImageGenerationResponse:
    """What all of them answer."""
    return OpenAIImageGenerationResponse(created=1, data=[ImageData(url=f"https://example.com/{body.n}.png")])


async def events() -> AsyncIterator[OpenAIImageStreamResponse]:
    """What all of them stream."""
    yield OpenAIImageStreamResponse(type="image_generation.partial_image", b64_json="aGFsZg==")
    yield OpenAIImageStreamResponse(type="image_generation.completed", b64_json="d2hvbGU=")


# -- ours -----------------------------------------------------------------------------------------------------------


class Images(ImagesHandlers):
    """What a user of the generated server writes."""

    async def create_image(self, body: OpenAIImageGenerationRequest, /) -> OpenAIImageGenerationResponse:
        return answer(body)

    def create_image_stream(self, body: OpenAIImageGenerationRequest, /) -> AsyncIterator[OpenAIImageStreamResponse]:
        return events()


generated = create_app(Images(), authenticate=lambda given: matches(given.bearer_auth or "", SECRET))

# -- by hand, as FastAPI's tutorial has it ----------------------------------------------------------------------------

handwritten = FastAPI()
bearer = HTTPBearer()


async def known(given: Annotated[HTTPAuthorizationCredentials, Depends(bearer)]) -> None:
    """Lets those pass who know the secret."""
    if not compare_digest(given.credentials, SECRET):
        raise HTTPException(401)


@handwritten.post(PATH, dependencies=[Depends(known)])
async def create_image(body: OpenAIImageGenerationRequest) -> OpenAIImageGenerationResponse:
    """With one of the four schemes that the generated server takes."""
    return answer(body)


open_to_all = FastAPI()


@open_to_all.post(PATH)
async def create_image_for_all(body: OpenAIImageGenerationRequest) -> OpenAIImageGenerationResponse:
    """Without any credentials, which the generated server does check."""
    return answer(body)


async def stream(request: Request) -> Response:
    """The least that streams events."""
    if not compare_digest(request.headers.get("authorization", ""), f"Bearer {SECRET}"):
        return Response(status_code=401)
    OpenAIImageGenerationRequest.model_validate_json(await request.body())

    async def written() -> AsyncIterator[str]:
        async for event in events():
            yield f"event: {event.type}\ndata: {event.model_dump_json(exclude_unset=True)}\n\n"

    return StreamingResponse(written(), media_type="text/event-stream")


starlette = Starlette(routes=[Route(PATH, stream, methods=["POST"])])

# -- what clients are measured against --------------------------------------------------------------------------------

INSTANT = answer(OpenAIImageGenerationRequest(model="m", prompt="p")).model_dump_json(exclude_unset=True).encode()


async def instant(scope: Scope, receive: Receive, send: Send) -> None:
    """The same answer to anything, in as little time as uvicorn allows."""
    if scope["type"] == "http":
        while (await receive()).get("more_body"):
            pass
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(INSTANT)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": INSTANT})
