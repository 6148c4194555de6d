"""Which earlier report a report follows on from: for copied rows, opening figures and checks."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any, TypeVar

from sqlalchemy import select

from cchc_public.statutory.rows import LOOSE_DAYS
from cchc_public.store import Report
from cchc_public.store.actor import AnySession
from cchc_public.vietnamese.periods import parse_period

Dated = TypeVar("Dated", bound=Any)  # a report, or the row of its id, slug and window


def find_previous(session: AnySession, report: Report) -> Report | None:
    """Return the earlier report this one follows on from, None when it is the first."""
    return find_previous_of(session, report.slug, report.data_from)


def find_previous_of(session: AnySession, slug: str, data_from: date) -> Report | None:
    """Return the report that a period beginning on ``data_from`` follows on from."""
    rows = session.execute(select(Report.id, Report.slug, Report.data_from, Report.data_to))
    chosen: Any = choose_previous(slug, data_from, rows)
    return session.get(Report, chosen.id) if chosen else None


def choose_previous(slug: str, data_from: date, reports: Iterable[Dated]) -> Dated | None:
    """Return the report whose window ends just before, else began alike, else the latest earlier.

    Only dates are looked at; months, quarters and half-years may stand side by side.
    """
    period = parse_period(slug)
    ranked: dict[tuple[Any, ...], Dated] = {}
    for report in reports:
        other = parse_period(report.slug)
        if period and other and other.sort_key < period.sort_key:
            follows = abs((data_from - report.data_to).days - 1) <= LOOSE_DAYS
            rank = (follows, report.data_from == data_from, other.sort_key, report.id)
            ranked[rank] = report
    return ranked[max(ranked)] if ranked else None
