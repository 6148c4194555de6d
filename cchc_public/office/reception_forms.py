"""Forms of the reception screens; the guard of the blueprint checks the token."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from flask_wtf import FlaskForm
from wtforms import HiddenField, SelectMultipleField, StringField, TextAreaField, ValidationError
from wtforms.validators import DataRequired, Length
from wtforms.widgets import CheckboxInput, ListWidget

from cchc_public.reception.schedule import WEEKDAY_NAMES
from cchc_public.vietnamese.dates import read_date

NEEDED = DataRequired("Xin điền chỗ này.")


class OfficeForm(FlaskForm):  # type: ignore[misc]
    """A form without a token of its own: every office form carries ``cchc_form_fields()``."""

    class Meta:
        """The blueprint's guard checks the token, in a host and alone."""

        csrf = False


class DayField(StringField):  # type: ignore[misc]
    """A day as people write it: 12/6/2023; ``day`` is None while it cannot be read."""

    @property
    def day(self) -> date | None:
        """Return the day that was typed."""
        found = read_date(self.data or "")
        return found if isinstance(found, date) else None


def readable_day(form: OfficeForm, field: DayField) -> None:
    """Refuse what is not a day of the calendar."""
    if field.data and field.day is None:
        raise ValidationError("Không đọc được ngày này. Xin viết ngày/tháng/năm, ví dụ 12/06/2026.")


def month_days(text: str) -> tuple[int, ...] | None:
    """Return the days of the month in ``text``; None when one is not between 1 and 31."""
    words = [word for word in re.split(r"[\s,;]+", text.strip()) if word]
    if not all(word.isascii() and word.isdigit() and 1 <= int(word[:4]) <= 31 for word in words):
        return None
    return tuple(sorted({int(word) for word in words}))


class RuleForm(OfficeForm):
    """When, where and who: Luật Tiếp công dân 2013 Điều 24."""

    version = HiddenField()
    valid_from = DayField("Áp dụng từ ngày", [NEEDED, readable_day])
    weekdays = SelectMultipleField(
        "Thứ trong tuần",
        choices=dict(enumerate(WEEKDAY_NAMES)),
        coerce=int,
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
        validate_choice=True,
    )
    month_days = StringField("Ngày trong tháng", [Length(max=100, message="Dài quá 100 chữ.")])
    receiver = StringField("Người tiếp", [NEEDED, Length(max=200, message="Dài quá 200 chữ.")])
    place = StringField("Địa điểm", [NEEDED, Length(max=300, message="Dài quá 300 chữ.")])
    hours = StringField("Giờ tiếp", [NEEDED, Length(max=200, message="Dài quá 200 chữ.")])
    note = TextAreaField("Ghi chú", [Length(max=2000, message="Dài quá 2.000 chữ.")])

    def validate_month_days(self, field: StringField) -> None:
        """Days 1 to 31; together with the weekdays at least one."""
        found = month_days(field.data or "")
        if found is None:
            raise ValidationError("Xin ghi các ngày từ 1 đến 31, cách nhau bằng dấu phẩy.")
        if not found and not self.weekdays.data:
            raise ValidationError("Xin chọn ít nhất một thứ trong tuần hoặc một ngày trong tháng.")

    def validate_version(self, field: HiddenField) -> None:
        """A broken version is an old page."""
        if not str(field.data or "0").isdigit():
            raise ValidationError("Trang đã cũ; xin mở lại rồi sửa.")
        field.data = int(field.data or 0)

    def values(self) -> dict[str, Any]:
        """Return the columns of the rule."""
        words = {name: self[name].data or "" for name in ("receiver", "place", "hours", "note")}
        return {
            **words,
            "valid_from": self.valid_from.day,
            "weekdays": sorted(self.weekdays.data or []),
            "month_days": list(month_days(self.month_days.data or "") or ()),
        }


class ChangeForm(OfficeForm):
    """One session moved or cancelled, with its public reason."""

    day = DayField("Buổi ngày", [NEEDED, readable_day])
    moved_to = DayField("Chuyển sang ngày", [readable_day])
    reason = StringField("Lý do", [NEEDED, Length(max=500, message="Dài quá 500 chữ.")])

    def validate_moved_to(self, field: DayField) -> None:
        """Moving to the same day says nothing."""
        if field.day and field.day == self.day.day:
            raise ValidationError("Ngày mới trùng ngày cũ. Bỏ trống nếu hủy buổi tiếp.")

    def values(self) -> dict[str, Any]:
        """Return the day, the new day or None, the reason."""
        return {"day": self.day.day, "moved_to": self.moved_to.day, "reason": self.reason.data}


class HolidayForm(OfficeForm):
    """One day off by law or decision."""

    day = DayField("Ngày nghỉ", [NEEDED, readable_day])
    name = StringField("Tên ngày nghỉ", [NEEDED, Length(max=200, message="Dài quá 200 chữ.")])

    def values(self) -> dict[str, Any]:
        """Return the day and its name."""
        return {"day": self.day.day, "name": self.name.data}
