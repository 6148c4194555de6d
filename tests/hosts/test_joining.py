import subprocess
import sys
from pathlib import Path

import pytest
from flask import Flask
from flask_babel import Babel
from flask_login import LoginManager
from flask_sqlalchemy import SQLAlchemy

from cchc_public import CchcPublic
from cchc_public.errors import ConfigError, HostError
from cchc_public.migrations import runner
from cchc_public.state import get_state
from tests.hosts import HOSTS, PREFIX, STAFF

ROOT = Path(__file__).resolve().parents[2]
on_sqlite = pytest.mark.databases("sqlite")


def blueprints_of(app):
    return {name for name in app.blueprints if name.startswith("cchc")}


def test_without_database_the_start_stops_and_says_the_remedy():
    with pytest.raises(HostError, match="db.init_app"):
        CchcPublic(Flask("empty"))


def test_a_second_time_on_the_same_app_is_refused():
    app = Flask("twice")
    app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite://"
    SQLAlchemy(app)
    extension = CchcPublic(app)
    with pytest.raises(HostError, match="một lần"):
        extension.init_app(app)


def test_a_wrong_key_stops_the_start():
    app = Flask("wrong")
    app.config.update(SQLALCHEMY_DATABASE_URI="sqlite://", CCHC_URL_PREFX="/cchc")
    SQLAlchemy(app)
    with pytest.raises(ConfigError, match="CCHC_URL_PREFIX"):
        CchcPublic(app)


@pytest.mark.everywhere
@on_sqlite
def test_public_pages_open_on_every_host(demo, citizen, prefix):
    for path in ("/", "/ky", "/ky/2023-6-thang", "/ky/2023-6-thang/ho-so", "/hai-long"):
        page = citizen.get(prefix + path)
        assert page.status_code == 200, path
        assert "Set-Cookie" not in page.headers, path


@pytest.mark.everywhere
def test_health_is_told_on_every_host_and_database(citizen, prefix):
    answer = citizen.get(f"{prefix}/healthz")
    assert answer.status_code == 200
    assert answer.json == {"alive": True, "ready": True, "problem": None, "figures": "sound"}


@pytest.mark.everywhere
@on_sqlite
def test_health_tells_a_database_that_is_not_migrated(citizen, prefix, engine):
    runner.downgrade(engine, "0003")
    answer = citizen.get(f"{prefix}/healthz")
    assert answer.status_code == 503
    assert answer.json["problem"] == "database-not-migrated"
    assert answer.json["alive"]


@on_sqlite
def test_health_tells_a_database_that_is_gone(tmp_path):
    app = Flask("gone")
    app.config["SQLALCHEMY_DATABASE_URI"] = f"sqlite:///{tmp_path / 'no' / 'folder' / 'x.sqlite'}"
    SQLAlchemy(app)
    CchcPublic(app)
    answer = app.test_client().get("/cchc/healthz")
    assert answer.status_code == 503
    assert answer.json["alive"]
    assert answer.json["problem"] == "database-unreachable"


