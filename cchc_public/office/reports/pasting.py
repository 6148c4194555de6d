"""Figures pasted from Word or Excel, or uploaded: seen first, then applied, undone at will."""

from __future__ import annotations

import json
from functools import partial
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from cchc_public.errors import ImportRejected, StaleRevision
from cchc_public.files.grid import Document, document_from_json, document_to_json
from cchc_public.office.frame.access import requires
from cchc_public.office.frame.guard import forget_kept_input, kept_input
from cchc_public.office.frame.merging import left_alone
from cchc_public.office.frame.notices import notify
from cchc_public.office.reports.loading import OpenSheet, open_sheet
from cchc_public.office.reports.paste_view import (
    CLEAR,
    build_preview,
    list_blanks,
    loose_questions,
    merged_sheet,
)
from cchc_public.office.reports.sheet_form import MAX_ROWS, read_version
from cchc_public.reading.building import Context
from cchc_public.reading.questions import READ, REFUSED, Reading
from cchc_public.reading.sources import open_paste, open_source, read_source
from cchc_public.reports.drafting import find_previous
from cchc_public.reports.sheets import get_sheet, list_cell_changes, save_sheet
from cchc_public.state import get_state
from cchc_public.store.form_drafts import find_draft, keep_draft, take_draft
from cchc_public.store.reading_answers import (
    GivenAnswer,
    find_answers,
    forget_answer,
    list_answers,
    remember_answers,
)
from cchc_public.tables.language import Form
from cchc_public.tables.registry import all_forms, get_form, list_forms
from cchc_public.tables.sheet import Sheet, sheet_from_json, sheet_to_json
from cchc_public.tables.solved import SolvedTable, solve
from cchc_public.vietnamese.cleaning import clean_text
from cchc_public.vietnamese.numbers import format_number

UNDO = "hoan-tac"
ANSWER = "tra-loi-"  # before the id of a question, in the preview's form


def register_paste_routes(blueprint: Blueprint) -> None:
    """Add pasting, uploading and taking it back."""
    rule = "/ky/<slug>/<code>"
    blueprint.add_url_rule(f"{rule}/dan", "paste", paste, methods=["GET", "POST"])
    blueprint.add_url_rule(f"{rule}/hoan-tac", "undo", undo, methods=["POST"])
    blueprint.add_url_rule(f"{rule}/hoan-tac", "undo_back", lead_back)
    blueprint.add_url_rule("/da-nho", "remembered", remembered, methods=["GET", "POST"])


@requires("enter")
def paste(slug: str, code: str) -> ResponseReturnValue:
    """Take text, a clipboard or a file; show what it would change; apply it when all is clear."""
    opened = open_sheet(slug, code)
    if request.method == "GET":
        kept = kept_input()
        return _page(opened, text=kept.get("text", "") if kept else "")
    text = request.form.get("text", "")
    try:
        document = _document(text, request.path)
    except ImportRejected as error:
        return _page(opened, text=text, problem=str(error)), 422
    if document is None:
        notify("Bản xem trước không còn dùng được. Xin dán lại.", "warn")
        return redirect(url_for(".paste", slug=slug, code=code))
    form = get_form(code, opened.table.edition)
    reading = read_source(document, form, _context(opened))
    if reading.outcome == REFUSED:
        problem = " ".join((*reading.problems, _other_edition(form, document)))
        return _page(opened, text=text, problem=problem), 422
    if request.form.get("do") == "apply" and reading.outcome == READ:
        return _apply(opened, form, reading)
    return _preview(opened, form, reading, document)


def _document(text: str, path: str) -> Document | None:
    """Return what was handed in, now or before this preview; None when that is gone."""
    if "source" in request.form:
        return kept_source(path)
    return take_source(text)


def kept_source(path: str) -> Document | None:
    """Return the document that a preview of this address kept; None when it is gone."""
    state = get_state()
    token = clean_text(request.form.get("source", ""))[:100]
    kept = find_draft(state.session, token, state.actor().id)
    if kept is None or kept.path != path:
        return None
    return document_from_json(json.loads(dict(kept.fields)["document"]))


