"""The screen of one sheet: what is said of every cell, saving what was typed, never losing it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from flask import redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from cchc_public.checks.rules import EARLIER, Finding, Severity
from cchc_public.errors import ImportRejected, StaleRevision
from cchc_public.office import frame
from cchc_public.office.frame import notify, saving_form
from cchc_public.office.reports import sheet_form
from cchc_public.office.reports.dashboard import OpenSheet, anchor_of, keep_sheet, open_sheet
from cchc_public.office.reports.pasting import find_paste
from cchc_public.office.reports.sheet_form import (
    TOTAL,
    RowInput,
    SheetInput,
    SheetReading,
    cell_text,
    figure_text,
    input_of,
    unit_of,
)
from cchc_public.office.reports.words import MAX_REASON
from cchc_public.present.tables import Head, header_rows
from cchc_public.releases.content import period_of
from cchc_public.reports import drafting, review
from cchc_public.state import get_state
from cchc_public.store.writing import Conflict, history
from cchc_public.tables.language import Column, Form, ValueKind
from cchc_public.tables.registry import blank_sheet, get_form, list_forms
from cchc_public.tables.sheet import TOTAL_LABEL, Row, SolvedTable, solve
from cchc_public.vietnamese.numbers import Ambiguous
from cchc_public.vietnamese.text import clean_text

screen = frame.Screens()
ANSWER = "answer."


@dataclass(frozen=True)
class CellView:
    """One cell of the screen: what is given, or in grey what follows from the rest.

    ``previous`` is the figure of the period before.
    """

    column: Column
    id: str
    label: str
    name: str = ""
    text: str = ""
    computed: str = ""
    previous: str = ""
    note: str = ""
    problem: str = ""
    readings: Sequence[tuple[str, str]] = ()  # text that says it plainly, how it was read
    findings: Sequence[Finding] = ()

    @property
    def is_long(self) -> bool:
        """True for words, which need room."""
        return self.column.kind is ValueKind.TEXT

    @property
    def described_by(self) -> str:
        """Ids of everything said about this cell, for aria-describedby."""
        said: dict[str, object] = {"p": self.problem, "k": self.readings, "n": self.note}
        said |= {f"f{number}": finding for number, finding in enumerate(self.findings)}
        said["b"] = self.previous and not self.is_long
        return " ".join(f"{self.id}-{mark}" for mark, words in said.items() if words)

    @property
    def is_remarked(self) -> bool:
        """True when something is said about this cell."""
        return bool(self.findings or self.note or self.problem or self.readings)

    @property
    def severity(self) -> str:
        """The worst thing said about this cell, '' when nothing is."""
        if self.problem:
            return Severity.ERROR.value
        return min((f.severity for f in self.findings), key=lambda one: one.rank, default="")


@dataclass(frozen=True)
class RowView:
    """One row of the screen; ``prefix`` starts the names of its fields, its letter is the level."""

    prefix: str
    key: str
    label: str
    cells: tuple[CellView, ...]
    section: str = ""
    section_label: str = ""
    problem: str = ""
    section_problem: str = ""
    findings: Sequence[Finding] = ()

    @property
    def level(self) -> str:
        """``r`` row, ``g`` group, ``d`` detail, ``t`` total."""
        return self.prefix[0]

    @property
    def is_remarked(self) -> bool:
        """True when something is said about the row or one of its cells."""
        said = (self.findings, self.problem, self.section_problem)
        return any(said) or any(cell.is_remarked for cell in self.cells)

    @property
    def severity(self) -> str:
        """The worst thing said about the row or its cells."""
        found = {cell.severity for cell in self.cells} | {f.severity.value for f in self.findings}
        order = ("error", "warning", "info")
        return "error" if self.problem else next((word for word in order if word in found), "")


@dataclass(frozen=True)
class SheetView:
    """A sheet's screen: the texts ``shown``, what they were read as, what is said of them."""

    table: Form
    shown: SheetInput
    reading: SheetReading
    findings: Sequence[Finding] = ()
    previous: SolvedTable | None = None

    @cached_property
    def head(self) -> Head:
        """The merged header."""
        return header_rows(self.table.columns)

    @cached_property
    def help(self) -> dict[str, str]:
        """What to know of each column, from the form's data."""
        return {column.key: describe_column(self.table, column) for column in self.table.columns}

    @cached_property
    def _views(self) -> dict[str, RowView]:
        solved = solve(self.table, self.reading.sheet)
        return {prefix: self._row(prefix, row, solved) for prefix, row in self.shown.fields.items()}

    @property
    def rows(self) -> list[RowView]:
        """Groups before their rows, details after theirs; blank new rows last."""
        views = self._views.values()
        groups = {row.key: row for row in views if row.level == "g"}
        listed: list[RowView] = []
        for row in (row for row in views if row.level == "r"):
            group = groups.pop(row.section, None)
            listed += [group, row] if group else [row]
            listed += [d for d in views if d.level == "d" and d.section == row.key]
        return [*listed, *groups.values()]

    @property
    def total(self) -> RowView | None:
        """The grand total, where the form has one."""
        return self._views.get(TOTAL) if self.table.shape.has_total else None

    def _row(self, prefix: str, row: RowInput, solved: SolvedTable) -> RowView:
        if prefix == TOTAL:
            row = replace(row, label=TOTAL_LABEL)
        here = solved.row(row.key) if row.key else None
        before = self.previous.row(row.key) if row.key and self.previous else None
        problems, cells = self.reading.problems, []
        for column in self.table.columns:
            key, name = column.key, f"{prefix}.c.{column.key}"
            text = row.cells.get(key, "")
            cell = CellView(
                column=column,
                id=f"{prefix}-{key}",
                label=f"{row.label or ''}: {column.label}",
                name=name,
                text=text,
                computed=figure_text(here.values.get(key)) if here and not text else "",
                previous=figure_text(before.values.get(key)) if before else "",
                note=self.reading.notes.get((row.key, key), ""),
                problem=problems.get(name, ""),
                readings=list_readings(column, row),
                findings=self._said_of(row.key, key),
            )
            cells.append(cell)
        return RowView(
            prefix=prefix,
            key=row.key,
            label=row.label if row.label is not None else (here.label if here else ""),
            cells=tuple(cells),
            section=row.section,
            section_label=row.section_label,
            problem=problems.get(f"{prefix}.label", ""),
            section_problem=problems.get(f"{prefix}.section", ""),
            findings=self._said_of(row.key, ""),
        )

    def _said_of(self, row: str, column: str) -> tuple[Finding, ...]:
        """Return the findings about one place of a stored row."""
        return tuple(f for f in self.findings if row and (f.row, f.column) == (row, column))

    @property
    def gaps(self) -> list[CellView]:
        """The empty cells of totals that are partly typed.

        A row of which nothing was typed yet is work to do, not a slip; figures carried over from
        the period before are not typed either.
        """
        gaps: dict[str, CellView] = {}
        for row in (row for row in self.rows if row.key):
            cells = {cell.column.key: cell for cell in row.cells}
            for formula in (cell.column.formula for cell in row.cells):
                parts = formula.parts if formula and not formula.over else ()
                typed = [cells[key] for key in parts if key in cells]
                if any(cell.text and not cell.column.quantity.carried_from for cell in typed):
                    gaps |= {cell.id: cell for cell in typed if not cell.text and not cell.computed}
        return [*gaps.values()]

    @property
    def identities(self) -> dict[str, Any]:
        """The table's identities as data: the script walks these, it knows no rule of its own."""
        table = self.table.table
        return {
            "sums": [[one.whole, one.parts] for one in table.sums],
            "ratios": [[one.rate, one.numerator, one.denominator] for one in table.ratios],
            "adds": [key for key, quantity in table.by_key.items() if quantity.adds_up],
            "standIn": {key: q.stand_in for key, q in table.by_key.items() if q.stand_in},
            "hasTotal": self.table.shape.has_total,
        }

    def target(self, finding: Finding) -> str:
        """Return the id of what a finding is about."""
        prefixes = {row.key: prefix for prefix, row in self.shown.fields.items() if row.key}
        return anchor_of(finding, prefixes, self.table)


