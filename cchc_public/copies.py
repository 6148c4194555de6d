"""Safety copies of the database: one checked SQLite file, whatever the site itself runs on.

Commands and the office make them here; only the command ``restore`` puts one back, and what that
would do is told before.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import sqlite3
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from flask import current_app
from sqlalchemy import Engine, create_engine, event, func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from cchc_public import host
from cchc_public.errors import CchcError, NotFound
from cchc_public.health import examine_figures
from cchc_public.migrations import runner
from cchc_public.state import get_state
from cchc_public.store import AuditEntry, Procedure, Release, Report, utc_now
from cchc_public.store.base import Actor
from cchc_public.store.snapshot import copy_rows, digest_rows, replace_rows
from cchc_public.store.writing import record
from cchc_public.vietnamese.numbers import format_number

SUM = ".sha256"  # behind the copy's name; what ``sha256sum -c`` reads
FOLDER = "sao-luu"  # of the office and of the timer, in the instance folder
_COMPARED = {"Lần công bố": Release, "Kỳ báo cáo": Report, "Thủ tục": Procedure}
_PROOF = "cchc_alembic_version"  # the table every database of ours has
_OTHERS = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
"""


class CopyRefused(CchcError):
    """A copy cannot be made or must not be put back; nothing was touched."""


def make_copy(file: Path) -> None:
    """Write a whole, checked copy and its checksum; nothing carries the name before that."""
    engine = get_state().engine
    partial = file.with_name(file.name + ".partial")
    with gone_afterwards(partial), told_in_words(file):
        if is_whole_file_ours(engine):
            copy_database(find_sqlite_file(engine), partial)
        else:
            copy_our_tables(engine, partial)
        check_file(partial)
        digest = digest_of_file(partial)
        (file.parent / f"{file.name}{SUM}").write_text(f"{digest}  {file.name}\n", "utf-8")
        os.replace(partial, file)


@contextlib.contextmanager
def gone_afterwards(file: Path) -> Iterator[None]:
    """Take a SQLite file away in the end, and its journals: it may have no room to do it itself."""
    try:
        yield
    finally:
        for tail in ("", "-journal", "-wal", "-shm"):
            file.with_name(file.name + tail).unlink(missing_ok=True)


def is_whole_file_ours(engine: Engine) -> bool:
    """Return whether the database is one SQLite file of the site's own, not also of a host's."""
    return host.is_site(current_app) and engine.dialect.name == "sqlite"


def keep_present(engine: Engine, why: str) -> Path | None:
    """Copy what is there now beside it, of a server or a host into the instance folder.

    None when there is nothing, or when the tables are not those of this version.
    """
    now = f"{datetime.now(UTC):%Y%m%dT%H%M%S%f}"
    if not is_whole_file_ours(engine):
        if not runner.is_current(engine):
            return None
        folder = Path(current_app.instance_path)
        folder.mkdir(parents=True, exist_ok=True)
        kept = folder / f"{why}.{now}.sqlite"
    else:
        source = find_sqlite_file(engine)
        if not source.exists() or not source.stat().st_size:
            return None
        kept = source.with_name(f"{source.name}.{now}")
    make_copy(kept)
    return kept


def find_sqlite_file(engine: Engine) -> Path:
    """Return the file of a SQLite database."""
    if not engine.url.database or engine.url.database == ":memory:":
        raise CopyRefused("Cơ sở dữ liệu chỉ nằm trong bộ nhớ; không có tệp để chép.")
    return Path(engine.url.database)


def copy_database(source: Path, target: Path) -> None:
    """Copy with SQLite's online backup: consistent although others read and write meanwhile."""
    if not source.is_file():  # opening it would make an empty one
        raise CopyRefused(f"Không có tệp {source}.")
    with (
        contextlib.closing(sqlite3.connect(source, timeout=30)) as origin,
        contextlib.closing(sqlite3.connect(target, timeout=30)) as copy,
    ):
        if os.name == "posix":
            target.chmod(0o600)  # it holds password hashes
        origin.backup(copy)
        # a copy must be one file that can be carried away, without a log beside it
        if copy.execute("PRAGMA journal_mode").fetchone()[0] == "wal":
            copy.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def copy_our_tables(engine: Engine, target: Path) -> None:
    """Write our tables, and none of a host's, as one SQLite file, all as of one moment."""
    if not runner.is_current(engine):
        raise CopyRefused("Cơ sở dữ liệu chưa ở bản mới nhất: cchc db upgrade.")
    tables = runner.load_metadata().sorted_tables
    with opened(target) as copy, copy.begin() as written, engine.connect() as source:
        target.chmod(0o600)
        if engine.dialect.name == "sqlite":
            source.exec_driver_sql("BEGIN")
        else:
            source = source.execution_options(isolation_level="REPEATABLE READ")
        runner.upgrade(written)
        copy_rows(source, written, tables)
        if digest_rows(source, tables) != digest_rows(written, tables):
            raise CopyRefused("Bản chép không giống cơ sở dữ liệu; chưa chép gì.")


