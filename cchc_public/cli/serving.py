"""Runs the site and examines it: ``cchc serve``, ``doctor``, ``sample``.

Waitress is set so that neither idle readers nor waiting writers stop the others. The doctor looks
at everything that goes wrong silently, and says the remedy. Samples are settings of the programs
that usually stand around the site.
"""

from __future__ import annotations

import difflib
import getpass
import logging
import os
import re
import shutil
import signal
import socket
import stat
import sys
import time
import warnings
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from types import FrameType
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import click
from flask import current_app, render_template_string, url_for
from sqlalchemy import Column, MetaData, Table
from sqlalchemy.exc import SQLAlchemyError

from cchc_public import host
from cchc_public.cli import group
from cchc_public.errors import UNNAMED
from cchc_public.health import examine_figures, find_lost_releases, write_journal
from cchc_public.migrations import runner
from cchc_public.paths import PACKAGE, find_folder
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


@group.command("serve")
@click.option(
    "--host", "address", default="127.0.0.1", show_default=True, help="Địa chỉ lắng nghe."
)
@click.option("--port", default=8000, show_default=True, envvar="PORT", help="Cổng.")
@click.option("--threads", default=8, show_default=True, help="Số yêu cầu phục vụ cùng lúc.")
def serve(address: str, port: int, threads: int) -> None:
    """Chạy máy chủ waitress; nhận cổng của systemd (LISTEN_FDS) khi có."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001
    try:
        if not runner.is_current(get_state().engine):
            raise click.ClickException("Cơ sở dữ liệu chưa ở bản mới nhất: cchc db upgrade.")
    except (SQLAlchemyError, OSError) as error:
        click.echo(f"Cơ sở dữ liệu chưa trả lời ({error}); vẫn phục vụ trang công khai.", err=True)
    try:
        server = Server(app, address, port, threads)
    except OSError as error:
        raise click.ClickException(f"Không mở được cổng {port}: {error}.") from error
    write_journal()
    click.echo(f"Đang phục vụ tại http://{address}:{port}/  (Ctrl+C để dừng)")
    signal.signal(signal.SIGTERM, server.stop)
    server.run()


class Server:
    """Waitress with its own loop: lets the idle go first, and finishes what it began."""

    def __init__(self, app: Any, address: str, port: int, threads: int) -> None:
        """Listen at once; ``OSError`` when the port is taken."""
        try:
            from waitress import create_server, wasyncore
            from waitress.channel import HTTPChannel
            from waitress.server import BaseWSGIServer
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
        given = sockets_of_systemd()
        place = {"sockets": given} if given else {"host": address, "port": port}
        with warnings.catch_warnings():
            # send_bytes "will be removed in a future release": until then it is worth a third
            warnings.simplefilter("ignore", DeprecationWarning)
            create_server(
                app,
                map=self._map,
                _dispatcher=self._dispatcher,
                **place,
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

        self._servers = [one for one in self._map.values() if isinstance(one, BaseWSGIServer)]
        for server in self._servers:
            server.channel_class = Channel

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
    return [socket.socket(fileno=number) for number in range(3, 3 + count)]


@group.command("sample")
@click.argument("program", type=click.Choice(("nginx", "systemd")))
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


MARKER, TITLE = "cchc-doctor-marker", "cchc-doctor-title"


class Verdict(NamedTuple):
    """One examined thing: what, whether it is well, the remedy when it is not.

    A note (``is_note``) tells what is left undone; nothing is broken by it.
    """

    subject: str
    is_well: bool
    remedy: str = ""
    is_note: bool = False


@group.command("doctor")
def doctor() -> None:
    """Khám trang: cơ sở dữ liệu, các lần công bố, khung trang, phông chữ, quyền tệp."""
    ill = 0
    for examine in (examine_data, examine_people, examine_pages, examine_place):
        for subject, is_well, remedy, is_note in examine():
            click.echo(f"{'tốt' if is_well else 'lưu ý' if is_note else 'HỎNG'}  {subject}")
            if not is_well:
                ill += not is_note
                click.echo(f"      {remedy}")
    if ill:
        raise click.ClickException(f"{ill} chỗ cần sửa.")
    click.echo("Mọi thứ đều tốt.")


def examine_data() -> Iterator[Verdict]:
    """Has the commune a name; is the database there, and in it what was published?"""
    config = get_state().config
    name, address = config["AUTHORITY_NAME"], config["CANONICAL_URL"]
    yield Verdict(f"Tên cơ quan: {name}", name != UNNAMED, "Đặt CCHC_AUTHORITY_NAME.")
    yield Verdict(
        f"Địa chỉ chính thức: {address or '(chưa đặt)'}",
        bool(address),
        "Chưa đặt CCHC_CANONICAL_URL nên tờ rơi, bảng niêm yết không in mã QR và địa chỉ trang.",
        is_note=True,
    )
    try:
        with get_state().engine.connect() as connection:
            is_current = runner.is_current(connection)
    except (SQLAlchemyError, OSError) as error:
        yield Verdict(f"Cơ sở dữ liệu: {error}", False, "Kiểm tra địa chỉ và máy chủ.")
        return
    yield Verdict("Cơ sở dữ liệu trả lời", True)
    yield Verdict(f"Bảng ở bản {runner.head()}", is_current, "Chạy: flask cchc db upgrade")
    try:
        session = get_state().session
        found = (*examine_figures(session), *find_lost_releases(session))
    except (SQLAlchemyError, OSError):  # not migrated: said already
        return
    yield Verdict(
        "Mọi lần công bố khớp mã kiểm tra, nhật ký và chốt chống sửa",
        not found,
        f"{'; '.join(found)}. Khôi phục từ bản sao lưu.",
    )


def examine_people() -> Iterator[Verdict]:
    """In a host: who is who, do the named pages exist, would its migrations drop our tables?"""
    arguments = host.find_migrate_arguments(current_app)
    if arguments is not None:
        table = Table("cchc_report", MetaData(), Column("id"))
        by_object, by_name = arguments.get("include_object"), arguments.get("include_name")
        yield Verdict(
            "Flask-Migrate của trang chủ bỏ qua các bảng cchc_",
            bool(by_object and not by_object(table, table.name, "table", True, None))
            or bool(by_name and not by_name(table.name, "table", {})),
            "Viết Migrate(app, db, include_object=include_object), với include_object lấy từ "
            "cchc_public.migrations.host_filter; nếu không, flask db migrate sẽ xóa bảng cchc_.",
        )
    state = get_state()
    if not state.config["ENABLE_STAFF"] or host.is_site(current_app):
        return
    if state.permission is not host.allow_signed_in or state.knows_people:
        yield Verdict("Biết ai đang đọc (khu quản trị)", state.knows_people, host.NOBODY)
    yield Verdict(
        "permission trả lời được",
        state.permission is not host.allow_nobody,
        "permission là hàm async nên không ai vào được khu quản trị; hãy đưa một hàm thường.",
    )
    if state.knows_people:
        yield Verdict("SECRET_KEY", bool(current_app.secret_key), "Đặt SECRET_KEY của trang chủ.")
    for name in ("LOGIN_ENDPOINT", "LOGOUT_ENDPOINT", "PASSWORD_ENDPOINT"):
        if endpoint := state.config[name]:
            near = difflib.get_close_matches(endpoint, current_app.view_functions, n=1)
            hint = f" Có phải ý là {near[0]}?" if near else ""
            is_known = endpoint in current_app.view_functions
            remedy = f"Không có endpoint {endpoint}.{hint}"
            yield Verdict(f"CCHC_{name} = {endpoint}", is_known, remedy)


def examine_pages() -> Iterator[Verdict]:
    """Are addresses ours alone; do frames show content and title, and others embed widgets?"""
    clashes = "; ".join(host.find_clashes(current_app))
    remedy = f"Trùng: {clashes}. Đổi CCHC_URL_PREFIX."
    yield Verdict("Không trùng địa chỉ với trang chủ", not clashes, remedy)
    state = get_state()
    frames = [("BASE_TEMPLATE", "cchc/page.html", "cchc.about")]
    if state.config["ENABLE_STAFF"] and state.knows_people:
        frames.append(("STAFF_BASE_TEMPLATE", "cchc/office/page.html", "cchc_staff.periods"))
    for key, page, endpoint in frames:
        frame = state.config[key]
        source = f"{{% extends '{page}' %}}{{% block cchc_title %}}{TITLE}{{% endblock %}}"
        source += f"{{% block cchc_main %}}{MARKER}{{% endblock %}}"
        with current_app.test_request_context(_address(endpoint)):
            try:
                current_app.preprocess_request()  # frames use what the host prepares there
                text = render_template_string(source, title=TITLE)
            except Exception as error:  # whatever a host's frame may raise is the finding
                yield Verdict(f"Khung trang {frame}", False, f"Khung trang báo lỗi: {error!r}.")
                continue
        yield Verdict(
            f"Khung trang {frame}",
            MARKER in text,
            f"Khung trang không có khối content. Chép {page} vào templates/cchc/ của trang chủ và "
            "sửa tên khối.",
        )
        title = re.search(r"<title>(.*?)</title>", text, re.S)
        yield Verdict(
            f"Tên trang trong {frame}",
            bool(title and TITLE in title[1]),
            "Khung trang không có khối title trong <title>, nên mọi trang mang cùng một tên.",
        )
    if not state.config["ENABLE_EMBED"] or not runner.is_current(state.engine):
        return
    try:
        answer = current_app.test_client().get(_address("cchc_embed.widget", code="tong-quan"))
    except Exception as error:  # a host under test passes on what its hooks raise
        yield Verdict("Tiện ích nhúng", False, f"Trang chủ báo lỗi: {error!r}.")
        return
    policy = answer.headers.get("Content-Security-Policy", "")
    yield Verdict(
        "Cổng khác nhúng được tiện ích",
        "X-Frame-Options" not in answer.headers and "frame-ancestors" in policy,
        "Trang chủ đặt X-Frame-Options hoặc Content-Security-Policy cho mọi trang. Hãy chừa các "
        "endpoint cchc_embed.*; xem README, phần Talisman và nginx.",
    )


def _address(endpoint: str, **values: Any) -> str:
    with current_app.test_request_context():
        return url_for(endpoint, **values)


def examine_place() -> Iterator[Verdict]:
    """Is the package whole; can the site write, keep its secrets, and send mail?"""
    for name in ("templates", "translations"):
        try:
            yield Verdict(f"Thư mục {find_folder(name)}", True)
        except RuntimeError as error:
            yield Verdict(f"Thư mục {name}", False, str(error))
    config = get_state().config
    if config["ENABLE_PDF"]:
        fonts = any((PACKAGE / "static" / "fonts").glob("*.ttf"))
        yield Verdict("Phông chữ Tinos cho PDF", fonts, "Cài lại gói cchc_public.")
    if not host.is_site(current_app):
        return
    folder = Path(current_app.instance_path)
    is_writable = os.access(folder, os.W_OK)
    yield Verdict(f"Ghi được vào {folder}", is_writable, "Cho người chạy trang quyền ghi.")
    secret, proxy = folder / "secret-key", folder / "proxy-seen"
    if secret.exists() and os.name == "posix":
        is_closed = not stat.S_IMODE(secret.stat().st_mode) & 0o077
        yield Verdict(f"Khóa bí mật {secret}", is_closed, f"chmod 600 {secret}")
    if proxy.exists() and not config["TRUSTED_PROXIES"]:
        yield Verdict(
            "Có máy chủ chuyển tiếp đứng trước trang",
            False,
            "Đặt CCHC_TRUSTED_PROXIES = 1 (số máy chủ chuyển tiếp), nếu không mọi người chung một "
            "địa chỉ và một người lạ gõ sai mật khẩu sẽ chặn đăng nhập của tất cả. Nếu không có, "
            f"xóa tệp {proxy}.",
        )
    if config["MAIL_URL"]:
        from cchc_public.accounts import people

        try:
            with people.mail_server():
                pass
            yield Verdict("Máy chủ thư trả lời", True)
        except people.MailFailed as error:
            yield Verdict(str(error), False, "Sửa CCHC_MAIL_URL; liên kết vẫn in ra được.")
