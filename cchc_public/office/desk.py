"""What citizens are told of the commune: the one-stop desk, the reception days.

What is posted to can be opened too: signing in again leads back to it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import BooleanField, HiddenField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import Regexp, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from cchc_public import desk
from cchc_public.desk import POSTING_WORKING_DAYS, WEEKDAY_NAMES
from cchc_public.office import frame
from cchc_public.office.frame import DayField, OfficeForm, needed, notify, readable_day, words
from cchc_public.state import get_state
from cchc_public.store import OneStopDesk, PublicHoliday, ReceptionChange, ReceptionRule, utc_now
from cchc_public.store.base import today
from cchc_public.store.remembered import Stored, load_only
from cchc_public.vietnamese.dates import format_date, read_date

screen = frame.Screens()
MOST_PHONES = 5
_DAYS = tuple(f"day_{number}" for number in range(7))
_PHONE = re.compile(r"\+?[\d .()\-]{3,30}")
# nothing that a browser would run; both may be left empty
WEB_ADDRESS = Regexp(r"\Z|https?://[^\s<>\"']+\Z", message="Liên kết phải bắt đầu bằng https://.")
MAIL_ADDRESS = Regexp(
    r"\Z|[^@\s<>\"']+@[^@\s<>\"']+\.[^@\s<>\"']+\Z", message="Địa chỉ thư điện tử chưa đúng."
)


class DeskForm(OfficeForm):
    """Everything citizens are told of the desk."""

    version = HiddenField()
    name = words("Tên bộ phận", 200)
    place = words("Địa chỉ", 300)
    map_link = words("Liên kết bản đồ", 500, WEB_ADDRESS)
    telephones = TextAreaField("Điện thoại", [frame.at_most(300)])
    email = words("Thư điện tử", 200, MAIL_ADDRESS)
    feedback = words("Nơi nhận phản ánh, kiến nghị", 300)
    receiver = words("Người tiếp nhận", 200)
    note = words("Ghi chú", 1000, kind=TextAreaField)
    is_sample = BooleanField("Đây là số mẫu để dùng thử")

    def validate_telephones(self, field: TextAreaField) -> None:
        """One number a line."""
        lines = self.to_desk().telephones
        if len(lines) > MOST_PHONES or not all(_PHONE.fullmatch(line) for line in lines):
            raise ValidationError(f"Mỗi dòng một số điện thoại, nhiều nhất {MOST_PHONES}.")

    def to_desk(self) -> desk.Desk:
        """Return what was typed; hours in one form."""
        spans = (desk.read_spans(self[day].data or "") or () for day in _DAYS)
        lines = (frame.clean_words(line) for line in (self.telephones.data or "").splitlines())
        typed = {"telephones": [*filter(None, lines)], "hours": [*map(desk.write_spans, spans)]}
        return desk.read_desk({**self.data, **typed})


def understood_hours(_form: OfficeForm, field: StringField) -> None:
    """Refuse hours that cannot be understood."""
    if desk.read_spans(field.data or "") is None:
        raise ValidationError(
            "Không hiểu giờ này. Xin viết như 7:30-11:30, 13:30-17:00; bỏ trống nếu nghỉ."
        )


for _day, _name in zip(_DAYS, WEEKDAY_NAMES, strict=True):
    setattr(DeskForm, _day, StringField(_name, [frame.at_most(100), understood_hours]))


@screen("/mot-cua", "desk", methods=frame.BOTH)
def edit_desk() -> ResponseReturnValue:
    """Show the desk; store it when posted."""
    state = get_state()
    stored = load_only(state.session, OneStopDesk)
    shown = None if request.form else _shown(stored)
    form = DeskForm(request.form or frame.kept_input(), data=shown)
    if form.validate_on_submit():
        labels = {**{field.name: field.label.text for field in form}, "hours": "Giờ làm việc"}
        version = frame.read_number(form.version.data)
        with frame.saving_form() as saved:
            desk.save_desk(state.session, form.to_desk(), version, state.actor(), labels)
        if not saved.error:
            return frame.leave("desk", "Đã lưu thông tin một cửa.")
        stored = load_only(state.session, OneStopDesk)
        mine = _typed(form.to_desk())
        form.clash(saved.error, stored.edited_at or utc_now(), _shown(stored), **mine)
    return frame.show("desk", form, days=[form[day] for day in _DAYS])


def _shown(stored: Stored) -> dict[str, Any]:
    return {**_typed(desk.read_desk(stored.values)), "version": stored.version}


def _typed(told: desk.Desk) -> dict[str, Any]:
    """Return a desk as its form shows it."""
    values = desk.desk_values(told)
    hours = values.pop("hours")
    values["telephones"] = "\n".join(values["telephones"])
    return {**values, **dict(zip(_DAYS, hours, strict=True))}


YEAR = timedelta(days=366)
MOST_DAYS_OFF = 20


def read_month_days(text: str) -> list[int] | None:
    """Return the days of the month in ``text``; None when one is not between 1 and 31."""
    found = [word for word in re.split(r"[\s,;]+", text.strip()) if word]
    if not all(re.fullmatch(r"0?[1-9]|[12][0-9]|3[01]", word) for word in found):
        return None
    return sorted({int(word) for word in found})


class RuleForm(OfficeForm):
    """When, where and who: Luật Tiếp công dân 2013 Điều 24."""

    version = HiddenField()
    valid_from = DayField("Áp dụng từ ngày", [needed(), readable_day])
    weekdays = SelectMultipleField(
        "Thứ trong tuần",
        choices=lambda: frame.as_choices(dict(enumerate(WEEKDAY_NAMES))),
        coerce=int,
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
        validate_choice=False,  # its words would be English; see validate_weekdays
    )
    month_days = StringField("Ngày trong tháng", [frame.at_most(100)])
    receiver = words("Người tiếp", 200, needed())
    place = words("Địa điểm", 300, needed())
    hours = words("Giờ tiếp", 200, needed())
    note = words("Ghi chú", 2000, kind=TextAreaField)

    def validate_weekdays(self, field: SelectMultipleField) -> None:
        """Monday to Sunday."""
        if field.data is None or not set(field.data) <= set(range(len(WEEKDAY_NAMES))):
            field.data = []
            raise ValidationError("Xin chọn lại thứ trong tuần.")

    def validate_month_days(self, field: StringField) -> None:
        """Days 1 to 31; together with the weekdays at least one."""
        found = read_month_days(field.data or "")
        if found is None:
            raise ValidationError("Xin ghi các ngày từ 1 đến 31, cách nhau bằng dấu phẩy.")
        if not found and not self.weekdays.data:
            raise ValidationError("Xin chọn ít nhất một thứ trong tuần hoặc một ngày trong tháng.")


class ChangeForm(OfficeForm):
    """One session moved or cancelled, with its public reason."""

    day = DayField("Buổi ngày", [needed(), readable_day])
    moved_to = DayField("Chuyển sang ngày", [readable_day])
    reason = words("Lý do", 500, needed())

    def validate_day(self, field: DayField) -> None:
        """Only a session that the rule plans can be moved."""
        if field.day and not desk.is_planned(get_state().session, field.day):
            raise ValidationError("Theo lịch, ngày này không có buổi tiếp công dân.")

    def validate_moved_to(self, field: DayField) -> None:
        """Moving to the same day says nothing."""
        if field.day and field.day == self.day.day:
            raise ValidationError("Ngày mới trùng ngày cũ. Bỏ trống nếu hủy buổi tiếp.")


class HolidayForm(OfficeForm):
    """Days off by law or decision: one, or several in a row such as Tết."""

    holiday = DayField("Ngày nghỉ", [needed(), readable_day])
    until = DayField("Đến hết ngày", [readable_day])
    name = words("Tên ngày nghỉ", 200, needed())

    def validate_until(self, field: DayField) -> None:
        """A mistyped year must not fill the list."""
        if field.day and self.holiday.day and field.day < self.holiday.day:
            raise ValidationError("Ngày cuối ở trước ngày đầu.")
        if len(self.days()) > MOST_DAYS_OFF:
            raise ValidationError(f"Nhiều nhất {MOST_DAYS_OFF} ngày một lần.")

    def days(self) -> tuple[date, ...]:
        """Return every day from the first to the last."""
        first = self.holiday.day
        if first is None:
            return ()
        length = ((self.until.day or first) - first).days + 1
        return tuple(first + timedelta(days=n) for n in range(length))


@screen("/tiep-cong-dan", "reception")
def show_reception() -> ResponseReturnValue:
    """Show the rule, what is changed, the days off, and what the law would object to."""
    return _page()


@screen("/tiep-cong-dan/quy-dinh", "reception_rule", methods=frame.BOTH)
def edit_rule() -> ResponseReturnValue:
    """Store the rule; a new starting day begins a new rule and keeps the old one's past."""
    shown = None if request.form else _stored_rule()
    form, state = RuleForm(request.form or frame.kept_input(), data=shown), get_state()
    if not form.validate_on_submit():
        return _page(form=form)
    form.weekdays.data.sort()
    begins = form.valid_from.day or date.min  # the form needs it
    values = {name: value for name, value in form.data.items() if name != "version"}
    values |= {"valid_from": begins, "month_days": read_month_days(form.month_days.data or "")}
    version = frame.read_number(form.version.data)
    with frame.saving_form() as saved:
        desk.save_rule(state.session, values, version, state.actor())
    if saved.error:
        rule = desk.find_rule(state.session, begins)
        theirs = rule_values(rule) if rule else {"version": 0}
        form.clash(saved.error, rule.edited_at if rule else utc_now(), theirs)
        return _page(form=form)
    ahead = desk.working_days_between(today(), begins, desk.days_off(state.session))
    if 0 < ahead < POSTING_WORKING_DAYS:
        late = f"Lịch mới có hiệu lực sau {ahead} ngày làm việc; luật yêu cầu niêm yết trước 5."
        notify(late, "warn")
    return frame.leave("reception", "Đã lưu quy định tiếp công dân.")


