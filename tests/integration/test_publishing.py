import json
import threading
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from cchc_public.checks.rules import Severity
from cchc_public.errors import (
    CchcError,
    NotFound,
    PublicationBlocked,
    ReportFrozen,
    StaleRevision,
)
from cchc_public.releases.content import digest_of
from cchc_public.releases.published import ReleaseKind
from cchc_public.releases.reading import get_release, newest_release
from cchc_public.reports import publishing
from cchc_public.reports.drafting import (
    create_report,
    get_report,
    get_sheet,
    head_of,
    save_report_head,
    save_sheet,
)
from cchc_public.reports.publishing import (
    approve,
    hand_in,
    next_due,
    preview,
    publish_approved,
    publish_due,
    reschedule,
    state_of,
    withdraw,
)
from cchc_public.reports.review import (
    find_findings,
    give_reason,
    list_obstacles,
    recall,
)
from cchc_public.store import AuditEntry, HandIn, Release
from cchc_public.store.base import Actor
from cchc_public.store.writing import find_active, history
from cchc_public.vietnamese.dates import parse_period
from tests.databases import open_engine
from tests.integration.reports import (
    AUTHORITY,
    CHAIR,
    CLERK,
    OTHER_CLERK,
    SLUG,
    change,
    dossiers,
    open_filled,
    publish,
    publish_new,
)

LATER = datetime(2100, 1, 1, tzinfo=UTC)


def release_count(session):
    return session.scalar(select(func.count()).select_from(Release))


def test_the_first_release_is_number_one_and_sealed(session):
    report, release = publish_new(session)
    assert (release.number, release.kind, release.reason) == (1, "first", "")
    assert release.digest == digest_of(release.content)
    assert json.loads(release.content)["release"]["published_by"] == CHAIR.name
    found = newest_release(session)
    assert found.table("ho-so").evaluated.figure("received") == 19
    assert (found.authority, found.published_at) == (AUTHORITY, release.published_at)
    assert history(session, SLUG)[0].action == "release.first"
    assert report.sheets  # the draft stays, for corrections


def test_publishing_is_undone_with_the_callers_transaction(session):
    report = open_filled(session)
    session.commit()
    publish(session, report, CHAIR, authority=AUTHORITY)
    session.rollback()
    assert release_count(session) == 0
    assert newest_release(session) is None


def test_whoever_edited_last_cannot_publish(session):
    report = open_filled(session)
    with pytest.raises(PublicationBlocked, match="Nguyễn Thị Lan"):
        publish(session, report, CLERK, authority=AUTHORITY)
    assert [o.code for o in list_obstacles(session, report, CLERK)] == ["second-person"]
    assert list_obstacles(session, report, CHAIR) == ()


def test_also_who_edited_only_the_head_or_a_reason_counts_as_editor(session):
    report = open_filled(session)
    head = replace(head_of(report), head={"place": "Kim Thạch"})
    save_report_head(session, report, head, version=report.version, actor=OTHER_CLERK)
    give_reason(session, report, "k" * 16, "lý do", CHAIR)
    for editor in (CLERK, OTHER_CLERK, CHAIR):
        assert "second-person" in obstacles_of(session, report, editor)
        with pytest.raises(PublicationBlocked):
            publish(session, report, editor, authority=AUTHORITY)
    assert "second-person" not in obstacles_of(session, report, Actor("somebody", "Ai đó"))


def obstacles_of(session, report, actor):
    return [one.code for one in list_obstacles(session, report, actor, authority=AUTHORITY)]


def test_a_commune_with_one_clerk_may_switch_the_second_person_off(session):
    report = open_filled(session)
    release = publish(session, report, CLERK, authority=AUTHORITY, require_second_person=False)
    assert release.number == 1


def test_an_error_blocks(session):
    report = open_filled(session)
    change(session, report, resolved=40)  # more resolved than received
    assert Severity.ERROR in {finding.severity for finding in find_findings(session, report)}
    with pytest.raises(PublicationBlocked, match="lỗi phải sửa"):
        publish(session, report, CHAIR, authority=AUTHORITY)
    assert release_count(session) == 0


def enter_doubtful(session, report, slips=1):
    """More posted procedures than promulgated: a warning."""
    sheet = get_sheet(report, "so-luong-thu-tuc")
    cells = {"posted": 137 + slips, "field_count": 27, "in_jurisdiction": 125, "other": 9}
    rows = (replace(sheet.rows[0], cells=cells),)
    version = next(s.version for s in report.sheets if s.table_code == "so-luong-thu-tuc")
    sheet = replace(sheet, rows=rows)
    save_sheet(session, report, sheet, version=version, actor=CLERK)
    return [f for f in find_findings(session, report) if f.severity is Severity.WARNING]


