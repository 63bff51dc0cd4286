from .api.client import Client

client = Client(login="a")
