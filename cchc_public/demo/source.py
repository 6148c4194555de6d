"""Reads the printed tables of the real report from the package's CSV files into sheets."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from decimal import Decimal
from importlib.resources import files

from cchc_public.statutory.registry import get_table
from cchc_public.statutory.rows import SINGLE_KEY, SINGLE_LABEL, row_key, task_key
from cchc_public.statutory.sheet import Row, Sheet, Value
from cchc_public.statutory.table import Column, StatutoryTable, ValueKind
from cchc_public.vietnamese.fold import fold
from cchc_public.vietnamese.numbers import Reading, read_count, read_decimal

FOLDER = "kim-thach-2023-h1"
TOTAL_LABEL = "Tổng cộng"

Record = Mapping[str, str]
Cells = dict[str, Value]
Stated = dict[str, Decimal]


def read_records(name: str) -> list[dict[str, str]]:
    """Return the rows of one CSV file of the report."""
    text = (files("cchc_public.demo") / FOLDER / name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def read_by_field(code: str, name: str) -> Sheet:
    """Return a table of one row a field, closed by its printed total."""
    table = get_table(code)
    rows = [_labelled_row(table, record) for record in read_records(name)]
    totals = [row for row in rows if row.label == TOTAL_LABEL]
    return Sheet(
        table.code,
        table.edition,
        rows=tuple(row for row in rows if row.label != TOTAL_LABEL),
        stated_total=_whole_total(totals),
    )


def read_in_out(code: str, name: str) -> Sheet:
    """Return a table of fixed rows; labels are those of the form."""
    return read_by_field(code, name)


def read_single(code: str, name: str, edition: str | None = None) -> Sheet:
    """Return a table of one row, printed across (a column a figure) or down (a row a figure)."""
    table = get_table(code, edition)
    records = read_records(name)
    if records and "gia_tri" in records[0]:
        record = {_name_of(table, r["chi_tieu"]): r["gia_tri"] for r in records}
    else:
        record = records[0]
    cells, stated = _read_cells(table, record)
    row = Row(SINGLE_KEY, SINGLE_LABEL, cells=cells, stated=stated)
    return Sheet(table.code, table.edition, rows=(row,))


def read_tasks(name: str, targets: str) -> Sheet:
    """Return the task table with the targets printed inside the wording of tasks."""
    table = get_table("nhiem-vu")
    wanted = {task_key(r["muc"], r["tt"]): r["chi_tieu_phai_dat"] for r in read_records(targets)}
    rows = []
    for record in read_records(name):
        key = task_key(record["muc"], record["tt"])
        cells, _ = _read_cells(table, {**record, "chi_tieu_phai_dat": wanted.get(key, "")})
        rows.append(Row(key, record["noi_dung"], record["muc"], record["ten_muc"], cells))
    return Sheet(table.code, table.edition, rows=tuple(rows))


def read_indicators(name: str) -> Sheet:
    """Return the single indicators; ``27/32`` is kept as a fraction."""
    table = get_table("chi-tieu")
    rows: list[Row] = []
    for record in read_records(name):
        numerator, slash, denominator = record["gia_tri"].partition("/")
        if slash:
            record |= {"gia_tri": "", "tu_so": numerator, "mau_so": denominator}
        cells, _ = _read_cells(table, record)
        key = row_key(table, record["chi_tieu"], {row.key for row in rows})
        rows.append(Row(key, record["chi_tieu"], cells=cells))
    return Sheet(table.code, table.edition, rows=tuple(rows))


def _labelled_row(table: StatutoryTable, record: Record) -> Row:
    label = record[table.row_name]
    key = row_key(table, label)
    known = table.known_row(key)
    cells, stated = _read_cells(table, record)
    return Row(key, known.label if known else label, cells=cells, stated=stated)


def _whole_total(totals: Iterable[Row]) -> Stated:
    """Return every figure of the printed total row; base cells there are statements too."""
    result: Stated = {}
    for row in totals:
        result |= {k: Decimal(v) for k, v in row.cells.items() if isinstance(v, int)}
        result |= row.stated
    return result


def _name_of(table: StatutoryTable, label: str) -> str:
    """Return the machine name of the column a source prints under ``label``."""
    for column in table.columns:
        if fold(label) in {fold(word) for word in (column.label, *column.aliases)}:
            return column.name
    raise ValueError(f"{table.code} has no column for {label!r}")


def _read_cells(table: StatutoryTable, record: Record) -> tuple[Cells, Stated]:
    cells: Cells = {}
    stated: Stated = {}
    for column in table.columns:
        value = _read_value(column, record.get(column.name, ""))
        if value is None:
            continue
        if column.is_base:
            cells[column.key] = value
        else:
            stated[column.key] = Decimal(value)
    return cells, stated


def _read_value(column: Column, text: str) -> Value:
    if not text.strip():
        return None
    if column.kind is ValueKind.TEXT:
        return text
    reading = (read_count if column.kind is ValueKind.COUNT else read_decimal)(text)
    if not isinstance(reading, Reading):
        raise ValueError(f"{column.name}: cannot read {text!r}")
    return reading.value
