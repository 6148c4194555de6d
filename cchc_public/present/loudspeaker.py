"""One release in sentences: spoken for the commune's loudspeakers, in digits for page and image."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from cchc_public.releases.published import PublishedRelease
from cchc_public.tables.sheet import Rate, SolvedTable, SolvedValue
from cchc_public.vietnamese.dates import PeriodKind, ReportingPeriod, speak_date
from cchc_public.vietnamese.numbers import NBSP, Number, format_number, speak_number

MOST_FIELDS = 8  # more than these nobody remembers who listens
_QUARTERS = ("một", "hai", "ba", "tư")
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
    return "\n".join(_lines(release)) + "\n"


def summary_text(release: PublishedRelease) -> str:
    """Return the same sentences on the totals and rates, with digits; empty without figures."""
    told = _Teller(format_number, f"{{}}{NBSP}%")
    return " ".join((*told.totals(release), *told.rates(release)))


def say(text: str) -> str:
    """Return words as they are read out: abbreviations in full, digits as numbers."""
    full = _SHORT_WORD.sub(lambda found: _SHORT[found[0]], text)
    return _DIGITS.sub(lambda found: speak_number(int(found[0])), full)


def _lines(release: PublishedRelease) -> Iterator[str]:
    period = _period(release.period)
    yield "Kính thưa bà con."
    yield (
        f"{say(release.authority.name)} xin thông báo kết quả giải quyết thủ tục hành chính "
        f"{period}, số liệu tính từ {speak_date(release.data_from)} đến "
        f"{speak_date(release.data_to)}."
    )
    if release.is_correction:
        yield "Đây là số liệu đã đính chính, thay cho số liệu đã thông báo trước đây."
    told = _Teller(speak_number, "{} phần trăm")
    yield from told.totals(release)
    if dossiers := release.table("ho-so"):
        yield from told.fields(dossiers.evaluated)
    yield from told.rates(release)
    yield (
        "Bà con cần biết chi tiết, xin mời đến bộ phận một cửa hoặc xem trên trang thông tin điện "
        "tử của địa phương."
    )
    yield "Xin cảm ơn bà con đã lắng nghe."


def _period(period: ReportingPeriod) -> str:
    year = f"năm {speak_number(period.year)}"
    if period.kind is PeriodKind.MONTH:
        month = "tư" if period.ordinal == 4 else speak_number(period.ordinal)
        return f"tháng {month}, {year}"
    if period.kind is PeriodKind.QUARTER:
        return f"quý {_QUARTERS[period.ordinal - 1]} {year}"
    starts = {PeriodKind.FIRST_HALF: "sáu tháng đầu ", PeriodKind.NINE_MONTHS: "chín tháng đầu "}
    return starts.get(period.kind, "") + year


def _join(*parts: str) -> str:
    return ", ".join(part for part in parts if part)


@dataclass(frozen=True)
class _Teller:
    """Says figures in sentences; what is not known is left out."""

    number: Callable[[Number], str]
    percents: str

    def count(self, value: Number | SolvedValue, words: str) -> str:
        """Say ``words`` with its number; nothing when the number is not known."""
        known = value if isinstance(value, int | Decimal) else None
        return words.format(self.number(known)) if known is not None else ""

    def percent(self, rate: Rate | None) -> str:
        """Say a share."""
        known = rate.percent if rate else None
        return "" if known is None else self.percents.format(self.number(known))

    def totals(self, release: PublishedRelease) -> Iterator[str]:
        """Say how many dossiers came, were resolved, wait."""
        dossiers = release.table("ho-so")
        if dossiers is None:
            return
        figure = dossiers.evaluated.figure
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
                yield f"{said[0].upper()}{said[1:]}."
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
        if digitized := release.table("so-hoa"):
            table = digitized.evaluated
            full, received = table.figure("fully_digitized"), table.figure("received")
            share = self.percent(table.rate("full_rate"))
            if full is not None and received is not None and share:
                yield (
                    f"Số hồ sơ được số hóa đầy đủ giấy tờ khi tiếp nhận là {self.number(full)} "
                    f"trên {self.number(received)} hồ sơ, đạt {share}."
                )
        if survey := release.table("hai-long"):
            rate = survey.evaluated.rate("satisfaction_rate")
            slips = rate.denominator if rate else None
            row = survey.evaluated.whole
            if rate and rate.percent is not None and slips:
                yield f"Trong {self.number(slips)} phiếu khảo sát, {self.percent(rate)} hài lòng."
            elif row and (stated := row.stated.get("satisfaction_rate")) is not None:
                share = self.percents.format(self.number(stated))
                yield f"Báo cáo nêu tỷ lệ hài lòng là {share}, không có số phiếu."
