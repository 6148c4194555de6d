"""Writes the procedure list as the very table the import reads: out, in and out again is equal."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import fields

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from cchc_public.procedures.cells import HEADERS, to_cells
from cchc_public.procedures.record import ProcedureRecord
from cchc_public.vietnamese.text import neutralize

XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV_TYPE = "text/csv; charset=utf-8"
_WIDE = frozenset({"name", "fee", "components", "steps", "conditions", "legal_bases", "source"})
_DAYS = [field.name for field in fields(ProcedureRecord) if field.type == "date | None"]


def procedures_csv(records: Iterable[ProcedureRecord]) -> bytes:
    """Return the list as CSV that Excel on Windows opens rightly.

    Days are written 2025-07-01: a program set to American English takes 01/07/2025 for 7 January
    and would bring that back without a word (seen with LibreOffice). The workbook holds text.
    """
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(HEADERS.values())
    for record in records:
        days = {key: getattr(record, key) for key in _DAYS}
        cells = {**to_cells(record), **{key: day.isoformat() for key, day in days.items() if day}}
        writer.writerow([neutralize(text) for text in cells.values()])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def procedures_xlsx(records: Iterable[ProcedureRecord]) -> bytes:
    """Return the list as an Excel workbook; every cell is text, none is ever a formula."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Thủ tục")
    sheet.freeze_panes = "C2"
    for number, key in enumerate(HEADERS, start=1):
        sheet.column_dimensions[get_column_letter(number)].width = 45 if key in _WIDE else 18
    sheet.append([_cell(sheet, header, Font(bold=True)) for header in HEADERS.values()])
    for record in records:
        texts = to_cells(record).values()
        sheet.append([_cell(sheet, text) if text else None for text in texts])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _cell(sheet: WriteOnlyWorksheet, text: str, font: Font | None = None) -> WriteOnlyCell:
    cell = WriteOnlyCell(sheet, value=text)
    cell.data_type = "s"  # openpyxl would take "=…" for a formula
    cell.alignment = Alignment(wrap_text=True, vertical="top")
    if font:
        cell.font = font
    return cell
