"""What citizens are told of the commune: the one-stop desk, the reception days.

What is posted to can be opened too: signing in again leads back to it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import (
    BooleanField,
    HiddenField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.widgets import CheckboxInput, ListWidget

from cchc_public.desk import reception
from cchc_public.desk.one_stop import (
    Desk,
    desk_values,
    load_desk,
    read_spans,
    save_desk,
    write_spans,
)
from cchc_public.desk.reception import (
    POSTING_WORKING_DAYS,
    WEEKDAY_NAMES,
    working_days_between,
)
from cchc_public.office.frame import (
    BOTH,
    POST,
    DayField,
    OfficeForm,
    Screens,
    as_choices,
    at_most,
    clean_words,
    kept_input,
    needed,
    notify,
    read_version,
    readable_day,
    saving_form,
    tell,
)
from cchc_public.state import get_state
from cchc_public.store import ReceptionChange, ReceptionRule, utc_now
from cchc_public.store.audit import Conflict, find_conflict
from cchc_public.store.base import today
from cchc_public.store.locking import Saving
from cchc_public.vietnamese.dates import format_date, read_date

screen = Screens()
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


@screen("/mot-cua", "desk", methods=BOTH)
def edit_desk() -> ResponseReturnValue:
    """Show the desk; store it when posted."""
    state = get_state()
    stored = load_desk(state.session)
    if request.method == "GET":
        values = {**_typed(stored.desk), "version": stored.version}
        return _desk_page(DeskForm(kept_input(), data=values))
    form = DeskForm(request.form)
    if not form.validate():
        return _desk_page(form), 422
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
        return _desk_page(
            form, find_conflict(saved.error, stored.edited_at or utc_now(), places)
        ), 409
    notify("Đã lưu thông tin một cửa.")
    return redirect(url_for(".desk"))


def _typed(desk: Desk) -> dict[str, Any]:
    """Return a desk as its form shows it."""
    values = desk_values(desk)
    hours = values.pop("hours")
    values["telephones"] = "\n".join(values["telephones"])
    return {**values, **dict(zip(_DAYS, hours, strict=True))}


def _desk_page(form: DeskForm, conflict: Conflict | None = None) -> str:
    days = [form[day] for day in _DAYS]
    return render_template("cchc/office/desk.html", form=form, days=days, conflict=conflict)


YEAR = timedelta(days=366)
MOST_DAYS_OFF = 20
WORDS = ("receiver", "place", "hours", "note")


def read_month_days(text: str) -> tuple[int, ...] | None:
    """Return the days of the month in ``text``; None when one is not between 1 and 31."""
    words = [word for word in re.split(r"[\s,;]+", text.strip()) if word]
    if not all(re.fullmatch(r"0?[1-9]|[12][0-9]|3[01]", word) for word in words):
        return None
    return tuple(sorted({int(word) for word in words}))


class RuleForm(OfficeForm):
    """When, where and who: Luật Tiếp công dân 2013 Điều 24."""

    version = HiddenField()
    valid_from = DayField("Áp dụng từ ngày", [needed(), readable_day])
    weekdays = SelectMultipleField(
        "Thứ trong tuần",
        choices=lambda: as_choices(dict(enumerate(WEEKDAY_NAMES))),
        coerce=int,
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
        validate_choice=False,  # its words would be English; see validate_weekdays
    )
    month_days = StringField("Ngày trong tháng", [at_most(100)])
    receiver = StringField("Người tiếp", [needed(), at_most(200)], filters=[clean_words])
    place = StringField("Địa điểm", [needed(), at_most(300)], filters=[clean_words])
    hours = StringField("Giờ tiếp", [needed(), at_most(200)], filters=[clean_words])
    note = TextAreaField("Ghi chú", [at_most(2000)], filters=[clean_words])

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
            words = "Xin chọn ít nhất một thứ trong tuần hoặc một ngày trong tháng."
            raise ValidationError(words)

    def values(self) -> dict[str, Any]:
        """Return the columns of the rule."""
        return {
            **{name: self[name].data or "" for name in WORDS},
            "valid_from": self.valid_from.day,
            "weekdays": sorted(self.weekdays.data or []),
            "month_days": list(read_month_days(self.month_days.data or "") or ()),
        }


class ChangeForm(OfficeForm):
    """One session moved or cancelled, with its public reason."""

    day = DayField("Buổi ngày", [needed(), readable_day])
    moved_to = DayField("Chuyển sang ngày", [readable_day])
    reason = StringField("Lý do", [needed(), at_most(500)], filters=[clean_words])

    def validate_day(self, field: DayField) -> None:
        """Only a session that the rule plans can be moved."""
        if field.day and not reception.is_planned(get_state().session, field.day):
            raise ValidationError("Theo lịch, ngày này không có buổi tiếp công dân.")

    def validate_moved_to(self, field: DayField) -> None:
        """Moving to the same day says nothing."""
        if field.day and field.day == self.day.day:
            raise ValidationError("Ngày mới trùng ngày cũ. Bỏ trống nếu hủy buổi tiếp.")


class HolidayForm(OfficeForm):
    """Days off by law or decision: one, or several in a row such as Tết."""

    holiday = DayField("Ngày nghỉ", [needed(), readable_day])
    until = DayField("Đến hết ngày", [readable_day])
    name = StringField("Tên ngày nghỉ", [needed(), at_most(200)], filters=[clean_words])

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


@screen("/tiep-cong-dan/quy-dinh", "reception_rule", methods=BOTH)
def edit_rule() -> ResponseReturnValue:
    """Store the rule; a new starting day begins a new rule and keeps the old one's past."""
    if request.method == "GET":
        return _page(rule=RuleForm(kept_input(), data=_stored_rule()))
    form, state = RuleForm(request.form), get_state()
    if not form.validate():
        return _page(422, rule=form)
    version = read_version(str(form.version.data or ""))
    with saving_form() as saved:
        reception.save_rule(state.session, form.values(), version, state.actor())
    if saved.error:
        # show what the colleague saved beside what was typed; a second save is knowing
        rule = reception.find_rule(state.session, form.valid_from.day or date.max)
        theirs = rule_values(rule) if rule else {}
        places = [
            (field.label.text, field.id, *(_spoken(one) for one in (field.data, theirs.get(name))))
            for name, field in form._fields.items()  # noqa: SLF001 - WTForms lists them nowhere else
            if name != "version"
        ]
        form.version.data = str(rule.version if rule else 0)
        at = rule.edited_at if rule else utc_now()
        return _page(409, rule=form, conflict=find_conflict(saved.error, at, places))
    holidays = {row.day for row in reception.list_holidays(state.session)}
    ahead = working_days_between(today(), form.valid_from.day or date.min, holidays)
    if 0 < ahead < POSTING_WORKING_DAYS:
        words = f"Lịch mới có hiệu lực sau {ahead} ngày làm việc; luật yêu cầu niêm yết trước 5."
        notify(words, "warn")
    notify("Đã lưu quy định tiếp công dân.")
    return redirect(url_for(".reception"))


