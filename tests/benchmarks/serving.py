"""Cached and uncached requests per second against a bare Flask route; weight of public pages."""

from __future__ import annotations

import gzip
import re
import statistics
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.benchmarks.servers import Connection, bare_route, our_site, requests_per_second

PATHS = ("/", "/ky/2023-6-thang/ho-so")
PAGES = (
    "/", "/ky", "/ky/2023-6-thang", "/ky/2023-6-thang/ho-so", "/ky/2023-6-thang/so-hoa",
    "/ky/2023-6-thang/hai-long", "/ky/2023-6-thang/dich-vu-cong", "/ky/2023-6-thang/van-ban",
    "/ky/2023-6-thang/so-luong-thu-tuc", "/ky/2023-6-thang/nhiem-vu", "/ky/2023-6-thang/chi-tieu",
    "/hai-long", "/dinh-chinh", "/thu-tuc", "/thu-tuc?q=khai+sinh", "/tiep-cong-dan", "/nhung",
)  # fmt: skip
WIDGETS = ("/nhung/ho-so", "/nhung/tong-quan", "/nhung/ho-so.svg")
FIRST_FLIGHT = 14_600  # bytes: ten TCP segments


def compare(port: int, uncached_port: int, path: str, folder: Path) -> None:
    """Print our requests per second beside the bare route's, interleaved in one run."""
    _, headers, body = Connection(port).get(path)
    with bare_route(folder, body, headers) as bare_port:
        bare, cached = [], []
        for _ in range(3):
            bare.append(requests_per_second(bare_port, "/"))
            cached.append(requests_per_second(port, path))
    uncached = requests_per_second(uncached_port, path)
    base = statistics.median(bare)
    hit = statistics.median(cached)
    print(
        f"{path:28} bare {base:7.0f}/s  cached {hit:7.0f}/s = {hit / base:6.1%}"
        f"  uncached {uncached:7.0f}/s = {uncached / base:6.1%} ({1000 / uncached:.1f} ms)"
    )


def weigh(port: int, path: str) -> None:
    """Print the compressed bytes of a first visit: page and the style sheet it names."""
    connection = Connection(port)
    status, _, body = connection.get(path)
    text = (gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body).decode("utf-8", "replace")
    links = re.findall(r'<link[^>]+rel="stylesheet"[^>]+href="([^"]+)"', text)
    total = len(body) + sum(len(connection.get(link)[2]) for link in links)
    mark = "" if total <= FIRST_FLIGHT else "  OVER"
    print(f"{path:36} {status} {total:7} bytes in {1 + len(links)} requests{mark}")


def main() -> None:
    """Run everything that needs a server."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        with (
            our_site(folder / "instance") as port,
            our_site(folder / "uncached", CCHC_PAGE_CACHE="0") as uncached_port,
        ):
            print("requests per second, one connection, waitress")
            for path in PATHS:
                compare(port, uncached_port, path, folder)
            print(f"\ncompressed weight of a first visit (bar: {FIRST_FLIGHT} bytes)")
            for path in (*PAGES, *WIDGETS):
                weigh(port, path)