def take_source(text: str) -> Document:
    """Open what the form brings: a file, or a paste with the HTML of its clipboard."""
    upload = request.files.get("file")
    if upload is None or not upload.filename:
        return open_paste(text, request.form.get("html", ""))
    limit = get_state().config["UPLOAD_MAX_BYTES"]
    data = upload.stream.read(limit + 1)
    if len(data) > limit:
        size = format_number(limit // 1_000_000)
        raise ImportRejected(f"Tệp lớn quá {size} MB nên không đọc.")
    return open_source(data, upload.filename)


def _context(opened: OpenSheet) -> Context:
    """Return the fields the sheet knows and the answers of this preview's form."""
    answers = {
        name.removeprefix(ANSWER): value
        for name, value in request.form.items()
        if name.startswith(ANSWER) and value
    }
    known = [row.label for row in opened.sheet.rows]
    return Context(known, answers, partial(find_answers, get_state().session))


def _other_edition(form: Form, document: Document) -> str:
    """Return the hint that the source suits another form of the table; '' when none does."""
    for other in list_forms(form.code):
        if other.edition == form.edition or not other.is_standard:
            continue
        if read_source(document, other, Context()).outcome != REFUSED:
            return (
                f"Nội dung này hợp với mẫu «{other.title}»: hãy bấm “Đổi mẫu biểu” ở màn hình "
                "nhập rồi dán lại."
            )
    return ""


def _preview(
    opened: OpenSheet, form: Form, reading: Reading, document: Document
) -> ResponseReturnValue:
    state = get_state()
    merged = merged_sheet(opened.sheet, reading)
    if len(merged.rows) > MAX_ROWS:
        problem = f"Mỗi biểu nhận tối đa {MAX_ROWS} dòng. Chưa lưu gì."
        return _page(opened, problem=problem), 422
    token = request.form.get("source", "")
    if not token:
        packed = json.dumps(document_to_json(document), ensure_ascii=False)
        token = keep_draft(
            state.session, request.path, [("document", packed)], state.actor().id, days=1
        )
        state.session.commit()
    given = {name: value for name, value in request.form.items() if name.startswith(ANSWER)}
    open_ones = {ANSWER + question.id for question in reading.questions}
    return render_template(
        "cchc/office/paste_preview.html",
        opened=opened,
        period=opened.opened.period,
        reading=reading,
        table=build_preview(form, opened.sheet, merged, reading, _last(opened, form)),
        loose=list(loose_questions(reading)),
        blanks=list_blanks(form, opened.sheet, reading),
        changes=list_cell_changes(opened.sheet, merged),
        left_alone=left_alone(opened.sheet, reading.sheet) if reading.sheet else (),
        source=token,
        answer=ANSWER,
        given=given,
        settled={name: value for name, value in given.items() if name not in open_ones},
    )


def _last(opened: OpenSheet, form: Form) -> SolvedTable | None:
    """Return the last period's figures, to be seen beside the new ones."""
    previous = find_previous(get_state().session, opened.report)
    if previous is None:
        return None
    sheet = get_sheet(previous, form.code)
    return solve(get_form(form.code, sheet.edition), sheet)


def _page(opened: OpenSheet, text: str = "", problem: str = "") -> str:
    return render_template(
        "cchc/office/paste.html",
        opened=opened,
        period=opened.opened.period,
        text=text,
        problem=problem,
    )


def _apply(opened: OpenSheet, form: Form, reading: Reading) -> ResponseReturnValue:
    """Save what was previewed; keep the sheet before, so that one click brings it back."""
    state, table = get_state(), opened.table
    back: dict[str, Any] = {"slug": opened.opened.slug, "code": table.code}
    is_clearing = request.form.get("blanks") == CLEAR
    gone = list_blanks(form, opened.sheet, reading) if is_clearing else ()
    try:
        version = read_version(request.form.get("version", ""))
        before = json.dumps(sheet_to_json(opened.sheet), ensure_ascii=False)
        saved = save_sheet(
            state.session,
            opened.report,
            merged_sheet(opened.sheet, reading, gone),
            version=version,
            actor=state.actor(),
        )
        if request.form.get("remember"):
            given = [GivenAnswer(question, *said) for question, said in reading.used.items()]
            remember_answers(state.session, form.code, reading.fingerprint, given, state.actor())
        fields = [("sheet", before), ("version", str(saved.version))]
        path = url_for(".undo", **back)
        token = keep_draft(state.session, path, fields, state.actor().id)
        forget_kept_input()
        state.session.commit()
    except StaleRevision as error:
        state.session.rollback()
        notify(str(error) + " Xin dán lại để so với bản mới.", "warn")
        return redirect(url_for(".paste", **back))
    notify(f"Đã nhập vào biểu «{table.short_title}».")
    return redirect(url_for(".sheet", **{**back, UNDO: token}))


@requires("enter")
def undo(slug: str, code: str) -> ResponseReturnValue:
    """Bring back the sheet as it was before the last paste or upload."""
    opened, state = open_sheet(slug, code), get_state()
    kept = take_draft(state.session, request.form.get("token", ""), state.actor().id)
    if kept is None or kept.path != url_for(".undo", slug=slug, code=code):
        notify("Không còn bản để hoàn tác.", "warn")
        return redirect(url_for(".sheet", slug=slug, code=code))
    fields: dict[str, Any] = dict(kept.fields)
    try:
        sheet: Sheet = sheet_from_json(json.loads(fields["sheet"]), opened.table)
        version = int(fields["version"])
        save_sheet(state.session, opened.report, sheet, version=version, actor=state.actor())
        state.session.commit()
        notify("Đã hoàn tác lần nhập vừa rồi.")
    except StaleRevision as error:
        state.session.rollback()
        notify("Không hoàn tác được." + f" {error}", "warn")
    return redirect(url_for(".sheet", slug=slug, code=code))


@requires("enter")
def remembered() -> ResponseReturnValue:
    """List the answers that are remembered for tables with the same head; forget one."""
    state = get_state()
    if request.method == "POST":
        number = request.form.get("number", "")
        if number.isdecimal() and len(number) < 10:
            forget_answer(state.session, int(number), state.actor())
            state.session.commit()
            notify("Đã quên. Lần sau gặp bảng có tiêu đề ấy sẽ hỏi lại.")
        return redirect(url_for(".remembered"))
    answers = list_answers(state.session)
    titles = {form.code: form.short_title for form in all_forms()}
    return render_template("cchc/office/remembered.html", answers=answers, titles=titles)


@requires("enter")
def lead_back(slug: str, code: str) -> ResponseReturnValue:
    """Lead to the sheet whoever comes back here after signing in."""
    return redirect(url_for(".sheet", slug=slug, code=code))
