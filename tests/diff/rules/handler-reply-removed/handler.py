from .api.models import Image
from .api.server import ImagesHandlers, Reply


class Handlers(ImagesHandlers):
    async def get(self) -> Image | Reply[Image]:
        return Reply(Image(url="a"), status=202)
