from .api.models import Image
from .api.server import ImagesHandlers


class Handlers(ImagesHandlers):
    async def get(self) -> Image:
        return Image(url="a")
