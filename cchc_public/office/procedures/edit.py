"""One procedure in the office: add, edit, change its status, see its history."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from cchc_public.errors import NotFound, StaleRevision
from cchc_public.i18n import _
from cchc_public.office.frame.access import requires
from cchc_public.office.frame.guard import kept_input, saving_form
from cchc_public.office.frame.notices import notify
from cchc_public.office.procedures.form import (
    ONLINE_CHOICES,
    ROW_PARTS,
    STATUS_CHOICES,
    FormProblem,
    ProcedureInput,
    input_of,
    read_form,
    read_record,
)
from cchc_public.procedures import reading
from cchc_public.procedures.cells import changed_cells
from cchc_public.procedures.columns import get_header
from cchc_public.procedures.reading import get_procedure, list_fields, list_history
from cchc_public.procedures.record import STATUS_LABELS
from cchc_public.procedures.saving import cells_of, create_procedure, save_procedure
from cchc_public.state import get_state
from cchc_public.store import Procedure
from cchc_public.store.changes import Conflict, ConflictCell
from cchc_public.vietnamese.cleaning import clean_text


@dataclass(frozen=True)
class EditScreen:
    """What ``office/procedure.html`` may use."""

    given: ProcedureInput
    code: str  # "" = a new procedure
    title: str
    problems: dict[str, str]
    fields: tuple[str, ...]
    statuses: tuple[str, ...]
    status_values: dict[str, str]
    online_levels: tuple[str, ...]
    row_parts: dict[str, tuple[str, ...]]
    conflict: Conflict | None = None


def register_edit_routes(blueprint: Blueprint) -> None:
    """Add the screens of one procedure."""
    add = blueprint.add_url_rule
    add("/thu-tuc/moi", "new_procedure", new_procedure, methods=["GET", "POST"])
    add("/thu-tuc/<code>", "procedure", edit_procedure, methods=["GET", "POST"])
    add("/thu-tuc/<code>/lich-su", "procedure_history", show_history)


@requires("enter")
def new_procedure() -> ResponseReturnValue:
    """Show an empty form; store the procedure when posted."""
    if request.method == "GET":
        kept = kept_input()
        return _page(read_form(kept) if kept else input_of(None))
    given = read_form(request.form)
    if request.form.get("do") == "add":
        return _page(given)
    record, problems = read_record(given)
    if record is None:
        return _page(given, problems=problems), 422
    state = get_state()
    with saving_form() as saved:
        create_procedure(state.session, record, state.actor())
    if saved.error:
        return _page(given, problems=(FormProblem("", str(saved.error)),)), 422
    notify(_("Đã thêm thủ tục %(code)s.", code=record.code))
    return redirect(url_for(".procedure", code=record.code))


@requires("enter")
def edit_procedure(code: str) -> ResponseReturnValue:
    """Show one procedure; store it when posted."""
    row = open_procedure(code)
    if request.method == "GET":
        kept = kept_input()
        stored = input_of(reading.read_record(row), row.version)
        return _page(read_form(kept) if kept else stored, row)
    given = read_form({**request.form, "code": row.code})
    if request.form.get("do") == "add":
        return _page(given, row)
    record, problems = read_record(given)
    if record is None:
        return _page(given, row, problems), 422
    state = get_state()
    reason = clean_text(request.form.get("reason", ""))[:500]
    with saving_form() as saved:
        save_procedure(state.session, record, state.actor(), version=given.version, reason=reason)
    if isinstance(saved.error, StaleRevision):
        return _conflict(given, open_procedure(code)), 409
    if saved.error:
        problem = FormProblem("status_decision", str(saved.error))
        return _page(given, open_procedure(code), (problem,)), 422
    notify(_("Đã lưu thủ tục %(code)s.", code=code))
    return redirect(url_for(".procedure", code=code))


@requires("enter")
def show_history(code: str) -> ResponseReturnValue:
    """Show who changed what of one procedure, each change compared with what was before."""
    row = open_procedure(code)
    return render_template(
        "cchc/office/procedure_history.html",
        code=row.code,
        name=row.name,
        entries=list_history(get_state().session, code),
    )


def open_procedure(code: str) -> Procedure:
    """Return the procedure an address names, or 404 in words."""
    try:
        return get_procedure(get_state().session, code)
    except NotFound as error:
        abort(404, description=str(error))


def _conflict(given: ProcedureInput, row: Procedure) -> str:
    """Show what a colleague saved beside what was typed; saving again is knowing."""
    fresh = cells_of(row)
    cells = tuple(
        ConflictCell(get_header(key), f"o-{key}", mine, theirs)
        for key, (theirs, mine) in changed_cells(fresh, given.to_cells()).items()
    )
    conflict = Conflict(row.edited_by_name or _("Người khác"), row.edited_at, cells)
    fresh_given = ProcedureInput(given.cells, given.channels, given.rows, row.version)
    return _page(fresh_given, row, conflict=conflict)


def _page(
    given: ProcedureInput,
    row: Procedure | None = None,
    problems: tuple[FormProblem, ...] = (),
    conflict: Conflict | None = None,
) -> str:
    session = get_state().session
    screen = EditScreen(
        given=given.with_blank_rows(),
        code=row.code if row else "",
        title=row.name if row else _("Thêm thủ tục"),
        problems={problem.key: problem.message for problem in problems},
        fields=tuple(field.name for field in list_fields(session)),
        statuses=STATUS_CHOICES,
        status_values={status.value: label for status, label in STATUS_LABELS.items()},
        online_levels=ONLINE_CHOICES,
        row_parts=ROW_PARTS,
        conflict=conflict,
    )
    return render_template("cchc/office/procedure.html", screen=screen, conflict=conflict)
