"""The one clock: instants are kept in UTC, days and hours are the commune's (``CCHC_TIMEZONE``)."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from flask import current_app, has_app_context

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
