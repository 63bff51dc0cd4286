from typing import Literal

from .api.models import CreateImage
from .api.server import ImagesHandlers


class Handlers(ImagesHandlers):
    async def create(self, body: CreateImage, /) -> None:
        size: Literal["small", "large"] = body.size
        print(size)
