from .api.models import Done
from .api.webhooks import WebhookHandlers


class Handlers(WebhookHandlers):
    async def done(self, body: Done, /) -> None:
        print(body.url.upper())
