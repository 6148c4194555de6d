"""Finds the header of a table in neutral rows and tells which column of the grid holds what."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from cchc_public.files.grid import Cell, cell_text
from cchc_public.importers.grid import Grid, column_numbers
from cchc_public.tables.language import BY_FIELD, BY_TASK, FREE_LIST, IN_OUT, SINGLE, Column, Form
from cchc_public.vietnamese.fold import search_key

SEARCHED_ROWS = 40
HEADER_LEVELS = 4
_BRACKETS = re.compile(r"\([^()]*\)")
_ORDINAL = frozenset({"tt", "stt", "so tt", "so thu tu"})
_SECTION = frozenset({"muc", "phan"})
_SECTION_LABEL = frozenset({"ten muc", "ten phan"})
_ROW_WORDS = {
    BY_FIELD: ("lĩnh vực", "tên lĩnh vực", "lĩnh vực giải quyết"),
    BY_TASK: ("nội dung", "nhiệm vụ", "nội dung nhiệm vụ", "tên nhiệm vụ"),
    FREE_LIST: ("chỉ tiêu", "tên chỉ tiêu", "nội dung"),
    IN_OUT: ("văn bản", "chiều", "loại văn bản"),
    SINGLE: (),
}


@dataclass
class Layout:
    """Where things stand: ``columns`` maps places of the grid to column keys."""

    first_row: int = 0
    columns: dict[int, str] = field(default_factory=dict)
    label: int | None = None
    ordinal: int | None = None
    section: int | None = None
    section_label: int | None = None
    unknown: dict[int, str] = field(default_factory=dict)

    @property
    def score(self) -> int:
        """How much of the definition was recognised."""
        return 2 * len(self.columns) + (self.label is not None)


def find_layout(table: Form, rows: Grid) -> Layout | None:
    """Return the best reading of a header in the first rows, None when none is convincing."""
    words = ColumnWords(table)
    best: Layout | None = None
    for start in range(min(len(rows), SEARCHED_ROWS)):
        for levels in range(1, HEADER_LEVELS + 1):
            if start + levels > len(rows):
                break
            layout = _read_header(table, words, rows, start, levels)
            if best is None or layout.score > best.score:
                best = layout
    if best is None or not _is_convincing(table, best):
        return None
    return best


def _is_convincing(table: Form, layout: Layout) -> bool:
    """At least two columns and a third of the form; a lone "Tổng số" in a sentence is no header."""
    return len(layout.columns) >= max(2, len(table.columns) // 3)


def _read_header(table: Form, words: ColumnWords, rows: Grid, start: int, levels: int) -> Layout:
    header = [list(map(cell_text, row)) for row in rows[start : start + levels]]
    numbers: dict[int, int] = {}
    if levels > 1 and (numbers := column_numbers(rows[start + levels - 1])):
        header.pop()
    layout = Layout(start + levels)
    titles = {place: parts for place, parts in enumerate(_titles(header)) if parts}
    for place, parts in titles.items():
        _assign(table, words, layout, place, parts)
    _assign_by_number(table, layout, numbers)
    return layout


def _titles(header: list[list[str]]) -> Iterator[tuple[str, ...]]:
    """Yield the words above each place, top down; a merged cell covers the empty ones beside it."""
    width = max(map(len, header), default=0)
    grid = [row + [""] * (width - len(row)) for row in header]
    for level in range(len(grid) - 1):
        for place in range(1, width):
            below = any(grid[deeper][place] for deeper in range(level + 1, len(grid)))
            if not grid[level][place] and below and _is_group(grid, level, place - 1):
                grid[level][place] = grid[level][place - 1]
    for place in range(width):
        parts = (grid[level][place] for level in range(len(grid)))
        yield tuple(dict.fromkeys(part for part in parts if part))


def _is_group(grid: list[list[str]], level: int, place: int) -> bool:
    """A merged heading has words below it; a column of its own does not."""
    return any(grid[deeper][place] for deeper in range(level + 1, len(grid)))


def _assign(
    table: Form, words: ColumnWords, layout: Layout, place: int, parts: tuple[str, ...]
) -> None:
    taken = set(layout.columns.values())
    key = words.find(parts, taken, _last_index(table, layout))
    titles = {search_key(text) for text in (" ".join(parts), parts[0], parts[-1])}
    if key and key not in taken:
        layout.columns[place] = key
    elif layout.label is None and titles & _row_words(table):
        layout.label = place
    elif layout.ordinal is None and titles & _ORDINAL:
        layout.ordinal = place
    elif layout.section is None and titles & _SECTION:
        layout.section = place
    elif layout.section_label is None and titles & _SECTION_LABEL:
        layout.section_label = place
    else:
        layout.unknown[place] = " – ".join(parts)


def _last_index(table: Form, layout: Layout) -> int:
    keys = [column.key for column in table.columns]
    return keys.index(list(layout.columns.values())[-1]) if layout.columns else -1


def _assign_by_number(table: Form, layout: Layout, numbers: dict[int, int]) -> None:
    """The printed number of a column decides what its worn words could not."""
    by_number = {column.number.strip("()"): column.key for column in table.columns if column.number}
    for place, number in numbers.items():
        key = by_number.get(str(number))
        if key and place not in layout.columns and key not in layout.columns.values():
            layout.columns[place] = key
            layout.unknown.pop(place, None)
        elif f"({number})" == table.row_number and layout.label is None:
            layout.label = place
            layout.unknown.pop(place, None)
        elif f"({number})" == table.ordinal_number and layout.ordinal is None:
            layout.ordinal = place
            layout.unknown.pop(place, None)


def _row_words(table: Form) -> frozenset[str]:
    header = table.row_header
    words = (table.row_name, header, header.split(",")[0], *_ROW_WORDS[table.shape])
    return frozenset(search_key(word) for word in words if word)


class ColumnWords:
    """Every wording under which a column of one definition is known."""

    def __init__(self, table: Form) -> None:
        self.order = [column.key for column in table.columns]
        self.names = {column.name.casefold(): column.key for column in table.columns}
        # A full wording wins over an inner one: «Tổng số» may be a column and a part of others.
        self.words = _collect(table, _short_wordings) | _collect(table, _full_wordings)

    def find(self, parts: Sequence[str], taken: set[str], after: int) -> str:
        """Return the column meant by the words of a header, '' when unknown.

        Words that several columns share (``Tổng số``) mean the next free one in printed order.
        """
        if len(parts) == 1 and (key := self.names.get(parts[0].casefold())):
            return key
        for start in range(len(parts)):
            joined = " ".join(parts[start:])
            for wording in (joined, _BRACKETS.sub(" ", joined)):
                keys = [k for k in self.words.get(search_key(wording), ()) if k not in taken]
                later = [key for key in keys if self.order.index(key) > after]
                if keys:
                    return (later or keys)[0]
        return ""

    def find_label(self, text: str) -> str:
        """Return the one column whose wording is exactly ``text``, '' when none or several."""
        for wording in (text, _BRACKETS.sub(" ", text)):
            keys = self.words.get(search_key(wording), ())
            if len(keys) == 1:
                return keys[0]
        return self.names.get(text.strip().casefold(), "")


def _collect(
    table: Form, wordings: Callable[[Column], tuple[str, ...]]
) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for column in table.columns:
        for words in {search_key(text) for text in wordings(column)} - {""}:
            found[words] = (*found.get(words, ()), column.key)
    return found


def _full_wordings(column: Column) -> tuple[str, ...]:
    return (" ".join(column.header), *column.aliases)


def _short_wordings(column: Column) -> tuple[str, ...]:
    return tuple(" ".join(column.header[start:]) for start in range(1, len(column.header)))


def text_place(row: Sequence[Cell], layout: Layout) -> int | None:
    """Return the first place outside the figures that holds words, for rows like «Tổng cộng»."""
    for place, cell in enumerate(row):
        if place not in layout.columns and isinstance(cell, str) and not cell.strip().isdecimal():
            return place
    return None
