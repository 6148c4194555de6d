"""An evaluated table laid out once: head, lines and cells for page, paper, workbook and widget."""

from __future__ import annotations

import re
from calendar import monthrange
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cache, cached_property, lru_cache
from itertools import groupby
from operator import itemgetter
from typing import Any

from cchc_public.checks.rules import Finding
from cchc_public.i18n import _, format_number, format_percent
from cchc_public.paths import PACKAGE
from cchc_public.present.wording import NO_FIGURE, bare_fraction, figure_text, form_text
from cchc_public.releases.published import PublishedFinding
from cchc_public.tables.language import Column, Form, Quantity, ValueKind
from cchc_public.tables.sheet import LABEL, ORDINAL, Rate, SolvedRow, SolvedTable, SolvedValue
from cchc_public.vietnamese.dates import read_date
from cchc_public.vietnamese.numbers import Number

HUNDRED = Decimal(100)
# In a free list each row names its own unit, in this column of words.
UNIT_COLUMN = "unit"


@dataclass(frozen=True)
class HeaderCell:
    """One cell of the merged header: its words, what it spans, where it begins (from 0)."""

    text: str
    colspan: int
    rowspan: int
    column: Column | None  # set on leaves
    level: int
    place: int  # of its first column

    @property
    def key(self) -> str:
        """What tells it from the others of its table."""
        return self.column.key if self.column else f"g{self.level}-{self.place}"

    @property
    def is_text(self) -> bool:
        """True over a column of words, which stands left."""
        return self.column is not None and self.column.kind is ValueKind.TEXT


Head = tuple[tuple[HeaderCell, ...], ...]


def header_rows(columns: Sequence[Column]) -> Head:
    """Return the header over ``columns`` as rows of merged cells, exactly as forms print it."""
    depth = max(len(column.header) for column in columns)
    found = []
    for level in range(depth):
        # columns under the same words so far share a cell; one that ends here has its own
        marks = [
            (c.header[: level + 1], c.key if len(c.header) == level + 1 else "") for c in columns
        ]
        cells, place = [], 0
        for (words, leaf), members in groupby(zip(marks, columns, strict=True), itemgetter(0)):
            below = [column for _mark, column in members]
            if len(words) > level:
                rowspan, column = (depth - level, below[0]) if leaf else (1, None)
                cells.append(HeaderCell(words[-1], len(below), rowspan, column, level, place))
            place += len(below)
        found.append(tuple(cells))
    return tuple(found)


def _word_column(
    key: str, words: str, number: str = "", kind: ValueKind = ValueKind.TEXT
) -> Column:
    return Column(Quantity(key, "", (words,), kind), (words,), number)


def lead_columns(form: Form) -> tuple[Column, ...]:
    """Return the columns before the figures: the running number, then what names the row."""
    ordinal = form.ordinal_header or "TT"
    leads = (
        _word_column(ORDINAL, ordinal, form.ordinal_number, ValueKind.COUNT),
        _word_column(LABEL, form.row_header, form.row_number),
    )
    return leads[2 - form.shape.has_labels - form.shape.has_ordinal :]


@dataclass(frozen=True)
class Cell:
    """One figure with everything that must be said beside it."""

    column: Column
    value: SolvedValue
    stated: Decimal | None = None  # what the source printed, only when it differs
    expected: Number | None = None  # what the other figures give, only when they contradict
    is_source_only: bool = False  # a sum that nothing bears out but the source
    headers: str = ""  # ids of all header cells above it, outermost first
    marks: tuple[int, ...] = ()  # numbers of the notes on this cell

    @property
    def is_text(self) -> bool:
        """True for words, which stand left."""
        return self.column.kind is ValueKind.TEXT

    @property
    def is_known(self) -> bool:
        """True when there is something to show."""
        return self.value not in (None, "")

    @property
    def is_uncomputable(self) -> bool:
        """True for a rate without its parts: only the source's own claim can be shown."""
        return isinstance(self.value, Rate) and self.value.percent is None

    @property
    def claim(self) -> str:
        """What the source printed, with all its decimals."""
        if self.stated is None:
            return ""
        is_percent = self.column.quantity.is_percent
        return format_percent(self.stated) if is_percent else format_number(self.stated)

    @cached_property
    def text(self) -> str:
        """The figure in words; a gap is ``NO_FIGURE`` and never 0, words left out say nothing."""
        if self.value == "" or (self.value is None and self.is_text):
            return ""
        return figure_text(self.value, self.column.unit)

    @property
    def caveat(self) -> str:
        """Where the figure comes from, as far as nothing but the source bears it out."""
        if self.expected is not None:
            figure = format_number(self.expected)
            return _("nguồn ghi; các số khác cho %(value)s", value=figure)
        return _("theo nguồn") if self.is_source_only else ""

    @cached_property
    def detail(self) -> str:
        """What stands below in small print: a rate's fraction, or where the figure comes from."""
        if self.caveat or not isinstance(self.value, Rate):
            return self.caveat
        if self.value.percent is not None:
            return f"({bare_fraction(self.value)})"
        return _("theo nguồn %(rate)s", rate=self.claim) if self.claim else ""


