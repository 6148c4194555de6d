"""Accounts of the stand-alone site only; in a host this module is never imported.

Flask-Security-Too looks its classes up by name, so they must be called ``User``, ``Role`` and
``WebAuthn``. The mixins' ``set_db_info`` is not used: it keeps its tables in a global and would
name the join table without our prefix.
"""

from __future__ import annotations

from flask_security.models.sqla import FsRoleMixin, FsUserMixin, FsWebAuthnMixin
from sqlalchemy import Column, ForeignKey, Integer, String, Table
from sqlalchemy.orm import Mapped, mapped_column, relationship

from cchc_public.store.base import Base

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
    roles: Mapped[list[Role]] = relationship(secondary=account_roles, back_populates="users")


class WebAuthn(Base, FsWebAuthnMixin):
    """A passkey; the table exists so that switching passkeys on later needs no migration."""

    __tablename__ = "cchc_webauthn"

    user_id: Mapped[int] = mapped_column(ForeignKey("cchc_user.id", ondelete="CASCADE"))
