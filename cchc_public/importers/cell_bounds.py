"""Walks the XML of a workbook as a stream and refuses it when its cells would not fit in memory.

The reading library lays each sheet out as one full rectangle, so that two cells in far corners
cost gigabytes: the rectangle must be known before it is asked for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

from cchc_public.errors import ImportRejected
from cchc_public.importers.package_guard import CUT_FILE, Package
from cchc_public.vietnamese.numbers import format_number

MAX_ROWS = 50_000
MAX_COLUMNS = 500
MAX_CELLS = 2_000_000  # of one sheet's rectangle
MAX_ELEMENTS = 8_000_000
MAX_TEXT = 40_000_000  # letters of all cells together, shared ones counted each time

_REFERENCE = re.compile(r"([A-Za-z]{1,3})([0-9]{1,7})")


@dataclass
class Bounds:
    """The used rectangle of one sheet (counted from A1) and the cells that hold an error."""

    rows: int = 0
    columns: int = 0
    letters: int = 0
    errors: list[str] = field(default_factory=list)


def check_workbook(package: Package) -> list[Bounds]:
    """Measure the sheets of an xlsx or ods package; ImportRejected when one is too large."""
    if "content.xml" in package.members:
        return [_walk(package, "content.xml", _OdsWalker(package.name))]
    shared = _SharedLengths(package.name)
    for member in package.members:
        if member.casefold() == "xl/sharedstrings.xml":
            _walk(package, member, shared)
    return list(_walk_members(package, shared.lengths))


def _walk_members(package: Package, lengths: list[int]) -> Iterator[Bounds]:
    """Measure every member: the workbook's own index may name any of them as a sheet."""
    for member in package.members:
        if member.casefold().endswith(".xml"):
            yield _walk(package, member, _XlsxWalker(package.name, lengths))
        elif _holds(package.chunks(member), b"sheetData"):
            raise ImportRejected(CUT_FILE.format(name=package.name))


def _holds(chunks: Iterable[bytes], words: bytes) -> bool:
    """Tell whether ``words`` occur, also across the border of two chunks."""
    last = b""
    for chunk in chunks:
        if words in last + chunk:
            return True
        last = chunk[-len(words) :]
    return False


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


class _Walker:
    """Counts elements; a document type declaration could define endless text, so none is read."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.bounds = Bounds()
        self.elements = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Take an opening tag."""
        self.elements += 1
        if self.elements > MAX_ELEMENTS:
            raise ImportRejected(
                f"Tệp «{self.name}» có quá nhiều ô và định dạng trống. "
                "Hãy chép riêng bảng cần nhập sang một tệp mới rồi lưu lại."
            )
        self.open(tag.rpartition(":")[2], attributes)

    def open(self, tag: str, attributes: dict[str, str]) -> None:
        """Take an opening tag without its prefix."""

    def end(self, tag: str) -> None:
        """Take a closing tag."""

    def text(self, words: str) -> None:
        """Take text."""

    def grow(self, row: int, column: int, letters: int = 0, copies: int = 1) -> None:
        """Note a cell with something in it, rows and columns counted from 1."""
        bounds = self.bounds
        bounds.rows, bounds.columns = max(bounds.rows, row), max(bounds.columns, column)
        bounds.letters += letters * copies
        check_rectangle(self.name, bounds.rows, bounds.columns)
        check_letters(self.name, bounds.letters)


class _SharedLengths(_Walker):
    """Learns how long each shared text is."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.lengths: list[int] = []

    def open(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "si":
            self.lengths.append(0)
        elif tag == "sst" and _is_beyond(attributes.get("uniqueCount", "0")):
            # the reading library takes memory for as many texts as are announced
            raise ValueError("announces too many texts")

    def text(self, words: str) -> None:
        if self.lengths:
            self.lengths[-1] += len(words)


class _XlsxWalker(_Walker):
    """Follows rows and cells of one worksheet; cells without value are formats only."""

    def __init__(self, name: str, lengths: list[int]) -> None:
        super().__init__(name)
        self.lengths = lengths
        self.row = self.column = 0
        self.kind = ""
        self.value: str | None = None

    def open(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "row":
            given = attributes.get("r", "")
            self.row = int(given) if given.isdecimal() and len(given) < 9 else self.row + 1
            self.column = 0
        elif tag == "c":
            self._open_cell(attributes)
        elif tag in ("v", "is"):
            self.value = ""

    def _open_cell(self, attributes: dict[str, str]) -> None:
        self.kind = attributes.get("t", "")
        self.column += 1
        found = _REFERENCE.fullmatch(attributes.get("r", ""))
        if found:
            self.column, self.row = _column_number(found[1]), int(found[2])

    def text(self, words: str) -> None:
        if self.value is not None:
            self.value += words

    def end(self, tag: str) -> None:
        if tag.rpartition(":")[2] != "c" or self.value is None:
            return
        if self.kind == "e" and len(self.bounds.errors) < 20:
            self.bounds.errors.append(f"{_column_letters(self.column)}{self.row}")
        self.grow(self.row, self.column, self._letters())
        self.value = None

    def _letters(self) -> int:
        value = self.value or ""
        if self.kind != "s" or not value.isdecimal() or len(value) > 9:
            return len(value)
        index = int(value)
        return self.lengths[index] if index < len(self.lengths) else 0


class _OdsWalker(_Walker):
    """Follows repeated rows and cells of OpenDocument; trailing repeats of nothing are free."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.row = self.column = 0
        self.height = self.width = 1
        self.filled = False
        self.letters = 0

    def open(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "table":
            self.row = 0
        elif tag == "table-row":
            self.height = _repeats(attributes, "table:number-rows-repeated")
            self.column = 0
        elif tag in ("table-cell", "covered-table-cell"):
            self.width = _repeats(attributes, "table:number-columns-repeated")
            self.filled = any(key.startswith("office:") for key in attributes)
            self.letters = 0

    def text(self, words: str) -> None:
        self.letters += len(words)
        self.filled = self.filled or bool(words.strip())

    def end(self, tag: str) -> None:
        tag = tag.rpartition(":")[2]
        if tag in ("table-cell", "covered-table-cell"):
            self.column += self.width
            if self.filled:
                copies = self.width * self.height
                self.grow(self.row + self.height, self.column, self.letters, copies)
            self.filled = False
        elif tag == "table-row":
            self.row += self.height


def _walk(package: Package, member: str, walker: _Walker) -> Bounds:
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = walker.start
    parser.EndElementHandler = walker.end
    parser.CharacterDataHandler = walker.text
    parser.StartDoctypeDeclHandler = _refuse_doctype
    try:
        _feed(parser, package.chunks(member))
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise ImportRejected(CUT_FILE.format(name=package.name)) from error
    return walker.bounds


def _feed(parser: expat.XMLParserType, chunks: Iterable[bytes]) -> None:
    for chunk in chunks:
        parser.Parse(chunk, False)
    parser.Parse(b"", True)


def _refuse_doctype(*_: object) -> None:
    raise ValueError("document type declaration")


def _is_beyond(count: str) -> bool:
    return not count.strip().isdecimal() or len(count) > 9 or int(count) > MAX_ELEMENTS


def _repeats(attributes: dict[str, str], key: str) -> int:
    given = attributes.get(key, "1")
    return max(1, int(given)) if given.isdecimal() and len(given) < 10 else 1


def _column_number(letters: str) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


def _column_letters(number: int) -> str:
    letters = ""
    while number:
        number, place = divmod(number - 1, 26)
        letters = chr(ord("A") + place) + letters
    return letters
