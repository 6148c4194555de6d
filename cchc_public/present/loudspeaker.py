"""One release as a minute or two of spoken Vietnamese, for the commune's loudspeakers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from cchc_public.releases.published import PublishedRelease
from cchc_public.tables.solved import Rate, SolvedTable, SolvedValue
from cchc_public.vietnamese.dates import speak_date
from cchc_public.vietnamese.numbers import Number, speak_number
from cchc_public.vietnamese.periods import PeriodKind, ReportingPeriod

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
    dossiers = release.table("ho-so")
    if dossiers:
        yield from _dossiers(dossiers.evaluated)
    digitized = release.table("so-hoa")
    if digitized:
        yield from _digitized(digitized.evaluated)
    satisfaction = release.table("hai-long")
    if satisfaction:
        yield from _satisfaction(satisfaction.evaluated)
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


def _count(value: Number | None, words: str) -> str:
    """Say ``words`` with its number; nothing when the number is not known."""
    return words.format(speak_number(value)) if value is not None else ""


def _percent(rate: Rate | None) -> str:
    known = rate.percent if rate else None
    return "" if known is None else f"{speak_number(known)} phần trăm"


def _join(*parts: str) -> str:
    return ", ".join(part for part in parts if part)


def _dossiers(table: SolvedTable) -> Iterator[str]:
    figure = table.figure
    received = _join(
        _count(figure("received_online"), "nộp trực tuyến {} hồ sơ"),
        _count(figure("received_direct"), "nộp trực tiếp và qua bưu chính {} hồ sơ"),
        _count(figure("carried_over"), "từ kỳ trước chuyển sang {} hồ sơ"),
    )
    if (total := figure("received")) is not None:
        detail = f"; trong đó {received}" if received else ""
        yield f"Tổng số hồ sơ tiếp nhận là {speak_number(total)} hồ sơ{detail}."
    if (resolved := figure("resolved")) is not None:
        share = _percent(Rate(resolved, figure("received")))
        yield f"Đã giải quyết {speak_number(resolved)} hồ sơ{f', đạt {share}' if share else ''}."
        yield from _in_term(table)
    pending = figure("pending")
    if pending is not None:
        rest = f"Hiện còn {speak_number(pending)} hồ sơ đang giải quyết"
        late = _count(figure("pending_overdue"), ", trong đó {} hồ sơ đã quá hạn")
        yield f"{rest}{late}."
    fields = [_field(row.label, row.values) for row in table.rows[:MOST_FIELDS]]
    told = [words for words in fields if words]
    if told:
        yield f"Theo từng lĩnh vực: {'; '.join(told)}."
    if len(table.rows) > MOST_FIELDS:
        more = speak_number(len(table.rows) - MOST_FIELDS)
        yield f"Còn {more} lĩnh vực khác, bà con xem trong báo cáo."


def _in_term(table: SolvedTable) -> Iterator[str]:
    in_term, overdue = table.figure("resolved_in_term"), table.figure("resolved_overdue")
    words = _count(in_term, "Trước hạn và đúng hạn {} hồ sơ")
    if overdue == 0:
        late = "không có hồ sơ nào trả quá hạn"
    else:
        late = _count(overdue, "trả quá hạn {} hồ sơ")
    said = _join(words, late)
    if said:
        yield f"{said[0].upper()}{said[1:]}."


def _field(label: str, values: Mapping[str, SolvedValue]) -> str:
    received, resolved = values.get("received"), values.get("resolved")
    said = _join(
        _count(received, "tiếp nhận {}") if isinstance(received, int) else "",
        _count(resolved, "giải quyết {}") if isinstance(resolved, int) else "",
    )
    return f"{say(label)}, {said}" if said else ""


def _digitized(table: SolvedTable) -> Iterator[str]:
    full, received = table.figure("fully_digitized"), table.figure("received")
    share = _percent(table.rate("full_rate"))
    if full is not None and received is not None and share:
        yield (
            f"Số hồ sơ được số hóa đầy đủ giấy tờ khi tiếp nhận là {speak_number(full)} trên "
            f"{speak_number(received)} hồ sơ, đạt {share}."
        )


def _satisfaction(table: SolvedTable) -> Iterator[str]:
    rate = table.rate("satisfaction_rate")
    slips = rate.denominator if rate else None
    if rate and rate.percent is not None and slips:
        yield f"Trong {speak_number(slips)} phiếu khảo sát, {_percent(rate)} hài lòng."
        return
    row = table.total or (table.rows[0] if table.rows else None)
    stated = row.stated.get("satisfaction_rate") if row else None
    if stated is not None:
        yield (
            f"Báo cáo nêu tỷ lệ hài lòng là {speak_number(stated)} phần trăm, không kèm số phiếu."
        )
