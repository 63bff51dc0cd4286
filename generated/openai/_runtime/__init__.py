"""What every generated package shares: models, errors, streams, the client's transport, the server's routes."""
