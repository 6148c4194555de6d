"""The list of reporting periods, opening one, the first run, the days on which figures are due."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from flask import current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import exists, select
from wtforms import IntegerField, SelectField, ValidationError
from wtforms.validators import NumberRange

from cchc_public import host
from cchc_public.desk.one_stop import load_desk
from cchc_public.errors import UNNAMED
from cchc_public.exports.data import days_ics
from cchc_public.office.frame import (
    BOTH,
    DayField,
    OfficeForm,
    Screens,
    as_choices,
    download,
    kept_input,
    needed,
    notify,
    readable_day,
    saving_form,
    tell,
)
from cchc_public.releases.published import ReleaseSummary
from cchc_public.releases.reading import list_periods, newest_release
from cchc_public.reports import drafting
from cchc_public.reports.drafting import get_sheet, save_sheet, sheet_version
from cchc_public.reports.review import Outlook, completeness, find_last_of, look_at, reasons_by_key
from cchc_public.state import get_state
from cchc_public.store import HandIn, Procedure, ReceptionRule, Release, Report, utc_now
from cchc_public.store.base import AnySession, today
from cchc_public.tables.sheet import Row
from cchc_public.vietnamese.dates import PeriodKind, ReportingPeriod, format_date, parse_period
from cchc_public.web.rendering import cut_page
from cchc_public.web.routes import origin

screen = Screens()
STARTERS = ("nhiem-vu", "chi-tieu")


@dataclass(frozen=True)
class Step:
    """One line of the checklist: what, where to do it, whether it is done."""

    words: str
    address: str
    is_done: bool
    hint: str = ""
    needs: str = "enter"  # who cannot open it is told whose work it is

    @property
    def is_open(self) -> bool:
        """Whether the present person may do it."""
        return get_state().may(self.needs)


def _holds(session: AnySession, column: Any) -> bool:
    return bool(session.scalar(select(exists().where(column.is_not(None)))))


def list_steps() -> tuple[Step, ...]:
    """Return the way from an empty site to the first publication."""
    state = get_state()
    session, reports = state.session, drafting.list_reports(state.session)
    newest = reports[0] if reports else None
    began = newest is not None and any(one.is_started for one in completeness(newest).values())
    figures = url_for("cchc_staff.new_period")
    if newest:
        figures = url_for("cchc_staff.period", slug=newest.slug)
    people: tuple[Step, ...] = ()
    if host.has_own_accounts(current_app):
        from cchc_public.accounts.people import list_users, may

        people = (
            Step(
                "Thêm người nhập và người công bố",
                url_for("cchc_staff.accounts"),
                any(may("publish", user) for user in list_users(session)),
                "xã chỉ có một công chức thì bỏ yêu cầu người thứ hai ở Thiết lập",
                "administer",
            ),
        )
    return (
        Step(
            "Đặt tên cơ quan, người ký, nơi nhận",
            url_for("cchc_staff.settings"),
            state.config["AUTHORITY_NAME"] != UNNAMED,
            needs="administer",
        ),
        Step(
            "Ghi địa chỉ, giờ, điện thoại của bộ phận một cửa",
            url_for("cchc_staff.desk"),
            bool(load_desk(session).place),
        ),
        Step(
            "Ghi lịch tiếp công dân",
            url_for("cchc_staff.reception"),
            _holds(session, ReceptionRule.id),
        ),
        Step(
            "Chọn lĩnh vực và thủ tục",
            url_for("cchc_staff.start", _anchor="linh-vuc"),
            _holds(session, Procedure.id),
            "lấy từ danh mục có sẵn, hoặc nhập tệp của xã",
        ),
        *people,
        Step("Mở kỳ báo cáo đầu tiên", url_for("cchc_staff.new_period"), newest is not None),
        Step(
            "Nhập số liệu: dán cả báo cáo, hoặc gõ từng biểu",
            figures,
            began,
            "hoặc tải mẫu Excel của kỳ, điền rồi tải lên",
        ),
        Step(
            "Công bố",
            figures,
            _holds(session, Release.id),
        ),
    )


@screen("/bat-dau", "start", methods=BOTH)
def show_start() -> ResponseReturnValue:
    """Show the checklist; take chosen fields of the shipped list, or starter rows, when posted."""
    # only who begins waits for the shipped list
    from cchc_public.demo.loading import list_shipped_fields, load_chosen_procedures

    state = get_state()
    if request.method == "GET":
        return render_template(
            "cchc/office/start.html",
            steps=list_steps(),
            fields=list_shipped_fields(),
            has_procedures=_holds(state.session, Procedure.id),
            blank=[report.slug for report in _reports_without_starters()],
        )
    told = ""
    with saving_form() as saved:
        if request.form.get("do") == "fields":
            count = load_chosen_procedures(
                state.session, request.form.getlist("field"), state.actor()
            )
            told = f"Đã lấy {count} thủ tục. Hãy đối chiếu với quyết định công bố của tỉnh."
        else:
            count = sum(_take_starters(report) for report in _reports_without_starters())
            told = f"Đã thêm {count} dòng nhiệm vụ và chỉ tiêu, chưa có số. Xóa dòng không dùng."
    tell(saved, told)
    return redirect(url_for(".start"))


def _reports_without_starters() -> list[Report]:
    """Return the newest report when its tasks or indicators hold no row."""
    reports = drafting.list_reports(get_state().session)[:1]
    return [one for one in reports if not all(get_sheet(one, code).rows for code in STARTERS)]


def _take_starters(report: Report) -> int:
    """Put the words of the example report's tasks and indicators into a blank report."""
    from cchc_public.demo.report import demo_sheets

    state, taken = get_state(), 0
    for code in STARTERS:
        sheet = get_sheet(report, code)
        if sheet.rows:
            continue
        rows = tuple(
            Row(row.key, row.label, row.section, row.section_label)
            for row in demo_sheets()[code].rows
        )
        filled = replace(sheet, rows=rows)
        version = sheet_version(report, code)
        save_sheet(state.session, report, filled, version=version, actor=state.actor())
        taken += len(rows)
    return taken


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
        if period := parse_period(report.slug):
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
    body = days_ics("lich-hen", events)
    return download(body, "text/calendar; charset=utf-8", "lich-hen.ics")


