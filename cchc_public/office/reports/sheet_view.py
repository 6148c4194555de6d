"""Arranges a sheet for its screen: inputs, computed cells, what is said of them, conflicts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from cchc_public.checks.rules import Finding, Severity
from cchc_public.office.reports.sheet_form import (
    TOTAL,
    Place,
    RowInput,
    SheetInput,
    cell_text,
    unit_of,
)
from cchc_public.present.tables import Head, header_rows
from cchc_public.tables.language import Column, Form, ValueKind
from cchc_public.tables.sheet import (
    TOTAL_KEY,
    TOTAL_LABEL,
    Rate,
    Sheet,
    SolvedRow,
    SolvedTable,
    SolvedValue,
    solve,
)
from cchc_public.vietnamese.numbers import Ambiguous, format_number, format_percent


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
    readings: tuple[tuple[str, str], ...] = ()  # text that says it plainly, how it was read
    findings: tuple[Finding, ...] = ()

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
    def level(self) -> str:
        """``r`` row, ``g`` group, ``d`` detail, ``t`` total."""
        return self.prefix[0]

    @property
    def remarks(self) -> tuple[CellView, ...]:
        """The cells about which something is said."""
        return tuple(cell for cell in self.cells if cell.is_remarked)

    @property
    def is_remarked(self) -> bool:
        """True when something is said about the row or one of its cells."""
        return bool(self.findings or self.problem or self.section_problem or self.remarks)

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
    head: Head
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
    def help(self) -> dict[str, str]:
        """What to know of each column, from the form's data."""
        return {column.key: describe_column(self.table, column) for column in self.table.columns}

    @property
    def identities(self) -> dict[str, Any]:
        """The table's identities as data: the script walks these, it knows no rule of its own."""
        table = self.table.table
        return {
            "sums": [[one.whole, list(one.parts)] for one in table.sums],
            "ratios": [
                [one.rate, list(one.numerator), list(one.denominator)] for one in table.ratios
            ],
            "adds": [key for key, quantity in table.by_key.items() if quantity.adds_up],
            "standIn": {key: q.stand_in for key, q in table.by_key.items() if q.stand_in},
            "hasTotal": self.table.shape.has_total,
        }

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


def describe_column(form: Form, column: Column) -> str:
    """Return what the form's data tell of a column: what it is, what it adds up, how to type it."""
    quantity, formula = column.quantity, column.formula
    leaves = Counter(one.header[-1] for one in form.columns)
    names = {key: q.words[-1] for key, q in form.table.by_key.items()} | {
        one.key: f"{one.header[-1] if leaves[one.header[-1]] == 1 else one.label} {one.number}"
        for one in form.columns
    }

    def listed(keys: Iterable[str], between: str = " + ") -> str:
        return between.join(f"«{names[key].strip()}»" for key in keys)

    printed = {one.key for one in form.columns}
    wholes = [one.whole for one in form.table.sums if column.key in one.parts]
    said = [note] if (note := column.note or quantity.note) else []
    if formula and not said:
        rest = "".join(f" − {listed([key])}" for key in formula.minus)
        over = f" trên {listed(formula.over)}" if formula.over else ""
        said.append(listed(formula.plus) + rest + over)
    elif not formula and (known := [key for key in wholes if key in printed]):
        said.append(f"Một phần của {listed(known[:1])}")
    if quantity.carried_from:
        said.append("Điền sẵn số còn lại của kỳ trước")
    elif quantity.is_carried:
        said.append("Chép sẵn từ kỳ trước, sửa được")
    kinds = {ValueKind.COUNT: "Gõ số nguyên", ValueKind.TEXT: "Ghi bằng lời"}
    return ". ".join(said) or kinds.get(quantity.kind, "Gõ số, phần lẻ sau dấu phẩy")


@dataclass(frozen=True)
class Remarks:
    """Everything to be said beside cells."""

    findings: Sequence[Finding] = ()
    notes: Mapping[Place, str] = field(default_factory=dict)
    problems: Mapping[str, str] = field(default_factory=dict)  # by field name

    def on(self, row: str, column: str = "") -> tuple[Finding, ...]:
        """Return the findings about one place."""
        return tuple(one for one in self.findings if (one.row, one.column) == (row, column))


