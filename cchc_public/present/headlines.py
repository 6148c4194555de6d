"""The headline figures of a release: chosen once, shown alike by page, widget, screen and image."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from markupsafe import Markup

from cchc_public.i18n import _, format_number, format_percent, mark
from cchc_public.present.charts import Chart, Point, spark, trend_chart
from cchc_public.present.tables import HUNDRED
from cchc_public.present.wording import (
    form_text,
    fraction_text,
    lower_first,
    percent_text,
    period_mark,
    period_title,
    rate_text,
)
from cchc_public.releases.published import PublishedRelease
from cchc_public.tables.sheet import Rate, SolvedTable
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
        series = [(p, {i.key: i for i in list_figures(r)} if r else {}) for p, r in like]
        found = tuple(replace(i, points=_points(i, release, series)) for i in found)
    # lateness has a card only where there is some
    return tuple(item for item in found if item.key != "late" or item.value)


def _points(
    item: Headline,
    release: PublishedRelease,
    series: Sequence[tuple[ReportingPeriod, Mapping[str, Headline]]],
) -> tuple[Point, ...]:
    """Return the line of one headline; a claim, or a count that leaves a part out, joins none."""
    if not item.is_comparable:
        return ()
    known = [(period, found.get(item.key)) for period, found in series]
    points = [
        Point(period_mark(period), found.value if found and found.is_comparable else None)
        for period, found in known
    ]
    return (*points, Point(period_mark(release.period), item.value))


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
    charts = []
    for key, title, unit in TRENDS:
        points = []
        for period, release in periods:
            value: Rate | Number | None = None
            if release and key == "received":
                dossiers = release.evaluated("ho-so")
                value = dossiers.figure(key) if dossiers else None
            elif release:
                value = next(
                    (i.value for i in list_figures(release) if i.key == key and i.is_comparable),
                    None,
                )
            link = address(period) if release else ""
            points.append(Point(period_mark(period), value, link))
        charts.append(trend_chart(key, _(title), points, _(unit)))
    return tuple(chart for chart in charts if chart)


# key, title, the part and the whole of it, what the whole counts, the rate a source may state
RATES = (
    ("resolved", mark("Đã giải quyết"), "resolved", "received", mark("hồ sơ"), ""),
    (
        *("on_time", mark("Trước hạn và đúng hạn"), "resolved_in_term", "resolved"),
        *(mark("hồ sơ đã giải quyết"), "on_time_rate"),
    ),
    (
        *("online", mark("Nộp trực tuyến"), "received_online", "received_in_period"),
        *(mark("hồ sơ trong kỳ"), "online_rate"),
    ),
    (
        *("digitized", mark("Số hóa đầy đủ thành phần"), "fully_digitized", "received"),
        *(mark("hồ sơ"), "full_rate"),
    ),
)


def list_figures(release: PublishedRelease) -> tuple[Headline, ...]:
    """Return all headlines of one release, also lateness of 0, without any comparison."""
    dossiers, found = release.evaluated("ho-so"), {}
    for key, title, part, whole, unit, stated_as in RATES:
        code = "so-hoa" if key == "digitized" else "ho-so"
        table = release.evaluated(code)
        rate = Rate(table.figure(part), table.figure(whole)) if table else None
        if table and rate and rate.percent is not None:
            counted = _(unit)
            figure, basis = percent_text(rate.percent), f"{fraction_text(rate)} {counted}"
            tone = "good" if key == "on_time" and rate.percent == HUNDRED else "plain"
            found[key] = Headline(key, code, _(title), figure, basis, rate, rate.percent, tone)
        else:
            words = _("theo báo cáo; không có số gốc để tính lại")
            found[key] = _claimed(key, code, _(title), table, (stated_as, words))
    survey = _satisfaction(release.evaluated("hai-long"), dossiers)
    online, digitized = found["online"], found["digitized"]
    first = (found["resolved"], found["on_time"], _late(dossiers), _pending(dossiers))
    return (*first, online, digitized, survey)


def _late(table: SolvedTable | None) -> Headline:
    """Count what was handed over late and what is overdue now, as far as the report says."""
    done = table.figure("resolved_overdue") if table else None
    waiting = table.figure("pending_overdue") if table else None
    if table is None or (done is None and waiting is None):
        return _unknown("late", "ho-so", _("Trễ hạn"))
    words = [
        _("%(count)s đã trả trễ", count=format_number(done)) if done is not None else "",
        _("%(count)s đang quá hạn", count=format_number(waiting)) if waiting is not None else "",
        _("báo cáo không ghi bao nhiêu hồ sơ đang giải quyết đã quá hạn")
        if waiting is None and table.figure("pending") != 0
        else "",
        _most_late(table),
    ]
    late = (done or 0) + (waiting or 0)
    # a count that leaves a part out is not compared with one that does not
    is_whole = done is not None and (waiting is not None or table.figure("pending") == 0)
    basis = "; ".join(word for word in words if word)
    return Headline(
        "late", "ho-so", _("Trễ hạn"), format_number(late), basis, late, tone="late",
        is_comparable=is_whole,
    )  # fmt: skip


def _most_late(table: SolvedTable) -> str:
    """Say which field most late dossiers are of; nothing where that cannot be told."""
    keys = [k for k in ("resolved_overdue", "pending_overdue") if table.figure(k) is not None]
    total = sum(table.figure(key) or 0 for key in keys)
    counts = [(sum(row.figure(k) or 0 for k in keys), row) for row in table.rows]
    is_known = all(row.figure(key) is not None for row in table.rows for key in keys)
    if len(counts) < 2 or total <= 0:
        return ""
    (most, row), (second, _row) = sorted(counts, key=lambda found: -found[0])[:2]
    field = lower_first(form_text(row.label))
    if most > total or most == second:
        return ""
    if most == total:
        return _("đều là %(field)s", field=field) if most > 1 else _("là %(field)s", field=field)
    if most * 5 >= total * 4:
        return _("gần hết là %(field)s", field=field)
    if most * 2 > total:
        return _("phần lớn là %(field)s", field=field)
    if not is_known:
        return ""
    return _("nhiều nhất là %(field)s: %(count)s", field=field, count=format_number(most))


def say_plainly(release: PublishedRelease) -> str:
    """Say in one sentence what was done, how much of it late and where; only what is known."""
    table = release.evaluated("ho-so")
    received, resolved = (table.figure(key) if table else None for key in ("received", "resolved"))
    if table is None or (resolved is None and received is None):
        return ""
    if resolved is None:
        count = format_number(received or 0)
        return _("Đã nhận %(count)s hồ sơ; báo cáo không ghi đã giải quyết bao nhiêu.", count=count)
    if not resolved and not received:
        return _("Kỳ này không có hồ sơ nào.") if received == 0 else ""
    words, late = _say_done(table, resolved)
    waiting = table.figure("pending_overdue") or 0
    if late and waiting:
        words += "; " + _(
            "%(count)s hồ sơ trễ (%(done)s đã trả trễ, %(waiting)s đang quá hạn)",
            count=format_number(late + waiting),
            done=format_number(late),
            waiting=format_number(waiting),
        )
    elif late and late != resolved:
        words += "; " + _("%(count)s hồ sơ trễ", count=format_number(late))
    elif waiting:
        words += "; " + _("%(count)s hồ sơ đang quá hạn", count=format_number(waiting))
    if late or waiting:
        field = _most_late(table)
        return f"{words}, {field}." if field else f"{words}."
    pending = table.figure("pending")
    if not pending:
        return f"{words}."
    left = _("Còn %(count)s hồ sơ đang giải quyết", count=format_number(pending))
    most = _most_pending(table)
    if len(table.rows) < 2 or not most:
        return f"{words}. {left}."
    most["field"] = lower_first(most["field"])
    said = _("nhiều nhất là %(field)s: %(count)s", **most)
    return f"{words}. {left}, {said}."


def _say_done(table: SolvedTable, resolved: Number) -> tuple[str, Number]:
    """Say what was resolved and how much of it in time; and what was handed over late."""
    received, in_term, late = (
        table.figure(key) for key in ("received", "resolved_in_term", "resolved_overdue")
    )
    if not resolved:
        return _("Chưa giải quyết xong hồ sơ nào"), 0
    if in_term is not None and late and in_term + late == resolved:
        # so that nobody is flattered: rounded down, none when none
        words = _("Cứ 100 hồ sơ đã giải quyết thì chưa đến 1 đúng hạn")
        if not in_term:
            count = format_number(resolved)
            words = _("Cả %(count)s hồ sơ đã giải quyết đều trả trễ", count=count)
        elif resolved < HUNDRED:
            parts = {"count": format_number(resolved), "part": format_number(in_term)}
            words = _("Trong %(count)s hồ sơ đã giải quyết, %(part)s đúng hạn", **parts)
        elif share := int(in_term) * 100 // int(resolved):
            words = _("Cứ 100 hồ sơ đã giải quyết thì %(count)s đúng hạn", count=share)
        return words, late
    if received is not None and resolved <= received:
        parts = {"part": format_number(resolved), "whole": format_number(received)}
        words = _("Đã giải quyết %(part)s trong %(whole)s hồ sơ", **parts)
    else:
        words = _("Đã giải quyết %(count)s hồ sơ", count=format_number(resolved))
    if in_term is None or late is None:
        return words + _("; báo cáo không ghi bao nhiêu hồ sơ trả trễ"), 0
    if in_term + late != resolved:
        return words + _("; các số về đúng hạn và quá hạn trong báo cáo chưa khớp nhau"), 0
    return words + _(", không hồ sơ nào trả trễ"), 0


def _most_pending(table: SolvedTable) -> dict[str, str]:
    """Name the field with the most pending dossiers, and how many; nothing where there are none."""
    counts = [(count, row.label) for row in table.rows if (count := row.figure("pending"))]
    if not counts:
        return {}
    most, label = max(counts, key=lambda found: found[0])
    return {"field": form_text(label), "count": format_number(most)}


def _unknown(key: str, table: str, title: str) -> Headline:
    return Headline(key, table, title, "–", _("chưa có số liệu"), is_comparable=False)


def _pending(table: SolvedTable | None) -> Headline:
    title = _("Đang giải quyết")
    count = table.figure("pending") if table else None
    if table is None or count is None:
        return _unknown("pending", "ho-so", title)
    # name the field with the most pending dossiers, and how many are overdue when known
    basis = _("không còn hồ sơ nào chờ")
    if count:
        most = _most_pending(table) or {"field": "", "count": format_number(0)}
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
    return _claimed("satisfaction", "hai-long", title, table, ("satisfaction_rate", basis))


def _claimed(
    key: str, code: str, title: str, table: SolvedTable | None, claim: tuple[str, str]
) -> Headline:
    """A rate that only the source states is shown as a claim: no bar, no comparison, no average.

    ``claim`` is the column of the rate, and what must be said of it.
    """
    stated = table.whole.stated.get(claim[0]) if table and table.whole else None
    if stated is None:
        return _unknown(key, code, title)
    figure = format_percent(stated)
    return Headline(key, code, title, figure, claim[1], value=stated, is_comparable=False)


def _change(item: Headline, before: Headline, title: str) -> str:
    if item.value is None:
        return ""
    if not item.is_comparable:
        return _("không đưa vào so sánh hay trung bình")
    if not before.is_comparable or before.value is None:
        return _("%(period)s không có số để so sánh", period=title)
    is_rate = isinstance(item.value, Rate)
    now, old = (i.value.percent if isinstance(i.value, Rate) else i.value for i in (item, before))
    if now is None or old is None or is_rate != isinstance(before.value, Rate):
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
