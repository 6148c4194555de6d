"""Staff accounts of the stand-alone site: add, list, set a password, hand out one-time links.

Links go by mail where a mail server is set; without one they are printed. A host brings its own
accounts; this module needs the ``site`` extra and is not imported there."""

from __future__ import annotations

import hashlib
import re
import secrets
import smtplib
import ssl
import unicodedata
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from email.utils import formataddr, formatdate, make_msgid
from functools import partial
from typing import Any
from urllib.parse import unquote, urlsplit

from flask_security import hash_password
from flask_security.password_util import PasswordUtil
from passlib.utils import MAX_PASSWORD_SIZE
from sqlalchemy import func, select

from cchc_public.accounts import Role, User, close_all, forget_failures
from cchc_public.errors import CchcError, NotFound
from cchc_public.state import get_state, read_signed, signer
from cchc_public.store.base import AnySession
from cchc_public.store.writing import write_once
from cchc_public.vietnamese.numbers import format_number
from cchc_public.vietnamese.text import clean_text, search_key

MIN_PASSWORD = 10
LINK_DAYS = 3
_STRENGTH = 3  # of 4 in zxcvbn: safe where guessing is slowed down
_LEAST_OTHER = 5  # letters that are neither a name nor a word of the trade
_LOOKED_AT = 72  # letters: looking takes longer than in proportion
# which actions of the plugin each role may take
ROLE_ACTIONS: dict[str, frozenset[str]] = {
    "clerk": frozenset({"enter"}),
    "publisher": frozenset({"enter", "publish"}),
    "admin": frozenset({"enter", "administer"}),
}
ROLE_TITLES = {"clerk": "cán bộ nhập", "publisher": "người công bố", "admin": "quản trị"}
# no letters or digits that look alike: these passwords are read from paper and typed
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"


class AccountRejected(CchcError):
    """An account cannot be made or changed as asked; the sentence says why."""


def may(action: str, user: User) -> bool:
    """Return whether one of the user's roles permits ``action``."""
    return any(action in ROLE_ACTIONS.get(role.name, frozenset()) for role in user.roles)


def make_password() -> str:
    """Return a random password of four groups of four: 79 bits, easy to read out."""
    groups = ("".join(secrets.choice(_ALPHABET) for _ in range(4)) for _ in range(4))
    return "-".join(groups)


def list_users(session: AnySession) -> tuple[User, ...]:
    """Return all accounts in the order of their e-mail addresses."""
    return tuple(session.scalars(select(User).order_by(User.email, User.id)).unique())


def find_user(session: AnySession, email: str) -> User | None:
    """Return the account with this e-mail address, upper or lower case alike."""
    found = select(User).where(func.lower(User.email) == email.strip().lower())
    return session.scalars(found).unique().one_or_none()


def get_user(session: AnySession, email: str) -> User:
    """Return the account with this e-mail address; raise ``NotFound``."""
    user = find_user(session, email)
    if user is None:
        raise NotFound(f"Không có tài khoản {email}.")
    return user


def add_user(
    session: AnySession,
    email: str,
    full_name: str,
    roles: tuple[str, ...],
    password: str | None,
) -> User:
    """Add an account; the caller commits. Without a password it waits for its one-time link."""
    address = unicodedata.normalize("NFKC", email).strip().lower()
    name, at, domain = address.partition("@")
    if not (name and at and "." in domain) or any(letter.isspace() for letter in address):
        raise AccountRejected(f"“{email}” không phải địa chỉ thư điện tử.")
    if find_user(session, address):
        raise AccountRejected(f"Đã có tài khoản {address}.")
    granted = [ensure_role(session, name) for name in roles]
    with write_once(session):  # another administrator may add the same person at this moment
        user = User(
            email=address,
            full_name=clean_text(full_name),
            active=True,
            fs_uniquifier=uuid.uuid4().hex,
            roles=granted,
        )
        session.add(user)
        session.flush()
        if password is not None:
            set_password(session, user, password)
    return user


