"""Publishes, corrects and withdraws: the only writer of releases; says first what forbids it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import object_session

from cchc_public.checks.finding import Finding, Severity
from cchc_public.errors import NotFound, PublicationBlocked, StaleRevision
from cchc_public.i18n import _, ngettext
from cchc_public.releases.comparing import compare
from cchc_public.releases.content import (
    Content,
    Reason,
    ReleaseNote,
    build_content,
    build_withdrawal,
    canonical_json,
    digest_of,
    period_of,
    period_order,
)
from cchc_public.releases.parsing import parse_content
from cchc_public.releases.published import Authority, PublishedRelease, ReleaseKind, ReleaseSummary
from cchc_public.releases.reading import get_release, list_releases
from cchc_public.reports.drafting import get_report
from cchc_public.reports.review import find_findings, reasons_by_key, solve_sheets
from cchc_public.store import Release, Report, utc_now
from cchc_public.store.actor import Actor, AnySession
from cchc_public.store.audit import record
from cchc_public.store.clock import clock_text
from cchc_public.store.locking import lock_report, write_once


@dataclass(frozen=True)
class _Attempt:
    """One attempt to publish: what all its steps need."""

    session: AnySession
    report: Report
    actor: Actor
    authority: Authority
    last: ReleaseSummary | None  # of any kind
    note: ReleaseNote


def publish(
    session: AnySession,
    report: Report,
    actor: Actor,
    *,
    authority: Authority,
    require_second_person: bool = True,
    expected_state: str | None = None,
    reason: str = "",
) -> Release:
    """Freeze the report as its next release: the first, or a correction with ``reason``.

    PublicationBlocked says what is in the way; StaleRevision that the report is no longer what
    ``expected_state`` (from ``state_of``, when the publisher looked) stood for.
    """
    lock_report(session, report)
    attempt = _attempt(session, report, actor, authority, reason)
    content = _build(attempt)
    # First: a form sent twice is told that its first copy arrived.
    _refuse_unchanged(attempt, content)
    if expected_state is not None and expected_state != state_of(report):
        raise _changed_since(report)
    obstacles = list_obstacles(session, report, actor, require_second_person=require_second_person)
    if attempt.last and not attempt.note.reason:
        obstacles += (Obstacle("no-reason", _("Hãy ghi lý do đính chính.")),)
    if obstacles:
        raise PublicationBlocked(" ".join(obstacle.message for obstacle in obstacles))
    return _freeze(attempt, content)


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
    last = _last_release(session, report)
    if last is None:
        raise NotFound(_("Kỳ này chưa công bố nên chưa có gì để thu hồi."))
    if last.is_withdrawal:
        raise PublicationBlocked(_("Số liệu kỳ này đã được thu hồi rồi."))
    if not reason.strip():
        raise PublicationBlocked(_("Hãy ghi lý do thu hồi."))
    if authority is None:
        authority = get_release(session, last.slug, last.number).authority
    attempt = _attempt(session, report, actor, authority, reason, ReleaseKind.WITHDRAWAL)
    content = build_withdrawal(report, authority=authority, release=attempt.note)
    return _freeze(attempt, content)


def list_obstacles(
    session: AnySession, report: Report, actor: Actor, *, require_second_person: bool = True
) -> tuple[Obstacle, ...]:
    """Return everything that forbids ``actor`` to publish the report as it is."""
    return tuple(
        find_obstacles(
            report,
            actor,
            findings=find_findings(session, report),
            reasons=reasons_by_key(report),
            last=_last_release(session, report),
            require_second_person=require_second_person,
        )
    )


def preview(
    session: AnySession, report: Report, actor: Actor, *, authority: Authority, reason: str = ""
) -> PublishedRelease:
    """Return the release that publishing now would make, id 0: what the public would see."""
    return _as_published(_build(_attempt(session, report, actor, authority, reason)))


def state_of(report: Report) -> str:
    """Return a hash of what would be published; changes with every edit and every release."""
    session = object_session(report)
    number = None
    if session is not None:
        newest = select(func.max(Release.number)).where(Release.period_slug == report.slug)
        number = session.execute(newest).scalar()
    days = (report.data_from, report.data_to, report.due_on)
    parts = {
        "release": number,
        "days": [day and day.isoformat() for day in days],
        "head": report.head,
        "narrative": report.narrative,
        "sheets": {s.table_code: s.content for s in report.sheets},
        "reasons": {r.finding_key: [r.text, r.given_by_name] for r in report.reasons},
    }
    return digest_of(canonical_json(parts))[:32]


def _last_release(session: AnySession, report: Report) -> ReleaseSummary | None:
    return next(iter(list_releases(session, report.slug)), None)


def _attempt(
    session: AnySession,
    report: Report,
    actor: Actor,
    authority: Authority,
    reason: str,
    kind: ReleaseKind | None = None,
) -> _Attempt:
    last = _last_release(session, report)
    note = ReleaseNote(
        number=last.number + 1 if last else 1,
        kind=kind or (ReleaseKind.CORRECTION if last else ReleaseKind.FIRST),
        reason=reason.strip(),
        published_at=utc_now(),
        published_by=actor.name,
        previous_digest=last.digest if last else "",
    )
    return _Attempt(session, report, actor, authority, last, note)


def _build(attempt: _Attempt) -> Content:
    report, solved = attempt.report, solve_sheets(attempt.report)
    return build_content(
        report,
        tuple(solved.sheets.values()),
        solved=solved.tables,
        authority=attempt.authority,
        findings=find_findings(attempt.session, report),
        reasons=reasons_by_key(report),
        release=attempt.note,
    )


def _as_published(content: Content) -> PublishedRelease:
    text = canonical_json(content)
    return parse_content(text, release_id=0, digest=digest_of(text))


def _refuse_unchanged(attempt: _Attempt, content: Content) -> None:
    last = attempt.last
    if last is None or last.is_withdrawal:
        return
    before = get_release(attempt.session, last.slug, last.number)
    if not compare(before, _as_published(content)):
        raise PublicationBlocked(
            _("Không có thay đổi so với lần công bố số %(number)s.", number=last.number)
        )


def _changed_since(report: Report) -> StaleRevision:
    edits = [(report.edited_at, report.edited_by_name)]
    edits += [(s.edited_at, s.edited_by_name) for s in report.sheets]
    edits += [(r.given_at, r.given_by_name) for r in report.reasons]
    at, name = max(edits)
    sentence = _(
        "Nội dung đã thay đổi sau khi bạn mở trang (lần sửa cuối: %(name)s, %(time)s). Chưa công "
        "bố gì cả: hãy xem lại rồi công bố.",
        name=name,
        time=clock_text(at),
    )
    return StaleRevision(sentence, edited_by=name, edited_at=at)


def _freeze(attempt: _Attempt, content: Content) -> Release:
    text = canonical_json(content)
    # What cannot be read back must not be frozen.
    parse_content(text, release_id=0, digest="")
    report, note = attempt.report, attempt.note
    release = Release(
        report_id=report.id,
        period_slug=report.slug,
        number=note.number,
        kind=note.kind.value,
        reason=note.reason,
        content=text,
        digest=digest_of(text),
        period_order=period_order(period_of(report)),
        data_from=report.data_from,
        data_to=report.data_to,
        due_on=report.due_on,
        published_by_id=attempt.actor.id,
        published_by_name=attempt.actor.name,
        published_at=note.published_at,
    )
    with write_once(attempt.session):
        attempt.session.add(release)
    record(
        attempt.session,
        attempt.actor,
        f"release.{note.kind.value}",
        report.slug,
        number=note.number,
        reason=note.reason,
        digest=release.digest,
    )
    attempt.session.flush()
    return release


@dataclass(frozen=True)
class Obstacle:
    """One thing in the way: a stable code and the sentence that says the remedy."""

    code: str
    message: str


def find_obstacles(
    report: Report,
    actor: Actor,
    *,
    findings: Sequence[Finding],
    reasons: Mapping[str, Reason],
    last: ReleaseSummary | None,
    require_second_person: bool,
) -> Iterator[Obstacle]:
    """Yield what forbids ``actor`` to publish; the reason of a correction is asked for later."""
    if not solve_sheets(report).tables:
        yield Obstacle("no-figures", _("Chưa biểu nào có số liệu nên chưa có gì để công bố."))
    yield from _from_findings(findings, reasons)
    if require_second_person:
        yield from _from_editors(report, actor, last)


def _from_findings(
    findings: Sequence[Finding], reasons: Mapping[str, Reason]
) -> Iterator[Obstacle]:
    open_ones = [finding for finding in findings if finding.blocks(reasons)]
    errors = sum(finding.severity is Severity.ERROR for finding in open_ones)
    if errors:
        text = ngettext(
            "Còn %(num)d lỗi phải sửa trước khi công bố.",
            "Còn %(num)d lỗi phải sửa trước khi công bố.",
            errors,
        )
        yield Obstacle("errors", text)
    open_warnings = len(open_ones) - errors
    if open_warnings:
        text = ngettext(
            "Còn %(num)d cảnh báo chưa có giải trình. Hãy sửa số liệu hoặc ghi lý do.",
            "Còn %(num)d cảnh báo chưa có giải trình. Hãy sửa số liệu hoặc ghi lý do.",
            open_warnings,
        )
        yield Obstacle("warnings", text)


def _from_editors(report: Report, actor: Actor, last: ReleaseSummary | None) -> Iterator[Obstacle]:
    if actor.id in find_editors(report, last):
        yield Obstacle(
            "second-person",
            _(
                "%(name)s là người sửa cuối của kỳ này. Người công bố phải là một người khác.",
                name=actor.name or actor.id,
            ),
        )


def find_editors(report: Report, last: ReleaseSummary | None) -> Mapping[str, str]:
    """Return who edited last any part that the coming release changes: name by id.

    Parts published before count no more; otherwise two people who take turns in correcting
    would lock each other out.
    """
    edits = [
        (report.edited_at, report.edited_by_id, report.edited_by_name),
        *((s.edited_at, s.edited_by_id, s.edited_by_name) for s in report.sheets),
        *((r.given_at, r.given_by_id, r.given_by_name) for r in report.reasons),
    ]
    since = [edit for edit in edits if last is None or edit[0] > last.published_at]
    return {editor: name for _at, editor, name in since or edits}
