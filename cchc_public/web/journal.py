"""The journal of the running site: one JSON object a line, without personal data.

Who acts is named by the account's number; addresses of readers, words they search for and what
they type are never written. The server before us may keep an access log; this is none.
"""

from __future__ import annotations

import json
import logging
import re
import secrets
import sys
from datetime import UTC, datetime
from typing import Any

from flask import g, has_request_context, request

JOURNAL = logging.getLogger("cchc_public.journal")
FIELDS = "cchc_fields"
log = logging.getLogger(__name__)
_MISSING = {"42P01", "42703"}  # PostgreSQL: no such table, no such column
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


def log_outage(what: str, error: Exception) -> None:
    """Log why ``what`` failed: a sentence where the migrations were not run, else the whole."""
    if is_unmigrated(error):
        log.error("%s: our tables are missing or of an older version; run: cchc db upgrade", what)
    else:
        log.error(what, exc_info=error)


def is_unmigrated(error: Exception) -> bool:
    """Tell whether a table or column is missing: the migrations were not run."""
    origin = getattr(error, "orig", None)
    is_missing = str(origin).startswith(("no such table", "no such column"))
    return is_missing or getattr(origin, "sqlstate", "") in _MISSING
