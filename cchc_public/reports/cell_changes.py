"""What differs between two states of a sheet, as JSON for the audit trail."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cchc_public.releases.comparing import EDITION_LABEL, ROW_LABEL, STATED_SUFFIX, WINDOW_LABELS
from cchc_public.store.changes import cell_change
from cchc_public.tables.registry import get_form
from cchc_public.tables.sheet import TOTAL_LABEL, Row, Sheet

Change = dict[str, Any]
_OUTSIDE = {"edition": EDITION_LABEL, **WINDOW_LABELS}


def list_cell_changes(old: Sheet, new: Sheet) -> list[Change]:
    """Return every typed cell, row and window that differs, with old and new."""
    changes = list(_outside_rows(old, new))
    before, after = (
        {row.key: row for row in (*sheet.groups, *sheet.rows, *sheet.details)}
        for sheet in (old, new)
    )
    for key in dict.fromkeys((*after, *before)):
        changes.extend(_row(new, before.get(key), after.get(key)))
    return changes


def _outside_rows(old: Sheet, new: Sheet) -> Iterator[Change]:
    for name in _OUTSIDE:
        before, after = getattr(old, name), getattr(new, name)
        if before != after:
            yield cell_change(name, _OUTSIDE[name], before, after)
    for key, label, before, after in _cells(new, old.total, new.total):
        yield cell_change(key, f"{TOTAL_LABEL}: {label}", before, after)


def _cells(sheet: Sheet, old: Row | None, new: Row | None) -> Iterator[tuple[str, str, Any, Any]]:
    """Yield key, label, old and new of every cell that differs.

    Text that could not be read stands for the figure it should be.
    """
    before, after = ({**row.given, **row.unread} if row else {} for row in (old, new))
    form = get_form(sheet.table_code, sheet.edition)
    keys = {*before, *after} & set(form.table.by_key)
    for column in form.showing(keys).columns:
        values = before.get(column.key), after.get(column.key)
        if values[0] != values[1]:
            # nobody types into a computed column: what differs is what a source printed there
            label = f"{column.label}{STATED_SUFFIX}" if column.formula else column.label
            yield column.key, label, *values


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
    for key, label, before, after in _cells(sheet, old, new):
        yield cell_change(key, label, before, after, **place)
