"""Builds the contexts of pages that show one release; the office previews with the same ones."""

from __future__ import annotations

from dataclasses import replace

from markupsafe import Markup

from cchc_public.i18n import _, mark
from cchc_public.present.charts import Point, bar_chart, trend_chart
from cchc_public.present.headlines import build_headlines
from cchc_public.present.tables import build_view
from cchc_public.present.wording import period_title, table_name
from cchc_public.releases.published import (
    PublishedFinding,
    PublishedRelease,
    PublishedTable,
    ReleaseSummary,
)
from cchc_public.tables.registry import list_forms
from cchc_public.tables.solved import Rate, SolvedTable
from cchc_public.web.contexts import OverviewPage, PeriodPage, Standing, TableEntry, TablePage
from cchc_public.web.release_links import (
    neighbour_links,
    overview_downloads,
    period_downloads,
    table_address,
    table_downloads,
)
from cchc_public.web.release_words import caption, key_line, release_facts, speak, table_facts

NOTES_ON_OVERVIEW = 3
# The overview's table is a short form of ho-so: these columns, under these words.
_SHORT_DOSSIERS = {
    "received": mark("Tiếp nhận"),
    "received_online": mark("Trực tuyến"),
    "received_direct": mark("Trực tiếp, bưu chính"),
    "carried_over": mark("Kỳ trước"),
    "resolved": mark("Đã giải quyết"),
    "resolved_overdue": mark("Quá hạn"),
    "pending": mark("Đang giải quyết"),
}


def build_overview(
    release: PublishedRelease, standing: Standing, earlier: tuple[PublishedRelease, ...] = ()
) -> OverviewPage:
    """Return the context of the overview; ``earlier`` are the same periods of the years before."""
    dossiers = release.table("ho-so")
    return OverviewPage(
        release=release,
        standing=standing,
        headlines=build_headlines(release, earlier[0] if earlier else None),
        has_earlier=bool(earlier),
        dossiers=build_view(shorten(dossiers.evaluated)) if dossiers else None,
        chart=Markup(bar_chart(dossiers.evaluated) if dossiers else ""),  # noqa: S704 - escapes itself
        trend=Markup(build_trend((release, *earlier))),  # noqa: S704 - escapes itself
        notes=release.findings[:NOTES_ON_OVERVIEW],
        note_count=len(release.findings),
        downloads=overview_downloads(release),
        summary=speak(release),
    )


def build_empty_overview() -> OverviewPage:
    """Return the context of the overview before the first publication."""
    return OverviewPage(None, Standing(0), (), False, None, Markup(""), Markup(""), (), 0, (), "")


def build_trend(releases: tuple[PublishedRelease, ...]) -> str:
    """Draw the resolved share of the same period through the years, given newest first."""
    points = []
    for release in reversed(releases):
        headlines = build_headlines(release)
        rate = next(item.value for item in headlines if item.key == "resolved")
        if isinstance(rate, Rate):
            points.append(Point(str(release.period.year), rate))
    return trend_chart(points, _("Đã giải quyết, cùng kỳ các năm"))


def build_period(
    release: PublishedRelease,
    standing: Standing,
    earlier: PublishedRelease | None = None,
    releases: tuple[ReleaseSummary, ...] = (),
) -> PeriodPage:
    """Return the context of one period."""
    return PeriodPage(
        release=release,
        standing=standing,
        headlines=build_headlines(release, earlier),
        has_earlier=earlier is not None,
        tables=_entries(release, standing),
        notes=tuple((f, _note_address(release, standing, f)) for f in release.findings),
        releases=releases,
        facts=release_facts(release),
        downloads=period_downloads(release, standing),
        summary=speak(release),
        table_links={
            table.code: (
                table_name(table.definition),
                table_address(release, table.code, standing),
            )
            for table in release.tables
        },
    )


def build_table_page(
    release: PublishedRelease, table: PublishedTable, standing: Standing
) -> TablePage:
    """Return the context of one table of a release."""
    return TablePage(
        release=release,
        standing=standing,
        table=table,
        view=build_view(table.evaluated, notes=table.findings),
        caption=caption(table),
        chart=Markup(bar_chart(table.evaluated)),  # noqa: S704 - escapes itself
        facts=table_facts(release, table),
        downloads=table_downloads(release, table.code, standing),
        neighbours=neighbour_links(release, table, standing),
        summary=f"{period_title(release.period)}: {key_line(table.evaluated)}",
    )


def shorten(table: SolvedTable) -> SolvedTable:
    """Return the dossier table with the few columns of the overview under short words."""
    columns = tuple(
        replace(column, header=(_(_SHORT_DOSSIERS[column.key]),), number="")
        for column in table.form.columns
        if column.key in _SHORT_DOSSIERS
    )
    return replace(table, form=replace(table.form, columns=columns, row_header=_("Lĩnh vực")))


def _note_address(release: PublishedRelease, standing: Standing, finding: PublishedFinding) -> str:
    known = finding.table and release.table(finding.table)
    return table_address(release, finding.table, standing) if known else ""


def _entries(release: PublishedRelease, standing: Standing) -> tuple[TableEntry, ...]:
    filled = tuple(
        TableEntry(
            title=table_name(table.definition),
            address=table_address(release, table.code, standing),
            summary=key_line(table.evaluated),
            note_count=len(table.findings),
        )
        for table in release.tables
    )
    empty = tuple(
        TableEntry(table_name(editions[-1]) if editions else code, "", _("chưa có số liệu"), 0)
        for code in release.empty_codes
        for editions in [list_forms(code)]
    )
    return filled + empty
