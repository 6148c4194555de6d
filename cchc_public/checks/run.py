"""Runs all rules over the sheets of a report; holds those between its tables, and over time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal

from cchc_public.checks import within
from cchc_public.checks.rules import (
    EARLIER,
    RULES,
    Checks,
    Finding,
    column_label,
    fraction,
    gap,
    number,
    place,
)
from cchc_public.checks.within import (
    COMPLETE,
    COMPLETION,
    SHEET_RULES,
    Window,
    has_tasks,
    task_name,
)
from cchc_public.tables.registry import get_form, is_filled, opening_figure, table_codes
from cchc_public.tables.sheet import TOTAL_KEY, Sheet, SolvedTable, add, solve
from cchc_public.tables.solving import Origin
from cchc_public.vietnamese.dates import format_date
from cchc_public.vietnamese.numbers import Number, format_percent
from cchc_public.vietnamese.text import fold

Tables = Mapping[str, SolvedTable]
REPORT_RULES = Checks[Callable[[Tables], Iterable[Finding]]]()
TIME_RULES = Checks[Callable[[SolvedTable, SolvedTable], Iterable[Finding]]]()
# indicators by the keys of their rows in indicators.toml
TASKS_DONE, APOLOGIES, SATISFACTION_CLAIM = "tasks-done", "apologies", "satisfaction-claim"


def find_counting(tables: Tables, *keys: str) -> SolvedTable | None:
    """Return the table that has all these quantities, None when the report has none."""
    return next((t for t in tables.values() if t.form.table.by_key.keys() >= set(keys)), None)


def find_listing(tables: Tables, known: str) -> SolvedTable | None:
    """Return the table in which the known row ``known`` would stand."""
    return next((t for t in tables.values() if t.form.known_row(known)), None)


def _sum(solved: SolvedTable | None, keys: Iterable[str]) -> Number | None:
    whole = solved.whole if solved else None
    return add(whole.known(key) for key in keys) if whole else None


@REPORT_RULES.add
def check_agreements(tables: Tables) -> Iterator[Finding]:
    """Report counts that differ between tables, and parts larger than a whole elsewhere."""
    for solved in tables.values():
        whole, table = solved.whole, solved.form.table
        for agreement in table.agreements:
            other = tables.get(agreement.table)
            found = _sum(solved, agreement.quantities)
            expected = _sum(other, agreement.other)
            if other and found is not None and expected is not None and found != expected:
                theirs = f"theo biểu “{other.form.short_title}” số {agreement.what} là"
                differs = f"{number(expected)} (chênh {gap(found, expected)})."
                yield RULES[agreement.rule].on(
                    solved,
                    whole,
                    agreement.quantities[0],
                    f"ghi {number(found)}, nhưng {theirs} {differs}",
                    found,
                    expected,
                    where=place(solved.form, None, *agreement.quantities),
                    other=other.form.code,
                )
        for limit in table.limits:
            part = _sum(solved, [limit.part])
            most = _sum(tables.get(limit.table), [limit.whole])
            if whole and part is not None and most is not None and part > most:
                yield within.over_limit(solved, whole, limit, (part, most))


@REPORT_RULES.add
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
        yield within.without_slips(indicators, row, "value", Decimal(claimed))


@REPORT_RULES.add
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
    counted = fraction(slips, resolved)
    reached = format_percent(Decimal(slips) * 100 / Decimal(resolved), 2)
    words = f"{counted} hồ sơ đã giải quyết có phiếu ({reached}), dưới chỉ tiêu {number(target)} %."
    where = place(survey.form, None, "slips")
    figures = (f"{reached} ({counted})", f"{number(target)} %")
    yield RULES["survey-coverage"].on(survey, survey.whole, "slips", words, *figures, where=where)


@REPORT_RULES.add
def check_apologies(tables: Tables) -> Iterator[Finding]:
    """Report overdue dossiers without as many apologies: each must have one."""
    dossiers = find_counting(tables, "resolved_overdue", "pending_overdue")
    if dossiers is None:
        return
    overdue: Number = 0
    for key in ("resolved_overdue", "pending_overdue"):  # of the rows where the total is not known
        total = _sum(dossiers, [key])
        overdue += sum(row.known(key) or 0 for row in dossiers.rows) if total is None else total
    indicators = find_listing(tables, APOLOGIES)
    known = indicators.form.known_row(APOLOGIES) if indicators else None
    letters = [
        value
        for row in (indicators.rows if indicators and known else ())
        if known and known.is_meant_by(row.label) and (value := row.figure("value")) is not None
    ]
    if overdue == 0 or (letters and sum(letters) >= overdue):
        return
    apologies = number(sum(letters)) if letters else ""
    said = f"chỉ có {apologies}" if letters else "không nêu số văn bản xin lỗi"
    words = f"có {number(overdue)} hồ sơ quá hạn nhưng {said}."
    rule, other = RULES["overdue-without-apology"], indicators.form.code if indicators else ""
    yield rule.on(dossiers, None, "resolved_overdue", words, apologies, overdue, other=other)


@REPORT_RULES.add
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
    done, count = sum(row.figure(COMPLETION) == COMPLETE for row in tasks.rows), len(tasks.rows)
    if (claim.numerator, claim.denominator) == (done, count):
        return
    claimed = fraction(claim.numerator, claim.denominator)
    yield RULES["task-claim"].at(
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


@TIME_RULES.add
def check_carried_over(solved: SolvedTable, last: SolvedTable) -> Iterator[Finding]:
    """Report figures that do not open with what the previous period closed with."""
    start, before = solved.sheet.data_from, "kỳ trước kết thúc với"
    if start is not None and last.sheet.data_from == start:
        # 9 tháng after 6 tháng opens alike, it does not follow on
        before = f"kỳ trước cũng tính từ ngày {format_date(start)} và ghi"
    for quantity in (q for q in solved.form.table.quantities if q.carried_from):
        for row in (*solved.rows, *(old for old in last.rows if solved.row(old.key) is None)):
            key, is_gone = quantity.key, solved.row(row.key) is None
            expected = opening_figure(quantity, row.key, last, start)
            found = None if is_gone else row.known(key)
            if expected is None or isinstance(expected, str) or found == expected:
                continue
            # an error where the period before gave its pending figure, else only a doubt
            old, rule = last.row(row.key), RULES["carried-over"]
            if old and old.origin(quantity.carried_from) is Origin.STAND_IN:
                rule = RULES["carried-over-unsure"]
            if found is not None:
                words = f"ghi {number(found)}, nhưng {before} {number(expected)}."
                yield rule.on(solved, row, key, words, found, expected, other=EARLIER)
            elif expected and is_gone:
                words = f"{before} {number(expected)} nhưng kỳ này không có dòng này."
                more = {"advice": "Hãy thêm dòng này, hoặc đính chính kỳ trước.", "other": EARLIER}
                yield rule.on(solved, row, key, words, "", expected, **more)


@TIME_RULES.add
def check_flows(solved: SolvedTable, last: SolvedTable) -> Iterator[Finding]:
    """Report cumulative figures that fall, and a table copied from the period before."""
    start = solved.sheet.data_from
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
    if start is not None and start == last.sheet.data_from and fallen:
        listed = "; ".join(
            f"“{row.label}”, {column_label(solved.form, key)}: {number(before)} còn {number(now)}"
            for row, key, now, before in fallen
        )
        words = f"số lũy kế thấp hơn kỳ trước ({listed})."
        figures = (
            "; ".join(map(number, side)) for side in zip(*(c[2:] for c in fallen), strict=True)
        )
        row, key = fallen[0][:2] if len(fallen) == 1 else (None, "")
        more = {"where": place(solved.form, None), "other": EARLIER}
        yield RULES["cumulative-falls"].on(solved, row, key, words, *figures, **more)
    has_another_window = solved.sheet.data_to != last.sheet.data_to
    nonzero = [now for _row, _key, now, _before in cells if now]
    if len(nonzero) > 3 and has_another_window and all(cell[2] == cell[3] for cell in cells):
        words = f"{len(cells)} con số đều giống hệt kỳ trước."
        yield RULES["copied-figures"].on(solved, None, "", words)


@TIME_RULES.add
def check_jumps(solved: SolvedTable, last: SolvedTable) -> Iterator[Finding]:
    """Tell of a rate over many cases that changes by more than half."""
    now, before = solved.whole, last.whole
    for ratio in solved.form.table.ratios if now and before else ():
        rates = [row.rate(ratio.rate) for row in (now, before) if row]
        percents = [
            rate.percent
            for rate in rates
            if rate and (rate.denominator or 0) >= FEWEST and rate.percent is not None
        ]
        if len(percents) < 2:
            continue
        change = abs(percents[0] - percents[1])
        if change > LARGE_JUMP and change * 2 > percents[1]:
            told, where = [*map(format_percent, percents)], place(solved.form, None, ratio.rate)
            words = f"{told[0]}, kỳ trước {told[1]}."
            yield RULES["rate-jumps"].on(solved, now, ratio.rate, words, *told, where=where)


@TIME_RULES.add
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
            words = f"ghi {number(now)} %, kỳ trước đã ghi {number(before)} %."
            more = {"where": task_name(row), "other": EARLIER}
            yield RULES["task-goes-back"].on(solved, row, COMPLETION, words, now, before, **more)


def solve_report(sheets: Mapping[str, Sheet]) -> dict[str, SolvedTable]:
    """Solve the sheets that say anything; one not filled in yet has nothing to check."""
    pairs = [(get_form(sheet.table_code, sheet.edition), sheet) for sheet in sheets.values()]
    return {form.code: solve(form, sheet) for form, sheet in pairs if is_filled(form, sheet)}


def check_solved(
    tables: Tables,
    *,
    preset: Window | None,
    previous: Tables | None = None,
    today: date | None = None,
) -> tuple[Finding, ...]:
    """Return every finding of a report that is solved already."""
    findings: list[Finding] = []
    ends: set[date | None] = set()  # a day that has not come is told once, not by every table
    for code, solved in tables.items():
        for rule in SHEET_RULES:
            findings += rule(solved)
        end = solved.sheet.data_to
        findings += within.check_window(solved, preset, None if end in ends else today)
        ends.add(end)
        if last := (previous or {}).get(code):
            for time_rule in TIME_RULES:
                findings += time_rule(solved, last)
    for report_rule in REPORT_RULES:
        findings += report_rule(tables)
    return _in_order(findings, tables)


def _in_order(findings: Iterable[Finding], tables: Tables) -> tuple[Finding, ...]:
    """Sort by table, what is worst first, then by row and column as the forms have them."""
    places = {code: index for index, code in enumerate(table_codes())}
    rows: dict[tuple[str, str], int] = {}
    columns: dict[tuple[str, str], int] = {}
    for code, solved in tables.items():
        rows |= {(code, row.key): index for index, row in enumerate(solved.all_rows, 1)}
        columns |= {(code, one.key): index for index, one in enumerate(solved.form.columns, 1)}

    def order(finding: Finding) -> tuple[int, int, int, int, str]:
        row_default = 0 if not finding.row else len(rows) + (finding.row == TOTAL_KEY)
        return (
            places.get(finding.table, len(places)),
            finding.severity.rank,
            rows.get((finding.table, finding.row), row_default),
            columns.get((finding.table, finding.column), 0),
            finding.rule,
        )

    return tuple(sorted(findings, key=order))
