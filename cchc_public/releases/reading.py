"""The read side of everything public: releases only, never sheets; parsed once per digest."""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial
from itertools import dropwhile
from threading import Lock
from typing import Any, Generic, TypeVar

from sqlalchemy import Connection, Select, func, select

from cchc_public.errors import CchcError, NotFound
from cchc_public.i18n import _
from cchc_public.releases.content import digest_of, parse_content, summary_of
from cchc_public.releases.published import (
    CellChange,
    Correction,
    PaperFacts,
    PublishedRelease,
    ReleaseKind,
    ReleaseSummary,
    compare,
)
from cchc_public.store import LARGEST_INTEGER, PaperEntry, Release, SignedCopy
from cchc_public.store.base import AnySession
from cchc_public.vietnamese.dates import FIRST_YEAR, PeriodKind, ReportingPeriod

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

    def get(self, key: K, make: Callable[[], V]) -> V:
        """Return the value and mark it used; made when it is not kept, the oldest gives way."""
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
                return self._values[key]
        value = make()
        with self._lock:
            self._values[key] = value
            while len(self._values) > self._size:
                self._values.popitem(last=False)
        return value


# Keyed by digest, so an entry can never go stale and two apps may share it.
_parsed: BoundedCache[str, PublishedRelease] = BoundedCache(64)

# What a summary needs; the content stays in the database.
SUMMARY_COLUMNS = tuple(c for c in Release.__table__.columns if c.name != "content")


class ReleaseTampered(CchcError):
    """A stored release no longer matches its digest; its figures must not be shown."""


def load_release(session: AnySession, row: Any) -> PublishedRelease:
    """Return the parsed release of a row of ``SUMMARY_COLUMNS``; ReleaseTampered on a mismatch."""

    def parse() -> PublishedRelease:
        content = session.execute(select(Release.content).where(Release.id == row.id)).scalar_one()
        if digest_of(content) != row.digest:
            raise _tampered(row)
        return parse_content(content, row.id)

    found = _parsed.get(row.digest, parse)
    # the columns copied out of the content must still say what the content says
    stored = (row.period_slug, row.number, row.kind, row.data_from, row.data_to)
    if stored != (found.slug, found.number, found.kind, found.data_from, found.data_to):
        raise _tampered(row)
    return found if found.id == row.id else replace(found, id=row.id)


def summarize(row: Any) -> ReleaseSummary:
    """Return the summary of a row of ``SUMMARY_COLUMNS``."""
    try:
        return ReleaseSummary(id=row.id, digest=row.digest, **summary_of(row._mapping))
    except ValueError as error:
        raise _tampered(row) from error


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


# What a correction changed never changes again: keyed by the two digests.
_changes: BoundedCache[tuple[str, str], tuple[CellChange, ...]] = BoundedCache(256)


def publication_stamp(session: AnySession | Connection) -> str:
    """Return a short text that changes with every release: one query, no content read.

    A bare connection does too and is a third faster.
    """
    # The count too: on PostgreSQL a lower id may be committed after a higher one.
    newest = select(Release.digest).order_by(Release.id.desc()).limit(1).scalar_subquery()
    count, digest = session.execute(select(func.count(Release.id), newest)).one()
    return f"{count}-{digest[:16]}" if digest else "0"


def newest_release(session: AnySession, slug: str | None = None) -> PublishedRelease | None:
    """Return the newest release of a period (also a withdrawal), None when it has none.

    Without ``slug``: of the newest period whose figures stand, i.e. are not withdrawn.
    """
    query = _releases_of(slug) if slug else _newest_of_each_period().where(_STANDING)
    row = session.execute(query.limit(1)).first()
    return load_release(session, row) if row else None


def get_release(session: AnySession, slug: str, number: int) -> PublishedRelease:
    """Return one release of a period; NotFound when there is none of that number."""
    known = 0 < number <= LARGEST_INTEGER  # further numbers make the database itself fail
    query = _releases_of(slug).where(Release.number == number)
    row = session.execute(query).first() if known else None
    if row is None:
        raise NotFound(_("Kỳ báo cáo này không có lần công bố số %(number)s.", number=number))
    return load_release(session, row)


