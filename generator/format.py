"""The last word on generated Python: it compiles, and it is formatted in one style."""

from __future__ import annotations

import subprocess
import tempfile
import warnings
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Literal, TypeAlias

from generator.errors import Location, error

Formatter: TypeAlias = Literal["black", "ruff"]

LINE_LENGTH = 120


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
    # A fifth of a second, and not needed with ruff.
    import black
    from black.mode import TargetVersion
    from black.parsing import InvalidInput

    mode = black.Mode(target_versions={TargetVersion.PY311}, line_length=LINE_LENGTH)
    formatted: dict[PurePosixPath, str] = {}
    for path, source in sources.items():
        try:
            formatted[path] = black.format_str(source, mode=mode)
        except InvalidInput as problem:
            raise InvalidOutput(path, 0, str(problem)) from problem
    return formatted


def _with_ruff(sources: Mapping[PurePosixPath, str]) -> dict[PurePosixPath, str]:
    """One ruff process for all files, away from any configuration. The files get plain names of our own."""
    ruff = _find_ruff()
    with tempfile.TemporaryDirectory(prefix="specloom-") as folder:
        files = {path: Path(folder, f"{number:06}.py") for number, path in enumerate(sources)}
        for path, file in files.items():
            file.write_text(sources[path], encoding="utf-8", newline="")
        options = ["--isolated", "--no-cache", "--quiet", "--target-version=py311"]
        done = subprocess.run(
            [ruff, "format", *options, f"--line-length={LINE_LENGTH}", "."],
            cwd=folder,
            capture_output=True,
            text=True,
            encoding="utf-8",
            errors="replace",
            check=False,
        )
        if done.returncode != 0:
            blamed = next((path for path in files if files[path].name in done.stderr), None)
            raise InvalidOutput(blamed or PurePosixPath("?"), 0, done.stderr.strip())
        return {path: file.read_text(encoding="utf-8") for path, file in files.items()}


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
