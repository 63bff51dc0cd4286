from .api.models import CreateImage
from .api.server import ImagesHandlers


class Handlers(ImagesHandlers):
    async def create(self, body: CreateImage, /) -> None:
        print(body.size.upper())
