"""The only module that looks at the host's SQLAlchemy, Babel, Login and Migrate."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator
from inspect import iscoroutinefunction
from typing import Any

from flask import Flask, current_app, url_for
from flask.globals import app_ctx
from flask.sansio.app import App
from flask_login import current_user, login_url
from sqlalchemy import Engine
from sqlalchemy.orm import Session, scoped_session, sessionmaker
from werkzeug.routing import BuildError

from cchc_public.errors import HostError
from cchc_public.store.base import Actor

log = logging.getLogger(__name__)
SITE_KEY = "cchc_site"
_NAMES = ("full_name", "display_name", "name", "username", "email")
_IDENTITIES = ("id", "pk", "uid", "user_id", "username", "email")
_DELIMITERS = {
    "block_start_string": "{%", "block_end_string": "%}", "variable_start_string": "{{",
    "variable_end_string": "}}", "comment_start_string": "{#", "comment_end_string": "#}",
}  # fmt: skip
_VARIABLE = re.compile(r"<[^>]*>")
NOBODY = (
    "Có permission nhưng không biết ai đang đọc, nên không mở khu quản trị: dùng Flask-Login, "
    "hoặc đưa CchcPublic(app, current_user=…)."
)


class BoundDatabase:
    """One of the host's further databases (``SQLALCHEMY_BINDS``), with a session of its own."""

    def __init__(self, app: Flask, database: Any, bind_key: str) -> None:
        """Open sessions on the database ``bind_key``, one for each application context."""

        def find_bind(_session: Session, *_args: Any, **_options: Any) -> Engine:
            return self.engine

        self._database, self._bind_key = database, bind_key
        bound = type("BoundSession", (Session,), {"get_bind": find_bind})
        self.session: scoped_session[Session] = scoped_session(
            sessionmaker(class_=bound),
            scopefunc=lambda: id(app_ctx._get_current_object()),  # type: ignore[attr-defined]
        )
        app.teardown_appcontext(lambda _error: self.session.remove())

    @property
    def engine(self) -> Engine:
        """Return the engine; needs an application context."""
        engine: Engine = self._database.engines[self._bind_key]
        return engine


def get_database(app: Flask, bind_key: str = "") -> Any:
    """Return the host's Flask-SQLAlchemy object; an app can have only one (tried)."""
    database = app.extensions.get("sqlalchemy")
    if database is None:
        raise HostError(
            "Trang chủ chưa có Flask-SQLAlchemy. Hãy gọi db.init_app(app) trước CchcPublic(app), "
            "hoặc chạy trang độc lập bằng cchc_public.site.create_app()."
        )
    if not bind_key:
        return database
    known = app.config.get("SQLALCHEMY_BINDS") or {}
    if bind_key not in known:
        raise HostError(
            f"CCHC_BIND_KEY = {bind_key!r} không có trong SQLALCHEMY_BINDS. "
            f"Đang có: {', '.join(known) or 'chưa khai báo gì'}."
        )
    return BoundDatabase(app, database, bind_key)


def refuse_other_delimiters(app: Flask) -> None:
    """Stop where our templates could not be read: the host's Jinja has delimiters of its own."""
    changed = [name for name, sign in _DELIMITERS.items() if getattr(app.jinja_env, name) != sign]
    if changed:
        raise HostError(
            f"Trang chủ đổi dấu của Jinja ({', '.join(changed)}), nên không đọc được các mẫu "
            "cchc/. Hãy giữ dấu mặc định; phần cần dấu khác thì đặt trong {% raw %}."
        )


def find_clashes(app: Flask) -> Iterator[str]:
    """Name every address that both the host and we answer, as ``rule (endpoint)``."""
    ours: dict[str, set[str]] = {}
    theirs: list[tuple[str, set[str], str]] = []
    for rule in app.url_map.iter_rules():
        place = _VARIABLE.sub("<>", f"{rule.subdomain or ''}{rule.rule}").rstrip("/") or "/"
        if rule.endpoint.startswith(("cchc.", "cchc_staff.", "cchc_embed.")):
            ours.setdefault(place, set()).update(rule.methods or ())
        else:
            theirs.append((place, set(rule.methods or ()), f"{rule.rule} ({rule.endpoint})"))
    for place, methods, words in theirs:
        if (methods & ours.get(place, set())) - {"OPTIONS"}:
            yield words


def chooses_locale(app: App) -> bool:
    """Return whether the host chooses the language of each request, and not one for all."""
    from flask_babel import BabelConfiguration

    babel = app.extensions.get("babel")
    return isinstance(babel, BabelConfiguration) and babel.locale_selector is not None


