"""Reads and writes dates as Vietnamese papers do: 12/6/2023, ngày 12 tháng 6 năm 2023."""

from __future__ import annotations

import re
from datetime import date, datetime

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
