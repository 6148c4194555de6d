"""Forms of the reception screens; the guard of the blueprint checks the token."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

from wtforms import HiddenField, SelectMultipleField, StringField, TextAreaField, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from cchc_public.desk.schedule import WEEKDAY_NAMES
from cchc_public.office.frame.form_base import (
    DayField,
    OfficeForm,
    as_choices,
    at_most,
    clean_words,
    needed,
    readable_day,
)
from cchc_public.office.reports.sheet_form import read_version
from cchc_public.store import ReceptionRule
from cchc_public.vietnamese.dates import format_date

MOST_DAYS_OFF = 20
WORDS = ("receiver", "place", "hours", "note")


def read_month_days(text: str) -> tuple[int, ...] | None:
    """Return the days of the month in ``text``; None when one is not between 1 and 31."""
    words = [word for word in re.split(r"[\s,;]+", text.strip()) if word]
    if not all(re.fullmatch(r"0?[1-9]|[12][0-9]|3[01]", word) for word in words):
        return None
    return tuple(sorted({int(word) for word in words}))


def rule_values(rule: ReceptionRule) -> dict[str, Any]:
    """Return a stored rule as its form shows it."""
    return {
        **{name: getattr(rule, name) for name in WORDS},
        "valid_from": format_date(rule.valid_from),
        "weekdays": list(rule.weekdays),
        "month_days": ", ".join(str(day) for day in rule.month_days),
        "version": rule.version,
    }


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

    @property
    def read_version(self) -> int:
        """Return the version the page was opened with; a broken one is an old one."""
        return read_version(str(self.version.data or ""))

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

    def words(self, name: str) -> str:
        """Return what is typed in a field, in words."""
        return self.in_words({name: self[name].data}, name)

    @staticmethod
    def in_words(values: dict[str, Any], name: str) -> str:
        """Return a value of the form in words."""
        value = values.get(name) or ""
        if name == "weekdays":
            return ", ".join(WEEKDAY_NAMES[day] for day in sorted(value))
        return str(value)


class ChangeForm(OfficeForm):
    """One session moved or cancelled, with its public reason."""

    day = DayField("Buổi ngày", [needed(), readable_day])
    moved_to = DayField("Chuyển sang ngày", [readable_day])
    reason = StringField("Lý do", [needed(), at_most(500)], filters=[clean_words])

    def validate_moved_to(self, field: DayField) -> None:
        """Moving to the same day says nothing."""
        if field.day and field.day == self.day.day:
            raise ValidationError("Ngày mới trùng ngày cũ. Bỏ trống nếu hủy buổi tiếp.")

    def values(self) -> dict[str, Any]:
        """Return the day, the new day or None, the reason."""
        return {"day": self.day.day, "moved_to": self.moved_to.day, "reason": self.reason.data}


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
