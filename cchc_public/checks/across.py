"""Rules between the tables of a report, and between a report and the period before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal

from cchc_public.checks import rules
from cchc_public.checks.rules import EARLIER, Finding, column_label, fraction, gap, number, place
from cchc_public.checks.within import (
    COMPLETION,
    count_complete,
    has_tasks,
    over_limit,
    task_name,
    without_slips,
)
from cchc_public.tables.language import Quantity
from cchc_public.tables.reform import APOLOGIES, SATISFACTION_CLAIM, TASKS_DONE
from cchc_public.tables.registry import opening_figure
from cchc_public.tables.solved import SolvedRow, SolvedTable, add
from cchc_public.tables.solving import Origin
from cchc_public.vietnamese.dates import format_date
from cchc_public.vietnamese.numbers import Number, format_percent
from cchc_public.vietnamese.text import fold

Tables = Mapping[str, SolvedTable]


def find_counting(tables: Tables, *keys: str) -> SolvedTable | None:
    """Return the table that has all these quantities, None when the report has none."""
    return next((t for t in tables.values() if t.form.table.by_key.keys() >= set(keys)), None)


def find_listing(tables: Tables, known: str) -> SolvedTable | None:
    """Return the table in which the known row ``known`` would stand."""
    return next((t for t in tables.values() if t.form.known_row(known)), None)


def _sum(solved: SolvedTable, keys: tuple[str, ...]) -> Number | None:
    whole = solved.whole
    return add(whole.known(key) for key in keys) if whole else None


def check_agreements(tables: Tables) -> Iterator[Finding]:
    """Report counts that differ between tables, and parts larger than a whole elsewhere."""
    for solved in tables.values():
        for agreement in solved.form.table.agreements:
            other = tables.get(agreement.table)
            found = _sum(solved, agreement.quantities)
            expected = _sum(other, agreement.other) if other else None
            if not other or found is None or expected is None or found == expected:
                continue
            theirs = f"theo biểu “{other.form.short_title}” số {agreement.what} là"
            yield rules.get_rule(agreement.rule).at(
                solved.form.code,
                f"{place(solved.form, None, *agreement.quantities)}: ghi {number(found)}, nhưng "
                f"{theirs} {number(expected)} (chênh {gap(found, expected)}).",
                row=solved.whole.key if solved.whole else "",
                column=agreement.quantities[0],
                found=number(found),
                expected=number(expected),
                other=other.form.code,
            )
        for limit in solved.form.table.limits:
            other = tables.get(limit.table) if limit.table else None
            part, whole = solved.whole, other.whole if other else None
            if part is None or whole is None:
                continue
            figures = (part.known(limit.part), whole.known(limit.whole))
            if figures[0] is not None and figures[1] is not None and figures[0] > figures[1]:
                over = over_limit(solved, part, limit, (figures[0], figures[1]))
                yield replace(over, other=limit.table)


def check_satisfaction(tables: Tables) -> Iterator[Finding]:
    """Report a satisfaction rate in the list of indicators that no table of slips backs."""
    survey = find_counting(tables, "slips")
    if survey and (survey.figure("slips") or any(row.stated for row in survey.all_rows)):
        return
    indicators = find_listing(tables, SATISFACTION_CLAIM)
    row = indicators.meant(SATISFACTION_CLAIM) if indicators else None
    claimed = row.figure("value") if row else None
    has_slips = row is not None and (rate := row.rate("rate")) is not None and rate.denominator
    if indicators and row and claimed is not None and not has_slips:
        yield without_slips(indicators, row, "value", Decimal(claimed))


def check_survey_coverage(tables: Tables) -> Iterator[Finding]:
    """Report fewer slips per resolved dossier than the plan asks for."""
    survey = find_counting(tables, "slips", "coverage_target")
    dossiers = find_counting(tables, "resolved", "resolved_overdue")
    if survey is None or dossiers is None:
        return
    slips, target = survey.figure("slips"), survey.figure("coverage_target")
    resolved = dossiers.figure("resolved")
    if slips is None or target is None or not resolved or slips * 100 >= target * resolved:
        return
    reached = format_percent(Decimal(slips) * 100 / Decimal(resolved), 2)
    yield rules.SURVEY_COVERAGE.at(
        survey.form.code,
        f"{place(survey.form, None, 'slips')}: {fraction(slips, resolved)} hồ sơ đã giải quyết có "
        f"phiếu ({reached}), dưới chỉ tiêu {number(target)} %.",
        row=survey.whole.key if survey.whole else "",
        column="slips",
        found=f"{reached} ({fraction(slips, resolved)})",
        expected=f"{number(target)} %",
    )


def check_apologies(tables: Tables) -> Iterator[Finding]:
    """Report overdue dossiers without as many apologies."""
    dossiers = find_counting(tables, "resolved_overdue", "pending_overdue")
    if dossiers is None:
        return
    overdue: Number = 0
    for key in ("resolved_overdue", "pending_overdue"):  # of the rows where the total is not known
        total = dossiers.whole.known(key) if dossiers.whole else None
        rows = (row.known(key) or 0 for row in dossiers.rows)
        overdue += sum(rows) if total is None else total
    indicators = find_listing(tables, APOLOGIES)
    known = indicators.form.known_row(APOLOGIES) if indicators else None
    letters = [
        value
        for row in (indicators.rows if indicators and known else ())
        if known and known.is_meant_by(row.label) and (value := row.figure("value")) is not None
    ]
    apologies = sum(letters) if letters else None
    if overdue == 0 or (apologies is not None and apologies >= overdue):
        return
    said = "không nêu số văn bản xin lỗi" if apologies is None else f"chỉ có {number(apologies)}"
    yield rules.OVERDUE_WITHOUT_APOLOGY.at(
        dossiers.form.code,
        f"{place(dossiers.form, None)}: có {number(overdue)} hồ sơ quá hạn nhưng {said}.",
        column="resolved_overdue",
        found=number(apologies) if apologies is not None else "",
        expected=number(overdue),
        other=indicators.form.code if indicators else "",
    )


def check_task_claim(tables: Tables) -> Iterator[Finding]:
    """Report a claim “27/32 tasks done” that the task table does not bear out."""
    indicators = find_listing(tables, TASKS_DONE)
    tasks = next((solved for solved in tables.values() if has_tasks(solved)), None)
    row = indicators.meant(TASKS_DONE) if indicators else None
    claim = row.rate("rate") if row else None
    if claim is None or row is None or indicators is None or tasks is None:
        return
    if claim.numerator is None or claim.denominator is None:
        return
    done, count = count_complete(tasks), len(tasks.rows)
    if (claim.numerator, claim.denominator) == (done, count):
        return
    claimed = fraction(claim.numerator, claim.denominator)
    yield rules.TASK_CLAIM.at(
        indicators.form.code,
        f"Lời báo cáo nêu {claimed} nhiệm vụ đã thực hiện tốt, nhưng biểu tiến độ có {count} nhiệm "
        f"vụ, trong đó {done} nhiệm vụ đạt 100 %.",
        row=row.key,
        column="numerator",
        found=claimed,
        expected=fraction(done, count),
        other=tasks.form.code,
    )


FEWEST = 30  # below so many a rate jumps by itself
LARGE_JUMP = 20  # points


def check_carried_over(solved: SolvedTable, last: SolvedTable) -> Iterator[Finding]:
    """Report figures that do not open with what the previous period closed with."""
    for quantity in (q for q in solved.form.table.quantities if q.carried_from):
        for row in (*solved.rows, *(old for old in last.rows if solved.row(old.key) is None)):
            expected = opening_figure(quantity, row.key, last, solved.sheet.data_from)
            found = row.known(quantity.key) if solved.row(row.key) else None
            if expected is None or isinstance(expected, str) or found == expected:
                continue
            rule, key = _rule_for(last, row.key, quantity), quantity.key
            before = f"{_before(solved, last)} {number(expected)}"
            if found is not None:
                words = f"ghi {number(found)}, nhưng {before}."
                yield rule.on(solved, row, key, words, found, expected, other=EARLIER)
            elif expected and solved.row(row.key) is None:
                yield rule.at(
                    solved.form.code,
                    f"{place(solved.form, row, key)}: {before} nhưng kỳ này không có dòng này.",
                    row=row.key,
                    column=key,
                    expected=number(expected),
                    advice="Hãy thêm dòng này, hoặc đính chính kỳ trước.",
                    other=EARLIER,
                )


def _rule_for(last: SolvedTable, key: str, quantity: Quantity) -> rules.Rule:
    """An error where the period before gave its pending figure, else only a doubt."""
    row = last.row(key)
    is_sure = row is None or row.origin(quantity.carried_from) is not Origin.STAND_IN
    return rules.CARRIED_OVER if is_sure else rules.CARRIED_OVER_UNSURE


def _before(solved: SolvedTable, last: SolvedTable) -> str:
    """Say what the earlier figure is: 9 tháng after 6 tháng opens alike, it does not follow on."""
    start = solved.sheet.data_from
    if start is not None and last.sheet.data_from == start:
        return f"kỳ trước cũng tính từ ngày {format_date(start)} và ghi"
    return "kỳ trước kết thúc với"


def check_flows(solved: SolvedTable, last: SolvedTable) -> Iterator[Finding]:
    """Report cumulative figures that fall, and a table copied from the period before."""
    start = solved.sheet.data_from
    is_longer = start is not None and start == last.sheet.data_from
    cells = [
        (row, key, now, before)
        for row in solved.rows
        if (old := last.row(row.key)) is not None
        for key in solved.form.table.flows
        if row.origin(key) is Origin.GIVEN
        and (now := row.known(key)) is not None
        and (before := old.known(key)) is not None
    ]
    fallen = [cell for cell in cells if cell[2] < cell[3]]
    if is_longer and fallen:
        yield _fallen(solved, fallen)
    nonzero = [now for _row, _key, now, _before in cells if now]
    has_another_window = solved.sheet.data_to != last.sheet.data_to
    if len(nonzero) > 3 and has_another_window and all(c[2] == c[3] for c in cells):
        yield rules.COPIED_FIGURES.at(
            solved.form.code,
            f"{place(solved.form, None)}: {len(cells)} con số đều giống hệt kỳ trước.",
        )


def _fallen(solved: SolvedTable, fallen: list[tuple[SolvedRow, str, Number, Number]]) -> Finding:
    row, key, now, before = fallen[0]
    is_one = len(fallen) == 1
    listed = "; ".join(
        f"“{row.label}”, {column_label(solved.form, key)}: {number(before)} còn {number(now)}"
        for row, key, now, before in fallen
    )
    return rules.CUMULATIVE_FALLS.at(
        solved.form.code,
        f"{place(solved.form, None)}: số lũy kế thấp hơn kỳ trước ({listed}).",
        row=row.key if is_one else "",
        column=key if is_one else "",
        found=number(now) if is_one else "; ".join(number(cell[2]) for cell in fallen),
        expected=number(before) if is_one else "; ".join(number(cell[3]) for cell in fallen),
        other=EARLIER,
    )


def check_jumps(solved: SolvedTable, last: SolvedTable) -> Iterator[Finding]:
    """Tell of a rate over many cases that changes by more than half."""
    now, before = solved.whole, last.whole
    for ratio in solved.form.table.ratios if now and before else ():
        rates = [row.rate(ratio.rate) for row in (now, before) if row]
        if any(rate is None or (rate.denominator or 0) < FEWEST for rate in rates):
            continue
        percents = [rate.percent for rate in rates if rate and rate.percent is not None]
        if len(percents) < 2:
            continue
        change = abs(percents[0] - percents[1])
        if change > LARGE_JUMP and change * 2 > percents[1]:
            found, expected = (format_percent(one) for one in percents)
            words = f"{place(solved.form, None, ratio.rate)}: {found}, kỳ trước {expected}."
            at = {"row": now.key if now else "", "column": ratio.rate}
            yield rules.RATE_JUMPS.at(solved.form.code, words, found=found, expected=expected, **at)


def check_tasks_back(solved: SolvedTable, last: SolvedTable) -> Iterator[Finding]:
    """Report a task of the same year that stands lower than in the period before."""
    ends = [table.sheet.data_to for table in (solved, last)]
    if not has_tasks(solved) or not all(ends) or len({day.year for day in ends if day}) > 1:
        return
    for row in solved.rows:
        old = last.row(row.key)
        if old is None or fold(old.label) != fold(row.label):
            continue
        now, before = row.figure(COMPLETION), old.figure(COMPLETION)
        if now is not None and before is not None and now < before:
            words = f"{task_name(row)}: ghi {number(now)} %, kỳ trước đã ghi {number(before)} %."
            figures = {"found": number(now), "expected": number(before)}
            at = {"row": row.key, "column": COMPLETION, "other": EARLIER}
            yield rules.TASK_GOES_BACK.at(solved.form.code, words, **figures, **at)
