"""Files in multipart bodies: what a client sends, and what a handler is given."""

from __future__ import annotations

import os
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import IO, TypeAlias, cast

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema


@dataclass(frozen=True, slots=True, eq=False)
class Upload:
    """A file: bytes, an open binary file (read from where it stands), or a path that is opened when it is read.

    ``filename`` and ``content_type`` are those of its part; left out, a client takes them from the path or file.
    """

    content: bytes | IO[bytes] | os.PathLike[str]
    filename: str | None = None
    content_type: str | None = None

    def open(self) -> IO[bytes]:
        """The content as an open file, which the caller closes."""
        if isinstance(self.content, bytes):
            return BytesIO(self.content)
        return Path(self.content).open("rb") if isinstance(self.content, os.PathLike) else self.content

    def read(self) -> bytes:
        """All of the content."""
        if isinstance(self.content, bytes):
            return self.content
        return Path(self.content).read_bytes() if isinstance(self.content, os.PathLike) else self.content.read()

    @classmethod
    def of(cls, value: object) -> Upload:
        """The upload that ``value`` means. Raises ``ValueError`` for what is no file."""
        if isinstance(value, Upload):
            return value
        if isinstance(value, bytes):
            return cls(value)
        if isinstance(value, os.PathLike):
            return cls(cast("os.PathLike[str]", value))
        if callable(getattr(value, "read", None)):
            return cls(cast("IO[bytes]", value))
        raise ValueError("a file is bytes, an open binary file, a path, or an Upload")

    @classmethod
    def __get_pydantic_core_schema__(cls, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(cls.of)

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"type": "string", "format": "binary"}


FileContent: TypeAlias = Upload | bytes | IO[bytes] | os.PathLike[str]
"""What a client takes for a file."""
