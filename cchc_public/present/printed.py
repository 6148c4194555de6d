"""One evaluated table as it stands on paper: merged header, column numbers, rows, widths."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache
from typing import Any

from cchc_public.i18n import _, format_number, format_percent
from cchc_public.paths import PACKAGE
from cchc_public.present.wording import bare_fraction, percent_text
from cchc_public.tables.language import Column, Form, ValueKind, header_rows
from cchc_public.tables.solved import Rate, SolvedRow, SolvedTable, SolvedValue

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


@dataclass(frozen=True)
class PrintedHead:
    """One cell of the header."""

    text: str
    colspan: int = 1
    rowspan: int = 1


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

    head: tuple[tuple[PrintedHead, ...], ...]
    numbers: tuple[str, ...]
    widths: tuple[float, ...]  # per cent of the table, one a column
    rows: tuple[PrintedRow, ...]
    is_wide: bool
    has_gaps: bool  # some cell holds NO_FIGURE
    has_sections: bool = False
    size: int = SIZES[0]  # of its letters, in points


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
    table = evaluated.form
    if not table.shape.has_labels and len(table.columns) > LONGEST_SINGLE_ROW:
        return _print_as_list(evaluated)
    rows = tuple(_body(evaluated))
    leads = _leads(table)
    widths, is_wide, size = _share_paper(table, leads, rows)
    has_sections = any(row.kind == "section" for row in rows)
    return PrintedTable(
        head=_head(table, leads),
        numbers=_numbers(table, len(leads)),
        widths=widths,
        rows=rows,
        is_wide=is_wide,
        has_gaps=_has_gaps(rows),
        has_sections=has_sections,
        size=SIZES[-1] if has_sections else size,
    )


def print_value(value: SolvedValue, column: Column, stated: Decimal | None = None) -> PrintedCell:
    """Return one cell; a rate never stands without its fraction, a gap never as 0."""
    if isinstance(value, Rate):
        return _print_rate(value, stated)
    if isinstance(value, str):
        return PrintedCell(value, is_text=True)
    if value is None:
        # words left out say nothing; a figure left out does
        is_text = column.kind is ValueKind.TEXT
        return PrintedCell("" if is_text else NO_FIGURE, is_text=is_text)
    if column.unit == "%":
        return PrintedCell(format_percent(value))
    return PrintedCell(format_number(value))


def print_cell(row: SolvedRow, column: Column) -> PrintedCell:
    """Return one cell of a row, with what must be said of where its figure comes from."""
    cell = print_value(row.values.get(column.key), column, row.stated.get(column.key))
    expected = row.expected.get(column.key)
    if expected is not None:
        words = _("nguồn ghi; các số khác cho %(value)s", value=format_number(expected))
        return replace(cell, detail=words)
    return replace(cell, detail=_("theo nguồn")) if column.key in row.unconfirmed else cell


def _print_rate(rate: Rate, stated: Decimal | None) -> PrintedCell:
    if rate.percent is None:
        told = "" if stated is None else format_percent(stated)
        detail = _("theo nguồn %(rate)s", rate=told) if told else ""
        return PrintedCell(NO_FIGURE, detail)
    return PrintedCell(percent_text(rate.percent), f"({bare_fraction(rate)})")


def _leads(table: Form) -> tuple[tuple[str, str], ...]:
    """Return header and printed number of the columns before the figures."""
    leads: list[tuple[str, str]] = []
    if not table.shape.has_labels:
        return ()
    if table.shape.has_ordinal:
        leads.append((table.ordinal_header or "TT", table.ordinal_number))
    leads.append((table.row_header, table.row_number))
    return tuple(leads)


def _head(table: Form, leads: tuple[tuple[str, str], ...]) -> tuple[tuple[PrintedHead, ...], ...]:
    levels = header_rows(table)
    first = tuple(PrintedHead(text, 1, len(levels)) for text, _number in leads)
    printed = [
        tuple(PrintedHead(cell.text, cell.colspan, cell.rowspan) for cell in level)
        for level in levels
    ]
    return (first + printed[0], *printed[1:])


def _numbers(table: Form, lead_count: int) -> tuple[str, ...]:
    """Return the form's own column numbers, or (1), (2), … when it prints none."""
    own = (table.ordinal_number, table.row_number)[-lead_count:] if lead_count else ()
    printed = (*own, *(column.number for column in table.columns))
    if any(printed):
        return printed
    return tuple(f"({i})" for i in range(1, lead_count + len(table.columns) + 1))


def _body(evaluated: SolvedTable) -> Iterable[PrintedRow]:
    table = evaluated.form
    section, position = None, 0
    for level, row in evaluated.outline:
        kind = "row"
        if table.shape.has_sections and row.section != section:
            section, kind = row.section, "first"
            title = f"{row.section}. {row.section_label}".strip(". ")
            yield PrintedRow("section", (PrintedCell(title, is_text=True),))
        position += level == "row"
        leads = _lead_cells(table, row, position)
        if level != "row" and len(leads) > 1:
            leads[0] = PrintedCell(row.key if level == "group" else "")
        yield PrintedRow(kind, (*leads, *_figures(table, row)))
    if evaluated.total:
        total = evaluated.total
        label = PrintedCell(total.label, is_text=True)
        yield PrintedRow("total", (PrintedCell(""), label, *_figures(table, total)))


def _lead_cells(table: Form, row: SolvedRow, position: int) -> list[PrintedCell]:
    if not table.shape.has_labels:
        return []
    label = PrintedCell(row.label, is_text=True)
    if not table.shape.has_ordinal:
        return [label]
    ordinal = row.key.rpartition(".")[2] if table.shape.has_sections else str(position)
    return [PrintedCell(ordinal), label]


def _figures(table: Form, row: SolvedRow) -> list[PrintedCell]:
    return [print_cell(row, column) for column in table.columns]


def _print_as_list(evaluated: SolvedTable) -> PrintedTable:
    """One line a column: number, words of the header, figure."""
    table = evaluated.form
    row = evaluated.rows[0] if evaluated.rows else SolvedRow("", "")
    figures = _figures(table, row)
    rows = tuple(
        PrintedRow(
            "row",
            (PrintedCell(str(position)), PrintedCell(column.label, is_text=True), cell),
        )
        for position, (column, cell) in enumerate(zip(table.columns, figures, strict=True), 1)
    )
    head = tuple(PrintedHead(text) for text in ("TT", "Chỉ tiêu", "Số liệu"))
    return PrintedTable(
        (head,), ("(1)", "(2)", "(3)"), (8.0, 68.0, 24.0), rows, False, _has_gaps(rows)
    )


def _has_gaps(rows: Iterable[PrintedRow]) -> bool:
    return any(cell.text == NO_FIGURE for row in rows for cell in row.cells)


def _share_paper(
    table: Form, leads: tuple[tuple[str, str], ...], rows: tuple[PrintedRow, ...]
) -> tuple[tuple[float, ...], bool, int]:
    """Return the widths in per cent, whether the paper must lie across, and the size of letters.

    Every column first gets room for its longest word, so that no word is broken where it need not
    be; what is left goes to the columns by what they hold.
    """
    columns = [(words, True) for words, _number in leads]
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
