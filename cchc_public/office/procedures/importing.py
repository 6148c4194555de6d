"""Importing the procedure list: upload, look at every change, accept as one batch, undo as one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from cchc_public.errors import ImportRejected, NotFound
from cchc_public.i18n import _
from cchc_public.office.frame.access import requires
from cchc_public.office.frame.guard import saving_form
from cchc_public.office.frame.notices import notify
from cchc_public.procedures.batches import (
    BatchState,
    apply_batch,
    group_set_aside,
    incoming_from_json,
    open_batch,
    preview_batch,
    undo_batch,
)
from cchc_public.procedures.columns import get_header
from cchc_public.procedures.importing import read_many
from cchc_public.procedures.reading import get_batch, list_batches
from cchc_public.procedures.searching import list_stamp
from cchc_public.state import get_state
from cchc_public.store import LARGEST_INTEGER, ImportBatch

_BATCH = f"/thu-tuc/nhap/<int(max={LARGEST_INTEGER}):number>"
MOST_FILES = 400
SHOWN = 200  # changes shown in full; the rest is counted


def register_import_routes(blueprint: Blueprint) -> None:
    """Add upload, preview, acceptance and undoing."""
    add = blueprint.add_url_rule
    add("/thu-tuc/nhap", "procedures_import", upload, methods=["GET", "POST"])
    add(_BATCH, "procedures_batch", show_batch)
    add(f"{_BATCH}/nhan", "procedures_accept", accept, methods=["POST"])
    add(f"{_BATCH}/hoan-tac", "procedures_undo", undo, methods=["POST"])
    # where signing in again leads after a session ended under one of these buttons
    add(f"{_BATCH}/nhan", "procedures_accept_back", lead_back)
    add(f"{_BATCH}/hoan-tac", "procedures_undo_back", lead_back)


@requires("enter")
def upload() -> ResponseReturnValue:
    """Take a file; what it would change is shown before anything changes."""
    if request.method == "GET":
        return _upload_page()
    state = get_state()
    files = [file for file in request.files.getlist("file") if file.filename]
    with saving_form() as saved:
        if not files:
            raise ImportRejected(_("Xin chọn một tệp .xlsx, .xls, .ods hoặc .csv."))
        limit = state.config["UPLOAD_MAX_BYTES"]
        found = [(file.filename or "", file.read(limit + 1)) for file in files[:MOST_FILES]]
        incoming = read_many(found, max_bytes=limit)
        batch = open_batch(state.session, incoming, state.actor())
    if saved.error:
        return _upload_page(str(saved.error)), 422
    return redirect(url_for(".procedures_batch", number=batch.id))


@requires("enter")
def show_batch(number: int) -> ResponseReturnValue:
    """Show what a waiting file would change, or what an accepted one did."""
    batch = _open(number)
    if batch.state != BatchState.PENDING:
        return render_template("cchc/office/procedure_batch.html", batch=batch)
    session = get_state().session
    incoming = incoming_from_json(batch.content)
    return render_template(
        "cchc/office/procedure_preview.html",
        batch=batch,
        plan=preview_batch(session, batch),
        incoming=incoming,
        aside=group_set_aside(incoming.set_aside),
        stamp=list_stamp(session),
        header=get_header,
        shown=SHOWN,
    )


@requires("enter")
def accept(number: int) -> ResponseReturnValue:
    """Accept the file as it was shown."""
    hide = request.form.get("hide_missing") == "1"
    stamp = request.form.get("stamp", "")

    def deed(batch: ImportBatch) -> str:
        state = get_state()
        done = apply_batch(state.session, batch, state.actor(), expected=stamp, hide_missing=hide)
        return _accepted(done)

    return _act(number, deed)


@requires("enter")
def undo(number: int) -> ResponseReturnValue:
    """Put back everything the file changed."""

    def deed(batch: ImportBatch) -> str:
        state = get_state()
        count = undo_batch(state.session, batch, state.actor())
        return _("Đã hoàn tác: %(n)s thủ tục trở lại như trước khi nhập.", n=count)

    return _act(number, deed)


@requires("enter")
def lead_back(number: int) -> ResponseReturnValue:
    """Lead to the batch; nothing is done without pressing the button again."""
    return redirect(url_for(".procedures_batch", number=number))


def _act(number: int, deed: Callable[[ImportBatch], str]) -> ResponseReturnValue:
    batch = _open(number)
    with saving_form() as saved:
        words = deed(batch)
    if saved.error:
        notify(str(saved.error), "warn")
    else:
        notify(words)
    return redirect(url_for(".procedures_batch", number=number))


def _accepted(done: dict[str, Any]) -> str:
    return _(
        "Đã nhận tệp: thêm %(new)s, sửa %(changed)s, giữ nguyên %(unchanged)s thủ tục.",
        new=done["new"],
        changed=done["changed"],
        unchanged=done["unchanged"],
    )


def _open(number: int) -> ImportBatch:
    try:
        return get_batch(get_state().session, number)
    except NotFound as error:
        abort(404, description=str(error))


def _upload_page(problem: str = "") -> str:
    batches = list_batches(get_state().session)
    return render_template("cchc/office/procedure_import.html", problem=problem, batches=batches)
