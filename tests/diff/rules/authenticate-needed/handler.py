from .api.server import ImagesHandlers, create_app


class Handlers(ImagesHandlers):
    async def list_all(self) -> None:
        pass


app = create_app(Handlers())
