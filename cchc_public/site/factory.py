"""Builds the stand-alone site in short named steps; everything public comes from the plugin."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from flask_babel import Babel
from flask_compress import Compress
from flask_wtf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from cchc_public.accounts import signing_in as security
from cchc_public.accounts.people import may
from cchc_public.config import Settings, prepare_settings, read_environment
from cchc_public.extension import CchcPublic
from cchc_public.host import SITE_KEY
from cchc_public.site import storage
from cchc_public.site.responses import QuietSessions, add_response_rules, watch
from cchc_public.web.caching import StoreFirst
from cchc_public.web.headers import attach_site_door


def create_app(config: Mapping[str, Any] | None = None) -> Flask:
    """Return the site; ``config`` wins over the environment, that over ``instance/cchc.toml``."""
    environment = read_environment(os.environ)
    arguments = dict(config or {})
    folder = storage.find_instance_folder(
        arguments.get("CCHC_INSTANCE_PATH") or environment.get("CCHC_INSTANCE_PATH", "")
    )
    given = {**storage.read_settings_file(folder), **environment, **arguments}
    app = build_flask(folder)
    settings = configure(app, given, folder)
    # below the proxy layer, which corrects scheme and mount point
    app.wsgi_app = StoreFirst(app.wsgi_app, app, is_site=True)  # type: ignore[method-assign]
    trust_proxies(app)
    database = storage.add_database(app)
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


def build_flask(folder: Path) -> Flask:
    """Return the bare Flask app of the site."""
    app = Flask(
        "cchc_public",
        instance_path=str(folder),
        static_folder=None,
        # a commune overrides any page by a file of the same name here
        template_folder=str(folder / "templates"),
    )
    app.session_interface = QuietSessions()
    return app


def configure(app: Flask, given: Mapping[str, Any], folder: Path) -> Settings:
    """Apply the site's defaults, then what was given; stop on a wrong key."""
    checked = prepare_settings(dict(given))
    defaults = {**web_defaults(checked, folder), **security.build_defaults(checked)}
    app.config.update({**defaults, **given})
    if not app.config["SECRET_KEY"]:
        app.config["SECRET_KEY"] = storage.read_secret_key(folder)
    return prepare_settings(app.config)


def web_defaults(settings: Settings, folder: Path) -> dict[str, Any]:
    """Return the defaults of database, cookies, uploads and compression."""
    return {
        "SQLALCHEMY_DATABASE_URI": storage.choose_database_url(
            settings["DATABASE_URL"], os.environ, folder
        ),
        # a connection cut by the server is noticed before a request suffers
        "SQLALCHEMY_ENGINE_OPTIONS": {"pool_pre_ping": True},
        "SESSION_COOKIE_NAME": "cchc_session",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": settings["CANONICAL_URL"].startswith("https://"),
        # a desk is shared: whoever signed in this morning is not signed in tomorrow
        "PERMANENT_SESSION_LIFETIME": timedelta(hours=12),
        # a clerk may take longer than an hour over a table; the session ends the token
        "WTF_CSRF_TIME_LIMIT": None,
        "MAX_CONTENT_LENGTH": settings["UPLOAD_MAX_BYTES"] + 500_000,  # and the rest of the form
        "COMPRESS_ALGORITHM": ["br", "gzip"],
        "COMPRESS_MIN_SIZE": 400,
        "CCHC_PDF_CACHE_DIR": str(folder / "pdf"),
        "CCHC_URL_PREFIX": "",
    }


def trust_proxies(app: Flask) -> None:
    """Believe the forwarding headers of the configured number of proxies, and of no others."""
    count = app.config["CCHC_TRUSTED_PROXIES"]
    if count:
        proxied = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=count, x_prefix=count)
        app.wsgi_app = proxied  # type: ignore[method-assign]