def set_password(session: AnySession, user: User, password: str) -> None:
    """Give ``user`` a new password and end every session opened with the old one."""
    if problem := password_problem(password, user):
        raise AccountRejected(problem)
    # the same form of Unicode that signing in compares with
    user.password = hash_password(unicodedata.normalize("NFKD", password))
    end_sessions(session, user)
    forget_failures(session, user.email)
    session.flush()


def password_problem(password: str, user: User | None = None) -> str:
    """Return why this password is too easy to guess, or none at all; empty when it is good."""
    if len(password) < MIN_PASSWORD:
        return f"Mật khẩu cần ít nhất {MIN_PASSWORD} ký tự."
    if len(unicodedata.normalize("NFKD", password)) > MAX_PASSWORD_SIZE:  # no hash takes it
        return f"Mật khẩu dài quá {format_number(MAX_PASSWORD_SIZE)} ký tự; hãy rút ngắn."
    from zxcvbn import zxcvbn  # its lists take memory: only who sets a password waits for them

    own = search_key(re.sub(r"[@.]", " ", f"{user.full_name} {user.email}")) if user else ""
    words = [word for word in own.split() if len(word) > 1] + ["mat", "khau", "ubnd", "xa"]
    plain = left = search_key(password[:_LOOKED_AT])
    for word in sorted(words, key=len, reverse=True):
        left = left.replace(word, "")
    strength = zxcvbn(plain, user_inputs=[*words, own.replace(" ", "")])["score"]
    if strength >= _STRENGTH and len(left.replace(" ", "")) >= _LEAST_OTHER:
        return ""
    return (
        "Mật khẩu này dễ đoán: có trong danh sách hay dùng, hoặc dựa vào tên của bạn. Hãy ghép bốn "
        "từ không liên quan, ví dụ như tên một món ăn, một con vật, một đồ dùng, một con sông."
    )


class VietnamesePasswords(PasswordUtil):
    """Judges new passwords where Flask-Security asks, in our words."""

    def validate(
        self, password: str, is_register: bool, **kwargs: Any
    ) -> tuple[list[str] | None, str]:
        """Return what is wrong with ``password``, and its normal form."""
        normal = self.normalize(password)
        problem = password_problem(normal, kwargs.get("user"))
        return ([problem] if problem else None), normal


def end_sessions(session: AnySession, user: User) -> None:
    """End every session of ``user``, and every one-time link made before."""
    user.fs_uniquifier = uuid.uuid4().hex
    if user.id is not None:
        close_all(session, user)
    session.flush()


def make_link(session: AnySession, user: User) -> str:
    """Return the token of a one-time link that sets the password; earlier ones end.

    Whoever signs in with the old password is signed out: the link is asked for when it is lost.
    """
    end_sessions(session, user)
    return signer("password-link").dumps([user.id, _link_mark(user)])


def make_first_link(session: AnySession) -> str:
    """Return the token of the link that makes the first account; it works until there is one."""
    if list_users(session):
        raise AccountRejected("Đã có tài khoản; hãy dùng: cchc user add … --link.")
    return signer("password-link").dumps("first")


def is_first_link(session: AnySession, token: str) -> bool:
    """Return whether ``token`` may make the first account: nobody has one yet."""
    return read_signed("password-link", token, LINK_DAYS) == "first" and not list_users(session)


def find_link_owner(session: AnySession, token: str) -> User | None:
    """Return whose password a link sets; None when it was used, replaced, or is too old."""
    match read_signed("password-link", token, LINK_DAYS):
        case [int(number), mark]:
            user = session.get(User, number)
            return user if user and user.active and mark == _link_mark(user) else None
    return None


