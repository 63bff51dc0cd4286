from .api.client import Client
from .api.models import Size


def run(client: Client) -> None:
    client.images.create(size=Size(width=1))
