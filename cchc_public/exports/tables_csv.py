"""One table of a release as CSV: machine names, rows, total and nothing else, so it reads back."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from decimal import Decimal

from cchc_public.tables.language import Form
from cchc_public.tables.solved import Rate, SolvedRow, SolvedTable, SolvedValue
from cchc_public.vietnamese.formula_guard import neutralize

BOM = "\ufeff"  # without it Excel on Windows reads UTF-8 as the local code page
SECTION_NAMES = ("muc", "ten_muc", "tt")


def render_csv(table: SolvedTable) -> str:
    """Return the table as text with BOM and CRLF, the same figures as on the page."""
    buffer = io.StringIO()
    buffer.write(BOM)
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(header_names(table.form))
    for row in table.rows:
        writer.writerow(_line(table.form, row))
    if table.total:
        writer.writerow(_line(table.form, table.total))
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


def _line(table: Form, row: SolvedRow) -> list[str]:
    labels = (neutralize(words) for words in list_labels(table, row))
    return [*labels, *(write_cell(row.values.get(c.key)) for c in table.columns)]


def list_labels(table: Form, row: SolvedRow) -> Iterator[str]:
    """Yield the words that stand before the figures of a row."""
    if not table.shape.has_labels:
        return
    if table.shape.has_sections:
        # the key is section and number, "III.6"; the section has its own column
        yield from (row.section, row.section_label, row.key.removeprefix(f"{row.section}."))
    yield row.label


def write_cell(value: SolvedValue) -> str:
    """Write one cell for machines: plain digits, decimal point, empty when unknown."""
    if isinstance(value, Rate):
        return "" if value.percent is None else write_number(value.percent)
    if value is None:
        return ""
    if isinstance(value, int | Decimal):
        return write_number(value)
    return neutralize(value)


def write_number(value: int | Decimal) -> str:
    """Write a number; never with exactly three decimals, which read as thousands in Vietnam."""
    text = f"{value:f}" if isinstance(value, Decimal) else str(value)
    return text + "0" if len(text.partition(".")[2]) == 3 else text
