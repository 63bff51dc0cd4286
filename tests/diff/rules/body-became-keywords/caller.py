from .api.client import Client
from .api.models import CreateImage


def run(client: Client) -> None:
    client.images.create(body=CreateImage(prompt="a"))
