"""One procedure in the office: add, edit, change its status, see its history.

Texts go in, cells come out, nothing is lost on the way.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from cchc_public.errors import NotFound, StaleRevision
from cchc_public.office.frame.access import requires
from cchc_public.office.frame.guard import kept_input, saving_form
from cchc_public.office.frame.notices import notify
from cchc_public.office.reports.sheet_form import read_version
from cchc_public.procedures import reading
from cchc_public.procedures.cells import (
    Cells,
    UnreadableCell,
    changed_cells,
    clean_part,
    from_cells,
    to_cells,
)
from cchc_public.procedures.columns import get_header
from cchc_public.procedures.reading import get_procedure, list_fields, list_history
from cchc_public.procedures.record import (
    CHANNEL_LABELS,
    ONLINE_LABELS,
    STATUS_LABELS,
    ChannelKind,
    ProcedureRecord,
    find_faults,
)
from cchc_public.procedures.saving import cells_of, create_procedure, save_procedure
from cchc_public.procedures.wording import join_channels
from cchc_public.state import get_state
from cchc_public.store import Procedure
from cchc_public.store.changes import Conflict, ConflictCell
from cchc_public.vietnamese.cleaning import clean_text
from cchc_public.web.routes import Routes

routes = Routes()
# lists inside a cell -> the parts of one row, in the order in which the cell writes them
ROW_PARTS: dict[str, tuple[str, ...]] = {
    "components": ("name", "form", "originals", "copies", "case", "bring", "note"),
    "legal_bases": ("number", "title", "issued_on", "issued_by"),
    "exemptions": ("beneficiary", "amount", "document_number", "valid_from", "valid_to"),
}
_CHANNEL_CELLS = ("channels", "time_limit", "fee", "channel_notes")
_BLANK_ROWS = 2
_MAX_ROWS = 200
STATUS_CHOICES = tuple(STATUS_LABELS.values())
ONLINE_CHOICES = tuple(ONLINE_LABELS.values())


@dataclass(frozen=True)
class ChannelInput:
    """One way to submit as typed."""

    kind: ChannelKind
    is_used: bool = False
    time_limit: str = ""
    fee: str = ""
    note: str = ""

    @property
    def label(self) -> str:
        """The way's name."""
        return CHANNEL_LABELS[self.kind]

    @property
    def is_filled(self) -> bool:
        """True when the way was ticked or anything was typed."""
        return self.is_used or bool(self.time_limit or self.fee or self.note)


@dataclass(frozen=True)
class ProcedureInput:
    """The whole form: plain cells, channels, rows of lists, the version it was opened at."""

    cells: Cells
    channels: tuple[ChannelInput, ...]
    rows: Mapping[str, tuple[tuple[str, ...], ...]]
    version: int = 0

    def with_blank_rows(self, count: int = _BLANK_ROWS) -> ProcedureInput:
        """Return the input with empty rows to type into at the end of each list."""
        rows = {key: (*found, *_blank(key, count)) for key, found in self.rows.items()}
        return replace(self, rows=rows)

    def to_cells(self) -> Cells:
        """Return what was typed as the cells of a record."""
        cells = dict(self.cells)
        used = [channel for channel in self.channels if channel.is_filled]
        named = [c for c in used if c.kind is not ChannelKind.ANY]
        chosen = named or used
        cells["channels"] = "; ".join(CHANNEL_LABELS[c.kind] for c in named)
        if chosen:
            cells["time_limit"] = join_channels(tuple((c.kind, c.time_limit) for c in chosen))
            cells["fee"] = join_channels(tuple((c.kind, c.fee) for c in chosen))
            cells["channel_notes"] = join_channels(tuple((c.kind, c.note) for c in chosen))
        for key, found in self.rows.items():
            lines = [" | ".join(map(clean_part, row)) for row in found if any(row)]
            cells[key] = "\n".join(lines)
        return cells


@dataclass(frozen=True)
class FormProblem:
    """One thing to mend: the field's id in the form and the sentence."""

    key: str
    message: str


