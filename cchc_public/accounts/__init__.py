"""Staff accounts of the stand-alone site: tables, open sessions, how failures slow tries down.

A host brings its own and never imports this room. Flask-Security-Too looks its classes up by name,
so they must be called ``User``, ``Role`` and ``WebAuthn``. The mixins' ``set_db_info`` is not used:
it keeps its tables in a global and would name the join table without our prefix.

Tries are counted in the database, so that limits hold across processes. Nobody is locked out: a
browser in which the account was used before never waits for what strangers do from elsewhere.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator
from datetime import datetime, timedelta
from math import ceil

from flask import current_app
from flask_security.models.sqla import FsRoleMixin, FsUserMixin, FsWebAuthnMixin
from limits import RateLimitItem, parse_many
from sqlalchemy import Column, ForeignKey, Integer, String, Table, delete, select, update
from sqlalchemy.orm import Mapped, mapped_column, relationship

from cchc_public.state import get_state, read_signed, signer
from cchc_public.store.base import AnySession, Base, UtcDateTime, utc_now
from cchc_public.store.writing import saving

DEMO_DOMAIN = ".example"  # names that no mail server can ever have (RFC 2606)
account_roles = Table(
    "cchc_user_role",
    Base.metadata,
    Column("user_id", Integer, ForeignKey("cchc_user.id", ondelete="CASCADE"), primary_key=True),
    Column("role_id", Integer, ForeignKey("cchc_role.id", ondelete="CASCADE"), primary_key=True),
)


class Role(Base, FsRoleMixin):
    """A role: ``clerk``, ``publisher`` or ``admin``."""

    users: Mapped[list[User]] = relationship(secondary=account_roles, back_populates="roles")


class User(Base, FsUserMixin):
    """A member of staff who signs in on the stand-alone site."""

    full_name: Mapped[str] = mapped_column(String(200), default="")  # printed in the audit trail
    # the code of the second factor that was used last: none is good twice
    tf_last_counter: Mapped[int | None]
    roles: Mapped[list[Role]] = relationship(secondary=account_roles, back_populates="users")

    @property
    def needs_second_factor(self) -> bool:
        """Whether a password alone is not enough; accounts of the demo are exempt."""
        roles = {role.name for role in self.roles}
        wanted = roles & set(get_state().config["SECOND_FACTOR"])
        return bool(wanted) and not self.email.endswith(DEMO_DOMAIN)

    def check_tf_required(
        self, tf_setup_methods: list[tuple[str, str]], tf_fresh: bool
    ) -> tuple[bool, list[tuple[str, str]]]:
        """Tell Flask-Security whether this sign-in wants a second factor."""
        if not current_app.config["SECURITY_TWO_FACTOR"]:
            return False, tf_setup_methods
        return bool(tf_setup_methods) or self.needs_second_factor, tf_setup_methods

    def check_tf_required_setup(self) -> bool:
        """Tell Flask-Security whether the second factor can be switched off."""
        return self.needs_second_factor


class SignIn(Base):
    """An open session: where and since when; deleted when it ends."""

    token: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("cchc_user.id", ondelete="CASCADE"), index=True)
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    address: Mapped[str] = mapped_column(String(64))
    agent: Mapped[str] = mapped_column(String(200))  # as the browser names itself


class Attempts(Base):
    """How often signing in failed, by account or by network address and window of time."""

    key: Mapped[str] = mapped_column(String(120), primary_key=True)
    count: Mapped[int]
    last_at: Mapped[datetime] = mapped_column(UtcDateTime)
    until: Mapped[datetime] = mapped_column(UtcDateTime)  # forgotten after


class WebAuthn(Base, FsWebAuthnMixin):
    """A passkey; the table exists so that switching passkeys on later needs no migration."""

    __tablename__ = "cchc_webauthn"

    user_id: Mapped[int] = mapped_column(ForeignKey("cchc_user.id", ondelete="CASCADE"))


FREE_TRIES = 15  # of one account, from wherever
FIRST_WAIT, LONGEST_WAIT = 5, 60  # seconds; doubled with every further failure
FORGET_AFTER = timedelta(days=1)
SEEN_EVERY = timedelta(minutes=5)
SESSION_HOURS = 12
KNOWN_DAYS = 180


def account_key(email: str) -> str:
    """Return the key of an account, whether or not it exists."""
    return "a:" + hashlib.sha256(email.strip().lower().encode()).hexdigest()[:40]


def seconds_to_wait(session: AnySession, email: str, address: str, limits: str) -> int:
    """Return how long the next try must wait; 0 when it may be made now."""
    now, waits = utc_now(), [0.0]
    for key, item in _windows(address, limits):
        row = session.get(Attempts, key, populate_existing=True)
        if row and row.count >= item.amount:
            waits.append((row.until - now).total_seconds())
    row = session.get(Attempts, account_key(email), populate_existing=True) if email else None
    if row and row.count >= FREE_TRIES:
        doubled = FIRST_WAIT * 2 ** min(row.count - FREE_TRIES, 10)
        since = (now - row.last_at).total_seconds()
        waits.append(min(LONGEST_WAIT, doubled) - since)
    return ceil(max(waits))


def note_failure(session: AnySession, email: str, address: str, limits: str) -> None:
    """Count a failed try of this account from this address."""
    now = utc_now()
    session.execute(delete(Attempts).where(Attempts.until < now))
    if email:
        _count(session, account_key(email), FORGET_AFTER)
    for key, item in _windows(address, limits):
        _count(session, key, timedelta(seconds=item.get_expiry()))


def forget_failures(session: AnySession, email: str) -> None:
    """Start anew after somebody proved to be the owner."""
    session.execute(delete(Attempts).where(Attempts.key == account_key(email)))


def _windows(address: str, limits: str) -> Iterator[tuple[str, RateLimitItem]]:
    """Tell the windows of time in which failures count; each begins with its first failure."""
    for item in parse_many(limits) if address else ():
        yield f"n:{item.get_expiry()}:{address}"[:120], item


def _count(session: AnySession, key: str, lasts: timedelta) -> None:
    now = utc_now()
    changed = session.execute(
        update(Attempts)
        .where(Attempts.key == key)
        .values(count=Attempts.count + 1, last_at=now)
        .execution_options(synchronize_session=False)
    )
    if not changed.rowcount:  # type: ignore[attr-defined]
        session.merge(Attempts(key=key, count=1, last_at=now, until=now + lasts))
        session.flush()


def known_browser_mark(user: User) -> str:
    """Return what a browser keeps to be known by; a new password makes it worthless."""
    return signer("known-browser").dumps([user.id, _password_mark(user)])


def is_known_browser(mark: str, user: User | None) -> bool:
    """Return whether ``user`` signed in from this browser before."""
    found = read_signed("known-browser", mark, KNOWN_DAYS)
    return user is not None and bool(found == [user.id, _password_mark(user)])


def _password_mark(user: User) -> str:
    return hashlib.sha256((user.password or "").encode()).hexdigest()[:20]


def open_session(session: AnySession, user: User, address: str, agent: str) -> str:
    """Note a sign-in; return the token that its session carries."""
    now, token = utc_now(), secrets.token_urlsafe(24)
    old = now - timedelta(hours=SESSION_HOURS)
    session.execute(delete(SignIn).where(SignIn.user_id == user.id, SignIn.started_at < old))
    row = SignIn(token=token, user_id=user.id, address=address[:64], agent=agent[:200])
    row.started_at = row.seen_at = now
    session.add(row)
    session.flush()
    return token


def is_open(session: AnySession, token: str, user: User) -> bool:
    """Return whether the session with this token is open still; notes that it was seen."""
    row = session.get(SignIn, token) if token else None
    now = utc_now()
    if row is None or row.user_id != user.id:
        return False
    if now - row.seen_at > SEEN_EVERY:
        with saving(session):
            row.seen_at = now
    return now - row.started_at < timedelta(hours=SESSION_HOURS)


def list_sessions(session: AnySession, user: User) -> tuple[SignIn, ...]:
    """Return the open sessions of ``user``, the one seen last first."""
    query = select(SignIn).where(SignIn.user_id == user.id)
    return tuple(session.scalars(query.order_by(SignIn.seen_at.desc(), SignIn.token)))


def close_session(session: AnySession, token: str) -> None:
    """End one session: a copy of its cookie is worth nothing from now on."""
    session.execute(delete(SignIn).where(SignIn.token == token))


def close_all(session: AnySession, user: User) -> None:
    """End every session of ``user``."""
    session.execute(delete(SignIn).where(SignIn.user_id == user.id))
