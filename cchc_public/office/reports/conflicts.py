"""Two people edited the same sheet: finds the cells where their figures differ."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from cchc_public.i18n import _
from cchc_public.office.reports.sheet_form import (
    TOTAL,
    RowInput,
    SheetInput,
    cell_text,
    date_text,
    input_of,
)
from cchc_public.store.audit import HistoryEntry
from cchc_public.store.changes import ConflictCell, read_value
from cchc_public.tables.language import Column, Form, ValueKind
from cchc_public.tables.sheet import Sheet

Place = tuple[str, str]  # row key, column key
_WRITTEN_NUMBER = re.compile(r"-?\d{1,3}(\.\d{3})*(,\d+)?")


def changed_since(entries: Iterable[HistoryEntry], version: int) -> dict[Place, Any]:
    """Return what each cell changed after ``version`` held before, by place.

    ``entries`` are newest first; the oldest change of a cell holds the value both started from.
    """
    started: dict[Place, Any] = {}
    for entry in entries:
        if entry.action == "sheet.save" and int(entry.detail.get("version", 0)) > version:
            for change in entry.changes:
                started[(change["row"], change["column"])] = change["old"]
    return started


def find_conflicts(
    table: Form, mine: SheetInput, theirs: Sheet, started: Mapping[Place, Any]
) -> tuple[ConflictCell, ...]:
    """Return the cells a colleague changed whose value differs from what stands in my form."""
    stored = input_of(table, theirs, 0)
    rows = {row.key: row for row in stored.rows}
    cells: list[ConflictCell] = []
    for name, label in (("data_from", _("Số liệu từ ngày")), ("data_to", _("Số liệu đến ngày"))):
        texts = (getattr(mine, name), getattr(stored, name))
        if ("", name) in started and texts[0] is not None and texts[0] != texts[1]:
            cells.append(ConflictCell(label, name, texts[0], texts[1], f"theirs.{name}"))
    if stored.total.key and mine.total.cells:
        total = replace(mine.total, key=stored.total.key)
        cells += _row_conflicts(table, total, stored.total, TOTAL, started)
    for letter in ("groups", "details"):
        theirs_by_key = {row.key: row for row in getattr(stored, letter)}
        for index, row in enumerate(getattr(mine, letter)):
            if row.key in theirs_by_key:
                other = theirs_by_key[row.key]
                cells += _row_conflicts(table, row, other, f"{letter[0]}{index}", started)
    for index, row in enumerate(mine.rows):
        if row.key in rows:
            cells += _row_conflicts(table, row, rows[row.key], f"r{index}", started)
        elif (row.key, "") in started:
            cells.append(_removed_row(row, f"r{index}"))
    return tuple(cells)


def _removed_row(row: RowInput, prefix: str) -> ConflictCell:
    words = (row.label or row.key, _("đã xóa dòng này"))
    return ConflictCell(row.label or row.key, f"{prefix}-row", *words, f"{prefix}.remove")


def _row_conflicts(
    table: Form,
    mine: RowInput,
    theirs: RowInput,
    prefix: str,
    started: Mapping[Place, Any],
) -> Iterator[ConflictCell]:
    name = theirs.label or mine.key
    if (mine.key, "") in started and mine.label not in (None, theirs.label):
        texts = (mine.label or "", theirs.label or "")
        words = _("Tên dòng %(row)s", row=name)
        yield ConflictCell(words, f"{prefix}-label", *texts, f"{prefix}.theirs.label")
    for column in table.columns:
        text = mine.cells.get(column.key)
        place = (mine.key, column.key)
        if place not in started or text is None or text == theirs.cells[column.key]:
            continue
        yield ConflictCell(
            f"{name}: {column.label}",
            f"{prefix}-{column.key}",
            text,
            theirs.cells[column.key],
            f"{prefix}.theirs.{column.key}",
            is_untouched=text in _texts_of(column, started[place]),
        )


def _texts_of(column: Column, kept: Any) -> tuple[str, ...]:
    """Return what the screen can have shown for a value of the audit trail."""
    value = read_value(kept)
    if not isinstance(value, str):
        return (cell_text(column, value),)
    # lines written before the trail kept machine values hold figures as words: 1.714,5
    figure = value.replace(".", "").replace(",", ".")
    if column.kind is ValueKind.NUMBER and _WRITTEN_NUMBER.fullmatch(value):
        return (value, cell_text(column, Decimal(figure)))
    return (value,)  # text that could not be read


def add_their_rows(table: Form, mine: SheetInput, theirs: Sheet) -> SheetInput:
    """Return my input with the rows a colleague added, so that the screen shows them too."""
    seen = {row.key for row in mine.rows}
    added = [row for row in input_of(table, theirs, 0).rows if row.key not in seen]
    window = (date_text(theirs.data_from), date_text(theirs.data_to))
    return replace(
        mine,
        rows=(*mine.rows, *added),
        data_from=window[0] if mine.data_from is None else mine.data_from,
        data_to=window[1] if mine.data_to is None else mine.data_to,
    )
