"""Runs our migrations in process, on a connection of the host; compares what stands with them."""

from __future__ import annotations

import importlib
import io
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from functools import lru_cache
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Engine, MetaData, create_engine, text

from cchc_public.migrations.host_filter import PREFIX, is_ours
from cchc_public.store import Base

if TYPE_CHECKING:
    from alembic.config import Config

VERSION_TABLE = "cchc_alembic_version"
# Every database has them; only the stand-alone site uses them, and only its extra declares them.
ACCOUNT_TABLES = frozenset(
    f"cchc_{name}" for name in ("attempts", "role", "sign_in", "user", "user_role", "webauthn")
)
# Alembic is imported where it runs: only commands and tests wait for it.
FOLDER = Path(__file__).resolve().parent
# Chosen once for all: two servers starting together must not migrate the same PostgreSQL at once.
_LOCK_ID = 0x63636863
# Alembic's context is one for the whole process.
_process_lock = RLock()


def head() -> str:
    """Return the revision this version of the package needs, as pinned in the file ``HEAD``."""
    return (FOLDER / "HEAD").read_text(encoding="ascii").strip()


def current(bind: Engine | Connection) -> str | None:
    """Return the revision the database is at, None when it holds none of our tables."""
    from alembic.migration import MigrationContext

    with _connected(bind) as connection:
        return MigrationContext.configure(connection, opts=OPTIONS).get_current_revision()


def is_current(bind: Engine | Connection) -> bool:
    """Tell whether the database is at the revision this version of the package needs."""
    return current(bind) == head()


def upgrade(bind: Engine | Connection, target: str = "head") -> None:
    """Bring the database up to ``target``: all or nothing, one process at a time."""
    _run(bind, "upgrade", target)


def downgrade(bind: Engine | Connection, target: str) -> None:
    """Take the database back to ``target``; ``base`` drops our tables and nothing else."""
    _run(bind, "downgrade", target)


def stamp(bind: Engine | Connection, target: str = "head") -> None:
    """Note that the tables are at ``target`` without changing them: adopts existing tables."""
    _run(bind, "stamp", target)


def check(bind: Engine | Connection) -> tuple[str, ...]:
    """Return how our tables differ from what the code needs; empty when they agree."""
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    with _connected(bind) as connection:
        context = MigrationContext.configure(connection, opts=OPTIONS)
        return tuple(str(difference) for difference in compare_metadata(context, load_metadata()))


def include_name(name: str | None, type_: str, parent_names: Any) -> bool:
    """Look at no table of the host when the database is read, nor at accounts without a use."""
    if type_ != "table":
        return True
    if name in ACCOUNT_TABLES:
        return name in Base.metadata.tables
    return (name or "").startswith(PREFIX) and name != VERSION_TABLE


# how Alembic looks at the database, when it migrates and when it compares
OPTIONS: dict[str, Any] = {
    "version_table": VERSION_TABLE,
    "compare_type": True,
    "include_name": include_name,
    "include_object": is_ours,
}


def load_metadata() -> MetaData:
    """Return the metadata of all our tables, also those of the accounts where they can be had."""
    # the ``site`` extra may be missing; a host has accounts of its own
    with suppress(ModuleNotFoundError):
        importlib.import_module("cchc_public.accounts")
    return Base.metadata


def build_config(connection: Connection | None = None) -> Config:
    """Return an Alembic configuration without any file; its output goes nowhere."""
    from alembic.config import Config

    config = Config(stdout=io.StringIO())
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def _run(bind: Engine | Connection, command_name: str, target: str) -> None:
    """Open the write transaction before the first statement, alone among all processes."""
    from alembic import command

    with _process_lock, _rebuilding(bind) as connection:
        driver = connection.connection.dbapi_connection
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:id)"), {"id": _LOCK_ID})
        elif connection.dialect.name == "sqlite" and driver and not driver.in_transaction:
            # The driver itself would begin only before data changes, never before CREATE TABLE.
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        getattr(command, command_name)(build_config(connection), target)
        if (command_name, target) == ("downgrade", "base"):  # uninstalling leaves nothing
            connection.execute(text(f"DROP TABLE {VERSION_TABLE}"))


