"""Makes a sheet of the rows below a head, once it is known what each column holds."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cached_property

from cchc_public.files.grid import Cell, cell_text
from cchc_public.reading.columns import Binding
from cchc_public.reading.figures import (
    CellRead,
    as_number,
    keep_read,
    list_checks,
    looks_like_figure,
    read_cell,
    unsigned_share,
)
from cchc_public.reading.heads import Segment
from cchc_public.reading.questions import REFUSED, Notes, Reading, ReadRow, made
from cchc_public.reading.rows import SourceRow, classify, match_known, split_ordinal
from cchc_public.reading.words import is_total_label
from cchc_public.tables.language import Form, Quantity, Table, ValueKind
from cchc_public.tables.registry import SINGLE_KEY, SINGLE_LABEL, row_key
from cchc_public.tables.sheet import NO_TOTAL, TOTAL_KEY, TOTAL_LABEL, Row, Sheet, Value

MAX_LINES = 2_000  # of one table
MOST_TESTED = 200  # rows on which sums are tried: more would prove nothing more

Remember = Callable[[str, str], Mapping[str, str]]
Reads = dict[int, dict[str, CellRead]]  # by line and quantity


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

    def misshapen(self) -> list[tuple[int, str]]:
        """Return the few rows with more or fewer cells than their head: figures may be shifted."""
        head, cell = self.segment.head, self.segment.cell
        filled = {c for r in self.lines for c in self.columns if looks_like_figure(cell(r, c))}
        last = max((column for column in filled if head.paths.get(column)), default=-1)
        widths = {} if head.has_lost_spans else dict(enumerate(self.segment.grid.widths))
        rows = [*filter(self.has_figures, self.lines)]
        found = []
        for row in rows:
            if any(c > last and looks_like_figure(cell(row, c)) for c in self.columns):
                found.append((row, "nhiều"))
            elif widths.get(row, last + 1) <= last:
                is_total = is_total_label(self.source_row(row).label)
                found += [] if is_total else [(row, "ít")]
        return found if last >= 0 and len(found) * 2 <= len(rows) else []

    @cached_property
    def shared(self) -> frozenset[tuple[int, int]]:
        """The cells whose figure is merged over several rows or columns of figures."""
        lines, columns = {*self.lines}, {*self.columns}
        return frozenset(
            (top, left)
            for top, left, low, right in self.segment.grid.spans
            if left in columns
            and max(len(lines & {*range(top, low + 1)}), len(columns & {*range(left, right + 1)}))
            > 1
        )

    @cached_property
    def fractions(self) -> frozenset[int]:
        """The columns of figures that are all parts of one: 0,93 may stand for 93 %."""
        found = set()
        for column in self.columns:
            cells = [self.segment.cell(row, column) for row in self.lines]
            values = [value for cell in cells if (value := as_number(cell)) is not None]
            has_sign = any("%" in cell_text(cell) for cell in cells)
            if not has_sign and any(0 < value < 1 for value in values) and max(values) <= 1:
                found.add(column)
        return frozenset(found)

    def read(self, quantity: Quantity, raw: Cell, line: int, column: int) -> CellRead:
        """Return what a cell says; its head or the title may say what it is counted in."""
        if (line, column) in self.shared:
            return CellRead(unread=cell_text(raw), note="Ô gộp của nhiều dòng hoặc nhiều cột.")
        if quantity.is_percent and column in self.fractions:
            return unsigned_share(raw)
        unit = " ".join((self.segment.title, *self.segment.head.paths.get(column, ())))
        return read_cell(quantity, raw, unit)

    def source_row(self, line: int) -> SourceRow:
        """Return the number and the name of a row; a name may stand in a column of its own."""
        label, ordinal = (
            cell_text(self.segment.cell(line, column)) for column in (self.label, self.ordinal)
        )
        if not label and not ordinal:
            wordy = (
                c
                for c in self.segment.head.paths
                if c not in self.columns or is_wordy(self.segment, self.lines, c)
            )
            words = (cell_text(self.segment.cell(line, c)) for c in wordy)
            label = next((text for text in words if text and not text.isdecimal()), "")
        return SourceRow(line + 1, *split_ordinal(ordinal, label))


def read_rows(body: Body, binding: Binding, form: Form, context: Context, notes: Notes) -> Reading:
    """Return the reading of a body whose columns are bound."""
    table, segment = form.table, body.segment
    rows = [body.source_row(line) for line in body.lines]
    reads: Reads = {
        row.line: {
            key: body.read(table.quantity(key), raw, row.line - 1, column)
            for column, key in binding.columns.items()
            if (raw := segment.cell(row.line - 1, column)) is not None
        }
        for row in rows
    }
    for line, how in body.misshapen():
        notes.complain(f"Dòng {line + 1} có {how} ô hơn tiêu đề; số có thể lệch cột, xin xem lại.")
    settle_choices(table, reads, notes)
    for row in rows:
        for key, read in reads[row.line].items():
            if isinstance(read.value, int | Decimal):
                row.numbers[key] = Decimal(read.value)
        if not row.numbers and binding.asked and body.has_figures(row.line - 1):
            row.numbers = {"": Decimal(1)}
    classify(rows, context.known, notes, has_fields=form.shape.has_total)
    for row in rows:
        _tell_empty(row, notes)
        row.numbers.pop("", None)
    if form.shape.has_labels:
        sheet = _build_sheet(form, rows, reads, context, notes)
        sheet = replace(sheet, unplaced=tuple(binding.unplaced))
    else:
        sheet = _single_sheet(form, rows, reads, notes)
    labels = {str(row.line): row.label for row in rows}
    counts = {quantity.key for quantity in table.quantities if quantity.kind is ValueKind.COUNT}

    def read_row(row: SourceRow) -> ReadRow:
        kind = "left_out" if row.kind == "heading" else row.kind
        numbers = row.numbers if kind != "left_out" else {}
        cells = {key: int(value) if key in counts else value for key, value in numbers.items()}
        source = {
            key: text
            for column, key in binding.columns.items()
            if (text := cell_text(segment.cell(row.line - 1, column)))
        }
        return ReadRow(row.label, kind, row.line, cells, source, labels.get(row.group, ""))

    return result_of(form, notes, sheet, tuple(map(read_row, rows)))


def _tell_empty(row: SourceRow, notes: Notes) -> None:
    """Tell that a row has no figures; figures that stand within its name are a problem."""
    words = [] if row.has_numbers else row.label.split()
    if len(words) > 2 and all(map(looks_like_figure, words[-2:])):
        notes.complain(
            f"Dòng {row.line} «{row.label[:60]}»: số dính với tên, không tách được; hãy để mỗi "
            "số một ô."
        )
    elif words and row.kind == "left_out":
        notes.tell(f"Dòng {row.line} «{row.label[:60]}» không có số liệu; bỏ qua.")


def settle_choices(table: Table, reads: Reads, notes: Notes) -> None:
    """``12.000`` is 12 or 12 000: sums of its row decide, else it is asked."""
    for line, cells in reads.items():
        for key, read in [(key, read) for key, read in cells.items() if read.choices]:
            fitting = [choice for choice in read.choices if _fits(table, cells, key, choice)]
            column = [other[key] for other in reads.values() if key in other]
            plain = [one.value for one in column if one.note and not one.choices]
            if len(fitting) == 1:
                cells[key] = CellRead(fitting[0], note=f"đọc là {fitting[0]}: các tổng khớp")
            elif any(isinstance(value, int) and value > 1000 and value % 1000 for value in plain):
                most = max(read.choices)
                cells[key] = CellRead(most, note=f"đọc là {most} như các ô cùng cột")
            else:
                small, large = read.choices
                answer = notes.put(
                    f"so-{line}-{key}",
                    "number",
                    f"Dòng {line}, cột «{table.column(key).label}»: là {small} hay {large}?",
                    ((str(small), str(small)), (str(large), str(large))),
                    place=f"Dòng {line}",
                    row=line,
                    key=key,
                )
                cells[key] = CellRead(int(answer)) if answer else CellRead()


def _fits(table: Table, cells: Mapping[str, CellRead], key: str, choice: int) -> bool:
    values = {key: Decimal(choice)}
    for other, read in cells.items():
        if isinstance(read.value, int | Decimal) and not read.choices:
            values[other] = Decimal(read.value)
    checks = [check for check in list_checks(table, values) if key in check.keys]
    return bool(checks) and all(
        values[check.whole] == sum(values[part] for part in check.parts) for check in checks
    )


def _build_sheet(
    form: Form, rows: Sequence[SourceRow], reads: Reads, context: Context, notes: Notes
) -> Sheet:
    taken: set[str] = set()
    built: dict[str, Row] = {}
    lists: dict[str, list[Row]] = {"row": [], "group": [], "detail": [], "total": []}
    for row in (row for row in rows if row.kind != "left_out"):
        cells, unread = _cells_of(form, row, reads, notes)
        if row.kind == "total":
            lists["total"].append(Row(TOTAL_KEY, TOTAL_LABEL, cells=cells, unread=unread))
        elif row.kind == "heading":
            built[str(row.line)] = Row(row.ordinal or row_key(form, row.label), row.label)
        elif row.kind in lists:
            if row.kind == "row":
                row.label = match_known(row.label, context.known, row.line, notes)
            above = built.get(row.group, Row("", ""))
            own = row.ordinal if row.kind == "group" else ""
            key = own or row_key(form, row.label, taken)
            taken.add(key)
            made = Row(key, row.label, above.key, above.label, cells, unread=unread)
            built[str(row.line)] = made
            lists[row.kind].append(made)
    return Sheet(
        form.code,
        form.edition,
        rows=tuple(lists["row"]),
        total=lists["total"][-1] if lists["total"] else NO_TOTAL,
        groups=tuple(lists["group"]),
        details=tuple(lists["detail"]),
    )


def _single_sheet(form: Form, rows: Sequence[SourceRow], reads: Reads, notes: Notes) -> Sheet:
    """A form of one row takes the total of a longer table, or its only row."""
    totals = [row for row in rows if row.kind == "total"]
    fields = [row for row in rows if row.has_numbers and row.kind != "left_out"]
    chosen = totals[-1] if totals else fields[0] if len(fields) == 1 else None
    if chosen is None and fields:
        answer = notes.put(
            "dong",
            "which-row",
            "Biểu này chỉ có một dòng số liệu, nguồn có nhiều dòng và không có dòng tổng. "
            "Lấy dòng nào?",
            tuple((str(row.line), f"Dòng {row.line} «{row.label}»") for row in fields),
            place="Dòng",
        )
        chosen = next((row for row in fields if str(row.line) == answer), None)
    for row in fields:
        if row is not chosen:
            row.kind = "left_out"
    if chosen is None:
        return Sheet(form.code, form.edition)
    if totals and len(fields) > 1:
        notes.tell(f"Biểu này chỉ có một dòng: lấy dòng {chosen.line} «{chosen.label}».")
    cells, unread = _cells_of(form, chosen, reads, notes)
    only = Row(SINGLE_KEY, SINGLE_LABEL, cells=cells, unread=unread)
    return Sheet(form.code, form.edition, rows=(only,))


def _cells_of(
    form: Form, row: SourceRow, reads: Reads, notes: Notes
) -> tuple[dict[str, Value], dict[str, str]]:
    """Return what a row says; where two lines were added up, their sum."""
    where = f"Dòng {row.line} «{row.label}»"
    cells, unread = keep_read(form, where, reads[row.line], notes)
    for key, value in row.numbers.items():
        is_count = form.table.quantity(key).kind is ValueKind.COUNT
        cells[key] = int(value) if is_count else value
    return cells, unread


def result_of(
    form: Form, notes: Notes, sheet: Sheet | None = None, lines: Sequence[ReadRow] = ()
) -> Reading:
    """Return a reading with its outcome: asked, read, or refused when nothing was found."""
    loose = sheet.rows if sheet and not form.shape.has_total else ()
    is_found = any(line.cells for line in lines) or any(row.unread for row in loose)
    if notes.questions or is_found:
        return made(form, notes, sheet, lines)
    problems = (no_table(form), *notes.problems)
    return Reading(REFUSED, form.code, problems=problems, told=tuple(notes.told))


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
