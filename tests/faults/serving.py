"""Databases stopped, files taken, disks full or read-only, idle strangers, restarts, readers."""

from __future__ import annotations

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import timedelta
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from cchc_public.releases.content import verify_releases
from cchc_public.reports.drafting import get_report
from cchc_public.reports.publishing import approve, hand_in, next_due
from cchc_public.store import Release, utc_now
from tests.databases import open_engine
from tests.integration.reports import (
    AUTHORITY,
    CHAIR,
    CLERK,
    SLUG,
    change,
    open_filled,
    publish,
    publish_new,
)

PAGES = (
    "/", "/ky", f"/ky/{SLUG}", f"/ky/{SLUG}/ho-so", f"/ky/{SLUG}/ho-so.csv",
    f"/ky/{SLUG}/ho-so.json", "/hai-long", "/dinh-chinh", "/dinh-chinh.atom", "/ve-so-lieu",
    "/thu-tuc", "/thu-tuc?q=khai+sinh", "/tiep-cong-dan", "/nhung", "/nhung/ho-so",
    "/nhung/ho-so.svg", "/man-hinh", "/man-hinh/so-lieu", f"/ky/{SLUG}/bao-cao.pdf",
)  # fmt: skip


def command(*words: str) -> list[str]:
    """Return our own command line."""
    return [sys.executable, "-m", "cchc_public", *words]


@contextmanager
def site(
    folder: Path, url: str = "", port: int = 0
) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    """Serve the site in ``folder`` in a process of its own."""
    port = port or free_port()
    environment = {**os.environ, "CCHC_INSTANCE_PATH": str(folder), "CCHC_AUTHORITY_NAME": "Xã thử"}
    if url:
        environment["CCHC_DATABASE_URL"] = url
    with subprocess.Popen(  # noqa: S603
        command("serve", "--port", str(port)), env=environment,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    ) as server:  # fmt: skip
        try:
            for _ in range(1200):
                with suppress(OSError):
                    socket.create_connection(("127.0.0.1", port)).close()
                    break
                time.sleep(0.1)
            else:
                raise TimeoutError("the site did not start within two minutes")
            yield port, server
        finally:
            server.terminate()


def free_port() -> int:
    """Return a port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def ask(port: int, path: str, timeout: float = 30) -> tuple[int, bytes, dict[str, str]]:
    """Return status, body and headers; 0 when nothing answered."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=timeout) as answer:
            return answer.status, answer.read(), dict(answer.headers)
    except urllib.error.HTTPError as error:
        return error.code, error.read(), dict(error.headers)
    except OSError:
        return 0, b"", {}


def statuses(port: int, paths: tuple[str, ...] = PAGES) -> dict[int, int]:
    """Count the answers by status."""
    return dict(Counter(ask(port, path)[0] for path in paths))


def fill(url: str) -> None:
    """Publish one period."""
    engine = open_engine(url)
    with Session(engine) as session:
        publish_new(session)
    engine.dispose()


def count_stopped_database(server: object, url: str, folder: Path) -> Iterator[str]:
    """Stop PostgreSQL under a running site, then start the site without it."""
    fill(url)
    with site(folder, url) as (port, _process):
        warm = PAGES[:6]
        yield f"before: {statuses(port)}"
        for _ in range(100):  # the copy is written behind the answers
            if (folder / "cchc-public.sqlite").exists():
                break
            time.sleep(0.1)
        server.pause()  # type: ignore[attr-defined]
        yield f"stopped, asked before ({len(warm)}): {statuses(port, warm)}"
        yield f"stopped, all {len(PAGES)}: {statuses(port)}, health {ask(port, '/healthz')[0]}"
        told = "tạm thời không trả lời" in ask(port, "/")[1].decode()
        yield f"the page says so: {told}"
    with site(folder, url) as (port, _process):
        yield f"started without it, all {len(PAGES)}: {statuses(port)}"
        server.resume()  # type: ignore[attr-defined]
        time.sleep(6)
        back = ask(port, "/")[1].decode()
        yield f"it is back: {statuses(port)}, notice gone {'tạm thời không' not in back}"


