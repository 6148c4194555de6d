"""``CchcPublic``: hangs our parts on a host app and changes nothing else of it."""

from __future__ import annotations

import importlib
import importlib.util
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Flask

from cchc_public import host
from cchc_public.config import Settings, prepare_settings
from cchc_public.errors import HostError
from cchc_public.health import add_health_check
from cchc_public.paths import find_folder
from cchc_public.state import EXTENSION_KEY, DescribeActor, Permission, State
from cchc_public.web import jinja


@dataclass(frozen=True)
class Face:
    """One audience's blueprint: module, blueprint name, the key that switches it off."""

    module: str
    blueprint: str
    switch: str = ""


FACES = (
    Face("cchc_public.public", "cchc"),
    Face("cchc_public.office", "cchc_staff", "ENABLE_STAFF"),
    Face("cchc_public.embed", "cchc_embed", "ENABLE_EMBED"),
    Face("cchc_public.api", "cchc_api", "ENABLE_API"),
)


class CchcPublic:
    """The extension. Initialize your own extensions first, this one last.

    ``permission(action, user)`` decides over ``enter``, ``publish`` and ``administer``; without
    it every signed-in user may do everything. ``describe_actor(user)`` names a user in the audit
    trail.
    """

    def __init__(
        self,
        app: Flask | None = None,
        *,
        permission: Permission | None = None,
        describe_actor: DescribeActor | None = None,
    ) -> None:
        """Remember the host's code choices; with ``app``, initialize it at once."""
        self._permission = permission
        self._describe_actor = describe_actor
        if app is not None:
            self.init_app(app)

    def init_app(self, app: Flask) -> None:
        """Validate the configuration, look at the host, hang our parts on it."""
        if EXTENSION_KEY in app.extensions:
            raise HostError("CchcPublic đã được gắn vào ứng dụng này rồi; chỉ gắn một lần.")
        state = self._build_state(app)
        host.ensure_babel(app, state.config["TIMEZONE"])
        app.extensions[EXTENSION_KEY] = state
        add_template_tools(app, state)
        register_faces(app, state)
        host.set_login_view(app, "cchc_staff", state.config["LOGIN_ENDPOINT"])
        register_commands(app)

    def _build_state(self, app: Flask) -> State:
        settings = prepare_settings(app.config)
        database = host.get_database(app)
        has_login = host.has_login(app)
        return State(
            config=settings,
            database=database,
            permission=self._permission or host.allow_signed_in,
            describe_actor=self._describe_actor or host.describe_user,
            has_login=has_login,
            # Without accounts and without a callable nobody could be told apart: no back office.
            staff_enabled=settings["ENABLE_STAFF"] and (has_login or self._permission is not None),
            page_cache=build_page_cache(settings),
        )


def build_page_cache(settings: Settings) -> Any:
    """Return the cache of rendered public pages."""
    module = _find_module("cchc_public.web.cache")
    return module.PageCache(is_on=settings["PAGE_CACHE"]) if module else None


def add_template_tools(app: Flask, state: State) -> None:
    """Add our template functions and filters; all carry our prefix, but for gettext."""
    app.jinja_env.globals.update(cchc_config=state.config, cchc_may=state.may)
    jinja.register(app)


def register_faces(app: Flask, state: State) -> None:
    """Register the blueprints that are switched on, all below the configured prefix."""
    for face in FACES:
        if not is_enabled(face, state):
            continue
        try:
            module = importlib.import_module(face.module)
        except ModuleNotFoundError:
            continue
        if not hasattr(module, "create_blueprint"):
            continue
        blueprint = module.create_blueprint(state)
        if face.blueprint == "cchc":
            # One folder serves all faces; the host's own templates folder is searched first.
            blueprint.template_folder = str(find_folder("templates"))
            add_health_check(blueprint)
        register_below_prefix(app, blueprint, state.config["URL_PREFIX"])


def is_enabled(face: Face, state: State) -> bool:
    """Return whether ``face`` is switched on, and the office can be guarded at all."""
    if face.switch == "ENABLE_STAFF":
        return state.staff_enabled
    return not face.switch or bool(state.config[face.switch])


def register_below_prefix(app: Flask, blueprint: Blueprint, prefix: str) -> None:
    """Register ``blueprint`` at prefix plus its own prefix (Flask would take only one)."""
    app.register_blueprint(blueprint, url_prefix=(prefix + (blueprint.url_prefix or "")) or None)


def register_commands(app: Flask) -> None:
    """Add ``flask cchc …``."""
    module = _find_module("cchc_public.cli")
    if module is not None:
        app.cli.add_command(module.group)


def _find_module(name: str) -> Any:
    return importlib.import_module(name) if importlib.util.find_spec(name) else None
