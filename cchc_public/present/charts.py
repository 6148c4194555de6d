"""Charts: what is drawn is decided once, a page lays it out, a file draws it; headlines as badges.

Every part is named with its figure, zeros too: no reader has to know a colour or to guess a length.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from html import escape
from itertools import cycle
from textwrap import wrap

from markupsafe import Markup

from cchc_public.i18n import _, format_date, format_number, mark
from cchc_public.present.tables import HUNDRED, task_states
from cchc_public.present.wording import (
    figure_text,
    form_text,
    form_word,
    fraction_text,
    lower_first,
    percent_text,
    short_label,
    table_name,
)
from cchc_public.tables.language import ValueKind
from cchc_public.tables.sheet import Rate, SolvedTable, number_in
from cchc_public.vietnamese.numbers import Number

WIDTH = 340  # of the longest bar, in units of its shapes
LEAST = 3  # a part never vanishes
MOST_ROWS = 12
LATE, WAIT, TRACK = "late", "wait", "track"
GOOD, INK, SOFT, WASH = "good", "ink", "soft", "wash"
Series = tuple[str, str]  # a part of every bar: its name, its tone
# What a quantity's key says about its colour; others take the neutral ones in turn.
_LATE_WORDS = ("overdue", "dissatisfied")
_WAITING = ("pending", "unsigned", "not_")
_NEUTRAL = ("good", "good-2", "other", "other-2")
_SHORT_RATES = {"trước và đúng hạn": mark("đúng hạn")}  # beside a bar
# The colours of a picture that stands by itself, on paper and in other people's pages.
_INKS = {
    GOOD: "#1f6f43",
    "good-2": "#4b9a6c",
    WAIT: "#b9770e",
    LATE: "#a4161a",
    "other": "#3a5a80",
    "other-2": "#6d5a86",
    TRACK: "#ddd6cb",
    INK: "#1f1b16",
    SOFT: "#5b544b",
    WASH: "#f7f4ef",
}


@dataclass(frozen=True)
class Part:
    """One part of a bar: how much, what its colour means, its name with its figure."""

    value: Number
    tone: str
    words: str = ""


@dataclass(frozen=True)
class Bar:
    """One bar: its name, its parts, what it measures as a whole, its result."""

    label: str
    parts: tuple[Part, ...]
    whole: str = ""
    result: str = ""
    address: str = ""

    @property
    def total(self) -> Number:
        """Return the length of the whole bar."""
        return sum(part.value for part in self.parts)

    @property
    def words(self) -> tuple[str, ...]:
        """Return what is said of its parts."""
        return tuple(part.words for part in self.parts if part.words)


@dataclass(frozen=True)
class Chart:
    """Bars below each other; ``scale`` is the longest length, 0 when every bar is 100 %."""

    name: str  # makes ids unique when a page holds several
    title: str
    legend: tuple[Series, ...]  # what needs telling apart
    bars: tuple[Bar, ...]
    scale: Number = 0
    result_name: str = ""
    remarks: tuple[str, ...] = ()

    def shapes(self, bar: Bar) -> Iterator[tuple[str, str, Part]]:
        """Yield the rectangles of a bar, begin and width; a hair of paper tells them apart."""
        left, longest = Decimal(0), Decimal(self.scale or bar.total or 1)
        for part in bar.parts:
            width = Decimal(part.value) * WIDTH / longest
            if part.value:
                shown = min(max(width - 1, Decimal(LEAST)), Decimal(WIDTH))
                yield f"{min(left, WIDTH - shown):.1f}", f"{shown:.1f}", part
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
    neutral = cycle(_NEUTRAL)
    series = tuple((form_text(short_label(c)), tone_of(c.key) or next(neutral)) for c in columns)
    is_share = not form.shape.has_total
    first = next(c.key for c in form.columns if c.kind is ValueKind.COUNT)
    ratio = form.table.ratios[0] if form.table.ratios and not is_share else None
    bars, unknown, empty, unit = [], [], [], _(form.unit)
    known = [(row, [row.figure(key) for key in keys]) for row in table.rows]
    # the sum of the parts is printed only where it is what the table counts
    is_whole = first not in keys and all(
        row.figure(first) == sum(p or 0 for p in parts) for row, parts in known if None not in parts
    )
    for row, found in known:
        figures = [figure for figure in found if figure is not None and figure >= 0]
        if len(figures) < len(keys):
            unknown.append(form_text(row.label))
        elif not sum(figures):
            empty.append(form_text(row.label))
        else:
            whole = f"{format_number(sum(figures))} {unit}" if is_whole else ""
            result = figure_text(row.rate(ratio.rate)) if ratio else ""
            parts = _parts(series, figures, is_share)
            bars.append(Bar(form_word(row.label), parts, whole, result))
    if not bars:
        return None
    if not is_share:
        bars = _gather(sorted(bars, key=lambda bar: -bar.total), series, is_whole)
    missing, none = ", ".join(unknown), ", ".join(empty)
    remarks = (
        missing and _("Không vẽ vì thiếu số: %(names)s.", names=missing),
        none and _("Không có %(unit)s nào: %(names)s.", unit=unit, names=none),
    )
    name = form.table.quantity(ratio.rate).words[-1].removeprefix("Tỷ lệ ") if ratio else ""
    name = _(_SHORT_RATES[name]) if name in _SHORT_RATES else form_text(name)
    return Chart(
        "bieu-do",
        table_name(form),
        series if len(series) > 1 else (),
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


def _parts(
    series: Sequence[Series], figures: Sequence[Number], is_share: bool = False
) -> tuple[Part, ...]:
    """Return every part with its name and figure, and its share where bars are shares."""
    parts = []
    for (label, tone), figure in zip(series, figures, strict=True):
        words = f"{lower_first(label)} {format_number(figure)}"
        if is_share:
            words += f" ({percent_text(Rate(figure, sum(figures)).percent or 0)})"
        parts.append(Part(figure, tone, words))
    return tuple(parts)


def _gather(bars: list[Bar], series: Sequence[Series], is_whole: bool) -> list[Bar]:
    """Draw the smallest beyond ``MOST_ROWS`` as one bar, so that the picture stays readable."""
    if len(bars) <= MOST_ROWS:
        return bars
    rest = bars[MOST_ROWS - 1 :]
    columns = zip(*(bar.parts for bar in rest), strict=True)
    sums = [sum(part.value for part in parts) for parts in columns]
    label = _("%(count)s dòng còn lại", count=len(rest))
    whole = format_number(sum(sums)) if is_whole else ""
    return [*bars[: MOST_ROWS - 1], Bar(label, _parts(series, sums), whole)]


def _task_chart(table: SolvedTable) -> Chart | None:
    """Return one bar of 100 %: how many tasks are done, running, late by their date, unknown."""
    states = task_states(table)
    series = tuple((name, tone) for name, tone, _rows in states)
    parts = _parts(series, [len(rows) for _name, _tone, rows in states])
    bar = Bar("", parts)
    if not bar.total:
        return None
    label = _("%(count)s %(what)s", count=bar.total, what=_(table.form.unit))
    day = format_date(table.sheet.data_to) if table.sheet.data_to else ""
    remark = _("Trễ hạn: thời gian hoàn thành đã qua vào ngày %(day)s mà chưa đạt 100 %%.", day=day)
    return Chart(
        "bieu-do", table_name(table.form), series, (replace(bar, label=label),), remarks=(remark,)
    )


@dataclass(frozen=True)
class Point:
    """One period of a series: its name in a few letters, what was measured, None when unknown."""

    label: str
    value: Rate | Number | None
    address: str = ""

    @property
    def number(self) -> Decimal | None:
        """Return what is drawn: the percentage of a rate, else the count."""
        number = number_in(self.value)
        return None if number is None else Decimal(number)

    @property
    def text(self) -> str:
        """Return the figure in short."""
        return figure_text(self.value)


def trend_chart(name: str, title: str, points: Sequence[Point], unit: str = "") -> Chart | None:
    """Return a bar for each of the like periods, oldest first; None below two known ones."""
    known = [point.number for point in points if point.number is not None]
    if len(known) < 2:
        return None
    is_rate = any(isinstance(point.value, Rate) for point in points)
    tone = WAIT if name == "pending" else "good" if is_rate else "other"
    bars = []
    for point in points:
        number = point.number
        words = _("chưa có số liệu") if number is None else ""
        if isinstance(point.value, Rate) and number is not None:
            words = f"{fraction_text(point.value)} {unit}".strip()
        parts = [Part(number or 0, tone, words)]
        if is_rate and number is not None:
            parts.append(Part(max(HUNDRED - number, Decimal(0)), TRACK))
        bars.append(Bar(point.label, tuple(parts), "", point.text, point.address))
    scale = max(HUNDRED, *known) if is_rate else max(known)
    return Chart(f"xu-huong-{name}", title, (), tuple(bars), scale or 1)


def spark(points: Sequence[Point], tone: str) -> Markup:
    """Return the small line of a card; drawn from 0, gaps stay gaps; empty below two points."""
    known = [(place, p.number) for place, p in enumerate(points) if p.number is not None]
    if len(known) < 2:
        return Markup("")
    top, step = max(n for _p, n in known) or Decimal(1), Decimal(188) / (len(points) - 1)
    at = {place: (6 + place * step, 34 - n * 28 / top) for place, n in known}
    path, dots = "", ""
    for place, (x, y) in at.items():
        path += f"{'L' if place - 1 in at else 'M'}{x:.1f} {y:.1f}"
        now, radius = (" class=cchc-now", 4.5) if place == known[-1][0] else ("", 2.6)
        words = f"{escape(points[place].label)}: {escape(points[place].text)}"
        dots += (
            f'<circle{now} cx="{x:.1f}" cy="{y:.1f}" r="{radius}"><title>{words}</title></circle>'
        )
    return Markup(  # noqa: S704 - numbers, and escaped words
        f'<svg class="cchc-spark cchc-t-{tone}" viewBox="0 0 200 40" aria-hidden="true">'
        f'<path d="{path}"/>{dots}</svg>'
    )


def draw(chart: Chart, notes: Sequence[str]) -> str:
    """Return the chart as one SVG file: every word in it, ``notes`` (source, release) below."""
    scale, y, body = 2, 0.0, list[str]()

    def write(text: str, size: int, tone: str = INK, weight: int = 400) -> None:
        """Write wrapped words below what is there."""
        nonlocal y
        for line in wrap(text, int(WIDTH * scale / (size * 0.56))) or [""]:
            y += size * 1.4
            body.append(
                f'<text y="{y:g}" font-size="{size}" font-weight="{weight}" '
                f'fill="{_INKS[tone]}">{escape(line)}</text>'
            )

    write(chart.title, 22, weight=700)
    for label, tone in chart.legend:
        write(f"     {label}", 15, SOFT)
        body.append(f'<rect y="{y - 12:g}" width="14" height="14" fill="{_INKS[tone]}"/>')
    for bar in chart.bars:
        y += 10
        result = f"{bar.result} {chart.result_name}".strip()
        label = bar.label.striptags() if isinstance(bar.label, Markup) else bar.label
        write(" · ".join(part for part in (label, bar.whole, result) if part), 17, weight=600)
        for left, width, part in chart.shapes(bar):
            body.append(
                f'<rect x="{float(left) * scale:g}" y="{y + 7:g}" '
                f'width="{float(width) * scale:g}" height="18" fill="{_INKS[part.tone]}">'
                f"<title>{escape(part.words)}</title></rect>"
            )
        y += 27
        if bar.words:
            write(" · ".join(bar.words), 15, SOFT)
    y += 8
    for note in (*chart.remarks, *notes):
        write(note, 13, SOFT)
    across, down = WIDTH * scale + 40, f"{y + 32:g}"
    size = f'width="{across}" height="{down}"'
    described = "; ".join(f"{bar.label}: {', '.join(bar.words)}" for bar in chart.bars)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" '
        f'viewBox="-20 -10 {across} {down}" '
        f'font-family="system-ui, Arial, sans-serif"><title>{escape(chart.title)}</title>'
        f'<desc>{escape(described)}</desc><rect x="-20" y="-10" {size} fill="#fff"/>'
        f"{''.join(body)}</svg>"
    )


BADGE_WIDTH, BADGE_HEIGHT, BADGE_BAR = 360, 136, 328
MOST_BYTES = 2048  # portals that take nothing but images want them small
WIDEST_LETTER = 0.6  # of the letter's height, on average, where Arial is replaced by a wide font
LONGEST_LINE, LONGEST_FIGURE, LONGEST_BASIS, LONGEST_TITLE = 50, 18, 38, 480
_NOT_XML = dict.fromkeys(c for c in range(32) if c not in (9, 10, 13))


@dataclass(frozen=True)
class Badge:
    """A headline as a picture; ``warning`` is a correction or lateness, in red below."""

    authority: str
    label: str
    figure: str
    basis: str
    footer: str
    share: Decimal | None = None
    warning: str = ""
    told: str = ""  # the release in sentences, for who cannot see the picture

    @property
    def alt(self) -> str:
        """The same in words, for the image's text alternative."""
        figures = ", ".join(part for part in (self.figure, self.basis) if part)
        ending = f"{self.footer}. {self.warning}".strip()
        return f"{self.authority}. {self.label}: {figures}. {ending}"


