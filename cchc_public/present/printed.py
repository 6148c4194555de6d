"""One evaluated table as it stands on paper: merged header, column numbers, rows, widths."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar

from cchc_public.i18n import _, format_number, format_percent
from cchc_public.paths import PACKAGE
from cchc_public.present.wording import bare_fraction, percent_text
from cchc_public.tables.language import Column, Form, HeaderCell, ValueKind, header_rows
from cchc_public.tables.solved import Rate, SolvedRow, SolvedTable

NO_FIGURE = "–"
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


Head = TypeVar("Head", bound=HeaderCell)


@dataclass(frozen=True)
class PrintedCell:
    """One cell: ``text``, and ``detail`` below it in small print (a rate's fraction)."""

    text: str
    detail: str = ""
    is_text: bool = False


@dataclass(frozen=True)
class PrintedRow:
    """One line; ``kind`` is section (one cell across), first (below a section), row or total."""

    kind: str
    cells: tuple[PrintedCell, ...]


@dataclass(frozen=True)
class PrintedTable:
    """Everything a template needs to draw the table."""

    head: tuple[tuple[HeaderCell, ...], ...]
    numbers: tuple[str, ...]
    widths: tuple[float, ...]  # per cent of the table, one a column
    rows: tuple[PrintedRow, ...]
    is_wide: bool = False
    size: int = SIZES[0]  # of its letters, in points

    @property
    def has_gaps(self) -> bool:
        """True when some cell holds ``NO_FIGURE``."""
        return any(cell.text == NO_FIGURE for row in self.rows for cell in row.cells)

    @property
    def has_sections(self) -> bool:
        """True when headings of sections stand between its rows."""
        return any(row.kind == "section" for row in self.rows)


@cache
def _bold_font() -> Any:
    from reportlab.pdfbase.ttfonts import TTFontFace  # only who prints waits for it

    return TTFontFace(str(FONT_FOLDER / "Tinos-Bold.ttf"))


def measure_text(text: str, size: float) -> float:
    """Return how long a bold line is on paper, in points."""
    widths, default = _bold_font().charWidths, _bold_font().defaultWidth
    thousandths: float = sum(widths.get(ord(char), default) for char in text)
    return thousandths * size / 1000


def print_table(evaluated: SolvedTable) -> PrintedTable:
    """Return the table as printed, upright or across as its form asks."""
    form = evaluated.form
    shape = form.shape
    if not shape.has_labels and len(form.columns) > LONGEST_SINGLE_ROW:
        return _print_as_list(evaluated)
    leads = list_leads(form)
    rows, levels = tuple(_body(evaluated)), header_rows(form)
    first = tuple(HeaderCell(words, 1, len(levels), None) for words, _number in leads)
    numbers = (*(number for _words, number in leads), *(column.number for column in form.columns))
    if not any(numbers):  # the form prints none
        numbers = tuple(f"({place})" for place in range(1, len(numbers) + 1))
    widths, is_wide, size = _share_paper(form, [words for words, _number in leads], rows)
    head = (first + levels[0], *levels[1:])
    size = SIZES[-1] if shape.has_sections and rows else size
    return PrintedTable(head, numbers, widths, rows, is_wide, size)


def list_leads(form: Form) -> list[tuple[str, str]]:
    """Return header and printed number of the columns before the figures, the row's name last."""
    leads = [(form.row_header, form.row_number)] if form.shape.has_labels else []
    if leads and form.shape.has_ordinal:
        leads.insert(0, (form.ordinal_header or "TT", form.ordinal_number))
    return leads


def place_heads(levels: Sequence[Sequence[Head]]) -> Iterator[tuple[int, int, Head]]:
    """Yield every cell of a merged header with its line and its column, both from 0."""
    taken: set[tuple[int, int]] = set()
    for line, level in enumerate(levels):
        column = 0
        for cell in level:
            while (line, column) in taken:
                column += 1
            yield line, column, cell
            spread = (
                (down, across) for down in range(cell.rowspan) for across in range(cell.colspan)
            )
            taken |= {(line + down, column + across) for down, across in spread}


def print_cell(row: SolvedRow, column: Column) -> PrintedCell:
    """Return one cell, with what must be said of where its figure comes from.

    A rate never stands without its fraction, a gap never as 0.
    """
    value, stated = row.values.get(column.key), row.stated.get(column.key)
    text, detail, is_text = NO_FIGURE, "", False
    if isinstance(value, Rate):
        if value.percent is not None:
            text, detail = percent_text(value.percent), f"({bare_fraction(value)})"
        elif stated is not None:
            detail = _("theo nguồn %(rate)s", rate=format_percent(stated))
    elif isinstance(value, str) or (value is None and column.kind is ValueKind.TEXT):
        text, is_text = value or "", True  # words left out say nothing; a figure left out does
    elif value is not None:
        text = format_percent(value) if column.unit == "%" else format_number(value)
    if (expected := row.expected.get(column.key)) is not None:
        detail = _("nguồn ghi; các số khác cho %(value)s", value=format_number(expected))
    elif column.key in row.unconfirmed:
        detail = _("theo nguồn")
    return PrintedCell(text, detail, is_text)


def _body(evaluated: SolvedTable) -> Iterable[PrintedRow]:
    form, shape = evaluated.form, evaluated.form.shape
    section, position = None, 0
    for level, row in evaluated.outline:
        kind = "row"
        if shape.has_sections and row.section != section:
            section, kind = row.section, "first"
            title = f"{row.section}. {row.section_label}".strip(". ")
            yield PrintedRow("section", (PrintedCell(title, is_text=True),))
        position += level == "row"
        leads = [PrintedCell(row.label, is_text=True)] if shape.has_labels else []
        if shape.has_labels and shape.has_ordinal:
            ordinal = row.key.rpartition(".")[2] if shape.has_sections else str(position)
            if level != "row":
                ordinal = row.key if level == "group" else ""
            leads.insert(0, PrintedCell(ordinal))
        yield PrintedRow(kind, (*leads, *(print_cell(row, column) for column in form.columns)))
    if total := evaluated.total:
        label = PrintedCell(total.label, is_text=True)
        figures = (print_cell(total, column) for column in form.columns)
        yield PrintedRow("total", (PrintedCell(""), label, *figures))


def _print_as_list(evaluated: SolvedTable) -> PrintedTable:
    """One line a column: number, words of the header, figure."""
    row = evaluated.rows[0] if evaluated.rows else SolvedRow("", "")
    rows = tuple(
        PrintedRow(
            "row",
            (
                PrintedCell(str(position)),
                PrintedCell(column.label, is_text=True),
                print_cell(row, column),
            ),
        )
        for position, column in enumerate(evaluated.form.columns, start=1)
    )
    head = tuple(HeaderCell(text, 1, 1, None) for text in ("TT", "Chỉ tiêu", "Số liệu"))
    return PrintedTable((head,), ("(1)", "(2)", "(3)"), (8.0, 68.0, 24.0), rows)


def _share_paper(
    table: Form, leads: Sequence[str], rows: tuple[PrintedRow, ...]
) -> tuple[tuple[float, ...], bool, int]:
    """Return the widths in per cent, whether the paper must lie across, and the size of letters.

    Every column first gets room for its longest word, so that no word is broken where it need not
    be; what is left goes to the columns by what they hold.
    """
    columns = [(words, True) for words in leads]
    columns += [(c.header[-1], c.kind is ValueKind.TEXT) for c in table.columns]
    body = [row.cells for row in rows if row.kind != "section"]
    least: list[float] = []
    wanted: list[float] = []
    for size in SIZES:
        least, wanted = [], []
        for index, (head, is_text) in enumerate(columns):
            cells = [f"{row[index].text} {row[index].detail}" for row in body]
            is_ordinal = index < len(leads) - 1
            # a column of figures is as wide as its words ask: its header rather than its numbers
            mean = sum(map(len, cells)) / (len(cells) or 1) if is_text else len(head) / 3
            bounds = LABEL_WIDTHS if index == len(leads) - 1 and not is_ordinal else TEXT_WIDTHS
            # three lines for what is usual, eight for the longest of a few long ones
            lines = max(mean / 3, max(map(len, cells), default=0) / 8)
            floor = min(max(lines * LETTER, bounds[0]), bounds[1]) if is_text else 0.0
            words = {"STT", *(word for text in (head, *cells) for word in text.split())}
            longest = max(measure_text(word, size) for word in words) / MM
            room = min(longest + PADDING, MOST_FOR_A_WORD)
            least.append(room if is_ordinal else max(room, floor))
            wanted.append(0.0 if is_ordinal else max(mean * LETTER - least[-1], 1.0))
        if sum(least) <= UPRIGHT:
            break
    is_wide = sum(least) > UPRIGHT
    spare = max((ACROSS if is_wide else UPRIGHT) - sum(least), 0.0)
    shares = [need + spare * want / sum(wanted) for need, want in zip(least, wanted, strict=True)]
    widths = tuple(round(share * 100 / sum(shares), 2) for share in shares)
    return widths, is_wide, SIZES[0] if is_wide else size
