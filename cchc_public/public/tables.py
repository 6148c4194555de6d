"""``/ky/<period>/<table>`` with ``.csv``, ``.json``, ``.xlsx``: the same figures in every form."""

from __future__ import annotations

from flask import Blueprint, Response, abort, url_for

from cchc_public.exports.tables_csv import render_csv
from cchc_public.exports.tables_json import render_json
from cchc_public.exports.tables_xlsx import XLSX_TYPE, render_xlsx
from cchc_public.public.lookup import get_asked_release
from cchc_public.releases.published import PublishedRelease, PublishedTable
from cchc_public.state import get_state
from cchc_public.web.contexts import Standing, render
from cchc_public.web.release_links import table_address
from cchc_public.web.release_pages import build_table_page


def register(blueprint: Blueprint) -> None:
    """Add the page and its files."""
    blueprint.add_url_rule("/ky/<slug>/<code>", "table", show_table)
    blueprint.add_url_rule("/ky/<slug>/<code>.csv", "table_csv", send_csv)
    blueprint.add_url_rule("/ky/<slug>/<code>.json", "table_json", send_json)
    blueprint.add_url_rule("/ky/<slug>/<code>.xlsx", "table_xlsx", send_xlsx)


def show_table(slug: str, code: str) -> str:
    """Show one table of a release."""
    release, standing, table = _get_asked_table(slug, code)
    return render("cchc/public/table.html", build_table_page(release, table, standing))


def send_csv(slug: str, code: str) -> Response:
    """Send the figures for spreadsheets; the sidecar JSON tells what they mean."""
    release, standing, table = _get_asked_table(slug, code)
    response = Response(render_csv(table.evaluated), mimetype="text/csv")
    _name_file(response, release, code, "csv")
    return _tell_release(response, release, standing, table)


def send_xlsx(slug: str, code: str) -> Response:
    """Send the form as a workbook, with release, source and notes on a second sheet."""
    release, standing, table = _get_asked_table(slug, code)
    response = Response(render_xlsx(release, table, get_state().zone), mimetype=XLSX_TYPE)
    _name_file(response, release, code, "xlsx")
    return _tell_release(response, release, standing, table)


def _name_file(response: Response, release: PublishedRelease, code: str, ending: str) -> None:
    name = f"{release.slug}-{code}-ban-{release.number}.{ending}"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'


def send_json(slug: str, code: str) -> Response:
    """Send the figures with everything one needs to understand them."""
    release, standing, table = _get_asked_table(slug, code)
    response = Response(render_json(release, table), mimetype="application/json")
    # public figures: any web page may read them
    response.headers["Access-Control-Allow-Origin"] = "*"
    return _tell_release(response, release, standing, table)


def _get_asked_table(slug: str, code: str) -> tuple[PublishedRelease, Standing, PublishedTable]:
    release, standing = get_asked_release(slug)
    table = release.table(code)
    if table is None:
        abort(404)
    return release, standing, table


def _tell_release(
    response: Response, release: PublishedRelease, standing: Standing, table: PublishedTable
) -> Response:
    """Name release and fingerprint in headers: a pure table has no room for a notice."""
    headers = response.headers
    headers["Cchc-Release"] = str(release.number)
    headers["Cchc-Digest"] = release.digest
    sidecar = table_address(release, table.code, standing, "cchc.table_json")
    headers.add("Link", f'<{sidecar}>; rel="describedby"; type="application/json"')
    if release.is_correction:
        headers["Cchc-Correction"] = url_for("cchc.corrections", _anchor=_anchor(release))
    if standing.is_outdated(release):
        newest = url_for("cchc.table", slug=release.slug, code=table.code)
        headers.add("Link", f'<{newest}>; rel="latest-version"')
    return response


def _anchor(release: PublishedRelease) -> str:
    return f"{release.slug}-ban-{release.number}"