def build_sheet_view(
    table: Form,
    shown: SheetInput,
    sheet: Sheet,
    remarks: Remarks | None = None,
    previous: SolvedTable | None = None,
) -> SheetView:
    """Return the screen of ``shown`` (typed texts) over ``sheet`` (what they were read as)."""
    said, solved = remarks or Remarks(), solve(table, sheet)

    def row_view(row: RowInput, prefix: str) -> RowView:
        if prefix == TOTAL:
            row = replace(row, key=TOTAL_KEY, label=TOTAL_LABEL)
        here = solved.row(row.key) if row.key else None
        before = previous.row(row.key) if row.key and previous else None
        cells = (_cell_view(column, row, prefix, (here, before), said) for column in table.columns)
        return RowView(
            prefix=prefix,
            key=row.key,
            label=row.label if row.label is not None else (here.label if here else ""),
            cells=tuple(cells),
            section=row.section,
            section_label=row.section_label,
            problem=said.problems.get(f"{prefix}.label", ""),
            section_problem=said.problems.get(f"{prefix}.section", ""),
            findings=said.on(row.key) if row.key else (),
        )

    views = {prefix: row_view(row, prefix) for prefix, row in shown.fields.items()}
    total = views.pop(TOTAL) if TOTAL in views else row_view(RowInput(), TOTAL)
    window = ("data_from", "data_to")
    return SheetView(
        table=table,
        layout=table.shape.entry,
        head=header_rows(table.columns),
        rows=tuple(in_outline(views.values())),
        total=total if table.shape.has_total else None,
        data_from=shown.data_from or "",
        data_to=shown.data_to or "",
        version=shown.version,
        findings=tuple(f for place in ("", *window) for f in said.on("", place)),
        problems={name: text for name, text in said.problems.items() if name in window},
    )


def in_outline(rows: Iterable[RowView]) -> Iterator[RowView]:
    """Yield groups before their rows, details after theirs; blank new rows last."""
    listed = list(rows)
    groups = {row.key: row for row in listed if row.level == "g"}
    for row in listed:
        if row.level != "r":
            continue
        if group := groups.pop(row.section, None):
            yield group
        yield row
        yield from (d for d in listed if d.level == "d" and d.section == row.key)
    yield from groups.values()


def _cell_view(
    column: Column,
    row: RowInput,
    prefix: str,
    rows: tuple[SolvedRow | None, SolvedRow | None],
    remarks: Remarks,
) -> CellView:
    solved, before = rows
    name, text = f"{prefix}.c.{column.key}", row.cells.get(column.key, "")
    is_count = column.kind is ValueKind.COUNT
    readings: tuple[tuple[str, str], ...] = ()
    if text and column.kind is not ValueKind.TEXT:
        read, _unit = column.quantity.read(text, unit_of(column, row.cells))
        if isinstance(read, Ambiguous):  # the clerk chooses among those the column can hold
            fits = (r for r in read.readings if isinstance(r.value, int) or not is_count)
            readings = tuple((cell_text(column, fit.value), fit.note) for fit in fits)
    return CellView(
        column=column,
        id=f"{prefix}-{column.key}",
        label=f"{row.label or ''}: {column.label}",
        name=name,
        text=text,
        computed="" if text or solved is None else figure_text(solved.values.get(column.key)),
        previous=figure_text(before.values.get(column.key)) if before else "",
        note=remarks.notes.get((row.key, column.key), ""),
        problem=remarks.problems.get(name, ""),
        readings=readings,
        findings=remarks.on(row.key, column.key) if row.key else (),
    )


def figure_text(value: SolvedValue | Rate) -> str:
    """Return a value as it stands in grey: words, a number, or a rate without its fraction."""
    if isinstance(value, Rate):
        return "" if value.percent is None else format_percent(value.percent)
    return format_number(value) if isinstance(value, int | Decimal) else value or ""


def list_gaps(rows: Iterable[RowView]) -> tuple[CellView, ...]:
    """Return the empty cells of totals that are partly typed.

    A row of which nothing was typed yet is work to do, not a slip; figures carried over from the
    period before are not typed either.
    """
    gaps: dict[str, CellView] = {}
    for row in (row for row in rows if row.key):
        cells = {cell.column.key: cell for cell in row.cells}
        for formula in (cell.column.formula for cell in row.cells):
            parts = formula.parts if formula and not formula.over else ()
            typed = [cells[key] for key in parts if key in cells]
            if any(cell.text and not cell.column.quantity.carried_from for cell in typed):
                gaps |= {cell.id: cell for cell in typed if not cell.text and not cell.computed}
    return tuple(gaps.values())