def last_withdrawal(session: AnySession, slug: str) -> int:
    """Return the number of a period's last withdrawal, 0 when nothing was withdrawn."""
    withdrawn = select(func.max(Release.number)).where(
        Release.period_slug == slug, Release.kind == ReleaseKind.WITHDRAWAL
    )
    return session.scalar(withdrawn) or 0


def find_withdrawn(session: AnySession, shown: ReleaseSummary | None) -> ReleaseSummary | None:
    """Return the newest period whose figures are gone now, when it would stand before ``shown``.

    Who sees older figures, or none, must be told that newer ones were taken back.
    """
    gone = _newest_of_each_period().where(Release.kind == ReleaseKind.WITHDRAWAL)
    row = session.execute(gone.limit(1)).first()
    found = summarize(row) if row else None
    if found and shown and found.period.sort_key < shown.period.sort_key:
        return None
    return found


def find_comparable(session: AnySession, release: PublishedRelease) -> PublishedRelease | None:
    """Return the standing release of the same period a year before, None when there is none."""
    found = newest_release(session, release.period.comparable_earlier.slug)
    return None if found is None or found.is_withdrawal else found


CURRENT_FOR = timedelta(days=200)  # a cumulative period, while the next one is to come
MOST_LIKE = {PeriodKind.MONTH: 12, PeriodKind.QUARTER: 8}
MOST_YEARS = 6
SAME_WINDOW = timedelta(days=5)  # 15th to 14th is not like 1st to 30th


def leading_release(
    session: AnySession, newest: PublishedRelease | None = None
) -> PublishedRelease | None:
    """Return what pages lead with: the newest cumulative period while it is current.

    A month or a quarter that ends later is an extra: its figures are a small part of the year's.
    ``newest`` is the newest release where the caller has it.
    """
    newest = newest or newest_release(session)
    if newest is None or newest.period.is_cumulative:
        return newest
    end = newest.period.sort_key[0]
    candidates = [
        ReportingPeriod(kind, year)
        for year in (newest.period.year, newest.period.year - 1)
        for kind in PeriodKind
        if kind not in MOST_LIKE and year >= FIRST_YEAR
    ]
    slugs = [p.slug for p in candidates if end - CURRENT_FOR <= p.sort_key[0] <= end]
    query = _newest_of_each_period().where(_STANDING, Release.period_slug.in_(slugs)).limit(1)
    row = session.execute(query).first()
    return load_release(session, row) if row else newest


def list_like(
    session: AnySession, release: PublishedRelease
) -> tuple[tuple[ReportingPeriod, PublishedRelease | None], ...]:
    """Return the periods of the same kind before ``release``, oldest first, gaps as None.

    Only like is joined with like: same kind, figures counted from the same day of the month.
    """
    periods = [release.period]
    while (
        len(periods) < MOST_LIKE.get(release.period.kind, MOST_YEARS)
        and periods[-1].year > FIRST_YEAR
    ):
        periods.append(periods[-1].previous)
    found = _load_like(session, release, periods[1:])
    series = [(period, found.get(period.slug)) for period in reversed(periods[1:])]
    return tuple(dropwhile(lambda one: one[1] is None, series))


def list_beside(session: AnySession, release: PublishedRelease) -> tuple[PublishedRelease, ...]:
    """Return what ``release`` is compared with: the like period before, and that of last year.

    A period of which a year has one is compared with the two years before.
    """
    period = release.period
    if period.year - 1 <= FIRST_YEAR:
        return ()
    second = period.previous.previous if period.is_cumulative else period.comparable_earlier
    wanted = (period.previous, second)
    found = _load_like(session, release, wanted)
    return tuple(found[other.slug] for other in wanted if other.slug in found)


def _load_like(
    session: AnySession, release: PublishedRelease, periods: Sequence[ReportingPeriod]
) -> dict[str, PublishedRelease]:
    slugs = [period.slug for period in periods]
    query = _newest_of_each_period().where(_STANDING, Release.period_slug.in_(slugs))
    offset = release.data_from - release.period.preset_window[0]
    found = [load_release(session, row) for row in session.execute(query)]
    return {
        other.slug: other
        for other in found
        if abs(other.data_from - other.period.preset_window[0] - offset) <= SAME_WINDOW
    }


