"""Workbooks of Excel and LibreOffice to grids: values with what they show, spans, hidden parts."""

from __future__ import annotations

import io
import os
import re
import warnings
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import openpyxl
import python_calamine
import xlrd
from lxml import etree

from cchc_public.errors import ImportRejected
from cchc_public.files.grid import (
    CUT_FILE,
    LOCKED,
    MAX_COLUMNS,
    MAX_ROWS,
    NO_ANSWER,
    Cell,
    Fault,
    Grid,
    build_grid,
    check_letters,
    check_rectangle,
    error_words,
)

_QUOTED = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]')
_ODF = "urn:oasis:names:tc:opendocument:xmlns:"
_TABLE, _OFFICE, _TEXT, _STYLE = (
    f"{{{_ODF}{part}:1.0}}" for part in ("table", "office", "text", "style")
)
_CALCEXT = "{urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0}"
_ROWS_FOUND_ODD = "Tệp ghi không theo chuẩn: chỉ đọc được giá trị các ô, không biết dòng nào bị ẩn."


def read_xlsx(data: bytes, name: str) -> tuple[list[Grid], tuple[str, ...]]:
    """Read a package of Excel; odd ones of other programs are read by a more patient library."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about charts and validations, which are not read
            book = openpyxl.load_workbook(io.BytesIO(data), data_only=True, keep_links=False)
            formulas = None
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                sheets = (m for m in archive.namelist() if m.startswith("xl/worksheets/"))
                if any(b"<f" in archive.read(member) for member in sheets):
                    formulas = openpyxl.load_workbook(io.BytesIO(data), keep_links=False)
        return [_xlsx_grid(sheet, formulas, name) for sheet in book.worksheets], ()
    except (ImportRejected, MemoryError):
        raise
    except Exception:
        return _read_patiently(data, name), (_ROWS_FOUND_ODD,)


def _xlsx_grid(sheet: Any, formulas: Any, name: str) -> Grid:
    # the library would make every cell of the used rectangle on a walk by rows
    cells: Mapping[tuple[int, int], Any] = sheet._cells
    asked = formulas[sheet.title]._cells if formulas else {}
    filled = {place: cell for place, cell in cells.items() if cell.value is not None}
    filled |= {place: cells[place] for place, cell in asked.items() if cell.data_type == "f"}
    rows = _rectangle(filled, name, 1)
    faults = []
    for (row, column), cell in filled.items():
        if cell.value is None and cell.data_type != "str":
            faults.append(Fault(row - 1, column - 1, NO_ANSWER))
        elif cell.data_type == "e":
            faults.append(Fault(row - 1, column - 1, error_words(str(cell.value)) or "lỗi"))
        else:
            rows[row - 1][column - 1] = shown(cell.value, cell.number_format)
    return build_grid(
        rows,
        sheet.title,
        spans=[
            (area.min_row - 1, area.min_col - 1, area.max_row - 1, area.max_col - 1)
            for area in sheet.merged_cells.ranges
        ],
        is_hidden=sheet.sheet_state != "visible",
        hidden_rows=frozenset(
            number - 1 for number, row in sheet.row_dimensions.items() if row.hidden
        ),
        hidden_columns=frozenset(
            place - 1
            for column in sheet.column_dimensions.values()
            if column.hidden
            for place in range(
                column.min or 1, min(column.max or 1, len(rows[0]) if rows else 0) + 1
            )
        ),
        faults=faults,
    )


def _rectangle(filled: Mapping[tuple[int, int], Any], name: str, first: int) -> list[list[Cell]]:
    height = max((row for row, _ in filled), default=first - 1) + 1 - first
    width = max((column for _, column in filled), default=first - 1) + 1 - first
    check_rectangle(name, height, width)
    return [[None] * width for _ in range(height)]


def _read_patiently(data: bytes, name: str) -> list[Grid]:
    try:
        with python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data)) as book:
            grids = []
            for index, meta in enumerate(book.sheets_metadata):
                if meta.typ == python_calamine.SheetTypeEnum.WorkSheet:
                    sheet = book.get_sheet_by_index(index)
                    check_rectangle(name, sheet.total_height, sheet.total_width)
                    rows = sheet.to_python(skip_empty_area=False) if sheet.start else []
                    spans = [(*first, *last) for first, last in sheet.merged_cell_ranges or ()]
                    is_hidden = meta.visible != python_calamine.SheetVisibleEnum.Visible
                    values = [[shown(cell, "") for cell in row] for row in rows]
                    grids.append(build_grid(values, sheet.name, spans=spans, is_hidden=is_hidden))
            return grids
    except python_calamine.PasswordError as error:
        raise ImportRejected(LOCKED.format(name=name)) from error
    except ImportRejected:
        raise
    except BaseException as error:
        # a damaged file can make the library panic, which is not an Exception
        if isinstance(error, KeyboardInterrupt | SystemExit | MemoryError):
            raise
        raise ImportRejected(CUT_FILE.format(name=name)) from error


def read_xls(data: bytes, name: str) -> list[Grid]:
    """Read a workbook of Excel 97-2003."""
    with open(os.devnull, "w", encoding="utf-8") as silent:
        try:
            book = xlrd.open_workbook(
                file_contents=data, formatting_info=True, ragged_rows=True, logfile=silent
            )
            return [_xls_grid(book, sheet, name) for sheet in book.sheets()]
        except (ImportRejected, MemoryError):
            raise
        except Exception as error:
            sentence = LOCKED if "encrypted" in str(error) else CUT_FILE
            raise ImportRejected(sentence.format(name=name)) from error


def _xls_grid(book: Any, sheet: Any, name: str) -> Grid:
    filled = {}
    for row in range(sheet.nrows):
        for column, kind in enumerate(sheet.row_types(row)):
            if kind not in (xlrd.XL_CELL_EMPTY, xlrd.XL_CELL_BLANK):
                filled[row, column] = kind
    rows = _rectangle(filled, name, 0)
    faults = []
    for (row, column), kind in filled.items():
        value = sheet.cell_value(row, column)
        if kind == xlrd.XL_CELL_ERROR:
            words = xlrd.error_text_from_code.get(value, "#N/A")
            faults.append(Fault(row, column, error_words(words) or "lỗi"))
        elif kind == xlrd.XL_CELL_DATE:
            rows[row][column] = shown(xlrd.xldate_as_datetime(value, book.datemode), "")
        elif kind == xlrd.XL_CELL_BOOLEAN:
            rows[row][column] = bool(value)
        else:
            style = book.xf_list[sheet.cell_xf_index(row, column)]
            rows[row][column] = shown(value, book.format_map[style.format_key].format_str)
    return build_grid(
        rows,
        sheet.name,
        spans=[(top, left, low - 1, right - 1) for top, low, left, right in sheet.merged_cells],
        is_hidden=sheet.visibility != 0,
        hidden_rows=frozenset(r for r, info in sheet.rowinfo_map.items() if info.hidden),
        hidden_columns=frozenset(c for c, info in sheet.colinfo_map.items() if info.hidden),
        faults=faults,
    )


def shown(value: Any, number_format: str) -> Cell:
    """Return a value as plain data: whole floats as int, midnight as a date, a percent as shown."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        mark = _QUOTED.sub("", number_format or "").partition(";")[0]
        if "%" in mark:
            digits = mark.partition(".")[2].count("0")
            step = Decimal(1).scaleb(-digits)
            percent = (Decimal(repr(value)) * 100).quantize(step, ROUND_HALF_UP)
            return f"{percent:f}".replace(".", ",") + "%"
        if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
            return int(value)
        return value
    if isinstance(value, datetime):
        return value.date() if value.time() == time() else value
    if isinstance(value, str | bool | date) or value is None:
        return value
    return str(value) if isinstance(value, time | timedelta) else None


