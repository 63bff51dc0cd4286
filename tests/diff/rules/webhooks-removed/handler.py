from .api.webhooks import WebhookHandlers


class Handlers(WebhookHandlers):
    async def done(self, body: str, /) -> None:
        print(body)
