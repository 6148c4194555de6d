"""What grows with periods and procedures, and must not: first renderings, queries, the snapshot.

Processor milliseconds in one process, least of several, beside a loop that says how fast the
machine is; 1 period with 277 procedures against 40 periods with 7,000.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, event, insert, select
from sqlalchemy.orm import Session

from cchc_public.accounts.people import add_user, find_user
from cchc_public.demo import CLERK, PUBLISHER, demo_authority, demo_sheets, reason_for
from cchc_public.reports.drafting import create_report, get_sheet, save_sheet, sheet_version
from cchc_public.reports.review import find_findings, give_reason, place_of
from cchc_public.store import Procedure, ProcedureRevision
from cchc_public.vietnamese.dates import parse_period
from tests.benchmarks.documents import open_site
from tests.benchmarks.procedures import MANY
from tests.hosts import PASSWORD
from tests.integration.reports import publish, settle

PAGES = (
    "/", "/ky", "/ky/2023-6-thang", "/ky/2023-6-thang/ho-so", "/hai-long", "/dinh-chinh",
    "/thu-tuc", "/thu-tuc/1.001193", "/nhung/ho-so", "/mot-cua",
)  # fmt: skip
OFFICE, EMAIL = "/quan-tri/", "do@bench.example"


def main() -> None:
    """Print each page as the site grows."""
    loop = milliseconds(lambda: sum(range(1_000_000)), 5)
    print(f"calibration: sum(range(1 000 000)) {loop:.1f} ms")
    with TemporaryDirectory() as name:
        app = open_site(Path(name))
        small = measure(app)
        with app.app_context(), Session(app.extensions["sqlalchemy"].engine) as session:
            add_procedures(session, MANY)
            publish_many(session, 40)
        large = measure(app)
    print(f"{'':28} 277 procedures, 1 period    {MANY} procedures, 40 periods")
    for what, (ms, queries) in small.items():
        more, then = large[what]
        print(f"{what:28} {ms:7.1f} ms {queries:4} queries {more:9.1f} ms {then:4} queries")


def add_procedures(session: Session, count: int) -> None:
    """Add so many procedures, the real ones under ever new codes and names."""
    known = [dict(row) for row in session.execute(select(Procedure.__table__)).mappings()]
    for row in known:
        del row["id"]
    more = [
        {
            **known[number % len(known)],
            "code": f"3.{number:06}",
            "name": f"{known[number % len(known)]['name']} khu vực {number // len(known)}",
        }
        for number in range(count)
    ]
    session.execute(insert(Procedure.__table__), more)
    who = {"actor_id": "bench", "actor_name": "Đo", "action": "import", "before": {}, "after": {}}
    told = [{**who, "procedure_code": row["code"], "token": row["code"]} for row in more]
    session.execute(insert(ProcedureRevision.__table__), told)
    session.commit()


def publish_many(session: Session, count: int) -> None:
    """Publish so many months, each with the tables of the real report."""
    for number in range(count):
        period = parse_period(f"{2020 + number // 12}-thang-{number % 12 + 1:02}")
        assert period is not None  # noqa: S101
        report = create_report(session, period, CLERK)
        sheets = demo_sheets()
        for code, sheet in sheets.items():
            window = {"data_from": report.data_from, "data_to": report.data_to}
            moved = replace(sheet, edition=get_sheet(report, code).edition, **window)
            version = sheet_version(report, code)
            save_sheet(session, report, moved, version=version, actor=CLERK)
        settle(session, report, tuple(sheets))
        for finding in find_findings(session, report):
            if finding.takes_reason:
                words = f"Đã đối chiếu với sổ theo dõi của tháng. {reason_for(finding)}"
                place = place_of(finding)
                give_reason(session, report, finding.key, words, CLERK, place=place)
        publish(session, report, PUBLISHER, authority=demo_authority())
        session.commit()


def measure(app: Flask) -> dict[str, tuple[float, int]]:
    """Return milliseconds and queries of everything that is measured."""
    found = {path: first_rendering(app, path) for path in PAGES}
    client = app.test_client()
    sign_in(app, client)

    def office() -> None:
        assert client.get(OFFICE).status_code == 200  # noqa: S101

    office()
    with counted(app) as statements:
        office()
    found["office list"] = milliseconds(office, 5), len(statements)
    found["snapshot, the desk"] = rewrite_snapshot(app)
    found["snapshot, one procedure"] = rewrite_snapshot(app, is_procedure=True)
    return found


def first_rendering(app: Flask, path: str) -> tuple[float, int]:
    """Return what a page costs that is not kept, though its figures were read before."""
    client, store = app.test_client(), app.extensions["cchc_public"].page_cache

    def render() -> None:
        store.clear()
        assert client.get(path).status_code == 200, path  # noqa: S101

    render()
    with counted(app) as statements:
        render()
    return milliseconds(render, 5), len(statements)


def rewrite_snapshot(app: Flask, *, is_procedure: bool = False) -> tuple[float, int]:
    """Return what the copy of everything public costs after one change."""
    snapshot = app.extensions["cchc_public"].page_cache.snapshot
    who = {"actor_id": "bench", "actor_name": "Đo", "action": "edit", "before": {}, "after": {}}
    with app.app_context(), app.extensions["sqlalchemy"].engine.connect() as connection:

        def write() -> None:
            stamp = f"bench {time.monotonic()}"
            if is_procedure:
                row = {**who, "procedure_code": "1.001193", "token": stamp}
                connection.execute(insert(ProcedureRevision.__table__), [row])
                connection.commit()
            snapshot.write(connection, stamp)

        write()
        with counted(app) as statements:
            write()
        return milliseconds(write, 3), len(statements)


def sign_in(app: Flask, client: FlaskClient) -> None:
    """Let the client be a clerk."""
    app.config["WTF_CSRF_ENABLED"] = False
    with app.app_context():
        session = app.extensions["sqlalchemy"].session
        if find_user(session, EMAIL) is None:
            add_user(session, EMAIL, "Đo", ("clerk",), PASSWORD)
            session.commit()
    client.post("/quan-tri/dang-nhap", data={"email": EMAIL, "password": PASSWORD})


@contextmanager
def counted(app: Flask) -> Iterator[list[str]]:
    """Collect the statements of a block."""
    statements: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        statements.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def milliseconds(deed: Callable[[], object], rounds: int) -> float:
    """Return the least processor time of one call."""
    least = float("inf")
    for _ in range(rounds):
        start = time.process_time()
        deed()
        least = min(least, time.process_time() - start)
    return least * 1000


if __name__ == "__main__":
    main()
