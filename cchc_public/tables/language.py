"""The language in which tables are written: quantities, identities, forms; data with behaviour.

A *table* has quantities tied by identities. A *form* (biểu) is only a view of it: the columns one
circular or one software prints, with their words and numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from operator import attrgetter
from os.path import commonprefix
from typing import Generic, TypeVar

from cchc_public.vietnamese.numbers import Number, Outcome, Raw, read_amount, read_count, read_money
from cchc_public.vietnamese.text import fold

T = TypeVar("T")


class Of(Generic[T]):
    """An attribute that a part of its owner has: ``Of[str]("quantity.key")``."""

    def __init__(self, path: str) -> None:
        """Forward to ``path``."""
        self.read = attrgetter(path)

    def __get__(self, owner: object, _type: type) -> T:
        """Return what the part says."""
        found: T = self.read(owner)
        return found


class ValueKind(StrEnum):
    """How a cell is read, kept and written."""

    COUNT = "count"  # whole number >= 0, kept as int
    NUMBER = "number"  # Decimal, for figures that are not counts
    RATE = "rate"  # a fraction of quantities; what a source prints is kept as percent
    TEXT = "text"


@dataclass(frozen=True)
class RowShape:
    """What one row of a form stands for, and what follows from it for every face."""

    name: str
    layout: str  # how pages lay the form out
    entry: str = "grid"  # how the office does
    has_labels: bool = True  # False: exactly one row of figures, without a name
    has_ordinal: bool = True  # rows are numbered on paper
    has_total: bool = False  # closes with a grand total, the sum of its rows
    has_sections: bool = False  # rows stand under section headings and are numbered within them
    is_open: bool = True  # the commune words the rows itself; False: the form fixes them
    is_list: bool = False  # rows have nothing in common but the list: they are counted, not added


BY_FIELD = RowShape("by-field", "wide", has_total=True)
SINGLE = RowShape("single", "vertical", "form", has_labels=False, has_ordinal=False, is_open=False)
IN_OUT = RowShape("in-out", "transposed", has_ordinal=False, is_open=False)
BY_TASK = RowShape("by-task", "tasks", "cards", has_sections=True, is_list=True)
FREE_LIST = RowShape("free-list", "list", is_list=True)
SHAPES = {shape.name: shape for shape in (BY_FIELD, SINGLE, IN_OUT, BY_TASK, FREE_LIST)}


@dataclass(frozen=True)
class Quantity:
    """One thing that is counted (or told) in each row of a table.

    ``name`` is the machine name in CSV and JSON. ``words`` are its header path where no form prints
    it. ``block`` and ``aliases`` (leaf words) help to recognise it in a source.
    ``is_carried`` values are copied into the next period; ``carried_from`` names the quantity whose
    last figure opens this one. ``stand_in`` is shown in its place while it is not known.
    """

    key: str
    name: str
    words: tuple[str, ...]
    kind: ValueKind = ValueKind.COUNT
    unit: str = ""
    block: str = ""
    aliases: tuple[str, ...] = ()
    is_summed: bool = True  # the total is the sum of the rows
    is_carried: bool = False
    carried_from: str = ""
    stand_in: str = ""
    most: int = 0  # no figure is above it; 0 for no such bound
    unit_in: str = ""  # the words of the row that name its unit
    note: str = ""

    @property
    def adds_up(self) -> bool:
        """True when the figures of rows make up that of the total."""
        return self.is_summed and self.kind in (ValueKind.COUNT, ValueKind.NUMBER)

    @property
    def is_percent(self) -> bool:
        """True for figures written with a per cent sign."""
        return self.kind is ValueKind.RATE or self.unit == "%"

    def read(self, raw: Raw, unit: str = "") -> tuple[Outcome, str]:
        """Read a figure, typed or from a source, and its row's unit (``unit`` if named before)."""
        if self.unit_in:
            return read_amount(raw, unit)
        if self.kind is ValueKind.COUNT:
            return read_count(raw), ""
        if self.unit == "đồng":
            return read_money(raw, unit), ""
        return read_amount(raw, "%" if self.is_percent else self.unit, allow_negative=False)[0], ""


