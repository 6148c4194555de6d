"""Who somebody is, in hosts of every kind; whoever cannot be named gets no office."""

import logging

import pytest
from flask import Flask, g, get_flashed_messages, redirect, request, session
from flask_babel import Babel
from flask_login import LoginManager, UserMixin, login_user
from flask_sqlalchemy import SQLAlchemy
from jinja2 import DictLoader
from sqlalchemy import text

from cchc_public import Actor, CchcPublic
from cchc_public.errors import HostError
from cchc_public.state import get_state

pytestmark = pytest.mark.databases("sqlite")
OFFICE = "/cchc/quan-tri/bat-dau"  # answers whoever may enter, also on an empty site


class User(UserMixin):
    id, name = "1", "Bà Lan"


@pytest.fixture
def make(engine, tmp_path):
    """Make a small host; ``join`` calls the extension when the test wants it."""
    apps = []

    def build(login=True, before=None, **given):
        keys = ("permission", "current_user", "describe_actor")
        hooks = {key: given.pop(key) for key in keys if key in given}
        app = Flask("host", instance_path=str(tmp_path))
        app.config.update(
            SECRET_KEY="k" * 40,
            SQLALCHEMY_DATABASE_URI=engine.url.render_as_string(hide_password=False),
        )
        app.config.update(given)
        SQLAlchemy(app)
        if login:
            LoginManager(app).user_loader(lambda _identity: User())
            app.add_url_rule("/vao", "vao", lambda: (login_user(User()), "ok")[1])
        if before:
            before(app)
        CchcPublic(app, **hooks)
        apps.append(app)
        return app

    yield build
    for app in apps:
        with app.app_context():
            app.extensions["sqlalchemy"].engine.dispose()


def with_own_users(app):
    """A host whose user is a row in ``g``, as in Flask's tutorial."""

    @app.before_request
    def load():
        g.user = {"id": 7, "username": "lan"} if session.get("in") else None

    app.add_url_rule("/vao", "vao", lambda: (session.update({"in": 1}), "form")[1])
    app.add_url_rule("/ra", "ra", lambda: (session.clear(), "ok")[1])


def test_a_host_without_flask_login_names_its_people_by_one_hook(make):
    app = make(
        login=False,
        before=with_own_users,
        current_user=lambda: g.user,
        CCHC_LOGIN_ENDPOINT="vao",
        CCHC_LOGOUT_ENDPOINT="ra",
    )
    client = app.test_client()
    answer = client.get(OFFICE)
    assert (answer.status_code, answer.location) == (302, f"/vao?next={OFFICE}")
    client.get("/vao")
    page = client.get(OFFICE)
    assert page.status_code == 200
    assert '<a href="/ra">Đăng xuất</a>' in page.text  # the host signs out by a link only
    with client:
        client.get(OFFICE)
        assert get_state().actor() == Actor(id="7", name="lan")


def test_somebody_whose_identity_nobody_can_read_may_do_nothing(make, caplog):
    app = make(login=False, current_user=lambda: object())
    assert app.test_client().get(OFFICE).status_code == 403
    assert "describe_actor" in caplog.text
    app = make(login=False, current_user=object, describe_actor=lambda _user: Actor("x", "X"))
    assert app.test_client().get(OFFICE).status_code == 200


def test_permission_without_anybody_to_ask_about_opens_no_office(make, caplog):
    app = make(login=False, permission=lambda action, user: True)
    assert "current_user" in caplog.text
    assert app.test_client().get(OFFICE).status_code == 404
    assert app.test_client().get("/cchc/ky").status_code == 200
    told = app.test_cli_runner().invoke(args=["cchc", "doctor"]).output
    assert "current_user" in told


def test_a_stranger_is_led_to_the_sign_in_page_also_without_flask_login(make):
    app = make(
        login=False,
        before=with_own_users,
        permission=lambda action, user: g.user is not None,
        CCHC_LOGIN_ENDPOINT="vao",
    )
    assert app.test_client().get(OFFICE).status_code == 302


def test_the_hosts_own_handler_and_message_meet_strangers(make):
    def own_handler(app):
        app.login_manager.unauthorized_handler(lambda: redirect("/cua?tu=" + request.path))

    answer = make(before=own_handler).test_client().get(OFFICE)
    assert answer.location == f"/cua?tu={OFFICE}"

    def own_message(app):
        app.login_manager.login_view = "vao"
        app.login_manager.login_message = "Mời đăng nhập"

    client = make(before=own_message).test_client()
    with client:
        assert client.get(OFFICE).location.startswith("/vao?next=")
        assert get_flashed_messages() == ["Mời đăng nhập"]


async def never(action, user):
    return False


@pytest.mark.parametrize(
    "permission", [never, lambda action, user: never(action, user), lambda action, user: "không"]
)
def test_an_answer_that_is_neither_yes_nor_no_lets_nobody_in(make, permission, caplog):
    client = make(permission=permission).test_client()
    client.get("/vao")
    assert client.get(OFFICE).status_code == 403
    assert any(record.levelno == logging.ERROR for record in caplog.records)


def test_a_permission_that_is_no_function_is_refused_at_start(make):
    with pytest.raises(HostError, match="permission"):
        make(permission=True)