@screen("/cach-lam", "guide")
def show_guide() -> ResponseReturnValue:
    """Show how one period is done, step by step, with the keys of the sheet."""
    return render_template("cchc/office/guide.html")


PAGE_SIZE = 12


@dataclass(frozen=True)
class PeriodLine:
    """One period in the list."""

    period: ReportingPeriod
    report: Report
    filled: int
    tables: int
    counts: Mapping[str, int]  # findings by severity; "answered" are warnings with a reason
    last: ReleaseSummary | None
    handed_in: HandIn | None  # the newest, whatever became of it
    edited_by: str
    edited_at: datetime
    due: Promise | None  # what this period has to keep
    next_due: Promise | None  # what follows on this period, while nobody opened that

    @property
    def is_changed(self) -> bool:
        """True when something was edited after the newest release."""
        return self.last is not None and self.edited_at > self.last.published_at


@screen("/", "periods")
def show_periods() -> ResponseReturnValue:
    """List the periods, newest first."""
    state = get_state()
    reports = drafting.list_reports(state.session)
    last = {release.slug: release for release in list_periods(state.session)}
    page = cut_page(reports, PAGE_SIZE)
    pairs = [(report, _previous(report, reports)) for report in page.items]
    drafting.load_parts(state.session, {one for pair in pairs for one in pair if one})
    list(look_at(pairs, _outlooks()))  # all at once, before each line asks for its own
    waiting = find_last_of(state.session, page.items)
    promises = list_promises()
    lines = [
        build_line(
            period, report, reports, (last.get(report.slug), waiting.get(report.id)), promises
        )
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
        is_starting=not all(step.is_done for step in list_steps()),
        promises=promises,
    )


def build_line(
    period: ReportingPeriod,
    report: Report,
    reports: Sequence[Report],
    state: tuple[ReleaseSummary | None, HandIn | None],
    promises: Iterable[Promise],
) -> PeriodLine:
    """Return how far a report is; ``reports`` are all, ``state`` its newest release and hand-in."""
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
        counts=kinds,
        last=state[0],
        handed_in=state[1],
        edited_by=edited_by,
        edited_at=edited_at,
        due=next((one for one in promises if one.is_open and one.period == period), None),
        next_due=next((one for one in promises if not one.is_open and one.after == period), None),
    )


def _outlooks() -> dict[Any, Outlook]:
    kept: dict[Any, Outlook] = get_state().memory.setdefault("outlooks", {})
    return kept


def _previous(report: Report, reports: Sequence[Report]) -> Report | None:
    return drafting.choose_previous(report.slug, report.data_from, reports)


@screen("/ky/moi", "new_period", methods=BOTH)
def open_new_period() -> ResponseReturnValue:
    """Choose the period (address), then confirm the days its figures cover (form)."""
    state = get_state()
    # the choice in the address; without one, the period that comes next
    known = [parse_period(report.slug) for report in drafting.list_reports(state.session)]
    suggested = suggest_period([period for period in known if period], today())
    is_chosen = "kind" in request.args
    choice = ChoiceForm(request.args if is_chosen else None, data=choice_of(suggested))
    period = (choice.period() if is_chosen else None) or suggested
    first, last = map(format_date, period.preset_window)
    form = WindowForm(request.form or kept_input(), data={"data_from": first, "data_to": last})
    if request.method == "POST" and form.validate():
        window = (form.data_from.day, form.data_to.day)
        with saving_form() as saved:
            drafting.create_report(
                state.session, period, state.actor(), window=window, head=state.report_head
            )
        if saved.error is None:
            notify(f"Đã mở kỳ {period.title}.")
            return redirect(url_for(".period", slug=period.slug))
        form.form_errors.append(str(saved.error))
    previous = drafting.find_previous_of(get_state().session, period.slug, period.preset_window[0])
    found = parse_period(previous.slug) if previous else None
    return render_template(
        "cchc/office/new_period.html",
        form=form,
        choice=choice,
        period=period,
        choice_args=choice_of(period),
        previous=found.title if found else "",
        exists=drafting.find_report(state.session, period.slug) is not None,
    ), (422 if form.errors else 200)


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

    kind = SelectField("Kỳ báo cáo", choices=as_choices(CHOICES))
    year = IntegerField("Năm", [needed(), NumberRange(FIRST_YEAR, LAST_YEAR, "Năm chưa đúng.")])

    def period(self) -> ReportingPeriod | None:
        """Return the chosen period, None while the choice is not valid."""
        return parse_period(f"{self.year.data}-{self.kind.data}") if self.validate() else None


class WindowForm(OfficeForm):
    """The days the figures of the new period cover; empty = the statutory ones."""

    data_from = DayField("Số liệu từ ngày", [readable_day])
    data_to = DayField("Số liệu đến ngày", [readable_day])

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


def next_period(period: ReportingPeriod) -> ReportingPeriod:
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
