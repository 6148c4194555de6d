"""Databases for tests: a fresh one each time, copied from what was made once for speed."""

from __future__ import annotations

import fcntl
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, event, make_url
from sqlalchemy.orm import Mapper, Session
from sqlalchemy.util import LRUCache

from cchc_public.migrations import runner
from tests.postgres_server import PostgresServer, find_binaries

DATABASES = ("sqlite", "postgresql")
Fill = Callable[[Session], object]  # enters something; called once for each kind of database


class CompiledStatements:
    """Statements compiled once a process, not once a database: all of one kind are alike here."""

    def __init__(self) -> None:
        self._kept: LRUCache[Any, Any] = LRUCache(2_000)

    def get(self, key: Any) -> Any:
        """Return what was compiled for a dialect of this kind."""
        return self._kept.get((type(key[0]), *key[1:]))

    def __setitem__(self, key: Any, compiled: Any) -> None:
        self._kept[(type(key[0]), *key[1:])] = compiled


Mapper._compiled_cache = kept = CompiledStatements()
# each engine would make a cache of its own
Engine._compiled_cache = property(lambda _engine: kept, lambda _engine, _own: None)


def open_engine(url: str) -> Engine:
    """Return an engine that treats SQLite as the stand-alone site does."""
    engine = create_engine(url)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
    return engine


def _prepare_sqlite(connection, _record) -> None:
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")


def made_once(path: Path, make: Callable[[Path], object], before: str | None = None) -> Path:
    """Return ``path``, made by the first worker that asks, from a copy of ``before`` if given."""
    with path.with_name(f"{path.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not path.exists():
            draft = path.with_name(f"draft-{path.name}")
            if before:
                shutil.copyfile(before, draft)
            make(draft)
            draft.rename(path)
    return path


class Databases:
    """Hands out databases of one kind and clears them away."""

    def __init__(self, folder: Path) -> None:
        """Keep what is copied in ``folder``, where other workers of the same run look too."""
        self._folder = folder
        self._server: PostgresServer | None = None
        self._templates: dict[tuple[str, Fill], str] = {}

    @contextmanager
    def empty(self, kind: str, folder: Path) -> Iterator[str]:
        """Give the URL of an empty database for the length of the block."""
        if kind == "sqlite":
            yield f"sqlite:///{folder / 'cchc.sqlite'}"
            return
        yield from self._on_server("template1")

    @contextmanager
    def filled(self, kind: str, folder: Path, *fills: Fill) -> Iterator[str]:
        """Give the URL of a database at the newest migration, holding what ``fills`` enter."""
        template = self._template(kind, fills)
        if kind == "sqlite":
            target = folder / "cchc.sqlite"
            shutil.copyfile(template, target)
            yield f"sqlite:///{target}"
            return
        yield from self._on_server(template)

    def stop(self) -> None:
        """Stop the PostgreSQL server, if one was needed."""
        if self._server:
            self._server.stop()

    @property
    def server(self) -> PostgresServer:
        """The server, started when first asked for; without PostgreSQL the test fails."""
        if self._server is None:
            binaries = find_binaries()
            if binaries is None:
                pytest.fail("PostgreSQL is missing; make test installs it", pytrace=False)
            self._server = PostgresServer(binaries)
        return self._server

    def _on_server(self, template: str) -> Iterator[str]:
        url = self.server.create_database(template)
        yield url
        self.server.drop_database(str(make_url(url).database))

    def _template(self, kind: str, fills: tuple[Fill, ...]) -> str:
        """Return the name of a database at rest that holds it; made once, each from the last."""
        if (kind, fills) not in self._templates:
            before = self._template(kind, fills[:-1]) if fills else None
            if kind == "sqlite":
                name = "-".join(["empty", *(fill.__name__ for fill in fills)])
                path = made_once(
                    self._folder / f"{name}.sqlite",
                    lambda draft: self._fill(f"sqlite:///{draft}", fills[-1:]),
                    before,
                )
                self._templates[kind, fills] = str(path)
            else:
                url = self.server.create_database(*([before] if before else []))
                self._fill(url, fills[-1:])
                self._templates[kind, fills] = str(make_url(url).database)
        return self._templates[kind, fills]

    @staticmethod
    def _fill(url: str, fills: tuple[Fill, ...]) -> None:
        """Enter the last that it shall hold; the first thing is our tables."""
        engine = create_engine(url)
        if not fills:
            runner.upgrade(engine)
        for fill in fills:
            with Session(engine) as session:
                fill(session)
                session.commit()
        engine.dispose()
