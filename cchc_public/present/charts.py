"""Charts as SVG text from evaluated tables: attributes only, no style, no script.

The table always stands beside; classes colour the shapes (light, dark, print).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from html import escape

from cchc_public.i18n import _, format_number
from cchc_public.present.wording import (
    bare_fraction,
    form_text,
    legend,
    lower_first,
    percent_text,
    rate_text,
    table_name,
    unit_name,
)
from cchc_public.tables.language import Column, ValueKind
from cchc_public.tables.solved import Rate, SolvedRow, SolvedTable
from cchc_public.vietnamese.numbers import Number

WIDTH = 340  # close to a phone's width, so that letters keep their size there
ROW_HEIGHT = 60
LEGEND_HEIGHT = 24
LETTER = 7.2  # rough width of a letter of the small text, in units of the picture
LONGEST_LABEL = 32
TINY, SMALL, NORMAL = 12, 13, 15  # sizes of letters
TREND_HEIGHT = 180
MOST_ROWS = 12

# What a column's name says about its colour; others take the neutral ones in turn.
_LATE = ("overdue", "dissatisfied")
_WAITING = ("pending", "unsigned", "not_")
_NEUTRAL = ("good", "good-2", "other", "other-2")


@dataclass(frozen=True)
class Series:
    """One part of every bar."""

    key: str
    label: str
    tone: str


@dataclass(frozen=True)
class Bar:
    """One bar: its words and the length of each part, in the order of the series."""

    label: str
    parts: tuple[Number, ...]

    @property
    def total(self) -> Number:
        """Return the length of the whole bar."""
        return sum(self.parts)


def list_series(columns: Sequence[Column]) -> tuple[Series, ...]:
    """Return what is stacked, each with its words and colour."""
    neutral = iter(_NEUTRAL * (len(columns) // len(_NEUTRAL) + 1))
    return tuple(Series(c.key, legend(c), _tone(c.key) or next(neutral)) for c in columns)


def _tone(key: str) -> str:
    if any(word in key for word in _LATE):
        return "late"
    return "wait" if key.startswith(_WAITING) else ""


def list_bars(table: SolvedTable) -> tuple[Bar, ...]:
    """Return a bar per row with known parts, in the table's order; 0 and unknown are left out.

    Beyond ``MOST_ROWS`` the smallest are drawn as one bar, so that the picture stays readable.
    """
    keys = table.form.chart_columns
    bars = [bar for row in table.rows if (bar := _bar(row, keys)) and bar.total > 0]
    if len(bars) <= MOST_ROWS:
        return tuple(bars)
    by_size = sorted(bars, key=lambda bar: bar.total, reverse=True)
    rest = by_size[MOST_ROWS - 1 :]
    sums = tuple(sum(parts) for parts in zip(*(bar.parts for bar in rest), strict=True))
    label = _("%(count)s dòng còn lại", count=len(rest))
    return (*(bar for bar in bars if bar not in rest), Bar(label, sums))


def _bar(row: SolvedRow, keys: Iterable[str]) -> Bar | None:
    values = [row.values.get(key) for key in keys]
    if any(not isinstance(value, int | Decimal) or value < 0 for value in values):
        return None
    return Bar(form_text(row.label), tuple(v for v in values if isinstance(v, int | Decimal)))


def bar_chart(table: SolvedTable) -> str:
    """Return the stacked bars of a table as SVG, an empty text when it has nothing to draw."""
    columns = [table.form.column(key) for key in table.form.chart_columns]
    # only counts can be stacked: percentages of tasks or indicators do not add up
    bars = list_bars(table) if columns and all(c.kind is ValueKind.COUNT for c in columns) else ()
    if not bars:
        return ""
    series = list_series(columns)
    # the legend, wrapped, and how high it is
    shapes, left, line = [], 0.0, 0
    for item in series:
        width = 20 + len(item.label) * LETTER
        if left and left + width > WIDTH:
            left, line = 0.0, line + 1
        y = 5 + line * LEGEND_HEIGHT
        shapes.append(
            f'<rect x="{left:g}" y="{y}" width="13" height="13" rx="2" {tone(item.tone)}/>'
            f'<text x="{left + 18:g}" y="{y + 11}" font-size="{SMALL}" {ink(soft=True)}>'
            f"{escape(item.label)}</text>"
        )
        left += width + 12
    legend, top = "".join(shapes), (line + 1) * LEGEND_HEIGHT + 8
    # tell whether the parts of every bar make up the first count, so that it may be printed
    keys = table.form.chart_columns
    first = next(c.key for c in table.form.columns if c.kind is ValueKind.COUNT)
    drawing = _Drawing(
        series,
        max(bar.total for bar in bars),
        first not in keys
        and all(
            bar is None or bar.total == row.values.get(first)
            for row in table.rows
            for bar in [_bar(row, keys)]
        ),
    )
    body = "".join(
        _bar_shape(bar, top + place * ROW_HEIGHT, drawing) for place, bar in enumerate(bars)
    )
    words = (table_name(table.form), describe(unit_name(table.form.unit), bars))
    return wrap(legend + body, top + len(bars) * ROW_HEIGHT, words, "bieu-do")


def describe(unit: str, bars: Sequence[Bar]) -> str:
    """Say in a sentence what the picture shows, for those who do not see it."""
    largest = max(bars, key=lambda bar: bar.total)
    return _(
        "Biểu đồ thanh, %(rows)s thanh. Dài nhất: %(label)s, %(total)s %(unit)s. "
        "Số liệu đầy đủ ở bảng đi kèm.",
        rows=len(bars),
        label=largest.label,
        total=format_number(largest.total),
        unit=unit,
    )


@dataclass(frozen=True)
class _Drawing:
    """What all bars of one picture share."""

    series: Sequence[Series]
    longest: Number
    has_totals: bool


def _bar_shape(bar: Bar, top: int, drawing: _Drawing) -> str:
    label = bar.label if len(bar.label) <= LONGEST_LABEL else bar.label[: LONGEST_LABEL - 1] + "…"
    strong = f'y="{top + 14}" font-size="{NORMAL}" font-weight="600" {ink()}'
    shapes = [f"<text {strong}>{escape(label)}</text>"]
    if drawing.has_totals:
        total = format_number(bar.total)
        shapes.append(f'<text x="{WIDTH}" text-anchor="end" {strong}>{total}</text>')
    shapes.extend(_segments(bar, top + 20, drawing))
    # name every part with its number; too long: numbers alone, in the legend's order
    parts = [(item, part) for item, part in zip(drawing.series, bar.parts, strict=True) if part]
    words = " · ".join(f"{lower_first(item.label)} {format_number(n)}" for item, n in parts)
    if len(words) * (LETTER - 0.6) <= WIDTH:
        parts_in_words = words
    else:
        parts_in_words = " · ".join(format_number(part) for _item, part in parts)
    shapes.append(
        f'<text y="{top + 48}" font-size="{SMALL}" {ink(soft=True)}>{escape(parts_in_words)}</text>'
    )
    return "".join(shapes)


def _segments(bar: Bar, y: int, drawing: _Drawing) -> Iterator[str]:
    left = Decimal(0)
    for item, part in zip(drawing.series, bar.parts, strict=True):
        width = Decimal(part) * WIDTH / Decimal(drawing.longest)
        if part:
            # a hair of paper between parts tells them apart without colour; a part never vanishes
            shown = max(width - 1, Decimal(2))
            yield (
                f'<rect x="{left:.1f}" y="{y}" width="{shown:.1f}" height="13" {tone(item.tone)}/>'
            )
        left += width


@dataclass(frozen=True)
class Point:
    """One period of a trend: its short words, its rate (with fraction), None when unknown."""

    label: str
    rate: Rate | None

    @property
    def percent(self) -> Decimal | None:
        """Return the percentage, None when it cannot be computed."""
        return self.rate.percent if self.rate else None


def trend_chart(points: Sequence[Point], title: str) -> str:
    """Return percentages through periods as upright bars; needs two known points, else empty."""
    known = [(p.label, p.rate) for p in points if p.rate is not None and p.percent is not None]
    if len(known) < 2:
        return ""
    step = WIDTH / len(points)
    body = "".join(_column(point, place * step, step) for place, point in enumerate(points))
    description = "; ".join(f"{label}: {rate_text(rate)}" for label, rate in known)
    return wrap(body, TREND_HEIGHT, (title, description), "xu-huong")


def _column(point: Point, left: float, step: float) -> str:
    """Return one upright bar: percentage above, period and fraction below."""
    middle = left + step / 2
    width = min(step * 0.6, 48)
    words = f'text-anchor="middle" font-size="{TINY}" x="{middle:.1f}"'
    label = f'<text {words} y="158" {ink()}>{escape(point.label)}</text>'
    if point.rate is None or point.percent is None:
        return label + f'<text {words} y="136" {ink(soft=True)}>–</text>'
    height = point.percent * 120 / 100
    return (
        f'<text {words} y="{136 - height:.1f}" {ink()}>{percent_text(point.percent)}</text>'
        f'<rect x="{middle - width / 2:.1f}" y="{142 - height:.1f}" width="{width:.1f}" '
        f'height="{height:.1f}" {tone("good")}/>{label}'
        f'<text {words} y="174" {ink(soft=True)}>{bare_fraction(point.rate)}</text>'
    )


def tone(name: str) -> str:
    """Return the attribute that fills a shape with a tone."""
    return f'class="cchc-f-{name}"'


def ink(*, soft: bool = False) -> str:
    """Return the attribute that fills words."""
    return tone("soft" if soft else "ink")


def wrap(body: str, height: int, words: tuple[str, str], name: str) -> str:
    """Return the whole picture; ``words`` are its title and its description.

    ``name`` makes the ids unique when a page holds several pictures.
    """
    title, description = words
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" '
        f'aria-labelledby="{name}-t {name}-m" class="cchc-chart"><title id="{name}-t">'
        f'{escape(title)}</title><desc id="{name}-m">{escape(description)}</desc>{body}</svg>'
    )
