"""One procedure in the office: add, edit, change its status, see its history.

Texts go in, cells come out, nothing is lost on the way.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from cchc_public.errors import NotFound, StaleRevision
from cchc_public.office.frame import (
    BOTH,
    Screens,
    kept_input,
    notify,
    read_version,
    saving_form,
)
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
    join_channels,
)
from cchc_public.procedures.saving import cells_of, create_procedure, save_procedure
from cchc_public.state import get_state
from cchc_public.store import Procedure
from cchc_public.store.changes import Conflict, ConflictCell
from cchc_public.vietnamese.text import clean_text

screen = Screens()
# lists inside a cell -> the parts of one row, in the order in which the cell writes them
ROW_PARTS: dict[str, tuple[str, ...]] = {
    "components": ("name", "form", "originals", "copies", "case", "bring", "note"),
    "legal_bases": ("number", "title", "issued_on", "issued_by"),
    "exemptions": ("beneficiary", "amount", "document_number", "valid_from", "valid_to"),
}
# cells that say something of each way to submit -> the part of the form
_CHANNEL_PARTS = {"time_limit": "time_limit", "fee": "fee", "channel_notes": "note"}
_BLANK_ROWS = 2
_MAX_ROWS = 200


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
    rows: dict[str, tuple[tuple[str, ...], ...]]
    version: int = 0

    def with_blank_rows(self) -> ProcedureInput:
        """Return the input with empty rows to type into at the end of each list."""
        blank = {key: (("",) * len(parts),) * _BLANK_ROWS for key, parts in ROW_PARTS.items()}
        return replace(self, rows={key: rows + blank[key] for key, rows in self.rows.items()})

    def to_cells(self) -> Cells:
        """Return what was typed as the cells of a record."""
        cells = dict(self.cells)
        used = [channel for channel in self.channels if channel.is_filled]
        named = [c for c in used if c.kind is not ChannelKind.ANY]
        chosen = named or used
        cells["channels"] = "; ".join(CHANNEL_LABELS[c.kind] for c in named)
        if chosen:
            for key, part in _CHANNEL_PARTS.items():
                cells[key] = join_channels(tuple((c.kind, getattr(c, part)) for c in chosen))
        for key, found in self.rows.items():
            lines = [" | ".join(map(clean_part, row)) for row in found if any(row)]
            cells[key] = "\n".join(lines)
        return cells


def input_of(record: ProcedureRecord | None, version: int = 0) -> ProcedureInput:
    """Return the form of a stored record, or an empty one."""
    known = record or ProcedureRecord(code="", name="", field="")
    cells = to_cells(known)
    stored = {channel.kind: channel for channel in known.channels}
    channels = tuple(
        ChannelInput(kind, True, stored[kind].time_limit, stored[kind].fee, stored[kind].note)
        if kind in stored
        else ChannelInput(kind)
        for kind in ChannelKind
    )
    rows = {}
    for key, parts in ROW_PARTS.items():
        lines = ([part.strip() for part in line.split("|")] for line in cells[key].splitlines())
        rows[key] = tuple(tuple(line + [""] * len(parts))[: len(parts)] for line in lines)
    plain = {k: v for k, v in cells.items() if k not in ("channels", *_CHANNEL_PARTS, *ROW_PARTS)}
    return ProcedureInput(plain, channels, rows, version)


def read_form(form: Mapping[str, str]) -> ProcedureInput:
    """Return what was posted; unknown names are ignored."""
    plain = input_of(None).cells
    cells = {key: clean_text(form.get(key, "")) for key in plain}
    channels = tuple(
        ChannelInput(
            kind,
            form.get(f"{kind.value}.used") == "1",
            *(clean_text(form.get(f"{kind.value}.{part}", "")) for part in ("time", "fee", "note")),
        )
        for kind in ChannelKind
    )
    rows = {key: _read_rows(key, form) for key in ROW_PARTS}
    return ProcedureInput(cells, channels, rows, read_version(form.get("version", "")))


def _read_rows(key: str, form: Mapping[str, str]) -> tuple[tuple[str, ...], ...]:
    found = []
    for number in range(_MAX_ROWS):
        names = [f"{key}.{number}.{part}" for part in ROW_PARTS[key]]
        if not any(name in form for name in names):
            break
        found.append(tuple(clean_part(clean_text(form.get(name, ""))) for name in names))
    return tuple(row for row in found if any(row))


def read_record(given: ProcedureInput) -> tuple[ProcedureRecord | None, dict[str, str]]:
    """Return the record, or None with every problem by the cell that it is bound to."""
    cells, problems = given.to_cells(), {}
    for key, text in cells.items():  # each alone, so that every unreadable one is told at once
        try:
            from_cells({key: text})
        except UnreadableCell as error:
            problems[key] = f"{get_header(key)}: {error}"
    filled = {channel.kind for channel in given.channels if channel.is_filled}
    if ChannelKind.ANY in filled and len(filled) > 1:
        words = "Đã ghi riêng từng cách nộp thì bỏ trống phần «Mọi cách nộp», hoặc ngược lại."
        problems["channels"] = words
    if problems:
        return None, problems
    record = from_cells(cells)
    faults = find_faults(record)
    return (None, {"": " ".join(faults)}) if faults else (record, {})


@screen("/thu-tuc/moi", "new_procedure", methods=BOTH)
@screen("/thu-tuc/<code>", "procedure", methods=BOTH)
def edit_procedure(code: str = "") -> ResponseReturnValue:
    """Show one procedure, or an empty form; store it when posted."""
    row = open_procedure(code) if code else None
    if request.method == "GET":
        kept = kept_input()
        stored = input_of(reading.read_record(row), row.version) if row else input_of(None)
        return _page(read_form(kept) if kept else stored, row)
    given = read_form({**request.form, **({"code": row.code} if row else {})})
    if request.form.get("do") == "add":
        return _page(given, row)
    record, problems = read_record(given)
    if record is None:
        return _page(given, row, problems), 422
    session, actor = get_state().session, get_state().actor()
    with saving_form() as saved:
        if row is None:
            create_procedure(session, record, actor)
        else:
            reason = clean_text(request.form.get("reason", ""))[:500]
            save_procedure(session, record, actor, version=given.version, reason=reason)
    if not saved.error:
        notify(f"Đã {'lưu' if code else 'thêm'} thủ tục {record.code}.")
        return redirect(url_for(".procedure", code=record.code))
    row = open_procedure(code) if code else None
    if row is None or not isinstance(saved.error, StaleRevision):
        return _page(given, row, {"status_decision" if row else "": str(saved.error)}), 422
    # show what a colleague saved beside what was typed; saving again is knowing
    cells = tuple(
        ConflictCell(get_header(key), f"o-{key}", mine, theirs)
        for key, (theirs, mine) in changed_cells(cells_of(row), given.to_cells()).items()
    )
    conflict = Conflict(row.edited_by_name or "Người khác", row.edited_at, cells)
    return _page(replace(given, version=row.version), row, conflict=conflict), 409


@screen("/thu-tuc/<code>/lich-su", "procedure_history")
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


def _page(
    given: ProcedureInput,
    row: Procedure | None = None,
    problems: Mapping[str, str] | None = None,
    conflict: Conflict | None = None,
) -> str:
    return render_template(
        "cchc/office/procedure.html",
        given=given.with_blank_rows(),
        code=row.code if row else "",  # "" = a new procedure
        title=row.name if row else "Thêm thủ tục",
        problems=problems or {},
        fields=[field.name for field in list_fields(get_state().session)],
        statuses=tuple(STATUS_LABELS.values()),
        online_levels=tuple(ONLINE_LABELS.values()),
        row_parts=ROW_PARTS,
        conflict=conflict,
    )