def input_of(record: ProcedureRecord | None, version: int = 0) -> ProcedureInput:
    """Return the form of a stored record, or an empty one."""
    blank = ProcedureRecord(code="", name="", field="")
    known = record or blank
    cells = to_cells(known)
    stored = {channel.kind: channel for channel in known.channels}
    channels = tuple(
        ChannelInput(kind, True, stored[kind].time_limit, stored[kind].fee, stored[kind].note)
        if kind in stored
        else ChannelInput(kind)
        for kind in ChannelKind
    )
    rows = {
        key: tuple(_read_row(key, line) for line in cells[key].splitlines()) for key in ROW_PARTS
    }
    plain = {k: v for k, v in cells.items() if k not in (*_CHANNEL_CELLS, *ROW_PARTS)}
    return ProcedureInput(plain, channels, rows, version)


def read_form(form: Mapping[str, str]) -> ProcedureInput:
    """Return what was posted; unknown names are ignored."""
    plain = input_of(None).cells
    cells = {key: clean_text(form.get(key, "")) for key in plain}
    channels = tuple(_read_channel(kind, form) for kind in ChannelKind)
    rows = {key: _read_rows(key, form) for key in ROW_PARTS}
    return ProcedureInput(cells, channels, rows, read_version(form.get("version", "")))


def read_record(given: ProcedureInput) -> tuple[ProcedureRecord | None, tuple[FormProblem, ...]]:
    """Return the record, or None with every problem, each bound to its field."""
    cells = given.to_cells()
    problems = [problem for key in cells if (problem := _find_problem(key, cells))]
    if _mixes_channels(given):
        message = "Đã ghi riêng từng cách nộp thì bỏ trống phần «Mọi cách nộp», hoặc ngược lại."
        problems.append(FormProblem("channels", message))
    if problems:
        return None, tuple(problems)
    record = from_cells(cells)
    faults = tuple(FormProblem("", fault) for fault in find_faults(record))
    return (None, faults) if faults else (record, ())


def _find_problem(key: str, cells: Cells) -> FormProblem | None:
    """Read one cell alone, so that every unreadable one is told at once."""
    try:
        from_cells({key: cells[key]})
    except UnreadableCell as error:
        return FormProblem(key, f"{get_header(key)}: {error}")
    return None


def _mixes_channels(given: ProcedureInput) -> bool:
    filled = {channel.kind for channel in given.channels if channel.is_filled}
    return ChannelKind.ANY in filled and len(filled) > 1


def _read_channel(kind: ChannelKind, form: Mapping[str, str]) -> ChannelInput:
    texts = (clean_text(form.get(f"{kind.value}.{part}", "")) for part in ("time", "fee", "note"))
    return ChannelInput(kind, form.get(f"{kind.value}.used") == "1", *texts)


def _read_rows(key: str, form: Mapping[str, str]) -> tuple[tuple[str, ...], ...]:
    found = []
    for number in range(_MAX_ROWS):
        names = [f"{key}.{number}.{part}" for part in ROW_PARTS[key]]
        if not any(name in form for name in names):
            break
        row = tuple(clean_part(clean_text(form.get(name, ""))) for name in names)
        if any(row):
            found.append(row)
    return tuple(found)


def _read_row(key: str, line: str) -> tuple[str, ...]:
    parts = [part.strip() for part in line.split("|")]
    return tuple(parts + [""] * len(ROW_PARTS[key]))[: len(ROW_PARTS[key])]


def _blank(key: str, count: int) -> tuple[tuple[str, ...], ...]:
    return (("",) * len(ROW_PARTS[key]),) * count


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


@routes("/thu-tuc/moi", "new_procedure", ["GET", "POST"])
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
    notify(f"Đã thêm thủ tục {record.code}.")
    return redirect(url_for(".procedure", code=record.code))


@routes("/thu-tuc/<code>", "procedure", ["GET", "POST"])
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
    notify(f"Đã lưu thủ tục {code}.")
    return redirect(url_for(".procedure", code=code))


@routes("/thu-tuc/<code>/lich-su", "procedure_history")
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
    conflict = Conflict(row.edited_by_name or "Người khác", row.edited_at, cells)
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
        title=row.name if row else "Thêm thủ tục",
        problems={problem.key: problem.message for problem in problems},
        fields=tuple(field.name for field in list_fields(session)),
        statuses=STATUS_CHOICES,
        status_values={status.value: label for status, label in STATUS_LABELS.items()},
        online_levels=ONLINE_CHOICES,
        row_parts=ROW_PARTS,
        conflict=conflict,
    )
    return render_template("cchc/office/procedure.html", screen=screen, conflict=conflict)
