"""The procedure list of the office: find, change many at once, take out as a file, import one.

Whatever changes many is asked with its numbers first, and undone as one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Response, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from cchc_public.errors import ImportRejected, NotFound, RecordRefused
from cchc_public.office.frame import BOTH, POST, notify, saving_form, tell
from cchc_public.office.procedures.edit import screen
from cchc_public.procedures.batches import (
    BatchState,
    BulkDeed,
    Deed,
    apply_batch,
    do_in_bulk,
    find_hidden_by_hand,
    group_set_aside,
    incoming_from_json,
    open_batch,
    preview_batch,
    undo_batch,
)
from cchc_public.procedures.columns import get_header
from cchc_public.procedures.description import short_name
from cchc_public.procedures.reading import get_batch, iterate_records, list_batches
from cchc_public.procedures.record import STATUS_LABELS, ProcedureStatus
from cchc_public.procedures.searching import (
    ListFilter,
    compare_counts,
    count_catalogue,
    get_catalogue,
    list_stamp,
    list_unanswered,
)
from cchc_public.releases.reading import newest_release
from cchc_public.state import get_state
from cchc_public.store import LARGEST_INTEGER, ImportBatch
from cchc_public.store.audit import record
from cchc_public.vietnamese.dates import read_date
from cchc_public.vietnamese.numbers import format_number
from cchc_public.vietnamese.text import clean_text
from cchc_public.web.helpful import list_answers
from cchc_public.web.lists import cut_page, read_argument, read_page_number

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
    session = get_state().session
    catalogue = get_catalogue(session)
    found = catalogue.search(read_filter())
    cut = cut_page(found.codes, PAGE_SIZE)
    entries = {entry.code: entry for entry in catalogue.entries}
    counts = count_catalogue(catalogue)
    release = newest_release(session)
    return render_template(
        "cchc/office/procedures.html",
        entries=[entries[code] for code in cut.items],
        found=len(found.codes),
        cut=cut,
        chosen={key: read_argument(key) for key in _ARGUMENTS},
        fields={field.slug: field.name for field in catalogue.fields},
        statuses={status.value: label for status, label in STATUS_LABELS.items()},
        short_name=short_name,
        counts=counts,
        findings=compare_counts(counts, release) if release and catalogue.entries else (),
        is_narrowed=bool(kept_arguments()),
        answers=list_answers(),  # page, "it helped", "it did not"
        unanswered=list_unanswered(session),  # what citizens searched in vain, and how often
        done=_just_done(),
        page_url=page_url,
        bulk_address=url_for(".procedures_bulk", **kept_arguments(), trang=cut.number),
    )


def read_filter() -> ListFilter:
    """Return the filter that the address names."""
    return ListFilter(
        query=read_argument("q"),
        field=read_argument("linh-vuc"),
        status=read_argument("trang-thai"),
        posted=_POSTED.get(read_argument("cong-khai")),
    )


def page_url(number: int) -> str:
    """Return the address of another page of the same list."""
    return url_for(".procedures", **kept_arguments(), trang=number)


def kept_arguments() -> dict[str, Any]:
    """Return what narrows the list, for further addresses."""
    return {key: read_argument(key) for key in _ARGUMENTS if read_argument(key)}


def _just_done() -> ImportBatch | None:
    """Return the deed that the address names, while its own doer may take it back."""
    number = read_argument("vua")
    state = get_state()
    batch = state.session.get(ImportBatch, int(number)) if number.isdecimal() else None
    is_own = batch is not None and batch.created_by_id == state.actor().id
    return batch if is_own and batch and batch.state == BatchState.APPLIED else None


@screen("/thu-tuc/hang-loat", "procedures_bulk", methods=POST, back="procedures")
def change_many() -> ResponseReturnValue:
    """Ask with numbers what shall happen to the ticked procedures; do it once confirmed."""
    state = get_state()
    try:
        deed = _read_deed()
        chosen = _choose(deed)
    except RecordRefused as error:
        notify(str(error), "warn")
        return redirect(page_url(read_page_number()))
    if not chosen.codes and not chosen.by_hand:
        notify("Không có gì phải đổi: các thủ tục đã chọn đều như vậy rồi.")
        return redirect(page_url(read_page_number()))
    stamp = list_stamp(state.session)
    if request.form.get("sure") != "1" or request.form.get("stamp") != stamp:
        if request.form.get("sure") == "1":
            notify("Danh mục vừa thay đổi. Xin xem lại các con số rồi bấm lần nữa.", "warn")
        return _ask(deed, chosen, stamp)
    codes = chosen.codes + (chosen.by_hand if request.form.get("by_hand") == "1" else ())
    with saving_form() as saved:
        batch = do_in_bulk(state.session, codes, deed, state.actor())
    if saved.error:
        notify(str(saved.error), "warn")
        return redirect(page_url(read_page_number()))
    notify(f"Đã xong: {batch.filename}.")
    address = url_for(".procedures", **kept_arguments(), trang=read_page_number(), vua=batch.id)
    return redirect(address)


@dataclass(frozen=True)
class Chosen:
    """Whom a deed concerns: who changes, who is so already, who was hidden one by one."""

    codes: tuple[str, ...]
    already: int
    by_hand: tuple[str, ...] = ()


def _read_deed() -> BulkDeed:
    is_all = request.form.get("all") == "1"
    if (kind := request.form.get("do", "")) in (Deed.POST, Deed.HIDE):
        return BulkDeed(Deed(kind), is_all)
    on = read_date(request.form.get("on", ""))
    if not isinstance(on, date):
        raise RecordRefused("Xin ghi ngày của quyết định, ví dụ 12/06/2026.")
    try:
        status = ProcedureStatus(request.form.get("status", ""))
    except ValueError as error:
        raise RecordRefused("Xin chọn trạng thái mới.") from error
    decision = clean_text(request.form.get("decision", ""))[:200]
    if not decision:
        raise RecordRefused("Hãy ghi số quyết định làm căn cứ thay đổi trạng thái.")
    return BulkDeed(Deed.STATUS, is_all, status, decision, on)


def _choose(deed: BulkDeed) -> Chosen:
    """Return the ticked procedures, or all that the filter finds, by what the deed does to them."""
    session = get_state().session
    catalogue = get_catalogue(session)
    ticked = catalogue.search(read_filter()).codes if deed.is_all else request.form.getlist("code")
    if not ticked:
        raise RecordRefused("Chưa chọn thủ tục nào.")
    if deed.kind is Deed.STATUS:
        return Chosen(tuple(ticked), 0)
    posted = {entry.code: entry.is_posted for entry in catalogue.entries}
    changing = [code for code in ticked if posted.get(code) is not (deed.kind is Deed.POST)]
    already = len(ticked) - len(changing)
    # showing all leaves alone what somebody hid on purpose; whoever ticks one means that one
    is_whole = deed.kind is Deed.POST and deed.is_all
    by_hand = find_hidden_by_hand(session, changing) if is_whole else ()
    return Chosen(tuple(c for c in changing if c not in by_hand), already, by_hand)


def _ask(deed: BulkDeed, chosen: Chosen, stamp: str) -> str:
    names = {entry.code: entry.name for entry in get_catalogue(get_state().session).entries}

    def named(codes: Sequence[str]) -> list[tuple[str, str]]:
        return [(code, short_name(names.get(code, ""))) for code in codes[:NAMED]]

    fields = [
        (name, value)
        for name, value in request.form.items(multi=True)
        if name in ("code", "all", "do", "status", "decision", "on")
    ]
    return render_template(
        "cchc/office/procedure_bulk.html",
        title=deed.title(len(chosen.codes)),
        chosen=chosen,
        named=named(chosen.codes),
        by_hand=named(chosen.by_hand),
        fields=[*fields, ("stamp", stamp), ("sure", "1")],
        address=url_for(".procedures_bulk", **kept_arguments(), trang=read_page_number()),
        back=page_url(read_page_number()),
        is_post=deed.kind is Deed.POST,
    )


@screen("/thu-tuc/xuat.csv", "procedures_csv")
@screen("/thu-tuc/xuat.xlsx", "procedures_xlsx")
def send_file() -> ResponseReturnValue:
    """Send the whole list as CSV or Excel workbook; that it was taken is a deed."""
    from cchc_public.exports import procedures as files  # only who asks waits

    state, ending = get_state(), request.path.rpartition(".")[2]
    write, kind = {
        "csv": (files.procedures_csv, files.CSV_TYPE),
        "xlsx": (files.procedures_xlsx, files.XLSX_TYPE),
    }[ending]
    response = Response(write(iterate_records(state.session)), content_type=kind)
    with saving_form():
        record(state.session, state.actor(), "export.procedures", "procedure", format=ending)
    response.headers["Content-Disposition"] = f'attachment; filename="thu-tuc.{ending}"'
    return response


@screen("/thu-tuc/nhap", "procedures_import", methods=BOTH)
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
            batch = open_batch(state.session, read_many(found, max_bytes=limit), state.actor())
        if not saved.error:
            return redirect(url_for(".procedures_batch", number=batch.id))
        problem = str(saved.error)
    batches = list_batches(state.session)
    page = render_template("cchc/office/procedure_import.html", problem=problem, batches=batches)
    return page, (422 if problem else 200)


@screen(_BATCH, "procedures_batch")
def show_batch(number: int) -> ResponseReturnValue:
    """Show what a waiting file would change, or what an accepted one or a deed did."""
    batch, session = _open(number), get_state().session
    if batch.state != BatchState.PENDING:
        return render_template("cchc/office/procedure_batch.html", batch=batch)
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


@screen(f"{_BATCH}/nhan", "procedures_accept", methods=POST, back="procedures_batch")
def accept(number: int) -> ResponseReturnValue:
    """Accept the file as it was shown."""
    hide = request.form.get("hide_missing") == "1"
    stamp = request.form.get("stamp", "")

    def deed(batch: ImportBatch) -> str:
        state = get_state()
        done = apply_batch(state.session, batch, state.actor(), expected=stamp, hide_missing=hide)
        counts = (format_number(done[key]) for key in ("new", "changed", "unchanged"))
        return "Đã nhận tệp: thêm {}, sửa {}, giữ nguyên {} thủ tục.".format(*counts)

    return _act(number, deed)


@screen(f"{_BATCH}/hoan-tac", "procedures_undo", methods=POST, back="procedures_batch")
def undo(number: int) -> ResponseReturnValue:
    """Put back everything the file or the deed changed."""

    def deed(batch: ImportBatch) -> str:
        state = get_state()
        count = format_number(undo_batch(state.session, batch, state.actor()))
        return f"Đã hoàn tác: {count} thủ tục trở lại như trước."

    return _act(number, deed)


def _act(number: int, deed: Callable[[ImportBatch], str]) -> ResponseReturnValue:
    batch, words = _open(number), ""
    with saving_form() as saved:
        words = deed(batch)
    tell(saved, words)
    return redirect(url_for(".procedures_batch", number=number))


def _open(number: int) -> ImportBatch:
    try:
        return get_batch(get_state().session, number)
    except NotFound as error:
        abort(404, description=str(error))
