"""The real server: idle strangers, waiting writers, restarts; its journal and samples."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from cchc_public.cli.serving import Server
from cchc_public.migrations import runner
from tests.hosts import PASSWORD, STAFF
from tests.integration.reports import publish_new

ROOT = Path(__file__).resolve().parents[2]


def alone(test):
    return pytest.mark.hosts("standalone")(pytest.mark.databases("sqlite")(test))


@alone
class TestServing:
    def test_a_database_that_is_not_migrated_is_not_served(self, run, engine):
        runner.downgrade(engine, "0003")
        assert "cchc db upgrade" in run("serve", "--port", "0", code=1)

    def test_a_busy_port_is_one_sentence(self, engine, tmp_path):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            with serving(tmp_path, taken.getsockname()[1]) as server:
                assert server.wait(timeout=60) == 1
                said = server.stderr.read().decode()
        assert said.startswith("Error: Không mở được cổng")
        assert said.count("\n") == 1

    def test_it_serves_for_real(self, engine, tmp_path):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        with serving(tmp_path, port):
            assert ask(port)["ready"]
            forwarded = {"X-Forwarded-For": "203.0.113.9"}
            page = urllib.request.Request(f"http://127.0.0.1:{port}/ky", headers=forwarded)
            urllib.request.urlopen(page, timeout=30).close()
        assert (tmp_path / "proxy-seen").exists()  # what a proxy says reaches the site


@contextmanager
def serving(folder, port):
    """Run the real server in its own process on the site in ``folder``."""
    environment = {**os.environ, "CCHC_INSTANCE_PATH": str(folder)}
    command = [sys.executable, "-m", "cchc_public", "serve", "--port", str(port)]
    with subprocess.Popen(
        command,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        cwd=ROOT,
    ) as server:
        try:
            yield server
        finally:
            server.terminate()


def ask(port):
    """Return what /healthz says, waiting for the server to come up."""
    for _ in range(1200):  # a busy machine is slow
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz") as answer:
                return json.load(answer)
        except OSError:
            time.sleep(0.1)
    raise AssertionError("the server did not come up")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def listening(app, threads=4, **config):
    """Our server in a thread of this process."""
    app.config = {"MAX_CONTENT_LENGTH": 1_000_000, **config}
    port = free_port()
    server = Server(app, "127.0.0.1", port, threads)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        yield port, server
    finally:
        server.stop(signal.SIGTERM, None)
        thread.join()


class SlowForms:
    """An app whose forms wait, as for a lock of the database, until they are let go."""

    def __init__(self):
        self.go_on = threading.Event()

    def __call__(self, environ, start_response):
        if environ["REQUEST_METHOD"] == "POST":
            self.go_on.wait(20)
        start_response("200 OK", [("Content-Length", "2")])
        return [b"ok"]


def fetch(port, path="/", data=None):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", data=data, timeout=90) as answer:
        return answer.read()


def test_writers_who_wait_never_delay_readers():
    app = SlowForms()
    with listening(app) as (port, _server), ThreadPoolExecutor(12) as pool:
        forms = [pool.submit(fetch, port, "/", b"x=1") for _ in range(12)]
        assert [fetch(port) for _ in range(20)] == [b"ok"] * 20
        assert not any(form.done() for form in forms)
        app.go_on.set()
        assert [form.result() for form in forms] == [b"ok"] * 12


def test_idle_connections_give_way_to_new_ones():
    with listening(SlowForms()) as (port, server), ExitStack() as held:
        server._servers[0].adj.connection_limit = 60  # noqa: SLF001 - the system allows far more
        for _ in range(150):
            held.enter_context(socket.create_connection(("127.0.0.1", port)))
            time.sleep(0.001)
        assert [fetch(port) for _ in range(20)] == [b"ok"] * 20


def test_an_answer_without_body_keeps_the_connection():
    def not_changed(_environ, start_response):
        start_response("304 NOT MODIFIED", [("ETag", '"x"')])
        return []

    not_changed.config = {}
    with (
        listening(not_changed) as (port, _server),
        socket.create_connection(("127.0.0.1", port)) as connection,
    ):
        for _ in range(3):
            connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            answer = connection.recv(65536)
            assert answer.startswith(b"HTTP/1.1 304")
            assert b"Connection" not in answer


def test_what_was_begun_is_finished_when_the_server_stops():
    app = SlowForms()
    with ThreadPoolExecutor(1) as pool:
        with listening(app) as (port, server):
            form = pool.submit(fetch, port, "/", b"x=1")
            while not any(c.requests for c in server._servers[0].active_channels.values()):  # noqa: SLF001
                time.sleep(0.01)
            server.stop(signal.SIGTERM, None)
            threading.Timer(0.3, app.go_on.set).start()
        assert form.result() == b"ok"


@alone
def test_a_restart_refuses_nobody_while_systemd_holds_the_port(app, session, tmp_path):
    publish_new(session)
    session.close()
    refused, stop = [], threading.Event()
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        held.listen(1024)
        port = held.getsockname()[1]

        def read_on():
            while not stop.is_set():
                try:
                    fetch(port)
                except OSError as error:
                    refused.append(error)

        with activated(held, tmp_path) as first:
            fetch(port)
            readers = [threading.Thread(target=read_on) for _ in range(4)]
            for reader in readers:
                reader.start()
            first.send_signal(signal.SIGTERM)
            assert first.wait(timeout=60) == 0
        with activated(held, tmp_path):
            fetch(port)
            stop.set()
            for reader in readers:
                reader.join()
    assert refused == []


BECOME_SERVER = """
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS="1")
os.execv(sys.executable, [sys.executable, "-m", "cchc_public", "serve"])
"""


@contextmanager
def activated(held, folder):
    """Run the server as systemd does: the socket is there before it, as number 3."""
    with subprocess.Popen(
        [sys.executable, "-c", BECOME_SERVER, str(held.fileno())],
        cwd=ROOT,
        env={**os.environ, "CCHC_INSTANCE_PATH": str(folder)},
        pass_fds=[held.fileno()],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as server:
        try:
            yield server
        finally:
            server.terminate()


@alone
def test_the_journal_tells_deeds_and_refusals_without_personal_data(app, session, tmp_path):
    publish_new(session)
    session.close()
    port = free_port()
    with serving(tmp_path, port) as server:
        ask(port)
        opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
        address = f"http://127.0.0.1:{port}/quan-tri/dang-nhap"

        def sign_in(password):
            page = opener.open(address).read().decode()
            token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)[1]
            fields = {"email": STAFF["clerk"][0], "password": password, "csrf_token": token}
            opener.open(address, urllib.parse.urlencode(fields).encode()).read()

        sign_in("doan-mo")
        sign_in(PASSWORD)
        with pytest.raises(urllib.error.HTTPError):
            opener.open(f"http://127.0.0.1:{port}/quan-tri/tai-khoan?bi-mat=1")
        server.terminate()
        lines = [json.loads(line) for line in server.stderr.read().decode().splitlines()]
    events = {line["message"]: line for line in lines}
    assert {"sign-in-failed", "sign-in", "refused"} <= events.keys()
    assert events["sign-in"]["account"]
    assert re.fullmatch("[0-9a-f]{16}", events["refused"]["request"])
    told = json.dumps(lines)
    for secret in (STAFF["clerk"][0], PASSWORD, "doan-mo", "bi-mat", "127.0.0.1"):
        assert secret not in told


@alone
class TestWatching:
    def test_only_named_hosts_are_answered_when_some_are_named(self, build_app):
        app = build_app(
            "standalone",
            CCHC_TRUSTED_HOSTS=("xa.example",),
            CCHC_CANONICAL_URL="https://chinh-thuc.example",
        )
        client = app.test_client()
        for host in ("xa.example", "chinh-thuc.example", "localhost"):
            assert client.get("/ky", base_url=f"http://{host}").status_code == 200
        assert client.get("/ky", base_url="http://ke-gian.example").status_code == 400

    def test_whom_to_tell_about_a_weakness(self, build_app, clock):
        assert (
            build_app("standalone").test_client().get("/.well-known/security.txt").status_code
            == 404
        )
        app = build_app("standalone", CCHC_SECURITY_CONTACT="mailto:an-toan@xa.example")
        text = app.test_client().get("/.well-known/security.txt").text
        assert "Contact: mailto:an-toan@xa.example\n" in text
        assert "Expires: 2024-06-01T00:00:00Z\n" in text

    def test_a_proxy_that_nobody_trusts_is_found(self, app, run, client):
        headers = {"X-Forwarded-For": "203.0.113.9"}
        client.get("/ky", headers=headers, environ_base={"REMOTE_ADDR": "1.1.1.1"})
        assert "TRUSTED_PROXIES" not in run("doctor")
        client.get("/ky/2020-quy-1", headers=headers)
        assert "CCHC_TRUSTED_PROXIES" in run("doctor", code=1)

    def test_samples_are_filled_in(self, run):
        assert "proxy_cache cchc" in run("sample", "nginx")
        units = run("sample", "systemd")
        assert "ListenStream" in units
        assert not re.search(r"@[A-Z]+@", units + run("sample", "nginx"))


def test_another_wsgi_server_gets_the_same_journal(tmp_path):
    """What ``gunicorn wsgi:app`` imports."""
    program = "from wsgi import app; app.test_client().post('/quan-tri/dang-nhap')"
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT, env={**os.environ, "CCHC_INSTANCE_PATH": str(tmp_path)},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    lines = [json.loads(line) for line in done.stderr.splitlines() if line.startswith("{")]
    refused = [line for line in lines if line["message"] == "refused"]
    assert [(line["status"], line["path"]) for line in refused] == [(400, "/quan-tri/dang-nhap")]
    assert refused[0]["request"]