def lay_cell(
    row: SolvedRow, column: Column, headers: str = "", marks: tuple[int, ...] = ()
) -> Cell:
    """Return what a row says in a column."""
    key, value = column.key, row.values.get(column.key)
    expected, is_source_only = row.expected.get(key), key in row.unconfirmed
    return Cell(column, value, row.claim(key), expected, is_source_only, headers, marks)


@dataclass(frozen=True)
class Line:
    """One line as forms print it: without a row the heading of a section, or one to be filled."""

    level: str = ""  # section, group, row, detail, total
    ordinal: str = ""
    label: str = ""
    row: SolvedRow | None = None
    cells: tuple[Cell, ...] = ()
    marks: tuple[int, ...] = ()
    state: str = ""  # of a task that is late

    @property
    def key(self) -> str:
        """The key of its row."""
        return self.row.key if self.row else ""

    def cell(self, key: str) -> Cell | None:
        """Return the cell of column ``key`` or None."""
        return next((cell for cell in self.cells if cell.column.key == key), None)

    @cached_property
    def main(self) -> Cell | None:
        """The one figure that a list shows large: a computable rate, else the first number."""
        numbers = [cell for cell in self.cells if cell.is_known and not cell.is_text]
        rates = [c for c in numbers if isinstance(c.value, Rate) and not c.is_uncomputable]
        counts = [cell for cell in numbers if not isinstance(cell.value, Rate)]
        chosen = next(iter([*rates, *counts]), None)
        unit = self.cell(UNIT_COLUMN)
        if chosen is None or unit is None or not isinstance(unit.value, str) or chosen.column.unit:
            return chosen
        quantity = replace(chosen.column.quantity, unit=unit.value)
        return replace(chosen, column=replace(chosen.column, quantity=quantity))

    @property
    def facts(self) -> tuple[tuple[str, SolvedValue], ...]:
        """The further known cells, as label and value, without what the large figure says."""
        used = {UNIT_COLUMN}
        if self.main is not None:
            column = self.main.column
            used |= {column.key, *(column.formula.parts if column.formula else ())}
        return tuple(
            (form_text(cell.column.header[-1]), cell.value)
            for cell in self.cells
            if cell.is_known and not cell.is_uncomputable and cell.column.key not in used
        )


def list_lines(
    solved: SolvedTable,
    columns: Sequence[Column],
    headers: Mapping[str, str] | None = None,
    marks: Mapping[tuple[str, str], tuple[int, ...]] | None = None,
) -> Iterator[Line]:
    """Yield what stands below the head in the order of the form, with a cell for each column.

    ``headers`` are by column, the numbers of notes in ``marks`` by row and column.
    """
    headers, marks, section, number = headers or {}, marks or {}, None, 0
    has_sections = solved.form.shape.has_sections
    for level, row in (*solved.outline, *([("total", solved.total)] if solved.total else ())):
        if has_sections and row.section != section:
            section = row.section
            title = f"{section}. {row.section_label}".strip(". ")
            cells: tuple[Cell, ...] = (Cell(_word_column("", title), title),)
            yield Line("section", section, row.section_label, cells=cells)
        number += level == "row"
        ordinal = row.key if level == "group" else ""
        if level == "row":
            ordinal = row.key.rpartition(".")[2] if has_sections else str(number)
        said = {ORDINAL: ordinal, LABEL: row.label}
        cells = tuple(
            Cell(column, said[column.key])
            if column.key in said
            else lay_cell(
                row, column, headers.get(column.key, ""), marks.get((row.key, column.key), ())
            )
            for column in columns
        )
        yield Line(level, ordinal, row.label, row, cells, marks.get((row.key, ""), ()))


@dataclass(frozen=True)
class Group:
    """Lines or cells under one heading."""

    label: str
    lines: tuple[Line, ...] = ()
    cells: tuple[Cell, ...] = ()
    code: str = ""

    @property
    def shared(self) -> tuple[tuple[str, SolvedValue], ...]:
        """The facts that are the same in all of three lines or more, to be said once."""
        told = [line.facts for line in self.lines]
        if len(told) < 3:
            return ()
        return tuple(fact for fact in told[0] if all(fact in facts for facts in told))

    @property
    def done(self) -> int | None:
        """How many tasks are done completely; None where none carries a figure."""
        known = [line.main.value for line in self.lines if line.main]
        return sum(value == HUNDRED for value in known) if known else None


