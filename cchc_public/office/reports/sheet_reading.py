"""Reads what was typed into a sheet: numbers, dates, rows; knows no request and no database."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from cchc_public.i18n import _
from cchc_public.office.reports.sheet_form import RowInput, SheetInput, date_text, shown_text
from cchc_public.tables.language import Column, Form, ValueKind
from cchc_public.tables.rows import row_key, task_key
from cchc_public.tables.sheet import Row, Sheet, Value
from cchc_public.vietnamese.dates import read_date
from cchc_public.vietnamese.fold import search_key
from cchc_public.vietnamese.numbers import (
    Ambiguous,
    Reading,
    Unreadable,
)

MAX_LABEL = 500
MAX_TEXT = 4000


@dataclass(frozen=True)
class CellNote:
    """How the number in one cell was read, told once after saving."""

    row: str
    column: str
    text: str


@dataclass(frozen=True)
class FieldProblem:
    """A form field that cannot be kept as typed; ``name`` is the field's name."""

    name: str
    message: str


@dataclass
class SheetReading:
    """The sheet as read, how figures were read, and what hinders saving (empty = can be saved)."""

    sheet: Sheet
    notes: list[CellNote] = field(default_factory=list)
    problems: list[FieldProblem] = field(default_factory=list)


def unit_of(column: Column, *rows: Mapping[str, Value]) -> str:
    """Return the unit that the row itself names for a figure, empty when it names none."""
    named = (cells.get(column.quantity.unit_in) for cells in rows if column.quantity.unit_in)
    return next((unit for unit in named if isinstance(unit, str) and unit), "")


def read_sheet(table: Form, given: SheetInput, base: Sheet) -> SheetReading:
    """Lay ``given`` over ``base``: rows and cells that did not arrive stay as they are."""
    result = SheetReading(base)
    rows = {row.key: row for row in base.rows}
    for index, row_input in enumerate(given.rows):
        if row_input.is_removed:
            rows.pop(row_input.key, None)
        elif not row_input.is_blank:
            row = _read_row(table, row_input, rows, result, f"r{index}")
            rows[row.key] = row
    ordered = _by_section(rows.values()) if table.shape.has_sections else tuple(rows.values())
    data_from = _read_day(given.data_from, base.data_from, "data_from", result)
    data_to = _read_day(given.data_to, base.data_to, "data_to", result)
    result.sheet = replace(
        base,
        rows=ordered,
        data_from=data_from,
        data_to=data_to,
        total=_lay_over(table, given.total, base.total, result, "total"),
        groups=_lay_rows(table, given.groups, base.groups, result, "g"),
        details=_lay_rows(table, given.details, base.details, result, "d"),
    )
    return result


def _lay_rows(
    table: Form,
    given: Sequence[RowInput],
    base: Sequence[Row],
    result: SheetReading,
    letter: str,
) -> tuple[Row, ...]:
    """Lay typed figures over rows that only figures can change: groups and details."""
    rows = {row.key: row for row in base}
    for index, row_input in enumerate(given):
        if row_input.key in rows:
            old = rows[row_input.key]
            rows[old.key] = _lay_over(table, row_input, old, result, f"{letter}{index}")
    return tuple(rows.values())


def _by_section(rows: Iterable[Row]) -> tuple[Row, ...]:
    """Keep rows of one section together, sections in the order they first appear."""
    listed = list(rows)
    first = {row.section: index for index, row in reversed(list(enumerate(listed)))}
    return tuple(sorted(listed, key=lambda row: first[row.section]))


def _read_row(
    table: Form,
    given: RowInput,
    rows: Mapping[str, Row],
    result: SheetReading,
    prefix: str,
) -> Row:
    old = rows.get(given.key) or _new_row(table, given, rows)
    label = _read_label(table, given, old, rows, result, prefix)
    return replace(_lay_over(table, given, old, result, prefix), label=label)


