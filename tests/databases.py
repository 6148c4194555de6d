"""Databases for tests: a fresh one each time, copied from what was made once for speed."""

from __future__ import annotations

import fcntl
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

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


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Keep all other workers out of the block that asks for the same ``path``."""
    with path.with_name(f"{path.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def made_once(path: Path, make: Callable[[Path], object], before: str | None = None) -> Path:
    """Return ``path``, made by the first worker that asks, from a copy of ``before`` if given."""
    with locked(path):
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
        self._use: TextIO | None = None  # locked by each worker that uses the server
        self._templates: dict[tuple[str, tuple[Fill, ...]], str] = {}

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
        """Stop the PostgreSQL server, if one was needed and no other worker uses it any more."""
        if self._server is None or self._use is None:
            return
        with locked(self._started):
            self._use.close()
            with self._in_use.open("w") as use:
                try:
                    fcntl.flock(use, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    return
            self._started.unlink()
            self._server.stop()

    @property
    def _started(self) -> Path:
        """Where it is written in which folder the server of this run was started."""
        return self._folder / "postgresql"

    @property
    def _in_use(self) -> Path:
        return self._folder / "postgresql.use"

    @property
    def server(self) -> PostgresServer:
        """The server of all workers, started when first asked for; without one the test fails."""
        if self._server is None:
            binaries = find_binaries()
            if binaries is None:
                pytest.fail("PostgreSQL is missing; make test installs it", pytrace=False)
            with locked(self._started):
                if not self._started.exists():
                    self._started.write_text(str(PostgresServer(binaries).folder))
                self._use = self._in_use.open("w")
                fcntl.flock(self._use, fcntl.LOCK_SH)
                self._server = PostgresServer(binaries, Path(self._started.read_text()))
        return self._server

    def _on_server(self, template: str) -> Iterator[str]:
        url = self.server.create_database(template)
        yield url
        self.server.drop_database(str(make_url(url).database))

    def _template(self, kind: str, fills: tuple[Fill, ...]) -> str:
        """Return the name of a database at rest that holds it; made once, each from the last."""
        if (kind, fills) not in self._templates:
            before = self._template(kind, fills[:-1]) if fills else None
            name = "-".join(["empty", *(fill.__name__ for fill in fills)])
            if kind == "sqlite":
                path = made_once(
                    self._folder / f"{name}.sqlite",
                    lambda draft: self._fill(f"sqlite:///{draft}", fills[-1:]),
                    before,
                )
                self._templates[kind, fills] = str(path)
            else:

                def make(note: Path) -> None:
                    url = self.server.create_database(*([before] if before else []))
                    self._fill(url, fills[-1:])
                    note.write_text(str(make_url(url).database))

                note = made_once(self.server.folder / name, make)
                self._templates[kind, fills] = note.read_text()
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
