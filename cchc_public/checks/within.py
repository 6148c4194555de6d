"""Rules that hold for every table by its definition alone: cells, differences, fractions."""

from __future__ import annotations

from collections.abc import Iterator

from cchc_public.checks import rules
from cchc_public.checks.finding import Finding
from cchc_public.checks.words import add_columns, column_label, fraction, known, number, place
from cchc_public.statutory.evaluate import EvaluatedRow, EvaluatedTable
from cchc_public.statutory.table import Column, Difference, Ratio, RowKind, ValueKind
from cchc_public.vietnamese.fold import fold
from cchc_public.vietnamese.numbers import Ambiguous, Unreadable, read_count, read_decimal


def check_unread(evaluated: EvaluatedTable) -> Iterator[Finding]:
    """Report text that staff typed and that could not be read."""
    table = evaluated.table
    for row, source in zip(evaluated.rows, evaluated.sheet.rows, strict=True):
        for key, text in source.unread.items():
            why = _why_unread(table.column(key), text)
            yield rules.UNREADABLE_CELL.at(
                table.code,
                f"{place(table, row, key)}: {why or f'không đọc được “{text}”.'}",
                row=row.key,
                column=key,
                found=text,
                advice="Hãy sửa lại ô này." if why else "",
            )


def _why_unread(column: Column, text: str) -> str:
    """Return what hinders reading ``text`` in ``column``; '' when nothing more can be said."""
    read = read_count if column.kind is ValueKind.COUNT else read_decimal
    outcome = read(text)
    return outcome.message if isinstance(outcome, Ambiguous | Unreadable) else ""


def check_duplicates(evaluated: EvaluatedTable) -> Iterator[Finding]:
    """Report a second row with the same name within its section."""
    table = evaluated.table
    seen: set[tuple[str, str]] = set()
    for row in evaluated.rows:
        name = (row.section, fold(row.label))
        if name in seen:
            yield rules.DUPLICATE_ROW.at(
                table.code,
                f"{place(table, row)}: dòng này lặp lại.",
                row=row.key,
            )
        seen.add(name)


def check_ranges(evaluated: EvaluatedTable) -> Iterator[Finding]:
    """Report counts below 0 and percentages outside 0–100."""
    for row in evaluated.rows:
        for column in evaluated.table.base_columns:
            value = known(row.values.get(column.key))
            if value is None:
                continue
            if column.kind is ValueKind.COUNT and value < 0:
                yield _negative_count(evaluated, row, column, number(value))
            if _is_percent(column) and not 0 <= value <= 100:
                yield _outside_percent(evaluated, row, column, number(value))


def check_differences(evaluated: EvaluatedTable) -> Iterator[Finding]:
    """Report a difference below 0, unless a fraction of the same two figures reports it."""
    for column in evaluated.table.columns:
        formula = column.formula
        if isinstance(formula, Difference) and not _has_ratio(evaluated, formula):
            for row in evaluated.rows:
                yield from _check_difference(evaluated, row, column, formula)


def check_fractions(evaluated: EvaluatedTable) -> Iterator[Finding]:
    """Report a numerator over its denominator; a commune's own indicators may exceed a plan."""
    is_free = evaluated.table.row_kind is RowKind.FREE_LIST
    rule = rules.INDICATOR_OVER_WHOLE if is_free else rules.NUMERATOR_OVER_DENOMINATOR
    for column in evaluated.table.columns:
        if isinstance(column.formula, Ratio):
            for row in evaluated.rows:
                yield from _check_fraction(evaluated, row, column, rule)


def _is_percent(column: Column) -> bool:
    return column.kind is ValueKind.NUMBER and column.unit == "%"


def _negative_count(
    evaluated: EvaluatedTable, row: EvaluatedRow, column: Column, value: str
) -> Finding:
    where = place(evaluated.table, row, column.key)
    return rules.NEGATIVE_COUNT.at(
        evaluated.table.code,
        f"{where}: ghi {value}, nhưng số đếm không thể âm.",
        row=row.key,
        column=column.key,
        found=value,
        expected="0",
    )


def _outside_percent(
    evaluated: EvaluatedTable, row: EvaluatedRow, column: Column, value: str
) -> Finding:
    where = place(evaluated.table, row, column.key)
    return rules.PERCENT_RANGE.at(
        evaluated.table.code,
        f"{where}: ghi {value} %, ngoài khoảng 0–100 %.",
        row=row.key,
        column=column.key,
        found=value,
        expected="0–100",
    )


def _has_ratio(evaluated: EvaluatedTable, formula: Difference) -> bool:
    """Tell whether a rate of the table is built on the same whole and part."""
    return any(
        isinstance(column.formula, Ratio)
        and column.formula.denominator == (formula.minuend,)
        and column.formula.numerator == formula.subtrahends
        for column in evaluated.table.columns
    )


def _check_difference(
    evaluated: EvaluatedTable, row: EvaluatedRow, column: Column, formula: Difference
) -> Iterator[Finding]:
    whole = known(row.values.get(formula.minuend))
    part = add_columns(row.values, formula.subtrahends)
    if whole is None or part is None or part <= whole:
        return
    table = evaluated.table
    yield rules.NEGATIVE_DIFFERENCE.at(
        table.code,
        f"{place(table, row)}: {column_label(table, *formula.subtrahends)} là {number(part)}, lớn "
        f"hơn {column_label(table, formula.minuend)} là {number(whole)}.",
        row=row.key,
        column=column.key,
        found=number(part),
        expected=number(whole),
    )


def _check_fraction(
    evaluated: EvaluatedTable, row: EvaluatedRow, column: Column, rule: rules.Rule
) -> Iterator[Finding]:
    rate = evaluated.rate(column.key, row.key)
    if rate is None or rate.numerator is None or rate.denominator is None:
        return
    if rate.numerator <= rate.denominator:
        return
    table = evaluated.table
    written = fraction(rate.numerator, rate.denominator)
    yield rule.at(
        table.code,
        f"{place(table, row, column.key)}: tử số lớn hơn mẫu số ({written}).",
        row=row.key,
        column=column.key,
        found=number(rate.numerator),
        expected=number(rate.denominator),
    )
