"""Fixtures of all tests: databases, hosts, people who are really signed in, a clock.

A test that takes ``app`` (or a client) runs on our own site with SQLite. ``pytest.mark.everywhere``
takes it to the other host and database, ``pytest.mark.hosts("full")`` and
``pytest.mark.databases("postgresql")`` to those named. A test of services (``engine`` or
``session`` without an app) runs on both databases.
"""

from __future__ import annotations

import gc
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, settings
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from cchc_public.demo import load_demo, load_demo_procedures
from tests.clock import FrozenClock
from tests.databases import DATABASES, Databases, made_once, open_engine
from tests.hosts import BUILDERS, HAS_SITE, HOSTS, PASSWORD, STAFF, add_staff, sign_in_path
from tests.pages import CheckedClient
from tests.postgres_server import MEMORY

CCHC = str(Path(sys.executable).with_name("cchc"))
# fixtures whose rows come with the database
FILLS = {"demo": load_demo, "procedures": load_demo_procedures}
# how long an example takes tells of the machine, not of what is asked
settings.register_profile("suite", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("suite")


def pytest_configure(config: pytest.Config) -> None:
    gc.disable()  # until all tests are known: nothing of that is garbage
    if MEMORY:
        # hundreds of databases that wait for the disk at each commit, as ours do, wait for nothing
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", MEMORY)
    for line in (
        "hosts(*names): run on these hosts only: standalone, full, bare",
        "databases(*names): run on these databases only: sqlite, postgresql",
        "everywhere: run on each host and on each database, but not each host on each database",
    ):
        config.addinivalue_line("markers", line)


def pytest_collection_finish() -> None:
    """Let the collector of garbage pass by what stays for the whole run, and come less often."""
    gc.enable()
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item, seen: set[str] = set()) -> Iterator[None]:  # noqa: B006 - one set for all
    """Let coverage look at the first case of each test only: what it sees takes twice as long."""
    name = item.nodeid.partition("[")[0]
    measuring = sys.modules["coverage"].Coverage.current() if "coverage" in sys.modules else None
    if measuring is None or name not in seen:
        seen.add(name)
        return (yield)
    measuring.stop()
    try:
        return (yield)
    finally:
        measuring.start()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    find = metafunc.definition.get_closest_marker
    needs = {"host_kind", "database_kind"} & set(metafunc.fixturenames)
    # a page of a host is no other there: only what depends on the place is asked in each place
    is_wide = find("everywhere") or needs != {"host_kind", "database_kind"}
    hosts, databases = (
        (mark.args if (mark := find(name)) else every if is_wide else every[:1])
        for name, every in (("hosts", HOSTS), ("databases", DATABASES))
    )
    if needs == {"host_kind"}:
        metafunc.parametrize("host_kind", hosts)
    elif needs == {"database_kind"}:
        metafunc.parametrize("database_kind", databases)
    elif needs:
        is_open = not find("hosts") and not find("databases")
        pairs = [
            pytest.param(host, database, id=f"{host}-{database}")
            for host in hosts
            for database in databases
            if not is_open or host == HOSTS[0] or database == DATABASES[0]
        ]
        metafunc.parametrize(("host_kind", "database_kind"), pairs)


@pytest.fixture(scope="session")
def shared_folder(tmp_path_factory) -> Path:
    """A folder of this run that all its workers share."""
    own: Path = tmp_path_factory.getbasetemp()
    folder = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "shared"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def demo_folder(shared_folder: Path) -> Path:
    """The demo in ``instance`` as an operator's commands leave it, and what they ``said``."""

    def fill(folder: Path) -> None:
        place = {**os.environ, "CCHC_INSTANCE_PATH": str(folder / "instance")}
        for words in (["db", "upgrade"], ["demo"]):
            command = [CCHC, *words]
            told = subprocess.run(command, env=place, check=True, capture_output=True, text=True)
        (folder / "said").write_text(told.stdout, encoding="utf-8")

    return made_once(shared_folder / "demo", fill)


@pytest.fixture(scope="session")
def databases(shared_folder) -> Iterator[Databases]:
    found = Databases(shared_folder)
    yield found
    found.stop()


