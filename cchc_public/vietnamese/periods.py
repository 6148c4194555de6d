"""Reporting periods (kỳ báo cáo): names, addresses, order and statutory cut-off dates."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

FIRST_YEAR, LAST_YEAR = 1900, 2199


class PeriodKind(StrEnum):
    """The five lengths of reporting period in the rules on periodic reports."""

    MONTH = "month"
    QUARTER = "quarter"
    FIRST_HALF = "first-half"
    NINE_MONTHS = "nine-months"
    YEAR = "year"


# How many periods of a kind a year holds (0: one, without number) and how many months each spans.
_COUNT = {PeriodKind.MONTH: 12, PeriodKind.QUARTER: 4}
_MONTHS = {
    PeriodKind.MONTH: 1,
    PeriodKind.QUARTER: 3,
    PeriodKind.FIRST_HALF: 6,
    PeriodKind.NINE_MONTHS: 9,
    PeriodKind.YEAR: 12,
}
_WHOLE_SLUGS = {
    PeriodKind.FIRST_HALF: "6-thang",
    PeriodKind.NINE_MONTHS: "9-thang",
    PeriodKind.YEAR: "ca-nam",
}
_WHOLE_TITLES = {
    PeriodKind.FIRST_HALF: "6 tháng đầu năm",
    PeriodKind.NINE_MONTHS: "9 tháng đầu năm",
    PeriodKind.YEAR: "Năm",
}
_ROMAN = ("", "I", "II", "III", "IV")
_SLUG = re.compile(r"([0-9]{4})-(?:thang-([0-9]{2})|quy-([1-4])|(6-thang|9-thang|ca-nam))")


@dataclass(frozen=True)
class ReportingPeriod:
    """One period; ``ordinal`` is the month 1-12 or the quarter 1-4, 0 for the longer kinds."""

    kind: PeriodKind
    year: int
    ordinal: int = 0

    def __post_init__(self) -> None:
        """Refuse a period that the calendar does not have."""
        count = _COUNT.get(self.kind, 0)
        fits = 1 <= self.ordinal <= count if count else self.ordinal == 0
        if not fits or not FIRST_YEAR <= self.year <= LAST_YEAR:
            raise ValueError(f"no such period: {self.kind} {self.ordinal} of {self.year}")

    @property
    def slug(self) -> str:
        """The address, e.g. ``2023-thang-05``, ``2023-quy-2``, ``2023-6-thang``."""
        if self.kind is PeriodKind.MONTH:
            return f"{self.year}-thang-{self.ordinal:02}"
        if self.kind is PeriodKind.QUARTER:
            return f"{self.year}-quy-{self.ordinal}"
        return f"{self.year}-{_WHOLE_SLUGS[self.kind]}"

    @property
    def title(self) -> str:
        """The words on paper and screen, e.g. ``6 tháng đầu năm 2023``."""
        if self.kind is PeriodKind.MONTH:
            return f"Tháng {self.ordinal} năm {self.year}"
        if self.kind is PeriodKind.QUARTER:
            return f"Quý {_ROMAN[self.ordinal]} năm {self.year}"
        return f"{_WHOLE_TITLES[self.kind]} {self.year}"

    @property
    def preset_window(self) -> tuple[date, date]:
        """First and last day of the statutory data window: the 15th to the 14th (NĐ 09/2019)."""
        last_month = _MONTHS[self.kind] * (self.ordinal or 1)
        before = last_month - _MONTHS[self.kind]  # 0 is December of the year before
        year, month = (self.year, before) if before else (self.year - 1, 12)
        return date(year, month, 15), date(self.year, last_month, 14)

    @property
    def comparable_earlier(self) -> ReportingPeriod:
        """The same period a year before: what figures are fairly compared with."""
        return ReportingPeriod(self.kind, self.year - 1, self.ordinal)

    @property
    def is_cumulative(self) -> bool:
        """Whether it counts from the year's first day: half a year, nine months, a year."""
        return self.kind not in _COUNT

    @property
    def previous(self) -> ReportingPeriod:
        """The period of the same kind just before."""
        return self._shifted(-1)

    @property
    def following(self) -> ReportingPeriod:
        """The period of the same kind just after."""
        return self._shifted(1)

    @property
    def sort_key(self) -> tuple[date, int]:
        """Order by last day; of two that end together the longer one comes later."""
        return self.preset_window[1], _MONTHS[self.kind]

    def _shifted(self, step: int) -> ReportingPeriod:
        count = _COUNT.get(self.kind)
        if not count:
            return ReportingPeriod(self.kind, self.year + step)
        years, place = divmod(self.ordinal - 1 + step, count)
        return ReportingPeriod(self.kind, self.year + years, place + 1)


def parse_period(slug: str) -> ReportingPeriod | None:
    """Return the period that ``slug`` names, None when it names none."""
    found = _SLUG.fullmatch(slug)
    if not found:
        return None
    try:
        year = int(found[1])
        if found[2]:
            return ReportingPeriod(PeriodKind.MONTH, year, int(found[2]))
        if found[3]:
            return ReportingPeriod(PeriodKind.QUARTER, year, int(found[3]))
        kind = next(kind for kind, words in _WHOLE_SLUGS.items() if words == found[4])
        return ReportingPeriod(kind, year)
    except ValueError:
        return None
