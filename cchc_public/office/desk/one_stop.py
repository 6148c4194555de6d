"""Staff state where the one-stop desk is, when it is open and whom to call."""

from __future__ import annotations

import re
from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import BooleanField, HiddenField, StringField, TextAreaField, ValidationError

from cchc_public.desk.one_stop import (
    Desk,
    desk_values,
    load_desk,
    read_spans,
    save_desk,
    write_spans,
)
from cchc_public.desk.schedule import WEEKDAY_NAMES
from cchc_public.office.frame.access import requires
from cchc_public.office.frame.form_base import OfficeForm, at_most, clean_words
from cchc_public.office.frame.guard import kept_input, saving_form
from cchc_public.office.frame.notices import notify
from cchc_public.office.reports.sheet_form import read_version
from cchc_public.state import get_state
from cchc_public.store import utc_now
from cchc_public.store.changes import Conflict, find_conflict
from cchc_public.web.routes import Routes

routes = Routes()
MOST_PHONES = 5
_WORDS = ("name", "place", "map_link", "email", "feedback", "receiver", "note")
_DAYS = tuple(f"day_{number}" for number in range(7))
_PHONE = re.compile(r"\+?[\d .()\-]{3,30}")


def understood_hours(_form: OfficeForm, field: StringField) -> None:
    """Refuse hours that cannot be understood."""
    if read_spans(field.data or "") is None:
        raise ValidationError(
            "Không hiểu giờ này. Xin viết như 7:30-11:30, 13:30-17:00; bỏ trống nếu nghỉ."
        )


class DeskForm(OfficeForm):
    """Everything citizens are told of the desk."""

    version = HiddenField()
    name = StringField("Tên bộ phận", [at_most(200)], filters=[clean_words])
    place = StringField("Địa chỉ", [at_most(300)], filters=[clean_words])
    map_link = StringField("Liên kết bản đồ", [at_most(500)], filters=[clean_words])
    telephones = TextAreaField("Điện thoại", [at_most(300)])
    email = StringField("Thư điện tử", [at_most(200)], filters=[clean_words])
    feedback = StringField("Nơi nhận phản ánh, kiến nghị", [at_most(300)], filters=[clean_words])
    receiver = StringField("Người tiếp nhận", [at_most(200)], filters=[clean_words])
    note = TextAreaField("Ghi chú", [at_most(1000)], filters=[clean_words])
    is_sample = BooleanField("Đây là số mẫu để dùng thử")

    def validate_map_link(self, field: StringField) -> None:
        """A web address, nothing that a browser would run."""
        if field.data and not re.match(r"https?://[^\s<>\"']+$", field.data):
            raise ValidationError("Liên kết phải bắt đầu bằng https://.")

    def validate_email(self, field: StringField) -> None:
        """An address with one @."""
        if field.data and not re.fullmatch(r"[^@\s<>\"']+@[^@\s<>\"']+\.[^@\s<>\"']+", field.data):
            raise ValidationError("Địa chỉ thư điện tử chưa đúng.")

    def validate_telephones(self, field: TextAreaField) -> None:
        """One number a line."""
        lines = self.phone_lines()
        if len(lines) > MOST_PHONES or not all(_PHONE.fullmatch(line) for line in lines):
            raise ValidationError(f"Mỗi dòng một số điện thoại, nhiều nhất {MOST_PHONES}.")

    def phone_lines(self) -> tuple[str, ...]:
        """Return the numbers as typed."""
        lines = (clean_words(line) for line in (self.telephones.data or "").splitlines())
        return tuple(line for line in lines if line)

    def to_desk(self) -> Desk:
        """Return what was typed; hours in one form."""
        hours = tuple(write_spans(read_spans(self[day].data or "") or ()) for day in _DAYS)
        return Desk(
            **{name: self[name].data or "" for name in _WORDS},
            telephones=self.phone_lines(),
            hours=hours,
            is_sample=bool(self.is_sample.data),
        )


for _number, _day in enumerate(_DAYS):
    setattr(
        DeskForm,
        _day,
        StringField(WEEKDAY_NAMES[_number], [at_most(100), understood_hours]),
    )


@routes("/mot-cua", "desk", ["GET", "POST"])
@requires("enter")
def edit_desk() -> ResponseReturnValue:
    """Show the desk; store it when posted."""
    state = get_state()
    stored = load_desk(state.session)
    if request.method == "GET":
        values = {**_typed(stored.desk), "version": stored.version}
        return _page(DeskForm(kept_input(), data=values))
    form = DeskForm(request.form)
    if not form.validate():
        return _page(form), 422
    labels = {name: str(form[name].label.text) for name in (*_WORDS, "telephones", "is_sample")}
    labels["hours"] = "Giờ làm việc"
    version = read_version(str(form.version.data or ""))
    with saving_form() as saved:
        save_desk(state.session, form.to_desk(), version, state.actor(), labels)
    if saved.error:
        stored = load_desk(state.session)
        mine, theirs = _typed(form.to_desk()), _typed(stored.desk)
        places = [
            (str(form[key].label.text), key, str(mine[key]), str(theirs[key])) for key in mine
        ]
        form.version.data = str(stored.version)
        return _page(form, find_conflict(saved.error, stored.edited_at or utc_now(), places)), 409
    notify("Đã lưu thông tin một cửa.")
    return redirect(url_for(".desk"))


def _typed(desk: Desk) -> dict[str, Any]:
    """Return a desk as its form shows it."""
    values = desk_values(desk)
    hours = values.pop("hours")
    values["telephones"] = "\n".join(values["telephones"])
    return {**values, **dict(zip(_DAYS, hours, strict=True))}


def _page(form: DeskForm, conflict: Conflict | None = None) -> str:
    days = [form[day] for day in _DAYS]
    return render_template("cchc/office/desk.html", form=form, days=days, conflict=conflict)