def _connected(bind: Engine | Connection) -> AbstractContextManager[Connection]:
    """Commit at the end what we opened; a connection that was handed over is the caller's."""
    return nullcontext(bind) if isinstance(bind, Connection) else bind.begin()


@contextmanager
def _rebuilding(bind: Engine | Connection) -> Iterator[Connection]:
    """Connect for changes of tables; SQLite drops a table it rebuilds, so it checks at the end."""
    if isinstance(bind, Connection) or bind.dialect.name != "sqlite":
        with _connected(bind) as connection:
            yield connection
        return
    with bind.connect() as connection:
        driver: Any = connection.connection.dbapi_connection
        is_strict = bool(driver.execute("PRAGMA foreign_keys").fetchone()[0])
        driver.execute("PRAGMA foreign_keys = OFF")
        try:
            with connection.begin():
                yield connection
                broken = connection.exec_driver_sql("PRAGMA foreign_key_check") if is_strict else ()
                # what a host left dangling in its own tables is no business of ours
                if any(row[0].startswith("cchc_") for row in broken):
                    raise RuntimeError("a migration left references that lead nowhere")
        finally:
            if is_strict:
                driver.execute("PRAGMA foreign_keys = ON")


_SQLITE = r"""
SELECT type, name, sql FROM sqlite_master
WHERE type IN ('table', 'trigger') AND tbl_name LIKE 'cchc\_%' ESCAPE '\'
"""
# each trigger, and whether it is switched on and still refuses
_POSTGRESQL = r"""
SELECT t.tgname, t.tgenabled IN ('O', 'A') AND p.prosrc LIKE '%RAISE EXCEPTION%'
FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid
WHERE NOT t.tgisinternal AND c.relname LIKE 'cchc\_%'
AND c.relnamespace = current_schema()::regnamespace
"""
_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"
_WORDS = {"table": "bảng", "trigger": "chốt chống sửa"}
_Found = dict[tuple[str, str], str]  # kind and name: the trigger's words on one line


def find_broken_guards(connection: Connection) -> Iterator[str]:
    """Yield each of our tables that is missing, each trigger missing, changed or foreign."""
    wanted = _as_migrated()
    if connection.dialect.name == "sqlite":
        found = _read_sqlite(connection)
    else:
        # one trigger there guards what three or more guard on SQLite
        guarded = {name.removesuffix("_no_update") for kind, name in wanted if kind == "trigger"}
        wanted = {key: "" for key in wanted if key[0] == "table"}
        frozen = [name for _kind, name in wanted if name in guarded]
        wanted |= {("trigger", f"{name}_frozen"): "refuses" for name in frozen}
        found = {("table", name): "" for name in connection.scalars(text(_TABLES))}
        triggers = connection.execute(text(_POSTGRESQL))
        found |= {("trigger", name): "refuses" if refuses else "" for name, refuses in triggers}
    for kind, name in sorted(wanted.keys() - found.keys()):
        yield f"thiếu {_WORDS[kind]} {name}"
    for kind, name in sorted(found.keys() - wanted.keys()):
        if kind == "trigger":
            yield f"có {_WORDS[kind]} lạ {name}"
    for kind, name in sorted(wanted.keys() & found.keys()):
        if found[kind, name] != wanted[kind, name]:
            yield f"{_WORDS[kind]} {name} đã bị sửa hoặc tắt"


def _read_sqlite(connection: Connection) -> _Found:
    rows = connection.execute(text(_SQLITE))
    return {
        # tables may have been built in one step or in several; that they are there is enough
        (row.type, row.name): " ".join(row.sql.split()) if row.type == "trigger" else ""
        for row in rows
    }


@lru_cache(maxsize=1)
def _as_migrated() -> _Found:
    """Return tables and triggers of a database that was migrated just now."""
    engine = create_engine("sqlite://")
    try:
        with engine.begin() as connection:
            upgrade(connection)
            return _read_sqlite(connection)
    finally:
        engine.dispose()
