"""The head of a report: window, words around the tables, signature; saved like a sheet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from cchc_public.releases.comparing import DUE_LABEL, HEAD_FIELDS, WINDOW_LABELS
from cchc_public.releases.prose import Section, arrange, as_stored
from cchc_public.reports.sheets import stale
from cchc_public.store import Report, utc_now
from cchc_public.store.actor import Actor, AnySession
from cchc_public.store.audit import record
from cchc_public.store.changes import cell_change, differences
from cchc_public.store.locking import lock_for_editing, write_once


@dataclass(frozen=True)
class ReportHead:
    """Everything of a report that is not a table.

    ``head`` holds document_number, issued_on (ISO date), place, superior_body, recipients (list),
    signatory, signatory_title, on_behalf_of. ``data_from``/``data_to`` are the default window.
    """

    data_from: date
    data_to: date
    due_on: date | None = None
    head: Mapping[str, Any] = field(default_factory=dict)
    narrative: tuple[Section, ...] | None = None  # None: saving leaves the words alone


CONFIRMED = "(không có nội dung)"
_LABELS = {**WINDOW_LABELS, "due_on": DUE_LABEL, **HEAD_FIELDS}


def head_of(report: Report) -> ReportHead:
    """Return the head as stored; send ``report.version`` back with it."""
    return ReportHead(
        data_from=report.data_from,
        data_to=report.data_to,
        due_on=report.due_on,
        head=dict(report.head),
        narrative=arrange(report.narrative),
    )


def save_report_head(
    session: AnySession, report: Report, new: ReportHead, *, version: int, actor: Actor
) -> Report:
    """Save the head read at ``version``; StaleRevision when someone saved it differently since."""
    lock_for_editing(session, report)
    old = head_of(report)
    # without empty fields and with plain values, so that equal heads are equal as stored
    kept: dict[str, Any] = {}
    for key, value in new.head.items():
        if isinstance(value, date):
            value = value.isoformat()
        elif isinstance(value, list | tuple):
            value = [part for part in value if part]
        if value not in (None, "", []):
            kept[key] = value
    sections = old.narrative
    if new.narrative is not None:  # browsers send line ends as CR LF; kept as LF
        tidy = (replace(s, text=s.text.replace("\r\n", "\n")) for s in new.narrative)
        sections = arrange(as_stored(tuple(tidy)))
    new = ReportHead(
        data_from=new.data_from,
        data_to=new.data_to,
        due_on=new.due_on,
        head=kept,
        narrative=sections,
    )
    if new == old:
        return report
    if report.version != version:
        raise stale(report)
    with write_once(session):
        report.data_from, report.data_to, report.due_on = new.data_from, new.data_to, new.due_on
        report.head, report.narrative = dict(new.head), as_stored(new.narrative or ())
        report.edited_by_id, report.edited_by_name = actor.id, actor.name
        report.edited_at = utc_now()
    changes = [
        cell_change(key, _LABELS.get(key, key), before, after)
        for key, before, after in differences(_flat(old), _flat(new))
    ]
    record(session, actor, "report.save", report.slug, version=report.version, changes=changes)
    session.flush()
    return report


def save_narrative(
    session: AnySession,
    report: Report,
    sections: tuple[Section, ...],
    *,
    version: int,
    actor: Actor,
) -> Report:
    """Save the words read at ``version``; everything else of the head stays as it is."""
    new = replace(head_of(report), narrative=sections)
    return save_report_head(session, report, new, version=version, actor=actor)


def _flat(head: ReportHead) -> dict[str, Any]:
    days = {key: getattr(head, key) for key in ("data_from", "data_to", "due_on")}
    flat: dict[str, Any] = {key: day.isoformat() if day else None for key, day in days.items()}
    flat.update(head.head)
    for section in head.narrative or ():
        said = section.text or (CONFIRMED if section.is_confirmed else "")
        name = section.part.heading if section.part and section.part.level else section.title
        flat[name] = f"{flat.get(name) or ''}{said}" or None
    return flat
