"""What each widget shows of a release: a few headlines with their fractions, a short table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from cchc_public.exporters.printed import NO_FIGURE, PrintedCell, percent_text, print_value
from cchc_public.i18n import _
from cchc_public.releases.published import PublishedRelease, PublishedTable
from cchc_public.statutory.evaluate import EvaluatedRow, EvaluatedTable, Number, Rate, add
from cchc_public.statutory.table import Column, Ratio, StatutoryTable
from cchc_public.vietnamese.numbers import format_number, format_percent

MOST_HEADLINES = 4
# columns of the dossier table that a portal column of 320 px holds, with words that fit it
DOSSIER_COLUMNS = (
    ("received", "Tiếp nhận"),
    ("resolved", "Đã giải quyết"),
    ("resolved_overdue", "Giải quyết quá hạn"),
    ("pending", "Đang giải quyết"),
)


@dataclass(frozen=True)
class Headline:
    """One large figure; ``basis`` is its fraction or why there is none, ``share`` fills the bar."""

    label: str
    figure: str
    basis: str
    share: Decimal | None = None


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


@dataclass(frozen=True)
class Widget:
    """One kind of widget: its address word, its name in the builder, how to fill it."""

    code: str
    name: str
    build: Callable[[PublishedRelease], Figures | None]


def build_overview(release: PublishedRelease) -> Figures | None:
    """Return the headlines of all tables, none of their rows; a claim without figures is none."""
    parts = (build_dossiers(release), build_digitization(release), build_satisfaction(release))
    known = (h for part in parts if part for h in part.headlines if h.figure != NO_FIGURE)
    headlines = tuple(known)
    return Figures(_("Công khai giải quyết thủ tục hành chính"), headlines) if headlines else None


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
        headlines=_dossier_headlines(evaluated),
        columns=tuple(_(words) for _key, words in DOSSIER_COLUMNS),
        lines=tuple(_line(row, columns) for row in evaluated.rows),
        total=_line(evaluated.total, columns) if evaluated.total else None,
        row_header=_("Lĩnh vực"),
        table_code=table.code,
    )


def build_digitization(release: PublishedRelease) -> Figures | None:
    """Return digitisation: both rates with their different denominators."""
    return _build_single(release, "so-hoa", _("Số hóa hồ sơ và kết quả"))


def build_satisfaction(release: PublishedRelease) -> Figures | None:
    """Return satisfaction; a rate without slips is shown as the source's claim only."""
    return _build_single(release, "hai-long", _("Mức độ hài lòng"))


def build_online_services(release: PublishedRelease) -> Figures | None:
    """Return online services in whichever taxonomy the release used."""
    return _build_single(release, "dich-vu-cong", _("Dịch vụ công trực tuyến"))


WIDGETS = (
    Widget("tong-quan", "Tổng quan", build_overview),
    Widget("ho-so", "Hồ sơ theo lĩnh vực", build_dossiers),
    Widget("so-hoa", "Số hóa hồ sơ và kết quả", build_digitization),
    Widget("hai-long", "Mức độ hài lòng", build_satisfaction),
    Widget("dich-vu-cong", "Dịch vụ công trực tuyến", build_online_services),
)


def find_widget(code: str) -> Widget | None:
    """Return the widget ``code`` or None."""
    return next((widget for widget in WIDGETS if widget.code == code), None)


def rate_headline(label: str, rate: Rate, unit: str, stated: Decimal | None = None) -> Headline:
    """Return a rate with its fraction in words, or why it cannot be computed."""
    if rate.percent is not None and rate.numerator is not None and rate.denominator is not None:
        part, whole = format_number(rate.numerator), format_number(rate.denominator)
        basis = _("%(part)s trên %(whole)s %(unit)s", part=part, whole=whole, unit=unit)
        return Headline(label, percent_text(rate.percent), basis, min(rate.percent, Decimal(100)))
    if stated is not None:
        source = format_percent(stated)
        claim = _("Báo cáo nêu %(rate)s; không có số %(unit)s để tính", rate=source, unit=unit)
        return Headline(label, NO_FIGURE, claim)
    return Headline(label, NO_FIGURE, _("Chưa có số liệu"))


def _dossier_headlines(table: EvaluatedTable) -> tuple[Headline, ...]:
    def total(*keys: str) -> Number | None:
        return add(table.figure(key) for key in keys)

    unit = _("hồ sơ")
    return (
        rate_headline(_("Đã giải quyết"), Rate(total("resolved"), total("received")), unit),
        rate_headline(
            _("Trước hạn và đúng hạn"),
            Rate(total("resolved_early", "resolved_on_time"), total("resolved")),
            _("hồ sơ đã giải quyết"),
        ),
        _pending_headline(table, total("pending")),
        rate_headline(
            _("Nộp trực tuyến"),
            Rate(total("received_online"), total("received_online", "received_direct")),
            _("hồ sơ trong kỳ"),
        ),
    )


def _pending_headline(table: EvaluatedTable, pending: Number | None) -> Headline:
    label = _("Đang giải quyết")
    if pending is None:
        return Headline(label, NO_FIGURE, _("Chưa có số liệu"))
    counts = [(table.figure("pending", row.key) or 0, row.label) for row in table.rows]
    most, field = max(counts, default=(0, ""), key=lambda pair: pair[0])
    basis = _("hồ sơ")
    if most:
        basis = _("hồ sơ; nhiều nhất: %(field)s %(count)s", field=field, count=format_number(most))
    return Headline(label, format_number(pending), basis)


def _build_single(release: PublishedRelease, code: str, title: str) -> Figures | None:
    table = release.table(code)
    if table is None or not table.evaluated.rows:
        return None
    row = table.evaluated.rows[0]
    return Figures(
        title=title,
        headlines=_rate_headlines(table, row),
        columns=(_("Số liệu"),),
        lines=tuple(_fact(row, column, table.definition) for column in table.definition.columns),
        row_header=_("Chỉ tiêu"),
        table_code=code,
    )


def _rate_headlines(table: PublishedTable, row: EvaluatedRow) -> tuple[Headline, ...]:
    found = []
    for column in table.definition.columns:
        value = row.values.get(column.key)
        if isinstance(value, Rate):
            unit = _unit_of(table.definition, column)
            label, stated = short_label(column, table.definition), row.stated.get(column.key)
            found.append(rate_headline(label, value, unit, stated))
    return tuple(found[-MOST_HEADLINES:])  # the forms print the rate over everything last


def _unit_of(definition: StatutoryTable, column: Column) -> str:
    """Return the unit that a rate's fraction counts."""
    if not isinstance(column.formula, Ratio):
        return definition.unit
    return definition.column(column.formula.numerator[0]).unit or definition.unit


def short_label(column: Column, definition: StatutoryTable) -> str:
    """Return the column's own words; with those above them only where they alone would not do."""
    words = column.header[-1]
    alike = [other for other in definition.columns if other.header[-1] == words]
    return words if len(alike) == 1 else column.label


def _fact(row: EvaluatedRow, column: Column, definition: StatutoryTable) -> Line:
    return Line(short_label(column, definition), (_cell(row, column),))


def _line(row: EvaluatedRow, columns: list[Column]) -> Line:
    return Line(row.label, tuple(_cell(row, column) for column in columns))


def _cell(row: EvaluatedRow, column: Column) -> PrintedCell:
    return print_value(row.values.get(column.key), column, row.stated.get(column.key))
