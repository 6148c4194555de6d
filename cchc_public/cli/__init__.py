"""``flask cchc …``: everything an operator does without a browser; also the script ``cchc``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from typing import Any

import click
from flask.cli import AppGroup, ScriptInfo
from sqlalchemy.exc import DBAPIError

from cchc_public.errors import CchcError
from cchc_public.state import get_state
from cchc_public.store.base import Actor, AnySession
from cchc_public.store.locking import saving
from cchc_public.web.caching import refresh_snapshot

# who acts in the audit trail when a command changes something
OPERATOR = Actor(id="cli", name="Người vận hành (dòng lệnh)")
# commands after which something else may be public
WRITING = ("db", "import", "demo", "publish", "publish-due", "withdraw", "restore")


class CchcGroup(AppGroup):
    """A command group that ends with a sentence and exit code 1 when we refuse something."""

    def __init__(self, *words: Any, found_in: Mapping[str, str] | None = None, **more: Any) -> None:
        """Make the group; ``found_in`` names the module and object of commands loaded late."""
        super().__init__(*words, **more)
        self._found_in = dict(found_in or {})

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands, loaded or not."""
        return sorted({*super().list_commands(ctx), *self._found_in})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command, loading it when it is asked for the first time."""
        if cmd_name in self._found_in and cmd_name not in self.commands:
            module, _, name = self._found_in[cmd_name].partition(".")
            command = getattr(import_module(f"cchc_public.cli.{module}"), name)
            self.add_command(command, cmd_name)
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


@contextmanager
def committed() -> Iterator[AnySession]:
    """Commit what the block did, or undo it and go on with what refused it."""
    session = get_state().session
    with saving(session) as outcome:
        yield session
    if outcome.error:
        raise outcome.error


group = CchcGroup(
    "cchc",
    help="Công khai thủ tục hành chính: lệnh cho người vận hành.",
    # loaded when asked for: a site that serves pages pays for no command
    found_in={
        "db": "database.database_group",
        "user": "people.user_group",
        "import": "content.import_group",
        "period": "content.period_group",
        "demo": "database.demo",
        "check": "content.check",
        "publish": "content.publish",
        "publish-due": "content.publish_due_reports",
        "accept-clock": "content.accept_wrong_clock",
        "withdraw": "content.withdraw",
        "backup": "database.backup",
        "restore": "database.restore",
        "doctor": "doctor.doctor",
        "serve": "serving.serve",
        "sample": "serving.sample",
    },
)

__all__ = ["group"]
