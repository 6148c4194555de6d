"""Charts: what is drawn is decided once; a page lays it out as text beside shapes, a file draws it.

Every part is named with its figure, zeros too: no reader has to know a colour or to guess a length.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from html import escape
from textwrap import wrap

from markupsafe import Markup

from cchc_public.i18n import _, format_date, format_number, mark
from cchc_public.present.tables import HUNDRED, task_states
from cchc_public.present.wording import (
    form_text,
    form_word,
    fraction_text,
    legend,
    lower_first,
    percent_text,
    table_name,
    unit_name,
)
from cchc_public.tables.language import ValueKind
from cchc_public.tables.sheet import Rate, SolvedTable
from cchc_public.vietnamese.numbers import Number

WIDTH = 340  # of the longest bar, in units of its shapes
LEAST = 3  # a part never vanishes
MOST_ROWS = 12
UNKNOWN = "–"
LATE, WAIT, TRACK = "late", "wait", "track"
# What a quantity's key says about its colour; others take the neutral ones in turn.
_LATE_WORDS = ("overdue", "dissatisfied")
_WAITING = ("pending", "unsigned", "not_")
_NEUTRAL = ("good", "good-2", "other", "other-2")
_SHORT_RATES = {"trước và đúng hạn": mark("đúng hạn")}  # beside a bar
# The colours of a picture that stands by itself, on paper and in other people's pages.
_INKS = {
    "good": "#1f6f43",
    "good-2": "#4b9a6c",
    WAIT: "#b9770e",
    LATE: "#a4161a",
    "other": "#3a5a80",
    "other-2": "#6d5a86",
    TRACK: "#ddd6cb",
    "ink": "#1f1b16",
    "soft": "#5b544b",
}


@dataclass(frozen=True)
class Series:
    """One part of every bar."""

    label: str
    tone: str


@dataclass(frozen=True)
class Shape:
    """One rectangle of a bar, ``words`` say what it is."""

    x: str
    width: str
    tone: str
    words: str


@dataclass(frozen=True)
class Bar:
    """One bar: its name, what it measures as a whole, its parts with their words, its result."""

    label: str
    parts: tuple[Number, ...]
    words: tuple[str, ...]
    whole: str = ""
    result: str = ""
    address: str = ""

    @property
    def total(self) -> Number:
        """Return the length of the whole bar."""
        return sum(self.parts)


@dataclass(frozen=True)
class Chart:
    """Bars below each other; ``scale`` is the longest length, 0 when every bar is 100 %."""

    name: str  # makes ids unique when a page holds several
    title: str
    series: tuple[Series, ...]
    bars: tuple[Bar, ...]
    scale: Number = 0
    result_name: str = ""
    remarks: tuple[str, ...] = ()

    @property
    def legend(self) -> tuple[Series, ...]:
        """Return the parts that need telling apart."""
        named = tuple(item for item in self.series if item.label)
        return named if len(named) > 1 else ()

    def told(self, bar: Bar) -> tuple[tuple[str, bool], ...]:
        """Return the words of a bar's parts, and whether each tells of lateness."""
        return tuple(
            (words, item.tone == LATE and part > 0)
            for words, item, part in zip(bar.words, self.series, bar.parts or (0,), strict=False)
        )

    def shapes(self, bar: Bar) -> Iterator[Shape]:
        """Yield the rectangles of a bar; a hair of paper tells them apart without colour."""
        left, longest = Decimal(0), Decimal(self.scale or bar.total or 1)
        words = (*bar.words, *[""] * len(bar.parts))
        for item, part, said in zip(self.series, bar.parts, words, strict=False):
            width = Decimal(part) * WIDTH / longest
            if part:
                shown = min(max(width - 1, Decimal(LEAST)), Decimal(WIDTH))
                start = min(left, WIDTH - shown)
                yield Shape(f"{start:.1f}", f"{shown:.1f}", item.tone, said)
            left += width


