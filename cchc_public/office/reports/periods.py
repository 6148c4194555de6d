"""The list of reporting periods with how far each is, and opening a new one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from cchc_public.checks.finding import Finding
from cchc_public.i18n import _
from cchc_public.office.frame.access import requires
from cchc_public.office.frame.guard import kept_input, saving_form
from cchc_public.office.frame.notices import notify
from cchc_public.office.reports.period_forms import (
    ChoiceForm,
    WindowForm,
    choice_of,
    suggest_period,
)
from cchc_public.releases.published import ReleaseSummary
from cchc_public.releases.reading import list_periods
from cchc_public.reports.drafting import (
    choose_previous,
    create_report,
    find_previous_of,
    find_report,
    list_reports,
    load_parts,
)
from cchc_public.reports.review import completeness, find_findings_against, reasons_by_key
from cchc_public.state import get_state
from cchc_public.store import Report
from cchc_public.vietnamese.dates import format_date
from cchc_public.vietnamese.periods import ReportingPeriod, parse_period
from cchc_public.web.caching import today
from cchc_public.web.lists import cut_page

PAGE_SIZE = 12


@dataclass(frozen=True)
class FindingCounts:
    """How many findings wait: errors, warnings without a reason, warnings answered, hints."""

    errors: int
    open_warnings: int
    answered: int
    hints: int


@dataclass(frozen=True)
class PeriodLine:
    """One period in the list."""

    period: ReportingPeriod
    report: Report
    filled: int
    tables: int
    counts: FindingCounts
    last: ReleaseSummary | None
    edited_by: str
    edited_at: datetime
    due_on: date | None  # when this period's figures were promised
    is_late: bool
    is_next_late: bool  # the newest figures promised newer ones, and nobody opened a period

    @property
    def is_changed(self) -> bool:
        """True when something was edited after the newest release."""
        return self.last is not None and self.edited_at > self.last.published_at


def register_period_routes(blueprint: Blueprint) -> None:
    """Add the list and the form of a new period."""
    blueprint.add_url_rule("/", "periods", show_periods)
    blueprint.add_url_rule("/ky/moi", "new_period", open_new_period, methods=["GET", "POST"])


@requires("enter")
def show_periods() -> ResponseReturnValue:
    """List the periods, newest first."""
    state = get_state()
    reports = list_reports(state.session)
    last = {release.slug: release for release in list_periods(state.session)}
    page = cut_page(reports, PAGE_SIZE)
    earlier = (_previous(report, reports) for report in page.items)
    load_parts(state.session, {*page.items, *(one for one in earlier if one)})
    lines = [
        build_line(period, report, reports, last)
        for report in page.items
        if (period := parse_period(report.slug))
    ]
    return render_template(
        "cchc/office/periods.html", lines=lines, page=page.number, pages=page.count
    )


def build_line(
    period: ReportingPeriod,
    report: Report,
    reports: Sequence[Report],
    releases: Mapping[str, ReleaseSummary],
) -> PeriodLine:
    """Return how far a report is; ``reports`` are all, newest first, ``releases`` by period."""
    day, last = today(get_state()), releases.get(report.slug)
    due_on = promised_day(report, reports, releases)
    is_newest = report is reports[0]
    progress = completeness(report)
    findings = find_findings_against(report, _previous(report, reports))
    edited_at, edited_by = last_edit(report)
    return PeriodLine(
        period=period,
        report=report,
        filled=sum(one.is_started for one in progress.values()),
        tables=len(progress),
        counts=count_findings(report, findings),
        last=last,
        edited_by=edited_by,
        edited_at=edited_at,
        due_on=due_on,
        is_late=last is None and due_on is not None and due_on < day,
        is_next_late=bool(last and is_newest and report.due_on and report.due_on < day),
    )


def _previous(report: Report, reports: Sequence[Report]) -> Report | None:
    return choose_previous(report.slug, report.data_from, reports)


def promised_day(
    report: Report, reports: Sequence[Report], releases: Mapping[str, ReleaseSummary]
) -> date | None:
    """Return the day on which the figures published before promised those of ``report``."""
    earlier = reports[reports.index(report) + 1 :]
    return next((one.due_on for one in earlier if one.due_on and one.slug in releases), None)


def last_edit(report: Report) -> tuple[datetime, str]:
    """Return when and by whom any part of the report was edited last."""
    edits = [(report.edited_at, report.edited_by_name)]
    edits += [(sheet.edited_at, sheet.edited_by_name) for sheet in report.sheets]
    edits += [(reason.given_at, reason.given_by_name) for reason in report.reasons]
    return max(edits)


def count_findings(report: Report, findings: Iterable[Finding]) -> FindingCounts:
    """Count what was found by what it asks of staff."""
    reasons = reasons_by_key(report)
    kinds = Counter(
        "answered" if finding.takes_reason and finding.key in reasons else finding.severity.value
        for finding in findings
    )
    return FindingCounts(kinds["error"], kinds["warning"], kinds["answered"], kinds["info"])


@requires("enter")
def open_new_period() -> ResponseReturnValue:
    """Choose the period (address), then confirm the days its figures cover (form)."""
    state = get_state()
    choice, period = _chosen_period()
    first, last = map(format_date, period.preset_window)
    form = WindowForm(request.form or kept_input(), data={"data_from": first, "data_to": last})
    if request.method == "POST" and form.validate() and (response := _create(period, form)):
        return response
    return render_template(
        "cchc/office/new_period.html",
        form=form,
        choice=choice,
        period=period,
        choice_args=choice_of(period),
        previous=_previous_title(period),
        exists=find_report(state.session, period.slug) is not None,
    ), (422 if form.errors else 200)


def _chosen_period() -> tuple[ChoiceForm, ReportingPeriod]:
    """Return the choice in the address; without one, the period that comes next."""
    state = get_state()
    known = [parse_period(report.slug) for report in list_reports(state.session)]
    suggested = suggest_period([period for period in known if period], today(state))
    if "kind" not in request.args:
        return ChoiceForm(None, data=choice_of(suggested)), suggested
    choice = ChoiceForm(request.args)
    return choice, choice.period() or suggested


def _previous_title(period: ReportingPeriod) -> str:
    previous = find_previous_of(get_state().session, period.slug, period.preset_window[0])
    found = parse_period(previous.slug) if previous else None
    return found.title if found else ""


def _create(period: ReportingPeriod, form: WindowForm) -> ResponseReturnValue | None:
    state = get_state()
    window = (form.data_from.day, form.data_to.day)
    with saving_form() as saved:
        create_report(state.session, period, state.actor(), window=window, head=state.report_head)
    if saved.error:
        form.form_errors.append(str(saved.error))
        return None
    notify(_("Đã mở kỳ %(title)s.", title=period.title))
    return redirect(url_for(".period", slug=period.slug))