@screen("/tiep-cong-dan/thay-doi", "reception_change", methods=BOTH)
def edit_change() -> ResponseReturnValue:
    """Move or cancel one session."""
    form, state = ChangeForm(request.form or kept_input()), get_state()
    if request.method == "GET" or not form.validate():
        return _page(422 if form.errors else 200, change=form)
    day, moved_to = form.day.day or date.min, form.moved_to.day  # the form needs the first
    change = ReceptionChange(
        day=day, moved_to=moved_to, reason=form.reason.data, announced_on=today()
    )
    with saving_form() as saved:
        reception.save_change(state.session, change, state.actor())
    if not saved.error and moved_to and reception.is_day_off(state.session, moved_to):
        words = f"Ngày {format_date(moved_to)} là ngày nghỉ. Xin xem lại ngày chuyển đến."
        notify(words, "warn")
    return _done(f"Đã lưu thay đổi lịch ngày {format_date(change.day)}.", saved, change=form)


@screen("/tiep-cong-dan/ngay-nghi", "reception_holiday", methods=BOTH)
def edit_holiday() -> ResponseReturnValue:
    """Add days off, or rename them."""
    form, state = HolidayForm(request.form or kept_input()), get_state()
    if request.method == "GET" or not form.validate():
        return _page(422 if form.errors else 200, holiday=form)
    with saving_form() as saved:
        for day in form.days():
            reception.save_holiday(state.session, day, form.name.data, state.actor())
    days = ", ".join(map(format_date, form.days()))
    return _done(f"Đã lưu ngày nghỉ {days}.", saved, holiday=form)


