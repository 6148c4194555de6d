"""The screen of one sheet: shows it with its findings, saves what was typed, never loses it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from cchc_public.checks.finding import EARLIER, Finding
from cchc_public.errors import ImportRejected, NotFound, StaleRevision
from cchc_public.i18n import _
from cchc_public.office.frame.access import requires
from cchc_public.office.frame.guard import kept_input, saving_form
from cchc_public.office.frame.notices import notify, remember_readings, take_readings
from cchc_public.office.reports.conflicts import (
    add_their_rows,
    changed_since,
    find_conflicts,
)
from cchc_public.office.reports.dashboard import sort_findings
from cchc_public.office.reports.loading import OpenSheet, open_sheet
from cchc_public.office.reports.pasting import UNDO
from cchc_public.office.reports.reasons import MAX_REASON
from cchc_public.office.reports.sheet_form import (
    RowInput,
    SheetInput,
    can_add_rows,
    input_of,
    read_form,
    read_version,
)
from cchc_public.office.reports.sheet_reading import FieldProblem, SheetReading, read_sheet
from cchc_public.office.reports.sheet_view import Remarks, build_sheet_view, by_place, list_gaps
from cchc_public.reports.drafting import find_previous
from cchc_public.reports.review import (
    completeness,
    find_findings,
    give_reason,
    reasons_by_key,
)
from cchc_public.reports.sheets import find_record, get_sheet, save_sheet
from cchc_public.state import get_state
from cchc_public.store.audit import history
from cchc_public.store.changes import Conflict
from cchc_public.tables.language import Form
from cchc_public.tables.registry import get_form, list_forms
from cchc_public.tables.rows import blank_sheet
from cchc_public.tables.sheet import TOTAL_KEY, Row, Sheet
from cchc_public.tables.solved import SolvedTable, solve
from cchc_public.vietnamese.cleaning import clean_text
from cchc_public.vietnamese.periods import parse_period
from cchc_public.web.jinja import cchc_datetime

LEAST_REASON = 15  # letters: it is published beside the figure
ANSWER = "answer."


@dataclass(frozen=True)
class Screen:
    """What a screen of a sheet shows: typed texts over the figures they were read as."""

    opened: OpenSheet
    shown: SheetInput
    reading: SheetReading
    problems: Sequence[FieldProblem] = ()
    conflict: Conflict | None = None

    @property
    def is_stored(self) -> bool:
        """True when what is shown is what is stored: only then its findings are known."""
        return self.reading.sheet == self.opened.sheet and not self.problems


@dataclass(frozen=True)
class Answer:
    """What was said to a contradiction at its place: mend the cell, or keep it and say why."""

    finding: Finding
    choice: str  # fix, keep
    reason: str
    started: str  # the reason as it was when the screen was opened

    @property
    def problem(self) -> str:
        """What is wrong with it, empty when nothing is."""
        if self.choice == "keep" and len(self.reason) < LEAST_REASON:
            return f"Lý do cần ít nhất {LEAST_REASON} chữ: nó được công bố cạnh số."
        return "" if len(self.reason) <= MAX_REASON else f"Lý do dài quá {MAX_REASON} chữ."


def register_sheet_routes(blueprint: Blueprint) -> None:
    """Add the screen of a sheet and the change of its edition."""
    blueprint.add_url_rule("/ky/<slug>/<code>", "sheet", edit_sheet, methods=["GET", "POST"])
    rule = "/ky/<slug>/<code>/mau-bieu"
    blueprint.add_url_rule(rule, "edition", change_edition, methods=["POST"])
    blueprint.add_url_rule(rule, "edition_back", lead_to_editions)


@requires("enter")
def edit_sheet(slug: str, code: str) -> ResponseReturnValue:
    """Show a sheet; save it, or offer one more row, when posted."""
    opened = open_sheet(slug, code)
    if request.method == "GET":
        kept = kept_input()
        if kept is None:
            shown = input_of(opened.table, opened.sheet, opened.version)
            return _page(Screen(opened, shown, SheetReading(opened.sheet)))
        given = read_form(opened.table, kept)
        return _page(Screen(opened, given, read_sheet(opened.table, given, opened.sheet)))
    try:
        given = read_form(opened.table, request.form)
    except ImportRejected as error:
        notify(str(error), "warn")
        return redirect(url_for(".sheet", slug=slug, code=code))
    answers = read_answers(_findings(opened), request.form)
    given = mend(opened, given, answers)
    reading = read_sheet(opened.table, given, opened.sheet)
    deed = request.form.get("do")
    if deed == "restore":  # the browser kept rows that are not stored
        return _page(Screen(opened, given, reading, reading.problems))
    if deed == "add":
        return _page(Screen(opened, given.with_blank_rows(1), reading))
    reading.problems += [
        FieldProblem(f"{ANSWER}{one.finding.key}.why", one.problem)
        for one in answers
        if one.problem
    ]
    if reading.problems:
        return _page(Screen(opened, given, reading, reading.problems)), 422
    return _save(opened, given, reading, answers)


def read_answers(findings: Iterable[Finding], form: Mapping[str, str]) -> tuple[Answer, ...]:
    """Return what was answered to each finding that takes an answer."""
    return tuple(
        Answer(
            finding,
            choice,
            clean_text(form.get(f"{name}.why", "")).strip(),
            clean_text(form.get(f"{name}.was", "")).strip(),
        )
        for finding in findings
        if finding.takes_reason
        and (choice := form.get(name := f"{ANSWER}{finding.key}", "")) in ("fix", "keep")
    )


def mend(opened: OpenSheet, given: SheetInput, answers: Iterable[Answer]) -> SheetInput:
    """Write what the other figures give into the cells that were called mistaken.

    A cell that was typed into since is left as typed: that is the newer answer.
    """
    stored = input_of(opened.table, opened.sheet, 0)
    fixes = {
        (one.finding.row, one.finding.column): one.finding.expected
        for one in answers
        if one.choice == "fix"
    }

    def mended(row: RowInput, old: RowInput | None) -> RowInput:
        key = TOTAL_KEY if row is given.total else row.key
        cells = {
            column: text
            for (place, column), text in fixes.items()
            if place == key and old and row.cells.get(column) == old.cells.get(column)
        }
        return replace(row, cells={**row.cells, **cells})

    def all_mended(rows: Sequence[RowInput], olds: Sequence[RowInput]) -> tuple[RowInput, ...]:
        known = {old.key: old for old in olds}
        return tuple(mended(row, known.get(row.key)) for row in rows)

    return replace(
        given,
        rows=all_mended(given.rows, stored.rows),
        groups=all_mended(given.groups, stored.groups),
        details=all_mended(given.details, stored.details),
        total=mended(given.total, stored.total),
    )


def _save(
    opened: OpenSheet, given: SheetInput, reading: SheetReading, answers: Sequence[Answer]
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
        left = keep_reasons(opened, answers)
    if isinstance(saved.error, StaleRevision):
        return _conflict(opened, given, saved.error), 409
    if saved.error:
        notify(str(saved.error), "warn")
        return _page(Screen(opened, given, reading)), 422
    remember_readings(opened.table.code, [(n.row, n.column, n.text) for n in reading.notes])
    notify(f"Đã lưu biểu «{opened.table.short_title}».")
    if left:
        notify(f"{left} lý do chưa lưu: số đã đổi, hoặc đồng nghiệp vừa ghi lý do khác.", "warn")
    code = opened.table.code
    if request.form.get("do") == "next":
        code = _following(opened)[0] or code
    return redirect(url_for(".sheet", slug=opened.opened.slug, code=code))


def keep_reasons(opened: OpenSheet, answers: Iterable[Answer]) -> int:
    """Keep the reasons of what stands as it was answered; return how many do not any more."""
    state, left = get_state(), 0
    kept = [one for one in answers if one.choice == "keep" and one.reason != one.started]
    if not kept:
        return 0
    standing = {finding.key for finding in find_findings(state.session, opened.report)}
    stored = reasons_by_key(opened.report)
    for one in kept:
        key = one.finding.key
        if key not in standing or (key in stored and stored[key].text != one.started):
            left += 1
        else:
            give_reason(state.session, opened.report, key, one.reason, state.actor())
    return left


def _conflict(opened: OpenSheet, given: SheetInput, error: StaleRevision) -> str:
    """Show both values of every cell a colleague changed; a second save is knowing."""
    table = opened.table
    fresh = open_sheet(opened.opened.slug, table.code)
    subject = f"{opened.opened.slug}/{table.code}"
    started = changed_since(history(get_state().session, subject), given.version)
    cells = find_conflicts(table, given, fresh.sheet, started)
    merged = add_their_rows(table, given, fresh.sheet)
    shown = replace(merged, version=fresh.version)
    record = find_record(fresh.report, table.code)
    edited_at = error.edited_at or (record.edited_at if record else fresh.report.edited_at)
    conflict = Conflict(error.edited_by or _("Người khác"), edited_at, cells)
    reading = read_sheet(table, shown, fresh.sheet)
    return _page(Screen(fresh, shown, reading, conflict=conflict))


def _page(screen: Screen) -> str:
    opened, shown = screen.opened, screen.shown
    # what was typed but not saved has no findings yet: those of the stored figures would mislead,
    # unless somebody is answering them
    is_answering = any(name.startswith(ANSWER) and text for name, text in request.form.items())
    findings = _findings(opened) if screen.is_stored or is_answering else ()
    if can_add_rows(opened.table) and not any(row.is_blank for row in shown.rows):
        shown = shown.with_blank_rows(1)
    previous = find_previous_sheet(opened)
    problems = {problem.name: problem.message for problem in screen.problems}
    remarks = Remarks(by_place(findings), take_readings(opened.table.code), problems)
    view = build_sheet_view(
        opened.table, shown, screen.reading.sheet, remarks, previous[1] if previous else None
    )
    codes = list(completeness(opened.report))
    return render_template(
        "cchc/office/sheet.html",
        view=view,
        period=opened.opened.period,
        place=(codes.index(opened.table.code) + 1, len(codes)),
        is_open=can_add_rows(opened.table),
        listed=_waiting(opened, findings),
        gaps=list_gaps(view.rows),
        editions=list_forms(opened.table.code),
        following=_following(opened)[1],
        saved=_saved_words(opened),
        undo=request.args.get(UNDO, ""),
        reasons=reasons_by_key(opened.report),
        problems=screen.problems,
        conflict=screen.conflict,
        typed_answers={**request.form.to_dict(), **_other_sides(opened, findings)},
        previous_title=previous[0] if previous else "",
        is_unsaved=screen.conflict is not None or not screen.is_stored,
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


def find_previous_sheet(opened: OpenSheet) -> tuple[str, SolvedTable] | None:
    """Return title and figures of this table in the period that this one follows on from."""
    report = find_previous(get_state().session, opened.report)
    period = parse_period(report.slug) if report else None
    if report is None or period is None:
        return None
    try:
        sheet = get_sheet(report, opened.table.code)
        return period.title, solve(get_form(sheet.table_code, sheet.edition), sheet)
    except NotFound:
        return None


def _waiting(opened: OpenSheet, findings: Sequence[Finding]) -> list[Finding]:
    """Return what still asks something of the clerk: errors, warnings without a reason."""
    reasons = reasons_by_key(opened.report)
    return [f for f in findings if f.blocks(reasons)]


def _findings(opened: OpenSheet) -> tuple[Finding, ...]:
    found = find_findings(get_state().session, opened.report)
    return sort_findings([f for f in found if f.table == opened.table.code])


def _following(opened: OpenSheet) -> tuple[str, str]:
    """Return code and title of the next sheet; empty after the last."""
    codes = list(progress := completeness(opened.report))
    place = codes.index(opened.table.code) + 1
    return (codes[place], progress[codes[place]].title) if place < len(codes) else ("", "")


def _saved_words(opened: OpenSheet) -> str:
    record = find_record(opened.report, opened.table.code)
    if record is None or not record.edited_by_name:
        return _("Chưa lưu lần nào.")
    return _(
        "Lưu lần cuối: %(name)s, %(time)s.",
        name=record.edited_by_name,
        time=cchc_datetime(record.edited_at),
    )


@requires("enter")
def lead_to_editions(slug: str, code: str) -> ResponseReturnValue:
    """Lead to the sheet whoever comes back here after signing in."""
    return redirect(url_for(".sheet", slug=slug, code=code, _anchor="mau-bieu"))


@requires("enter")
def change_edition(slug: str, code: str) -> ResponseReturnValue:
    """Save the sheet under another edition of its table."""
    opened, state = open_sheet(slug, code), get_state()
    try:
        table = get_form(code, request.form.get("edition", ""))
    except NotFound as error:
        abort(404, description=str(error))
    version = read_version(request.form.get("version", ""))
    with saving_form() as saved:
        sheet = to_edition(opened.sheet, table)
        save_sheet(state.session, opened.report, sheet, version=version, actor=state.actor())
    if saved.error:
        notify(str(saved.error), "warn")
    else:
        notify(_("Đã chuyển sang mẫu «%(edition)s».", edition=table.title))
    return redirect(url_for(".sheet", slug=slug, code=code))


def to_edition(sheet: Sheet, table: Form) -> Sheet:
    """Return ``sheet`` as a sheet of ``table``: figures of common columns, the new fixed rows."""
    kept = set(table.table.by_key)
    old = {row.key: row for row in sheet.rows}
    blank = blank_sheet(table)
    rows = [_fitted(old.pop(row.key, row), kept) for row in blank.rows]
    rows += [_fitted(row, kept) for row in old.values()]
    return replace(
        sheet,
        edition=table.edition,
        rows=tuple(rows),
        total=_fitted(sheet.total, kept),
        groups=tuple(_fitted(row, kept) for row in sheet.groups) or blank.groups,
        details=tuple(_fitted(row, kept) for row in sheet.details),
    )


def _fitted(row: Row, kept: set[str]) -> Row:
    return replace(
        row,
        cells={key: value for key, value in row.cells.items() if key in kept},
        unread={key: text for key, text in row.unread.items() if key in kept},
    )
