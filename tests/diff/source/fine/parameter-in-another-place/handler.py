from .api.server import ImagesHandlers


class Handlers(ImagesHandlers):
    async def list_all(self, *, n: int | None = None, page: int | None = None) -> None:
        print(n, page)
