"""The database is gone: every public page, widget, search and file answers, also after a start."""

import re
from contextlib import contextmanager
from dataclasses import replace

import pytest
from sqlalchemy import delete, select, text

from cchc_public.cli import OPERATOR
from cchc_public.demo import load_demo_reception
from cchc_public.health import find_lost_releases
from cchc_public.migrations import runner
from cchc_public.procedures.batches import undo_batch
from cchc_public.procedures.importing import import_files
from cchc_public.procedures.saving import get_procedure, list_batches, read_record, save_procedure
from cchc_public.site import create_app
from cchc_public.store import Procedure, ProcedureRevision
from cchc_public.store.base import today
from cchc_public.store.snapshot import PUBLIC
from cchc_public.web.caching import refresh_snapshot
from tests.hosts import STAFF
from tests.integration.reports import SLUG, publish_new

PRIVATE = {
    "cchc_attempts", "cchc_form_draft", "cchc_hand_in", "cchc_preview_link", "cchc_remark",
    "cchc_import_batch", "cchc_report", "cchc_role",
    "cchc_sheet", "cchc_sign_in", "cchc_user", "cchc_user_role", "cchc_warning_reason",
    "cchc_webauthn", "cchc_unanswered_query", "cchc_helpful", "cchc_reading_answer",
}  # fmt: skip
NOTICE = re.compile(
    r"(?:<div[^>]*>)?<p[^>]*>Cơ sở dữ liệu tạm thời không trả lời[^<]*</p>(?:</div>)?"
)
# tables that stay: the site's own session cookie asks them on public pages of no host
FILES = (
    f"/ky/{SLUG}/ho-so.csv", f"/ky/{SLUG}/ho-so.json", f"/ky/{SLUG}/ho-so.xlsx",
    "/dinh-chinh.atom", "/tiep-cong-dan.ics", "/nhung/ho-so", "/nhung/ho-so.svg",
    "/nhung/ho-so.html", "/man-hinh", "/man-hinh/so-lieu", "/thu-tuc?q=khai+sinh",
)  # fmt: skip


@pytest.fixture
def everything(app, session, procedures):
    """Figures, procedures, desk: published, and copied into the snapshot."""
    publish_new(session)
    load_demo_reception(session, today(), OPERATOR)
    session.commit()
    session.close()
    refresh_snapshot(app)


@contextmanager
def database_gone(app, engine):
    """Take all our tables away; nothing can be read or written any more."""
    names = [table.name for table in runner.load_metadata().sorted_tables]
    with engine.begin() as connection:
        for name in names:
            connection.execute(text(f"ALTER TABLE {name} RENAME TO gone_{name}"))
    app.extensions["cchc_public"].page_cache.clear()
    try:
        yield
    finally:
        with engine.begin() as connection:
            for name in names:
                connection.execute(text(f"ALTER TABLE gone_{name} RENAME TO {name}"))


def crawl(client, prefix):
    """Return what every address answers that one reaches from the front page, and all files."""
    found, waiting = {}, [f"{prefix}/", *(prefix + path for path in FILES)]
    while waiting and len(found) < 70:
        address = waiting.pop(0)
        if address in found:
            continue
        answer = client.get(address)
        found[address] = (answer.status_code, answer.mimetype, answer.data)
        if answer.mimetype == "text/html":
            links = re.findall(r'href="(/[^"#]*)', answer.text)
            others = ("_cchc", ".pdf", "/en/")  # the twins are made by the same code
            waiting += [link for link in links if not any(part in link for part in others)]
    return found


@pytest.mark.everywhere
@pytest.mark.usefixtures("everything")
def test_every_public_page_answers_as_before_and_says_so(app, citizen, prefix, engine):
    before = crawl(citizen, prefix)
    with database_gone(app, engine):
        for address, (status, mimetype, body) in before.items():
            answer = citizen.get(address)
            assert (answer.status_code, answer.mimetype) == (status, mimetype), address
            if status == 200:
                assert answer.headers["Cchc-Snapshot"], address
            if address.endswith("/ho-so.html"):
                assert answer.data == body  # copied into a portal for good: no notice of today
            elif mimetype == "text/html" and status == 200:
                assert len(NOTICE.findall(answer.text)) == 1, address
                assert plain(answer.text) == plain(body.decode()), address
            elif mimetype in ("text/csv", "application/json", "image/svg+xml"):
                assert answer.data == body, address
        assert len(before) > 20
        assert citizen.get(f"{prefix}/healthz").status_code == 503
    app.extensions["cchc_public"].page_cache.clock.expire()
    assert not NOTICE.search(citizen.get(f"{prefix}/").text)


def plain(page):
    """A page without notice, and without what a host's frame draws anew each time."""
    page = re.sub(r"\s+", " ", NOTICE.sub("", page)).strip()
    return re.sub(r'(csrf[^>]*(?:content|value)=)"[^"]*"', r"\1", page)


