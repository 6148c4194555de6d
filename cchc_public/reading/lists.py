"""Reads lists of a name and its figure: tables whose rows do not add up."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from cchc_public.files.grid import Cell, Document, Grid, Shape, cell_text
from cchc_public.reading.figures import as_number, list_checks, looks_like_figure, read_cell
from cchc_public.reading.heads import Segment
from cchc_public.reading.questions import LEAVE, Notes, ReadRow, quantity_options
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

    def take(key: str, line: int, name: str, raw: Cell) -> None:
        read = read_cell(form.table.quantity(key), raw)
        lines[key], source[key] = line, cell_text(raw)
        if read.unread or read.value is None:
            unread[key] = read.unread or cell_text(raw)
            notes.complain(f"Dòng {line} «{name}»: không đọc được. {read.note}")
            return
        cells[key] = read.value
        if read.note:
            notes.tell(f"Dòng {line} «{name}»: {read.note}.")

    for pair in pairs:
        line, first = pair.line + 1, lines.get(pair.key, 0)
        answer = str(line)
        if pair.key in cells:
            answer = notes.put(
                f"hai-dong-{pair.key}",
                "row-twice",
                f"«{form.column(pair.key).label}» có hai dòng ({first} và {line}): lấy dòng nào?",
                ((str(first), f"Dòng {first}"), (str(line), f"Dòng {line}")),
                place=f"Dòng {line}",
                row=line,
            )
        if answer == str(line):
            take(pair.key, line, pair.label, grid.rows[pair.line][pair.column])
    known = {pair.line for pair in pairs}
    for index, row in enumerate(grid.rows):
        # a line with a figure whose name nobody knows is asked, never dropped
        words = [cell_text(cell) for cell in row if cell_text(cell)]
        figure = next((cell for cell in row if looks_like_figure(cell)), None)
        name = next((w for w in words if not looks_like_figure(w)), "")
        is_head = len(words) < 2 or {marked_key(word) for word in words} & _LIST_HEADS
        if index in known or is_head or figure is None or not name:
            continue
        free = (quantity.key for quantity in form.table.quantities if quantity.key not in lines)
        answer = notes.put(
            f"dong-{index + 1}",
            "row-meaning",
            f"Dòng {index + 1} «{name[:80]}» ({cell_text(figure)}) là số gì?",
            quantity_options(form, free, "Không lấy dòng này"),
            place=f"Dòng {index + 1}",
            row=index + 1,
            lasting=f"dong:{slugify(name)[:80]}",
        )
        if answer not in ("", LEAVE):
            take(answer, index + 1, name, figure)
    only = Row(SINGLE_KEY, SINGLE_LABEL, cells=cells, unread=unread)
    sheet = Sheet(form.code, form.edition, rows=(only,))
    return sheet, [ReadRow(SINGLE_LABEL, "row", 1, cells, source)]


def plain_columns(
    segment: Segment, lexicon: Lexicon, others: Collection[int | None]
) -> tuple[dict[int, str], list[int]]:
    """Return what columns beside ``others`` mean, one quantity each, and those nobody knows."""
    columns: dict[int, str] = {}
    strange = []
    for column, path in segment.head.paths.items():
        if column not in others and path:
            keys = lexicon.understand(path).keys
            if len(keys) == 1 and not keys & {*columns.values()}:
                columns[column] = next(iter(keys))
            else:
                strange.append(column)
    return columns, strange


def read_list(segment: Segment, form: Form, lexicon: Lexicon, notes: Notes) -> tuple[
    Sheet, list[ReadRow]
]:  # fmt: skip
    """Read indicators that the commune words itself: a name, a value, perhaps a fraction."""
    head, table = segment.head, form.table
    label = head.label if head.label is not None else min(head.paths)
    columns, strange = plain_columns(segment, lexicon, (label, head.ordinal))
    for column in strange:
        notes.tell(f"Cột «{' – '.join(head.paths[column])}» không có trong biểu; không đọc.")
    rows: list[Row] = []
    read_rows: list[ReadRow] = []
    taken: set[str] = set()
    for line in segment.body:
        name = cell_text(segment.cell(line, label))
        raw = {key: segment.cell(line, column) for column, key in columns.items()}
        texts = {key: text for key, cell in raw.items() if (text := cell_text(cell))}
        if not name or not texts:
            if name or texts:
                notes.tell(f"Dòng {line + 1} «{name[:60]}» không có số liệu; bỏ qua.")
            continue
        reads = {
            key: read_cell(
                table.quantity(key), raw[key], texts.get(table.quantity(key).unit_in, "")
            )
            for key in texts
        }
        cells: dict[str, Value] = {k: r.value for k, r in reads.items() if r.value is not None}
        unread = {k: r.unread for k, r in reads.items() if r.unread and k not in cells}
        fraction = _FRACTION.fullmatch(texts.get("value", ""))
        if fraction:  # 27/32 in the value column is two counts, never a value
            for key, figure in zip(("numerator", "denominator"), fraction.groups(), strict=True):
                cells[key] = int(figure.replace(".", ""))
            cells.pop("value", None)
            unread.pop("value", None)
        elif "value" in cells and "unit" not in cells and reads["value"].unit:
            cells["unit"] = reads["value"].unit
        key = row_key(form, name, taken)
        taken.add(key)
        for where, words in unread.items():
            said = form.column(where).label
            notes.complain(f"Dòng {line + 1} «{name}», cột «{said}»: không đọc được «{words}».")
        rows.append(Row(key, name, cells=cells, unread=unread))
        read_rows.append(ReadRow(name, "row", line + 1, cells, texts))
    return Sheet(form.code, form.edition, rows=tuple(rows)), read_rows


def side_by_side(
    document: Document, form: Form, notes: Notes
) -> tuple[Sheet, list[ReadRow]] | None:
    """Read the line that holds exactly the figures a form prints, when sums do not deny it."""
    width, known = len(form.columns), form.known_rows if form.shape.has_labels else ()
    parts = 1 if form.shape.is_open else max(1, len(known))
    found: dict[str, tuple[int, list[str]]] = {}
    for grid in document.grids:
        for index, row in enumerate(grid.rows if grid.shape is not Shape.SPANS else ()):
            words = " ".join(cell_text(cell) for cell in row).replace(" %", "%").split()
            if parts == 1 and len(words) == width + 1:
                words = words[1:]
            fits = len(words) == width * parts and all(map(looks_like_figure, words))
            if fits and not _is_denied(form, words):
                found[str(index + 1)] = (index, words)
    if not found:
        return None
    names = ", ".join(column.header[-1] for column in form.columns)
    options = [(n, f"Dòng {n}: {' '.join(figures[:6])} …") for n, (_, figures) in found.items()]
    answer = notes.put(
        "thu-tu",
        "no-head",
        f"Không đọc được tiêu đề của biểu «{form.short_title}». Dòng nào chứa {width} số theo "
        f"thứ tự in: {names}?",
        (*options, ("khong", "Không có dòng nào đúng")),
        place="Tiêu đề",
        row=next(iter(found.values()))[0] + 1,
    )
    if answer == "khong":
        return None
    index, figures = found[answer or options[0][0]]
    rows: list[Row] = []
    read_rows: list[ReadRow] = []
    for part in range(parts):
        source = dict(zip((c.key for c in form.columns), figures[part * width :], strict=False))
        reads = {c.key: read_cell(c.quantity, source[c.key]).value for c in form.columns}
        cells = {k: value for k, value in reads.items() if value is not None} if answer else {}
        key, name = (known[part].key, known[part].label) if known else (SINGLE_KEY, SINGLE_LABEL)
        rows.append(Row(key, name, cells=cells))
        read_rows.append(ReadRow(name, "row", index + 1, cells, source))
    return Sheet(form.code, form.edition, rows=tuple(rows)), read_rows


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
