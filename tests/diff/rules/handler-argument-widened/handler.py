from typing import Literal

from .api.server import ImagesHandlers


class Handlers(ImagesHandlers):
    async def list_all(self, *, size: Literal["small", "large"]) -> None:
        print(size)
