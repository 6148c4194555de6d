"""Commands in a host touch our tables and nothing of the host's."""

import sqlite3
from io import BytesIO

import pytest
from openpyxl import load_workbook
from sqlalchemy import text

from tests.hosts import STAFF
from tests.papers import text_of

pytestmark = [pytest.mark.databases("sqlite"), pytest.mark.hosts("full")]


@pytest.fixture
def run(app):
    """Run ``flask cchc …``, let go of the database first, as a command of its own does."""

    def invoke(*words, fails=False, **options):
        with app.app_context():
            app.extensions["sqlalchemy"].engine.dispose()
        result = app.test_cli_runner().invoke(args=["cchc", *words], **options)
        assert (result.exit_code != 0) == fails, result.output
        return result.output

    return invoke


@pytest.fixture
def people(app, engine):
    """Count the host's own people."""

    def count():
        with engine.connect() as connection:
            return connection.execute(text('SELECT count(*) FROM "user"')).scalar_one()

    return count


@pytest.mark.databases("sqlite", "postgresql")
def test_a_copy_holds_our_tables_only_and_brings_back_only_them(
    demo, run, people, engine, tmp_path, session
):
    session.close()
    copy = tmp_path / "sao.sqlite"
    run("backup", str(copy))
    with sqlite3.connect(copy) as opened:
        tables = {row[0] for row in opened.execute("SELECT name FROM sqlite_master")}
    assert "user" not in tables
    assert "cchc_release" in tables
    opened.close()
    with engine.begin() as connection:  # the host lives on, and one of our words is lost
        connection.execute(text("INSERT INTO \"user\" (email, name, role) VALUES ('m', 'M', 'c')"))
        connection.execute(text("UPDATE cchc_report SET version = version + 7"))
    engine.dispose()
    run("restore", str(copy), "--yes")
    assert people() == len(STAFF) + 1
    with engine.connect() as connection:
        assert connection.execute(text("SELECT min(version) FROM cchc_report")).scalar_one() < 7
    engine.dispose()
    assert "Bảng khớp" in run("db", "check")
    assert "Mọi thứ đều tốt" in run("doctor")  # the guards stand again


def test_uninstalling_leaves_nothing_of_ours_and_everything_of_the_hosts(run, people, engine):
    run("db", "downgrade", "base", "--yes")
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT name FROM sqlite_master WHERE name LIKE '%cchc%'"))
        assert rows.all() == []
    assert people() == len(STAFF)


def test_the_demo_asks_among_published_figures_and_names_itself(
    run, demo, procedures, engine, citizen
):
    run("demo")  # only demo figures here: once more changes nothing
    for path in ("/", "/ky/2023-6-thang", "/ky/2023-6-thang/ho-so"):
        assert "<b>Số liệu trình diễn.</b>" in citizen.get(f"/cchc{path}").text
    with engine.begin() as connection:
        connection.execute(text("DROP TRIGGER cchc_release_no_update"))
        connection.execute(text("UPDATE cchc_release SET published_by_name = 'Bà Lan'"))
    told = run("demo", fails=True)
    assert "Bà Lan" in told
    assert "--yes" in told
    run("demo", "--yes")


def test_every_face_of_the_demo_in_a_host_says_that_its_figures_are_samples(run, citizen):
    run("db", "upgrade")
    run("demo")
    for path in (
        "/nhung/tong-quan", "/nhung/ho-so", "/nhung/ho-so.html", "/nhung/hai-long",
        "/nhung/ho-so.svg", "/ky/2023-6-thang/ho-so.json", "/ky/2023-6-thang/ho-so.svg",
        "/ky/2023-6-thang/ban-doc.txt",
    ):  # fmt: skip
        assert "trình diễn" in citizen.get(f"/cchc{path}").text, path
    given = citizen.get("/cchc/ky/2023-6-thang/ho-so.csv").headers["Content-Disposition"]
    assert 'filename="trinh-dien-2023-6-thang-ho-so' in given
    book = load_workbook(BytesIO(citizen.get("/cchc/ky/2023-6-thang/ho-so.xlsx").data))
    assert "trình diễn" in str(book["ho-so"]["A2"].value)
    assert "TRÌNHDIỄN" in text_of(citizen.get("/cchc/ky/2023-6-thang/bao-cao.pdf").data)


def test_before_the_migrations_every_page_and_command_says_so_in_a_sentence(
    build_app, run, caplog, capfd
):
    run("db", "downgrade", "base", "--yes")
    caplog.clear()
    told = run("doctor", fails=True)
    assert "Chạy: flask cchc db upgrade" in told
    assert "Error: 1 chỗ cần sửa." in told
    app = build_app("bare", TESTING=False)
    citizen = app.test_client()
    for path in (
        "/",
        "/ky",
        "/thu-tuc?q=khai+sinh",
        "/mot-cua",
        "/man-hinh",
        "/nhung/ho-so",
    ):
        page = citizen.get(path)
        assert page.status_code == 503, path
        assert "Retry-After" in page.headers
    assert "db upgrade" in citizen.get("/ky").text
    assert citizen.get("/healthz").json["problem"] == "database-not-migrated"
    assert [one.getMessage() for one in caplog.records if one.exc_info] == []
    assert "Traceback" not in capfd.readouterr().err
