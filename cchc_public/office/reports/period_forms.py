"""The forms of a new period: first which one, then the days its figures cover."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from wtforms import IntegerField, SelectField, ValidationError
from wtforms.validators import NumberRange

from cchc_public.i18n import _, lazy
from cchc_public.office.frame.form_base import DayField, OfficeForm, needed, readable_day
from cchc_public.vietnamese.periods import PeriodKind, ReportingPeriod, parse_period

FIRST_YEAR, LAST_YEAR = 2010, 2099
# the part of a period's address after the year
CHOICES = {
    lazy("Kỳ dài"): [
        ("6-thang", lazy("6 tháng đầu năm")),
        ("9-thang", lazy("9 tháng đầu năm")),
        ("ca-nam", lazy("Cả năm")),
    ],
    lazy("Theo quý"): [
        (f"quy-{n}", lazy("Quý %(number)s", number=word))
        for n, word in enumerate(("I", "II", "III", "IV"), 1)
    ],
    lazy("Theo tháng"): [(f"thang-{n:02}", lazy("Tháng %(month)s", month=n)) for n in range(1, 13)],
}


class ChoiceForm(OfficeForm):
    """Which period to open."""

    kind = SelectField(lazy("Kỳ báo cáo"), choices=CHOICES)
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


def suggest_period(known: Sequence[ReportingPeriod], day: date) -> ReportingPeriod:
    """Return the period that a clerk most likely opens next."""
    if known:
        newest = max(known, key=lambda period: period.sort_key)
        return _next(newest) if newest.year < LAST_YEAR else newest
    kinds = (PeriodKind.FIRST_HALF, PeriodKind.NINE_MONTHS, PeriodKind.YEAR)
    begun = (
        ReportingPeriod(kind, year)
        for year in (day.year - 1, day.year)
        for kind in kinds
        if ReportingPeriod(kind, year).preset_window[0] <= day
    )
    return max(begun, key=lambda period: period.sort_key)


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
