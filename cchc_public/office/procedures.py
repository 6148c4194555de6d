"""The procedure list of the office and one procedure: find, change, take out as a file, import one.

Texts go in, cells come out, nothing is lost on the way. Whatever changes many is asked with its
numbers first, and undone as one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from cchc_public.errors import ImportRejected, RecordRefused, StaleRevision
from cchc_public.exports.data import procedures_csv
from cchc_public.office import frame
from cchc_public.office.frame import get_or_404, notify, saving_form
from cchc_public.procedures import (
    ChannelKind,
    OnlineLevel,
    ProcedureRecord,
    ProcedureStatus,
    batches,
    cells,
    join_channels,
    saving,
    searching,
)
from cchc_public.procedures.cells import HEADERS, clean_part
from cchc_public.procedures.description import short_name
from cchc_public.releases.reading import newest_release
from cchc_public.state import get_state
from cchc_public.store import LARGEST_INTEGER, ImportBatch, Procedure
from cchc_public.store.writing import Conflict, ConflictCell, record
from cchc_public.vietnamese.dates import read_date
from cchc_public.vietnamese.numbers import format_number
from cchc_public.vietnamese.text import clean_text
from cchc_public.web.helpful import list_answers
from cchc_public.web.rendering import cut_page, read_argument, read_page_number
from cchc_public.web.routes import file_answer

screen = frame.Screens()
# lists inside a cell -> the parts of one row, in the order in which the cell writes them
ROW_PARTS: dict[str, tuple[str, ...]] = {
    "components": ("name", "form", "originals", "copies", "case", "bring", "note"),
    "legal_bases": ("number", "title", "issued_on", "issued_by"),
    "exemptions": ("beneficiary", "amount", "document_number", "valid_from", "valid_to"),
}
# cells that say something of each way to submit -> the part of the form
_CHANNEL_PARTS = {"time_limit": "time", "fee": "fee", "channel_notes": "note"}
_PLAIN = [key for key in HEADERS if key not in ("channels", *_CHANNEL_PARTS, *ROW_PARTS)]
_BLANK_ROWS = 2
_MAX_ROWS = 200
# the form by the names of its fields: a cell, "online.fee" of a way, "components.0.name" of a row
Typed = dict[str, str]


def fields_of(record: ProcedureRecord | None, version: int = 0) -> Typed:
    """Return the form of a stored record, or an empty one."""
    known = record or ProcedureRecord(code="", name="", field="")
    stored = cells.to_cells(known)
    fields = {"version": str(version), **{key: stored[key] for key in _PLAIN}}
    for way in known.channels:
        said = {"used": "1", "time": way.time_limit, "fee": way.fee, "note": way.note}
        fields |= {f"{way.kind}.{part}": text for part, text in said.items()}
    for key, parts in ROW_PARTS.items():
        for number, line in enumerate(stored[key].splitlines()):
            texts = zip(parts, line.split("|"), strict=False)
            fields |= {f"{key}.{number}.{part}": text.strip() for part, text in texts}
    return fields


def read_form(form: Mapping[str, str]) -> Typed:
    """Return what was posted; unknown names are ignored."""
    single = ("version", *_PLAIN)  # the page shows each of them, whether it arrived or not
    known = (*single, *ChannelKind, *ROW_PARTS)
    given = {name: clean_text(text) for name, text in form.items()}
    return dict.fromkeys(single, "") | {
        name: text for name, text in given.items() if name.partition(".")[0] in known
    }


def rows_of(given: Typed, key: str) -> list[list[str]]:
    """Return the rows of a list that hold anything, each by its parts."""
    rows = (
        [clean_part(given.get(f"{key}.{number}.{part}", "")) for part in ROW_PARTS[key]]
        for number in range(_MAX_ROWS)
    )
    return [row for row in rows if any(row)]


def _used_ways(given: Typed) -> list[ChannelKind]:
    """Return the ways to submit that were ticked or described."""
    parts = ("used", *_CHANNEL_PARTS.values())
    return [kind for kind in ChannelKind if any(given.get(f"{kind}.{part}") for part in parts)]


def typed_cells(given: Typed) -> cells.Cells:
    """Return what was typed as the cells of a record."""
    used = _used_ways(given)
    named = [kind for kind in used if kind is not ChannelKind.ANY]
    said = {
        key: tuple((kind, given.get(f"{kind}.{part}", "")) for kind in named or used)
        for key, part in _CHANNEL_PARTS.items()
    }
    return {
        **{key: given[key] for key in _PLAIN},
        "channels": "; ".join(kind.label for kind in named),
        **{key: join_channels(parts) for key, parts in said.items() if parts},
        **{key: "\n".join(map(" | ".join, rows_of(given, key))) for key in ROW_PARTS},
    }


def read_record(given: Typed) -> tuple[ProcedureRecord | None, dict[str, str]]:
    """Return the record, or None with every problem by the cell that it is bound to."""
    record, problems = cells.read_cells(typed_cells(given))
    used = _used_ways(given)
    if ChannelKind.ANY in used and len(used) > 1:
        words = "Đã ghi riêng từng cách nộp thì bỏ trống phần «Mọi cách nộp», hoặc ngược lại."
        problems["channels"] = words
    return (None if problems else record), problems


@screen("/thu-tuc/moi", "new_procedure", methods=frame.BOTH)
@screen("/thu-tuc/<code>", "procedure", methods=frame.BOTH)
def edit_procedure(code: str = "") -> ResponseReturnValue:
    """Show one procedure, or an empty form; store it when posted."""
    session, actor = get_state().session, get_state().actor()
    row = get_or_404(saving.get_procedure, session, code) if code else None
    if request.method != "POST":
        kept = frame.kept_input()
        stored = fields_of(saving.read_record(row), row.version) if row else fields_of(None)
        return _form(read_form(kept) if kept else stored, row)
    given = read_form({**request.form, **({"code": row.code} if row else {})})
    if request.form.get("do") == "add":
        return _form(given, row)
    record, problems = read_record(given)
    if record is None:
        return _form(given, row, problems), 422
    with saving_form() as saved:
        if row is None:
            saving.create_procedure(session, record, actor)
        else:
            reason = clean_text(request.form.get("reason", ""))[:500]
            version = frame.read_number(given.get("version"))
            saving.save_procedure(session, record, actor, version=version, reason=reason)
    if not saved.error:
        said = f"Đã {'lưu' if code else 'thêm'} thủ tục {record.code}."
        return frame.leave("procedure", said, code=record.code)
    row = get_or_404(saving.get_procedure, session, code) if code else None
    if row is None or not isinstance(saved.error, StaleRevision):
        return _form(given, row, {"status_decision" if row else "": str(saved.error)}), 422
    # show what a colleague saved beside what was typed; saving again is knowing
    changed = cells.changed_cells(saving.cells_of(row), typed_cells(given))
    places = tuple(
        ConflictCell(HEADERS[key], f"o-{key}", mine, theirs)
        for key, (theirs, mine) in changed.items()
    )
    conflict = Conflict(row.edited_by_name or "Người khác", row.edited_at, places)
    return _form({**given, "version": str(row.version)}, row, conflict=conflict), 409


@screen("/thu-tuc/<code>/lich-su", "procedure_history")
def show_history(code: str) -> ResponseReturnValue:
    """Show who changed what of one procedure, each change compared with what was before."""
    row = get_or_404(saving.get_procedure, get_state().session, code)
    entries = saving.list_history(get_state().session, code)
    return render_template("cchc/office/procedure_history.html", row=row, entries=entries)


def _form(
    given: Typed,
    row: Procedure | None = None,
    problems: Mapping[str, str] | None = None,
    conflict: Conflict | None = None,
) -> str:
    return render_template(
        "cchc/office/procedure.html",
        given=given,
        # empty rows to type into stand at the end of each list
        rows_of={
            key: rows_of(given, key) + [[""] * len(parts)] * _BLANK_ROWS
            for key, parts in ROW_PARTS.items()
        },
        code=row.code if row else "",  # "" = a new procedure
        title=row.name if row else "Thêm thủ tục",
        problems=problems or {},
        fields=[field.name for field in saving.list_fields(get_state().session)],
        statuses=[status.label for status in ProcedureStatus],
        online_levels=[level.label for level in OnlineLevel],
        row_parts=ROW_PARTS,
        ways={kind: kind.label for kind in ChannelKind},
        conflict=conflict,
    )


PAGE_SIZE = 50
MOST_FILES = 400
SHOWN = 200  # changes shown in full; the rest is counted
NAMED = 30  # procedures named before a deed with many
_POSTED = {"co": True, "khong": False}
_ARGUMENTS = ("q", "linh-vuc", "trang-thai", "cong-khai")
_BATCH = f"/thu-tuc/nhap/<int(max={LARGEST_INTEGER}):number>"


@screen("/thu-tuc", "procedures")
def show_list() -> ResponseReturnValue:
    """Show the list as the filters of the address narrow it."""
    session, actor = get_state().session, get_state().actor()
    catalogue = searching.get_catalogue(session)
    found = catalogue.search(read_filter())
    cut = cut_page(found.codes, PAGE_SIZE)
    entries = {entry.code: entry for entry in catalogue.entries}
    counts = catalogue.counts
    release = newest_release(session)
    # the deed that the address names, while its own doer may take it back
    number = frame.read_number(read_argument("vua"))
    done = session.get(ImportBatch, number) if number else None
    if done and (done.created_by_id, done.state) != (actor.id, batches.BatchState.APPLIED):
        done = None
    return render_template(
        "cchc/office/procedures.html",
        entries=[entries[code] for code in cut.items],
        found=len(found.codes),
        cut=cut,
        chosen={key: read_argument(key) for key in _ARGUMENTS},
        fields=catalogue.fields,
        statuses={status.value: status.label for status in ProcedureStatus},
        short_name=short_name,
        counts=counts,
        findings=searching.compare_counts(counts, release) if release and catalogue.entries else (),
        kept=kept_arguments(),
        answers=list_answers(),  # page, "it helped", "it did not"
        # what citizens searched in vain, and how often
        unanswered=searching.list_unanswered(session),
        done=done,
    )


def read_filter() -> searching.ListFilter:
    """Return the filter that the address names."""
    return searching.ListFilter(
        query=read_argument("q"),
        field=read_argument("linh-vuc"),
        status=read_argument("trang-thai"),
        posted=_POSTED.get(read_argument("cong-khai")),
    )


def kept_arguments() -> dict[str, Any]:
    """Return what narrows the list, for further addresses."""
    return {key: read_argument(key) for key in _ARGUMENTS if read_argument(key)}


@screen("/thu-tuc/hang-loat", "procedures_bulk", methods=frame.POST, back="procedures")
def change_many() -> ResponseReturnValue:
    """Ask with numbers what shall happen to the ticked procedures; do it once confirmed."""
    state = get_state()
    here = {**kept_arguments(), "trang": read_page_number()}
    try:
        deed, codes, already, by_hand = _choose()
    except RecordRefused as error:
        return frame.leave("procedures", error, **here)
    if not codes and not by_hand:
        said = "Không có gì phải đổi: các thủ tục đã chọn đều như vậy rồi."
        return frame.leave("procedures", said, **here)
    stamp = searching.list_stamp(state.session)
    if request.form.get("sure") != "1" or request.form.get("stamp") != stamp:
        if request.form.get("sure") == "1":
            notify("Danh mục vừa thay đổi. Xin xem lại các con số rồi bấm lần nữa.", "warn")
        entries = searching.get_catalogue(state.session).entries
        names = {entry.code: short_name(entry.name) for entry in entries}
        asked = ("code", "all", "do", "status", "decision", "on")
        fields = [pair for pair in request.form.items(multi=True) if pair[0] in asked]
        return render_template(
            "cchc/office/procedure_bulk.html",
            title=deed.title(len(codes)),
            codes=codes,
            already=already,
            by_hand=by_hand,
            names=names,
            most=NAMED,
            fields=[*fields, ("stamp", stamp), ("sure", "1")],
            address=url_for(".procedures_bulk", **here),
            back=url_for(".procedures", **here),
            is_post=deed.kind is batches.Deed.POST,
        )
    codes += by_hand if request.form.get("by_hand") == "1" else ()
    with saving_form() as saved:
        batch = batches.do_in_bulk(state.session, codes, deed, state.actor())
    if saved.error:
        return frame.leave("procedures", saved.error, **here)
    return frame.leave("procedures", f"Đã xong: {batch.filename}.", **here, vua=batch.id)


def _choose() -> tuple[batches.BulkDeed, tuple[str, ...], int, tuple[str, ...]]:
    """Return what shall be done, to whom (the ticked, or all found), and who stays as it is.

    That is how many are so already, and who was hidden one by one.
    """
    is_all, session = request.form.get("all") == "1", get_state().session
    catalogue = searching.get_catalogue(session)
    ticked = catalogue.search(read_filter()).codes if is_all else request.form.getlist("code")
    if not ticked:
        raise RecordRefused("Chưa chọn thủ tục nào.")
    if (kind := request.form.get("do", "")) not in (batches.Deed.POST, batches.Deed.HIDE):
        on = read_date(request.form.get("on", ""))
        if not isinstance(on, date):
            raise RecordRefused("Xin ghi ngày của quyết định, ví dụ 12/06/2026.")
        try:
            status = ProcedureStatus(request.form.get("status", ""))
        except ValueError as error:
            raise RecordRefused("Xin chọn trạng thái mới.") from error
        decision = clean_text(request.form.get("decision", ""))[:200]
        deed = batches.BulkDeed(batches.Deed.STATUS, is_all, status, decision, on)
        return deed, tuple(ticked), 0, ()
    posted = {entry.code: entry.is_posted for entry in catalogue.entries}
    is_post = kind == batches.Deed.POST
    changing = [code for code in ticked if posted.get(code) is not is_post]
    # showing all leaves alone what somebody hid on purpose; whoever ticks one means that one
    by_hand = batches.find_hidden_by_hand(session, changing) if is_post and is_all else ()
    codes = tuple(code for code in changing if code not in by_hand)
    already = len(ticked) - len(changing)
    return batches.BulkDeed(batches.Deed(kind), is_all), codes, already, by_hand


@screen("/thu-tuc/xuat.csv", "procedures_csv")
@screen("/thu-tuc/xuat.xlsx", "procedures_xlsx")
def send_file() -> ResponseReturnValue:
    """Send the whole list as CSV or Excel workbook; that it was taken is a deed."""
    from cchc_public.exports.workbooks import procedures_xlsx  # only who asks waits

    state, ending = get_state(), request.path.rpartition(".")[2]
    write = procedures_xlsx if ending == "xlsx" else procedures_csv
    response = file_answer(f"thu-tuc.{ending}", write(saving.iterate_records(state.session)))
    with saving_form():
        record(state.session, state.actor(), "export.procedures", "procedure", format=ending)
    return response


@screen("/thu-tuc/nhap", "procedures_import", methods=frame.BOTH)
def upload() -> ResponseReturnValue:
    """Take a file; what it would change is shown before anything changes."""
    from cchc_public.procedures.importing import read_many  # only who uploads waits for it

    state, problem = get_state(), ""
    if request.method == "POST":
        files = [file for file in request.files.getlist("file") if file.filename]
        with saving_form() as saved:
            if not files:
                raise ImportRejected("Xin chọn một tệp .xlsx, .xls, .ods hoặc .csv.")
            limit = state.config["UPLOAD_MAX_BYTES"]
            found = [(file.filename or "", file.read(limit + 1)) for file in files[:MOST_FILES]]
            incoming = read_many(found, max_bytes=limit)
            batch = batches.open_batch(state.session, incoming, state.actor())
        if not saved.error:
            return redirect(url_for(".procedures_batch", number=batch.id))
        problem = str(saved.error)
    shown = {"problem": problem, "batches": saving.list_batches(state.session)}
    page = render_template("cchc/office/procedure_import.html", **shown)
    return page, (422 if problem else 200)


@screen(_BATCH, "procedures_batch")
def show_batch(number: int) -> ResponseReturnValue:
    """Show what a waiting file would change, or what an accepted one or a deed did."""
    session = get_state().session
    batch = get_or_404(saving.get_batch, session, number)
    if batch.state != batches.BatchState.PENDING:
        return render_template("cchc/office/procedure_batch.html", batch=batch)
    plan = batches.Plan(session, batch)
    return render_template(
        "cchc/office/procedure_preview.html",
        batch=batch,
        plan=plan,
        incoming=plan.incoming,
        aside=batches.group_set_aside(plan.incoming.set_aside),
        stamp=searching.list_stamp(session),
        shown=SHOWN,
    )


@screen(f"{_BATCH}/nhan", "procedures_accept", methods=frame.POST, back="procedures_batch")
@screen(f"{_BATCH}/hoan-tac", "procedures_undo", methods=frame.POST, back="procedures_batch")
def change_batch(number: int) -> ResponseReturnValue:
    """Accept the file as it was shown, or put back everything that the file or the deed changed."""
    state, told = get_state(), ""
    batch = get_or_404(saving.get_batch, state.session, number)
    with saving_form() as saved:
        if request.path.endswith("/nhan"):
            done = batches.apply_batch(
                state.session,
                batch,
                state.actor(),
                expected=request.form.get("stamp", ""),
                hide_missing=request.form.get("hide_missing") == "1",
            )
            counts = (format_number(done[key]) for key in ("new", "changed", "unchanged"))
            told = "Đã nhận tệp: thêm {}, sửa {}, giữ nguyên {} thủ tục.".format(*counts)
        else:
            count = format_number(batches.undo_batch(state.session, batch, state.actor()))
            told = f"Đã hoàn tác: {count} thủ tục trở lại như trước."
    return frame.leave("procedures_batch", saved.error or told, number=number)