def test_a_warning_needs_a_reason_which_is_published_with_it(session):
    report = open_filled(session)
    (warning,) = enter_doubtful(session, report)
    with pytest.raises(PublicationBlocked, match="chưa có giải trình"):
        publish(session, report, CHAIR, authority=AUTHORITY)
    give_reason(session, report, warning.key, "Nguồn in 138, chưa đối chiếu được", CLERK)
    publish(session, report, CHAIR, authority=AUTHORITY)
    (published,) = newest_release(session).table("so-luong-thu-tuc").findings
    assert (published.reason, published.reason_by) == (
        "Nguồn in 138, chưa đối chiếu được",
        CLERK.name,
    )
    assert published.rule == warning.rule


def test_a_reason_given_for_other_numbers_does_not_cover_new_ones(session):
    report = open_filled(session)
    (warning,) = enter_doubtful(session, report)
    give_reason(session, report, warning.key, "Nguồn in 138, chưa đối chiếu được", CLERK)
    (other,) = enter_doubtful(session, report, slips=2)
    assert other.key != warning.key
    with pytest.raises(PublicationBlocked, match="chưa có giải trình"):
        publish(session, report, CHAIR, authority=AUTHORITY)


def test_a_report_without_figures_is_not_published(session):
    report = create_report(session, parse_period(SLUG), CLERK)
    with pytest.raises(PublicationBlocked, match="Chưa biểu nào"):
        publish(session, report, CHAIR, authority=AUTHORITY)


def test_a_correction_needs_a_reason_and_a_change(session):
    report, first = publish_new(session)
    with pytest.raises(PublicationBlocked, match="Không có thay đổi so với lần công bố số 1"):
        publish(session, report, CHAIR, authority=AUTHORITY, reason="Sửa số")
    change(session, report, online=11, pending_in_time=3)
    for reason in ("  ", "sai"):
        with pytest.raises(PublicationBlocked, match="lý do đính chính bằng hơn một từ"):
            publish(session, report, CHAIR, authority=AUTHORITY, reason=reason)
    release = publish(session, report, CHAIR, authority=AUTHORITY, reason="Đếm sót một hồ sơ")
    session.commit()
    assert (release.number, release.kind) == (2, "correction")
    found = get_release(session, SLUG, 2)
    assert found.previous_digest == first.digest
    assert found.reason == "Đếm sót một hồ sơ"
    assert get_release(session, SLUG, 1).table("ho-so").evaluated.figure("received") == 19


def test_changed_words_alone_are_a_change_worth_a_correction(session):
    report, _first = publish_new(session)
    head = replace(head_of(report), head={"place": "Kim Thạch"})
    save_report_head(session, report, head, version=report.version, actor=CLERK)
    publish(session, report, CHAIR, authority=AUTHORITY, reason="Sai tên địa danh")
    assert newest_release(session).head == {"place": "Kim Thạch"}


def test_facts_of_the_paper_alone_are_no_correction(session):
    report, _first = publish_new(session)
    head = replace(head_of(report), head={"signatory": "Lê Thị Hoa"})
    save_report_head(session, report, head, version=report.version, actor=CLERK)
    with pytest.raises(PublicationBlocked, match="Văn bản đã ký"):
        publish(session, report, CHAIR, authority=AUTHORITY, reason="Sai tên người ký")
    assert release_count(session) == 1


def test_nothing_published_cannot_be_withdrawn(session):
    open_filled(session)
    with pytest.raises(NotFound):
        withdraw(session, SLUG, CHAIR, "Sai kỳ")


def test_two_people_can_take_turns_in_correcting(session):
    report, _first = publish_new(session)
    change(session, report, CHAIR, online=11, pending_in_time=3)
    assert "second-person" in obstacles_of(session, report, CHAIR)
    assert "second-person" not in obstacles_of(session, report, CLERK)
    publish(session, report, CLERK, authority=AUTHORITY, reason="Đếm sót")
    change(session, report, CLERK, online=12, pending_in_time=4)
    with pytest.raises(PublicationBlocked):
        publish(session, report, CLERK, authority=AUTHORITY, reason="Đếm sót")


def test_what_changed_after_it_was_handed_in_is_not_approved(session):
    report = open_filled(session)
    hand_in(session, report, OTHER_CLERK, authority=AUTHORITY)
    assert state_of(report) == state_of(get_report(session, SLUG))
    report.due_on = date(2023, 12, 20)  # past the lock: no service of ours does that
    with pytest.raises(StaleRevision, match="Nguyễn Thị Lan"):
        approve(session, report, CHAIR, authority=AUTHORITY)
    assert release_count(session) == 0


