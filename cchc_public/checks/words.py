"""How findings name cells and write numbers; the only place where their wording is composed."""

from __future__ import annotations

from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal

from cchc_public.tables.language import Form
from cchc_public.tables.solved import SolvedRow
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


def fraction_percent(
    numerator: Number, denominator: Number, digits: int, rounding: str = ROUND_HALF_UP
) -> Decimal:
    """Return the percentage of a fraction rounded to ``digits``; the denominator is not 0."""
    exact = Decimal(numerator) * 100 / Decimal(denominator)
    return exact.quantize(Decimal(1).scaleb(-digits), rounding)


def is_cut(numerator: Number, denominator: Number, stated: Decimal) -> bool:
    """Tell whether ``stated`` is the percentage with its further decimals cut off."""
    digits = decimals_of(stated)
    return fraction_percent(numerator, denominator, digits, ROUND_DOWN) == stated


def fraction(numerator: Number, denominator: Number) -> str:
    """Write ``319/379``."""
    return f"{number(numerator)}/{number(denominator)}"


def gap(one: Number, other: Number) -> str:
    """Write how far apart two figures are."""
    return number(one - other if one >= other else other - one)


def column_label(form: Form, *keys: str) -> str:
    """Name columns as printed: ``“Trước hạn” + “Đúng hạn”``."""
    return " + ".join(f"“{form.column(key).label}”" for key in keys)


def place(form: Form, row: SolvedRow | None, *keys: str) -> str:
    """Name a cell: ``Biểu “…”, dòng “…”, cột “…”``; the row is left out where there is only one."""
    words = [f"Biểu “{form.short_title}”"]
    if row is not None and form.shape.has_labels:
        words.append(f"dòng “{row.label}”")
    if keys:
        words.append(f"cột {column_label(form, *keys)}")
    return ", ".join(words)
