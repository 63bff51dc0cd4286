from typing import assert_never

from .api.models import CreateImage
from .api.server import ImagesHandlers


class Handlers(ImagesHandlers):
    async def create(self, body: CreateImage, /) -> None:
        size = body.size
        if size == "small":
            print("s")
        elif size == "large":
            print("l")
        else:
            assert_never(size)
