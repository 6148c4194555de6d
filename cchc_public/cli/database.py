"""``cchc db …``: our migrations, run in process; the host's own stay untouched."""

from __future__ import annotations

from collections.abc import Callable

import click
from alembic.util import CommandError
from sqlalchemy import Engine

from cchc_public.cli.copies import keep_present
from cchc_public.cli.frame import OPERATOR, CchcGroup
from cchc_public.migrations import runner
from cchc_public.state import get_state
from cchc_public.store.audit import record

database_group = CchcGroup("db", help="Bảng của phần này trong cơ sở dữ liệu.")


@database_group.command("upgrade")
@click.argument("target", default="head")
def upgrade(target: str) -> None:
    """Tạo bảng hoặc nâng lên bản mới."""
    before = runner.current(get_state().engine)
    _run(runner.upgrade, target)
    note("database.upgrade", before)


@database_group.command("downgrade")
@click.argument("target")
@click.option("--yes", is_flag=True, help="Không hỏi lại.")
def downgrade(target: str, yes: bool) -> None:
    """Lùi về một bản cũ; base xóa mọi bảng của phần này, không đụng bảng khác."""
    if not yes:
        click.confirm(f"Lùi về {target} có thể xóa số liệu. Tiếp tục?", abort=True)
    engine = get_state().engine
    kept = keep_present(engine, "truoc-khi-lui")
    click.echo(f"Bản đang dùng đã giữ lại ở {kept}." if kept else "Không có bản nào để giữ lại.")
    note("database.downgrade", target)  # before: the trail may go with its table
    _run(runner.downgrade, target)


@database_group.command("stamp")
@click.argument("target", default="head")
def stamp(target: str) -> None:
    """Ghi nhận bảng đã ở bản nào, không sửa bảng."""
    _run(runner.stamp, target)


@database_group.command("current")
def current() -> None:
    """In bản hiện tại và bản cần có."""
    found = runner.current(get_state().engine)
    click.echo(f"{found or 'chưa có bảng'} (cần {runner.head()})")


@database_group.command("check")
def check() -> None:
    """So bảng với mã nguồn; thoát 1 khi khác."""
    engine = get_state().engine
    if not runner.is_current(engine):
        raise click.ClickException("Cơ sở dữ liệu chưa ở bản mới nhất: cchc db upgrade.")
    if differences := runner.check(engine):
        raise click.ClickException("Bảng khác mã nguồn:\n" + "\n".join(differences))
    click.echo("Bảng khớp với mã nguồn.")


def note(deed: str, other: str | None) -> None:
    """Write into the trail between which revisions the tables moved, where it can be written."""
    state = get_state()
    now = runner.current(state.engine)
    if now == runner.head() and other not in (None, now):
        record(state.session, OPERATOR, deed, "database", now=now, other=other)
        state.session.commit()


def _run(action: Callable[[Engine, str], None], target: str) -> None:
    engine = get_state().engine
    try:
        action(engine, target)
    except CommandError as error:
        raise click.ClickException(f"Không chạy được: {error}.") from error
    click.echo(f"Cơ sở dữ liệu ở bản {runner.current(engine) or 'rỗng'}.")
