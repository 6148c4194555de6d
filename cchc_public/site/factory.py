"""Builds the stand-alone site in short named steps; everything public comes from the plugin."""

from __future__ import annotations

import contextlib
import os
import secrets
import sqlite3
import tomllib
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from flask_babel import Babel
from flask_compress import Compress
from flask_sqlalchemy import SQLAlchemy
from flask_wtf import CSRFProtect
from sqlalchemy import event
from werkzeug.middleware.proxy_fix import ProxyFix

from cchc_public.accounts import signing_in as security
from cchc_public.accounts.people import may
from cchc_public.config import Settings, prepare_settings, read_environment
from cchc_public.errors import ConfigError
from cchc_public.extension import CchcPublic
from cchc_public.host import SITE_KEY
from cchc_public.paths import PACKAGE
from cchc_public.site.responses import QuietSessions, add_response_rules, watch
from cchc_public.store.base import REMOVED, FileLost
from cchc_public.web.caching import StoreFirst
from cchc_public.web.routes import attach_site_door

SETTINGS_FILE = "cchc.toml"
DATABASE_FILE = "cchc.sqlite"
SECRET_FILE = "secret-key"  # noqa: S105 - a file name


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
    app.session_interface = QuietSessions()
    settings = configure(app, {**read_settings_file(folder), **environment, **arguments}, folder)
    # below the proxy layer, which corrects scheme and mount point
    app.wsgi_app = StoreFirst(app.wsgi_app, app, is_site=True)  # type: ignore[method-assign]
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
    add_response_rules(app)
    watch(app, settings)
    app.extensions[SITE_KEY] = True
    return app


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
    app.config.update({**security.build_defaults(settings), **given})
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
        with contextlib.suppress(FileExistsError):
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
            with contextlib.suppress(PermissionError):  # it belongs to somebody else
                path.chmod(0o600)  # it holds password hashes
        self._was_there = True
