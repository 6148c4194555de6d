"""What an answer costs beside a bare Flask route with the same bytes, same server, one run.

The site, the plugin in our frame and the plugin in a host's frame, page by page; processor
seconds of the server, since neighbours on the same machine change everything else. Then how many
answers a second the site gives beside nginx with the same file.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.benchmarks.servers import (
    Connection,
    free_port,
    our_site,
    processor_seconds,
    requests_per_second,
    running,
    wait_until_up,
)

PERIOD = "/ky/2023-6-thang"
REQUESTS, ROUNDS = 100, 20
BARE = """
import json, sys
from flask import Flask, Response
from cchc_public.cli.serving import Server
app = Flask("bare")
for number, (status, headers, body) in enumerate(json.load(open(sys.argv[2]))):
    def bare(status=status, headers=headers, body=bytes.fromhex(body)):
        return Response(body, status, headers)
    app.add_url_rule(f"/{number}", f"bare{number}", bare)
Server(app, "127.0.0.1", int(sys.argv[1]), 8).run()
"""
HOST = """
import sys
from flask import Flask, render_template
from flask_sqlalchemy import SQLAlchemy
from jinja2 import ChoiceLoader, DictLoader
from cchc_public import CchcPublic
from cchc_public.cli.serving import Server
frame = '''<!doctype html><html lang="vi"><head><title>{% block title %}Xã{% endblock %}</title>
{% block head %}{% endblock %}</head><body><nav>
{% for n in range(12) %}<a href="/m/{{ n }}">Mục {{ n }}</a>{% endfor %}</nav>
{% block content %}{{ own }}{% endblock %}<footer>Trang thông tin xã</footer></body></html>'''
app = Flask("host", instance_path=sys.argv[3])
app.config.update(SQLALCHEMY_DATABASE_URI=sys.argv[2], SECRET_KEY="x" * 40, CCHC_URL_PREFIX="",
                  CCHC_AUTHORITY_NAME="Xã thử", MAX_CONTENT_LENGTH=10_000_000)
if sys.argv[4] == "host":
    app.config["CCHC_BASE_TEMPLATE"] = "khung.html"
app.jinja_loader = ChoiceLoader([DictLoader({"khung.html": frame})])
SQLAlchemy(app)
CchcPublic(app)
@app.route("/own-page")
def own_page():
    return render_template("khung.html", own="Xin chào. " * 400)
Server(app, "127.0.0.1", int(sys.argv[1]), 8).run()
"""


def cost(port: int, path: str, *extra: str) -> float:
    """Return the server's processor seconds for one answer, over many of them."""
    connection = Connection(port)
    for _ in range(5):
        connection.get(path, *extra)
    before = processor_seconds(port)
    for _ in range(REQUESTS):
        connection.get(path, *extra)
    return (processor_seconds(port) - before) / REQUESTS


def compare(what: str, ours: tuple[int, str, tuple[str, ...]], bare: tuple[int, str]) -> None:
    """Print how many of our answers cost what one bare answer costs: least of many rounds."""
    port, path, extra = ours
    base = own = float("inf")
    for _ in range(ROUNDS):
        base = min(base, cost(*bare))
        own = min(own, cost(port, path, *extra))
    print(
        f"{what:28} {own * 1e6:5.0f} µs, bare {base * 1e6:5.0f} µs = {base / own:5.2f}", flush=True
    )


def targets(port: int) -> list[tuple[str, str, tuple[str, ...]]]:
    """Return what is compared: name, address, further headers."""
    _, headers, body = Connection(port).get("/")
    import gzip

    text = gzip.decompress(body).decode()
    style = text.partition('rel="stylesheet" href="')[2].partition('"')[0]
    return [
        ("page", "/", ()),
        ("table", f"{PERIOD}/ho-so", ()),
        ("list", "/thu-tuc", ()),
        ("widget", "/nhung/ho-so", ()),
        ("JSON", f"{PERIOD}/ho-so.json", ()),
        ("304", "/", (f"If-None-Match: {headers['Etag']}",)),
        ("style sheet", style, ()),
        ("404", "/khong-co-trang-nay", ()),
    ]


@contextmanager
def bare(folder: Path, port: int, wanted: list[tuple[str, str, tuple[str, ...]]]) -> Iterator[int]:
    """Serve the same answers from an application that does nothing else."""
    answers = []
    for _name, path, extra in wanted:
        for _ in range(2):  # the second one is the kept one
            status, headers, body = Connection(port).get(path, *extra)
        kept = {k: v for k, v in headers.items() if k not in ("Date", "Server", "Content-Length")}
        answers.append((status, kept, body.hex()))
    file = folder / f"bare-{port}.json"
    file.write_text(json.dumps(answers))
    own = free_port()
    with running([sys.executable, "-c", BARE, str(own), str(file)], own):
        yield own


@contextmanager
def host(folder: Path, url: str, frame: str) -> Iterator[int]:
    """Serve a host with the plugin."""
    port = free_port()
    instance = folder / f"host-{frame}"
    instance.mkdir()
    with running([sys.executable, "-c", HOST, str(port), url, str(instance), frame], port):
        yield port


@contextmanager
def nginx(folder: Path, body: bytes) -> Iterator[int]:
    """Serve the same bytes as a file."""
    port = free_port()
    (folder / "www").mkdir()
    (folder / "www" / "page.html").write_bytes(body)
    (folder / "nginx.conf").write_text(
        f"daemon off; pid {folder}/nginx.pid; error_log /dev/null; events {{}}\n"
        f"http {{ access_log off; server {{ listen 127.0.0.1:{port}; root {folder}/www; "
        "keepalive_requests 1000000; } }\n"
    )
    folder.chmod(0o755)
    command = ["nginx", "-c", str(folder / "nginx.conf")]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as server:  # noqa: S603, S607
        wait_until_up(port)
        try:
            yield port
        finally:
            server.terminate()


def main() -> None:
    """Compare everything."""
    with TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        site = stack.enter_context(our_site(folder / "site"))
        wanted = targets(site)
        base = stack.enter_context(bare(folder, site, wanted))
        for number, (what, path, extra) in enumerate(wanted):
            compare(f"site: {what}", (site, path, extra), (base, f"/{number}"))
        url = f"sqlite:///{folder / 'site' / 'cchc.sqlite'}"
        plugin = stack.enter_context(host(folder, url, "ours"))
        wanted = targets(plugin)
        base = stack.enter_context(bare(folder, plugin, wanted))
        for number, (what, path, extra) in enumerate(wanted[:-1]):
            compare(f"plugin, our frame: {what}", (plugin, path, extra), (base, f"/{number}"))
        framed = stack.enter_context(host(folder, url, "host"))
        for what, path in (("page", "/"), ("table", f"{PERIOD}/ho-so"), ("list", "/thu-tuc")):
            compare(f"host's frame: {what}", (framed, path, ()), (framed, "/own-page"))
        print("  (the last three beside the host's own page in the same frame)")
        if shutil.which("nginx"):
            file = stack.enter_context(nginx(folder, Connection(site).get("/")[2]))
            ours, theirs = requests_per_second(site, "/"), requests_per_second(file, "/page.html")
            print(f"site {ours:.0f}/s beside nginx {theirs:.0f}/s = {ours / theirs:.2f}")


if __name__ == "__main__":
    main()