def read_checksum(file: Path, *, may_miss: bool) -> str:
    """Return the file's SHA-256; refuse when it is not the one noted when the copy was made."""
    digest = digest_of_file(file)
    noted = file.with_name(file.name + SUM)
    if not noted.is_file():
        if may_miss:
            return digest
        raise CopyRefused(
            f"Thiếu tệp mã kiểm tra {noted.name} đi kèm bản chép, nên không biết bản chép có bị "
            "sửa hay không. Bản chép từ đời trước không có tệp này: thêm --without-checksum."
        )
    if noted.read_text("utf-8").split()[:1] != [digest]:
        raise CopyRefused(f"{file} không khớp mã kiểm tra trong {noted.name}: tệp đã bị sửa.")
    return digest


@contextlib.contextmanager
def checked_twin(file: Path) -> Iterator[Engine]:
    """Give a twin of the copy, brought to the newest migration and examined; the copy stays.

    Refused is what is well-formed but not what a site of ours was.
    """
    from alembic.util import CommandError  # a host that makes no copy pays nothing for it

    check_file(file)
    twin = Path(current_app.instance_path) / f"{file.name}.{secrets.token_hex(4)}.kiem-tra"
    twin.parent.mkdir(parents=True, exist_ok=True)
    with gone_afterwards(twin):
        with told_in_words(file):
            copy_database(file, twin)
        with opened(twin) as engine:
            try:
                runner.upgrade(engine)
                faults = [*runner.check(engine)]
            except CommandError as error:
                raise CopyRefused(f"{file} thuộc phiên bản phần mềm khác: {error}.") from error
            except DBAPIError as error:
                raise CopyRefused(f"{file} thiếu bảng của trang này: {error.orig}.") from error
            with Session(engine) as session:
                faults = faults or [*examine_figures(session)]
            if faults:
                words = "; ".join(faults)
                raise CopyRefused(f"{file} không nguyên vẹn nên không lấy lại: {words}.")
            yield engine


def refuse_when_served(engine: Engine) -> None:
    """Refuse while another process has the database open: it would go on with what it knew."""
    if engine.dialect.name == "sqlite":
        file = find_sqlite_file(engine)
        with contextlib.closing(sqlite3.connect(file, timeout=0.2, isolation_level=None)) as probe:
            try:
                probe.execute("PRAGMA locking_mode = EXCLUSIVE")
                probe.execute("BEGIN EXCLUSIVE")
                probe.execute("ROLLBACK")
            except sqlite3.OperationalError as error:
                raise CopyRefused(_STILL_SERVED) from error
        return
    # a server ends the session of a program that just stopped a moment after it let go
    last = time.monotonic() + _LEAVING
    alone = engine.execution_options(isolation_level="AUTOCOMMIT")  # each look a fresh one
    with alone.connect() as connection:
        while connection.scalar(text(_OTHERS)):
            if time.monotonic() > last:
                raise CopyRefused(_STILL_SERVED)
            time.sleep(0.1)


_LEAVING = 3.0  # seconds that a stopped program's connections may take to end
_STILL_SERVED = (
    "Trang hoặc một chương trình khác đang mở cơ sở dữ liệu. Hãy dừng trang rồi làm lại; "
    "chưa thay gì cả."
)


def put_back(twin: Engine, engine: Engine, actor: Actor, detail: dict[str, str]) -> None:
    """Write a line about it into the twin, and replace the database by it in one step."""
    with Session(twin) as session:
        record(session, actor, "database.restore", "co-so-du-lieu", **detail)
        session.commit()
    if is_whole_file_ours(engine):
        twin.dispose()
        copy_database(find_sqlite_file(twin), find_sqlite_file(engine))
        return
    tables = runner.load_metadata().sorted_tables
    with twin.connect() as source, engine.begin() as target:
        replace_rows(source, target, tables)
        if digest_rows(source, tables) != digest_rows(target, tables):
            raise CopyRefused("Số liệu lấy lại không giống bản chép; chưa thay gì cả.")


