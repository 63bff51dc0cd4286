"""What the gateway is told: its models and who may call them, from a TOML file."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Model:
    """A model that callers may name; without a ``base_url`` it is drawn here.

    ``base_url`` is what an OpenAI SDK would be given (``https://api.openai.com/v1``), ``name`` what the upstream calls
    the model, ``key_from`` the environment variable with its key, and ``timeout`` the seconds that it may be silent.
    """

    name: str
    base_url: str = ""
    key_from: str = ""
    timeout: float = 60.0

    @property
    def key(self) -> str | None:
        """The upstream's key, if it needs one."""
        return os.environ.get(self.key_from) if self.key_from else None


@dataclass(frozen=True, slots=True)
class Caller:
    """Who holds a virtual key, and which models it opens; none named means all of them."""

    name: str
    key: str
    models: tuple[str, ...] = ()

    def may_use(self, model: str) -> bool:
        return not self.models or model in self.models


@dataclass(frozen=True, slots=True)
class Settings:
    """The models by the names that callers use, and the callers."""

    models: Mapping[str, Model] = field(default_factory=lambda: {"local": Model("local")})
    callers: tuple[Caller, ...] = (Caller("anyone on this machine", "local"),)

    @classmethod
    def read(cls, path: Path) -> Settings:
        """The settings of a file like ``gateway.toml``; raises ``TypeError`` for a key that it does not know."""
        told = tomllib.loads(path.read_text("utf-8"))
        models = {name: Model(**{"name": name, **model}) for name, model in told.get("models", {}).items()}
        callers = [
            Caller(name, caller["key"], tuple(caller.get("models", ()))) for name, caller in told["callers"].items()
        ]
        return cls(models or {"local": Model("local")}, tuple(callers))
