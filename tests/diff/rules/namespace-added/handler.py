from .api.server import ImagesHandlers


class Handlers(ImagesHandlers):
    async def list_all(self) -> None:
        pass
