"""The headline figures of a release: chosen once, shown alike by page, widget, screen and image."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from cchc_public.i18n import _, format_number, format_percent
from cchc_public.present.wording import (
    form_text,
    fraction_text,
    percent_text,
    period_title,
    rate_text,
    value_text,
)
from cchc_public.releases.published import PublishedRelease
from cchc_public.tables.solved import Rate, SolvedTable, SolvedValue, add
from cchc_public.vietnamese.numbers import Number

# Below this many slips a rate says little (one unhappy person moves it by several points).
FEW_SLIPS = 30


@dataclass(frozen=True)
class Headline:
    """One headline: ``figure`` large, ``basis`` (fraction or limits) below, a bar, the change.

    ``value`` is the figure itself, None when unknown; ``share`` is 0–100 for the bar, None for
    no bar. ``is_comparable`` is False for a figure that must not enter a comparison or average.
    """

    key: str
    table: str
    title: str
    figure: str
    basis: str
    value: Rate | Number | None = None
    share: Decimal | None = None
    tone: str = "good"
    change: str = ""
    is_comparable: bool = True


def build_headlines(
    release: PublishedRelease, earlier: PublishedRelease | None = None
) -> tuple[Headline, ...]:
    """Return the headlines of ``release`` in fixed order, each compared with ``earlier``."""
    if earlier is None:
        return _figures(release)  # the page says once that there is nothing to compare with
    before = {item.key: item for item in _figures(earlier)}
    return tuple(
        replace(item, change=_change(item, before[item.key], period_title(earlier.period)))
        for item in _figures(release)
    )


def _figures(release: PublishedRelease) -> tuple[Headline, ...]:
    dossiers = _evaluated(release, "ho-so")
    digitized = _evaluated(release, "so-hoa")
    return (
        _rate(
            "resolved",
            "ho-so",
            _("Đã giải quyết"),
            _ratio(dossiers, ("resolved",), ("received",)),
            _("hồ sơ"),
        ),
        _rate(
            "on_time",
            "ho-so",
            _("Trước hạn và đúng hạn"),
            _ratio(dossiers, ("resolved_in_term",), ("resolved",)),
            _("hồ sơ đã giải quyết"),
            _stated(dossiers, "on_time_rate"),
        ),
        _pending(dossiers),
        _rate(
            "online",
            "ho-so",
            _("Nộp trực tuyến"),
            _ratio(dossiers, ("received_online",), ("received_in_period",)),
            _("hồ sơ trong kỳ"),
            _stated(dossiers, "online_rate"),
        ),
        _rate(
            "digitized",
            "so-hoa",
            _("Số hóa đầy đủ thành phần"),
            _ratio(digitized, ("fully_digitized",), ("received",)),
            _("hồ sơ"),
            _stated(digitized, "full_rate"),
        ),
        _satisfaction(_evaluated(release, "hai-long")),
    )


def _evaluated(release: PublishedRelease, code: str) -> SolvedTable | None:
    table = release.table(code)
    return table.evaluated if table else None


def _ratio(table: SolvedTable | None, part: tuple[str, ...], whole: tuple[str, ...]) -> Rate | None:
    if table is None:
        return None
    return Rate(
        add(table.figure(column) for column in part), add(table.figure(column) for column in whole)
    )


def _rate(
    key: str, table: str, title: str, rate: Rate | None, of: str, stated: Decimal | None = None
) -> Headline:
    if (rate is None or rate.percent is None) and stated is not None:
        return _claimed(key, table, title, stated, _("theo báo cáo; không có số gốc để tính lại"))
    if rate is None or rate.percent is None:
        return _unknown(key, table, title)
    return Headline(
        key=key,
        table=table,
        title=title,
        figure=percent_text(rate.percent),
        basis=f"{fraction_text(rate)} {of}",
        value=rate,
        share=rate.percent,
    )


def _unknown(key: str, table: str, title: str) -> Headline:
    return Headline(key, table, title, "–", _("chưa có số liệu"), is_comparable=False)


def _pending(table: SolvedTable | None) -> Headline:
    title = _("Đang giải quyết")
    count = table.figure("pending") if table else None
    if table is None or count is None:
        return _unknown("pending", "ho-so", title)
    share = Rate(count, table.figure("received"))
    # name the field with the most pending dossiers, and how many are overdue when known
    if not count:
        pending_basis = _("không còn hồ sơ nào chờ")
    else:
        by_field: list[tuple[int, str]] = [
            (pending, form_text(row.label))
            for row in table.rows
            if isinstance(pending := row.values.get("pending"), int)
        ]
        most, label = max(by_field, key=lambda found: found[0], default=(0, ""))
        words = _("hồ sơ, nhiều nhất: %(field)s %(count)s", field=label, count=format_number(most))
        overdue = table.figure("pending_overdue")
        if overdue is None:
            pending_basis = words
        else:
            pending_basis = words + "; " + _("quá hạn %(count)s", count=format_number(overdue))
    return Headline(
        key="pending",
        table="ho-so",
        title=title,
        figure=format_number(count),
        basis=pending_basis,
        value=count,
        share=share.percent,
        tone="wait",
    )


def _satisfaction(table: SolvedTable | None) -> Headline:
    title = _("Hài lòng")
    rate = table.rate("satisfaction_rate") if table else None
    if rate is not None and rate.percent is not None:
        few = isinstance(rate.denominator, int) and rate.denominator < FEW_SLIPS
        basis = f"{fraction_text(rate)} " + (_("phiếu; còn ít phiếu") if few else _("phiếu"))
        figure = percent_text(rate.percent)
        return Headline("satisfaction", "hai-long", title, figure, basis, rate, rate.percent)
    stated = _stated(table, "satisfaction_rate")
    if stated is None:
        return _unknown("satisfaction", "hai-long", title)
    slips = table.figure("slips") if table else None
    basis = _("theo báo cáo; không có số phiếu")
    if slips:
        basis = _("theo báo cáo, trên %(count)s phiếu", count=format_number(slips))
    return _claimed("satisfaction", "hai-long", title, stated, basis)


def _claimed(key: str, table: str, title: str, stated: Decimal, basis: str) -> Headline:
    """A rate that only the source states is shown as a claim: no bar, no comparison, no average."""
    figure = format_percent(stated)
    return Headline(key, table, title, figure, basis, value=stated, is_comparable=False)


def _stated(table: SolvedTable | None, column: str) -> Decimal | None:
    return table.whole.stated.get(column) if table and table.whole else None


def _change(item: Headline, before: Headline, title: str) -> str:
    if item.value is None:
        return ""
    if not item.is_comparable:
        return _("không đưa vào so sánh hay trung bình")
    if not before.is_comparable or before.value is None:
        return _("%(period)s không có số để so sánh", period=title)
    if isinstance(item.value, Rate) and isinstance(before.value, Rate):
        if item.value.percent is None or before.value.percent is None:
            return ""
        difference = item.value.percent - before.value.percent
        if not difference:
            return _("bằng %(period)s: %(rate)s", period=title, rate=rate_text(before.value))
        return _(
            "%(direction)s %(points)s điểm phần trăm so với %(period)s: %(rate)s",
            direction=_("tăng") if difference > 0 else _("giảm"),
            points=format_number(abs(difference)),
            period=title,
            rate=rate_text(before.value),
        )
    if isinstance(item.value, Rate) or isinstance(before.value, Rate):
        return ""
    change_difference = Decimal(item.value) - Decimal(before.value)
    if not change_difference:
        return _("bằng %(period)s", period=title)
    return _(
        "%(direction)s %(count)s so với %(period)s (%(before)s)",
        direction=_("tăng") if change_difference > 0 else _("giảm"),
        count=format_number(abs(change_difference)),
        period=title,
        before=format_number(before.value),
    )


@dataclass(frozen=True)
class Comparison:
    """One figure now, and what it was in earlier periods, with the difference to each."""

    title: str
    now: str
    basis: str  # what must be known of a figure that cannot be compared
    earlier: tuple[tuple[str, str], ...]

    @property
    def is_changed(self) -> bool:
        """True when it differs from an earlier period that can be compared."""
        return any(difference not in ("", "=") for _text, difference in self.earlier)


@dataclass(frozen=True)
class TableComparison:
    """The whole of one table (its total, or its only row) beside earlier periods."""

    code: str
    title: str
    figures: tuple[Comparison, ...]
    rows: tuple[int, ...]  # how many lines, now and in the earlier periods

    @property
    def changed(self) -> int:
        """How many figures differ from an earlier period."""
        return sum(figure.is_changed for figure in self.figures)


def compare_headlines(
    coming: PublishedRelease, earlier: Sequence[PublishedRelease]
) -> tuple[tuple[str, Comparison], ...]:
    """Return every headline with its table, beside the earlier periods."""
    before = [{item.key: item for item in build_headlines(one)} for one in earlier]
    return tuple(
        (
            item.table,
            Comparison(
                item.title,
                item.figure,
                "" if item.is_comparable else item.basis,
                tuple(
                    (
                        old.figure,
                        difference_text(item.value, old.value) if old.is_comparable else "",
                    )
                    for old in (known[item.key] for known in before)
                ),
            ),
        )
        for item in build_headlines(coming)
    )


def compare_tables(
    coming: PublishedRelease, earlier: Sequence[PublishedRelease]
) -> tuple[TableComparison, ...]:
    """Return the whole of every table, figure by figure, beside the earlier periods."""
    found = []
    for table in coming.tables:
        others = [one.table(table.code) for one in earlier]
        wholes = [one.evaluated.whole if one else None for one in (table, *others)]
        figures = []
        for column in table.definition.columns:
            now, *before = (row.values.get(column.key) if row else None for row in wholes)
            if isinstance(now, str) or (now is None and not any(before)):
                continue
            told = ((value_text(old, column.unit), difference_text(now, old)) for old in before)
            figures.append(Comparison(column.label, value_text(now, column.unit), "", tuple(told)))
        rows = tuple(len(one.evaluated.rows) if one else 0 for one in (table, *others))
        title = table.definition.short_title
        found.append(TableComparison(table.code, title, tuple(figures), rows))
    return tuple(found)


def difference_text(now: SolvedValue, old: SolvedValue) -> str:
    """Write ``+14``, ``−0,95 điểm``; ``=`` for no difference, nothing where none can be told."""
    is_points = isinstance(now, Rate) and isinstance(old, Rate)
    now, old = (value.percent if isinstance(value, Rate) else value for value in (now, old))
    if isinstance(now, str) or isinstance(old, str) or now is None or old is None:
        return ""
    by = Decimal(now) - Decimal(old)
    if not by:
        return "="
    size = f"{format_number(abs(by), 2)} điểm" if is_points else format_number(abs(by))
    return f"{'+' if by > 0 else '−'}{size}"
