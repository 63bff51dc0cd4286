from .api.client import Client

client = Client(token="a")
