"""What the page of one procedure shows: its description, the desk, figures, related ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from cchc_public.i18n import _, as_vietnamese
from cchc_public.present.wording import period_title
from cchc_public.procedures.description import Description, describe, short_name
from cchc_public.procedures.record import CHANNEL_LABELS, ChannelKind, OnlineLevel, ProcedureRecord
from cchc_public.procedures.searching import Catalogue, get_catalogue, list_stamp
from cchc_public.releases.published import PublishedRelease
from cchc_public.releases.reading import newest_release
from cchc_public.state import get_state
from cchc_public.tables.solved import Rate, SolvedRow
from cchc_public.vietnamese.text import search_key
from cchc_public.web.addresses import absolute
from cchc_public.web.caching import skip_page_cache, today
from cchc_public.web.found import data_block

MOST_RELATED = 4
_ONLINE = (OnlineLevel.FULL, OnlineLevel.PARTIAL, OnlineLevel.UNSPECIFIED)


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

    about: Description
    field_slug: str
    is_online: bool  # can be submitted on the portal
    facts: tuple[tuple[str, str], ...]
    figures: FieldFigures | None
    related: tuple[tuple[str, str], ...]  # code, name
    summary: str
    structured: Markup


def build_procedure(record: ProcedureRecord) -> ProcedureContext:
    """Return everything the page of ``record`` shows today."""
    state = get_state()
    catalogue = current_catalogue()
    about = describe(record, today(state))
    summary = _summary(about)
    field_slug = catalogue.field_slug(record.field)
    related = catalogue.neighbours(record.code, record.name, field_slug, MOST_RELATED)
    return ProcedureContext(
        about=about,
        field_slug=field_slug,
        is_online=_is_online(record),
        facts=tuple((label, text) for label, text in _facts(record) if text),
        figures=find_figures(newest_release(state.session), record.field),
        related=tuple((one.code, short_name(one.name)) for one in related),
        summary=summary,
        structured=_structured(record, about, summary),
    )


def current_catalogue() -> Catalogue:
    """Return the list; a page made from one that is being renewed is not kept."""
    session = get_state().session
    catalogue = get_catalogue(session)
    if catalogue.stamp != list_stamp(session):
        skip_page_cache()
    return catalogue


def _is_online(record: ProcedureRecord) -> bool:
    kinds = {channel.kind for channel in record.channels}
    return record.online_level in _ONLINE or ChannelKind.ONLINE in kinds


def _summary(about: Description) -> str:
    """Return what search engines and shared links show: papers, time, fee."""
    parts = []
    if about.papers:
        parts.append(_("%(n)s loại giấy tờ", n=len(about.papers)))
    for answers in (about.times, about.fees):
        if len(answers) == 1 and not answers[0].is_missing:
            parts.append(answers[0].text.lower())
    told = f": {', '.join(parts)}" if parts else ""
    return f"{about.title}{told}. " + _("Nơi nộp, giờ nhận hồ sơ, cách nộp trực tuyến.")


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


def _count(row: SolvedRow | None, key: str) -> int | None:
    value = row.values.get(key) if row else None
    return value if isinstance(value, int) else None


def _facts(record: ProcedureRecord) -> tuple[tuple[str, str], ...]:
    """Return label and text of what is left to tell; "" = not stated."""
    flags = {True: _("Có"), False: _("Không"), None: ""}
    return (
        (_("Ai được làm"), as_vietnamese(record.target_group)),
        (_("Cơ quan thực hiện"), as_vietnamese(record.authority)),
        (_("Cấp thực hiện"), as_vietnamese(record.level)),
        (_("Tiếp nhận tại đây"), flags[record.received_here]),
        (_("Giải quyết tại đây"), flags[record.decided_here]),
    )


def _structured(record: ProcedureRecord, about: Description, summary: str) -> Markup:
    """Return schema.org ``GovernmentService`` as JSON that is safe inside a page."""
    authority = get_state().config["AUTHORITY_NAME"]
    data: dict[str, Any] = {
        "@type": "GovernmentService",
        "name": record.name,
        "description": summary,
        "identifier": record.code,
        "serviceType": record.field,
        "url": absolute("cchc.procedure", code=record.code),
        "provider": {"@type": "GovernmentOrganization", "name": record.authority or authority},
        "areaServed": {"@type": "AdministrativeArea", "name": authority},
        "availableChannel": _service_channels(record),
    }
    for key, name, answers in (
        ("fee", _("Phí, lệ phí"), about.fees),
        ("time", _("Thời hạn"), about.times),
    ):
        known = [f"{said.label}: {said.text}" if said.label else said.text for said in answers]
        if not any(said.is_missing for said in answers):
            value = {"@type": "PropertyValue", "propertyID": key, "name": name}
            data.setdefault("additionalProperty", []).append({**value, "value": "; ".join(known)})
    return data_block(data)


def _service_channels(record: ProcedureRecord) -> list[dict[str, str]]:
    kinds = [c.kind for c in record.channels if c.kind is not ChannelKind.ANY]
    if _is_online(record) and ChannelKind.ONLINE not in kinds:
        kinds.append(ChannelKind.ONLINE)
    found = []
    for kind in kinds:
        channel = {"@type": "ServiceChannel", "name": CHANNEL_LABELS[kind]}
        if kind is ChannelKind.ONLINE and record.portal_link:
            channel["serviceUrl"] = record.portal_link
        found.append(channel)
    return found
