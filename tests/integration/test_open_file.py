"""The database's file is removed, replaced, read-only; the disk is full; the clock goes back."""

import os
import resource
import shutil
import stat
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import create_engine, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from cchc_public.errors import PublicationBlocked
from cchc_public.health import Disk
from cchc_public.reports.drafting import get_report
from cchc_public.reports.publishing import accept_clock
from cchc_public.store import Report
from cchc_public.store.base import FileLost
from tests.integration.reports import AUTHORITY, CHAIR, CLERK, SLUG, change, publish, publish_new
from tests.office_forms import read_form, words

pytestmark = pytest.mark.databases("sqlite")
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def file(engine) -> Path:
    return Path(engine.url.database)


@pytest.fixture
def sheet(session, prefix):
    publish_new(session)
    session.close()
    return f"{prefix}/quan-tri/ky/{SLUG}/ho-so"


def take_away(file):
    for ending in ("", "-wal", "-shm"):
        source = file.with_name(file.name + ending)
        if source.exists():
            source.rename(file.with_name(f"away{ending}"))


def put_there(file):
    for ending in ("", "-wal", "-shm"):
        source = file.with_name(f"away{ending}")
        if source.exists():
            source.rename(file.with_name(file.name + ending))


@pytest.mark.everywhere
def test_nothing_is_acknowledged_once_the_file_is_gone(clerk, sheet, file, prefix):
    typed = read_form(clerk.get(sheet).text, "/ho-so") | {"r0.c.received_online": "4321"}
    take_away(file)
    for _ in range(10):
        refused = clerk.post(sheet, data=typed)
        assert refused.status_code == 503
        assert "Tệp cơ sở dữ liệu đã bị" in words(refused.text)
    assert clerk.get(sheet).status_code == 503
    assert clerk.get(f"{prefix}/healthz").status_code == 503
    put_there(file)
    clerk.get(sheet)  # a host's engine may have opened an empty file meanwhile
    assert clerk.post(sheet, data=typed).status_code == 302
    assert clerk.get(f"{prefix}/healthz").status_code == 200


@pytest.mark.everywhere
def test_a_file_put_in_its_place_is_noticed(clerk, sheet, file, prefix):
    typed = read_form(clerk.get(sheet).text, "/ho-so") | {"r0.c.received_online": "4321"}
    other = file.with_name("other.sqlite")
    shutil.copyfile(file, other)
    other.replace(file)
    refused = clerk.post(sheet, data=typed)
    assert refused.status_code == 503
    assert "bị thay bằng tệp khác" in words(refused.text)
    assert clerk.get(f"{prefix}/healthz").json["problem"] == "database-file-replaced"


def test_a_file_taken_between_writing_and_commit_is_noticed(engine, file):
    with Session(engine) as session:
        publish_new(session)
        change(session, get_report(session, SLUG), CLERK, online=11)
        take_away(file)
        with pytest.raises(FileLost):
            session.commit()
        session.rollback()


def test_a_file_taken_after_a_savepoint_was_taken_back_is_noticed(engine, file):
    with Session(engine) as session:
        publish_new(session)
        change(session, get_report(session, SLUG), CLERK, online=11)
        session.begin_nested().rollback()
        take_away(file)
        with pytest.raises(FileLost):
            session.commit()
        session.rollback()


def test_what_the_host_saves_in_its_own_tables_is_its_own_affair(engine, file):
    with Session(engine) as session:
        session.execute(select(Report)).all()
        take_away(file)
        session.commit()


@pytest.mark.hosts("standalone")
def test_the_file_is_for_its_owner_only(app, citizen, session, file):
    file.chmod(0o644)
    with app.app_context():
        app.extensions["sqlalchemy"].engine.dispose()
    publish_new(session)
    assert citizen.get("/").status_code == 200
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.hosts("standalone")
def test_no_empty_file_takes_the_place_of_the_one_that_was_there(app, citizen, session, file):
    publish_new(session)
    citizen.get("/ky")
    session.close()
    take_away(file)
    with app.app_context():
        app.extensions["sqlalchemy"].engine.dispose()
    health = citizen.get("/healthz")
    assert (health.status_code, health.json["problem"]) == (503, "database-file-removed")
    assert not file.exists()


def test_a_full_disk_is_told(tmp_path):
    """A limit on the size of files stands for the disk."""
    (tmp_path / "x.sqlite").write_bytes(b"x")
    ask = (
        "import sys; from sqlalchemy import make_url; from cchc_public.health import Disk\n"
        "print(Disk().problem(make_url(sys.argv[1])))"
    )

    def allow_little():
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))

    url = f"sqlite:///{tmp_path / 'x.sqlite'}"
    told = subprocess.run(
        [sys.executable, "-c", ask, url], cwd=ROOT, preexec_fn=allow_little, capture_output=True
    )
    assert told.stdout == b"disk-full\n", told.stderr
    assert os.listdir(tmp_path) == ["x.sqlite"]


def test_a_file_that_may_not_be_written_is_told(tmp_path, monkeypatch):
    engine = create_engine(f"sqlite:///{tmp_path / 'gone' / 'x.sqlite'}")
    assert Disk().problem(engine.url) == "disk-read-only"
    assert Disk().problem(create_engine("sqlite://").url) == ""


def test_a_clock_that_went_back_publishes_nothing(session, clock):
    clock.set(2024, 1, 1)
    report, _release = publish_new(session)
    clock.advance(days=-3)
    change(session, report, CLERK, online=11, pending_in_time=3)
    with pytest.raises(PublicationBlocked, match="Đồng hồ máy chủ"):
        publish(session, report, CHAIR, authority=AUTHORITY, reason="Đếm sót")
    session.rollback()
    clock.advance(days=3, minutes=-1)  # time servers correct some seconds
    change(session, report, CLERK, online=11, pending_in_time=3)
    later = publish(session, report, CHAIR, authority=AUTHORITY, reason="Đếm sót")
    assert later.number == 2
    assert clock.now + timedelta(minutes=2) > later.published_at


def test_after_a_clock_ran_ahead_the_operator_says_so_and_figures_go_on(session, clock):
    clock.set(2099, 1, 1)
    report, _release = publish_new(session)
    clock.set(2024, 1, 1)
    change(session, report, CLERK, online=11, pending_in_time=3)
    session.commit()
    with pytest.raises(PublicationBlocked, match="cchc accept-clock"):
        publish(session, report, CHAIR, authority=AUTHORITY, reason="Đếm sót")
    session.rollback()
    assert accept_clock(session, CLERK, "Pin đồng hồ hỏng").year == 2099
    assert accept_clock(session, CLERK, "Lần nữa") is None
    assert publish(session, report, CHAIR, authority=AUTHORITY, reason="Đếm sót").number == 2
    clock.advance(days=-1)  # from now on the clock is watched again
    change(session, report, CLERK, online=12, pending_in_time=4)
    with pytest.raises(PublicationBlocked, match="Đồng hồ máy chủ"):
        publish(session, report, CHAIR, authority=AUTHORITY, reason="Đếm sót")


def test_the_trail_is_read_in_the_order_it_was_written(session, clock):
    from cchc_public.store.writing import history, record

    for name, days in (("a", 0), ("b", -9), ("c", 1)):
        clock.advance(days=days)
        record(session, CLERK, name, "x")
    assert [line.action for line in history(session, "x")] == ["c", "b", "a"]
    with pytest.raises(OperationalError):
        raise FileLost("database-file-removed")
