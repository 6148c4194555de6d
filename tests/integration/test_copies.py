"""Safety copies: whole, checked, put back only when nothing is wrong and nobody is served."""

import hashlib
import os
import resource
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from cchc_public.health import examine_figures
from cchc_public.migrations import runner
from cchc_public.store import AuditEntry, Release
from cchc_public.store.snapshot import digest_rows
from tests.office_forms import words

ROOT = Path(__file__).resolve().parents[2]
standalone = pytest.mark.hosts("standalone")
sqlite = pytest.mark.databases("sqlite")


@pytest.fixture
def copy(run, demo, procedures, session, engine, tmp_path):
    """A copy of the site with the demo; afterwards nobody has the database open."""
    run("demo")
    session.close()
    file = tmp_path / "copy.sqlite"
    assert "Đã chép ra" in run("backup", file)
    engine.dispose()
    return file


@standalone
@sqlite
def test_a_copy_holds_everything_and_is_for_the_owner_only(run, copy):
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    with closing(sqlite3.connect(copy)) as connection:
        assert connection.execute("SELECT count(*) FROM cchc_release").fetchone() == (1,)
    assert "đã có" in run("backup", copy, code=1)
    assert not copy.with_name("copy.sqlite.partial").exists()
    checked = subprocess.run(
        ["sha256sum", "-c", "copy.sqlite.sha256"], cwd=copy.parent, capture_output=True
    )
    assert checked.returncode == 0


@pytest.mark.everywhere
@standalone
def test_a_copy_is_put_back_the_present_one_kept_and_a_line_written(
    run,
    copy,
    engine,
    tmp_path,
):
    run("user", "add", "sau@kimthach.example")
    run("restore", copy, "--yes")
    assert "sau@kimthach.example" not in run("user", "list")
    with Session(engine) as session:
        assert examine_figures(session) == ()
        newest = session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
        assert newest.action == "database.restore"
        assert newest.detail["file"] == "copy.sqlite"
        kept = tmp_path / newest.detail["kept"]
    engine.dispose()
    run("restore", kept, "--yes")
    assert "sau@kimthach.example" in run("user", "list")
    run("user", "add", "nua@kimthach.example")  # numbers go on where they were


@standalone
@pytest.mark.databases("postgresql")
def test_a_server_and_its_copy_hold_the_same_values(run, copy, engine):
    tables = runner.load_metadata().sorted_tables

    def values():
        with engine.connect() as connection:
            digest = digest_rows(connection, [t for t in tables if t.name != "cchc_audit_entry"])
            lines = connection.scalar(select(func.count(AuditEntry.id)))
        engine.dispose()
        return digest, lines

    digest, lines = values()
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM cchc_form_draft"))
        connection.execute(text("UPDATE cchc_report SET year = 1999"))
    engine.dispose()
    run("restore", copy, "--yes")
    # the copy does not hold the line of its own making; putting it back writes one
    assert values() == (digest, lines)


FORGERIES = {
    "only the version table": "DROP_ALL",
    "a migration of the future": "UPDATE cchc_alembic_version SET version_num = '9999'",
    "guards gone": "DROP_TRIGGERS",
    "content edited": "UPDATE cchc_release SET content = replace(content, '692', '693')",
    "newest release gone": "DELETE FROM cchc_release",
    "audit trail emptied": "DELETE FROM cchc_audit_entry",
    "a foreign trigger": "CREATE TRIGGER x AFTER INSERT ON cchc_user BEGIN SELECT 1; END",
    "one account more": (
        "INSERT INTO cchc_user (email, active, fs_uniquifier, full_name) "
        "SELECT 'x@y.example', 1, 'x', ''"
    ),
}