def test_login_and_babel_may_join_the_app_after_us(make):
    app = make(login=False, CCHC_LOGIN_ENDPOINT="vao")
    manager, babel = LoginManager(), Babel()
    manager.user_loader(lambda _identity: User())
    manager.init_app(app)
    babel.init_app(app, locale_selector=lambda: request.args.get("lang", "vi"))
    app.add_url_rule("/vao", "vao", lambda: (login_user(User()), "ok")[1])
    client = app.test_client()
    assert client.get(OFFICE).location.startswith("/vao?next=")
    client.get("/vao")
    assert client.get(OFFICE).status_code == 200
    assert '<html lang="vi">' in client.get("/cchc/ky").text
    assert '<html lang="en">' in client.get("/cchc/en/ky?lang=vi").text  # the address decides
    assert "BABEL_DEFAULT_LOCALE" not in app.config  # the host's own default stays


def test_the_office_says_what_it_lacks_without_a_secret_key(make):
    app = make(login=False, current_user=lambda: {"id": 1}, SECRET_KEY=None)
    answer = app.test_client().get(OFFICE)
    assert answer.status_code == 503
    assert "SECRET_KEY" in answer.text
    assert app.test_client().get("/cchc/ky").status_code == 200


def test_forms_carry_the_hosts_name_of_the_token(make):
    app = make(WTF_CSRF_FIELD_NAME="_token")
    client = app.test_client()
    client.get("/vao")
    page = client.get("/cchc/quan-tri/ky/moi").text
    assert 'name="_token"' in page
    assert 'name="csrf_token"' not in page
    sent = {"kind": "thang-01", "year": "2024"}
    assert client.post("/cchc/quan-tri/ky/moi", data=sent).status_code == 302  # kept, asked again


def test_our_tables_may_live_in_another_database_of_the_host(make, tmp_path, engine):
    other = f"sqlite:///{tmp_path / 'other.sqlite'}"
    app = make(SQLALCHEMY_BINDS={"cong_khai": other}, CCHC_BIND_KEY="cong_khai")
    runner = app.test_cli_runner()
    assert runner.invoke(args=["cchc", "db", "upgrade"]).exit_code == 0
    assert runner.invoke(args=["cchc", "demo"]).exit_code == 0
    assert "6 tháng đầu năm 2023" in app.test_client().get("/cchc/ky").text
    with app.app_context():
        binds = app.extensions["sqlalchemy"].engines
        count = text("SELECT count(*) FROM cchc_release")
        with binds["cong_khai"].connect() as there, binds[None].connect() as here:
            assert (there.execute(count).scalar_one(), here.execute(count).scalar_one()) == (1, 0)
        binds["cong_khai"].dispose()


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"CCHC_BIND_KEY": "khac"}, "SQLALCHEMY_BINDS"),
        ({"before": lambda app: setattr(app.jinja_env, "block_start_string", "[%")}, "Jinja"),
        ({"before": lambda app: app.add_url_rule("/cchc/ky", "mine", str)}, "/cchc/ky"),
        (
            {"before": lambda app: app.add_url_rule("/", "mine", str), "CCHC_URL_PREFIX": ""},
            "CCHC_",
        ),
    ],
)
def test_what_cannot_go_well_is_refused_at_start_with_the_remedy(make, given, words):
    with pytest.raises(HostError, match=words):
        make(**given)


class OtherBabel:
    """What Flask-BabelPlus leaves in ``app.extensions``: nothing that Flask-Babel knows."""

    babel = object()


@pytest.mark.parametrize(("languages", "told"), [(("vi", "en"), "vi"), (("vi",), "vi")])
def test_another_librarys_babel_leaves_us_our_own_words(make, languages, told):
    app = make(
        before=lambda app: app.extensions.update(babel=OtherBabel()), CCHC_LANGUAGES=languages
    )
    assert f'<html lang="{told}">' in app.test_client().get("/cchc/ky").text


def test_one_key_fixes_our_language_whatever_the_host_chooses(make):
    app = make(before=lambda app: Babel(app, locale_selector=lambda: "en"), CCHC_LANGUAGES=("vi",))
    assert '<html lang="vi">' in app.test_client().get("/cchc/ky").text


def test_in_a_hosts_frame_we_are_light_unless_it_says_otherwise(make):
    frame = "{% block title %}{% endblock %}{% block content %}{% endblock %}"

    def has_frame(app):
        app.jinja_loader = DictLoader({"f.html": frame})

    def is_light(**given):
        return 'class="cchc cchc-light' in make(**given).test_client().get("/cchc/ky").text

    assert not is_light()  # our own frame follows the reader's device
    assert is_light(before=has_frame, CCHC_BASE_TEMPLATE="f.html")
    assert not is_light(before=has_frame, CCHC_BASE_TEMPLATE="f.html", CCHC_COLOR_SCHEME="auto")
    assert is_light(CCHC_COLOR_SCHEME="light")
    dark = make(before=has_frame, CCHC_BASE_TEMPLATE="f.html", CCHC_COLOR_SCHEME="dark")
    page = dark.test_client().get("/cchc/ky").text
    assert 'class="cchc"' in page
    style = dark.test_client().get(page.partition('stylesheet" href="')[2].partition('"')[0]).text
    assert "prefers-color-scheme" not in style
    assert "@media all" in style
