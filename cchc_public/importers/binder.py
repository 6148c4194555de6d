"""Collects rows, notes and problems while a source is bound to its definition."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from cchc_public.files.grid import Cell
from cchc_public.importers.cells import (
    CellRead,
    from_percent_cell,
    is_whole_percent_doubt,
    read_cell,
)
from cchc_public.importers.outcome import ImportNote, SheetImport
from cchc_public.tables.language import BY_FIELD, SINGLE, Column, Form, ValueKind
from cchc_public.tables.sheet import NO_TOTAL, Row, Sheet, Value
from cchc_public.tables.solved import Rate, solve
from cchc_public.vietnamese.numbers import format_number

Raw = Mapping[str, Cell]  # cells of one row by column key


@dataclass
class Binder:
    """One import at work; ``finish`` gives the result."""

    table: Form
    rows: list[Row] = field(default_factory=list)
    total: dict[str, Value] = field(default_factory=dict)
    readings: list[ImportNote] = field(default_factory=list)
    problems: list[ImportNote] = field(default_factory=list)
    percent_columns: frozenset[str] = frozenset()  # NUMBER columns kept as 0.5 for 50 %

    def told(self, message: str, row: str = "", column: str = "", line: int = 0) -> None:
        """Note how something was read."""
        self.readings.append(ImportNote(message, row, column, line))

    def refuse(self, message: str, row: str = "", column: str = "", line: int = 0) -> None:
        """Note something a person must look at."""
        self.problems.append(ImportNote(message, row, column, line))

    def taken(self) -> set[str]:
        """Return the row keys in use."""
        return {row.key for row in self.rows}

    def add_row(
        self, key: str, label: str, raw: Raw, line: int, section: tuple[str, str] = ("", "")
    ) -> None:
        """Read the cells of a row and keep it."""
        cells: dict[str, Value] = {}
        unread: dict[str, str] = {}
        for column in self.table.columns:
            read = self._read(column, raw.get(column.key), key, label, line)
            if read.is_problem and column.is_base:
                unread[column.key] = read.unread
            elif read.value is not None:
                cells[column.key] = read.value
        row = Row(key, label, *section, cells=cells, unread=unread)
        self.rows.append(self._with_percent_cells(row, raw))

    def add_total(self, raw: Raw, line: int) -> None:
        """Keep the printed total row: every figure in it is a statement."""
        self.total.clear()
        for column in self.table.columns:
            read = self._read(column, raw.get(column.key), "", "Tổng cộng", line)
            if isinstance(read.value, int | Decimal):
                self.total[column.key] = read.value

    def finish(self, window: tuple[date | None, date | None] = (None, None)) -> SheetImport:
        """Return the sheet; the printed total is compared with the sums of its columns."""
        self._check_total()
        sheet = Sheet(
            self.table.code,
            self.table.edition,
            *window,
            rows=tuple(self.rows),
            total=replace(NO_TOTAL, cells=dict(self.total)),
        )
        return SheetImport(sheet, tuple(self.readings), tuple(self.problems))

    def column_sum(self, column: Column) -> Decimal | None:
        """Return the sum of a base column, None when a cell is unknown or unread."""
        values = [row.cells.get(column.key) for row in self.rows]
        if not values or not all(isinstance(value, int | Decimal) for value in values):
            return None
        return sum((Decimal(value) for value in values if value is not None), Decimal(0))

    def is_sum(self, raw: Raw) -> bool:
        """True when the figures of ``raw`` are the sums of the rows so far (two rows or more)."""
        pairs = []
        for column in self.table.base_columns:
            read = read_cell(column, raw.get(column.key))
            if isinstance(read.value, int | Decimal):
                pairs.append((Decimal(read.value), self.column_sum(column)))
        return len(self.rows) > 1 and len(pairs) > 1 and all(a == b for a, b in pairs)

    def _read(self, column: Column, raw: Cell, key: str, label: str, line: int) -> CellRead:
        read = read_cell(column, raw)
        if column.key in self.percent_columns and is_whole_percent_doubt(raw):
            return CellRead(from_percent_cell(raw))  # type: ignore[arg-type]
        if read.note:
            note = self.refuse if read.is_problem else self.told
            single = self.table.shape is SINGLE
            place = f"«{column.label}»: " if single else f"Dòng «{label}», cột «{column.label}»: "
            note(place + read.note, key, column.key, line)
        return read

    def _with_percent_cells(self, row: Row, raw: Raw) -> Row:
        """A rate kept as 0,7756 in a percent cell is 77,56 %: the computed rate decides."""
        cells = dict(row.cells)
        computed = solve(self.table, Sheet("", "", rows=(row,))).rows[0].values
        for column in self.table.columns:
            value, rate = raw.get(column.key), computed.get(column.key)
            if column.kind is not ValueKind.RATE or not is_whole_percent_doubt(value):
                continue
            percent = rate.percent if isinstance(rate, Rate) else None
            scaled = from_percent_cell(value)  # type: ignore[arg-type]
            if percent is not None and abs(scaled - percent) < abs(scaled / 100 - percent):
                cells[column.key] = scaled
        return replace(row, cells=cells)

    def _check_total(self) -> None:
        if self.table.shape is not BY_FIELD:
            return
        for column in self.table.base_columns:
            stated, computed = self.total.get(column.key), self.column_sum(column)
            if isinstance(stated, int | Decimal) and computed not in (None, stated):
                self.refuse(
                    f"Dòng tổng cộng của nguồn ghi {format_number(stated)} ở cột "
                    f"«{column.label}», nhưng cộng các dòng được {format_number(computed or 0)}.",
                    column=column.key,
                )