@screen("/tiep-cong-dan/thay-doi", "reception_change", methods=frame.BOTH)
def edit_change() -> ResponseReturnValue:
    """Move or cancel one session."""
    form, state = ChangeForm.opened(), get_state()
    if form.validate_on_submit():
        day, moved_to = form.day.day or date.min, form.moved_to.day  # the form needs the first
        reason = form.reason.data
        change = ReceptionChange(day=day, moved_to=moved_to, reason=reason, announced_on=today())
        with frame.saving_form(form) as saved:
            desk.save_change(state.session, change, state.actor())
        if not saved.error:
            if moved_to and not desk.is_working_day(moved_to, desk.days_off(state.session)):
                off = f"Ngày {format_date(moved_to)} là ngày nghỉ. Xin xem lại ngày chuyển đến."
                notify(off, "warn")
            return frame.leave("reception", f"Đã lưu thay đổi lịch ngày {format_date(day)}.")
    return _page(change_form=form)


@screen("/tiep-cong-dan/ngay-nghi", "reception_holiday", methods=frame.BOTH)
def edit_holiday() -> ResponseReturnValue:
    """Add days off, or rename them."""
    form, state = HolidayForm.opened(), get_state()
    if form.validate_on_submit():
        with frame.saving_form(form) as saved:
            for day in form.days():
                desk.save_holiday(state.session, day, form.name.data, state.actor())
        if not saved.error:
            days = ", ".join(map(format_date, form.days()))
            return frame.leave("reception", f"Đã lưu ngày nghỉ {days}.")
    return _page(holiday_form=form)