@dataclass(frozen=True)
class TableView:
    """A table on a page, in the layout that suits its shape."""

    definition: Form
    head: Head
    lines: tuple[Line, ...]
    total: Line | None
    groups: tuple[Group, ...]


def build_view(
    evaluated: SolvedTable, notes: Iterable[Finding | PublishedFinding] = ()
) -> TableView:
    """Return ``evaluated`` arranged; ``notes`` are numbered from 1 and marked at their cells."""
    form, layout = evaluated.form, evaluated.form.shape.layout
    head = header_rows(form.columns)
    headers = {
        column.key: " ".join(
            f"{form.code}-{cell.key}"
            for level in head
            for cell in level
            if cell.place <= place < cell.place + cell.colspan
        )
        for place, column in enumerate(form.columns)
    }
    marks: dict[tuple[str, str], tuple[int, ...]] = defaultdict(tuple)
    for number, note in enumerate(notes, start=1):
        marks[note.row, note.column] += (number,)
    lines = [line for line in list_lines(evaluated, form.columns, headers, marks) if line.row]
    total = lines.pop() if evaluated.total else None
    groups: tuple[Group, ...] = ()
    if layout == "vertical" and lines:
        # the cells of a single row under their outermost printed header
        found = groupby(lines[0].cells, lambda cell: (*cell.column.header[:-1], "")[0])
        groups = tuple(Group(label, cells=tuple(cells)) for label, cells in found)
    elif layout == "tasks":
        states = task_states(evaluated)
        late = {key: name for name, tone, keys in states if tone == "late" for key in keys}
        lines = [replace(line, state=late.get(line.key, "")) for line in lines]
        groups = tuple(
            Group(
                label,
                tuple(line for line in lines if line.row and line.row.section == code),
                code=code,
            )
            for code, label in {row.section: row.section_label for row in evaluated.rows}.items()
        )
    return TableView(form, head, tuple(lines), total, groups)


# A table with one row and more columns than this is printed as a list, one line a column, the way
# communes print it; a table whose longest words do not fit side by side upright is set a point
# smaller, and turns the page where that is not enough.
LONGEST_SINGLE_ROW = 10
FONT_FOLDER = PACKAGE / "static" / "fonts"
MM = 72 / 25.4
SIZES = (12, 11)  # points
UPRIGHT, ACROSS = 165, 257  # mm of paper between the margins
LETTER, PADDING = 2.3, 2.2  # mm that a letter of running text, and the edges of a cell, take
# mm of paper: least and most for a column of words, and for the one that names the rows
TEXT_WIDTHS, LABEL_WIDTHS = (14.0, 30.0), (26.0, 60.0)
MOST_FOR_A_WORD = 42.0  # a longer word is broken


@dataclass(frozen=True)
class PrintedTable:
    """A table on paper; ``widths`` are in per cent, ``size`` of its letters is in points."""

    head: Head
    numbers: tuple[str, ...]  # printed under each column
    widths: tuple[float, ...]
    rows: tuple[Line, ...]
    is_wide: bool = False  # lies across
    size: int = SIZES[0]

    @property
    def has_gaps(self) -> bool:
        """True when some cell holds ``NO_FIGURE``."""
        return any(cell.text == NO_FIGURE for row in self.rows for cell in row.cells)

    @property
    def has_sections(self) -> bool:
        """True when headings of sections stand between its rows."""
        return any(row.level == "section" for row in self.rows)


@cache
def _bold_font() -> Any:
    from reportlab.pdfbase.ttfonts import TTFont  # only who prints waits for it

    return TTFont("cchc-bold", str(FONT_FOLDER / "Tinos-Bold.ttf"))


def measure_text(text: str, size: float) -> float:
    """Return how long a bold line is on paper, in points."""
    length: float = _bold_font().stringWidth(text, size)
    return length


def print_table(evaluated: SolvedTable) -> PrintedTable:
    """Return the table as printed, upright or across as its form asks."""
    form = evaluated.form
    if not form.shape.has_labels and len(form.columns) > LONGEST_SINGLE_ROW:
        return _print_as_list(evaluated)
    columns = (*lead_columns(form), *form.columns)
    rows = tuple(list_lines(evaluated, columns))
    numbers = tuple(column.number for column in columns)
    if not any(numbers):  # the form prints none
        numbers = tuple(f"({place})" for place in range(1, len(numbers) + 1))
    widths, is_wide, size = _share_paper(columns, [row.cells for row in rows if row.row])
    size = SIZES[-1] if form.shape.has_sections and rows else size
    return PrintedTable(header_rows(columns), numbers, widths, rows, is_wide, size)


