"""Rules within one table: cells, identities, limits, rates, windows, tasks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import ROUND_DOWN, Decimal
from functools import partial
from operator import methodcaller

from cchc_public.checks.rules import (
    RULES,
    Checks,
    Finding,
    column_label,
    fraction,
    gap,
    number,
    place,
)
from cchc_public.tables.language import Balance, Limit, Ratio, ValueKind
from cchc_public.tables.sheet import Rate, Row, SolvedRow, SolvedTable, add
from cchc_public.tables.solving import Fact, Origin, Place, Term
from cchc_public.vietnamese.dates import format_date
from cchc_public.vietnamese.numbers import Ambiguous, Number, Unreadable, format_percent
from cchc_public.vietnamese.text import fold

Window = tuple[date, date]
# Communes close a few days early or late; only more than a month is clearly another period.
TOLERANCE = timedelta(days=31)
MOST_TERMS = 8  # of a contradiction written out

SHEET_RULES = Checks[Callable[[SolvedTable], Iterable[Finding]]]()


def _row_of(solved: SolvedTable, source: Row) -> SolvedRow:
    """A form without a total does not show one, but what is wrong in it has its place."""
    return solved.row(source.key) or SolvedRow.of(source)


@SHEET_RULES.add
def check_unread(solved: SolvedTable) -> Iterator[Finding]:
    """Report text that staff typed and that could not be read."""
    for source in solved.sheet.all_rows:
        for key, text in source.unread.items():
            quantity = solved.form.column(key).quantity
            outcome, _unit = quantity.read(text, str(source.cells.get(quantity.unit_in) or ""))
            why = outcome.message if isinstance(outcome, Ambiguous | Unreadable) else ""
            words, advice = why or f"không đọc được “{text}”.", "Hãy sửa lại ô này." if why else ""
            row = _row_of(solved, source)
            yield RULES["unreadable-cell"].on(solved, row, key, words, text, advice=advice)


@SHEET_RULES.add
def check_duplicates(solved: SolvedTable) -> Iterator[Finding]:
    """Report a second row with the same name within its section."""
    seen: set[tuple[str, str]] = set()
    for row in solved.rows:
        name = (row.section, fold(row.label))
        if name in seen:
            yield RULES["duplicate-row"].on(solved, row, "", "dòng này lặp lại.")
        seen.add(name)


@SHEET_RULES.add
def check_ranges(solved: SolvedTable) -> Iterator[Finding]:
    """Report counts below 0 and percentages outside 0–100."""
    for source in solved.sheet.all_rows:
        row = _row_of(solved, source)
        for key, value in source.given.items():
            quantity = solved.form.table.by_key.get(key)
            if quantity is None or not isinstance(value, int | Decimal):
                continue
            ratio = solved.form.table.ratio(key)
            is_bounded = quantity.is_percent and not (ratio and ratio.may_exceed)
            said = f"ghi {number(value)}"
            if quantity.kind is ValueKind.COUNT and value < 0:
                words = f"{said}, nhưng số đếm không thể âm."
                yield RULES["negative-count"].on(solved, row, key, words, value, 0)
            elif quantity.most and value > quantity.most:
                words = f"{said}, cao hơn mức tối đa {quantity.most}."
                yield RULES["over-most"].on(solved, row, key, words, value, str(quantity.most))
            elif is_bounded and not 0 <= value <= 100:
                words = f"{said} %, ngoài khoảng 0–100 %."
                yield RULES["percent-range"].on(solved, row, key, words, value, "0–100")


@SHEET_RULES.add
def check_facts(solved: SolvedTable) -> Iterator[Finding]:
    """Report every contradiction among given figures once, at its cell when only one fits."""
    for fact in solved.facts:
        if fact.cell is not None and fact.found is not None and fact.expected is not None:
            row, key = solved.row(fact.cell[0]), fact.cell[1]
            found, expected = number(fact.found), number(fact.expected)
            words = f"nguồn ghi {found}, nhưng các số khác cho {expected}."
            yield RULES["stated-total"].on(solved, row, key, words, found, expected)
            continue
        # what the two sides of an identity are; the finding stands at the side of one figure
        sides = [[term for term in fact.terms if term.sign * way > 0] for way in (1, -1)]
        rule, verb = RULES["negative-difference"], "ít hơn"
        if not fact.is_bound:
            rule, verb = RULES["stated-total"], "khác"
            sides.sort(key=len)
        rows = {term.place[0] for term in fact.terms}
        only = solved.row(rows.pop()) if len(rows) == 1 else None
        at, key = fact.cell or (sides[0][0].place if len(sides[0]) == 1 else fact.identity)
        words = f", {verb} ".join(_written(solved, side, only) for side in sides)
        where = place(solved.form, only)
        yield rule.on(solved, solved.row(at), key, f"{words}.", *map(_added, sides), where=where)


def _added(side: list[Term]) -> Number:
    return sum(term.value * abs(term.sign) for term in side)


def _written(solved: SolvedTable, terms: list[Term], only: SolvedRow | None) -> str:
    """Write ``“A” 3 + “B” 4 = 7``; the row is named where several rows take part."""
    words = []
    known = [term for term in terms if term.value] or terms[:1]
    for term in known[:MOST_TERMS]:
        row = solved.row(term.place[0])
        label = column_label(solved.form, term.place[1])
        name = label if only or row is None else f"{label} của “{row.label}”"
        words.append(f"{name} {number(term.value)}")
    if len(known) > MOST_TERMS:
        words.append(f"… ({len(known)} số)")
    total = f" = {number(_added(terms))}" if len(known) > 1 else ""
    return " + ".join(words) + total if known else "0"


@SHEET_RULES.add
def check_balances(solved: SolvedTable) -> Iterator[Finding]:
    """Report soft identities that do not hold: once a table with a total, else once a row."""
    for balance in solved.form.table.balances:
        if solved.sheet.unplaced:
            continue  # a column of the source has no place: what is missing may stand there
        off = [*_out(solved, balance, solved.rows)]
        total = solved.total
        is_derived = any(not _is_given(balance, row) for row, *_sides in off)
        is_known = any(balance.sides(row.known) for row in solved.rows)
        if total and (not is_known or is_derived and _is_given(balance, total)):
            # what a source says of the whole counts more than what follows from it for a row
            off = [*_out(solved, balance, [total])] or off
        if off and solved.form.shape.has_total:
            yield _out_of_balance(solved, balance, off)
        else:
            yield from (_out_of_balance(solved, balance, [one]) for one in off)


def _out(
    solved: SolvedTable, balance: Balance, rows: Iterable[SolvedRow]
) -> Iterator[tuple[SolvedRow, Number, Number]]:
    """Yield the rows that are out of balance, with the two sides."""
    for row in rows:
        sides = balance.sides(row.known)
        if sides and sides[0] != sides[1] and not _is_told(solved, balance, row):
            yield row, *sides


def _is_given(balance: Balance, row: SolvedRow) -> bool:
    return all(row.origin(key) is Origin.GIVEN for key in (balance.whole, *balance.parts))


def _is_told(solved: SolvedTable, balance: Balance, row: SolvedRow) -> bool:
    """Tell whether mending a figure of a contradiction that is told already mends the balance."""
    return any(
        (mended := fact.mended(place)) is not None
        and (sides := balance.sides(replace(row, values={**row.values, place[1]: mended}).known))
        and sides[0] == sides[1]
        for fact in solved.facts
        for place in fact.suspects
        if place[0] == row.key and place[1] in (balance.whole, *balance.parts)
    )


def _out_of_balance(
    solved: SolvedTable, balance: Balance, off: list[tuple[SolvedRow, Number, Number]]
) -> Finding:
    form, rule = solved.form, RULES[balance.rule]
    column = balance.parts[-1] if form.shape.has_total else balance.parts[0]
    label = column_label(form, balance.whole)
    row, parts, whole = off[0]
    if len(off) == 1:
        known = [key for key in (*balance.parts, *balance.optional) if row.known(key) is not None]
        written = " + ".join(f"{column_label(form, k)} {number(row.known(k) or 0)}" for k in known)
        differs = f"khác {label} {number(whole)} (chênh {gap(parts, whole)})."
        words = f"{written} = {number(parts)}, {differs}"
        return rule.on(solved, row, column, words, parts, whole, where=place(form, row))
    listed = "; ".join(
        f"“{row.label}” {number(all_)} khác {number(sum_)}" for row, sum_, all_ in off
    )
    words = f"ở {len(off)} dòng, {label} khác {column_label(form, *balance.parts)}: {listed}."
    figures = ("; ".join(map(number, side)) for side in zip(*(one[1:] for one in off), strict=True))
    return rule.on(solved, None, column, words, *figures)


def _larger(
    solved: SolvedTable, read: Callable[[SolvedRow], Rate | None]
) -> list[tuple[SolvedRow, Number, Number]]:
    """Return where a part is larger than its whole: in rows, else in groups, else in the total."""
    for level in (solved.rows, solved.groups, (solved.total,) if solved.total else ()):
        found = []
        for row in level:
            part, whole = (rate.numerator, rate.denominator) if (rate := read(row)) else (None, 0)
            if part is not None and whole is not None and part > whole:
                found.append((row, part, whole))
        if found:
            return found
    return []


@SHEET_RULES.add
def check_limits(solved: SolvedTable) -> Iterator[Finding]:
    """Report a part larger than the whole that holds it."""
    for limit in (one for one in solved.form.table.limits if not one.table):
        for row, part, whole in _larger(solved, partial(_rate_of, limit)):
            yield over_limit(solved, row, limit, (part, whole))


def _rate_of(limit: Limit, row: SolvedRow) -> Rate:
    return Rate(row.known(limit.part), row.known(limit.whole))


def over_limit(
    solved: SolvedTable, row: SolvedRow, limit: Limit, figures: tuple[Number, Number]
) -> Finding:
    """Return the finding of one limit; ``figures`` are part and whole."""
    part, whole = map(number, figures)
    if limit.what:
        only = f"nhưng chỉ có {whole} {limit.what[1]} (nhiều hơn {gap(*figures)})."
        words = f"ghi {part} {limit.what[0]}, {only}"
    else:
        words = f"ghi {part}, lớn hơn {column_label(solved.form, limit.whole)} là {whole}."
    rule = RULES[limit.rule]
    return rule.on(solved, row, limit.part, words, *figures, other=limit.table)


@SHEET_RULES.add
def check_stand_ins(solved: SolvedTable) -> Iterator[Finding]:
    """Tell what stands in for a quantity of which the source says nothing at all."""
    form, given = solved.form, solved.sheet.given_keys
    for quantity in (q for q in form.table.quantities if q.stand_in):
        parts = {part for s in form.table.sums if s.whole == quantity.key for part in s.parts}
        if given & {quantity.key, *parts}:
            continue
        amounts = [(value, row) for row in solved.rows if (value := row.figure(quantity.stand_in))]
        total = solved.figure(quantity.stand_in) or sum(value for value, _row in amounts)
        if not total:
            continue
        other = form.table.quantity(quantity.stand_in)
        most = max(amounts, key=lambda pair: pair[0], default=None)
        largest = f", nhiều nhất là {most[1].label} với {number(most[0])}" if most else ""
        words = (
            f"còn {number(total)} {form.unit} {other.words[-1].lower()} "
            f"({other.note}){largest}. Nguồn không ghi {column_label(form, quantity.key)} nên "
            "chưa biết bao nhiêu hồ sơ đã quá hạn."
        )
        yield RULES["pending-not-split"].on(solved, None, quantity.key, words, total)


def check_window(
    solved: SolvedTable, preset: Window | None, today: date | None
) -> Iterator[Finding]:
    """Report a reversed window, else one in the future, else one clearly outside the period."""
    start, end = solved.sheet.data_from, solved.sheet.data_to
    if start and end and start > end:
        first, last = format_date(start), format_date(end)
        words = f"số liệu lấy từ ngày {first} đến ngày {last}, ngày đầu sau ngày cuối."
        yield RULES["period-order"].on(solved, None, "data_from", words, first, f"không sau {last}")
    elif today and end and end > today:
        last, expected = format_date(end), f"không sau {format_date(today)}"
        words = f"số liệu lấy đến ngày {last}, ngày đó chưa tới."
        yield RULES["window-in-future"].on(solved, None, "data_to", words, last, expected)
    elif preset:
        bounds = (preset[0] - TOLERANCE, preset[1] + TOLERANCE)
        if any(not bounds[0] <= day <= bounds[1] for day in (start, end) if day):
            days = _window_words(start, end), _window_words(*preset)
            words = f"số liệu lấy {days[0]}, ngoài kỳ báo cáo ({days[1]})."
            yield RULES["window-outside-period"].on(solved, None, "data_from", words, *days)


def _window_words(start: date | None, end: date | None) -> str:
    parts = [f"từ {format_date(start)}" if start else "", f"đến {format_date(end)}" if end else ""]
    return " ".join(part for part in parts if part)


WHOLE_RATES = (Decimal(0), Decimal(100))


@SHEET_RULES.add
def check_fractions(solved: SolvedTable) -> Iterator[Finding]:
    """Report a numerator over its denominator, unless an identity of both reports it already."""
    told = [_places(solved, fact) for fact in solved.facts]
    for ratio in solved.form.table.ratios:
        code = "indicator-over-whole" if ratio.may_exceed else "numerator-over-denominator"
        for row, *figures in _larger(solved, methodcaller("rate", ratio.rate)):
            keys = {(row.key, key) for key in (*ratio.numerator, *ratio.denominator)}
            if not any(keys <= places for places in told):
                words = f"tử số lớn hơn mẫu số ({fraction(*figures)})."
                yield RULES[code].on(solved, row, ratio.rate, words, *figures)


def _places(solved: SolvedTable, fact: Fact) -> set[Place]:
    """Return the places a contradiction is about, sums of its figures among them."""
    found = set(fact.places)
    for row, one in [(row, s) for row, _key in fact.places for s in solved.form.table.sums]:
        if {(row, part) for part in one.parts} <= found:
            found.add((row, one.whole))
    return found


@SHEET_RULES.add
def check_stated_rates(solved: SolvedTable) -> Iterator[Finding]:
    """Report a printed rate that its fraction does not give at the decimals printed."""
    for ratio in solved.form.table.ratios:
        for row in solved.all_rows:
            # where the rate is printed and what stands there, once
            key, stated = ratio.rate, row.stated.get(ratio.rate)
            if stated is None and ratio.stated_in:
                key, figure = ratio.stated_in, row.figure(ratio.stated_in)
                unit = row.text(solved.form.table.quantity(key).unit_in)
                stated = Decimal(figure) if figure is not None and "%" in unit else None
            rate = row.rate(ratio.rate)
            if stated is not None and rate:
                yield from _compare(solved, row, ratio, rate, (key, stated))


def _decimals_of(value: Decimal) -> int:
    """Return how many decimals a stated figure was printed with."""
    exponent = value.as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def _compare(
    solved: SolvedTable, row: SolvedRow, ratio: Ratio, rate: Rate, printed: tuple[str, Decimal]
) -> Iterator[Finding]:
    key, stated = printed
    digits = _decimals_of(stated)
    percent = rate.rounded(digits)
    if percent is None or rate.numerator is None or rate.denominator is None:
        return
    claims_all = stated in WHOLE_RATES and rate.numerator * 100 != stated * rate.denominator
    if percent == stated and not claims_all:
        return
    if claims_all and rate.percent is not None:
        percent = rate.percent
    written, said = fraction(rate.numerator, rate.denominator), format_percent(stated, digits)
    computed = format_percent(percent, _decimals_of(percent))
    figures = (said, f"{computed} ({written})")
    # cut off instead of rounded: nothing is wrong with the figures themselves
    if rate.rounded(digits, ROUND_DOWN) == stated and not claims_all:
        words = f"nguồn ghi {said}, đúng ra làm tròn là {computed} ({written})."
        yield RULES["stated-rate-cut"].on(solved, row, key, words, *figures)
        return
    explained = _explain(solved, row, ratio, stated)
    only = f" Chỉ ghi {said} khi mọi phiếu, mọi hồ sơ đều như vậy." if claims_all else ""
    words = f"nguồn ghi {said}, nhưng {written} = {computed}.{explained}{only}"
    advice = "Hãy nêu lý do dùng mẫu số đó, hoặc sửa tỷ lệ." if explained else ""
    yield RULES["stated-rate"].on(solved, row, key, words, *figures, advice=advice)


def _explain(solved: SolvedTable, row: SolvedRow, ratio: Ratio, stated: Decimal) -> str:
    """Name the fraction that does give the printed rate, when a known one does."""
    numerator = add(row.figure(key) for key in ratio.numerator)
    for keys in ratio.alternatives:
        denominator = add(row.figure(key) for key in keys)
        fits = Rate(numerator, denominator).rounded(_decimals_of(stated)) == stated
        if fits and numerator is not None and denominator is not None:
            return (
                f" Con số in khớp với {fraction(numerator, denominator)}, tức mẫu số là "
                f"{column_label(solved.form, *keys)}."
            )
    return ""


@SHEET_RULES.add
def check_claims(solved: SolvedTable) -> Iterator[Finding]:
    """Report a printed rate of a survey that says nothing of how many answered."""
    for ratio in (one for one in solved.form.table.ratios if one.claim_rule):
        for row in solved.all_rows:
            stated = row.stated.get(ratio.rate)
            if stated is not None and not add(row.figure(key) for key in ratio.denominator):
                yield without_slips(solved, row, ratio.rate, stated)


def without_slips(solved: SolvedTable, row: SolvedRow, key: str, stated: Decimal) -> Finding:
    """Return the finding of a satisfaction rate without slips."""
    written, where = format_percent(stated, _decimals_of(stated)), place(solved.form, None)
    words = f"nguồn ghi {written} hài lòng nhưng không có số phiếu."
    return RULES["satisfaction-without-slips"].on(solved, row, key, words, written, where=where)


COMPLETION = "completion"
COMPLETE = 100


def has_tasks(solved: SolvedTable) -> bool:
    """Tell whether the rows of a table are tasks."""
    return COMPLETION in solved.form.table.by_key


def task_name(row: SolvedRow) -> str:
    """Name a task by its number and words."""
    return f"Nhiệm vụ {row.key} “{row.label}”"


@SHEET_RULES.add
def check_tasks(solved: SolvedTable) -> Iterator[Finding]:
    """Report progress, completion, deliverable and target of a task that contradict each other."""
    for row in solved.rows if has_tasks(solved) else ():
        completion, progress = row.figure(COMPLETION), fold(row.text("progress"))
        name, said = task_name(row), f"ghi “{row.text('progress')}” nhưng"
        if completion is None:
            words = "chưa có tỷ lệ hoàn thành."
            yield RULES["completion-missing"].on(solved, row, COMPLETION, words, where=name)
        if completion == COMPLETE and progress.startswith("dang"):
            rule, words = RULES["in-progress-complete"], f"{said} tỷ lệ hoàn thành 100 %."
            yield rule.on(solved, row, COMPLETION, words, COMPLETE, "dưới 100", where=name)
        if progress.startswith("da ") and not row.text("deliverable"):
            rule, words = RULES["done-without-deliverable"], f"{said} không nêu sản phẩm đầu ra."
            yield rule.on(solved, row, "deliverable", words, where=name)
        if (target := row.text("target")) and not row.text("measured"):
            words = f"có chỉ tiêu phải đạt ({target}) nhưng không có kết quả đo được."
            yield RULES["target-unmeasured"].on(solved, row, "measured", words, where=name)
