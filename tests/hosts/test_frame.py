"""A host's frame is never shown to another reader; only our part of the page is kept."""

import re
import secrets

import pytest
from flask import Flask, flash, g, session
from flask_login import LoginManager, UserMixin, login_user
from flask_sqlalchemy import SQLAlchemy
from flask_wtf import CSRFProtect
from jinja2 import ChoiceLoader, DictLoader
from sqlalchemy import text

from cchc_public import CchcPublic
from tests.integration.reports import publish_new

pytestmark = pytest.mark.databases("sqlite")
FRAME = """<!doctype html><html lang="vi"><head><title>{% block title %}{% endblock %}</title>
{% block head %}{% endblock %}<meta name="csrf" content="{{ csrf_token() }}"></head>
<body><p>{{ current_user.name if current_user.is_authenticated else 'khách' }}</p>
<script src="/x.js" nonce="{{ g.nonce }}"></script>
{% for words in get_flashed_messages() %}<p>{{ words }}</p>{% endfor %}
{% block content %}{% endblock %}</body></html>"""
PLAIN_FRAME = """<!doctype html><html lang="vi"><head><title>{% block title %}{% endblock %}</title>
</head><body>
{% if flashes %}{% for w in get_flashed_messages() %}<p>{{ w }}</p>{% endfor %}{% endif %}
{% block content %}{% endblock %}</body></html>"""
PRIVATE = ("Bà Lan", "Tin riêng của bà Lan")
PAGES = ("/", "/ky", "/ky/2023-6-thang", "/thu-tuc", "/tiep-cong-dan", "/nhung", "/dinh-chinh")


class User(UserMixin):
    id, name = "1", "Bà Lan"


@pytest.fixture
def build_host(engine, tmp_path, session):
    """A host whose frame shows who reads; ``templates`` override any of ours."""
    publish_new(session)
    session.commit()
    built = []

    def build(templates=None, user=User, **config):
        app = Flask("host", instance_path=str(tmp_path))
        app.config.update(
            SECRET_KEY="k" * 40,
            SQLALCHEMY_DATABASE_URI=engine.url.render_as_string(hide_password=False),
            CCHC_BASE_TEMPLATE="khung.html",
            CCHC_URL_PREFIX="/cchc",
        )
        app.config.update(config)
        found = DictLoader({"khung.html": FRAME, "plain.html": PLAIN_FRAME, **(templates or {})})
        app.jinja_loader = ChoiceLoader([found])
        database = SQLAlchemy(app)
        LoginManager(app).user_loader(lambda _identity: user())
        CSRFProtect(app)

        @app.before_request
        def make_nonce():
            g.nonce = secrets.token_hex(8)

        @app.after_request
        def name_nonce(response):
            response.headers["Content-Security-Policy"] = f"script-src 'nonce-{g.nonce}'"
            return response

        @app.route("/vao")
        def enter():
            login_user(User())
            flash(PRIVATE[1])
            return "ok"

        CchcPublic(app)
        built.append((app, database))
        return app

    yield build
    for app, database in built:
        with app.app_context():
            database.engine.dispose()


def nonce_of(page):
    return re.search(r'nonce="(\w+)"', page.text)[1]


def test_nobody_meets_the_name_message_token_or_nonce_of_another_reader(build_host):
    app = build_host()
    signed_in, stranger = app.test_client(), app.test_client()
    signed_in.get("/vao")
    for path in PAGES:
        first = signed_in.get(f"/cchc{path}")
        page = stranger.get(f"/cchc{path}")
        again = signed_in.get(f"/cchc{path}")
        assert [answer.status_code for answer in (first, page, again)] == [200] * 3, path
        assert PRIVATE[0] in first.text
        assert (PRIVATE[1] in first.text) == (path == "/")
        assert not [words for words in PRIVATE if words in page.text], path
        tokens = {re.search(r'name="csrf" content="([^"]+)"', p.text)[1] for p in (first, page)}
        assert len(tokens) == 2
        assert nonce_of(first) != nonce_of(page) != nonce_of(again)
        assert nonce_of(page) in page.headers["Content-Security-Policy"]
        assert page.headers["Cache-Control"] == "private, no-cache"
        assert "ETag" not in page.headers
        # our own part is the same, rendered or kept
        assert len({answer.text.partition("data-cchc-page")[2] for answer in (page, again)}) == 1


def test_a_refusal_in_the_frame_is_kept_for_nobody(build_host):
    app = build_host()
    signed_in, stranger = app.test_client(), app.test_client()
    signed_in.get("/vao")
    assert PRIVATE[0] in signed_in.get("/cchc/ky/2020-thang-1").text
    page = stranger.get("/cchc/ky/2020-thang-1")
    assert (page.status_code, page.headers["Cache-Control"]) == (404, "no-store")
    assert PRIVATE[0] not in page.text


