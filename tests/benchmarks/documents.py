"""Processor seconds of papers, made and kept; milliseconds for a page's first rendering."""

from __future__ import annotations

import io
import time
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from flask import Flask
from flask.testing import FlaskClient
from pypdf import PdfReader

from cchc_public.exports.pdf import report_pdf
from cchc_public.exports.report_docx import report_docx
from cchc_public.migrations import runner
from cchc_public.releases.reading import newest_release
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
        measure_papers(app)
        for path in PAGES:
            first = min(render_anew(app, client, path) for _ in range(3))
            print(f"{path:32} first rendering {first * 1000:5.1f} ms")


def measure_papers(app: Flask) -> None:
    """Print pages and processor seconds of the real report, and of one with 400 tasks."""
    with app.app_context():
        real = newest_release(app.extensions["cchc_public"].session, "2023-6-thang")
    assert real is not None  # noqa: S101
    table = next(table for table in real.tables if table.code == "nhiem-vu")
    first = table.evaluated.rows
    rows = tuple(
        replace(first[n % len(first)], key=f"{n // 50 + 1}.{n % 50 + 1}", section=str(n // 50 + 1))
        for n in range(400)
    )
    longer = replace(table, evaluated=replace(table.evaluated, rows=rows))
    many = replace(real, tables=tuple(longer if one is table else one for one in real.tables))
    for name, release in (("as it is", real), ("with 400 tasks", many)):
        for kind, make in (("PDF", report_pdf), ("DOCX", report_docx)):
            start = time.process_time()
            made = make(release)
            busy = time.process_time() - start
            pages = f"{len(PdfReader(io.BytesIO(made)).pages)} pages, " if kind == "PDF" else ""
            print(f"real report {name:15} {kind:4} {pages}{busy:.2f} s of CPU, {len(made):,} bytes")


def render_anew(app: Flask, client: FlaskClient, path: str) -> float:
    """Return the seconds of a rendering that finds nothing kept."""
    app.extensions["cchc_public"].page_cache.clear()
    return seconds(client, path)[0]
