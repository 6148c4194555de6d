"""A solved sheet: every figure of every row with where it comes from, ready to be shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal

from cchc_public.tables.language import Form, ValueKind
from cchc_public.tables.sheet import TOTAL_KEY, Row, Sheet, Value
from cchc_public.tables.solving import Fact, Figures, Node, Origin, list_nodes, solve_figures
from cchc_public.vietnamese.numbers import Number

MOST_DIGITS = 6
SMALL = 4  # people: from so few each may be recognised


@dataclass(frozen=True)
class Rate:
    """A percentage that never travels without its fraction.

    ``numerator`` and ``denominator`` are None when unknown; ``percent`` is None when it cannot be
    computed (unknown part, or nothing to divide by).
    """

    numerator: Number | None
    denominator: Number | None

    @property
    def percent(self) -> Decimal | None:
        """Percent rounded half up to two decimals, None when not computable.

        100 only when both are equal and 0 only for nothing: 19 999 of 20 000 is 99.995.
        """
        if self.numerator is None or not self.denominator:
            return None
        exact = Decimal(self.numerator) * 100 / Decimal(self.denominator)
        for digits in range(2, MOST_DIGITS + 1):
            rounded = exact.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)
            if rounded == exact or rounded not in (0, 100):
                break
        return rounded


SolvedValue = Value | Rate


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
    nodes = list_nodes(form, sheet)
    figures = solve_figures(form, nodes)
    solved = tuple(_row(shown, node, index, figures) for index, node in enumerate(nodes))
    if not form.shape.has_total:
        return SolvedTable(shown, sheet, solved, facts=figures.facts)
    rows, details = len(sheet.rows), len(sheet.details)
    return SolvedTable(
        shown,
        sheet,
        rows=solved[:rows],
        total=solved[-1],
        groups=solved[rows + details : -1],
        details=solved[rows : rows + details],
        facts=figures.facts,
    )


def _row(form: Form, node: Node, index: int, figures: Figures) -> SolvedRow:
    row, table = node.row, form.table
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
        fraction = (add(values.get(key) for key in ratio.numerator), ratio.denominator)
        rate = Rate(fraction[0], add(values.get(key) for key in fraction[1]))
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
    return SolvedRow(
        row.key,
        row.label,
        row.section,
        row.section_label,
        values,
        origins,
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
    given = node.row.given
    balanced = {
        key
        for balance in form.table.balances
        if {balance.whole, *balance.parts} <= given.keys()
        and add([given[balance.whole]])
        == add(given.get(key, 0) for key in (*balance.parts, *balance.optional))
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
