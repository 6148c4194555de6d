"""Days and reporting periods as Vietnamese papers write them: 12/6/2023, quý II năm 2023."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from cchc_public.vietnamese.numbers import Missing, Unreadable, speak_number
from cchc_public.vietnamese.text import fold

FIRST_YEAR, LAST_YEAR = 1900, 2199

_WRITTEN = (
    re.compile(
        r"(?P<year>[0-9]{4})-(?P<month>[0-9]{1,2})-(?P<day>[0-9]{1,2})(?:[T ]00:00(?::00)?)?"
    ),
    re.compile(r"(?P<day>[0-9]{1,2}) ?[/.-] ?(?P<month>[0-9]{1,2}) ?[/.-] ?(?P<year>[0-9]{4})"),
)
_IN_WORDS = re.compile(
    r"(?:ngay )?(?P<day>[0-9]{1,2}) thang (?P<month>[0-9]{1,2}) nam (?P<year>[0-9]{4})"
)
_SHORT_YEAR = re.compile(r"[0-9]{1,2} ?[/.-] ?[0-9]{1,2} ?[/.-] ?[0-9]{2}")
_NOTHING = frozenset({"", "-", "–", "—", "…", "..."})


def read_date(raw: str | date | None) -> date | Unreadable | Missing:
    """Read a date, day before month; the message of ``Unreadable`` says how to write it."""
    if isinstance(raw, datetime):
        return raw.date()
    if isinstance(raw, date):
        return raw
    text = " ".join((raw or "").split())
    if text in _NOTHING:
        return Missing()
    if _SHORT_YEAR.fullmatch(text):
        return Unreadable(f"«{text}»: hãy ghi đủ bốn chữ số của năm, ví dụ 12/06/2023.")
    found = next(filter(None, (pattern.fullmatch(text) for pattern in _WRITTEN)), None)
    found = found or _IN_WORDS.fullmatch(fold(text))
    if found is None:
        return Unreadable(
            f"Không đọc được ngày «{text[:40]}»: hãy ghi ngày/tháng/năm, ví dụ 12/06/2023."
        )
    year, month, day = (int(found[name]) for name in ("year", "month", "day"))
    if not FIRST_YEAR <= year <= LAST_YEAR:
        return Unreadable(f"Ngày «{text}» có năm {year}; hãy kiểm tra lại năm.")
    if not 1 <= month <= 12:
        return Unreadable(f"Ngày «{text}» có tháng {month}: hãy ghi ngày trước, tháng sau.")
    try:
        return date(year, month, day)
    except ValueError:
        return Unreadable(f"Tháng {month} năm {year} không có ngày {day}.")


def format_date(value: date) -> str:
    """Write ``12/06/2023``."""
    return f"{value.day:02}/{value.month:02}/{value.year:04}"


def format_long_date(value: date) -> str:
    """Write ``ngày 05 tháng 6 năm 2023``; papers give days below 10 and months 1, 2 a zero."""
    day, month, year = format_paper_date(value).split("/")
    return f"ngày {day} tháng {month} năm {year}"


def format_paper_date(value: date) -> str:
    """Write ``09/6/2023``, the short form of papers (NĐ 30/2020): zeros as in the long form."""
    month = f"{value.month:02}" if value.month < 3 else str(value.month)
    return f"{value.day:02}/{month}/{value.year}"


def speak_date(value: date) -> str:
    """Say a day as people read it out: ``ngày mùng chín tháng tư năm hai nghìn …``."""
    day = f"mùng {speak_number(value.day)}" if value.day <= 10 else speak_number(value.day)
    # the fourth month has a name of its own
    month = "tư" if value.month == 4 else speak_number(value.month)
    return f"ngày {day} tháng {month} năm {speak_number(value.year)}"


class PeriodKind(StrEnum):
    """The five lengths of reporting period in the rules on periodic reports."""

    MONTH = "month"
    QUARTER = "quarter"
    FIRST_HALF = "first-half"
    NINE_MONTHS = "nine-months"
    YEAR = "year"


# How many months each spans, how many a year holds (0: one, without a number), slug and title.
_KINDS = {
    PeriodKind.MONTH: (1, 12, "thang-{:02}", "Tháng {} năm"),
    PeriodKind.QUARTER: (3, 4, "quy-{}", "Quý {} năm"),
    PeriodKind.FIRST_HALF: (6, 0, "6-thang", "6 tháng đầu năm"),
    PeriodKind.NINE_MONTHS: (9, 0, "9-thang", "9 tháng đầu năm"),
    PeriodKind.YEAR: (12, 0, "ca-nam", "Năm"),
}
_SLUGS = {
    slug.format(ordinal): (kind, ordinal)
    for kind, (_months, count, slug, _title) in _KINDS.items()
    for ordinal in range(min(1, count), count + 1)
}
_ROMAN = ("", "I", "II", "III", "IV")


@dataclass(frozen=True)
class ReportingPeriod:
    """One period; ``ordinal`` is the month 1-12 or the quarter 1-4, 0 for the longer kinds."""

    kind: PeriodKind
    year: int
    ordinal: int = 0

    def __post_init__(self) -> None:
        """Refuse a period that the calendar does not have."""
        if (
            not FIRST_YEAR <= self.year <= LAST_YEAR
            or (self.kind, self.ordinal) not in _SLUGS.values()
        ):
            raise ValueError(f"no such period: {self.kind} {self.ordinal} of {self.year}")

    @property
    def slug(self) -> str:
        """The address, e.g. ``2023-thang-05``, ``2023-quy-2``, ``2023-6-thang``."""
        return f"{self.year}-{_KINDS[self.kind][2].format(self.ordinal)}"

    @property
    def title(self) -> str:
        """The words on paper and screen, e.g. ``6 tháng đầu năm 2023``."""
        is_quarter = self.kind is PeriodKind.QUARTER
        number = _ROMAN[self.ordinal] if is_quarter else self.ordinal
        return f"{_KINDS[self.kind][3].format(number)} {self.year}"

    @property
    def preset_window(self) -> tuple[date, date]:
        """First and last day of the statutory data window: the 15th to the 14th (NĐ 09/2019)."""
        months = _KINDS[self.kind][0]
        last_month = months * (self.ordinal or 1)
        before = last_month - months  # 0 is December of the year before
        year, month = (self.year, before) if before else (self.year - 1, 12)
        return date(year, month, 15), date(self.year, last_month, 14)

    @property
    def comparable_earlier(self) -> ReportingPeriod:
        """The same period a year before: what figures are fairly compared with."""
        return ReportingPeriod(self.kind, self.year - 1, self.ordinal)

    @property
    def is_cumulative(self) -> bool:
        """Whether it counts from the year's first day: half a year, nine months, a year."""
        return not self.ordinal

    @property
    def promised_kind(self) -> PeriodKind:
        """The kind of period whose figures are promised with these: longer periods are one."""
        return PeriodKind.YEAR if self.is_cumulative else self.kind

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
        return self.preset_window[1], _KINDS[self.kind][0]

    def _shifted(self, step: int) -> ReportingPeriod:
        if self.is_cumulative:
            return ReportingPeriod(self.kind, self.year + step)
        count = _KINDS[self.kind][1]
        years, place = divmod(self.ordinal - 1 + step, count)
        return ReportingPeriod(self.kind, self.year + years, place + 1)


def parse_period(slug: str) -> ReportingPeriod | None:
    """Return the period that ``slug`` names, None when it names none."""
    year, _dash, rest = slug.partition("-")
    if rest not in _SLUGS or not re.fullmatch("[0-9]{4}", year):
        return None
    kind, ordinal = _SLUGS[rest]
    try:
        return ReportingPeriod(kind, int(year), ordinal)
    except ValueError:
        return None
