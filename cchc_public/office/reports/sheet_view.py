"""Arranges a sheet for its screen: inputs, computed cells, findings beside their cell."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from cchc_public.checks.finding import Finding, Severity
from cchc_public.office.reports.sheet_form import RowInput, SheetInput, cell_text
from cchc_public.office.reports.sheet_reading import FieldProblem, read_number, solve_typed
from cchc_public.present.tables import HeadCell, build_head, differing
from cchc_public.tables.language import Column, Form, ValueKind
from cchc_public.tables.sheet import TOTAL_KEY, TOTAL_LABEL, Sheet
from cchc_public.tables.solved import Rate, SolvedRow, SolvedValue, solve
from cchc_public.vietnamese.numbers import Ambiguous, Number

Place = tuple[str, str]  # row key, column key


@dataclass(frozen=True)
class CellView:
    """One cell of the screen: an input when ``name`` is set, otherwise a computed figure."""

    column: Column
    id: str
    label: str
    name: str = ""
    text: str = ""
    value: SolvedValue = None
    stated: Number | None = None
    note: str = ""
    problem: str = ""
    readings: tuple[tuple[str, str], ...] = ()  # text that says it plainly, how it was read
    findings: tuple[Finding, ...] = ()

    @property
    def is_long(self) -> bool:
        """True for words, which need room."""
        return self.column.kind is ValueKind.TEXT

    @property
    def described_by(self) -> str:
        """Ids of everything said about this cell, for aria-describedby."""
        ids = [f"{self.id}-p"] if self.problem else []
        ids += [f"{self.id}-k"] if self.readings else []
        ids += [f"{self.id}-f{n}" for n, _finding in enumerate(self.findings)]
        ids += [f"{self.id}-n"] if self.note else []
        return " ".join(ids)

    @property
    def is_remarked(self) -> bool:
        """True when something is said about this cell."""
        said = self.findings or self.note or self.problem or self.readings
        return bool(said) or self.is_contradicted

    @property
    def severity(self) -> str:
        """The worst thing said about this cell, '' when nothing is."""
        if self.problem:
            return Severity.ERROR.value
        return min((f.severity for f in self.findings), key=lambda one: one.rank, default="")

    @property
    def is_contradicted(self) -> bool:
        """True when the source printed another figure than the one computed here."""
        value = self.value.percent if isinstance(self.value, Rate) else self.value
        return self.stated is not None and value is not None

    @property
    def formula(self) -> dict[str, str]:
        """The formula as data attributes, so that totals follow while typing."""
        formula = self.column.formula
        if formula is None:
            return {}
        parts = {"plus": formula.plus, "minus": formula.minus, "over": formula.over}
        return {name: " ".join(keys) for name, keys in parts.items() if keys}


@dataclass(frozen=True)
class RowView:
    """One row of the screen; ``prefix`` starts the names of its fields."""

    prefix: str
    key: str
    label: str
    cells: tuple[CellView, ...]
    section: str = ""
    section_label: str = ""
    problem: str = ""
    section_problem: str = ""
    findings: tuple[Finding, ...] = ()

    @property
    def remarks(self) -> tuple[CellView, ...]:
        """The cells about which something is said."""
        return tuple(cell for cell in self.cells if cell.is_remarked)

    @property
    def is_remarked(self) -> bool:
        """True when something is said about the row or one of its cells."""
        return bool(self.findings or self.problem or self.section_problem or self.remarks)

    def is_open(self, reasons: Container[str]) -> bool:
        """True when the card of this row must stand open: new, or something waits for staff."""
        found = [*self.findings, *(f for cell in self.cells for f in cell.findings)]
        waiting = any(f.blocks(reasons) for f in found)
        said = any(cell.problem or cell.readings or cell.note for cell in self.cells)
        return not self.key or bool(self.problem or self.section_problem) or waiting or said

    @property
    def severity(self) -> str:
        """The worst thing said about the row or its cells."""
        found = {cell.severity for cell in self.cells} | {f.severity.value for f in self.findings}
        order = ("error", "warning", "info")
        return "error" if self.problem else next((word for word in order if word in found), "")


@dataclass(frozen=True)
class SheetView:
    """A whole sheet's screen."""

    table: Form
    layout: str  # grid, form, cards
    head: tuple[tuple[HeadCell, ...], ...]
    rows: tuple[RowView, ...]
    total: RowView | None
    data_from: str
    data_to: str
    version: int
    findings: tuple[Finding, ...] = ()  # about the table as a whole, its window
    problems: Mapping[str, str] = field(default_factory=dict)  # of fields outside rows

    @property
    def sections(self) -> tuple[tuple[str, str, tuple[RowView, ...]], ...]:
        """The rows by section: code, heading, rows."""
        labels = {row.section: row.section_label for row in self.rows}
        return tuple(
            (code, label, tuple(row for row in self.rows if row.section == code))
            for code, label in labels.items()
        )

    @property
    def differing_count(self) -> int:
        """How many printed figures of a source differ from what is computed."""
        rows = (*self.rows, self.total) if self.total else self.rows
        return sum(cell.is_contradicted for row in rows for cell in row.cells)

    @property
    def targets(self) -> dict[Place, str]:
        """Where a link about a place leads: the id of the cell or row."""
        rows = (*self.rows, self.total) if self.total else self.rows
        places = {(row.key, ""): f"{row.prefix}-row" for row in rows}
        places |= {(row.key, cell.column.key): cell.id for row in rows for cell in row.cells}
        return places | {("", "data_from"): "data_from", ("", "data_to"): "data_to"}

    def target(self, finding: Finding) -> str:
        """Return the id of what a finding is about; the table itself when it is not shown."""
        return self.targets.get((finding.row, finding.column), "bang")


