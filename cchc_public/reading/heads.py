"""Finds the tables of a grid: where a head begins and ends, and the words above each column."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property
from itertools import groupby, pairwise, takewhile

from cchc_public.files.grid import Cell, Grid, Shape, cell_text
from cchc_public.reading.questions import Draft, short_digest
from cchc_public.reading.words import (
    ORDINAL,
    ORDINALS,
    CellRead,
    Lexicon,
    as_number,
    holds_two,
    is_total_label,
    looks_like_figure,
    marked_key,
    period_tag,
    read_cell,
    split_ordinal,
    timeless,
    unsigned_share,
    without_period,
)
from cchc_public.tables.language import Quantity
from cchc_public.vietnamese.numbers import unit_words

MAX_LEVELS = 6
MAX_TABLES = 60  # of one grid
MAX_SPANS = 4_000  # that reach into one head
MOST_LOOKED_AT = 40  # rows where a head without names of rows may begin
_LABEL_KEYS = frozenset(map(marked_key, (
    "lĩnh vực", "tên lĩnh vực", "lĩnh vực giải quyết", "lĩnh vực tthc", "nội dung", "chỉ tiêu",
    "tên chỉ tiêu", "văn bản", "loại văn bản", "nội dung nhiệm vụ", "nhiệm vụ", "tên nhiệm vụ",
    "nội dung công việc", "tên thủ tục", "tên tthc", "lĩnh vực công việc", "chiều", "linh_vuc",
    "noi_dung", "chi_tieu", "lĩnh vực công việc giải quyết theo cấp", "nội dung chỉ tiêu",
)))  # fmt: skip
_FIELD = marked_key("lĩnh vực") + " "
_NUMBERED = re.compile(r"\(?([0-9]{1,2})\)?(?:\s?=.{0,60})?")
_LETTERED = re.compile(r"\(?[A-EĐ]\)?")
_OTHER_TIME = re.compile(r"\b(?:cùng kỳ|(?:kỳ|năm|tháng|quý) trước|năm ngoái)\b", re.IGNORECASE)
_COMPARES = re.compile(r"\b(?:so với|so sánh|chuyển|tồn)\b", re.IGNORECASE)
MAX_TITLE = 200  # longer is a paragraph
MOST_TESTED = 200  # rows on which sums are tried: more would prove nothing more


@dataclass
class Segment:
    """One table within a grid: its head, the words above each column, the rows below.

    ``lines`` are the row numbers below its head, ``repeated`` heads that a page break repeats,
    ``origin`` is the place of the grid in its document.
    """

    grid: Grid
    head: tuple[int, ...]
    paths: dict[int, tuple[str, ...]]
    ordinal: int | None = None
    label: int | None = None
    has_lost_spans: bool = False
    lines: tuple[int, ...] = ()
    title: str = ""
    repeated: tuple[int, ...] = ()
    origin: int = -1

    @property
    def columns(self) -> list[int]:
        """The columns that neither number nor name the rows."""
        return [column for column in self.paths if column not in (self.ordinal, self.label)]

    @property
    def naming(self) -> int:
        """The column that names the rows, the first where none does."""
        return self.label if self.label is not None else min(self.paths, default=0)

    @property
    def worded(self) -> list[int]:
        """The rows of the head that do not number the columns."""
        return [row for row in self.head if not column_numbers(self.grid.rows[row])]

    @property
    def fingerprint(self) -> str:
        """What answers are remembered by: its words, whichever month they name."""
        paths = self.paths.values()
        return short_digest(*("/".join(marked_key(timeless(t)) for t in path) for path in paths))

    def said(self, column: int) -> str:
        """Return the words above a column in one line."""
        return " – ".join(self.paths[column])

    def cell(self, row: int, column: int | None) -> Cell:
        """Return one cell."""
        cells = self.grid.rows[row]
        return cells[column] if column is not None and column < len(cells) else None

    def text(self, row: int, column: int | None) -> str:
        """Return one cell as words."""
        return cell_text(self.cell(row, column))

    def figures(self, columns: Sequence[int]) -> dict[int, list[Decimal | None]]:
        """Return the figures of columns over the rows that have any."""
        rows = [*filter(self.has_figures, self.lines)][:MOST_TESTED]
        return {c: [as_number(self.cell(r, c)) for r in rows] for c in columns}

    def has_figures(self, row: int) -> bool:
        """Tell whether a row holds a figure."""
        return any(looks_like_figure(self.cell(row, c)) for c in self.columns)

    def is_wordy(self, column: int) -> bool:
        """Tell whether a column mostly holds words."""
        cells = [self.cell(row, column) for row in self.lines]
        wordy = sum(isinstance(cell, str) and not looks_like_figure(cell) for cell in cells)
        return wordy * 2 > len([cell for cell in cells if cell is not None]) and wordy > 0

    @cached_property
    def shared(self) -> frozenset[tuple[int, int]]:
        """The cells whose figure is merged over several rows or columns of figures."""
        lines, columns = {*self.lines}, {*self.columns}
        return frozenset(
            (top, left)
            for top, left, low, right in self.grid.spans
            if left in columns
            and max(len(lines & {*range(top, low + 1)}), len(columns & {*range(left, right + 1)}))
            > 1
        )

    @cached_property
    def fractions(self) -> frozenset[int]:
        """The columns of figures that are all parts of one: 0,93 may stand for 93 %."""
        found = set()
        for column in self.columns:
            cells = [self.cell(row, column) for row in self.lines]
            values = [value for cell in cells if (value := as_number(cell)) is not None]
            has_sign = any("%" in cell_text(cell) for cell in cells)
            if not has_sign and any(0 < value <= 1 for value in values) and max(values) <= 1:
                found.add(column)
        return frozenset(found)

    def name(self, line: int) -> tuple[str, str]:
        """Return the number and the name of a row; a name may stand in a column of its own."""
        label, ordinal = self.text(line, self.label), self.text(line, self.ordinal)
        if not label and not ordinal:
            wordy = (c for c in self.paths if c not in self.columns or self.is_wordy(c))
            named = ((c, text) for c in wordy if (text := self.text(line, c)))
            column, label = next((one for one in named if not one[1].isdecimal()), (0, ""))
            above = [r for r in self.lines if r < line and self.text(r, self.label)]
            if label and above and self.text(above[-1], column) and not is_total_label(label):
                label = self.text(above[-1], self.label)  # one more procedure of its field
        return split_ordinal(ordinal, label)

    def read(self, quantity: Quantity, line: int, column: int) -> CellRead:
        """Return what a cell says; its head or the title may say what it is counted in."""
        raw = self.cell(line, column)
        if (line, column) in self.shared:
            return CellRead(unread=cell_text(raw), note="Ô gộp của nhiều dòng hoặc nhiều cột.")
        path = self.paths.get(column, ())
        if holds_two(raw, path):
            return CellRead(unread=cell_text(raw), note="Ô có hai số; mỗi số cần một cột.")
        if quantity.is_percent and column in self.fractions and as_number(raw):
            return unsigned_share(raw)
        return read_cell(quantity, raw, unit_words(" ".join(path), self.title))

    def misshapen(self) -> list[tuple[int, str]]:
        """Return the few rows with more or fewer cells than their head: figures may be shifted."""
        filled = {c for r in self.lines for c in self.columns if looks_like_figure(self.cell(r, c))}
        last = max((column for column in filled if self.paths.get(column)), default=-1)
        widths = {} if self.has_lost_spans else dict(enumerate(self.grid.widths))
        rows = [*filter(self.has_figures, self.lines)]
        found = []
        for row in rows:
            if any(c > last and looks_like_figure(self.cell(row, c)) for c in self.columns):
                found.append((row, "nhiều"))
            elif widths.get(row, last + 1) <= last and not is_total_label(self.name(row)[1]):
                found.append((row, "ít"))
        return found if last >= 0 and len(found) * 2 <= len(rows) else []

    def goes_on_in(self, after: Segment) -> bool:
        """Tell whether a page break repeats the head: same words, no title, no total yet."""

        def head(one: Segment) -> list[tuple[int, list[str]]]:
            return [(column, [*map(marked_key, path)]) for column, path in one.paths.items()]

        def labels(one: Segment) -> set[str]:
            columns = (self.label, self.ordinal)
            texts = ([one.text(row, column) for column in columns] for row in one.lines)
            return {label or number for label, number in texts} - {""}

        return (
            not after.title
            and head(self) == head(after)
            and not (labels(self) & labels(after) or any(map(is_total_label, labels(self))))
        )


def names_other_time(text: str) -> bool:
    """Tell whether a title or name says that figures are of an earlier period."""
    return bool(_OTHER_TIME.search(text)) and not _COMPARES.search(text)


def column_numbers(row: Sequence[Cell]) -> bool:
    """Tell whether a row only numbers the columns: ``(1) (3)=(4)+(5)``, ``A B 1 2``."""
    texts = [cell_text(cell) for cell in row if cell_text(cell)]
    numbers = [int(m[1]) for text in texts if (m := _NUMBERED.fullmatch(text))]
    letters = [text for text in texts if _LETTERED.fullmatch(text)]
    if len(numbers) < 2 or len(numbers) + len(letters) < max(3, len(texts)) or len(letters) > 2:
        return False
    bracketed = all(text.startswith("(") for text in texts)
    steps = {after - before for before, after in pairwise(numbers)}
    return steps == {1} and (numbers[0] <= 4 or bracketed) or (bracketed and min(steps) > 0)


def find_segments(grid: Grid, title: str = "") -> list[Segment]:
    """Return the tables of a grid, each with its title; none when it has no head."""
    heads: list[Segment] = []
    last = 0
    for index in _starts(grid):
        if index < last or len(heads) >= MAX_TABLES:
            continue
        depth = _depth(grid, index)
        above = takewhile(
            lambda row: not any(map(looks_like_figure, row)),
            reversed(grid.rows[max(last, index - 4) : index]),
        )
        lines = [" ".join(dict.fromkeys(filter(None, map(cell_text, row)))) for row in above]
        named = " ".join(filter(None, reversed(lines)))[:200]
        for columns in _sides(grid, index):
            words = named or (title if not heads else "")
            heads.append(replace(read_head(grid, range(index, depth), columns), title=words))
        last = depth
    found: list[Segment] = []
    for segment in heads:
        first = segment.head[-1] + 1
        later = [other.head[0] for other in heads if other.head[0] >= first]
        segment.lines = tuple(range(first, min(later, default=len(grid.rows))))
        segment.grid = _with_merged_labels(segment)
        before = found[-1] if found else None
        if before and before.goes_on_in(segment):
            before.grid = _with_merged_labels(replace(segment, grid=before.grid))
            before.repeated += segment.head
            before.lines += segment.lines
        else:
            found.append(segment)
    return found


def _with_merged_labels(segment: Segment) -> Grid:
    """Word makes a number and a name merged into one cell ONE field: put the figures back."""
    grid, place = segment.grid, segment.ordinal
    if grid.shape is not Shape.TABS or place is None or segment.label != place + 1:
        return grid
    rows = list(grid.rows)
    for index in segment.lines:
        row = rows[index]
        number, name = row[place : place + 2]
        is_merged = isinstance(number, str) and not ORDINAL.fullmatch(number.strip())
        has_moved = is_merged and not looks_like_figure(number) and looks_like_figure(name)
        if has_moved and row[-1] is None:  # else no field is missing
            rows[index] = (*row[:place], None, *row[place:])[: len(row)]
    return replace(grid, rows=tuple(rows))


def _names_rows(key: str) -> bool:
    """Tell whether a head word stands over the names of rows."""
    return key in _LABEL_KEYS or (key.startswith(_FIELD) and len(key) < 80)


def _starts(grid: Grid) -> list[int]:
    """Return the rows that open a head: words, one of which numbers or names the rows.

    Where there is none, words directly above figures are a head.
    """
    wordy = {}
    for index, row in enumerate(grid.rows):
        keys = [key for cell in row if isinstance(cell, str) and (key := marked_key(cell))]
        if len(keys) > 1 and not any(map(looks_like_figure, row)):
            wordy[index] = keys[:3]
    named = [n for n, keys in wordy.items() if any(k in ORDINALS or _names_rows(k) for k in keys)]
    if named:
        return named
    for index in (index for index in wordy if index < MOST_LOOKED_AT):
        below = grid.rows[index + 1 : index + 1 + MAX_LEVELS]
        counts = [
            (sum(map(looks_like_figure, row)), sum(cell is not None for cell in row))
            for row in below
        ]
        if (1, 1) in counts or any(figures > 1 for figures, _filled in counts):
            return [index]
    return []


def _depth(grid: Grid, start: int) -> int:
    """Return the row after the head, a row of column numbers included."""
    keys = [marked_key(cell_text(cell)) for cell in grid.rows[start]]
    names = [c for c, key in enumerate(keys) if key in ORDINALS or _names_rows(key)]
    tall = [span[2] for span in grid.spans if span[0] == start and span[1] in names]
    for index in range(start + 1, min(len(grid.rows), start + MAX_LEVELS)):
        row = grid.rows[index]
        if column_numbers(row):
            return index + 1
        texts = [cell_text(cell) for cell in row]
        is_named = not any(texts) or any(texts[c] for c in names)
        if not is_named and all(period_tag(text) for text in texts if text):
            continue  # years or months beside each other, under what they hold
        first = next(filter(None, texts), "")
        named = [text for column, text in enumerate(texts) if text and column in names]
        is_numbered = ORDINAL.fullmatch(first) or any(map(looks_like_figure, row))
        # below a closed head, or beside its names with at most one word: the first row
        is_below = tall and (named or not any(isinstance(cell, str) for cell in row))
        is_alone = named and sum(map(bool, texts)) - len(named) < 2
        is_body = not first or is_numbered or is_below or is_alone
        if is_body and index > max(tall, default=start):
            return index
    return min(len(grid.rows), start + MAX_LEVELS)


def _sides(grid: Grid, start: int) -> Iterator[list[int]]:
    """Part the columns when two tables stand side by side; what is empty at the right is left."""
    keys = [marked_key(cell_text(cell)) for cell in grid.rows[start]]
    marks = [c for c, key in enumerate(keys) if key in ORDINALS]
    if len(marks) < 2:
        marks = [c for c, key in enumerate(keys) if _names_rows(key)]
        marks = marks if len(marks) > 1 and len({keys[c] for c in marks}) == 1 else []
    for left, right in pairwise([0, *marks[1:], len(keys)]):
        filled = (
            c
            for c in range(right - 1, left - 1, -1)
            if any(cell_text(r[c]) for r in grid.rows[start:])
        )
        yield list(range(left, next(filled, left - 1) + 1))


def read_head(grid: Grid, rows: range, columns: Sequence[int]) -> Segment:
    """Return the words above each column; an empty cell continues its left neighbour."""
    near = [s for s in grid.spans if s[0] <= rows[-1] and s[2] >= rows[0]][:MAX_SPANS]

    def spread(row: int, column: int) -> str:
        over = (s for s in near if s[0] <= row <= s[2] and s[1] <= column <= s[3])
        top, left, *_ = next(over, (row, column))
        return cell_text(grid.rows[top][left])

    wordy = [r for r in rows if not column_numbers(grid.rows[r])]
    levels = [[spread(r, c) for c in range(grid.width)] for r in wordy]
    full = max(grid.widths, default=0)
    lost = grid.shape is Shape.TABS and any(w < full for r in wordy for w in grid.widths[r : r + 1])
    for level in range(0 if lost else len(levels) - 1):
        for column in columns[1:]:
            deeper = all(any(low[c] for low in levels[level + 1 :]) for c in (column, column - 1))
            above = all(high[column] == high[column - 1] for high in levels[:level])
            if not levels[level][column] and deeper and above:
                levels[level][column] = levels[level][column - 1]
    paths = {c: path_of([level[c] for level in levels]) for c in columns}
    ordinal = next((c for c, p in paths.items() if p and marked_key(p[0]) in ORDINALS), None)
    named = ((c, map(marked_key, (p[0], " ".join(p)))) for c, p in paths.items() if p)
    labels = [c for c, keys in named if any(map(_names_rows, keys))]
    # beside «Tên thủ tục» it is «Lĩnh vực» that names the rows
    fields = [c for c in labels if marked_key(paths[c][0]).startswith(_FIELD.strip())]
    label = next(iter(fields or labels), None)
    return Segment(grid, tuple(rows), paths, ordinal, label, lost)


def path_of(texts: Sequence[str]) -> tuple[str, ...]:
    """Return the words above a column, each once."""
    return tuple(text for text, _same in groupby(filter(None, texts)))


def fit(segment: Segment, lexicon: Lexicon) -> int:
    """Return how many columns of a table this lexicon understands."""
    blocks = repeated_blocks(segment, lexicon)
    paths = [without_period(segment.paths[c][c in blocks :]) for c in segment.columns]
    score = sum(bool(lexicon.understand(path).keys) for path in paths)
    if segment.has_lost_spans:
        texts = (cell_text(cell) for row in segment.head for cell in segment.grid.rows[row])
        known = sum(bool(lexicon.understand((text,)).keys) for text in texts if text)
        score = max(score, min(known, len(segment.columns)))
    return score


def repeated_blocks(segment: Segment, lexicon: Lexicon) -> dict[int, str]:
    """Return by column the unknown word on top of blocks that repeat the same known columns.

    «Cấp xã» and «Cấp tỉnh» over the same heads: no quantity is in these words.
    """
    below: dict[str, list[tuple[str, ...]]] = {}
    paths = {c: segment.paths[c] for c in segment.columns if segment.paths[c]}
    for path in paths.values():
        below.setdefault(path[0], []).append(path[1:])
    rests = {tuple(sorted(rest)) for rest in below.values()}
    if len(below) < 2 or len(rests) > 1 or any(map(period_tag, below)):
        return {}
    if any(lexicon.understand((top,)).keys for top in below):
        return {}
    known = all(lexicon.understand(path).has_block for rest in rests for path in rest)
    return {c: path[0] for c, path in paths.items()} if known else {}


def narrow(segment: Segment, draft: Draft) -> Segment:
    """Return a table with the rows that are read: none of a head, hidden ones when told to."""
    grid = segment.grid
    repeated = {tuple(map(cell_text, grid.rows[r])) for r in segment.head if r >= 0}
    shown = [
        row
        for row in segment.lines
        if (cells := tuple(map(cell_text, grid.rows[row]))) not in repeated
        and any(cells)
        and row not in segment.repeated
        and not column_numbers(grid.rows[row])
    ]
    lines = tuple(row for row in shown if row not in grid.hidden_rows)
    hidden = [row for row in shown if row in grid.hidden_rows]
    body = replace(segment, lines=lines)
    if body.label is None:
        body.label = next(filter(body.is_wordy, body.columns), None)
    if any(map(body.has_figures, hidden)):
        places = ", ".join(str(row + 1) for row in hidden[:8])
        answer = draft.ask(
            "dong-an",
            "hidden-rows",
            f"Nguồn có dòng bị ẩn (dòng {places}) chứa số liệu. Đọc cả các dòng đó không?",
            (("doc", "Đọc cả"), ("bo", "Bỏ qua")),
        )
        if answer == "doc":
            body.lines = tuple(sorted((*lines, *hidden)))
    for fault in grid.faults:
        if fault.row in lines and fault.column in body.columns:
            draft.complain(f"Ô {fault.place}: {fault.message}.")
    if unseen := grid.hidden_columns & set(body.columns):
        places = ", ".join(str(column + 1) for column in sorted(unseen))
        draft.complain(f"Cột {places} của nguồn đang bị ẩn mà vẫn được đọc; xin xem lại.")
    return body
