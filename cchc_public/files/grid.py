"""Grids: the cells of a table as its source shows them; separated text and pastes as grids."""

from __future__ import annotations

import codecs
import csv
import io
import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from cchc_public.errors import ImportRejected
from cchc_public.vietnamese.dates import format_date
from cchc_public.vietnamese.numbers import format_number
from cchc_public.vietnamese.text import (
    Change,
    is_syllable,
    remove_hidden,
    repair,
    repair_all,
    restore,
)

MAX_ROWS = 50_000
MAX_COLUMNS = 500
MAX_CELLS = 2_000_000  # of one sheet's rectangle
MAX_TEXT = 20_000_000  # letters of all cells together
CUT_FILE = (
    "Tệp «{name}» bị hỏng hoặc tải lên chưa trọn. Hãy mở lại bằng Excel hoặc LibreOffice, "
    "lưu thành tệp .xlsx mới rồi tải lên."
)
TOO_LONG = "Nội dung dán quá dài. Hãy chỉ chép bảng cần nhập, không chép cả văn bản."
LOCKED = "Tệp «{name}» có mật khẩu. Hãy bỏ mật khẩu (Lưu thành, không đặt mật khẩu) rồi tải lên."

Cell = str | int | float | bool | date | datetime | None
Span = tuple[int, int, int, int]  # first row, first column, last row, last column, from 0

_ERROR = re.compile(r"#(?:REF!|DIV/0!|N/A|NAME\?|VALUE!|NUM!|NULL!)|Err:5\d\d")
_NARROW = re.compile("#{2,255}")
NO_ANSWER = "công thức chưa có kết quả (hãy mở tệp bằng Excel rồi lưu lại, hoặc gõ số vào ô)"
_TOO_NARROW = "cột quá hẹp nên nguồn chỉ hiện dấu #; hãy kéo rộng cột rồi chép lại"


class Shape(StrEnum):
    """What the source tells about its merged cells."""

    SPANS = "spans"  # every merged range is known
    TABS = "tabs"  # text with tabs: Excel keeps every place, Word makes a merged cell one field
    LINES = "lines"  # text without tabs: of a PDF, or one cell a line


@dataclass(frozen=True)
class Fault:
    """A cell whose figure the source itself could not show."""

    row: int
    column: int
    message: str

    @property
    def place(self) -> str:
        """The address as a spreadsheet writes it: ``D4``."""
        letters, number = "", self.column + 1
        while number:
            number, place = divmod(number - 1, 26)
            letters = chr(ord("A") + place) + letters
        return f"{letters}{self.row + 1}"


@dataclass(frozen=True)
class Grid:
    """Cells row by row from the very first of the source, so that row 0 is «dòng 1».

    Cells that a merged one covers are None, whatever the file keeps below it.
    """

    rows: tuple[tuple[Cell, ...], ...]
    name: str = ""
    spans: tuple[Span, ...] = ()
    shape: Shape = Shape.SPANS
    is_hidden: bool = False
    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[int] = frozenset()
    faults: tuple[Fault, ...] = ()
    widths: tuple[int, ...] = ()  # of text with tabs: the fields of each line as it came

    @property
    def width(self) -> int:
        """How many columns the grid has."""
        return len(self.rows[0]) if self.rows else 0