@dataclass(frozen=True)
class Remarks:
    """Everything to be said beside cells, by place."""

    findings: Mapping[Place, tuple[Finding, ...]]
    notes: Mapping[Place, str]
    problems: Mapping[str, str]  # by field name

    def on(self, row: str, column: str = "") -> tuple[Finding, ...]:
        """Return the findings about one place."""
        return self.findings.get((row, column), ())


def build_sheet_view(
    table: Form,
    shown: SheetInput,
    sheet: Sheet,
    findings: Iterable[Finding] = (),
    notes: Mapping[Place, str] | None = None,
    problems: Sequence[FieldProblem] = (),
) -> SheetView:
    """Return the screen of ``shown`` (typed texts) over ``sheet`` (what they were read as)."""
    figures = screen_rows(table, sheet)
    by_name = {problem.name: problem.message for problem in problems}
    remarks = Remarks(_by_place(findings), notes or {}, by_name)
    rows = tuple(
        _row_view(table, row, f"r{index}", figures.get(row.key) if row.key else None, remarks)
        for index, row in enumerate(shown.rows)
    )
    window = ("data_from", "data_to")
    return SheetView(
        table=table,
        layout=table.shape.entry,
        head=build_head(table, "h"),
        rows=rows,
        total=_total_view(table, figures[TOTAL_KEY], remarks) if table.shape.has_total else None,
        data_from=shown.data_from or "",
        data_to=shown.data_to or "",
        version=shown.version,
        findings=tuple(f for place in ("", *window) for f in remarks.on("", place)),
        problems={name: text for name, text in by_name.items() if name in window},
    )


def _by_place(findings: Iterable[Finding]) -> dict[Place, tuple[Finding, ...]]:
    places: dict[Place, tuple[Finding, ...]] = {}
    for finding in findings:
        place = (finding.row, finding.column)
        places[place] = (*places.get(place, ()), finding)
    return places


