from .api.models import Image
from .api.server import ImagesHandlers


class Handlers(ImagesHandlers):
    async def create(self, body: Image, /) -> Image:
        return Image(n=body.n + 1)
