"""Heads whose merged cells got lost: Word's plain text, PDF text, or no head at all.

By place alone nothing is ever bound: an arrangement that words and sums confirm is proposed as one
question, to be compared with the paper.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from cchc_public.files.grid import Cell, Grid, Shape, build_grid, cell_text
from cchc_public.reading.columns import bind_columns
from cchc_public.reading.figures import Figures, confirmed_columns, list_checks, test
from cchc_public.reading.heads import ORDINAL, Head, Segment, column_numbers, path_of
from cchc_public.reading.questions import Notes
from cchc_public.reading.words import Lexicon, period_tag, without_period
from cchc_public.tables.language import Form, Table

MOST_ARRANGEMENTS = 600
MOST_TESTED = 40  # rows on which each is tried
_FIGURE = re.compile(r"[0-9][0-9.,]{0,20}%?|[-–—…]")


@dataclass(frozen=True)
class Arrangement:
    """One way to lay the head over the columns, and how well it fits."""

    paths: Mapping[int, tuple[str, ...]]
    score: tuple[int, int, int, int]

    @property
    def is_confirmed(self) -> bool:
        """True when sums bear it out."""
        return self.score[2] > 0


def arrange_head(segment: Segment, lexicon: Lexicon, figures: Figures) -> list[Arrangement]:
    """Return the arrangements of a head without spans that fit best, best first."""
    grid, head = segment.grid, segment.head
    rows = [r for r in head.rows if not column_numbers(grid.rows[r])]
    width = max(grid.widths)
    lines = [
        [cell_text(cell) for cell in grid.rows[r][: grid.widths[r]]] for r in rows if grid.widths[r]
    ]
    fixed = [column for column in (head.ordinal, head.label) if column is not None]
    found: list[Arrangement] = []
    seen = set()
    few = {column: values[:MOST_TESTED] for column, values in figures.items()}
    ways = _expand(lines, width, max(fixed, default=-1) + 1)
    for count, levels in enumerate(ways):
        if count == MOST_ARRANGEMENTS:
            return []  # too many to say that one of them is the only one
        paths = {c: path_of([level[c] for level in levels]) for c in head.figure_columns}
        mark = tuple(paths.values())
        if mark in seen:
            continue
        seen.add(mark)
        understood = [lexicon.understand(without_period(path)) for path in paths.values()]
        if any(u.is_contradictory for u in understood):
            continue
        if sum(bool(u.keys) for u in understood) * 2 < len(understood):
            continue  # most words stay strange: no reading to confirm
        found.append(Arrangement(paths, _score(lexicon, paths, few)))
    if not found:
        return []
    found.sort(key=lambda arrangement: arrangement.score, reverse=True)
    return [a for a in found if a.score == found[0].score]


def _score(
    lexicon: Lexicon, paths: Mapping[int, tuple[str, ...]], figures: Figures
) -> tuple[int, int, int, int]:
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


def _printed_orders(
    table: Table, forms: Iterable[Iterable[str]], width: int
) -> Iterator[list[str]]:
    """Yield the orders of quantities in which forms print ``width`` columns of figures."""
    seen = set()
    for keys in forms:
        printed = list(keys)
        base = [key for key in printed if not any(s.whole == key for s in table.sums)]
        for order in (printed[:width], base[:width]):
            if len(order) == width and tuple(order) not in seen:
                seen.add(tuple(order))
                yield order


def arrange_by_form(forms: Sequence[Form], columns: Sequence[int], figures: Figures) -> list[
    tuple[Form, dict[int, str], tuple[int, int]]
]:  # fmt: skip
    """Return the printed orders under which the sums of columns without a head hold."""
    found = []
    for form in forms:
        keys = [column.key for column in form.columns]
        for order in _printed_orders(form.table, [keys], len(columns)):
            bound = dict(zip(columns, order, strict=True))
            places = {key: column for column, key in bound.items()}
            results = [test(check, places, figures) for check in list_checks(form.table, places)]
            held = sum(result.held for result in results)
            proved = any(result.is_proof for result in results)
            if proved and not any(result.failed for result in results):
                found.append((form, bound, (held, held)))
    orders = {tuple(bound.values()): entry for entry in reversed(found) for _, bound, _ in [entry]}
    return list(orders.values())


def lines_to_grid(grid: Grid) -> Grid | None:
    """Lay out text without tabs: figures at the end of each line, or one cell a line."""
    lines = [cell_text(row[0]) if row else "" for row in grid.rows]
    return _cell_a_line(lines) or _figures_at_end(lines)


def _figures_at_end(lines: Sequence[str]) -> Grid | None:
    parsed = [_parse_line(line) for line in _unwrapped(lines)]
    counts = Counter(len(figures) for _, label, figures in parsed if figures and label)
    wide = {count: times for count, times in counts.items() if count >= 2}
    if not wide:
        return None
    width = max(wide, key=lambda count: (wide[count], count))
    rows: list[list[Cell]] = [
        [ordinal, label, *figures] if len(figures) == width else []
        for ordinal, label, figures in parsed
    ]
    return replace(build_grid(rows), shape=Shape.LINES)


def _unwrapped(lines: Sequence[str]) -> list[str]:
    """Join a long name that a PDF broke: ``5 Đăng ký hộ`` above ``kinh doanh 12 3 0``."""
    result: list[str] = []
    waiting = -1
    for line in lines:
        ordinal, label, figures = _parse_line(line)
        if waiting >= 0 and figures and label and not ordinal:
            result[waiting] += " " + line
            result.append("")
            waiting = -1
            continue
        result.append(line)
        waiting = len(result) - 1 if ordinal and label and not figures else -1
    return result


def _parse_line(line: str) -> tuple[str, str, list[str]]:
    parts = line.replace(" %", "%").split()[:200]
    start = len(parts)
    while start and _FIGURE.fullmatch(parts[start - 1]):
        start -= 1
    words, figures = parts[:start], parts[start:]
    if len(words) > 1 and ORDINAL.fullmatch(words[0]):
        return words[0], " ".join(words[1:]), figures
    return "", " ".join(words), figures


def _cell_a_line(lines: Sequence[str]) -> Grid | None:
    """LibreOffice puts each cell of a Writer table on a line of its own."""
    starts = [
        index
        for index in range(len(lines) - 2)
        if re.fullmatch(r"[0-9]{1,3}", lines[index])
        and lines[index + 1]
        and not _FIGURE.fullmatch(lines[index + 1])
        and _FIGURE.fullmatch(lines[index + 2])
    ]
    starts = _in_turn(starts, lines)
    if len(starts) < 2:
        return None
    stride = min(after - before for before, after in zip(starts, starts[1:], strict=False))
    rows: list[list[Cell]] = []
    for index in starts:
        rows.append([lines[index], *lines[index + 1 : index + stride]])
    rest = lines[starts[-1] + stride :]
    if rest and rest[0] and not _FIGURE.fullmatch(rest[0]):
        figures = rest[1 : stride - 1]
        if len(figures) == stride - 2 and all(map(_FIGURE.fullmatch, figures)):
            rows.append(["", rest[0], *figures])
    return replace(build_grid(rows), shape=Shape.LINES)


def _in_turn(starts: list[int], lines: Sequence[str]) -> list[int]:
    """Keep the running numbers 1, 2, 3 …; other figures before words are the ends of rows."""
    kept: list[int] = []
    for index in starts:
        if int(lines[index]) == len(kept) + 1:
            kept.append(index)
    return kept


def headless(grid: Grid) -> Segment | None:
    """Return a grid without head as a table whose first words name the rows."""
    rows = [i for i, row in enumerate(grid.rows) if any(cell_text(cell) for cell in row)]
    if not rows:
        return None
    texts = {
        c: [cell_text(grid.rows[r][c]) for r in rows if cell_text(grid.rows[r][c])]
        for c in range(grid.width)
    }
    wordy = [c for c, cells in texts.items() if _mostly_words(cells)]
    if not wordy:
        return None
    label = wordy[-1] if wordy[-1] < 3 else wordy[0]
    columns = [c for c in range(label + 1, grid.width) if texts[c]]
    paths: dict[int, tuple[str, ...]] = dict.fromkeys((*range(label + 1), *columns), ())
    ordinal = label - 1 if label else None
    return Segment(grid, Head((-1,), paths, ordinal, label), tuple(rows))


def _mostly_words(cells: Sequence[str]) -> bool:
    words = [cell for cell in cells if not _FIGURE.fullmatch(cell) and not ORDINAL.fullmatch(cell)]
    return len(words) * 2 > len(cells) and bool(words)
