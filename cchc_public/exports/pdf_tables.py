"""Long tables on paper, laid out a page at a time: the renderer's own way grows with the square."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from reportlab.platypus import Flowable, TableStyle
from xhtml2pdf.xhtml2pdf_reportlab import PmlKeepInFrame, PmlParagraph, PmlTable

LONG = 24  # rows; what is shorter is left to the renderer
FIRST_LOOK = 16  # rows tried on a page before it is known how many it takes
NEARBY = 4  # rows: a command about more of them is kept once
UNBOUNDED = 0xFFFFFFF  # the renderer's own word for as high as need be
# what the renderer sets on a table once it is made
SETTINGS = (
    "totalWidth", "marginLeft", "marginRight", "shrinkToFit", "minHeight", "spaceBefore",
    "spaceAfter", "_postponed",
)  # fmt: skip


class LongTable(Flowable):  # type: ignore[misc]
    """Rows that go on from page to page, below the header that each page repeats.

    A page is a table of its own, of as many rows as it may take.
    """

    def __init__(self, rows: list[Any], **options: Any) -> None:
        """Take what the renderer would make one table of."""
        super().__init__()
        self.hAlign, self.vAlign = options["hAlign"], options["vAlign"]
        self._rows, self._options = rows, options
        self._heads = options["repeatRows"]
        self._first, self._look = self._heads, FIRST_LOOK
        self._near: dict[int, list[Any]] = defaultdict(list)  # by the first row it is about
        self._far: list[Any] = []
        for name, (left, top), (right, bottom), *rest in options["style"].getCommands():
            top, bottom = (row + len(rows) if row < 0 else row for row in (top, bottom))
            kept = self._near[top] if bottom - top < NEARBY else self._far
            kept.append((name, left, top, right, bottom, rest))
        self._near = defaultdict(list, {row: _join(near) for row, near in self._near.items()})

    def wrap(self, availWidth: float, availHeight: float) -> tuple[float, float]:  # noqa: N803
        """Measure as many rows as the page may take, or all that are left."""
        while True:
            self._page = self._make_page(self._look)
            size: tuple[float, float] = self._page.wrapOn(self.canv, availWidth, availHeight)
            if size[1] > availHeight or self._first + self._look >= len(self._rows):
                return size
            self._look *= 2

    def split(self, availWidth: float, availHeight: float) -> list[Flowable]:  # noqa: N803
        """Return this page and the rest; a row that no page holds is left to the renderer."""
        count = self._page._getFirstPossibleSplitRowPosition(availHeight) - self._heads  # noqa: SLF001
        if count < 1:
            if not self._page.splitOn(self.canv, availWidth, availHeight):
                return []  # the next page holds more
            whole = self._make_page(len(self._rows))
            whole.wrapOn(self.canv, availWidth, availHeight)
            return list(whole.splitOn(self.canv, availWidth, availHeight))
        rest = LongTable.__new__(LongTable)
        rest.__dict__.update(self.__dict__)
        rest.__dict__.pop("_postponed", None)
        rest._first, rest._look = self._first + count, count + NEARBY
        return [self._make_page(count), rest]

    def drawOn(self, canvas: Any, x: float, y: float, _sW: float = 0) -> None:  # noqa: N802, N803
        """Draw what is left, which is the last page."""
        self._page.drawOn(canvas, x, y, _sW)

    def _make_page(self, count: int) -> PmlTable:
        options, here = self._options, slice(self._first, self._first + count)
        parts = [*self._rows[: self._heads], *self._rows[here]]
        heights = options["rowHeights"]
        page = PmlTable(
            [list(row) for row in parts],
            **{
                **options,
                "colWidths": list(options["colWidths"]),
                "rowHeights": [*heights[: self._heads], *heights[here]],
                "style": TableStyle(list(self._commands(len(parts)))),
            },
        )
        for name in SETTINGS:
            if name in self.__dict__:
                setattr(page, name, self.__dict__[name])
        return page

    def _commands(self, count: int) -> Iterator[tuple[Any, ...]]:
        """What is said of the header and of the rows of this page, in their new places."""
        heads, by = self._heads, self._first - self._heads
        rows = (*range(heads), *range(self._first, count + by))
        near = (command for row in rows for command in self._near[row])
        for name, left, top, right, bottom, rest in (*self._far, *near):
            start = top if top < heads else max(top - by, heads)
            end = bottom if bottom < heads else bottom - by if bottom >= self._first else heads - 1
            if start <= min(end, count - 1):
                yield (name, (left, start), (right, min(end, count - 1)), *rest)


def _join(commands: list[Any]) -> list[Any]:
    """Say once what is said of neighbours in a row, cell by cell."""
    joined: dict[Any, list[Any]] = {}
    for command in commands:
        name, left, top, right, bottom, rest = command
        key = (name, top, bottom, repr(rest), right < 0)
        before = joined.setdefault(key, [])
        # two merged cells side by side stay two
        if before and name != "SPAN" and right >= 0 and before[-1][3] == left - 1:
            before[-1] = (name, before[-1][1], top, right, bottom, rest)
        else:
            before.append(command)
    return [command for found in joined.values() for command in found]


class AnyTable(PmlTable):  # type: ignore[misc]
    """Stands in the place of ``xhtml2pdf.tables.PmlTable``: a long table is laid out our way."""

    def __new__(cls, rows: list[Any], **options: Any) -> Any:
        """Return the table for that many rows."""
        return super().__new__(cls) if len(rows) <= LONG else LongTable(rows, **options)


class Cell(PmlKeepInFrame):  # type: ignore[misc]
    """A cell that remembers its size: a page is measured several times before it is drawn."""

    _known: tuple[float, tuple[float, float]] | None = None
    _is_plain = False  # one paragraph that fits, laid out already

    def wrap(self, availWidth: float, availHeight: float) -> tuple[float, float]:  # noqa: N803
        """Measure, unless that was done for the same width."""
        if self._known and self._known[0] == availWidth and self._known[1][1] <= availHeight:
            return self._known[1]
        self._is_plain = False
        if len(self._content) == 1 and type(self._content[0]) is PmlParagraph:
            size: tuple[float, float] = self._content[0].wrapOn(self.canv, availWidth, UNBOUNDED)
            self._is_plain = size[0] <= availWidth and size[1] <= availHeight
        if self._is_plain:
            self.width, self.height = size
        else:
            size = super().wrap(availWidth, availHeight)
        # what had to be shrunk depends on the room
        self._known = None if "_scale" in self.__dict__ else (availWidth, size)
        return size

    def drawOn(self, canvas: Any, x: float, y: float, _sW: float = 0) -> None:  # noqa: N802, N803
        """Draw what was measured."""
        if self._is_plain:
            self._content[0].drawOn(canvas, x, y)
        else:
            super().drawOn(canvas, x, y, _sW)
