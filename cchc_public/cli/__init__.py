"""``flask cchc …``: everything an operator does without a browser; also the script ``cchc``."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

import click
from flask.cli import AppGroup, ScriptInfo
from sqlalchemy.exc import DBAPIError

from cchc_public.errors import CchcError
from cchc_public.state import get_state
from cchc_public.store.base import Actor, AnySession
from cchc_public.store.writing import saving
from cchc_public.web.caching import refresh_snapshot

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
# who acts in the audit trail when a command changes something
OPERATOR = Actor(id="cli", name="Người vận hành (dòng lệnh)")
# commands after which something else may be public
WRITING = ("db", "import", "demo", "publish", "publish-due", "withdraw", "restore")
# the modules that add them, loaded when asked for: a site that serves pages pays for no command
_MODULES = {
    "content": "import period check publish publish-due accept-clock withdraw",
    "keeping": "db user demo backup restore",
    "serving": "doctor serve sample",
}
_HOMES = {name: module for module, names in _MODULES.items() for name in names.split()}


class CchcGroup(AppGroup):
    """The group of all commands: ends with a sentence and exit code 1 when we refuse something."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands, loaded or not."""
        return sorted({*super().list_commands(ctx), *_HOMES})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command, loading it when it is asked for the first time."""
        if cmd_name in _HOMES:
            import_module(f"cchc_public.cli.{_HOMES[cmd_name]}")
        return super().get_command(ctx, cmd_name)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; turn our errors into what click prints in red."""
        try:
            answer = super().invoke(ctx)
            if ctx.invoked_subcommand in WRITING:
                refresh_snapshot(ctx.ensure_object(ScriptInfo).load_app())
            return answer
        except CchcError as error:
            raise click.ClickException(str(error)) from error
        except DBAPIError as error:
            raise click.ClickException(
                f"Cơ sở dữ liệu báo lỗi: {error.orig}. Đã chạy “db upgrade” chưa?"
            ) from error


group = CchcGroup("cchc", help="Công khai thủ tục hành chính: lệnh cho người vận hành.")


@contextmanager
def committed() -> Iterator[AnySession]:
    """Commit what the block did, or undo it and go on with what refused it."""
    session = get_state().session
    with saving(session) as outcome:
        yield session
    if outcome.error:
        raise outcome.error


__all__ = ["group"]
