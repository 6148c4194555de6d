"""Reads lists of a name and its figure: tables whose rows do not add up."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from cchc_public.files.grid import Document, Grid, Shape, cell_text
from cchc_public.reading.figures import (
    CellRead,
    as_number,
    list_checks,
    looks_like_figure,
    read_cell,
)
from cchc_public.reading.heads import Segment
from cchc_public.reading.questions import Notes, ReadRow
from cchc_public.reading.words import Lexicon, marked_key
from cchc_public.tables.language import Form
from cchc_public.tables.registry import SINGLE_KEY, SINGLE_LABEL, row_key
from cchc_public.tables.sheet import Row, Sheet, Value
from cchc_public.vietnamese.text import slugify

_FRACTION = re.compile(r"\s*([0-9][0-9.]{0,12})\s*/\s*([0-9][0-9.]{0,12})\s*")
MOST_PAIRS = 2_000  # lines looked at
_LIST_HEADS = frozenset(
    marked_key(text)
    for text in (
        "chỉ tiêu", "nội dung", "tên chỉ tiêu", "giá trị", "số liệu", "kết quả", "tiêu chí",
        "chi_tieu", "gia_tri", "đơn vị", "đơn vị tính", "tt", "stt",
    )
)  # fmt: skip


@dataclass(frozen=True)
class Pair:
    """One line of a list: which quantity its name means, and the cell with the figure."""

    line: int
    key: str
    label: str
    column: int


def find_pairs(grid: Grid, lexicon: Lexicon) -> list[Pair]:
    """Return the lines that name one quantity each and give its figure behind the name."""
    found = []
    for index, row in enumerate(grid.rows[:MOST_PAIRS]):
        for column, cell in enumerate(row[:3]):
            keys = lexicon.find_label(cell) if isinstance(cell, str) and len(cell) < 300 else None
            if keys and len(keys) == 1:
                behind = [c for c in range(column + 1, len(row)) if cell_text(row[c])]
                value = next((c for c in behind if looks_like_figure(row[c])), None)
                if value is not None:
                    found.append(Pair(index, next(iter(keys)), cell_text(cell), value))
                break
    return found


def read_pairs(
    grid: Grid, pairs: Sequence[Pair], form: Form, notes: Notes
) -> tuple[Sheet, list[ReadRow]]:
    """Read a list of one figure a line as the only row of ``form``."""
    cells: dict[str, Value] = {}
    source: dict[str, str] = {}
    unread: dict[str, str] = {}
    lines: dict[str, int] = {}
    for pair in pairs:
        raw = grid.rows[pair.line][pair.column]
        label = form.column(pair.key).label
        if pair.key in cells:
            answer = _ask_which(pair, lines[pair.key], label, notes)
            if answer != str(pair.line + 1):
                continue
        read = read_cell(form.table.quantity(pair.key), raw)
        lines[pair.key] = pair.line + 1
        source[pair.key] = cell_text(raw)
        if read.unread or read.value is None:
            unread[pair.key] = read.unread or cell_text(raw)
            notes.complain(f"Dòng {pair.line + 1} «{pair.label}»: không đọc được. {read.note}")
            continue
        cells[pair.key] = read.value
        if read.note:
            notes.tell(f"Dòng {pair.line + 1} «{pair.label}»: {read.note}.")
    _ask_strangers(grid, {pair.line for pair in pairs}, form, cells, notes)
    row = Row(SINGLE_KEY, SINGLE_LABEL, cells=cells, unread=unread)
    sheet = Sheet(form.code, form.edition, rows=(row,))
    return sheet, [ReadRow(SINGLE_LABEL, "row", 1, cells, source)]


def _ask_which(pair: Pair, first: int, label: str, notes: Notes) -> str:
    options = ((str(first), f"Dòng {first}"), (str(pair.line + 1), f"Dòng {pair.line + 1}"))
    return notes.put(
        f"hai-dong-{pair.key}",
        "row-twice",
        f"«{label}» có hai dòng ({first} và {pair.line + 1}): lấy dòng nào?",
        options,
        place=f"Dòng {pair.line + 1}",
        row=pair.line + 1,
    )


def _ask_strangers(
    grid: Grid, known: set[int], form: Form, cells: dict[str, Value], notes: Notes
) -> None:
    """A line with a figure whose name nobody knows is asked, never dropped."""
    for index, row in enumerate(grid.rows):
        words = [cell_text(cell) for cell in row if cell_text(cell)]
        if index in known or len(words) < 2 or {marked_key(w) for w in words} & _LIST_HEADS:
            continue
        figure = next((cell for cell in row if looks_like_figure(cell)), None)
        name = next((w for w in words if not looks_like_figure(w)), "")
        if figure is None or not name:
            continue
        options = [
            (quantity.key, form.column(quantity.key).label)
            for quantity in form.table.quantities
            if quantity.key not in cells
        ]
        answer = notes.put(
            f"dong-{index + 1}",
            "row-meaning",
            f"Dòng {index + 1} «{name[:80]}» ({cell_text(figure)}) là số gì?",
            (*options, ("bo", "Không lấy dòng này")),
            place=f"Dòng {index + 1}",
            row=index + 1,
            lasting=f"dong:{slugify(name)[:80]}",
        )
        if answer and answer != "bo":
            read = read_cell(form.table.quantity(answer), figure)
            cells[answer] = read.value


def read_list(segment: Segment, form: Form, lexicon: Lexicon, notes: Notes) -> tuple[
    Sheet, list[ReadRow]
]:  # fmt: skip
    """Read indicators that the commune words itself: a name, a value, perhaps a fraction."""
    head, table = segment.head, form.table
    label = head.label if head.label is not None else min(head.paths)
    columns: dict[int, str] = {}
    for column in head.paths:
        keys = lexicon.understand(head.paths[column]).keys if head.paths[column] else frozenset()
        if column not in (label, head.ordinal) and len(keys) == 1:
            key = next(iter(keys))
            if key not in columns.values():
                columns[column] = key
        elif column not in (label, head.ordinal) and head.paths[column]:
            notes.tell(f"Cột «{' – '.join(head.paths[column])}» không có trong biểu; không đọc.")
    rows: list[Row] = []
    read_rows: list[ReadRow] = []
    taken: set[str] = set()
    for line in segment.body:
        name = cell_text(segment.cell(line, label))
        reads = {
            key: segment.cell(line, column)
            for column, key in columns.items()
            if cell_text(segment.cell(line, column))
        }
        if not name or not reads:
            if name or reads:
                notes.tell(f"Dòng {line + 1} «{name[:60]}» không có số liệu; bỏ qua.")
            continue
        texts = {key: cell_text(cell) for key, cell in reads.items()}
        raw = {
            key: read_cell(table.quantity(key), cell, texts.get(table.quantity(key).unit_in, ""))
            for key, cell in reads.items()
        }
        cells = _list_cells(raw, texts)
        key = row_key(form, name, taken)
        taken.add(key)
        unread = {k: r.unread for k, r in raw.items() if r.unread and k not in cells}
        if "numerator" in cells:
            unread.pop("value", None)
        for where, words in unread.items():
            label_ = form.column(where).label
            notes.complain(f"Dòng {line + 1} «{name}», cột «{label_}»: không đọc được «{words}».")
        rows.append(Row(key, name, cells=cells, unread=unread))
        read_rows.append(ReadRow(name, "row", line + 1, cells, texts))
    return Sheet(form.code, form.edition, rows=tuple(rows)), read_rows


def _list_cells(reads: dict[str, CellRead], texts: dict[str, str]) -> dict[str, Value]:
    """``27/32`` in the value column is a fraction: two counts, never a value."""
    cells: dict[str, Value] = {k: r.value for k, r in reads.items() if r.value is not None}
    found = _FRACTION.fullmatch(texts.get("value", ""))
    if found and "value" in reads:
        cells.pop("value", None)
        cells["numerator"] = int(found[1].replace(".", ""))
        cells["denominator"] = int(found[2].replace(".", ""))
    elif "value" in cells and "unit" not in cells and reads["value"].unit:
        cells["unit"] = reads["value"].unit
    return cells


def side_by_side(
    document: Document, form: Form, notes: Notes
) -> tuple[Sheet, list[ReadRow]] | None:
    """Read the line that holds exactly the figures a form prints, when sums do not deny it."""
    width = len(form.columns)
    known = form.known_rows if not form.shape.is_open and form.shape.has_labels else ()
    parts = max(1, len(known))
    found: dict[int, list[str]] = {}
    for grid in document.grids:
        if grid.shape is Shape.SPANS:
            continue
        for index, row in enumerate(grid.rows):
            words = " ".join(cell_text(cell) for cell in row).replace(" %", "%").split()
            figures = words[1:] if len(words) == width * parts + 1 and parts == 1 else words
            if len(figures) != width * parts or not all(map(looks_like_figure, figures)):
                continue
            if not _is_denied(form, figures):
                found[index] = figures
    return _ask_line(found, form, notes) if found else None


def _is_denied(form: Form, figures: Sequence[str]) -> bool:
    """Tell whether a sum of the form fails in a line laid out in its printed order."""
    keys = [column.key for column in form.columns]
    for start in range(0, len(figures), len(keys)):
        numbers = dict(zip(keys, map(as_number, figures[start:]), strict=False))
        for check in list_checks(form.table, keys):
            values = [numbers[key] for key in (check.whole, *check.parts)]
            if None not in values and values[0] != sum(v for v in values[1:] if v is not None):
                return True
    return False


def _ask_line(
    found: dict[int, list[str]], form: Form, notes: Notes
) -> tuple[Sheet, list[ReadRow]] | None:
    width = len(form.columns)
    names = ", ".join(column.header[-1] for column in form.columns)
    lines = {str(index + 1): index for index in found}
    options = [(n, f"Dòng {n}: {' '.join(found[i][:6])} …") for n, i in lines.items()]
    answer = notes.put(
        "thu-tu",
        "no-head",
        f"Không đọc được tiêu đề của biểu «{form.short_title}». Dòng nào chứa {width} số theo "
        f"thứ tự in: {names}?",
        (*options, ("khong", "Không có dòng nào đúng")),
        place="Tiêu đề",
        row=next(iter(lines.values())) + 1,
    )
    if answer == "khong":
        return None
    index = lines[answer] if answer else next(iter(found))
    figures = found[index]
    known = form.known_rows if form.shape.has_labels else ()
    rows: list[Row] = []
    read_rows: list[ReadRow] = []
    for part in range(len(figures) // width):
        cells: dict[str, Value] = {}
        source = dict(zip((c.key for c in form.columns), figures[part * width :], strict=False))
        for column in form.columns:
            read = read_cell(column.quantity, source[column.key])
            if read.value is not None and answer:
                cells[column.key] = read.value
        key, name = (known[part].key, known[part].label) if known else (SINGLE_KEY, SINGLE_LABEL)
        rows.append(Row(key, name, cells=cells))
        read_rows.append(ReadRow(name, "row", index + 1, cells, source))
    return Sheet(form.code, form.edition, rows=tuple(rows)), read_rows


def fixed_rows(sheet: Sheet, rows: list[ReadRow], form: Form, notes: Notes) -> tuple[
    Sheet, list[ReadRow]
]:  # fmt: skip
    """Name the rows of a form that fixes them (đến, đi); others are told."""
    kept: dict[str, Row] = {}
    named: list[ReadRow] = []
    for row in rows:
        known = next((k for k in form.known_rows if k.is_meant_by(row.label)), None)
        match = next((r for r in sheet.rows if r.label == row.label), None)
        if known is None or match is None or row.kind != "row":
            if row.cells:
                notes.complain(f"Dòng {row.line} «{row.label}» không có trong biểu; đã bỏ qua.")
            named.append(replace(row, kind="left_out", cells={}))
            continue
        kept[known.key] = replace(match, key=known.key, label=known.label, section="")
        named.append(replace(row, label=known.label))
    ordered = tuple(kept.get(k.key, Row(k.key, k.label)) for k in form.known_rows)
    return replace(sheet, rows=ordered, groups=(), details=()), named
