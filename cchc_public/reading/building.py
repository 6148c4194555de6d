"""Makes a sheet of the rows below a head, once it is known what each column holds."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from cchc_public.files.grid import cell_text
from cchc_public.reading.columns import Binding
from cchc_public.reading.figures import (
    CellRead,
    as_number,
    list_checks,
    looks_like_figure,
    read_cell,
)
from cchc_public.reading.heads import Segment
from cchc_public.reading.questions import REFUSED, Notes, Reading, ReadRow, made
from cchc_public.reading.rows import SourceRow, classify, match_known, split_ordinal
from cchc_public.tables.language import Form, Table, ValueKind
from cchc_public.tables.registry import SINGLE_KEY, SINGLE_LABEL, row_key
from cchc_public.tables.sheet import TOTAL_KEY, TOTAL_LABEL, Row, Sheet

MAX_LINES = 2_000  # of one table
MOST_TESTED = 200  # rows on which sums are tried: more would prove nothing more

Remember = Callable[[str, str], Mapping[str, str]]


@dataclass(frozen=True)
class Context:
    """What a reading may know: fields already there, answers given now and in earlier periods.

    ``remembered`` returns earlier answers by table code and fingerprint of a head; ``period`` is
    the one that is read for, ``stored`` the sheet that stands there, where they are known.
    """

    known: Sequence[str] = ()
    answers: Mapping[str, str] = field(default_factory=dict)
    remembered: Remember = field(default=lambda _table, _fingerprint: {})
    period: str = ""
    stored: Sheet | None = None


@dataclass
class Body:
    """The rows below a head, their raw cells by column."""

    segment: Segment
    lines: list[int]
    label: int | None
    ordinal: int | None
    columns: list[int]

    def figures(self, columns: Sequence[int]) -> dict[int, list[Decimal | None]]:
        """Return the figures of columns over the rows that have any."""
        rows = [r for r in self.lines if self.has_figures(r)][:MOST_TESTED]
        return {c: [as_number(self.segment.cell(r, c)) for r in rows] for c in columns}

    def has_figures(self, row: int) -> bool:
        """Tell whether a row holds a figure."""
        return any(looks_like_figure(self.segment.cell(row, c)) for c in self.columns)


def read_rows(body: Body, binding: Binding, form: Form, context: Context, notes: Notes) -> Reading:
    """Return the reading of a body whose columns are bound."""
    table = form.table
    reads: dict[int, dict[str, CellRead]] = {}
    rows: list[SourceRow] = []
    for line in body.lines:
        row = _source_row(body, line)
        reads[row.line] = {}
        for column, key in binding.columns.items():
            raw = body.segment.cell(line, column)
            if raw is not None:
                reads[row.line][key] = read_cell(table.quantity(key), raw)
        rows.append(row)
    settle_choices(table, reads, notes)
    for row in rows:
        for key, read in reads[row.line].items():
            if isinstance(read.value, int | Decimal):
                row.numbers[key] = Decimal(read.value)
        if not row.numbers and body.has_figures(row.line - 1):
            row.numbers = {"": Decimal(1)} if binding.asked else {}
    classify(rows, context.known, notes, has_fields=form.shape.has_total)
    for row in rows:
        if row.kind == "left_out" and not row.has_numbers and row.label:
            notes.tell(f"Dòng {row.line} «{row.label[:60]}» không có số liệu; bỏ qua.")
        row.numbers.pop("", None)
    return result_of(
        form,
        notes,
        _build_sheet(form, rows, reads, binding, context, notes),
        rows,
        reads,
        body,
        binding,
    )


def _source_row(body: Body, line: int) -> SourceRow:
    segment = body.segment
    label = cell_text(segment.cell(line, body.label))
    ordinal = cell_text(segment.cell(line, body.ordinal))
    if not label and not ordinal:
        others = [c for c in segment.head.paths if c not in binding_columns(body)]
        words = (cell_text(segment.cell(line, c)) for c in others)
        label = next((text for text in words if text and not text.isdecimal()), "")
    number, name = split_ordinal(ordinal, label)
    return SourceRow(line + 1, number, name)


def binding_columns(body: Body) -> list[int]:
    """Return the columns that may hold figures."""
    return [c for c in body.columns if not is_wordy(body.segment, body.lines, c)]


def settle_choices(table: Table, reads: dict[int, dict[str, CellRead]], notes: Notes) -> None:
    """``12.000`` is 12 or 12 000: sums of its row decide, else it is asked."""
    for line, cells in reads.items():
        for key, read in cells.items():
            if not read.choices:
                continue
            fitting = [c for c in read.choices if _fits(table, {**_values(cells), key: c}, key)]
            if len(fitting) != 1 and any(
                _parts_thousands(other.get(key)) for other in reads.values()
            ):
                fitting = [max(read.choices)]  # the column parts thousands so elsewhere
                cells[key] = CellRead(fitting[0], note=f"đọc là {fitting[0]} như các ô cùng cột")
                continue
            if len(fitting) == 1:
                cells[key] = CellRead(fitting[0], note=f"đọc là {fitting[0]}: các tổng khớp")
                continue
            label = table.column(key).label
            small, large = read.choices
            answer = notes.put(
                f"so-{line}-{key}",
                "number",
                f"Dòng {line}, cột «{label}»: là {small} hay {large}?",
                ((str(small), str(small)), (str(large), str(large))),
                place=f"Dòng {line}",
                row=line,
                key=key,
            )
            cells[key] = CellRead(int(answer)) if answer else CellRead()


def _parts_thousands(read: CellRead | None) -> bool:
    """Tell whether a cell of the same column was written with thousands parted."""
    value = read.value if read and read.note and not read.choices else None
    return isinstance(value, int) and value > 1000 and value % 1000 > 0


def _values(cells: Mapping[str, CellRead]) -> dict[str, Decimal]:
    return {
        key: Decimal(read.value)
        for key, read in cells.items()
        if isinstance(read.value, int | Decimal) and not read.choices
    }


def _fits(table: Table, values: Mapping[str, Decimal | int], key: str) -> bool:
    checks = [check for check in list_checks(table, values) if key in check.keys]
    return bool(checks) and all(
        values[check.whole] == sum(Decimal(values[part]) for part in check.parts)
        for check in checks
    )


def _build_sheet(
    form: Form,
    rows: Sequence[SourceRow],
    reads: Mapping[int, Mapping[str, CellRead]],
    binding: Binding,
    context: Context,
    notes: Notes,
) -> Sheet:
    if not form.shape.has_labels:
        return _single_sheet(form, rows, reads, notes)
    taken: set[str] = set()
    made: dict[str, Row] = {}
    lists: dict[str, list[Row]] = {"row": [], "group": [], "detail": []}
    total = Row(TOTAL_KEY, TOTAL_LABEL)
    for row in rows:
        cells, unread = _cells_of(form, row, reads[row.line], notes)
        if row.kind == "total":
            total = Row(TOTAL_KEY, TOTAL_LABEL, cells=cells, unread=unread)
        elif row.kind == "heading":
            made[str(row.line)] = Row(row.ordinal or row_key(form, row.label), row.label)
        elif row.kind in lists:
            name = row.label
            if row.kind == "row":
                name = match_known(row.label, context.known, row.line, notes)
            above = made.get(row.group)
            if row.kind == "group":
                key = row.ordinal or row_key(form, name, taken)
            else:
                key = row_key(form, name, taken)
            taken.add(key)
            made[str(row.line)] = Row(
                key,
                name,
                above.key if above else "",
                above.label if above else "",
                cells,
                unread=unread,
            )
            lists[row.kind].append(made[str(row.line)])
            row.label = name
    return Sheet(
        form.code,
        form.edition,
        rows=tuple(lists["row"]),
        total=total,
        groups=tuple(lists["group"]),
        details=tuple(lists["detail"]),
        unplaced=tuple(binding.unplaced),
    )


def _single_sheet(
    form: Form, rows: Sequence[SourceRow], reads: Mapping[int, Mapping[str, CellRead]], notes: Notes
) -> Sheet:
    """A form of one row takes the total of a longer table, or its only row."""
    totals = [row for row in rows if row.kind == "total"]
    fields = [row for row in rows if row.has_numbers and row.kind != "left_out"]
    chosen = totals[-1] if totals else fields[0] if len(fields) == 1 else None
    if chosen is None and fields:
        options = [(str(row.line), f"Dòng {row.line} «{row.label}»") for row in fields]
        answer = notes.put(
            "dong",
            "which-row",
            "Biểu này chỉ có một dòng số liệu, nguồn có nhiều dòng và không có dòng tổng. "
            "Lấy dòng nào?",
            tuple(options),
            place="Dòng",
        )
        chosen = next((row for row in fields if str(row.line) == answer), None)
    for row in rows:
        if row is not chosen and row.kind != "left_out" and row.has_numbers:
            row.kind = "left_out"
    if chosen is None:
        return Sheet(form.code, form.edition)
    if totals and len(fields) > 1:
        notes.tell(f"Biểu này chỉ có một dòng: lấy dòng {chosen.line} «{chosen.label}».")
    cells, unread = _cells_of(form, chosen, reads[chosen.line], notes)
    return Sheet(
        form.code, form.edition, rows=(Row(SINGLE_KEY, SINGLE_LABEL, cells=cells, unread=unread),)
    )


def _cells_of(
    form: Form, row: SourceRow, reads: Mapping[str, CellRead], notes: Notes
) -> tuple[dict[str, int | Decimal | str | None], dict[str, str]]:
    cells: dict[str, int | Decimal | str | None] = {}
    unread: dict[str, str] = {}
    for key, read in reads.items():
        label = form.column(key).label
        if read.unread:
            unread[key] = read.unread
            notes.complain(
                f"Dòng {row.line} «{row.label}», cột «{label}»: không đọc được «{read.unread}». "
                f"{read.note}".strip()
            )
        elif key in row.numbers or isinstance(read.value, str):
            value = row.numbers.get(key, read.value)
            is_count = form.table.quantity(key).kind is ValueKind.COUNT
            cells[key] = int(value) if is_count and isinstance(value, Decimal) else value
            if read.note and row.kind != "left_out":
                notes.tell(f"Dòng {row.line}, cột «{label}»: {read.note.rstrip('.')}.")
    return cells, unread


def result_of(
    form: Form,
    notes: Notes,
    sheet: Sheet | None,
    rows: Sequence[SourceRow],
    reads: Mapping[int, Mapping[str, CellRead]] | None = None,
    body: Body | None = None,
    binding: Binding | None = None,
) -> Reading:
    """Return a reading with its outcome: asked, read, or refused when nothing was found."""
    lines = tuple(_read_row(form, row, rows, reads or {}, body, binding) for row in rows)
    if not notes.questions and not any(row.cells for row in lines):
        problems = (no_table(form), *notes.problems)
        return Reading(REFUSED, form.code, problems=problems, told=tuple(notes.told))
    return made(form, notes, sheet, lines)


def _read_row(
    form: Form,
    row: SourceRow,
    rows: Sequence[SourceRow],
    reads: Mapping[int, Mapping[str, CellRead]],
    body: Body | None,
    binding: Binding | None,
) -> ReadRow:
    kind = {"heading": "left_out"}.get(row.kind, row.kind)
    cells = {
        key: int(value) if form.table.quantity(key).kind is ValueKind.COUNT else value
        for key, value in row.numbers.items()
        if kind != "left_out"
    }
    source = {}
    if body and binding:
        for column, key in binding.columns.items():
            text = cell_text(body.segment.cell(row.line - 1, column))
            if text:
                source[key] = text
    group = next((r.label for r in rows if str(r.line) == row.group), "")
    return ReadRow(row.label, kind, row.line, cells, source, group)


def no_table(form: Form) -> str:
    """Say that a table was not found, and what its head should say."""
    heads = ", ".join(f"«{column.header[-1]}»" for column in form.columns[:4])
    return (
        f"Không tìm thấy biểu «{form.short_title}» trong nguồn. Bảng cần có dòng tiêu đề ghi tên "
        f"các cột như trong biểu ({heads}, …); bảng chia thành nhiều khối cột thì chép từng khối."
    )


def is_wordy(segment: Segment, lines: Sequence[int], column: int) -> bool:
    """Tell whether a column mostly holds words."""
    cells = [segment.cell(row, column) for row in lines]
    wordy = sum(isinstance(cell, str) and not looks_like_figure(cell) for cell in cells)
    return wordy * 2 > len([cell for cell in cells if cell is not None]) and wordy > 0
