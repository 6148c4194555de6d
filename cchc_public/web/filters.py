"""Jinja filters, all prefixed ``cchc_``: the only way numbers, dates and rates reach a page."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from markupsafe import Markup, escape

from cchc_public.i18n import _
from cchc_public.present.tables import Group, Line, list_facts, main_cell
from cchc_public.present.wording import (
    fraction_text,
    percent_text,
    period_title,
    table_name,
    unit_name,
    value_text,
)
from cchc_public.store.clock import local
from cchc_public.tables.language import Column, ValueKind
from cchc_public.tables.solved import Rate, SolvedValue
from cchc_public.vietnamese.dates import format_date
from cchc_public.vietnamese.numbers import format_number, format_percent

HUNDRED = 100
_UNKNOWN = Markup('<span class="cchc-none" title="{0}"><span aria-hidden="true">–</span>{1}</span>')
_HIDDEN = Markup('<span class="cchc-hidden">{}</span>')
_RATE = Markup('<span class="cchc-rate">{}</span><span class="cchc-of">{}</span>')


def cchc_number(value: int | Decimal | None) -> str | Markup:
    """Write ``1.714`` or ``77,56``; unknown stays visibly unknown."""
    return unknown() if value is None else format_number(value)


def cchc_percent(value: Decimal | int | None) -> str | Markup:
    """Write ``77,56 %``; unknown stays visibly unknown."""
    return unknown() if value is None else percent_text(value)


def cchc_fraction(rate: Rate) -> str:
    """Write the fraction of a rate in words."""
    return fraction_text(rate)


def cchc_date(value: date | None) -> str:
    """Write ``12/06/2023``; empty when there is no date."""
    return format_date(value) if value else ""


def cchc_datetime(value: datetime | None) -> str:
    """Write ``08:30 ngày 13/06/2023`` in the commune's time zone."""
    if value is None:
        return ""
    at = local(value)
    return _("%(time)s ngày %(date)s", time=f"{at:%H:%M}", date=format_date(at.date()))


def cchc_day(value: datetime | None) -> str:
    """Write the local day of an instant: ``13/06/2023``."""
    return format_date(local(value).date()) if value else ""


def cchc_cell(value: SolvedValue, column: Column | None = None) -> Markup:
    """Write any cell of a table; a rate never appears without its fraction."""
    if isinstance(value, Rate):
        return rate_cell(value)
    if value is None or value == "":
        return unknown()
    if isinstance(value, int | Decimal):
        is_percent = column is not None and column.unit == "%"
        return escape(format_percent(value) if is_percent else format_number(value))
    return escape(value)


def rate_cell(rate: Rate) -> Markup:
    """Write a rate over its fraction; why it cannot be computed when it cannot."""
    if rate.percent is None:
        if rate.denominator == 0:
            return _RATE.format("–", _("mẫu số là 0"))
        return unknown()
    return _RATE.format(percent_text(rate.percent), fraction_text(rate))


def unknown() -> Markup:
    """Return the dash that screen readers speak as "chưa có số liệu"."""
    words = _("chưa có số liệu")
    return _UNKNOWN.format(words, _HIDDEN.format(words))


def cchc_stated(value: Decimal, column: Column) -> str:
    """Write a number as a source printed it: all its decimals, with % for rates."""
    is_percent = column.kind is ValueKind.RATE or column.unit == "%"
    return format_percent(value) if is_percent else format_number(value)


def cchc_progress(group: Group) -> str:
    """Say how many tasks of a section are done completely; empty when none carries a figure."""
    cells = [main_cell(line) for line in group.lines]
    known = [cell for cell in cells if cell is not None and cell.is_known]
    if not known:
        return ""
    return _(
        "%(done)s trên %(all)s nhiệm vụ ghi hoàn thành 100 %%",
        done=sum(cell.value == HUNDRED for cell in known),
        all=len(group.lines),
    )


def cchc_facts(line: Line) -> list[tuple[str, Markup]]:
    """Return label and written value of the further cells of a line."""
    return [(label, cchc_cell(value)) for label, value in list_facts(line)]


FILTERS: dict[str, Any] = {
    "cchc_number": cchc_number,
    "cchc_percent": cchc_percent,
    "cchc_fraction": cchc_fraction,
    "cchc_period": period_title,
    "cchc_table": table_name,
    "cchc_unit": unit_name,
    "cchc_date": cchc_date,
    "cchc_datetime": cchc_datetime,
    "cchc_day": cchc_day,
    "cchc_cell": cchc_cell,
    "cchc_text": value_text,
    "cchc_stated": cchc_stated,
    "cchc_progress": cchc_progress,
    "cchc_main_cell": main_cell,
    "cchc_facts": cchc_facts,
}
