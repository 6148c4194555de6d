"""What each widget shows of a release: headlines, a short table, and what is said around them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from flask import current_app, url_for

from cchc_public.i18n import _, format_date, format_percent, mark
from cchc_public.present.headlines import Headline, build_headlines
from cchc_public.present.loudspeaker import summary_text
from cchc_public.present.printed import NO_FIGURE, PrintedCell, print_cell
from cchc_public.present.wording import (
    form_text,
    fraction_text,
    percent_text,
    period_title,
    unit_name,
)
from cchc_public.releases.published import PublishedRelease, PublishedTable, ReleaseSummary
from cchc_public.releases.reading import newest_release
from cchc_public.state import get_state
from cchc_public.store.clock import local
from cchc_public.tables.language import Column, Form, Ratio
from cchc_public.tables.solved import Rate, SolvedRow
from cchc_public.web.release_pages import is_fresh, is_late, withdrawn_notice

MOST_HEADLINES = 4
# columns of the dossier table that a portal column of 320 px holds, with words that fit it
DOSSIER_COLUMNS = (
    ("received", mark("Tiếp nhận")),
    ("resolved", mark("Đã giải quyết")),
    ("resolved_overdue", mark("Giải quyết quá hạn")),
    ("pending", mark("Đang giải quyết")),
)


@dataclass(frozen=True)
class Line:
    """One row of the short table."""

    label: str
    cells: tuple[PrintedCell, ...]


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


ChooseHeadlines = Callable[[PublishedTable, SolvedRow], tuple[Headline, ...]]


@dataclass(frozen=True)
class Widget:
    """One kind of widget: its address word, its name in the builder, how to fill it."""

    code: str
    name: str
    build: Callable[[PublishedRelease], Figures | None]


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
    evaluated = table.evaluated
    keys = [key for key, _words in DOSSIER_COLUMNS]
    columns = [table.definition.column(key) for key in keys]
    return Figures(
        title=_("Kết quả giải quyết hồ sơ"),
        headlines=_headlines_of(release, table.code),
        columns=tuple(_(words) for _key, words in DOSSIER_COLUMNS),
        lines=tuple(_line(row, columns) for row in evaluated.rows),
        total=_line(evaluated.total, columns) if evaluated.total else None,
        row_header=_("Lĩnh vực"),
        table_code=table.code,
    )


def build_digitization(release: PublishedRelease) -> Figures | None:
    """Return digitisation: both rates with their different denominators."""
    return _build_single(release, "so-hoa", _("Số hóa hồ sơ và kết quả"), _rate_headlines)


def build_satisfaction(release: PublishedRelease) -> Figures | None:
    """Return satisfaction; a rate without slips is shown as the source's claim only."""
    code = "hai-long"
    return _build_single(
        release, code, _("Mức độ hài lòng"), lambda _table, _row: _headlines_of(release, code)
    )


def build_online_services(release: PublishedRelease) -> Figures | None:
    """Return online services in whichever taxonomy the release used."""
    return _build_single(release, "dich-vu-cong", _("Dịch vụ công trực tuyến"), _rate_headlines)


WIDGETS = (
    Widget("tong-quan", mark("Tổng quan"), build_overview),
    Widget("ho-so", mark("Hồ sơ theo lĩnh vực"), build_dossiers),
    Widget("so-hoa", mark("Số hóa hồ sơ và kết quả"), build_digitization),
    Widget("hai-long", mark("Mức độ hài lòng"), build_satisfaction),
    Widget("dich-vu-cong", mark("Dịch vụ công trực tuyến"), build_online_services),
)


def find_widget(code: str) -> Widget | None:
    """Return the widget ``code`` or None."""
    return next((widget for widget in WIDGETS if widget.code == code), None)


def _headlines_of(release: PublishedRelease, code: str) -> tuple[Headline, ...]:
    """Return the headlines that every face shows of one table."""
    return tuple(item for item in build_headlines(release) if item.table == code)


def _build_single(
    release: PublishedRelease, code: str, title: str, choose: ChooseHeadlines
) -> Figures | None:
    table = release.table(code)
    if table is None or not table.evaluated.rows:
        return None
    row = table.evaluated.rows[0]
    return Figures(
        title=title,
        headlines=choose(table, row),
        columns=(_("Số liệu"),),
        lines=tuple(_fact(row, column, table.definition) for column in table.definition.columns),
        row_header=_("Chỉ tiêu"),
        table_code=code,
    )


def _rate_headlines(table: PublishedTable, row: SolvedRow) -> tuple[Headline, ...]:
    rates = [c for c in table.definition.columns if isinstance(row.values.get(c.key), Rate)]
    # the forms print the rate over everything last
    return tuple(_rate_headline(table, row, column) for column in rates[-MOST_HEADLINES:])


