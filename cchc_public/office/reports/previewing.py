"""Shows a period exactly as citizens would see it if it were published now."""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, abort, url_for
from flask.typing import ResponseReturnValue

from cchc_public.i18n import _
from cchc_public.office.frame.access import requires
from cchc_public.office.reports.loading import open_report
from cchc_public.releases.published import PublishedRelease
from cchc_public.releases.reading import find_comparable, list_releases
from cchc_public.reports.publishing import preview
from cchc_public.state import get_state
from cchc_public.web.contexts import PeriodPage, Standing, TableEntry, render
from cchc_public.web.release_pages import build_period, build_table_page


def register_preview_routes(blueprint: Blueprint) -> None:
    """Add the previews of a period and of its tables."""
    rule = "/ky/<slug>/xem-truoc"
    blueprint.add_url_rule(rule, "preview", preview_period)
    blueprint.add_url_rule(f"{rule}/<code>", "preview_table", preview_table)


@requires("enter")
def preview_period(slug: str) -> ResponseReturnValue:
    """Show the period's page of the coming release."""
    release = coming_release(slug)
    session = get_state().session
    releases = list_releases(session, slug)
    page = build_period(release, standing_of(release), find_comparable(session, release), releases)
    return render("cchc/office/preview_period.html", _inside(page))


@requires("enter")
def preview_table(slug: str, code: str) -> ResponseReturnValue:
    """Show one table's page of the coming release."""
    release = coming_release(slug)
    table = release.table(code)
    if table is None:
        abort(404, description=_("Biểu này chưa có số liệu nên người dân chưa thấy trang của nó."))
    page = build_table_page(release, table, standing_of(release))
    neighbours = tuple(
        (other.definition.short_title, _address(release, other.code))
        for other in release.tables
        if other is not table
    )
    inside = replace(page, downloads=(), neighbours=neighbours)
    return render("cchc/office/preview_table.html", inside)


def coming_release(slug: str) -> PublishedRelease:
    """Return the release that publishing now would make."""
    state, opened = get_state(), open_report(slug)
    return preview(
        state.session,
        opened.report,
        state.actor(),
        authority=state.authority,
        reason=_("(người công bố sẽ ghi ở đây)"),
    )


def standing_of(release: PublishedRelease) -> Standing:
    """Return the standing of a release that does not exist yet."""
    return Standing(newest_number=release.number, is_preview=True)


def _inside(page: PeriodPage) -> PeriodPage:
    """Let the page's links stay within the preview; files of it do not exist yet."""
    release = page.release
    known = {table.definition.short_title: table.code for table in release.tables}
    tables = tuple(
        replace(entry, address=_entry_address(release, entry, known)) for entry in page.tables
    )
    notes = tuple(
        (finding, _address(release, finding.table) if address else "")
        for finding, address in page.notes
    )
    return replace(page, tables=tables, notes=notes, downloads=())


def _entry_address(release: PublishedRelease, entry: TableEntry, known: dict[str, str]) -> str:
    return _address(release, known[entry.title]) if entry.address else ""


def _address(release: PublishedRelease, code: str) -> str:
    return url_for("cchc_staff.preview_table", slug=release.slug, code=code)
