"""Which earlier report a report follows on from: for copied rows, opening figures and checks."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select

from cchc_public.models import Report
from cchc_public.releases.actor import AnySession
from cchc_public.statutory.rows import LOOSE_DAYS
from cchc_public.vietnamese.periods import parse_period


def find_previous(session: AnySession, report: Report) -> Report | None:
    """Return the earlier report this one follows on from, None when it is the first."""
    return find_previous_of(session, report.slug, report.data_from)


def find_previous_of(session: AnySession, slug: str, data_from: date) -> Report | None:
    """Return the report whose window ends just before, else began alike, else the latest earlier.

    Only dates are read to choose; months, quarters and half-years may stand side by side.
    """
    period = parse_period(slug)
    rows = session.execute(select(Report.id, Report.slug, Report.data_from, Report.data_to))
    ranked = []
    for report_id, other_slug, start, end in rows:
        other = parse_period(other_slug)
        if period and other and other.sort_key < period.sort_key:
            follows = abs((data_from - end).days - 1) <= LOOSE_DAYS
            ranked.append((follows, start == data_from, other.sort_key, report_id))
    return session.get(Report, max(ranked)[-1]) if ranked else None
