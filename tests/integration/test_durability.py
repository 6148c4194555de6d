"""What was acknowledged survives kill -9; real processes, real files."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from cchc_public.releases.drafting import get_report, get_sheet, history
from tests.integration.reports import SLUG, change, open_filled

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
