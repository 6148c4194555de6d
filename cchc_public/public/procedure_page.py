"""What the page of one procedure shows, gathered from its record and the newest release."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date

from markupsafe import Markup

from cchc_public.i18n import _
from cchc_public.present.wording import period_title
from cchc_public.procedures.record import (
    CHANNEL_LABELS,
    ONLINE_LABELS,
    STATUS_LABELS,
    Channel,
    ChannelKind,
    Exemption,
    OnlineLevel,
    ProcedureRecord,
    ProcedureStatus,
)
from cchc_public.procedures.searching import get_catalogue
from cchc_public.procedures.wording import classify_fee, stated
from cchc_public.procedures.words import NOT_STATED, lacks_unit
from cchc_public.releases.published import PublishedRelease
from cchc_public.releases.reading import newest_release
from cchc_public.state import get_state
from cchc_public.statutory.evaluate import EvaluatedRow, Rate
from cchc_public.vietnamese.dates import format_date
from cchc_public.vietnamese.fold import search_key
from cchc_public.web.addresses import absolute
from cchc_public.web.caching import today


@dataclass(frozen=True)
class ChannelRow:
    """One way to submit, ready to be printed; texts are verbatim."""

    label: str
    time_limit: str
    fee: str
    note: str
    is_time_stated: bool
    is_fee_stated: bool
    is_conditional: bool
    lacks_unit: bool


@dataclass(frozen=True)
class FieldFigures:
    """How dossiers of the procedure's field were handled, from one release."""

    period_title: str
    period_slug: str
    received: int
    resolved: int
    pending: int | None
    in_time: Rate


@dataclass(frozen=True)
class ProcedureContext:
    """What ``procedure.html`` may use."""

    record: ProcedureRecord
    field_slug: str
    not_stated: str
    status_label: str
    is_repealed: bool
    channels: tuple[ChannelRow, ...]
    online_label: str
    exemptions: tuple[Exemption, ...]
    figures: FieldFigures | None
    facts: tuple[tuple[str, str], ...]
    unstated: tuple[str, ...]  # what of the facts the source leaves out
    structured: Markup


def build_procedure(record: ProcedureRecord) -> ProcedureContext:
    """Return everything the page of ``record`` shows today."""
    state = get_state()
    facts = _facts(record)
    return ProcedureContext(
        record=record,
        field_slug=get_catalogue(state.session).field_slug(record.field),
        not_stated=_(NOT_STATED),
        status_label=_(STATUS_LABELS[record.status]),
        is_repealed=record.status is ProcedureStatus.REPEALED,
        channels=tuple(_channel(channel) for channel in record.channels),
        online_label=_online_label(record),
        exemptions=tuple(e for e in record.exemptions if is_valid(e, today(state))),
        figures=find_figures(newest_release(state.session), record.field),
        facts=tuple((label, text) for label, text in facts if text),
        unstated=tuple(label for label, text in facts if not text),
        structured=structured_data(record, state.config["AUTHORITY_NAME"]),
    )


def _channel(channel: Channel) -> ChannelRow:
    time_limit, fee = stated(channel.time_limit), stated(channel.fee)
    return ChannelRow(
        label=_(CHANNEL_LABELS[channel.kind]),
        time_limit=time_limit or _(NOT_STATED),
        fee=fee or _(NOT_STATED),
        note=channel.note,
        is_time_stated=time_limit is not None,
        is_fee_stated=fee is not None,
        is_conditional=classify_fee(channel.fee) == "conditional",
        lacks_unit=lacks_unit(channel.time_limit),
    )


def _online_label(record: ProcedureRecord) -> str:
    if record.online_level is None:
        return _(NOT_STATED)
    return _(ONLINE_LABELS[record.online_level])


def is_valid(exemption: Exemption, on: date) -> bool:
    """Return whether an exemption applies on that day."""
    begun = exemption.valid_from is None or exemption.valid_from <= on
    return begun and (exemption.valid_to is None or on <= exemption.valid_to)


def find_figures(release: PublishedRelease | None, field: str) -> FieldFigures | None:
    """Return the field's row of the dossier table; None when the release does not carry it."""
    table = release.table("ho-so") if release else None
    if release is None or table is None:
        return None
    wanted = search_key(field)
    row = next((r for r in table.evaluated.rows if search_key(r.label) == wanted), None)
    received, resolved = (_count(row, key) for key in ("received", "resolved"))
    if received is None or resolved is None:
        return None
    parts = [_count(row, key) for key in ("resolved_early", "resolved_on_time")]
    known = [part for part in parts if part is not None]
    in_time = sum(known) if len(known) == len(parts) else None
    return FieldFigures(
        period_title(release.period),
        release.slug,
        received,
        resolved,
        _count(row, "pending"),
        Rate(in_time, resolved),
    )


def _count(row: EvaluatedRow | None, key: str) -> int | None:
    value = row.values.get(key) if row else None
    return value if isinstance(value, int) else None


def _facts(record: ProcedureRecord) -> list[tuple[str, str]]:
    """Return label and text of the plain facts, in the order of the decree; "" = not stated."""
    dated = (
        (_("Có hiệu lực từ"), record.in_force_from),
        (_("Sửa đổi, bổ sung từ"), record.amended_on),
        (_("Bãi bỏ từ"), record.repealed_on),
    )
    flags = {True: _("Có"), False: _("Không"), None: ""}
    return [
        (_("Kết quả"), record.result),
        (_("Đối tượng"), record.target_group),
        (_("Yêu cầu, điều kiện"), record.conditions),
        (_("Cơ quan thực hiện"), record.authority),
        (_("Cấp thực hiện"), record.level),
        (_("Tiếp nhận tại đây"), flags[record.received_here]),
        (_("Giải quyết tại đây"), flags[record.decided_here]),
        *((label, format_date(day)) for label, day in dated if day),
    ]


def structured_data(record: ProcedureRecord, authority: str) -> Markup:
    """Return schema.org ``GovernmentService`` as JSON that is safe inside a page."""
    data = {
        "@context": "https://schema.org",
        "@type": "GovernmentService",
        "name": record.name,
        "identifier": record.code,
        "serviceType": record.field,
        "url": absolute("cchc.procedure", code=record.code),
        "provider": {"@type": "GovernmentOrganization", "name": record.authority or authority},
        "availableChannel": _service_channels(record),
    }
    text = json.dumps(data, ensure_ascii=False)
    # the only way out of a data block is a "<"
    return Markup(text.replace("<", "\\u003c"))  # noqa: S704


def _service_channels(record: ProcedureRecord) -> list[dict[str, str]]:
    kinds = [c.kind for c in record.channels if c.kind is not ChannelKind.ANY]
    offers_online = record.online_level not in (None, OnlineLevel.NONE)
    if offers_online and ChannelKind.ONLINE not in kinds:
        kinds.append(ChannelKind.ONLINE)
    found = []
    for kind in kinds:
        channel = {"@type": "ServiceChannel", "name": CHANNEL_LABELS[kind]}
        if kind is ChannelKind.ONLINE and record.portal_link:
            channel["serviceUrl"] = record.portal_link
        found.append(channel)
    return found
