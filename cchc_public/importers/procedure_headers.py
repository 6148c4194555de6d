"""Finds the header of a procedure list by meaning: any order, several rows, merged cells."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from cchc_public.files.grid import Cell, Grid
from cchc_public.procedures.columns import COLUMNS
from cchc_public.procedures.record import ChannelKind
from cchc_public.procedures.wording import find_channel
from cchc_public.vietnamese.fold import fold

SEARCHED_ROWS = 40  # titles and notes may stand above the header
MAX_DEPTH = 3
_BRACKETS = re.compile(r"\([^()]*\)")
_ORDINALS = frozenset({"tt", "stt", "so tt", "so thu tu", ""})
_SPLIT_BY_CHANNEL = frozenset({"time_limit", "fee", "channel_notes"})


@dataclass(frozen=True)
class Target:
    """Where a column of the file goes; ``channel`` when the column is of one channel only."""

    key: str
    channel: ChannelKind | None = None


@dataclass(frozen=True)
class Header:
    """The recognised header: the first data row and the target of each column position."""

    first_row: int
    targets: dict[int, Target]
    ignored: tuple[str, ...]

    @property
    def keys(self) -> frozenset[str]:
        """Return the columns the file has."""
        return frozenset(target.key for target in self.targets.values())


def _names() -> dict[str, str]:
    found: dict[str, str] = {}
    for column in COLUMNS:
        for name in (column.key, column.header, *column.aliases):
            found.setdefault(fold(name), column.key)
    return found


_NAMES = _names()


def find_header(sheet: Grid) -> Header | None:
    """Return the header that recognises most columns; None when none names codes and more."""
    rows = fill_merged(sheet)
    best: Header | None = None
    for start in range(min(len(rows), SEARCHED_ROWS)):
        for depth in range(1, MAX_DEPTH + 1):
            header = _read_header(rows, start, depth)
            if header and (best is None or len(header.targets) > len(best.targets)):
                best = header
    return best


def fill_merged(sheet: Grid) -> list[list[Cell]]:
    """Return the top rows with the text of merged cells in every cell they cover."""
    rows = [list(row) for row in sheet.rows[: SEARCHED_ROWS + MAX_DEPTH]]
    for top, left, bottom, right in sheet.spans:
        if top >= len(rows) or left >= len(rows[top]):
            continue
        value = rows[top][left]
        for row in rows[top : bottom + 1]:
            for column in range(left, min(right + 1, len(row))):
                row[column] = value
    return rows


def spread_down(sheet: Grid) -> list[list[Cell]]:
    """Return all rows with cells merged over several rows repeated in each: a field beside many."""
    rows = [list(row) for row in sheet.rows]
    for top, left, bottom, right in sheet.spans:
        if left == right and top < len(rows) and left < len(rows[top]):
            for row in rows[top : bottom + 1]:
                row[left] = rows[top][left]
    return rows


def _read_header(rows: Sequence[Sequence[Cell]], start: int, depth: int) -> Header | None:
    if start + depth > len(rows):
        return None
    targets: dict[int, Target] = {}
    ignored = []
    for position in range(len(rows[start])):
        path = _path(rows, start, depth, position)
        target = match_header(path)
        if target is None or target in targets.values():
            ignored.append(" – ".join(path))
        else:
            targets[position] = target
    keys = {target.key for target in targets.values()}
    if "code" not in keys or len(keys) < 2:
        return None
    unknown = tuple(name for name in ignored if fold(name) not in _ORDINALS)
    return Header(_first_data_row(rows, start + depth), targets, unknown)


def _path(rows: Sequence[Sequence[Cell]], start: int, depth: int, position: int) -> list[str]:
    words = [str(rows[start + level][position] or "").strip() for level in range(depth)]
    if depth > 1 and not words[-2] and find_channel(words[-1]):
        # OpenDocument does not tell which cells are merged: the group stands to the left
        words[-2] = _group_left_of(rows[start + depth - 2], position)
    return list(dict.fromkeys(word for word in words if word))


def _group_left_of(row: Sequence[Cell], position: int) -> str:
    return next((str(cell).strip() for cell in reversed(row[:position]) if cell is not None), "")


def match_header(path: Sequence[str]) -> Target | None:
    """Return the target of a header path such as ("Thời hạn giải quyết", "Trực tiếp")."""
    *groups, leaf = path or [""]
    channel = find_channel(leaf)
    if channel and groups:
        key = _match_words(groups[-1])
        return Target(key, channel) if key in _SPLIT_BY_CHANNEL and key else None
    key = _match_words(leaf) or _match_words(" ".join(path))
    return Target(key) if key else None


def _match_words(words: str) -> str | None:
    """Match exactly, then without what stands in brackets."""
    return _NAMES.get(fold(words)) or _NAMES.get(fold(_BRACKETS.sub(" ", words)))


def _first_data_row(rows: Sequence[Sequence[Cell]], row: int) -> int:
    """Skip the row of column numbers that forms print below the header."""
    if row < len(rows):
        said = [str(cell).strip(" ()") for cell in rows[row] if cell is not None]
        if len(said) > 1 and all(re.fullmatch(r"\d{1,2}|[A-ZĐ]", word) for word in said):
            return row + 1
    return row
