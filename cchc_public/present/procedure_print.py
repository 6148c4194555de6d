"""One procedure in the words a paper needs: leaflet and posting sheet; nothing is rewritten."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Callable
from dataclasses import dataclass

import segno

from cchc_public.procedures.record import (
    CHANNEL_LABELS,
    ONLINE_LABELS,
    STATUS_LABELS,
    Channel,
    Component,
    Exemption,
    ProcedureRecord,
    ProcedureStatus,
)
from cchc_public.procedures.wording import classify_fee, stated
from cchc_public.vietnamese.dates import format_date

NOT_STATED = "Không nêu trong nguồn"
CONDITIONAL = "(có điều kiện: xin hỏi mức thu trước khi nộp)"
LONG_NAME, VERY_LONG_NAME = 130, 320  # letters; above them the title is set smaller
LONGEST_SOURCE = 160
# Where a copy of the record lies says nothing on paper; the page behind the QR code tells it.
_TRAIL = re.compile(r"(?:bản (?:lưu|trích) )?(?:https?://|github:)")
SHORT_LEAFLET = 450  # letters that fit an A5 page in large print


@dataclass(frozen=True)
class PrintedChannel:
    """Ways to submit that share time limit and fee."""

    label: str
    time_limit: str
    fee: str
    note: str


@dataclass(frozen=True)
class Said:
    """One text and the channels it holds for; no label when it holds for all."""

    label: str
    text: str


@dataclass(frozen=True)
class PrintedProcedure:
    """One procedure as paper shows it; a text the source lacks says so."""

    code: str
    name: str
    size: str  # class of the title: "", long, very-long
    room: str  # class of the leaflet: large when little is to be said, else ""
    field: str
    warning: str
    channels: tuple[PrintedChannel, ...]
    ways: str  # the channels' names
    times: tuple[Said, ...]
    fees: tuple[Said, ...]
    papers: tuple[str, ...]
    sets: str
    exemptions: tuple[str, ...]
    place: str
    is_own_desk: bool  # the source names no place: the commune's one-stop desk
    hours: str
    online: str
    result: str
    target: str
    conditions: str
    bases: tuple[str, ...]
    decision: str
    source: str
    address: str


def print_procedure(record: ProcedureRecord, *, authority: str, address: str) -> PrintedProcedure:
    """Return ``record`` ready for paper; ``address`` is the full address of its page."""
    return PrintedProcedure(
        code=record.code,
        name=record.name,
        size=_title_size(record.name),
        room="large" if _length(record) < SHORT_LEAFLET else "",
        field=record.field,
        warning=_warning(record),
        channels=_channels(record.channels),
        ways=", ".join(CHANNEL_LABELS[channel.kind] for channel in record.channels),
        times=_said(record.channels, _time),
        fees=_said(record.channels, _fee),
        papers=tuple(_paper(component) for component in record.components),
        sets=record.dossier_sets,
        exemptions=tuple(_exemption(exemption) for exemption in record.exemptions),
        place=record.address or f"Bộ phận tiếp nhận và trả kết quả (một cửa), {authority}",
        is_own_desk=not record.address,
        hours=record.hours,
        online=ONLINE_LABELS[record.online_level] if record.online_level else "",
        result=record.result,
        target=record.target_group,
        conditions=record.conditions,
        bases=tuple(f"{b.number} {b.title}".strip() for b in record.legal_bases),
        decision=_decision(record),
        source=_source(record),
        address=address,
    )


def qr_png(address: str) -> str:
    """Return a QR code of ``address`` as an inline PNG."""
    buffer = io.BytesIO()
    segno.make(address, error="m", micro=False).save(buffer, kind="png", scale=8, border=2)
    return f"data:image/png;base64,{base64.b64encode(buffer.getvalue()).decode()}"


def _title_size(name: str) -> str:
    if len(name) > VERY_LONG_NAME:
        return "very-long"
    return "long" if len(name) > LONG_NAME else ""


def _warning(record: ProcedureRecord) -> str:
    if record.status is ProcedureStatus.IN_FORCE:
        return ""
    words = [STATUS_LABELS[record.status]]
    dates = {
        ProcedureStatus.REPEALED: record.repealed_on,
        ProcedureStatus.AMENDED: record.amended_on,
        ProcedureStatus.NOT_YET: record.in_force_from,
    }
    day = dates.get(record.status)
    if day:
        words.append(f"từ ngày {format_date(day)}")
    if record.status_decision:
        words.append(f"theo {record.status_decision}")
    return " ".join(words)


def _channels(channels: tuple[Channel, ...]) -> tuple[PrintedChannel, ...]:
    """Return one line for all channels that say the same."""
    labels: dict[tuple[str, str, str], list[str]] = {}
    for channel in channels:
        said = (_time(channel), _fee(channel), channel.note)
        labels.setdefault(said, []).append(CHANNEL_LABELS[channel.kind])
    return tuple(PrintedChannel(", ".join(names), *said) for said, names in labels.items())


def _said(channels: tuple[Channel, ...], tell: Callable[[Channel], str]) -> tuple[Said, ...]:
    """Return each different text once, with the channels it holds for."""
    labels: dict[str, list[str]] = {}
    for channel in channels:
        labels.setdefault(tell(channel), []).append(CHANNEL_LABELS[channel.kind])
    if len(labels) == 1:
        return (Said("", next(iter(labels))),)
    return tuple(Said(", ".join(names), text) for text, names in labels.items())


def _length(record: ProcedureRecord) -> int:
    texts = [record.name, record.conditions, record.result]
    # twice: they stand in columns of half the page or less
    texts += 2 * [channel.time_limit + channel.fee + channel.note for channel in record.channels]
    texts += [component.name + component.form + component.case for component in record.components]
    texts += [exemption.beneficiary + exemption.amount for exemption in record.exemptions]
    return sum(len(text) for text in texts)


def _time(channel: Channel) -> str:
    return stated(channel.time_limit) or NOT_STATED


def _fee(channel: Channel) -> str:
    fee = stated(channel.fee)
    if fee is None:
        return NOT_STATED
    return f"{fee} {CONDITIONAL}" if classify_fee(channel.fee) == "conditional" else fee


def _paper(component: Component) -> str:
    parts = [component.name]
    if component.form:
        parts.append(f"({component.form})")
    counts = [("bản chính", component.originals), ("bản sao", component.copies)]
    said = ", ".join(f"{count} {words}" for words, count in counts if count is not None)
    if said:
        parts.append(f"– {said}")
    if component.case:
        parts.append(f"– trường hợp: {component.case}")
    return " ".join(parts)


def _exemption(exemption: Exemption) -> str:
    amount = f": {exemption.amount}" if exemption.amount else ""
    days = ""
    if exemption.valid_from:
        days += f", từ {format_date(exemption.valid_from)}"
    if exemption.valid_to:
        days += f" đến {format_date(exemption.valid_to)}"
    return f"{exemption.beneficiary}{amount} ({exemption.document_number}{days})"


def _decision(record: ProcedureRecord) -> str:
    day = f" ngày {format_date(record.decision_on)}" if record.decision_on else ""
    issuer = f" của {record.decision_by}" if record.decision_by else ""
    return f"{record.decision_number}{day}{issuer}" if record.decision_number else ""


def _source(record: ProcedureRecord) -> str:
    source = _TRAIL.split(record.source, maxsplit=1)[0].rstrip(" ,;")
    if len(source) > LONGEST_SOURCE:
        source = source[:LONGEST_SOURCE].rstrip() + "…"
    day = f" (ngày {format_date(record.source_on)})" if record.source_on and source else ""
    return f"{source}{day}"