def _rate_headline(table: PublishedTable, row: SolvedRow, column: Column) -> Headline:
    rate, stated = row.values.get(column.key), row.stated.get(column.key)
    title = short_label(column, table.definition)
    if isinstance(rate, Rate) and rate.percent is not None:
        # the unit that a rate's fraction counts
        if not isinstance(column.formula, Ratio):
            unit_of = unit_name(table.definition.unit)
        else:
            unit = (
                table.definition.column(column.formula.numerator[0]).unit or table.definition.unit
            )
            unit_of = unit_name(unit)
        basis = f"{fraction_text(rate)} {unit_of}"
        figure = percent_text(rate.percent)
        return Headline(
            column.key,
            table.code,
            title,
            figure,
            basis,
            rate,
            None if rate.percent is None else min(rate.percent, Decimal(100)),
        )
    basis = _("chưa có số liệu")
    if stated is not None:
        basis = _("báo cáo nêu %(rate)s, không có số để tính", rate=format_percent(stated))
    return Headline(column.key, table.code, title, NO_FIGURE, basis)


def short_label(column: Column, definition: Form) -> str:
    """Return the column's own words; with those above them only where they alone would not do."""
    alike = [other for other in definition.columns if other.header[-1] == column.header[-1]]
    return " – ".join(map(form_text, column.header if len(alike) > 1 else column.header[-1:]))


def _fact(row: SolvedRow, column: Column, definition: Form) -> Line:
    return Line(short_label(column, definition), (_cell(row, column),))


def _line(row: SolvedRow, columns: list[Column]) -> Line:
    return Line(form_text(row.label), tuple(_cell(row, column) for column in columns))


def _cell(row: SolvedRow, column: Column) -> PrintedCell:
    return print_cell(row, column)


LONGEST_REASON = 160


@dataclass(frozen=True)
class Strip:
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
    period: str
    figures: Figures | None
    window: str
    published: str
    strips: tuple[Strip, ...]
    note_count: int
    address: str  # the page with everything behind these figures
    is_pinned: bool
    number: int
    told: str = ""  # the release in sentences, where the widget is about all of it


def build_widget_page(widget: Widget, release: PublishedRelease, *, is_pinned: bool) -> WidgetPage:
    """Return the words of ``widget`` for ``release``."""
    figures = widget.build(release)
    code = figures.table_code if figures else ""
    table = release.table(code) if code else None
    window = (table.data_from, table.data_to) if table else (release.data_from, release.data_to)
    day = format_date(release.published_at.astimezone(get_state().zone).date())
    return WidgetPage(
        code=widget.code,
        authority=release.authority.name,
        title=figures.title if figures else _(widget.name),
        period=period_title(release.period),
        figures=figures,
        window=_window_words(*window),
        published=_("Công bố lần %(number)s, ngày %(day)s", number=release.number, day=day),
        strips=tuple(_strips(release, is_pinned=is_pinned)),
        note_count=len(table.findings) if table else len(release.findings),
        address=page_address(release, code, is_pinned=is_pinned),
        is_pinned=is_pinned,
        number=release.number,
        told=summary_text(release) if code in ("", "ho-so") else "",
    )


def page_address(release: PublishedRelease, table_code: str, *, is_pinned: bool) -> str:
    """Return the path of the table's page, of the period's page, or '' when the app has neither."""
    values = {"slug": release.slug}
    endpoint = "cchc.period"
    if table_code:
        endpoint, values["code"] = "cchc.table", table_code
    if is_pinned:
        values["ban"] = str(release.number)
    return _address(endpoint, **values)


def _address(endpoint: str, **values: Any) -> str:
    return url_for(endpoint, **values) if endpoint in current_app.view_functions else ""


def _window_words(first: date, last: date) -> str:
    return _("Số liệu từ %(first)s đến %(last)s", first=format_date(first), last=format_date(last))


def withdrawn_strip(gone: ReleaseSummary) -> Strip:
    """Return the line that tells of newer figures that were taken back."""
    address = _address("cchc.period", slug=gone.slug)
    return Strip("wrong", withdrawn_words(gone), address, _("Xem lý do") if address else "")


def withdrawn_words(gone: ReleaseSummary) -> str:
    """Say that the figures of a period were taken back, and when."""
    day = format_date(local(gone.published_at).date())
    return _(
        "Số liệu %(period)s đã được thu hồi ngày %(day)s.",
        period=period_title(gone.period),
        day=day,
    )


def _strips(release: PublishedRelease, *, is_pinned: bool) -> list[Strip]:
    strips = []
    newest = newest_release(get_state().session, release.slug)
    if newest is not None and newest.number > release.number:
        strips.append(
            Strip(
                "wrong",
                _("Số liệu này đã được thay bằng lần công bố %(number)s.", number=newest.number),
                page_address(newest, "", is_pinned=False),
                _("Xem số liệu mới"),
            )
        )
    elif is_fresh(release):
        reason = release.reason.strip()
        if len(reason) > LONGEST_REASON:
            reason = reason[:LONGEST_REASON].rstrip() + "…"
        strips.append(
            Strip(
                "wrong",
                _("Đã đính chính. Lý do: %(reason)s", reason=reason),
                _address("cchc.corrections"),
                _("Số cũ, số mới"),
            )
        )
    gone = None if is_pinned else withdrawn_notice(release)
    if gone is not None:
        strips.append(withdrawn_strip(gone))
    if not is_pinned and is_late(release):
        due = format_date(release.due_on) if release.due_on else ""
        strips.append(Strip("late", _("Chậm cập nhật: hẹn số liệu mới trước %(due)s.", due=due)))
    return strips
