"""Shows a period exactly as citizens would see it if it were published now."""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, Response, abort, current_app, url_for
from flask.typing import ResponseReturnValue

from cchc_public.exports.report_docx import DOCX_TYPE, report_docx
from cchc_public.exports.report_pdf import report_pdf
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
    blueprint.add_url_rule("/ky/<slug>/du-thao.pdf", "draft_pdf", show_draft_pdf)
    blueprint.add_url_rule("/ky/<slug>/du-thao.docx", "draft_docx", show_draft_docx)


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


@requires("enter")
def show_draft_pdf(slug: str) -> ResponseReturnValue:
    """Send the paper as it would be, marked as a draft; only staff ever see it."""
    release, zone = coming_release(slug), get_state().zone
    environment = current_app.jinja_env
    data = report_pdf(release, environment=environment, zone=zone, is_draft=True)
    return _send_draft(data, "application/pdf", f"du-thao-{slug}.pdf")


@requires("enter")
def show_draft_docx(slug: str) -> ResponseReturnValue:
    """Send the draft as a Word document, the same words."""
    data = report_docx(coming_release(slug), zone=get_state().zone, is_draft=True)
    return _send_draft(data, DOCX_TYPE, f"du-thao-{slug}.docx")


def _send_draft(data: bytes, mimetype: str, name: str) -> Response:
    response = Response(data, mimetype=mimetype)
    placing = "inline" if name.endswith("pdf") else "attachment"
    response.headers["Content-Disposition"] = f'{placing}; filename="{name}"'
    response.headers["Cache-Control"] = "no-store"
    return response


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
    links = {
        code: (words, _address(release, code))
        for code, (words, _public) in page.table_links.items()
    }
    return replace(page, tables=tables, notes=notes, downloads=(), table_links=links)


def _entry_address(release: PublishedRelease, entry: TableEntry, known: dict[str, str]) -> str:
    return _address(release, known[entry.title]) if entry.address else ""


def _address(release: PublishedRelease, code: str) -> str:
    return url_for("cchc_staff.preview_table", slug=release.slug, code=code)
