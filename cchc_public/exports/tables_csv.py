"""One table of a release as CSV: machine names, rows, total and nothing else, so it reads back."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from decimal import Decimal

from cchc_public.tables.language import Form
from cchc_public.tables.solved import Rate, SolvedRow, SolvedTable, SolvedValue
from cchc_public.vietnamese.text import neutralize

BOM = "\ufeff"  # without it Excel on Windows reads UTF-8 as the local code page
SECTION_NAMES = ("muc", "ten_muc", "tt")


def render_csv(table: SolvedTable, *, for_excel: bool = False) -> str:
    """Return the table as text with BOM and CRLF, the same figures as on the page.

    ``for_excel``: parted and pointed as Excel on a Vietnamese machine reads it, where a semicolon
    parts cells and a comma the decimals; with a point a rate would become text, or a date.
    """
    buffer = io.StringIO()
    buffer.write(BOM)
    writer = csv.writer(buffer, delimiter=";" if for_excel else ",", lineterminator="\r\n")
    writer.writerow(header_names(table.form))
    for row in (*table.rows, *filter(None, (table.total,))):
        labels = (neutralize(words) for words in list_labels(table.form, row))
        cells = (row.values.get(column.key) for column in table.form.columns)
        writer.writerow([*labels, *(write_cell(cell, for_excel=for_excel) for cell in cells)])
    return buffer.getvalue()


def header_names(table: Form) -> list[str]:
    """Return the machine names of all columns, those of the row labels first."""
    if not table.shape.has_labels:
        label_names: tuple[str, ...] = ()
    elif table.shape.has_sections:
        label_names = (*SECTION_NAMES, table.row_name)
    else:
        label_names = (table.row_name,)
    return [*label_names, *(column.name for column in table.columns)]


def list_labels(table: Form, row: SolvedRow) -> Iterator[str]:
    """Yield the words that stand before the figures of a row."""
    if not table.shape.has_labels:
        return
    if table.shape.has_sections:
        # the key is section and number, "III.6"; the section has its own column
        yield from (row.section, row.section_label, row.key.removeprefix(f"{row.section}."))
    yield row.label


def write_cell(value: SolvedValue, *, for_excel: bool = False) -> str:
    """Write one cell for machines: plain digits, decimal point, empty when unknown."""
    number = value.percent if isinstance(value, Rate) else value
    if number is None:
        return ""
    if isinstance(number, int | Decimal):
        text = write_number(number)
        return text.replace(".", ",") if for_excel else text
    return neutralize(number)


def write_number(value: int | Decimal) -> str:
    """Write a number; never with exactly three decimals, which read as thousands in Vietnam."""
    text = f"{value:f}" if isinstance(value, Decimal) else str(value)
    return text + "0" if len(text.partition(".")[2]) == 3 else text
