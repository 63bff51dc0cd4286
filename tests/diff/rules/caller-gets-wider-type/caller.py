from .api.client import Client


def run(client: Client) -> None:
    print(range(client.images.get().size))