def list_readings(column: Column, row: RowInput) -> list[tuple[str, str]]:
    """Return what a doubtful text of a cell can mean: as text without doubt, and in words."""
    text, is_count = row.cells.get(column.key), column.kind is ValueKind.COUNT
    if not text or column.kind is ValueKind.TEXT:
        return []
    read, _unit = column.quantity.read(text, unit_of(column, row.cells))
    found = read.readings if isinstance(read, Ambiguous) else ()
    fits = [one for one in found if isinstance(one.value, int) or not is_count]
    return [(cell_text(column, fit.value), fit.note) for fit in fits]


def describe_column(form: Form, column: Column) -> str:
    """Return what the form's data tell of a column: what it is, what it adds up, how to type it."""
    quantity, formula = column.quantity, column.formula
    leaves = Counter(one.header[-1] for one in form.columns)
    names = {key: q.words[-1] for key, q in form.table.by_key.items()} | {
        one.key: f"{one.header[-1] if leaves[one.header[-1]] == 1 else one.label} {one.number}"
        for one in form.columns
    }

    def listed(keys: Iterable[str]) -> str:
        return " + ".join(f"«{names[key].strip()}»" for key in keys)

    wholes = [one.whole for one in form.table.sums if column.key in one.parts]
    said = [note] if (note := column.note or quantity.note) else []
    if formula and not said:
        rest = "".join(f" − {listed([key])}" for key in formula.minus)
        over = f" trên {listed(formula.over)}" if formula.over else ""
        said.append(listed(formula.plus) + rest + over)
    elif not formula and (known := [key for key in wholes if key in form.by_key]):
        said.append(f"Một phần của {listed(known[:1])}")
    if quantity.carried_from:
        said.append("Điền sẵn số còn lại của kỳ trước")
    elif quantity.is_carried:
        said.append("Chép sẵn từ kỳ trước, sửa được")
    kinds = {ValueKind.COUNT: "Gõ số nguyên", ValueKind.TEXT: "Ghi bằng lời"}
    return ". ".join(said) or kinds.get(quantity.kind, "Gõ số, phần lẻ sau dấu phẩy")


