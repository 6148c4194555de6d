"""Text pasted from Word, Excel or a PDF to a statutory sheet."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

from cchc_public.errors import ImportRejected
from cchc_public.files.grid import build_grid
from cchc_public.importers.by_position import read_by_position
from cchc_public.importers.outcome import SheetImport
from cchc_public.importers.pasted_lines import FigureLine, parse_cells, parse_words
from cchc_public.importers.sheet_csv import find_sheet
from cchc_public.tables.language import BY_TASK, FREE_LIST, SINGLE, Form
from cchc_public.vietnamese.cleaning import remove_hidden
from cchc_public.vietnamese.repair import repair

MAX_LETTERS = 500_000


def read_pasted(table: Form, text: str) -> SheetImport:
    """Read pasted text as ``table``; ImportRejected says what was looked for and not found."""
    if not text.strip():
        raise ImportRejected("Chưa dán gì. Hãy chép cả bảng (Ctrl+C) rồi dán vào đây.")
    if len(text) > MAX_LETTERS:
        raise ImportRejected(
            "Nội dung dán quá dài. Hãy chỉ chép bảng cần nhập, không chép cả văn bản."
        )
    repaired = repair(text)
    plain = remove_hidden(repaired.text)
    found = _by_header(table, plain)
    if found is None or not found.figure_count:
        # the header is the form's, but its rows are laid out as no header tells: đến beside đi
        found = read_by_position(table, _figure_lines(plain), [plain]) or found
    if found is None:
        raise ImportRejected(_no_table(table))
    return replace(found, changes=repaired.changes)


def _by_header(table: Form, text: str) -> SheetImport | None:
    """Read a table whose header is recognised, or a list of one figure a line."""
    rows = split_tabs(text)
    if "\t" not in text:
        if table.shape is not SINGLE:
            return None
        rows = [line.rsplit(maxsplit=1) for line in text.splitlines()]
    return find_sheet(table, build_grid(rows).rows)


def _figure_lines(text: str) -> list[FigureLine]:
    if "\t" in text:
        return [parse_cells(number, row) for number, row in enumerate(split_tabs(text), 1)]
    return [parse_words(number, line) for number, line in enumerate(text.splitlines(), 1)]


def split_tabs(text: str) -> list[list[str]]:
    """Return tab-separated cells; Excel puts cells with line breaks between quotation marks."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter="\t")
    try:
        return [[" ".join(cell.split()) for cell in row] for row in reader]
    except csv.Error:
        return [line.split("\t") for line in text.splitlines()]


def _no_table(table: Form) -> str:
    if table.shape in (BY_TASK, FREE_LIST):
        return (
            f"Không nhận ra biểu «{table.short_title}» trong nội dung đã dán. Biểu này có cột chữ "
            "nên cần chép nguyên bảng, gồm cả dòng tiêu đề, từ Word hoặc Excel; hoặc tải tệp lên."
        )
    heads = ", ".join(f"«{column.header[-1]}»" for column in table.columns[:4])
    return (
        f"Không tìm thấy số liệu của biểu «{table.short_title}» trong nội dung đã dán. "
        f"Mỗi dòng cần có đủ các cột số như trong biểu ({heads}, …)."
    )
