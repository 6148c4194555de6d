"""What the plugin knows about one app; kept in that app, never globally."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from flask import current_app, g, has_app_context
from itsdangerous import BadData, URLSafeTimedSerializer
from sqlalchemy.exc import SQLAlchemyError

from cchc_public import host
from cchc_public.config import Settings, usable_values
from cchc_public.releases.published import Authority
from cchc_public.store.base import Actor
from cchc_public.store.remembered import load_settings

if TYPE_CHECKING:
    from sqlalchemy import Engine
    from sqlalchemy.orm import Session, scoped_session

    from cchc_public.web.page_store import PageStore

log = logging.getLogger(__name__)

EXTENSION_KEY = "cchc_public"
ACTIONS = ("enter", "publish", "administer")

Permission = Callable[[str, Any], bool]
DescribeActor = Callable[[Any], Actor]
CurrentUser = Callable[[], Any]


class OfficeSettings:
    """Reads what administrators set in the office, in every process alike.

    Once for each look of the publication clock (a second), and at once after a change here. Where
    no database can be asked, outside a request or while it does not answer, the last known values
    serve.
    """

    def __init__(self, database: Any, cache: PageStore) -> None:
        """Read through ``database``'s session; ``cache`` knows when it does not answer."""
        self._database = database
        self._cache = cache
        self._last: Mapping[str, Any] = {}
        self._read_at = ""  # the stamp under which they were read

    def __call__(self) -> Mapping[str, Any]:
        """Return the values by short key name."""
        if not has_app_context():
            return self._last
        if "cchc_settings" not in g:
            clock = self._cache.clock
            is_lost = clock.is_blind and not self._cache.snapshot.stamp
            is_read = bool(self._read_at) and clock.known_stamp == self._read_at
            g.cchc_settings = self._last if is_lost or is_read else self._read()
        values: Mapping[str, Any] = g.cchc_settings
        return values

    def forget(self) -> None:
        """Read again at the next question: they were changed in this request."""
        self._read_at = ""
        g.pop("cchc_settings", None)

    def stay(self) -> None:
        """Ask the database no more in this request: it failed."""
        g.cchc_settings = self._last

    def _read(self) -> Mapping[str, Any]:
        if self._cache.clock.is_blind:
            with self._cache.snapshot.open() as copy:
                self._last, self._read_at = usable_values(load_settings(copy).values), ""
            return self._last
        known = self._cache.clock.known_stamp  # before reading: values may be newer, never older
        session = self._database.session
        try:
            with session.no_autoflush:
                stored = load_settings(session).values
        except SQLAlchemyError:  # gone, or not migrated yet; health and doctor tell
            log.warning("cannot read the settings of the office; using the last known")
            session.rollback()  # leave the host's session usable
            return self._last
        self._last, self._read_at = usable_values(stored), known
        return self._last


@dataclass(frozen=True)
class State:
    """The plugin's state of one app; reach it with ``get_state()``."""

    config: Settings
    database: Any  # the host's Flask-SQLAlchemy object
    permission: Permission
    describe_actor: DescribeActor
    current_user: CurrentUser | None  # None: Flask-Login knows
    page_cache: PageStore
    office_settings: OfficeSettings
    # values that faces keep per app (loaded fonts, computed hashes), by a name of their own
    memory: dict[str, Any] = field(default_factory=dict)

    @property
    def session(self) -> scoped_session[Session]:
        """Return the host's scoped session; whoever answers the request commits, services never.

        While the database is gone public pages get a session on the snapshot in its place.
        """
        if has_app_context() and "cchc_snapshot" in g:
            copy: scoped_session[Session] = g.cchc_snapshot
            return copy
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
    def report_head(self) -> dict[str, Any]:
        """Return what the settings say about the head and the signature of a new report."""
        config = self.config
        head = {
            "place": config["PLACE"],
            "superior_body": config["PARENT_AUTHORITY_NAME"],
            "on_behalf_of": config["ON_BEHALF_OF"],
            "signatory_title": config["SIGNATORY_TITLE"],
            "signatory": config["SIGNATORY"],
            "recipients": [line for line in config["RECIPIENTS"].splitlines() if line.strip()],
        }
        return {name: value for name, value in head.items() if value}

    @property
    def zone(self) -> ZoneInfo:
        """Return the commune's time zone."""
        return ZoneInfo(self.config["TIMEZONE"])

    @property
    def knows_people(self) -> bool:
        """Return whether anybody can be named: else there is no office, only public pages."""
        return self.current_user is not None or host.has_login(current_app)

    @property
    def user(self) -> Any | None:
        """Return the signed-in user of the host, or None."""
        return host.find_user(self.current_user)

    def may(self, action: str) -> bool:
        """Return whether the present user may ``enter``, ``publish`` or ``administer``."""
        if action not in ACTIONS:
            raise ValueError(f"unknown action: {action}")
        user = self.user
        if user is None:
            return False
        if not self.actor().id:
            log.error("Không đọc được mã của người dùng %r; hãy đưa describe_actor.", type(user))
            return False
        answer = self.permission(action, user)
        if answer and not isinstance(answer, int):  # a coroutine, a redirect: no "yes"
            log.error("permission trả %r, không phải True hay False: coi là không.", type(answer))
            getattr(answer, "close", str)()  # a coroutine that nobody will await
            return False
        return bool(answer)

    def actor(self) -> Actor:
        """Return who acts now, as stored beside every change."""
        return self.describe_actor(self.user).as_stored()


def get_state() -> State:
    """Return the plugin's state of the current app."""
    state: State = current_app.extensions[EXTENSION_KEY]
    return state


def signer(purpose: str) -> URLSafeTimedSerializer:
    """Return what signs texts for one purpose, under the key of the site."""
    return URLSafeTimedSerializer(str(current_app.secret_key), salt=f"cchc-{purpose}")


def read_signed(purpose: str, text: str, days: int) -> Any:
    """Return what was signed for this purpose within ``days``; None for anything else."""
    with suppress(BadData):
        return signer(purpose).loads(text, max_age=days * 86400)
    return None
