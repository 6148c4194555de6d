"""What stands around a publication: remarks, return, recall, preview links, the signed paper."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from cchc_public.errors import NotFound, PublicationBlocked
from cchc_public.releases.prose import arrange, open_parts
from cchc_public.releases.published import HEAD_FIELDS, PaperFacts, PublishedRelease
from cchc_public.releases.reading import DIFFERS, MATCHES, OF_THE_PAPER, UNKNOWN, find_facts
from cchc_public.reports.publishing import find_active
from cchc_public.reports.sheets import save_narrative
from cchc_public.store import HandIn, PaperEntry, PreviewLink, Remark, Report, SignedCopy, utc_now
from cchc_public.store.audit import cell_change, differences, record
from cchc_public.store.base import Actor, AnySession
from cchc_public.store.locking import begin_writing, lock_for_editing, lock_report, write_once
from cchc_public.store.models import HANDED_IN, RECALLED, RETURNED

LINK_DAYS = 14
MOST_REMARKS = 200


def find_last(session: AnySession, report: Report) -> HandIn | None:
    """Return the newest hand-in of a report, whatever became of it."""
    return find_last_of(session, [report]).get(report.id)


def find_last_of(session: AnySession, reports: Sequence[Report]) -> dict[int, HandIn]:
    """Return the newest hand-in of each report by the report's id: one question for a list."""
    query = select(HandIn).where(HandIn.report_id.in_([report.id for report in reports]))
    return {one.report_id: one for one in session.execute(query.order_by(HandIn.id)).scalars()}


def declare_empty(session: AnySession, report: Report, codes: Sequence[str], actor: Actor) -> None:
    """Say of which tables this period has no figures; they are published as such."""
    lock_for_editing(session, report)
    wanted = sorted(set(codes))
    if wanted == sorted(report.declared_empty):
        return
    with write_once(session):
        report.declared_empty = wanted
    record(session, actor, "report.declare-empty", report.slug, tables=wanted)


def confirm_open_parts(session: AnySession, report: Report, actor: Actor) -> None:
    """Declare that the parts without words have nothing to say this time."""
    missing = {section.key or section.title for section in open_parts(report.narrative)}
    sections = tuple(
        replace(s, is_confirmed=s.is_confirmed or (s.key or s.title) in missing)
        for s in arrange(report.narrative)
    )
    save_narrative(session, report, sections, version=report.version, actor=actor)


def recall(session: AnySession, report: Report, actor: Actor) -> None:
    """Take a hand-in back, also an approved one: the approval is void and editing goes on."""
    handed_in = _active(session, report)
    with write_once(session):
        handed_in.state = RECALLED
    record(session, actor, "hand-in.recalled", report.slug)


def give_back(session: AnySession, report: Report, actor: Actor, message: str) -> None:
    """Return what was handed in, with a message or with remarks at their places."""
    handed_in = _active(session, report)
    if not message.strip() and not handed_in.remarks:
        raise PublicationBlocked("Hãy ghi lời nhắn, hoặc nhận xét tại ô, để biết sửa gì.")
    with write_once(session):
        handed_in.state, handed_in.message = RETURNED, message.strip()
        handed_in.decided_by_id, handed_in.decided_by_name = actor.id, actor.name
        handed_in.decided_at = utc_now()
    record(
        session, actor, "hand-in.returned", report.slug,
        reason=message.strip(), remarks=[r.label for r in handed_in.remarks],
    )  # fmt: skip


def add_remark(session: AnySession, report: Report, actor: Actor, remark: Remark) -> None:
    """Keep what the approver says about one place."""
    handed_in = _active(session, report)
    if handed_in.state != HANDED_IN:
        raise PublicationBlocked("Kỳ này đã được duyệt nên không nhận thêm nhận xét.")
    if len(handed_in.remarks) >= MOST_REMARKS:
        raise PublicationBlocked(f"Đã có {MOST_REMARKS} nhận xét; hãy trả lại để sửa trước.")
    remark.given_by_name = actor.name
    with write_once(session):
        handed_in.remarks.append(remark)
    record(session, actor, "report.remark", report.slug, place=remark.label, text=remark.text)


