"""Rules on rates: a part over its whole, and what a source printed beside the fraction."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from cchc_public.checks import rules
from cchc_public.checks.rules import (
    Finding,
    column_label,
    decimals_of,
    fraction,
    fraction_percent,
    is_cut,
    number,
    percent,
    place,
)
from cchc_public.tables.language import Ratio, Table
from cchc_public.tables.solved import Rate, SolvedRow, SolvedTable, add

WHOLE_RATES = (Decimal(0), Decimal(100))


def check_fractions(solved: SolvedTable) -> Iterator[Finding]:
    """Report a numerator over its denominator, unless an identity of both reports it already."""
    told = [fact.places for fact in solved.facts]
    for ratio in solved.form.table.ratios:
        rule = rules.INDICATOR_OVER_WHOLE if ratio.may_exceed else rules.NUMERATOR_OVER_DENOMINATOR
        for row in solved.rows:
            rate = row.rate(ratio.rate)
            if rate is None or rate.numerator is None or rate.denominator is None:
                continue
            keys = {(row.key, key) for key in (*ratio.numerator, *ratio.denominator)}
            if rate.numerator <= rate.denominator or any(keys <= places for places in told):
                continue
            written = fraction(rate.numerator, rate.denominator)
            yield rule.at(
                solved.form.code,
                f"{place(solved.form, row, ratio.rate)}: tử số lớn hơn mẫu số ({written}).",
                row=row.key,
                column=ratio.rate,
                found=number(rate.numerator),
                expected=number(rate.denominator),
            )


def check_stated_rates(solved: SolvedTable) -> Iterator[Finding]:
    """Report a printed rate that its fraction does not give at the decimals printed."""
    for ratio in solved.form.table.ratios:
        for row in solved.all_rows:
            rate = row.rate(ratio.rate)
            for key, stated in _printed(solved.form.table, ratio, row):
                if rate is not None and rate.numerator is not None and rate.denominator:
                    yield from _compare(solved, row, ratio, (key, stated))


def _printed(table: Table, ratio: Ratio, row: SolvedRow) -> Iterator[tuple[str, Decimal]]:
    """Yield where a rate is printed and what stands there, once."""
    if ratio.rate in row.stated:
        yield ratio.rate, row.stated[ratio.rate]
    elif ratio.stated_in and "%" in row.text(table.quantity(ratio.stated_in).unit_in):
        value = row.figure(ratio.stated_in)
        if value is not None:
            yield ratio.stated_in, Decimal(value)


def _compare(
    solved: SolvedTable, row: SolvedRow, ratio: Ratio, printed: tuple[str, Decimal]
) -> Iterator[Finding]:
    key, stated = printed
    rate = row.rate(ratio.rate) or Rate(None, None)
    numerator, denominator = rate.numerator or 0, rate.denominator or 1
    digits = decimals_of(stated)
    claims_all = stated in WHOLE_RATES and Decimal(numerator) * 100 != stated * denominator
    if fraction_percent(numerator, denominator, digits) == stated and not claims_all:
        return
    written = fraction(numerator, denominator)
    shown = max(digits, 2) if claims_all else digits
    computed = percent(fraction_percent(numerator, denominator, shown), shown)
    if claims_all and rate.percent is not None:
        computed = percent(rate.percent, decimals_of(rate.percent))
    where = place(solved.form, row, key)
    said = percent(stated, digits)
    at = {"row": row.key, "column": key, "found": said, "expected": f"{computed} ({written})"}
    if is_cut(numerator, denominator, stated) and not claims_all:
        statement = f"{where}: nguồn ghi {said}, đúng ra làm tròn là {computed} ({written})."
        yield rules.STATED_RATE_CUT.at(solved.form.code, statement, **at)
        return
    explained = _explain(solved, row, ratio, stated)
    only = f" Chỉ ghi {said} khi mọi phiếu, mọi hồ sơ đều như vậy." if claims_all else ""
    yield rules.STATED_RATE.at(
        solved.form.code,
        f"{where}: nguồn ghi {said}, nhưng {written} = {computed}.{explained}{only}",
        advice="Hãy nêu lý do dùng mẫu số đó, hoặc sửa tỷ lệ." if explained else "",
        **at,
    )


def _explain(solved: SolvedTable, row: SolvedRow, ratio: Ratio, stated: Decimal) -> str:
    """Name the fraction that does give the printed rate, when a known one does."""
    numerator = add(row.figure(key) for key in ratio.numerator)
    for keys in ratio.alternatives:
        denominator = add(row.figure(key) for key in keys)
        if numerator is None or not denominator:
            continue
        if fraction_percent(numerator, denominator, decimals_of(stated)) == stated:
            return (
                f" Con số in khớp với {fraction(numerator, denominator)}, tức mẫu số là "
                f"{column_label(solved.form, *keys)}."
            )
    return ""


def check_claims(solved: SolvedTable) -> Iterator[Finding]:
    """Report a printed rate of a survey that says nothing of how many answered."""
    for ratio in (one for one in solved.form.table.ratios if one.claim_rule):
        for row in solved.all_rows:
            stated = row.stated.get(ratio.rate)
            if stated is not None and not add(row.figure(key) for key in ratio.denominator):
                yield without_slips(solved, row, ratio.rate, stated)


def without_slips(solved: SolvedTable, row: SolvedRow, key: str, stated: Decimal) -> Finding:
    """Return the finding of a satisfaction rate without slips."""
    written = percent(stated, decimals_of(stated))
    return rules.SATISFACTION_WITHOUT_SLIPS.at(
        solved.form.code,
        f"{place(solved.form, None)}: nguồn ghi {written} hài lòng nhưng không có số phiếu.",
        row=row.key,
        column=key,
        found=written,
    )
