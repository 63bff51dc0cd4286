from .api.server import ImagesHandlers


class Handlers(ImagesHandlers):
    async def get(self, *, id: str) -> None:
        print(id)