def count_corrections(url: str, folder: Path, corrections: int = 10, requests: int = 10_000) -> str:
    """Read while figures are corrected: every answer whole, every answer of one release."""
    seen: Counter[str] = Counter()
    left = [requests]
    lock = threading.Lock()

    def read_on(port: int) -> None:
        while True:
            with lock:
                if left[0] <= 0:
                    return
                left[0] -= 1
            status, body, headers = ask(port, f"/ky/{SLUG}/ho-so.json")
            if status != 200:
                seen[f"status {status}"] += 1
                continue
            data = json.loads(body)
            said = json.dumps(data)
            whole = (
                f'"number": {headers["Cchc-Release"]}' in said and headers["Cchc-Digest"] in said
            )
            seen["whole" if whole else "torn"] += 1

    with site(folder, url) as (port, _process):
        readers = [threading.Thread(target=read_on, args=(port,)) for _ in range(4)]
        for reader in readers:
            reader.start()
        engine = open_engine(url)
        for number in range(corrections):
            with Session(engine) as session:
                report = get_report(session, SLUG)
                change(session, report, online=3000 + number, pending_in_time=2992 + number)
                publish(session, report, CHAIR, authority=AUTHORITY, reason="Đếm sót")
                session.commit()
            time.sleep(1)
        for reader in readers:
            reader.join()
        engine.dispose()
    return f"{requests} requests during {corrections} corrections: {dict(seen)}"


def count_idle(folder: Path, sockets: int = 200) -> str:
    """Hold so many connections that say nothing, and read."""
    with site(folder) as (port, _process):
        held = [socket.create_connection(("127.0.0.1", port)) for _ in range(sockets)]
        time.sleep(1)
        start = time.monotonic()
        found = statuses(port)
        took = time.monotonic() - start
        for one in held:
            one.close()
    return f"{sockets} idle sockets: {found} in {took:.1f} s"


BECOME_SERVER = """
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS="1")
os.execv(sys.executable, [sys.executable, "-m", "cchc_public", "serve"])
"""


def count_restarts(folder: Path, restarts: int = 3) -> str:
    """Restart under load while the port is held as systemd holds it."""
    seen: Counter[int] = Counter()
    stop = threading.Event()
    environment = {**os.environ, "CCHC_INSTANCE_PATH": str(folder)}
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        held.listen(1024)
        port = held.getsockname()[1]

        def start() -> subprocess.Popen[bytes]:
            return subprocess.Popen(  # noqa: S603
                [sys.executable, "-c", BECOME_SERVER, str(held.fileno())], env=environment,
                pass_fds=[held.fileno()], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            )  # fmt: skip

        def read_on() -> None:
            while not stop.is_set():
                seen[ask(port, "/", timeout=120)[0]] += 1

        server = start()
        ask(port, "/", timeout=120)
        readers = [threading.Thread(target=read_on) for _ in range(4)]
        for reader in readers:
            reader.start()
        for _ in range(restarts):
            time.sleep(2)
            server.send_signal(signal.SIGTERM)
            server.wait()
            server = start()
            ask(port, "/", timeout=120)
        stop.set()
        for reader in readers:
            reader.join()
        server.terminate()
        server.wait()
    return f"{restarts} restarts under load: {dict(seen)}"


DUE = ("2020-6-thang", "2021-6-thang", "2022-6-thang")


