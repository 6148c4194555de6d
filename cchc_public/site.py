"""The stand-alone site: the plugin plus what a host would bring, and what is noticed of it.

Everything public comes from the plugin; database, accounts, limits, headers, cookies and errors
are what a host decides itself.
"""

from __future__ import annotations

import logging
import os
import secrets
import sqlite3
import tomllib
from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

from flask import (
    Blueprint,
    Flask,
    Response,
    abort,
    current_app,
    g,
    make_response,
    render_template,
    request,
    session,
)
from flask.sessions import SecureCookieSessionInterface, SessionMixin
from flask_babel import Babel
from flask_compress import Compress
from flask_login import current_user, user_logged_in
from flask_sqlalchemy import SQLAlchemy
from flask_wtf import CSRFProtect
from sqlalchemy import event
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException, SecurityError
from werkzeug.middleware.proxy_fix import ProxyFix

from cchc_public.accounts import signing_in as security
from cchc_public.accounts.people import may
from cchc_public.config import Settings, prepare_settings, read_environment
from cchc_public.errors import ConfigError
from cchc_public.extension import CchcPublic
from cchc_public.health import note, request_id, write_journal
from cchc_public.host import SITE_KEY
from cchc_public.i18n import _
from cchc_public.paths import PACKAGE
from cchc_public.state import get_state
from cchc_public.store.base import REMOVED, FileLost, today
from cchc_public.web.assets import find_asset
from cchc_public.web.caching import StoreFirst, keep_no_page, outage_page
from cchc_public.web.routes import Routes, absolute, attach_site_door, set_security_headers

log = logging.getLogger(__name__)
rules = Blueprint("cchc_site", __name__)  # what holds for every answer
routes = Routes()  # files of the root
SETTINGS_FILE = "cchc.toml"
DATABASE_FILE = "cchc.sqlite"
SECRET_FILE = "secret-key"  # noqa: S105 - a file name
# pages that are the same for everyone: no cookie, and caches may share them
PUBLIC_BLUEPRINTS = {"cchc", "cchc_embed"}


def create_app(config: Mapping[str, Any] | None = None) -> Flask:
    """Return the site; ``config`` wins over the environment, that over ``instance/cchc.toml``."""
    environment = read_environment(os.environ)
    arguments = dict(config or {})
    folder = find_instance_folder(
        arguments.get("CCHC_INSTANCE_PATH") or environment.get("CCHC_INSTANCE_PATH", "")
    )
    app = Flask(
        "cchc_public",
        instance_path=str(folder),
        static_folder=None,
        # a commune overrides any page by a file of the same name here
        template_folder=str(folder / "templates"),
    )
    app.extensions[SITE_KEY] = True
    app.session_interface = QuietSessions()
    settings = configure(app, {**read_settings_file(folder), **environment, **arguments}, folder)
    # below the proxy layer, which corrects scheme and mount point
    app.wsgi_app = StoreFirst(app.wsgi_app, app)  # type: ignore[method-assign]
    if count := settings["TRUSTED_PROXIES"]:  # the headers of so many, and of no others
        proxied = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=count, x_prefix=count)
        app.wsgi_app = proxied  # type: ignore[method-assign]
    database = add_database(app)
    attach_site_door(app)  # before whatever reads forms
    CSRFProtect(app)
    Babel(app, default_locale=settings["DEFAULT_LOCALE"], default_timezone=settings["TIMEZONE"])
    security.add_accounts(app, database, settings)
    Compress(app)
    CchcPublic(app, permission=may, describe_actor=security.describe_actor)
    app.register_blueprint(rules)
    routes.add_to(app)

    @user_logged_in.connect_via(app)  # type: ignore[untyped-decorator]
    def renew_form_seed(_app: Flask, **_more: Any) -> None:
        session.pop("csrf_token", None)  # no form token from before signing in works after it
        g.pop("csrf_token", None)

    return app


def create_served_app() -> Flask:
    """Return the site for a WSGI server of the operator's choice, its journal included."""
    write_journal()
    return create_app()


