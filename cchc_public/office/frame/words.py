"""Writes a value of the audit trail or of a comparison for people."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from cchc_public.i18n import _
from cchc_public.present.wording import rate_text
from cchc_public.store.changes import read_value
from cchc_public.tables.solved import Rate
from cchc_public.vietnamese.dates import format_date
from cchc_public.vietnamese.numbers import format_number


def change_text(value: Any) -> str:
    """Return an old or new value as words: numbers and days the Vietnamese way, never empty."""
    value = read_value(value)
    if isinstance(value, Rate):
        return missing() if value.percent is None else rate_text(value)
    if isinstance(value, bool) or value in (None, ""):
        return missing()
    if isinstance(value, int | Decimal):
        return format_number(value)
    if isinstance(value, date):
        return format_date(value)
    if isinstance(value, list | tuple):
        return "; ".join(str(part) for part in value)
    return _day_or_text(str(value))


def missing() -> str:
    """Return the words for nothing."""
    return _("chưa có")


def _day_or_text(text: str) -> str:
    try:
        return format_date(date.fromisoformat(text)) if len(text) == 10 else text
    except ValueError:
        return text
