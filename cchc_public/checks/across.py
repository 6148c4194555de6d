"""Rules that compare one table of a report with another; definitions say what must agree."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal

from cchc_public.checks import rules
from cchc_public.checks.rules import Finding, fraction, gap, number, place
from cchc_public.checks.within import count_complete, has_tasks, over_limit, without_slips
from cchc_public.tables.indicators import APOLOGIES, SATISFACTION_CLAIM, TASKS_DONE
from cchc_public.tables.language import Agreement
from cchc_public.tables.solved import SolvedTable, add
from cchc_public.vietnamese.numbers import Number, format_percent

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
            if other and found is not None and expected is not None and found != expected:
                yield _disagreement(solved, other, agreement, (found, expected))
        for limit in solved.form.table.limits:
            other = tables.get(limit.table) if limit.table else None
            part, whole = solved.whole, other.whole if other else None
            if part is None or whole is None:
                continue
            figures = (part.known(limit.part), whole.known(limit.whole))
            if figures[0] is not None and figures[1] is not None and figures[0] > figures[1]:
                over = over_limit(solved, part, limit, (figures[0], figures[1]))
                yield replace(over, other=limit.table)


def _disagreement(
    solved: SolvedTable, other: SolvedTable, agreement: Agreement, figures: tuple[Number, Number]
) -> Finding:
    found, expected = (number(figure) for figure in figures)
    theirs = f"theo biểu “{other.form.short_title}” số {agreement.what} là {expected}"
    whole = solved.whole
    return rules.get_rule(agreement.rule).at(
        solved.form.code,
        f"{place(solved.form, None, *agreement.quantities)}: ghi {found}, nhưng {theirs} (chênh "
        f"{gap(*figures)}).",
        row=whole.key if whole else "",
        column=agreement.quantities[0],
        found=found,
        expected=expected,
        other=other.form.code,
    )


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