def configure(app: Flask, given: Mapping[str, Any], folder: Path) -> Settings:
    """Apply the site's defaults, then what was given; stop on a wrong key."""
    settings = prepare_settings(dict(given))
    app.config.update(
        SQLALCHEMY_DATABASE_URI=choose_database_url(settings["DATABASE_URL"], os.environ, folder),
        # a connection cut by the server is noticed before a request suffers
        SQLALCHEMY_ENGINE_OPTIONS={"pool_pre_ping": True},
        SESSION_COOKIE_NAME="cchc_session",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings["CANONICAL_URL"].startswith("https://"),
        # a desk is shared: whoever signed in this morning is not signed in tomorrow
        PERMANENT_SESSION_LIFETIME=timedelta(hours=12),
        # a clerk may take longer than an hour over a table; the session ends the token
        WTF_CSRF_TIME_LIMIT=None,
        MAX_CONTENT_LENGTH=settings["UPLOAD_MAX_BYTES"] + 500_000,  # and the rest of the form
        COMPRESS_ALGORITHM=["br", "gzip"],
        COMPRESS_MIN_SIZE=400,
        CCHC_PDF_CACHE_DIR=str(folder / "pdf"),
        CCHC_URL_PREFIX="",
    )
    if named := list(settings["TRUSTED_HOSTS"]):
        official = urlsplit(settings["CANONICAL_URL"]).hostname
        named += [*filter(None, [official]), "localhost", "127.0.0.1", "[::1]"]
    app.config.update({**security.build_defaults(settings), **given})
    app.config["TRUSTED_HOSTS"] = named or None  # any host name, until somebody names one
    if not app.config["SECRET_KEY"]:
        app.config["SECRET_KEY"] = read_secret_key(folder)
    return prepare_settings(app.config)


def find_instance_folder(chosen: str) -> Path:
    """Return the data folder, made when missing: in the checkout, else where we run."""
    if chosen:
        folder = Path(chosen).expanduser().resolve()
    elif (PACKAGE.parent / "pyproject.toml").is_file():
        folder = PACKAGE.parent / "instance"
    else:
        folder = Path.cwd() / "instance"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def read_settings_file(folder: Path) -> dict[str, Any]:
    """Return the keys of ``instance/cchc.toml``, or nothing."""
    path = folder / SETTINGS_FILE
    if not path.is_file():
        return {}
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} không đọc được: {error}.") from error


def read_secret_key(folder: Path) -> str:
    """Return the site's secret key; make it once, readable by its owner only."""
    path = folder / SECRET_FILE
    if not path.exists():
        draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(48))
        # A link never replaces: of two processes starting at once both read the whole key of one.
        with suppress(FileExistsError):
            os.link(draft, path)
        draft.unlink()
    key = path.read_text(encoding="ascii").strip()
    if len(key) < 32:
        raise ConfigError(f"{path} hỏng hoặc trống. Hãy xóa tệp này rồi chạy lại.")
    return key


def choose_database_url(chosen: str, environ: Mapping[str, str], folder: Path) -> str:
    """Return the SQLAlchemy address of the database; SQLite in the instance folder by default."""
    url = chosen or environ.get("DATABASE_URL", "")
    if not url:
        return f"sqlite:///{folder / DATABASE_FILE}"
    for scheme in ("postgres://", "postgresql://"):
        if url.startswith(scheme):
            # psycopg 3 is the driver of the ``postgresql`` extra
            return "postgresql+psycopg://" + url.removeprefix(scheme)
    return url


def add_database(app: Flask) -> SQLAlchemy:
    """Give the app its database; on SQLite with write-ahead log, foreign keys and patience."""
    database = SQLAlchemy()
    database.init_app(app)
    with app.app_context():
        engine = database.engine
    if engine.dialect.name == "sqlite":
        event.listen(engine, "do_connect", _OwnFile(engine.url.database))

        @event.listens_for(engine, "connect")
        def prepare(connection: sqlite3.Connection, _record: Any) -> None:
            for setting in (
                "busy_timeout = 5000",  # wait for the other writer instead of failing
                "journal_mode = WAL",  # readers never wait for a writer
                "synchronous = FULL",  # what was acknowledged survives a power cut
                "foreign_keys = ON",
            ):
                connection.execute(f"PRAGMA {setting}").close()

    return database