def count_killed_publications(url: str, folder: Path, rounds: int = 6) -> str:
    """Kill -9 what publishes at the set time: the timer in the middle, the server when it is due.

    Each round's periods must be public afterwards, once each, with a whole trail.
    """
    seen: Counter[str] = Counter()
    environment = {**os.environ, "CCHC_DATABASE_URL": url, "CCHC_INSTANCE_PATH": str(folder)}
    due_command, quiet = command("publish-due"), {"env": environment, "stdout": subprocess.DEVNULL}
    engine = open_engine(url)
    for number in range(rounds):
        by_server = number % 2 == 1
        with Session(engine) as session:
            due = utc_now() + timedelta(seconds=12 if by_server else -1)
            for slug in DUE if number == 0 else (f"{2010 + number}-6-thang",):
                report = open_filled(session, slug)
                hand_in(session, report, CLERK, authority=AUTHORITY)
                approve(session, report, CHAIR, authority=AUTHORITY, publish_at=due)
            session.commit()
            before = session.scalar(select(func.count(Release.id)))
        if by_server:
            with site(folder, url) as (port, server):
                while utc_now() < due:
                    ask(port, "/")
                server.kill()
            with site(folder, url) as (port, _server):
                seen[f"server: {ask(port, f'/ky/{slug}')[0]}"] += 1
        else:
            with subprocess.Popen(due_command, **quiet) as timer:  # noqa: S603
                while timer.poll() is None:
                    with Session(engine) as session:
                        if session.scalar(select(func.count(Release.id))) > before:
                            timer.kill()
                            break
            subprocess.run(due_command, check=True, **quiet)  # noqa: S603
        with Session(engine) as session:
            query = select(Release.period_slug, func.count()).group_by(Release.period_slug)
            seen["periods published more than once"] += sum(
                n > 1 for _s, n in session.execute(query)
            )
            seen["still waiting"] += next_due(session) is not None
            seen["faults"] += len(verify_releases(session))
    engine.dispose()
    return f"{rounds} killed publications: {dict(seen)}"


def count_full_disk(folder: Path) -> Iterator[str]:
    """A small disk that fills up, then one that may not be written."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", str(folder)]
    if subprocess.run(mount, capture_output=True).returncode:  # noqa: S603
        yield "no small disk can be mounted here (needs root): not tried"
        return
    try:
        yield from _on_small_disk(folder)
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=False)  # noqa: S603, S607


def _on_small_disk(folder: Path) -> Iterator[str]:
    environment = {**os.environ, "CCHC_INSTANCE_PATH": str(folder)}
    subprocess.run(command("db", "upgrade"), env=environment, check=True, capture_output=True)  # noqa: S603
    url = f"sqlite:///{folder / 'cchc.sqlite'}"
    fill(url)
    with site(folder) as (port, _process):
        statuses(port)
        engine = open_engine(url)
        saved = failed = figure = 0
        while failed < 5 and figure < 4000:
            figure += 1
            try:
                with Session(engine) as session:
                    change(session, get_report(session, SLUG), online=figure)
                    session.commit()
                saved = figure
            except Exception:  # noqa: BLE001 - the disk is full, in whatever words
                failed += 1
        engine.dispose()
        with closing(sqlite3.connect(folder / "cchc.sqlite")) as database:
            (content,) = database.execute(
                "SELECT content FROM cchc_sheet WHERE table_code = 'ho-so'"
            ).fetchone()
            whole = database.execute("PRAGMA integrity_check").fetchone()[0]
        kept = f'"received_online": {saved}' in json.dumps(json.loads(content))
        yield f"full disk: {saved} saves acknowledged, the last one kept {kept}, database {whole}"
        time.sleep(11)  # health tries the disk every ten seconds
        yield f"full disk: pages {statuses(port)}, health {ask(port, '/healthz')[:2]}"
        copied = subprocess.run(  # noqa: S603
            command("backup", str(folder / "copy.sqlite")),
            env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        yield f"full disk: backup says {copied.stderr.strip()[:120]!r}"
    subprocess.run(["mount", "-o", "remount,ro", str(folder)], check=True)  # noqa: S603, S607
    with site(folder) as (port, _process):
        health = ask(port, "/healthz")[:2]
        yield f"started on a read-only disk: pages {statuses(port)}, health {health}"


def count_file_removed(folder: Path) -> str:
    """Take the file away under the running site; look at health and pages."""
    with site(folder) as (port, _process):
        before = statuses(port)
        for ending in ("", "-wal", "-shm"):
            (folder / f"cchc.sqlite{ending}").unlink(missing_ok=True)
        health = ask(port, "/healthz")
        after = statuses(port)
        back = (folder / "cchc.sqlite").exists()
    return f"file removed: pages {before} then {after}, health {health[:2]}, empty file made {back}"