def forge(file, statement):
    with closing(sqlite3.connect(file)) as connection:
        triggers = connection.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
        ).fetchall()
        for name, _sql in triggers:
            connection.execute(f"DROP TRIGGER {name}")
        if statement == "DROP_ALL":
            tables = connection.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE 'cchc_%' "
                "AND name <> 'cchc_alembic_version'"
            ).fetchall()
            for (name,) in tables:
                connection.execute(f"DROP TABLE {name}")
        elif statement != "DROP_TRIGGERS":
            connection.execute(statement)
        if "DROP" not in statement:
            for _name, sql in triggers:
                connection.execute(sql)
        connection.commit()


@standalone
@sqlite
def test_eight_of_eight_wrong_files_are_refused(run, copy, tmp_path, engine):
    before = digest_of(engine)
    for number, (what, statement) in enumerate(FORGERIES.items()):
        file = tmp_path / f"forged-{number}.sqlite"
        file.write_bytes(copy.read_bytes())
        forge(file, statement)
        digest = hashlib.sha256(copy.read_bytes()).hexdigest()
        file.with_name(file.name + ".sha256").write_text(f"{digest}  {file.name}\n")
        assert "không khớp mã kiểm tra" in run("restore", file, "--yes", code=1), what
        if what == "one account more":
            continue  # nothing but the checksum can tell
        file.with_name(file.name + ".sha256").unlink()
        assert "--without-checksum" in run("restore", file, "--yes", code=1), what
        said = run("restore", file, "--yes", "--without-checksum", code=1)
        assert any(word in said for word in ("nguyên vẹn", "phiên bản", "thiếu bảng")), (what, said)
    assert digest_of(engine) == before


def digest_of(engine):
    with engine.connect() as connection:
        digest = digest_rows(connection, runner.load_metadata().sorted_tables)
    engine.dispose()
    return digest


@standalone
@sqlite
def test_a_damaged_or_foreign_file_is_never_put_back(run, tmp_path):
    damaged = tmp_path / "damaged.sqlite"
    damaged.write_bytes(b"not a database at all" * 100)
    said = run("restore", damaged, "--yes", "--without-checksum", code=1)
    assert "không phải cơ sở dữ liệu SQLite" in said
    foreign = tmp_path / "foreign.sqlite"
    with closing(sqlite3.connect(foreign)) as connection:
        connection.execute("CREATE TABLE x (y)")
    said = run("restore", foreign, "--yes", "--without-checksum", code=1)
    assert "không phải cơ sở dữ liệu của trang này" in said
    assert "quan-tri" in run("user", "list")


@pytest.mark.everywhere
@standalone
def test_nothing_is_put_back_under_a_running_site(run, copy, engine):
    holding = (
        "import sys; from sqlalchemy import create_engine, text\n"
        "with create_engine(sys.argv[1]).connect() as c:\n"
        "    c.execute(text('SELECT 1 FROM cchc_report')); print('open', flush=True)\n"
        "    sys.stdin.read()"
    )
    url = engine.url.render_as_string(hide_password=False)
    command = [sys.executable, "-c", holding, url]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as site:
        assert site.stdout.readline() == b"open\n"
        assert "Hãy dừng trang" in run("restore", copy, "--yes", code=1)
        site.stdin.close()
    assert "Đã lấy lại" in run("restore", copy, "--yes")


@standalone
@sqlite
def test_restore_asks_first(run, copy):
    run("restore", copy, code=1, input="n\n")


@standalone
@sqlite
def test_a_copy_from_an_older_version_is_brought_up(run, copy, engine, tmp_path):
    old = tmp_path / "old.sqlite"
    old.write_bytes(copy.read_bytes())
    from cchc_public.copies import opened

    with opened(old) as earlier:
        runner.downgrade(earlier, "0004")
    run("restore", old, "--yes", "--without-checksum")
    assert runner.is_current(engine)
    with Session(engine) as session:
        assert examine_figures(session) == ()


@pytest.mark.everywhere
@standalone
def test_going_back_a_version_keeps_a_copy(run, copy, engine, tmp_path):
    said = run("db", "downgrade", "0002", "--yes")
    kept = Path(said.split("đã giữ lại ở ")[1].splitlines()[0].rstrip("."))
    engine.dispose()
    run("restore", kept, "--yes")
    with Session(engine) as session:
        assert session.scalar(select(func.count(Release.id))) == 1


