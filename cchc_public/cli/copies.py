"""Safety copies of the SQLite database, taken and put back while the site runs."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import click
from flask.cli import with_appcontext

from cchc_public.state import get_state
from cchc_public.vietnamese.numbers import format_number

_PROOF = "cchc_alembic_version"  # the table every database of ours has


@click.command("backup")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@with_appcontext
def backup(file: Path) -> None:
    """Chép cơ sở dữ liệu SQLite ra một tệp, trong khi trang vẫn chạy."""
    source = find_sqlite_file()
    if file.exists():
        raise click.ClickException(f"{file} đã có; hãy chọn tên khác.")
    partial = file.with_name(file.name + ".partial")
    try:
        copy_database(source, partial)
        check_copy(partial)
        # only a whole and checked copy ever carries the final name
        os.replace(partial, file)
    finally:
        partial.unlink(missing_ok=True)
    click.echo(f"Đã chép {source.name} ra {file} ({format_number(file.stat().st_size)} byte).")


@click.command("restore")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--yes", is_flag=True, help="Không hỏi lại.")
@with_appcontext
def restore(file: Path, yes: bool) -> None:
    """Lấy lại cơ sở dữ liệu SQLite từ một bản chép; bản đang dùng được giữ bên cạnh."""
    target = find_sqlite_file()
    check_copy(file)
    if not yes:
        click.confirm(f"Thay toàn bộ số liệu trong {target} bằng {file}?", abort=True)
    if target.exists():
        kept = target.with_name(f"{target.name}.{datetime.now(UTC):%Y%m%dT%H%M%S%f}")
        copy_database(target, kept)
        click.echo(f"Bản đang dùng đã giữ lại ở {kept}.")
    get_state().engine.dispose()
    copy_database(file, target)
    click.echo("Đã lấy lại. Hãy chạy: cchc db upgrade, rồi khởi động lại trang.")


def find_sqlite_file() -> Path:
    """Return the file of the database; say what to do when it is no SQLite file."""
    url = get_state().engine.url
    if url.get_backend_name() != "sqlite":
        raise click.ClickException(
            "Cơ sở dữ liệu là PostgreSQL: hãy dùng pg_dump để chép và pg_restore để lấy lại."
        )
    if not url.database or url.database == ":memory:":
        raise click.ClickException("Cơ sở dữ liệu chỉ nằm trong bộ nhớ; không có tệp để chép.")
    return Path(url.database)


def copy_database(source: Path, target: Path) -> None:
    """Copy with SQLite's online backup: consistent although others read and write meanwhile."""
    with (
        contextlib.closing(sqlite3.connect(source, timeout=30)) as origin,
        contextlib.closing(sqlite3.connect(target, timeout=30)) as copy,
    ):
        origin.backup(copy)
        # a copy must be one file that can be carried away, without a log beside it
        if copy.execute("PRAGMA journal_mode").fetchone()[0] == "wal":
            copy.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    if os.name == "posix":
        target.chmod(0o600)  # it holds password hashes


def check_copy(file: Path) -> None:
    """Refuse a damaged file, and a database that is not ours."""
    address = f"{file.resolve().as_uri()}?mode=ro"
    try:
        with contextlib.closing(sqlite3.connect(address, uri=True)) as copy:
            verdict = copy.execute("PRAGMA integrity_check").fetchone()[0]
            ours = copy.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (_PROOF,)).fetchone()
    except sqlite3.DatabaseError as error:
        raise click.ClickException(f"{file} không phải cơ sở dữ liệu SQLite: {error}.") from error
    if verdict != "ok":
        raise click.ClickException(f"{file} bị hỏng: {verdict}.")
    if not ours:
        raise click.ClickException(f"{file} không phải cơ sở dữ liệu của trang này.")
