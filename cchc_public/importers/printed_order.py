"""Finds which columns of a form a run of figures fills when no header can be recognised."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from cchc_public.files.grid import Cell
from cchc_public.importers.grid import column_numbers
from cchc_public.importers.headings import Layout
from cchc_public.importers.pasted_lines import FigureLine
from cchc_public.tables.language import IN_OUT, SINGLE, Column, Form, ValueKind
from cchc_public.tables.rows import row_key
from cchc_public.tables.solved import add
from cchc_public.vietnamese.numbers import Number, Reading, read_count

Columns = tuple[Column, ...]
WRAPPED_LINES = 3


@dataclass(frozen=True)
class Arranged:
    """Neutral rows and their layout; ``left_over`` are lines that did not fit between them."""

    grid: list[list[Cell]]
    layout: Layout
    left_over: tuple[FigureLine, ...] = ()


def arrange(table: Form, lines: Sequence[FigureLine]) -> Arranged | None:
    """Lay the lines out in the printed order of the form, None when no line fits."""
    if any(column.kind is ValueKind.TEXT for column in table.columns):
        return None
    lines = [line for line in _unwrap(lines) if line.figures and not column_numbers(line.figures)]
    if table.shape is IN_OUT:
        lines = list(_split_sides(table, lines))
    if table.shape is SINGLE:
        lines = [replace(line, words=()) for line in lines if not line.words]
    columns = _find_columns(table, lines)
    return _lay_out(table, lines, columns) if columns else None


def _unwrap(lines: Sequence[FigureLine]) -> Iterator[FigureLine]:
    """Join a long name that a PDF broke: ``5 Đăng ký hộ`` above ``kinh doanh 12 3 0``.

    Only where running numbers open the lines of the table, else any heading would be a name.
    """
    numbered = any(line.ordinal and line.words and line.figures for line in lines)
    started: list[FigureLine] = []
    for line in (line for line in lines if line.words or line.figures):
        if line.ordinal and line.words and not line.figures:
            started = [line]
        elif not line.figures and started and len(started) < WRAPPED_LINES:
            started.append(line)
        elif line.figures and not line.ordinal and started and numbered:
            words = tuple(word for part in (*started, line) for word in part.words)
            yield replace(line, ordinal=started[0].ordinal, words=words)
            started = []
        else:
            yield line
            started = []


def _split_sides(table: Form, lines: Sequence[FigureLine]) -> Iterator[FigureLine]:
    """Incoming and outgoing printed side by side in one line become one line each."""
    width = len(table.columns)
    for line in lines:
        if not line.words and len(line.figures) == width * len(table.known_rows):
            for index, known in enumerate(table.known_rows):
                part = line.figures[index * width : (index + 1) * width]
                yield FigureLine(line.number + index, "", (known.label,), part)
        elif table.known_row(row_key(table, line.label)):
            yield line


def _find_columns(table: Form, lines: Sequence[FigureLine]) -> Columns:
    """Return the columns whose number fits most lines; of equal ones those whose sums agree."""
    fits: Counter[Columns] = Counter()
    for columns in _candidates(table):
        exact = [line for line in lines if len(_own_figures(table, line, columns)) == len(columns)]
        agreeing = sum(_agrees(columns, line.figures) for line in exact)
        # One line proves little: a wrong sum in it must not turn the printed form into another.
        agreeing += len(exact) == 1 and not all(column.is_base for column in columns)
        fits[columns] = 2 * len(exact) + agreeing if exact else 0
    best = max(_candidates(table), key=lambda columns: (fits[columns], len(columns)))
    return best if fits[best] else ()


def _own_figures(table: Form, line: FigureLine, columns: Columns) -> tuple[str, ...]:
    """Return the figures without the running number that opens a line of nothing else."""
    opened = not line.words and table.ordinal_header and len(line.figures) == len(columns) + 1
    return line.figures[1:] if opened else line.figures


def _candidates(table: Form) -> Iterator[Columns]:
    """The form as printed up to the end of each heading, then the same without computed ones.

    Reports print Biểu II.06a without its last block, or only what staff count.
    """
    for end in range(len(table.columns), 1, -1):
        closes = end == len(table.columns) or (
            table.columns[end].header[0] != table.columns[end - 1].header[0]
        )
        if closes:
            printed = table.columns[:end]
            yield printed
            base = tuple(column for column in printed if column.is_base)
            if len(base) > 1:
                yield base


def _agrees(columns: Columns, figures: Sequence[str]) -> bool:
    """True when the printed sums among ``figures`` are the sums of their parts."""
    values: dict[str, int | None] = {}
    for column, figure in zip(columns, figures, strict=False):
        read = read_count(figure)
        values[column.key] = int(read.value) if isinstance(read, Reading) else None
    checked = [column for column in columns if _is_sum_within(column, values)]
    return bool(checked) and all(
        values[column.key] == _sum_of(column, values) for column in checked
    )


def _is_sum_within(column: Column, values: Mapping[str, int | None]) -> bool:
    return _sum_of(column, values) is not None


def _sum_of(column: Column, values: Mapping[str, int | None]) -> Number | None:
    formula = column.formula
    if formula is None or formula.over or not {*formula.parts} <= {*values}:
        return None
    taken = add(values[key] for key in formula.minus) if formula.minus else 0
    plus = add(values[key] for key in formula.plus)
    return None if plus is None or taken is None else plus - taken


def _lay_out(table: Form, lines: Sequence[FigureLine], columns: Columns) -> Arranged:
    width = len(columns)
    layout = Layout(0, {place: column.key for place, column in enumerate(columns)}, label=width)
    grid: list[list[Cell]] = [[] for _ in range(max(line.number for line in lines))]
    left_over: list[FigureLine] = []
    used: list[int] = []
    for line in lines:
        figures = _own_figures(table, line, columns)
        spare = figures[: len(figures) - width]
        if len(figures) < width or (spare and not line.words):
            left_over.append(line)
            continue
        label = " ".join((*line.words, *(part for part in spare if part)))
        grid[line.number - 1] = [*figures[len(spare) :], label]
        used.append(line.number)
    between = (line for line in left_over if used[0] < line.number < used[-1])
    return Arranged(grid, layout, tuple(between))
