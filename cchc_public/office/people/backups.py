"""Safety copies from the office: make, take along, see what putting one back would do.

The office itself never puts one back: that needs a stopped site, so it says the command.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from flask import abort, current_app, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue

from cchc_public import copies, host
from cchc_public.errors import CchcError, NotFound
from cchc_public.office.frame.access import requires
from cchc_public.office.frame.guard import saving_form
from cchc_public.office.frame.notices import notify
from cchc_public.office.people.accounts import confirmed
from cchc_public.state import get_state
from cchc_public.store import utc_now
from cchc_public.store.audit import record
from cchc_public.web.routes import Routes

routes = Routes()
WANTED_WITHIN = timedelta(days=2)  # the nightly timer, and a night that it missed


@routes("/sao-luu", "backups", ["GET", "POST"])
@requires("administer")
@confirmed
def keep_backups() -> ResponseReturnValue:
    """List the copies; make one when posted."""
    state = get_state()
    if request.method == "POST":
        now = datetime.now(state.zone)
        name = f"{now:%Y%m%d-%H%M%S}-{now.microsecond // 10_000:02}.sqlite"
        with saving_form() as saved:
            copies.make_copy(copies.copies_folder() / name)
            gone = copies.drop_old_copies()
            record(
                state.session, state.actor(), "database.backup", "database", file=name, dropped=gone
            )
        if saved.error:
            notify(str(saved.error), "warn")
            return redirect(url_for(".backups"))
        notify(f"Đã sao lưu vào {name}. Hãy tải về và cất ở máy khác.")
        return redirect(url_for(".backup", name=name))
    found: tuple[copies.KeptCopy, ...] = ()
    problem = ""
    try:
        found = copies.list_copies()
    except CchcError as error:
        problem = str(error)
    return render_template(
        "cchc/office/backups.html",
        copies=found,
        problem=problem,
        is_late=not found or utc_now() - found[0].made_at > WANTED_WITHIN,
        folder=copies.copies_path(),
        command=_command(),
    )


@routes("/sao-luu/<name>", "backup")
@requires("administer")
@confirmed
def show_backup(name: str) -> ResponseReturnValue:
    """Examine one copy; say what putting it back would do, and how that is done."""
    copy, problem, told = _open(name), "", []
    try:
        copies.read_checksum(copy.file, may_miss=False)
        with copies.checked_twin(copy.file) as twin:
            told = [*copies.foresee(twin, get_state().engine)]
    except CchcError as error:
        problem = str(error)
    return render_template(
        "cchc/office/backup.html", copy=copy, problem=problem, told=told, command=_command()
    )


@routes("/sao-luu/<name>/tep", "backup_file")
@routes("/sao-luu/<name>/ma-kiem-tra", "backup_checksum")
@requires("administer")
@confirmed
def send_backup(name: str) -> ResponseReturnValue:
    """Send one copy or its checksum; that a copy was taken along is a deed."""
    state, file = get_state(), _open(name).file
    if request.endpoint == "cchc_staff.backup_checksum":
        file = file.with_name(file.name + copies.SUM)
        if not file.is_file():
            abort(404, description="Bản sao lưu này không có tệp mã kiểm tra.")
    else:
        with saving_form():
            record(state.session, state.actor(), "export.backup", "database", file=file.name)
    return send_file(file, as_attachment=True, conditional=False, max_age=0)


def _open(name: str) -> copies.KeptCopy:
    try:
        return copies.find_copy(name)
    except NotFound as error:
        abort(404, description=str(error))


def _command() -> str:
    return "cchc" if host.is_site(current_app) else "flask cchc"