READINGS = "cchc_readings"  # in the session: how figures were read, told on the next page


@screen("/ky/<slug>/<code>", "sheet", methods=frame.BOTH)
def edit_sheet(slug: str, code: str) -> ResponseReturnValue:
    """Show a sheet; save it, or offer one more row, when posted."""
    opened = open_sheet(slug, code)
    table, sheet = opened.table, opened.sheet
    if request.method != "POST":
        if (kept := frame.kept_input()) is None:
            read_for, notes = session.pop(READINGS, None) or ("", [])
            told = {(row, column): text for row, column, text in notes} if read_for == code else {}
            return _page(opened, input_of(table, sheet, opened.version), SheetReading(sheet, told))
        given = sheet_form.read_form(table, kept)
        return _page(opened, given, sheet_form.read_sheet(table, given, sheet))
    try:
        given = sheet_form.read_form(table, request.form)
    except ImportRejected as error:
        return frame.leave("sheet", error, slug=slug, code=code)
    given, kept_reasons, problems = read_answers(opened, given)
    reading = sheet_form.read_sheet(table, given, sheet)
    deed = request.form.get("do")
    if deed == "restore":  # the browser kept rows that are not stored
        return _page(opened, given, reading)
    if deed == "add":
        reading.problems.clear()  # nothing is saved yet
        return _page(opened, given.with_blank_row(), reading)
    reading.problems |= problems
    if reading.problems:
        return _page(opened, given, reading), 422
    return _save(opened, given, reading, kept_reasons)


Kept = dict[str, tuple[str, str]]  # reason now and before, by the finding it answers


def read_answers(opened: OpenSheet, given: SheetInput) -> tuple[SheetInput, Kept, dict[str, str]]:
    """Read what was said to contradictions: the input with figures mended, reasons, problems.

    Mending writes what the other figures give into the cell that was called mistaken. One that was
    typed into since is left as typed: that is the newer answer.
    """
    stored = {row.key: row.cells for row in input_of(opened.table, opened.sheet, 0).fields.values()}
    fields, kept, problems, form = dict(given.fields), Kept(), dict[str, str](), request.form
    for finding in (one for one in _findings(opened) if one.takes_reason):
        name, column = f"{ANSWER}{finding.key}", finding.column
        if form.get(name) == "fix":
            for prefix, row in fields.items():
                old = stored.get(row.key, {})
                if row.key == finding.row and row.cells.get(column) == old.get(column):
                    fields[prefix] = replace(row, cells={**row.cells, column: finding.expected})
        elif form.get(name) == "keep":
            now, before = (clean_text(form.get(f"{name}.{part}", "")) for part in ("why", "was"))
            if review.is_thin(now):
                problems[f"{name}.why"] = f"Lý do {review.ENOUGH}."
            elif len(now) > MAX_REASON:
                problems[f"{name}.why"] = f"Lý do dài quá {MAX_REASON} chữ."
            if now != before:
                kept[finding.key] = (now, before)
    return replace(given, fields=fields), kept, problems


