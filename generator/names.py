"""Every decision about identifiers: case, keywords, reserved words, collisions. Pure functions over strings.

A name that is a good identifier already stays as it is, so that what a reader sees in the spec is what they find
in the code; only what Python or a library reserves gives way.
"""

from __future__ import annotations

import keyword
import re
import unicodedata
from collections.abc import Collection, Container, Iterable

from pydantic import BaseModel

# What a name means before its class stands there, and pydantic takes it for: the exceptions of Python 3.14, whichever runs.
_EXCEPTIONS = frozenset(
    ["ArithmeticError", "AssertionError", "AttributeError", "BaseException", "BaseExceptionGroup"]
    + ["BlockingIOError", "BrokenPipeError", "BufferError", "BytesWarning", "ChildProcessError"]
    + ["ConnectionAbortedError", "ConnectionError", "ConnectionRefusedError", "ConnectionResetError"]
    + ["DeprecationWarning", "EOFError", "EncodingWarning", "EnvironmentError", "Exception", "ExceptionGroup"]
    + ["FileExistsError", "FileNotFoundError", "FloatingPointError", "FutureWarning", "GeneratorExit"]
    + ["IOError", "ImportError", "ImportWarning", "IndentationError", "IndexError", "InterruptedError"]
    + ["IsADirectoryError", "KeyError", "KeyboardInterrupt", "LookupError", "MemoryError"]
    + ["ModuleNotFoundError", "NameError", "NotADirectoryError", "NotImplementedError", "OSError"]
    + ["OverflowError", "PendingDeprecationWarning", "PermissionError", "ProcessLookupError"]
    + ["PythonFinalizationError", "RecursionError", "ReferenceError", "ResourceWarning", "RuntimeError"]
    + ["RuntimeWarning", "StopAsyncIteration", "StopIteration", "SyntaxError", "SyntaxWarning", "SystemError"]
    + ["SystemExit", "TabError", "TimeoutError", "TypeError", "UnboundLocalError", "UnicodeDecodeError"]
    + ["UnicodeEncodeError", "UnicodeError", "UnicodeTranslateError", "UnicodeWarning", "UserWarning"]
    + ["ValueError", "Warning", "WindowsError", "ZeroDivisionError"]
)
RESERVED_CLASSES = _EXCEPTIONS | frozenset(
    # What a models module imports, and what would shadow a builtin that it uses.
    [
        "Annotated",
        "Any",
        "BaseModel",
        "ConfigDict",
        "Field",
        "Int32",
        "Int64",
        "IsoDate",
        "IsoDateTime",
        "Literal",
        "Model",
        "None",
        "Nothing",
        "Nullable",
        "Upload",
    ]
    + ["True", "False", "TypeAliasType", "TypeAlias", "UUID", "Ellipsis", "NotImplemented"]
)
# What an annotation says in the scope of a class that has the name as an attribute.
_TYPES = frozenset(["list", "dict", "str", "int", "float", "bool", "bytes"])
RESERVED_FIELDS = (
    frozenset(name for name in dir(BaseModel) if not name.startswith("__")) | _TYPES | RESERVED_CLASSES - _EXCEPTIONS
)
RESERVED_METHODS = _TYPES
# What else a models package or a client has under these names, and what Windows opens instead of a file.
RESERVED_GROUPS = frozenset(
    ["shared", "close", "aclose", "raw", "streamed", "httpx2", "con", "prn", "aux", "nul"]
    + [f"{device}{number}" for device in ("com", "lpt") for number in range(1, 10)]
)
RESERVED_GROUP_CLASSES = frozenset(
    ["Calls", "Operation", "RequestOptions", "Stream", "Client", "Upload", "TypedDict", "Unpack", "Required", "UUID"]
    + ["Any", "Declared", "FileContent", "Iterable", "Literal", "Mismatch", "Nothing", "Pager", "PlainText"]
    + ["Int32", "Int64", "IsoDate", "IsoDateTime", "RawResponse", "Scheme"]
)
RESERVED_ARGUMENTS = frozenset(["self", "body", "fields", "request", "request_options", "respond", "router", "guard"])
RESERVED_SETTINGS = frozenset(["self", "base_url", "http_client", "options", "credentials", "request", "given"])

_WORD = re.compile(r"[^\W_]+")
_ACRONYM = re.compile(r"([A-Z]+)([A-Z][a-z])")
_HUMP = re.compile(r"([a-z\d])([A-Z])")