def build_chart(table: SolvedTable) -> Chart | None:
    """Return the bars of a table, None when it has nothing to draw.

    Tables by field compare lengths, the largest first; all others show shares of 100 %.
    """
    form = table.form
    if form.shape.has_sections:
        return _task_chart(table)
    keys = _drawn_keys(table)
    columns = [form.column(key) for key in keys]
    # only counts can be stacked: percentages of tasks or indicators do not add up
    if not columns or any(column.kind is not ValueKind.COUNT for column in columns):
        return None
    neutral = iter(_NEUTRAL * (len(columns) // len(_NEUTRAL) + 1))
    series = tuple(Series(legend(c), tone_of(c.key) or next(neutral)) for c in columns)
    is_share = not form.shape.has_total
    first = next(c.key for c in form.columns if c.kind is ValueKind.COUNT)
    ratio = form.table.ratios[0] if form.table.ratios and not is_share else None
    bars, unknown, empty = [], [], []
    known = [(row, [row.figure(key) for key in keys]) for row in table.rows]
    # the sum of the parts is printed only where it is what the table counts
    is_whole = first not in keys and all(
        row.figure(first) == sum(p or 0 for p in parts) for row, parts in known if None not in parts
    )
    for row, found in known:
        parts = tuple(part for part in found if part is not None and part >= 0)
        if len(parts) < len(keys):
            unknown.append(form_text(row.label))
        elif not sum(parts):
            empty.append(form_text(row.label))
        else:
            words = _name_parts(series, parts, is_share)
            whole = f"{format_number(sum(parts))} {unit_name(form.unit)}" if is_whole else ""
            rate = row.rate(ratio.rate) if ratio else None
            result = percent_text(rate.percent) if rate and rate.percent is not None else UNKNOWN
            bars.append(Bar(form_word(row.label), parts, words, whole, result if ratio else ""))
    if not bars:
        return None
    if not is_share:
        bars = _gather(sorted(bars, key=lambda bar: -bar.total), series, is_whole)
    remarks = (
        _("Không vẽ vì thiếu số: %(names)s.", names=", ".join(unknown)) if unknown else "",
        _("Không có %(unit)s nào: %(names)s.", unit=unit_name(form.unit), names=", ".join(empty))
        if empty
        else "",
    )
    name = form.table.quantity(ratio.rate).words[-1].removeprefix("Tỷ lệ ") if ratio else ""
    name = _(_SHORT_RATES[name]) if name in _SHORT_RATES else form_text(name)
    return Chart(
        "bieu-do",
        table_name(form),
        series,
        tuple(bars),
        0 if is_share else max(bar.total for bar in bars),
        name,
        tuple(remark for remark in remarks if remark),
    )


def tone_of(key: str) -> str:
    """Return the colour that a quantity means: late or waiting, empty for neither."""
    if any(word in key for word in _LATE_WORDS):
        return LATE
    return WAIT if key.startswith(_WAITING) else ""


def _drawn_keys(table: SolvedTable) -> tuple[str, ...]:
    """Return the quantities to stack; a sum instead of its parts where only the sum is known."""
    keys = table.form.chart_columns
    for parts in table.form.table.sums:
        is_known = any(all(row.figure(key) is not None for key in keys) for row in table.rows)
        if not is_known and set(parts.parts) <= set(keys):
            at = keys.index(parts.parts[0])
            others = [key for key in keys if key not in parts.parts]
            keys = (*others[:at], parts.whole, *others[at:])
    return keys


def _name_parts(
    series: Sequence[Series], parts: Sequence[Number], is_share: bool = False
) -> tuple[str, ...]:
    """Return every part with its name and figure, and its share where bars are shares."""
    return tuple(
        f"{lower_first(item.label)} {format_number(part)}"
        + (f" ({percent_text(Rate(part, sum(parts)).percent or 0)})" if is_share else "")
        for item, part in zip(series, parts, strict=True)
    )


def _gather(bars: list[Bar], series: Sequence[Series], is_whole: bool) -> list[Bar]:
    """Draw the smallest beyond ``MOST_ROWS`` as one bar, so that the picture stays readable."""
    if len(bars) <= MOST_ROWS:
        return bars
    rest = bars[MOST_ROWS - 1 :]
    sums = tuple(sum(parts) for parts in zip(*(bar.parts for bar in rest), strict=True))
    label = _("%(count)s dòng còn lại", count=len(rest))
    whole = format_number(sum(sums)) if is_whole else ""
    return [*bars[: MOST_ROWS - 1], Bar(label, sums, _name_parts(series, sums), whole)]


def _task_chart(table: SolvedTable) -> Chart | None:
    """Return one bar of 100 %: how many tasks are done, running, late by their date, unknown."""
    states = [(name, tone, len(rows)) for name, tone, rows in task_states(table)]
    total = sum(count for _name, _tone, count in states)
    if not total:
        return None
    series = tuple(Series(name, tone) for name, tone, _count in states)
    words = tuple(f"{lower_first(name)} {count}" for name, _tone, count in states)
    label = _("%(count)s %(what)s", count=total, what=unit_name(table.form.unit))
    bar = Bar(label, tuple(count for _name, _tone, count in states), words)
    day = format_date(table.sheet.data_to) if table.sheet.data_to else ""
    remark = _("Trễ hạn: thời gian hoàn thành đã qua vào ngày %(day)s mà chưa đạt 100 %%.", day=day)
    return Chart("bieu-do", table_name(table.form), series, (bar,), 0, "", (remark,))


@dataclass(frozen=True)
class Point:
    """One period of a series: its name in a few letters, what was measured, None when unknown."""

    label: str
    value: Rate | Number | None
    address: str = ""

    @property
    def number(self) -> Decimal | None:
        """Return what is drawn: the percentage of a rate, else the count."""
        value = self.value.percent if isinstance(self.value, Rate) else self.value
        return None if value is None else Decimal(value)

    @property
    def text(self) -> str:
        """Return the figure in short."""
        if self.number is None:
            return UNKNOWN
        is_rate = isinstance(self.value, Rate)
        return percent_text(self.number) if is_rate else format_number(self.number)


def trend_chart(name: str, title: str, points: Sequence[Point], unit: str = "") -> Chart | None:
    """Return a bar for each of the like periods, oldest first; None below two known ones."""
    known = [point.number for point in points if point.number is not None]
    if len(known) < 2:
        return None
    is_rate = any(isinstance(point.value, Rate) for point in points)
    bars = []
    for point in points:
        number = point.number
        words = _("chưa có số liệu") if number is None else ""
        if isinstance(point.value, Rate) and number is not None:
            words = f"{fraction_text(point.value)} {unit}".strip()
        parts: tuple[Number, ...] = () if number is None else (number,)
        if is_rate and number is not None:
            parts = (number, max(HUNDRED - number, Decimal(0)))
        said = (words,) if words else ()
        bars.append(Bar(point.label, parts, said, "", point.text, point.address))
    tone = WAIT if name == "pending" else "good" if is_rate else "other"
    series = (Series("", tone), Series("", TRACK)) if is_rate else (Series("", tone),)
    scale = max(HUNDRED, *known) if is_rate else max(known)
    return Chart(f"xu-huong-{name}", title, series, tuple(bars), scale or 1)


def spark(points: Sequence[Point], tone: str) -> Markup:
    """Return the small line of a card; drawn from 0, gaps stay gaps; empty below two points."""
    known = [(place, p.number) for place, p in enumerate(points) if p.number is not None]
    if len(known) < 2:
        return Markup("")
    top, step = max(n for _p, n in known) or Decimal(1), Decimal(188) / (len(points) - 1)
    at = {place: (6 + place * step, 34 - n * 28 / top) for place, n in known}
    path = "".join(
        f"{'L' if place - 1 in at else 'M'}{x:.1f} {y:.1f}" for place, (x, y) in at.items()
    )
    dots = "".join(
        f'<circle{" class=cchc-now" if place == known[-1][0] else ""} cx="{x:.1f}" cy="{y:.1f}" '
        f'r="{4.5 if place == known[-1][0] else 2.6}"><title>{escape(points[place].label)}: '
        f"{escape(points[place].text)}</title></circle>"
        for place, (x, y) in at.items()
    )
    return Markup(  # noqa: S704 - numbers, and escaped words
        f'<svg class="cchc-spark cchc-t-{tone}" viewBox="0 0 200 40" aria-hidden="true">'
        f'<path d="{path}"/>{dots}</svg>'
    )


class _Paper:
    """A picture that grows downwards: shapes and wrapped words, each in its own colour."""

    def __init__(self, width: int) -> None:
        self.width, self.y, self.body = width, 0.0, list[str]()

    def write(self, text: str, size: int, tone: str = "ink", weight: int = 400) -> None:
        for line in wrap(text, int(self.width / (size * 0.56))) or [""]:
            self.y += size * 1.4
            self.body.append(
                f'<text y="{self.y:g}" font-size="{size}" font-weight="{weight}" '
                f'fill="{_INKS[tone]}">{escape(line)}</text>'
            )


def draw(chart: Chart, notes: Sequence[str]) -> str:
    """Return the chart as one SVG file: every word in it, ``notes`` (source, release) below."""
    scale = 2
    paper = _Paper(WIDTH * scale)
    paper.write(chart.title, 22, weight=700)
    for item in chart.legend:
        paper.write(f"     {item.label}", 15, "soft")
        paper.body.append(
            f'<rect y="{paper.y - 12:g}" width="14" height="14" fill="{_INKS[item.tone]}"/>'
        )
    for bar in chart.bars:
        paper.y += 10
        result = f"{bar.result} {chart.result_name}".strip()
        label = bar.label.striptags() if isinstance(bar.label, Markup) else bar.label
        head = " · ".join(part for part in (label, bar.whole, result) if part)
        paper.write(head, 17, weight=600)
        for shape in chart.shapes(bar):
            paper.body.append(
                f'<rect x="{float(shape.x) * scale:g}" y="{paper.y + 7:g}" '
                f'width="{float(shape.width) * scale:g}" height="18" fill="{_INKS[shape.tone]}">'
                f"<title>{escape(shape.words)}</title></rect>"
            )
        paper.y += 27
        if bar.words:
            paper.write(" · ".join(bar.words), 15, "soft")
    paper.y += 8
    for note in (*chart.remarks, *notes):
        paper.write(note, 13, "soft")
    size = f'width="{paper.width + 40}" height="{paper.y + 32:g}"'
    described = "; ".join(f"{bar.label}: {', '.join(bar.words)}" for bar in chart.bars)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" '
        f'viewBox="-20 -10 {paper.width + 40} {paper.y + 32:g}" '
        f'font-family="system-ui, Arial, sans-serif"><title>{escape(chart.title)}</title>'
        f'<desc>{escape(described)}</desc><rect x="-20" y="-10" {size} fill="#fff"/>'
        f"{''.join(paper.body)}</svg>"
    )
