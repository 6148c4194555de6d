"""Opens stored releases: checks their digests, parses each once, refuses a tampered row."""

from __future__ import annotations

import logging
from collections import OrderedDict
from dataclasses import replace
from threading import Lock
from typing import Any, Generic, TypeVar

from sqlalchemy import select

from cchc_public.errors import CchcError
from cchc_public.i18n import _
from cchc_public.releases.content import digest_of, parse_content
from cchc_public.releases.published import PublishedRelease, ReleaseKind, ReleaseSummary
from cchc_public.store import Release
from cchc_public.store.actor import AnySession
from cchc_public.vietnamese.dates import parse_period

log = logging.getLogger(__name__)

K = TypeVar("K")
V = TypeVar("V")


class BoundedCache(Generic[K, V]):
    """Keeps the ``size`` values used last; two threads may both compute one, which does no harm."""

    def __init__(self, size: int) -> None:
        """Keep at most ``size`` values."""
        self._size = size
        self._lock = Lock()
        self._values: OrderedDict[K, V] = OrderedDict()

    def get(self, key: K) -> V | None:
        """Return the value and mark it used, None when it is not kept."""
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
            return self._values.get(key)

    def put(self, key: K, value: V) -> None:
        """Keep a value; the one unused longest gives way."""
        with self._lock:
            self._values[key] = value
            self._values.move_to_end(key)
            while len(self._values) > self._size:
                self._values.popitem(last=False)

    def clear(self) -> None:
        """Forget everything (tests)."""
        with self._lock:
            self._values.clear()


# Keyed by digest, so an entry can never go stale and two apps may share it.
_parsed: BoundedCache[str, PublishedRelease] = BoundedCache(64)

# What a summary needs; the content stays in the database.
SUMMARY_COLUMNS = (
    Release.id,
    Release.period_slug,
    Release.number,
    Release.kind,
    Release.reason,
    Release.digest,
    Release.published_at,
    Release.published_by_name,
    Release.data_from,
    Release.data_to,
    Release.due_on,
)


class ReleaseTampered(CchcError):
    """A stored release no longer matches its digest; its figures must not be shown."""

    code = "release-tampered"


def load_release(session: AnySession, row: Any) -> PublishedRelease:
    """Return the parsed release of a row of ``SUMMARY_COLUMNS``; ReleaseTampered on a mismatch."""
    found = _parsed.get(row.digest)
    if found is None:
        found = _parse(session, row)
        _parsed.put(row.digest, found)
    # the columns copied out of the content must still say what the content says
    stored = (row.period_slug, row.number, row.kind, row.data_from, row.data_to)
    if stored != (found.slug, found.number, found.kind, found.data_from, found.data_to):
        raise _tampered(row)
    return found if found.id == row.id else replace(found, id=row.id)


def summarize(row: Any) -> ReleaseSummary:
    """Return the summary of a row of ``SUMMARY_COLUMNS``."""
    period = parse_period(row.period_slug)
    if period is None:
        raise _tampered(row)
    return ReleaseSummary(
        id=row.id,
        period=period,
        number=row.number,
        kind=ReleaseKind(row.kind),
        reason=row.reason,
        digest=row.digest,
        published_at=row.published_at,
        published_by=row.published_by_name,
        data_from=row.data_from,
        data_to=row.data_to,
        due_on=row.due_on,
    )


def _parse(session: AnySession, row: Any) -> PublishedRelease:
    content = session.execute(select(Release.content).where(Release.id == row.id)).scalar_one()
    if digest_of(content) != row.digest:
        raise _tampered(row)
    return parse_content(content, release_id=row.id, digest=row.digest)


def _tampered(row: Any) -> ReleaseTampered:
    slug, number = row.period_slug, row.number
    log.critical("release %s (%s no. %s) does not match its digest", row.id, slug, number)
    return ReleaseTampered(
        _(
            "Số liệu lưu của kỳ %(slug)s, lần công bố số %(number)s không khớp mã kiểm tra nên "
            "không được hiển thị. Hãy khôi phục từ bản sao lưu.",
            slug=slug,
            number=number,
        )
    )
