import threading
from contextlib import contextmanager
from dataclasses import replace

import pytest
from sqlalchemy import event, text
from sqlalchemy.orm import Session

from cchc_public.errors import NotFound
from cchc_public.releases import reading
from cchc_public.releases.prose import Section
from cchc_public.releases.reading import (
    ReleaseTampered,
    find_comparable,
    get_release,
    list_corrections,
    list_newest_releases,
    list_periods,
    list_releases,
    newest_release,
    publication_stamp,
)
from cchc_public.reports.drafting import find_report, head_of, save_report_head
from cchc_public.reports.publishing import withdraw
from cchc_public.tables import solving
from tests.databases import open_engine
from tests.integration.reports import AUTHORITY, CHAIR, CLERK, SLUG, change, publish, publish_new


@pytest.fixture(autouse=True)
def _forget_parsed_releases():
    reading._parsed._values.clear()  # noqa: SLF001 - a new process starts without them


@contextmanager
def counted(engine):
    """Collect the statements and how many rows' contents they asked for."""
    seen = []

    def note(_connection, _cursor, statement, *_rest):
        seen.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    yield seen
    event.remove(engine, "before_cursor_execute", note)


def corrected(session, report, online, reason):
    change(session, report, CLERK, online=online, pending_in_time=online - 8)
    return publish(session, report, CHAIR, authority=AUTHORITY, reason=reason)


def test_before_the_first_release_there_is_nothing_to_read(session):
    assert newest_release(session) is None
    assert newest_release(session, SLUG) is None
    assert list_periods(session) == ()
    assert list_corrections(session) == ()
    assert publication_stamp(session) == "0"
    with pytest.raises(NotFound):
        get_release(session, SLUG, 1)


def test_the_stamp_changes_with_every_release_and_takes_one_query(session, engine):
    report, _first = publish_new(session)
    stamps = [publication_stamp(session)]
    corrected(session, report, 11, "Đếm sót")
    stamps.append(publication_stamp(session))
    withdraw(session, SLUG, CHAIR, "Lộ tên")
    with counted(engine) as statements:
        stamps.append(publication_stamp(session))
    assert len(set(stamps)) == 3
    assert len(statements) == 1
    assert "content" not in statements[0]


def test_the_newest_period_is_the_latest_of_the_calendar_not_of_the_clock(session):
    publish_new(session, "2023-6-thang")
    publish_new(session, "2022-ca-nam")
    publish_new(session, "2023-thang-06")
    slugs = [period.slug for period in list_periods(session)]
    assert slugs == ["2023-6-thang", "2023-thang-06", "2022-ca-nam"]
    assert newest_release(session).slug == "2023-6-thang"


def test_a_withdrawn_period_gives_way_on_the_overview_but_stays_at_its_address(session):
    publish_new(session, "2022-6-thang")
    publish_new(session, "2023-6-thang")
    withdraw(session, "2023-6-thang", CHAIR, "Sai kỳ")
    assert newest_release(session).slug == "2022-6-thang"
    assert newest_release(session, "2023-6-thang").is_withdrawal
    summaries = {summary.slug: summary.is_withdrawal for summary in list_periods(session)}
    assert summaries == {"2023-6-thang": True, "2022-6-thang": False}
    assert [r.slug for r in list_newest_releases(session)] == ["2022-6-thang"]


def test_the_releases_of_a_period_are_listed_newest_first_without_contents(session, engine):
    report, _first = publish_new(session)
    corrected(session, report, 11, "Đếm sót")
    with counted(engine) as statements:
        listed = list_releases(session, SLUG)
    assert [(r.number, r.kind, r.reason) for r in listed] == [
        (2, "correction", "Đếm sót"),
        (1, "first", ""),
    ]
    assert "content" not in statements[0]


def test_reading_costs_the_same_with_many_periods(session, engine):
    publish_new(session, "2022-6-thang")
    publish_new(session, "2023-6-thang")

    def first_read():
        reading._parsed._values.clear()  # noqa: SLF001
        session.expire_all()
        with counted(engine) as statements:
            release = newest_release(session)
            find_comparable(session, release)
            list_periods(session)
        return len(statements), sum("content" in statement for statement in statements)

    few = first_read()
    for year in range(2000, 2020, 2):  # not adjoining, so nothing carries over
        publish_new(session, f"{year}-ca-nam")
    assert first_read() == few
    assert few[1] == 2  # the release and the one it is compared with, nothing else


def test_a_release_read_again_is_not_opened_again(session, engine):
    publish_new(session)
    first = newest_release(session)
    with counted(engine) as statements:
        assert newest_release(session) is first
    assert not any("content" in statement for statement in statements)


def test_a_figure_is_compared_with_the_same_period_a_year_before(session):
    publish_new(session, "2022-6-thang")
    publish_new(session, "2023-quy-1")
    publish_new(session, "2023-6-thang")
    release = newest_release(session)
    assert find_comparable(session, release).slug == "2022-6-thang"
    withdraw(session, "2022-6-thang", CHAIR, "Sai nguồn")
    assert find_comparable(session, release) is None


