import hashlib

from sqlalchemy import text

from cchc_public.releases.verifying import verify_releases
from cchc_public.reports.publishing import publish, withdraw
from tests.integration.reports import AUTHORITY, CHAIR, CLERK, SLUG, change, publish_new


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
        (2, "không nối tiếp lần công bố trước")
    ]


def test_a_removed_release_is_missed(session):
    publish_three(session)
    unlock(session).execute(text("DELETE FROM cchc_release WHERE number = 2"))
    messages = [d.message for d in verify_releases(session)]
    assert messages == ["thiếu lần công bố số 2", "không nối tiếp lần công bố trước"]