def _lay_over(table: Form, given: RowInput, old: Row, result: SheetReading, prefix: str) -> Row:
    """Return ``old`` with the figures and words that were typed over it."""
    cells: dict[str, Value] = dict(old.cells)
    unread = dict(old.unread)
    # words first: a figure may name its row's unit itself
    for column in sorted(table.columns, key=lambda one: one.kind is not ValueKind.TEXT):
        if column.key in given.cells:
            _read_cell(column, given, old, (cells, unread), result, prefix)
    sources = {
        key: text for key, text in old.sources.items() if cells.get(key) == old.cells.get(key)
    }
    return replace(old, cells=cells, unread=unread, sources=sources)


def _new_row(table: Form, given: RowInput, rows: Mapping[str, Row]) -> Row:
    if not table.shape.has_sections:
        return Row(given.key or row_key(table, (given.label or "")[:80], rows), "")
    labels = {row.section: row.section_label for row in rows.values()}
    label = labels.get(given.section, given.section_label)
    key = given.key or _next_task_key(given.section, rows)
    return Row(key, "", section=given.section, section_label=label)


def _next_task_key(section: str, rows: Mapping[str, Row]) -> str:
    number = 1 + sum(row.section == section for row in rows.values())
    while task_key(section, number) in rows:
        number += 1
    return task_key(section, number)


def _read_label(
    table: Form,
    given: RowInput,
    old: Row,
    rows: Mapping[str, Row],
    result: SheetReading,
    prefix: str,
) -> str:
    if given.label is None or not _can_rename(table):
        return old.label
    label = " ".join(given.label.split())
    if message := _label_problem(table, label, old, rows):
        result.problems.append(FieldProblem(f"{prefix}.label", message))
    if table.shape.has_sections and not old.section:
        message = _("Nhiệm vụ mới cần số mục, ví dụ III.")
        result.problems.append(FieldProblem(f"{prefix}.section", message))
    return label


def _can_rename(table: Form) -> bool:
    return table.shape.is_open


def _label_problem(table: Form, label: str, old: Row, rows: Mapping[str, Row]) -> str | None:
    if not label:
        return _("Dòng này có số liệu nhưng chưa có tên. Ghi tên, hoặc đánh dấu xóa dòng.")
    if len(label) > MAX_LABEL:
        return _("Tên dòng dài quá %(limit)s ký tự.", limit=MAX_LABEL)
    others = (row.label for row in rows.values() if row.key != old.key)
    if not table.shape.has_sections and search_key(label) in {search_key(text) for text in others}:
        return _("Đã có dòng «%(label)s». Mỗi dòng ghi một lần.", label=label)
    return None


def _read_cell(
    column: Column,
    given: RowInput,
    old: Row,
    into: tuple[dict[str, Value], dict[str, str]],
    result: SheetReading,
    prefix: str,
) -> None:
    cells, unread = into
    text = given.cells[column.key]
    if column.kind is ValueKind.TEXT:
        cells[column.key] = text[:MAX_TEXT] or None
        if len(text) > MAX_TEXT:
            message = _("Ô này dài quá %(limit)s ký tự.", limit=MAX_TEXT)
            result.problems.append(FieldProblem(f"{prefix}.c.{column.key}", message))
        return
    pick = given.picks.get(column.key)
    if text == shown_text(column, old) and not pick:
        return  # untouched: the stored value stands, nothing to tell
    read, unit = column.quantity.read(pick or text, unit_of(column, given.cells, old.cells))
    if unit and not given.cells.get(column.quantity.unit_in):
        cells[column.quantity.unit_in] = unit  # written beside the figure: "2.838 hồ sơ"
    unread.pop(column.key, None)
    cells[column.key] = read.value if isinstance(read, Reading) else None
    if isinstance(read, Ambiguous | Unreadable):
        unread[column.key] = text
    elif isinstance(read, Reading) and read.note:
        result.notes.append(CellNote(old.key, column.key, read.note))


def _read_day(text: str | None, base: date | None, name: str, result: SheetReading) -> date | None:
    if text is None or text == date_text(base):
        return base
    day = read_date(text)
    if isinstance(day, date):
        return day
    if isinstance(day, Unreadable):
        result.problems.append(FieldProblem(name, day.message))
        return base
    return None
