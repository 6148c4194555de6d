"""Hands in, approves, publishes, corrects and withdraws: the only writer of releases."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property

from sqlalchemy import func, select
from sqlalchemy.orm import object_session

from cchc_public.errors import CchcError, NotFound, PublicationBlocked, StaleRevision
from cchc_public.releases.content import (
    Content,
    build_content,
    build_withdrawal,
    canonical_json,
    columns_of,
    digest_of,
    parse_content,
)
from cchc_public.releases.published import (
    HEAD_FIELDS,
    Authority,
    PaperFacts,
    PublishedRelease,
    ReleaseKind,
    ReleaseSummary,
    compare,
)
from cchc_public.releases.reading import (
    DIFFERS,
    MATCHES,
    OF_THE_PAPER,
    UNKNOWN,
    find_facts,
    get_release,
)
from cchc_public.reports import review
from cchc_public.reports.drafting import get_report
from cchc_public.store import (
    APPROVED,
    HANDED_IN,
    PUBLISHED,
    VOID,
    AuditEntry,
    HandIn,
    PaperEntry,
    Release,
    Report,
    SignedCopy,
    utc_now,
)
from cchc_public.store.base import Actor, AnySession, clock_text
from cchc_public.store.writing import (
    begin_writing,
    find_active,
    list_changes,
    lock_report,
    record,
    saving,
    write_once,
)

LEAST_WORDS = 2  # of a reason: citizens read it, and one word ("sai") tells them nothing
_WORDS = "bằng hơn một từ: người dân đọc được lý do ấy."
CLOCK_ACCEPTED = "clock.accept"
CLOCK_STEP = timedelta(minutes=5)  # time servers correct a clock by seconds


@dataclass(frozen=True)
class _Attempt:
    """One attempt to publish: what all its steps need."""

    session: AnySession
    report: Report
    actor: Actor
    authority: Authority
    reason: str
    kind: str = ""  # first or correction, unless it is a withdrawal

    @cached_property
    def last(self) -> ReleaseSummary | None:
        """The newest release, of any kind."""
        return review.find_last_release(self.session, self.report)

    @cached_property
    def note(self) -> Content:
        """What the release will say of itself."""
        last, kind = self.last, self.kind
        return {
            "number": last.number + 1 if last else 1,
            "kind": kind or (ReleaseKind.CORRECTION if last else ReleaseKind.FIRST).value,
            "reason": self.reason.strip(),
            "published_at": utc_now().isoformat(),
            "published_by": self.actor.name,
            "previous_digest": last.digest if last else "",
        }

    def build(self) -> Content:
        """Return the content of the report as it stands."""
        report, solved = self.report, review.solve_sheets(self.report)
        return build_content(
            report,
            tuple(solved.sheets.values()),
            solved=solved.tables,
            authority=self.authority,
            findings=review.find_findings(self.session, report),
            reasons=review.reasons_by_key(report),
            release=self.note,
        )

    def refuse_hindered(self, *, require_second_person: bool) -> None:
        """Nothing may stand in the way; a correction has its reason."""
        obstacles = review.list_obstacles(
            self.session,
            self.report,
            self.actor,
            require_second_person=require_second_person,
            authority=self.authority,
        )
        if self.last and len(self.reason.split()) < LEAST_WORDS:
            obstacles += (review.Obstacle("no-reason", f"Hãy ghi lý do đính chính {_WORDS}"),)
        if obstacles:
            raise PublicationBlocked(" ".join(obstacle.message for obstacle in obstacles))

    def freeze(self, content: Content) -> Release:
        """Write the release and its line of the trail."""
        session, report, columns = self.session, self.report, columns_of(content)
        # releases follow each other in time: a clock that went back would tell another story
        newest = _newest_instant(session)
        if newest is not None and newest - columns["published_at"] > CLOCK_STEP:
            raise PublicationBlocked(
                f"Đồng hồ máy chủ đang chậm hơn lần công bố gần nhất ({clock_text(newest)}) nên "
                "chưa công bố gì. Hãy chỉnh lại giờ của máy chủ rồi làm lại. Nếu giờ bây giờ mới "
                "đúng, người vận hành ghi nhận điều đó: cchc accept-clock."
            )
        text = canonical_json(content)
        # What cannot be read back must not be frozen.
        parse_content(text)
        release = Release(
            report_id=report.id,
            content=text,
            digest=digest_of(text),
            published_by_id=self.actor.id,
            **columns,
        )
        with write_once(session):
            session.add(release)
        told = {"number": release.number, "reason": release.reason, "digest": release.digest}
        record(session, self.actor, f"release.{release.kind}", report.slug, **told)
        return release


def hand_in(
    session: AnySession,
    report: Report,
    actor: Actor,
    *,
    authority: Authority,
    reason: str = "",
    note: str = "",
) -> HandIn:
    """Freeze the report for editing and ask for an approval; refuses what cannot be published."""
    lock_report(session, report)
    if find_active(session, report):
        raise PublicationBlocked("Kỳ này đã trình rồi, đang chờ duyệt.")
    attempt = _Attempt(session, report, actor, authority, reason)
    last = attempt.last
    if last and not last.is_withdrawal:  # a correction changes more than facts of the paper
        before = get_release(session, last.slug, last.number)
        changes = compare(before, parse_content(canonical_json(attempt.build())))
        if not changes:
            raise PublicationBlocked(f"Không có thay đổi so với lần công bố số {last.number}.")
        if all(change.row == "head" and change.column in OF_THE_PAPER for change in changes):
            raise PublicationBlocked(
                "Chỉ khác số, ngày hoặc người ký: hãy ghi ở trang “Văn bản đã ký”, không cần "
                "đính chính."
            )
    attempt.refuse_hindered(require_second_person=False)
    handed_in = HandIn(
        report_id=report.id,
        state=HANDED_IN,
        note=note.strip(),
        reason=reason.strip(),
        handed_in_by_id=actor.id,
        handed_in_by_name=actor.name,
        handed_in_at=utc_now(),
        seen=state_of(report),
    )
    with write_once(session):
        session.add(handed_in)
    record(session, actor, "hand-in.made", report.slug, reason=handed_in.reason)
    return handed_in


def approve(
    session: AnySession,
    report: Report,
    actor: Actor,
    *,
    authority: Authority,
    publish_at: datetime | None = None,
    require_second_person: bool = True,
) -> HandIn:
    """Freeze the content of what was handed in; it is numbered when it is published."""
    lock_report(session, report)
    handed_in = find_active(session, report)
    if handed_in is None or handed_in.state != HANDED_IN:
        raise PublicationBlocked("Kỳ này chưa được trình, hoặc đã có người duyệt hay thu lại.")
    if require_second_person and handed_in.handed_in_by_id == actor.id:
        raise PublicationBlocked("Người trình không tự duyệt được. Người duyệt phải là người khác.")
    if handed_in.seen != state_of(report):
        when, name, _id = max(review.list_edits(report))
        sentence = (
            "Nội dung đã thay đổi sau khi bạn mở trang "
            f"(lần sửa cuối: {name}, {clock_text(when)}). "
            "Chưa công bố gì cả: hãy xem lại rồi công bố."
        )
        raise StaleRevision(sentence, edited_by=name, edited_at=when)
    attempt = _Attempt(session, report, actor, authority, handed_in.reason)
    content = attempt.build()
    attempt.refuse_hindered(require_second_person=require_second_person)
    content.pop("release")
    with write_once(session):
        handed_in.content = canonical_json(content)
        handed_in.state, handed_in.decided_at = APPROVED, utc_now()
        handed_in.decided_by_id, handed_in.decided_by_name = actor.id, actor.name
        handed_in.publish_at = publish_at
    at = publish_at and publish_at.isoformat()
    record(session, actor, "hand-in.approved", report.slug, publish_at=at)
    return handed_in


def reschedule(
    session: AnySession, handed_in: HandIn, publish_at: datetime | None, actor: Actor
) -> None:
    """Set another time for what is approved already, and still waits."""
    report = _lock_waiting(session, handed_in)
    with write_once(session):
        handed_in.publish_at = publish_at
    at = publish_at and publish_at.isoformat()
    record(session, actor, "hand-in.rescheduled", report.slug, publish_at=at)


def _lock_waiting(session: AnySession, handed_in: HandIn) -> Report:
    """Take the right to write the report of what is approved, and still waits."""
    report = session.get_one(Report, handed_in.report_id)
    lock_report(session, report)
    session.refresh(handed_in)
    if not handed_in.is_approved:
        raise PublicationBlocked(
            "Bản này không còn chờ công bố: đã công bố, trả lại hoặc thu lại rồi."
        )
    return report


def publish_approved(
    session: AnySession, handed_in: HandIn, *, address: str = ""
) -> Release | None:
    """Number and publish what was approved; None, and the approval void, when it no longer holds.

    A release, a withdrawal or an edit in between voids the approval: nobody approved that.
    ``address`` is where somebody asks for it now.
    """
    report = _lock_waiting(session, handed_in)
    attempt, content = _read_approved(session, report, handed_in, address)
    if handed_in.seen != state_of(report):
        _void(session, handed_in, report, attempt.actor)
        return None
    release = attempt.freeze(content)
    with write_once(session):
        handed_in.state = PUBLISHED
    return release


def publish_due(
    session: AnySession, now: datetime
) -> tuple[tuple[str, Release | CchcError | None], ...]:
    """Publish everything whose time has come, each committed by itself; what became of each period.

    One that is refused keeps no other back; None is an approval that no longer holds.
    """
    due = select(HandIn.id, Report.slug).join(Report, HandIn.report_id == Report.id)
    due = due.where(HandIn.state == APPROVED, HandIn.publish_at <= now)
    found: list[tuple[str, Release | CchcError | None]] = []
    for number, slug in session.execute(due.order_by(HandIn.publish_at, HandIn.id)).all():
        with saving(session) as saved:
            found.append((slug, publish_approved(session, session.get_one(HandIn, number))))
        if saved.error:
            found.append((slug, saved.error))
    return tuple(found)


def next_due(session: AnySession) -> datetime | None:
    """Return the instant at which the next approved report is to be published."""
    return session.scalar(select(func.min(HandIn.publish_at)).where(HandIn.state == APPROVED))


def withdraw(
    session: AnySession,
    period_slug: str,
    actor: Actor,
    reason: str,
    *,
    authority: Authority | None = None,
) -> Release:
    """Take a period's figures back; the reason stays public, earlier releases stay on record.

    The authority is that of the last release unless given.
    """
    report = get_report(session, period_slug)
    lock_report(session, report)
    last = review.find_last_release(session, report)
    if last is None:
        raise NotFound("Kỳ này chưa công bố nên chưa có gì để thu hồi.")
    if last.is_withdrawal:
        raise PublicationBlocked("Số liệu kỳ này đã được thu hồi rồi.")
    if len(reason.split()) < LEAST_WORDS:
        raise PublicationBlocked(f"Hãy ghi lý do thu hồi {_WORDS}")
    if authority is None:
        authority = get_release(session, last.slug, last.number).authority
    attempt = _Attempt(session, report, actor, authority, reason, ReleaseKind.WITHDRAWAL.value)
    content = build_withdrawal(report, authority=authority, release=attempt.note)
    release = attempt.freeze(content)
    if (waiting := find_active(session, report)) is not None:
        _void(session, waiting, report, actor)  # what was handed in corrects what is gone
    return release


def _void(session: AnySession, handed_in: HandIn, report: Report, actor: Actor) -> None:
    with write_once(session):
        handed_in.state = VOID
    record(session, actor, "hand-in.void", report.slug)


def preview(
    session: AnySession, report: Report, actor: Actor, *, authority: Authority, reason: str = ""
) -> PublishedRelease:
    """Return the release that publishing now would make, id 0: what the public would see."""
    content = _Attempt(session, report, actor, authority, reason).build()
    return parse_content(canonical_json(content))


def preview_approved(session: AnySession, handed_in: HandIn) -> PublishedRelease:
    """Return what was approved, as it would be numbered now, id 0: the paper to sign is of it."""
    report = session.get_one(Report, handed_in.report_id)
    return parse_content(canonical_json(_read_approved(session, report, handed_in)[1]))


def _read_approved(
    session: AnySession, report: Report, handed_in: HandIn, address: str = ""
) -> tuple[_Attempt, Content]:
    """Return an attempt to publish what was approved, and its content with the coming number."""
    actor = Actor(handed_in.decided_by_id, handed_in.decided_by_name, address)
    content = json.loads(handed_in.content)
    authority = Authority(**content["authority"])
    attempt = _Attempt(session, report, actor, authority, handed_in.reason)
    return attempt, {**content, "release": attempt.note}


def state_of(report: Report) -> str:
    """Return a hash of what would be published; changes with every edit and every release."""
    session = object_session(report)
    newest = select(func.max(Release.number)).where(Release.period_slug == report.slug)
    days = (report.data_from, report.data_to, report.due_on)
    parts = {
        "release": session.scalar(newest) if session else None,
        "days": [day and day.isoformat() for day in days],
        "head": report.head,
        "narrative": report.narrative,
        "sheets": {s.table_code: s.content for s in report.sheets},
        "empty": sorted(report.declared_empty),
        "reasons": {r.finding_key: [r.text, r.given_by_name] for r in report.reasons},
    }
    return digest_of(canonical_json(parts))[:32]


def _newest_instant(session: AnySession) -> datetime | None:
    """Return when was published last, but for releases of a clock that was said to be wrong."""
    said = select(AuditEntry.detail).where(AuditEntry.action == CLOCK_ACCEPTED)
    detail = session.scalar(said.order_by(AuditEntry.id.desc()).limit(1)) or {}
    later = select(func.max(Release.published_at)).where(Release.id > detail.get("release", 0))
    return session.scalar(later)


def accept_clock(session: AnySession, actor: Actor, reason: str) -> datetime | None:
    """Say that the clock is right now and ran ahead before; return the instant it had reached.

    The releases keep the time they were given; the next one need not be later. None, and nothing
    written, when the clock is not behind.
    """
    newest = _newest_instant(session)
    if newest is None or newest - utc_now() <= CLOCK_STEP:
        return None
    last = session.scalar(select(func.max(Release.id)))
    ahead = newest.isoformat(timespec="seconds")
    record(session, actor, CLOCK_ACCEPTED, "clock", release=last, ahead=ahead, reason=reason)
    return newest


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
    old, new = ({name: getattr(one, name) for name in _LABELS} for one in (before, facts))
    told = list_changes(old, new, _LABELS)
    if not told:
        raise PublicationBlocked("Không có gì mới so với những gì đã ghi về văn bản này.")
    with write_once(session):
        if copy and session.get(SignedCopy, facts.copy_digest) is None:
            session.add(SignedCopy(digest=facts.copy_digest, body=copy))
        entry = PaperEntry(release_id=release.id, facts=facts.as_stored(), entered_at=utc_now())
        entry.entered_by_id, entry.entered_by_name = actor.id, actor.name
        session.add(entry)
    record(session, actor, "paper.facts", release.slug, number=release.number, changes=told)
    return facts
