import threading
from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import event, func, select
from sqlalchemy.orm import Session

from cchc_public.demo import load_demo_procedures
from cchc_public.errors import NotFound, RecordRefused, StaleRevision
from cchc_public.migrations import runner
from cchc_public.procedures import Basis, Channel, ChannelKind, ProcedureStatus, searching
from cchc_public.procedures.batches import BulkDeed, Deed, do_in_bulk
from cchc_public.procedures.saving import (
    create_procedure,
    find_posted,
    get_procedure,
    iterate_records,
    list_fields,
    list_history,
    read_record,
    save_procedure,
)
from cchc_public.procedures.searching import (
    ListFilter,
    compare_counts,
    get_catalogue,
    list_unanswered,
)
from cchc_public.releases.reading import newest_release
from cchc_public.store import UnansweredQuery
from cchc_public.store.base import Actor
from tests.databases import open_engine
from tests.procedure_records import FULL, make

LAN = Actor("1", "Nguyễn Thị Lan")
DUC = Actor("2", "Trần Văn Đức")
HIDE = BulkDeed(Deed.HIDE)


def repeal(decision):
    return BulkDeed(
        Deed.STATUS, status=ProcedureStatus.REPEALED, decision=decision, on=date(2026, 7, 1)
    )


def codes(session, **wanted):
    return get_catalogue(session).search(ListFilter(**wanted)).codes


def test_a_record_with_everything_is_stored_and_read_back_equal(session):
    create_procedure(session, FULL, LAN)
    session.commit()
    session.expire_all()
    assert read_record(get_procedure(session, FULL.code)) == FULL


def test_what_is_not_stated_has_no_key_and_the_words_of_absence_are_kept(session):
    create_procedure(session, make(channels=FULL.channels), LAN)
    details = get_procedure(session, FULL.code).details
    assert set(details) == {"channels"}
    assert [channel["fee"] for channel in details["channels"]] == ["8.000 đồng", "không nêu"]


def test_a_code_is_taken_once(session):
    create_procedure(session, make(), LAN)
    with pytest.raises(RecordRefused, match="đã có"):
        create_procedure(session, make(name="Khác"), LAN)


def test_an_ill_formed_record_is_refused_and_leaves_nothing(session):
    with pytest.raises(RecordRefused, match="Mã thủ tục"):
        create_procedure(session, make(code="1.1"), LAN)
    assert [*iterate_records(session)] == []
    assert list_fields(session) == ()


def test_two_editors_the_second_is_told_and_nothing_is_lost(session):
    row = create_procedure(session, make(), LAN)
    session.commit()
    opened = row.version
    save_procedure(session, make(result="Giấy khai sinh"), LAN, version=opened)
    with pytest.raises(StaleRevision, match="Nguyễn Thị Lan"):
        save_procedure(session, make(result="Khác"), DUC, version=opened)
    assert read_record(get_procedure(session, "1.001193")).result == "Giấy khai sinh"


def test_a_colleague_who_saves_in_between_is_noticed(session, engine):
    opened = create_procedure(session, make(), LAN).version
    session.commit()
    with Session(engine) as second:
        screen = get_procedure(second, "1.001193")  # what the screen shows; now a colleague saves
        save_procedure(session, make(result="Giấy khai sinh"), LAN, version=opened)
        session.commit()
        with pytest.raises(StaleRevision):
            do_in_bulk(second, ["1.001193"], HIDE, DUC)
        with pytest.raises(StaleRevision):
            save_procedure(second, make(result="Khác"), DUC, version=opened)
        second.rollback()
        assert (read_record(screen).result, screen.is_posted) == ("Giấy khai sinh", True)


@pytest.mark.databases("postgresql")
def test_two_who_add_the_same_code_at_once_make_one_procedure(session, engine):
    @event.listens_for(session, "before_flush", once=True)
    def add_meanwhile(_session, _context, _instances):
        with Session(engine) as second:
            create_procedure(second, make(name="Của người kia"), DUC)
            second.commit()

    with pytest.raises(StaleRevision, match="cùng lúc"):
        create_procedure(session, make(), LAN)
    session.rollback()
    assert get_procedure(session, "1.001193").name == "Của người kia"


def test_texts_of_any_length_are_stored_on_every_database(session):
    long = "Thông tư quy định chi tiết thi hành một số điều của Luật Hộ tịch " * 8
    exemption = replace(FULL.exemptions[0], document_number=long.strip())
    absent = Channel(ChannelKind.ANY, f"không nêu trên {long}".strip())
    basis = Basis(long.strip(), issued_by=long.strip())
    record = replace(FULL, legal_bases=(basis,), exemptions=(exemption,), channels=(absent,))
    create_procedure(session, record, LAN)
    session.commit()
    assert [*iterate_records(session)] == [record]


