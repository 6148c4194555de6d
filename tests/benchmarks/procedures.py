"""Hit rate of real queries; search and import among 7,000 procedures, time and memory."""

from __future__ import annotations

import csv
import io
import resource
import statistics
import time
from collections.abc import Callable
from importlib import resources
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy.orm import Session

from cchc_public.demo import load_demo_procedures
from cchc_public.procedures.importing import import_files
from cchc_public.procedures.searching import ListFilter, get_catalogue
from cchc_public.store.base import Actor
from tests.databases import DATABASES, Databases, open_engine

QUERIES = Path(__file__).parents[1] / "data" / "procedure_queries.csv"
MANY = 7_000
OPERATOR = Actor("bench", "Đo")


def read_queries() -> list[dict[str, str]]:
    """Return the table of real queries with the procedure each should find."""
    return list(csv.DictReader(QUERIES.read_text(encoding="utf-8").splitlines()))


def make_list(count: int) -> bytes:
    """Return a CSV of ``count`` procedures: the real ones under ever new codes and names."""
    text = resources.files("cchc_public.demo").joinpath("procedures.csv").read_text("utf-8-sig")
    rows = list(csv.DictReader(text.splitlines()))
    out = io.StringIO()
    writer = csv.DictWriter(out, rows[0])
    writer.writeheader()
    for number in range(count):
        row = dict(rows[number % len(rows)])
        row["code"] = f"{3 + number // 1_000_000}.{number % 1_000_000:06d}"
        row["name"] += f" khu vực {number // len(rows)}"
        writer.writerow(row)
    return out.getvalue().encode()


def measure_hits(session: Session) -> None:
    """Print how often the expected procedure stands first, and among the first three."""
    load_demo_procedures(session)
    queries = read_queries()
    first = third = 0
    for query in queries:
        wanted = ListFilter(query=query["query"], posted=True)
        codes = get_catalogue(session).search(wanted).codes
        first += codes[:1] == (query["expected"],)
        third += query["expected"] in codes[:3]
        if query["expected"] not in codes[:3]:
            print(f"  missed: {query['query']}")
    total = len(queries)
    print(f"{total} queries: rank 1 {first / total:.1%}, rank 3 {third / total:.1%}")


def measure_import(session: Session, name: str) -> None:
    """Print seconds and memory of importing the long list."""
    data = make_list(MANY)
    start, busy = time.perf_counter(), time.process_time()
    summary, _words = import_files(session, [("long.csv", data)], OPERATOR)
    session.commit()
    seconds, busy = time.perf_counter() - start, time.process_time() - busy
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{name}: import of {summary['new']} in {seconds:.1f} s "
        f"({busy:.1f} s of processor time), process peak {peak:.0f} MB"
    )


def measure_search(session: Session, name: str) -> None:
    """Print the time of each query among all procedures, stamp and filters included."""
    build = timed(lambda: get_catalogue(session).rank("khai sinh"))
    times = []
    for query in read_queries():
        wanted = ListFilter(query=query["query"], status="current", posted=True)
        times.append(timed(lambda wanted=wanted: get_catalogue(session).search(wanted)))  # type: ignore[misc]
    times.sort()
    late = times[int(len(times) * 0.95)] * 1000
    print(
        f"{name}: search median {statistics.median(times) * 1000:.1f} ms, 95th percentile "
        f"{late:.1f} ms, slowest {times[-1] * 1000:.1f} ms; lists built once in {build:.2f} s"
    )


def timed(work: Callable[[], object]) -> float:
    """Return the seconds that ``work`` takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def main() -> None:
    """Run everything on both databases."""
    with TemporaryDirectory() as folder:
        databases = Databases(Path(folder))
        try:
            for kind in DATABASES:
                run(databases, kind, Path(folder))
        finally:
            databases.stop()


def run(databases: Databases, kind: str, folder: Path) -> None:
    """Measure on one kind of database; the long list in a process of its own, for its peak."""
    with databases.filled(kind, folder) as url:
        if kind == DATABASES[0]:
            engine = open_engine(url)
            with Session(engine) as session:
                measure_hits(session)
                session.commit()
            engine.dispose()
        child = get_context("spawn").Process(target=measure, args=(url, kind))
        child.start()
        child.join()


def measure(url: str, kind: str) -> None:
    """Measure import and search among many."""
    engine = open_engine(url)
    with Session(engine) as session:
        measure_import(session, kind)
        measure_search(session, kind)
    engine.dispose()


if __name__ == "__main__":
    main()