def read_ods(data: bytes, name: str) -> list[Grid]:
    """Read a spreadsheet of OpenDocument, row by row as the file is unpacked."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive, archive.open("content.xml") as content:
            return list(_ods_grids(content, name))
    except (
        etree.XMLSyntaxError,
        zipfile.BadZipFile,
        zlib.error,
        ValueError,
        OSError,
        EOFError,
    ) as error:
        raise ImportRejected(CUT_FILE.format(name=name)) from error


def _ods_grids(content: Any, name: str) -> Iterator[Grid]:
    tags = (f"{_STYLE}style", f"{_TABLE}table-row", f"{_TABLE}table")
    hidden_styles: set[str] = set()
    sheet = _OdsSheet(name)
    for _end, element in etree.iterparse(
        content, tag=tags, resolve_entities=False, no_network=True
    ):
        parent = element.getparent()
        if element.tag == f"{_STYLE}style":
            properties = element.find(f"{_STYLE}table-properties")
            if properties is not None and properties.get(f"{_TABLE}display") == "false":
                hidden_styles.add(element.get(f"{_STYLE}name"))
        elif element.tag == f"{_TABLE}table-row":
            sheet.take_row(element)
        elif parent is not None and parent.tag == f"{_OFFICE}spreadsheet":
            yield build_grid(
                sheet.rows,
                element.get(f"{_TABLE}name", ""),
                spans=sheet.spans,
                is_hidden=element.get(f"{_TABLE}style-name") in hidden_styles,
                hidden_rows=frozenset(sheet.hidden),
                faults=sheet.faults,
            )
            sheet = _OdsSheet(name)
        element.clear()


class _OdsSheet:
    """Follows repeated rows and cells of one sheet; trailing repeats of nothing are free."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.row = self.letters = 0
        self.rows: list[list[Cell]] = []
        self.spans: list[tuple[int, int, int, int]] = []
        self.hidden: set[int] = set()
        self.faults: list[Fault] = []

    def take_row(self, element: Any) -> None:
        """Take one row element, which may stand for many rows."""
        height = _count(element, "number-rows-repeated")
        cells: list[Cell] = []
        faulty = []
        empty = 0
        for cell in element.iterchildren(f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"):
            width = _count(cell, "number-columns-repeated")
            value, fault = (None, "") if "covered" in cell.tag else _ods_value(cell)
            across = min(_count(cell, "number-columns-spanned"), MAX_COLUMNS)
            down = min(_count(cell, "number-rows-spanned"), MAX_ROWS)
            if value is None and not fault and (across, down) == (1, 1):
                empty += width
                continue
            check_rectangle(self.name, self.row + height, len(cells) + empty + width)
            cells += [None] * empty
            empty = 0
            if (across, down) != (1, 1):
                place = (self.row, len(cells))
                self.spans.append((*place, self.row + down - 1, len(cells) + across - 1))
            if fault:
                faulty.append((len(cells), fault))
            self.letters += len(str(value)) * width * height
            check_letters(self.name, self.letters)
            cells += [value] * width
        if cells:
            self.rows += [[] for _ in range(self.row - len(self.rows))]
            self.rows += [list(cells) for _ in range(height)]
            self.faults += [Fault(self.row, place, words) for place, words in faulty]
        if element.get(f"{_TABLE}visibility") in ("collapse", "filter") and cells:
            self.hidden |= set(range(self.row, self.row + height))
        self.row += height


def _count(element: Any, key: str) -> int:
    given = element.get(f"{_TABLE}{key}", "1")
    return max(1, int(given)) if given.isdecimal() and len(given) < 10 else 1


def _ods_value(cell: Any) -> tuple[Cell, str]:
    """Return the value of a cell, or the words of its fault."""
    lines = [_ods_text(paragraph) for paragraph in cell.iterchildren(f"{_TEXT}p")]
    text = "\n".join(lines)
    kind = cell.get(f"{_OFFICE}value-type", "")
    if cell.get(f"{_CALCEXT}value-type") == "error":
        return None, error_words(text) or f"nguồn báo lỗi {text[:20]}"
    if cell.get(f"{_TABLE}formula") and not kind:
        return None, NO_ANSWER
    if kind in ("float", "currency"):
        return shown(float(cell.get(f"{_OFFICE}value", "nan")), ""), ""
    if kind == "boolean":
        return cell.get(f"{_OFFICE}boolean-value") == "true", ""
    if kind == "date":
        return shown(datetime.fromisoformat(cell.get(f"{_OFFICE}date-value", "")), ""), ""
    return text if text.strip() else None, ""


def _ods_text(element: Any) -> str:
    parts = [element.text or ""]
    for child in element:
        if child.tag == f"{_TEXT}s":
            given = child.get(f"{_TEXT}c", "1")
            parts.append(" " * min(int(given) if given.isdecimal() else 1, 100))
        elif child.tag in (f"{_TEXT}tab", f"{_TEXT}line-break"):
            parts.append(" " if child.tag.endswith("tab") else "\n")
        elif child.tag != f"{_OFFICE}annotation" and isinstance(child.tag, str):
            parts.append(_ods_text(child))
        parts.append(child.tail or "")
    return "".join(parts)
