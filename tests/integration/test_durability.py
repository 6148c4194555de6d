"""What was acknowledged survives kill -9; real processes, real files."""

import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from sqlalchemy import create_engine, event, text
from sqlalchemy.orm import Session

from cchc_public.errors import StaleRevision
from cchc_public.reports.drafting import get_report, get_sheet, save_sheet, sheet_version
from cchc_public.store.writing import history
from tests.integration.reports import CLERK, SLUG, change, dossiers, open_filled

ROOT = Path(__file__).resolve().parents[2]


def save_until_killed(url, start, saves):
    """Run the child, kill it after so many acknowledged saves; return the last acknowledged."""
    command = [sys.executable, "-m", "tests.integration.saving_child", url, str(start)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as child:
        acknowledged = [int(child.stdout.readline()) for _ in range(saves)]
        child.send_signal(signal.SIGKILL)
        # lines that were on their way when it was killed are acknowledgements too
        acknowledged += [int(line) for line in child.stdout if line.strip()]
        child.wait()
    return acknowledged[-1]


@pytest.mark.parametrize("saves", [1, 7, 30])
def test_kill_minus_nine_during_saves_loses_nothing_acknowledged(
    session, engine, database_url, saves
):
    open_filled(session)
    session.commit()
    session.close()
    last = save_until_killed(database_url, 100, saves)
    with Session(engine) as again:
        if engine.dialect.name == "sqlite":
            assert again.scalar(text("PRAGMA integrity_check")) == "ok"
        report = get_report(again, SLUG)
        stored = get_sheet(report, "ho-so").rows[0].cells["received_online"]
        # the save after the last acknowledged one may be there or not, never half of it
        assert stored in (last, last + 1)
        newest = history(again, f"{SLUG}/ho-so")[0]
        (told,) = [c["new"] for c in newest.changes if c["column"] == "received_online"]
        assert told == stored
        change(again, report, online=5)  # and the site goes on saving
        again.commit()


def test_of_eight_clerks_saving_at_the_same_moment_one_wins_and_seven_are_told(session, engine):
    report = open_filled(session)
    session.commit()
    version = sheet_version(report, "ho-so")
    start = threading.Barrier(8)
    won, told, failures = [], [], []

    def save(figure):
        try:
            with Session(engine) as own:
                mine = get_report(own, SLUG)
                sheet = dossiers(mine, online=figure)
                start.wait()
                save_sheet(own, mine, sheet, version=version, actor=CLERK)
                own.commit()
                won.append(figure)
        except StaleRevision:
            told.append(figure)
        except Exception as error:  # noqa: BLE001 - whatever it is, the test must see it
            failures.append(error)

    threads = [threading.Thread(target=save, args=(figure,)) for figure in range(20, 28)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert (len(won), len(told)) == (1, 7)
    session.expire_all()
    assert get_sheet(report, "ho-so").rows[0].cells["received_online"] == won[0]
    assert sheet_version(report, "ho-so") == version + 1


@pytest.mark.databases("sqlite")
def test_who_waits_for_the_write_lock_in_vain_is_told_so(session, database_url):
    report = open_filled(session)
    session.commit()
    impatient = create_engine(database_url, connect_args={"timeout": 0.1})
    with impatient.connect() as holder, Session(impatient) as waiting:
        holder.exec_driver_sql("BEGIN IMMEDIATE")
        with pytest.raises(StaleRevision, match="cùng lúc"):
            change(waiting, get_report(waiting, report.slug), online=30)
        holder.rollback()
        waiting.rollback()
        change(waiting, get_report(waiting, report.slug), online=30)
        waiting.commit()
    impatient.dispose()


@pytest.mark.databases("sqlite")
def test_a_host_that_begins_transactions_itself_gets_the_same_sentence(session, database_url):
    """SQLAlchemy's recipe for savepoints: the snapshot is as old as the first read."""
    open_filled(session)
    session.commit()
    host = create_engine(database_url)

    @event.listens_for(host, "connect")
    def leave_transactions_to_us(connection, _record):
        connection.isolation_level = None

    @event.listens_for(host, "begin")
    def begin(connection):
        connection.exec_driver_sql("BEGIN")

    with Session(host) as slow:
        theirs = get_report(slow, SLUG)
        sheet = dossiers(theirs, online=30)
        version = sheet_version(theirs, "ho-so")
        change(session, get_report(session, SLUG), online=40)
        session.commit()
        with pytest.raises(StaleRevision):
            save_sheet(slow, theirs, sheet, version=version, actor=CLERK)
        slow.rollback()
        change(slow, get_report(slow, SLUG), online=30)
        slow.commit()
    host.dispose()
