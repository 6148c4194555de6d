import threading
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import event, func, select, update
from sqlalchemy.orm import Session

from cchc_public.errors import AlreadyExists, NotFound, PublicationBlocked, StaleRevision
from cchc_public.releases.prose import Section
from cchc_public.reports.drafting import (
    create_report,
    drop_report,
    find_previous,
    find_record,
    find_report,
    get_report,
    get_sheet,
    head_of,
    list_reports,
    save_report_head,
    save_sheet,
    sheet_version,
)
from cchc_public.reports.review import completeness, find_findings, give_reason, reasons_by_key
from cchc_public.store import AuditEntry, FormDraft, Report, SheetRecord, utc_now
from cchc_public.store.remembered import (
    MOST_KEPT,
    drop_old_drafts,
    find_draft,
    keep_draft,
    take_draft,
)
from cchc_public.store.writing import history
from cchc_public.tables.registry import get_form
from cchc_public.tables.sheet import Row, solve
from cchc_public.vietnamese.dates import parse_period
from tests.integration.reports import (
    CHAIR,
    CLERK,
    OTHER_CLERK,
    SLUG,
    change,
    dossiers,
    open_filled,
    publish_new,
)


def open_report(session, slug=SLUG):
    return create_report(session, parse_period(slug), CLERK)


def test_a_new_report_takes_the_statutory_window_and_has_every_sheet(session):
    report = open_report(session)
    session.commit()
    assert (report.data_from, report.data_to) == (date(2022, 12, 15), date(2023, 6, 14))
    codes = list(completeness(report))
    assert codes[:3] == ["ho-so", "so-hoa", "hai-long"]
    assert len(codes) == len(report.sheets) == 8
    assert not any(progress.is_started for progress in completeness(report).values())
    assert get_sheet(report, "ho-so").data_to == date(2023, 6, 14)


def test_a_report_is_opened_once(session):
    open_report(session)
    session.commit()
    with pytest.raises(AlreadyExists, match="6 tháng đầu năm 2023"):
        open_report(session)
    assert len(list_reports(session)) == 1


def test_reports_are_listed_newest_period_first(session):
    for slug in ("2023-quy-1", "2023-ca-nam", "2022-ca-nam", "2023-6-thang"):
        open_report(session, slug)
    slugs = [report.slug for report in list_reports(session)]
    assert slugs == ["2023-ca-nam", "2023-6-thang", "2023-quy-1", "2022-ca-nam"]


def test_an_unknown_report_is_told_in_words(session):
    assert find_report(session, "2023-quy-1") is None
    with pytest.raises(NotFound, match="2023-quy-1"):
        get_report(session, "2023-quy-1")
    with pytest.raises(NotFound, match="khong-co"):
        get_sheet(open_report(session), "khong-co")


def test_the_next_period_opens_with_the_last_pending_figures(session):
    first = open_filled(session)
    head = replace(
        head_of(first),
        head={"signatory": "Trần Văn Đức", "document_number": "40/BC-UBND"},
        narrative=(Section("Khó khăn", "Cổng chậm."), Section("Lễ hội", "Đông.")),
    )
    save_report_head(session, first, head, version=first.version, actor=CLERK)
    session.commit()
    following = open_report(session, "2023-quy-3")
    session.commit()
    sheet = get_sheet(following, "ho-so")
    assert [(row.label, dict(row.cells)) for row in sheet.rows] == [
        ("Đất đai", {"carried_over": 2}),
        ("Hộ tịch", {"carried_over": 0}),
    ]
    assert dict(following.head) == {"signatory": "Trần Văn Đức"}
    # the outline is there anyway; a part of their own keeps its title
    assert [s["title"] for s in following.narrative] == ["Lễ hội"]
    assert not following.narrative[0]["text"]
    assert find_previous(session, following) is first


def test_a_longer_period_from_the_same_day_opens_as_the_shorter_one_did(session):
    open_filled(session)
    longer = open_report(session, "2023-9-thang")
    assert get_sheet(longer, "ho-so").row("dat-dai").cells == {"carried_over": 1}


