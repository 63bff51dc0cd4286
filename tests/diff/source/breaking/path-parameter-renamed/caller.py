from .api.client import Client


def run(client: Client) -> None:
    client.images.get(id="1")
