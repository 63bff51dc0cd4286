"""Who needs only the client does not install FastAPI, and who needs only the server does not install httpx2."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

RUNTIME = Path(__file__).parents[2] / "templates" / "_runtime"
ALLOWED = {"fastapi", "httpx2", "pydantic", "pydantic_core", "python_multipart", "starlette", "typing_extensions"}
SERVER = ("app", "bodies", "events", "forms", "handlers", "parameters", "replies", "routes", "security")


@pytest.mark.parametrize(
    ("module", "absent"),
    [("transport", "fastapi"), ("transport", "starlette"), *((module, "httpx2") for module in SERVER)],
)
def test_each_side_works_without_the_other_sides_library(module: str, absent: str) -> None:
    code = f"import sys; sys.modules[{absent!r}] = None; import _runtime.{module}"
    subprocess.run([sys.executable, "-c", code], cwd=RUNTIME.parent, check=True)


def test_only_the_declared_libraries_are_imported_and_all_else_is_relative() -> None:
    imported: set[str] = set()
    for path in RUNTIME.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                imported.update(alias.name.partition(".")[0] for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                imported.add(str(node.module).partition(".")[0])
    assert imported - sys.stdlib_module_names - {"__future__"} <= ALLOWED