def chosen_locale(app: App) -> str:
    """Return the language that the host chose for this request; "" when one is for all."""
    from flask_babel import get_locale

    return str(get_locale() or "") if chooses_locale(app) else ""


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
    if endpoint in app.view_functions and has_login(app):
        app.login_manager.blueprint_login_views[blueprint] = endpoint  # type: ignore[attr-defined]


def _login_view(app: Flask, blueprint: str) -> str | None:
    manager = app.login_manager  # type: ignore[attr-defined]
    view: str | None = manager.blueprint_login_views.get(blueprint, manager.login_view)
    return view


def sign_in_address(app: Flask, blueprint: str, endpoint: str, next_address: str) -> str | None:
    """Return the sign-in page that leads back to ``next_address``; None when there is none."""
    if has_login(app):
        view = _login_view(app, blueprint)
        return str(login_url(view, next_address)) if view else None
    try:
        return url_for(endpoint, next=next_address) if endpoint in app.view_functions else None
    except BuildError:
        log.error("the sign-in endpoint %s needs values of its own", endpoint)
        return None


def answer_stranger(app: Flask, blueprint: str) -> Any:
    """Return what the host's Flask-Login answers to strangers; None when it would only refuse.

    Its ``unauthorized_handler``, ``login_message`` and sign-in page are asked as for the host's
    own pages.
    """
    if not has_login(app) or has_own_accounts(app):
        return None
    manager = app.login_manager  # type: ignore[attr-defined]
    asks = manager.unauthorized_callback or _login_view(app, blueprint)
    return manager.unauthorized() if asks else None


def is_site(app: App) -> bool:
    """Return whether the app is the stand-alone site, not a host."""
    return SITE_KEY in app.extensions


def has_own_accounts(app: App) -> bool:
    """Return whether people sign in with the stand-alone site's accounts, not with a host's."""
    store = getattr(app.extensions.get("security"), "datastore", None)
    user_model = getattr(store, "user_model", None)
    return getattr(user_model, "__module__", "") == "cchc_public.accounts"


def find_user(hook: Callable[[], Any] | None) -> Any | None:
    """Return who reads now, signed in and active: the host's own answer, or Flask-Login's."""
    if hook is None and not has_login(current_app):
        return None
    user = hook() if hook else current_user
    if hasattr(user, "_get_current_object"):
        user = user._get_current_object()  # the documented way out of a proxy
    if not user or not getattr(user, "is_authenticated", True):
        return None
    return user if getattr(user, "is_active", True) else None


def describe_user(user: Any | None) -> Actor:
    """Return the opaque id and the readable name of a host's user: an object or a row."""
    if user is None:
        return Actor(id="", name="")
    get_id = getattr(user, "get_id", None)
    identity = str((get_id() if get_id else _read_first(user, _IDENTITIES)) or "")
    return Actor(id=identity, name=_read_first(user, _NAMES) or identity)


def _read_first(user: Any, names: tuple[str, ...]) -> str:
    columns = set(user.keys()) if hasattr(user, "keys") else set()
    found = (user[name] if name in columns else getattr(user, name, None) for name in names)
    return next((str(value) for value in found if value), "")


def allow_signed_in(action: str, user: Any | None) -> bool:
    """Permit every action to any signed-in user: the default without ``permission``."""
    return user is not None


def allow_nobody(action: str, user: Any | None) -> bool:
    """Refuse every action: what stands in for a ``permission`` that cannot be asked."""
    return False


def checked_permission(permission: Any) -> Callable[[str, Any], bool]:
    """Return the host's ``permission``; one that would answer a coroutine lets nobody in."""
    if permission is None:
        return allow_signed_in
    if not callable(permission):
        raise HostError("permission phải là một hàm permission(action, user) trả True hoặc False.")
    if iscoroutinefunction(permission) or iscoroutinefunction(type(permission).__call__):
        log.error(
            "permission là hàm async: câu trả lời của nó luôn là “có”, nên không ai được vào khu "
            "quản trị. Hãy đưa một hàm thường."
        )
        return allow_nobody
    answer: Callable[[str, Any], bool] = permission
    return answer


def find_migrate_arguments(app: Flask) -> dict[str, Any] | None:
    """Return the arguments of the host's Flask-Migrate, or None when it has none."""
    migrate = app.extensions.get("migrate")
    return None if migrate is None else dict(migrate.configure_args)
