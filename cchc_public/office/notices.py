"""Short messages for the next page, kept apart from the host's own flashed messages."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from flask import session

_KEY = "cchc_notices"
_READINGS = "cchc_readings"
_LIMIT = 12  # the session is a cookie: more would not fit beside the host's own values


@dataclass(frozen=True)
class Notice:
    """One message; ``kind`` is ``done`` or ``warn``."""

    text: str
    kind: str = "done"


def notify(text: str, kind: str = "done") -> None:
    """Show ``text`` on top of the next office page."""
    session[_KEY] = [*session.get(_KEY, [])[-_LIMIT:], asdict(Notice(text, kind))]


def take_notices() -> list[Notice]:
    """Return and forget the waiting messages."""
    return [Notice(**entry) for entry in session.pop(_KEY, [])]


def remember_readings(table: str, notes: list[tuple[str, str, str]]) -> None:
    """Keep how figures of ``table`` were read, (row, column, sentence), for the next page."""
    session[_READINGS] = [table, notes[:_LIMIT]]


def take_readings(table: str) -> dict[tuple[str, str], str]:
    """Return and forget how figures of ``table`` were read, by (row, column)."""
    kept_for, notes = session.pop(_READINGS, None) or ("", [])
    return {(row, column): text for row, column, text in notes} if kept_for == table else {}
