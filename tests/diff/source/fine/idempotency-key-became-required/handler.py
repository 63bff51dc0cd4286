from .api.server import ImagesHandlers


class Handlers(ImagesHandlers):
    async def list_all(self, *, idempotency_key: str | None = None) -> None:
        print(idempotency_key)