@dataclass(frozen=True)
class Formula:
    """How one figure follows from others: added less subtracted, or added over ``over``."""

    plus: tuple[str, ...]
    minus: tuple[str, ...] = ()
    over: tuple[str, ...] = ()

    @property
    def kind(self) -> str:
        """``ratio``, ``difference`` or ``sum``."""
        return "ratio" if self.over else "difference" if self.minus else "sum"

    @property
    def parts(self) -> tuple[str, ...]:
        """All quantities the formula reads."""
        return (*self.plus, *self.minus, *self.over)

    def result(self, figures: Mapping[str, Decimal | None]) -> Decimal | None:
        """Return what it gives (a ratio in percent, exact), None while that cannot be known."""
        if any(figures.get(key) is None for key in self.parts):
            return None
        plus, minus, over = (
            sum((figures[key] or Decimal(0) for key in keys), Decimal(0))
            for keys in (self.plus, self.minus, self.over)
        )
        if not self.over:
            return plus - minus
        return plus * 100 / over if over else None


NONE = "-"


@dataclass(frozen=True)
class Sum:
    """A hard identity: ``whole`` is the sum of ``parts``, in every row and in the total.

    ``computes`` names the member that forms leave to be computed, the whole unless said; ``NONE``
    when sources give all members.
    """

    whole: str
    parts: tuple[str, ...]
    computes: str = ""

    @property
    def keys(self) -> frozenset[str]:
        """All quantities that take part."""
        return frozenset((self.whole, *self.parts))


@dataclass(frozen=True)
class Balance:
    """A soft identity: it checks (``optional`` parts count when known), it never derives."""

    whole: str
    parts: tuple[str, ...]
    optional: tuple[str, ...] = ()
    rule: str = "balance"

    def sides(self, figure: Callable[[str], Number | None]) -> tuple[Number, Number] | None:
        """Return the sum of the parts and the whole, None when they are not known."""
        whole, parts = figure(self.whole), [figure(key) for key in self.parts]
        if whole is None or None in parts:
            return None
        return sum(part or 0 for part in (*parts, *map(figure, self.optional))), whole


@dataclass(frozen=True)
class Ratio:
    """``rate`` is the sum of ``numerator`` over the sum of ``denominator``, in percent.

    ``alternatives`` are denominators that sources are known to use silently; a printed rate that
    fits one of them is explained with it (84,2 % = 319/379, not 319/448). ``stated_in`` is a number
    that also prints this rate in rows whose unit is %.
    """

    rate: str
    numerator: tuple[str, ...]
    denominator: tuple[str, ...]
    alternatives: tuple[tuple[str, ...], ...] = ()
    stated_in: str = ""
    may_exceed: bool = False  # a commune's own indicator may exceed its plan
    claim_rule: str = ""  # the rule a printed rate without its denominator breaks


@dataclass(frozen=True)
class Limit:
    """``part`` is at most ``whole``, of the same row or of another table; ``rule`` names the fact.

    A limit that a rate of the same two quantities already says is left out of the data.
    """

    part: str
    whole: str
    rule: str = "part-over-whole"
    table: str = ""  # the table of ``whole``, this one unless said
    what: tuple[str, ...] = ()  # what part and whole count, in words


@dataclass(frozen=True)
class Agreement:
    """Quantities of this table whose sum should equal that of another table (``other``)."""

    rule: str
    quantities: tuple[str, ...]
    table: str
    other: tuple[str, ...]
    what: str  # what the other table counts, in words


@dataclass(frozen=True)
class Block:
    """Header words of sources and the quantities they go with: those of a block unless named."""

    key: str  # the ``block`` of quantities, if they have one
    words: tuple[str, ...]
    quantities: tuple[str, ...] = ()
    is_doubtful: bool = False  # a part or its whole: sums decide


