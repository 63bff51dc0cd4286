from .api.client import Client


def run(client: Client) -> None:
    size: str | int = client.images.get().size
    print(size)
