"""Source findings, held against a type checker: code that passes before a change, and fails after it where it breaks.

Each case of a source rule has a ``caller.py`` or a ``handler.py``, and so has each case of ``source/breaking`` and
``source/fine``. They import what is generated as ``.api``, once from the old document and once from the new one.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from generator import layout
from generator.config import from_input
from generator.diff import RULES
from generator.pipeline import Comparable, comparable, compare
from generator.targets import TARGETS
from tests.diff.test_rules import shown

HERE = Path(__file__).parent
SEVERITIES = {rule.id: rule.severity for rule in RULES if rule.kind == "source"}
RULE_CASES = [folder for folder in sorted((HERE / "rules").iterdir()) if folder.name in SEVERITIES]
BREAKING = sorted((HERE / "source" / "breaking").iterdir())
FINE = sorted((HERE / "source" / "fine").iterdir())
CASES = pytest.mark.parametrize(
    "case", [*RULE_CASES, *BREAKING, *FINE], ids=lambda case: f"{case.parent.name}-{case.name}"
)
RUNTIME = HERE.parents[1] / "templates" / "_runtime"


def expected(case: Path) -> str:
    """How grave the gravest source finding of a case is, empty for none."""
    return (
        SEVERITIES.get(case.name, "") if case.parent.name == "rules" else "breaking" * (case.parent.name == "breaking")
    )


def modules(case: Path) -> list[Path]:
    """The code of a case."""
    return [path for path in (case / "caller.py", case / "handler.py") if path.exists()]


def sides(case: Path) -> tuple[Path, Path]:
    return case / "old.yaml", case / "new.yaml"


def read(path: Path) -> Comparable:
    return comparable(from_input(path, name="api", targets=layout.TARGETS))


@pytest.fixture(scope="session")
def failing(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """What pyright says of each module that it refuses: all cases, before and after, in one run.

    One copy of the runtime stands beside all packages, which is a third of the time.
    """
    root = tmp_path_factory.mktemp("source")
    (root / "_runtime").symlink_to(RUNTIME)
    for case in (*RULE_CASES, *BREAKING, *FINE):
        for side in sides(case):
            folder = root / case.parent.name / case.name / side.stem
            _generate(read(side), folder / "api")
            for module in modules(case):
                (folder / module.name).write_bytes(module.read_bytes())
    settings = {"typeCheckingMode": "strict", "pythonVersion": "3.11", "include": ["**/caller.py", "**/handler.py"]}
    (root / "pyrightconfig.json").write_text(json.dumps(settings))
    pyright = Path(sys.executable).with_name("pyright")
    command = [str(pyright), "--pythonpath", sys.executable, "-p", str(root), "--outputjson"]
    result = subprocess.run(command, check=False, capture_output=True, text=True, timeout=300)
    report = json.loads(result.stdout)
    assert report["summary"]["filesAnalyzed"] == 2 * sum(len(modules(case)) for case in (*RULE_CASES, *BREAKING, *FINE))
    found: dict[str, list[str]] = {}
    for item in report["generalDiagnostics"]:
        found.setdefault(str(Path(item["file"]).relative_to(root)), []).append(item["message"])
    return found


def _generate(made_from: Comparable, folder: Path) -> None:
    for name, make in TARGETS:
        if name in ("models", "client", "server"):
            assert made_from.package is not None
            for artifact in make(made_from.package.api):
                path = folder / artifact.path
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(re.sub(r"(?m)^from \.{2,}_runtime", "from _runtime", artifact.text), "utf-8")


@CASES
def test_the_type_checker_agrees(case: Path, failing: dict[str, list[str]]) -> None:
    """Code that breaks passes before and fails after; code that does not passes both."""
    breaks = expected(case) in ("breaking", "warning")
    for module in modules(case):
        before, after = (
            failing.get(f"{case.parent.name}/{case.name}/{side}/{module.name}", []) for side in ("old", "new")
        )
        assert not before, f"{module} does not pass before the change"
        assert bool(after) == breaks, after or f"{module} still passes"


@CASES
def test_the_verdict_is_as_grave(case: Path) -> None:
    """A change that is no harm by its own rule may bring another that is: then its code is what that one does not hurt."""
    found = [item for item in compare(*map(read, sides(case))) if item.kind == "source"]
    severities = {item.severity for item in found}
    if expected(case):
        assert expected(case) in severities
    else:
        assert "breaking" not in severities, [item.message for item in found]


@pytest.mark.parametrize("case", BREAKING, ids=lambda case: case.name)
def test_findings(case: Path, request: pytest.FixtureRequest) -> None:
    """A change is found once, and nothing else with it."""
    found = compare(*map(read, sides(case)))
    text = "".join(shown(item) for item in found if item.kind == "source")
    golden = case / "expected.txt"
    if request.config.getoption("--update-goldens"):
        golden.write_text(text, "utf-8")
    assert text == golden.read_text("utf-8")


def test_there_is_code_for_every_verdict() -> None:
    """A warning may be of what no type checker sees."""
    without = [case.name for case in RULE_CASES if not modules(case)]
    assert all(SEVERITIES[name] == "warning" for name in without), without
    assert all(map(modules, (*BREAKING, *FINE)))
    proved = [*map(expected, (*RULE_CASES, *BREAKING, *FINE))]
    assert proved.count("breaking") >= 30
    assert proved.count("info") + proved.count("") >= 30
