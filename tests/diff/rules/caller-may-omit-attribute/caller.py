from .api.client import Client


def run(client: Client) -> None:
    client.images.create(url="a", size="b")
