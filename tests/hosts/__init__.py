"""The apps our plugin must live in: our own site, a full host, and the barest host possible."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MethodType
from typing import Any

from flask import Flask, redirect, render_template, request
from flask_babel import Babel
from flask_login import LoginManager, UserMixin, current_user, login_user
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from flask_wtf import CSRFProtect, FlaskForm
from jinja2 import BytecodeCache, StrictUndefined
from jinja2.bccache import Bucket
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.routing import Rule
from wtforms import PasswordField, StringField

from cchc_public import CchcPublic
from cchc_public.config import Settings
from cchc_public.migrations.host_filter import include_object
from tests.pages import CheckedClient

# the site needs its own libraries; the plugin is tested without them too (.ci/lowest)
HAS_SITE = find_spec("flask_security") is not None
HOSTS = ("standalone", "full") if HAS_SITE else ("full",)
PREFIX = "/cchc"
PASSWORD = "mat-khau-thu-nghiem"  # noqa: S105
# e-mail, full name, role: the same people in every host
STAFF = {
    "clerk": ("can-bo@kimthach.example", "Nguyễn Thị Lan"),
    "publisher": ("lanh-dao@kimthach.example", "Trần Văn Đức"),
    "admin": ("quan-tri@kimthach.example", "Hồ Văn Bình"),
}
COMMON: dict[str, Any] = {
    "TESTING": True,
    "SECRET_KEY": "only-for-tests-and-long-enough-for-everyone",
    "CCHC_AUTHORITY_NAME": "Ủy ban nhân dân xã Kim Thạch",
    "CCHC_AUTHORITY_CODE": "H50.07.01",
    "CCHC_PARENT_AUTHORITY_NAME": "Ủy ban nhân dân huyện Vĩnh Linh",
    "CCHC_PLACE": "Kim Thạch",
}
# the same argon2, made cheap: hundreds of sign-ins must not take minutes
CHEAP_HASHES = {
    "SECURITY_PASSWORD_HASH_PASSLIB_OPTIONS": {
        "argon2__time_cost": 1,
        "argon2__memory_cost": 64,
        "argon2__parallelism": 1,
    }
}
FRAME = """<!doctype html>
<html lang="vi"><head><meta charset="utf-8"><title>{% block title %}Trang xã{% endblock %}</title>
{% block head %}{% endblock %}</head>
<body><p id="khung-trang-chu">Trang thông tin điện tử xã</p>
{% block content %}{% endblock %}</body></html>
"""
LOGIN = """{% extends "host.html" %}{% block content %}<h1>Đăng nhập trang xã</h1>
<form method="post" action="{{ request.full_path }}">{{ form.csrf_token }}
<label for="email">Thư</label>{{ form.email }}
<label for="password">Mật khẩu</label>{{ form.password }}
<button>Vào</button></form>{% endblock %}
"""


class CompiledTemplates(BytecodeCache):
    """Templates compiled once a process; every test has an app of its own."""

    def __init__(self) -> None:
        self._codes: dict[str, tuple[str, Any]] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Give the code of the same source, if it was compiled before."""
        checksum, code = self._codes.get(bucket.key, ("", None))
        if checksum == bucket.checksum:
            bucket.code = code

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep the code; a template that changes replaces it."""
        self._codes[bucket.key] = bucket.checksum, bucket.code


def keep_compiled_addresses() -> None:
    """Let Werkzeug compile each address once a process, not once an app."""
    compile_one = Rule.compile
    kept: dict[Any, dict[str, Any]] = {}
    made = ("_parts", "_trace", "_converters", "arguments")
    builders = ("_build", "_build_unknown")

    def compile_rule(rule: Rule) -> None:
        site = rule.map
        assert site is not None
        place = (rule.rule, rule.subdomain, rule.host, rule.merge_slashes, site.host_matching)
        key = (*place, repr(rule.defaults), *site.converters.items())
        if key not in kept:
            compile_one(rule)
            kept[key] = {name: getattr(rule, name) for name in made}
            kept[key] |= {name: getattr(rule, name).__func__ for name in builders}
        else:
            # nobody changes them after this
            vars(rule).update({name: kept[key][name] for name in made})
            vars(rule).update({name: MethodType(kept[key][name], rule) for name in builders})

    Rule.compile = compile_rule  # type: ignore[method-assign]


COMPILED_TEMPLATES = CompiledTemplates()
keep_compiled_addresses()


def prepare(app: Flask) -> Flask:
    """Make an app as strict as tests want it: no undefined variable, every page checked."""
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.bytecode_cache = COMPILED_TEMPLATES
    app.test_client_class = CheckedClient
    return app


def build_standalone(url: str, folder: Path, **config: Any) -> Flask:
    """Return our own site on the database ``url``, which is migrated already."""
    from cchc_public.site import create_app

    given = {
        **COMMON,
        **CHEAP_HASHES,
        "CCHC_INSTANCE_PATH": str(folder),
        "CCHC_DATABASE_URL": url,
        **config,
    }
    app = prepare(create_app(given))
    with app.app_context():
        session = app.extensions["sqlalchemy"].session
        add_accounts(session)
        session.commit()
        app.extensions["sqlalchemy"].engine.dispose()
    return app


def add_staff(session: Session) -> None:
    """Add the accounts of our own site to a database that tests copy."""
    url = session.get_bind().url.render_as_string(hide_password=False)
    with TemporaryDirectory() as folder:
        session.close()
        build_standalone(url, Path(folder))


def add_accounts(session: Session) -> None:
    """Add the accounts, unless the database came with them: all of them or none."""
    from cchc_public.accounts.people import add_user, ensure_role, find_user

    if find_user(session, STAFF["clerk"][0]) is None:
        for role, (email, name) in STAFF.items():
            ensure_role(session, role)
            add_user(session, email, name, (role,), PASSWORD)


def build_full(url: str, folder: Path, **config: Any) -> Flask:
    """Return a host with everything of its own: users, language, forms, migrations, frame."""
    templates = folder / "templates"
    templates.mkdir(exist_ok=True)
    (templates / "host.html").write_text(FRAME, encoding="utf-8")
    (templates / "login.html").write_text(LOGIN, encoding="utf-8")
    app = Flask("host", template_folder=str(templates), instance_path=str(folder))
    app.config.update(
        SQLALCHEMY_DATABASE_URI=url,
        CCHC_URL_PREFIX=PREFIX,
        CCHC_BASE_TEMPLATE="host.html",
        CCHC_STAFF_BASE_TEMPLATE="host.html",
        CCHC_LOGIN_ENDPOINT="sign_in",
        CCHC_PDF_CACHE_DIR=str(folder / "pdf"),
        **COMMON,
    )
    app.config.update(config)
    database = SQLAlchemy()
    user_model = declare_host_models(database)
    database.init_app(app)
    Babel(app, default_locale="vi")
    CSRFProtect(app)
    Migrate(app, database, directory=str(folder / "migrations"), include_object=include_object)
    add_host_sign_in(app, database, user_model)
    CchcPublic(app, permission=lambda action, user: action in user.actions)
    with app.app_context():
        database.create_all()
        for role, (email, name) in STAFF.items():
            database.session.add(user_model(email=email, name=name, role=role))
        database.session.commit()
    return prepare(app)


def build_bare(url: str, folder: Path, **config: Any) -> Flask:
    """Return a host that has only Flask-SQLAlchemy: public pages, no staff, no sign-in."""
    app = Flask("bare", instance_path=str(folder))
    app.config.update(SQLALCHEMY_DATABASE_URI=url, CCHC_PDF_CACHE_DIR=str(folder / "pdf"))
    app.config["CCHC_URL_PREFIX"] = ""
    app.config.update({**COMMON, **config})
    SQLAlchemy(app)
    CchcPublic(app)
    return prepare(app)


BUILDERS = {"standalone": build_standalone, "full": build_full, "bare": build_bare}


def declare_host_models(database: SQLAlchemy) -> Any:
    """Return the host's user model; its table has nothing to do with ours."""

    class User(database.Model, UserMixin):  # type: ignore[name-defined, misc]
        id = database.Column(database.Integer, primary_key=True)
        email = database.Column(database.String(100), unique=True)
        name = database.Column(database.String(100))
        role = database.Column(database.String(20))

        @property
        def actions(self) -> set[str]:
            return {
                "clerk": {"enter"},
                "publisher": {"enter", "publish"},
                "admin": {"enter", "administer"},
            }[self.role]

    return User


class HostLoginForm(FlaskForm):
    """The host's own sign-in form."""

    email = StringField()
    password = PasswordField()


def add_host_sign_in(app: Flask, database: SQLAlchemy, user_model: Any) -> None:
    """Give the host its Flask-Login with one page; every password is PASSWORD."""
    manager = LoginManager(app)
    manager.login_view = "sign_in"
    manager.user_loader(lambda identity: database.session.get(user_model, int(identity)))

    @app.route("/vao", methods=["GET", "POST"])
    def sign_in():
        form = HostLoginForm()
        if form.validate_on_submit():
            query = select(user_model).where(user_model.email == form.email.data)
            user = database.session.execute(query).scalar_one_or_none()
            if user and form.password.data == PASSWORD:
                login_user(user)
                return redirect(request.args.get("next") or "/ai")
        return render_template("login.html", form=form)

    @app.route("/ai")
    def who():
        return current_user.name if current_user.is_authenticated else "khách"


def sign_in_path(app: Flask) -> str:
    """Return where staff of this app sign in."""
    if "cchc_site" not in app.extensions:
        return "/vao"
    return Settings(app.config)["URL_PREFIX"] + "/quan-tri/dang-nhap"
