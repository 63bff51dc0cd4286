from .api.client import Client


def run(client: Client) -> None:
    if client.images.get().size == "small":
        print("s")
