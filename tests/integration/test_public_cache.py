"""Kept pages: fresh at once after a publication, same bytes until then, alive without database."""

import gzip
import threading
from datetime import timedelta

import brotli
import pytest
from flask import Flask, request_started
from flask_babel import Babel
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import event

from cchc_public import CchcPublic
from cchc_public.web.caching import changes_at
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


@pytest.mark.everywhere
def test_a_second_reader_costs_no_query(citizen, prefix, session, queries, monkeypatch):
    monkeypatch.setattr(
        "cchc_public.web.page_store.INTERVAL", 60
    )  # seconds; a busy machine is slow
    publish_new(session)
    first = citizen.get(f"{prefix}/")
    queries.clear()
    second = citizen.get(f"{prefix}/")
    assert second.data == first.data
    assert queries == []


@pytest.mark.everywhere
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
        packed = citizen.get(f"{prefix}/", headers={"Accept-Encoding": "gzip"})
        smaller = citizen.get(f"{prefix}/", headers={"Accept-Encoding": "gzip, deflate, br"})
        plain = citizen.get(f"{prefix}/", headers={"Accept-Encoding": "gzip;q=0, identity"})
        assert gzip.decompress(packed.data) == brotli.decompress(smaller.data) == plain.data
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
    assert "cchc db upgrade" in unknown.text  # a table is missing: it says how to mend it
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


@pytest.mark.hosts("standalone", "bare")
@pytest.mark.databases("sqlite")
def test_a_copy_that_still_stands_is_told_so_without_rendering(
    app, citizen, prefix, session, queries
):
    publish_new(session)
    tag = citizen.get(f"{prefix}{PERIOD}").headers["ETag"]
    app.extensions["cchc_public"].page_cache.clear()
    queries.clear()
    again = citizen.get(f"{prefix}{PERIOD}", headers={"If-None-Match": tag})
    assert again.status_code == 304
    assert again.headers["ETag"] == tag
    assert "max-age=60" in again.headers["Cache-Control"]
    assert not [query for query in queries if "content" in query]
    publish_new(session, "2022-quy-1")
    other = citizen.get(f"{prefix}{PERIOD}", headers={"If-None-Match": tag})
    assert other.status_code == 200


@pytest.mark.hosts("standalone", "bare")
@pytest.mark.databases("sqlite")
def test_no_copy_outlives_the_instant_that_a_view_names(app, citizen, prefix, session, clock):
    clock.set(2024, 1, 1)
    publish_new(session)
    closing = clock.now + timedelta(minutes=10)
    view = app.view_functions["cchc.about"]

    def tell_the_desk(**values):
        is_open = clock.now < closing
        changes_at(closing if is_open else None)
        return view(**values).replace("</main>", f"<p>{'mở' if is_open else 'đóng'}</p></main>")

    app.view_functions["cchc.about"] = tell_the_desk
    first = citizen.get(f"{prefix}/ve-so-lieu")
    assert "<p>mở</p>" in first.text
    assert first.headers["Cache-Control"] == "public, max-age=60"  # nobody may show it stale
    clock.advance(minutes=9, seconds=30)
    kept = citizen.get(f"{prefix}/ve-so-lieu")
    assert kept.headers["Cache-Control"] == "public, max-age=30"
    clock.advance(seconds=30)
    closed = citizen.get(f"{prefix}/ve-so-lieu", headers={"If-None-Match": first.headers["ETag"]})
    assert "<p>đóng</p>" in closed.text


@pytest.mark.hosts("standalone")
@pytest.mark.databases("sqlite")
def test_a_crowd_that_asks_for_one_page_has_it_rendered_once(app, session):
    publish_new(session)
    view, renderings, start = app.view_functions["cchc.about"], [], threading.Barrier(8)

    def slow(**values):
        renderings.append(1)
        threading.Event().wait(0.3)
        return view(**values)

    app.view_functions["cchc.about"] = slow
    answers = []

    def ask():
        client = app.test_client()
        start.wait()
        answers.append(client.get("/ve-so-lieu").status_code)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [200] * 8
    assert len(renderings) == 1


@pytest.fixture
def woken():
    """Every request that reaches Flask."""
    seen = []

    def note(_app, **_more):
        seen.append(1)

    request_started.connect(note)
    yield seen
    request_started.disconnect(note)


@pytest.mark.hosts("standalone")
@pytest.mark.databases("sqlite")
def test_kept_pages_files_and_the_one_refusal_never_wake_flask(citizen, session, woken):
    publish_new(session)
    style = citizen.get("/").text.partition('rel="stylesheet" href="')[2].partition('"')[0]
    addresses = ("/", f"{PERIOD}/ho-so.json", style, "/khong-co", "/quan-tri/khong-co")
    first = [citizen.get(address) for address in addresses]
    woken.clear()
    for before, address in zip(first, addresses, strict=True):
        after = citizen.get(address)
        assert (after.status_code, after.data) == (before.status_code, before.data)
        assert dict(after.headers) | {"Vary": ""} == dict(before.headers) | {"Vary": ""}
    assert woken == []
    assert citizen.get("/khac/nua").status_code == 404
    assert woken == []
    assert citizen.get("/ky/2020-quy-1").status_code == 404
    assert citizen.post("/khong-co").status_code in (400, 404)
    assert len(woken) == 2


def build_host(engine, tmp_path, prepare=lambda _app: None):
    app = Flask("h", instance_path=str(tmp_path))
    url = engine.url.render_as_string(hide_password=False)
    app.config.update(SQLALCHEMY_DATABASE_URI=url, SECRET_KEY="x" * 40, CCHC_URL_PREFIX="")
    prepare(app)
    SQLAlchemy(app)
    CchcPublic(app)
    return app


def choose_language(app):
    Babel(app, locale_selector=lambda: "vi")


def count_readers(app):
    app.before_request(lambda: None)


def add_headers(app):
    app.after_request(lambda response: response)


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize(
    ("prepare", "wakes"),
    [(lambda _app: None, 0), (choose_language, 0), (count_readers, 1), (add_headers, 1)],
)
def test_a_host_is_woken_only_when_it_looks_at_every_request(
    engine, session, tmp_path, woken, prepare, wakes
):
    publish_new(session)
    app = build_host(engine, tmp_path, prepare)
    client = app.test_client()
    body = client.get("/").data
    woken.clear()
    assert client.get("/").data == body
    assert len(woken) == wakes
    with app.app_context():
        app.extensions["sqlalchemy"].engine.dispose()
