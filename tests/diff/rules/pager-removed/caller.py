from .api.client import Client


def run(client: Client) -> None:
    for image in client.images.iter_list_all():
        print(image)