@dataclass(frozen=True)
class Document:
    """One source: its grids and the paragraphs between them, in order; what was repaired."""

    name: str
    blocks: tuple[Grid | str, ...]
    changes: tuple[Change, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def grids(self) -> tuple[Grid, ...]:
        """The tables alone."""
        return tuple(block for block in self.blocks if isinstance(block, Grid))

    @property
    def titled(self) -> Iterator[tuple[int, str, Grid]]:
        """The place of each table, the words directly above it (or its name), the table."""
        title = ""
        for place, block in enumerate(self.blocks):
            if isinstance(block, Grid):
                yield place, title or block.name, block
            title = block if isinstance(block, str) else ""


def build_grid(rows: Iterable[Sequence[Cell]], name: str = "", **marks: Any) -> Grid:
    """Return a tidy grid: no empty margins, covered cells empty, error words made faults."""
    kept: list[list[Cell]] = [
        [None if isinstance(cell, str) and not cell.strip() else cell for cell in row]
        for row in rows
    ]
    spans = [span for span in marks.pop("spans", ()) if span[0] < span[2] or span[1] < span[3]]
    for top, left, bottom, right in spans:
        for index in range(top, min(bottom, len(kept) - 1) + 1):
            row = kept[index]
            for column in range(left, min(right, len(row) - 1) + 1):
                row[column] = row[column] if (index, column) == (top, left) else None
    faults = list(marks.pop("faults", ()))
    filled = []
    for index, row in enumerate(kept):
        for column, cell in enumerate(row):
            if isinstance(cell, str) and cell[0] in "#E" and (words := error_words(cell)):
                faults.append(Fault(index, column, words))
                row[column] = None
            elif cell is not None:
                filled.append((index, column))
    shown = {*filled}
    faults = [fault for fault in faults if (fault.row, fault.column) not in shown]
    # empty rows at the end and empty columns at the right go; a fault counts as filled
    filled += [(fault.row, fault.column) for fault in faults]
    height = max((row + 1 for row, _ in filled), default=0)
    width = max((column + 1 for _, column in filled), default=0)
    kept = kept[:height] + [[] for _ in range(height - len(kept))]
    trimmed = tuple((*row[:width], *(None,) * (width - len(row))) for row in kept)
    return Grid(trimmed, name, tuple(spans), faults=tuple(faults), **marks)


def error_words(text: str) -> str:
    """Say what is wrong when a cell shows an error instead of its value, '' when it does not."""
    tidy = text.strip()
    if _ERROR.fullmatch(tidy[:12]):
        return f"nguồn báo lỗi {tidy}"
    return _TOO_NARROW if _NARROW.fullmatch(tidy) else ""


def repair_document(document: Document) -> Document:
    """Undo old letter codes and hidden characters; all words of a source are judged together."""
    texts = [str(cell) for cell in _texts(document.blocks) if not str(cell).isascii()]
    check_letters(document.name, sum(len(str(cell)) for cell in _texts(document.blocks)))
    repaired = repair_all(texts)
    mended = iter([result.text for result in repaired])

    def mend(cell: Cell) -> Cell:
        if not isinstance(cell, str):
            return cell
        # after the repair: hidden characters of Unicode are letters in old codes
        return remove_hidden(cell if cell.isascii() else next(mended)) or None

    blocks = tuple(
        replace(block, rows=tuple(tuple(map(mend, row)) for row in block.rows))
        if isinstance(block, Grid)
        else str(mend(block) or "")
        for block in document.blocks
    )
    changes = dict.fromkeys(change for result in repaired for change in result.changes)
    return replace(document, blocks=blocks, changes=tuple(changes))


def check_rectangle(name: str, rows: int, columns: int) -> None:
    """Refuse a rectangle of cells that is longer, wider or larger than we read."""
    if rows > MAX_ROWS:
        place, limit = f"dòng {format_number(rows)}", f"{format_number(MAX_ROWS)} dòng"
    elif columns > MAX_COLUMNS:
        place, limit = f"cột thứ {format_number(columns)}", f"{MAX_COLUMNS} cột"
    elif rows * columns > MAX_CELLS:
        place, limit = f"{format_number(rows * columns)} ô", f"{format_number(MAX_CELLS)} ô"
    else:
        return
    raise ImportRejected(
        f"Tệp «{name}» có dữ liệu đến {place}; chỉ đọc tối đa {limit}. "
        "Hãy xóa các dòng, cột thừa ở xa bảng rồi lưu lại."
    )


def check_letters(name: str, letters: int) -> None:
    """Refuse more text than fits in memory comfortably."""
    if letters > MAX_TEXT:
        raise ImportRejected(
            f"Tệp «{name}» chứa quá nhiều chữ để nhập. Hãy chỉ giữ trang tính cần nhập rồi lưu lại."
        )


def cell_text(cell: Cell) -> str:
    """Return a cell as one line of words."""
    if cell is None:
        return ""
    if isinstance(cell, datetime | date):
        return format_date(cell)
    if isinstance(cell, float):
        return f"{cell:.10g}".replace(".", ",")
    return " ".join(str(cell).split())


def document_to_json(document: Document) -> str:
    """Return the document as JSON, the one form in which it leaves the limited process."""

    def plain(value: Any) -> Any:
        if isinstance(value, date):
            return [value.isoformat()]  # a list tells it from text that looks like one
        return sorted(value) if isinstance(value, frozenset) else vars(value)

    return json.dumps(document, default=plain)


def document_from_json(text: str | bytes) -> Document:
    """Return what ``document_to_json`` wrote."""

    def unpack(cell: Any) -> Cell:
        if not isinstance(cell, list):
            return cell  # type: ignore[no-any-return]
        whole = len(cell[0]) > 10
        return datetime.fromisoformat(cell[0]) if whole else date.fromisoformat(cell[0])

    def grid(data: dict[str, Any]) -> Grid:
        sets = {key: frozenset(data[key]) for key in ("hidden_rows", "hidden_columns")}
        rows = tuple(tuple(map(unpack, row)) for row in data["rows"])
        faults = tuple(Fault(**fault) for fault in data["faults"])
        spans = tuple(map(tuple, data["spans"]))
        widths = tuple(data["widths"])
        marks = {"shape": Shape(data["shape"]), "spans": spans, "faults": faults, "widths": widths}
        return Grid(**{**data, **sets, **marks, "rows": rows})

    data = json.loads(text)
    return Document(
        data["name"],
        tuple(block if isinstance(block, str) else grid(block) for block in data["blocks"]),
        tuple(Change(**change) for change in data["changes"]),
        tuple(data["notes"]),
    )


def _texts(blocks: Iterable[Grid | str]) -> Iterator[Cell]:
    for block in blocks:
        if isinstance(block, str):
            yield block
        else:
            yield from (cell for row in block.rows for cell in row if isinstance(cell, str))


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
_NO_TEXT = (
    "Tệp «{name}» không phải bảng tính cũng không phải tệp chữ. "
    "Hãy mở bảng bằng Excel hoặc LibreOffice rồi lưu thành .xlsx."
)
_SAMPLE_LINES = 50
_WRAPPED_LINES = 40
_ENOUGH = 0.6  # share of marked words that must be Vietnamese before cp1258 is believed


def read_separated(data: bytes, name: str) -> tuple[list[list[str]], tuple[str, ...]]:
    """Return the rows of a CSV or tab-separated file and notes on how it was read."""
    text, notes = decode_text(data, name)
    if len(_CONTROLS.findall(text)) * 100 > len(text) or "\x00" in text:
        raise ImportRejected(_NO_TEXT.format(name=name))
    return split_rows(text, name), notes


def read_pasted_text(text: str) -> Document:
    """Return pasted text as one grid: at its tabs when it has any, else line by line."""
    if not text.strip():
        raise ImportRejected("Chưa dán gì. Hãy chép cả bảng (Ctrl+C) rồi dán vào đây.")
    if len(text) > MAX_LETTERS:
        raise ImportRejected(TOO_LONG)
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
    grid = build_grid(joined, shape=Shape.TABS, widths=tuple(map(len, joined)))
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
    """Return the text of ``data`` and how it was read; ImportRejected when no letter code fits."""
    sample = data[:4000]
    encoding = next((code for bom, code in _BOMS if data.startswith(bom)), "")
    notes: tuple[str, ...] = ()
    if not encoding and b"\x00" in sample:
        even, odd = sample[0::2].count(0), sample[1::2].count(0)
        if max(even, odd) < len(sample) / 8:
            raise ImportRejected(_NO_TEXT.format(name=name))
        encoding = "utf-16-le" if odd > even else "utf-16-be"
        notes = ("Đọc tệp theo bảng mã UTF-16.",)
    try:
        return data.decode(encoding or "utf-8"), notes
    except UnicodeDecodeError as error:
        if encoding or error.start > len(data) - 4:
            raise ImportRejected(
                f"Tệp «{name}» bị cắt giữa chừng hoặc hỏng chữ. Hãy lưu lại tệp rồi tải lên lần "
                "nữa."
            ) from error
    # old one-byte files: TCVN3 or VNI when the words prove it, else Windows-1258
    repaired = repair(data.decode("cp1252", errors="replace"))
    if repaired.encoding:
        return repaired.text, (f"Tệp dùng bảng mã cũ {repaired.encoding}; đã chuyển sang Unicode.",)
    text = unicodedata.normalize("NFC", data.decode("cp1258", errors="replace"))
    words = _WORD.findall(text)
    if "\ufffd" in text or sum(map(is_syllable, words)) < _ENOUGH * len(words):
        raise ImportRejected(
            f"Không nhận ra bảng mã chữ của tệp «{name}». Hãy mở bằng Excel và lưu thành .xlsx, "
            "hoặc chọn kiểu «CSV UTF-8»."
        )
    return text, ("Tệp dùng bảng mã cũ Windows-1258; đã chuyển sang Unicode.",)


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
    separator = named[1] if named else max(SEPARATORS, key=lambda mark: _evenness(lines, mark))
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
