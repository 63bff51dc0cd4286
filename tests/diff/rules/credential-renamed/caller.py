from .api.client import Client

client = Client(api_key="a")