class _OwnFile:
    """Makes the file for its owner only; makes none in the place of one that was there."""

    def __init__(self, path: str | None) -> None:
        self._path = path if path != ":memory:" else None
        self._was_there = False

    def __call__(self, _dialect: Any, _record: Any, _args: Any, _options: Any) -> None:
        if not self._path:
            return
        path = Path(self._path)
        if not path.exists():
            if self._was_there:
                # opening it would make an empty one that answers as if nothing had ever been
                raise FileLost(REMOVED)
            path.touch(mode=0o600)
        elif os.name == "posix" and path.stat().st_mode & 0o077:
            with suppress(PermissionError):  # it belongs to somebody else
                path.chmod(0o600)  # it holds password hashes
        self._was_there = True


class QuietSessions(SecureCookieSessionInterface):
    """Keeps ``Vary: Cookie`` off public pages, and marks the cookie secure whenever it can be."""

    def get_cookie_secure(self, app: Flask) -> bool:
        """Return whether the cookie may travel over HTTPS only."""
        return super().get_cookie_secure(app) or request.is_secure

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Write the session, unless a public page merely had it looked at by Flask-Login."""
        if request.blueprint in PUBLIC_BLUEPRINTS and not session.modified:
            return
        super().save_session(app, session, response)


@rules.after_app_request
def add_headers(response: Response) -> Response:
    """Add what a page did not set itself, and keep what is said of addresses without a page."""
    set_security_headers(response)  # a face that set its own (the widgets) keeps them
    if response.status_code == 404 and request.url_rule is None and request.method == "GET":
        keep_no_page(response)
    if request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    return response


@rules.app_errorhandler(HTTPException)
def show_error(error: HTTPException) -> Response:
    """Show what went wrong and what to do next; a blueprint's own handlers come first."""
    if error.response is not None or error.code is None:
        return cast(Response, error.get_response())
    if isinstance(error, SecurityError):  # a host name that is not ours: no page has an address
        words = "Tên máy chủ này không phải của trang."
        return Response(words, 400, mimetype="text/plain", headers={"Cache-Control": "no-store"})
    title, advice = describe_error(error.code)
    if error.code in {413, 429} and error.description != type(error).description:
        advice = error.description or advice  # it knows how many seconds, or what is too long
    try:
        said = {"code": error.code, "title": title, "advice": advice}
        page = render_template("cchc/errors/problem.html", **said)
    except Exception:
        # a broken frame must not hide the first error behind a second
        log.exception("the error page itself failed")
        page = outage_page(title, advice)
    response = make_response(page, error.code)
    # what the status needs besides words: Allow, Retry-After
    needed = {name: value for name, value in error.get_headers() if name != "Content-Type"}
    response.headers.extend(needed)
    response.headers.setdefault("Cache-Control", "no-store")
    return response


@rules.app_errorhandler(SQLAlchemyError)
def show_outage(error: SQLAlchemyError) -> Response:
    """Say when to come back: signing in needs the database, and it fails."""
    log.error("cannot answer %s", request.path, exc_info=error)
    page = outage_page(*describe_error(503))
    return make_response(page, 503, {"Retry-After": "60", "Cache-Control": "no-store"})


def describe_error(code: int) -> tuple[str, str]:
    """Return the heading and the advice for an HTTP status, in words of daily life."""
    known = {
        400: (_("Yêu cầu chưa đúng"), _("Xin quay lại trang trước và thử lại.")),
        403: (_("Không được phép"), _("Tài khoản của bạn không được mở trang này.")),
        404: (_("Không có trang này"), _("Địa chỉ có thể đã đổi, hoặc gõ nhầm một chữ.")),
        413: (_("Nội dung quá lớn"), _("Xin chia nhỏ tệp, hoặc bỏ hình ảnh rồi thử lại.")),
        429: (
            _("Thử quá nhiều lần"),
            _("Xin chờ một phút rồi thử lại. Tài khoản không bị khóa."),
        ),
    }
    title = _("Trang tạm thời chưa mở được") if code == 503 else _("Máy chủ gặp lỗi")
    advice = _("Số liệu đã lưu không mất. Xin thử lại sau ít phút, hoặc báo cho cơ quan.")
    return known.get(code, known[400] if code < 500 else (title, advice))


