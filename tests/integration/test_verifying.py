import hashlib
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from cchc_public.health import examine_figures
from cchc_public.migrations import runner
from cchc_public.releases.content import verify_releases
from cchc_public.reports.publishing import withdraw
from cchc_public.store import AuditEntry
from cchc_public.store.writing import record, verify_trail
from tests.integration.reports import AUTHORITY, CHAIR, CLERK, SLUG, change, publish, publish_new


def publish_three(session):
    report, _first = publish_new(session)
    change(session, report, CLERK, online=11, pending_in_time=3)
    publish(session, report, CHAIR, authority=AUTHORITY, reason="Đếm sót")
    withdraw(session, SLUG, CHAIR, "Lộ tên")
    session.commit()


def unlock(session):
    """What only the owner of the database can do: put the triggers away."""
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        for action in ("update", "delete"):
            connection.execute(text(f"DROP TRIGGER cchc_release_no_{action}"))
    else:
        connection.execute(text("ALTER TABLE cchc_release DISABLE TRIGGER ALL"))
    return connection


def test_sound_releases_show_no_damage(session):
    assert verify_releases(session) == ()
    publish_three(session)
    publish_new(session, "2022-quy-1")
    assert verify_releases(session) == ()


def test_a_changed_content_is_found(session):
    publish_three(session)
    unlock(session).exec_driver_sql(
        "UPDATE cchc_release SET content = replace(content, 'Đất đai', 'Đất ở') WHERE number = 2"
    )
    assert [(d.number, d.message) for d in verify_releases(session)] == [
        (2, "nội dung không khớp mã kiểm tra")
    ]


def test_a_content_changed_together_with_its_digest_breaks_the_chain(session):
    publish_three(session)
    connection = unlock(session)
    content = connection.scalar(text("SELECT content FROM cchc_release WHERE number = 1"))
    forged = content.replace("Đất đai", "Đất ở")
    digest = hashlib.sha256(forged.encode()).hexdigest()
    connection.execute(
        text("UPDATE cchc_release SET content = :c, digest = :d WHERE number = 1"),
        {"c": forged, "d": digest},
    )
    assert [(d.number, d.message) for d in verify_releases(session)] == [
        (1, "mã kiểm tra không khớp nhật ký"),
        (2, "không nối tiếp lần công bố trước"),
    ]


def test_a_removed_release_is_missed(session):
    publish_three(session)
    unlock(session).execute(text("DELETE FROM cchc_release WHERE number = 2"))
    messages = [d.message for d in verify_releases(session)]
    assert messages == [
        "thiếu lần công bố số 2",
        "không nối tiếp lần công bố trước",
        "có trong nhật ký nhưng đã mất",
    ]


def forge_newest(connection):
    """Rewrite the newest release together with its digest, as its owner can."""
    query = "SELECT content FROM cchc_release ORDER BY id DESC LIMIT 1"
    content = connection.scalar(text(query))
    forged = content.replace("Đếm sót", "Đếm lại")
    digest = hashlib.sha256(forged.encode()).hexdigest()
    connection.execute(
        text("UPDATE cchc_release SET content = :c, digest = :d WHERE content = :old"),
        {"c": forged, "d": digest, "old": content},
    )


TAMPERINGS = {
    "the newest content and its digest": forge_newest,
    "the newest release": "DELETE FROM cchc_release WHERE number = 2",
    "its reason": "UPDATE cchc_release SET reason = 'khác' WHERE number = 2",
    "its author": "UPDATE cchc_release SET published_by_name = 'Ai đó' WHERE number = 2",
    "its author's number": "UPDATE cchc_release SET published_by_id = 'x' WHERE number = 2",
    "its hour": "UPDATE cchc_release SET published_at = '2020-01-01 00:00:00+00:00'",
    "its window": "UPDATE cchc_release SET data_to = '2023-06-01' WHERE number = 2",
    "a line of the trail": "DELETE FROM cchc_audit_entry WHERE action = 'report.open'",
    "the last line": "DELETE FROM cchc_audit_entry WHERE action = 'release.correction'",
    "words of the trail": "UPDATE cchc_audit_entry SET actor_name = 'X' WHERE id = 1",
    "the whole trail": "DELETE FROM cchc_audit_entry",
}


