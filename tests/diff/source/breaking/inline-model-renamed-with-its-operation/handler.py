from .api.models import CreateRequest

print(CreateRequest(prompt="a"))
