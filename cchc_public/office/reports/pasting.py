"""Figures pasted or uploaded, one table or a whole report: seen first, applied, taken back."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from cchc_public.errors import ImportRejected
from cchc_public.files.grid import Document, document_from_json, document_to_json
from cchc_public.office import frame
from cchc_public.office.frame import notify, read_number, saving_form
from cchc_public.office.reports import sheet_form
from cchc_public.office.reports.dashboard import OpenSheet, keep_sheet, open_report, open_sheet
from cchc_public.present.tables import header_rows
from cchc_public.reading.questions import READ, REFUSED, Context, Question, Reading, ReadRow
from cchc_public.releases.content import period_of
from cchc_public.releases.prose import WRITTEN, arrange
from cchc_public.reports import drafting
from cchc_public.reports.review import find_last
from cchc_public.state import get_state
from cchc_public.store import FormDraft, Report, remembered
from cchc_public.store.writing import saving
from cchc_public.tables.language import Column, Form, Quantity, ValueKind
from cchc_public.tables.registry import FORMS, SINGLE_LABEL, blank_rows, get_form, list_forms
from cchc_public.tables.sheet import (
    NO_TOTAL,
    TOTAL_KEY,
    Row,
    Sheet,
    SolvedRow,
    SolvedTable,
    sheet_from_json,
    sheet_to_json,
    solve,
)
from cchc_public.vietnamese.numbers import format_number
from cchc_public.vietnamese.text import clean_text

if TYPE_CHECKING:
    from cchc_public.reading.sources import WholeReading


screen = frame.Screens()
ANSWER = "tra-loi-"  # before the id of a question, in the preview's form


@screen("/ky/<slug>/<code>/dan", "paste", methods=frame.BOTH)
def paste(slug: str, code: str) -> ResponseReturnValue:
    """Take text, a clipboard or a file; show what it would change; apply it when all is clear."""
    from cchc_public.reading.sources import read_source  # only who pastes waits for it

    opened = open_sheet(slug, code)
    if request.method != "POST":
        kept = frame.kept_input()
        return _page(opened, kept.get("text", "") if kept else "")
    text = request.form.get("text", "")
    try:
        document = _find_source(slug, code) if "source" in request.form else _take_source(text)
    except ImportRejected as error:
        return _page(opened, text, str(error)), 422
    if document is None:
        said = "Bản xem trước không còn dùng được. Xin dán lại."
        return frame.leave("paste", said, "warn", slug=slug, code=code)
    form = get_form(code, opened.table.edition)
    given = {name: said for name, said in request.form.items() if name.startswith(ANSWER) and said}
    answers = {name.removeprefix(ANSWER): value for name, value in given.items()}
    reading = read_source(document, form, _context(opened.report, code, answers))
    problem = ""
    if reading.outcome == REFUSED:
        problem = " ".join((*reading.problems, _other_edition(form, document)))
    elif len(merged_sheet(opened.sheet, reading).rows) > sheet_form.MAX_ROWS:
        problem = f"Mỗi biểu nhận tối đa {sheet_form.MAX_ROWS} dòng. Chưa lưu gì."
    if problem:
        return _page(opened, text, problem), 422
    if request.form.get("do") == "apply" and reading.outcome == READ:
        return _apply(opened, form, reading)
    merged = merged_sheet(opened.sheet, reading)
    open_ones = {ANSWER + question.id for question in reading.questions}
    last = opened.find_previous()
    return render_template(
        "cchc/office/paste_preview.html",
        opened=opened,
        period=period_of(opened.report),
        reading=reading,
        table=build_preview(form, opened.sheet, merged, reading, last and last[1]),
        previous_title=last[0] if last else "",
        blanks=list_blanks(form, opened.sheet, reading),
        changes=drafting.list_cell_changes(opened.sheet, merged),
        left_alone=sheet_form.left_alone(opened.sheet, reading.sheet) if reading.sheet else (),
        source=_keep_source(document),
        answer=ANSWER,
        given=given,
        settled={name: value for name, value in given.items() if name not in open_ones},
    )


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
    state, fields = get_state(), [("document", document_to_json(document))]
    with saving(state.session):
        return remembered.keep_draft(state.session, request.path, fields, state.actor().id)


def _find_source(slug: str, code: str = "") -> Document | None:
    """Return the document that a preview of this address kept; None when it is gone.

    One table of a whole report may be looked at alone: then its own preview comes first, and only
    what that shows is applied (``paste`` keeps it at its own address).
    """
    state = get_state()
    token = clean_text(request.form.get("source", ""))[:100]
    kept = remembered.find_draft(state.session, token, state.actor().id)
    paths = {request.path}
    if code and request.form.get("do") != "apply":
        paths.add(url_for(".whole_report", slug=slug))
    if kept is None or kept.path not in paths:
        return None
    return document_from_json(dict(kept.fields)["document"])


def _context(report: Report, code: str, answers: dict[str, str] | None = None) -> Context:
    """Return the fields a sheet knows, the answers given now and in earlier periods."""
    stored = drafting.get_sheet(report, code)
    known = [row.label for row in stored.rows]
    earlier = partial(remembered.find_answers, get_state().session)
    return Context(known, answers or {}, earlier, report.slug, stored)


def _other_edition(form: Form, document: Document) -> str:
    """Return the hint that the source suits another form of the table; '' when none does."""
    from cchc_public.reading.sources import read_source

    for other in list_forms(form.code):
        is_other = other.is_standard and other.edition != form.edition
        if is_other and read_source(document, other, Context()).outcome != REFUSED:
            return (
                f"Nội dung này hợp với mẫu «{other.title}»: hãy bấm “Đổi mẫu biểu” ở màn hình "
                "nhập rồi dán lại."
            )
    return ""


def _page(opened: OpenSheet, text: str, problem: str = "") -> str:
    shown = {"period": period_of(opened.report), "text": text, "problem": problem}
    return render_template("cchc/office/paste.html", opened=opened, **shown)


@dataclass(frozen=True)
class PreviewCell:
    """One cell: ``figure`` will stand in the sheet; the rest says where it comes from."""

    figure: str = ""
    is_new: bool = False  # it comes from the source
    agrees: bool = False  # the source's sum is the sum of its parts
    is_computed: bool = False
    source: str = ""  # the source's own words where they differ
    now: str = ""  # what stands there today where it differs
    before: str = ""  # the last period
    expected: str = ""  # what the other figures give instead
    questions: tuple[Question, ...] = ()
    is_asked: bool = False  # in a column that waits for an answer


def merged_sheet(stored: Sheet, reading: Reading, blanks: Iterable[Blank] = ()) -> Sheet:
    """Return what applying would store; ``blanks`` are emptied as the source has them."""
    emptied = {(row.key, column.key) for row, column, _now in blanks}
    return sheet_form.merge(stored, reading.sheet, emptied) if reading.sheet else stored


Blank = tuple[Row, Column, str]  # a cell with this figure, in which the source says nothing


def list_blanks(form: Form, stored: Sheet, reading: Reading) -> list[Blank]:
    """Return the figures of the sheet in places where the source shows an empty cell."""
    imported = dict(sheet_form.counterparts(stored, reading.sheet)) if reading.sheet else {}
    return [
        (row, column, sheet_form.figure_text(now))
        for row in stored.rows
        for column in form.columns
        if (new := imported.get(row.key)) and column.key in reading.columns
        if (now := row.cells.get(column.key)) not in (None, "")
        if column.key not in new.given and column.key not in new.unread
    ]


def build_preview(
    form: Form, stored: Sheet, merged: Sheet, reading: Reading, previous: SolvedTable | None
) -> dict[str, Any]:
    """Lay the merged sheet out in the shape of its form, with the columns that are asked about.

    ``asked`` holds the questions of a column by its key, each row its own, ``loose`` the others;
    ``checks`` counts the printed sums that agree.
    """
    shown = form.showing(merged.given_keys & set(form.table.by_key))
    columns = [column for column in shown.columns if column.kind is not ValueKind.TEXT]
    for number in reading.asked:  # beside its neighbor in the source
        left = [key for place, key in sorted(reading.places.items()) if place < number]
        beside = [at for at, column in enumerate(columns) if left and column.key == left[-1]]
        at = beside[0] + 1 if beside else 0
        quantity = Quantity(f"#{number}", f"#{number}", (), ValueKind.TEXT)
        parents = columns[at - 1].header[:-1] if at else ()
        columns.insert(at, Column(quantity, (*parents, f"Cột {number} của nguồn")))
    keys = {column.key for column in columns}
    asked: dict[str, tuple[Question, ...]] = {}
    for question in reading.questions:
        key = reading.places.get(question.column, f"#{question.column}")
        if key in keys:
            asked[key] = (*asked.get(key, ()), question)
    placed = {question.id for questions in asked.values() for question in questions}
    by_label = {row.label: row for row in reading.rows if row.kind != "left_out"}
    total = next((row for row in reading.rows if row.kind == "total"), None)
    rows, checks = [], 0
    for row in solve(form, merged).all_rows:
        source = total if row.key == TOTAL_KEY else by_label.get(row.label)
        line = source.line if source else -1
        questions = [question for question in reading.questions if question.row == line]
        placed |= {question.id for question in questions}
        before = previous.row(row.key) if previous else None
        cells = []
        for column in columns:
            if column.key.startswith("#"):
                text = reading.asked[int(column.key[1:])].get(line, "")
                cells.append(PreviewCell(source=text, is_asked=True))
                continue
            cell = _cell(column, row, (merged, stored), source, before)
            here = tuple(question for question in questions if question.key == column.key)
            cells.append(replace(cell, questions=here, is_asked=column.key in asked or bool(here)))
        kind = "total" if row.key == TOTAL_KEY else source.kind if source else "row"
        of_row = tuple(question for question in questions if question.key not in keys)
        rows.append({"label": row.label, "kind": kind, "cells": cells, "questions": of_row})
        checks += sum(cell.agrees for cell in cells)
    return {
        "head": header_rows(columns) if columns else (),
        "columns": columns,
        "rows": rows,
        "asked": asked,
        "loose": [question for question in reading.questions if question.id not in placed],
        "checks": checks,
    }


def _cell(
    column: Column,
    row: SolvedRow,
    sheets: tuple[Sheet, Sheet],
    source: ReadRow | None,
    before: SolvedRow | None,
) -> PreviewCell:
    key = column.key
    given, now = ((sheet.row(row.key) or NO_TOTAL).cells.get(key) for sheet in sheets)
    is_new = source is not None and key in source.cells and source.cells[key] == given
    figure = sheet_form.figure_text(row.values.get(key) if given is None else given)
    said = source.source.get(key, "") if source and is_new else ""
    is_sum = column.formula is not None or row.key == TOTAL_KEY
    expected = row.expected.get(key)
    return PreviewCell(
        figure,
        is_new,
        agrees=is_new and is_sum and key not in row.unconfirmed and expected is None,
        is_computed=given is None and bool(figure),
        source=said if said != figure else "",
        now=sheet_form.figure_text(now) if now is not None and now != given else "",
        before=sheet_form.figure_text(before.values.get(key)) if before else "",
        expected=sheet_form.figure_text(expected),
    )


def _apply(opened: OpenSheet, form: Form, reading: Reading) -> ResponseReturnValue:
    """Save what was previewed; keep the sheet before, so that one click brings it back."""
    state, report, actor = get_state(), opened.report, get_state().actor()
    is_clearing = request.form.get("blanks") == "clear"
    gone = list_blanks(form, opened.sheet, reading) if is_clearing else ()
    with saving_form() as saved:
        version = read_number(request.form.get("version"))
        _store(report, merged_sheet(opened.sheet, reading, gone), version)
        if request.form.get("remember"):
            marks = (form.code, reading.fingerprint)
            remembered.remember_answers(state.session, *marks, reading.used, actor)
    if saved.error:
        said = f"{saved.error} Xin dán lại để so với bản mới."
        return frame.leave("paste", said, "warn", slug=report.slug, code=form.code)
    said = f"Đã nhập vào biểu «{form.short_title}»."
    return frame.leave("sheet", said, slug=report.slug, code=form.code)


def _store(report: Report, sheet: Sheet, version: int) -> None:
    """Save a pasted sheet, and what takes the paste back until the report is handed in."""
    state, code = get_state(), sheet.table_code
    before = drafting.get_sheet(report, code)
    keep_sheet(report, sheet, version)
    states = (("before", before), ("after", drafting.get_sheet(report, code)))
    fields = [(name, json.dumps(sheet_to_json(one))) for name, one in states]
    fields.append(("by", state.actor().name))
    remembered.keep_undo(state.session, f"{report.slug}/{code}", fields)


def find_paste(opened: OpenSheet) -> FormDraft | None:
    """Return the paste that can be taken back: the newest, unless it was handed in since."""
    session = get_state().session
    kept = remembered.find_undo(session, f"{opened.report.slug}/{opened.table.code}")
    handed_in = find_last(session, opened.report) if kept else None
    return None if kept and handed_in and handed_in.handed_in_at > kept.created_at else kept


@screen("/ky/<slug>/<code>/hoan-tac", "undo", methods=frame.POST, back="sheet")
def undo(slug: str, code: str) -> ResponseReturnValue:
    """Take the newest paste or upload back; what was typed over it since stays."""
    opened = open_sheet(slug, code)
    kept = find_paste(opened)
    if kept is None:
        return frame.leave("sheet", "Không còn bản để hoàn tác.", "warn", slug=slug, code=code)
    fields = dict(kept.fields)
    states = (json.loads(fields[name]) for name in ("before", "after"))
    before, after = (sheet_from_json(one, opened.table) for one in states)
    sheet = sheet_form.take_back(before, after, opened.sheet)
    left = len(drafting.list_cell_changes(before, sheet))
    with saving_form() as saved:
        keep_sheet(opened.report, sheet, opened.version)
        remembered.forget_undo(get_state().session, kept.path)
    if saved.error:
        notify(f"Không hoàn tác được. {saved.error}", "warn")
    else:
        more = f" {left} chỗ sửa sau khi nhập vẫn giữ." if left else ""
        notify(f"Đã hoàn tác lần nhập gần nhất.{more}")
    return redirect(url_for(".sheet", slug=slug, code=code))


@screen("/da-nho", "remembered", methods=frame.BOTH)
def show_remembered() -> ResponseReturnValue:
    """List the answers that are remembered for tables with the same head; forget one."""
    state = get_state()
    if request.method == "POST":
        if number := read_number(request.form.get("number")):
            with saving(state.session):
                remembered.forget_answer(state.session, number, state.actor())
            notify("Đã quên. Lần sau gặp bảng có tiêu đề ấy sẽ hỏi lại.")
        return redirect(url_for(".remembered"))
    answers = remembered.list_answers(state.session)
    titles = {form.code: form.short_title for form in FORMS}
    return render_template("cchc/office/remembered.html", answers=answers, titles=titles)


@screen("/ky/<slug>/ca-bao-cao", "whole_report", methods=frame.BOTH)
def whole_report(slug: str) -> ResponseReturnValue:
    """Take a report; list its tables; apply those that are clear when told to."""
    from cchc_public.reading.sources import read_whole

    report, found = open_report(slug), None
    text, problem = (frame.kept_input() or request.form).get("text", ""), ""
    if request.method == "POST":
        try:
            document = _find_source(slug) or _take_source(text)
            forms = [get_form(s.table_code, s.edition) for s in drafting.list_sheets(report)]
            found = read_whole(document, forms, partial(_context, report))
            if not found.readings and not found.sections:
                problem = "Không nhận ra biểu nào trong nội dung này."
        except ImportRejected as error:
            problem = str(error)
    if problem or found is None:
        shown = {"period": period_of(report), "text": text, "problem": problem}
        return render_template("cchc/office/whole_report.html", **shown), (422 if problem else 200)
    if deed := {"apply": _take_tables, "words": _take_words}.get(request.form.get("do", "")):
        with saving_form() as saved:
            done = deed(report, found)
        if saved.error:
            said = f"{saved.error} Chưa lưu gì. Xin dán lại."
            return frame.leave("whole_report", said, "warn", slug=slug)
        return frame.leave("period", done, slug=slug)
    # every table with what it would change and the version of the sheet below it
    tables = [
        (form, reading, changes, drafting.sheet_version(report, form.code))
        for reading, form, _merged, changes in _list_tables(report, found)
    ]
    written = {section.key: section.text for section in arrange(report.narrative)}
    return render_template(
        "cchc/office/whole_report_preview.html",
        period=period_of(report),
        tables=tables,
        found=found,
        source=_keep_source(document),
        ready=sum(reading.outcome == READ and changes > 0 for _f, reading, changes, _v in tables),
        words=[
            (part, found.sections[part.key], written.get(part.key, ""))
            for part in WRITTEN
            if part.key in found.sections
        ],
        told=[(number, one) for number, one in enumerate(found.told) if one.figures],
        report_version=report.version,
    )


def _list_tables(report: Report, found: WholeReading) -> Iterator[tuple[Reading, Form, Sheet, int]]:
    """Yield each table that was read, its form, the sheet it gives and how many places change."""
    for reading in found.readings:
        stored = drafting.get_sheet(report, reading.table)
        merged = merged_sheet(stored, reading)
        changes = drafting.list_cell_changes(stored, merged)
        yield reading, get_form(reading.table, stored.edition), merged, len(changes)


def _take_tables(report: Report, found: WholeReading) -> str:
    """Save every table that was read without a question; return what to say of it."""
    titles = []
    for reading, form, merged, changes in _list_tables(report, found):
        if reading.outcome == READ and changes:
            _store(report, merged, read_number(request.form.get(f"version-{form.code}")))
            titles.append(form.short_title)
    return f"Đã nhập {len(titles)} biểu: {', '.join(titles)}. Mở biểu để xem hoặc hoàn tác."


def _take_words(report: Report, found: WholeReading) -> str:
    """Save the chosen parts of the words and figures of sentences; return what to say of it."""
    session, actor = get_state().session, get_state().actor()
    parts = request.form.getlist("part")
    texts = {key: found.sections[key] for key in parts if key in found.sections}
    old = arrange(report.narrative)
    sections = tuple(replace(section, text=texts.get(section.key, section.text)) for section in old)
    if sections != old:
        version = read_number(request.form.get("version"))
        drafting.save_narrative(session, report, sections, version=version, actor=actor)
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
        _store(report, filled, drafting.sheet_version(report, one.form.code))
        taken += 1
    return f"Đã nhận {len(texts)} phần lời và {taken} số trong lời văn."
