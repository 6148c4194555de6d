"""What an import gives back: the sheet, how figures were read, and what could not be used."""

from __future__ import annotations

from dataclasses import dataclass

from cchc_public.tables.sheet import Sheet
from cchc_public.vietnamese.repair import Change


@dataclass(frozen=True)
class ImportNote:
    """One Vietnamese sentence about a place of the source; ``row``, ``column`` are keys or ''.

    ``line`` is the line of the source, counted from 1; 0 when it concerns no single line.
    """

    message: str
    row: str = ""
    column: str = ""
    line: int = 0


@dataclass(frozen=True)
class SheetImport:
    """A sheet bound to its definition.

    ``readings`` tell how something was read (a thousands dot, a missing column); ``problems`` need
    a person: unreadable cells, unknown columns and rows, totals that do not add up. ``changes``
    are the words that came in an old letter code.
    """

    sheet: Sheet
    readings: tuple[ImportNote, ...] = ()
    problems: tuple[ImportNote, ...] = ()
    changes: tuple[Change, ...] = ()

    @property
    def figure_count(self) -> int:
        """How many cells of the source found their place."""
        return sum(len(row.cells) for row in self.sheet.all_rows)
