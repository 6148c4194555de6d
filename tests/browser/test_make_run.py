"""``make run`` on a fresh clone, as README promises: nothing prepared but Python, make and git."""

import os
import re
import signal
import subprocess
import time
import urllib.request
from pathlib import Path

import pytest

from tests.browser.conftest import free_port

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.browser


@pytest.fixture
def clone(tmp_path):
    """The tree as git would hand it out, with what is not committed yet laid over it."""
    folder = tmp_path / "clone"
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    for name in filter(None, listing.stdout.decode().split("\0")):
        source, target = ROOT / name, folder / name
        if source.is_file():
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(source.read_bytes())
    return folder


def read(url):
    with urllib.request.urlopen(url) as answer:
        return answer.read().decode()


def wait_until_served(url, run):
    for _ in range(600):
        assert run.poll() is None, "make run ended"
        try:
            return read(url)
        except OSError:
            time.sleep(0.5)
    raise AssertionError("make run did not serve")


def test_make_run_serves_the_demo_and_prints_accounts(clone):
    port = free_port()
    kept = {key: value for key, value in os.environ.items() if not key.startswith("CCHC_")}
    with (clone / "log").open("wb") as log:
        run = subprocess.Popen(
            ["make", "run", f"PORT={port}"],
            cwd=clone,
            # what is never imported need not be compiled
            env={**kept, "PYTHONUNBUFFERED": "1", "PIP_NO_COMPILE": "1"},
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            overview = wait_until_served(f"http://127.0.0.1:{port}/", run)
        finally:
            os.killpg(run.pid, signal.SIGTERM)
            run.wait(timeout=30)
    printed = (clone / "log").read_text()
    assert "6 tháng đầu năm 2023" in overview
    assert len(re.findall(r"\S+@kimthach\.example\s+\S+", printed)) == 3
    assert f"127.0.0.1:{port}" in printed
