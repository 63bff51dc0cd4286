"""The server target's ``security.py``: the schemes of the spec as FastAPI says them, and who may pass."""

from __future__ import annotations

from dataclasses import dataclass

from generator import ir
from generator.names import unique

from .python import Import, import_block

_RUNTIME = ".._runtime.server"


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
    wanted = dict.fromkeys(operation.security for operation in api.operations if operation.security)
    words = ("_or_".join("_and_".join(py_names[n] for n in need.schemes) or "nobody" for need in s) for s in wanted)
    return dict(zip(wanted, unique(words), strict=True))


def security_module(api: ir.Api) -> SecurityModule:
    schemes = {scheme.name: scheme for scheme in api.security_schemes}
    imports = {
        Import("collections.abc", "Awaitable"),
        Import("collections.abc", "Callable"),
        Import("dataclasses", "dataclass"),
        Import("typing", "Annotated"),
        Import("typing", "TypeAlias"),
        Import("fastapi", "Request"),
        Import("fastapi", "Security"),
        Import(_RUNTIME, "admit"),
        *(
            Import(_RUNTIME if name == "BasicScheme" else "fastapi.security", name)
            for scheme in schemes.values()
            for name in _FASTAPI[scheme.kind]
            if name != "str"
        ),
    }
    challenges = {"bearer": "Bearer", "basic": "Basic"}
    kinds = dict.fromkeys(challenges[scheme.kind] for scheme in schemes.values() if scheme.kind in challenges)
    return SecurityModule(
        title=api.title,
        imports=import_block(imports),
        schemes=tuple((scheme.py_name.upper(), _declaration(scheme)) for scheme in schemes.values()),
        credentials=tuple((s.py_name, _credential_type(s), s.doc) for s in schemes.values()),
        checks=tuple(_check(name, security, schemes) for security, name in check_names(api).items()),
        challenge=", ".join(kinds) or "ApiKey",
    )


_FASTAPI: dict[ir.SchemeKind, tuple[str, str]] = {
    "bearer": ("HTTPBearer", "HTTPAuthorizationCredentials"),
    "basic": ("BasicScheme", "HTTPBasicCredentials"),
    "header": ("APIKeyHeader", "str"),
    "query": ("APIKeyQuery", "str"),
    "cookie": ("APIKeyCookie", "str"),
}


def _declaration(scheme: ir.SecurityScheme) -> str:
    key = f"name={scheme.key!r}, " if scheme.key else ""
    return f"{_FASTAPI[scheme.kind][0]}({key}scheme_name={scheme.name!r}, auto_error=False)"


def _credential_type(scheme: ir.SecurityScheme) -> str:
    return "HTTPBasicCredentials" if scheme.kind == "basic" else "str"


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
        made = ", ".join(f"{s.py_name}={s.py_name}{'.credentials' if s.kind == 'bearer' else ''}" for s in parts)
        alternatives.append(f"Credentials({made}) if {' and '.join(s.py_name for s in parts)} else None")
    words = " or ".join(" and ".join(need.schemes) or "nobody" for need in security)
    return Check(
        name=name,
        optional=any(not need.schemes for need in security),
        doc=f"Opens a route to {words}.",
        arguments=arguments,
        alternatives=tuple(alternatives),
    )
