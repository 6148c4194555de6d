"""Rules on totals and rates that a source printed: compared with what the base cells give."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

from cchc_public.checks import rules
from cchc_public.checks.finding import Finding
from cchc_public.checks.words import (
    add_columns,
    column_label,
    decimals_of,
    fraction,
    fraction_percent,
    known,
    number,
    percent,
    place,
    rounded,
)
from cchc_public.statutory.evaluate import EvaluatedRow, EvaluatedTable, Rate
from cchc_public.statutory.table import Column, Ratio


def check_stated_totals(evaluated: EvaluatedTable) -> Iterator[Finding]:
    """Report a printed sum or difference that the base cells do not give."""
    for row in _stated_rows(evaluated):
        for column, stated in _stated_columns(evaluated, row):
            computed = known(row.values.get(column.key))
            if isinstance(column.formula, Ratio) or computed is None:
                continue
            if rounded(Decimal(computed), decimals_of(stated)) != stated:
                yield _total_differs(evaluated, row, column, stated, computed)


def check_stated_rates(evaluated: EvaluatedTable) -> Iterator[Finding]:
    """Report a printed rate that its fraction does not give at the decimals printed."""
    for row in _stated_rows(evaluated):
        for column, stated in _stated_columns(evaluated, row):
            rate = row.values.get(column.key)
            if not isinstance(rate, Rate) or rate.numerator is None or not rate.denominator:
                continue
            digits = decimals_of(stated)
            if fraction_percent(rate.numerator, rate.denominator, digits) != stated:
                yield _rate_differs(evaluated, row, column, stated, rate)


def _stated_rows(evaluated: EvaluatedTable) -> tuple[EvaluatedRow, ...]:
    total = (evaluated.total,) if evaluated.total else ()
    return (*evaluated.rows, *total)


def _stated_columns(
    evaluated: EvaluatedTable, row: EvaluatedRow
) -> Iterator[tuple[Column, Decimal]]:
    for column in evaluated.table.columns:
        if column.key in row.stated:
            yield column, row.stated[column.key]


def _total_differs(
    evaluated: EvaluatedTable,
    row: EvaluatedRow,
    column: Column,
    stated: Decimal,
    computed: int | Decimal,
) -> Finding:
    table = evaluated.table
    return rules.STATED_TOTAL.at(
        table.code,
        f"{place(table, row, column.key)}: nguồn ghi {number(stated)}, nhưng cộng lại từ các ô "
        f"gốc được {number(computed)}.",
        row=row.key,
        column=column.key,
        found=number(stated),
        expected=number(computed),
    )


def _rate_differs(
    evaluated: EvaluatedTable, row: EvaluatedRow, column: Column, stated: Decimal, rate: Rate
) -> Finding:
    numerator, denominator = rate.numerator or 0, rate.denominator or 1
    digits = decimals_of(stated)
    computed = percent(fraction_percent(numerator, denominator, digits), digits)
    written = fraction(numerator, denominator)
    table = evaluated.table
    explained = _explain(evaluated, column, row.values, stated)
    return rules.STATED_RATE.at(
        table.code,
        f"{place(table, row, column.key)}: nguồn ghi {percent(stated, digits)}, nhưng {written} = "
        f"{computed}.{explained}",
        row=row.key,
        column=column.key,
        found=percent(stated, digits),
        expected=f"{computed} ({written})",
        advice="Hãy nêu lý do dùng mẫu số đó, hoặc sửa tỷ lệ." if explained else "",
    )


def _explain(
    evaluated: EvaluatedTable, column: Column, values: Mapping[str, object], stated: Decimal
) -> str:
    """Name the fraction that does give the printed rate, when a known one does."""
    formula = column.formula
    if not isinstance(formula, Ratio):
        return ""
    numerator = _sum(values, formula.numerator)
    for keys in formula.alternatives:
        denominator = _sum(values, keys)
        if numerator is None or not denominator:
            continue
        if fraction_percent(numerator, denominator, decimals_of(stated)) == stated:
            return (
                f" Con số in khớp với {fraction(numerator, denominator)}, tức mẫu số là "
                f"{column_label(evaluated.table, *keys)}."
            )
    return ""


def _sum(values: Mapping[str, object], keys: tuple[str, ...]) -> int | Decimal | None:
    figures = {k: v for k, v in values.items() if isinstance(v, int | Decimal)}
    return add_columns(figures, keys)
