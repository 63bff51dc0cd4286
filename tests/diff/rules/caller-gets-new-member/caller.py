from .api.client import Client


def run(client: Client) -> None:
    size = client.images.get().size
    if isinstance(size, str):
        print("s")
    else:
        print(range(size))
