"""The screen of one sheet: shows it with its findings, saves what was typed, never loses it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from cchc_public.checks.rules import EARLIER, Finding
from cchc_public.errors import ImportRejected, StaleRevision
from cchc_public.office.frame import (
    BOTH,
    POST,
    Screens,
    get_or_404,
    kept_input,
    notify,
    read_version,
    remember_readings,
    saving_form,
    take_readings,
    tell,
)
from cchc_public.office.reports.dashboard import OpenSheet, open_sheet, sort_findings
from cchc_public.office.reports.pasting import find_paste, find_previous_table
from cchc_public.office.reports.sheet_form import (
    SheetInput,
    SheetReading,
    add_their_rows,
    changed_since,
    find_conflicts,
    input_of,
    read_form,
    read_sheet,
)
from cchc_public.office.reports.sheet_view import Remarks, build_sheet_view, list_gaps
from cchc_public.office.reports.words import MAX_REASON
from cchc_public.reports.drafting import find_previous, find_record, save_sheet
from cchc_public.reports.review import (
    completeness,
    find_findings,
    give_reason,
    reasons_by_key,
)
from cchc_public.state import get_state
from cchc_public.store.audit import Conflict, history
from cchc_public.tables.registry import blank_sheet, get_form, list_forms
from cchc_public.tables.sheet import Row
from cchc_public.vietnamese.dates import parse_period
from cchc_public.vietnamese.text import clean_text
from cchc_public.web.jinja import cchc_datetime

screen = Screens()
LEAST_REASON = 15  # letters: it is published beside the figure
ANSWER = "answer."


@dataclass
class Answers:
    """What was said to contradictions at their places: mend the cell, or keep it and say why."""

    mistaken: list[Finding] = field(default_factory=list)
    kept: dict[str, tuple[str, str]] = field(default_factory=dict)  # reason now and before, by key
    problems: dict[str, str] = field(default_factory=dict)  # by the name of the field


@screen("/ky/<slug>/<code>", "sheet", methods=BOTH)
def edit_sheet(slug: str, code: str) -> ResponseReturnValue:
    """Show a sheet; save it, or offer one more row, when posted."""
    opened = open_sheet(slug, code)
    table, sheet = opened.table, opened.sheet
    if request.method == "GET":
        if (kept := kept_input()) is None:
            return _page(opened, input_of(table, sheet, opened.version), SheetReading(sheet))
        given = read_form(table, kept)
        return _page(opened, given, read_sheet(table, given, sheet))
    try:
        given = read_form(table, request.form)
    except ImportRejected as error:
        notify(str(error), "warn")
        return redirect(url_for(".sheet", slug=slug, code=code))
    answers = read_answers(_findings(opened), request.form)
    given = mend(opened, given, answers.mistaken)
    reading = read_sheet(table, given, sheet)
    deed = request.form.get("do")
    if deed == "restore":  # the browser kept rows that are not stored
        return _page(opened, given, reading)
    if deed == "add":
        reading.problems.clear()  # nothing is saved yet
        return _page(opened, given.with_blank_row(), reading)
    reading.problems |= answers.problems
    if reading.problems:
        return _page(opened, given, reading), 422
    return _save(opened, given, reading, answers)


def read_answers(findings: Iterable[Finding], form: Mapping[str, str]) -> Answers:
    """Return what was answered to the findings that take an answer."""
    answers = Answers()
    for finding in (one for one in findings if one.takes_reason):
        name = f"{ANSWER}{finding.key}"
        if form.get(name) == "fix":
            answers.mistaken.append(finding)
        elif form.get(name) == "keep":
            now, before = (clean_text(form.get(f"{name}.{part}", "")) for part in ("why", "was"))
            if len(now) < LEAST_REASON:
                words = f"Lý do cần ít nhất {LEAST_REASON} chữ: nó được công bố cạnh số."
                answers.problems[f"{name}.why"] = words
            elif len(now) > MAX_REASON:
                answers.problems[f"{name}.why"] = f"Lý do dài quá {MAX_REASON} chữ."
            if now != before:
                answers.kept[finding.key] = (now, before)
    return answers


def mend(opened: OpenSheet, given: SheetInput, mistaken: Iterable[Finding]) -> SheetInput:
    """Write what the other figures give into the cells that were called mistaken.

    A cell that was typed into since is left as typed: that is the newer answer.
    """
    stored = input_of(opened.table, opened.sheet, 0)
    known = {row.key: row.cells for row in stored.fields.values()}
    fields = dict(given.fields)
    for finding in mistaken:
        for prefix, row in fields.items():
            column, old = finding.column, known.get(row.key, {})
            if row.key == finding.row and row.cells.get(column) == old.get(column):
                fields[prefix] = replace(row, cells={**row.cells, column: finding.expected})
    return replace(given, fields=fields)


def _save(
    opened: OpenSheet, given: SheetInput, reading: SheetReading, answers: Answers
) -> ResponseReturnValue:
    state = get_state()
    with saving_form() as saved:
        save_sheet(
            state.session,
            opened.report,
            reading.sheet,
            version=given.version,
            actor=state.actor(),
        )
        # reasons are kept of what stands as it was answered
        found = find_findings(state.session, opened.report) if answers.kept else ()
        standing, stored = {finding.key for finding in found}, reasons_by_key(opened.report)
        left = 0
        for key, (now, before) in answers.kept.items():
            if key not in standing or (key in stored and stored[key].text != before):
                left += 1
            else:
                give_reason(state.session, opened.report, key, now, state.actor())
    if isinstance(saved.error, StaleRevision):
        # both values of every cell that a colleague changed; a second save is knowing
        table, error = opened.table, saved.error
        fresh = open_sheet(opened.opened.slug, table.code)
        trail = history(state.session, f"{opened.opened.slug}/{table.code}")
        started = changed_since(trail, given.version)
        cells = tuple(find_conflicts(table, given, fresh.sheet, started))
        shown = replace(add_their_rows(table, given, fresh.sheet), version=fresh.version)
        stored_at = find_record(fresh.report, table.code) or fresh.report
        edited_at = error.edited_at or stored_at.edited_at
        conflict = Conflict(error.edited_by or "Người khác", edited_at, cells)
        reading = replace(read_sheet(table, shown, fresh.sheet), problems={})
        return _page(fresh, shown, reading, conflict), 409
    if saved.error:
        notify(str(saved.error), "warn")
        return _page(opened, given, reading), 422
    remember_readings(opened.table.code, reading.notes)
    notify(f"Đã lưu biểu «{opened.table.short_title}».")
    if left:
        notify(f"{left} lý do chưa lưu: số đã đổi, hoặc đồng nghiệp vừa ghi lý do khác.", "warn")
    code = opened.table.code
    if request.form.get("do") == "next":
        code = _following(opened) or code
    return redirect(url_for(".sheet", slug=opened.opened.slug, code=code))


def _page(
    opened: OpenSheet, shown: SheetInput, reading: SheetReading, conflict: Conflict | None = None
) -> str:
    # what was typed but not saved has no findings yet: those of the stored figures would mislead,
    # unless somebody is answering them
    is_answering = any(name.startswith(ANSWER) and text for name, text in request.form.items())
    is_stored = reading.sheet == opened.sheet and not reading.problems
    findings = _findings(opened) if is_stored or is_answering else ()
    if opened.table.shape.is_open and not any(row.is_blank for row in shown.fields.values()):
        shown = shown.with_blank_row()
    previous, kept = find_previous_table(opened), find_paste(opened)
    remarks = Remarks(findings, take_readings(opened.table.code), reading.problems)
    view = build_sheet_view(
        opened.table, shown, reading.sheet, remarks, previous[1] if previous else None
    )
    progress = completeness(opened.report)
    codes = list(progress)
    following = _following(opened)
    record = find_record(opened.report, opened.table.code)
    saved = "Chưa lưu lần nào."
    if record and record.edited_by_name:
        at = cchc_datetime(record.edited_at)
        saved = f"Lưu lần cuối: {record.edited_by_name}, {at}."
    reasons = reasons_by_key(opened.report)
    return render_template(
        "cchc/office/sheet.html",
        view=view,
        period=opened.opened.period,
        place=(codes.index(opened.table.code) + 1, len(codes)),
        is_open=opened.table.shape.is_open,
        # what still asks something of the clerk: errors, warnings without a reason
        listed=[finding for finding in findings if finding.blocks(reasons)],
        gaps=list_gaps(view.rows),
        editions=list_forms(opened.table.code),
        following=progress[following].title if following else "",
        saved=saved,
        undo=kept and {"by": dict(kept.fields)["by"], "at": kept.created_at},
        reasons=reasons,
        problems=reading.problems,
        conflict=conflict,
        typed_answers={**request.form.to_dict(), **_other_sides(opened, findings)},
        previous_title=previous[0] if previous else "",
        is_unsaved=conflict is not None or not is_stored,
    )


def _other_sides(opened: OpenSheet, findings: Sequence[Finding]) -> dict[str, tuple[str, str]]:
    """Return words and address of the other table or period that a finding compares with."""
    earlier = find_previous(get_state().session, opened.report)
    before = parse_period(earlier.slug) if earlier else None
    sides = {}
    for one in findings:
        if one.other == EARLIER and before:
            words, slug = f"đính chính kỳ trước ({before.title})", before.slug
            sides[f"other.{one.key}"] = (words, url_for(".sheet", slug=slug, code=one.table))
        elif one.other and one.other != EARLIER:
            words = f"biểu «{get_form(one.other).short_title}»"
            address = url_for(".sheet", slug=opened.opened.slug, code=one.other)
            sides[f"other.{one.key}"] = (words, address)
    return sides


def _findings(opened: OpenSheet) -> tuple[Finding, ...]:
    found = find_findings(get_state().session, opened.report)
    return sort_findings([f for f in found if f.table == opened.table.code])


def _following(opened: OpenSheet) -> str:
    """Return the code of the next sheet; empty after the last."""
    codes = [*completeness(opened.report), ""]
    return codes[codes.index(opened.table.code) + 1]


@screen("/ky/<slug>/<code>/mau-bieu", "edition", methods=POST, back="sheet")
def change_edition(slug: str, code: str) -> ResponseReturnValue:
    """Save the sheet under another edition of its table: figures of common columns, its rows."""
    opened, state = open_sheet(slug, code), get_state()
    table = get_or_404(get_form, code, request.form.get("edition", ""))
    kept, old, blank = table.table.by_key.keys(), opened.sheet, blank_sheet(table)

    def fitted(row: Row) -> Row:
        cells = {key: value for key, value in row.cells.items() if key in kept}
        return replace(row, cells=cells, unread={k: t for k, t in row.unread.items() if k in kept})

    known = {row.key: row for row in old.rows}
    rows = {row.key: known.get(row.key, row) for row in blank.rows} | known
    sheet = replace(
        old,
        edition=table.edition,
        rows=tuple(map(fitted, rows.values())),
        total=fitted(old.total),
        groups=tuple(map(fitted, old.groups)) or blank.groups,
        details=tuple(map(fitted, old.details)),
    )
    version = read_version(request.form.get("version", ""))
    with saving_form() as saved:
        save_sheet(state.session, opened.report, sheet, version=version, actor=state.actor())
    tell(saved, f"Đã chuyển sang mẫu «{table.title}».")
    return redirect(url_for(".sheet", slug=slug, code=code))
