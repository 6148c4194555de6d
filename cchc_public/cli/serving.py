"""``cchc serve``: waitress, set so that neither idle readers nor waiting writers stop the others.

Also ``cchc sample``: settings of the programs that usually stand around it.
"""

from __future__ import annotations

import getpass
import logging
import os
import shutil
import signal
import socket
import sys
import time
import warnings
from importlib.resources import files
from pathlib import Path
from types import FrameType
from typing import Any
from urllib.parse import urlsplit

import click
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy.exc import SQLAlchemyError

from cchc_public.health import write_journal
from cchc_public.migrations import runner
from cchc_public.state import get_state

READERS, WRITERS = ("GET", "HEAD", "OPTIONS"), 3  # threads for forms, besides those for readers
CONNECTIONS = 1000  # as far as the system lets one process have them
LEAVE = 20.0  # seconds for what is being answered when the server is told to stop
QUIET = 1.0  # seconds after which a connection counts as idle then
SETTINGS: dict[str, Any] = {
    "connection_limit": CONNECTIONS,
    "channel_timeout": 30,  # an idle connection is let go; browsers open another
    "cleanup_interval": 5,
    "asyncore_use_poll": True,  # select() ends at 1,024 sockets
    "send_bytes": 65_536,  # head and body of a page in one send
    "max_request_header_size": 65_536,
    "backlog": 1024,
    "ident": "cchc",
    # whom we believe, CCHC_TRUSTED_PROXIES says; without these all readers would look like one
    "clear_untrusted_proxy_headers": False,
}


