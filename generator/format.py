"""The last word on generated Python: it compiles, and it is formatted in one style."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Literal, TypeAlias

from generator.errors import Location, error

Formatter: TypeAlias = Literal["black", "ruff", "none"]
"""``none`` is for code that nobody reads."""

LINE_LENGTH = 120
_WORTH_PROCESSES = 200_000
"""From so many characters on, starting black's own processes costs less than it saves."""
_PIECE = 500
"""Lines."""


class InvalidOutput(Exception):  # noqa: N818 (it is the output that is invalid)
    """Generated Python that is no Python: a mistake of specloom's, never of the spec's author.

    ``path`` names the generated file, ``line`` the line in it (0 where unknown).
    """

    def __init__(self, path: PurePosixPath, line: int, reason: str) -> None:
        super().__init__(f"generated {path}, line {line}, is not valid Python: {reason}")
        self.path = path
        self.line = line


def format_tree(tree: Mapping[PurePosixPath, bytes], *, formatter: Formatter) -> Mapping[PurePosixPath, bytes]:
    """``tree`` with every Python file formatted, other files as they are, in the same order.

    Raises ``InvalidOutput`` for a file that does not compile without a warning, ``SpecloomError`` when the formatter
    is ruff and ruff is not installed.
    """
    sources = {path: data.decode() for path, data in tree.items() if path.suffix == ".py"}
    for path, source in sources.items():
        _compile(path, source)
    if formatter == "none":
        return tree
    formatted = _with_black(sources) if formatter == "black" else _with_ruff(sources)
    return {path: formatted[path].encode() if path in formatted else tree[path] for path in tree}


def _compile(path: PurePosixPath, source: str) -> None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", SyntaxWarning)  # such as a stray backslash in a string
            warnings.simplefilter("error", DeprecationWarning)  # what that was before Python 3.12
            compile(source, str(path), "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as problem:
        line = getattr(problem, "lineno", None) or 0
        raise InvalidOutput(path, line, getattr(problem, "msg", None) or str(problem)) from problem


def _with_black(sources: Mapping[PurePosixPath, str]) -> dict[PurePosixPath, str]:
    if sum(map(len, sources.values())) < _WORTH_PROCESSES:
        return {path: _black_here(path, source) for path, source in sources.items()}
    pieces = {(path, number): piece for path, source in sources.items() for number, piece in enumerate(_cut(source))}
    command = [sys.executable, "-m", "black", "--quiet", "--fast", "--config=black.toml", "--target-version=py311"]
    formatted = _run(command, pieces)
    joined: dict[PurePosixPath, list[str]] = {}
    for path, number in pieces:
        joined.setdefault(path, []).append(formatted[path, number].strip("\n"))
    return {path: "\n\n\n".join(parts) + "\n" for path, parts in joined.items()}


def _black_here(path: PurePosixPath, source: str) -> str:
    # A fifth of a second, and not needed with ruff.
    import black
    from black.mode import TargetVersion
    from black.parsing import InvalidInput

    mode = black.Mode(target_versions={TargetVersion.PY311}, line_length=LINE_LENGTH)
    try:
        return black.format_str(source, mode=mode)
    except InvalidInput as problem:
        raise InvalidOutput(path, 0, str(problem)) from problem


def _cut(source: str) -> list[str]:
    """The source in pieces of some size, cut before classes and functions of the top level.

    Between these black writes two blank lines whatever they are, so the pieces may be formatted one by one.
    """
    lines = source.split("\n")  # as Python counts them, which str.splitlines does not
    starts = [0]
    for node in ast.parse(source).body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)]) - 1
            if first - starts[-1] > _PIECE:
                starts.append(first)
    return ["\n".join(lines[start:end]) for start, end in zip(starts, [*starts[1:], len(lines)], strict=True)]


def _with_ruff(sources: Mapping[PurePosixPath, str]) -> dict[PurePosixPath, str]:
    command = [_find_ruff(), "format", "--isolated", "--no-cache", "--quiet", "--target-version=py311"]
    formatted = _run(command, {(path, 0): source for path, source in sources.items()})
    return {path: text for (path, _), text in formatted.items()}


def _run(
    command: Sequence[str], sources: Mapping[tuple[PurePosixPath, int], str]
) -> dict[tuple[PurePosixPath, int], str]:
    """One process of a formatter for all files, away from any configuration. The files get plain names of our own."""
    with tempfile.TemporaryDirectory(prefix="specloom-") as folder:
        files = {key: Path(folder, f"{number:06}.py") for number, key in enumerate(sources)}
        for key, file in files.items():
            file.write_text(sources[key], encoding="utf-8", newline="")
        Path(folder, "black.toml").touch()
        done = subprocess.run(
            [*command, f"--line-length={LINE_LENGTH}", "."],
            cwd=folder,
            env={**os.environ, "BLACK_CACHE_DIR": folder},
            capture_output=True,
            text=True,
            encoding="utf-8",
            errors="replace",
            check=False,
        )
        if done.returncode != 0:
            blamed = next((path for (path, _), file in files.items() if file.name in done.stderr), None)
            raise InvalidOutput(blamed or PurePosixPath("?"), 0, done.stderr.strip())
        return {key: file.read_text(encoding="utf-8") for key, file in files.items()}


def _find_ruff() -> str:
    """The ruff that was installed with this Python, never one that happens to be on the PATH."""
    try:
        from ruff import find_ruff_bin  # pyright: ignore[reportMissingTypeStubs]

        return find_ruff_bin()
    except (ImportError, FileNotFoundError):
        raise error(
            "no-formatter",
            "the formatter is ruff, and ruff is not installed beside specloom",
            Location("integration.yaml", pointer="#/formatter"),
            "Run `pip install ruff`, or take `formatter` out to format with black.",
        ) from None
