"""Finds the tables of a grid: where a head begins and ends, and the words above each column."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from cchc_public.files.grid import Cell, Grid, Shape, Span, cell_text
from cchc_public.reading.figures import looks_like_figure
from cchc_public.reading.words import ORDINAL_HEADS, is_total_label, keys_of, marked_key

MAX_LEVELS = 6
MAX_TABLES = 60  # of one grid
MAX_SPANS = 4_000  # that reach into one head
LABEL_HEADS = (
    "lĩnh vực", "tên lĩnh vực", "lĩnh vực giải quyết", "lĩnh vực tthc", "nội dung", "chỉ tiêu",
    "tên chỉ tiêu", "văn bản", "loại văn bản", "nội dung nhiệm vụ", "nhiệm vụ", "tên nhiệm vụ",
    "nội dung công việc", "tên thủ tục", "tên tthc", "lĩnh vực công việc", "chiều", "linh_vuc",
    "noi_dung", "chi_tieu", "lĩnh vực công việc giải quyết theo cấp", "nội dung chỉ tiêu",
)  # fmt: skip
_LABEL_KEYS = frozenset(marked_key(text) for text in LABEL_HEADS)
_ORDINAL_KEYS = frozenset(marked_key(text) for text in ORDINAL_HEADS)
_NUMBERED = re.compile(r"\(?([0-9]{1,2})\)?(?:\s?=.{0,60})?")
_LETTERED = re.compile(r"\(?[A-EĐ]\)?")
ORDINAL = re.compile(r"(?:[0-9]{1,3}(?:\.[0-9]{1,3}){0,3}|[IVXLC]{1,7}|[A-EĐ])[.)]?")


@dataclass(frozen=True)
class Head:
    """The head of one table: its rows and the words above each of its columns."""

    rows: tuple[int, ...]
    paths: dict[int, tuple[str, ...]]
    ordinal: int | None = None
    label: int | None = None
    has_lost_spans: bool = False

    @property
    def figure_columns(self) -> list[int]:
        """The columns that neither number nor name the rows."""
        return [column for column in self.paths if column not in (self.ordinal, self.label)]


@dataclass(frozen=True)
class Segment:
    """One table within a grid; ``body`` are the row numbers below its head."""

    grid: Grid
    head: Head
    body: tuple[int, ...]
    title: str = ""
    repeated: tuple[int, ...] = field(default=())  # rows of heads that a page break repeats
    origin: int = -1  # place of the grid in its document

    @property
    def fingerprint(self) -> tuple[tuple[str, ...], ...]:
        """The words of the head, by which answers are remembered."""
        return tuple(tuple(map(marked_key, path)) for path in self.head.paths.values())

    def cell(self, row: int, column: int | None) -> Cell:
        """Return one cell."""
        cells = self.grid.rows[row]
        return cells[column] if column is not None and column < len(cells) else None


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
    starts = [index for index in range(len(grid.rows)) if _starts_head(grid, index)]
    if not starts:
        starts = _plain_starts(grid)
    found: list[Segment] = []
    last = 0
    for index in starts:
        if index < last or len(found) >= MAX_TABLES:
            continue
        depth = _depth(grid, index)
        for columns in _sides(grid, index):
            head = read_head(grid, range(index, depth), columns)
            words = _title(grid, last, index) or (title if not found else "")
            found.append(Segment(grid, head, (), words))
        last = depth
    return _merge_repeated(list(_with_bodies(grid, found)))


def _with_bodies(grid: Grid, found: list[Segment]) -> Iterator[Segment]:
    for segment in found:
        first = segment.head.rows[-1] + 1
        later = [s.head.rows[0] for s in found if s.head.rows[0] >= first]
        body = tuple(range(first, min(later, default=len(grid.rows))))
        yield Segment(
            _with_merged_labels(grid, segment.head, body), segment.head, body, segment.title
        )


def _with_merged_labels(grid: Grid, head: Head, body: Sequence[int]) -> Grid:
    """Word makes a number and a name merged into one cell ONE field: put the figures back."""
    if grid.shape is not Shape.TABS or head.ordinal is None or head.label != head.ordinal + 1:
        return grid
    rows = list(grid.rows)
    for index in body:
        row = rows[index]
        number, name = row[head.ordinal], row[head.label]
        is_merged = isinstance(number, str) and not ORDINAL.fullmatch(number.strip())
        if is_merged and not looks_like_figure(number) and looks_like_figure(name):
            rows[index] = (*row[: head.ordinal], None, *row[head.ordinal :])[: len(row)]
            if row[-1] is not None:
                rows[index] = row  # no field is missing: the figures stand where they stood
    return replace(grid, rows=tuple(rows))


def _merge_repeated(found: list[Segment]) -> list[Segment]:
    """Put tables together whose head a page break repeats: same words, no title, no total yet."""
    merged: list[Segment] = []
    for segment in found:
        before = merged[-1] if merged else None
        if before and _goes_on(before, segment):
            body = (*before.body, *segment.body)
            rows = (*before.repeated, *segment.head.rows)
            merged[-1] = Segment(before.grid, before.head, body, before.title, rows)
            continue
        merged.append(segment)
    return merged


def _goes_on(before: Segment, after: Segment) -> bool:
    if after.title or after.fingerprint != before.fingerprint:
        return False
    if list(before.head.paths) != list(after.head.paths):
        return False
    labels = (
        [_label(before, row) for row in before.body],
        [_label(after, row) for row in after.body],
    )
    first = {label for label in labels[0] if label}
    return not first & set(labels[1]) and not any(map(is_total_label, first))


def _label(segment: Segment, row: int) -> str:
    text = cell_text(segment.cell(row, segment.head.label))
    return text or cell_text(segment.cell(row, segment.head.ordinal))


def _title(grid: Grid, first: int, row: int) -> str:
    lines: list[str] = []
    for index in range(row - 1, max(first - 1, row - 5), -1):
        texts = list(dict.fromkeys(cell_text(cell) for cell in grid.rows[index] if cell_text(cell)))
        if any(looks_like_figure(cell) for cell in grid.rows[index]):
            break
        if texts:
            lines.insert(0, " ".join(texts))
    return " ".join(lines)[:200]


def _starts_head(grid: Grid, index: int) -> bool:
    row = grid.rows[index]
    texts = [marked_key(cell_text(cell)) for cell in row if isinstance(cell, str)]
    wordy = [text for text in texts if text]
    if len(wordy) < 2:
        return False
    if not any(text in _ORDINAL_KEYS or _is_label_head(text) for text in wordy[:3]):
        return False
    return not any(looks_like_figure(cell) for cell in row)


def _is_label_head(text: str) -> bool:
    return (
        text in _LABEL_KEYS
        or text.startswith(("linh̃ vực ", "lĩnh vực "))
        or (text.startswith(marked_key("lĩnh vực") + " ") and len(text) < 80)
    )


def _plain_starts(grid: Grid) -> list[int]:
    """Heads without a running number or a name of rows: words directly above figures."""
    for index, row in enumerate(grid.rows[:40]):
        wordy = [cell for cell in row if isinstance(cell, str) and len(keys_of(cell)) > 0]
        if len(wordy) < 2 or any(looks_like_figure(cell) for cell in row):
            continue
        below = grid.rows[index + 1 : index + 1 + MAX_LEVELS]
        figures = [sum(map(looks_like_figure, other)) for other in below]
        filled = [sum(cell is not None for cell in other) for other in below]
        if max(figures, default=0) >= 2 or (1, 1) in zip(figures, filled, strict=True):
            return [index]
    return []


def _depth(grid: Grid, start: int) -> int:
    """Return the row after the head, a row of column numbers included."""
    names = _named_columns(grid, start)
    tall = [span[2] for span in grid.spans if span[0] == start and span[1] in names]
    index = start + 1
    while index < min(len(grid.rows), start + MAX_LEVELS):
        row = grid.rows[index]
        if column_numbers(row):
            return index + 1
        if index <= max(tall, default=start):
            index += 1
            continue
        if tall and not _is_wordy_only(row, names):
            break
        if _is_body(row, names):
            break
        index += 1
    return index


def _named_columns(grid: Grid, start: int) -> list[int]:
    keys = [marked_key(cell_text(cell)) for cell in grid.rows[start]]
    return [c for c, key in enumerate(keys) if key in _ORDINAL_KEYS or _is_label_head(key)]


def _is_wordy_only(row: Sequence[Cell], names: list[int]) -> bool:
    return not any(cell_text(row[c]) for c in names if c < len(row)) and any(
        isinstance(cell, str) for cell in row
    )


def _is_body(row: Sequence[Cell], names: list[int]) -> bool:
    texts = [cell_text(cell) for cell in row]
    first = next((text for text in texts if text), "")
    if not first or ORDINAL.fullmatch(first) or any(map(looks_like_figure, row)):
        return True
    named = any(texts[column] for column in names if column < len(texts))
    others = sum(bool(text) for column, text in enumerate(texts) if column not in names)
    return named and others < 2


def _sides(grid: Grid, start: int) -> list[list[int]]:
    """Part the columns when two tables stand side by side."""
    keys = [marked_key(cell_text(cell)) for cell in grid.rows[start]]
    marks = [c for c, key in enumerate(keys) if key in _ORDINAL_KEYS]
    if len(marks) < 2:
        marks = [c for c, key in enumerate(keys) if _is_label_head(key)]
        marks = marks if len(marks) > 1 and len({keys[c] for c in marks}) == 1 else []
    borders = [0, *marks[1:], len(keys)]
    sides = [list(range(a, b)) for a, b in pairwise(borders)]
    return [_without_margin(grid, start, side) for side in sides]


def _without_margin(grid: Grid, start: int, side: list[int]) -> list[int]:
    """Leave out columns at the right that hold nothing at all."""
    while side and not any(cell_text(row[side[-1]]) for row in grid.rows[start:]):
        side = side[:-1]
    return side


def read_head(grid: Grid, rows: range, columns: Sequence[int]) -> Head:
    """Return the words above each column; an empty cell continues its left neighbour."""
    wordy = [r for r in rows if not column_numbers(grid.rows[r])]
    near = [s for s in grid.spans if s[0] <= rows[-1] and s[2] >= rows[0]][:MAX_SPANS]
    levels = {r: [_spread(grid, near, r, c) for c in range(grid.width)] for r in wordy}
    full = max(grid.widths, default=0)
    lost = grid.shape is Shape.TABS and any(w < full for r in wordy for w in grid.widths[r : r + 1])
    if not lost:
        _fill_right([levels[r] for r in wordy], columns)
    paths = {c: path_of([levels[r][c] for r in wordy]) for c in columns}
    ordinal = next((c for c, p in paths.items() if p and marked_key(p[0]) in _ORDINAL_KEYS), None)
    named = ((c, map(marked_key, (p[0], " ".join(p)))) for c, p in paths.items() if p)
    label = next((c for c, keys in named if any(map(_is_label_head, keys))), None)
    return Head(tuple(rows), paths, ordinal, label, lost)


def _spread(grid: Grid, spans: Sequence[Span], row: int, column: int) -> str:
    for top, left, low, right in spans:
        if top <= row <= low and left <= column <= right:
            return cell_text(grid.rows[top][left])
    return cell_text(grid.rows[row][column])


def _fill_right(levels: list[list[str]], columns: Sequence[int]) -> None:
    for level in range(len(levels) - 1):
        for column in columns[1:]:
            deeper = any(levels[d][column] for d in range(level + 1, len(levels)))
            beside = any(levels[d][column - 1] for d in range(level + 1, len(levels)))
            above = all(levels[u][column] == levels[u][column - 1] for u in range(level))
            if not levels[level][column] and deeper and beside and above:
                levels[level][column] = levels[level][column - 1]


def path_of(texts: Sequence[str]) -> tuple[str, ...]:
    """Return the words above a column, each once."""
    path: list[str] = []
    for text in texts:
        if text and (not path or path[-1] != text):
            path.append(text)
    return tuple(path)
