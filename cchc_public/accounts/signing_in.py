"""Sign-in of the stand-alone site: Flask-Security-Too on our own tables, in Vietnamese."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

from flask import Flask
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_login import user_logged_out
from flask_security import Security, SQLAlchemySessionUserDatastore
from flask_sqlalchemy import SQLAlchemy

from cchc_public.accounts.models import Role, User, WebAuthn
from cchc_public.accounts.people import MIN_PASSWORD
from cchc_public.config import Settings
from cchc_public.store.actor import Actor

LOGIN_ENDPOINT = "security.login"
LOGOUT_ENDPOINT = "security.logout"
CHANGE_PASSWORD_ENDPOINT = "security.change_password"  # noqa: S105 - the name of a page

# Flask-Security-Too has no Vietnamese catalogue; its messages are settings, so ours are too.
_MESSAGES = {
    "GENERIC_AUTHN_FAILED": "Địa chỉ thư điện tử hoặc mật khẩu không đúng.",
    "UNAUTHORIZED": "Tài khoản này không được phép xem trang đó.",
    "UNAUTHENTICATED": "Hãy đăng nhập để xem trang này.",
    "LOGIN": "Hãy đăng nhập để xem trang này.",
    "REFRESH": "Hãy đăng nhập lại để tiếp tục.",
    "EMAIL_NOT_PROVIDED": "Hãy nhập địa chỉ thư điện tử.",
    "INVALID_EMAIL_ADDRESS": "Địa chỉ thư điện tử viết chưa đúng.",
    "PASSWORD_NOT_PROVIDED": "Hãy nhập mật khẩu.",
    "PASSWORD_INVALID_LENGTH": "Mật khẩu cần ít nhất %(length)s ký tự.",
    "PASSWORD_TOO_SIMPLE": "Mật khẩu quá đơn giản.",
    "PASSWORD_MISMATCH": "Mật khẩu không khớp.",
    "RETYPE_PASSWORD_MISMATCH": "Hai lần nhập mật khẩu không giống nhau.",
    "PASSWORD_IS_THE_SAME": "Mật khẩu mới phải khác mật khẩu cũ.",
    "PASSWORD_CHANGE": "Đã đổi mật khẩu.",
    "INVALID_PASSWORD": "Mật khẩu không đúng.",
    "USER_DOES_NOT_EXIST": "Không có tài khoản này.",
    "DISABLED_ACCOUNT": "Tài khoản đã bị khóa. Hãy hỏi người quản trị.",
    "INVALID_REDIRECT": "Không chuyển ra ngoài trang này.",
    "ANONYMOUS_USER_REQUIRED": "Trang này chỉ dành cho người chưa đăng nhập.",
    "API_ERROR": "Yêu cầu không hợp lệ.",
}


def build_defaults(settings: Settings) -> dict[str, Any]:
    """Return the settings of sign-in; what the operator gives wins over them."""
    prefix = settings["URL_PREFIX"]
    office = f"{prefix}/quan-tri"
    return {
        "CCHC_LOGIN_ENDPOINT": LOGIN_ENDPOINT,
        "CCHC_LOGOUT_ENDPOINT": LOGOUT_ENDPOINT,
        "CCHC_PASSWORD_ENDPOINT": CHANGE_PASSWORD_ENDPOINT,
        "SECURITY_LOGIN_URL": f"{office}/dang-nhap",
        "SECURITY_LOGOUT_URL": f"{office}/dang-xuat",
        "SECURITY_CHANGE_URL": f"{office}/doi-mat-khau",
        "SECURITY_POST_LOGIN_VIEW": office + "/",
        "SECURITY_POST_LOGOUT_VIEW": f"{prefix}/",
        "SECURITY_POST_CHANGE_VIEW": office + "/",
        "SECURITY_LOGIN_USER_TEMPLATE": "cchc/office/login_user.html",
        "SECURITY_CHANGE_PASSWORD_TEMPLATE": "cchc/office/change_password.html",
        "SECURITY_CHANGEABLE": True,
        # the commune has no mail server: an administrator sets a lost password
        "SECURITY_SEND_PASSWORD_CHANGE_EMAIL": False,
        "SECURITY_PASSWORD_HASH": "argon2",
        "SECURITY_PASSWORD_SCHEMES": ["argon2"],
        # a hash that depends on nothing but the password survives a move to another machine
        "SECURITY_PASSWORD_SINGLE_HASH": True,
        "SECURITY_PASSWORD_LENGTH_MIN": MIN_PASSWORD,
        # the same words whether the account exists or not
        "SECURITY_RETURN_GENERIC_RESPONSES": True,
        "SECURITY_EMAIL_VALIDATOR_ARGS": {"check_deliverability": False},
        "SECURITY_API_ENABLED_METHODS": ["session"],
        "SECURITY_FRESHNESS": timedelta(-1),  # no pages for repeated sign-in
        "SECURITY_STATIC_FOLDER": None,
        # None: a directive without value (its own default writes "no-store=True", which is none)
        "SECURITY_CACHE_CONTROL": {"no-store": None, "private": None},
        "SECURITY_LOGOUT_CSRF": True,
        # one way to manage accounts is enough: cchc user
        "SECURITY_CLI_USERS_NAME": None,
        "SECURITY_CLI_ROLES_NAME": None,
        "REMEMBER_COOKIE_HTTPONLY": True,
        "REMEMBER_COOKIE_SAMESITE": "Lax",
        "REMEMBER_COOKIE_SECURE": settings["CANONICAL_URL"].startswith("https://"),
        **{f"SECURITY_MSG_{key}": (text, "error") for key, text in _MESSAGES.items()},
        "SECURITY_MSG_PASSWORD_CHANGE": (_MESSAGES["PASSWORD_CHANGE"], "success"),
    }


def add_accounts(app: Flask, database: SQLAlchemy, settings: Settings) -> None:
    """Give the app accounts; nobody can register or recover by mail."""
    people = SQLAlchemySessionUserDatastore(database.session, User, Role, WebAuthn)
    # a copy of the site that only shows has no page to sign in, but its commands know accounts
    Security(app, people, register_blueprint=settings["ENABLE_STAFF"])
    if settings["ENABLE_STAFF"]:
        limit_sign_in(app, settings["SIGN_IN_LIMIT"])
        user_logged_out.connect(end_sessions, app)


def end_sessions(app: Flask, user: User, **_more: Any) -> None:
    """End every session of who signs out: a cookie copied before must not work after."""
    user.fs_uniquifier = uuid.uuid4().hex
    app.extensions["sqlalchemy"].session.commit()


def limit_sign_in(app: Flask, limit: str) -> None:
    """Slow down guessing by network address; an account is never locked by strangers' failures."""
    limiter = Limiter(key_func=get_remote_address, app=app, storage_uri="memory://")
    for endpoint in (LOGIN_ENDPOINT, CHANGE_PASSWORD_ENDPOINT):
        view: Any = app.view_functions[endpoint]
        limited: Any = limiter.limit(limit, methods=["POST"])(view)
        app.view_functions[endpoint] = limited


def describe_actor(user: User | None) -> Actor:
    """Return the lasting id and the name; Flask-Login's id changes with every password."""
    if user is None:
        return Actor(id="", name="")
    return Actor(id=str(user.id), name=user.full_name or user.email)
