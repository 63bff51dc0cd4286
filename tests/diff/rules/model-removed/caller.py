from .api.models import Frame

print(Frame(n=1))
