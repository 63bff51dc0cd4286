from .api.client import Client


def run(client: Client) -> None:
    print(client.events.follow().upper())
