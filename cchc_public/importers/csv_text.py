"""Turns the bytes of a text file into rows; letter code and separator are recognised."""

from __future__ import annotations

import codecs
import csv
import io
import re
import unicodedata
from collections import Counter

from cchc_public.errors import ImportRejected
from cchc_public.importers.cell_bounds import check_rectangle
from cchc_public.statutory.formula_guard import restore
from cchc_public.vietnamese.repair import repair
from cchc_public.vietnamese.syllables import is_syllable

SEPARATORS = (",", ";", "\t", "|")
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SEP_LINE = re.compile(r"sep=([^\"\r\n])\r?\n", re.IGNORECASE)
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\ufffd]")
_WORD = re.compile(r"[^\W\d_]*[^\W\d_\x00-\x7f][^\W\d_]*")
_SAMPLE_LINES = 50
_ENOUGH = 0.6  # share of marked words that must be Vietnamese before cp1258 is believed


def read_text_rows(data: bytes, name: str) -> tuple[list[list[str]], tuple[str, ...]]:
    """Return the rows of a CSV or tab-separated file and notes on how it was read."""
    text, notes = decode_text(data, name)
    if len(_CONTROLS.findall(text)) * 100 > len(text) or "\x00" in text:
        raise _no_text(name)
    return split_rows(text, name), notes


def decode_text(data: bytes, name: str) -> tuple[str, tuple[str, ...]]:
    """Return the text of ``data``; ImportRejected when no letter code fits."""
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            return _strict(data, encoding, name), ()
    if b"\x00" in data[:4000]:
        return _without_bom(data, name), ("Đọc tệp theo bảng mã UTF-16.",)
    try:
        return data.decode("utf-8"), ()
    except UnicodeDecodeError as error:
        if error.start > len(data) - 4:
            raise _cut(name) from error
    return _eight_bit(data, name)


def split_rows(text: str, name: str) -> list[list[str]]:
    """Return the cells of each line; the separator is the one that parts the lines evenly."""
    named = _SEP_LINE.match(text)
    if named:
        text = text[named.end() :]
    separator = named[1] if named else find_separator(text)
    rows: list[list[str]] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        for row in reader:
            rows.append([restore(cell) for cell in row])
            check_rectangle(name, len(rows), len(row))
    except csv.Error as error:
        raise ImportRejected(
            f"Tệp «{name}», dòng {reader.line_num}: dấu ngoặc kép mở ra mà không đóng đúng chỗ, "
            "hoặc tệp bị cắt. Hãy sửa dòng đó, hoặc lưu lại thành .xlsx rồi tải lên."
        ) from error
    return rows


def find_separator(text: str) -> str:
    """Return the separator under which most lines have the same number of cells, above one."""
    lines = [line for line in text.splitlines() if line.strip()][:_SAMPLE_LINES]
    return max(SEPARATORS, key=lambda mark: (_evenness(lines, mark), -SEPARATORS.index(mark)))


def _evenness(lines: list[str], separator: str) -> float:
    try:
        widths = [len(row) for row in csv.reader(lines, delimiter=separator)]
    except csv.Error:
        return 0
    if not widths:
        return 0
    width, count = Counter(widths).most_common(1)[0]
    if width == 1:
        # one line of many may hold the whole separator sense: keep a little weight
        return sum(w > 1 for w in widths) / len(widths) / 10
    return count / len(widths) + min(width, 100) / 1000


def _strict(data: bytes, encoding: str, name: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise _cut(name) from error


def _without_bom(data: bytes, name: str) -> str:
    sample = data[:4000]
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    if max(even, odd) < len(sample) / 8:
        raise _no_text(name)
    return _strict(data, "utf-16-le" if odd > even else "utf-16-be", name)


def _eight_bit(data: bytes, name: str) -> tuple[str, tuple[str, ...]]:
    """Old one-byte files: TCVN3 or VNI when the words prove it, else Windows-1258."""
    western = data.decode("cp1252", errors="replace")
    repaired = repair(western)
    if repaired.encoding:
        return repaired.text, (f"Tệp dùng bảng mã cũ {repaired.encoding}; đã chuyển sang Unicode.",)
    try:
        text = unicodedata.normalize("NFC", data.decode("cp1258"))
    except UnicodeDecodeError as error:
        raise _unknown_code(name) from error
    words = _WORD.findall(text)
    if sum(map(is_syllable, words)) < _ENOUGH * len(words):
        raise _unknown_code(name)
    return text, ("Tệp dùng bảng mã cũ Windows-1258; đã chuyển sang Unicode.",)


def _cut(name: str) -> ImportRejected:
    return ImportRejected(
        f"Tệp «{name}» bị cắt giữa chừng hoặc hỏng chữ. Hãy lưu lại tệp rồi tải lên lần nữa."
    )


def _no_text(name: str) -> ImportRejected:
    return ImportRejected(
        f"Tệp «{name}» không phải bảng tính cũng không phải tệp chữ. "
        "Hãy mở bảng bằng Excel hoặc LibreOffice rồi lưu thành .xlsx."
    )


def _unknown_code(name: str) -> ImportRejected:
    return ImportRejected(
        f"Không nhận ra bảng mã chữ của tệp «{name}». Hãy mở bằng Excel và lưu thành .xlsx, "
        "hoặc chọn kiểu «CSV UTF-8»."
    )