def foresee(twin: Engine, engine: Engine) -> Iterator[str]:
    """Say in sentences what putting a checked twin back would do to the database in use."""
    is_there = engine.dialect.name != "sqlite" or find_sqlite_file(engine).exists()
    if not is_there or not runner.is_current(engine):
        yield "Cơ sở dữ liệu đang dùng không đọc được nên không so sánh được."
        return
    with Session(twin) as copy, Session(engine) as present:
        for what, table in _COMPARED.items():
            counted = select(func.count()).select_from(table)
            now, then = (format_number(one.scalar(counted) or 0) for one in (present, copy))
            yield f"{what}: đang có {now}, sau khi lấy lại còn {then}."
        keys = select(Release.period_slug, Release.number).order_by(Release.id)
        kept = {(slug, n) for slug, n in copy.execute(keys)}
        lost = [f"{slug} lần {n}" for slug, n in present.execute(keys) if (slug, n) not in kept]
        if lost:
            yield f"Các lần công bố sẽ mất: {', '.join(lost)}."
        last = copy.scalars(select(AuditEntry).order_by(AuditEntry.id.desc()).limit(1)).first()
        since = select(func.count(AuditEntry.id)).where(AuditEntry.id > (last.id if last else 0))
        count = format_number(present.scalar(since) or 0)
        until = f"{last.at.astimezone(get_state().zone):%H:%M %d/%m/%Y}" if last else "chưa có"
        yield f"Việc cuối trong bản sao lưu: {until}. {count} việc làm sau đó sẽ không còn."


class KeptCopy:
    """One copy in the folder of copies."""

    def __init__(self, file: Path) -> None:
        found = file.stat()
        self.file, self.size = file, found.st_size
        self.made_at = datetime.fromtimestamp(found.st_mtime, UTC)
        self.has_checksum = file.with_name(file.name + SUM).is_file()


def copies_path() -> Path:
    """Return where the copies of the office and of the timer lie."""
    return Path(current_app.instance_path) / FOLDER


def copies_folder() -> Path:
    """Return that folder, made for its owner only; ``CopyRefused`` when it cannot be."""
    folder = copies_path()
    with told_in_words(folder):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def list_copies() -> tuple[KeptCopy, ...]:
    """Return the copies of the office and of the timer, newest first."""
    found = map(KeptCopy, copies_folder().glob("*.sqlite"))
    return tuple(sorted(found, key=lambda copy: copy.made_at, reverse=True))


def drop_old_copies() -> list[str]:
    """Delete copies older than the settings say, never the newest; return their names."""
    oldest = utc_now() - timedelta(days=get_state().config["BACKUP_DAYS"])
    old = [copy.file for copy in list_copies()[1:] if copy.made_at < oldest]
    for file in old:
        for one in (file, file.with_name(file.name + SUM)):
            one.unlink(missing_ok=True)
    return [file.name for file in old]


def find_copy(name: str) -> KeptCopy:
    """Return the copy of that name; ``NotFound`` for any other file."""
    for copy in list_copies():
        if copy.file.name == name:
            return copy
    raise NotFound("Không có bản sao lưu này.")


def check_file(file: Path) -> None:
    """Refuse a damaged file, and a database that is not ours."""
    address = f"{file.resolve().as_uri()}?mode=ro"
    try:
        with contextlib.closing(sqlite3.connect(address, uri=True)) as copy:
            verdict = copy.execute("PRAGMA integrity_check").fetchone()[0]
            ours = copy.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (_PROOF,)).fetchone()
    except sqlite3.DatabaseError as error:
        raise CopyRefused(f"{file} không phải cơ sở dữ liệu SQLite: {error}.") from error
    if verdict != "ok":
        raise CopyRefused(f"{file} bị hỏng: {verdict}.")
    if not ours:
        raise CopyRefused(f"{file} không phải cơ sở dữ liệu của trang này.")


def digest_of_file(file: Path) -> str:
    """Return the SHA-256 of the file's bytes."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


@contextlib.contextmanager
def opened(file: Path) -> Iterator[Engine]:
    """Give an engine on a SQLite file that nobody else uses."""
    engine = create_engine(f"sqlite:///{file}")
    event.listen(engine, "connect", lambda one, _record: one.execute("PRAGMA foreign_keys = ON"))
    try:
        yield engine
    finally:
        engine.dispose()


@contextlib.contextmanager
def told_in_words(file: Path) -> Iterator[None]:
    """Turn what disks do (full, read-only, gone) into a sentence."""
    try:
        yield
    except (OSError, sqlite3.Error, DBAPIError) as error:
        reason = getattr(error, "orig", None) or error
        raise CopyRefused(
            f"Không chép được vào {file.parent}: {reason}. Hãy xem đĩa còn chỗ và cho ghi không."
        ) from error
