from .api.client import Client


def run(client: Client) -> None:
    image = client.images.get()
    print(image.url.upper(), image.size)
