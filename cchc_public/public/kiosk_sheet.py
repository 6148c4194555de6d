"""One procedure as a kiosk shows it: few headings, large lines, a QR code to take it home.

Page (template) and copy for times without a server (JSON) are made from the same values.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import segno

from cchc_public.i18n import _
from cchc_public.procedures.record import (
    CHANNEL_LABELS,
    ONLINE_LABELS,
    STATUS_LABELS,
    Channel,
    ChannelKind,
    Component,
    ProcedureRecord,
    ProcedureStatus,
)
from cchc_public.procedures.wording import classify_fee, stated
from cchc_public.procedures.words import NOT_STATED
from cchc_public.public.procedure_page import is_valid
from cchc_public.vietnamese.dates import format_date

_Reader = Callable[[Channel], str]
LONG_NAME = 120  # letters; longer names are set smaller


@dataclass(frozen=True)
class Line:
    """One line under a heading; ``is_soft`` marks what the source does not state."""

    label: str
    text: str
    is_soft: bool = False


@dataclass(frozen=True)
class Section:
    """One question a citizen asks, with its answers."""

    title: str
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Sheet:
    """One procedure in large type; texts are verbatim."""

    code: str
    name: str
    lead: str
    warning: str
    sections: tuple[Section, ...]
    source: str
    address: str
    qr: QrCode

    @property
    def is_long(self) -> bool:
        """True for a name that needs smaller letters."""
        return len(self.name) > LONG_NAME


@dataclass(frozen=True)
class QrCode:
    """The modules of a QR code: one hexadecimal number per row, the leftmost module highest."""

    size: int
    rows: tuple[str, ...]

    @property
    def path(self) -> str:
        """Return the dark modules as the path of an SVG, one unit per module."""
        parts = []
        for y, row in enumerate(self.rows):
            bits = f"{int(row, 16):0{len(row) * 4}b}"[: self.size]
            for run in re.finditer("1+", bits):
                width = run.end() - run.start()
                parts.append(f"M{run.start()} {y}h{width}v1h-{width}z")
        return "".join(parts)


@lru_cache(maxsize=8192)
def make_qr(address: str) -> QrCode:
    """Return the QR code of an address; the fixed mask saves four fifths of the work."""
    matrix = segno.make(address, error="m", micro=False, mask=2).matrix
    size = len(matrix)
    width = -(-size // 4)
    rows = (int("".join(map(str, row)).ljust(width * 4, "0"), 2) for row in matrix)
    return QrCode(size, tuple(f"{row:0{width}x}" for row in rows))


def build_sheet(record: ProcedureRecord, address: str, authority: str, on: date) -> Sheet:
    """Return what the kiosk shows of ``record`` on a day; ``address`` is its full public one."""
    parts = (
        _("Mã thủ tục %(code)s", code=record.code),
        record.field,
        _(STATUS_LABELS[record.status]),
    )
    return Sheet(
        code=record.code,
        name=record.name,
        lead=" · ".join(parts),
        warning=_warning(record),
        sections=(
            Section(_("Mang theo giấy tờ gì"), _papers(record)),
            Section(_("Bao lâu"), _by_channel(record, _time)),
            Section(_("Bao nhiêu tiền"), (*_by_channel(record, _fee), *_exemptions(record, on))),
            Section(_("Nộp ở đâu, khi nào"), _places(record, authority)),
        ),
        source=_source(record),
        address=address,
        qr=make_qr(address),
    )


def _warning(record: ProcedureRecord) -> str:
    if record.status is not ProcedureStatus.REPEALED:
        return ""
    since = _("từ ngày %(day)s", day=format_date(record.repealed_on)) if record.repealed_on else ""
    words = " ".join(part for part in (_("Thủ tục này đã bãi bỏ"), since) if part)
    return f"{words}. " + _("Xin không nộp hồ sơ theo nội dung dưới đây.")


def _absent() -> Line:
    return Line("", _(NOT_STATED), is_soft=True)


def _papers(record: ProcedureRecord) -> tuple[Line, ...]:
    lines = [_paper(paper) for paper in record.components]
    if record.dossier_sets:
        lines.append(Line(_("Số lượng hồ sơ"), record.dossier_sets))
    return tuple(lines) or (_absent(),)


def _paper(paper: Component) -> Line:
    notes = [paper.form]
    if paper.originals is not None:
        notes.append(_("bản chính: %(n)s", n=paper.originals))
    if paper.copies is not None:
        notes.append(_("bản sao: %(n)s", n=paper.copies))
    if paper.case:
        notes.append(_("trường hợp: %(words)s", words=paper.case))
    said = "; ".join(note for note in notes if note)
    return Line("", f"{paper.name} ({said})" if said else paper.name)


def _time(channel: Channel) -> str:
    return stated(channel.time_limit) or ""


def _fee(channel: Channel) -> str:
    """Return the fee verbatim; "Miễn phí" with a condition says that there is one."""
    text = stated(channel.fee) or ""
    if text and classify_fee(channel.fee) == "conditional":
        return f"{text} – " + _("có điều kiện: xin hỏi mức thu trước khi nộp")
    return text


def _by_channel(record: ProcedureRecord, read: _Reader) -> tuple[Line, ...]:
    """Return a line per channel; a single one when all channels say the same."""
    said = {read(channel) for channel in record.channels}
    if len(said) == 1 and len(record.channels) > 1:
        text = said.pop()
        return (Line(_("Mọi cách nộp"), text),) if text else (_absent(),)
    lines = tuple(_channel_line(channel, read(channel)) for channel in record.channels)
    return lines or (_absent(),)


def _channel_line(channel: Channel, text: str) -> Line:
    label = "" if channel.kind is ChannelKind.ANY else _(CHANNEL_LABELS[channel.kind])
    return Line(label, text or _(NOT_STATED), is_soft=not text)


def _exemptions(record: ProcedureRecord, on: date) -> Iterator[Line]:
    """Yield who pays less or nothing here, with the document that says so."""
    for item in record.exemptions:
        if is_valid(item, on):
            who = f"{item.beneficiary}: {item.amount}" if item.amount else item.beneficiary
            under = _("theo %(document)s", document=item.document_number)
            yield Line(_("Miễn, giảm tại địa phương"), f"{who} ({under})")


def _places(record: ProcedureRecord, authority: str) -> tuple[Line, ...]:
    desk = _("Bộ phận tiếp nhận và trả kết quả (một cửa), %(name)s", name=authority)
    online = _(ONLINE_LABELS[record.online_level]) if record.online_level else ""
    lines = [
        Line(_("Địa điểm"), record.address or desk),
        _said(_("Giờ tiếp nhận"), record.hours),
        _said(_("Trực tuyến"), online),
    ]
    for channel in record.channels:
        if channel.note:
            lines.append(Line(_(CHANNEL_LABELS[channel.kind]), channel.note))
    if record.partial_reason:
        lines.append(Line(_("Lý do chỉ trực tuyến một phần"), record.partial_reason))
    return tuple(lines)


def _said(label: str, text: str) -> Line:
    return Line(label, text or _(NOT_STATED), is_soft=not text)


def _source(record: ProcedureRecord) -> str:
    """Return where the record comes from, as words: a kiosk has no way out."""
    parts: Iterable[str] = (
        record.decision_number,
        record.source,
        format_date(record.source_on) if record.source_on else "",
    )
    return ", ".join(part for part in parts if part) or _(NOT_STATED)
