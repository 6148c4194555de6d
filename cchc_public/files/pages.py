"""Web pages and Word documents to blocks: paragraphs and grids in their order, spans kept."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Iterator
from typing import Any

import docx
import lxml.html
from lxml import etree

from cchc_public.errors import ImportRejected
from cchc_public.files.grid import (
    CUT_FILE,
    MAX_COLUMNS,
    MAX_ROWS,
    Cell,
    Grid,
    Span,
    build_grid,
    check_rectangle,
    decode_page,
)

_HIDING = re.compile(r"display\s*:\s*none|mso-hide\s*:\s*all", re.IGNORECASE)
_RAISED = re.compile(r"vertical-align\s*:\s*(?:super|sub)\b", re.IGNORECASE)
_STRUCK = re.compile(r"text-decoration[^;:]*:[^;]*line-through", re.IGNORECASE)
_NOTE_SIGN = re.compile(r"[0-9A-Za-z]{1,2}")
_SILENT = frozenset(
    {"script", "style", "head", "title", "template", "noscript", "object", "xml", "del"}
)
_BLOCKS = frozenset((
    "p", "div", "br", "li", "ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6", "tr", "table",
    "body", "section", "article", "blockquote", "pre",
))  # fmt: skip
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_UNSEEN = frozenset({f"{_W}del", f"{_W}moveFrom", f"{_W}txbxContent", _FALLBACK, f"{_W}instrText"})


class _Placer:
    """Lays cells out as a browser does: each in the first free place of its row."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.rows: list[list[Cell]] = []
        self.spans: list[Span] = []
        self.hidden: set[int] = set()
        self.reach: dict[int, int] = {}  # by column: the last row that a cell above covers

    def open_row(self, is_hidden: bool = False) -> None:
        """Begin the next row."""
        if is_hidden:
            self.hidden.add(len(self.rows))
        self.rows.append([])
        self.place = 0

    def put(self, text: str, across: int, down: int, *, keeps_span: bool = False) -> None:
        """Put one cell into the open row; ``keeps_span`` notes one that may still grow."""
        index = len(self.rows) - 1
        while self.reach.get(self.place, -1) >= index:
            self.place += 1
        check_rectangle(self.name, len(self.rows), self.place + across)
        row = self.rows[index]
        row += [None] * (self.place - len(row))
        row.append(text)
        if keeps_span or (across, down) != (1, 1):
            self.spans.append((index, self.place, index + down - 1, self.place + across - 1))
        if down > 1:
            self.reach |= dict.fromkeys(range(self.place, self.place + across), index + down - 1)
        self.place += across

    def finish(self) -> Grid:
        """Return the grid; a span never reaches below the last row."""
        last = len(self.rows) - 1
        spans = [(top, left, min(low, last), right) for top, left, low, right in self.spans]
        return build_grid(self.rows, spans=spans, hidden_rows=frozenset(self.hidden))


def read_page(data: bytes, name: str) -> list[Grid | str]:
    """Read HTML: a clipboard, or a page that carries the name of a spreadsheet."""
    # the text is decoded already, whatever letter code its head declares
    parser = lxml.html.HTMLParser(
        remove_comments=True, remove_pis=True, no_network=True, encoding="utf-8"
    )
    try:
        text = decode_page(data, name).encode("utf-8", "replace")
        page = lxml.html.document_fromstring(text, parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError) as error:
        raise ImportRejected(f"«{name}» là trang web không có nội dung đọc được.") from error
    lines = [""]
    blocks: list[Grid | str] = []
    for table in _page_words(page, lines):
        blocks += (*_spoken(lines), *_tables(table, name, _fill_page))
    return [*blocks, *_spoken(lines)]


def _page_words(element: Any, lines: list[str]) -> Iterator[Any]:
    """Gather the words of an element in ``lines``; yield the tables within, which are not read."""
    is_read = isinstance(element.tag, str) and element.tag not in _SILENT
    if element.tag == "table":
        yield element
    elif not is_read or (element.tag != "tr" and _HIDING.search(element.get("style", ""))):
        return
    elif element.tag in ("sup", "sub") or _RAISED.search(element.get("style", "")):
        lines[-1] += _raised(lines[-1], element.text_content().strip())
    else:
        ends = [""] if element.tag in _BLOCKS else []
        is_struck = element.tag in ("s", "strike") or _STRUCK.search(element.get("style", ""))
        mark = "~~" if is_struck else ""
        lines += ends
        lines[-1] += mark + (element.text or "")
        for child in element:
            yield from _page_words(child, lines)
            lines[-1] += child.tail or ""
        lines[-1] += mark
        lines += ends


def _tables(table: Any, name: str, fill: Callable[[Any, _Placer], list[Any]]) -> Iterator[Grid]:
    """Yield a table, then those that stand inside its cells; ``fill`` lays out the cells of one."""
    placer = _Placer(name)
    within = fill(table, placer)
    if (grid := placer.finish()).rows:
        yield grid
    for inner in within:
        yield from _tables(inner, name, fill)


