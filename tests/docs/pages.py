"""Pages to look at: of a document with a payload in every text, and of one that has all that a page shows."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from generator import docs
from generator.config import from_input
from generator.pipeline import generate, understand

SHOP: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Shop", "version": "2", "description": "Sells **things**, see [more](https://example.com/a)."},
    "servers": [{"url": "https://shop.example/v2"}],
    "tags": [{"name": "things", "description": "What is sold."}],
    "paths": {
        "/things": {
            "post": {
                "operationId": "add_thing",
                "tags": ["things"],
                "summary": "Add a thing",
                "description": "A thing is *sold* once.",
                "security": [{"token": []}, {"key": []}],
                "requestBody": {"required": True, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}}},
                "responses": {
                    "201": {"description": "It.", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}}},
                    "409": {"description": "There is one.", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Refusal"}}}},
                },
            }
        },
        "/things/{id}": {
            "get": {
                "operationId": "get_thing",
                "tags": ["things"],
                "summary": "Get a thing",
                "deprecated": True,
                "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}, "example": 42}],
                "responses": {"200": {"description": "It.", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}}}},
            }
        },
    },
    "components": {
        "schemas": {
            "Thing": {
                "type": "object",
                "required": ["name"],
                "properties": {
                    "old": {"type": "string", "deprecated": True},
                    "name": {"type": "string", "examples": ["lamp"], "maxLength": 20},
                    "colour": {"enum": ["red", "green"], "default": "red"},
                    "parts": {"type": "array", "items": {"$ref": "#/components/schemas/Thing"}},
                    "sold": {"type": "boolean", "readOnly": True, "description": "Whether somebody has it."},
                },
            },
            "Refusal": {"type": "object", "properties": {"message": {"type": "string"}}},
        },
        "securitySchemes": {
            "token": {"type": "http", "scheme": "bearer"},
            "key": {"type": "apiKey", "in": "header", "name": "X-Key", "description": "A key."},
        },
    },
}  # fmt: skip


class Outline(HTMLParser):
    """The elements of a page and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def all(self, name: str) -> list[str]:
        """The values of an attribute."""
        return [value or "" for _, attributes in self.elements for key, value in attributes.items() if key == name]


def page_of(document: dict[str, Any], folder: Path) -> str:
    """The page of a document, by way of a file in ``folder``."""
    (folder / "openapi.json").write_text(json.dumps(document), encoding="utf-8")
    integration = from_input(folder / "openapi.json", name="shop", targets=())
    return docs.page(understand(integration).api, package="shop")


def readme_of(document: dict[str, Any], folder: Path) -> str:
    """The README.md of the package that is generated from a document."""
    (folder / "openapi.json").write_text(json.dumps(document), encoding="utf-8")
    made = generate(from_input(folder / "openapi.json", name="shop", targets=("models", "server", "client")))
    return next(data.decode() for path, data in made.tree.items() if path.name == "README.md")


def with_payload(payload: str) -> dict[str, Any]:
    """A document that says ``payload`` wherever an author may say anything."""
    thing: dict[str, Any] = {
        "type": "object",
        "title": payload,
        "description": payload,
        "required": ["plain"],
        "properties": {
            "plain": {"type": "string", "description": payload, "default": payload, "examples": [payload]},
            payload: {"enum": [payload, "other"], "description": payload, "pattern": payload},
        },
        "example": {"plain": payload},
    }
    media = {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}, "example": {"plain": payload}}}
    operation: dict[str, Any] = {
        "operationId": payload,
        "tags": [payload],
        "summary": payload,
        "description": payload,
        "security": [{payload: []}],
        "parameters": [
            {
                "name": payload,
                "in": "query",
                "required": True,
                "description": payload,
                "schema": {"type": "string"},
                "example": payload,
            }
        ],
        "requestBody": {"required": True, "description": payload, "content": media},
        "responses": {
            "200": {"description": payload, "content": media},
            "400": {"description": payload, "content": media},
        },
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": payload, "version": payload, "description": payload},
        "tags": [{"name": payload, "description": payload}],
        "paths": {"/things": {"post": operation}},
        "webhooks": {payload: {"post": {**operation, "operationId": f"{payload} hook", "security": []}}},
        "components": {
            "schemas": {"Thing": thing},
            "securitySchemes": {payload: {"type": "apiKey", "in": "query", "name": payload, "description": payload}},
        },
    }