@pytest.fixture
def database_url(
    request: pytest.FixtureRequest, database_kind: str, databases: Databases, tmp_path: Path
) -> Iterator[str]:
    """The address of a database without tables, or with ours when the test takes ``engine``.

    ``demo``, ``procedures`` and our site's accounts are entered once a session and copied, unless
    the clock is held: then what they write must bear its time.
    """
    asked = request.fixturenames
    fills = []
    if "clock" not in asked:
        fills += [fill for name, fill in FILLS.items() if name in asked]
        # the accounts of our own site come last: what stands above is copied for all hosts
        is_site = "host_kind" in asked and request.getfixturevalue("host_kind") == HOSTS[0]
        fills += [add_staff] * (is_site and HAS_SITE)
    give = (
        databases.filled(database_kind, tmp_path, *fills)
        if "engine" in asked
        else databases.empty(database_kind, tmp_path)
    )
    with give as url:
        yield url


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """An engine on a migrated, empty database; the same that ``app`` uses."""
    opened = open_engine(database_url)
    yield opened
    opened.dispose()


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    """A session of the test's own on the database of ``app``; commit for the app to see it."""
    with Session(engine) as opened:
        yield opened


@pytest.fixture
def build_app(engine: Engine, tmp_path: Path) -> Iterator[Callable[..., Flask]]:
    """Build an app of any kind on this test's database: ``build_app("full", CCHC_…=…)``."""
    built: list[Flask] = []

    def build(kind: str, **config: object) -> Flask:
        if kind == "standalone" and not HAS_SITE:
            pytest.skip("the site's own libraries are not installed")
        url = engine.url.render_as_string(hide_password=False)
        built.append(BUILDERS[kind](url, tmp_path, **config))
        return built[-1]

    yield build
    for app in built:
        with app.app_context():
            app.extensions["sqlalchemy"].engine.dispose()


@pytest.fixture
def app(host_kind: str, build_app: Callable[..., Flask]) -> Flask:
    """The app under test, on each host and each database."""
    return build_app(host_kind)


@pytest.fixture
def demo(session: Session) -> None:
    """The real report, entered and published in the database of the test."""
    load_demo(session)  # nothing to do when the database came with it
    session.commit()


@pytest.fixture
def procedures(session: Session) -> None:
    """The real list of 277 procedures in the database of the test."""
    load_demo_procedures(session)  # likewise
    session.commit()


@pytest.fixture
def run(app: Flask) -> Callable[..., str]:
    """Run one command of ``flask cchc``, expect its exit code, return what it said."""
    runner_of_app = app.test_cli_runner()

    def command(*words: object, code: int = 0, **options: Any) -> str:
        result = runner_of_app.invoke(args=["cchc", *map(str, words)], **options)
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert result.exit_code == code, result.output
        return str(result.output)

    return command


@pytest.fixture
def prefix(app: Flask) -> str:
    """Where our pages begin in this app."""
    return str(app.config["CCHC_URL_PREFIX"])


@pytest.fixture
def client(app: Flask) -> CheckedClient:
    return app.test_client()


@pytest.fixture
def citizen(client: CheckedClient) -> CheckedClient:
    """Someone who is not signed in."""
    return client


@pytest.fixture
def signed_in(app: Flask) -> Callable[[str], CheckedClient]:
    """Return a client signed in as ``clerk``, ``publisher`` or ``admin``."""

    def sign_in(role: str) -> CheckedClient:
        client: CheckedClient = app.test_client()
        client.sign_in(sign_in_path(app), STAFF[role][0], PASSWORD)
        return client

    return sign_in


@pytest.fixture
def clerk(signed_in: Callable[[str], CheckedClient]) -> CheckedClient:
    return signed_in("clerk")


@pytest.fixture
def publisher(signed_in: Callable[[str], CheckedClient]) -> CheckedClient:
    return signed_in("publisher")


@pytest.fixture
def admin(signed_in: Callable[[str], CheckedClient]) -> CheckedClient:
    return signed_in("admin")


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> FrozenClock:
    """The package's clock, standing at 13/06/2023 08:00 in Vietnam."""
    return FrozenClock(monkeypatch, datetime(2023, 6, 13, 1, tzinfo=UTC))
