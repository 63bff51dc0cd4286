from .api.client import Client


def run(client: Client) -> None:
    client.videos.get_video(id="1")
