from .api.server import ImagesHandlers


class Handlers(ImagesHandlers):
    async def create(self) -> None:
        pass