@screen("/tiep-cong-dan/thay-doi/xoa", "reception_unchange", methods=POST, back="reception")
@screen("/tiep-cong-dan/ngay-nghi/xoa", "reception_workday", methods=POST, back="reception")
def take_back() -> ResponseReturnValue:
    """Take a change of the schedule back, or remove a day off."""
    state, day = get_state(), read_date(request.form.get("day", ""))
    remove, words = reception.delete_holiday, "Đã xóa ngày nghỉ."
    if "thay-doi" in request.path:
        remove, words = reception.delete_change, "Đã bỏ thay đổi; buổi tiếp theo đúng quy định."
    if isinstance(day, date):
        with saving_form() as saved:
            remove(state.session, day, state.actor())
        tell(saved, words)
    return redirect(url_for(".reception"))


def _page(status: int = 200, **shown: Any) -> tuple[str, int]:
    """Show the screen; a form that was refused comes back with what was typed."""
    state = get_state()
    day = today()

    def parted(rows: Sequence[Any]) -> tuple[list[Any], list[Any]]:
        """Return what is to come, soonest first, and what is over, latest first."""
        ahead = [
            row for row in rows if max(row.day, getattr(row, "moved_to", None) or row.day) >= day
        ]
        return ahead[::-1], [row for row in rows if row not in ahead]

    page = render_template(
        "cchc/office/reception.html",
        form=shown.get("rule") or RuleForm(None, data=_stored_rule()),
        change_form=shown.get("change") or ChangeForm(None),
        holiday_form=shown.get("holiday") or HolidayForm(None),
        conflict=shown.get("conflict"),
        schedule=reception.get_schedule(state.session, day),
        changes=parted(reception.list_changes(state.session)),
        holidays=parted(reception.list_holidays(state.session)),
    )
    return page, status


def rule_values(rule: ReceptionRule) -> dict[str, Any]:
    """Return a stored rule as its form shows it."""
    return {
        **{name: getattr(rule, name) for name in WORDS},
        "valid_from": format_date(rule.valid_from),
        "weekdays": list(rule.weekdays),
        "month_days": ", ".join(str(day) for day in rule.month_days),
        "version": rule.version,
    }


def _stored_rule() -> dict[str, Any]:
    """Return the newest rule as the form shows it; a beginning when there is none."""
    state = get_state()
    day = today()
    rule = reception.find_rule(state.session, day + YEAR)
    return rule_values(rule) if rule else {"valid_from": format_date(day), "version": 0}


def _spoken(value: Any) -> str:
    """Return a value of the form in words: weekdays by their names."""
    if isinstance(value, list):
        return ", ".join(WEEKDAY_NAMES[day] for day in sorted(value))
    return str(value or "")


def _done(words: str, saved: Saving, **forms: OfficeForm) -> ResponseReturnValue:
    """Say that it is done; or what refused it, beside the form."""
    if saved.error:
        for form in forms.values():
            form.form_errors.append(str(saved.error))
        return _page(409, **forms)
    notify(words)
    return redirect(url_for(".reception"))
