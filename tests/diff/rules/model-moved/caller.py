from .api.models.images import Image

print(Image(url="a"))
