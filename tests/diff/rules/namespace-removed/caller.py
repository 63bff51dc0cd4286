from .api.client import Client


def run(client: Client) -> None:
    client.videos.list_videos()
