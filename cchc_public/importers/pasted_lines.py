"""Parts a pasted line into its words and the run of figures that closes it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

_FIGURE = re.compile(r"[0-9][0-9.,]*%?|[-–—…]|\.\.\.")
_SPACED_PERCENT = re.compile(r"(?<=[0-9])[ \u00a0]+%")
_ORDINAL = re.compile(r"[0-9]{1,3}\.?|[IVXLC]+\.?")


@dataclass(frozen=True)
class FigureLine:
    """One pasted line: ``ordinal`` opened it, ``words`` name it, ``figures`` close it."""

    number: int
    ordinal: str
    words: tuple[str, ...]
    figures: tuple[str, ...]

    @property
    def label(self) -> str:
        """The words in one line."""
        return " ".join(self.words)


def parse_words(number: int, line: str) -> FigureLine:
    """Part a line of plain text at its spaces."""
    return _parse(number, _SPACED_PERCENT.sub("%", line).split())


def parse_cells(number: int, cells: Sequence[str]) -> FigureLine:
    """Part a line at its cells; an empty cell within the run is a figure not given."""
    kept = list(cells)
    while kept and not kept[0]:
        kept.pop(0)
    return _parse(number, kept)


def _parse(number: int, parts: Sequence[str]) -> FigureLine:
    start = len(parts)
    while start and (not parts[start - 1] or _FIGURE.fullmatch(parts[start - 1])):
        start -= 1
    words = [part for part in parts[:start] if part]
    ordinal = ""
    if len(words) > 1 and _ORDINAL.fullmatch(words[0]):
        ordinal = words.pop(0)
    return FigureLine(number, ordinal, tuple(words), tuple(parts[start:]))