def drop_remark(session: AnySession, report: Report, actor: Actor, remark_id: int) -> None:
    """Take a remark back before the report is returned."""
    handed_in = _active(session, report)
    with write_once(session):
        handed_in.remarks[:] = [remark for remark in handed_in.remarks if remark.id != remark_id]
    record(session, actor, "report.remark-dropped", report.slug)


def _active(session: AnySession, report: Report) -> HandIn:
    lock_report(session, report)
    handed_in = find_active(session, report)
    if handed_in is None:
        raise PublicationBlocked("Kỳ này không còn ở trạng thái đã trình. Hãy tải lại trang.")
    return handed_in


def make_link(session: AnySession, report: Report, actor: Actor) -> str:
    """Return the secret of a new link that shows the draft for ``LINK_DAYS`` days."""
    secret = secrets.token_urlsafe(24)
    now = utc_now()
    link = PreviewLink(
        report_id=report.id,
        digest=_digest(secret),
        made_by_name=actor.name,
        made_at=now,
        expires_at=now + timedelta(days=LINK_DAYS),
    )
    with write_once(session):
        session.add(link)
    record(session, actor, "preview.link", report.slug)
    return secret


def _working_links() -> tuple[Any, ...]:
    return PreviewLink.revoked_at.is_(None), PreviewLink.expires_at > utc_now()


def find_linked_report(session: AnySession, secret: str) -> Report | None:
    """Return what a link shows; None for one unknown, revoked or too old."""
    links = select(PreviewLink.report_id).where(
        PreviewLink.digest == _digest(secret), *_working_links()
    )
    return session.execute(select(Report).where(Report.id.in_(links))).scalar_one_or_none()


def list_links(session: AnySession, report: Report) -> tuple[PreviewLink, ...]:
    """Return the links of a report that still work, newest first."""
    query = select(PreviewLink).where(PreviewLink.report_id == report.id, *_working_links())
    return tuple(session.execute(query.order_by(PreviewLink.id.desc())).scalars())


def revoke_link(session: AnySession, report: Report, link_id: int, actor: Actor) -> None:
    """End a link at once."""
    link = session.get(PreviewLink, link_id)
    if link is None or link.report_id != report.id:
        raise NotFound("Không có liên kết này.")
    with write_once(session):
        link.revoked_at = utc_now()
    record(session, actor, "preview.revoked", report.slug)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


MARK_LETTERS = 12  # of a digest, as papers print it


_LABELS = {name: HEAD_FIELDS[name] for name in OF_THE_PAPER} | {"copy_digest": "Bản đã ký"}


def enter_facts(
    session: AnySession,
    release: PublishedRelease,
    actor: Actor,
    facts: PaperFacts,
    *,
    copy: bytes = b"",
    marks: Sequence[str] = (),
) -> PaperFacts:
    """Add a line to the log; without ``copy`` the copy known before stays.

    ``facts`` name the copy and its signatures, ``marks`` are those of our figures found on it.
    PublicationBlocked when nothing is new.
    """
    begin_writing(session)
    before = find_facts(session, release.id) or PaperFacts()
    expected = {release.figures_digest[:MARK_LETTERS], release.digest[:MARK_LETTERS]}
    agrees = MATCHES if set(marks) <= expected else DIFFERS
    facts = replace(
        facts,
        copy_digest=hashlib.sha256(copy).hexdigest() if copy else before.copy_digest,
        copy_name=facts.copy_name if copy else before.copy_name,
        verdict=(agrees if marks else UNKNOWN) if copy else before.verdict,
        signatures=facts.signatures if copy else before.signatures,
    )
    told = [
        cell_change(name, _LABELS[name], old, new)
        for name, old, new in differences(before.as_stored(), facts.as_stored())
        if name in _LABELS
    ]
    if not told:
        raise PublicationBlocked("Không có gì mới so với những gì đã ghi về văn bản này.")
    with write_once(session):
        if copy and session.get(SignedCopy, facts.copy_digest) is None:
            session.add(SignedCopy(digest=facts.copy_digest, body=copy))
        session.add(
            PaperEntry(
                release_id=release.id,
                facts=facts.as_stored(),
                entered_by_id=actor.id,
                entered_by_name=actor.name,
                entered_at=utc_now(),
            )
        )
    record(session, actor, "paper.facts", release.slug, number=release.number, changes=told)
    return facts
