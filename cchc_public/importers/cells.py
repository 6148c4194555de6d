"""Reads one cell of a source as its column needs it; says how, and what could not be read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from cchc_public.files.grid import Cell, cell_text
from cchc_public.importers.grid import plain_number
from cchc_public.tables.language import Column, ValueKind
from cchc_public.tables.sheet import Value
from cchc_public.vietnamese.numbers import (
    Missing,
    Outcome,
    Reading,
    Unreadable,
    read_count,
    read_decimal,
)


@dataclass(frozen=True)
class CellRead:
    """``value`` when readable, ``unread`` the source's text when not, ``note`` the sentence."""

    value: Value = None
    unread: str = ""
    note: str = ""

    @property
    def is_problem(self) -> bool:
        """True when a person must look."""
        return bool(self.unread)


def read_cell(column: Column, raw: Cell) -> CellRead:
    """Return what ``raw`` says in ``column``."""
    if column.kind is ValueKind.TEXT:
        return CellRead(cell_lines(raw) or None)
    outcome = _read_number(column, raw)
    if isinstance(outcome, Reading):
        return CellRead(outcome.value, note=outcome.note)
    if isinstance(outcome, Missing):
        return CellRead()
    return CellRead(unread=_shown(raw), note=outcome.message)


def cell_lines(raw: Cell) -> str:
    """Return text with its own line breaks but without other spare space."""
    if not isinstance(raw, str):
        return cell_text(raw)
    lines = (" ".join(line.split()) for line in raw.splitlines())
    return "\n".join(line for line in lines if line)


def is_whole_percent_doubt(raw: Cell) -> bool:
    """True for a number (not text) from 0 to 1: a percent cell of a spreadsheet may be kept so."""
    return isinstance(raw, int | float) and not isinstance(raw, bool) and 0 <= raw <= 1


def from_percent_cell(raw: int | float) -> Decimal:
    """Return 50 for the 0.5 that a spreadsheet keeps in a cell shown as 50 %."""
    scaled = Decimal(repr(raw)) * 100
    return scaled.quantize(Decimal("0.000001")).normalize() + 0


def _read_number(column: Column, raw: Cell) -> Outcome:
    if isinstance(raw, datetime | date):
        return Unreadable(
            f"Ô này chứa ngày {cell_text(raw)}, không phải số. Có thể Excel đã tự đổi số thành "
            "ngày; hãy gõ lại số."
        )
    if column.kind is ValueKind.COUNT:
        return read_count(raw)
    return read_decimal(raw)


def _shown(raw: Cell) -> str:
    if isinstance(raw, int | float) and not isinstance(raw, bool):
        return plain_number(raw)
    return cell_text(raw)
