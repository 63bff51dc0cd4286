from .api.client import Client


def run(client: Client) -> None:
    client.pictures.list_all()