@standalone
@sqlite
def test_a_full_disk_ends_in_a_sentence_and_leaves_no_half_copy(copy, tmp_path):
    """A limit on the size of files stands for the disk: writing fails in the middle."""

    def allow_little():
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))

    target = tmp_path / "second.sqlite"
    done = subprocess.run(
        [sys.executable, "-m", "cchc_public", "backup", str(target)],
        cwd=ROOT,
        env={**os.environ, "CCHC_INSTANCE_PATH": str(tmp_path)},
        preexec_fn=allow_little,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert "Không chép được" in done.stderr
    assert "Traceback" not in done.stderr
    assert not target.exists()
    assert list(tmp_path.glob("second*")) == []


@standalone
@sqlite
def test_restore_says_first_what_would_be_lost(run, copy):
    run("user", "add", "sau@kimthach.example")
    said = run("restore", copy, code=1, input="n\n")
    assert "Lần công bố: đang có 1, sau khi lấy lại còn 1." in said
    assert "2 việc làm sau đó sẽ không còn" in said  # the back-up itself, and the account


@sqlite
class TestOffice:
    PAGE = "/quan-tri/sao-luu"

    def test_a_copy_is_made_examined_and_taken_along(self, admin, demo, prefix, session):
        page = prefix + self.PAGE
        assert "Chưa có bản sao lưu nào" in admin.get(page).text
        made = admin.post_form(page)
        assert made.status_code == 302
        name = made.location.rpartition("/")[2]
        shown = words(admin.get(made.location).text)
        assert "Lần công bố: đang có 1, sau khi lấy lại còn 1." in shown
        assert "1 việc làm sau đó sẽ không còn" in shown  # the making itself
        assert f'cchc restore "{Path(admin.application.instance_path) / "sao-luu" / name}"' in shown
        with admin.get(f"{made.location}/tep") as taken:
            digest = hashlib.sha256(taken.data).hexdigest()
        with admin.get(f"{made.location}/ma-kiem-tra") as noted:
            assert noted.text == f"{digest}  {name}\n"
        assert f"{name}</a>" in admin.get(page).text
        deeds = session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
        assert deeds[-2:] == ["database.backup", "export.backup"]

    def test_a_copy_that_somebody_changed_is_told(self, admin, prefix):
        made = admin.post_form(prefix + self.PAGE)
        file = Path(admin.application.instance_path) / "sao-luu" / made.location.rpartition("/")[2]
        forge(file, "DELETE FROM cchc_audit_entry")
        assert "Không lấy lại được bản này" in words(admin.get(made.location).text)

    def test_old_copies_go_when_a_new_one_is_made_but_never_the_newest(
        self, admin, prefix, session
    ):
        folder = Path(admin.application.instance_path) / "sao-luu"
        names = [admin.post_form(prefix + self.PAGE).location.rpartition("/")[2]]
        old = folder / "20200101-0000.sqlite"
        for file in (old, old.with_name(old.name + ".sha256"), folder / names[0]):
            file.touch()
            os.utime(file, (1, 1))
        shown = words(admin.get(prefix + self.PAGE).text)
        assert "Bản sao lưu mới nhất đã quá hai ngày" in shown
        newest = admin.post_form(prefix + self.PAGE).location.rpartition("/")[2]
        assert {file.name for file in folder.glob("*.sqlite")} == {newest}
        line = session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
        assert sorted(line.detail["dropped"]) == sorted([old.name, names[0]])

    @pytest.mark.parametrize("name", ["..%2Fcchc.sqlite", "x.sqlite", "x.sqlite.sha256"])
    def test_no_other_file_is_given_out(self, admin, prefix, name):
        for ending in ("", "/tep", "/ma-kiem-tra"):
            assert admin.get(f"{prefix}{self.PAGE}/{name}{ending}").status_code == 404
