"""Bytes of a spreadsheet file to neutral rows; the content decides the type, never the name."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any

import python_calamine

from cchc_public.errors import ImportRejected
from cchc_public.importers.cell_bounds import Bounds, check_rectangle, check_workbook
from cchc_public.importers.csv_text import read_text_rows
from cchc_public.importers.file_kind import FileKind, find_kind
from cchc_public.importers.old_workbook import check_old_workbook
from cchc_public.importers.package_guard import CUT_FILE, LOCKED
from cchc_public.vietnamese.cleaning import remove_hidden
from cchc_public.vietnamese.repair import Change, repair_all

MAX_BYTES = 20 * 1024 * 1024

Cell = str | int | float | bool | date | datetime | None
Merge = tuple[int, int, int, int]  # first row, first column, last row, last column, from 0


@dataclass(frozen=True)
class RawSheet:
    """One sheet: rows from the very first one of the file, so that row 0 is «dòng 1»."""

    name: str
    rows: tuple[tuple[Cell, ...], ...]
    merges: tuple[Merge, ...] = ()

    @property
    def is_empty(self) -> bool:
        """True when no cell holds anything."""
        return not self.rows


@dataclass(frozen=True)
class Workbook:
    """All sheets of a file, the words that were repaired, and notes on how it was read."""

    name: str
    sheets: tuple[RawSheet, ...]
    changes: tuple[Change, ...] = ()
    notes: tuple[str, ...] = ()


def read_spreadsheet(data: bytes, name: str, *, max_bytes: int = MAX_BYTES) -> Workbook:
    """Read .xlsx, .xls, .ods or .csv; ImportRejected says what is wrong and how to mend it.

    Formulas are never evaluated: the value the file keeps beside each is taken.
    """
    if not data:
        raise ImportRejected(f"Tệp «{name}» trống, không có gì để nhập.")
    if len(data) > max_bytes:
        raise ImportRejected(
            f"Tệp «{name}» lớn quá {max_bytes // 1024 // 1024} MB. "
            "Hãy chỉ giữ trang tính cần nhập, xóa ảnh rồi lưu lại."
        )
    workbook = _read(data, name)
    if all(sheet.is_empty for sheet in workbook.sheets):
        raise ImportRejected(f"Tệp «{name}» không có ô nào có dữ liệu.")
    return _repair(workbook)


def _read(data: bytes, name: str) -> Workbook:
    found = find_kind(data, name)
    if found.kind is FileKind.TEXT:
        rows, notes = read_text_rows(data, name)
        return Workbook(name, (RawSheet("", trim_rows(rows)),), notes=notes)
    if found.package is None:
        check_old_workbook(data, name)
        return _read_book(data, name, [])
    return _read_book(data, name, check_workbook(found.package))


def _read_book(data: bytes, name: str, bounds: list[Bounds]) -> Workbook:
    try:
        with python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data)) as book:
            sheets = tuple(
                _read_sheet(book.get_sheet_by_index(index), name)
                for index, meta in enumerate(book.sheets_metadata)
                if meta.typ == python_calamine.SheetTypeEnum.WorkSheet
            )
    except python_calamine.PasswordError as error:
        raise ImportRejected(LOCKED.format(name=name)) from error
    except ImportRejected:
        raise
    except BaseException as error:
        # A damaged file can make the reading library panic, which is not an Exception.
        if isinstance(error, KeyboardInterrupt | SystemExit | MemoryError):
            raise
        raise ImportRejected(CUT_FILE.format(name=name)) from error
    return Workbook(name, sheets, notes=_error_notes(bounds))


def _read_sheet(sheet: python_calamine.CalamineSheet, name: str) -> RawSheet:
    check_rectangle(name, sheet.total_height, sheet.total_width)
    rows = trim_rows([[_value(cell) for cell in row] for row in _rows(sheet)])
    merges = tuple((*first, *last) for first, last in sheet.merged_cell_ranges or ())
    return RawSheet(sheet.name, rows, merges)


def _rows(sheet: python_calamine.CalamineSheet) -> list[list[Any]]:
    # An empty sheet has no rectangle; asking for it without skipping is an error in the library.
    return sheet.to_python(skip_empty_area=False) if sheet.start else []


def _value(cell: Any) -> Cell:
    """Return a cell as plain data: whole floats as int, midnight as a date, '' as None."""
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return int(cell)
    if isinstance(cell, datetime) and cell.time() == time():
        return cell.date()
    if isinstance(cell, time | timedelta):
        return str(cell)
    if isinstance(cell, str):
        return cell if cell.strip() else None
    return cell  # type: ignore[no-any-return]


def trim_rows(rows: Iterable[Sequence[Cell]]) -> tuple[tuple[Cell, ...], ...]:
    """Return the rows without empty ones at the end and without empty columns at the right."""
    kept = [[_blank_to_none(cell) for cell in row] for row in rows]
    while kept and not any(cell is not None for cell in kept[-1]):
        kept.pop()
    used = (i + 1 for row in kept for i, cell in enumerate(row) if cell is not None)
    width = max(used, default=0)
    return tuple((*row[:width], *(None,) * (width - len(row))) for row in kept)


def _blank_to_none(cell: Cell) -> Cell:
    return None if isinstance(cell, str) and not cell.strip() else cell


def _repair(workbook: Workbook) -> Workbook:
    """Undo old letter codes in every cell; all cells of the file are judged together."""
    texts = [
        cell for sheet in workbook.sheets for row in sheet.rows for cell in row if _marked(cell)
    ]
    repaired = repair_all(str(text) for text in texts)
    mended = iter([result.text for result in repaired])
    sheets = tuple(
        replace(sheet, rows=tuple(tuple(_mend(cell, mended) for cell in row) for row in sheet.rows))
        for sheet in workbook.sheets
    )
    changes = dict.fromkeys(change for result in repaired for change in result.changes)
    return replace(workbook, sheets=sheets, changes=tuple(changes))


def _marked(cell: Cell) -> bool:
    return isinstance(cell, str) and not cell.isascii()


def _mend(cell: Cell, mended: Iterator[str]) -> Cell:
    text = next(mended) if _marked(cell) else cell
    # after the repair: hidden characters of Unicode are letters in old codes
    return remove_hidden(text) or None if isinstance(text, str) else cell


def _error_notes(bounds: list[Bounds]) -> tuple[str, ...]:
    cells = [cell for sheet in bounds for cell in sheet.errors]
    if not cells:
        return ()
    return (f"Các ô chứa lỗi công thức (như #REF!), coi là chưa có số liệu: {', '.join(cells)}.",)
