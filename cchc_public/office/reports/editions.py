"""Changes the edition of a sheet: columns both editions have keep their figures."""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue

from cchc_public.errors import NotFound
from cchc_public.i18n import _
from cchc_public.office.frame.access import requires
from cchc_public.office.frame.guard import saving_form
from cchc_public.office.frame.notices import notify
from cchc_public.office.reports.loading import open_sheet
from cchc_public.office.reports.sheet_form import read_version
from cchc_public.reports.sheets import save_sheet
from cchc_public.state import get_state
from cchc_public.statutory.registry import get_table
from cchc_public.statutory.rows import blank_rows
from cchc_public.statutory.sheet import Row, Sheet
from cchc_public.statutory.table import StatutoryTable


def register_edition_routes(blueprint: Blueprint) -> None:
    """Add the change of edition."""
    rule = "/ky/<slug>/<code>/mau-bieu"
    blueprint.add_url_rule(rule, "edition", change_edition, methods=["POST"])
    blueprint.add_url_rule(rule, "edition_back", lead_back)


@requires("enter")
def lead_back(slug: str, code: str) -> ResponseReturnValue:
    """Lead to the sheet whoever comes back here after signing in."""
    return redirect(url_for(".sheet", slug=slug, code=code, _anchor="mau-bieu"))


@requires("enter")
def change_edition(slug: str, code: str) -> ResponseReturnValue:
    """Save the sheet under another edition of its table."""
    opened, state = open_sheet(slug, code), get_state()
    try:
        table = get_table(code, request.form.get("edition", ""))
    except NotFound as error:
        abort(404, description=str(error))
    version = read_version(request.form.get("version", ""))
    with saving_form() as saved:
        sheet = to_edition(opened.sheet, table)
        save_sheet(state.session, opened.report, sheet, version=version, actor=state.actor())
    if saved.error:
        notify(str(saved.error), "warn")
    else:
        notify(_("Đã chuyển sang mẫu «%(edition)s».", edition=table.title))
    return redirect(url_for(".sheet", slug=slug, code=code))


def to_edition(sheet: Sheet, table: StatutoryTable) -> Sheet:
    """Return ``sheet`` as a sheet of ``table``: figures of common columns, the new fixed rows."""
    kept = {column.key for column in table.base_columns}
    stated = {column.key for column in table.columns}
    old = {row.key: row for row in sheet.rows}
    rows = [_fitted(old.pop(row.key, row), kept, stated) for row in blank_rows(table)]
    rows += [_fitted(row, kept, stated) for row in old.values()]
    totals = {key: value for key, value in sheet.stated_total.items() if key in stated}
    return replace(sheet, edition=table.edition, rows=tuple(rows), stated_total=totals)


def _fitted(row: Row, kept: set[str], stated: set[str]) -> Row:
    return replace(
        row,
        cells={key: value for key, value in row.cells.items() if key in kept},
        unread={key: text for key, text in row.unread.items() if key in kept},
        stated={key: value for key, value in row.stated.items() if key in stated},
    )