def test_publishing_sent_twice_is_one_release(session):
    report = open_filled(session)
    publish(session, report, CHAIR, authority=AUTHORITY)
    session.commit()
    with pytest.raises(PublicationBlocked, match="số 1"):
        publish(session, report, CHAIR, authority=AUTHORITY)
    assert release_count(session) == 1


def test_a_withdrawal_takes_the_figures_back_and_keeps_the_reason(session):
    report, first = publish_new(session)
    for reason in (" ", "sai"):
        with pytest.raises(PublicationBlocked, match="lý do thu hồi bằng hơn một từ"):
            withdraw(session, SLUG, CHAIR, reason)
    withdraw(session, SLUG, CHAIR, "Lộ tên công dân")
    session.commit()
    found = newest_release(session, SLUG)
    assert found.kind is ReleaseKind.WITHDRAWAL
    assert (found.tables, found.narrative, found.reason) == ((), (), "Lộ tên công dân")
    assert found.authority == AUTHORITY
    assert found.previous_digest == first.digest
    with pytest.raises(PublicationBlocked, match="thu hồi rồi"):
        withdraw(session, SLUG, CHAIR, "lần nữa")
    publish(session, report, CHAIR, authority=AUTHORITY, reason="Công bố lại")
    assert newest_release(session, SLUG).kind is ReleaseKind.CORRECTION
    assert newest_release(session, SLUG).table("ho-so") is not None


def test_the_preview_is_what_is_then_published(session):
    report = open_filled(session)
    shown = preview(session, report, CHAIR, authority=AUTHORITY)
    assert release_count(session) == 0
    publish(session, report, CHAIR, authority=AUTHORITY)
    found = newest_release(session)
    assert (shown.id, shown.number) == (0, 1)
    assert shown.tables == found.tables
    assert shown.findings == found.findings


def test_the_state_is_the_same_whatever_order_the_sheets_were_stored_in(session, engine):
    report = open_filled(session)
    session.commit()
    state = state_of(report)
    with Session(engine) as other:
        theirs = get_report(other, SLUG)
        theirs.sheets.reverse()
        assert state_of(theirs) == state


