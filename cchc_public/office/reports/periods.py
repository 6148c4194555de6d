"""The list of reporting periods, opening one, the first run, the days on which figures are due."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from flask import current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import exists, select
from wtforms import IntegerField, SelectField, ValidationError
from wtforms.validators import NumberRange

from cchc_public import host
from cchc_public.desk import load_desk
from cchc_public.errors import UNNAMED
from cchc_public.exports.data import days_ics
from cchc_public.office import frame
from cchc_public.office.frame import DayField, OfficeForm, readable_day, saving_form
from cchc_public.releases.content import period_of
from cchc_public.releases.published import WINDOW_LABELS, ReleaseSummary
from cchc_public.releases.reading import list_periods, newest_release
from cchc_public.reports import drafting, review
from cchc_public.state import get_state
from cchc_public.store import HandIn, Procedure, ReceptionRule, Release, Report, utc_now
from cchc_public.store.base import today
from cchc_public.tables.sheet import Row, Sheet
from cchc_public.vietnamese.dates import PeriodKind, ReportingPeriod, parse_period
from cchc_public.web.rendering import cut_page
from cchc_public.web.routes import file_answer, origin

screen = frame.Screens()
STARTERS = ("nhiem-vu", "chi-tieu")


def list_steps() -> dict[str, bool]:
    """Return the steps from an empty site to the first publication, and whether each is done."""
    state, session = get_state(), get_state().session

    def holds(column: Any) -> bool:
        return bool(session.scalar(select(exists().where(column.is_not(None)))))

    newest = drafting.list_reports(session)[:1]
    steps = {
        "settings": state.config["AUTHORITY_NAME"] != UNNAMED,
        "desk": bool(load_desk(session).place),
        "reception": holds(ReceptionRule.id),
        "procedures": holds(Procedure.id),
        "period": bool(newest),
        "figures": any(one.is_started for r in newest for one in review.completeness(r).values()),
        "publication": holds(Release.id),
    }
    if host.has_own_accounts(current_app):
        from cchc_public.accounts.people import list_users, may

        steps["accounts"] = any(may("publish", user) for user in list_users(session))
    return steps


@screen("/bat-dau", "start", methods=frame.BOTH)
def show_start() -> ResponseReturnValue:
    """Show the checklist; take chosen fields of the shipped list, or starter rows, when posted."""
    # only who begins waits for the shipped list
    from cchc_public.demo import demo_sheets, list_shipped_fields, load_chosen_procedures

    session, actor = get_state().session, get_state().actor()
    if request.method != "POST":
        return render_template(
            "cchc/office/start.html",
            steps=list_steps(),
            newest=next((one.slug for one in drafting.list_reports(session)), ""),
            fields=list_shipped_fields(),
            blank=blank_starters(),
        )
    told = ""
    with saving_form() as saved:
        if request.form.get("do") == "fields":
            count = load_chosen_procedures(session, request.form.getlist("field"), actor)
            told = f"Đã lấy {count} thủ tục. Hãy đối chiếu với quyết định công bố của tỉnh."
        else:
            # the words of the example report's tasks and indicators, without a figure
            count = 0
            for report, sheet in blank_starters():
                words = demo_sheets()[sheet.table_code].rows
                rows = [Row(r.key, r.label, r.section, r.section_label) for r in words]
                filled, count = replace(sheet, rows=tuple(rows)), count + len(rows)
                version = drafting.sheet_version(report, sheet.table_code)
                drafting.save_sheet(session, report, filled, version=version, actor=actor)
            told = f"Đã thêm {count} dòng nhiệm vụ và chỉ tiêu, chưa có số. Xóa dòng không dùng."
    return frame.leave("start", saved.error or told)


def blank_starters() -> list[tuple[Report, Sheet]]:
    """Return the tasks and indicators of the newest report that hold no row yet."""
    reports = drafting.list_reports(get_state().session)[:1]
    sheets = [(one, drafting.get_sheet(one, code)) for one in reports for code in STARTERS]
    return [(report, sheet) for report, sheet in sheets if not sheet.rows]


@dataclass(frozen=True)
class Promise:
    """When the next figures of some tables are due.

    The day that was promised when their last figures were published; without such a promise the
    day on which the law closes the figures of the period that follows (NĐ 09/2019).
    """

    day: date
    is_promised: bool
    after: ReportingPeriod  # the newest published period of its kind
    period: ReportingPeriod  # the one that is expected, or that somebody opened already
    is_open: bool
    tables: Mapping[str, str]  # titles by code: those with figures in ``after``
    is_whole: bool  # no table of ``after`` was without figures
    is_late: bool


def list_promises() -> tuple[Promise, ...]:
    """Return when figures are due next, soonest first: months, quarters, longer periods apart."""
    session, now = get_state().session, today()
    standing = {one.slug for one in list_periods(session) if not one.is_withdrawal}
    kinds: dict[PeriodKind, list[tuple[ReportingPeriod, Report]]] = {}
    for report in drafting.list_reports(session):  # newest first
        period = period_of(report)
        kinds.setdefault(period.promised_kind, []).append((period, report))
    promises = []
    for pairs in kinds.values():
        place = next((n for n, (_one, report) in enumerate(pairs) if report.slug in standing), None)
        if place is None or (release := newest_release(session, pairs[place][1].slug)) is None:
            continue
        after, report = pairs[place]
        expected = pairs[place - 1][0] if place else next_period(after)
        day = report.due_on or expected.preset_window[1]
        promises.append(
            Promise(
                day=day,
                is_promised=report.due_on is not None,
                after=after,
                period=expected,
                is_open=place > 0,
                tables={one.code: one.definition.short_title for one in release.tables},
                is_whole=not release.empty_codes,
                is_late=day < now,
            )
        )
    return tuple(sorted(promises, key=lambda promise: (promise.day, promise.after.sort_key)))


@screen("/lich-hen.ics", "due_days")
def send_due_days() -> ResponseReturnValue:
    """Send all due days as one calendar file."""
    events = []
    for promise in list_promises():
        number = promise.day.isoformat()
        if not (promise.is_promised and promise.after.is_cumulative):
            number += f"-{promise.after.slug}"
        deed = "Hạn công bố" if promise.is_promised else "Chốt"
        event = {
            "uid": f"hen-{number}@{origin().partition('//')[2]}",
            "dtstamp": utc_now(),
            "summary": f"{deed} số liệu {promise.period.title}",
            "description": f"Các biểu: {', '.join(promise.tables.values())}.",
        }
        events.append((promise.day, event))
    return file_answer("lich-hen.ics", days_ics("lich-hen", events))


@screen("/cach-lam", "guide")
def show_guide() -> ResponseReturnValue:
    """Show how one period is done, step by step, with the keys of the sheet."""
    return render_template("cchc/office/guide.html")


PAGE_SIZE = 12


@screen("/", "periods")
def show_periods() -> ResponseReturnValue:
    """List the periods, newest first."""
    state = get_state()
    reports = drafting.list_reports(state.session)
    if not reports:
        return redirect(url_for(".start"))
    last = {release.slug: release for release in list_periods(state.session)}
    page = cut_page(reports, PAGE_SIZE)
    pairs = [(r, drafting.choose_previous(r.slug, r.data_from, reports)) for r in page.items]
    drafting.load_parts(state.session, {one for pair in pairs for one in pair if one})
    outlooks = review.look_at(pairs, state.memory.setdefault("outlooks", {}))
    waiting = review.find_last_of(state.session, page.items)
    promises = list_promises()
    return render_template(
        "cchc/office/periods.html",
        lines=[
            build_line(report, outlook, (last.get(report.slug), waiting.get(report.id)), promises)
            for report, outlook in zip(page.items, outlooks, strict=True)
        ],
        page=page.number,
        pages=page.count,
        is_starting=not all(list_steps().values()),
        promises=promises,
    )


def build_line(
    report: Report,
    outlook: review.Outlook,
    state: tuple[ReleaseSummary | None, HandIn | None],
    promises: Iterable[Promise],
) -> dict[str, Any]:
    """Return how far a report is; ``state`` is its newest release and its newest hand-in.

    ``counts`` are findings by severity, "answered" are warnings with a reason; ``due`` is what this
    period has to keep, ``next_due`` what follows on it while nobody opened that.
    """
    period, (last, handed_in) = period_of(report), state
    edited_at, edited_by, _id = max(review.list_edits(report))
    reasons = review.reasons_by_key(report)
    return {
        "period": period,
        "report": report,
        "filled": outlook.filled,
        "tables": outlook.tables,
        "counts": Counter(
            "answered" if one.takes_reason and one.key in reasons else one.severity.value
            for one in outlook.findings
        ),
        "last": last,
        "handed_in": handed_in,
        "edited_by": edited_by,
        "edited_at": edited_at,
        "is_changed": last is not None and edited_at > last.published_at,
        "due": next((one for one in promises if one.is_open and one.period == period), None),
        "next_due": next((p for p in promises if not p.is_open and p.after == period), None),
    }


@screen("/ky/moi", "new_period", methods=frame.BOTH)
def open_new_period() -> ResponseReturnValue:
    """Choose the period (address), then confirm the days its figures cover (form)."""
    state = get_state()
    # the choice in the address; without one, the period that comes next
    known = [period_of(report) for report in drafting.list_reports(state.session)]
    suggested = suggest_period(known, today())
    is_chosen = "kind" in request.args
    choice = ChoiceForm(request.args if is_chosen else None, data=choice_of(suggested))
    period = (choice.period() if is_chosen else None) or suggested
    window = dict(zip(("data_from", "data_to"), period.preset_window, strict=True))
    form = WindowForm.opened(**window)
    if form.validate_on_submit():
        days, head = (form.data_from.day, form.data_to.day), state.report_head
        with saving_form(form) as saved:
            drafting.create_report(state.session, period, state.actor(), window=days, head=head)
        if saved.error is None:
            return frame.leave("period", f"Đã mở kỳ {period.title}.", slug=period.slug)
    previous = drafting.find_previous_of(state.session, period.slug, period.preset_window[0])
    return frame.show(
        "new_period",
        form,
        choice=choice,
        period=period,
        choice_args=choice_of(period),
        previous=period_of(previous).title if previous else "",
        exists=drafting.find_report(state.session, period.slug) is not None,
    )


FIRST_YEAR, LAST_YEAR = 2010, 2099
# the part of a period's address after the year
CHOICES = {
    "Kỳ dài": {
        "6-thang": "6 tháng đầu năm",
        "9-thang": "9 tháng đầu năm",
        "ca-nam": "Cả năm",
    },
    "Theo quý": {f"quy-{n}": f"Quý {word}" for n, word in enumerate(("I", "II", "III", "IV"), 1)},
    "Theo tháng": {f"thang-{n:02}": f"Tháng {n}" for n in range(1, 13)},
}


class ChoiceForm(OfficeForm):
    """Which period to open."""

    kind = SelectField("Kỳ báo cáo", choices=frame.as_choices(CHOICES))
    year = IntegerField(
        "Năm", [frame.needed(), NumberRange(FIRST_YEAR, LAST_YEAR, "Năm chưa đúng.")]
    )

    def period(self) -> ReportingPeriod | None:
        """Return the chosen period, None while the choice is not valid."""
        return parse_period(f"{self.year.data}-{self.kind.data}") if self.validate() else None


class WindowForm(OfficeForm):
    """The days the figures of the new period cover; empty = the statutory ones."""

    refused_as = 422
    data_from = DayField(WINDOW_LABELS["data_from"], [readable_day])
    data_to = DayField(WINDOW_LABELS["data_to"], [readable_day])

    def validate_data_to(self, field: DayField) -> None:
        """The window must not end before it begins."""
        if field.day and self.data_from.day and field.day < self.data_from.day:
            raise ValidationError("Ngày cuối ở trước ngày đầu.")


def suggest_period(known: Sequence[ReportingPeriod], day: date) -> ReportingPeriod:
    """Return the period that a clerk most likely opens next; at first the one closed last."""
    if known:
        newest = max(known, key=lambda period: period.sort_key)
        return next_period(newest) if newest.year < LAST_YEAR else newest
    kinds = (PeriodKind.FIRST_HALF, PeriodKind.NINE_MONTHS, PeriodKind.YEAR)
    closed = (
        ReportingPeriod(kind, year)
        for year in (day.year - 1, day.year)
        for kind in kinds
        if ReportingPeriod(kind, year).preset_window[1] < day
    )
    return max(closed, key=lambda period: period.sort_key)


GROWN = {
    PeriodKind.FIRST_HALF: PeriodKind.NINE_MONTHS,
    PeriodKind.NINE_MONTHS: PeriodKind.YEAR,
    PeriodKind.YEAR: PeriodKind.FIRST_HALF,
}


def next_period(period: ReportingPeriod) -> ReportingPeriod:
    """Return the period after ``period``: within a year the longer kinds grow into each other."""
    if kind := GROWN.get(period.kind):
        return ReportingPeriod(kind, period.year + (period.kind is PeriodKind.YEAR))
    return period.following


def choice_of(period: ReportingPeriod) -> dict[str, str | int]:
    """Return the values of ``ChoiceForm`` that stand for ``period``."""
    return {"kind": period.slug.removeprefix(f"{period.year}-"), "year": period.year}
