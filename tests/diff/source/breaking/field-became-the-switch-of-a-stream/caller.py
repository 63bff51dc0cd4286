from .api.client import Client


def run(client: Client) -> None:
    client.chat.create(prompt="a", stream=False)
