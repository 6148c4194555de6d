"""Text to grids: files of separated values in any letter code, and what people paste."""

from __future__ import annotations

import codecs
import csv
import io
import re
import unicodedata
from collections import Counter

from cchc_public.errors import ImportRejected
from cchc_public.files.grid import Document, Shape, build_grid, check_rectangle
from cchc_public.vietnamese.text import is_syllable, remove_hidden, repair, restore

SEPARATORS = (",", ";", "\t", "|")
MAX_LETTERS = 500_000  # of a paste
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SEP_LINE = re.compile(r"sep=([^\"\r\n])\r?\n", re.IGNORECASE)
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\ufffd]")
_WORD = re.compile(r"[^\W\d_]*[^\W\d_\x00-\x7f][^\W\d_]*")
_DECLARED = re.compile(rb"charset\s*=\s*[\"']?([\w-]{3,20})", re.IGNORECASE)
# A row of a table opens so; the further paragraphs of a cell do not.
_OPENS_ROW = re.compile(
    r"\s*(?:$|[0-9]{1,3}(?:\.[0-9]{1,3}){0,3}[.)]?\s*$|[IVXLC]{1,7}[.)]?\s*$|[A-Z][.)]?\s*$)"
)
_SAMPLE_LINES = 50
_WRAPPED_LINES = 40
_ENOUGH = 0.6  # share of marked words that must be Vietnamese before cp1258 is believed


def read_separated(data: bytes, name: str) -> tuple[list[list[str]], tuple[str, ...]]:
    """Return the rows of a CSV or tab-separated file and notes on how it was read."""
    text, notes = decode_text(data, name)
    if len(_CONTROLS.findall(text)) * 100 > len(text) or "\x00" in text:
        raise _no_text(name)
    return split_rows(text, name), notes


def read_pasted_text(text: str) -> Document:
    """Return pasted text as one grid: at its tabs when it has any, else line by line."""
    if not text.strip():
        raise ImportRejected("Chưa dán gì. Hãy chép cả bảng (Ctrl+C) rồi dán vào đây.")
    if len(text) > MAX_LETTERS:
        raise ImportRejected(
            "Nội dung dán quá dài. Hãy chỉ chép bảng cần nhập, không chép cả văn bản."
        )
    repaired = repair(text)
    plain = remove_hidden(repaired.text)
    if "\t" not in plain:
        grid = build_grid([[line] for line in plain.split("\n")], shape=Shape.LINES)
        return Document("nội dung dán", (grid,), repaired.changes)
    try:
        # Excel puts cells with line breaks between quotation marks; Word lets them break the line
        rows = list(csv.reader(io.StringIO(plain, newline=""), delimiter="\t", strict=True))
    except csv.Error:
        rows = [line.split("\t") for line in plain.split("\n")]
    joined = _join_paragraphs(rows)
    widths = tuple(len(row) for row in joined)
    grid = build_grid(joined, shape=Shape.TABS, widths=widths)
    return Document("nội dung dán", (grid,), repaired.changes)


def _join_paragraphs(rows: list[list[str]]) -> list[list[str]]:
    """Put the paragraphs of a cell together again: lines that only together fill a row.

    A joined line leaves an empty one behind, so that later ones keep their number.
    """
    widths = Counter(len(row) for row in rows if len(row) > 1)
    width = widths.most_common(1)[0][0] if widths else 1
    joined: list[list[str]] = []
    index = 0
    while index < len(rows):
        row, used = rows[index], 1
        ahead = rows[index + 1 : index + 1 + _WRAPPED_LINES] if 1 < len(row) < width else []
        grown = list(row)
        for taken, rest in enumerate(ahead, 2):
            if not rest or _OPENS_ROW.match(rest[0]) or len(grown) + len(rest) - 1 > width:
                break
            grown = [*grown[:-1], f"{grown[-1]}\n{rest[0]}", *rest[1:]]
            following = rows[index + taken] if index + taken < len(rows) else []
            is_open = len(following) == 1 and bool(following[0].strip())
            if len(grown) == width and not is_open:
                row, used = grown, taken
                break
        joined += [row, *([[]] * (used - 1))]
        index += used
    return joined


def decode_text(data: bytes, name: str) -> tuple[str, tuple[str, ...]]:
    """Return the text of ``data``; ImportRejected when no letter code fits."""
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            return _strict(data, encoding, name), ()
    sample = data[:4000]
    if b"\x00" in sample:
        even, odd = sample[0::2].count(0), sample[1::2].count(0)
        if max(even, odd) < len(sample) / 8:
            raise _no_text(name)
        encoding = "utf-16-le" if odd > even else "utf-16-be"
        return _strict(data, encoding, name), ("Đọc tệp theo bảng mã UTF-16.",)
    try:
        return data.decode("utf-8"), ()
    except UnicodeDecodeError as error:
        if error.start > len(data) - 4:
            raise _cut(name) from error
    return _eight_bit(data, name)


def decode_page(data: bytes, name: str) -> str:
    """Return the text of a web page in the letter code that it declares, or that fits."""
    declared = _DECLARED.search(data[:4000])
    if declared and not data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        try:
            return data.decode(declared[1].decode("ascii"))
        except (LookupError, UnicodeDecodeError):
            pass
    return decode_text(data, name)[0]


def split_rows(text: str, name: str) -> list[list[str]]:
    """Return the cells of each line; the separator is the one that parts the lines evenly."""
    named = _SEP_LINE.match(text)
    if named:
        text = text[named.end() :]
    lines = [line for line in text.splitlines() if line.strip()][:_SAMPLE_LINES]
    best = max(SEPARATORS, key=lambda mark: (_evenness(lines, mark), -SEPARATORS.index(mark)))
    separator = named[1] if named else best
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
