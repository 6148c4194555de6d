"""Seconds for the printed papers, made and kept; milliseconds for a page's first rendering."""

from __future__ import annotations

import time
from pathlib import Path
from tempfile import TemporaryDirectory

from flask import Flask
from flask.testing import FlaskClient

from cchc_public.migrations import runner
from cchc_public.site import create_app

PAPERS = ("/ky/2023-6-thang/bao-cao.pdf", "/thu-tuc/1.001193/to-roi.pdf")
PAGES = ("/", "/ky/2023-6-thang", "/ky/2023-6-thang/ho-so", "/ky/2023-6-thang/nhiem-vu")


def open_site(instance: Path) -> Flask:
    """Return the stand-alone site with the demo loaded."""
    app = create_app({"CCHC_INSTANCE_PATH": str(instance)})
    with app.app_context():
        runner.upgrade(app.extensions["sqlalchemy"].engine)
    app.test_cli_runner().invoke(args=["cchc", "demo"])
    return app


def seconds(client: FlaskClient, path: str) -> tuple[float, int]:
    """Return how long one answer took, and its bytes."""
    start = time.perf_counter()
    answer = client.get(path)
    assert answer.status_code == 200, (path, answer.status_code)  # noqa: S101
    return time.perf_counter() - start, len(answer.data)


def main() -> None:
    """Measure in one process, without a server's share."""
    with TemporaryDirectory() as name:
        app = open_site(Path(name))
        client = app.test_client()
        for path in PAPERS:
            made, size = seconds(client, path)
            kept, _ = seconds(client, path)
            print(f"{path:32} made {made:5.2f} s, kept {kept * 1000:5.1f} ms, {size:,} bytes")
        for path in PAGES:
            first = min(render_anew(app, client, path) for _ in range(3))
            print(f"{path:32} first rendering {first * 1000:5.1f} ms")


def render_anew(app: Flask, client: FlaskClient, path: str) -> float:
    """Return the seconds of a rendering that finds nothing kept."""
    app.extensions["cchc_public"].page_cache.clear()
    return seconds(client, path)[0]