def _save(
    opened: OpenSheet, given: SheetInput, reading: SheetReading, kept: Kept
) -> ResponseReturnValue:
    state, report, table = get_state(), opened.report, opened.table
    left = 0
    with saving_form() as saved:
        keep_sheet(report, reading.sheet, given.version)
        # reasons are kept of what stands as it was answered
        standing = {f.key for f in review.find_findings(state.session, report)} if kept else ()
        stored = review.reasons_by_key(report)
        for key, (now, before) in kept.items():
            if key not in standing or (key in stored and stored[key].text != before):
                left += 1
            else:
                review.give_reason(state.session, report, key, now, state.actor())
    if isinstance(saved.error, StaleRevision):
        # both values of every cell that a colleague changed; a second save is knowing
        fresh, lines = open_sheet(report.slug, table.code), f"{report.slug}/{table.code}"
        started = sheet_form.changed_since(history(state.session, lines), given.version)
        cells = tuple(sheet_form.find_conflicts(table, given, fresh.sheet, started))
        shown = replace(sheet_form.add_their_rows(table, given, fresh.sheet), version=fresh.version)
        stored_at = drafting.find_record(fresh.report, table.code) or fresh.report
        edited_at = saved.error.edited_at or stored_at.edited_at
        conflict = Conflict(saved.error.edited_by or "Người khác", edited_at, cells)
        reading = replace(sheet_form.read_sheet(table, shown, fresh.sheet), problems={})
        return _page(fresh, shown, reading, conflict), 409
    if saved.error:
        notify(saved.error)
        return _page(opened, given, reading), 422
    notes = [(*place, note) for place, note in reading.notes.items()]
    session[READINGS] = [table.code, frame.fitting(notes, lambda note: sum(map(len, note)))]
    notify(f"Đã lưu biểu «{table.short_title}».")
    if left:
        notify(f"{left} lý do chưa lưu: số đã đổi, hoặc đồng nghiệp vừa ghi lý do khác.", "warn")
    following = _following(opened) if request.form.get("do") == "next" else ""
    return redirect(url_for(".sheet", slug=report.slug, code=following or table.code))


def _page(
    opened: OpenSheet, shown: SheetInput, reading: SheetReading, conflict: Conflict | None = None
) -> str:
    table, report = opened.table, opened.report
    # what was typed but not saved has no findings yet: those of the stored figures would mislead,
    # unless somebody is answering them
    is_answering = any(name.startswith(ANSWER) and text for name, text in request.form.items())
    is_stored = reading.sheet == opened.sheet and not reading.problems
    findings = _findings(opened) if is_stored or is_answering else ()
    if table.shape.is_open and not any(row.is_blank for row in shown.fields.values()):
        shown = shown.with_blank_row()
    previous, progress = opened.find_previous(), review.completeness(report)
    codes, following = list(progress), _following(opened)
    # words and address of the other table or period that a finding compares with
    earlier, sides = drafting.find_previous(get_state().session, report), {}
    for one in findings:
        words, slug, code = "", report.slug, one.other
        if one.other == EARLIER and earlier:
            slug, code = earlier.slug, one.table
            words = f"đính chính kỳ trước ({period_of(earlier).title})"
        elif one.other and one.other != EARLIER:
            words = f"biểu «{get_form(code).short_title}»"
        if words:
            sides[f"other.{one.key}"] = (words, url_for(".sheet", slug=slug, code=code))
    reasons = review.reasons_by_key(report)
    return render_template(
        "cchc/office/sheet.html",
        view=SheetView(table, shown, reading, findings, previous[1] if previous else None),
        period=period_of(report),
        place=(codes.index(table.code) + 1, len(codes)),
        # what still asks something of the clerk: errors, warnings without a reason
        listed=[finding for finding in findings if finding.blocks(reasons)],
        editions=list_forms(table.code),
        following=progress[following].title if following else "",
        record=drafting.find_record(report, table.code),
        undo=find_paste(opened),
        reasons=reasons,
        conflict=conflict,
        typed_answers={**request.form.to_dict(), **sides},
        previous_title=previous[0] if previous else "",
        is_unsaved=conflict is not None or not is_stored,
    )


def _findings(opened: OpenSheet) -> list[Finding]:
    """Return what was found in this sheet, errors first."""
    found = review.find_findings(get_state().session, opened.report)
    return [finding for finding in found if finding.table == opened.table.code]


def _following(opened: OpenSheet) -> str:
    """Return the code of the next sheet; empty after the last."""
    codes = [*review.completeness(opened.report), ""]
    return codes[codes.index(opened.table.code) + 1]


@screen("/ky/<slug>/<code>/mau-bieu", "edition", methods=frame.POST, back="sheet")
def change_edition(slug: str, code: str) -> ResponseReturnValue:
    """Save the sheet under another edition of its table: figures of common columns, its rows."""
    opened = open_sheet(slug, code)
    table = frame.get_or_404(get_form, code, request.form.get("edition", ""))
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
    with saving_form() as saved:
        keep_sheet(opened.report, sheet, frame.read_number(request.form.get("version")))
    said = saved.error or f"Đã chuyển sang mẫu «{table.title}»."
    return frame.leave("sheet", said, slug=slug, code=code)
