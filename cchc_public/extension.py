"""``CchcPublic``: hangs our parts on a host app and changes nothing else of it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from cchc_public import host
from cchc_public.config import prepare_settings
from cchc_public.errors import CchcError, HostError
from cchc_public.health import show_health
from cchc_public.migrations import runner
from cchc_public.paths import find_folder
from cchc_public.state import (
    EXTENSION_KEY,
    CurrentUser,
    DescribeActor,
    OfficeSettings,
    Permission,
    State,
)
from cchc_public.store import base
from cchc_public.store.snapshot import Snapshot
from cchc_public.web import jinja
from cchc_public.web.caching import NEXT_DUE, STORE_KEY, StoreFirst
from cchc_public.web.page_store import PageStore

log = logging.getLogger(__name__)


class CchcPublic:
    """The extension. Initialize your own extensions first, this one last.

    ``current_user()`` returns who reads now, or None; without it Flask-Login is asked.
    ``permission(action, user)`` decides over ``enter``, ``publish`` and ``administer``; without
    it every signed-in user may do everything. ``describe_actor(user)`` names a user in the audit
    trail.
    """

    def __init__(
        self,
        app: Flask | None = None,
        *,
        current_user: CurrentUser | None = None,
        permission: Permission | None = None,
        describe_actor: DescribeActor | None = None,
    ) -> None:
        """Remember the host's code choices; with ``app``, initialize it at once."""
        self._current_user = current_user
        self._permission = permission
        self._describe_actor = describe_actor
        if app is not None:
            self.init_app(app)

    def init_app(self, app: Flask) -> None:
        """Validate the configuration, look at the host, hang our parts on it."""
        if EXTENSION_KEY in app.extensions:
            raise HostError("CchcPublic đã được gắn vào ứng dụng này rồi; chỉ gắn một lần.")
        host.refuse_other_delimiters(app)
        app.config.setdefault("CCHC_URL_PREFIX", "/cchc")  # the root is the host's
        database = host.get_database(app, app.config.get("CCHC_BIND_KEY", ""))
        cache = PageStore()
        stored = OfficeSettings(database, cache)
        settings = prepare_settings(app.config, stored)
        cache.is_on = settings["PAGE_CACHE"]
        if settings["SNAPSHOT"]:
            file = Path(app.instance_path) / "cchc-public.sqlite"
            cache.snapshot = Snapshot(file, runner.head())
        state = app.extensions[EXTENSION_KEY] = State(
            config=settings,
            database=database,
            permission=host.checked_permission(self._permission),
            describe_actor=self._describe_actor or host.describe_user,
            current_user=self._current_user,
            page_cache=cache,
            office_settings=stored,
        )
        if STORE_KEY not in app.extensions:
            app.wsgi_app = StoreFirst(app.wsgi_app, app)  # type: ignore[method-assign]
        # all carry our prefix, but for gettext
        app.jinja_env.globals.update(cchc_config=state.config, cchc_may=state.may)
        jinja.register(app)
        register_faces(app, state)
        host.set_login_view(app, "cchc_staff", settings["LOGIN_ENDPOINT"])
        if self._permission and not (self._current_user or host.has_login(app)):
            log.warning(host.NOBODY)
        from cchc_public.cli import group  # needs what only commands need

        app.cli.add_command(group)


def register_faces(app: Flask, state: State) -> None:
    """Register a blueprint for each audience that is switched on, below the configured prefix."""
    # imported here: who only needs a table definition does not wait for every page
    from cchc_public import embed, office, public

    citizens = public.create_blueprint(state)
    # One folder serves all faces; the host's own templates folder is searched first.
    citizens.template_folder = str(find_folder("templates"))
    citizens.add_url_rule("/healthz", "healthz", show_health)
    faces = [citizens]
    if state.config["ENABLE_STAFF"]:
        state.page_cache.stamps.append(publish_when_due(state))
        faces += [office.create_blueprint(state), office.create_guest_blueprint()]
        # before a host's own token check, which parses the form and so decides how long it may be
        app.before_request_funcs.setdefault(None, []).insert(0, office.allow_signed_copy)
    if state.config["ENABLE_EMBED"]:
        faces.append(embed.create_blueprint(state))
    for blueprint in faces:
        if blueprint.name in app.blueprints:
            raise HostError(f"Trang chủ đã có blueprint tên {blueprint.name}; hãy đổi tên nó.")
        # Flask would let the one prefix replace the other
        url_prefix = state.config["URL_PREFIX"] + (blueprint.url_prefix or "")
        app.register_blueprint(blueprint, url_prefix=url_prefix or None)
    if clashes := tuple(host.find_clashes(app)):
        raise HostError(
            f"Trang chủ đã có những địa chỉ này: {'; '.join(clashes)}. "
            "Đặt CCHC_URL_PREFIX khác, ví dụ /cchc; nếu chỉ trùng /en thì CCHC_LANGUAGES = ('vi',)."
        )


def publish_when_due(state: State) -> Callable[[Any], str]:
    """Return what publishes approved reports at their time, whenever the clock looks anyway.

    So a site without a timer keeps its promise as soon as anybody reads it; ``cchc publish-due``
    from a timer keeps it to the minute. The host's session is only read.
    """
    from cchc_public.reports.publishing import next_due, publish_due

    def look(session: Any) -> str:
        due = next_due(session)
        if due is not None and due <= base.utc_now():
            with Session(state.engine) as own:
                try:
                    for slug, became in publish_due(own, base.utc_now()):
                        if isinstance(became, CchcError):
                            log.warning("cannot publish %s, which is due: %s", slug, became)
                    due = next_due(own)
                except (CchcError, SQLAlchemyError):  # another process does it, or will
                    log.warning("cannot publish what is due", exc_info=True)
                    own.rollback()
        state.memory[NEXT_DUE] = due
        return ""

    return look