def test_files_stay_public(build_host):
    answer = build_host().test_client().get("/cchc/ky/2023-6-thang/ho-so.csv")
    assert answer.headers["Cache-Control"].startswith("public, max-age=60, stale")
    assert "ETag" in answer.headers


def test_an_answer_that_carries_a_readers_cookie_is_kept_by_no_shared_cache(build_host):
    app = build_host(CCHC_BASE_TEMPLATE="plain.html", CCHC_FRAME_IS_PUBLIC=True)
    app.before_request(lambda: session.update(seen=session.get("seen", 0) + 1))
    for path in ("/cchc/ky", "/cchc/ky", "/cchc/ky/2023-6-thang/ho-so.csv"):
        answer = app.test_client().get(path)
        assert "Set-Cookie" in answer.headers
        assert answer.headers["Cache-Control"].startswith("private, max-age=60")
    # a cache that asks us first whether it may hand this on would hand on the cookie too
    answer = app.test_client().get("/cchc/man-hinh/sw.js")
    assert "Set-Cookie" in answer.headers
    assert answer.headers["Cache-Control"] == "private, no-cache"


def test_a_frame_that_the_host_calls_public_is_kept_whole(build_host):
    app = build_host(CCHC_BASE_TEMPLATE="plain.html", CCHC_FRAME_IS_PUBLIC=True)
    app.jinja_env.globals["flashes"] = False
    first, second = (app.test_client().get("/cchc/ky") for _ in range(2))
    assert first.headers["Cache-Control"].startswith("public, max-age=60, stale")
    assert first.headers["ETag"] == second.headers["ETag"]


def test_not_even_a_public_frame_keeps_a_flash_message(build_host):
    app = build_host(CCHC_BASE_TEMPLATE="plain.html", CCHC_FRAME_IS_PUBLIC=True)
    app.jinja_env.globals["flashes"] = True
    signed_in, stranger = app.test_client(), app.test_client()
    signed_in.get("/vao")
    assert PRIVATE[1] in signed_in.get("/cchc/ky").text
    assert PRIVATE[1] not in stranger.get("/cchc/ky").text


@pytest.mark.parametrize(
    "looks",
    [
        "{{ session['_user_id'] }}",  # the session itself
        "{{ current_user.name or 'khách' }}",  # what a context processor gives
    ],
)
def test_a_page_overridden_to_greet_its_reader_is_rendered_for_each(build_host, looks):
    override = (
        '{% extends "cchc/page.html" %}{% block cchc_title %}x{% endblock %}'
        f"{{% block cchc_main %}}<h1>Chào [{looks}]</h1>{{% endblock %}}"
    )
    app = build_host({"cchc/public/periods.html": override})
    signed_in, stranger = app.test_client(), app.test_client()
    signed_in.get("/vao")
    greeting = re.compile(r"Chào \[(.*?)\]")
    for _ in range(2):
        assert greeting.search(signed_in.get("/cchc/ky").text)[1] in ("1", PRIVATE[0])
        assert greeting.search(stranger.get("/cchc/ky").text)[1] in ("", "khách")


def test_a_host_may_put_our_page_into_a_block_of_another_name(build_host):
    frame = FRAME.replace("block content", "block giua")
    override = (
        '{% extends "khung.html" %}'
        "{% block title %}{% block cchc_title %}{% endblock %}{% endblock %}"
        "{% block giua %}<main>{% block cchc_main %}{% endblock %}</main>{% endblock %}"
    )
    app = build_host({"khung.html": frame, "cchc/page.html": override})
    for _ in range(2):
        page = app.test_client().get("/cchc/ky")
        assert "Kết quả theo kỳ" in page.text.partition("<main>")[2]
    assert len(app.extensions["cchc_public"].page_cache._pages.pages) == 1


def test_without_database_the_kept_page_stands_in_our_frame_when_the_hosts_needs_it(
    build_host, engine, caplog
):
    class Asking(User):
        """A user who is looked up in the database by every page."""

        @property
        def name(self):
            with engine.connect() as connection:
                return connection.execute(text("SELECT name FROM people")).scalar_one()

    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE people (name TEXT)"))
        connection.execute(text("INSERT INTO people VALUES ('Bà Lan')"))
    client = build_host(user=Asking).test_client()
    client.get("/vao")
    known = client.get("/cchc/ky")
    assert PRIVATE[0] in known.text
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE people"))
    page = client.get("/cchc/ky")
    assert page.status_code == 200
    assert "6 tháng đầu năm 2023" in page.text
    assert PRIVATE[0] not in page.text
    assert page.headers["Cache-Control"] == "private, no-cache"
    assert "needs the database" in caplog.text
