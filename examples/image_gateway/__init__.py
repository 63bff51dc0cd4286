"""An OpenAI-compatible image gateway, written on the generated Bifrost server and client."""
