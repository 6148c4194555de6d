"""The screen of a report's dates, head and signature."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import HiddenField, StringField, TextAreaField
from wtforms import ValidationError as Refused

from cchc_public.errors import CchcError
from cchc_public.i18n import _, lazy
from cchc_public.office.frame import (
    DayField,
    OfficeForm,
    at_most,
    clean_words,
    kept_input,
    needed,
    notify,
    read_version,
    readable_day,
    requires,
    saving_form,
)
from cchc_public.office.reports.dashboard import OpenReport, open_report
from cchc_public.reports.sheets import ReportHead, head_of, save_report_head
from cchc_public.state import get_state
from cchc_public.store.changes import Conflict, find_conflict
from cchc_public.vietnamese.dates import format_date

WORDS = (
    "document_number",
    "place",
    "superior_body",
    "on_behalf_of",
    "signatory_title",
    "signatory",
)


class HeadForm(OfficeForm):
    """Dates, head and signature of a report (NĐ 30/2020)."""

    version = HiddenField()
    data_from = DayField(lazy("Số liệu từ ngày"), [needed(), readable_day])
    data_to = DayField(lazy("Số liệu đến ngày"), [needed(), readable_day])
    due_on = DayField(lazy("Ngày hẹn số liệu kỳ sau"), [readable_day])
    document_number = StringField(
        lazy("Số, ký hiệu báo cáo"), [at_most(100)], filters=[clean_words]
    )
    issued_on = DayField(lazy("Ngày ban hành"), [readable_day])
    place = StringField(lazy("Địa danh"), [at_most(200)], filters=[clean_words])
    superior_body = StringField(lazy("Cơ quan cấp trên"), [at_most(300)], filters=[clean_words])
    recipients = TextAreaField(lazy("Nơi nhận"), [at_most(3000)], filters=[clean_words])
    on_behalf_of = StringField(lazy("Ký thay mặt"), [at_most(200)], filters=[clean_words])
    signatory_title = TextAreaField(lazy("Chức vụ người ký"), [at_most(200)], filters=[clean_words])
    signatory = StringField(lazy("Họ tên người ký"), [at_most(200)], filters=[clean_words])

    def validate_data_to(self, field: DayField) -> None:
        """The window must not end before it begins."""
        if field.day and self.data_from.day and field.day < self.data_from.day:
            raise Refused(_("Ngày cuối ở trước ngày đầu."))

    @property
    def read_version(self) -> int:
        """The version the form was opened with."""
        return read_version(str(self.version.data or ""))

    def head(self) -> ReportHead:
        """Return what was typed; the form must be valid."""
        words: dict[str, Any] = {name: self[name].data for name in WORDS if self[name].data}
        if self.issued_on.day:
            words["issued_on"] = self.issued_on.day.isoformat()
        if lines := [line.strip() for line in (self.recipients.data or "").splitlines()]:
            words["recipients"] = [line for line in lines if line]
        first, last = self.data_from.day, self.data_to.day
        if first is None or last is None:
            raise ValueError("the form was not validated")
        return ReportHead(
            data_from=first,
            data_to=last,
            due_on=self.due_on.day,
            head=words,
        )


def form_values(head: ReportHead, version: int) -> dict[str, Any]:
    """Return the texts that ``HeadForm`` shows for a stored head."""
    words = head.head
    issued = words.get("issued_on")
    return {
        **{name: words.get(name, "") for name in WORDS},
        "version": str(version),
        "data_from": _day(head.data_from),
        "data_to": _day(head.data_to),
        "due_on": _day(head.due_on),
        "issued_on": _day(date.fromisoformat(issued)) if issued else "",
        "recipients": "\n".join(words.get("recipients", ())),
    }


def _day(day: date | None) -> str:
    return format_date(day) if day else ""


def register_head_routes(blueprint: Blueprint) -> None:
    """Add the form of the head."""
    blueprint.add_url_rule("/ky/<slug>/bao-cao", "head", edit_head, methods=["GET", "POST"])


@requires("enter")
def edit_head(slug: str) -> ResponseReturnValue:
    """Show and save dates, head and signature."""
    opened = open_report(slug)
    stored = form_values(head_of(opened.report), opened.report.version)
    if request.method == "GET":
        return _page(opened, HeadForm(kept_input(), data=stored))
    form = HeadForm(request.form)
    if not form.validate():
        return _page(opened, form), 422
    return _save(opened, form)


def _save(opened: OpenReport, form: HeadForm) -> ResponseReturnValue:
    state = get_state()
    version, actor = form.read_version, state.actor()
    with saving_form() as saved:
        save_report_head(state.session, opened.report, form.head(), version=version, actor=actor)
    if saved.error:
        return _conflict(open_report(opened.slug), form, saved.error), 409
    notify("Đã lưu phần đầu báo cáo.")
    return redirect(url_for(".period", slug=opened.slug))


def _conflict(opened: OpenReport, form: HeadForm, error: CchcError) -> str:
    """Show what the colleague saved beside what was typed; a second save is knowing."""
    theirs = form_values(head_of(opened.report), opened.report.version)
    places = [
        (field.label.text, field.id, str(field.data or ""), str(theirs[field.name]))
        for field in form
        if field.name != "version"
    ]
    form.version.data = str(opened.report.version)
    return _page(opened, form, find_conflict(error, opened.report.edited_at, places))


def _page(opened: OpenReport, form: HeadForm, conflict: Conflict | None = None) -> str:
    return render_template(
        "cchc/office/head.html", form=form, period=opened.period, conflict=conflict
    )
