"""What the plugin costs a host at start; processor time of one answer without any server.

Least of many rounds, in one process: neighbours hardly disturb it.
"""

from __future__ import annotations

import io
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from flask import Flask, Response, render_template
from flask_sqlalchemy import SQLAlchemy
from jinja2 import ChoiceLoader, DictLoader

from cchc_public import CchcPublic
from tests.benchmarks.documents import open_site

PATHS = ("/", "/ky/2023-6-thang/ho-so", "/thu-tuc", "/nhung/ho-so", "/khong-co-trang-nay")
FRAME = """<!doctype html><html lang="vi"><head><title>{% block title %}Xã{% endblock %}</title>
{% block head %}{% endblock %}</head><body><nav>
{% for n in range(12) %}<a href="/m/{{ n }}">Mục {{ n }}</a>{% endfor %}</nav>
{% block content %}{{ own }}{% endblock %}<footer>Trang thông tin xã</footer></body></html>"""
START = """
import time
from pathlib import Path
from flask import Flask
from flask_babel import Babel
from flask_sqlalchemy import SQLAlchemy
def used():
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return time.process_time(), pages * 4096 / 1e6
app = Flask("h")
app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite://"
SQLAlchemy(app)
Babel(app)
before = used()
from cchc_public import CchcPublic
CchcPublic(app)
print(*(now - then for now, then in zip(used(), before)))
"""


def start() -> tuple[float, float]:
    """Return processor seconds and megabytes that joining adds to a host, with byte code there."""
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": ""}  # as any installed package
    found = []
    for _ in range(4):  # the first one compiles
        done = subprocess.run(  # noqa: S603 our own program
            [sys.executable, "-c", START], env=environment, capture_output=True, check=True
        )
        found.append([float(word) for word in done.stdout.split()])
    return min(seconds for seconds, _ in found[1:]), max(size for _, size in found[1:])


def ask(app: Flask, path: str) -> tuple[str, list[tuple[str, str]], bytes]:
    """Return status, headers and body of one request."""
    environ: dict[str, Any] = {
        "REQUEST_METHOD": "GET", "SCRIPT_NAME": "", "PATH_INFO": path, "QUERY_STRING": "",
        "SERVER_NAME": "x", "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1", "HTTP_HOST": "x",
        "HTTP_ACCEPT_ENCODING": "gzip", "REMOTE_ADDR": "127.0.0.1", "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http", "wsgi.input": io.BytesIO(), "wsgi.errors": sys.stderr,
        "wsgi.multithread": True, "wsgi.multiprocess": False, "wsgi.run_once": False,
    }  # fmt: skip
    seen: list[Any] = []
    parts = app(environ, lambda status, headers, _info=None: seen.extend((status, headers)))  # type: ignore[arg-type]
    body = b"".join(parts)
    getattr(parts, "close", lambda: None)()
    return seen[0], seen[1], body


def microseconds(work: Callable[[], object]) -> float:
    """Return the least processor time of one call."""
    work()
    least = float("inf")
    for _ in range(60):
        start = time.process_time()
        for _ in range(100):
            work()
        least = min(least, (time.process_time() - start) / 100)
    return least * 1e6


def open_host(url: str, folder: Path, **config: Any) -> Flask:
    """Return a host with the plugin and a page of its own."""
    app = Flask("host", instance_path=str(folder))
    app.config.update(SQLALCHEMY_DATABASE_URI=url, SECRET_KEY="x" * 40, CCHC_URL_PREFIX="")
    app.config.update(CCHC_AUTHORITY_NAME="Xã thử", CCHC_SNAPSHOT=False, **config)
    app.jinja_loader = ChoiceLoader([DictLoader({"khung.html": FRAME})])
    SQLAlchemy(app)
    CchcPublic(app)
    app.add_url_rule(
        "/own-page", "own", lambda: render_template("khung.html", own="Xin chào. " * 400)
    )
    return app


def main() -> None:
    """Print what a start costs, and each path beside a bare route with the same bytes."""
    print(
        "a host's start with the plugin: +{:.2f} s of processor time, +{:.1f} MB".format(*start())
    )
    with TemporaryDirectory() as name:
        folder = Path(name)
        site = open_site(folder)
        bare = Flask("bare")
        for number, path in enumerate(PATHS):
            ask(site, path)
            status, headers, body = ask(site, path)
            bare.add_url_rule(
                f"/{number}", str(number), lambda a=(body, status, headers): Response(*a)
            )
        for number, path in enumerate(PATHS):
            ours = microseconds(lambda path=path: ask(site, path))  # type: ignore[misc]
            theirs = microseconds(lambda number=number: ask(bare, f"/{number}"))  # type: ignore[misc]
            print(f"site {path:26} {ours:4.0f} µs, bare route {theirs:4.0f} µs")
        url = f"sqlite:///{folder / 'cchc.sqlite'}"
        for what, config in (("our", {}), ("host's", {"CCHC_BASE_TEMPLATE": "khung.html"})):
            app = open_host(url, folder, **config)
            own = microseconds(lambda app=app: ask(app, "/own-page"))  # type: ignore[misc]
            for path in PATHS[:3]:
                ours = microseconds(lambda app=app, path=path: ask(app, path))  # type: ignore[misc]
                print(f"plugin, {what} frame {path:24} {ours:4.0f} µs, own page {own:4.0f} µs")


if __name__ == "__main__":
    main()
