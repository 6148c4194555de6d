"""Figures pasted or uploaded, one table or a whole report: seen first, applied, taken back."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from flask import Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from cchc_public.errors import ImportRejected, NotFound
from cchc_public.office.frame import (
    BOTH,
    POST,
    Screens,
    download,
    kept_input,
    notify,
    read_version,
    saving_form,
)
from cchc_public.office.reports import paste_view
from cchc_public.office.reports.dashboard import OpenReport, OpenSheet, open_report, open_sheet
from cchc_public.office.reports.sheet_form import MAX_ROWS
from cchc_public.reading.questions import READ, REFUSED
from cchc_public.releases.prose import WRITTEN, arrange
from cchc_public.reports import drafting
from cchc_public.reports.drafting import find_previous
from cchc_public.reports.review import find_last
from cchc_public.state import get_state
from cchc_public.store import FormDraft, remembered
from cchc_public.store.locking import saving
from cchc_public.tables.language import Form
from cchc_public.tables.registry import SINGLE_LABEL, all_forms, blank_rows, get_form, list_forms
from cchc_public.tables.sheet import Row, Sheet, SolvedTable, sheet_from_json, sheet_to_json, solve
from cchc_public.vietnamese.dates import parse_period
from cchc_public.vietnamese.numbers import format_number
from cchc_public.vietnamese.text import clean_text

if TYPE_CHECKING:
    from cchc_public.files.grid import Document
    from cchc_public.reading.questions import Context, Reading
    from cchc_public.reading.sources import WholeReading


screen = Screens()
ANSWER = "tra-loi-"  # before the id of a question, in the preview's form


@screen("/ky/<slug>/<code>/dan", "paste", methods=BOTH)
def paste(slug: str, code: str) -> ResponseReturnValue:
    """Take text, a clipboard or a file; show what it would change; apply it when all is clear."""
    from cchc_public.reading.sources import read_source  # only who pastes waits for it

    opened = open_sheet(slug, code)
    if request.method == "GET":
        kept = kept_input()
        return _page(opened, text=kept.get("text", "") if kept else "")
    text = request.form.get("text", "")
    try:
        document = _find_source(slug, code) if "source" in request.form else _take_source(text)
    except ImportRejected as error:
        return _page(opened, text=text, problem=str(error)), 422
    if document is None:
        notify("Bản xem trước không còn dùng được. Xin dán lại.", "warn")
        return redirect(url_for(".paste", slug=slug, code=code))
    form = get_form(code, opened.table.edition)
    answers = {
        name.removeprefix(ANSWER): value
        for name, value in request.form.items()
        if name.startswith(ANSWER) and value
    }
    reading = read_source(document, form, _context(opened.opened, code, answers))
    problem = ""
    if reading.outcome == REFUSED:
        problem = " ".join((*reading.problems, _other_edition(form, document)))
    elif len(paste_view.merged_sheet(opened.sheet, reading).rows) > MAX_ROWS:
        problem = f"Mỗi biểu nhận tối đa {MAX_ROWS} dòng. Chưa lưu gì."
    if problem:
        return _page(opened, text=text, problem=problem), 422
    if request.form.get("do") == "apply" and reading.outcome == READ:
        return _apply(opened, form, reading)
    return _preview(opened, form, reading, document)


def _take_source(text: str) -> Document:
    """Open what the form brings: a file, or a paste with the HTML of its clipboard."""
    from cchc_public.reading.sources import open_paste, open_source

    upload = request.files.get("file")
    if upload is None or not upload.filename:
        return open_paste(text, request.form.get("html", ""))
    limit = get_state().config["UPLOAD_MAX_BYTES"]
    data = upload.stream.read(limit + 1)
    if len(data) > limit:
        size = format_number(limit // 1_000_000)
        raise ImportRejected(f"Tệp lớn quá {size} MB nên không đọc.")
    return open_source(data, upload.filename)


def _keep_source(document: Document) -> str:
    """Keep what is previewed at this address until it is applied; return its ticket."""
    from cchc_public.files.grid import document_to_json

    state = get_state()
    packed = document_to_json(document)
    with saving(state.session):
        return remembered.keep_draft(
            state.session, request.path, [("document", packed)], state.actor().id
        )


def _find_source(slug: str, code: str = "") -> Document | None:
    """Return the document that a preview of this address kept; None when it is gone.

    One table of a whole report may be looked at alone: then its own preview comes first, and only
    what that shows is applied (``_preview`` keeps it at its own address).
    """
    from cchc_public.files.grid import document_from_json

    state = get_state()
    token = clean_text(request.form.get("source", ""))[:100]
    kept = remembered.find_draft(state.session, token, state.actor().id)
    whole = url_for(".whole_report", slug=slug)
    may_be_whole = code and request.form.get("do") != "apply"
    if kept is None or kept.path not in ({request.path, whole} if may_be_whole else {request.path}):
        return None
    return document_from_json(dict(kept.fields)["document"])


def _context(opened: OpenReport, code: str, answers: dict[str, str] | None = None) -> Context:
    """Return the fields a sheet knows, the answers given now and in earlier periods."""
    from cchc_public.reading.questions import Context

    stored = drafting.get_sheet(opened.report, code)
    known = [row.label for row in stored.rows]
    earlier = partial(remembered.find_answers, get_state().session)
    return Context(known, answers or {}, earlier, opened.slug, stored)


def _other_edition(form: Form, document: Document) -> str:
    """Return the hint that the source suits another form of the table; '' when none does."""
    from cchc_public.reading.questions import Context
    from cchc_public.reading.sources import read_source

    for other in list_forms(form.code):
        if other.edition == form.edition or not other.is_standard:
            continue
        if read_source(document, other, Context()).outcome != REFUSED:
            return (
                f"Nội dung này hợp với mẫu «{other.title}»: hãy bấm “Đổi mẫu biểu” ở màn hình "
                "nhập rồi dán lại."
            )
    return ""


def _page(opened: OpenSheet, text: str = "", problem: str = "") -> str:
    return render_template(
        "cchc/office/paste.html",
        opened=opened,
        period=opened.opened.period,
        text=text,
        problem=problem,
    )


def _preview(
    opened: OpenSheet, form: Form, reading: Reading, document: Document
) -> ResponseReturnValue:
    merged = paste_view.merged_sheet(opened.sheet, reading)
    given = {name: value for name, value in request.form.items() if name.startswith(ANSWER)}
    open_ones = {ANSWER + question.id for question in reading.questions}
    last = find_previous_table(opened)
    table = paste_view.build_preview(form, opened.sheet, merged, reading, last and last[1])
    return render_template(
        "cchc/office/paste_preview.html",
        opened=opened,
        period=opened.opened.period,
        reading=reading,
        table=table,
        loose=table.loose(reading),
        previous_title=last[0] if last else "",
        blanks=paste_view.list_blanks(form, opened.sheet, reading),
        changes=drafting.list_cell_changes(opened.sheet, merged),
        left_alone=paste_view.left_alone(opened.sheet, reading.sheet) if reading.sheet else (),
        source=_keep_source(document),
        answer=ANSWER,
        given=given,
        settled={name: value for name, value in given.items() if name not in open_ones},
    )


def find_previous_table(opened: OpenSheet) -> tuple[str, SolvedTable] | None:
    """Return title and figures of this table in the period that this one follows on from."""
    previous = find_previous(get_state().session, opened.report)
    period = parse_period(previous.slug) if previous else None
    if previous is None or period is None:
        return None
    try:
        sheet = drafting.get_sheet(previous, opened.table.code)
    except NotFound:  # the table did not exist then
        return None
    return period.title, solve(get_form(sheet.table_code, sheet.edition), sheet)


def _apply(opened: OpenSheet, form: Form, reading: Reading) -> ResponseReturnValue:
    """Save what was previewed; keep the sheet before, so that one click brings it back."""
    state, slug = get_state(), opened.opened.slug
    is_clearing = request.form.get("blanks") == paste_view.CLEAR
    gone = paste_view.list_blanks(form, opened.sheet, reading) if is_clearing else ()
    with saving_form() as saved:
        version = read_version(request.form.get("version", ""))
        _store(opened.opened, paste_view.merged_sheet(opened.sheet, reading, gone), version)
        if request.form.get("remember"):
            remembered.remember_answers(
                state.session, form.code, reading.fingerprint, reading.used, state.actor()
            )
    if saved.error:
        notify(f"{saved.error} Xin dán lại để so với bản mới.", "warn")
        return redirect(url_for(".paste", slug=slug, code=form.code))
    notify(f"Đã nhập vào biểu «{form.short_title}».")
    return redirect(url_for(".sheet", slug=slug, code=form.code))


def _store(opened: OpenReport, sheet: Sheet, version: int) -> None:
    """Save a pasted sheet, and what takes the paste back until the report is handed in."""
    state, code = get_state(), sheet.table_code
    before = drafting.get_sheet(opened.report, code)
    drafting.save_sheet(state.session, opened.report, sheet, version=version, actor=state.actor())
    states = (("before", before), ("after", drafting.get_sheet(opened.report, code)))
    fields = [(name, json.dumps(sheet_to_json(one))) for name, one in states]
    fields.append(("by", state.actor().name))
    remembered.keep_undo(state.session, f"{opened.slug}/{code}", fields)


def find_paste(opened: OpenSheet) -> FormDraft | None:
    """Return the paste that can be taken back: the newest, unless it was handed in since."""
    session = get_state().session
    kept = remembered.find_undo(session, f"{opened.opened.slug}/{opened.table.code}")
    handed_in = find_last(session, opened.report) if kept else None
    return None if kept and handed_in and handed_in.handed_in_at > kept.created_at else kept


@screen("/ky/<slug>/<code>/hoan-tac", "undo", methods=POST, back="sheet")
def undo(slug: str, code: str) -> ResponseReturnValue:
    """Take the newest paste or upload back; what was typed over it since stays."""
    opened, state = open_sheet(slug, code), get_state()
    kept = find_paste(opened)
    if kept is None:
        notify("Không còn bản để hoàn tác.", "warn")
        return redirect(url_for(".sheet", slug=slug, code=code))
    fields = dict(kept.fields)
    before, after = (
        sheet_from_json(json.loads(fields[n]), opened.table) for n in ("before", "after")
    )
    sheet = paste_view.take_back(before, after, opened.sheet)
    left = len(drafting.list_cell_changes(before, sheet))
    with saving_form() as saved:
        version = opened.version
        drafting.save_sheet(
            state.session, opened.report, sheet, version=version, actor=state.actor()
        )
        remembered.forget_undo(state.session, kept.path)
    if saved.error:
        notify(f"Không hoàn tác được. {saved.error}", "warn")
    else:
        more = f" {left} chỗ sửa sau khi nhập vẫn giữ." if left else ""
        notify(f"Đã hoàn tác lần nhập gần nhất.{more}")
    return redirect(url_for(".sheet", slug=slug, code=code))


@screen("/da-nho", "remembered", methods=BOTH)
def show_remembered() -> ResponseReturnValue:
    """List the answers that are remembered for tables with the same head; forget one."""
    state = get_state()
    if request.method == "POST":
        number = request.form.get("number", "")
        if number.isdecimal() and len(number) < 10:
            with saving(state.session):
                remembered.forget_answer(state.session, int(number), state.actor())
            notify("Đã quên. Lần sau gặp bảng có tiêu đề ấy sẽ hỏi lại.")
        return redirect(url_for(".remembered"))
    answers = remembered.list_answers(state.session)
    titles = {form.code: form.short_title for form in all_forms()}
    return render_template("cchc/office/remembered.html", answers=answers, titles=titles)


@screen("/ky/<slug>/ca-bao-cao", "whole_report", methods=BOTH)
def whole_report(slug: str) -> ResponseReturnValue:
    """Take a report; list its tables; apply those that are clear when told to."""
    from cchc_public.reading.sources import read_whole

    opened = open_report(slug)
    text, problem = request.form.get("text", ""), ""
    if request.method == "POST":
        try:
            document = _find_source(slug) or _take_source(text)
            forms = [get_form(s.table_code, s.edition) for s in drafting.list_sheets(opened.report)]
            found = read_whole(document, forms, partial(_context, opened))
            deed = {"apply": _take_tables, "words": _take_words}.get(request.form.get("do", ""))
            if deed and (found.readings or found.sections):
                with saving_form() as saved:
                    text = deed(opened, found)
                if saved.error:
                    notify(f"{saved.error} Chưa lưu gì. Xin dán lại.", "warn")
                    return redirect(url_for(".whole_report", slug=slug))
                notify(text)
                return redirect(url_for(".period", slug=slug))
            if found.readings or found.sections:
                return _preview_whole(opened, document, found)
            problem = "Không nhận ra biểu nào trong nội dung này."
        except ImportRejected as error:
            problem = str(error)
    page = render_template(
        "cchc/office/whole_report.html", period=opened.period, text=text, problem=problem
    )
    return page, (422 if problem else 200)


def _preview_whole(opened: OpenReport, document: Document, found: WholeReading) -> str:
    """Show every table with what it would change and the version of the sheet below it."""
    tables = []
    written = {section.key: section.text for section in arrange(opened.report.narrative)}
    for reading in found.readings:
        stored = drafting.get_sheet(opened.report, reading.table)
        form = get_form(reading.table, stored.edition)
        changes = len(drafting.list_cell_changes(stored, paste_view.merged_sheet(stored, reading)))
        is_ready = reading.outcome == READ and changes > 0
        version = drafting.sheet_version(opened.report, form.code)
        tables.append((form, reading, changes, version, is_ready))
    return render_template(
        "cchc/office/whole_report_preview.html",
        period=opened.period,
        tables=tables,
        found=found,
        source=_keep_source(document),
        ready=sum(table[-1] for table in tables),
        words=[
            (part, found.sections[part.key], written.get(part.key, ""))
            for part in WRITTEN
            if part.key in found.sections
        ],
        told=[(number, one) for number, one in enumerate(found.told) if one.figures],
        report_version=opened.report.version,
    )


def _take_tables(opened: OpenReport, found: WholeReading) -> str:
    """Save every table that was read without a question; return what to say of it."""
    titles = []
    for reading in found.readings:
        stored = drafting.get_sheet(opened.report, reading.table)
        merged = paste_view.merged_sheet(stored, reading)
        if reading.outcome == READ and drafting.list_cell_changes(stored, merged):
            version = read_version(request.form.get(f"version-{reading.table}", ""))
            _store(opened, merged, version)
            titles.append(get_form(reading.table, stored.edition).short_title)
    return f"Đã nhập {len(titles)} biểu: {', '.join(titles)}. Mở biểu để xem hoặc hoàn tác."


def _take_words(opened: OpenReport, found: WholeReading) -> str:
    """Save the chosen parts of the words and figures of sentences; return what to say of it."""
    state, report = get_state(), opened.report
    parts = request.form.getlist("part")
    texts = {key: found.sections[key] for key in parts if key in found.sections}
    old = arrange(report.narrative)
    sections = tuple(replace(section, text=texts.get(section.key, section.text)) for section in old)
    if sections != old:
        version = read_version(request.form.get("version", ""))
        drafting.save_narrative(
            state.session, report, sections, version=version, actor=state.actor()
        )
    taken = 0
    for number, one in enumerate(found.told):
        if (figure := request.form.get(f"told-{number}", "")) not in one.figures:
            continue
        # its row is made where the list has none
        sheet = drafting.get_sheet(report, one.form.code)
        known = one.form.known_row(one.row)
        rows = {row.key: row for row in sheet.rows or blank_rows(one.form)}
        row = rows.get(one.row) or Row(one.row, known.label if known else SINGLE_LABEL)
        rows[one.row] = replace(row, cells={**row.cells, **one.cells(figure)})
        filled = replace(sheet, rows=tuple(rows.values()))
        _store(opened, filled, drafting.sheet_version(report, one.form.code))
        taken += 1
    return f"Đã nhận {len(texts)} phần lời và {taken} số trong lời văn."


@screen("/ky/<slug>/mau.xlsx", "blank_workbook")
def send_blank_workbook(slug: str) -> Response:
    """Send every table of the period as a workbook to be filled away from the network."""
    from cchc_public.exports.workbooks import XLSX_TYPE, render_template  # only who asks waits

    opened = open_report(slug)
    stored = [(get_form(s.table_code, s.edition), s) for s in drafting.list_sheets(opened.report)]
    data = render_template(opened.period, stored, get_state().authority.name)
    return download(data, XLSX_TYPE, f"mau-{slug}.xlsx")
