"""What a handler is given and what it gives back, as annotations: the same in its Protocol and in the route."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from generator import ir

from .python import Import, ModelNames

REPLIES = ".._runtime.replies"


def either(annotations: Iterable[str]) -> str:
    """The union of annotations; what may be anything swallows the others."""
    found = list(dict.fromkeys(part for text in annotations for part in ([text] if "[" in text else text.split(" | "))))
    if "Any" in found:
        return "Any"
    return " | ".join([*(text for text in found if text != "None"), *(["None"] if "None" in found else [])])


def or_none(annotation: str) -> str:
    """The annotation of what may be left out."""
    return annotation if annotation.endswith("None") or annotation == "Any" else f"{annotation} | None"


def needs_body(operation: ir.Operation) -> bool:
    """Whether a request without a body is wrong."""
    return any(body.required for body in operation.bodies)


def content_annotation(names: ModelNames, body: ir.Body) -> str:
    """What a handler is given for a body in one of its media types."""
    match body.kind:
        case "text":
            return "str"
        case "binary":
            return "ByteStream"
        case "lines":
            return f"AsyncIterator[{names.annotate(body.type)}]"
        case "json" | "form" | "multipart":
            return names.annotate(body.type)


def body_annotation(names: ModelNames, operation: ir.Operation) -> str:
    """What a handler is given for the body, in whichever media type it came."""
    annotation = either(content_annotation(names, body) for body in operation.bodies)
    return annotation if needs_body(operation) else or_none(annotation)


def handler_arguments(names: ModelNames, operation: ir.Operation) -> tuple[str, ...]:
    """The arguments of a handler's method after ``self``, with the marks between them."""
    arguments = [f"body: {body_annotation(names, operation)}", "/"] if operation.bodies else []
    if operation.parameters:
        arguments.append("*")
    for parameter in required_first(operation.parameters):
        annotation = names.annotate(parameter.type)
        arguments.append(
            f"{parameter.py_name}: {annotation if parameter.required else f'{or_none(annotation)} = None'}"
        )
    return tuple(arguments)


def result_annotation(names: ModelNames, operation: ir.Operation) -> str:
    """What a handler gives back: any of the declared answers, with a status of its own where there are several."""
    annotation = either(_success_annotation(names, success) for success in operation.successes)
    return either([annotation, f"Reply[{annotation}]"]) if may_reply(operation) else annotation


def _success_annotation(names: ModelNames, success: ir.Success) -> str:
    match success.media:
        case "none":
            return "None"
        case "text":
            return "str"
        case "binary":
            return "bytes | AsyncIterator[bytes] | PathLike[str]"
        case "json":
            return names.annotate(success.type)


def may_reply(operation: ir.Operation) -> bool:
    """Whether a bare value does not say it all: which of several answers it is, or where a redirect leads to."""
    return len(operation.successes) > 1 or (operation.success is not None and 300 <= operation.success.status < 400)


def signature_imports(names: ModelNames, operation: ir.Operation) -> Iterator[Import]:
    """What a module needs to say the handler's arguments and results."""
    yield from names.imports(_types(operation), package="..models")
    gives = operation.successes
    if operation.stream or any(b.kind == "lines" for b in operation.bodies) or any(s.media == "binary" for s in gives):
        yield Import("collections.abc", "AsyncIterator")
    if any(success.media == "binary" for success in gives):
        yield Import("os", "PathLike")
    yield from body_imports(operation)
    if may_reply(operation):
        yield Import(REPLIES, "Reply")


def argument_imports(names: ModelNames, operation: ir.Operation) -> Iterator[Import]:
    """What a module needs to say the handler's arguments."""
    yield from names.imports(_given(operation), package="..models")
    if any(body.kind == "lines" for body in operation.bodies):
        yield Import("collections.abc", "AsyncIterator")
    yield from body_imports(operation)


def body_imports(operation: ir.Operation) -> Iterator[Import]:
    """What is ours among the annotations of bodies."""
    if any(body.kind == "binary" for body in operation.bodies):
        yield Import(".._runtime.bodies", "ByteStream")


def _given(operation: ir.Operation) -> Iterator[ir.Type]:
    yield from (parameter.type for parameter in operation.parameters)
    yield from (body.type for body in operation.bodies if body.kind not in ("text", "binary"))


def _types(operation: ir.Operation) -> Iterator[ir.Type]:
    yield from _given(operation)
    yield from (success.type for success in operation.successes if success.media == "json")
    if operation.stream is not None:
        yield operation.stream.type


def required_first(parameters: Iterable[ir.Parameter]) -> list[ir.Parameter]:
    """The parameters in the order of a signature: those that may be left out come last."""
    return sorted(parameters, key=lambda parameter: not parameter.required)


def stream_name(operation: ir.Operation) -> str:
    """The method that streams: a twin of the one that answers at once, or the only one."""
    return operation.name if operation.success is None else f"{operation.name}_stream"