def test_of_several_earlier_reports_the_adjoining_one_counts(session):
    for slug in ("2023-thang-06", "2023-6-thang", "2023-thang-05"):
        open_report(session, slug)
    july = open_report(session, "2023-thang-07")
    assert find_previous(session, july).data_to == july.data_from - timedelta(days=1)
    assert find_previous(session, get_report(session, "2023-thang-05")) is None


def test_a_figure_that_does_not_follow_on_is_found(session):
    open_filled(session)
    following = open_report(session, "2023-quy-3")
    sheet = dossiers(following)
    save_sheet(session, following, sheet, version=1, actor=CLERK)
    rules = [finding.rule for finding in find_findings(session, following)]
    assert "carried-over" in rules


def test_a_saved_sheet_comes_back_as_it_was(session):
    report = open_report(session)
    sheet = dossiers(report)
    saved = save_sheet(session, report, sheet, version=1, actor=CLERK)
    session.commit()
    session.expire_all()
    assert saved.version == 2
    assert get_sheet(find_report(session, SLUG), "ho-so") == sheet
    assert (saved.edited_by_id, saved.edited_by_name) == (CLERK.id, CLERK.name)


def test_only_quantities_of_the_table_are_kept(session):
    report = open_report(session)
    row = Row("dat-dai", "Đất đai", cells={"received_online": 1, "received": 99, "no_such": 5})
    sheet = replace(dossiers(report), rows=(row,))
    save_sheet(session, report, sheet, version=1, actor=CLERK)
    (kept,) = get_sheet(report, "ho-so").rows
    assert kept.cells == {"received_online": 1, "received": 99}


def test_two_rows_of_one_key_are_a_wrong_program(session):
    report = open_report(session)
    sheet = dossiers(report)
    with pytest.raises(ValueError, match="same key"):
        save_sheet(session, report, replace(sheet, rows=sheet.rows * 2), version=1, actor=CLERK)


def test_a_table_that_came_into_force_later_gets_its_first_sheet(session):
    report = open_report(session)
    session.delete(find_record(report, "ho-so"))
    session.flush()
    session.refresh(report)
    assert sheet_version(report, "ho-so") == 0
    with pytest.raises(StaleRevision):
        save_sheet(session, report, dossiers(report), version=3, actor=CLERK)
    save_sheet(session, report, dossiers(report), version=0, actor=CLERK)
    session.commit()
    assert get_sheet(report, "ho-so") == dossiers(report)


