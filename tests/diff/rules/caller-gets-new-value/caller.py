from typing import assert_never

from .api.client import Client


def run(client: Client) -> None:
    size = client.images.get().size
    if size == "small":
        print("s")
    elif size == "large":
        print("l")
    else:
        assert_never(size)
