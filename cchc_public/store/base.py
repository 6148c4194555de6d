"""What tables and deeds stand on: base class, the one clock, who acts.

Instants are kept in UTC; days and hours are the commune's (``CCHC_TIMEZONE``).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import current_app, has_app_context
from sqlalchemy import JSON, DateTime, MetaData, TypeDecorator
from sqlalchemy.orm import DeclarativeBase, Session, scoped_session

from cchc_public.vietnamese.text import clean_text

HOME = "Asia/Ho_Chi_Minh"  # as config.py has it; for programs that read releases without an app


def utc_now() -> datetime:
    """Return the current instant in UTC; tests may stop it here, and nowhere else."""
    return datetime.now(UTC)


def zone() -> ZoneInfo:
    """Return the time zone of the commune."""
    config = current_app.config if has_app_context() else {}
    return ZoneInfo(config.get("CCHC_TIMEZONE", HOME))


def local(at: datetime) -> datetime:
    """Return an instant as the commune's clocks show it."""
    return at.astimezone(zone())


def today() -> date:
    """Return the day it is in the commune."""
    return local(utc_now()).date()


def clock_text(at: datetime) -> str:
    """Write an instant for people: ``14:05 ngày 12/06/2023``."""
    return local(at).strftime("%H:%M ngày %d/%m/%Y")


# Services take the host's session, whether plain or scoped to the request.
AnySession = Session | scoped_session[Session]
LONGEST_ID, LONGEST_NAME = 64, 200


@dataclass(frozen=True)
class Actor:
    """A member of staff (or a command) as stored beside every change."""

    id: str
    name: str
    address: str = field(default="", compare=False)  # the network address the deed came from

    def as_stored(self) -> Actor:
        """Return the actor as the columns hold it, however a host writes ids and names."""
        is_long = len(self.id) > LONGEST_ID  # as some hosts' signed tokens are
        identity = hashlib.sha256(self.id.encode()).hexdigest() if is_long else self.id
        return Actor(identity, clean_text(self.name)[:LONGEST_NAME], self.address[:64])


NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
# the largest number that an Integer column holds on every database
LARGEST_INTEGER = 2**31 - 1


class Base(DeclarativeBase):
    """Base of every ``cchc_`` table; separate metadata, so the host's models never clash."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {dict[str, Any]: JSON, list[Any]: JSON}


class UtcDateTime(TypeDecorator[datetime]):
    """An instant in UTC; SQLite forgets the zone, so we put it back."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        """Refuse naive instants; store UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("naive datetime: instants are stored in UTC")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        """Return an aware UTC instant."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
