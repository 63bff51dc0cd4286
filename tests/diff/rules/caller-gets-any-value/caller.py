from typing import Literal

from .api.client import Client


def run(client: Client) -> None:
    lines: dict[Literal["small", "large"], int] = {"small": 1, "large": 2}
    print(lines[client.images.get().size])