def test_history_compares_each_change_with_what_was_before(session):
    row = create_procedure(session, make(), LAN)
    save_procedure(session, make(result="Giấy khai sinh"), DUC, version=row.version, reason="QĐ 5")
    (newest, changes), (first, all_cells) = list_history(session, "1.001193")
    assert (newest.actor_name, newest.reason) == ("Trần Văn Đức", "QĐ 5")
    assert changes == (("Kết quả giải quyết", "", "Giấy khai sinh"),)
    assert first.action == "create"
    assert ("Tên thủ tục", "", "Thủ tục đăng ký khai sinh") in all_cells


def test_saving_what_is_there_leaves_no_trace(session):
    row = create_procedure(session, make(), LAN)
    version = row.version
    save_procedure(session, make(), DUC, version=version)
    assert get_procedure(session, "1.001193").version == version
    assert len(list_history(session, "1.001193")) == 1


def test_a_bulk_status_carries_decision_and_date_to_each(session):
    create_procedure(session, make(), LAN)
    create_procedure(session, make(code="1.000894", name="Đăng ký kết hôn"), LAN)
    batch = do_in_bulk(session, ["1.001193", "1.000894"], repeal("99/QĐ-UBND"), DUC)
    assert batch.summary["changed"] == 2
    row = read_record(get_procedure(session, "1.000894"))
    assert (row.status, row.repealed_on, row.status_decision) == (
        "repealed",
        date(2026, 7, 1),
        "99/QĐ-UBND",
    )
    assert codes(session, status="current") == ()
    assert codes(session, status="repealed") == ("1.000894", "1.001193")


def test_a_status_changed_by_hand_needs_decision_and_day_too(session):
    row = create_procedure(session, make(), LAN)
    repealed = make(status=ProcedureStatus.REPEALED, status_decision="9/QĐ")
    with pytest.raises(RecordRefused, match="ngày bãi bỏ"):
        save_procedure(session, repealed, LAN, version=row.version)
    dated = replace(repealed, repealed_on=date(2026, 7, 1))
    save_procedure(session, dated, LAN, version=row.version)
    assert get_procedure(session, "1.001193").status == "repealed"


def test_a_status_needs_a_decision_and_known_codes(session):
    create_procedure(session, make(), LAN)
    with pytest.raises(RecordRefused, match="quyết định"):
        repeal(" ")
    with pytest.raises(NotFound):
        do_in_bulk(session, ["9.999999"], repeal("1"), LAN)


def test_what_is_not_posted_is_not_shown_to_the_public(session):
    create_procedure(session, make(), LAN)
    assert do_in_bulk(session, ["1.001193"], HIDE, LAN).summary["changed"] == 1
    assert find_posted(session, "1.001193") is None
    assert codes(session, posted=True) == ()


def test_three_flags_are_counted_apart_and_absence_is_neither(session):
    create_procedure(session, make(decided_here=True, received_here=True), LAN)
    create_procedure(session, make(code="1.000002", decided_here=False, received_here=True), LAN)
    create_procedure(session, make(code="1.000003", is_posted=False), LAN)
    counts = get_catalogue(session).counts
    assert (counts.posted, counts.decided_here, counts.received_here) == (2, 1, 2)
    assert (counts.unstated_decided, counts.unstated_received) == (1, 1)
    assert counts.per_field == (("ho-tich", "Hộ tịch", 2),)


def test_the_list_follows_every_change_but_is_kept_between(session):
    create_procedure(session, make(), LAN)
    session.commit()
    first = get_catalogue(session)
    assert get_catalogue(session) is first
    create_procedure(session, make(code="1.000894", name="Đăng ký kết hôn"), LAN)
    assert codes(session, query="ket hon") == ("1.000894",)


def test_a_rolled_back_change_leaves_no_ghost_in_the_list(session):
    create_procedure(session, make(), LAN)
    assert len(get_catalogue(session).entries) == 1
    session.rollback()
    assert get_catalogue(session).entries == ()
    create_procedure(session, make(code="1.000894", name="Đăng ký kết hôn"), LAN)
    assert [entry.code for entry in get_catalogue(session).entries] == ["1.000894"]