def test_the_hosts_own_migrations_never_touch_our_tables(engine, tmp_path):
    # in its own process: Flask-Migrate's environment reconfigures all logging
    url = engine.url.render_as_string(hide_password=False)
    program = (
        "from pathlib import Path; from tests.hosts import build_full\n"
        f"app = build_full({url!r}, Path({str(tmp_path)!r}))\n"
        "with app.app_context(): app.extensions['sqlalchemy'].drop_all()\n"
        "runner = app.test_cli_runner()\n"
        "for words in (['init'], ['migrate'], ['upgrade'], ['migrate'], ['downgrade']):\n"
        "    result = runner.invoke(args=['db', *words], catch_exceptions=False)\n"
        "    assert result.exit_code == 0, result.output\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    written = sorted((tmp_path / "migrations" / "versions").glob("*.py"))
    assert len(written) == 1, "a second migrate found a difference"
    assert "cchc_" not in written[0].read_text("utf-8")
    assert "create_table('user'" in written[0].read_text("utf-8")
    assert runner.is_current(engine)
    assert runner.check(engine) == ()


@pytest.mark.hosts("full")
@on_sqlite
class TestFullHost:
    def test_our_pages_stand_in_the_hosts_frame(self, demo, citizen):
        page = citizen.get(f"{PREFIX}/")
        assert 'id="khung-trang-chu"' in page.text
        assert 'class="cchc cchc-light"' in page.text

    def test_nothing_is_reached_outside_the_prefix(self, citizen):
        assert citizen.get("/").status_code == 404
        assert citizen.get("/ky").status_code == 404

    def test_the_hosts_404_stays_the_hosts(self, app, citizen):
        app.register_error_handler(404, lambda _error: ("không có ở trang chủ", 404))
        assert citizen.get("/gi-do").text == "không có ở trang chủ"
        assert "không có ở trang chủ" not in citizen.get(f"{PREFIX}/ky/2023-thang-13").text

    def test_staff_are_led_to_the_hosts_own_sign_in(self, citizen):
        answer = citizen.get(f"{PREFIX}/quan-tri/")
        assert answer.status_code == 302
        assert answer.location.startswith("/vao?next=")

    def test_the_hosts_default_sign_in_page_is_untouched(self, app):
        manager = app.login_manager
        assert manager.login_view == "sign_in"
        assert manager.blueprint_login_views == {"cchc_staff": "sign_in"}

    def test_the_hosts_user_is_named_in_our_trail(self, app, clerk):
        with clerk:
            clerk.get("/ai")
            actor = get_state().actor()
        assert actor.name == STAFF["clerk"][1]
        assert actor.id == "1"

    def test_the_hosts_language_choice_stays(self, app):
        # a second Babel(app) would replace this object silently
        assert app.extensions["babel"].instance.__class__ is Babel

    def test_the_host_keeps_its_settings_and_its_jinja(self, app):
        assert app.config["SESSION_COOKIE_NAME"] == "session"
        assert app.config["PERMANENT_SESSION_LIFETIME"].days == 31
        assert not app.jinja_env.trim_blocks
        ours = set(app.jinja_env.globals) | set(app.jinja_env.filters)
        stock = Flask("stock").jinja_env
        added = ours - set(stock.globals) - set(stock.filters)
        foreign = {name for name in added if not name.startswith(("cchc_", "_c", "_nc", "_pc"))}
        assert foreign <= OF_OTHERS

    def test_no_header_of_ours_on_the_hosts_pages(self, citizen):
        page = citizen.get("/vao")
        assert "Content-Security-Policy" not in page.headers


# what Flask-WTF, Flask-Login, Flask-Babel and its Jinja extension add
OF_OTHERS = {
    "csrf_token", "csrf_meta_tag", "current_user",
    "_", "gettext", "ngettext", "pgettext", "npgettext",
    "datetimeformat", "dateformat", "timeformat", "timedeltaformat", "numberformat",
    "decimalformat", "currencyformat", "percentformat", "scientificformat",
}  # fmt: skip


@pytest.mark.hosts("bare")
@on_sqlite
class TestBareHost:
    def test_public_faces_work_and_the_office_does_not_exist(self, demo, app, citizen):
        assert citizen.get("/").status_code == 200
        for path in ("/quan-tri/", "/quan-tri/ky/moi", "/quan-tri/thiet-lap"):
            assert citizen.get(path).status_code == 404
        assert "quan-tri" not in citizen.get("/").text

    def test_it_needs_no_babel_to_speak_vietnamese(self, app, citizen):
        assert "babel" not in app.extensions
        assert '<html lang="vi">' in citizen.get("/").text

    def test_nobody_is_anybody(self, app):
        with app.test_request_context():
            assert get_state().user is None
            assert not get_state().may("enter")
            assert get_state().actor().id == ""


@pytest.mark.hosts("standalone")
@on_sqlite
def test_faces_can_be_switched_off(build_app):
    app = build_app("standalone", CCHC_ENABLE_STAFF=False, CCHC_ENABLE_EMBED=False)
    assert blueprints_of(app) == {"cchc", "cchc_site"}  # the pages, and the rules of the site


@on_sqlite
def test_a_host_without_accounts_may_guard_the_office_itself():
    app = Flask("own guard")
    app.config.update(SQLALCHEMY_DATABASE_URI="sqlite://", SECRET_KEY="x")
    SQLAlchemy(app)
    CchcPublic(
        app,
        current_user=lambda: {"id": 1},
        permission=lambda action, user: action == "enter" and user["id"] == 1,
    )
    assert "cchc_staff" in blueprints_of(app)
    with app.test_request_context():
        assert get_state().may("enter")
        assert not get_state().may("publish")


def test_an_unknown_action_is_a_mistake_of_the_program():
    app = Flask("x")
    app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite://"
    SQLAlchemy(app)
    CchcPublic(app)
    with app.app_context(), pytest.raises(ValueError, match="entr"):
        get_state().may("entr")


def test_without_a_callable_every_signed_in_user_may_do_everything():
    app = Flask("trusting")
    app.config.update(SQLALCHEMY_DATABASE_URI="sqlite://", SECRET_KEY="x")
    SQLAlchemy(app)
    manager = LoginManager(app)
    manager.user_loader(lambda _identity: None)
    CchcPublic(app)
    with app.test_request_context():
        assert not get_state().may("administer")
    assert "cchc_staff" in blueprints_of(app)


@on_sqlite
def test_two_apps_in_one_process_never_meet(build_app, tmp_path):
    alone = build_app("standalone", CCHC_AUTHORITY_NAME="Xã Một")
    other_folder = tmp_path / "other"
    other_folder.mkdir()
    other = Flask("other", instance_path=str(other_folder))
    other.config.update(
        SQLALCHEMY_DATABASE_URI=f"sqlite:///{other_folder / 'o.sqlite'}",
        CCHC_URL_PREFIX="/cong-khai",
        CCHC_AUTHORITY_NAME="Xã Hai",
    )
    SQLAlchemy(other)
    extension = CchcPublic()
    extension.init_app(other)
    with alone.app_context():
        first = get_state()
    with other.app_context():
        second = get_state()
        runner.upgrade(second.engine)
    assert first is not second
    assert first.page_cache is not second.page_cache
    assert "Xã Một" in alone.test_client().get("/").text
    page = other.test_client().get("/cong-khai/").text
    assert "Xã Hai" in page
    assert 'href="/cong-khai/ky"' in page
    with other.app_context():
        second.engine.dispose()


def test_a_host_never_loads_the_accounts_of_the_site():
    # the plugin must start without the `site` extra; importing it is proof enough of the imports
    program = (
        "import sys; sys.modules['flask_security'] = None; sys.modules['flask_limiter'] = None\n"
        "sys.modules['flask_compress'] = None; sys.modules['waitress'] = None\n"
        "from flask import Flask; from flask_sqlalchemy import SQLAlchemy\n"
        "from cchc_public import CchcPublic\n"
        "app = Flask('h'); app.config['SQLALCHEMY_DATABASE_URI'] = 'sqlite://'\n"
        "SQLAlchemy(app); CchcPublic(app)\n"
        "from cchc_public.migrations import runner\n"
        "with app.app_context(): runner.upgrade(app.extensions['sqlalchemy'].engine)\n"
        "print(len(app.blueprints))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert HOSTS
