"""Small questions about neutral rows: what a cell says, which data window the words name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date
from itertools import pairwise

from cchc_public.files.grid import Cell, cell_text
from cchc_public.vietnamese.fold import fold
from cchc_public.vietnamese.numbers import format_number

Grid = Sequence[Sequence[Cell]]

_DAY = r"(?:ngay )?([0-9]{1,2}) (?:thang )?([0-9]{1,2}) (?:nam )?([0-9]{4})"
_WINDOW = re.compile(rf"\btu {_DAY} den (?:het )?{_DAY}")
_NUMBERED = re.compile(r"\(?([0-9]{1,2})\)?(?: ?=.*)?")
_TOTALS = frozenset({"tong cong", "tong so", "tong", "cong", "toan xa", "tong toan xa"})


def is_blank(row: Iterable[Cell]) -> bool:
    """True when no cell of the row says anything."""
    return not any(cell_text(cell) for cell in row)


def is_total_label(text: str) -> bool:
    """True for ``Tổng cộng`` and its kin."""
    return fold(text) in _TOTALS


def column_numbers(row: Sequence[Cell]) -> dict[int, int]:
    """Return the printed column numbers by place when the row holds only such, else {}.

    ``(1) (3)=(4)+(5) (6)`` in rising order, or bare ``1 2 3 4`` without a gap.
    """
    texts = {place: cell_text(cell) for place, cell in enumerate(row) if cell_text(cell)}
    found = {place: _NUMBERED.fullmatch(text) for place, text in texts.items()}
    numbers = {place: int(match[1]) for place, match in found.items() if match}
    if len(numbers) < 3 or len(numbers) != len(texts):
        return {}
    values = list(numbers.values())
    is_bracketed = all(text.startswith("(") for text in texts.values())
    steps = {after - before for before, after in pairwise(values)}
    return numbers if steps == {1} or (is_bracketed and min(steps) > 0) else {}


def find_window(texts: Iterable[str]) -> tuple[date | None, date | None]:
    """Return the data window the words name («từ ngày … đến ngày …»), as printed."""
    for text in texts:
        found = _WINDOW.search(fold(text))
        if found:
            day, month, year, *last = (int(part) for part in found.groups())
            return _day(year, month, day), _day(last[2], last[1], last[0])
    return None, None


def grid_texts(rows: Grid) -> Iterable[str]:
    """Yield the words of every row; a date may stand in a cell of its own."""
    return (" ".join(filter(None, map(cell_text, row))) for row in rows)


def plain_number(value: int | float) -> str:
    """Return a number from a cell the way a Vietnamese clerk writes it."""
    return cell_text(value) if isinstance(value, float) else format_number(value)


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