def _words(text: str) -> list[str]:
    return _WORD.findall(unicodedata.normalize("NFKC", text))


def _started(name: str, prefix: str) -> str:
    """``name`` with something in front where an identifier may not start with what it starts with."""
    return name if name[:1].isidentifier() else prefix + name


def class_name(text: str) -> str:
    """``image-data`` -> ``ImageData``, ``chatRequest`` -> ``ChatRequest``; capitals inside stay (``OpenAIImage``)."""
    name = "".join(word[:1].upper() + word[1:] for word in _words(text))
    name = _started(name or "Schema", "Schema")
    return name + "Model" if name in RESERVED_CLASSES or keyword.iskeyword(name) else name


def snake(text: str) -> str:
    """``createImage`` -> ``create_image``, ``OpenAI Integration`` -> ``open_ai_integration``."""
    spaced = _HUMP.sub(r"\1_\2", _ACRONYM.sub(r"\1_\2", " ".join(_words(text))))
    return "_".join(_words(spaced)).lower()


def _escaped(name: str, reserved: Collection[str]) -> str:
    return name + "_" if keyword.iskeyword(name) or name in reserved else name


def method_name(text: str) -> str:
    """The method for an operationId."""
    return _escaped(_started(snake(text) or "operation", "operation_"), RESERVED_METHODS)


def group_name(text: str) -> str:
    """The namespace, module and attribute for a tag."""
    return _escaped(_started(snake(text)[:60].strip("_") or "default", "tag_"), RESERVED_GROUPS)


def group_class(group: str) -> str:
    """The stem of the classes of a namespace."""
    name = class_name(group)
    return name + "Group" if name in RESERVED_GROUP_CLASSES or name.startswith("Async") else name


WEBHOOK_TOPIC = "webhooks"
"""What webhooks without a tag are about."""


def topic(path: str) -> str:
    """The first segment of a path that says what it is about: not a version, not ``api``, not a placeholder."""
    for segment in path.strip("/").split("/"):
        plain = segment.lower()
        if segment and "{" not in segment and plain != "api" and not (plain[:1] == "v" and plain[1:].isdigit()):
            return segment
    return "default"


def field_name(text: str, classes: Collection[str] = ()) -> str:
    """The attribute for a property: its own name where that is an identifier, else its words (``api-version``).

    An attribute that is called like one of ``classes`` would hide it from the annotations of its class.
    """
    name = unicodedata.normalize("NFKC", text)
    if not name.isidentifier() or name.startswith("_"):
        name = _started("_".join(_words(text)) or "field", "field_")
    return _escaped(name, RESERVED_FIELDS if name not in classes else [name])


def setting_name(text: str) -> str:
    """The keyword argument of a client for a security scheme."""
    return _escaped(_started(snake(text) or "scheme", "scheme_"), RESERVED_SETTINGS)


def argument_name(text: str) -> str:
    """The keyword argument for a parameter."""
    return _escaped(_started(snake(text) or "parameter", "parameter_"), RESERVED_ARGUMENTS)


def operation_id(method: str, path: str) -> str:
    """An operationId for an operation that has none: ``GET /users/{id}`` -> ``get_users_by_id``."""
    parts = [method.lower()]
    for segment in path.strip("/").split("/"):
        parts += [re.sub(r"{[^{}]*}", " ", segment)] + [f"by_{name}" for name in placeholders(segment)]
    return snake(" ".join(parts))


def placeholders(path: str) -> list[str]:
    """The names in braces in a path template, in order: ``/a/{b}/{c}`` -> ``b``, ``c``."""
    return re.findall(r"{([^{}]*)}", path)


def unique(wanted: Iterable[str]) -> list[str]:
    """The names, each told apart from those before it by a trailing number from 2 on.

    The last resort: callers first try names that say where a thing comes from.
    """
    seen: set[str] = set()
    result: list[str] = []
    for name in wanted:
        result.append(free(name, seen))
        seen.add(result[-1])
    return result


def free(name: str, taken: Container[str]) -> str:
    """The name, told apart from those that are taken by a trailing number from 2 on."""
    candidate, number = name, 2
    while candidate in taken:
        candidate, number = f"{name}{'_' if name.islower() else ''}{number}", number + 1
    return candidate
