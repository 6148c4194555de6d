"""The language in which statutory tables (biểu) are written: frozen data, no single form."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum


class RowKind(StrEnum):
    """What one row of the table stands for."""

    BY_FIELD = "by-field"  # one row a procedure field (lĩnh vực), with a grand total
    SINGLE = "single"  # exactly one row of figures
    IN_OUT = "in-out"  # the fixed rows the definition lists, e.g. văn bản đến / đi
    BY_TASK = "by-task"  # tasks numbered within sections
    FREE_LIST = "free-list"  # rows the commune words itself


class ValueKind(StrEnum):
    """How a cell is read, kept and written."""

    COUNT = "count"  # whole number >= 0, kept as int
    NUMBER = "number"  # Decimal, for figures that are not counts
    RATE = "rate"  # computed from a Ratio, kept as Rate
    TEXT = "text"


@dataclass(frozen=True)
class Sum:
    """The sum of other columns of the same row; unknown as soon as one part is unknown."""

    parts: tuple[str, ...]


@dataclass(frozen=True)
class Difference:
    """``minuend`` minus every column in ``subtrahends``."""

    minuend: str
    subtrahends: tuple[str, ...]


@dataclass(frozen=True)
class Ratio:
    """Sum of ``numerator`` columns over sum of ``denominator`` columns, in percent.

    ``alternatives`` are denominators that sources are known to use silently; a stated rate that
    fits one of them is explained with it (S14: 84,2 % = 319/379, not 319/448).
    """

    numerator: tuple[str, ...]
    denominator: tuple[str, ...]
    alternatives: tuple[tuple[str, ...], ...] = ()


Formula = Sum | Difference | Ratio


@dataclass(frozen=True)
class Column:
    """One column of a form.

    ``header`` holds the printed words from the top header level down to this column (1 to 3).
    ``name`` is the column's machine name in CSV and JSON (Vietnamese without marks, snake_case).
    ``number`` is the column number the form prints, e.g. ``(3)``; empty when the form prints none.
    ``aliases`` are further headers under which sources are known to print the column.
    A column without ``formula`` is a base cell: typed, may be unknown (None), never silently 0.
    ``is_carried`` cells are copied into the next period's row (units, deadlines, targets);
    ``carried_from`` names the column whose last figure opens this one (từ kỳ trước = last pending).
    """

    key: str
    header: tuple[str, ...]
    name: str
    kind: ValueKind = ValueKind.COUNT
    unit: str = ""
    number: str = ""
    formula: Formula | None = None
    note: str = ""
    aliases: tuple[str, ...] = ()
    is_summed: bool = True  # takes part in the grand total
    is_carried: bool = False
    carried_from: str = ""

    @property
    def label(self) -> str:
        """The printed words in one line, outermost first: ``Tiếp nhận – Trong kỳ – Trực tuyến``."""
        return " – ".join(self.header)

    @property
    def is_base(self) -> bool:
        """True when staff type this cell."""
        return self.formula is None


@dataclass(frozen=True)
class KnownRow:
    """A row recognised whatever its wording: fixed rows, and indicators that checks read."""

    key: str
    label: str
    aliases: tuple[str, ...] = ()
    section: str = ""


@dataclass(frozen=True)
class StatutoryTable:
    """One edition of one statutory table; forms, import, checks, pages, exports walk this tree.

    ``code`` is the URL slug, ``edition`` distinguishes circulars (``valid_from`` to ``valid_to``,
    None = open). ``row_header`` heads the first column, ``row_name`` is its machine name.
    ``chart_columns`` are the keys of the columns drawn as a bar per row (stacked in this order).
    ``counting_rule`` is the public sentence on how the figures are counted.
    """

    code: str
    edition: str
    title: str
    short_title: str
    row_kind: RowKind
    columns: tuple[Column, ...]
    unit: str
    form_code: str = ""
    legal_source: str = ""
    valid_from: date | None = None
    valid_to: date | None = None
    row_header: str = ""
    row_name: str = "dong"
    row_number: str = ""  # printed number of the row-header column, e.g. "(2)"
    ordinal_header: str = ""  # heads the running-number column when the form prints one (TT, STT)
    ordinal_number: str = ""  # its printed number, e.g. "(1)"
    known_rows: tuple[KnownRow, ...] = ()
    counting_rule: str = ""
    chart_columns: tuple[str, ...] = ()
    notes: tuple[str, ...] = field(default=())

    def column(self, key: str) -> Column:
        """Return the column ``key``; KeyError when the definition has none (a wrong program)."""
        for column in self.columns:
            if column.key == key:
                return column
        raise KeyError(f"{self.code} has no column {key!r}")

    @property
    def base_columns(self) -> tuple[Column, ...]:
        """The columns staff type, in printed order."""
        return tuple(c for c in self.columns if c.is_base)

    @property
    def has_total(self) -> bool:
        """True when the form closes with a grand total row (Tổng cộng)."""
        return self.row_kind is RowKind.BY_FIELD

    @property
    def has_sections(self) -> bool:
        """True when rows are grouped under section headings."""
        return self.row_kind is RowKind.BY_TASK

    def known_row(self, key: str) -> KnownRow | None:
        """Return the known row ``key`` or None."""
        return next((row for row in self.known_rows if row.key == key), None)


@dataclass(frozen=True)
class HeaderCell:
    """One cell of the merged header: its words and how many columns and levels it spans."""

    text: str
    colspan: int
    rowspan: int
    column: Column | None  # set on leaves


def header_rows(table: StatutoryTable) -> tuple[tuple[HeaderCell, ...], ...]:
    """Return the header as rows of merged cells, exactly as the form prints it (at most 3 levels).

    The first (row header) column is not included; renderers put it before row 0 with a rowspan
    of ``len(result)``.
    """
    depth = max(len(column.header) for column in table.columns)
    return tuple(tuple(_header_level(table.columns, level, depth)) for level in range(depth))


def _header_level(columns: tuple[Column, ...], level: int, depth: int) -> Iterator[HeaderCell]:
    position = 0
    while position < len(columns):
        column = columns[position]
        if len(column.header) <= level:
            position += 1
            continue
        prefix = column.header[: level + 1]
        is_leaf = len(column.header) == level + 1
        span = 1 if is_leaf else _span(columns, position, prefix)
        rowspan = depth - level if is_leaf else 1
        yield HeaderCell(prefix[-1], span, rowspan, column if is_leaf else None)
        position += span


def _span(columns: tuple[Column, ...], start: int, prefix: tuple[str, ...]) -> int:
    count = 0
    for column in columns[start:]:
        if column.header[: len(prefix)] != prefix:
            break
        count += 1
    return count
