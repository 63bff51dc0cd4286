"""The server target's ``security.py``: the schemes of the spec as FastAPI says them, and who may pass."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from generator import ir
from generator.names import unique

from .python import Import, import_block

_RUNTIME = ".._runtime.security"


@dataclass(frozen=True, slots=True)
class Check:
    """A dependency that opens a route: ``alternatives`` hold the source of what each one presents."""

    name: str
    optional: bool
    doc: str
    arguments: tuple[str, ...]
    alternatives: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SecurityModule:
    """The view of ``server/security.py.jinja``."""

    title: str
    imports: str
    schemes: tuple[tuple[str, str], ...]
    credentials: tuple[tuple[str, str, str], ...]
    checks: tuple[Check, ...]
    challenge: str


def check_names(api: ir.Api) -> dict[tuple[ir.Requirement, ...], str]:
    """The name of the dependency for each set of alternatives: ``bearer_auth_or_api_key_auth``. No two are the same."""
    py_names = {scheme.name: scheme.py_name for scheme in api.security_schemes}
    wanted = dict.fromkeys(o.security for o in (*api.operations, *api.webhooks) if is_secured([o]))
    words = ("_or_".join("_and_".join(py_names[n] for n in need.schemes) or "nobody" for need in s) for s in wanted)
    return dict(zip(wanted, unique(words), strict=True))


def is_secured(operations: Iterable[ir.Operation]) -> bool:
    """Whether any of the operations takes credentials: an alternative without schemes asks for none."""
    return any(need.schemes for operation in operations for need in operation.security)


def security_module(api: ir.Api) -> SecurityModule:
    """The view of ``server/security.py``."""
    schemes = {scheme.name: scheme for scheme in api.security_schemes}
    imports = {
        Import("collections.abc", "Awaitable"),
        Import("collections.abc", "Callable"),
        Import("dataclasses", "dataclass"),
        Import("typing", "Annotated"),
        Import("typing", "TypeAlias"),
        Import("fastapi", "Request"),
        Import("fastapi", "Security"),
        Import(_RUNTIME, "BaseGuard"),
        Import(_RUNTIME, "admit"),
        *(
            Import("fastapi.security" if name in _FROM_FASTAPI else _RUNTIME, name)
            for scheme in schemes.values()
            for name in _FASTAPI[scheme.kind]
            if name != "str"
        ),
    }
    challenges = dict.fromkeys(_challenge(scheme) for scheme in schemes.values())
    return SecurityModule(
        title=api.title,
        imports=import_block(imports),
        schemes=tuple((scheme.py_name.upper(), _declaration(scheme)) for scheme in schemes.values()),
        credentials=tuple((s.py_name, _FASTAPI[s.kind][1], s.doc) for s in schemes.values()),
        checks=tuple(_check(name, security, schemes) for security, name in check_names(api).items()),
        challenge=", ".join(filter(None, challenges)) or "ApiKey",
    )


_FASTAPI: dict[ir.SchemeKind, tuple[str, str]] = {
    "bearer": ("BearerScheme", "str"),
    "basic": ("BasicScheme", "HTTPBasicCredentials"),
    "authorization": ("AuthorizationScheme", "str"),
    "header": ("HeaderScheme", "str"),
    "query": ("APIKeyQuery", "str"),
    "cookie": ("APIKeyCookie", "str"),
}


_FROM_FASTAPI = frozenset(["HTTPBasicCredentials", "APIKeyQuery", "APIKeyCookie"])


def _challenge(scheme: ir.SecurityScheme) -> str:
    """What a 401 asks for (RFC 9110, 11.6.1); nothing for an API key, or a name that is no token (5.6.2)."""
    known = {"bearer": "Bearer", "basic": "Basic", "authorization": scheme.key.title()}.get(scheme.kind, "")
    return known if re.fullmatch(r"[\w!#$%&'*+.^`|~-]*", known, re.ASCII) else ""


def _declaration(scheme: ir.SecurityScheme) -> str:
    key = f"{'scheme' if scheme.kind == 'authorization' else 'name'}={scheme.key!r}, " if scheme.key else ""
    return f"{_FASTAPI[scheme.kind][0]}({key}scheme_name={scheme.name!r}, auto_error=False)"


def _check(name: str, security: tuple[ir.Requirement, ...], schemes: dict[str, ir.SecurityScheme]) -> Check:
    used = dict.fromkeys(name for need in security for name in need.schemes)
    arguments = tuple(
        f"{s.py_name}: Annotated[{_FASTAPI[s.kind][1]} | None, Security({s.py_name.upper()})]"
        for s in (schemes[name] for name in used)
    )
    alternatives: list[str] = []
    for need in security:
        parts = [schemes[name] for name in need.schemes]
        if not parts:
            continue
        made = ", ".join(f"{s.py_name}={s.py_name}" for s in parts)
        alternatives.append(f"Credentials({made}) if {' and '.join(s.py_name for s in parts)} else None")
    words = " or ".join(" and ".join(need.schemes) or "nobody" for need in security)
    return Check(
        name=name,
        optional=any(not need.schemes for need in security),
        doc=f"Opens a route to {words}.",
        arguments=arguments,
        alternatives=tuple(alternatives),
    )
