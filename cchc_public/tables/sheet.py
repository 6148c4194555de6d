"""A sheet: what is stated for one table in one period, and every figure that follows from it.

A solved sheet says of each figure where it comes from. Without a database.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from cchc_public.tables.language import Form, ValueKind
from cchc_public.tables.solving import Fact, Figures, Node, Origin, solve_figures
from cchc_public.vietnamese.numbers import Number

Value = int | Decimal | str | None

LABEL, ORDINAL = "#ten", "#tt"  # the columns before the figures: row name, running number
TOTAL_KEY = "tong-cong"
TOTAL_LABEL = "Tổng cộng"


@dataclass(frozen=True)
class Row:
    """One row: ``cells`` are the given values by quantity (absent or None = chưa có số liệu).

    Any quantity of the table may be given, sums and rates (in percent, as printed) included.
    ``sources`` marks what was copied from the period before and not touched since; ``unread`` keeps
    text that could not be read.
    ``section`` is the key of the group the row stands in, e.g. "III".
    """

    key: str
    label: str
    section: str = ""
    section_label: str = ""
    cells: Mapping[str, Value] = field(default_factory=dict)
    sources: Mapping[str, str] = field(default_factory=dict)
    unread: Mapping[str, str] = field(default_factory=dict)

    @property
    def given(self) -> dict[str, Value]:
        """The cells that say something."""
        return {key: value for key, value in self.cells.items() if value not in (None, "")}


NO_TOTAL = Row(TOTAL_KEY, TOTAL_LABEL)


@dataclass(frozen=True)
class Sheet:
    """All that is given for one table in one period, as a tree: total > group > row > detail.

    ``groups`` are group rows with figures of their own (their key is the ``section`` of the rows
    below); ``details`` are rows below a row (their ``section`` is that row's key). ``unplaced``
    names columns of the source that have no place in the table.
    """

    table_code: str
    edition: str
    data_from: date | None = None
    data_to: date | None = None
    rows: tuple[Row, ...] = ()
    total: Row = NO_TOTAL
    groups: tuple[Row, ...] = ()
    details: tuple[Row, ...] = ()
    unplaced: tuple[str, ...] = ()

    def row(self, key: str) -> Row | None:
        """Return the row ``key`` (also the total, a group or a detail) or None."""
        return next((row for row in self.all_rows if row.key == key), None)

    @property
    def all_rows(self) -> Iterator[Row]:
        """Rows, details, groups and the total."""
        yield from (*self.rows, *self.details, *self.groups, self.total)

    @property
    def given_keys(self) -> set[str]:
        """The quantities for which some row gives a value."""
        return {key for row in self.all_rows for key in row.given}

    def with_window(self, data_from: date | None, data_to: date | None) -> Sheet:
        """Return a copy with another data window."""
        return replace(self, data_from=data_from, data_to=data_to)


_DAYS = ("data_from", "data_to")


def sheet_to_json(sheet: Sheet) -> dict[str, Any]:
    """Return the sheet as JSON-ready data; decimals become strings so that no digit is lost."""
    data: dict[str, Any] = {
        "table": sheet.table_code,
        "edition": sheet.edition,
        **{name: day and day.isoformat() for name in _DAYS for day in [getattr(sheet, name)]},
        "rows": [row_to_json(row) for row in sheet.rows],
        "total": row_to_json(sheet.total),
    }
    for name, rows in (("groups", sheet.groups), ("details", sheet.details)):
        if rows:
            data[name] = [row_to_json(row) for row in rows]
    if sheet.unplaced:
        data["unplaced"] = list(sheet.unplaced)
    return data


def sheet_from_json(data: Mapping[str, Any], form: Form) -> Sheet:
    """Return the sheet that ``sheet_to_json`` wrote, now or in its first edition.

    The first edition parted what staff typed (``cells``) from what a source printed (``stated``,
    ``stated_total``); both are given values. ``form`` tells which texts are numbers.
    """
    total = data.get("total") or {"cells": {}, "stated": data.get("stated_total", {})}
    return Sheet(
        table_code=data["table"],
        edition=data["edition"],
        rows=_rows(data.get("rows", ()), form),
        total=row_from_json({"key": TOTAL_KEY, "label": TOTAL_LABEL, **total}, form),
        groups=_rows(data.get("groups", ()), form),
        details=_rows(data.get("details", ()), form),
        unplaced=tuple(data.get("unplaced", ())),
        **{name: date.fromisoformat(data[name]) for name in _DAYS if data.get(name)},
    )


def row_to_json(row: Row) -> dict[str, Any]:
    """Return one row as JSON-ready data."""
    data = asdict(row)
    data["cells"] = {k: str(v) if isinstance(v, Decimal) else v for k, v in row.cells.items()}
    if not row.sources:
        data.pop("sources")
    return data


def row_from_json(data: Mapping[str, Any], form: Form) -> Row:
    """Return the row that ``row_to_json`` wrote."""
    given = {**data.get("stated", {}), **data.get("cells", {})}
    return Row(
        key=data["key"],
        label=data["label"],
        section=data.get("section", ""),
        section_label=data.get("section_label", ""),
        cells={key: _value(value, form, key) for key, value in given.items()},
        sources=dict(data.get("sources", {})),
        unread=dict(data.get("unread", {})),
    )


def _rows(data: Iterable[Mapping[str, Any]], form: Form) -> tuple[Row, ...]:
    return tuple(row_from_json(row, form) for row in data)


def _value(value: Any, form: Form, key: str) -> Value:
    quantity = form.table.by_key.get(key)
    if value is None or quantity is None or quantity.kind is ValueKind.TEXT:
        result: Value = value
        return result
    number = Decimal(value)
    is_whole = quantity.kind is ValueKind.COUNT and number == number.to_integral_value()
    return int(number) if is_whole else number


MOST_DIGITS = 6
HALF_A_STEP = Decimal("0.05")  # a source prints rates with one or two decimals: of the coarser
SMALL = 4  # people: from so few each may be recognised


@dataclass(frozen=True)
class Rate:
    """A percentage that never travels without its fraction; a part that is unknown is None."""

    numerator: Number | None
    denominator: Number | None

    def rounded(self, digits: int, rounding: str = ROUND_HALF_UP) -> Decimal | None:
        """Return the percentage; None when a part is unknown, or nothing is there to divide by."""
        if self.numerator is None or not self.denominator:
            return None
        exact = Decimal(self.numerator) * 100 / Decimal(self.denominator)
        return exact.quantize(Decimal(1).scaleb(-digits), rounding)

    @property
    def percent(self) -> Decimal | None:
        """Percent rounded half up to two decimals, None when not computable.

        100 only when both are equal and 0 only for nothing: 19 999 of 20 000 is 99.995.
        """
        for digits in range(2, MOST_DIGITS + 1):
            rounded = self.rounded(digits)
            if rounded not in (0, 100) or self.numerator in (0, self.denominator):
                break
        return rounded


SolvedValue = Value | Rate


def number_in(value: SolvedValue) -> Number | None:
    """Return what a value measures, a rate in percent; None for words and for what is unknown."""
    number = value.percent if isinstance(value, Rate) else value
    return number if isinstance(number, int | Decimal) else None


@dataclass(frozen=True)
class SolvedRow:
    """One row with everything known: ``values`` by quantity, unknown columns of the form as None.

    ``origins`` says where a figure comes from. ``expected`` is what all other figures give for a
    given one that contradicts them. ``stated`` is what a source printed beside a computed figure: a
    rate. ``unconfirmed`` are sums that only the source states.
    """

    key: str
    label: str
    section: str = ""
    section_label: str = ""
    values: Mapping[str, SolvedValue] = field(default_factory=dict)
    origins: Mapping[str, Origin] = field(default_factory=dict)
    expected: Mapping[str, Number] = field(default_factory=dict)
    stated: Mapping[str, Decimal] = field(default_factory=dict)
    unconfirmed: frozenset[str] = frozenset()

    @classmethod
    def of(cls, row: Row, **facts: Any) -> SolvedRow:
        """Return what is known of a row."""
        return cls(row.key, row.label, row.section, row.section_label, **facts)

    def figure(self, key: str) -> Number | None:
        """Return one figure as shown, None when it is unknown."""
        value = self.values.get(key)
        return value if isinstance(value, int | Decimal) else None

    def known(self, key: str) -> Number | None:
        """Return one figure as the rest gives it where it contradicts, nothing that stands in."""
        if self.origin(key) is Origin.STAND_IN:
            return None
        return self.expected.get(key, self.figure(key))

    def rate(self, key: str) -> Rate | None:
        """Return one rate, None when the row has none."""
        value = self.values.get(key)
        return value if isinstance(value, Rate) else None

    def claim(self, key: str) -> Decimal | None:
        """Return what a source printed beside a figure, None where that says the same."""
        value, stated = self.values.get(key), self.stated.get(key)
        if stated is not None and isinstance(value, Rate) and value.percent is not None:
            return None if abs(value.percent - stated) <= HALF_A_STEP else stated
        return None if stated == value else stated

    def text(self, key: str) -> str:
        """Return one text, empty when there is none."""
        value = self.values.get(key)
        return value.strip() if isinstance(value, str) else ""

    def origin(self, key: str) -> Origin:
        """Return where a figure comes from."""
        return self.origins.get(key, Origin.UNKNOWN)


@dataclass(frozen=True)
class SolvedTable:
    """A solved sheet; ``form`` is the sheet's form with a column for everything that is given.

    ``rows`` are the rows in order, without ``groups`` and ``details``; ``total`` is None when the
    form has none.
    """

    form: Form
    sheet: Sheet
    rows: tuple[SolvedRow, ...]
    total: SolvedRow | None = None
    groups: tuple[SolvedRow, ...] = ()
    details: tuple[SolvedRow, ...] = ()
    facts: tuple[Fact, ...] = ()

    @property
    def all_rows(self) -> tuple[SolvedRow, ...]:
        """Rows, details, groups and the total."""
        return (*self.rows, *self.details, *self.groups, *((self.total,) if self.total else ()))

    @property
    def outline(self) -> tuple[tuple[str, SolvedRow], ...]:
        """Level (group, row, detail) and row in the order of the form: a group before its rows."""
        groups = {group.key: group for group in self.groups}
        listed: list[tuple[str, SolvedRow]] = []
        for row in self.rows:
            group = groups.pop(row.section, None)
            listed += [("group", group)] if group else []
            listed.append(("row", row))
            listed += [("detail", detail) for detail in self.details if detail.section == row.key]
        return (*listed, *(("group", group) for group in groups.values()))

    @property
    def whole(self) -> SolvedRow | None:
        """The total, or the first row where the form has no total."""
        return self.total or (self.rows[0] if self.rows else None)

    def row(self, key: str) -> SolvedRow | None:
        """Return the row ``key`` (``TOTAL_KEY`` for the grand total) or None."""
        if self.total and key == TOTAL_KEY:
            return self.total
        return next((row for row in self.all_rows if row.key == key), None)

    def figure(self, key: str, row: str | None = None) -> Number | None:
        """Return one number: of ``row``, else of the whole; None if unknown."""
        source = self.row(row) if row else self.whole
        return source.figure(key) if source else None

    def rate(self, key: str, row: str | None = None) -> Rate | None:
        """Return one rate, chosen like ``figure``."""
        source = self.row(row) if row else self.whole
        return source.rate(key) if source else None

    @property
    def has_small_counts(self) -> bool:
        """True when few enough people stand behind a figure to be recognised."""
        return any(
            (figure := row.figure(key)) is not None and 1 <= figure <= SMALL
            for row in self.all_rows
            for key in self.form.table.about_people
        )

    def meant(self, key: str) -> SolvedRow | None:
        """Return the row that says what the known row ``key`` says, whatever its name is now."""
        known = self.form.known_row(key)
        if known is None:
            return None
        return next((row for row in self.rows if known.is_meant_by(row.label)), None)


def solve(form: Form, sheet: Sheet) -> SolvedTable:
    """Return ``sheet`` with everything that follows from it, and its contradictions."""
    shown = form.showing(sheet.given_keys & set(form.table.by_key))
    rows = tuple(sheet.all_rows) if form.shape.has_total else sheet.rows
    nodes = _tree(sheet) if form.shape.has_total else [Node(row.key, row.given) for row in rows]
    figures = solve_figures(form, nodes)
    solved = tuple(_row(shown, row, index, nodes[index], figures) for index, row in enumerate(rows))
    if not form.shape.has_total:
        return SolvedTable(shown, sheet, solved, facts=figures.facts)
    first, end = len(sheet.rows), len(sheet.rows) + len(sheet.details)
    return SolvedTable(
        shown,
        sheet,
        rows=solved[:first],
        total=solved[-1],
        groups=solved[end:-1],
        details=solved[first:end],
        facts=figures.facts,
    )


def _tree(sheet: Sheet) -> list[Node]:
    """Return rows, details, groups and the total, each with its children.

    Rows whose group is no group row belong to the total directly, so that nothing counts twice.
    """
    rows, first = sheet.rows, len(sheet.rows) + len(sheet.details)
    groups = {group.key for group in sheet.groups}
    below: dict[tuple[str, str], list[int]] = defaultdict(list)
    for index, row in enumerate(rows):
        below[("group", row.section) if row.section in groups else ("total", "")].append(index)
    for index, detail in enumerate(sheet.details, len(rows)):
        below["row", detail.section].append(index)
    below["total", ""] += range(first, first + len(groups))
    levels = ("row",) * len(rows) + ("detail",) * len(sheet.details) + ("group",) * len(groups)
    nodes = [
        Node(row.key, row.given, tuple(below.get((level, row.key), ())))
        for level, row in zip(levels, sheet.all_rows, strict=False)
    ]
    return [*nodes, Node(sheet.total.key, sheet.total.given, tuple(below["total", ""]))]


def _row(form: Form, row: Row, index: int, node: Node, figures: Figures) -> SolvedRow:
    table = form.table
    values: dict[str, SolvedValue] = {}
    origins: dict[str, Origin] = {}
    for quantity in table.quantities:
        place = (index, quantity.key)
        given = None if quantity.kind is ValueKind.RATE else row.given.get(quantity.key)
        value = figures.values.get(place, given)
        if value is not None:
            values[quantity.key] = value
            origins[quantity.key] = figures.origins.get(place, Origin.GIVEN)
    for ratio in table.ratios:
        sides = (ratio.numerator, ratio.denominator)
        rate = Rate(*(add(values.get(key) for key in side) for side in sides))
        if ratio.rate in form.by_key or rate.percent is not None:
            values[ratio.rate] = rate
            known = rate.numerator is not None and rate.denominator is not None
            origins[ratio.rate] = Origin.SUMMED if known else Origin.UNKNOWN
    for quantity in table.quantities:
        if quantity.stand_in in values and quantity.key not in values:
            values[quantity.key] = values[quantity.stand_in]
            origins[quantity.key] = Origin.STAND_IN
    for column in form.columns:
        values.setdefault(column.key, None)
    return SolvedRow.of(
        row,
        values=values,
        origins=origins,
        expected={key: v for (node_, key), v in figures.expected.items() if node_ == index},
        stated=stated_rates(form, row),
        unconfirmed=frozenset(_unconfirmed(form, node, index, figures, origins)),
    )


def stated_rates(form: Form, row: Row) -> dict[str, Decimal]:
    """Return the rates a source printed in a row."""
    rates = {ratio.rate for ratio in form.table.ratios}
    return {
        key: Decimal(value)
        for key, value in row.cells.items()
        if key in rates and isinstance(value, int | Decimal)
    }


def _unconfirmed(
    form: Form, node: Node, index: int, figures: Figures, origins: Mapping[str, Origin]
) -> Iterable[str]:
    """Yield the sums that only the source states: nothing else given bears them out."""
    given = {key: value for key, value in node.given.items() if isinstance(value, int | Decimal)}
    balanced = {
        key
        for balance in form.table.balances
        if (sides := balance.sides(given.get)) and sides[0] == sides[1]
        for key in (balance.whole, *balance.parts)
    }
    for column in form.columns:
        is_sum = column.formula is not None or (bool(node.children) and column.quantity.adds_up)
        if is_sum and column.kind is not ValueKind.RATE:
            is_given = origins.get(column.key) is Origin.GIVEN
            is_borne_out = (index, column.key) in figures.confirmed or column.key in balanced
            if is_given and not is_borne_out:
                yield column.key


def add(values: Iterable[SolvedValue]) -> Number | None:
    """Add numbers; one unknown makes the sum unknown, so that a gap never reads as 0."""
    result: Number = 0
    seen = False
    for value in values:
        if not isinstance(value, int | Decimal):
            return None
        result += value
        seen = True
    return result if seen else None
