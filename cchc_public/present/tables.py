"""Arranges an evaluated table for the screen: a layout for its shape, a header for each cell."""

from __future__ import annotations

import re
from calendar import monthrange
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import lru_cache
from itertools import groupby

from cchc_public.checks.rules import Finding
from cchc_public.i18n import _
from cchc_public.present.printed import place_heads
from cchc_public.releases.published import PublishedFinding
from cchc_public.tables.language import Column, Form, HeaderCell, ValueKind, header_rows
from cchc_public.tables.solved import Rate, SolvedRow, SolvedTable, SolvedValue
from cchc_public.vietnamese.dates import read_date
from cchc_public.vietnamese.numbers import Number

# A stated rate is printed with one or two decimals: half of the coarser step is no difference.
RATE_TOLERANCE = Decimal("0.05")
# In a free list each row names its own unit, in this column of words.
UNIT_COLUMN = "unit"
HUNDRED = Decimal(100)
_MONTH = re.compile(r"(?:th[áa]ng\s*)?([0-9]{1,2})\s*[/-]\s*([0-9]{4})", re.IGNORECASE)
_QUARTER = re.compile(r"quý\s*(IV|I{1,3}|[1-4])\D*([0-9]{4})", re.IGNORECASE)
_YEAR = re.compile(r"(?:trong\s*)?năm\s*([0-9]{4})", re.IGNORECASE)
_QUARTERS = {"i": 1, "ii": 2, "iii": 3, "iv": 4}


@dataclass(frozen=True)
class HeadCell(HeaderCell):
    """One header cell with the id that body cells refer to."""

    id: str

    @property
    def is_text(self) -> bool:
        """True over a column of words, which stands left."""
        return self.column is not None and self.column.kind is ValueKind.TEXT


@dataclass(frozen=True)
class Cell:
    """One value with everything a template needs beside it."""

    column: Column
    value: SolvedValue
    headers: str = ""
    marks: tuple[int, ...] = ()  # numbers of the notes on this cell
    stated: Decimal | None = None  # what the source printed, only when it differs
    expected: Number | None = None  # what the other figures give, only when they contradict
    is_source_only: bool = False  # a sum that nothing bears out but the source

    @property
    def is_text(self) -> bool:
        """True for words, which stand left."""
        return self.column.kind is ValueKind.TEXT

    @property
    def is_known(self) -> bool:
        """True when there is something to show."""
        return self.value not in (None, "")

    @property
    def is_uncomputable(self) -> bool:
        """True for a rate without its parts: only the source's own claim can be shown."""
        return isinstance(self.value, Rate) and self.value.percent is None


@dataclass(frozen=True)
class Line:
    """One row of cells under its label."""

    key: str
    label: str
    cells: tuple[Cell, ...]
    section: str = ""
    marks: tuple[int, ...] = ()
    level: str = "row"  # or group, detail
    state: str = ""  # of a task that is late

    def cell(self, key: str) -> Cell | None:
        """Return the cell of column ``key`` or None."""
        return next((cell for cell in self.cells if cell.column.key == key), None)


def main_cell(line: Line) -> Cell | None:
    """Return the one figure that a list shows large: a computable rate, else the first number."""
    numbers = [cell for cell in line.cells if not cell.is_text]
    rates = [cell for cell in numbers if isinstance(cell.value, Rate) and not cell.is_uncomputable]
    known = [cell for cell in numbers if cell.is_known and not isinstance(cell.value, Rate)]
    chosen = next(iter([*rates, *known]), None)
    unit = line.cell(UNIT_COLUMN)
    if chosen is None or unit is None or not isinstance(unit.value, str) or chosen.column.unit:
        return chosen
    quantity = replace(chosen.column.quantity, unit=unit.value)
    return replace(chosen, column=replace(chosen.column, quantity=quantity))


def list_facts(line: Line) -> tuple[tuple[str, SolvedValue], ...]:
    """Return the further known cells of a line, as label and value, without the large figure."""
    main = main_cell(line)
    used = {UNIT_COLUMN}
    if main is not None:
        used.add(main.column.key)
        used.update(main.column.formula.parts if main.column.formula else ())
    return tuple(
        (cell.column.header[-1], cell.value)
        for cell in line.cells
        if cell.is_known and not cell.is_uncomputable and cell.column.key not in used
    )


@dataclass(frozen=True)
class Group:
    """Lines or cells under one heading."""

    label: str
    lines: tuple[Line, ...] = ()
    cells: tuple[Cell, ...] = ()
    code: str = ""


@dataclass(frozen=True)
class TableView:
    """A table ready to be laid out; ``layout`` names the macro that suits its shape."""

    id: str
    layout: str
    definition: Form
    head: tuple[tuple[HeadCell, ...], ...]
    lines: tuple[Line, ...]
    total: Line | None
    groups: tuple[Group, ...]

    @property
    def has_numbers(self) -> bool:
        """True when the form prints a number under each column."""
        return any(column.number for column in self.definition.columns)


