"""How findings name cells and write numbers; the only place where their wording is composed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import ROUND_HALF_UP, Decimal

from cchc_public.statutory.evaluate import EvaluatedRow, EvaluatedTable, EvaluatedValue, add
from cchc_public.statutory.table import RowKind, StatutoryTable
from cchc_public.vietnamese.numbers import Number, format_number, format_percent


def number(value: Number) -> str:
    """Write a figure without decimals that say nothing: ``60``, not ``60.00``."""
    if isinstance(value, Decimal) and value == value.to_integral_value():
        return format_number(int(value))
    return format_number(value)


def percent(value: Decimal, digits: int) -> str:
    """Write a percentage with exactly ``digits`` decimals."""
    return format_percent(value, digits)


def decimals_of(value: Decimal) -> int:
    """Return how many decimals a stated figure was printed with."""
    exponent = value.as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def rounded(value: Decimal, digits: int) -> Decimal:
    """Round half up, as reports do."""
    return value.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)


def fraction_percent(numerator: Number, denominator: Number, digits: int) -> Decimal:
    """Return the percentage of a fraction rounded to ``digits``; the denominator is not 0."""
    return rounded(Decimal(numerator) * 100 / Decimal(denominator), digits)


def fraction(numerator: Number, denominator: Number) -> str:
    """Write ``319/379``."""
    return f"{number(numerator)}/{number(denominator)}"


def gap(one: Number, other: Number) -> str:
    """Write how far apart two figures are."""
    return number(one - other if one >= other else other - one)


def column_label(table: StatutoryTable, *keys: str) -> str:
    """Name columns as printed: ``“Trước hạn” + “Đúng hạn”``."""
    return " + ".join(f"“{table.column(key).label}”" for key in keys)


def place(table: StatutoryTable, row: EvaluatedRow | None, *columns: str) -> str:
    """Name a cell: ``Biểu “…”, dòng “…”, cột “…”``; the row is left out where there is only one."""
    words = [f"Biểu “{table.short_title}”"]
    if row is not None and table.row_kind is not RowKind.SINGLE:
        words.append(f"dòng “{row.label}”")
    if columns:
        words.append(f"cột {column_label(table, *columns)}")
    return ", ".join(words)


def add_columns(values: Mapping[str, EvaluatedValue], keys: Iterable[str]) -> Number | None:
    """Add cells of one row; unknown as soon as one is."""
    return add(values.get(key) for key in keys)


def known(value: EvaluatedValue) -> Number | None:
    """Return the value when it is a known figure."""
    return value if isinstance(value, int | Decimal) else None


def row_sum(evaluated: EvaluatedTable, *columns: str) -> Number | None:
    """Add columns over the total, or over the only row; None when the table lacks one of them."""
    keys = {column.key for column in evaluated.table.columns}
    if not keys.issuperset(columns):
        return None
    return add(evaluated.figure(column) for column in columns)
