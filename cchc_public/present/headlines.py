"""The headline figures of a release, chosen once for all faces; figures of periods side by side."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from markupsafe import Markup

from cchc_public.i18n import _, format_number, format_percent, mark
from cchc_public.present.charts import LATE, Chart, Point, spark, tone_of, trend_chart
from cchc_public.present.tables import HUNDRED, task_states
from cchc_public.present.wording import (
    NO_FIGURE,
    bare_fraction,
    figure_text,
    form_word,
    fraction_text,
    most_late,
    most_pending,
    percent_text,
    period_mark,
    period_title,
    rate_text,
    short_label,
    value_text,
)
from cchc_public.releases.published import PublishedRelease
from cchc_public.tables.language import Form, ValueKind
from cchc_public.tables.sheet import Rate, SolvedRow, SolvedTable, SolvedValue, number_in
from cchc_public.vietnamese.dates import ReportingPeriod
from cchc_public.vietnamese.numbers import Number

# Below this many slips a rate says little (one unhappy person moves it by several points).
FEW_SLIPS = 30


@dataclass(frozen=True)
class Headline:
    """One headline: ``figure`` large, ``basis`` (fraction or limits) below, a bar, the change.

    ``value`` is the figure itself, None when unknown; ``share`` is 0–100 for the bar, None for
    no bar. ``is_comparable`` is False for a figure that must not enter a comparison or average.
    ``tone`` is what the figure means, never more: neutral unless it is good, waiting or late.
    ``points`` are the like periods up to this one, for the small line.
    """

    key: str
    table: str
    title: str
    figure: str
    basis: str
    value: Rate | Number | None = None
    share: Decimal | None = None
    tone: str = "plain"
    change: str = ""
    is_comparable: bool = True
    points: tuple[Point, ...] = ()

    @property
    def spark(self) -> Markup:
        """Return the small line through the like periods, empty below two known ones."""
        return spark(self.points, self.tone)

    @property
    def ends(self) -> tuple[Point, ...]:
        """Return the first and the last known point of the line, which are named below it."""
        known = [point for point in self.points if point.number is not None]
        return (known[0], known[-1]) if len(known) > 1 else ()


# Like periods, oldest first: a gap keeps its place.
LikePeriods = Sequence[tuple[ReportingPeriod, PublishedRelease | None]]


def build_headlines(
    release: PublishedRelease, earlier: PublishedRelease | None = None, like: LikePeriods = ()
) -> tuple[Headline, ...]:
    """Return the headlines of ``release`` in fixed order, each compared with ``earlier``.

    ``like`` are the like periods before it, for the small lines.
    """
    found = list_figures(release)
    if earlier is not None:  # else the page says once that there is nothing to compare with
        before = {item.key: item for item in list_figures(earlier)}
        title = period_title(earlier.period)
        found = tuple(replace(i, change=_change(i, before[i.key], title)) for i in found)
    if like:
        series = [(period_mark(p), _comparable(r)) for p, r in (*like, (release.period, release))]
        # a claim, or a count that leaves a part out, joins no line
        found = tuple(
            replace(item, points=tuple(Point(name, known.get(item.key)) for name, known in series))
            if item.is_comparable
            else item
            for item in found
        )
    # lateness has a card only where there is some
    return tuple(item for item in found if item.key != "late" or item.value)


def _comparable(release: PublishedRelease | None) -> dict[str, Rate | Number | None]:
    return {i.key: i.value for i in list_figures(release) if i.is_comparable} if release else {}


# key, title, what the figure counts
TRENDS = (
    ("on_time", mark("Trước hạn và đúng hạn"), mark("hồ sơ đã giải quyết")),
    ("received", mark("Hồ sơ tiếp nhận"), mark("hồ sơ")),
    ("pending", mark("Hồ sơ đang giải quyết"), mark("hồ sơ")),
    ("satisfaction", mark("Tỷ lệ hài lòng"), mark("phiếu")),
)


def build_trends(
    periods: LikePeriods, address: Callable[[ReportingPeriod], str]
) -> tuple[Chart, ...]:
    """Return the trends through like periods, those that have two known ones."""
    series = []
    for period, release in periods:
        dossiers = release.evaluated("ho-so") if release else None
        known = _comparable(release)
        known["received"] = dossiers.figure("received") if dossiers else None
        series.append((period_mark(period), known, address(period) if release else ""))
    charts = (
        trend_chart(key, _(title), [Point(n, known.get(key), a) for n, known, a in series], _(unit))
        for key, title, unit in TRENDS
    )
    return tuple(chart for chart in charts if chart)


# key, title, the part and the whole of it, what the whole counts, the rate a source may state
RATES = (
    ("resolved", mark("Đã giải quyết"), "resolved", "received", mark("hồ sơ"), ""),
    ("on_time", mark("Trước hạn và đúng hạn"), "resolved_in_term", "resolved",
     mark("hồ sơ đã giải quyết"), "on_time_rate"),
    ("online", mark("Nộp trực tuyến"), "received_online", "received_in_period",
     mark("hồ sơ trong kỳ"), "online_rate"),
    ("digitized", mark("Số hóa đầy đủ thành phần"), "fully_digitized", "received",
     mark("hồ sơ"), "full_rate"),
)  # fmt: skip


def list_figures(release: PublishedRelease) -> tuple[Headline, ...]:
    """Return all headlines of one release, also lateness of 0, without any comparison."""
    dossiers, found = release.evaluated("ho-so"), []
    for key, title, part, whole, unit, stated_as in RATES:
        code = "so-hoa" if key == "digitized" else "ho-so"
        table = release.evaluated(code)
        rate = Rate(table.figure(part), table.figure(whole)) if table else None
        if table and rate and rate.percent is not None:
            counted = _(unit)
            figure, basis = percent_text(rate.percent), f"{fraction_text(rate)} {counted}"
            tone = "good" if key == "on_time" and rate.percent == HUNDRED else "plain"
            found.append(Headline(key, code, _(title), figure, basis, rate, rate.percent, tone))
        else:
            stated = table.whole.stated.get(stated_as) if table and table.whole else None
            words = _("theo báo cáo; không có số gốc để tính lại")
            found.append(_claimed(key, code, _(title), stated, words))
    survey = _satisfaction(release.evaluated("hai-long"), dossiers)
    return (*found[:2], _late(dossiers), _pending(dossiers), *found[2:], survey)


def _late(table: SolvedTable | None) -> Headline:
    """Count what was handed over late and what is overdue now, as far as the report says."""
    done = table.figure("resolved_overdue") if table else None
    waiting = table.figure("pending_overdue") if table else None
    if table is None or (done is None and waiting is None):
        return _claimed("late", "ho-so", _("Trễ hạn"))
    words = [
        _("%(count)s đã trả trễ", count=format_number(done)) if done is not None else "",
        _("%(count)s đang quá hạn", count=format_number(waiting)) if waiting is not None else "",
        _("báo cáo không ghi bao nhiêu hồ sơ đang giải quyết đã quá hạn")
        if waiting is None and table.figure("pending") != 0
        else "",
        most_late(table),
    ]
    late = (done or 0) + (waiting or 0)
    # a count that leaves a part out is not compared with one that does not
    is_whole = done is not None and (waiting is not None or table.figure("pending") == 0)
    basis = "; ".join(word for word in words if word)
    return Headline(
        "late", "ho-so", _("Trễ hạn"), format_number(late), basis, late, tone="late",
        is_comparable=is_whole,
    )  # fmt: skip


def _pending(table: SolvedTable | None) -> Headline:
    title = _("Đang giải quyết")
    count = table.figure("pending") if table else None
    if table is None or count is None:
        return _claimed("pending", "ho-so", title)
    # name the field with the most pending dossiers, and how many are overdue when known
    basis = _("không còn hồ sơ nào chờ")
    if count:
        most = most_pending(table) or {"field": "", "count": format_number(0)}
        basis = _("hồ sơ, nhiều nhất: %(field)s %(count)s", **most)
        if (overdue := table.figure("pending_overdue")) is not None:
            basis += "; " + _("quá hạn %(count)s", count=format_number(overdue))
    share = Rate(count, table.figure("received")).percent
    return Headline("pending", "ho-so", title, format_number(count), basis, count, share, "wait")


def _satisfaction(table: SolvedTable | None, dossiers: SolvedTable | None) -> Headline:
    title = _("Hài lòng")
    target = table.figure("coverage_target") if table else None
    rate = table.rate("satisfaction_rate") if table else None
    if rate is not None and rate.percent is not None:
        few = isinstance(rate.denominator, int) and rate.denominator < FEW_SLIPS
        basis = f"{fraction_text(rate)} " + (_("phiếu; còn ít phiếu") if few else _("phiếu"))
        # how many of those whose dossiers were done were asked, beside the plan
        done = dossiers.figure("resolved") if dossiers else None
        if done and rate.denominator is not None and rate.denominator <= done:
            reached = Rate(rate.denominator, done)
            basis += "; " + _("khảo sát đạt %(rate)s hồ sơ đã giải quyết", rate=rate_text(reached))
            if target is not None:
                basis += ", " + _("chỉ tiêu %(target)s", target=format_percent(target))
        figure = percent_text(rate.percent)
        return Headline("satisfaction", "hai-long", title, figure, basis, rate, rate.percent)
    slips = table.figure("slips") if table else None
    basis = _("theo báo cáo; không có số phiếu")
    if slips:
        basis = _("theo báo cáo, trên %(count)s phiếu", count=format_number(slips))
    stated = table.whole.stated.get("satisfaction_rate") if table and table.whole else None
    return _claimed("satisfaction", "hai-long", title, stated, basis)


def _claimed(
    key: str, code: str, title: str, stated: Number | None = None, said: str = ""
) -> Headline:
    """A rate that only the source states is shown as a claim: no bar, no comparison, no average.

    What is not even claimed is unknown.
    """
    figure, basis = NO_FIGURE, _("chưa có số liệu")
    if stated is not None:
        figure, basis = format_percent(stated), said
    return Headline(key, code, title, figure, basis, value=stated, is_comparable=False)


def _change(item: Headline, before: Headline, title: str) -> str:
    if item.value is None:
        return ""
    if not item.is_comparable:
        return _("không đưa vào so sánh hay trung bình")
    if not before.is_comparable or before.value is None:
        return _("%(period)s không có số để so sánh", period=title)
    now, old = number_in(item.value), number_in(before.value)
    if now is None or old is None or isinstance(item.value, Rate) != isinstance(before.value, Rate):
        return ""
    by = Decimal(now) - Decimal(old)
    words = {"direction": _("tăng") if by > 0 else _("giảm"), "period": title}
    size = format_number(abs(by))
    if isinstance(before.value, Rate):
        rate = rate_text(before.value)
        if not by:
            return _("bằng %(period)s: %(rate)s", period=title, rate=rate)
        return _(
            "%(direction)s %(points)s điểm phần trăm so với %(period)s: %(rate)s",
            **words,
            points=size,
            rate=rate,
        )
    if not by:
        return _("bằng %(period)s", period=title)
    words |= {"count": size, "before": format_number(old)}
    return _("%(direction)s %(count)s so với %(period)s (%(before)s)", **words)


MOST_ROWS = 40
_NAMES = {"on_time_rate": mark("Trước hạn và đúng hạn")}  # which no form prints
MOST_LISTED = 10  # of a list whose rows have nothing in common


@dataclass(frozen=True)
class SideCell:
    """One figure; ``change`` is what the newest period has more or less than this one."""

    text: str
    fraction: str = ""
    change: str = ""
    is_late: bool = False


SideLine = tuple[str, tuple[SideCell, ...]]  # a figure's name and its cells, newest period first


@dataclass(frozen=True)
class SideGroup:
    """The figures of one table or one row."""

    label: str
    lines: tuple[SideLine, ...]
    code: str = ""
    address: str = ""
    note_count: int = 0

    @property
    def changed(self) -> tuple[SideLine, ...]:
        """The lines that differ from an earlier period that can be compared."""
        return tuple(
            line for line in self.lines if any(cell.change not in ("", "=") for cell in line[1])
        )


@dataclass(frozen=True)
class SideBySide:
    """All groups under the same periods."""

    periods: tuple[str, ...]
    groups: tuple[SideGroup, ...] = ()


def key_figures(form: Form) -> tuple[str, ...]:
    """Return the quantities by which periods are compared: the first count and all rates."""
    if form.table.key_figures:
        return form.table.key_figures
    counts = [column.key for column in form.columns if column.kind is ValueKind.COUNT]
    further = [ratio.rate for ratio in form.table.ratios] or form.chart_columns
    return tuple(dict.fromkeys((*counts[:1], *further)))


def compare_wholes(now: SolvedTable, before: Iterable[SolvedTable | None]) -> tuple[SideLine, ...]:
    """Return the lines of one table beside earlier ones: its totals, its states, or its rows."""
    tables = (now, *before)
    if now.form.shape.has_sections:
        states = [task_states(table) if table else () for table in tables]
        return tuple(
            (name, _cells([len(known[at][2]) if known else None for known in states], tone == LATE))
            for at, (name, tone, _rows) in enumerate(states[0])
        )
    if now.form.shape.has_total or not now.form.shape.has_labels:
        return _lines(now.form, [table.whole if table else None for table in tables])
    lines: list[SideLine] = []
    for row in now.rows:
        # each row measures something of its own: what stands large in its list
        keys = (*key_figures(now.form), *now.form.by_key)
        key = next((key for key in keys if number_in(row.values.get(key)) is not None), "")
        same = [_same_row(table, row) for table in tables]
        if key and len(lines) < MOST_LISTED:
            values = [other.values.get(key) if other else None for other in same]
            lines.append((form_word(row.label), _cells(values, tone_of(key) == LATE)))
    return tuple(lines)


def compare_rows(now: SolvedTable, before: Iterable[SolvedTable | None]) -> tuple[SideGroup, ...]:
    """Return a group for each row of the newest table, its total last."""
    tables, rows = (now, *before), (*now.rows[:MOST_ROWS], *filter(None, (now.total,)))
    same = ((row, [_same_row(table, row) for table in tables]) for row in rows)
    return tuple(SideGroup(form_word(row.label), _lines(now.form, found)) for row, found in same)


def _same_row(table: SolvedTable | None, row: SolvedRow) -> SolvedRow | None:
    """Return the row that has the same key, else the same name."""
    if table is None:
        return None
    name = row.label.casefold()
    return table.row(row.key) or next((r for r in table.rows if r.label.casefold() == name), None)


def _lines(form: Form, rows: Sequence[SolvedRow | None]) -> tuple[SideLine, ...]:
    lines = []
    for key in key_figures(form):
        values = [row.values.get(key) if row else None for row in rows]
        if any(value not in (None, "") for value in values):
            name = _(_NAMES[key]) if key in _NAMES else form_word(short_label(form.column(key)))
            lines.append((name, _cells(values, tone_of(key) == LATE)))
    return tuple(lines)


def _cells(values: Sequence[SolvedValue], tells_of_lateness: bool) -> tuple[SideCell, ...]:
    """Write the values; the change only between figures of one kind, rates in points."""
    cells = []
    for place, value in enumerate(values):
        number = number_in(value)
        fraction = bare_fraction(value) if isinstance(value, Rate) and number is not None else ""
        change = difference_text(values[0], value) if place else ""
        is_late = tells_of_lateness and not fraction and number is not None and number > 0
        cells.append(SideCell(figure_text(value), fraction, change, is_late))
    return tuple(cells)


def compare_headlines(
    coming: PublishedRelease, earlier: Sequence[PublishedRelease]
) -> tuple[SideGroup, ...]:
    """Return every headline as a group of one line, named as its table, beside earlier periods."""
    before = [{item.key: item for item in list_figures(one)} for one in earlier]
    groups = []
    for item in build_headlines(coming):
        cells = [SideCell(item.figure, "" if item.is_comparable else item.basis)]
        for old in (known[item.key] for known in before):
            against = old.value if old.is_comparable else None
            cells.append(SideCell(old.figure, "", difference_text(item.value, against)))
        groups.append(SideGroup(item.title, ((item.title, tuple(cells)),), item.table))
    return tuple(groups)


def compare_tables(
    coming: PublishedRelease, earlier: Sequence[PublishedRelease]
) -> tuple[SideGroup, ...]:
    """Return every figure of the whole of each table beside earlier periods, also what appeared."""
    groups = []
    for table in coming.tables:
        found = [table.evaluated, *(release.evaluated(table.code) for release in earlier)]
        rows = [solved.whole if solved else None for solved in found]
        lines = []
        for column in table.definition.columns:
            now, *before = (row.values.get(column.key) if row else None for row in rows)
            if isinstance(now, str) or all(value in (None, "") for value in (now, *before)):
                continue
            gap = "nay chưa có" if now is None else "trước chưa có"
            cells = [SideCell(value_text(now, column.unit))]
            for old in before:
                change = gap if (now is None) != (old is None) else difference_text(now, old)
                cells.append(SideCell(value_text(old, column.unit), "", change))
            lines.append((column.label, tuple(cells)))
        groups.append(SideGroup(table.definition.short_title, tuple(lines), table.code))
    return tuple(groups)


def difference_text(now: SolvedValue, old: SolvedValue) -> str:
    """Write ``+14``, ``−0,95 điểm``; ``=`` for no difference, nothing where none can be told."""
    is_points = isinstance(now, Rate) and isinstance(old, Rate)
    one, other = number_in(now), number_in(old)
    if one is None or other is None:
        return ""
    by = Decimal(one) - Decimal(other)
    if not by:
        return "="
    size = format_number(abs(by), 2) + _(" điểm") if is_points else format_number(abs(by))
    return f"{'+' if by > 0 else '−'}{size}"