def test_two_clerks_opening_the_same_period_open_it_once(session, engine):
    start = threading.Barrier(2)
    outcomes = []

    def press():
        with Session(engine) as own:
            start.wait()
            try:
                open_report(own)
                own.commit()
                outcomes.append("opened")
            except AlreadyExists:
                outcomes.append("told")

    threads = [threading.Thread(target=press) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["opened", "told"]
    assert len(list_reports(session)) == 1


def test_a_sheet_with_the_reports_window_moves_with_it(session):
    report = open_filled(session)
    own = replace(get_sheet(report, "so-hoa"), data_to=date(2023, 5, 31))
    save_sheet(session, report, own, version=1, actor=CLERK)
    moved = replace(head_of(report), data_to=date(2023, 6, 12))
    save_report_head(session, report, moved, version=report.version, actor=CLERK)
    assert get_sheet(report, "ho-so").data_to == date(2023, 6, 12)
    assert get_sheet(report, "so-hoa").data_to == date(2023, 5, 31)


def test_a_sheet_sent_twice_is_one_revision(session):
    report = open_report(session)
    sheet = dossiers(report)
    for _ in range(2):
        save_sheet(session, report, sheet, version=1, actor=CLERK)
        session.commit()
    assert sheet_version(report, "ho-so") == 2
    saves = select(func.count()).where(AuditEntry.action == "sheet.save")
    assert session.scalar(saves) == 1


def test_the_second_of_two_editors_is_told_who_saved_first(session, engine):
    open_filled(session)
    session.commit()
    with Session(engine) as second:
        theirs = get_report(second, SLUG)
        version = sheet_version(theirs, "ho-so")
        change(session, get_report(session, SLUG), OTHER_CLERK, online=11, pending_in_time=3)
        session.commit()
        with pytest.raises(StaleRevision, match="Hồ Văn Bình") as caught:
            save_sheet(second, theirs, dossiers(theirs, online=20), version=version, actor=CLERK)
        assert caught.value.edited_by == "Hồ Văn Bình"
        assert caught.value.edited_at is not None
        second.rollback()
        # nothing of the refused save stays, and the newer state is what comes next
        assert get_sheet(get_report(second, SLUG), "ho-so").rows[0].cells["received_online"] == 11


def test_two_editors_of_different_sheets_do_not_disturb_each_other(session, engine):
    report = open_filled(session)
    session.commit()
    with Session(engine) as second:
        theirs = get_report(second, SLUG)
        sheet = get_sheet(theirs, "so-hoa")
        change(session, report, online=11)
        session.commit()
        rows = (replace(sheet.rows[0], cells={"received": 15}),)
        save_sheet(second, theirs, replace(sheet, rows=rows), version=1, actor=OTHER_CLERK)
        second.commit()
    session.expire_all()
    assert get_sheet(report, "so-hoa").rows[0].cells == {"received": 15}
    assert get_sheet(report, "ho-so").rows[0].cells["received_online"] == 11


def test_the_version_column_itself_catches_a_change_behind_the_lock(session):
    report = open_filled(session)
    session.commit()
    raised = update(SheetRecord).values(version=SheetRecord.version + 1)

    @event.listens_for(session, "before_flush")
    def save_meanwhile(session, _context, _instances):
        if session.dirty:
            session.connection().execute(raised)

    with pytest.raises(StaleRevision, match="cùng lúc"):
        change(session, report, online=12)
    session.commit()
    assert get_sheet(report, "ho-so").rows[0].cells["received_online"] == 10


def test_every_changed_cell_is_on_record_with_old_and_new(session):
    report = open_filled(session)
    change(session, report, OTHER_CLERK, online=11, pending_in_time=3)
    session.commit()
    entry = history(session, f"{SLUG}/ho-so")[0]
    assert entry.actor == OTHER_CLERK
    assert [(c["row"], c["column"], c["old"], c["new"]) for c in entry.changes] == [
        ("dat-dai", "received_online", 10, 11),
        ("dat-dai", "pending_in_time", 2, 3),
    ]
    assert entry.changes[0]["row_label"] == "Đất đai"
    assert "Trực tuyến" in entry.changes[0]["column_label"]


def test_the_history_of_a_report_holds_that_of_its_sheets_newest_first(session):
    report = open_filled(session)
    give_reason(session, report, "k" * 16, "Máy quét hỏng", CLERK)
    open_report(session, "2023-9-thang")
    actions = [entry.action for entry in history(session, SLUG)]
    assert actions == ["reason.give", "sheet.save", "report.open"]
    assert len(history(session, SLUG, limit=2)) == 2


def test_a_head_is_saved_under_its_own_version(session, engine):
    report = open_filled(session)
    session.commit()
    with Session(engine) as second:
        theirs = get_report(second, SLUG)
        seen = theirs.version
        new = replace(head_of(report), head={"place": "Kim Thạch", "recipients": ["VP", ""]})
        save_report_head(session, report, new, version=report.version, actor=CLERK)
        session.commit()
        other = replace(head_of(theirs), head={"place": "Nơi khác"})
        with pytest.raises(StaleRevision, match="Nguyễn Thị Lan"):
            save_report_head(second, theirs, other, version=seen, actor=OTHER_CLERK)
    version = report.version
    save_report_head(session, report, new, version=1, actor=CLERK)
    assert report.version == version  # sent twice: nothing more to save


def test_a_reason_is_kept_replaced_and_taken_back(session):
    report = open_filled(session)
    key = "a" * 16
    give_reason(session, report, key, "  Vì nguồn in vậy ", CLERK)
    session.commit()
    assert reasons_by_key(report)[key].text == "Vì nguồn in vậy"
    give_reason(session, report, key, "Lý do khác", CHAIR)
    session.commit()
    assert reasons_by_key(report)[key].given_by == CHAIR.name
    give_reason(session, report, key, "", CLERK)
    session.commit()
    assert reasons_by_key(get_report(session, SLUG)) == {}


def test_completeness_counts_typed_cells(session):
    report = open_report(session)
    row = Row("dat-dai", "Đất đai", cells={"received_online": 0}, unread={"carried_over": "mười"})
    sheet = replace(dossiers(report), rows=(row,))
    save_sheet(session, report, sheet, version=1, actor=CLERK)
    progress = completeness(report)["ho-so"]
    base = len(get_form("ho-so").base_columns)
    assert (progress.filled, progress.total, progress.is_started) == (1, base, True)
    change(session, report)
    progress = completeness(report)["ho-so"]
    assert progress.filled == progress.total


def test_services_never_commit(session):
    report = open_filled(session)
    give_reason(session, report, "k" * 16, "lý do", CLERK)
    session.rollback()
    assert session.scalar(select(func.count()).select_from(Report)) == 0
    assert session.scalar(select(func.count()).select_from(AuditEntry)) == 0


def test_a_report_opened_by_mistake_can_be_dropped_a_published_one_not(session):
    drop_report(session, open_filled(session), CLERK)
    session.commit()
    assert list_reports(session) == ()
    assert session.scalar(select(func.count()).select_from(SheetRecord)) == 0
    last = history(session, SLUG)[0]
    assert last.action == "report.drop"
    assert last.detail["sheets"]["ho-so"]["rows"]
    report, _release = publish_new(session)
    with pytest.raises(PublicationBlocked, match="đã công bố"):
        drop_report(session, report, CLERK)


def test_a_kept_form_is_given_back_to_its_owner_only(session):
    fields = [("cell-1", "12"), ("cell-1", "13"), ("ghi_chu", "Chợ phiên")]
    token = keep_draft(session, "/quan-tri/ky/2023-6-thang/ho-so", fields, CLERK.id)
    session.commit()
    assert find_draft(session, token, OTHER_CLERK.id) is None
    assert take_draft(session, token, OTHER_CLERK.id) is None
    assert find_draft(session, token, CLERK.id).fields == [list(field) for field in fields]
    assert take_draft(session, token, CLERK.id).path.endswith("/ho-so")
    assert find_draft(session, token, CLERK.id) is None


def test_forms_nobody_came_back_for_are_forgotten(session):
    old = keep_draft(session, "/x", [], CLERK.id)
    new = keep_draft(session, "/x", [], CLERK.id)
    long_ago = utc_now() - timedelta(days=8)
    session.execute(update(FormDraft).where(FormDraft.token == old).values(created_at=long_ago))
    drop_old_drafts(session, CLERK.id)
    assert find_draft(session, old, CLERK.id) is None
    assert find_draft(session, new, CLERK.id) is not None


def test_of_one_persons_forms_only_the_newest_are_kept(session, clock):
    theirs = keep_draft(session, "/x", [], OTHER_CLERK.id)
    tokens = []
    for _ in range(MOST_KEPT + 5):
        clock.advance(seconds=1)
        tokens.append(keep_draft(session, "/x", [("a", "b")], CLERK.id))
    kept = [token for token in tokens if find_draft(session, token, CLERK.id)]
    assert kept == tokens[5:]
    assert find_draft(session, theirs, OTHER_CLERK.id) is not None


def test_the_stored_sheet_evaluates_as_the_entered_one(session):
    report = open_filled(session)
    session.commit()
    session.expire_all()
    table = get_form("ho-so")
    total = solve(table, get_sheet(report, "ho-so")).total
    assert (total.values["received"], total.values["pending"]) == (19, 2)
