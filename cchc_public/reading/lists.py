"""Reads lists: of a name and its figure, of indicators, of tasks; their rows do not add up."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any, NamedTuple

from cchc_public.files.grid import Cell, Document, Grid, Shape, build_grid, cell_text
from cchc_public.reading.columns import settle_choices
from cchc_public.reading.heads import (
    MAX_TITLE,
    Segment,
    find_segments,
    fit,
    names_other_time,
)
from cchc_public.reading.questions import LEAVE, Draft, Reading, quantity_options, short_digest
from cchc_public.reading.words import (
    UNUSED,
    CellRead,
    Lexicon,
    as_number,
    cell_lines,
    depth_of,
    is_share,
    looks_like_figure,
    marked_key,
    period_tag,
    read_cell,
    split_ordinal,
    timeless,
    unsigned_share,
)
from cchc_public.tables.language import Quantity, ValueKind
from cchc_public.tables.registry import SINGLE_KEY, SINGLE_LABEL, row_key, task_key
from cchc_public.tables.sheet import Row, Value
from cchc_public.vietnamese.numbers import format_number, unit_words
from cchc_public.vietnamese.text import free_key, slugify

FRACTION = re.compile(r"\s*([0-9][0-9.]{0,12})\s*/\s*([0-9][0-9.]{0,12})\s*")
MOST_PAIRS = 2_000  # lines looked at
PAIRS = short_digest("name and figure")  # what lists without a head are remembered by
_LIST_HEADS = frozenset(
    marked_key(text)
    for text in (
        "chỉ tiêu", "nội dung", "tên chỉ tiêu", "giá trị", "số liệu", "kết quả", "tiêu chí",
        "chi_tieu", "gia_tri", "đơn vị", "đơn vị tính", "tt", "stt",
    )
)  # fmt: skip
_OTHER_FIGURES = re.compile(r"\b(?:kế hoạch|tăng|giảm|chênh lệch|so sánh|so với)\b", re.IGNORECASE)
_NO_SCORES = frozenset(
    map(marked_key, ("điểm tối đa", "thang điểm", "điểm chuẩn", "xếp hạng", "hạng"))
)
_SECTION_HEADS = tuple(
    {marked_key(name) for name in names}
    for names in (("muc", "mục", "phần"), ("ten_muc", "tên mục", "tên phần"))
)
NOTE = re.compile(r"^(?:\(|ghi chú|nơi nhận|người lập|tm\.|kt\.|chủ tịch|lưu ý)", re.IGNORECASE)
_TASK = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,3}){0,2}")


class Pair(NamedTuple):
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
                figures = (c for c in range(column + 1, len(row)) if looks_like_figure(row[c]))
                value = next(figures, None)
                if value is not None:
                    found.append(Pair(index, next(iter(keys)), cell_text(cell), value))
                break
    return found


def read_pairs(document: Document, draft: Draft) -> Reading | None:
    """A form of one row may be printed as a list of a name and its figure."""
    lists: list[tuple[Grid, list[Pair], str, int]] = []
    across = 0
    for place, title, grid in document.titled:
        if grid.is_hidden:
            continue
        laid = grid
        if grid.shape is Shape.LINES:  # the last word of each line is its figure
            laid = build_grid(
                cell_text(row[0]).rsplit(maxsplit=1) if row else [] for row in grid.rows
            )
        lists.append((laid, find_pairs(laid, draft.lexicon), title, place))
        across = max([across, *(fit(s, draft.lexicon) for s in find_segments(grid))])
    most = max((len(pairs) for _grid, pairs, *_ in lists), default=0)
    if not most or most <= across:
        return None
    lists = [one for one in lists if len(one[1]) * 5 >= most * 4]
    names = []
    for number, (grid, pairs, title, _place) in enumerate(lists, 1):
        figure = cell_text(grid.rows[pairs[0].line][pairs[0].column])
        names.append(f"«{title[:60] or f'bảng {number}'}» ({pairs[0].label}: {figure} …)")
    chosen = ask_table(draft, names)
    if chosen is None:
        return draft.result(fingerprint=PAIRS)
    grid, pairs, title, place = lists[chosen]
    if column := _choose_column(grid, pairs, draft):
        rows = grid.rows[: pairs[0].line]
        above = " ".join((title, *(cell_text(cell) for row in rows for cell in row)))[:300]
        said = " ".join((title, *(cell_text(row[0]) for row in rows if row))).strip()[:MAX_TITLE]
        if not names_other_time(said) or draft.is_of_period(said):
            _take_pairs(grid, pairs, (*column, above), draft)
            _tell_words(grid, pairs, column[0], draft)
    return draft.result(fingerprint=PAIRS, origin=place)


def ask_table(draft: Draft, titles: Sequence[str], **marks: Any) -> int | None:
    """Ask which of several tables of one kind is meant; None while nobody has said."""
    if len(titles) == 1:
        return 0
    answer = draft.ask(
        "bang",
        "which-table",
        f"Có {len(titles)} bảng cùng loại: {'; '.join(titles)}. Lấy bảng nào?",
        [(str(number), words) for number, words in enumerate(titles, 1)],
        **marks,
    )
    return int(answer) - 1 if answer else None


def _choose_column(grid: Grid, pairs: Sequence[Pair], draft: Draft) -> tuple[int, str] | None:
    """Return the column the figures are taken from and its head; which of several is asked.

    Shares and remarks beside counts are told, plans or other periods are a person's to tell apart.
    """
    heads = dict[int, str]()
    for pair in pairs:
        row = grid.rows[pair.line]
        behind = row[pair.column + 1 :]
        others = (n for n, cell in enumerate(behind) if cell and not looks_like_figure(cell))
        if any(map(looks_like_figure, behind[next(others, len(behind)) :])):
            draft.complain(
                f"Dòng {pair.line + 1} «{pair.label}» có nhiều chỉ tiêu; chỉ đọc được chỉ tiêu "
                "đầu. Hãy để mỗi chỉ tiêu một dòng."
            )
        for column in (c for c in range(pair.column, grid.width) if looks_like_figure(row[c])):
            above = (cell_text(other[column])[:80] for other in grid.rows[: pairs[0].line][::-1])
            said = (t for t in above if t and (period_tag(t) or not looks_like_figure(t)))
            heads.setdefault(column, next(said, ""))
    for column in [c for c, said in heads.items() if marked_key(said) in _NO_SCORES]:
        draft.tell(f"Cột «{heads.pop(column)}» không phải số liệu của biểu; không đọc.")
    if not heads:
        return None
    counted = {c: said for c, said in heads.items() if not is_share(said)}
    named = {c: said for c, said in counted.items() if marked_key(said) not in UNUSED} or heads
    for column in heads.keys() - named.keys():
        draft.tell(f"Cột «{heads[column]}» không phải số liệu của biểu; không đọc.")
    if len(named) == 1:
        ((only, over),) = named.items()
        is_other = names_other_time(over) or _OTHER_FIGURES.search(over)
        return (only, over) if not is_other or draft.is_of_period(over) else None
    words = {column: said or f"cột {column + 1}" for column, said in sorted(named.items())}
    lasting = [timeless(said) for said in words.values()]
    answer = draft.ask(
        "cot-so",
        "which-column",
        f"Danh sách có {len(words)} cột số: {', '.join(f'«{w}»' for w in words.values())}. "
        "Lấy cột nào?",
        [(str(column + 1), f"«{said}»") for column, said in words.items()],
        column=next(iter(words)) + 1,
        lasting=f"cot-so:{short_digest(*lasting)}" if len({*lasting}) == len(lasting) else "",
    )
    return (int(answer) - 1, heads[int(answer) - 1]) if answer else None


def _take_pairs(
    grid: Grid, pairs: Sequence[Pair], chosen: tuple[int, str, str], draft: Draft
) -> None:
    """Take a list as the only row of a form.

    ``chosen`` is the column of figures, its head and the words above the list.
    """
    form, (column, head, above) = draft.form, chosen
    pairs = [one for pair in pairs if (one := _under(head, pair, draft.lexicon))]
    found: dict[str, tuple[int, str, Cell]] = {}  # by quantity: line, name, figure
    for pair in pairs:
        line, row = pair.line + 1, grid.rows[pair.line]
        if pair.key in found and found[pair.key][2] is not None:
            both, label = (found[pair.key][0], line), form.column(pair.key).label
            if not draft.takes_later(f"hai-dong-{pair.key}", label, both, row=line):
                continue
        # a rate may stand among the shares instead of the chosen column
        has_own = row[column] is None and form.table.quantity(pair.key).is_percent
        found[pair.key] = (line, pair.label, row[pair.column if has_own else column])
    for index, name, figure in _strangers(grid, {pair.line for pair in pairs}, column):
        free = (quantity.key for quantity in form.table.quantities if quantity.key not in found)
        answer = draft.ask(
            f"dong-{index + 1}",
            "row-meaning",
            f"Dòng {index + 1} «{name[:80]}» ({cell_text(figure)}) là số gì?",
            quantity_options(form, free, "Không lấy dòng này"),
            row=index + 1,
            lasting=f"dong:{slugify(name)[:80]}",
        )
        if answer not in ("", LEAVE):
            found[answer] = (index + 1, name, figure)
    reads = {
        key: _read_figure(form.table.quantity(key), raw, (head, above), grid.rows[line - 1])
        for key, (line, _name, raw) in found.items()
    }
    places = {key: f"Dòng {line}" for key, (line, _name, _raw) in found.items()}
    settle_choices({1: reads}, draft, places)
    cells, unread = dict[str, Value](), dict[str, str]()
    for key, (line, name, _raw) in found.items():
        got, missing = draft.keep(f"Dòng {line} «{name}»", {key: reads[key]})
        cells |= got
        unread |= missing
    source = {key: cell_text(raw) for key, (_line, _name, raw) in found.items()}
    draft.add(Row(SINGLE_KEY, SINGLE_LABEL, cells=cells, unread=unread), 1, source)


def _tell_words(grid: Grid, pairs: Sequence[Pair], column: int, draft: Draft) -> None:
    """Lines of known names that hold words where the others hold figures are a problem."""
    known = {pair.line for pair in pairs}
    for index, row in enumerate(grid.rows[pairs[0].line : MOST_PAIRS], pairs[0].line):
        text = cell_text(row[column])
        names = (cell for cell in row[:column] if isinstance(cell, str))
        is_wordy = bool(text) and index not in known and not looks_like_figure(row[column])
        if is_wordy and any(map(draft.lexicon.find_label, names)):
            draft.complain(f"Dòng {index + 1}: không đọc được «{text[:60]}».")


def _under(head: str, pair: Pair, lexicon: Lexicon) -> Pair | None:
    """Return a line as the head of its figures makes it: «Nộp trực tuyến» under «Số tiền»."""
    if not lexicon.names_others(head, {pair.key}):
        return pair
    keys = lexicon.understand((head, pair.label)).keys
    return pair._replace(key=next(iter(keys))) if len(keys) == 1 else None


def _read_figure(
    quantity: Quantity, raw: Cell, heads: tuple[str, str], row: Sequence[Cell]
) -> CellRead:
    """Return what a line of a list says; a share is no count, an empty cell nothing.

    ``heads`` are the words above the figure and above the list.
    """
    text, (head, above) = cell_text(raw), heads
    if raw is None:
        return CellRead(note="không có số liệu; bỏ qua")
    if quantity.kind is ValueKind.COUNT and (is_share(head) or "%" in map(cell_text, row)):
        return CellRead(unread=text, note="Cột hay dòng này ghi tỷ lệ, không phải số đếm.")
    if quantity.is_percent and "%" not in text and 0 < (as_number(raw) or 0) <= 1:
        return unsigned_share(raw)
    others = (cell for cell in row if isinstance(cell, str) and cell != raw)
    read = read_cell(quantity, raw, unit_words(" ".join(others), head, above))
    return read if read.value is not None else replace(read, unread=read.unread or text)


def _strangers(grid: Grid, known: Collection[int], chosen: int) -> Iterator[tuple[int, str, Cell]]:
    """Yield the lines with a figure whose name nobody knows: they are asked, never dropped."""
    for index, row in enumerate(grid.rows):
        words = [cell_text(cell) for cell in row if cell_text(cell)]
        name = next((w for w in words if not looks_like_figure(w)), "")
        is_head = len(words) < 2 or {marked_key(word) for word in words} & _LIST_HEADS
        if name and not is_head and index not in known and looks_like_figure(row[chosen]):
            yield index, name, row[chosen]


def ask_columns(segment: Segment, others: Collection[int | None], draft: Draft) -> dict[int, str]:
    """Return what the columns of a list mean; an unknown one that holds figures is asked.

    In a list of tasks words are asked too; among indicators a rate beside unknown figures may be
    the share of a plan that is done.
    """
    form, columns, strange = draft.form, dict[int, str](), list[int]()
    for column, path in segment.paths.items():
        if column not in others and path:
            keys = draft.lexicon.understand(path).keys
            if len(keys) == 1 and not keys & {*columns.values()}:
                columns[column] = next(iter(keys))
            else:
                strange.append(column)
    asks = cell_text if form.shape.has_sections else looks_like_figure
    asked = [c for c in strange if any(asks(segment.cell(line, c)) for line in segment.lines)]
    if not form.shape.has_sections:
        for column in (c for c in strange if c not in asked):
            draft.tell(f"Cột «{segment.said(column)}» không có trong biểu; không đọc.")
        rates = [c for c, key in columns.items() if form.table.quantity(key).is_percent]
        if asked and "numerator" not in columns.values():
            asked += rates
    columns = {c: key for c, key in columns.items() if c not in asked}
    for column in sorted(asked):
        free = (key for key in form.table.by_key if key not in columns.values())
        answer = draft.ask(
            f"cot-{column + 1}",
            "column",
            f"Cột «{segment.said(column)}» là gì?",
            quantity_options(form, free),
            column=column + 1,
        )
        if answer not in ("", LEAVE):
            columns[column] = answer
    return columns


def read_list(segment: Segment, draft: Draft) -> None:
    """Read indicators that the commune words itself: a name, a value, perhaps a fraction."""
    table, label = draft.form.table, segment.naming
    columns = ask_columns(segment, (label, segment.ordinal), draft)
    found: list[tuple[int, str, dict[str, str], dict[str, CellRead]]] = []
    for line in segment.lines:
        name = segment.text(line, label)
        raw = {key: segment.cell(line, column) for column, key in columns.items()}
        texts = {key: text for key, cell in raw.items() if (text := cell_text(cell))}
        if not name or not texts:
            if segment.has_figures(line):  # of asked columns, if it has a name
                if not name:
                    draft.complain(f"Dòng {line + 1} có số liệu nhưng không có tên; đã bỏ qua.")
            elif name or texts:
                draft.tell(f"Dòng {line + 1} «{name[:60]}» không có số liệu; bỏ qua.")
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
    values = (segment.paths[column] for column, key in columns.items() if key == "value")
    _ask_percents(found, " ".join(next(values, ())), draft)
    taken: set[str] = set()
    for line, name, texts, reads in found:
        cells, unread = draft.keep(f"Dòng {line} «{name}»", reads)
        if "value" in cells and "unit" not in cells and reads["value"].unit:
            cells["unit"] = reads["value"].unit
        key = row_key(draft.form, name, taken)
        taken.add(key)
        draft.add(Row(key, name, cells=cells, unread=unread), line, texts)


def _ask_percents(
    found: Sequence[tuple[int, str, Mapping[str, str], dict[str, CellRead]]],
    head: str,
    draft: Draft,
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
        if draft.form.table.quantity(key).is_percent
        or (key == "value" and is_share(texts.get("unit") or read.unit or f"{name} {head}"))
    ]
    if all(value == 1 for *_, value in doubtful):
        return
    for line, name, key, reads, value in doubtful:
        whole = (100 * Decimal(value)).normalize()
        whole = Decimal(int(whole)) if whole == int(whole) else whole  # never 1E+2
        kept = {"phan-tram": value, "phan-cua-1": whole}
        options = [(said, f"{format_number(figure)} %") for said, figure in kept.items()]
        answer = draft.ask_figure(line, f" «{name[:80]}»", key, options)
        reads[key] = CellRead(kept.get(answer), unit=reads[key].unit or "%")


def read_tasks(segment: Segment, draft: Draft) -> None:
    """Read tasks numbered within sections; notes and signatures never become tasks."""
    table, label = draft.form.table, segment.naming
    ends = {c: marked_key(path[-1]) for c, path in segment.paths.items() if path}
    sections = [
        next((c for c, key in ends.items() if key in keys), None) for keys in _SECTION_HEADS
    ]
    columns = ask_columns(segment, (label, segment.ordinal, *sections), draft)
    for line, section, number, name in _task_lines(segment, label, columns, sections, draft):
        reads = {
            key: unsigned_share(cell)
            if column in segment.fractions and table.quantity(key).is_percent and as_number(cell)
            else read_cell(table.quantity(key), cell)
            for column, key in columns.items()
            for cell in [_shared_cell(segment, line, column)]
        }
        cells, unread = draft.keep(f"Dòng {line + 1}", reads)
        plain = task_key(section[0] or "0", number)
        key = free_key(plain, {read.row.key for read in draft.rows})
        if key != plain:
            draft.complain(
                f"Số thứ tự {plain} có hai nhiệm vụ (dòng {line + 1} là dòng sau), ghi là {key}."
            )
        source = {
            k: str(v) for k, v in cells.items() if table.quantity(k).kind is not ValueKind.TEXT
        }
        draft.add(Row(key, name, *section, cells=cells, unread=unread), line + 1, source)


def _shared_cell(segment: Segment, line: int, column: int) -> Cell:
    """Return a cell, or the one merged over it: what several tasks share is said of each."""
    for top, left, low, right in segment.grid.spans:
        if top in segment.lines and top < line <= low and left == column == right:
            return segment.cell(top, column)
    return segment.cell(line, column)


def _task_lines(
    segment: Segment,
    label: int,
    columns: Collection[int],
    sections: Sequence[int | None],
    draft: Draft,
) -> Iterator[tuple[int, tuple[str, str], str, str]]:
    """Yield line, section, number and words of each task; sections close where the next begins."""
    section = ("", "")
    split = {}
    for line in segment.lines:
        ordinal = segment.text(line, segment.ordinal)
        name = cell_lines(segment.cell(line, label))  # the paragraphs of a cell stay apart
        if not name and ordinal and not _TASK.fullmatch(ordinal.strip(" .)")):
            name, ordinal = ordinal, ""
        split[line] = split_ordinal(ordinal, name)
    levels = {depth_of(number) for number, _name in split.values() if number}
    count = 0
    for line, (number, name) in split.items():
        filled = any(segment.text(line, c) for c in columns)
        if not number and not name and not filled:
            continue
        code, title = (segment.text(line, column) for column in sections)
        section = (code or section[0], title or section[1])
        depth = depth_of(number)
        is_high = depth == 0 or 0 < depth < max(levels, default=0)
        if name and not filled and is_high:
            section, count = (number, name), 0
        elif NOTE.match(name) or (not number and not filled):
            draft.tell(f"Dòng {line + 1} «{name[:60]}» không phải nhiệm vụ; bỏ qua.")
        elif not name:
            draft.complain(f"Dòng {line + 1} không có nội dung nhiệm vụ; đã bỏ qua.")
        else:
            count += 1
            if not section[0]:
                draft.complain(
                    f"Dòng {line + 1}: nhiệm vụ «{name[:60]}» không thuộc mục nào (I, II, …)."
                )
            yield line, section, number.rpartition(".")[2] or str(count), name
