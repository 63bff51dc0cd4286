from .api.client import Client


def run(client: Client) -> None:
    print(client.images.get().url)
