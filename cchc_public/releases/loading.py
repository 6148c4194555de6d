"""Opens stored releases: checks their digests, parses each once, refuses a tampered row."""

from __future__ import annotations

import json
import logging
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from threading import Lock
from typing import Any, Generic, TypeVar

from sqlalchemy import select

from cchc_public.errors import CchcError
from cchc_public.i18n import _
from cchc_public.releases.content import digest_of
from cchc_public.releases.parsing import parse_content
from cchc_public.releases.published import PublishedRelease, ReleaseKind, ReleaseSummary
from cchc_public.store import Release
from cchc_public.store.actor import AnySession
from cchc_public.vietnamese.periods import parse_period

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
    _refuse_mismatch(row, found)
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


def _refuse_mismatch(row: Any, found: PublishedRelease) -> None:
    """The columns copied out of the content must still say what the content says."""
    stored = (row.period_slug, row.number, row.kind, row.data_from, row.data_to)
    if stored != (found.slug, found.number, found.kind, found.data_from, found.data_to):
        raise _tampered(row)


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


@dataclass(frozen=True)
class Damage:
    """One thing that is not what was published; ``slug`` is "" for the audit trail itself."""

    slug: str
    number: int
    message: str

    def __str__(self) -> str:
        """Return the damage in words."""
        return f"{self.slug} lần {self.number}: {self.message}" if self.slug else self.message


def verify_releases(session: AnySession) -> tuple[Damage, ...]:
    """Return all damage, in order of period and number; empty when everything is sound.

    A release is told three times: by its content, by the digest that its successor names, and by
    the line of the audit trail, which is chained itself. Who rewrites one is found by the others.
    """
    return (*_damages(session), *(Damage("", 0, found) for found in verify_trail(session)))


def _damages(session: AnySession) -> Iterator[Damage]:
    told = _told(session)
    # columns, not objects: the session may hold a release as it was before
    query = select(*Release.__table__.columns).order_by(Release.period_slug, Release.number)
    last: dict[str, tuple[int, str]] = {}  # last number and digest by period
    for release in session.execute(query.execution_options(yield_per=20)):
        slug = release.period_slug
        number, digest = last.get(slug, (0, ""))
        if release.number != number + 1:
            yield Damage(slug, release.number, f"thiếu lần công bố số {number + 1}")
        for message in _faults(release, digest, told.pop((slug, release.number), None)):
            yield Damage(slug, release.number, message)
        last[slug] = (release.number, release.digest)
    for slug, number in sorted(told):
        yield Damage(slug, number, "có trong nhật ký nhưng đã mất")


def _told(session: AnySession) -> dict[_Key, Any]:
    """Return the audit line of each release."""
    query = select(*AuditEntry.__table__.columns).where(AuditEntry.action.startswith("release."))
    return {
        (line.subject, line.detail["number"]): line
        for line in session.execute(query)
        if "digest" in line.detail and "number" in line.detail
    }


def _faults(release: Any, previous: str, line: Any | None) -> Iterator[str]:
    if digest_of(release.content) != release.digest:
        yield "nội dung không khớp mã kiểm tra"
        return
    data = json.loads(release.content)
    if data["release"]["previous_digest"] != previous:
        yield "không nối tiếp lần công bố trước"
    said = _columns(data)
    wrong = [name for name in said if said[name] != getattr(release, name)]
    if wrong:
        yield f"cột {', '.join(wrong)} không khớp nội dung"
    if line is None:
        yield "không có dòng nhật ký"
        return
    if line.detail["digest"] != release.digest:
        yield "mã kiểm tra không khớp nhật ký"
    if (line.actor_id, line.action) != (release.published_by_id, f"release.{release.kind}"):
        yield "người công bố không khớp nhật ký"


def _columns(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the columns must say that were copied out of the content."""
    period, note = data["period"], data["release"]
    known = parse_period(period["slug"])
    return {
        "period_slug": period["slug"],
        "number": note["number"],
        "kind": note["kind"],
        "reason": note["reason"],
        "published_by_name": note["published_by"],
        "published_at": datetime.fromisoformat(note["published_at"]),
        "period_order": period_order(known) if known else "",
        "data_from": _day(period["data_from"]),
        "data_to": _day(period["data_to"]),
        "due_on": _day(period["due_on"]),
    }


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
