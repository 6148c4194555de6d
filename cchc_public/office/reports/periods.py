"""The list of reporting periods with how far each is, and opening a new one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import IntegerField, SelectField, ValidationError
from wtforms.validators import NumberRange

from cchc_public.i18n import _, lazy
from cchc_public.office.frame.access import requires
from cchc_public.office.frame.form_base import (
    DayField,
    OfficeForm,
    as_choices,
    needed,
    readable_day,
)
from cchc_public.office.frame.guard import kept_input, saving_form
from cchc_public.office.frame.notices import notify
from cchc_public.office.reports.loading import open_report
from cchc_public.office.reports.starting import is_starting, list_promises
from cchc_public.releases.published import ReleaseSummary
from cchc_public.releases.reading import list_periods, list_releases
from cchc_public.reports.drafting import (
    choose_previous,
    create_report,
    drop_report,
    find_previous_of,
    find_report,
    list_reports,
    load_parts,
)
from cchc_public.reports.handing_in import find_last_of
from cchc_public.reports.review import Outlook, completeness, look_at, reasons_by_key
from cchc_public.state import get_state
from cchc_public.store import HandIn, Report
from cchc_public.vietnamese.dates import PeriodKind, ReportingPeriod, format_date, parse_period
from cchc_public.web.caching import today
from cchc_public.web.lists import cut_page
from cchc_public.web.routes import Routes

routes = Routes()

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
    handed_in: HandIn | None  # the newest, whatever became of it
    edited_by: str
    edited_at: datetime
    due_on: date | None  # when this period's figures were promised
    is_late: bool
    is_next_late: bool  # the newest figures promised newer ones, and nobody opened a period

    @property
    def is_changed(self) -> bool:
        """True when something was edited after the newest release."""
        return self.last is not None and self.edited_at > self.last.published_at


@routes("/", "periods")
@requires("enter")
def show_periods() -> ResponseReturnValue:
    """List the periods, newest first."""
    state = get_state()
    reports = list_reports(state.session)
    last = {release.slug: release for release in list_periods(state.session)}
    page = cut_page(reports, PAGE_SIZE)
    pairs = [(report, _previous(report, reports)) for report in page.items]
    load_parts(state.session, {one for pair in pairs for one in pair if one})
    list(look_at(pairs, _outlooks()))  # all at once, before each line asks for its own
    waiting = find_last_of(state.session, page.items)
    lines = [
        build_line(period, report, reports, last, waiting.get(report.id))
        for report in page.items
        if (period := parse_period(report.slug))
    ]
    if not reports:
        return redirect(url_for(".start"))
    return render_template(
        "cchc/office/periods.html",
        lines=lines,
        page=page.number,
        pages=page.count,
        is_starting=is_starting(),
        promises=list_promises(),
    )


def build_line(
    period: ReportingPeriod,
    report: Report,
    reports: Sequence[Report],
    releases: Mapping[str, ReleaseSummary],
    handed_in: HandIn | None = None,
) -> PeriodLine:
    """Return how far a report is; ``reports`` are all, newest first, ``releases`` by period."""
    day, last = today(get_state()), releases.get(report.slug)
    # the day on which the figures published before promised those of ``report``
    earlier = reports[reports.index(report) + 1 :]
    due_on = next((one.due_on for one in earlier if one.due_on and one.slug in releases), None)
    is_newest = report is reports[0]
    (outlook,) = look_at([(report, _previous(report, reports))], _outlooks())
    # when and by whom any part of the report was edited last
    edits = [(report.edited_at, report.edited_by_name)]
    edits += [(sheet.edited_at, sheet.edited_by_name) for sheet in report.sheets]
    edits += [(reason.given_at, reason.given_by_name) for reason in report.reasons]
    edited_at, edited_by = max(edits)
    # count what was found by what it asks of staff
    reasons = reasons_by_key(report)
    kinds = Counter(
        "answered" if finding.takes_reason and finding.key in reasons else finding.severity.value
        for finding in outlook.findings
    )
    return PeriodLine(
        period=period,
        report=report,
        filled=outlook.filled,
        tables=outlook.tables,
        counts=FindingCounts(kinds["error"], kinds["warning"], kinds["answered"], kinds["info"]),
        last=last,
        handed_in=handed_in,
        edited_by=edited_by,
        edited_at=edited_at,
        due_on=due_on,
        is_late=last is None and due_on is not None and due_on < day,
        is_next_late=bool(last and is_newest and report.due_on and report.due_on < day),
    )


def _outlooks() -> dict[Any, Outlook]:
    kept: dict[Any, Outlook] = get_state().memory.setdefault("outlooks", {})
    return kept


def _previous(report: Report, reports: Sequence[Report]) -> Report | None:
    return choose_previous(report.slug, report.data_from, reports)


@routes("/ky/moi", "new_period", ["GET", "POST"])
@requires("enter")
def open_new_period() -> ResponseReturnValue:
    """Choose the period (address), then confirm the days its figures cover (form)."""
    state = get_state()
    # the choice in the address; without one, the period that comes next
    known = [parse_period(report.slug) for report in list_reports(state.session)]
    suggested = suggest_period([period for period in known if period], today(state))
    if "kind" not in request.args:
        chosen_period = ChoiceForm(None, data=choice_of(suggested)), suggested
    else:
        period_choice = ChoiceForm(request.args)
        chosen_period = period_choice, period_choice.period() or suggested
    choice, period = chosen_period
    first, last = map(format_date, period.preset_window)
    form = WindowForm(request.form or kept_input(), data={"data_from": first, "data_to": last})
    if request.method == "POST" and form.validate() and (response := _create(period, form)):
        return response
    previous = find_previous_of(get_state().session, period.slug, period.preset_window[0])
    found = parse_period(previous.slug) if previous else None
    return render_template(
        "cchc/office/new_period.html",
        form=form,
        choice=choice,
        period=period,
        choice_args=choice_of(period),
        previous=found.title if found else "",
        exists=find_report(state.session, period.slug) is not None,
    ), (422 if form.errors else 200)


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


FIRST_YEAR, LAST_YEAR = 2010, 2099
# the part of a period's address after the year
CHOICES = {
    lazy("Kỳ dài"): {
        "6-thang": lazy("6 tháng đầu năm"),
        "9-thang": lazy("9 tháng đầu năm"),
        "ca-nam": lazy("Cả năm"),
    },
    lazy("Theo quý"): {
        f"quy-{n}": lazy("Quý %(number)s", number=word)
        for n, word in enumerate(("I", "II", "III", "IV"), 1)
    },
    lazy("Theo tháng"): {f"thang-{n:02}": lazy("Tháng %(month)s", month=n) for n in range(1, 13)},
}


class ChoiceForm(OfficeForm):
    """Which period to open."""

    kind = SelectField(lazy("Kỳ báo cáo"), choices=as_choices(CHOICES))
    year = IntegerField(
        lazy("Năm"), [needed(), NumberRange(FIRST_YEAR, LAST_YEAR, lazy("Năm chưa đúng."))]
    )

    def period(self) -> ReportingPeriod | None:
        """Return the chosen period, None while the choice is not valid."""
        return parse_period(f"{self.year.data}-{self.kind.data}") if self.validate() else None


class WindowForm(OfficeForm):
    """The days the figures of the new period cover; empty = the statutory ones."""

    data_from = DayField(lazy("Số liệu từ ngày"), [readable_day])
    data_to = DayField(lazy("Số liệu đến ngày"), [readable_day])

    def validate_data_to(self, field: DayField) -> None:
        """The window must not end before it begins."""
        if field.day and self.data_from.day and field.day < self.data_from.day:
            raise ValidationError(_("Ngày cuối ở trước ngày đầu."))


@routes("/ky/<slug>/bo", "drop_period", ["GET", "POST"])
@requires("enter")
def drop_period(slug: str) -> ResponseReturnValue:
    """Drop a period opened by mistake; what was done in it stays on record."""
    opened, state = open_report(slug), get_state()
    form = OfficeForm(request.form)
    if request.method == "POST":
        with saving_form() as saved:
            drop_report(state.session, opened.report, state.actor())
        if not saved.error:
            notify(f"Đã bỏ kỳ {opened.period.title}. Những việc đã làm vẫn còn trong lịch sử.")
            return redirect(url_for(".periods"))
        form.form_errors.append(str(saved.error))
    page = render_template(
        "cchc/office/drop.html",
        form=form,
        period=opened.period,
        progress=[one for one in completeness(opened.report).values() if one.is_started],
        is_published=bool(list_releases(state.session, slug)),
    )
    return page, (409 if form.form_errors else 200)


def suggest_period(known: Sequence[ReportingPeriod], day: date) -> ReportingPeriod:
    """Return the period that a clerk most likely opens next; at first the one closed last."""
    if known:
        newest = max(known, key=lambda period: period.sort_key)
        return _next(newest) if newest.year < LAST_YEAR else newest
    kinds = (PeriodKind.FIRST_HALF, PeriodKind.NINE_MONTHS, PeriodKind.YEAR)
    closed = (
        ReportingPeriod(kind, year)
        for year in (day.year - 1, day.year)
        for kind in kinds
        if ReportingPeriod(kind, year).preset_window[1] < day
    )
    return max(closed, key=lambda period: period.sort_key)


def _next(period: ReportingPeriod) -> ReportingPeriod:
    """Return the period after ``period``: within a year the longer kinds grow into each other."""
    if period.kind is PeriodKind.FIRST_HALF:
        return ReportingPeriod(PeriodKind.NINE_MONTHS, period.year)
    if period.kind is PeriodKind.NINE_MONTHS:
        return ReportingPeriod(PeriodKind.YEAR, period.year)
    if period.kind is PeriodKind.YEAR:
        return ReportingPeriod(PeriodKind.FIRST_HALF, period.year + 1)
    return period.following


def choice_of(period: ReportingPeriod) -> dict[str, str | int]:
    """Return the values of ``ChoiceForm`` that stand for ``period``."""
    return {"kind": period.slug.removeprefix(f"{period.year}-"), "year": period.year}
