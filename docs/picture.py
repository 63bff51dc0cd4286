"""Draws docs/run.svg: what a terminal shows of a few real runs, on a copy of spec/bifrost in a temporary folder.

    python docs/picture.py

Nothing in the picture is written by hand but the comments: each command runs in a terminal of its own (a pty), and
what it prints is what is drawn. POSIX only.
"""

from __future__ import annotations

import errno
import io
import os
import pty
import re
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.terminal_theme import MONOKAI
from rich.text import Text

DOCS = Path(__file__).parent
WIDTH = 126
GREY, BOLD, GREEN, PLAIN = "\x1b[38;2;150;150;150m", "\x1b[1m", "\x1b[1;32m", "\x1b[0m"
PATHS = "spec/bifrost/paths/integrations/openai/images.yaml"
IMAGES = "spec/bifrost/schemas/integrations/openai/images.yaml"
CLIENT = "generated/bifrost/client/images.py"

_WAITED = re.compile(r"[^\n]*\r\x1b\[2K|[^\n]*\n(?:\x1b\[\?25h)?\r\x1b\[1A\x1b\[2K|\x1b\[\?25[lh]")
"""What a progress line leaves behind in the stream after it has wiped itself off the screen."""


def main() -> None:
    """Plays the scenes and writes the picture."""
    console = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True, color_system="truecolor")
    with TemporaryDirectory() as name:
        project = Path(name)
        shutil.copytree(DOCS.parent / "spec" / "bifrost", project / "spec" / "bifrost")
        run("specloom generate bifrost", project)
        scenes = [scene(project) for scene in (first_generation, spec_edit, hand_edit, repeated_id)]
    console.print(Text.from_ansi("\n".join(scenes)), soft_wrap=True)
    svg = console.export_svg(title="specloom", theme=MONOKAI, unique_id="specloom")
    # The fonts that the drawing asks a server for: a reader's own monospace does as well.
    svg = re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)
    (DOCS / "run.svg").write_text("\n".join(line.rstrip() for line in svg.splitlines()) + "\n", encoding="utf-8")


def first_generation(project: Path) -> str:
    return shown("specloom generate --input spec/bifrost/openapi.yaml --output gateway --targets models", project)


def spec_edit(project: Path) -> str:
    edit(project / IMAGES, '        - "hd"\n', '        - "hd"\n        - "ultra"\n')
    return remark('the vendor adds the quality "ultra"') + shown("specloom generate bifrost", project)


def hand_edit(project: Path) -> str:
    edit(project / CLIENT, "    n: int\n", "    n: float\n")
    return remark("somebody edits a generated file") + shown("specloom check", project)


def repeated_id(project: Path) -> str:
    edit(project / PATHS, "operationId: azureCreateImage", "operationId: openaiCreateImage")
    return remark("a mistake in the spec") + shown("specloom generate bifrost", project)


def edit(path: Path, old: str, new: str) -> None:
    """Replaces ``old``, which has to be there, by ``new``."""
    text = path.read_text("utf-8")
    if old not in text:
        raise ValueError(f"{old!r} is not in {path.name} any more: the picture's story needs another edit")
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def remark(text: str) -> str:
    return f"{GREY}# {text}{PLAIN}\n"


def shown(command: str, project: Path) -> str:
    """The command as it is typed, and what it prints; its exit code where that is not 0."""
    output, code = run(command, project)
    exit_code = f"{GREY}exit code {code}{PLAIN}\n" if code else ""
    return f"{GREEN}${PLAIN} {BOLD}{command}{PLAIN}\n{output}{exit_code}"


def run(command: str, project: Path) -> tuple[str, int]:
    """What ``command`` prints to a terminal in the folder ``project``, and its exit code."""
    program, *arguments = command.split()
    path = shutil.which(program, path=str(Path(sys.executable).parent))
    if path is None:
        raise FileNotFoundError(f"{program} is not installed beside {Path(sys.executable).name}")
    environment = {"PATH": os.environ["PATH"], "TERM": "xterm-256color", "COLUMNS": str(WIDTH), "LANG": "C.UTF-8"}
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [path, *arguments], cwd=project, env=environment, stdin=theirs, stdout=theirs, stderr=theirs
    ) as process:
        os.close(theirs)
        chunks: list[bytes] = []
        try:
            while chunk := os.read(ours, 65536):
                chunks.append(chunk)
        except OSError as problem:
            if problem.errno != errno.EIO:  # how Linux says that the other end of a pty is closed
                raise
    os.close(ours)
    text = b"".join(chunks).decode().replace("\r\n", "\n")
    return _WAITED.sub("", text), process.returncode


if __name__ == "__main__":
    main()