def _fill_page(table: Any, placer: _Placer) -> list[Any]:
    inner: list[Any] = []
    for row in table.iterdescendants("tr"):
        if next(row.iterancestors("table")) is not table:
            continue
        placer.open_row(bool(_HIDING.search(row.get("style", ""))))
        for cell in row.iterchildren("td", "th"):
            lines = [""]
            inner += _page_words(cell, lines)
            down = _span(cell, "rowspan", MAX_ROWS) or MAX_ROWS  # 0 reaches to the end
            placer.put("\n".join(_spoken(lines)), _span(cell, "colspan", MAX_COLUMNS) or 1, down)
    return inner


def _raised(before: str, text: str) -> str:
    """Return a small raised or lowered text; behind a figure it is the sign of a note: 12 (1)."""
    return f" ({text})" if before[-1:].isdigit() and _NOTE_SIGN.fullmatch(text) else text


def _spoken(lines: list[str]) -> list[str]:
    """Take the lines that say something, in plain spacing, and leave one empty line."""
    found = [" ".join(line.split()) for line in lines]
    lines[:] = [""]
    return [line for line in found if line]


def _span(cell: Any, key: str, limit: int) -> int:
    given = cell.get(key, "1").strip()
    return min(int(given), limit) if given.isdecimal() and len(given) < 8 else 1


def read_docx(data: bytes, name: str) -> list[Grid | str]:
    """Read a Word document: its paragraphs and tables in order."""
    try:
        blocks: list[Grid | str] = []
        for part in _word_parts(docx.Document(io.BytesIO(data)).element.body):
            blocks += [part] if isinstance(part, str) else _tables(part, name, _fill_word)
        return blocks
    except (ImportRejected, MemoryError):
        raise
    except (KeyError, ValueError, AttributeError, etree.LxmlError, zipfile.BadZipFile) as error:
        sentence = CUT_FILE.replace("Excel", "Word").replace(".xlsx", ".docx")
        raise ImportRejected(sentence.format(name=name)) from error


def _word_parts(parent: Any) -> Iterator[Any]:
    """Yield paragraphs as text and tables as they are."""
    for element in _own(parent, f"{_W}p", f"{_W}tbl"):
        if element.tag == f"{_W}tbl":
            yield element
        else:
            yield from _spoken(_word_text(element).split("\n"))


def _fill_word(table: Any, placer: _Placer) -> list[Any]:
    inner: list[Any] = []
    started: dict[int, int] = {}  # by column: the place of the span that goes on downward
    for index, row in enumerate(_own(table, f"{_W}tr")):
        placer.open_row()
        placer.place = _number(row, "trPr", "gridBefore", 0)
        for cell in _own(row, f"{_W}tc"):
            merge = cell.find(f"{_W}tcPr/{_W}vMerge")
            across = min(_number(cell, "tcPr", "gridSpan", 1), MAX_COLUMNS)
            above = started.pop(placer.place, None)
            if merge is not None and above is not None and merge.get(f"{_W}val") != "restart":
                started[placer.place] = above
                top, left, _, right = placer.spans[above]  # it reaches down to this row
                placer.spans[above] = (top, left, index, right)
                placer.place += across
                continue
            if merge is not None:
                started[placer.place] = len(placer.spans)
            parts = list(_word_parts(cell))
            inner += (part for part in parts if not isinstance(part, str))
            words = "\n".join(part for part in parts if isinstance(part, str))
            placer.put(words, across, 1, keeps_span=merge is not None)
    return inner


def _own(parent: Any, *tags: str) -> Iterator[Any]:
    """Yield the children of some tags, also those that content controls or insertions hold."""
    for element in parent:
        if element.tag in tags:
            yield element
        elif element.tag not in _UNSEEN and element.tag not in (f"{_W}tbl", f"{_W}p", f"{_W}tc"):
            yield from _own(element, *tags)


def _number(element: Any, properties: str, key: str, default: int) -> int:
    found = element.find(f"{_W}{properties}/{_W}{key}")
    given = found.get(f"{_W}val", "") if found is not None else ""
    return int(given) if given.isdecimal() and len(given) < 6 else default


def _is_on(looks: Any, key: str) -> bool:
    found = looks.find(f"{_W}{key}")
    return found is not None and found.get(f"{_W}val", "1") not in ("0", "false", "off")


def _word_text(element: Any) -> str:
    parts: list[str] = []
    for child in element:
        looks = child.find(f"{_W}rPr") if child.tag == f"{_W}r" else None
        if looks is not None and _is_on(looks, "vanish"):
            continue
        if looks is not None and looks.find(f"{_W}vertAlign") is not None:
            parts.append(_raised("".join(parts), "".join(child.itertext(f"{_W}t")).strip()))
        elif looks is not None and (_is_on(looks, "strike") or _is_on(looks, "dstrike")):
            parts.append(f"~~{_word_text(child)}~~")
        elif child.tag == f"{_W}t":
            parts.append(child.text or "")
        elif child.tag in (f"{_W}tab", f"{_W}br", f"{_W}cr"):
            parts.append(" " if child.tag.endswith("tab") else "\n")
        elif child.tag == f"{_W}noBreakHyphen":
            parts.append("-")
        elif child.tag not in _UNSEEN:
            parts.append(_word_text(child))
    return "".join(parts)
