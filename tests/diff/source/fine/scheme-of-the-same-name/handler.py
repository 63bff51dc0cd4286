from .api.server import Credentials, ImagesHandlers, create_app


def who(credentials: Credentials) -> object:
    return credentials.token


class Handlers(ImagesHandlers):
    async def list_all(self) -> None:
        pass


app = create_app(Handlers(), authenticate=who)