@pytest.mark.everywhere
@pytest.mark.hosts("standalone")
@pytest.mark.usefixtures("everything")
def test_a_process_that_starts_without_database_answers_too(app, engine):
    with database_gone(app, engine):
        again = create_app(
            {
                "CCHC_INSTANCE_PATH": app.instance_path,
                "CCHC_DATABASE_URL": engine.url.render_as_string(hide_password=False),
                "CCHC_AUTHORITY_NAME": "Xã thử",
            }
        )
        client = again.test_client()
        for path in ("/", f"/ky/{SLUG}/ho-so", "/thu-tuc?q=khai+sinh", "/tiep-cong-dan"):
            page = client.get(path)
            assert page.status_code == 200, path
            assert NOTICE.search(page.text), path
        with again.app_context():
            again.extensions["sqlalchemy"].engine.dispose()


@pytest.mark.databases("sqlite")
@pytest.mark.usefixtures("everything")
def test_a_database_that_fails_in_the_middle_of_a_page_is_hidden(app, citizen, prefix, engine):
    citizen.get(f"{prefix}/ky")  # the stamp is known for a second
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE cchc_release RENAME TO elsewhere"))
    page = citizen.get(f"{prefix}/ky/{SLUG}")
    assert page.status_code == 200
    assert NOTICE.search(page.text)
    assert citizen.get(f"{prefix}/ky/2020-quy-1").status_code == 404


@pytest.mark.hosts("standalone")
@pytest.mark.databases("sqlite")
@pytest.mark.usefixtures("everything")
def test_the_copy_holds_nothing_of_the_staff_and_is_for_its_owner(tmp_path):
    file = tmp_path / "cchc-public.sqlite"
    assert file.stat().st_mode & 0o077 == 0
    content = file.read_bytes()
    for secret in ("argon2", STAFF["clerk"][0], "Nguyễn Thị Lan"):
        assert secret.encode() not in content
    assert "Đất đai".encode() in content


@pytest.mark.hosts("standalone")
@pytest.mark.databases("sqlite")
@pytest.mark.usefixtures("everything")
def test_a_publication_and_an_edit_reach_the_copy(app, citizen, session):
    snapshot = app.extensions["cchc_public"].page_cache.snapshot
    stamp = snapshot.stamp
    publish_new(session, "2022-quy-1")
    with citizen.get("/ky", buffered=True) as answer:
        assert answer.status_code == 200
    assert snapshot.stamp != stamp


@pytest.mark.hosts("standalone")
@pytest.mark.databases("sqlite")
@pytest.mark.usefixtures("everything")
def test_the_copy_follows_the_list_edit_by_edit_and_back_in_time(app, session):
    snapshot = app.extensions["cchc_public"].page_cache.snapshot
    asked = select(Procedure.code, Procedure.name, Procedure.is_posted, Procedure.details)
    history = select(ProcedureRevision.token)

    def follows():
        session.commit()
        refresh_snapshot(app)
        with snapshot.open() as copy:
            assert set(copy.scalars(history)) == set(session.scalars(history))
            found, wanted = (
                {row.code: tuple(row) for row in one.execute(asked)} for one in (copy, session)
            )
            assert found == wanted
        return len(found)

    row = get_procedure(session, "1.001193")
    record = replace(read_record(row), name="Thủ tục đăng ký khai sinh, tên mới")
    save_procedure(session, record, OPERATOR, version=row.version)
    assert follows() == 277
    rows = b"code,name,field\n9.000001,M\xe1\xbb\x9bi,H\xe1\xbb\x99 t\xe1\xbb\x8bch\n"
    import_files(session, [("them.csv", rows)], OPERATOR)
    assert follows() == 278
    undo_batch(session, list_batches(session)[0], OPERATOR)
    assert follows() == 277
    session.execute(delete(Procedure).where(Procedure.code == "1.000894"))
    session.execute(text("DROP TRIGGER IF EXISTS cchc_procedure_revision_no_delete"))
    session.execute(
        delete(ProcedureRevision).where(ProcedureRevision.procedure_code == "1.000894")
    )  # as an older database that was put back
    assert follows() == 276


@pytest.mark.everywhere
@pytest.mark.hosts("standalone")
@pytest.mark.usefixtures("everything")
def test_a_database_that_lost_a_release_is_found_out_by_the_copy(app, session, run):
    publish_new(session, "2022-quy-1")
    refresh_snapshot(app)
    held = app.extensions["cchc_public"].page_cache.snapshot.stamp
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        connection.execute(text("DROP TRIGGER cchc_release_no_delete"))
        connection.execute(text("DROP TRIGGER cchc_audit_entry_no_delete"))
    else:
        for table in ("cchc_release", "cchc_audit_entry"):
            connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
    connection.execute(text("DELETE FROM cchc_release WHERE period_slug = '2022-quy-1'"))
    connection.execute(text("DELETE FROM cchc_audit_entry WHERE subject LIKE '2022-quy-1%'"))
    session.commit()
    refresh_snapshot(app)
    assert app.extensions["cchc_public"].page_cache.snapshot.stamp == held
    with app.app_context():
        assert find_lost_releases(session) == (
            "2022-quy-1 lần 1: đã công bố nhưng không còn như trước",
        )
    session.close()
    assert "2022-quy-1 lần 1" in run("doctor", code=1)


def test_every_table_is_public_or_private():
    names = {table.name for table in runner.load_metadata().sorted_tables}
    assert names == PRIVATE | set(PUBLIC)
    assert not PRIVATE & set(PUBLIC)
