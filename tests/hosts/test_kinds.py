"""Hosts of other kinds: headers on every page, a dispatcher in front; what a host keeps."""

import re
import shutil
from pathlib import Path

import pytest
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from flask_talisman import Talisman
from jinja2 import DictLoader
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.test import Client

from cchc_public import config
from cchc_public.migrations import runner
from tests.hosts import HAS_SITE, build_full, declare_host_models
from tests.integration.reports import publish_new

pytestmark = pytest.mark.databases("sqlite")
DATA = Path(__file__).parents[1] / "data"
BOOTSTRAP = """<!doctype html><html lang="vi"><head><meta charset="utf-8">
<title>{% block title %}{% endblock %}</title>
<link rel="stylesheet" href="https://cdn.jsdelivr.net/npm/bootstrap@5.3.2/css/bootstrap.css">
<script nonce="{{ csp_nonce() }}">var x = 1;</script>{% block head %}{% endblock %}</head>
<body><nav class="navbar bg-body-tertiary"><a class="navbar-brand" href="/">Xã</a></nav>
<div class="container mt-3">{% block content %}{% endblock %}</div></body></html>"""
POLICY = {"default-src": "'self'", "style-src": ["'self'", "https://cdn.jsdelivr.net"]}


@pytest.fixture
def join(engine, tmp_path):
    """Make a small host and hang the plugin on it."""
    apps = []

    def build(before=lambda app: None, **given):
        from cchc_public import CchcPublic

        app = Flask("host", instance_path=str(tmp_path))
        url = engine.url.render_as_string(hide_password=False)
        app.config.update(SECRET_KEY="k" * 40, SQLALCHEMY_DATABASE_URI=url, **given)
        before(app)
        SQLAlchemy(app)
        CchcPublic(app)
        apps.append(app)
        return app

    yield build
    for app in apps:
        with app.app_context():
            app.extensions["sqlalchemy"].engine.dispose()


def test_a_bootstrap_theme_with_talisman_and_its_recipe(join, session):
    publish_new(session)
    session.commit()
    made = []

    def dress(app):
        app.jinja_loader = DictLoader({"khung.html": BOOTSTRAP})
        made.append(
            Talisman(
                app,
                force_https=False,
                content_security_policy=POLICY,
                content_security_policy_nonce_in=["script-src"],
            )
        )

    app = join(dress, CCHC_BASE_TEMPLATE="khung.html", CCHC_AUTHORITY_NAME="Xã thử")
    client = app.test_client()
    pages = [client.get("/cchc/ky") for _ in range(2)]
    nonces = {re.search(r'nonce="([^"]+)"', page.text)[1] for page in pages}
    assert len(nonces) == 2
    assert all("cdn.jsdelivr.net" in p.headers["Content-Security-Policy"] for p in pages)
    told = app.test_cli_runner().invoke(args=["cchc", "doctor"]).output
    assert "HỎNG  Cổng khác nhúng" in told
    talisman = made[0]
    # the recipe of README
    for name, view in list(app.view_functions.items()):
        if name.startswith("cchc_embed."):
            free = talisman(frame_options=None, content_security_policy=None)
            app.view_functions[name] = free(view)
    widget = client.get("/cchc/nhung/tong-quan")
    assert "X-Frame-Options" not in widget.headers
    assert "frame-ancestors" in widget.headers["Content-Security-Policy"]
    assert "tốt  Cổng khác nhúng" in app.test_cli_runner().invoke(args=["cchc", "doctor"]).output


def test_behind_a_dispatcher_every_link_begins_with_the_mount(join, session):
    publish_new(session)
    session.commit()
    client = Client(DispatcherMiddleware(Flask("front"), {"/xa": join()}))
    for _ in range(2):  # rendered, then kept
        page = client.get("/xa/cchc/ky").get_data(as_text=True)
        links = re.findall(r'(?:href|src|action)="(/[^"]*)"', page)
        assert links
        assert [link for link in links if not link.startswith("/xa/cchc/")] == []


def pages_of(app):
    """Return the host's own answers; tokens are another in each."""
    client = app.test_client()
    found = {}
    for path in ("/vao", "/ai", "/khong-co", "/static/x.css"):
        answer = client.get(path)
        body = re.sub(r'(name="csrf_token"[^>]*value=")[^"]+', r"\1", answer.text)
        headers = {key: value for key, value in answer.headers if key != "Set-Cookie"}
        found[path] = (answer.status_code, headers, body)
    return found


@pytest.mark.hosts("full")
def test_the_hosts_own_pages_are_the_same_to_the_byte(engine, tmp_path, monkeypatch):
    url = engine.url.render_as_string(hide_password=False)
    with_us = build_full(url, tmp_path)
    monkeypatch.setattr("tests.hosts.CchcPublic", lambda app, **hooks: None)
    with with_us.app_context():
        with_us.extensions["sqlalchemy"].drop_all()
    without = build_full(url, tmp_path)
    assert pages_of(with_us) == pages_of(without)
    for app in (with_us, without):
        with app.app_context():
            app.extensions["sqlalchemy"].engine.dispose()


def test_our_models_leave_the_hosts_metadata_alone(join):
    app = join()
    database = app.extensions["sqlalchemy"]
    declare_host_models(database)
    assert not [name for name in database.metadata.tables if name.startswith("cchc_")]


@pytest.mark.skipif(not HAS_SITE, reason="the site's own libraries are not installed")
def test_every_table_of_accounts_is_named_for_hosts_that_never_use_them():
    metadata = runner.load_metadata()
    from cchc_public import accounts as models

    homes = {
        mapper.local_table.name
        for mapper in models.Base.registry.mappers
        if mapper.class_.__module__.startswith("cchc_public.accounts")
    }
    assert homes | {"cchc_user_role"} == runner.ACCOUNT_TABLES
    assert metadata.tables.keys() >= runner.ACCOUNT_TABLES


@pytest.mark.skipif(not HAS_SITE, reason="the site's own libraries are not installed")
def test_a_whole_settings_file_of_the_first_edition_still_starts_the_site(
    tmp_path, database_url, caplog
):
    from cchc_public.site import create_app

    shutil.copy(DATA / "first-edition.toml", tmp_path / "cchc.toml")
    config._warn_once.cache_clear()  # noqa: SLF001 - told once in a process
    app = create_app({"CCHC_INSTANCE_PATH": str(tmp_path), "CCHC_DATABASE_URL": database_url})
    with app.app_context():
        runner.upgrade(app.extensions["sqlalchemy"].engine)
    assert app.test_client().get("/ky").status_code == 200
    told = [record for record in caplog.records if "CCHC_DEFAULT_LOCALE" in record.getMessage()]
    assert len(told) == 1
    with app.app_context():
        app.extensions["sqlalchemy"].engine.dispose()
