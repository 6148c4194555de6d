"""What a reading makes of a sheet: laid over what stands there, seen in its form, taken back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from cchc_public.office.reports.sheet_view import figure_text
from cchc_public.present.tables import Head, header_rows
from cchc_public.tables.language import Column, Form, Quantity, ValueKind
from cchc_public.tables.sheet import (
    NO_TOTAL,
    TOTAL_KEY,
    Row,
    Sheet,
    SolvedRow,
    SolvedTable,
    Value,
    solve,
)
from cchc_public.vietnamese.text import search_key

if TYPE_CHECKING:
    from cchc_public.reading.questions import Question, Reading, ReadRow


CLEAR = "clear"
Rows = tuple[Row, ...]


def merge(stored: Sheet, imported: Sheet) -> Sheet:
    """Return ``stored`` with the rows and cells of ``imported``; no stored row disappears."""
    rows = {row.key: row for row in stored.rows}
    by_label = {(row.section, search_key(row.label)): row.key for row in stored.rows}
    for row in imported.rows:
        key = row.key
        if key not in rows:
            key = by_label.get((row.section, search_key(row.label)), key)
        old = rows.get(key)
        if old is None:
            rows[key] = replace(row, key=key)
            continue
        cells: dict[str, Value] = {**old.cells, **row.given, **dict.fromkeys(row.unread)}
        unread = {key: text for key, text in old.unread.items() if cells.get(key) is None}
        rows[key] = replace(
            old,
            cells=cells,
            unread={**unread, **row.unread},
            sources={k: source for k, source in old.sources.items() if k not in row.given},
        )
    # the printed total: only that of a source which names every row with figures; the one of an
    # earlier source would contradict the new figures
    is_whole = all(rows[row.key] is not row or not row.given for row in stored.rows)
    return replace(
        stored,
        rows=tuple(rows.values()),
        data_from=imported.data_from or stored.data_from,
        data_to=imported.data_to or stored.data_to,
        total=imported.total if is_whole else NO_TOTAL,
        groups=imported.groups or stored.groups,
        details=imported.details or stored.details,
        unplaced=imported.unplaced,
    )


def left_alone(stored: Sheet, imported: Sheet) -> Rows:
    """Return the stored rows with figures that the source does not mention."""
    merged = {row.key: row for row in merge(stored, imported).rows}
    return tuple(row for row in stored.rows if merged[row.key] is row and row.given)


def take_back(before: Sheet, after: Sheet, now: Sheet) -> Sheet:
    """Return ``now`` without what led from ``before`` to ``after``; what was typed since stays."""

    def cut(old: Row, new: Row, here: Row) -> Row:
        cells, unread = dict(here.cells), dict(here.unread)
        for key in {*old.cells, *old.unread, *new.cells, *new.unread}:
            states = [(r.cells.get(key), r.unread.get(key, "")) for r in (old, new, here)]
            if states[1] == states[2]:
                cells[key], unread[key] = states[0]
        sources = {key: s for key, s in old.sources.items() if cells[key] == old.cells.get(key)}
        kept = {key: text for key, text in unread.items() if text}
        return replace(here, cells=cells, unread=kept, sources=sources)

    def rows_of(pick: Callable[[Sheet], Rows]) -> Rows:
        olds, news = ({row.key: row for row in pick(sheet)} for sheet in (before, after))
        here = {row.key: row for row in pick(now)}
        for key, new in news.items():
            if key in here and key in olds:
                here[key] = cut(olds[key], new, here[key])
            elif key in here and here[key].given == new.given:
                del here[key]  # it came with what is taken back
        gone = {key: row for key, row in olds.items() if key not in news and key not in here}
        return tuple({**here, **gone}.values())

    return replace(
        now,
        rows=rows_of(lambda sheet: sheet.rows),
        groups=rows_of(lambda sheet: sheet.groups),
        details=rows_of(lambda sheet: sheet.details),
        total=cut(before.total, after.total, now.total),
        data_from=before.data_from if now.data_from == after.data_from else now.data_from,
        data_to=before.data_to if now.data_to == after.data_to else now.data_to,
        unplaced=before.unplaced,
    )


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
    """A reading in the shape of its form; ``asked`` holds the questions of a column by its key."""

    head: Head
    columns: tuple[Column, ...]
    rows: tuple[PreviewRow, ...]
    asked: Mapping[str, tuple[Question, ...]]

    @property
    def checks(self) -> int:
        """How many printed sums agree."""
        return sum(cell.agrees for row in self.rows for cell in row.cells)

    def loose(self, reading: Reading) -> tuple[Question, ...]:
        """Return the questions that have no place in the form."""
        placed = {q.id for questions in self.asked.values() for q in questions}
        for row in self.rows:
            placed |= {q.id for q in row.questions}
            placed |= {q.id for cell in row.cells for q in cell.questions}
        return tuple(q for q in reading.questions if q.id not in placed)


def merged_sheet(stored: Sheet, reading: Reading, blanks: tuple[Blank, ...] = ()) -> Sheet:
    """Return what applying would store; ``blanks`` are emptied as the source has them."""
    if reading.sheet is None:
        return stored
    merged = merge(stored, reading.sheet)
    gone = {(blank.row, blank.key) for blank in blanks}
    rows = (
        replace(row, cells={k: v for k, v in row.cells.items() if (row.key, k) not in gone})
        for row in merged.rows
    )
    return replace(merged, rows=tuple(rows))


def list_blanks(form: Form, stored: Sheet, reading: Reading) -> tuple[Blank, ...]:
    """Return the figures of the sheet in places where the source shows an empty cell."""
    found = []
    imported = {row.key: row for row in reading.sheet.rows} if reading.sheet else {}
    named = {(row.section, search_key(row.label)): row for row in imported.values()}
    for row in stored.rows:
        new = imported.get(row.key) or named.get((row.section, search_key(row.label)))
        if new is None:
            continue
        for key in set(reading.columns) & set(form.by_key):
            now = row.cells.get(key)
            if now not in (None, "") and key not in new.given and key not in new.unread:
                words = form.column(key).label
                found.append(Blank(row.key, row.label, key, words, figure_text(now)))
    return tuple(found)


def build_preview(
    form: Form, stored: Sheet, merged: Sheet, reading: Reading, previous: SolvedTable | None
) -> PreviewTable:
    """Lay the merged sheet out in the shape of its form, with the columns that are asked about."""
    shown = form.showing(merged.given_keys & set(form.table.by_key))
    figures = tuple(column for column in shown.columns if column.kind is not ValueKind.TEXT)
    columns = _with_asked(figures, reading)
    asked: dict[str, tuple[Question, ...]] = {}
    for question in reading.questions:
        key = reading.places.get(question.column, f"#{question.column}")
        if any(column.key == key for column in columns):
            asked[key] = (*asked.get(key, ()), question)
    by_label = {row.label: row for row in reading.rows if row.kind != "left_out"}
    total = next((row for row in reading.rows if row.kind == "total"), None)
    rows = []
    for row in solve(form, merged).all_rows:
        source = total if row.key == TOTAL_KEY else by_label.get(row.label)
        line = source.line if source else -1
        questions = [question for question in reading.questions if question.row == line]
        sheets = (merged, stored)
        before = previous.row(row.key) if previous else None
        cells = []
        for column in columns:
            if column.key.startswith("#"):
                text = reading.asked[int(column.key[1:])].get(line, "")
                cells.append(PreviewCell(source=text, is_asked=True))
                continue
            cell = _cell(column, row, sheets, source, before)
            here = tuple(question for question in questions if question.key == column.key)
            cells.append(replace(cell, questions=here, is_asked=column.key in asked or bool(here)))
        kind = "total" if row.key == TOTAL_KEY else source.kind if source else "row"
        loose = tuple(q for q in questions if q.key not in {column.key for column in columns})
        rows.append(PreviewRow(row.label, kind, tuple(cells), loose))
    head = header_rows(columns) if columns else ()
    return PreviewTable(head, columns, tuple(rows), asked)


def _with_asked(columns: tuple[Column, ...], reading: Reading) -> tuple[Column, ...]:
    """Return the form's columns and, beside its neighbor in the source, each that is asked."""
    laid = list(columns)
    for number in reading.asked:
        left = [key for place, key in sorted(reading.places.items()) if place < number]
        beside = [at for at, column in enumerate(laid) if left and column.key == left[-1]]
        at = beside[0] + 1 if beside else 0
        quantity = Quantity(f"#{number}", f"#{number}", (), ValueKind.TEXT)
        parents = laid[at - 1].header[:-1] if at else ()
        laid.insert(at, Column(quantity, (*parents, f"Cột {number} của nguồn")))
    return tuple(laid)


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
    figure = figure_text(row.values.get(key) if given is None else given)
    said = source.source.get(key, "") if source and is_new else ""
    is_sum = column.formula is not None or row.key == TOTAL_KEY
    expected = row.expected.get(key)
    return PreviewCell(
        figure,
        is_new,
        agrees=is_new and is_sum and key not in row.unconfirmed and expected is None,
        is_computed=given is None and bool(figure),
        source=said if said != figure else "",
        now=figure_text(now) if now is not None and now != given else "",
        before=figure_text(before.values.get(key)) if before else "",
        expected=figure_text(expected),
    )
