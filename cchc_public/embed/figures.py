"""What each widget shows of a release: headlines, a short table, and what is said around them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, NamedTuple

from flask import url_for

from cchc_public.desk import get_schedule
from cchc_public.i18n import _, format_date, format_percent, mark
from cchc_public.present.headlines import Headline, build_headlines
from cchc_public.present.tables import Line, lay_cell, list_lines
from cchc_public.present.wording import (
    NO_FIGURE,
    form_text,
    fraction_text,
    percent_text,
    period_title,
    summary_text,
)
from cchc_public.procedures.searching import get_catalogue
from cchc_public.releases.published import PublishedRelease, PublishedTable
from cchc_public.releases.reading import newest_release
from cchc_public.state import get_state
from cchc_public.store.base import local, today
from cchc_public.tables.language import Column, Form, Ratio
from cchc_public.tables.sheet import Rate, SolvedRow
from cchc_public.web.jinja import cchc_has
from cchc_public.web.release_pages import Standing, withdrawn_notice
from cchc_public.web.rendering import list_popular

MOST_HEADLINES = 4
MOST_ITEMS = 5
# columns of the dossier table that a portal column of 320 px holds, with words that fit it
DOSSIER_COLUMNS = (
    ("received", mark("Tiếp nhận")),
    ("resolved", mark("Đã giải quyết")),
    ("resolved_overdue", mark("Giải quyết quá hạn")),
    ("pending", mark("Đang giải quyết")),
)


@dataclass(frozen=True)
class Figures:
    """A widget's content; ``table_code`` is the page it links to, empty for the period's page."""

    title: str
    headlines: tuple[Headline, ...]
    columns: tuple[str, ...] = ()
    lines: tuple[Line, ...] = ()
    total: Line | None = None
    row_header: str = ""
    table_code: str = ""


@dataclass(frozen=True)
class Widget:
    """One kind of widget: its address word, its name in the builder, how to fill it."""

    code: str
    name: str
    build: Callable[[PublishedRelease], Figures | None] | None = None  # else it shows a service
    # of its frame, in px: see ``show_builder``; the default is for what nobody measured
    height: int = 700


def build_overview(release: PublishedRelease) -> Figures | None:
    """Return the headlines of the overview page, none of the rows behind them."""
    if not release.tables:
        return None
    return Figures(_("Công khai giải quyết thủ tục hành chính"), build_headlines(release))


def build_dossiers(release: PublishedRelease) -> Figures | None:
    """Return the dossiers: resolved, on time, pending, online, and a line for each field."""
    table = release.table("ho-so")
    if table is None:
        return None
    columns = [table.definition.column(key) for key, _words in DOSSIER_COLUMNS]
    lines = [
        replace(line, label=form_text(line.label))
        for line in list_lines(table.evaluated, columns)
        if line.level in ("row", "total")
    ]
    total = lines.pop() if table.evaluated.total else None
    return Figures(
        title=_("Kết quả giải quyết hồ sơ"),
        headlines=_headlines_of(release, table.code),
        columns=tuple(_(words) for _key, words in DOSSIER_COLUMNS),
        lines=tuple(lines),
        total=total,
        row_header=_("Lĩnh vực"),
        table_code=table.code,
    )


def single(code: str, title: str, height: int, *, by_rates: bool = True) -> Widget:
    """Return the widget of a table that has one row: headlines or rates, a line for each column.

    A satisfaction rate without slips is shown as the source's claim only; online services stand in
    whichever taxonomy the release used.
    """

    def build(release: PublishedRelease) -> Figures | None:
        table = release.table(code)
        if table is None or not table.evaluated.rows:
            return None
        row, form = table.evaluated.rows[0], table.definition
        rates = [c for c in form.columns if isinstance(row.values.get(c.key), Rate)]
        # the forms print the rate over everything last
        headlines = tuple(_rate_headline(table, row, column) for column in rates[-MOST_HEADLINES:])
        return Figures(
            title=_(title),
            headlines=headlines if by_rates else _headlines_of(release, code),
            columns=(_("Số liệu"),),
            lines=tuple(
                Line(label=distinct_label(c, form), cells=(lay_cell(row, c),)) for c in form.columns
            ),
            row_header=_("Chỉ tiêu"),
            table_code=code,
        )

    return Widget(code, title, build, height)


# Heights are measured in Chromium on the real report, as ``gon=1`` shows it from 280 to 900 px,
# with a strip above the figures; tests/browser/test_embed.py measures them again.
WIDGETS = (
    Widget("tong-quan", mark("Tổng quan"), build_overview, 590),
    Widget("ho-so", mark("Hồ sơ theo lĩnh vực"), build_dossiers, 650),
    single("so-hoa", mark("Số hóa hồ sơ và kết quả"), 625),
    single("hai-long", mark("Mức độ hài lòng"), 545, by_rates=False),
    single("dich-vu-cong", mark("Dịch vụ công trực tuyến"), 620),
    Widget("thu-tuc", mark("Tìm thủ tục"), height=535),
    Widget("tiep-cong-dan", mark("Lịch tiếp công dân"), height=510),
)


def find_widget(code: str) -> Widget | None:
    """Return the widget ``code`` or None."""
    return next((widget for widget in WIDGETS if widget.code == code), None)


def _headlines_of(release: PublishedRelease, code: str) -> tuple[Headline, ...]:
    """Return the headlines that every face shows of one table."""
    return tuple(item for item in build_headlines(release) if item.table == code)


def _rate_headline(table: PublishedTable, row: SolvedRow, column: Column) -> Headline:
    rate, stated = row.values.get(column.key), row.stated.get(column.key)
    form, title = table.definition, distinct_label(column, table.definition)
    if isinstance(rate, Rate) and rate.percent is not None:
        parts = column.formula.numerator if isinstance(column.formula, Ratio) else ()
        # the unit that a rate's fraction counts
        unit = _((form.column(parts[0]).unit if parts else "") or form.unit)
        basis, share = f"{fraction_text(rate)} {unit}", min(rate.percent, Decimal(100))
        figure = percent_text(rate.percent)
        return Headline(column.key, table.code, title, figure, basis, rate, share)
    basis = _("chưa có số liệu")
    if stated is not None:
        basis = _("báo cáo nêu %(rate)s, không có số để tính", rate=format_percent(stated))
    return Headline(column.key, table.code, title, NO_FIGURE, basis)


def distinct_label(column: Column, definition: Form) -> str:
    """Return the column's own words; with those above them only where they alone would not do."""
    alike = [other for other in definition.columns if other.header[-1] == column.header[-1]]
    return " – ".join(map(form_text, column.header if len(alike) > 1 else column.header[-1:]))