def tamper(engine, change):
    """Change a frozen row as someone with the file and a tool would: triggers switched off."""
    with engine.begin() as connection:
        if engine.dialect.name == "sqlite":
            connection.execute(text("DROP TRIGGER cchc_release_no_update"))
        else:
            connection.execute(text("ALTER TABLE cchc_release DISABLE TRIGGER ALL"))
        connection.exec_driver_sql(f"UPDATE cchc_release SET {change}")  # noqa: S608


@pytest.mark.parametrize(
    "change",
    [
        "content = replace(content, '\"received\":19', '\"received\":20')",
        "content = content || ' '",
        "digest = replace(digest, substr(digest, 1, 8), '00000000')",
        "number = 5",
        "period_slug = '2022-6-thang'",
        "data_to = '2023-06-30'",
    ],
)
def test_a_tampered_release_is_refused_and_logged(session, engine, caplog, change):
    publish_new(session)
    session.close()
    tamper(engine, change)
    with pytest.raises(ReleaseTampered, match="không khớp mã kiểm tra"):
        newest_release(session)
    assert "does not match its digest" in caplog.text


def test_what_was_frozen_is_shown_even_when_the_code_would_compute_otherwise(session, monkeypatch):
    """A later repair of the formulas must not change what was published."""
    publish_new(session)
    monkeypatch.setattr(solving.Propagation, "_run", lambda _self: None)
    assert newest_release(session).table("ho-so").evaluated.figure("received") == 19


def test_corrections_tell_what_changed_why_who_and_when(session):
    report, _first = publish_new(session)
    session.commit()
    corrected(session, report, 11, "Đếm sót một hồ sơ")
    session.commit()
    (correction,) = list_corrections(session)
    assert correction.release.reason == "Đếm sót một hồ sơ"
    assert correction.release.published_by == CHAIR.name
    assert correction.previous_number == 1
    changed = {(c.row, c.column): (c.old, c.new) for c in correction.changes if c.is_base}
    assert changed == {
        ("dat-dai", "received_online"): (10, 11),
        ("dat-dai", "pending_in_time"): (2, 3),
    }
    totals = {c.column: (c.old, c.new) for c in correction.changes if c.row == "tong-cong"}
    assert totals["received"] == (19, 20)


def test_corrections_are_listed_newest_first_and_compare_with_what_was_shown_last(session):
    report, _first = publish_new(session)
    corrected(session, report, 11, "Đếm sót")
    session.commit()
    withdraw(session, SLUG, CHAIR, "Tạm thu hồi")
    session.commit()
    corrected(session, report, 12, "Công bố lại")
    session.commit()
    listed = list_corrections(session)
    assert [(c.release.number, c.release.kind, c.previous_number) for c in listed] == [
        (4, "correction", 2),
        (3, "withdrawal", 2),
        (2, "correction", 1),
    ]
    assert listed[1].changes == ()
    online = [c for c in listed[0].changes if c.column == "received_online" and c.is_base]
    assert [(c.old, c.new) for c in online] == [(11, 12)]
    assert list_corrections(session, limit=1) == listed[:1]


def test_changed_words_window_and_reasons_are_part_of_the_comparison(session):
    report, _first = publish_new(session)
    head = replace(
        head_of(report),
        data_to=report.data_to.replace(day=12),
        narrative=(*head_of(report).narrative, Section("Khó khăn", "Cổng chậm.")),
    )
    save_report_head(session, report, head, version=report.version, actor=CLERK)
    publish(session, report, CHAIR, authority=AUTHORITY, reason="Bổ sung lời")
    (correction,) = list_corrections(session)
    told = {(c.table, c.column_label): (c.old, c.new) for c in correction.changes}
    # an old title is read as the part of the outline that it means
    assert told[("", "Những tồn tại, hạn chế")] == (None, "Cổng chậm.")
    assert told[("ho-so", "Số liệu đến ngày")] == ("14/06/2023", "12/06/2023")


def test_twenty_threads_read_the_same_release_at_once(session, database_url):
    publish_new(session)
    session.close()
    reading._parsed._values.clear()  # noqa: SLF001
    engine = open_engine(database_url)
    start = threading.Barrier(20)
    digests, failures = [], []

    def read():
        start.wait()
        try:
            for _ in range(10):
                with Session(engine) as own:
                    release = newest_release(own)
                    assert release.table("ho-so").evaluated.figure("received") == 19
                    digests.append(release.digest)
        except Exception as error:  # noqa: BLE001 - whatever it is, the test must see it
            failures.append(error)

    threads = [threading.Thread(target=read) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    engine.dispose()
    assert failures == []
    assert len(digests) == 200
    assert len(set(digests)) == 1


def test_unpublished_edits_are_never_read(session):
    publish_new(session)
    before = newest_release(session)
    change(session, find_report(session, SLUG), CLERK, online=99)
    session.commit()
    assert newest_release(session) == before
