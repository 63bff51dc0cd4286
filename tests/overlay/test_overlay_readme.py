"""What the README says of overlays, done."""

from __future__ import annotations

import json
import re
import shlex
import shutil
from pathlib import Path

import pytest

from generator.cli import main

ROOT = Path(__file__).parents[2]


def test_the_readme_patches_a_document(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    section = text.partition("## Patch a vendor's document")[2].partition("\n## ")[0]
    ((overlay, commands),) = re.findall(r"```yaml\n(.*?)```.*?```sh\n(.*?)```", section, re.DOTALL)
    shutil.copytree(ROOT / "spec", tmp_path / "spec")
    (tmp_path / "spec/openai/errors.overlay.yaml").write_text(overlay)
    monkeypatch.chdir(tmp_path)
    for line in commands.splitlines():
        words = shlex.split(line, comments=True)
        output = words[words.index(">") + 1] if ">" in words else ""
        assert main(words[1 : words.index(">") if output else None]) == 0, line
        printed = capfd.readouterr().out
        if output:
            Path(output).write_text(printed)
        if "compare" in words:
            assert "ErrorBody" in printed
    responses = json.loads((tmp_path / "generated/vendor/openapi.json").read_text())["paths"]["/images/generations"]
    assert "400" in responses["post"]["responses"]