def list_periods(session: AnySession) -> tuple[ReleaseSummary, ...]:
    """Return the newest release of every period by its columns only, newest period first."""
    return tuple(summarize(row) for row in session.execute(_newest_of_each_period()))


def list_releases(session: AnySession, slug: str) -> tuple[ReleaseSummary, ...]:
    """Return all releases of a period, newest first, by their columns only."""
    return tuple(summarize(row) for row in session.execute(_releases_of(slug)))


def list_newest_releases(session: AnySession, limit: int = 12) -> tuple[PublishedRelease, ...]:
    """Return the standing releases of the newest periods, newest first: for series over periods."""
    rows = session.execute(_newest_of_each_period().where(_STANDING).limit(limit)).all()
    return tuple(load_release(session, row) for row in rows)


def list_corrections(session: AnySession, limit: int | None = None) -> tuple[Correction, ...]:
    """Return corrections and withdrawals, newest first, with what each changed."""
    query = select(*SUMMARY_COLUMNS).where(Release.kind != ReleaseKind.FIRST)
    newest_first = query.order_by(Release.published_at.desc(), Release.id.desc())
    found = []
    for row in session.execute(newest_first.limit(limit)).all():
        summary = summarize(row)
        changes: tuple[CellChange, ...] = ()
        # compared with the figures shown last, i.e. withdrawals in between are skipped
        earlier = _releases_of(summary.slug).where(Release.number < summary.number, _STANDING)
        before = session.execute(earlier.limit(1)).first()
        if before and not summary.is_withdrawal:
            pair = (load_release(session, before), load_release(session, row))
            digests = (before.digest, row.digest)
            changes = _changes.get(digests, partial(compare, *pair))
        found.append(Correction(summary, before.number if before else 0, changes))
    return tuple(found)


_Query = Select[*tuple[Any, ...]]
_STANDING = Release.kind != ReleaseKind.WITHDRAWAL


def _releases_of(slug: str) -> _Query:
    query = select(*SUMMARY_COLUMNS).where(Release.period_slug == slug)
    return query.order_by(Release.number.desc())


def _newest_of_each_period() -> _Query:
    """Select the newest release of each period, newest period first."""
    last = (
        select(Release.period_slug, func.max(Release.number).label("number"))
        .group_by(Release.period_slug)
        .subquery()
    )
    is_last = (Release.period_slug == last.c.period_slug) & (Release.number == last.c.number)
    query = select(*SUMMARY_COLUMNS).join(last, is_last)
    return query.order_by(Release.period_order.desc(), Release.id.desc())


MATCHES, DIFFERS, UNKNOWN = "matches", "differs", "unknown"
# what belongs to one paper, and is entered here once figures are published
OF_THE_PAPER = ("document_number", "issued_on", "signatory", "signatory_title")


def find_facts(session: AnySession, release_id: int) -> PaperFacts | None:
    """Return what is known of a release's paper now; None when nothing was added."""
    return next(iter(list_entries(session, release_id)), None)


def list_entries(session: AnySession, release_id: int) -> tuple[PaperFacts, ...]:
    """Return the log of a release's paper, newest first."""
    query = select(PaperEntry).where(PaperEntry.release_id == release_id)
    return tuple(
        PaperFacts(
            **{**line.facts, "signatures": tuple(line.facts.get("signatures", ()))},
            entered_by=line.entered_by_name,
            entered_at=line.entered_at,
            entry_id=line.id,
        )
        for line in session.execute(query.order_by(PaperEntry.id.desc())).scalars()
    )


def find_copy(session: AnySession, digest: str) -> bytes | None:
    """Return the bytes of a signed copy."""
    found = session.get(SignedCopy, digest)
    return found.body if found else None


def papers_stamp(session: AnySession | Connection) -> str:
    """Return a short text that changes with every line of the log."""
    return str(session.execute(select(func.max(PaperEntry.id))).scalar() or 0)


def with_facts(release: PublishedRelease, facts: PaperFacts | None) -> PublishedRelease:
    """Return the release as its signed paper is headed; its figures and digests stay."""
    if facts is None:
        return release
    known = {name: value for name in OF_THE_PAPER if (value := getattr(facts, name))}
    head: Mapping[str, Any] = {**release.head, **known}
    return replace(release, head=head, paper=facts)
