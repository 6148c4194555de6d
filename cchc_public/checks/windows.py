"""Rules on the data window (số liệu lấy từ ngày … đến ngày …) of a sheet."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from cchc_public.checks import rules
from cchc_public.checks.finding import Finding
from cchc_public.checks.words import place
from cchc_public.statutory.evaluate import EvaluatedTable
from cchc_public.vietnamese.dates import format_date

Window = tuple[date, date]
WINDOW_COLUMN = "data_from"
# Communes close a few days early or late; only more than a month is clearly another period.
TOLERANCE = timedelta(days=31)


def check_window(evaluated: EvaluatedTable, preset: Window | None) -> Iterator[Finding]:
    """Report a reversed window, else one clearly outside the period; never both."""
    start, end = evaluated.sheet.data_from, evaluated.sheet.data_to
    if start and end and start > end:
        yield _reversed(evaluated, start, end)
    elif preset and _is_outside(start, end, preset):
        yield _outside(evaluated, start, end, preset)


def _reversed(evaluated: EvaluatedTable, start: date, end: date) -> Finding:
    return rules.PERIOD_ORDER.at(
        evaluated.table.code,
        f"{place(evaluated.table, None)}: số liệu lấy từ ngày {format_date(start)} đến ngày "
        f"{format_date(end)}, ngày đầu sau ngày cuối.",
        column=WINDOW_COLUMN,
        found=format_date(start),
        expected=f"không sau {format_date(end)}",
    )


def _is_outside(start: date | None, end: date | None, preset: Window) -> bool:
    first, last = preset
    days = [day for day in (start, end) if day]
    return any(not first - TOLERANCE <= day <= last + TOLERANCE for day in days)


def _outside(
    evaluated: EvaluatedTable, start: date | None, end: date | None, preset: Window
) -> Finding:
    written = _written(start, end)
    expected = _written(*preset)
    return rules.WINDOW_OUTSIDE.at(
        evaluated.table.code,
        f"{place(evaluated.table, None)}: số liệu lấy {written}, ngoài kỳ báo cáo ({expected}).",
        column=WINDOW_COLUMN,
        found=written,
        expected=expected,
    )


def _written(start: date | None, end: date | None) -> str:
    parts = [f"từ {format_date(start)}" if start else "", f"đến {format_date(end)}" if end else ""]
    return " ".join(part for part in parts if part)
