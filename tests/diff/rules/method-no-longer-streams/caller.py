from .api.client import Client


def run(client: Client) -> None:
    for event in client.events.follow():
        print(event.n)
