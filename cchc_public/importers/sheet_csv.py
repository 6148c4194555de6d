"""Neutral rows to a statutory sheet: tables printed across, and lists of figure and value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from cchc_public.errors import ImportRejected
from cchc_public.files.grid import Cell, Document, cell_text
from cchc_public.files.limited import read_file
from cchc_public.importers.binder import Binder
from cchc_public.importers.by_position import read_by_position
from cchc_public.importers.grid import Grid, find_window, grid_texts
from cchc_public.importers.headings import ColumnWords, find_layout
from cchc_public.importers.outcome import ImportNote, SheetImport
from cchc_public.importers.pasted_lines import parse_cells
from cchc_public.importers.rows_binding import bind_lines
from cchc_public.tables.language import SINGLE, Form
from cchc_public.tables.rows import SINGLE_KEY, SINGLE_LABEL
from cchc_public.vietnamese.fold import search_key

_LIST_HEADS = frozenset({"chi tieu", "noi dung", "ten chi tieu", "gia tri", "so lieu"})


def import_sheet(table: Form, data: bytes, name: str) -> SheetImport:
    """Read a file of any spreadsheet kind as ``table``; ImportRejected when nothing fits."""
    return import_document(table, read_file(data, name))


def import_document(table: Form, workbook: Document) -> SheetImport:
    """Read a document as ``table``; of several sheets the one with most recognised columns."""
    best: SheetImport | None = None
    for sheet in workbook.grids:
        found = find_sheet(table, sheet.rows)
        if found is None or not found.figure_count:
            found = _read_places(table, sheet.rows) or found
        if found and (best is None or found.figure_count > best.figure_count):
            best = found
    if best is None:
        raise ImportRejected(_no_table(table, workbook.name))
    notes = tuple(ImportNote(note) for note in (*workbook.notes, *workbook.fault_notes))
    return replace(best, readings=notes + best.readings, changes=workbook.changes)


def _read_places(table: Form, rows: Grid) -> SheetImport | None:
    """Read a form whose header says too little, as a pasted one is read: by place."""
    texts = [[cell_text(cell) for cell in row] for row in rows]
    lines = [parse_cells(number, row) for number, row in enumerate(texts, 1)]
    return read_by_position(table, lines, list(grid_texts(rows)))


def find_sheet(table: Form, rows: Grid) -> SheetImport | None:
    """Bind neutral rows, or None when ``table`` is not recognised in them."""
    window = find_window(grid_texts(rows))
    layout = find_layout(table, rows)
    binder = Binder(table)
    if table.shape is SINGLE:
        pairs = _find_pairs(table, rows)
        if len(pairs) > (len(layout.columns) if layout else 1):
            _bind_pairs(binder, rows, pairs)
            return binder.finish(window)
    if layout is None:
        return None
    bind_lines(binder, rows, layout)
    return binder.finish(window)


def _find_pairs(table: Form, rows: Grid) -> dict[int, tuple[str, int]]:
    """Return by row: the column its label names, and the place of that label."""
    words = ColumnWords(table)
    pairs: dict[int, tuple[str, int]] = {}
    for index, row in enumerate(rows):
        for place, cell in enumerate(row[:3]):
            key = words.find_label(cell_text(cell)) if isinstance(cell, str) else ""
            if key:
                pairs[index] = (key, place)
                break
    return pairs


def _bind_pairs(binder: Binder, rows: Grid, pairs: dict[int, tuple[str, int]]) -> None:
    raw: dict[str, Cell] = {}
    for index, row in enumerate(rows):
        if index not in pairs:
            _tell_unknown(binder, index, row)
            continue
        key, place = pairs[index]
        if key in raw:
            label = cell_text(row[place])
            binder.refuse(f"Dòng {index + 1} «{label}» lặp lại; giữ dòng trước.", line=index + 1)
            continue
        raw[key] = next((cell for cell in row[place + 1 :] if cell_text(cell)), None)
    binder.add_row(SINGLE_KEY, SINGLE_LABEL, raw, 0)


def _tell_unknown(binder: Binder, index: int, row: Sequence[Cell]) -> None:
    words = [cell_text(cell) for cell in row if cell_text(cell)]
    if len(words) < 2 or search_key(words[0]) in _LIST_HEADS:
        return
    if {search_key(word) for word in words} & _LIST_HEADS:
        return
    binder.refuse(
        f"Dòng {index + 1} «{words[0][:60]}» không có trong biểu; đã bỏ qua.", line=index + 1
    )


def _no_table(table: Form, name: str) -> str:
    heads = ", ".join(f"«{column.header[-1]}»" for column in table.columns[:4])
    return (
        f"Không tìm thấy biểu «{table.short_title}» trong tệp «{name}». "
        f"Dòng đầu bảng cần ghi tên các cột như trong biểu ({heads}, …)."
    )
