"""Days and reporting periods as Vietnamese papers write them: 12/6/2023, quý II năm 2023."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from cchc_public.vietnamese.numbers import Missing, Unreadable, speak_number
from cchc_public.vietnamese.text import fold

FIRST_YEAR, LAST_YEAR = 1900, 2199

_DAY_FIRST = re.compile(r"([0-9]{1,2}) ?[/.-] ?([0-9]{1,2}) ?[/.-] ?([0-9]{4})")
_YEAR_FIRST = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})(?:[T ]00:00(?::00)?)?")
_IN_WORDS = re.compile(r"(?:ngay )?([0-9]{1,2}) thang ([0-9]{1,2}) nam ([0-9]{4})")
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
    parts = _parts(text)
    if parts is None:
        return Unreadable(
            f"Không đọc được ngày «{text[:40]}»: hãy ghi ngày/tháng/năm, ví dụ 12/06/2023."
        )
    return _build(text, *parts)


def format_date(value: date) -> str:
    """Write ``12/06/2023``."""
    return f"{value.day:02}/{value.month:02}/{value.year:04}"


def format_long_date(value: date) -> str:
    """Write ``ngày 05 tháng 6 năm 2023``; papers give days below 10 and months 1, 2 a zero."""
    month = f"{value.month:02}" if value.month < 3 else str(value.month)
    return f"ngày {value.day:02} tháng {month} năm {value.year}"


def format_paper_date(value: date) -> str:
    """Write ``09/6/2023``, the short form of papers (NĐ 30/2020): zeros as in the long form."""
    month = f"{value.month:02}" if value.month < 3 else str(value.month)
    return f"{value.day:02}/{month}/{value.year}"


def _parts(text: str) -> tuple[int, int, int] | None:
    """Return year, month, day."""
    found = _YEAR_FIRST.fullmatch(text)
    if found:
        return int(found[1]), int(found[2]), int(found[3])
    found = _DAY_FIRST.fullmatch(text) or _IN_WORDS.fullmatch(fold(text))
    return (int(found[3]), int(found[2]), int(found[1])) if found else None


def _build(text: str, year: int, month: int, day: int) -> date | Unreadable:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        return Unreadable(f"Ngày «{text}» có năm {year}; hãy kiểm tra lại năm.")
    if not 1 <= month <= 12:
        return Unreadable(f"Ngày «{text}» có tháng {month}: hãy ghi ngày trước, tháng sau.")
    try:
        return date(year, month, day)
    except ValueError:
        return Unreadable(f"Tháng {month} năm {year} không có ngày {day}.")


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