def _link_mark(user: User) -> str:
    text = f"{user.fs_uniquifier} {user.password or ''}"
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def drop_second_factor(session: AnySession, user: User) -> None:
    """Forget the second factor of who lost phone and codes; the next sign-in sets up a new one."""
    user.tf_primary_method = user.tf_totp_secret = user.tf_last_counter = None
    user.mf_recovery_codes = None
    end_sessions(session, user)


def set_active(session: AnySession, user: User, active: bool) -> None:
    """Switch an account on or off; an account is never deleted, the audit trail names it."""
    if not active and is_last_admin(session, user):
        raise AccountRejected("Đây là tài khoản quản trị cuối cùng; không khóa được.")
    user.active = active
    end_sessions(session, user)


def set_roles(session: AnySession, user: User, roles: tuple[str, ...]) -> None:
    """Replace the roles of ``user``."""
    if "admin" not in roles and is_last_admin(session, user):
        raise AccountRejected("Đây là tài khoản quản trị cuối cùng; không bỏ vai trò này được.")
    user.roles = [ensure_role(session, name) for name in roles]
    session.flush()


def is_last_admin(session: AnySession, user: User) -> bool:
    """Return whether nobody but ``user`` could administer the site."""
    admins = [other for other in list_users(session) if other.active and may("administer", other)]
    return admins == [user]


def ensure_role(session: AnySession, name: str) -> Role:
    """Return the role ``name``, made on first use."""
    if name not in ROLE_ACTIONS:
        raise AccountRejected(f"Không có vai trò {name}; chỉ có: {', '.join(ROLE_ACTIONS)}.")
    role = session.scalars(select(Role).where(Role.name == name)).one_or_none()
    if role is None:
        role = Role(name=name, description=ROLE_TITLES[name])
        session.add(role)
        session.flush()
    return role


PORTS = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}
PATIENCE = 10  # seconds: somebody waits for the answer
_TEXT = """Kính gửi {name},

Mở liên kết dưới đây để tự đặt mật khẩu của trang {authority}. Liên kết dùng được một lần, trong \
{days} ngày. Không chuyển thư này cho ai.

{link}

Nếu không chờ thư này, xin bỏ qua và báo người quản trị.
"""


class MailFailed(CchcError):
    """The mail server did not take the message; the sentence says why."""


def can_mail() -> bool:
    """Return whether a mail server is set."""
    return bool(get_state().config["MAIL_URL"])


@contextmanager
def mail_server() -> Iterator[smtplib.SMTP]:
    """Open the mail server, signed in; ``MailFailed`` when it is not there or takes no message."""
    address = urlsplit(get_state().config["MAIL_URL"])
    host, port = address.hostname or "", address.port or PORTS[address.scheme]
    trust = ssl.create_default_context()
    is_secret = address.scheme == "smtps"
    kind = partial(smtplib.SMTP_SSL, context=trust) if is_secret else smtplib.SMTP
    try:
        with kind(host, port, timeout=PATIENCE) as server:
            if address.scheme == "smtp+starttls":
                server.starttls(context=trust)
            if address.username:
                server.login(unquote(address.username), unquote(address.password or ""))
            yield server
    except (smtplib.SMTPException, OSError, ValueError) as error:
        raise MailFailed(f"Máy chủ thư {host}:{port} không nhận: {error}.") from error


def mail_link(user: User, link: str, days: int) -> None:
    """Send ``user`` a one-time link; ``MailFailed`` when it could not be handed over."""
    config = get_state().config
    authority = config["AUTHORITY_NAME"]
    sender = config["MAIL_FROM"] or (urlsplit(config["MAIL_URL"]).username or "")
    message = EmailMessage()
    message["From"] = formataddr((authority, unquote(sender)))
    message["To"] = user.email
    message["Subject"] = f"Liên kết đặt mật khẩu, {authority}"
    message["Date"], message["Message-ID"] = formatdate(), make_msgid(domain="cchc.invalid")
    name = user.full_name or user.email
    message.set_content(_TEXT.format(name=name, authority=authority, days=days, link=link))
    with mail_server() as server:
        server.send_message(message)
