"""Staff accounts of the stand-alone site: add, list, set a password, switch on and off.

A host brings its own accounts; this module needs the ``site`` extra and is not imported there.
"""

from __future__ import annotations

import secrets
import unicodedata
import uuid

from flask_security import hash_password
from sqlalchemy import func, select
from sqlalchemy.orm import Session, scoped_session

from cchc_public.accounts.models import Role, User
from cchc_public.errors import CchcError, NotFound
from cchc_public.store.locking import write_once
from cchc_public.vietnamese.cleaning import clean_text

MIN_PASSWORD = 10
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

    code = "account-rejected"


def may(action: str, user: User) -> bool:
    """Return whether one of the user's roles permits ``action``."""
    return any(action in ROLE_ACTIONS.get(role.name, frozenset()) for role in user.roles)


def make_password() -> str:
    """Return a random password of four groups of four: 79 bits, easy to read out."""
    groups = ("".join(secrets.choice(_ALPHABET) for _ in range(4)) for _ in range(4))
    return "-".join(groups)


def list_users(session: Session | scoped_session[Session]) -> tuple[User, ...]:
    """Return all accounts in the order of their e-mail addresses."""
    return tuple(session.scalars(select(User).order_by(User.email, User.id)).unique())


def find_user(session: Session | scoped_session[Session], email: str) -> User | None:
    """Return the account with this e-mail address, upper or lower case alike."""
    found = select(User).where(func.lower(User.email) == email.strip().lower())
    return session.scalars(found).unique().one_or_none()


def get_user(session: Session | scoped_session[Session], email: str) -> User:
    """Return the account with this e-mail address; raise ``NotFound``."""
    user = find_user(session, email)
    if user is None:
        raise NotFound(f"Không có tài khoản {email}.")
    return user


def add_user(
    session: Session | scoped_session[Session],
    email: str,
    full_name: str,
    roles: tuple[str, ...],
    password: str,
) -> User:
    """Add an account; the caller commits."""
    address = _clean_address(email)
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
        set_password(session, user, password)
    return user


def set_password(session: Session | scoped_session[Session], user: User, password: str) -> None:
    """Give ``user`` a new password and end every session opened with the old one."""
    if len(password) < MIN_PASSWORD:
        raise AccountRejected(f"Mật khẩu cần ít nhất {MIN_PASSWORD} ký tự.")
    # the same form of Unicode that signing in compares with
    user.password = hash_password(unicodedata.normalize("NFKD", password))
    user.fs_uniquifier = uuid.uuid4().hex
    session.flush()


def set_active(session: Session | scoped_session[Session], user: User, active: bool) -> None:
    """Switch an account on or off; an account is never deleted, the audit trail names it."""
    if not active and is_last_admin(session, user):
        raise AccountRejected("Đây là tài khoản quản trị cuối cùng; không khóa được.")
    user.active = active
    user.fs_uniquifier = uuid.uuid4().hex
    session.flush()


def set_roles(
    session: Session | scoped_session[Session], user: User, roles: tuple[str, ...]
) -> None:
    """Replace the roles of ``user``."""
    if "admin" not in roles and is_last_admin(session, user):
        raise AccountRejected("Đây là tài khoản quản trị cuối cùng; không bỏ vai trò này được.")
    user.roles = [ensure_role(session, name) for name in roles]
    session.flush()


def is_last_admin(session: Session | scoped_session[Session], user: User) -> bool:
    """Return whether nobody but ``user`` could administer the site."""
    admins = [other for other in list_users(session) if other.active and may("administer", other)]
    return admins == [user]


def ensure_role(session: Session | scoped_session[Session], name: str) -> Role:
    """Return the role ``name``, made on first use."""
    if name not in ROLE_ACTIONS:
        raise AccountRejected(f"Không có vai trò {name}; chỉ có: {', '.join(ROLE_ACTIONS)}.")
    role = session.scalars(select(Role).where(Role.name == name)).one_or_none()
    if role is None:
        role = Role(name=name, description=ROLE_TITLES[name])
        session.add(role)
        session.flush()
    return role


def _clean_address(email: str) -> str:
    address = unicodedata.normalize("NFKC", email).strip().lower()
    name, at, domain = address.partition("@")
    if not (name and at and "." in domain) or any(letter.isspace() for letter in address):
        raise AccountRejected(f"“{email}” không phải địa chỉ thư điện tử.")
    return address
