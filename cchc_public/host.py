"""The only module that looks at the host's SQLAlchemy, Babel, Login and Migrate."""

from __future__ import annotations

from typing import Any

from flask import Flask
from flask.sansio.app import App
from flask_babel import Babel
from flask_login import current_user, login_url

from cchc_public.errors import HostError
from cchc_public.store.actor import Actor

_NAMES = ("full_name", "display_name", "name", "username", "email")


def get_database(app: Flask) -> Any:
    """Return the host's Flask-SQLAlchemy object; an app can have only one (tried)."""
    database = app.extensions.get("sqlalchemy")
    if database is None:
        raise HostError(
            "Trang chủ chưa có Flask-SQLAlchemy. Hãy gọi db.init_app(app) trước CchcPublic(app), "
            "hoặc chạy trang độc lập bằng cchc_public.site.create_app()."
        )
    return database


def ensure_babel(app: Flask, locale: str, timezone: str) -> None:
    """Start Flask-Babel in our language when the host has none; never replace the host's."""
    if "babel" not in app.extensions:
        Babel(app, default_locale=locale, default_timezone=timezone)


def chooses_locale(app: App) -> bool:
    """Return whether the host chooses the language of each request, and not one for all."""
    babel = app.extensions.get("babel")
    return getattr(babel, "locale_selector", None) is not None


def has_hooks(app: App) -> bool:
    """Return whether the host looks at every request or answer, besides guarding its forms."""
    hooks = (
        *app.before_request_funcs.get(None, ()),
        *app.after_request_funcs.get(None, ()),
        *app.url_value_preprocessors.get(None, ()),
    )
    modules = {str(getattr(hook, "__module__", "")).partition(".")[0] for hook in hooks}
    return not modules <= {"flask_wtf", "flask_compress", "cchc_public"}


def has_login(app: Flask) -> bool:
    """Return whether the host runs Flask-Login (it is an attribute, not an extension)."""
    return getattr(app, "login_manager", None) is not None


def set_login_view(app: Flask, blueprint: str, endpoint: str) -> None:
    """Send signed-out staff of our blueprint to ``endpoint``; the host's default stays."""
    if endpoint and has_login(app):
        app.login_manager.blueprint_login_views[blueprint] = endpoint  # type: ignore[attr-defined]


def sign_in_address(app: Flask, blueprint: str, next_address: str) -> str | None:
    """Return the sign-in page that leads back to ``next_address``; None when there is none."""
    manager = getattr(app, "login_manager", None)
    if manager is None:
        return None
    view = manager.blueprint_login_views.get(blueprint, manager.login_view)
    return str(login_url(view, next_address)) if view else None


def has_own_accounts(app: App) -> bool:
    """Return whether people sign in with the stand-alone site's accounts, not with a host's."""
    store = getattr(app.extensions.get("security"), "datastore", None)
    user_model = getattr(store, "user_model", None)
    return getattr(user_model, "__module__", "") == "cchc_public.accounts.models"


def find_user() -> Any | None:
    """Return the signed-in, active user of Flask-Login, or None."""
    if current_user and current_user.is_authenticated and current_user.is_active:
        return current_user._get_current_object()  # noqa: SLF001 - the documented way out of a proxy
    return None


def describe_user(user: Any | None) -> Actor:
    """Return the opaque id and the readable name of a host's user."""
    if user is None:
        return Actor(id="", name="")
    name = next((str(value) for key in _NAMES if (value := getattr(user, key, None))), "")
    identity = str(user.get_id())
    return Actor(id=identity, name=name or identity)


def allow_signed_in(action: str, user: Any | None) -> bool:
    """Permit every action to any signed-in user: the default without ``permission``."""
    return user is not None


def find_migrate_arguments(app: Flask) -> dict[str, Any] | None:
    """Return the arguments of the host's Flask-Migrate, or None when it has none."""
    migrate = app.extensions.get("migrate")
    if migrate is None:
        return None
    arguments: dict[str, Any] = dict(migrate.configure_args)
    return arguments
