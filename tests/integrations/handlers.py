"""Small real handlers for the three integrations: what a user writes, with a record of what arrived."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from generated.apifox.models import ImageGenerationRequest, ImageResponse, ImageResponseDataItem
from generated.bifrost.models import (
    ImageData,
    ImageTokenDetails,
    ImageUsage,
    OpenAIImageGenerationRequest,
    OpenAIImageGenerationResponse,
    OpenAIImageStreamResponse,
)
from generated.bifrost.server import Problem
from generated.openai.models import (
    GenerateImageRequest,
    GenerateImageResponse,
    GenerateImageResponseDataItem,
)

PIXEL = "iVBORw0KGgo="


@dataclass
class BifrostImages:
    """Answers both of Bifrost's operations. A prompt of ``fail`` fails, of ``late`` after the first event."""

    gate: threading.Event = field(default_factory=threading.Event)
    seen: list[tuple[str, OpenAIImageGenerationRequest, dict[str, str | None]]] = field(default_factory=list)

    async def create_image(self, body: OpenAIImageGenerationRequest, /) -> OpenAIImageGenerationResponse:
        self.seen.append(("create_image", body, {}))
        return self._answer(body)

    def create_image_stream(self, body: OpenAIImageGenerationRequest, /) -> AsyncIterator[OpenAIImageStreamResponse]:
        self.seen.append(("create_image_stream", body, {}))
        return self._events(body)

    async def create_azure_image(
        self, body: OpenAIImageGenerationRequest, /, *, deployment_id: str, api_version: str | None = None
    ) -> OpenAIImageGenerationResponse:
        given = {"deployment_id": deployment_id, "api_version": api_version}
        self.seen.append(("create_azure_image", body, given))
        return self._answer(body)

    def create_azure_image_stream(
        self, body: OpenAIImageGenerationRequest, /, *, deployment_id: str, api_version: str | None = None
    ) -> AsyncIterator[OpenAIImageStreamResponse]:
        given = {"deployment_id": deployment_id, "api_version": api_version}
        self.seen.append(("create_azure_image_stream", body, given))
        return self._events(body)

    def _answer(self, body: OpenAIImageGenerationRequest) -> OpenAIImageGenerationResponse:
        if body.prompt == "fail":
            raise Problem(400, "this prompt is not allowed", param="prompt", code="refused")
        images = [ImageData(b64_json=PIXEL, index=index) for index in range(body.n)]
        return OpenAIImageGenerationResponse(created=1, data=images, size=body.size)

    async def _events(self, body: OpenAIImageGenerationRequest) -> AsyncIterator[OpenAIImageStreamResponse]:
        if body.prompt == "fail":
            raise Problem(400, "this prompt is not allowed", param="prompt", code="refused")
        yield OpenAIImageStreamResponse(
            type="image_generation.partial_image", b64_json=PIXEL, partial_image_index=0, sequence_number=0
        )
        if body.prompt == "late":
            raise Problem(500, "the provider went away", code="provider_lost")
        if body.prompt == "wait":
            await asyncio.to_thread(self.gate.wait, 20)
        usage = ImageUsage(input_tokens=3, total_tokens=5, output_tokens_details=ImageTokenDetails(image_tokens=2))
        yield OpenAIImageStreamResponse(
            type="image_generation.completed", b64_json=PIXEL, sequence_number=1, usage=usage
        )


@dataclass
class OpenAIImages:
    seen: list[GenerateImageRequest] = field(default_factory=list)

    async def generate_image(self, body: GenerateImageRequest, /) -> GenerateImageResponse:
        self.seen.append(body)
        return GenerateImageResponse(data=[GenerateImageResponseDataItem(b64_json=PIXEL)])


@dataclass
class ApifoxImages:
    seen: list[ImageGenerationRequest] = field(default_factory=list)

    async def create_image(self, body: ImageGenerationRequest, /) -> ImageResponse:
        self.seen.append(body)
        return ImageResponse(created=1, data=[ImageResponseDataItem(b64_json=PIXEL)])
