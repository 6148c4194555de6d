"""The screen of one sheet: shows it with its findings, saves what was typed, never loses it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from cchc_public.checks.finding import Finding
from cchc_public.errors import ImportRejected, NotFound, StaleRevision
from cchc_public.i18n import _
from cchc_public.office.frame.access import requires
from cchc_public.office.frame.guard import forget_kept_input, kept_input, saving_form
from cchc_public.office.frame.notices import notify, remember_readings, take_readings
from cchc_public.office.reports.conflicts import (
    add_their_rows,
    changed_since,
    find_conflicts,
)
from cchc_public.office.reports.dashboard import sort_findings
from cchc_public.office.reports.loading import OpenSheet, open_sheet
from cchc_public.office.reports.pasting import UNDO
from cchc_public.office.reports.sheet_form import (
    SheetInput,
    can_add_rows,
    input_of,
    read_form,
    read_version,
)
from cchc_public.office.reports.sheet_reading import (
    FieldProblem,
    SheetReading,
    drop_differing,
    read_sheet,
)
from cchc_public.office.reports.sheet_view import SheetView, build_sheet_view, list_gaps
from cchc_public.reports.review import completeness, find_findings, reasons_by_key
from cchc_public.reports.sheets import find_record, save_sheet
from cchc_public.state import get_state
from cchc_public.store.audit import history
from cchc_public.store.changes import Conflict
from cchc_public.tables.language import Form
from cchc_public.tables.registry import get_form, list_forms
from cchc_public.tables.rows import blank_sheet
from cchc_public.tables.sheet import Row, Sheet
from cchc_public.web.jinja import cchc_datetime


@dataclass(frozen=True)
class Screen:
    """What a screen of a sheet shows: typed texts over the figures they were read as."""

    opened: OpenSheet
    shown: SheetInput
    reading: SheetReading
    problems: Sequence[FieldProblem] = ()
    conflict: Conflict | None = None


def register_sheet_routes(blueprint: Blueprint) -> None:
    """Add the screen of a sheet and the change of its edition."""
    blueprint.add_url_rule("/ky/<slug>/<code>", "sheet", edit_sheet, methods=["GET", "POST"])
    rule = "/ky/<slug>/<code>/mau-bieu"
    blueprint.add_url_rule(rule, "edition", change_edition, methods=["POST"])
    blueprint.add_url_rule(rule, "edition_back", lead_to_editions)


@requires("enter")
def edit_sheet(slug: str, code: str) -> ResponseReturnValue:
    """Show a sheet; save it, or offer one more row, when posted."""
    opened = open_sheet(slug, code)
    if request.method == "GET":
        return _show(opened)
    try:
        given = read_form(opened.table, request.form)
    except ImportRejected as error:
        notify(str(error), "warn")
        return redirect(url_for(".sheet", slug=slug, code=code))
    reading = read_sheet(opened.table, given, opened.sheet)
    if request.form.get("do") == "add":
        return _page(Screen(opened, given.with_blank_rows(1), reading))
    if reading.problems:
        return _page(Screen(opened, given, reading, reading.problems)), 422
    if request.form.get("do") == "unstate":
        reading.sheet = drop_differing(opened.table, reading.sheet)
    return _save(opened, given, reading)


def _show(opened: OpenSheet) -> str:
    kept = kept_input()
    if kept is None:
        shown = input_of(opened.table, opened.sheet, opened.version)
        return _page(Screen(opened, shown, SheetReading(opened.sheet)))
    given = read_form(opened.table, kept)
    return _page(Screen(opened, given, read_sheet(opened.table, given, opened.sheet)))


def _save(opened: OpenSheet, given: SheetInput, reading: SheetReading) -> ResponseReturnValue:
    state = get_state()
    try:
        save_sheet(
            state.session,
            opened.report,
            reading.sheet,
            version=given.version,
            actor=state.actor(),
        )
        forget_kept_input()
        state.session.commit()
    except StaleRevision as error:
        state.session.rollback()
        return _conflict(opened, given, error), 409
    remember_readings(opened.table.code, [(n.row, n.column, n.text) for n in reading.notes])
    notify(_("Đã lưu biểu «%(title)s».", title=opened.table.short_title))
    code = opened.table.code
    if request.form.get("do") == "next":
        code = _following(opened)[0] or code
    return redirect(url_for(".sheet", slug=opened.opened.slug, code=code))


def _conflict(opened: OpenSheet, given: SheetInput, error: StaleRevision) -> str:
    """Show both values of every cell a colleague changed; a second save is knowing."""
    table = opened.table
    fresh = open_sheet(opened.opened.slug, table.code)
    subject = f"{opened.opened.slug}/{table.code}"
    started = changed_since(history(get_state().session, subject), given.version)
    cells = find_conflicts(table, given, fresh.sheet, started)
    merged = add_their_rows(table, given, fresh.sheet)
    shown = SheetInput(merged.rows, merged.data_from, merged.data_to, fresh.version)
    record = find_record(fresh.report, table.code)
    edited_at = error.edited_at or (record.edited_at if record else fresh.report.edited_at)
    conflict = Conflict(error.edited_by or _("Người khác"), edited_at, cells)
    reading = read_sheet(table, shown, fresh.sheet)
    return _page(Screen(fresh, shown, reading, conflict=conflict))


def _page(screen: Screen) -> str:
    opened, report = screen.opened, screen.opened.report
    # what was typed but not saved has no findings yet: those of the stored figures would mislead
    is_stored = screen.reading.sheet == opened.sheet and not screen.problems
    findings = _findings(opened) if is_stored else ()
    shown = screen.shown
    if can_add_rows(opened.table) and not any(row.is_blank for row in shown.rows):
        shown = shown.with_blank_rows(1)
    view = build_sheet_view(
        opened.table,
        shown,
        screen.reading.sheet,
        findings,
        take_readings(opened.table.code),
        screen.problems,
    )
    return render_template(
        "cchc/office/sheet.html",
        **_context(opened, view, findings),
        reasons=reasons_by_key(report),
        problems=screen.problems,
        conflict=screen.conflict,
    )


def _context(opened: OpenSheet, view: SheetView, findings: Sequence[Finding]) -> dict[str, Any]:
    return {
        "view": view,
        "period": opened.opened.period,
        "is_open": can_add_rows(opened.table),
        "listed": _waiting(opened, findings),
        "gaps": list_gaps(view.rows),
        "editions": list_forms(opened.table.code),
        "following": _following(opened)[1],
        "saved": _saved_words(opened),
        "undo": request.args.get(UNDO, ""),
    }


def _waiting(opened: OpenSheet, findings: Sequence[Finding]) -> list[Finding]:
    """Return what still asks something of the clerk: errors, warnings without a reason."""
    reasons = reasons_by_key(opened.report)
    return [f for f in findings if f.blocks(reasons)]


def _findings(opened: OpenSheet) -> tuple[Finding, ...]:
    found = find_findings(get_state().session, opened.report)
    return sort_findings([f for f in found if f.table == opened.table.code])


def _following(opened: OpenSheet) -> tuple[str, str]:
    """Return code and title of the next sheet; empty after the last."""
    codes = list(progress := completeness(opened.report))
    place = codes.index(opened.table.code) + 1
    return (codes[place], progress[codes[place]].title) if place < len(codes) else ("", "")


def _saved_words(opened: OpenSheet) -> str:
    record = find_record(opened.report, opened.table.code)
    if record is None or not record.edited_by_name:
        return _("Chưa lưu lần nào.")
    return _(
        "Lưu lần cuối: %(name)s, %(time)s.",
        name=record.edited_by_name,
        time=cchc_datetime(record.edited_at),
    )


@requires("enter")
def lead_to_editions(slug: str, code: str) -> ResponseReturnValue:
    """Lead to the sheet whoever comes back here after signing in."""
    return redirect(url_for(".sheet", slug=slug, code=code, _anchor="mau-bieu"))


@requires("enter")
def change_edition(slug: str, code: str) -> ResponseReturnValue:
    """Save the sheet under another edition of its table."""
    opened, state = open_sheet(slug, code), get_state()
    try:
        table = get_form(code, request.form.get("edition", ""))
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


def to_edition(sheet: Sheet, table: Form) -> Sheet:
    """Return ``sheet`` as a sheet of ``table``: figures of common columns, the new fixed rows."""
    kept = set(table.table.by_key)
    old = {row.key: row for row in sheet.rows}
    blank = blank_sheet(table)
    rows = [_fitted(old.pop(row.key, row), kept) for row in blank.rows]
    rows += [_fitted(row, kept) for row in old.values()]
    return replace(
        sheet,
        edition=table.edition,
        rows=tuple(rows),
        total=_fitted(sheet.total, kept),
        groups=tuple(_fitted(row, kept) for row in sheet.groups) or blank.groups,
        details=tuple(_fitted(row, kept) for row in sheet.details),
    )


def _fitted(row: Row, kept: set[str]) -> Row:
    return replace(
        row,
        cells={key: value for key, value in row.cells.items() if key in kept},
        unread={key: text for key, text in row.unread.items() if key in kept},
    )
