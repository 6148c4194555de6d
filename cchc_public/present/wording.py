"""How figures are worded in every output, so that page, widget, image and file say the same."""

from __future__ import annotations

import re
from decimal import Decimal

from cchc_public.i18n import (
    ENGLISH,
    _,
    as_here,
    as_vietnamese,
    format_month,
    format_number,
    format_percent,
    mark,
    page_language,
    pgettext,
)
from cchc_public.tables.language import Column, Form
from cchc_public.tables.sheet import Rate, SolvedValue, number_in
from cchc_public.vietnamese.dates import PeriodKind, ReportingPeriod
from cchc_public.vietnamese.numbers import Number

_FIGURE = re.compile(r"\d[\d.,]*(\s?%)?")
NO_FIGURE = "–"
_GENERIC_LEAVES = ("tổng số",)
_GENERIC_STARTS = ("Số lượng hồ sơ ", "Số lượng ")
_QUARTERS = ("I", "II", "III", "IV")
# Our own names and units of the tables; definitions are pure and cannot mark them.
_TABLE_WORDS = (
    mark("Hồ sơ theo lĩnh vực"), mark("Số hóa hồ sơ và kết quả"), mark("Mức độ hài lòng"),
    mark("Dịch vụ công trực tuyến"), mark("Văn bản điện tử"), mark("Số lượng thủ tục"),
    mark("Nhiệm vụ cải cách hành chính"), mark("Chỉ tiêu khác"), mark("Phản ánh, kiến nghị"),
    mark("Thanh toán trực tuyến"), mark("Kết quả tiếp công dân"),
    mark("Chỉ số phục vụ (QĐ 766)"), mark("hồ sơ"), mark("phiếu"), mark("dịch vụ"),
    mark("dịch vụ, hồ sơ"), mark("văn bản"), mark("thủ tục"), mark("lĩnh vực"),
    mark("nhiệm vụ"), mark("theo từng chỉ tiêu"), mark("phản ánh, kiến nghị"), mark("lượt"),
    mark("buổi"), mark("người"), mark("vụ việc"), mark("đơn"), mark("đồng"), mark("điểm"),
)  # fmt: skip


def table_name(table: Form) -> str:
    """Return the short name of a table on pages; files and data keep ``short_title``."""
    return _(table.short_title)


def form_text(text: str) -> str:
    """Return a word of a form, or the name of a field, in the language of the page."""
    return pgettext("form", text) if text else ""


def form_word(text: str) -> str:
    """Return the same for a template: what has no English says that it is Vietnamese."""
    found = form_text(text)
    return found if found != text else as_vietnamese(text)


def rule_words(rule: str, found: str, expected: str) -> str:
    """Say in English what a note is about, before its Vietnamese words; nothing on their page."""
    words = pgettext("rule", rule)
    if words == rule:
        return ""
    if _FIGURE.fullmatch(found) and _FIGURE.fullmatch(expected):
        figures = {"found": as_here(found), "expected": as_here(expected)}
        words += " " + _("Số ghi %(found)s; số tính %(expected)s.", **figures)
    return f"{words} "


def unit_name(unit: str) -> str:
    """Return what a figure counts, on pages."""
    return _(unit)


_TITLES = {
    PeriodKind.QUARTER: mark("Quý %(number)s năm %(year)s"),
    PeriodKind.FIRST_HALF: mark("6 tháng đầu năm %(year)s"),
    PeriodKind.NINE_MONTHS: mark("9 tháng đầu năm %(year)s"),
    PeriodKind.YEAR: mark("Năm %(year)s"),
}


def period_title(period: ReportingPeriod) -> str:
    """Name a period on pages: ``6 tháng đầu năm 2023``; files and data keep ``period.title``."""
    if period.kind is PeriodKind.MONTH:
        return format_month(period.ordinal, period.year).capitalize()
    number = _QUARTERS[(period.ordinal - 1) % 4]
    return _(_TITLES[period.kind], number=number, year=period.year)


def period_mark(period: ReportingPeriod) -> str:
    """Name a period in a few letters, below a bar: ``6T 2023``, ``QII 2023``, ``T5 2023``."""
    if period.kind is PeriodKind.QUARTER:
        short = f"Q{_QUARTERS[period.ordinal - 1]}"
    elif period.kind is PeriodKind.MONTH:
        is_english = page_language() == ENGLISH
        short = format_month(period.ordinal)[:3] if is_english else f"T{period.ordinal}"
    else:
        short = {PeriodKind.FIRST_HALF: _("6T"), PeriodKind.NINE_MONTHS: _("9T")}.get(
            period.kind, ""
        )
    return f"{short}\u00a0{period.year}".strip()


def percent_text(value: Decimal | int) -> str:
    """Write a computed rate: two decimals (``47,40 %``), none when it is whole (``100 %``).

    A rate that two decimals would make whole keeps the decimals it has: ``99,995 %``.
    """
    return format_percent(value, 0 if value == int(value) else digits_of(value))


def digits_of(value: Number) -> int:
    """Return how many decimals a figure with some is written with: two, or all it has."""
    exponent = Decimal(value).as_tuple().exponent
    return max(2, -exponent) if isinstance(exponent, int) else 2


def fraction_text(rate: Rate) -> str:
    """Write ``522 trên 673``; empty when a part is unknown."""
    if rate.numerator is None or rate.denominator is None:
        return ""
    return _(
        "%(part)s trên %(whole)s",
        part=format_number(rate.numerator),
        whole=format_number(rate.denominator),
    )


def bare_fraction(rate: Rate) -> str:
    """Write ``522/673`` where room is scarce; a dash for the part that is not known."""
    parts = (rate.numerator, rate.denominator)
    return "/".join(map(figure_text, parts))


def rate_text(rate: Rate) -> str:
    """Write ``77,56 % (522 trên 673)``: a percentage never travels alone."""
    if rate.percent is None:
        return _("chưa có số liệu")
    return f"{percent_text(rate.percent)} ({fraction_text(rate)})"


def figure_text(value: SolvedValue, unit: str = "") -> str:
    """Write a figure alone, a rate without its fraction; ``NO_FIGURE`` for what is not known."""
    number = number_in(value)
    if number is None:
        return value if isinstance(value, str) and value else NO_FIGURE
    if isinstance(value, Rate):
        return percent_text(number)
    return format_percent(number) if unit == "%" else format_number(number)


def value_text(value: SolvedValue, unit: str = "") -> str:
    """Write any value in one line."""
    if isinstance(value, Rate):
        return rate_text(value)
    return _("chưa có số liệu") if value is None or value == "" else figure_text(value, unit)


def short_label(column: Column) -> str:
    """Return the words that tell a column from its neighbours: ``Quá hạn``, ``Đang giải quyết``."""
    leaf = column.header[-1]
    if leaf.casefold() not in _GENERIC_LEAVES or len(column.header) == 1:
        return leaf
    for start in _GENERIC_STARTS:
        if column.header[0].startswith(start):
            rest = column.header[0].removeprefix(start)
            return rest[:1].upper() + rest[1:]
    return column.header[0]


def lower_first(text: str) -> str:
    """Return ``text`` to stand inside a sentence; abbreviations keep their capitals."""
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]
