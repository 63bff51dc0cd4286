from .api.server import ImagesHandlers


class Handlers(ImagesHandlers):
    async def list_all(self, *, n: int) -> None:
        print(n)
