"""What differs between two states of a sheet, as JSON for the audit trail."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cchc_public.releases.comparing import EDITION_LABEL, ROW_LABEL, STATED_SUFFIX, WINDOW_LABELS
from cchc_public.statutory.evaluate import TOTAL_LABEL
from cchc_public.statutory.registry import get_table
from cchc_public.statutory.sheet import Row, Sheet
from cchc_public.store.changes import cell_change, differences

Change = dict[str, Any]
_OUTSIDE = {"edition": EDITION_LABEL, **WINDOW_LABELS}


def list_cell_changes(old: Sheet, new: Sheet) -> list[Change]:
    """Return every typed cell, row and window that differs, with old and new."""
    changes = list(_outside_rows(old, new))
    before, after = ({row.key: row for row in sheet.rows} for sheet in (old, new))
    for key in dict.fromkeys((*after, *before)):
        changes.extend(_row(new, before.get(key), after.get(key)))
    return changes


def _outside_rows(old: Sheet, new: Sheet) -> Iterator[Change]:
    table = get_table(new.table_code, new.edition)
    for name in _OUTSIDE:
        before, after = getattr(old, name), getattr(new, name)
        if before != after:
            yield cell_change(name, _OUTSIDE[name], before, after)
    for key, before, after in differences(old.stated_total, new.stated_total):
        label = f"{TOTAL_LABEL}: {table.column(key).label}{STATED_SUFFIX}"
        yield cell_change(key, label, before, after)


def _row(sheet: Sheet, old: Row | None, new: Row | None) -> Iterator[Change]:
    row = new or old
    if row is None:
        return
    place = {"row": row.key, "row_label": row.label}
    if old is None or new is None:
        labels = (old.label if old else None, new.label if new else None)
        yield cell_change("", "Dòng", *labels, **place)
    elif old.label != new.label:
        yield cell_change("", ROW_LABEL, old.label, new.label, **place)
    for column in get_table(sheet.table_code, sheet.edition).columns:
        before, after = _shown(old, column.key), _shown(new, column.key)
        if before != after:
            # nobody types into a computed column: what differs is what a source printed there
            label = f"{column.label}{STATED_SUFFIX}" if column.formula else column.label
            yield cell_change(column.key, label, before, after, **place)


def _shown(row: Row | None, column: str) -> Any:
    """The cell; text that could not be read stands for the figure it should be."""
    if row is None:
        return None
    value: Any = row.unread.get(column) or row.cells.get(column)
    if value in (None, ""):
        value = row.stated.get(column)
    return value
