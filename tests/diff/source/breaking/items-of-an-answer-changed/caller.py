from .api.client import Client


def run(client: Client) -> None:
    for tag in client.images.get().tags:
        print(tag.upper())