def screen_rows(table: Form, sheet: Sheet) -> dict[str, SolvedRow]:
    """Return what the screen shows of each row: computed from typed cells, else what is given.

    ``stated`` are figures of a source in columns nobody types that are not what is computed.
    """
    solved, typed = solve(table, sheet), solve_typed(table, sheet)
    shown = {}
    for row in solved.all_rows:
        computed, given = typed.row(row.key), sheet.row(row.key)
        known = computed.values if computed else {}
        values = {
            key: value if _is_unknown(known.get(key)) else known[key]
            for key, value in row.values.items()
        }
        stated = {
            column.key: Decimal(cell)
            for column in table.columns
            if given and isinstance(cell := given.cells.get(column.key), int | Decimal)
            if row.key == TOTAL_KEY or not column.is_base
            if differing(values.get(column.key), Decimal(cell)) is not None
        }
        shown[row.key] = replace(row, values=values, stated=stated)
    return shown


def _is_unknown(value: SolvedValue) -> bool:
    return value is None or (isinstance(value, Rate) and value.percent is None)


def _row_view(
    table: Form,
    row: RowInput,
    prefix: str,
    computed: SolvedRow | None,
    remarks: Remarks,
) -> RowView:
    cells = tuple(_cell_view(column, row, prefix, computed, remarks) for column in table.columns)
    return RowView(
        prefix=prefix,
        key=row.key,
        label=row.label if row.label is not None else (computed.label if computed else ""),
        cells=cells,
        section=row.section,
        section_label=row.section_label,
        problem=remarks.problems.get(f"{prefix}.label", ""),
        section_problem=remarks.problems.get(f"{prefix}.section", ""),
        findings=remarks.on(row.key) if row.key else (),
    )


def _cell_view(
    column: Column, row: RowInput, prefix: str, computed: SolvedRow | None, remarks: Remarks
) -> CellView:
    name = f"{prefix}.c.{column.key}"
    text = row.cells.get(column.key, "")
    return CellView(
        column=column,
        id=f"{prefix}-{column.key}",
        label=f"{row.label or ''}: {column.label}",
        name=name if column.is_base else "",
        text=text,
        value=computed.values.get(column.key) if computed else None,
        stated=computed.stated.get(column.key) if computed else None,
        note=remarks.notes.get((row.key, column.key), ""),
        problem=remarks.problems.get(name, ""),
        readings=_readings(column, text),
        findings=remarks.on(row.key, column.key) if row.key else (),
    )


def _readings(column: Column, text: str) -> tuple[tuple[str, str], ...]:
    """Return the readings among which the clerk must choose, those the column can hold."""
    if not column.is_base or column.kind is ValueKind.TEXT or not text:
        return ()
    read = read_number(column, text)
    if not isinstance(read, Ambiguous):
        return ()
    fits = (r for r in read.readings if column.kind is ValueKind.NUMBER or isinstance(r.value, int))
    return tuple((cell_text(column, reading.value), reading.note) for reading in fits)


def _total_view(table: Form, total: SolvedRow, remarks: Remarks) -> RowView:
    cells = tuple(
        CellView(
            column=column,
            id=f"total-{column.key}",
            label=f"{TOTAL_LABEL}: {column.label}",
            value=total.values.get(column.key),
            stated=total.stated.get(column.key),
            findings=remarks.on(TOTAL_KEY, column.key),
        )
        for column in table.columns
    )
    return RowView("total", TOTAL_KEY, TOTAL_LABEL, cells, findings=remarks.on(TOTAL_KEY))


def list_gaps(rows: Iterable[RowView]) -> tuple[CellView, ...]:
    """Return the empty cells of totals that are partly typed.

    A row of which nothing was typed yet is work to do, not a slip; figures carried over from the
    period before are not typed either.
    """
    return tuple(cell for row in rows if row.key for cell in _gaps_of(row))


def _gaps_of(row: RowView) -> Iterator[CellView]:
    cells = {cell.column.key: cell for cell in row.cells if cell.name}
    told = set()
    for column in (cell.column for cell in row.cells):
        formula = column.formula
        parts = formula.parts if formula and not formula.over else ()
        typed = [cells[key] for key in parts if key in cells]
        if not any(cell.text and not cell.column.quantity.carried_from for cell in typed):
            continue
        for cell in typed:
            if not cell.text and cell.id not in told:
                told.add(cell.id)
                yield cell