@dataclass(frozen=True)
class KnownRow:
    """A row recognised whatever its wording: fixed rows, and indicators that checks read.

    ``meaning`` lists sets of words without marks; a label that holds all words of one set, and none
    of ``not_words``, means this row.
    """

    key: str
    label: str
    aliases: tuple[str, ...] = ()
    section: str = ""
    meaning: tuple[tuple[str, ...], ...] = ()
    not_words: tuple[str, ...] = ()

    def is_meant_by(self, label: str) -> bool:
        """Tell whether ``label`` says what this row says."""
        words = fold(label)
        if words in {fold(text) for text in (self.label, *self.aliases)}:
            return True
        return not any(word in words for word in self.not_words) and any(
            all(word in words for word in needed) for needed in self.meaning
        )


@dataclass(frozen=True)
class Table:
    """What one subject counts, whatever form prints it; ``code`` is the address word.

    ``chart_columns`` are drawn as one bar a row, ``flows`` count from the first day of the period
    and only grow while it stays. ``about_people`` count matters of single people: where they are
    small, a note may say so. ``key_figures`` are those by which periods are compared.
    ``counting_rule`` says in public how the figures are counted, ``paper_note`` what a reader of
    the report must know of them: papers have a voice of their own.
    """

    code: str
    title: str
    short_title: str
    unit: str
    quantities: tuple[Quantity, ...]
    sums: tuple[Sum, ...] = ()
    balances: tuple[Balance, ...] = ()
    ratios: tuple[Ratio, ...] = ()
    limits: tuple[Limit, ...] = ()
    agreements: tuple[Agreement, ...] = ()
    blocks: tuple[Block, ...] = ()
    known_rows: tuple[KnownRow, ...] = ()
    chart_columns: tuple[str, ...] = ()
    key_figures: tuple[str, ...] = ()
    flows: tuple[str, ...] = ()
    about_people: tuple[str, ...] = ()
    done_by: str = ""  # the percentage that finishes a row at 100: it is carried on as it is
    counting_rule: str = ""
    paper_note: str = ""
    notes: tuple[str, ...] = ()

    @cached_property
    def by_key(self) -> dict[str, Quantity]:
        """The quantities by key, in the table's order."""
        return {quantity.key: quantity for quantity in self.quantities}

    def quantity(self, key: str) -> Quantity:
        """Return the quantity ``key``; KeyError when there is none (a wrong program)."""
        if key not in self.by_key:
            raise KeyError(f"{self.code} has no quantity {key!r}")
        return self.by_key[key]

    def formula(self, key: str) -> Formula | None:
        """Return how ``key`` is computed, None for what must be given."""
        for identity in self.sums:
            if key == (identity.computes or identity.whole):
                others = tuple(part for part in identity.parts if part != key)
                is_sum = key == identity.whole
                return Formula(others) if is_sum else Formula((identity.whole,), others)
        ratio = self.ratio(key)
        return Formula(ratio.numerator, over=ratio.denominator) if ratio else None

    def ratio(self, rate: str) -> Ratio | None:
        """Return the ratio of a rate, None for a rate that is only copied."""
        return next((ratio for ratio in self.ratios if ratio.rate == rate), None)

    def column(
        self, key: str, *header: str, number: str = "", note: str = "", aliases: Iterable[str] = ()
    ) -> Column:
        """Return a printed column of quantity ``key``; its own words where none are given."""
        quantity = self.quantity(key)
        words = (*quantity.aliases, *aliases)
        return Column(quantity, header or quantity.words, number, note or quantity.note, words)

    def columns(self, *keys: str) -> tuple[Column, ...]:
        """Return columns under the quantities' own words; of all quantities when none is named."""
        return tuple(self.column(key) for key in keys or self.by_key)


@dataclass(frozen=True)
class Column:
    """One printed column: a quantity under its header words, from the top level down.

    ``number`` is the number the form prints, e.g. ``(3)``; ``aliases`` are further leaf words under
    which sources print this column. ``formula`` is filled in by the form.
    """

    quantity: Quantity
    header: tuple[str, ...]
    number: str = ""
    note: str = ""
    aliases: tuple[str, ...] = ()
    formula: Formula | None = None

    key = Of[str]("quantity.key")
    name = Of[str]("quantity.name")
    kind = Of[ValueKind]("quantity.kind")
    unit = Of[str]("quantity.unit")

    @property
    def label(self) -> str:
        """The printed words in one line, outermost first: ``Tiếp nhận – Trong kỳ – Trực tuyến``."""
        return " – ".join(self.header)

    @property
    def is_base(self) -> bool:
        """True when nothing else in the form gives this cell."""
        return not self.formula


