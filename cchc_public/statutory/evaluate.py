"""Computes totals, differences and rates of a sheet; the only place where figures are derived."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal

from cchc_public.statutory.sheet import Row, Sheet, Value
from cchc_public.statutory.table import (
    Column,
    Difference,
    Formula,
    StatutoryTable,
    Sum,
    ValueKind,
)
from cchc_public.vietnamese.numbers import Number

TOTAL_KEY = "tong-cong"
TOTAL_LABEL = "Tổng cộng"


@dataclass(frozen=True)
class Rate:
    """A percentage that never travels without its fraction.

    ``numerator`` and ``denominator`` are None when unknown; ``percent`` is None when it cannot be
    computed (unknown part, or nothing to divide by).
    """

    numerator: Number | None
    denominator: Number | None

    @property
    def percent(self) -> Decimal | None:
        """Percent rounded half up to two decimals, None when not computable."""
        if self.numerator is None or not self.denominator:
            return None
        exact = Decimal(self.numerator) * 100 / Decimal(self.denominator)
        return exact.quantize(Decimal("0.01"), ROUND_HALF_UP)


EvaluatedValue = Value | Rate


@dataclass(frozen=True)
class EvaluatedRow:
    """A row with every column of the table filled: base cells as typed, the rest computed."""

    key: str
    label: str
    section: str = ""
    section_label: str = ""
    values: Mapping[str, EvaluatedValue] = field(default_factory=dict)
    stated: Mapping[str, Decimal] = field(default_factory=dict)


@dataclass(frozen=True)
class EvaluatedTable:
    """A sheet with everything computed: ``rows`` in order, ``total`` when the form has one."""

    table: StatutoryTable
    sheet: Sheet
    rows: tuple[EvaluatedRow, ...]
    total: EvaluatedRow | None

    def row(self, key: str) -> EvaluatedRow | None:
        """Return the row ``key`` (``TOTAL_KEY`` for the grand total) or None."""
        if self.total and key == TOTAL_KEY:
            return self.total
        return next((row for row in self.rows if row.key == key), None)

    def figure(self, column: str, row: str | None = None) -> Number | None:
        """Return one number: of ``row``, else of the total, else the first row; None if unknown."""
        value = self._value(column, row)
        return value if isinstance(value, int | Decimal) else None

    def rate(self, column: str, row: str | None = None) -> Rate | None:
        """Return one rate, chosen like ``figure``."""
        value = self._value(column, row)
        return value if isinstance(value, Rate) else None

    def _value(self, column: str, row: str | None) -> EvaluatedValue:
        source = self.row(row) if row else self.total or (self.rows[0] if self.rows else None)
        return source.values.get(column) if source else None


def evaluate(table: StatutoryTable, sheet: Sheet) -> EvaluatedTable:
    """Return ``sheet`` with every computed column and the grand total."""
    rows = tuple(_evaluate_row(table, row) for row in sheet.rows)
    total = _total_row(table, sheet) if table.has_total else None
    return EvaluatedTable(table, sheet, rows, total)


def _evaluate_row(table: StatutoryTable, row: Row) -> EvaluatedRow:
    values = {c.key: row.cells.get(c.key) for c in table.base_columns}
    return EvaluatedRow(
        row.key, row.label, row.section, row.section_label, _computed(table, values), row.stated
    )


def _total_row(table: StatutoryTable, sheet: Sheet) -> EvaluatedRow:
    values: dict[str, Value] = {}
    for column in table.base_columns:
        values[column.key] = _column_sum(column, sheet.rows)
    return EvaluatedRow(
        TOTAL_KEY,
        TOTAL_LABEL,
        values=_computed(table, values),
        stated=sheet.stated_total,
    )


def _column_sum(column: Column, rows: Iterable[Row]) -> Number | None:
    if column.kind is ValueKind.TEXT or not column.is_summed:
        return None
    return add(row.cells.get(column.key) for row in rows)


def _computed(table: StatutoryTable, base: Mapping[str, Value]) -> dict[str, EvaluatedValue]:
    """Fill computed columns; a formula may use another computed column, in any printed order."""
    values: dict[str, EvaluatedValue] = dict(base)
    for column in table.columns:
        _fill(table, column, values)
    return {column.key: values.get(column.key) for column in table.columns}


def _fill(table: StatutoryTable, column: Column, values: dict[str, EvaluatedValue]) -> None:
    if column.formula is None or column.key in values:
        return
    for key in formula_parts(column.formula):
        _fill(table, table.column(key), values)
    values[column.key] = apply_formula(column.formula, values)


def formula_parts(formula: Formula) -> tuple[str, ...]:
    """Return the keys of the columns a formula reads."""
    if isinstance(formula, Sum):
        return formula.parts
    if isinstance(formula, Difference):
        return (formula.minuend, *formula.subtrahends)
    return (*formula.numerator, *formula.denominator)


def apply_formula(formula: Formula, values: Mapping[str, EvaluatedValue]) -> Number | Rate | None:
    """Return the formula's value; None (or a Rate with None) when a part is unknown."""
    if isinstance(formula, Sum):
        return add(values.get(key) for key in formula.parts)
    if isinstance(formula, Difference):
        minuend = add([values.get(formula.minuend)])
        taken = add(values.get(key) for key in formula.subtrahends)
        return None if minuend is None or taken is None else minuend - taken
    return Rate(
        add(values.get(key) for key in formula.numerator),
        add(values.get(key) for key in formula.denominator),
    )


def add(values: Iterable[EvaluatedValue]) -> Number | None:
    """Add numbers; one unknown makes the sum unknown, so that a gap never reads as 0."""
    result: Number = 0
    seen = False
    for value in values:
        if not isinstance(value, int | Decimal):
            return None
        result += value
        seen = True
    return result if seen else None
