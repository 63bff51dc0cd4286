from .api.client import Client

client = Client(base_url="https://api.example.com")
