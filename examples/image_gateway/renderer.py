"""An image model for a laptop: it draws the prompt, always the same way."""

from __future__ import annotations

import base64
import hashlib
import io
import random
from collections.abc import Iterator

from PIL import Image, ImageDraw, ImageFilter

STEPS = (32, 8, 0)
"""How blurred the stages of a streamed image are, in pixels; the last is the image itself."""
LAST = len(STEPS) - 1


def draw(prompt: str, size: str | None, number: int = 0) -> Image.Image:
    """An image of ``size`` (``"1024x1024"``; that is also what ``"auto"`` means), the same for the same prompt."""
    width, height = map(int, (size if size and size != "auto" else "1024x1024").split("x"))
    chance = random.Random(hashlib.sha256(f"{number} {prompt}".encode()).digest())
    image = Image.new("RGB", (width, height), "midnightblue")
    pen = ImageDraw.Draw(image, "RGBA")
    for _ in range(40):
        x, y, radius = chance.randrange(width), chance.randrange(height), chance.randrange(20, max(width, height) // 4)
        red, green, blue = (chance.randrange(256) for _ in "rgb")
        pen.ellipse((x - radius, y - radius, x + radius, y + radius), (red, green, blue, 120))
    pen.text((width // 2, height // 2), prompt[:200], "white", anchor="mm", font_size=max(12, width // 24))
    return image


def stages(prompt: str, size: str | None) -> Iterator[str]:
    """The image as it becomes clear, each stage in base64."""
    image = draw(prompt, size)
    for blur in STEPS:
        yield as_base64(image.filter(ImageFilter.GaussianBlur(blur)) if blur else image)


def as_base64(image: Image.Image) -> str:
    """The image as a PNG file in base64."""
    file = io.BytesIO()
    image.save(file, "png", compress_level=1)
    return base64.b64encode(file.getvalue()).decode()
