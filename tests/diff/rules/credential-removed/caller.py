from .api.client import Client

client = Client(key="a")