@screen("/tiep-cong-dan/thay-doi/xoa", "reception_unchange", methods=frame.POST, back="reception")
@screen("/tiep-cong-dan/ngay-nghi/xoa", "reception_workday", methods=frame.POST, back="reception")
def take_back() -> ResponseReturnValue:
    """Take a change of the schedule back, or remove a day off."""
    state, day = get_state(), read_date(request.form.get("day", ""))
    table: type[ReceptionChange | PublicHoliday] = PublicHoliday
    done = "Đã xóa ngày nghỉ."
    if "thay-doi" in request.path:
        table, done = ReceptionChange, "Đã bỏ thay đổi; buổi tiếp theo đúng quy định."
    if not isinstance(day, date):
        return redirect(url_for(".reception"))
    with frame.saving_form() as saved:
        desk.take_back(state.session, table, day, state.actor())
    return frame.leave("reception", saved.error or done)


def _page(**typed: OfficeForm) -> tuple[str, int]:
    """Show the screen; a form that was refused comes back with what was typed."""
    session, day = get_state().session, today()

    def parted(rows: Mapping[Any, date]) -> tuple[list[Any], list[Any]]:
        """Return what is to come, soonest first, and what is over, latest first."""
        ahead = [row for row, last in rows.items() if last >= day]
        return ahead[::-1], [row for row, last in rows.items() if last < day]

    forms: dict[str, OfficeForm] = {
        "form": RuleForm(None, data=_stored_rule()),
        "change_form": ChangeForm(None),
        "holiday_form": HolidayForm(None),
        **typed,
    }
    page = render_template(
        "cchc/office/reception.html",
        **forms,
        conflict=forms["form"].conflict,
        schedule=desk.get_schedule(session, day),
        changes=parted({c: max(c.day, c.moved_to or c.day) for c in desk.list_moved(session)}),
        holidays=parted({one: one[0] for one in desk.days_off(session).items()}),
    )
    return page, max(form.status for form in forms.values())


def rule_values(rule: ReceptionRule) -> dict[str, Any]:
    """Return a stored rule as its form shows it."""
    alike = ("receiver", "place", "hours", "note", "weekdays", "version")
    return {
        **{name: getattr(rule, name) for name in alike},
        "valid_from": format_date(rule.valid_from),
        "month_days": ", ".join(map(str, rule.month_days)),
    }


def _stored_rule() -> dict[str, Any]:
    """Return the newest rule as the form shows it; a beginning when there is none."""
    rule = desk.find_rule(get_state().session, today() + YEAR)
    return rule_values(rule) if rule else {"valid_from": format_date(today()), "version": 0}