LONGEST_REASON = 160


class Strip(NamedTuple):
    """One line above the figures; ``tone`` is wrong (correction), late or plain."""

    tone: str
    text: str
    address: str = ""
    link: str = ""


@dataclass(frozen=True)
class WidgetPage:
    """The declared context of ``cchc/embed/widget.html`` and ``fragment.html``."""

    code: str
    authority: str
    title: str
    address: str  # the page with everything behind these figures
    period: str = ""
    figures: Figures | None = None
    window: str = ""
    published: str = ""
    strips: tuple[Strip, ...] = ()
    note_count: int = 0
    is_pinned: bool = False
    number: int = 0
    told: str = ""  # the release in sentences, where the widget is about all of it
    items: tuple[Item, ...] = ()  # of a service, in place of figures
    has_search: bool = False


class Item(NamedTuple):
    """One line of a service: a procedure with time and fee, a session with its hours."""

    text: str
    detail: str
    address: str = ""


def build_service_page(widget: Widget) -> WidgetPage | None:
    """Return the search with what is done most, or the next receptions; None without any."""
    state = get_state()
    authority = state.config["AUTHORITY_NAME"]
    if widget.code == "thu-tuc":
        title, lead = _("Bạn cần làm thủ tục gì?"), _("Hay làm nhất")
        found = list_popular(get_catalogue(state.session), MOST_ITEMS)
        items = [Item(i.name, i.facts, _address("cchc.procedure", code=i.code)) for i in found]
        address = _address("cchc.procedures")
    else:
        title, lead = _("Lịch tiếp công dân"), ""
        schedule = get_schedule(state.session, today())
        if schedule is None:
            return None
        items = []
        for session in [s for s in schedule.sessions if not s.is_cancelled][:MOST_ITEMS]:
            rule = schedule.rule_on(session.day)
            day = ", ".join((_(session.weekday_name), format_date(session.day)))
            told = ". ".join(filter(None, (rule.hours, rule.place, session.note)))
            items.append(Item(day, told))
            lead = rule.receiver
        address = _address("cchc.reception")
    if not items:
        return None
    return WidgetPage(
        widget.code,
        authority,
        title,
        address,
        period=lead,
        items=tuple(items),
        has_search=widget.code == "thu-tuc" and bool(address),
    )