def badge_svg(badge: Badge) -> str:
    """Return the picture; no style attribute and no font of its own."""
    figure = _escape(badge.figure, LONGEST_FIGURE)
    basis = _escape(badge.basis, LONGEST_BASIS)
    drawn = bar = ""
    if badge.share is not None:
        filled = (badge.share * BADGE_BAR / 100).quantize(Decimal("0.1"))
        bar = (
            f'<path d="M16 84h{BADGE_BAR}v6H16z" fill="{_INKS[TRACK]}"/>'
            f'<path d="M16 84h{filled}v6H16z" fill="{_INKS[GOOD]}"/>'
        )
    # letters of three bytes and characters to escape take room: the drawn words come first
    parts = (badge.authority, badge.warning, badge.footer, badge.told)
    whole = ". ".join(part for part in parts if part) if badge.told else badge.alt
    for title in (whole, badge.alt, badge.label, ""):
        drawn = (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{BADGE_WIDTH}" height="{BADGE_HEIGHT}"'
            f' viewBox="0 0 {BADGE_WIDTH} {BADGE_HEIGHT}" role="img"'
            ' font-family="Arial,sans-serif">'
            f"<title>{_escape(title, LONGEST_TITLE)}</title>"
            f'<path d="M0 0h{BADGE_WIDTH}v{BADGE_HEIGHT}H0z" fill="{_INKS[WASH]}"/>'
            f'<path d="M0 0h{BADGE_WIDTH}v4H0z" fill="{_INKS[LATE]}"/>'
            f"{_text(22, badge.authority, 12, SOFT)}{_text(41, badge.label, 15, INK)}"
            f'<text x="16" y="74" font-size="28" font-weight="700" fill="{_INKS[INK]}">{figure}'
            f'<tspan dx="9" font-size="12" font-weight="400" fill="{_INKS[SOFT]}">{basis}'
            "</tspan></text>"
            f"{bar}"
            f"{_text(109, badge.footer, 12, SOFT)}{_text(127, badge.warning, 12, LATE)}</svg>"
        )
        if len(drawn.encode()) <= MOST_BYTES:
            break
    return drawn


def _text(y: int, words: str, size: int, tone: str) -> str:
    if not words:
        return ""
    shown = _escape(words, LONGEST_LINE)
    fitting = min(size, round(BADGE_BAR / (WIDEST_LETTER * min(len(words), LONGEST_LINE)), 1))
    return f'<text x="16" y="{y}" font-size="{fitting}" fill="{_INKS[tone]}">{shown}</text>'


def _escape(words: str, longest: int) -> str:
    tidy = " ".join(words.translate(_NOT_XML).split())
    shown = tidy if len(tidy) <= longest else tidy[: longest - 1].rstrip() + "…"
    return escape(shown, quote=False)