def _print_as_list(evaluated: SolvedTable) -> PrintedTable:
    """One line a column: number, words of the header, figure."""
    row = evaluated.rows[0] if evaluated.rows else SolvedRow("", "")
    columns = (
        _word_column(ORDINAL, "TT", "(1)", ValueKind.COUNT),
        _word_column(LABEL, "Chỉ tiêu", "(2)"),
        _word_column("", "Số liệu", "(3)"),
    )
    rows = tuple(
        Line("row", cells=(Cell(columns[0], str(n)), Cell(columns[1], c.label), lay_cell(row, c)))
        for n, c in enumerate(evaluated.form.columns, start=1)
    )
    numbers = tuple(column.number for column in columns)
    return PrintedTable(header_rows(columns), numbers, (8.0, 68.0, 24.0), rows)


def _share_paper(
    columns: Sequence[Column], rows: Sequence[tuple[Cell, ...]]
) -> tuple[tuple[float, ...], bool, int]:
    """Return the widths in per cent, whether the paper must lie across, and the size of letters.

    Every column first gets room for its longest word, so that no word is broken where it need not
    be; what is left goes to the columns by what they hold.
    """
    least: list[float] = []
    wanted: list[float] = []
    for size in SIZES:
        least, wanted = [], []
        for index, column in enumerate(columns):
            head, is_text = column.header[-1], column.kind is ValueKind.TEXT
            cells = [f"{row[index].text} {row[index].detail}" for row in rows]
            # a column of figures is as wide as its words ask: its header rather than its numbers
            mean = sum(map(len, cells)) / (len(cells) or 1) if is_text else len(head) / 3
            bounds = LABEL_WIDTHS if column.key == LABEL else TEXT_WIDTHS
            # three lines for what is usual, eight for the longest of a few long ones
            lines = max(mean / 3, max(map(len, cells), default=0) / 8)
            floor = min(max(lines * LETTER, bounds[0]), bounds[1]) if is_text else 0.0
            words = {"STT", *(word for text in (head, *cells) for word in text.split())}
            longest = max(measure_text(word, size) for word in words) / MM
            least.append(max(min(longest + PADDING, MOST_FOR_A_WORD), floor))
            spare = max(mean * LETTER - least[-1], 1.0)
            wanted.append(0.0 if column.key == ORDINAL else spare)
        if sum(least) <= UPRIGHT:
            break
    is_wide = sum(least) > UPRIGHT
    spare = max((ACROSS if is_wide else UPRIGHT) - sum(least), 0.0)
    shares = [need + spare * want / sum(wanted) for need, want in zip(least, wanted, strict=True)]
    widths = tuple(round(share * 100 / sum(shares), 2) for share in shares)
    return widths, is_wide, SIZES[0] if is_wide else size


_DUE = re.compile(
    r"(?:quý\s*(?P<quarter>IV|I{1,3}|[1-4])\D*|(?:th[áa]ng\s*)?(?P<month>[0-9]{1,2})\s*[/-]\s*"
    r"|(?:trong\s*)?năm\s*)(?P<year>[0-9]{4})",
    re.IGNORECASE,
)
_ROMAN = {"I": 1, "II": 2, "III": 3, "IV": 4}


@lru_cache(maxsize=1024)  # the same few words stand beside most tasks
def due_day(text: str) -> date | None:
    """Return the last day that words name ("Tháng 02/2023", "Quý II/2023"), None for none."""
    words = " ".join(text.split())
    day, found = read_date(words), _DUE.fullmatch(words)
    if isinstance(day, date) or not found:
        return day if isinstance(day, date) else None
    year, month, quarter = int(found["year"]), int(found["month"] or 12), found["quarter"]
    if quarter:
        month = 3 * (_ROMAN.get(quarter.upper()) or int(quarter))
    return date(year, month, monthrange(year, month)[1]) if 1 <= month <= 12 and year else None


def task_states(table: SolvedTable) -> tuple[tuple[str, str, frozenset[str]], ...]:
    """Return the states of tasks, each with its tone and the keys of its rows.

    Late is what was due before the figures end and is known not to be complete; a task without a
    figure is never called late.
    """
    rows: dict[str, set[str]] = {"good": set(), "other": set(), "late": set(), "track": set()}
    until = table.sheet.data_to
    for row in table.rows:
        done, due = row.figure("completion"), due_day(row.text("due"))
        if done is None:
            state = "track"
        elif done >= HUNDRED:
            state = "good"
        else:
            state = "late" if due and until and due < until else "other"
        rows[state].add(row.key)
    names = (_("Xong"), _("Đang làm"), _("Trễ hạn"), _("Chưa ghi tiến độ"))
    named = zip(names, rows.items(), strict=True)
    return tuple((name, tone, frozenset(keys)) for name, (tone, keys) in named)