def build_widget_page(widget: Widget, release: PublishedRelease, *, is_pinned: bool) -> WidgetPage:
    """Return the words of ``widget`` for ``release``."""
    figures = widget.build(release) if widget.build else None
    code = figures.table_code if figures else ""
    table = release.table(code) if code else None
    whole = table or release
    first, last = format_date(whole.data_from), format_date(whole.data_to)
    day = format_date(local(release.published_at).date())
    standing = Standing(release, is_pinned=is_pinned)
    return WidgetPage(
        code=widget.code,
        authority=release.authority.name,
        title=figures.title if figures else _(widget.name),
        period=period_title(release.period),
        figures=figures,
        window=_("Số liệu từ %(first)s đến %(last)s", first=first, last=last),
        published=_("Công bố lần %(number)s, ngày %(day)s", number=release.number, day=day),
        strips=tuple(_strips(standing)),
        note_count=len(table.findings) if table else len(release.findings),
        address=_page_of(standing, code),
        is_pinned=is_pinned,
        number=release.number,
        told=summary_text(release) if code in ("", "ho-so") else "",
    )


def _page_of(standing: Standing, table_code: str = "") -> str:
    """Return the path of the table's page, of the period's page, or '' when the app has neither."""
    if table_code:
        return _address("cchc.table", code=table_code, **standing.pins)
    return _address("cchc.period", **standing.pins)


def _address(endpoint: str, **values: Any) -> str:
    return url_for(endpoint, **values) if cchc_has(endpoint) else ""


def _strips(standing: Standing) -> Iterator[Strip]:
    release = standing.release
    newest = newest_release(get_state().session, release.slug)
    if newest is not None and newest.number > release.number:
        words = _("Số liệu này đã được thay bằng lần công bố %(number)s.", number=newest.number)
        yield Strip("wrong", words, _page_of(Standing(newest)), _("Xem số liệu mới"))
    elif standing.is_fresh:
        reason = release.reason.strip()
        if len(reason) > LONGEST_REASON:
            reason = reason[:LONGEST_REASON].rstrip() + "…"
        words = _("Đã đính chính. Lý do: %(reason)s", reason=reason)
        yield Strip("wrong", words, _address("cchc.corrections"), _("Số cũ, số mới"))
    gone = None if standing.is_pinned else withdrawn_notice(release)
    if gone is not None:
        words = _(
            "Số liệu %(period)s đã được thu hồi ngày %(day)s.",
            period=period_title(gone.period),
            day=format_date(local(gone.published_at).date()),
        )
        address = _address("cchc.period", slug=gone.slug)
        yield Strip("wrong", words, address, _("Xem lý do") if address else "")
    if not standing.is_pinned and standing.is_late:
        due = format_date(release.due_on) if release.due_on else ""
        yield Strip("late", _("Chậm cập nhật: hẹn số liệu mới trước %(due)s.", due=due))
