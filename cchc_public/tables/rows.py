"""Makes the rows of a new sheet: blank ones, ones copied from an earlier period, and their keys."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from cchc_public.tables.language import Form, Quantity
from cchc_public.tables.registry import get_form
from cchc_public.tables.sheet import Row, Sheet, Value
from cchc_public.tables.solved import SolvedTable, solve
from cchc_public.vietnamese.text import slugify

SINGLE_KEY = "so-lieu"
SINGLE_LABEL = "Toàn đơn vị"
# Reports often close a few days before or after the statutory day; the next one still follows on.
LOOSE_DAYS = 7


def blank_rows(form: Form) -> tuple[Row, ...]:
    """Return the rows a sheet starts with: the fixed ones, and indicators that checks read."""
    if not form.shape.has_labels:
        return (Row(SINGLE_KEY, SINGLE_LABEL),)
    has_code = "section_code" in form.table.by_key
    return tuple(
        Row(known.key, known.label, cells={"section_code": known.section} if has_code else {})
        if known.section
        else Row(known.key, known.label)
        for known in form.known_rows
    )


def blank_sheet(form: Form, data_from: date | None = None, data_to: date | None = None) -> Sheet:
    """Return an empty sheet of ``form`` with its starting rows and groups."""
    groups = tuple(Row(key, label) for key, label in form.groups)
    return Sheet(form.code, form.edition, data_from, data_to, blank_rows(form), groups=groups)


def carry_sheet(
    form: Form, previous: Sheet, data_from: date | None = None, data_to: date | None = None
) -> Sheet:
    """Return the sheet of the next period: labels kept, figures emptied.

    ``previous`` may be of another form or table of the same code; only quantities ``form``'s table
    has too are carried. ``data_from`` decides what "từ kỳ trước" opens with.
    """
    blank = blank_sheet(form, data_from, data_to)
    if not previous.rows:
        return blank
    last = solve(get_form(previous.table_code, previous.edition), previous)
    rows = tuple(_carry_row(form, row, last, data_from) for row in previous.rows)
    groups = tuple(Row(group.key, group.label) for group in previous.groups)
    return replace(blank, rows=rows, groups=groups or blank.groups)


def opening_figure(
    quantity: Quantity, row_key: str, last: SolvedTable, data_from: date | None
) -> Value:
    """Return what ``quantity`` (carried_from …) must open with, None when the last cannot say.

    A period that follows on opens with the last pending figure. A longer period that began on the
    same day (9 tháng after 6 tháng) opens with the same figure as the shorter one did.
    """
    source = _opening_quantity(quantity, last.sheet, data_from)
    return last.figure(source, row_key) if source and last.row(row_key) else None


def is_filled(form: Form, sheet: Sheet) -> bool:
    """Tell whether a sheet says anything of its own period.

    Cells copied from the period before (units, deadlines, từ kỳ trước) are no statement; that a
    task is finished is one, also in the next period.
    """
    copied = {q.key for q in form.table.quantities if q.is_carried or q.carried_from}
    if sheet.total.given or any(row.unread for row in sheet.all_rows):
        return True
    return not sheet.given_keys <= copied


def row_key(form: Form, label: str, taken: Container[str] = ()) -> str:
    """Return the key for a row with this label: that of a known row, else a slug not yet taken."""
    if not form.shape.has_labels:
        return SINGLE_KEY
    known = next((k.key for k in form.known_rows if k.key == slugify(label)), None)
    meant = next((k.key for k in form.known_rows if k.is_meant_by(label)), None)
    base = known or meant or slugify(label) or "dong"
    key, number = base, 2
    while key in taken:
        key, number = f"{base}-{number}", number + 1
    return key


def task_key(section: str, ordinal: str | int) -> str:
    """Return the key of a task: its section and number, ``III.6``."""
    return f"{section.strip()}.{str(ordinal).strip()}"


def _carry_row(form: Form, row: Row, last: SolvedTable, data_from: date | None) -> Row:
    cells: dict[str, Value] = {}
    share = row.cells.get(form.table.done_by)
    words = [text.casefold() for text in row.cells.values() if isinstance(text, str)]
    is_under_way = any(text.startswith("đang ") for text in words)  # 100 % of what never ends
    is_done = isinstance(share, int | Decimal) and share >= 100 and not is_under_way
    for quantity in form.table.quantities:
        if quantity.is_carried or is_done:
            cells[quantity.key] = row.cells.get(quantity.key)
        elif quantity.carried_from:
            cells[quantity.key] = opening_figure(quantity, row.key, last, data_from)
    known = {key: value for key, value in cells.items() if value is not None}
    return Row(row.key, row.label, row.section, row.section_label, known)


def _opening_quantity(quantity: Quantity, previous: Sheet, data_from: date | None) -> str:
    """Return the key of the earlier figure to open with; '' when the windows do not fit."""
    if data_from is None or previous.data_to is None:
        return quantity.carried_from
    if previous.data_from == data_from:
        return quantity.key
    gap = data_from - previous.data_to
    follows = timedelta(days=-LOOSE_DAYS) <= gap <= timedelta(days=LOOSE_DAYS + 1)
    return quantity.carried_from if follows else ""