def test_fields_of_like_names_get_addresses_of_their_own(session):
    create_procedure(session, make(field="Hộ tịch"), LAN)
    create_procedure(session, make(code="1.000002", field="Hồ tích"), LAN)
    assert sorted(field.slug for field in list_fields(session)) == ["ho-tich", "ho-tich-2"]


def test_the_demo_holds_the_277_real_records_in_48_fields(session):
    summary = load_demo_procedures(session)
    assert (summary["new"], summary["refused"]) == (277, [])
    counts = get_catalogue(session).counts
    assert (counts.posted, counts.field_count) == (277, 48)
    # only what a source states: 220 portal records name the commune as a level
    assert (counts.decided_here, counts.unstated_decided) == (220, 57)
    assert (counts.received_here, counts.unstated_received) == (0, 277)
    assert load_demo_procedures(session) is None


def test_a_report_that_counts_other_procedures_than_the_list_is_told(session, procedures, demo):
    told = compare_counts(get_catalogue(session).counts, newest_release(session))
    assert [(f.rule, f.column, f.found, f.expected) for f in told] == [
        ("procedure-count", "posted", "277", "138"),
        ("procedure-count", "field_count", "48", "27"),
        ("procedure-count", "in_jurisdiction", "220", "125"),
    ]


def test_filters_of_the_demo_agree_with_its_records(session, procedures):
    assert len(codes(session, channel="online")) == 202
    assert len(codes(session, fee="free")) == 94
    assert len(codes(session, field="ho-tich")) == 39
    found = get_catalogue(session).search(ListFilter("khai sinh", field="chung-thuc"))
    assert found.codes == ()
    assert found.per_field == {"ho-tich": 14}


def test_every_demo_record_keeps_its_source(session, procedures):
    assert all(record.source for record in iterate_records(session))
    record = find_posted(session, "2.002165")
    assert record.decision_number == "3787/QĐ-BTP"
    assert record.portal_link.startswith("https://dichvucong.gov.vn/")


def test_parts_keep_their_order_when_they_change(session):
    row = create_procedure(session, FULL, LAN)
    turned = replace(FULL, components=FULL.components[::-1], steps=FULL.steps[:1])
    save_procedure(session, turned, LAN, version=row.version)
    session.commit()
    session.expire_all()
    assert read_record(get_procedure(session, FULL.code)) == turned


def test_a_crowd_after_a_change_builds_the_list_once(database_url, monkeypatch):
    """One thread builds the next catalogue; who comes meanwhile reads the last one at once."""
    engine = open_engine(database_url)
    runner.upgrade(engine)
    with Session(engine) as session:
        create_procedure(session, make(), LAN)
        session.commit()
    building, done, built = threading.Event(), threading.Event(), []
    build = searching._build

    def slow(session, stamp):
        built.append(stamp)
        building.set()
        assert done.wait(20)
        return build(session, stamp)

    def search(found):
        with Session(engine) as session:
            found.append([entry.code for entry in get_catalogue(session).entries])

    first: list[list[str]] = []
    search(first)
    with Session(engine) as session:
        create_procedure(session, make(code="1.000002"), LAN)
        session.commit()
    monkeypatch.setattr(searching, "_build", slow)
    new: list[list[str]] = []
    builder = threading.Thread(target=search, args=(new,))
    builder.start()
    assert building.wait(20)
    meanwhile: list[list[str]] = []
    for _ in range(8):
        search(meanwhile)
    done.set()
    builder.join()
    assert meanwhile == first * 8
    assert new == [["1.001193", "1.000002"]] or new == [["1.000002", "1.001193"]]
    assert len(built) == 1
    engine.dispose()


def test_searches_in_vain_are_counted_without_persons_and_within_bounds(session, monkeypatch):
    engine, day = session.get_bind().engine, date(2026, 11, 26)
    monkeypatch.setattr(searching, "MOST_NOTED", 3)
    unanswered = searching.Unanswered()

    def ask(query, times):
        for _ in range(times):
            unanswered.next_write = 0.0
            unanswered.note(query, engine, day)

    ask("Vé số", 4)
    ask("ve so", 1)
    ask("nuôi rắn", 2)
    ask("0912 345 678", 9)
    ask("lan@xa.vn", 9)
    ask("   ", 9)
    assert list_unanswered(session) == (("ve so", 5),)
    for word in ("mot", "hai", "ba", "bon"):
        ask(word, 3)
    session.rollback()
    assert list_unanswered(session) == (("ve so", 5), ("mot", 3))
    assert session.scalar(select(func.count()).select_from(UnansweredQuery)) == 3
