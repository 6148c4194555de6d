"""Rules that compare one table of a report with another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from cchc_public.checks import rules
from cchc_public.checks.finding import Finding
from cchc_public.checks.tasks import count_complete
from cchc_public.checks.words import fraction, gap, known, number, place, row_sum
from cchc_public.statutory.evaluate import EvaluatedTable
from cchc_public.statutory.indicators import APOLOGIES, SATISFACTION_CLAIM, TASKS_DONE
from cchc_public.vietnamese.numbers import Number, format_percent

Tables = Mapping[str, EvaluatedTable]


@dataclass(frozen=True)
class Agreement:
    """Columns of one table whose sum should equal columns of the dossier table.

    ``what`` names that sum of the dossier table in words.
    """

    rule: rules.Rule
    table: str
    columns: tuple[str, ...]
    dossier_columns: tuple[str, ...]
    what: str


NEW = "hồ sơ tiếp nhận trong kỳ"
ONLINE = "hồ sơ tiếp nhận trực tuyến"
IN_PERIOD = ("received_online", "received_direct")
AGREEMENTS: tuple[Agreement, ...] = (
    Agreement(rules.RECEIVED_AGREES, "so-hoa", ("received",), IN_PERIOD, NEW),
    Agreement(rules.RESOLVED_AGREES, "so-hoa", ("resolved",), ("resolved",), "hồ sơ đã giải quyết"),
    Agreement(rules.RECEIVED_AGREES, "dich-vu-cong", ("all_levels",), IN_PERIOD, NEW),
    Agreement(
        rules.ONLINE_AGREES,
        "dich-vu-cong",
        ("online_l3", "online_l4"),
        ("received_online",),
        ONLINE,
    ),
    Agreement(
        rules.ONLINE_AGREES,
        "dich-vu-cong",
        ("online_full", "online_partial"),
        ("received_online",),
        ONLINE,
    ),
)


def check_agreements(tables: Tables) -> Iterator[Finding]:
    """Report counts of dossiers that differ between tables."""
    dossiers = tables.get("ho-so")
    if dossiers is None:
        return
    for agreement in AGREEMENTS:
        other = tables.get(agreement.table)
        found = row_sum(other, *agreement.columns) if other else None
        expected = row_sum(dossiers, *agreement.dossier_columns)
        if other and found is not None and expected is not None and found != expected:
            yield _disagreement(agreement, other, dossiers, (found, expected))


def check_services(tables: Tables) -> Iterator[Finding]:
    """Report more online services than promulgated procedures."""
    services, counts = tables.get("dich-vu-cong"), tables.get("so-luong-thu-tuc")
    if services is None or counts is None:
        return
    found, limit = services.figure("services_total"), counts.figure("promulgated")
    if found is None or limit is None or found <= limit:
        return
    yield rules.SERVICES_OVER_PROCEDURES.at(
        services.table.code,
        f"{place(services.table, None, 'services_total')}: ghi {number(found)} dịch vụ công trực "
        f"tuyến, nhưng chỉ có {number(limit)} thủ tục được công bố.",
        row=services.rows[0].key,
        column="services_total",
        found=number(found),
        expected=number(limit),
    )


def check_satisfaction(tables: Tables) -> Iterator[Finding]:
    """Report a satisfaction rate without slips, once: at the table, else at the indicator."""
    survey = tables.get("hai-long")
    if survey and survey.figure("slips"):
        return
    stated = survey.rows[0].stated.get("satisfaction_rate") if survey and survey.rows else None
    if survey and stated is not None:
        yield _rate_without_slips(survey, survey.rows[0].key, "satisfaction_rate", stated)
        return
    indicators = tables.get("chi-tieu")
    claimed = indicators.figure("value", SATISFACTION_CLAIM) if indicators else None
    if indicators and claimed is not None and indicators.row(SATISFACTION_CLAIM):
        yield _rate_without_slips(indicators, SATISFACTION_CLAIM, "value", Decimal(claimed))


def check_survey_coverage(tables: Tables) -> Iterator[Finding]:
    """Report fewer slips per resolved dossier than the plan asks for."""
    survey, dossiers = tables.get("hai-long"), tables.get("ho-so")
    if survey is None or dossiers is None:
        return
    slips, target = survey.figure("slips"), survey.figure("coverage_target")
    resolved = dossiers.figure("resolved")
    if slips is None or target is None or not resolved or slips * 100 >= target * resolved:
        return
    reached = format_percent(Decimal(slips) * 100 / Decimal(resolved), 2)
    yield rules.SURVEY_COVERAGE.at(
        "hai-long",
        f"{place(survey.table, None, 'slips')}: {fraction(slips, resolved)} hồ sơ đã giải quyết có "
        f"phiếu ({reached}), dưới chỉ tiêu {number(target)} %.",
        row=survey.rows[0].key,
        column="slips",
        found=f"{reached} ({fraction(slips, resolved)})",
        expected=f"{number(target)} %",
    )


def check_apologies(tables: Tables) -> Iterator[Finding]:
    """Report overdue dossiers without as many apologies."""
    dossiers, indicators = tables.get("ho-so"), tables.get("chi-tieu")
    if dossiers is None:
        return
    overdue = _overdue(dossiers)
    has_row = indicators is not None and indicators.row(APOLOGIES) is not None
    apologies = indicators.figure("value", APOLOGIES) if indicators and has_row else None
    if overdue == 0 or (apologies is not None and apologies >= overdue):
        return
    said = "không nêu số văn bản xin lỗi" if apologies is None else f"chỉ có {number(apologies)}"
    yield rules.OVERDUE_WITHOUT_APOLOGY.at(
        "ho-so",
        f"{place(dossiers.table, None)}: có {number(overdue)} hồ sơ quá hạn nhưng {said}.",
        column="resolved_overdue",
        found=number(apologies) if apologies is not None else "",
        expected=number(overdue),
    )


def check_task_claim(tables: Tables) -> Iterator[Finding]:
    """Report a claim “27/32 tasks done” that the task table does not bear out."""
    indicators, tasks = tables.get("chi-tieu"), tables.get("nhiem-vu")
    if indicators is None or tasks is None or indicators.row(TASKS_DONE) is None:
        return
    claim = indicators.rate("rate", TASKS_DONE)
    if claim is None or claim.numerator is None or claim.denominator is None:
        return
    done, count = count_complete(tasks), len(tasks.rows)
    if (claim.numerator, claim.denominator) == (done, count):
        return
    claimed = fraction(claim.numerator, claim.denominator)
    yield rules.TASK_CLAIM.at(
        "chi-tieu",
        f"Lời báo cáo nêu {claimed} nhiệm vụ đã thực hiện tốt, nhưng biểu tiến độ có {count} nhiệm "
        f"vụ, trong đó {done} nhiệm vụ đạt 100 %.",
        row=TASKS_DONE,
        column="numerator",
        found=claimed,
        expected=fraction(done, count),
    )


def _disagreement(
    agreement: Agreement,
    other: EvaluatedTable,
    dossiers: EvaluatedTable,
    figures: tuple[Number, Number],
) -> Finding:
    found, expected = (number(figure) for figure in figures)
    theirs = f"theo biểu “{dossiers.table.short_title}” số {agreement.what} là {expected}"
    return agreement.rule.at(
        agreement.table,
        f"{place(other.table, None, *agreement.columns)}: ghi {found}, nhưng {theirs} (chênh "
        f"{gap(*figures)}).",
        row=other.rows[0].key,
        column=agreement.columns[0],
        found=found,
        expected=expected,
    )


def _rate_without_slips(
    evaluated: EvaluatedTable, row: str, column: str, stated: Decimal
) -> Finding:
    written = format_percent(stated)
    return rules.SATISFACTION_WITHOUT_SLIPS.at(
        evaluated.table.code,
        f"{place(evaluated.table, None)}: nguồn ghi {written} hài lòng nhưng không có số phiếu.",
        row=row,
        column=column,
        found=written,
    )


def _overdue(dossiers: EvaluatedTable) -> Number:
    """Add what is known to be overdue, resolved or pending; unknown cells count as none."""
    keys = ("resolved_overdue", "pending_overdue")
    cells = (known(row.values.get(key)) for row in dossiers.rows for key in keys)
    return sum(value for value in cells if value is not None)