@pytest.mark.parametrize("what", TAMPERINGS)
def test_whoever_owns_the_database_cannot_rewrite_history_unnoticed(session, what):
    report, _first = publish_new(session)
    change(session, report, CLERK, online=11, pending_in_time=3)
    publish(session, report, CHAIR, authority=AUTHORITY, reason="Đếm sót")
    session.commit()
    assert examine_figures(session) == ()
    connection = session.connection()
    put_back = put_guards_away(connection)
    deed = TAMPERINGS[what]
    if isinstance(deed, str):
        connection.execute(text(deed))
    else:
        deed(connection)
    for statement in put_back:
        connection.execute(text(statement))
    session.expire_all()
    found = examine_figures(session)
    assert found
    assert not any("chốt" in sentence for sentence in found)  # the guards stand again


def put_guards_away(connection) -> list[str]:
    """Take all triggers away; return what puts them back."""
    if connection.dialect.name == "postgresql":
        for table in ("cchc_release", "cchc_audit_entry"):
            connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
        return [
            f"ALTER TABLE {table} ENABLE TRIGGER USER"
            for table in ("cchc_release", "cchc_audit_entry")
        ]
    query = text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
    triggers = connection.execute(query).all()
    for name, _sql in triggers:
        connection.execute(text(f"DROP TRIGGER {name}"))
    return [sql for _name, sql in triggers]


def test_missing_changed_and_foreign_guards_are_found(session):
    connection = session.connection()
    put_guards_away(connection)
    assert any("chốt chống sửa" in sentence for sentence in examine_figures(session))


@pytest.mark.databases("sqlite")
def test_a_guard_that_refuses_no_more_and_one_that_nobody_set_are_found(session):
    connection = session.connection()
    connection.execute(text("DROP TRIGGER cchc_release_no_update"))
    connection.execute(
        text(
            "CREATE TRIGGER cchc_release_no_update BEFORE UPDATE ON cchc_release"
            " BEGIN SELECT 1; END"
        )
    )
    connection.execute(
        text("CREATE TRIGGER cchc_x AFTER INSERT ON cchc_release BEGIN SELECT 1; END")
    )
    assert list(examine_figures(session)) == [
        "có chốt chống sửa lạ cchc_x",
        "chốt chống sửa cchc_release_no_update đã bị sửa hoặc tắt",
    ]


def test_lines_of_earlier_days_are_sealed_by_the_first_that_is_chained(engine):
    """A trail that was written before lines were chained goes on, and is guarded from then on."""
    runner.downgrade(engine, "0004")
    with engine.begin() as connection:
        for number in (1, 2):
            connection.execute(
                text(
                    "INSERT INTO cchc_audit_entry (at, actor_id, actor_name, action, subject, "
                    "detail) VALUES ('2023-06-12 00:00:00+00:00', 'a', 'A', 'sheet.save', :s, '{}')"
                ),
                {"s": f"2023-6-thang/{number}"},
            )
    runner.upgrade(engine)
    with Session(engine) as session:
        assert list(verify_trail(session)) == []
        record(session, CLERK, "sheet.save", "x", changes=[(1, None), {"a": 0.5}])
        record(session, CLERK, "sheet.save", "y")
        session.commit()
        assert list(verify_trail(session)) == []
        put_guards_away(session.connection())
        session.execute(text("UPDATE cchc_audit_entry SET actor_id = 'b' WHERE id = 1"))
        (message,) = verify_trail(session)
        assert "nhật ký cũ" in message


def test_lines_written_at_the_same_moment_form_one_trail(engine):
    def write(number):
        for step in range(5):
            with Session(engine) as own:
                record(own, CLERK, "sheet.save", f"{number}-{step}")
                own.commit()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(8)))
    with Session(engine) as session:
        assert session.scalar(select(func.count(AuditEntry.id))) == 40
        assert list(verify_trail(session)) == []


@pytest.mark.everywhere
@pytest.mark.hosts("standalone")
def test_health_tells_whether_figures_are_as_published(citizen, session):
    publish_new(session)
    assert citizen.get("/healthz").json["figures"] == "sound"
    connection = session.connection()
    put_guards_away(connection)
    session.commit()
    assert citizen.get("/healthz").json["figures"] == "sound"  # looked at today
    publish_new(session, "2022-quy-1")
    answer = citizen.get("/healthz")
    assert (answer.status_code, answer.json["figures"]) == (200, "damaged")
