from .api.client import Client


def run(client: Client) -> None:
    print(range(client.images.create(n=1).n))