@click.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True, help="Địa chỉ lắng nghe.")
@click.option("--port", default=8000, show_default=True, envvar="PORT", help="Cổng.")
@click.option("--threads", default=8, show_default=True, help="Số yêu cầu phục vụ cùng lúc.")
@with_appcontext
def serve(host: str, port: int, threads: int) -> None:
    """Chạy máy chủ waitress; nhận cổng của systemd (LISTEN_FDS) khi có."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001
    try:
        if not runner.is_current(get_state().engine):
            raise click.ClickException("Cơ sở dữ liệu chưa ở bản mới nhất: cchc db upgrade.")
    except (SQLAlchemyError, OSError) as error:
        click.echo(f"Cơ sở dữ liệu chưa trả lời ({error}); vẫn phục vụ trang công khai.", err=True)
    try:
        server = Server(app, host, port, threads)
    except OSError as error:
        raise click.ClickException(f"Không mở được cổng {port}: {error}.") from error
    write_journal()
    click.echo(f"Đang phục vụ tại http://{host}:{port}/  (Ctrl+C để dừng)")
    signal.signal(signal.SIGTERM, server.stop)
    server.run()


class Server:
    """Waitress with its own loop: lets the idle go first, and finishes what it began."""

    def __init__(self, app: Any, host: str, port: int, threads: int) -> None:
        """Listen at once; ``OSError`` when the port is taken."""
        try:
            from waitress import wasyncore
            from waitress.adjustments import Adjustments
            from waitress.channel import HTTPChannel
            from waitress.server import TcpWSGIServer
            from waitress.task import WSGITask
        except ImportError as error:
            message = 'Thiếu waitress: pip install "cchc_public[site]".'
            raise click.ClickException(message) from error
        # how long the queue is says nothing to an operator; refusals are in our own journal
        logging.getLogger("waitress.queue").setLevel(logging.ERROR)
        self._asyncore = wasyncore
        self._map: dict[int, Any] = {}
        self._stopping = False
        self._dispatcher = _TwoQueues(threads)
        most_bytes = int(app.config["MAX_CONTENT_LENGTH"] or 1 << 30)
        with warnings.catch_warnings():
            # send_bytes "will be removed in a future release": until then it is worth a third
            warnings.simplefilter("ignore", DeprecationWarning)
            adjustments = Adjustments(
                host=host,
                port=port,
                threads=threads,
                **{**SETTINGS, "connection_limit": allow_connections()},
                # forms that are too long get our words, far longer ones waitress cuts off
                max_request_body_size=most_bytes * 2,
            )

        class Task(WSGITask):  # type: ignore[misc]
            """Keeps the connection after an answer without body; waitress would close it."""

            def set_close_on_finish(self) -> None:
                is_asked = self.request.headers.get("CONNECTION", "").lower() == "close"
                has_none = self.status[:3] in ("204", "304") and self.version == "1.1"
                if is_asked or not has_none:
                    super().set_close_on_finish()

        class Channel(HTTPChannel):  # type: ignore[misc]
            task_class = Task

        class Listener(TcpWSGIServer):  # type: ignore[misc]
            channel_class = Channel

        given = sockets_of_systemd()
        listen = [(one.family, one.type, one.proto, one.getsockname()) for one in given]
        self._servers = [
            Listener(
                app,
                map=self._map,
                dispatcher=self._dispatcher,
                adj=adjustments,
                sockinfo=info,
                _sock=given[number] if given else None,
                bind_socket=not given,
            )
            for number, info in enumerate(listen or adjustments.listen)
        ]

    def run(self) -> None:
        """Serve until told to stop, then finish what was begun."""
        try:
            while not self._stopping:
                self._turn(1.0)
                for server in self._servers:
                    room = server.adj.connection_limit - len(self._map)
                    if room > server.adj.connection_limit // 10:
                        continue
                    # who has waited longest goes when connections run out: no stranger holds one
                    idle = [one for one in server.active_channels.values() if not one.requests]
                    idle.sort(key=lambda one: one.last_activity)
                    for channel in idle[: len(idle) // 4 + 1]:
                        channel.will_close = True
        except (SystemExit, KeyboardInterrupt):
            pass
        self._finish()

    def stop(self, _signal: int, _frame: FrameType | None) -> None:
        """Take no new connections and come to an end (``SIGTERM``)."""
        self._stopping = True
        self._servers[0].pull_trigger()

    def _turn(self, seconds: float) -> None:
        """Look once at all sockets, waiting so long for the first of them."""
        self._asyncore.loop(timeout=seconds, use_poll=True, map=self._map, count=1)

    def _finish(self) -> None:
        """Answer what was asked; whoever connects now waits for the next process (systemd)."""
        for server in self._servers:
            server.accepting = False
        self._dispatcher.is_leaving = True
        end = time.monotonic() + LEAVE
        while time.monotonic() < end:
            channels = [c for s in self._servers for c in s.active_channels.values()]
            for channel in channels:
                with channel.requests_lock:
                    # whoever connected just now is about to ask
                    is_quiet = time.time() - channel.last_activity > QUIET
                    if is_quiet and not channel.requests and channel.request is None:
                        channel.close_when_flushed = True
            if not channels:
                break
            self._turn(0.05)
        self._dispatcher.shutdown()
        self._asyncore.close_all(self._map)


class _TwoQueues:
    """Forms have threads of their own: whoever waits to write never delays a reader."""

    def __init__(self, threads: int) -> None:
        from waitress.task import ThreadedTaskDispatcher

        self._readers, self._writers = ThreadedTaskDispatcher(), ThreadedTaskDispatcher()
        writing = max(1, min(WRITERS, threads - 1))
        self._readers.set_thread_count(max(1, threads - writing))
        self._writers.set_thread_count(writing)
        self.is_leaving = False

    def add_task(self, channel: Any) -> None:
        asked = channel.requests[0]
        if self.is_leaving and not asked.error:
            asked.headers["CONNECTION"] = "close"  # the answer says so, nobody asks here again
        is_reading = getattr(asked, "command", "GET") in READERS
        (self._readers if is_reading else self._writers).add_task(channel)

    def shutdown(self) -> None:
        self._readers.shutdown()
        self._writers.shutdown()


def allow_connections() -> int:
    """Return how many connections this process may hold, after asking for as many as we want."""
    if sys.platform == "win32":
        return CONNECTIONS
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = CONNECTIONS + 200  # the database, files, PDFs
    if soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return max(50, min(CONNECTIONS, soft - 200))


def sockets_of_systemd() -> list[socket.socket]:
    """Return the sockets that systemd holds for us: while we restart, it keeps who connects."""
    if os.environ.get("LISTEN_PID") != str(os.getpid()):
        return []
    count = int(os.environ.get("LISTEN_FDS", "0"))
    found = [socket.socket(fileno=number) for number in range(3, 3 + count)]
    for one in found:
        one.setblocking(False)
    return found


@click.command("sample")
@click.argument("program", type=click.Choice(("nginx", "systemd")))
@with_appcontext
def sample(program: str) -> None:
    """In mẫu cấu hình đã thử của nginx hoặc systemd, điền sẵn cho máy này."""
    config = get_state().config
    address = urlsplit(config["CANONICAL_URL"])
    words = {
        "HOST": address.hostname or "ten-mien.gov.vn",
        "PREFIX": config["URL_PREFIX"],
        "UPLOAD": f"{(config['UPLOAD_MAX_BYTES'] + 500_000) // 1_000_000 + 1}m",
        "FOLDER": current_app.instance_path,
        "WORKING": str(Path.cwd()),
        "CCHC": shutil.which("cchc") or str(Path(sys.executable).with_name("cchc")),
        "USER": getpass.getuser(),
    }
    name = {"nginx": "nginx.conf", "systemd": "systemd.units"}[program]
    text = files("cchc_public.cli").joinpath("samples", name).read_text("utf-8")
    for word, value in words.items():
        text = text.replace(f"@{word}@", value)
    click.echo(text)
