"""Sign-in of the stand-alone site: Flask-Security-Too on our own tables, in Vietnamese."""

from __future__ import annotations

import csv
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from functools import wraps
from importlib import resources
from typing import Any

from flask import (
    Flask,
    Response,
    abort,
    after_this_request,
    has_request_context,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_login import current_user, logout_user, user_logged_in, user_logged_out
from flask_security import Security, SQLAlchemySessionUserDatastore
from flask_security.forms import TwoFactorRescueForm, TwoFactorSetupForm
from flask_security.totp import Totp
from flask_sqlalchemy import SQLAlchemy
from passlib.exc import PasswordSizeError
from passlib.totp import TOTP
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from werkzeug.exceptions import RequestEntityTooLarge, TooManyRequests
from wtforms import StringField

from cchc_public import accounts
from cchc_public.accounts import Role, User, WebAuthn, people
from cchc_public.accounts.people import AccountRejected, find_user
from cchc_public.config import Settings
from cchc_public.state import get_state
from cchc_public.store.base import Actor
from cchc_public.store.remembered import drop_old_drafts
from cchc_public.store.writing import record, saving

LOGIN_ENDPOINT = "security.login"
VERIFY_ENDPOINT = "security.verify"
# every page on which a password or a code can be guessed
GUESSED = (
    LOGIN_ENDPOINT,
    VERIFY_ENDPOINT,
    "security.change_password",
    "security.two_factor_token_validation",
    "security.mf_recovery",
)
# what a page of Flask-Security changes of the own account, and the deed that is
NOTED = {
    "security.change_password": ("password", "account.own-password"),
    "security.two_factor_setup": ("tf_totp_secret", "account.own-second-factor"),
    "security.two_factor_setup_validate": ("tf_totp_secret", "account.own-second-factor"),
    "security.two_factor_token_validation": ("tf_totp_secret", "account.own-second-factor"),
    "security.mf_recovery_codes": ("mf_recovery_codes", "account.recovery-codes"),
    "security.mf_recovery": ("mf_recovery_codes", "account.recovery-code-used"),
}
SESSION_TOKEN = "cchc_sign_in"  # noqa: S105 - the name of a value in the session
KNOWN_COOKIE = "cchc_known"
# deeds with accounts want the password again when it was given longer ago
FRESH = timedelta(minutes=15)
PASSWORD_LINK = "cchc_password_link"  # noqa: S105 - the name of a page
LOGOUT_ENDPOINT = "security.logout"
CHANGE_PASSWORD_ENDPOINT = "security.change_password"  # noqa: S105 - the name of a page

# Flask-Security-Too has no Vietnamese catalogue; its messages are settings, so ours are too.
with resources.files(__package__).joinpath("messages.csv").open(encoding="utf-8") as _file:
    _MESSAGES = {line["name"]: line["words"] for line in csv.DictReader(_file)}
# the pages of Flask-Security, below the office
_PAGES = {
    "LOGIN_URL": "dang-nhap",
    "LOGOUT_URL": "dang-xuat",
    "CHANGE_URL": "doi-mat-khau",
    "VERIFY_URL": "xac-nhan",
    "TWO_FACTOR_SETUP_URL": "hai-lop",
    "TWO_FACTOR_TOKEN_VALIDATION_URL": "hai-lop/ma",
    "TWO_FACTOR_RESCUE_URL": "hai-lop/cuu-ho",
    "TWO_FACTOR_SELECT_URL": "hai-lop/chon",
    "MULTI_FACTOR_RECOVERY_CODES_URL": "ma-du-phong",
    "MULTI_FACTOR_RECOVERY_URL": "hai-lop/ma-du-phong",
    # where it leads afterwards
    "POST_LOGIN_VIEW": "",
    "POST_CHANGE_VIEW": "",
    "POST_VERIFY_VIEW": "toi",
    "TWO_FACTOR_POST_SETUP_VIEW": "toi",
}
_TEMPLATES = {
    "LOGIN_USER_TEMPLATE": "login_user",
    "CHANGE_PASSWORD_TEMPLATE": "change_password",
    "VERIFY_TEMPLATE": "verify",
    "TWO_FACTOR_SETUP_TEMPLATE": "second_factor",
    "TWO_FACTOR_VERIFY_CODE_TEMPLATE": "second_factor_code",
    "MULTI_FACTOR_RECOVERY_CODES_TEMPLATE": "recovery_codes",
    "MULTI_FACTOR_RECOVERY_TEMPLATE": "second_factor_recovery",
}


def build_defaults(settings: Settings) -> dict[str, Any]:
    """Return the settings of sign-in; what the operator gives wins over them."""
    prefix = settings["URL_PREFIX"]
    security = {
        **{name: f"{prefix}/quan-tri/{path}" for name, path in _PAGES.items()},
        **{name: f"cchc/office/{template}.html" for name, template in _TEMPLATES.items()},
        **{f"MSG_{name}": (text, "error") for name, text in _MESSAGES.items()},
        "MSG_PASSWORD_CHANGE": (_MESSAGES["PASSWORD_CHANGE"], "success"),
        "POST_LOGOUT_VIEW": f"{prefix}/",
        "CHANGEABLE": True,
        # the commune has no mail server: an administrator sets a lost password
        "SEND_PASSWORD_CHANGE_EMAIL": False,
        "PASSWORD_HASH": "argon2",
        "PASSWORD_SCHEMES": ["argon2"],
        # a hash that depends on nothing but the password survives a move to another machine
        "PASSWORD_SINGLE_HASH": True,
        "PASSWORD_LENGTH_MIN": people.MIN_PASSWORD,
        # the same words whether the account exists or not
        "RETURN_GENERIC_RESPONSES": True,
        "EMAIL_VALIDATOR_ARGS": {"check_deliverability": False},
        "API_ENABLED_METHODS": ["session"],
        "FRESHNESS": FRESH,
        "FRESHNESS_GRACE_PERIOD": timedelta(0),
        "TWO_FACTOR": True,
        "TWO_FACTOR_ENABLED_METHODS": ["authenticator"],
        "TWO_FACTOR_RESCUE_EMAIL": False,
        "TWO_FACTOR_ALWAYS_VALIDATE": True,  # the machine at the desk is shared
        "MULTI_FACTOR_RECOVERY_CODES": True,
        "MULTI_FACTOR_RECOVERY_CODES_N": 8,
        "TOTP_SECRETS": {"1": "not used"},  # see PlainTotp; Flask-Security wants a value
        "TOTP_ISSUER": "cchc",
        "STATIC_FOLDER": None,
        # None: a directive without value (its own default writes "no-store=True", which is none)
        "CACHE_CONTROL": {"no-store": None, "private": None},
        "LOGOUT_CSRF": True,
        # one way to manage accounts is enough: cchc user
        "CLI_USERS_NAME": None,
        "CLI_ROLES_NAME": None,
    }
    return {
        **{f"SECURITY_{name}": value for name, value in security.items()},
        "CCHC_LOGIN_ENDPOINT": LOGIN_ENDPOINT,
        "CCHC_LOGOUT_ENDPOINT": LOGOUT_ENDPOINT,
        "CCHC_PASSWORD_ENDPOINT": CHANGE_PASSWORD_ENDPOINT,
        "REMEMBER_COOKIE_HTTPONLY": True,
        "REMEMBER_COOKIE_SAMESITE": "Lax",
        "REMEMBER_COOKIE_SECURE": settings["CANONICAL_URL"].startswith("https://"),
    }


def add_accounts(app: Flask, database: SQLAlchemy, settings: Settings) -> None:
    """Give the app accounts; nobody can register or recover by mail."""
    store = SQLAlchemySessionUserDatastore(database.session, User, Role, WebAuthn)
    # a copy of the site that only shows has no page to sign in, but its commands know accounts
    has_office = settings["ENABLE_STAFF"]
    Security(
        app,
        store,
        register_blueprint=has_office,
        password_util_cls=people.VietnamesePasswords,
        totp_cls=PlainTotp,
        two_factor_setup_form=OneFactorForm,
        two_factor_rescue_form=NoRescueForm,
    )
    if has_office:
        views: dict[str, Any] = app.view_functions
        for endpoint, (field, deed) in NOTED.items():
            views[endpoint] = note_change(views[endpoint], field, deed)
        for endpoint in GUESSED:
            views[endpoint] = slow_down(views[endpoint], settings["SIGN_IN_LIMIT"])
        app.add_url_rule(
            f"{settings['URL_PREFIX']}/quan-tri/mat-khau/<token>",
            PASSWORD_LINK,
            slow_down(set_first_password, settings["SIGN_IN_LIMIT"]),
            methods=["GET", "POST"],
        )
        for endpoint in ("security.two_factor_rescue", "security.tf_select"):
            app.view_functions[endpoint] = lambda: abort(404)
        app.before_request(end_closed_session)
        user_logged_in.connect(begin_session, app)
        user_logged_out.connect(end_session, app)


class OneFactorForm(TwoFactorSetupForm):
    """The only second factor here is an app on the phone: a button, no list to choose from."""

    setup = StringField()


class NoRescueForm(TwoFactorRescueForm):
    """Stands where Flask-Security would offer help by mail; the page itself does not exist."""

    help_setup = StringField()


class PlainTotp(Totp):
    """Keeps each secret readable in the database, and takes no code twice.

    A key beside the database would have to be carried along with every back-up: one that is lost
    locks out whoever publishes. So the back-up holds the secrets and is guarded like passwords.
    """

    def __init__(self, _secrets: Any, issuer: str) -> None:
        """Set up the codes of this site; see the class for the secrets."""
        self._totp = TOTP.using(issuer=issuer)

    def generate_totp_secret(self) -> str:
        """Return a new secret."""
        return str(self._totp.new().to_json(encrypt=False))

    def get_last_counter(self, user: Any) -> int | None:
        """Return the number of the code used last."""
        last: int | None = user.tf_last_counter
        return last

    def set_last_counter(self, user: Any, tmatch: Any) -> None:
        """Note the code that was just used; committed with the sign-in."""
        user.tf_last_counter = tmatch.counter


View = Callable[..., ResponseReturnValue]


def note_change(view: View, field: str, deed: str) -> View:
    """Write a line when the view, one of Flask-Security's, changed this of its user's account."""

    @wraps(view)
    def noted(*args: Any, **kwargs: Any) -> ResponseReturnValue:
        database = get_state().session
        user = find_user(database, _who_tries())
        before = repr(getattr(user, field, None))
        answer = view(*args, **kwargs)
        if user is not None and repr(getattr(user, field)) != before:
            with saving(database):
                note_deed(deed, user)
        return answer

    return noted


def note_deed(deed: str, user: User, **detail: Any) -> None:
    """Write what somebody did with the own account."""
    record(get_state().session, describe_actor(user), deed, f"account/{user.id}", **detail)


def slow_down(view: View, limit: str) -> View:
    """Let failures slow down further tries, by account and by network address."""

    @wraps(view)
    def slowed(*args: Any, **kwargs: Any) -> ResponseReturnValue:
        if request.method != "POST":
            return view(*args, **kwargs)
        database = get_state()
        email, address = _who_tries(), request.remote_addr or ""
        user = find_user(database.session, email) if email else None
        mark = request.cookies.get(KNOWN_COOKIE, "")
        is_known = accounts.is_known_browser(mark, user)
        # in its own browser the owner waits for nobody else's failures, only for the own ones
        tried = (f"{email} {mark}", "") if is_known else (email, address)
        if wait := accounts.seconds_to_wait(database.session, *tried, limit):
            raise TooManyRequests(
                f"Đã thử sai nhiều lần. Xin chờ {wait} giây rồi thử lại. Tài khoản không bị khóa.",
                retry_after=wait,
            )
        try:
            answer = view(*args, **kwargs)
        except PasswordSizeError as error:  # longer than any hash takes: nothing was compared
            raise RequestEntityTooLarge("Mật khẩu quá dài; xin nhập lại mật khẩu.") from error
        if getattr(answer, "status_code", 200) == 200:
            # the trail never holds what a stranger typed as a name
            name = (user.full_name or user.email) if user else "Người lạ"
            subject, page = f"account/{user.id}" if user else "account", str(request.endpoint)
            # two failures at one moment count as one
            with suppress(IntegrityError), saving(database.session):
                accounts.note_failure(database.session, *tried, limit)
                record(
                    database.session, Actor("", name, address), "sign-in.fail", subject, page=page
                )
        return answer

    return slowed


def _who_tries() -> str:
    if current_user.is_authenticated:
        return str(current_user.email)
    if request.endpoint == LOGIN_ENDPOINT:
        return request.form.get("email", "")[:300]
    query = select(User.email).where(User.fs_uniquifier == session.get("tf_user_id", ""))
    return str(get_state().session.scalar(query) or "")


def set_first_password(token: str) -> ResponseReturnValue:
    """Let who holds a one-time link choose a password; the first link makes the first account."""
    state, problem = get_state(), ""
    is_first = people.is_first_link(state.session, token)
    owner = None if is_first else people.find_link_owner(state.session, token)
    if request.method == "POST" and (is_first or owner):
        names = ("full_name", "email", "password", "again")
        full_name, email, password, again = (request.form.get(name, "") for name in names)
        with saving(state.session) as saved:
            if password != again:
                raise AccountRejected(_MESSAGES["RETYPE_PASSWORD_MISMATCH"])
            if owner is not None:
                people.set_password(state.session, user := owner, password)
            elif full_name.strip():
                roles = ("admin", "publisher")  # the first may be the only one
                user = people.add_user(state.session, email, full_name[:200], roles, password)
            else:
                raise AccountRejected("Hãy ghi họ và tên: nhật ký ghi tên người làm.")
            deed = "account.own-password" if owner else "account.add"
            note_deed(deed, user, email=user.email)
        if saved.error is None:
            return redirect(url_for(LOGIN_ENDPOINT))
        problem = str(saved.error)
    page = render_template(
        "cchc/office/password_link.html", user=owner, problem=problem, is_first=is_first
    )
    response = make_response(page, 200 if is_first or owner else 410)
    # the address is as good as a password until it was used
    response.headers.update({"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"})
    return response


def begin_session(_app: Flask, user: User, **_more: Any) -> None:
    """Note where the session began, forget failures, know this browser from now on."""
    state, agent = get_state(), request.headers.get("User-Agent", "")
    with saving(state.session):
        session[SESSION_TOKEN] = accounts.open_session(
            state.session, user, request.remote_addr or "", agent
        )
        accounts.forget_failures(state.session, user.email)
        drop_old_drafts(state.session, str(user.id), state.config["DRAFT_DAYS"])
        note_deed("sign-in", user)
    mark = accounts.known_browser_mark(user)

    @after_this_request
    def remember(response: Response) -> Response:
        is_secure, days = request.is_secure, accounts.KNOWN_DAYS * 86400
        response.set_cookie(
            KNOWN_COOKIE, mark, days, secure=is_secure, httponly=True, samesite="Lax"
        )
        return response


def end_closed_session() -> ResponseReturnValue | None:
    """Sign out whose session was ended elsewhere; a public page does not ask.

    Who has a second factor but no way around a lost phone is led to the recovery codes once.
    """
    if request.blueprint not in ("cchc_staff", "security") or "_user_id" not in session:
        return None
    user = current_user._get_current_object()  # noqa: SLF001 - the documented way out of a proxy
    token = session.get(SESSION_TOKEN, "")
    if user.is_authenticated and not accounts.is_open(get_state().session, token, user):
        session.pop(SESSION_TOKEN, None)
        logout_user()
        return None
    lacks_codes = user.is_authenticated and user.tf_primary_method and not user.mf_recovery_codes
    is_page = request.method == "GET" and request.blueprint == "cchc_staff"
    if lacks_codes and is_page and not session.get("cchc_told_codes"):
        session["cchc_told_codes"] = True
        return redirect(url_for("security.mf_recovery_codes"))
    return None


def end_session(_app: Flask, user: User, **_more: Any) -> None:
    """End the session that signs out: a cookie copied before must not work after."""
    if token := session.pop(SESSION_TOKEN, ""):
        with saving(get_state().session):
            accounts.close_session(get_state().session, token)
            note_deed("sign-out", user)


def describe_actor(user: User | None) -> Actor:
    """Return the lasting id and the name; Flask-Login's id changes with every password."""
    address = (request.remote_addr or "") if has_request_context() else ""
    if user is None:
        return Actor(id="", name="", address=address)
    return Actor(id=str(user.id), name=user.full_name or user.email, address=address)
