"""Finds the tables of a grid: where a head begins and ends, and the words above each column.

Heads whose merged cells got lost (Word's plain text, text of a PDF) or that do not exist are
arranged here: by place alone nothing is ever bound; an arrangement that words and sums confirm is
proposed as one question, to be compared with the paper.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise, takewhile

from cchc_public.files.grid import Cell, Fault, Grid, Shape, Span, build_grid, cell_text
from cchc_public.reading.columns import bind_columns
from cchc_public.reading.figures import (
    Figures,
    confirmed_columns,
    list_checks,
    looks_like_figure,
    test,
)
from cchc_public.reading.questions import Notes
from cchc_public.reading.words import (
    ORDINAL_HEADS,
    Lexicon,
    is_total_label,
    marked_key,
    period_tag,
    without_period,
)
from cchc_public.tables.language import Form

Paths = Mapping[int, tuple[str, ...]]  # the words above each column

MAX_LEVELS = 6
MAX_TABLES = 60  # of one grid
MAX_SPANS = 4_000  # that reach into one head
MOST_LOOKED_AT = 40  # rows where a head without names of rows may begin
LABEL_HEADS = (
    "lĩnh vực", "tên lĩnh vực", "lĩnh vực giải quyết", "lĩnh vực tthc", "nội dung", "chỉ tiêu",
    "tên chỉ tiêu", "văn bản", "loại văn bản", "nội dung nhiệm vụ", "nhiệm vụ", "tên nhiệm vụ",
    "nội dung công việc", "tên thủ tục", "tên tthc", "lĩnh vực công việc", "chiều", "linh_vuc",
    "noi_dung", "chi_tieu", "lĩnh vực công việc giải quyết theo cấp", "nội dung chỉ tiêu",
)  # fmt: skip
_LABEL_KEYS = frozenset(map(marked_key, LABEL_HEADS))
_FIELD = marked_key("lĩnh vực") + " "
_ORDINALS = frozenset(map(marked_key, ORDINAL_HEADS))
_NUMBERED = re.compile(r"\(?([0-9]{1,2})\)?(?:\s?=.{0,60})?")
_LETTERED = re.compile(r"\(?[A-EĐ]\)?")
MOST_ARRANGEMENTS = 600  # of a head that lost its merged cells
MOST_TESTED = 40  # rows on which each is tried
_FIGURE = re.compile(r"[0-9][0-9.,]{0,20}%?|[-–—…]")
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

    def goes_on_in(self, after: Segment) -> bool:
        """Tell whether a page break repeats the head: same words, no title, no total yet."""
        if after.title or after.fingerprint != self.fingerprint:
            return False
        columns = (self.head.label, self.head.ordinal)

        def labels(one: Segment) -> set[str]:
            texts = ([cell_text(one.cell(row, column)) for column in columns] for row in one.body)
            return {label or number for label, number in texts} - {""}

        is_same = list(self.head.paths) == list(after.head.paths)
        return is_same and not (
            labels(self) & labels(after) or any(map(is_total_label, labels(self)))
        )


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
    heads: list[tuple[Head, str]] = []
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
            heads.append((read_head(grid, range(index, depth), columns), words))
        last = depth
    found: list[Segment] = []
    for head, words in heads:
        first = head.rows[-1] + 1
        later = [other.rows[0] for other, _ in heads if other.rows[0] >= first]
        body = tuple(range(first, min(later, default=len(grid.rows))))
        segment = Segment(_with_merged_labels(grid, head, body), head, body, words)
        before = found[-1] if found else None
        if before and before.goes_on_in(segment):
            merged = _with_merged_labels(before.grid, head, body)
            rows = (*before.repeated, *head.rows)
            body = (*before.body, *body)
            found[-1] = replace(before, grid=merged, body=body, repeated=rows)
        else:
            found.append(segment)
    return found


def _with_merged_labels(grid: Grid, head: Head, body: Sequence[int]) -> Grid:
    """Word makes a number and a name merged into one cell ONE field: put the figures back."""
    if grid.shape is not Shape.TABS or head.ordinal is None or head.label != head.ordinal + 1:
        return grid
    rows = list(grid.rows)
    for index in body:
        row = rows[index]
        number, name = row[head.ordinal], row[head.label]
        is_merged = isinstance(number, str) and not ORDINAL.fullmatch(number.strip())
        has_moved = is_merged and not looks_like_figure(number) and looks_like_figure(name)
        if has_moved and row[-1] is None:  # else no field is missing
            rows[index] = (*row[: head.ordinal], None, *row[head.ordinal :])[: len(row)]
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
    named = [n for n, keys in wordy.items() if any(k in _ORDINALS or _names_rows(k) for k in keys)]
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
    names = [c for c, key in enumerate(keys) if key in _ORDINALS or _names_rows(key)]
    tall = [span[2] for span in grid.spans if span[0] == start and span[1] in names]
    for index in range(start + 1, min(len(grid.rows), start + MAX_LEVELS)):
        row = grid.rows[index]
        if column_numbers(row):
            return index + 1
        texts = [cell_text(cell) for cell in row]
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
    marks = [c for c, key in enumerate(keys) if key in _ORDINALS]
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


def read_head(grid: Grid, rows: range, columns: Sequence[int]) -> Head:
    """Return the words above each column; an empty cell continues its left neighbour."""
    wordy = [r for r in rows if not column_numbers(grid.rows[r])]
    near = [s for s in grid.spans if s[0] <= rows[-1] and s[2] >= rows[0]][:MAX_SPANS]
    levels = [[_spread(grid, near, r, c) for c in range(grid.width)] for r in wordy]
    full = max(grid.widths, default=0)
    lost = grid.shape is Shape.TABS and any(w < full for r in wordy for w in grid.widths[r : r + 1])
    for level in range(0 if lost else len(levels) - 1):
        for column in columns[1:]:
            deeper = all(any(low[c] for low in levels[level + 1 :]) for c in (column, column - 1))
            above = all(high[column] == high[column - 1] for high in levels[:level])
            if not levels[level][column] and deeper and above:
                levels[level][column] = levels[level][column - 1]
    paths = {c: path_of([level[c] for level in levels]) for c in columns}
    ordinal = next((c for c, p in paths.items() if p and marked_key(p[0]) in _ORDINALS), None)
    named = ((c, map(marked_key, (p[0], " ".join(p)))) for c, p in paths.items() if p)
    label = next((c for c, keys in named if any(map(_names_rows, keys))), None)
    return Head(tuple(rows), paths, ordinal, label, lost)


def _spread(grid: Grid, spans: Sequence[Span], row: int, column: int) -> str:
    for top, left, low, right in spans:
        if top <= row <= low and left <= column <= right:
            return cell_text(grid.rows[top][left])
    return cell_text(grid.rows[row][column])


def path_of(texts: Sequence[str]) -> tuple[str, ...]:
    """Return the words above a column, each once."""
    path: list[str] = []
    for text in texts:
        if text and (not path or path[-1] != text):
            path.append(text)
    return tuple(path)


def arrange_head(segment: Segment, lexicon: Lexicon, figures: Figures) -> tuple[Paths, bool] | None:
    """Return the one arrangement of a head without spans that fits best, and if sums confirm it."""
    grid, head = segment.grid, segment.head
    rows = [r for r in head.rows if not column_numbers(grid.rows[r])]
    width = max(grid.widths)
    lines = [
        [cell_text(cell) for cell in grid.rows[r][: grid.widths[r]]] for r in rows if grid.widths[r]
    ]
    fixed = [column for column in (head.ordinal, head.label) if column is not None]
    found: dict[tuple[tuple[str, ...], ...], tuple[int, int, int, int]] = {}
    few = {column: values[:MOST_TESTED] for column, values in figures.items()}
    ways = _expand(lines, width, max(fixed, default=-1) + 1)
    for count, levels in enumerate(ways):
        if count == MOST_ARRANGEMENTS:
            return None  # too many to say that one of them is the only one
        laid = tuple(path_of([level[c] for level in levels]) for c in head.figure_columns)
        understood = [lexicon.understand(without_period(path)) for path in laid]
        # where most words stay strange there is no reading to confirm
        is_known = sum(bool(u.keys) for u in understood) * 2 >= len(understood)
        if laid not in found and is_known and not any(u.is_contradictory for u in understood):
            paths = dict(zip(head.figure_columns, laid, strict=True))
            found[laid] = _score(lexicon, paths, few)
    best = max(found.values(), default=(0, 0, 0, 0))
    fitting = [laid for laid, score in found.items() if score == best]
    if len(fitting) != 1:
        return None
    return dict(zip(head.figure_columns, fitting[0], strict=True)), best[2] > 0


def _score(lexicon: Lexicon, paths: Paths, figures: Figures) -> tuple[int, int, int, int]:
    """Return columns bound, questions, columns that sums prove, columns under the same words."""
    by_period: dict[str, dict[int, tuple[str, ...]]] = {}
    for column, path in paths.items():
        tag = next((tag for text in path if (tag := period_tag(text))), "")
        by_period.setdefault(tag, {})[column] = without_period(path)
    bound = asked = proved = 0
    for part in by_period.values():
        quiet = Notes()
        binding = bind_columns(lexicon, part, figures, quiet)
        bound += len(binding.columns)
        asked += len(quiet.questions)
        proved += len(confirmed_columns(lexicon.table, binding.columns, figures) or ())
    return bound, -asked, proved, len(set(paths.values())) - len(paths)


def _expand(lines: list[list[str]], width: int, fixed: int) -> Iterator[list[list[str]]]:
    """Yield every way to widen the cells of short rows over the row below, bottom up."""

    def widen(level: int, below: list[str] | None) -> Iterator[list[list[str]]]:
        if level < 0:
            yield []
            return
        for row in _widths(lines[level], width, fixed, below):
            for upper in widen(level - 1, row):
                yield [*upper, row]

    yield from widen(len(lines) - 1, None)


def _widths(
    cells: list[str], width: int, fixed: int, below: list[str] | None
) -> Iterator[list[str]]:
    if len(cells) >= width or below is None:
        yield (cells + [""] * width)[:width]
        return

    def place(index: int, column: int) -> Iterator[list[str]]:
        if index == len(cells):
            if column == width:
                yield []
            return
        most = width - column - (len(cells) - index - 1)
        for span in range(1, (1 if index < fixed or not cells[index] else most) + 1):
            covered = below[column : column + span]
            if span > 1 and not all(covered):
                break
            for rest in place(index + 1, column + span):
                yield [cells[index]] * span + rest

    yield from place(0, 0)


def arrange_by_form(
    forms: Sequence[Form], columns: Sequence[int], figures: Figures
) -> list[tuple[Form, dict[int, str], int]]:
    """Return the printed orders under which the sums of columns without a head hold, and how many.

    Forms print all their columns, or only those that nothing else gives.
    """
    found: dict[tuple[str, ...], tuple[Form, dict[int, str], int]] = {}
    for form in forms:
        printed = [column.key for column in form.columns]
        base = [key for key in printed if not any(s.whole == key for s in form.table.sums)]
        for order in (tuple(keys[: len(columns)]) for keys in (printed, base)):
            if len(order) < len(columns) or order in found:
                continue
            places = dict(zip(order, columns, strict=True))
            results = [test(check, places, figures) for check in list_checks(form.table, places)]
            if any(r.is_proof for r in results) and not any(r.failed for r in results):
                held = sum(result.held for result in results)
                found[order] = (form, dict(zip(columns, order, strict=True)), held)
    return list(found.values())


def lines_to_grid(grid: Grid) -> Grid | None:
    """Lay out text without tabs: figures at the end of each line, or one cell a line."""
    lines = [cell_text(row[0]) if row else "" for row in grid.rows]
    return _cell_a_line(lines) or _figures_at_end(lines)


def _figures_at_end(lines: Sequence[str]) -> Grid | None:
    parsed: list[tuple[str, str, list[str]]] = []
    waiting = -1
    for line in lines:
        words = line.replace(" %", "%").split()[:200]
        start = len(words)
        while start and _FIGURE.fullmatch(words[start - 1]):
            start -= 1
        is_numbered = start > 1 and ORDINAL.fullmatch(words[0])
        ordinal = words[0] if is_numbered else ""
        label, figures = " ".join(words[bool(ordinal) : start]), words[start:]
        if waiting >= 0 and figures and label and not ordinal:
            # a long name that a PDF broke: «5 Đăng ký hộ» above «kinh doanh 12 3 0»
            number, begun, _none = parsed[waiting]
            parsed[waiting] = (number, f"{begun} {label}", figures)
            ordinal, label, figures = "", "", []
        waiting = len(parsed) if ordinal and label and not figures else -1
        parsed.append((ordinal, label, figures))
    counts = Counter(len(figures) for _, label, figures in parsed if figures and label)
    wide = {count: times for count, times in counts.items() if count >= 2}
    if not wide:
        return None
    width = max(wide, key=lambda count: (wide[count], count))
    full = [index for index, (_, _, figures) in enumerate(parsed) if len(figures) == width]
    rows: list[list[Cell]] = []
    faults: list[Fault] = []
    for index, (ordinal, label, figures) in enumerate(parsed):
        rows.append([ordinal, label, *figures] if len(figures) == width else [])
        is_row = figures and label and (ordinal or is_total_label(label))
        if is_row and not rows[-1] and full[0] < index <= full[-1] + 1:
            rows[-1] = [ordinal, label]
            why = f"«{lines[index][:80]}» không có đúng {width} số như các dòng khác; chưa đọc"
            faults.append(Fault(index, 2, why))
    return replace(build_grid(rows, faults=faults), shape=Shape.LINES)


def _cell_a_line(lines: Sequence[str]) -> Grid | None:
    """LibreOffice puts each cell of a Writer table on a line of its own."""
    starts: list[int] = []
    for index, (number, name, figure) in enumerate(zip(lines, lines[1:], lines[2:], strict=False)):
        is_row = name and not _FIGURE.fullmatch(name) and _FIGURE.fullmatch(figure)
        # figures before words that are not next in turn are the ends of rows
        if is_row and number == str(len(starts) + 1):
            starts.append(index)
    if len(starts) < 2:
        return None
    stride = min(after - before for before, after in pairwise(starts))
    rows: list[list[Cell]] = [[*lines[index : index + stride]] for index in starts]
    rest = lines[starts[-1] + stride :]
    if rest and rest[0] and not _FIGURE.fullmatch(rest[0]):
        figures = rest[1 : stride - 1]
        if len(figures) == stride - 2 and all(map(_FIGURE.fullmatch, figures)):
            rows.append(["", rest[0], *figures])
    return replace(build_grid(rows), shape=Shape.LINES)


def headless(grid: Grid) -> Segment | None:
    """Return a grid without head as a table whose first words name the rows."""
    rows = [i for i, row in enumerate(grid.rows) if any(cell_text(cell) for cell in row)]
    if not rows:
        return None
    texts = {
        c: [text for r in rows if (text := cell_text(grid.rows[r][c]))] for c in range(grid.width)
    }
    wordy = []
    for column, cells in texts.items():
        words = [c for c in cells if not _FIGURE.fullmatch(c) and not ORDINAL.fullmatch(c)]
        if len(words) * 2 > len(cells):
            wordy.append(column)
    if not wordy:
        return None
    label = wordy[-1] if wordy[-1] < 3 else wordy[0]
    columns = [c for c in range(label + 1, grid.width) if texts[c]]
    paths: dict[int, tuple[str, ...]] = dict.fromkeys((*range(label + 1), *columns), ())
    return Segment(grid, Head((-1,), paths, label - 1 if label else None, label), tuple(rows))
