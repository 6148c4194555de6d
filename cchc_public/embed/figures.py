"""What each widget shows of a release: a few headlines with their fractions, a short table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from cchc_public.i18n import _, mark
from cchc_public.present.headlines import Headline, build_headlines
from cchc_public.present.printed import NO_FIGURE, PrintedCell, print_cell
from cchc_public.present.wording import fraction_text, percent_text, unit_name
from cchc_public.releases.published import PublishedRelease, PublishedTable
from cchc_public.tables.language import Column, Form, Ratio
from cchc_public.tables.solved import Rate, SolvedRow
from cchc_public.vietnamese.numbers import format_percent

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
        basis = f"{fraction_text(rate)} {_unit_of(table.definition, column)}"
        figure = percent_text(rate.percent)
        return Headline(column.key, table.code, title, figure, basis, rate, share_of(rate))
    basis = _("chưa có số liệu")
    if stated is not None:
        basis = _("báo cáo nêu %(rate)s, không có số để tính", rate=format_percent(stated))
    return Headline(column.key, table.code, title, NO_FIGURE, basis)


def share_of(rate: Rate) -> Decimal | None:
    """Return how much of a bar the rate fills; never more than all of it."""
    return None if rate.percent is None else min(rate.percent, Decimal(100))


def _unit_of(definition: Form, column: Column) -> str:
    """Return the unit that a rate's fraction counts."""
    if not isinstance(column.formula, Ratio):
        return unit_name(definition.unit)
    unit = definition.column(column.formula.numerator[0]).unit or definition.unit
    return unit_name(unit)


def short_label(column: Column, definition: Form) -> str:
    """Return the column's own words; with those above them only where they alone would not do."""
    words = column.header[-1]
    alike = [other for other in definition.columns if other.header[-1] == words]
    return words if len(alike) == 1 else column.label


def _fact(row: SolvedRow, column: Column, definition: Form) -> Line:
    return Line(short_label(column, definition), (_cell(row, column),))


def _line(row: SolvedRow, columns: list[Column]) -> Line:
    return Line(row.label, tuple(_cell(row, column) for column in columns))


def _cell(row: SolvedRow, column: Column) -> PrintedCell:
    return print_cell(row, column)
