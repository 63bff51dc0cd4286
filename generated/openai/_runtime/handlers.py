"""Handlers: the objects whose methods answer the calls of an API."""

from __future__ import annotations

import inspect
import types
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from functools import wraps
from typing import Generic, NoReturn, Protocol, TypeVar, cast

from starlette.concurrency import run_in_threadpool

__all__ = ["UnimplementedError", "check_implementations", "implementation", "unimplemented"]

P = TypeVar("P")


class UnimplementedError(NotImplementedError):
    """A handler method that nobody has written. A ``NotImplementedError`` of other code is an error like any other."""


def unimplemented() -> NoReturn:
    """The body of a handler method that nobody has written: the call is answered with 501."""
    raise UnimplementedError


def implementation(protocol: Callable[..., P], handlers: tuple[object, ...]) -> P:
    """One object with all methods of the protocol, each from the first of the handlers that has it.

    A method that is not ``async`` where the protocol's is runs in a thread. A method that none of the handlers has, or
    only inherits from the protocol, raises :class:`UnimplementedError` when it is called.
    """
    methods = {name: _method(protocol, name, handlers) for name in _methods(protocol)}
    return cast(P, types.SimpleNamespace(**methods))


def check_implementations(handlers: tuple[object, ...], protocols: Sequence[type]) -> None:
    """Raises ``TypeError`` for a handler that is a class, or that implements no method of any of the protocols."""
    for handler in handlers:
        if isinstance(handler, type):
            raise TypeError(f"{handler.__name__} is a class: pass an instance, {handler.__name__}()")
        if not any(_find(protocol, name, (handler,)) for protocol in protocols for name in _methods(protocol)):
            names = ", ".join(name for protocol in protocols for name in _methods(protocol))
            raise TypeError(f"{type(handler).__name__} implements none of the operations: {names}")


def _methods(protocol: object) -> list[str]:
    """The names of the protocol's public methods, in the order of their declaration."""
    bases = [base for base in cast(type, protocol).__mro__ if base not in (object, Protocol, Generic)]
    return [
        name
        for base in bases
        for name, value in vars(base).items()
        if inspect.isfunction(value) and not name.startswith("_")
    ]


def _find(protocol: object, name: str, handlers: tuple[object, ...]) -> Callable[..., object] | None:
    inherited: object = getattr(protocol, name)
    for handler in handlers:
        method: object = getattr(handler, name, None)
        if callable(method) and getattr(method, "__func__", None) is not inherited:
            return method
    return None


def _method(protocol: object, name: str, handlers: tuple[object, ...]) -> Callable[..., object]:
    method = _find(protocol, name, handlers)
    if method is None:
        return _missing(name)
    streams = not inspect.iscoroutinefunction(getattr(protocol, name))
    return method if streams or inspect.iscoroutinefunction(method) else _in_a_thread(method)


def _missing(name: str) -> Callable[..., object]:
    def method(*_: object, **__: object) -> object:
        raise UnimplementedError(f"{name} is not implemented")

    return method


def _in_a_thread(method: Callable[..., object]) -> Callable[..., Coroutine[object, object, object]]:
    @wraps(method)
    async def call(*args: object, **kwargs: object) -> object:
        result = await run_in_threadpool(method, *args, **kwargs)
        return await cast("Awaitable[object]", result) if isinstance(result, Awaitable) else result

    return call
