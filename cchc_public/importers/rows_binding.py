"""Binds the rows below a recognised header to a definition, by the kind of its rows."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator

from cchc_public.files.grid import Cell, cell_text
from cchc_public.importers.binder import Binder, Raw
from cchc_public.importers.cells import is_whole_percent_doubt
from cchc_public.importers.grid import Grid, column_numbers, is_blank, is_total_label
from cchc_public.importers.headings import Layout, text_place
from cchc_public.tables.language import (
    BY_FIELD,
    BY_TASK,
    FREE_LIST,
    IN_OUT,
    SINGLE,
    Form,
    RowShape,
    ValueKind,
)
from cchc_public.tables.rows import SINGLE_KEY, SINGLE_LABEL, row_key, task_key
from cchc_public.tables.sheet import Row

_ROMAN = re.compile(r"[IVXLC]+\.?")
_FRACTION = re.compile(r"\s*([0-9.]+)\s*/\s*([0-9.]+)\s*")


class Line:
    """One row of the source below the header."""

    def __init__(self, number: int, cells: list[Cell], layout: Layout) -> None:
        self.number = number
        self.raw: dict[str, Cell] = {
            key: cells[place] for place, key in layout.columns.items() if place < len(cells)
        }
        self.section = _text_at(cells, layout.section)
        self.section_label = _text_at(cells, layout.section_label)
        self.ordinal = _text_at(cells, layout.ordinal)
        self.label = _text_at(cells, layout.label)
        if not self.label:
            self.label = _text_at(cells, text_place(cells, layout))

    @property
    def has_cells(self) -> bool:
        """True when a column of the form holds something."""
        return any(cell_text(cell) for cell in self.raw.values())


def bind_lines(binder: Binder, rows: Grid, layout: Layout) -> None:
    """Read every line below the header into the binder."""
    lines = list(_lines(rows, layout))
    binder.percent_columns = _percent_columns(binder.table, lines)
    _BINDERS[binder.table.shape](binder, lines)
    if not any(line.has_cells for line in lines):
        binder.refuse("Dưới tiêu đề bảng không có dòng số liệu nào.")
    _tell_columns(binder, rows, layout)


def _lines(rows: Grid, layout: Layout) -> Iterator[Line]:
    for index in range(layout.first_row, len(rows)):
        row = list(rows[index])
        if not is_blank(row) and not column_numbers(row):
            yield Line(index + 1, row, layout)


def _bind_fields(binder: Binder, lines: list[Line]) -> None:
    for line in lines:
        if is_total_label(line.label):
            binder.add_total(line.raw, line.number)
        elif not line.has_cells:
            _skip(binder, line)
        elif line.label:
            _add_labelled(binder, line)
        elif binder.is_sum(line.raw):
            binder.add_total(line.raw, line.number)
            binder.told("Dòng không tên bằng tổng các dòng trên: đọc là dòng tổng cộng.")
        else:
            binder.refuse(
                f"Dòng {line.number} có số liệu nhưng không có tên lĩnh vực; đã bỏ qua.",
                line=line.number,
            )


def _add_labelled(binder: Binder, line: Line) -> None:
    plain = row_key(binder.table, line.label)
    key = row_key(binder.table, line.label, binder.taken())
    if key != plain:
        binder.refuse(
            f"«{line.label}» có hai dòng (dòng {line.number} là dòng sau); hãy gộp hoặc đổi tên.",
            row=key,
            line=line.number,
        )
    known = binder.table.known_row(plain)
    label = known.label if known and binder.table.shape is IN_OUT else line.label
    binder.add_row(key, label, line.raw, line.number)


def _bind_fixed(binder: Binder, lines: list[Line]) -> None:
    for line in lines:
        if not line.has_cells:
            _skip(binder, line)
        elif binder.table.known_row(row_key(binder.table, line.label)) is None:
            names = ", ".join(f"«{known.label}»" for known in binder.table.known_rows)
            binder.refuse(
                f"Dòng {line.number} «{line.label}» không có trong biểu (chỉ có {names}).",
                line=line.number,
            )
        else:
            _add_labelled(binder, line)
    order = [known.key for known in binder.table.known_rows]
    for known in binder.table.known_rows:
        if known.key not in binder.taken():
            binder.rows.append(Row(known.key, known.label))
    binder.rows.sort(key=lambda row: order.index(row.key) if row.key in order else len(order))


def _bind_single(binder: Binder, lines: list[Line]) -> None:
    filled = [line for line in lines if line.has_cells]
    if filled:
        binder.add_row(SINGLE_KEY, SINGLE_LABEL, filled[0].raw, filled[0].number)
    for line in filled[1:]:
        binder.refuse(
            f"Biểu này chỉ có một dòng số liệu; dòng {line.number} đã bỏ qua.", line=line.number
        )


def _bind_list(binder: Binder, lines: list[Line]) -> None:
    for line in lines:
        if not line.label:
            binder.refuse(f"Dòng {line.number} không có tên chỉ tiêu.", line=line.number)
        elif line.has_cells:
            line.raw = _with_fraction(binder.table, line.raw)
            _add_labelled(binder, line)
        else:
            _skip(binder, line)


def _with_fraction(table: Form, raw: Raw) -> dict[str, Cell]:
    """``27/32`` in the value column is a fraction: two counts, never a value."""
    keys = {column.key for column in table.columns}
    found = _FRACTION.fullmatch(cell_text(raw.get("value")))
    if not found or not {"numerator", "denominator"} <= keys:
        return dict(raw)
    return {**raw, "value": None, "numerator": found[1], "denominator": found[2]}


def _bind_tasks(binder: Binder, lines: list[Line]) -> None:
    section, section_label = "", ""
    for line in lines:
        if not line.section and not line.has_cells and _ROMAN.fullmatch(line.ordinal):
            section, section_label = line.ordinal.rstrip("."), line.label
        elif not line.label or not (line.has_cells or line.ordinal):
            _skip(binder, line)
        else:
            section = line.section or section
            section_label = line.section_label or section_label
            _add_task(binder, line, (section, section_label))


def _add_task(binder: Binder, line: Line, section: tuple[str, str]) -> None:
    if not section[0]:
        binder.refuse(
            f"Dòng {line.number}: nhiệm vụ «{line.label}» không thuộc mục nào (I, II, …).",
            line=line.number,
        )
    taken = binder.taken()
    first = 1 + sum(row.section == section[0] for row in binder.rows)
    free = next(k for n in itertools.count(first) if (k := task_key(section[0], n)) not in taken)
    ordinal = line.ordinal.rstrip(".")
    key = task_key(section[0], ordinal) if ordinal else free
    if key in taken:
        binder.refuse(
            f"Số thứ tự {key} có hai nhiệm vụ (dòng {line.number} là dòng sau), ghi là {free}.",
            row=free,
            line=line.number,
        )
        key = free
    binder.add_row(key, line.label, line.raw, line.number, section)


_BINDERS: dict[RowShape, Callable[[Binder, list[Line]], None]] = {
    BY_FIELD: _bind_fields,
    IN_OUT: _bind_fixed,
    SINGLE: _bind_single,
    FREE_LIST: _bind_list,
    BY_TASK: _bind_tasks,
}


def _skip(binder: Binder, line: Line) -> None:
    if line.label:
        binder.told(f"Dòng {line.number} «{line.label[:60]}» không có số liệu; bỏ qua.")


def _percent_columns(table: Form, lines: list[Line]) -> frozenset[str]:
    """Columns in % whose numbers all lie from 0 to 1, some between: kept as parts of one."""
    found = set()
    for column in table.columns:
        if column.kind is not ValueKind.NUMBER or column.unit != "%":
            continue
        values = [line.raw.get(column.key) for line in lines]
        numbers = [v for v in values if isinstance(v, int | float) and not isinstance(v, bool)]
        if all(map(is_whole_percent_doubt, numbers)) and any(0 < v < 1 for v in numbers):
            found.add(column.key)
    return frozenset(found)


def _tell_columns(binder: Binder, rows: Grid, layout: Layout) -> None:
    for place, title in layout.unknown.items():
        below = (row[place] for row in rows[layout.first_row :] if place < len(row))
        if any(cell_text(cell) for cell in below):
            binder.refuse(f"Cột «{title}» không có trong biểu; đã bỏ qua.")
    if binder.table.shape is FREE_LIST:
        return  # most lists have no fractions, and say so by leaving the columns out
    found = set(layout.columns.values())
    for column in binder.table.base_columns:
        if column.key not in found and not column.quantity.is_carried:
            message = f"Nguồn không có cột «{column.label}»; không nhập gì vào cột này."
            binder.told(message, column=column.key)


def _text_at(cells: list[Cell], place: int | None) -> str:
    return cell_text(cells[place]) if place is not None and place < len(cells) else ""
