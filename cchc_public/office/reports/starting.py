"""The first run and the way through a period: a checklist until all is done, promised days."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from flask import Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import exists, select

from cchc_public import host
from cchc_public.desk.one_stop import load_desk
from cchc_public.errors import UNNAMED
from cchc_public.office.frame.access import requires
from cchc_public.office.frame.guard import saving_form
from cchc_public.office.frame.notices import notify
from cchc_public.reports.drafting import list_reports
from cchc_public.reports.review import completeness
from cchc_public.reports.sheets import get_sheet, save_sheet, sheet_version
from cchc_public.state import get_state
from cchc_public.store import Procedure, ReceptionRule, Release, Report, utc_now
from cchc_public.tables.sheet import Row
from cchc_public.vietnamese.dates import parse_period
from cchc_public.web.addresses import origin
from cchc_public.web.caching import today
from cchc_public.web.routes import Routes

routes = Routes()
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


@dataclass(frozen=True)
class Promise:
    """A day on which the commune said newer figures would come."""

    day: date
    period: str
    is_late: bool


def list_steps() -> tuple[Step, ...]:
    """Return the way from an empty site to the first publication."""
    state = get_state()
    session, reports = state.session, list_reports(state.session)
    newest = reports[0] if reports else None
    began = newest is not None and any(one.is_started for one in completeness(newest).values())
    sheet_page = url_for("cchc_staff.period", slug=newest.slug) if newest else ""
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
            bool(load_desk(session).desk.place),
        ),
        Step(
            "Ghi lịch tiếp công dân",
            url_for("cchc_staff.reception"),
            bool(session.scalar(select(exists().where(ReceptionRule.id.is_not(None))))),
        ),
        Step(
            "Chọn lĩnh vực và thủ tục",
            url_for("cchc_staff.start", _anchor="linh-vuc"),
            bool(session.scalar(select(exists().where(Procedure.id.is_not(None))))),
            "lấy từ danh mục có sẵn, hoặc nhập tệp của xã",
        ),
        *_people(),
        Step("Mở kỳ báo cáo đầu tiên", url_for("cchc_staff.new_period"), newest is not None),
        Step(
            "Nhập số liệu: dán cả báo cáo, hoặc gõ từng biểu",
            sheet_page or url_for("cchc_staff.new_period"),
            began,
            "hoặc tải mẫu Excel của kỳ, điền rồi tải lên",
        ),
        Step(
            "Công bố",
            sheet_page or url_for("cchc_staff.new_period"),
            bool(session.scalar(select(exists().where(Release.id.is_not(None))))),
        ),
    )


def _people() -> Iterator[Step]:
    """Yield the step about a second person, on a site with accounts of its own."""
    from flask import current_app

    if not host.has_own_accounts(current_app):
        return
    from cchc_public.accounts.people import list_users, may

    state = get_state()
    publishers = [user for user in list_users(state.session) if may("publish", user)]
    yield Step(
        "Thêm người nhập và người công bố",
        url_for("cchc_staff.accounts"),
        bool(publishers),
        "xã chỉ có một công chức thì bỏ yêu cầu người thứ hai ở Thiết lập",
        "administer",
    )


def is_starting() -> bool:
    """Return whether anything of the checklist is still to be done: until then it is shown."""
    return not all(step.is_done for step in list_steps())


@routes("/bat-dau", "start", ["GET", "POST"])
@requires("enter")
def show_start() -> ResponseReturnValue:
    """Show the checklist; take chosen fields of the shipped list, or starter rows, when posted."""
    # only who begins waits for the shipped list
    from cchc_public.demo.procedures import list_shipped_fields, load_chosen_procedures

    state = get_state()
    if request.method == "GET":
        return render_template(
            "cchc/office/start.html",
            steps=list_steps(),
            fields=list_shipped_fields(),
            has_procedures=bool(
                state.session.scalar(select(exists().where(Procedure.id.is_not(None))))
            ),
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
    notify(str(saved.error) if saved.error else told, "warn" if saved.error else "done")
    return redirect(url_for(".start"))


def _reports_without_starters() -> list[Report]:
    """Return the newest report when its tasks or indicators hold no row."""
    reports = list_reports(get_state().session)[:1]
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


def list_promises() -> tuple[Promise, ...]:
    """Return every day on which figures are due, the next one first, those kept left out."""
    session, now = get_state().session, today(get_state())
    reports = list_reports(session)
    published = set(session.scalars(select(Release.period_slug)))
    promises = [
        Promise(report.due_on, period.title, report.due_on < now)
        for index, report in enumerate(reports)
        if report.due_on and report.slug in published and (period := parse_period(report.slug))
        # a later period that is published kept the promise
        if not any(later.slug in published for later in reports[:index])
    ]
    return tuple(sorted(promises, key=lambda promise: promise.day))


@routes("/lich-hen.ics", "due_days")
@requires("enter")
def send_due_days() -> ResponseReturnValue:
    """Send all due days as one calendar file."""
    from icalendar import Calendar, Event  # loaded when somebody asks for the file

    calendar = Calendar()
    calendar.add("prodid", "-//cchc_public//lich-hen//VI")
    calendar.add("version", "2.0")
    for promise in list_promises():
        event = Event()
        event.add("uid", f"hen-{promise.day.isoformat()}@{origin().partition('//')[2]}")
        event.add("dtstamp", utc_now())
        event.add("dtstart", promise.day)
        event.add("dtend", promise.day + timedelta(days=1))
        event.add("summary", f"Hạn công bố số liệu kỳ sau {promise.period}")
        calendar.add_component(event)
    response = Response(bytes(calendar.to_ical()), content_type="text/calendar; charset=utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="lich-hen.ics"'
    return response


@routes("/cach-lam", "guide")
@requires("enter")
def show_guide() -> ResponseReturnValue:
    """Show how one period is done, step by step, with the keys of the sheet."""
    return render_template("cchc/office/guide.html")
