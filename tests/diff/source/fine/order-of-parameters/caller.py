from .api.client import Client


def run(client: Client) -> None:
    client.images.list_all(n=1, page=2)