def build_head(table: Form, prefix: str) -> tuple[tuple[HeadCell, ...], ...]:
    """Return the merged header of ``table`` with ids; forms of the back office use it too."""
    return tuple(
        tuple(
            HeadCell(
                *(cell.text, cell.colspan, cell.rowspan, cell.column),
                f"{prefix}-{cell.column.key}" if cell.column else f"{prefix}-g{level}-{place}",
            )
            for place, cell in enumerate(row)
        )
        for level, row in enumerate(header_rows(table))
    )


def headers_by_column(table: Form, head: tuple[tuple[HeadCell, ...], ...]) -> dict[str, str]:
    """Return, by column key, the ids of all header cells above it, outermost first."""
    ids: dict[str, list[str]] = {column.key: [] for column in table.columns}
    for _line, place, cell in place_heads(head):
        for column in table.columns[place : place + cell.colspan]:
            ids[column.key].append(cell.id)
    return {key: " ".join(found) for key, found in ids.items()}


def build_view(
    evaluated: SolvedTable, prefix: str = "", notes: Iterable[Finding | PublishedFinding] = ()
) -> TableView:
    """Return ``evaluated`` arranged; ``notes`` are numbered from 1 and marked at their cells."""
    table = evaluated.form
    prefix = prefix or table.code
    head = build_head(table, prefix)
    headers = headers_by_column(table, head)
    marks: dict[tuple[str, str], tuple[int, ...]] = defaultdict(tuple)
    for number, note in enumerate(notes, start=1):
        marks[note.row, note.column] += (number,)
    lines = tuple(
        replace(_line(table, row, headers, marks), level=level) for level, row in evaluated.outline
    )
    total = _line(table, evaluated.total, headers, marks) if evaluated.total else None
    layout = table.shape.layout
    if table.shape.has_sections:
        late = {
            key: name
            for name, tone, keys in task_states(evaluated)
            if tone == "late"
            for key in keys
        }
        lines = tuple(replace(line, state=late.get(line.key, "")) for line in lines)
    return TableView(prefix, layout, table, head, lines, total, _groups(layout, evaluated, lines))


def _line(
    table: Form,
    row: SolvedRow,
    headers: Mapping[str, str],
    marks: Mapping[tuple[str, str], tuple[int, ...]],
) -> Line:
    cells = []
    for column in table.columns:
        key, value, stated = column.key, row.values.get(column.key), row.stated.get(column.key)
        agrees = value == stated
        if isinstance(value, Rate) and value.percent is not None and stated is not None:
            agrees = abs(value.percent - stated) <= RATE_TOLERANCE
        cells.append(
            Cell(
                column,
                value,
                headers[key],
                marks.get((row.key, key), ()),
                None if agrees else stated,
                row.expected.get(key),
                key in row.unconfirmed,
            )
        )
    return Line(row.key, row.label, tuple(cells), row.section, marks.get((row.key, ""), ()))


def _groups(layout: str, evaluated: SolvedTable, lines: tuple[Line, ...]) -> tuple[Group, ...]:
    if layout == "vertical" and lines:
        # the cells of a single row under their outermost printed header
        def heading(cell: Cell) -> str:
            return cell.column.header[0] if len(cell.column.header) > 1 else ""

        found = groupby(lines[0].cells, heading)
        return tuple(Group(label, cells=tuple(cells)) for label, cells in found)
    if layout == "tasks":
        labels = {row.section: row.section_label for row in evaluated.rows}
        return tuple(
            Group(label, lines=tuple(line for line in lines if line.section == code), code=code)
            for code, label in labels.items()
        )
    return ()


@lru_cache(maxsize=1024)  # the same few words stand beside most tasks
def due_day(text: str) -> date | None:
    """Return the last day that words name ("Tháng 02/2023", "Quý II/2023"), None for none."""
    words = " ".join(text.split())
    day = read_date(words)
    if isinstance(day, date):
        return day
    if found := _QUARTER.fullmatch(words):
        month, year = 3 * (_QUARTERS.get(found[1].lower()) or int(found[1])), int(found[2])
    elif found := _MONTH.fullmatch(words):
        month, year = int(found[1]), int(found[2])
    elif found := _YEAR.fullmatch(words):
        month, year = 12, int(found[1])
    else:
        return None
    return date(year, month, monthrange(year, month)[1]) if 1 <= month <= 12 and year else None


def task_states(table: SolvedTable) -> tuple[tuple[str, str, frozenset[str]], ...]:
    """Return the states of tasks, each with its tone and the keys of its rows.

    Late is what was due before the figures end and is known not to be complete; a task without a
    figure is never called late.
    """
    rows: dict[str, set[str]] = {"good": set(), "other": set(), "late": set(), "track": set()}
    until = table.sheet.data_to
    for row in table.rows:
        done, due = row.figure("completion"), due_day(row.text("due"))
        if done is None:
            state = "track"
        elif done >= HUNDRED:
            state = "good"
        else:
            state = "late" if due and until and due < until else "other"
        rows[state].add(row.key)
    names = (_("Xong"), _("Đang làm"), _("Trễ hạn"), _("Chưa ghi tiến độ"))
    named = zip(names, rows.items(), strict=True)
    return tuple((name, tone, frozenset(keys)) for name, (tone, keys) in named)
