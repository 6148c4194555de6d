"""``/hai-long``: satisfaction through the periods; a claim without slips is never drawn."""

from __future__ import annotations

from flask import Blueprint, url_for
from markupsafe import Markup

from cchc_public.i18n import _
from cchc_public.present.charts import Point, trend_chart
from cchc_public.present.headlines import build_headlines
from cchc_public.present.wording import period_mark, period_title, value_text
from cchc_public.releases.published import PublishedRelease
from cchc_public.releases.reading import list_newest_releases
from cchc_public.state import get_state
from cchc_public.tables.solved import Rate
from cchc_public.web.contexts import SatisfactionEntry, SatisfactionPage, render

CODE = "hai-long"
MOST_PERIODS = 12
MOST_POINTS = 6


def register(blueprint: Blueprint) -> None:
    """Add the page."""
    blueprint.add_url_rule("/hai-long", "satisfaction", show_satisfaction)


def show_satisfaction() -> str:
    """Show the newest periods that carry satisfaction figures."""
    releases = list_newest_releases(get_state().session, MOST_PERIODS)
    entries = tuple(_entry(release) for release in releases if release.table(CODE))
    chart = trend_chart(_points(entries), _("Tỷ lệ hài lòng qua các kỳ có số phiếu"))
    return render(
        "cchc/public/satisfaction.html",
        SatisfactionPage(entries, Markup(chart)),  # noqa: S704 - escapes itself
    )


def _entry(release: PublishedRelease) -> SatisfactionEntry:
    table = release.table(CODE)
    row = table.evaluated.rows[0] if table and table.evaluated.rows else None
    values = row.values if row else {}
    return SatisfactionEntry(
        title=period_title(release.period),
        mark=period_mark(release.period),
        address=url_for("cchc.table", slug=release.slug, code=CODE),
        headline=next(i for i in build_headlines(release) if i.key == "satisfaction"),
        slips=value_text(values.get("slips")),
        target=value_text(values.get("coverage_target"), unit="%"),
    )


def _points(entries: tuple[SatisfactionEntry, ...]) -> tuple[Point, ...]:
    """Return the newest comparable periods, oldest first."""
    known = [
        Point(entry.mark, rate)
        for entry in entries
        if entry.headline.is_comparable and isinstance(rate := entry.headline.value, Rate)
    ]
    return tuple(reversed(known[:MOST_POINTS]))
