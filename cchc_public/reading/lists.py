"""Reads lists of a name and its figure: tables whose rows do not add up."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from cchc_public.files.grid import Cell, Document, Grid, Shape, cell_text
from cchc_public.reading.figures import (
    CellRead,
    as_number,
    keep_read,
    list_checks,
    looks_like_figure,
    read_cell,
    unsigned_share,
)
from cchc_public.reading.heads import Segment
from cchc_public.reading.questions import LEAVE, Notes, ReadRow, quantity_options, short_digest
from cchc_public.reading.words import UNUSED_HEADS, Lexicon, marked_key, timeless
from cchc_public.tables.language import Form, Quantity, ValueKind
from cchc_public.tables.registry import SINGLE_KEY, SINGLE_LABEL, row_key
from cchc_public.tables.sheet import Row, Sheet, Value
from cchc_public.vietnamese.numbers import format_number
from cchc_public.vietnamese.text import slugify

_SHARE = marked_key("tỷ lệ")
_UNUSED = frozenset(marked_key(text) for text in UNUSED_HEADS)
FRACTION = re.compile(r"\s*([0-9][0-9.]{0,12})\s*/\s*([0-9][0-9.]{0,12})\s*")
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


@dataclass(frozen=True)
class PairList:
    """A grid that names quantities line by line, and the words above it."""

    grid: Grid
    pairs: Sequence[Pair]
    title: str
    origin: int


def choose_list(lists: list[PairList], notes: Notes) -> PairList | None:
    """Several lists that name about as much: which is meant is asked."""
    if len(lists) == 1:
        return lists[0]
    options = []
    for number, one in enumerate(lists, 1):
        first = one.pairs[0]
        figure = cell_text(one.grid.rows[first.line][first.column])
        title = one.title[:60] or f"bảng {number}"
        options.append((str(number), f"«{title}» ({first.label}: {figure} …)"))
    answer = notes.put(
        "bang",
        "which-table",
        f"Có {len(lists)} bảng cùng loại: {'; '.join(words for _, words in options)}. "
        "Lấy bảng nào?",
        tuple(options),
        place="Bảng",
    )
    return lists[int(answer) - 1] if answer else None


def choose_column(grid: Grid, pairs: Sequence[Pair], notes: Notes) -> int | None:
    """Return the column the figures are taken from; which of several is meant is asked.

    Shares and remarks beside counts are told, plans or other periods are a person's to tell apart.
    """
    heads: dict[int, str] = {}
    for pair in pairs:
        behind = grid.rows[pair.line][pair.column + 1 :]
        others = (n for n, cell in enumerate(behind) if cell and not looks_like_figure(cell))
        if any(map(looks_like_figure, behind[next(others, len(behind)) :])):
            notes.complain(
                f"Dòng {pair.line + 1} «{pair.label}» có nhiều chỉ tiêu; chỉ đọc được chỉ tiêu "
                "đầu. Hãy để mỗi chỉ tiêu một dòng."
            )
        for column in range(pair.column, grid.width):
            if column not in heads and looks_like_figure(grid.rows[pair.line][column]):
                heads[column] = _head_of(grid, pairs[0].line, column)
    counted = {c: said for c, said in heads.items() if not _is_share(said)}
    named = {c: said for c, said in counted.items() if marked_key(said) not in _UNUSED} or heads
    for column in heads.keys() - named.keys():
        notes.tell(f"Cột «{heads[column]}» không phải số liệu của biểu; không đọc.")
    if len(named) == 1:
        return next(iter(named))
    words = {column: said or f"cột {column + 1}" for column, said in sorted(named.items())}
    lasting = [timeless(said) for said in words.values()]
    answer = notes.put(
        "cot-so",
        "which-column",
        f"Danh sách có {len(words)} cột số: {', '.join(f'«{w}»' for w in words.values())}. "
        "Lấy cột nào?",
        tuple((str(column + 1), f"«{said}»") for column, said in words.items()),
        place="Cột",
        column=next(iter(words)) + 1,
        lasting=f"cot-so:{short_digest(*lasting)}" if len({*lasting}) == len(lasting) else "",
    )
    return int(answer) - 1 if answer else None


def _head_of(grid: Grid, first: int, column: int) -> str:
    """Return the words nearest above a column of a list that begins at row ``first``."""
    above = (cell_text(grid.rows[row][column])[:80] for row in range(first - 1, -1, -1))
    return next((text for text in above if text and not looks_like_figure(text)), "")


def _is_share(head: str) -> bool:
    return "%" in head or "phần trăm" in head.lower() or marked_key(head).startswith(_SHARE)


def _read_figure(quantity: Quantity, raw: Cell, unit: str, *, is_share: bool) -> CellRead:
    """Return what a line of a list says; a share is no count, an empty cell nothing."""
    if raw is None:
        return CellRead(note="không có số liệu; bỏ qua")
    if is_share and quantity.kind is ValueKind.COUNT:
        return CellRead(unread=cell_text(raw), note="Cột này ghi tỷ lệ, không phải số đếm.")
    if quantity.is_percent and "%" not in cell_text(raw) and 0 < (as_number(raw) or 0) <= 1:
        return unsigned_share(raw)
    read = read_cell(quantity, raw, unit)
    return read if read.value is not None else replace(read, unread=read.unread or cell_text(raw))


def read_pairs(
    grid: Grid, pairs: Sequence[Pair], chosen: int, form: Form, notes: Notes
) -> tuple[Sheet, list[ReadRow]]:
    """Read a list as the only row of ``form``; ``chosen`` is the column of figures."""
    head = _head_of(grid, pairs[0].line, chosen)
    is_share = _is_share(head)
    cells: dict[str, Value] = {}
    source: dict[str, str] = {}
    unread: dict[str, str] = {}
    lines: dict[str, int] = {}

    def take(key: str, line: int, name: str, raw: Cell) -> None:
        unit = " ".join(
            (head, *(c for c in grid.rows[line - 1] if isinstance(c, str) and c != raw))
        )
        read = _read_figure(form.table.quantity(key), raw, unit, is_share=is_share)
        lines[key], source[key] = line, cell_text(raw)
        if read.unread:
            unread[key] = read.unread
            notes.complain(f"Dòng {line} «{name}»: không đọc được. {read.note}")
            return
        if read.value is not None:
            cells[key] = read.value
        if read.note:
            notes.tell(f"Dòng {line} «{name}»: {read.note.rstrip('.')}.")

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
        row = grid.rows[pair.line]
        # a rate may stand among the shares instead of the chosen column
        has_own = row[chosen] is None and form.table.quantity(pair.key).is_percent
        if answer == str(line):
            take(pair.key, line, pair.label, row[pair.column if has_own else chosen])
    for index, name, figure in _strangers(grid, {pair.line for pair in pairs}, chosen):
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


def _strangers(grid: Grid, known: Collection[int], chosen: int) -> Iterator[tuple[int, str, Cell]]:
    """Yield the lines with a figure whose name nobody knows: they are asked, never dropped."""
    for index, row in enumerate(grid.rows):
        words = [cell_text(cell) for cell in row if cell_text(cell)]
        name = next((w for w in words if not looks_like_figure(w)), "")
        is_head = len(words) < 2 or {marked_key(word) for word in words} & _LIST_HEADS
        if name and not is_head and index not in known and looks_like_figure(row[chosen]):
            yield index, name, row[chosen]


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


def ask_columns(
    segment: Segment,
    form: Form,
    lexicon: Lexicon,
    others: Collection[int | None],
    notes: Notes,
) -> dict[int, str]:
    """Return what the columns of a list mean; an unknown one that holds figures is asked.

    In a list of tasks words are asked too; among indicators a rate beside unknown figures may be
    the share of a plan that is done.
    """
    columns, strange = plain_columns(segment, lexicon, others)
    cells = {c: [segment.cell(line, c) for line in segment.body] for c in (*strange, *columns)}
    asks = cell_text if form.shape.has_sections else looks_like_figure
    asked = [c for c in strange if any(map(asks, cells[c]))]
    if not form.shape.has_sections:
        for column in (c for c in strange if c not in asked):
            said = " – ".join(segment.head.paths[column])
            notes.tell(f"Cột «{said}» không có trong biểu; không đọc.")
        rates = [c for c, key in columns.items() if form.table.quantity(key).is_percent]
        if asked and "numerator" not in columns.values():
            asked += rates
    columns = {c: key for c, key in columns.items() if c not in asked}
    for column in sorted(asked):
        free = (key for key in form.table.by_key if key not in columns.values())
        answer = notes.put(
            f"cot-{column + 1}",
            "column",
            f"Cột «{' – '.join(segment.head.paths[column])}» là gì?",
            quantity_options(form, free),
            place=f"Cột {column + 1}",
            column=column + 1,
            lasting=f"cot-{column + 1}",
        )
        if answer not in ("", LEAVE):
            columns[column] = answer
    return columns


def read_list(segment: Segment, form: Form, lexicon: Lexicon, notes: Notes) -> tuple[
    Sheet, list[ReadRow]
]:  # fmt: skip
    """Read indicators that the commune words itself: a name, a value, perhaps a fraction."""
    head, table = segment.head, form.table
    label = head.label if head.label is not None else min(head.paths)
    columns = ask_columns(segment, form, lexicon, (label, head.ordinal), notes)
    found: list[tuple[int, str, dict[str, str], dict[str, CellRead]]] = []
    for line in segment.body:
        name = cell_text(segment.cell(line, label))
        raw = {key: segment.cell(line, column) for column, key in columns.items()}
        texts = {key: text for key, cell in raw.items() if (text := cell_text(cell))}
        if not name or not texts:
            row = (segment.cell(line, column) for column in head.figure_columns)
            if any(map(looks_like_figure, row)):  # of asked columns, if it has a name
                if not name:
                    notes.complain(f"Dòng {line + 1} có số liệu nhưng không có tên; đã bỏ qua.")
            elif name or texts:
                notes.tell(f"Dòng {line + 1} «{name[:60]}» không có số liệu; bỏ qua.")
            continue
        reads = {
            key: read_cell(
                table.quantity(key), raw[key], texts.get(table.quantity(key).unit_in, "")
            )
            for key in texts
        }
        fraction = FRACTION.fullmatch(texts.get("value", ""))
        if fraction:  # 27/32 in the value column is two counts, never a value
            del reads["value"]
            counts = (int(figure.replace(".", "")) for figure in fraction.groups())
            reads["numerator"], reads["denominator"] = map(CellRead, counts)
        found.append((line + 1, name, texts, reads))
    values = (head.paths[column] for column, key in columns.items() if key == "value")
    _ask_percents(found, " ".join(next(values, ())), form, notes)
    rows: list[Row] = []
    read_rows: list[ReadRow] = []
    taken: set[str] = set()
    for line, name, texts, reads in found:
        cells, unread = keep_read(form, f"Dòng {line} «{name}»", reads, notes)
        if "value" in cells and "unit" not in cells and reads["value"].unit:
            cells["unit"] = reads["value"].unit
        key = row_key(form, name, taken)
        taken.add(key)
        rows.append(Row(key, name, cells=cells, unread=unread))
        read_rows.append(ReadRow(name, "row", line, cells, texts))
    return Sheet(form.code, form.edition, rows=tuple(rows)), read_rows


def _ask_percents(
    found: Sequence[tuple[int, str, Mapping[str, str], dict[str, CellRead]]],
    head: str,
    form: Form,
    notes: Notes,
) -> None:
    """A share of 0,93 without a sign of its own is 0,93 % or a part of one: that is asked.

    That it is a share its unit says, or its name and the ``head`` of the values.
    """
    doubtful = [
        (line, name, key, reads, value)
        for line, name, texts, reads in found
        for key, read in reads.items()
        if isinstance(value := read.value, int | Decimal) and 0 < value <= 1
        if "%" not in texts.get(key, "%")
        if form.table.quantity(key).is_percent
        or (key == "value" and _is_share(texts.get("unit") or read.unit or f"{name} {head}"))
    ]
    if all(value == 1 for *_, value in doubtful):
        return
    for line, name, key, reads, value in doubtful:
        whole = (100 * Decimal(value)).normalize()
        whole = Decimal(int(whole)) if whole == int(whole) else whole  # never 1E+2
        small, large = f"{format_number(value)} %", f"{format_number(whole)} %"
        answer = notes.put(
            f"so-{line}-{key}",
            "number",
            f"Dòng {line} «{name[:80]}», cột «{form.column(key).label}»: là {small} hay {large}?",
            (("phan-tram", small), ("phan-cua-1", large)),
            place=f"Dòng {line}",
            row=line,
            key=key,
        )
        kept = {"phan-tram": value, "phan-cua-1": whole}.get(answer)
        reads[key] = CellRead(kept, unit=reads[key].unit or "%")


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
