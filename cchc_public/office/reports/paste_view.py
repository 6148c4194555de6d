"""What a reading would make of a sheet, in the shape of the form, before anything is saved."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from cchc_public.office.frame.merging import merge
from cchc_public.reading.questions import Question, Reading, ReadRow
from cchc_public.tables.language import Column, Form, HeaderCell, ValueKind, header_rows
from cchc_public.tables.sheet import TOTAL_KEY, Row, Sheet
from cchc_public.tables.solved import Rate, SolvedRow, SolvedTable, solve
from cchc_public.vietnamese.numbers import format_number

CLEAR = "clear"


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


@dataclass(frozen=True)
class PreviewRow:
    """One row of the form with the questions asked of it."""

    label: str
    kind: str
    cells: tuple[PreviewCell, ...]
    questions: tuple[Question, ...] = ()


@dataclass(frozen=True)
class Blank:
    """A cell in which the source says nothing and the sheet has a figure."""

    row: str
    row_label: str
    key: str
    label: str
    now: str


@dataclass(frozen=True)
class PreviewTable:
    """A reading in the shape of its form."""

    head: tuple[tuple[HeaderCell, ...], ...]
    columns: tuple[Column, ...]
    rows: tuple[PreviewRow, ...]
    checks: int  # printed sums that agree


def merged_sheet(stored: Sheet, reading: Reading, blanks: tuple[Blank, ...] = ()) -> Sheet:
    """Return what applying would store; ``blanks`` are emptied as the source has them."""
    if reading.sheet is None:
        return stored
    merged = merge(stored, reading.sheet)
    gone: dict[str, set[str]] = {}
    for blank in blanks:
        gone.setdefault(blank.row, set()).add(blank.key)
    rows = tuple(
        replace(row, cells={k: v for k, v in row.cells.items() if k not in gone.get(row.key, ())})
        for row in merged.rows
    )
    return replace(merged, rows=rows)


def list_blanks(form: Form, stored: Sheet, reading: Reading) -> tuple[Blank, ...]:
    """Return the figures of the sheet in places where the source shows an empty cell."""
    found = []
    bound = set(reading.columns)
    imported = {row.key: row for row in reading.sheet.rows} if reading.sheet else {}
    for row in stored.rows:
        new = imported.get(row.key)
        if new is None:
            continue
        for key in bound & set(form.by_key):
            now = row.cells.get(key)
            if now not in (None, "") and key not in new.given and key not in new.unread:
                words = form.column(key).label
                found.append(Blank(row.key, row.label, key, words, _written(now)))
    return tuple(found)


def build_preview(
    form: Form, stored: Sheet, merged: Sheet, reading: Reading, previous: SolvedTable | None
) -> PreviewTable:
    """Lay the merged sheet out in the shape of its form."""
    shown = form.showing(merged.given_keys & set(form.table.by_key))
    solved = solve(form, merged)
    columns = tuple(column for column in shown.columns if column.kind is not ValueKind.TEXT)
    by_label = {row.label: row for row in reading.rows if row.kind != "left_out"}
    rows = []
    for row in solved.all_rows:
        source = by_label.get(row.label)
        if row.key == TOTAL_KEY:
            source = next((r for r in reading.rows if r.kind == "total"), None)
        kind = "total" if row.key == TOTAL_KEY else source.kind if source else "row"
        cells = tuple(_cell(column, row, merged, stored, source, previous) for column in columns)
        line = source.line if source else -1
        asked = tuple(q for q in reading.questions if q.row == line)
        rows.append(PreviewRow(row.label, kind, cells, asked))
    checks = sum(cell.agrees for row in rows for cell in row.cells)
    head = header_rows(replace(shown, columns=columns)) if columns else ()
    return PreviewTable(head, columns, tuple(rows), checks)


def _cell(
    column: Column,
    row: SolvedRow,
    merged: Sheet,
    stored: Sheet,
    source: ReadRow | None,
    previous: SolvedTable | None,
) -> PreviewCell:
    key = column.key
    given = _of(merged, row.key).get(key)
    now = _of(stored, row.key).get(key)
    is_new = source is not None and key in source.cells and source.cells[key] == given
    computed = row.values.get(key)
    figure = _written(given) if given is not None else _written(computed)
    said = source.source.get(key, "") if source and is_new else ""
    before = previous.row(row.key) if previous else None
    is_sum = column.formula is not None or row.key == TOTAL_KEY
    expected = row.expected.get(key)
    return PreviewCell(
        figure,
        is_new,
        agrees=is_new and is_sum and key not in row.unconfirmed and expected is None,
        is_computed=given is None and bool(figure),
        source=said if said and said != figure else "",
        now=_written(now) if now is not None and now != given else "",
        before=_written(before.values.get(key)) if before else "",
        expected=_written(expected),
    )


def _of(sheet: Sheet, key: str) -> Mapping[str, object]:
    found = sheet.total if key == TOTAL_KEY else sheet.row(key)
    return found.cells if isinstance(found, Row) else {}


def _written(value: object) -> str:
    if isinstance(value, Rate):
        return f"{format_number(value.percent, 2)} %" if value.percent is not None else ""
    if isinstance(value, int | Decimal):
        return format_number(value)
    return str(value) if value else ""


def loose_questions(reading: Reading) -> Iterator[Question]:
    """Yield the questions that no row of the form shows."""
    lines = {row.line for row in reading.rows if row.kind != "left_out"}
    return (question for question in reading.questions if question.row not in lines)
