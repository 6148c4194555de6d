"""Short messages for the next page, kept apart from the host's own flashed messages."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from itertools import accumulate
from typing import Any

from flask import session

_KEY = "cchc_notices"
_READINGS = "cchc_readings"
_LIMIT = 12
# letters: the session is a cookie, more would not fit beside the host's own values
_ROOM = 900


@dataclass(frozen=True)
class Notice:
    """One message; ``kind`` is ``done`` or ``warn``."""

    text: str
    kind: str = "done"


def notify(text: str, kind: str = "done") -> None:
    """Show ``text`` on top of the next office page."""
    shown = text if len(text) <= _ROOM else f"{text[:_ROOM]}…"
    newest_first = [asdict(Notice(shown, kind)), *reversed(session.get(_KEY, []))]
    fitting = _fitting(newest_first, [len(entry["text"]) for entry in newest_first])
    session[_KEY] = fitting[::-1]


def take_notices() -> list[Notice]:
    """Return and forget the waiting messages."""
    return [Notice(**entry) for entry in session.pop(_KEY, [])]


def remember_readings(table: str, notes: list[tuple[str, str, str]]) -> None:
    """Keep how figures of ``table`` were read, (row, column, sentence), for the next page."""
    session[_READINGS] = [table, _fitting(notes, [sum(map(len, note)) for note in notes])]


def _fitting(entries: list[Any], lengths: list[int]) -> list[Any]:
    """Return the first entries that fit into the cookie; the first always does."""
    sizes = accumulate(lengths)
    fits = [entry for entry, size in zip(entries, sizes, strict=True) if size <= _ROOM]
    return fits[:_LIMIT] or entries[:1]


def take_readings(table: str) -> dict[tuple[str, str], str]:
    """Return and forget how figures of ``table`` were read, by (row, column)."""
    kept_for, notes = session.pop(_READINGS, None) or ("", [])
    return {(row, column): text for row, column, text in notes} if kept_for == table else {}
