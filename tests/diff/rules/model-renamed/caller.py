from .api.models import Image

print(Image(url="a"))
