"""A generated package in this process: imported under a name of its own, so that several versions can follow each other."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import itertools
import json
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from types import ModuleType, UnionType
from typing import Final, Protocol, TypeAlias, Union, cast, get_args, get_origin, get_type_hints

from fastapi import FastAPI

from generator.layout import ANSWERS
from generator.tree import JsonObject

_versions: Final = itertools.count(1)


Authenticate: TypeAlias = Callable[[object], bool]
"""Whether who presents these credentials, an instance of the package's ``Credentials``, may call."""


def anybody(_credentials: object) -> bool:
    """Takes any credentials."""
    return True


class Reader(Protocol):
    """A ``TypeAdapter``."""

    def validate_json(self, text: bytes, *, by_alias: bool, by_name: bool) -> object:
        """The value that the text says. Raises ``ValueError`` for one that does not fit."""
        ...


class Package:
    """The package in a folder, and what is used of it.

    Raises ``OSError`` where it cannot be read, and ``ImportError`` where what generated packages import is not installed.
    """

    def __init__(self, folder: Path) -> None:
        self.plan: JsonObject = json.loads((folder / ANSWERS).read_text("utf-8"))
        """What ``build.answers`` says of the API."""
        self._name = f"specloom_served_{next(_versions)}"
        self._readers: dict[str, Reader] = {}
        spec = importlib.util.spec_from_file_location(
            self._name, folder / "__init__.py", submodule_search_locations=[str(folder)]
        )
        assert spec is not None and spec.loader is not None
        module = sys.modules[self._name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        # Validators are made when they are first needed: those of OpenAI's document take three seconds together.
        config = cast("dict[str, object]", self._member("_runtime.model", "Model", "model_config"))
        config |= {"defer_build": True, "use_attribute_docstrings": False}
        self._protocols = [
            cast(type, member) for member in vars(self._module("server.handlers")).values() if _is_protocol(member)
        ]

    def app(self, handlers: object, *, authenticate: Authenticate | None) -> FastAPI:
        """The generated app with these handlers, open to whom ``authenticate`` knows, without it to everybody."""
        create = cast("Callable[..., FastAPI]", self._member("server", "create_app"))
        if "authenticate" not in inspect.signature(create).parameters:
            return create(handlers)
        if authenticate is None:
            guard = cast(type, self._member("server.security", "Guard"))
            for name in [name for name in vars(guard) if not name.startswith("_")]:
                setattr(guard, name, _admit)
        return create(handlers, authenticate=authenticate or anybody)

    def reader(self, method: str) -> Reader:
        """What reads the JSON that the handler method gives, or each event of it."""
        if method not in self._readers:
            adapter_of = cast("Callable[[object], Reader]", self._member("_runtime.model", "adapter_of"))
            self._readers[method] = adapter_of(self._given(method))
        return self._readers[method]

    def _given(self, method: str) -> object:
        protocol = next(protocol for protocol in self._protocols if hasattr(protocol, method))
        annotation: object = get_type_hints(getattr(protocol, method), include_extras=True)["return"]
        if get_origin(annotation) is AsyncIterator:
            return get_args(annotation)[0]
        if get_origin(annotation) not in (Union, UnionType):
            return annotation
        reply = self._member("_runtime.replies", "Reply")
        values = [member for member in get_args(annotation) if get_origin(member) is not reply]
        return Union[tuple(values)]  # noqa: UP007 - its members are known only now

    def to_json(self, value: object) -> bytes:
        """The value as the package sends it."""
        return cast("Callable[[object], bytes]", self._member("_runtime.model", "to_json"))(value)

    def reply(self, value: object, **how: object) -> object:
        """The package's ``Reply``."""
        return cast("Callable[..., object]", self._member("_runtime.replies", "Reply"))(value, **how)

    def problem(self, status: int, message: str) -> Exception:
        """The package's ``Problem``."""
        return cast("Callable[..., Exception]", self._member("_runtime.problems", "Problem"))(status, message)

    def _module(self, name: str) -> ModuleType:
        return importlib.import_module(f"{self._name}.{name}")

    def _member(self, module: str, *names: str) -> object:
        found: object = self._module(module)
        for name in names:
            found = getattr(found, name)
        return found


def _is_protocol(member: object) -> bool:
    return isinstance(member, type) and getattr(member, "_is_protocol", False) and member is not Protocol


async def _admit(_self: object) -> None:
    """What stands for the check of credentials where none are asked for."""
