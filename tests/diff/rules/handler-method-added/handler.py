from .api.webhooks import build_webhook_router


class Handlers:
    async def done(self, body: str, /) -> None:
        print(body)


router = build_webhook_router(Handlers())
