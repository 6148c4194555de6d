"""Finds the empty cells that keep a total from being computed; a hint, never a finding."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from cchc_public.office.reports.sheet_view import CellView, RowView
from cchc_public.statutory.table import Column, Difference, Sum


def list_gaps(rows: Iterable[RowView]) -> tuple[CellView, ...]:
    """Return the empty cells of totals that are partly typed.

    A row of which nothing was typed yet is work to do, not a slip; figures carried over from the
    period before are not typed either.
    """
    return tuple(cell for row in rows if row.key for cell in _gaps_of(row))


def _gaps_of(row: RowView) -> Iterator[CellView]:
    cells = {cell.column.key: cell for cell in row.cells if cell.name}
    told = set()
    for column in (cell.column for cell in row.cells):
        typed = [cells[key] for key in _parts(column) if key in cells]
        if not any(cell.text and not cell.column.carried_from for cell in typed):
            continue
        for cell in typed:
            if not cell.text and cell.id not in told:
                told.add(cell.id)
                yield cell


def _parts(column: Column) -> tuple[str, ...]:
    formula = column.formula
    if isinstance(formula, Sum):
        return formula.parts
    if isinstance(formula, Difference):
        return (formula.minuend, *formula.subtrahends)
    return ()
