"""How figures and releases are worded in every output: page, widget, image, file, loudspeaker."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
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
from cchc_public.releases.published import PublishedRelease
from cchc_public.tables.language import Column, Form
from cchc_public.tables.sheet import Rate, SolvedTable, SolvedValue, number_in
from cchc_public.vietnamese.dates import PeriodKind, ReportingPeriod, speak_date
from cchc_public.vietnamese.numbers import NBSP, Number, speak_number
from cchc_public.vietnamese.numbers import format_number as write_number

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
            return upper_first(column.header[0].removeprefix(start))
    return column.header[0]


def lower_first(text: str) -> str:
    """Return ``text`` to stand inside a sentence; abbreviations keep their capitals."""
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]


def upper_first(text: str) -> str:
    """Return ``text`` to begin a sentence."""
    return text[:1].upper() + text[1:]


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
        field = most_late(table)
        return f"{words}, {field}." if field else f"{words}."
    pending = table.figure("pending")
    if not pending:
        return f"{words}."
    left = _("Còn %(count)s hồ sơ đang giải quyết", count=format_number(pending))
    most = most_pending(table)
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
        elif resolved < 100:
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


def most_pending(table: SolvedTable) -> dict[str, str]:
    """Name the field with the most pending dossiers, and how many; nothing where there are none."""
    counts = [(count, row.label) for row in table.rows if (count := row.figure("pending"))]
    if not counts:
        return {}
    most, label = max(counts, key=lambda found: found[0])
    return {"field": form_text(label), "count": format_number(most)}


def most_late(table: SolvedTable) -> str:
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


MOST_FIELDS = 8  # more than these nobody remembers who listens
_SPOKEN_QUARTERS = ("một", "hai", "ba", "tư")
# what is written short and read out in full
_SHORT = {
    "UBND": "Ủy ban nhân dân",
    "HĐND": "Hội đồng nhân dân",
    "TTHC": "thủ tục hành chính",
    "CCHC": "cải cách hành chính",
    "DVC": "dịch vụ công",
    "TT.": "thị trấn",
    "P.": "phường",
}
_SHORT_WORD = re.compile("|".join(rf"(?<!\w){re.escape(word)}(?!\w)" for word in _SHORT))
_DIGITS = re.compile(r"[0-9]{1,9}")


def loudspeaker_text(release: PublishedRelease) -> str:
    """Return the text, a sentence or two a line, with every number in words."""
    told, dossiers = _Teller(speak_number, "{} phần trăm"), release.evaluated("ho-so")
    opening = (
        f"{say(release.authority.name)} xin thông báo kết quả giải quyết thủ tục hành chính "
        f"{_period(release.period)}, số liệu tính từ {speak_date(release.data_from)} đến "
        f"{speak_date(release.data_to)}."
    )
    correction = "Đây là số liệu đã đính chính, thay cho số liệu đã thông báo trước đây."
    closing = (
        "Bà con cần biết chi tiết, xin mời đến bộ phận một cửa hoặc xem trên trang thông tin điện "
        "tử của địa phương."
    )
    lines = (
        *("Kính thưa bà con.", opening, correction if release.is_correction else ""),
        *told.totals(release),
        *(told.fields(dossiers) if dossiers else ()),
        *told.rates(release),
        *(closing, "Xin cảm ơn bà con đã lắng nghe."),
    )
    return "".join(f"{line}\n" for line in lines if line)


def summary_text(release: PublishedRelease) -> str:
    """Return the same sentences on the totals and rates, with digits; empty without figures."""
    told = _Teller(write_number, f"{{}}{NBSP}%")
    return " ".join((*told.totals(release), *told.rates(release)))


def say(text: str) -> str:
    """Return words as they are read out: abbreviations in full, digits as numbers."""
    full = _SHORT_WORD.sub(lambda found: _SHORT[found[0]], text)
    return _DIGITS.sub(lambda found: speak_number(int(found[0])), full)


def _period(period: ReportingPeriod) -> str:
    year = f"năm {speak_number(period.year)}"
    if period.kind is PeriodKind.MONTH:
        month = "tư" if period.ordinal == 4 else speak_number(period.ordinal)
        return f"tháng {month}, {year}"
    if period.kind is PeriodKind.QUARTER:
        return f"quý {_SPOKEN_QUARTERS[period.ordinal - 1]} {year}"
    return say(lower_first(period.title))


def _join(*parts: str) -> str:
    return ", ".join(part for part in parts if part)


@dataclass(frozen=True)
class _Teller:
    """Says figures in sentences; what is not known is left out."""

    number: Callable[[Number], str]
    percents: str

    def count(self, value: SolvedValue, words: str) -> str:
        """Say ``words`` with its number; nothing when the number is not known."""
        return words.format(self.number(value)) if isinstance(value, int | Decimal) else ""

    def percent(self, rate: Rate | None) -> str:
        """Say a share."""
        return self.count(rate.percent if rate else None, self.percents)

    def totals(self, release: PublishedRelease) -> Iterator[str]:
        """Say how many dossiers came, were resolved, wait."""
        dossiers = release.evaluated("ho-so")
        if dossiers is None:
            return
        figure = dossiers.figure
        received = _join(
            self.count(figure("received_online"), "nộp trực tuyến {} hồ sơ"),
            self.count(figure("received_direct"), "nộp trực tiếp và qua bưu chính {} hồ sơ"),
            self.count(figure("carried_over"), "từ kỳ trước chuyển sang {} hồ sơ"),
        )
        if (total := figure("received")) is not None:
            detail = f"; trong đó {received}" if received else ""
            yield self.count(total, "Tổng số hồ sơ tiếp nhận là {} hồ sơ") + f"{detail}."
        if (resolved := figure("resolved")) is not None:
            share = self.percent(Rate(resolved, figure("received")))
            words = "Đã giải quyết {} hồ sơ."
            if share and total is not None:
                words = f"Đã giải quyết {{}} trên {self.number(total)} hồ sơ, đạt {share}."
            yield self.count(resolved, words)
            overdue = figure("resolved_overdue")
            late = "không có hồ sơ nào trả quá hạn"
            said = _join(
                self.count(figure("resolved_in_term"), "Trước hạn và đúng hạn {} hồ sơ"),
                late if overdue == 0 else self.count(overdue, "trả quá hạn {} hồ sơ"),
            )
            if said:
                yield f"{upper_first(said)}."
        if (pending := figure("pending")) is not None:
            late = self.count(figure("pending_overdue"), ", trong đó {} hồ sơ đã quá hạn")
            yield self.count(pending, "Hiện còn {} hồ sơ đang giải quyết") + f"{late}."

    def fields(self, table: SolvedTable) -> Iterator[str]:
        """Say the first fields of the dossiers, one by one."""
        told = [
            f"{say(row.label)}, {words}"
            for row in table.rows[:MOST_FIELDS]
            if (
                words := _join(
                    self.count(row.values.get("received"), "tiếp nhận {}"),
                    self.count(row.values.get("resolved"), "giải quyết {}"),
                )
            )
        ]
        if told:
            yield f"Theo từng lĩnh vực: {'; '.join(told)}."
        if len(table.rows) > MOST_FIELDS:
            more = self.number(len(table.rows) - MOST_FIELDS)
            yield f"Còn {more} lĩnh vực khác, bà con xem trong báo cáo."

    def rates(self, release: PublishedRelease) -> Iterator[str]:
        """Say what was digitized, and how content people are."""
        if digitized := release.evaluated("so-hoa"):
            full, received = digitized.figure("fully_digitized"), digitized.figure("received")
            share = self.percent(digitized.rate("full_rate"))
            if full is not None and received is not None and share:
                yield (
                    f"Số hồ sơ được số hóa đầy đủ giấy tờ khi tiếp nhận là {self.number(full)} "
                    f"trên {self.number(received)} hồ sơ, đạt {share}."
                )
        survey = release.evaluated("hai-long")
        if survey and survey.whole:
            rate, stated = survey.rate("satisfaction_rate"), survey.whole.stated
            if rate and rate.percent is not None and rate.denominator:
                slips = self.number(rate.denominator)
                yield f"Trong {slips} phiếu khảo sát, {self.percent(rate)} hài lòng."
            elif share := self.count(stated.get("satisfaction_rate"), self.percents):
                yield f"Báo cáo nêu tỷ lệ hài lòng là {share}, không có số phiếu."
