"""A matrix of ``compare``, told: for a terminal, in Markdown, as a page."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence

from generator.comparing import Matrix, Row, Section
from generator.render import markdown, render
from generator.report import Paint, count, printable

_NAME = 28
_LEAST = 14


def as_text(matrices: Sequence[Matrix], *, everything: bool, width: int, paint: Paint = lambda text, _: text) -> str:
    """Tables as wide as the terminal, of what differs unless everything is asked for."""
    return "".join(f"{line}\n" for matrix in matrices for line in _table(matrix, everything, width, paint))


def _table(matrix: Matrix, everything: bool, width: int, paint: Paint) -> Iterator[str]:
    column = max(_LEAST, (width - _NAME) // len(matrix.names) - 2)
    yield paint(printable(matrix.title), "bold")
    yield ""
    yield _line(["", *matrix.names], column).rstrip()
    for section, rows in _shown(matrix, everything):
        yield paint(section.title, "bold cyan")
        for row in rows:
            style = "yellow" if row.differs else ""
            for line in _wrapped(row, column):
                yield paint(line, style) if style else line
    hidden = sum(len(section.rows) - len(section.telling) for section in matrix.sections)
    if hidden and not everything:
        yield f"\n{count(hidden, 'row')} not shown that say nothing more (--all)"
    yield ""


def _shown(matrix: Matrix, everything: bool) -> Iterator[tuple[Section, Sequence[Row]]]:
    for section in matrix.sections:
        rows = section.rows if everything else section.telling
        if rows:
            yield section, rows


def _wrapped(row: Row, column: int) -> Iterator[str]:
    cells = [
        textwrap.wrap(printable(text), size) or [""]
        for text, size in zip([row.name, *row.cells], [_NAME - 2, *[column] * len(row.cells)], strict=True)
    ]
    for index in range(max(map(len, cells))):
        yield _line([cell[index] if index < len(cell) else "" for cell in cells], column).rstrip()


def _line(cells: Sequence[str], column: int) -> str:
    return f"  {cells[0]:<{_NAME}}" + "".join(f"{cell:<{column + 2}}" for cell in cells[1:])


def as_markdown(matrices: Iterable[Matrix], *, everything: bool) -> str:
    """A table for each operation; what differs is bold."""
    return "\n".join(f"{line}" for matrix in matrices for line in _markdown(matrix, everything)) + "\n"


def _markdown(matrix: Matrix, everything: bool) -> Iterator[str]:
    yield f"### {markdown(matrix.title)}"
    yield ""
    yield f"| | {' | '.join(map(markdown, matrix.names))} |"
    yield f"|---|{'---|' * len(matrix.names)}"
    for section, rows in _shown(matrix, everything):
        yield f"| **{section.title}** |{' |' * len(matrix.names)}"
        for row in rows:
            yield f"| {markdown(row.name)} | {' | '.join(map(markdown, row.cells))} |"
    yield ""


def as_html(matrices: Sequence[Matrix]) -> str:
    """A page that is whole in itself."""
    return render("compare/page.html.jinja", matrices)
