"""A whole report pasted or uploaded: every table it holds in one preview, the rest listed."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from functools import partial

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from cchc_public.errors import ImportRejected, StaleRevision
from cchc_public.files.grid import Document, document_to_json
from cchc_public.office.frame.access import requires
from cchc_public.office.frame.notices import notify
from cchc_public.office.reports.loading import OpenReport, open_report
from cchc_public.office.reports.paste_view import merged_sheet
from cchc_public.office.reports.pasting import kept_source, take_source
from cchc_public.office.reports.sheet_form import read_version
from cchc_public.reading.building import Context
from cchc_public.reading.questions import READ, Reading
from cchc_public.reading.whole import Told, WholeReading, read_whole
from cchc_public.releases.outline import WRITTEN, arrange
from cchc_public.reports.heads import save_narrative
from cchc_public.reports.sheets import (
    get_sheet,
    list_cell_changes,
    list_sheets,
    save_sheet,
    sheet_version,
)
from cchc_public.state import get_state
from cchc_public.store.form_drafts import keep_draft
from cchc_public.store.reading_answers import find_answers
from cchc_public.tables.language import Form
from cchc_public.tables.registry import get_form
from cchc_public.tables.rows import SINGLE_LABEL, blank_rows
from cchc_public.tables.sheet import Row


@dataclass(frozen=True)
class FoundTable:
    """One table of the report: what it would change, and the ticket of its own preview."""

    form: Form
    reading: Reading
    changes: int
    source: str


def register_whole_report_routes(blueprint: Blueprint) -> None:
    """Add the page that takes a whole report."""
    rule = "/ky/<slug>/ca-bao-cao"
    blueprint.add_url_rule(rule, "whole_report", whole_report, methods=["GET", "POST"])


@requires("enter")
def whole_report(slug: str) -> ResponseReturnValue:
    """Take a report; list its tables; apply those that are clear when told to."""
    opened = open_report(slug)
    if request.method == "GET":
        return _page(opened)
    text = request.form.get("text", "")
    try:
        document = kept_source(request.path) or take_source(text)
        found = _read(opened, document)
    except ImportRejected as error:
        return _page(opened, text, str(error)), 422
    if not found.readings and not found.sections:
        return _page(opened, text, "Không nhận ra biểu nào trong nội dung này."), 422
    if request.form.get("do") == "apply":
        return _apply(opened, found)
    if request.form.get("do") == "words":
        return _apply_words(opened, found)
    return _preview(opened, document, found)


def _forms(opened: OpenReport) -> list[Form]:
    return [get_form(s.table_code, s.edition) for s in list_sheets(opened.report)]


def _read(opened: OpenReport, document: Document) -> WholeReading:
    remembered = partial(find_answers, get_state().session)

    def context(code: str) -> Context:
        known = [row.label for row in get_sheet(opened.report, code).rows]
        return Context(known, {}, remembered)

    return read_whole(document, _forms(opened), context)


def _preview(opened: OpenReport, document: Document, found: WholeReading) -> ResponseReturnValue:
    state = get_state()
    packed = json.dumps(document_to_json(document), ensure_ascii=False)

    def keep(path: str) -> str:
        return keep_draft(state.session, path, [("document", packed)], state.actor().id, days=1)

    tables = []
    for reading in found.readings:
        form = get_form(reading.table, reading.form.edition if reading.form else None)
        stored = get_sheet(opened.report, form.code)
        changes = list_cell_changes(stored, merged_sheet(stored, reading))
        source = keep(url_for(".paste", slug=opened.slug, code=form.code))
        tables.append(FoundTable(form, reading, len(changes), source))
    whole = keep(request.path)
    state.session.commit()
    return render_template(
        "cchc/office/whole_report_preview.html",
        period=opened.period,
        tables=tables,
        found=found,
        source=whole,
        ready=[t for t in tables if t.reading.outcome == READ and t.changes],
        versions={t.form.code: sheet_version(opened.report, t.form.code) for t in tables},
        words=[
            (part, found.sections[part.key], written.get(part.key, ""))
            for written in ({s.key: s.text for s in arrange(opened.report.narrative)},)
            for part in WRITTEN
            if part.key in found.sections
        ],
        told=[(name, one) for name, one in enumerate(found.told) if one.figures],
        report_version=opened.report.version,
    )


def _apply_words(opened: OpenReport, found: WholeReading) -> ResponseReturnValue:
    """Take the chosen parts of the words and the chosen figures of sentences, all or none."""
    state, report = get_state(), opened.report
    chosen = {key: found.sections[key] for key in request.form.getlist("part")}
    sections = tuple(replace(s, text=chosen.pop(s.key, s.text)) for s in arrange(report.narrative))
    figures = [
        (one, figure)
        for number, one in enumerate(found.told)
        if (figure := request.form.get(f"told-{number}", "")) in one.figures
    ]
    try:
        if sections != arrange(report.narrative):
            version = read_version(request.form.get("version", ""))
            save_narrative(state.session, report, sections, version=version, actor=state.actor())
        for one, figure in figures:
            _fill(opened, one, figure)
        state.session.commit()
    except (StaleRevision, ValueError) as error:
        state.session.rollback()
        notify(f"{error} Chưa lưu gì. Xin dán lại.", "warn")
        return redirect(url_for(".whole_report", slug=opened.slug))
    taken = len(request.form.getlist("part"))
    notify(f"Đã nhận {taken} phần lời và {len(figures)} số trong lời văn.")
    return redirect(url_for(".period", slug=opened.slug))


def _fill(opened: OpenReport, one: Told, figure: str) -> None:
    """Write a figure of a sentence into its cell; its row is made where the list has none."""
    state, code = get_state(), one.form.code
    sheet = get_sheet(opened.report, code)
    known = one.form.known_row(one.row)
    rows = sheet.rows or blank_rows(one.form)
    if all(row.key != one.row for row in rows):
        rows = (*rows, Row(one.row, known.label if known else SINGLE_LABEL))
    filled = tuple(
        replace(row, cells={**row.cells, **one.cells(figure)}) if row.key == one.row else row
        for row in rows
    )
    version = sheet_version(opened.report, code)
    new = replace(sheet, rows=filled)
    save_sheet(state.session, opened.report, new, version=version, actor=state.actor())


def _apply(opened: OpenReport, found: WholeReading) -> ResponseReturnValue:
    """Save every table that was read without a question, all or none."""
    state = get_state()
    saved = []
    try:
        for reading in found.readings:
            if reading.outcome != READ:
                continue
            stored = get_sheet(opened.report, reading.table)
            version = int(request.form.get(f"version-{reading.table}", "-1") or -1)
            sheet = merged_sheet(stored, reading)
            save_sheet(state.session, opened.report, sheet, version=version, actor=state.actor())
            saved.append(get_form(reading.table, stored.edition).short_title)
        state.session.commit()
    except (StaleRevision, ValueError) as error:
        state.session.rollback()
        notify(str(error) + " Chưa lưu gì. Xin dán lại.", "warn")
        return redirect(url_for(".whole_report", slug=opened.slug))
    notify(f"Đã nhập {len(saved)} biểu: {', '.join(saved)}.")
    return redirect(url_for(".period", slug=opened.slug))


def _page(opened: OpenReport, text: str = "", problem: str = "") -> str:
    return render_template(
        "cchc/office/whole_report.html", period=opened.period, text=text, problem=problem
    )
