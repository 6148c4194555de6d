"""Starts real waitress servers in their own processes and asks them over raw sockets."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

BARE = """
import sys
from flask import Flask, Response
from waitress import serve
body = open(sys.argv[2], "rb").read()
headers = [line.split(": ", 1) for line in open(sys.argv[3]).read().splitlines()]
app = Flask(__name__)
@app.route("/")
def bare():
    return Response(body, headers=headers)
serve(app, host="127.0.0.1", port=int(sys.argv[1]), threads=4)
"""


PIDS: dict[int, int] = {}  # of the servers that run, by port


def processor_seconds(port: int) -> float:
    """Return what the server at ``port`` has used so far; unlike time, no neighbour changes it."""
    # in nanoseconds; the ticks of ``stat`` are as long as fifty answers
    threads = Path(f"/proc/{PIDS[port]}/task").glob("*/schedstat")
    return sum(int(file.read_text().split()[0]) for file in threads) / 1e9


def free_port() -> int:
    """Return a port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until_up(port: int) -> None:
    """Wait up to 30 seconds for a listener."""
    for _ in range(300):
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"nothing listens on {port}")


@contextmanager
def running(command: list[str], port: int, **environment: str) -> Iterator[int]:
    """Run a server for the length of the block."""
    server = subprocess.Popen(  # noqa: S603 our own command
        command, env={**os.environ, **environment}, stdout=subprocess.DEVNULL
    )
    PIDS[port] = server.pid
    try:
        wait_until_up(port)
        yield port
    finally:
        server.terminate()
        server.wait(timeout=20)


@contextmanager
def our_site(instance: Path, **extra: str) -> Iterator[int]:
    """Serve the stand-alone site with the demo."""
    port = free_port()
    cchc = str(Path(sys.executable).with_name("cchc"))
    environment = {"CCHC_INSTANCE_PATH": str(instance), **extra}
    for command in (["db", "upgrade"], ["demo"]):
        subprocess.run(  # noqa: S603
            [cchc, *command], env={**os.environ, **environment}, check=True, capture_output=True
        )
    with running([cchc, "serve", "--port", str(port)], port, **environment):
        yield port


@contextmanager
def bare_route(folder: Path, body: bytes, headers: dict[str, str]) -> Iterator[int]:
    """Serve the same bytes from a Flask application that does nothing else."""
    port = free_port()
    (folder / "body").write_bytes(body)
    kept = {
        k: v for k, v in headers.items() if k.lower() not in {"date", "server", "content-length"}
    }
    (folder / "headers").write_text("\n".join(f"{k}: {v}" for k, v in kept.items()))
    command = [sys.executable, "-c", BARE, str(port), str(folder / "body"), str(folder / "headers")]
    with running(command, port):
        yield port


class Connection:
    """One keep-alive connection; reads exactly what Content-Length promises."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.buffer = b""

    def get(self, path: str, *extra: str) -> tuple[int, dict[str, str], bytes]:
        """Return status, headers and body as sent (still compressed)."""
        lines = [f"GET {path} HTTP/1.1", "Host: localhost", "Accept-Encoding: gzip", *extra]
        self.socket.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        while b"\r\n\r\n" not in self.buffer:
            self._more()
        head, self.buffer = self.buffer.split(b"\r\n\r\n", 1)
        first, *rest = head.decode("latin-1").split("\r\n")
        headers = dict(line.split(": ", 1) for line in rest)
        length = int(headers.get("Content-Length", "0"))
        while len(self.buffer) < length:
            self._more()
        body, self.buffer = self.buffer[:length], self.buffer[length:]
        return int(first.split()[1]), headers, body

    def _more(self) -> None:
        chunk = self.socket.recv(65536)
        if not chunk:
            raise RuntimeError("the server closed the connection")
        self.buffer += chunk


def requests_per_second(port: int, path: str, seconds: float = 2.0, *extra: str) -> float:
    """Return how many answers one connection gets in a second."""
    connection = Connection(port)
    for _ in range(50):
        connection.get(path, *extra)
    count, start = 0, time.perf_counter()
    while time.perf_counter() - start < seconds:
        connection.get(path, *extra)
        count += 1
    return count / (time.perf_counter() - start)
