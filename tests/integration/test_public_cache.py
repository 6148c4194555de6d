"""Kept pages: fresh at once after a publication, same bytes until then, alive without database."""

import gzip

import pytest
from sqlalchemy import event

from tests.integration.reports import SLUG, change, publish_new

PERIOD = f"/ky/{SLUG}"
# in a host's frame only our part is kept (tests/hosts/test_frame.py)
WHOLE = pytest.mark.hosts("standalone", "bare")


@pytest.fixture
def queries(app):
    """Every statement the app sends to its database."""
    seen = []
    with app.app_context():
        engine = app.extensions["sqlalchemy"].engine
    event.listen(engine, "before_cursor_execute", lambda *a: seen.append(a[2]))
    return seen


def test_a_second_reader_costs_no_query(citizen, prefix, session, queries):
    publish_new(session)
    first = citizen.get(f"{prefix}/")
    queries.clear()
    second = citizen.get(f"{prefix}/")
    assert second.data == first.data
    assert queries == []


def test_a_publication_shows_at_once(citizen, prefix, session):
    assert "Chưa công bố" in citizen.get(f"{prefix}/").text
    publish_new(session)
    assert "6 tháng đầu năm 2023" in citizen.get(f"{prefix}/").text


@WHOLE
def test_saving_a_draft_changes_no_public_byte(citizen, prefix, session):
    report, _ = publish_new(session)
    tag = citizen.get(f"{prefix}{PERIOD}/ho-so").headers["ETag"]
    change(session, report, online=99)
    session.commit()
    again = citizen.get(f"{prefix}{PERIOD}/ho-so", headers={"If-None-Match": tag})
    assert again.status_code == 304
    assert again.data == b""


@WHOLE
@pytest.mark.databases("sqlite")
def test_gzip_and_plain_readers_get_the_same_page(citizen, prefix, session):
    publish_new(session)
    for _ in range(2):  # rendered, then kept
        packed = citizen.get(f"{prefix}/", headers={"Accept-Encoding": "gzip, br"})
        plain = citizen.get(f"{prefix}/", headers={"Accept-Encoding": "gzip;q=0, identity"})
        assert gzip.decompress(packed.data) == plain.data
        assert packed.headers["ETag"] != plain.headers["ETag"]
        assert "Accept-Encoding" in packed.headers["Vary"]
        assert int(packed.headers["Content-Length"]) == len(packed.data)


@WHOLE
@pytest.mark.databases("sqlite")
def test_kept_pages_carry_the_same_headers_as_rendered_ones(citizen, prefix, session):
    publish_new(session)
    rendered, kept = citizen.get(f"{prefix}/"), citizen.get(f"{prefix}/")
    assert {k: v for k, v in kept.headers if k != "Vary"} == {
        k: v for k, v in rendered.headers if k != "Vary"
    }
    head = citizen.head(f"{prefix}/")
    assert (head.data, head.headers["ETag"]) == (b"", kept.headers["ETag"])


@pytest.mark.hosts("standalone")
@pytest.mark.databases("sqlite")
def test_over_https_kept_pages_demand_https(citizen, session):
    publish_new(session)
    for _ in range(2):
        page = citizen.get("/", base_url="https://localhost")
        assert page.headers["Strict-Transport-Security"] == "max-age=31536000"
    assert "Strict-Transport-Security" not in citizen.get("/").headers


@pytest.mark.databases("sqlite")
def test_without_database_known_pages_answer_and_others_say_when_to_return(
    app, citizen, prefix, session, engine
):
    publish_new(session)
    known = citizen.get(f"{prefix}/")
    session.close()
    with engine.begin() as connection:  # the file is there, its tables are gone
        connection.exec_driver_sql("ALTER TABLE cchc_release RENAME TO elsewhere")
    app.extensions["cchc_public"].page_cache.clock.expire()
    assert citizen.get(f"{prefix}/").data == known.data
    unknown = citizen.get(f"{prefix}{PERIOD}")
    assert unknown.status_code == 503
    assert unknown.headers["Retry-After"] == "60"
    assert unknown.headers["Cache-Control"] == "no-store"
    assert "tạm thời" in unknown.text
    with engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE elsewhere RENAME TO cchc_release")
    app.extensions["cchc_public"].page_cache.clock.expire()
    assert citizen.get(f"{prefix}{PERIOD}").status_code == 200


@pytest.mark.databases("sqlite")
def test_a_database_that_fails_between_two_looks_is_hidden_too(
    app, citizen, prefix, session, engine
):
    publish_new(session)
    known = citizen.get(f"{prefix}/")
    session.close()
    # another process published: the stamp is new, the overview must be rendered anew …
    cache = app.extensions["cchc_public"].page_cache
    cache.stamps.append(lambda _session: "changed")
    cache.clock.expire()
    assert citizen.get(f"{prefix}/ky").status_code == 200
    # … and within the same second the database goes away
    with engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE cchc_release RENAME TO elsewhere")
    assert citizen.get(f"{prefix}/").data == known.data