def test_of_two_publishers_at_the_same_moment_one_is_told(engine, database_url):
    with Session(engine) as session:
        open_filled(session)
        session.commit()
    start = threading.Barrier(2)
    outcomes = []

    def press(actor):
        own = open_engine(database_url)
        with Session(own) as session:
            report = get_report(session, SLUG)
            start.wait()
            try:
                publish(session, report, actor, authority=AUTHORITY)
                session.commit()
                outcomes.append("published")
            except CchcError as error:
                session.rollback()
                outcomes.append(type(error).__name__)
        own.dispose()

    threads = [threading.Thread(target=press, args=(a,)) for a in (CHAIR, OTHER_CLERK)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes.count("published") == 1
    assert set(outcomes) <= {"published", "PublicationBlocked", "StaleRevision"}
    with Session(engine) as session:
        assert release_count(session) == 1
        published = select(func.count()).where(AuditEntry.action == "release.first")
        assert session.scalar(published) == 1


def test_a_number_taken_behind_the_lock_is_a_sentence_not_a_crash(session, engine):
    """Databases where the lock does not hold still have the unique number."""
    report = open_filled(session)
    session.commit()
    from sqlalchemy import event, insert

    row = {
        "report_id": report.id, "period_slug": SLUG, "number": 1, "kind": "first", "reason": "",
        "content": "{}", "digest": "x" * 64, "period_order": "", "data_from": report.data_from,
        "data_to": report.data_to, "published_by_id": "", "published_by_name": "",
    }  # fmt: skip

    @event.listens_for(session, "before_flush")
    def publish_meanwhile(session, _context, _instances):
        if any(isinstance(item, Release) for item in session.new):
            session.connection().execute(insert(Release).values(row))

    with pytest.raises(StaleRevision, match="cùng lúc"):
        publish(session, report, CHAIR, authority=AUTHORITY)
    session.commit()  # the session is still usable
    assert get_sheet(report, "ho-so") == dossiers(report)


def at_once(database_url, *deeds):
    """Do every deed at the same moment, each in its own session; return how each ended."""
    start, outcomes = threading.Barrier(len(deeds)), []

    def act(deed):
        own = open_engine(database_url)
        with Session(own) as session:
            get_report(session, SLUG)
            start.wait()
            try:
                deed(session)
                session.commit()
                outcomes.append("done")
            except CchcError as error:
                session.rollback()
                outcomes.append(type(error).__name__)
        own.dispose()

    threads = [threading.Thread(target=act, args=(deed,)) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def handed_in(engine, *slugs):
    with Session(engine) as session:
        for slug in slugs:
            report = open_filled(session, slug)
            hand_in(session, report, CLERK, authority=AUTHORITY)
        session.commit()


def approving(actor, slug=SLUG, at=None):
    return lambda session: approve(
        session, get_report(session, slug), actor, authority=AUTHORITY, publish_at=at
    )


def test_of_two_approvers_at_the_same_moment_one_is_told(engine, database_url):
    handed_in(engine, SLUG)
    outcomes = at_once(database_url, approving(CHAIR), approving(OTHER_CLERK))
    assert sorted(outcomes) == ["PublicationBlocked", "done"]
    with Session(engine) as session:
        assert find_active(session, get_report(session, SLUG)).is_approved


def test_what_is_recalled_while_it_is_published_is_either(engine, database_url):
    handed_in(engine, SLUG)
    with Session(engine) as session:
        approving(CHAIR)(session)
        session.commit()
    outcomes = at_once(
        database_url,
        lambda session: recall(session, get_report(session, SLUG), CLERK),
        lambda session: publish_approved(session, session.scalars(select(HandIn)).one()),
        lambda session: reschedule(session, session.scalars(select(HandIn)).one(), LATER, CHAIR),
    )
    assert set(outcomes) <= {"done", "PublicationBlocked", "StaleRevision"}
    with Session(engine) as session:
        states = session.scalars(select(HandIn.state)).all()
        assert states == (["published"] if release_count(session) else ["recalled"])


def test_two_timers_at_the_due_instant_publish_everything_once(engine, database_url):
    slugs = ("2022-6-thang", SLUG)
    handed_in(engine, *slugs)
    with Session(engine) as session:
        for slug in slugs:
            approving(CHAIR, slug, LATER)(session)
        session.commit()
        # killed between the release and the commit: nothing of it is left, the next one does it
        assert (
            publish_approved(session, find_active(session, get_report(session, SLUG))).number == 1
        )
        session.rollback()
        assert release_count(session) == 0
        assert publish_due(session, LATER - timedelta(seconds=1)) == ()
    due = lambda session: publish_due(session, LATER)  # noqa: E731
    assert at_once(database_url, due, due) == ["done", "done"]
    with Session(engine) as session:
        assert release_count(session) == 2
        assert set(session.scalars(select(HandIn.state))) == {"published"}
        assert next_due(session) is None


def test_a_withdrawal_in_between_voids_a_correction_that_waits_for_its_time(session):
    report, _first = publish_new(session)
    change(session, report, online=11, pending_in_time=3)
    hand_in(session, report, CLERK, authority=AUTHORITY, reason="Đếm sót một hồ sơ")
    approving(CHAIR, at=LATER)(session)
    with pytest.raises(ReportFrozen):
        change(session, report, online=12, pending_in_time=4)
    withdraw(session, SLUG, CHAIR, "Sai nguồn, đang đối chiếu.")
    session.commit()
    assert session.scalars(select(HandIn.state).order_by(HandIn.id)).all() == ["published", "void"]
    change(session, report, online=12, pending_in_time=4)  # nothing keeps it frozen any more
    session.commit()
    assert publish_due(session, LATER) == ()
    assert newest_release(session, SLUG).is_withdrawal
    # handed in anew it is published again, as what it is: after a withdrawal
    hand_in(session, report, CLERK, authority=AUTHORITY, reason="Đã đối chiếu, công bố lại.")
    approving(CHAIR, at=LATER)(session)
    session.commit()
    ((_slug, again),) = publish_due(session, LATER)
    assert (again.number, again.kind) == (3, "correction")


def test_one_refused_at_its_time_keeps_no_other_back(session, monkeypatch):
    for slug in ("2022-6-thang", SLUG):
        report = open_filled(session, slug)
        hand_in(session, report, CLERK, authority=AUTHORITY)
        approving(CHAIR, slug, LATER)(session)
    session.commit()
    real = publishing._Attempt.freeze

    def refuse(attempt, content):
        if attempt.report.slug == "2022-6-thang":
            raise PublicationBlocked("Đồng hồ chậm.")
        return real(attempt, content)

    monkeypatch.setattr(publishing._Attempt, "freeze", refuse)
    became = dict(publish_due(session, LATER))
    assert became[SLUG].number == 1
    assert str(became["2022-6-thang"]) == "Đồng hồ chậm."
    assert next_due(session) == LATER
