"""Makes the rows of a new sheet: blank ones, ones copied from an earlier period, and their keys."""

from __future__ import annotations

from collections.abc import Container
from datetime import date, timedelta

from cchc_public.statutory.evaluate import EvaluatedTable, evaluate
from cchc_public.statutory.registry import get_table
from cchc_public.statutory.sheet import Row, Sheet, Value
from cchc_public.statutory.table import Column, RowKind, StatutoryTable
from cchc_public.vietnamese.fold import slugify

SINGLE_KEY = "so-lieu"
SINGLE_LABEL = "Toàn đơn vị"
# Reports often close a few days before or after the statutory day; the next one still follows on.
LOOSE_DAYS = 7


def blank_rows(table: StatutoryTable) -> tuple[Row, ...]:
    """Return the rows a sheet starts with: the fixed ones, and indicators that checks read."""
    if table.row_kind is RowKind.SINGLE:
        return (Row(SINGLE_KEY, SINGLE_LABEL),)
    return tuple(_known_row(table, known.key) for known in table.known_rows)


def blank_sheet(
    table: StatutoryTable, data_from: date | None = None, data_to: date | None = None
) -> Sheet:
    """Return an empty sheet of ``table`` with its starting rows."""
    return Sheet(table.code, table.edition, data_from, data_to, blank_rows(table))


def carry_rows(
    table: StatutoryTable, previous: Sheet, data_from: date | None = None
) -> tuple[Row, ...]:
    """Return the rows of ``previous`` for the next period: labels kept, figures emptied.

    ``previous`` may be of another edition; only columns ``table`` has too are carried.
    ``data_from`` is the first day of the new period, which decides what "từ kỳ trước" opens with.
    """
    if not previous.rows:
        return blank_rows(table)
    last = evaluate(get_table(previous.table_code, previous.edition), previous)
    return tuple(_carry_row(table, row, last, data_from) for row in previous.rows)


def opening_figure(
    column: Column, row_key: str, last: EvaluatedTable, data_from: date | None
) -> Value:
    """Return what ``column`` (carried_from …) must open with, None when the last period cannot say.

    A period that follows on opens with the last pending figure. A longer period that began on the
    same day (9 tháng after 6 tháng) opens with the same figure as the shorter one did.
    """
    source = _opening_column(column, last.sheet, data_from)
    return last.figure(source, row_key) if source and last.row(row_key) else None


def is_filled(table: StatutoryTable, sheet: Sheet) -> bool:
    """Tell whether a sheet says anything of its own period.

    Cells copied from the period before (units, deadlines, từ kỳ trước) are no statement; figures
    a source printed are one even when the base cells behind them are unknown.
    """
    own = {c.key for c in table.base_columns if not c.is_carried and not c.carried_from}
    if sheet.stated_total or any(row.stated or row.unread for row in sheet.rows):
        return True
    return any(row.cells.get(key) not in (None, "") for row in sheet.rows for key in own)


def row_key(table: StatutoryTable, label: str, taken: Container[str] = ()) -> str:
    """Return the key for a row with this label: that of a known row, else a slug not yet taken."""
    if table.row_kind is RowKind.SINGLE:
        return SINGLE_KEY
    base = _known_key(table, slugify(label)) or slugify(label) or "dong"
    key, number = base, 2
    while key in taken:
        key, number = f"{base}-{number}", number + 1
    return key


def task_key(section: str, ordinal: str | int) -> str:
    """Return the key of a task: its section and number, ``III.6``."""
    return f"{section.strip()}.{str(ordinal).strip()}"


def _known_row(table: StatutoryTable, key: str) -> Row:
    known = table.known_row(key)
    if known is None:
        raise KeyError(f"{table.code} knows no row {key!r}")
    cells: dict[str, Value] = {}
    if known.section and any(c.key == "section_code" for c in table.columns):
        cells["section_code"] = known.section
    return Row(known.key, known.label, cells=cells)


def _known_key(table: StatutoryTable, slug: str) -> str | None:
    for known in table.known_rows:
        if slug in (known.key, *(slugify(word) for word in (known.label, *known.aliases))):
            return known.key
    return None


def _carry_row(
    table: StatutoryTable, row: Row, last: EvaluatedTable, data_from: date | None
) -> Row:
    cells: dict[str, Value] = {}
    for column in table.base_columns:
        if column.is_carried:
            cells[column.key] = row.cells.get(column.key)
        elif column.carried_from:
            cells[column.key] = opening_figure(column, row.key, last, data_from)
    known = {key: value for key, value in cells.items() if value is not None}
    return Row(row.key, row.label, row.section, row.section_label, known)


def _opening_column(column: Column, previous: Sheet, data_from: date | None) -> str:
    """Return the key of the earlier column to open with; '' when the windows do not fit."""
    if data_from is None or previous.data_to is None:
        return column.carried_from
    if previous.data_from == data_from:
        return column.key
    gap = data_from - previous.data_to
    follows = timedelta(days=-LOOSE_DAYS) <= gap <= timedelta(days=LOOSE_DAYS + 1)
    return column.carried_from if follows else ""