PROXY_MARK = "proxy-seen"  # a file beside the data: doctor reads it
_REFUSALS = {400, 403, 413, 415, 429}


@rules.before_app_request
def notice_proxy() -> None:
    """Notice a server before us that nobody told us to trust: all readers look like one then."""
    state = get_state()
    if state.config["TRUSTED_PROXIES"] or "X-Forwarded-For" not in request.headers:
        return
    with suppress(ValueError):
        if PROXY_MARK in state.memory or not ip_address(request.remote_addr or "").is_private:
            return
        state.memory[PROXY_MARK] = True
        log.warning("a proxy on this network forwards requests, but CCHC_TRUSTED_PROXIES is 0")
        try:
            (Path(current_app.instance_path) / PROXY_MARK).touch()
        except OSError:
            log.warning("cannot leave a mark for cchc doctor")


@rules.after_app_request
def note_answer(response: Response) -> Response:
    """Write refusals, failures and attempts to sign in; by account, never by address."""
    status, done = response.status_code, response.status_code == 302
    if status >= 500:
        note("failed", status=status, path=request.path)
    elif status in _REFUSALS:
        note("refused", status=status, path=request.path, account=_account())
    elif request.method == "POST" and request.endpoint == security.LOGIN_ENDPOINT:
        note("sign-in" if done else "sign-in-failed", account=_account())
    elif request.method == "POST" and request.endpoint == security.CHANGE_PASSWORD_ENDPOINT:
        note("password-changed" if done else "password-change-failed", account=_account())
    if status >= 400 or "cchc_request_id" in g:
        response.headers["X-Request-Id"] = request_id()
    return response


def _account() -> str:
    try:
        return str(current_user.id) if current_user and current_user.is_authenticated else ""
    except Exception:  # the database is gone, and with it who this was
        log.debug("cannot tell the account", exc_info=True)
        return ""


@routes("/.well-known/security.txt", "security_txt")
def send_security_txt() -> Response:
    """Tell whom to write to about a weakness (RFC 9116); 404 until there is an address."""
    config = get_state().config
    contact = config["SECURITY_CONTACT"]
    if not contact:
        abort(404)
    # the first of a month about a year ahead: the same for a whole month
    expiry = (today().replace(day=1) + timedelta(days=366)).replace(day=1)
    lines = [f"Contact: {contact}", f"Expires: {expiry.isoformat()}T00:00:00Z"]
    lines += ["Preferred-Languages: vi, en"]
    if config["CANONICAL_URL"]:
        lines += [f"Canonical: {config['CANONICAL_URL']}/.well-known/security.txt"]
    return _send_file("\n".join(lines) + "\n")


@routes("/robots.txt", "robots_txt")
def send_robots_txt() -> Response:
    """Lead search engines to the list of pages, away from the office and the screens."""
    prefix = get_state().config["URL_PREFIX"]
    closed = "".join(f"Disallow: {prefix}{path}\n" for path in ("/quan-tri/", "/man-hinh"))
    text = f"User-agent: *\n{closed}Sitemap: {absolute('cchc.sitemap')}\n"
    return _send_file(text, seconds=3600)


@routes("/favicon.ico", "favicon")
def send_favicon() -> Response:
    """Send the small picture that browsers and search engines show beside the name."""
    picture = find_asset("favicon.ico") or abort(404)
    return _send_file(picture.body, "image/x-icon")


def _send_file(body: str | bytes, mimetype: str = "text/plain", seconds: int = 86400) -> Response:
    headers = {"Cache-Control": f"public, max-age={seconds}"}
    return Response(body, mimetype=mimetype, headers=headers)