@dataclass(frozen=True)
class Form:
    """One printed view of a table; ``edition`` is its code within the table.

    ``is_standard`` forms are taken by themselves in their time (``valid_from`` to ``valid_to``,
    None = open); others must be chosen. ``groups`` are group rows the form prints.
    """

    table: Table
    edition: str
    shape: RowShape = SINGLE
    columns: tuple[Column, ...] = ()  # all of the table unless named
    name: str = ""  # what tells it from other forms of the table, for the office
    form_code: str = ""
    legal_source: str = ""
    valid_from: date | None = None
    valid_to: date | None = None
    is_standard: bool = True
    row_header: str = ""
    row_name: str = "dong"
    row_number: str = ""  # printed number of the row-header column, e.g. "(2)"
    ordinal_header: str = ""  # heads the running-number column when the form prints one
    ordinal_number: str = ""
    groups: tuple[tuple[str, str], ...] = ()
    chart: tuple[str, ...] = ()  # instead of the table's ``chart_columns``
    absent: tuple[str, ...] = ()  # parts of sums that do not exist where this form is used

    code = Of[str]("table.code")
    title = Of[str]("table.title")
    short_title = Of[str]("table.short_title")
    unit = Of[str]("table.unit")
    counting_rule = Of[str]("table.counting_rule")
    notes = Of[tuple[str, ...]]("table.notes")
    known_rows = Of[tuple[KnownRow, ...]]("table.known_rows")

    def __post_init__(self) -> None:
        """Give every column its formula, in terms of what this form prints."""
        columns = self.columns or self.table.columns()
        printed = {column.key for column in columns}
        found = []
        for column in columns:
            formula = self.table.formula(column.key)
            if formula:
                sides = (formula.plus, formula.minus, formula.over)
                formula = Formula(*(tuple(self._printed_parts(side, printed)) for side in sides))
                is_said = formula.over or set(formula.parts) <= printed
                formula = formula if is_said else None
            found.append(replace(column, formula=formula))
        object.__setattr__(self, "columns", tuple(found))

    def _printed_parts(self, keys: Iterable[str], printed: set[str]) -> Iterator[str]:
        """Yield ``keys``, a sum the form does not print replaced by its parts."""
        for key in keys:
            inner = None if key in printed else self.table.formula(key)
            if inner is None or inner.kind != "sum":
                yield key
            else:
                yield from self._printed_parts(inner.plus, printed)

    @property
    def chart_columns(self) -> tuple[str, ...]:
        """The quantities drawn as one bar a row."""
        return self.chart or self.table.chart_columns

    @cached_property
    def by_key(self) -> dict[str, Column]:
        """The columns by the key of their quantity."""
        return {column.key: column for column in self.columns}

    @property
    def base_columns(self) -> tuple[Column, ...]:
        """The columns nothing else in the form gives, in printed order."""
        return tuple(column for column in self.columns if column.is_base)

    def column(self, key: str) -> Column:
        """Return the printed column of a quantity, or one under the quantity's own words."""
        return self.by_key.get(key) or self.table.column(key)

    def known_row(self, key: str) -> KnownRow | None:
        """Return the known row ``key`` or None."""
        return next((row for row in self.known_rows if row.key == key), None)

    def showing(self, keys: Iterable[str]) -> Form:
        """Return the form with a column for each of ``keys``, so that nothing given is hidden.

        A new column stands after the last one that shares most of its header path.
        """
        columns = list(self.columns)
        wanted = set(keys) - set(self.by_key)
        for key in (quantity.key for quantity in self.table.quantities if quantity.key in wanted):
            column = self.table.column(key)
            shared = [len(commonprefix([column.header, other.header])) for other in columns]
            best = max(shared, default=0)
            place = max((i for i, n in enumerate(shared, 1) if n == best), default=0)
            columns.insert(place if best else len(columns), column)
        return replace(self, columns=tuple(columns)) if wanted else self
