"""What the plugin knows about one app; kept in that app, never globally."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from flask import current_app

from cchc_public import host
from cchc_public.config import Settings
from cchc_public.releases.published import Authority
from cchc_public.store.actor import Actor

if TYPE_CHECKING:
    from sqlalchemy import Engine
    from sqlalchemy.orm import Session, scoped_session

    from cchc_public.web.cache import PageCache

EXTENSION_KEY = "cchc_public"
ACTIONS = ("enter", "publish", "administer")

Permission = Callable[[str, Any], bool]
DescribeActor = Callable[[Any], Actor]


@dataclass(frozen=True)
class State:
    """The plugin's state of one app; reach it with ``get_state()``."""

    config: Settings
    database: Any  # the host's Flask-SQLAlchemy object
    permission: Permission
    describe_actor: DescribeActor
    has_login: bool  # the host runs Flask-Login
    staff_enabled: bool
    page_cache: PageCache
    # values that faces keep per app (loaded fonts, computed hashes), by a name of their own
    memory: dict[str, Any] = field(default_factory=dict)

    @property
    def session(self) -> scoped_session[Session]:
        """Return the host's scoped session; whoever answers the request commits, services never."""
        session: scoped_session[Session] = self.database.session
        return session

    @property
    def engine(self) -> Engine:
        """Return the host's default engine; needs an application context."""
        engine: Engine = self.database.engine
        return engine

    @property
    def authority(self) -> Authority:
        """Return who publishes, as written into each release."""
        return Authority(
            name=self.config["AUTHORITY_NAME"],
            code=self.config["AUTHORITY_CODE"],
            parent=self.config["PARENT_AUTHORITY_NAME"],
        )

    @property
    def zone(self) -> ZoneInfo:
        """Return the commune's time zone."""
        return ZoneInfo(self.config["TIMEZONE"])

    @property
    def user(self) -> Any | None:
        """Return the signed-in user of the host, or None."""
        return host.find_user() if self.has_login else None

    def may(self, action: str) -> bool:
        """Return whether the present user may ``enter``, ``publish`` or ``administer``."""
        if action not in ACTIONS:
            raise ValueError(f"unknown action: {action}")
        user = self.user
        if self.has_login and user is None:
            return False
        return bool(self.permission(action, user))

    def actor(self) -> Actor:
        """Return who acts now, as stored beside every change."""
        return self.describe_actor(self.user).as_stored()


def get_state() -> State:
    """Return the plugin's state of the current app."""
    state: State = current_app.extensions[EXTENSION_KEY]
    return state
