"""``/ky`` and ``/ky/<period>``: all periods, and everything one release says."""

from __future__ import annotations

from itertools import groupby

from flask import Blueprint

from cchc_public.public.lookup import get_asked_release
from cchc_public.releases.reading import find_comparable, list_periods, list_releases
from cchc_public.state import get_state
from cchc_public.web.contexts import PeriodsPage, render
from cchc_public.web.release_pages import build_period


def register(blueprint: Blueprint) -> None:
    """Add both pages."""
    blueprint.add_url_rule("/ky", "periods", show_periods)
    blueprint.add_url_rule("/ky/<slug>", "period", show_period)


def show_periods() -> str:
    """List every published period, newest first, under its year."""
    periods = list_periods(get_state().session)
    years = tuple(
        (year, tuple(found)) for year, found in groupby(periods, key=lambda p: p.period.year)
    )
    return render("cchc/public/periods.html", PeriodsPage(years))


def show_period(slug: str) -> str:
    """Show one release of a period, the newest unless the address pins another."""
    session = get_state().session
    release, standing = get_asked_release(slug)
    page = build_period(
        release, standing, find_comparable(session, release), list_releases(session, slug)
    )
    return render("cchc/public/period.html", page)
