"""Grids: the cells of a table as its source shows them, with merged ranges and what is wrong."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from cchc_public.errors import ImportRejected
from cchc_public.vietnamese.dates import format_date
from cchc_public.vietnamese.numbers import format_number
from cchc_public.vietnamese.text import Change, remove_hidden, repair_all

MAX_ROWS = 50_000
MAX_COLUMNS = 500
MAX_CELLS = 2_000_000  # of one sheet's rectangle
MAX_TEXT = 20_000_000  # letters of all cells together
CUT_FILE = (
    "Tệp «{name}» bị hỏng hoặc tải lên chưa trọn. Hãy mở lại bằng Excel hoặc LibreOffice, "
    "lưu thành tệp .xlsx mới rồi tải lên."
)
LOCKED = "Tệp «{name}» có mật khẩu. Hãy bỏ mật khẩu (Lưu thành, không đặt mật khẩu) rồi tải lên."

Cell = str | int | float | bool | date | datetime | None
Span = tuple[int, int, int, int]  # first row, first column, last row, last column, from 0

_ERROR = re.compile(r"#(?:REF!|DIV/0!|N/A|NAME\?|VALUE!|NUM!|NULL!)|Err:5\d\d")
_NARROW = re.compile("#{2,255}")
_NO_ANSWER = "công thức chưa có kết quả (hãy mở tệp bằng Excel rồi lưu lại, hoặc gõ số vào ô)"
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
        return f"{column_letters(self.column)}{self.row + 1}"


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
    def fault_notes(self) -> tuple[str, ...]:
        """One sentence on all cells without a figure of their own."""
        places = [fault.place for grid in self.grids for fault in grid.faults]
        if not places:
            return ()
        return ("Các ô chứa lỗi công thức, coi là chưa có số liệu: " + ", ".join(places) + ".",)


def build_grid(rows: Iterable[Sequence[Cell]], name: str = "", **marks: Any) -> Grid:
    """Return a tidy grid: no empty margins, covered cells empty, error words made faults."""
    kept = [[_blank_to_none(cell) for cell in row] for row in rows]
    spans = [span for span in marks.pop("spans", ()) if span[0] < span[2] or span[1] < span[3]]
    for top, left, bottom, right in spans:
        for index in range(top, min(bottom, len(kept) - 1) + 1):
            row = kept[index]
            for column in range(left, min(right, len(row) - 1) + 1):
                row[column] = row[column] if (index, column) == (top, left) else None
    faults = list(marks.pop("faults", ()))
    for index, row in enumerate(kept):
        for column, cell in enumerate(row):
            if isinstance(cell, str) and cell[0] in "#E" and (words := error_words(cell)):
                faults.append(Fault(index, column, words))
                row[column] = None
    faults = [f for f in faults if f.row >= len(kept) or _cell_at(kept, f) is None]
    trimmed = _trim(kept, [(fault.row, fault.column) for fault in faults])
    return Grid(trimmed, name, tuple(spans), faults=tuple(faults), **marks)


def error_words(text: str) -> str:
    """Say what is wrong when a cell shows an error instead of its value, '' when it does not."""
    tidy = text.strip()
    if _ERROR.fullmatch(tidy[:12]):
        return f"nguồn báo lỗi {tidy}"
    return _TOO_NARROW if _NARROW.fullmatch(tidy) else ""


def no_answer(row: int, column: int) -> Fault:
    """Return the fault of a formula that the file keeps without its result."""
    return Fault(row, column, _NO_ANSWER)


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

    blocks: list[Grid | str] = []
    for block in document.blocks:
        if isinstance(block, str):
            blocks.append(str(mend(block) or ""))
        else:
            rows = tuple(tuple(mend(cell) for cell in row) for row in block.rows)
            blocks.append(replace(block, rows=rows))
    changes = dict.fromkeys(change for result in repaired for change in result.changes)
    return replace(document, blocks=tuple(blocks), changes=tuple(changes))


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


def column_letters(index: int) -> str:
    """Return the letters of a column counted from 0: ``A``, ``AB``."""
    letters, number = "", index + 1
    while number:
        number, place = divmod(number - 1, 26)
        letters = chr(ord("A") + place) + letters
    return letters


def document_to_json(document: Document) -> dict[str, Any]:
    """Return the document as plain JSON, the one form in which it leaves the limited process."""
    return {
        "name": document.name,
        "blocks": [
            block if isinstance(block, str) else _grid_to_json(block) for block in document.blocks
        ],
        "changes": [[c.before, c.after, c.encoding] for c in document.changes],
        "notes": list(document.notes),
    }


def document_from_json(data: Mapping[str, Any]) -> Document:
    """Return what ``document_to_json`` wrote."""
    return Document(
        data["name"],
        tuple(b if isinstance(b, str) else _grid_from_json(b) for b in data["blocks"]),
        tuple(Change(*change) for change in data["changes"]),
        tuple(data["notes"]),
    )


def _grid_to_json(grid: Grid) -> dict[str, Any]:
    def pack(cell: Cell) -> Any:
        # a datetime is a date too; a list tells it from text that looks like one
        return [cell.isoformat()] if isinstance(cell, date) else cell

    return {
        "rows": [[pack(cell) for cell in row] for row in grid.rows],
        "name": grid.name,
        "spans": grid.spans,
        "shape": grid.shape,
        "is_hidden": grid.is_hidden,
        "hidden_rows": sorted(grid.hidden_rows),
        "hidden_columns": sorted(grid.hidden_columns),
        "faults": [[fault.row, fault.column, fault.message] for fault in grid.faults],
        "widths": list(grid.widths),
    }


def _grid_from_json(data: Mapping[str, Any]) -> Grid:
    def unpack(cell: Any) -> Cell:
        if not isinstance(cell, list):
            return cell  # type: ignore[no-any-return]
        whole = len(cell[0]) > 10
        return datetime.fromisoformat(cell[0]) if whole else date.fromisoformat(cell[0])

    return Grid(
        tuple(tuple(unpack(cell) for cell in row) for row in data["rows"]),
        data["name"],
        tuple(tuple(span) for span in data["spans"]),
        Shape(data["shape"]),
        data["is_hidden"],
        frozenset(data["hidden_rows"]),
        frozenset(data["hidden_columns"]),
        tuple(Fault(*fault) for fault in data["faults"]),
        tuple(data["widths"]),
    )


def _texts(blocks: Iterable[Grid | str]) -> Iterator[Cell]:
    for block in blocks:
        if isinstance(block, str):
            yield block
        else:
            yield from (cell for row in block.rows for cell in row if isinstance(cell, str))


def _trim(
    rows: list[list[Cell]], faults: Iterable[tuple[int, int]]
) -> tuple[tuple[Cell, ...], ...]:
    """Cut empty rows at the end and empty columns at the right; a fault counts as filled."""
    places = [
        (i, j) for i, row in enumerate(rows) for j, cell in enumerate(row) if cell is not None
    ]
    places += faults
    height = max((row + 1 for row, _ in places), default=0)
    width = max((column + 1 for _, column in places), default=0)
    rows = rows[:height] + [[] for _ in range(height - len(rows))]
    return tuple((*row[:width], *(None,) * (width - len(row))) for row in rows)


def _cell_at(rows: list[list[Cell]], fault: Fault) -> Cell:
    return rows[fault.row][fault.column] if fault.column < len(rows[fault.row]) else None


def _blank_to_none(cell: Cell) -> Cell:
    return None if isinstance(cell, str) and not cell.strip() else cell
