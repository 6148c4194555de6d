"""Accounts of the stand-alone site only; in a host this module is never imported.

Flask-Security-Too looks its classes up by name, so they must be called ``User``, ``Role`` and
``WebAuthn``. The mixins' ``set_db_info`` is not used: it keeps its tables in a global and would
name the join table without our prefix.
"""

from __future__ import annotations

from datetime import datetime

from flask import current_app
from flask_security.models.sqla import FsRoleMixin, FsUserMixin, FsWebAuthnMixin
from sqlalchemy import Column, ForeignKey, Integer, String, Table
from sqlalchemy.orm import Mapped, mapped_column, relationship

from cchc_public.state import get_state
from cchc_public.store.base import Base, UtcDateTime

DEMO_DOMAIN = ".example"  # names that no mail server can ever have (RFC 2606)
account_roles = Table(
    "cchc_user_role",
    Base.metadata,
    Column("user_id", Integer, ForeignKey("cchc_user.id", ondelete="CASCADE"), primary_key=True),
    Column("role_id", Integer, ForeignKey("cchc_role.id", ondelete="CASCADE"), primary_key=True),
)


class Role(Base, FsRoleMixin):
    """A role: ``clerk``, ``publisher`` or ``admin``."""

    __tablename__ = "cchc_role"

    users: Mapped[list[User]] = relationship(secondary=account_roles, back_populates="roles")


class User(Base, FsUserMixin):
    """A member of staff who signs in on the stand-alone site."""

    __tablename__ = "cchc_user"

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

    __tablename__ = "cchc_sign_in"

    token: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("cchc_user.id", ondelete="CASCADE"), index=True)
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    address: Mapped[str] = mapped_column(String(64))
    agent: Mapped[str] = mapped_column(String(200))  # as the browser names itself


class Attempts(Base):
    """How often signing in failed, by account or by network address and window of time."""

    __tablename__ = "cchc_attempts"

    key: Mapped[str] = mapped_column(String(120), primary_key=True)
    count: Mapped[int]
    last_at: Mapped[datetime] = mapped_column(UtcDateTime)
    until: Mapped[datetime] = mapped_column(UtcDateTime)  # forgotten after


class WebAuthn(Base, FsWebAuthnMixin):
    """A passkey; the table exists so that switching passkeys on later needs no migration."""

    __tablename__ = "cchc_webauthn"

    user_id: Mapped[int] = mapped_column(ForeignKey("cchc_user.id", ondelete="CASCADE"))
