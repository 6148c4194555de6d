"""What an operator sees: ``/healthz``, and the journal of the running site.

Is the process alive, can it serve and save, are the figures still as published? The journal is one
JSON object a line, without personal data: who acts is named by the account's number; addresses of
readers, words they search for and what they type are never written. The server before us may keep
an access log; this is none.
"""

from __future__ import annotations

import errno
import json
import logging
import os
import re
import secrets
import sys
import time
from contextlib import suppress
from datetime import UTC, date, datetime
from pathlib import Path
from threading import Lock
from typing import Any

from flask import Response, g, has_request_context, jsonify, request
from sqlalchemy import URL
from sqlalchemy.exc import SQLAlchemyError

from cchc_public.migrations import runner
from cchc_public.releases.content import verify_releases
from cchc_public.releases.reading import publication_stamp
from cchc_public.state import State, get_state
from cchc_public.store.base import AnySession, FileLost, find_file_problem, utc_now
from cchc_public.web.caching import close_snapshot

log = logging.getLogger(__name__)
DISK_SECONDS = 10.0  # strangers may ask for our health, but not make us write for it
PROBE_BYTES = 256_000


def show_health() -> tuple[Response, int]:
    """Answer 200 when requests can be served, 503 with the reason otherwise; alive either way.

    ``figures`` is the verdict of the daily examination: ``sound``, ``damaged``, or ``unknown``
    while there is none. Damaged figures are no reason to stop serving the others.
    """
    close_snapshot()  # nobody asks for the health of the copy
    problem, figures = find_problem(), "unknown"
    try:
        if not problem:
            examiner: Examiner = get_state().memory.setdefault("figures-examiner", Examiner())
            figures = examiner.verdict(get_state())
    except SQLAlchemyError as error:
        log.warning("cannot examine the figures: %s", error)
        problem = "database-unreachable"
    answer = jsonify(alive=True, ready=not problem, problem=problem or None, figures=figures)
    answer.headers["Cache-Control"] = "no-store"
    return answer, 503 if problem else 200


def find_problem() -> str:
    """Return why the database cannot serve, or an empty string."""
    try:
        with get_state().engine.connect() as connection:
            if lost := find_file_problem(connection):
                return lost
            if not runner.is_current(connection):
                return "database-not-migrated"
    except FileLost as error:
        return error.problem
    except (SQLAlchemyError, OSError):
        return "database-unreachable"
    disk: Disk = get_state().memory.setdefault("disk", Disk())
    return disk.problem(get_state().engine.url)


class Disk:
    """Tries every now and then whether the disk under a SQLite file still takes what is saved."""

    def __init__(self) -> None:
        self._tried_at = float("-inf")
        self._problem = ""

    def problem(self, url: URL) -> str:
        """Return ``disk-read-only``, ``disk-full`` or an empty string."""
        if url.get_backend_name() != "sqlite" or url.database in (None, "", ":memory:"):
            return ""
        if time.monotonic() - self._tried_at <= DISK_SECONDS:
            return self._problem
        self._tried_at, file = time.monotonic(), Path(str(url.database))
        self._problem = "" if os.access(file, os.W_OK) else "disk-read-only"
        probe = file.with_name(f"{file.name}.{os.getpid()}.probe")
        try:
            # SQLite writes its log beside the file: some pages of it must find room
            if not self._problem:
                probe.write_bytes(bytes(PROBE_BYTES))
        except OSError as error:
            is_locked = error.errno in (errno.EROFS, errno.EACCES, errno.EPERM)
            self._problem = "disk-read-only" if is_locked else "disk-full"
        finally:
            with suppress(OSError):
                probe.unlink()
        return self._problem


def examine_figures(session: AnySession) -> tuple[str, ...]:
    """Return in words what is no longer as it was published, and which guards are missing."""
    damages = tuple(str(damage) for damage in verify_releases(session))
    return (*damages, *runner.find_broken_guards(session.connection()))


def find_lost_releases(session: AnySession) -> tuple[str, ...]:
    """Return in words what was public and is no longer in the database, as the snapshot knows."""
    lost = get_state().page_cache.snapshot.find_missing(session.connection())
    return tuple(f"{name}: đã công bố nhưng không còn như trước" for name in lost)


class Examiner:
    """Examines the figures once a day and after each publication, one thread at a time."""

    def __init__(self) -> None:
        self._working = Lock()
        self._last: tuple[str, date, bool] | None = None  # stamp, day, sound

    def verdict(self, state: State) -> str:
        """Return the last verdict in one word; examine when it is from another day or stamp."""
        stamp, day = publication_stamp(state.session), utc_now().date()
        is_current = self._last is not None and self._last[:2] == (stamp, day)
        if not is_current and self._working.acquire(blocking=False):
            try:
                found = (*examine_figures(state.session), *find_lost_releases(state.session))
                for sentence in found:
                    log.critical("figures are not as published: %s", sentence)
                self._last = (stamp, day, not found)
            finally:
                self._working.release()
        if self._last is None:
            return "unknown"
        return "sound" if self._last[2] else "damaged"


JOURNAL = logging.getLogger("cchc_public.journal")
FIELDS = "cchc_fields"
_KNOWN_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")


class JournalFormatter(logging.Formatter):
    """Writes a record as JSON: when, how grave, what, in which request, with which fields."""

    def format(self, record: logging.LogRecord) -> str:
        """Return one line."""
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "from": record.name,
            "message": record.getMessage(),
        }
        if has_request_context():
            line["request"] = request_id()
        line.update(getattr(record, FIELDS, {}))
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


def write_journal() -> None:
    """Send our journal, and the warnings of everybody else, to the standard error output."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JournalFormatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("cchc_public").setLevel(logging.INFO)


def note(event: str, **fields: Any) -> None:
    """Write that something happened."""
    JOURNAL.info(event, extra={FIELDS: fields})


def request_id() -> str:
    """Return the number of this request: the one a trusted server before us gave, else our own."""
    if "cchc_request_id" not in g:
        given = request.headers.get("X-Request-Id", "")
        g.cchc_request_id = given if _KNOWN_ID.fullmatch(given) else secrets.token_hex(8)
    return str(g.cchc_request_id)
