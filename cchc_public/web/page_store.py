"""Keeps the bytes of public answers; they depend on a publication stamp, a day and an instant.

The stamp moves with every publication and edit, the day with the calendar; a page that changes by
itself in between (the desk closes, a strip ends) carries the instant at which it does. A clock
knows which publication is current without asking the database for every page.
"""

from __future__ import annotations

import gzip
import hashlib
import logging
import time
import weakref
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache, partial
from threading import Event, Lock
from typing import TYPE_CHECKING, NamedTuple

from markupsafe import Markup
from sqlalchemy import event
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, scoped_session
from werkzeug.http import parse_accept_header

from cchc_public.releases.reading import publication_stamp
from cchc_public.store.base import CHANGED
from cchc_public.store.remembered import settings_stamp
from cchc_public.store.snapshot import Snapshot

if TYPE_CHECKING:
    from cchc_public.state import State

log = logging.getLogger(__name__)
INTERVAL = 1.0  # seconds between two looks at the database
BLIND_INTERVAL = 5.0  # while it does not answer: a connection attempt may take long


def read_stamp(state: State) -> str:
    """Return a text that changes whenever something public was published or set."""
    session = state.session
    readers = (publication_stamp, settings_stamp, *state.page_cache.stamps)
    try:
        return "|".join(read(session) for read in readers)
    except Exception:
        session.rollback()  # leave the host's session usable
        raise


@dataclass(eq=False, repr=False)
class PublicationClock:
    """Holds the current publication stamp; one thread looks, the others use what is known.

    While the database does not answer the last stamp stays and ``is_blind`` is True.
    """

    _now: Callable[[], float] = time.monotonic
    is_blind: bool = False
    _stamp: str = ""
    _next_look: float = float("-inf")
    _changes: int = 0
    _looking: Lock = field(default_factory=Lock)

    def __post_init__(self) -> None:
        _clocks.add(self)

    def expire(self) -> None:
        """Look again before the next answer: something was committed in this process."""
        self._changes += 1
        self._next_look = float("-inf")

    @property
    def known_stamp(self) -> str:
        """Return the stamp while no new look is due, else nothing."""
        return "" if self.is_blind or self._now() >= self._next_look else self._stamp

    def lose_sight(self) -> None:
        """Note that the database failed between two looks."""
        self.is_blind = True
        self._next_look = self._now() + BLIND_INTERVAL

    def current(self, look: Callable[[], str]) -> str:
        """Return the stamp, at most ``INTERVAL`` old; empty when it was never readable."""
        if self._now() < self._next_look:
            return self._stamp
        # After a commit here everyone waits for the new stamp; otherwise the old one will do.
        must_wait = self._next_look == float("-inf")
        if not self._looking.acquire(blocking=must_wait):
            return self._stamp
        try:
            if self._now() >= self._next_look:
                self._look(look)
        finally:
            self._looking.release()
        return self._stamp

    def _look(self, look: Callable[[], str]) -> None:
        changes = self._changes
        try:
            self._stamp = look()
            self.is_blind = False
        except (SQLAlchemyError, OSError) as error:
            if not self.is_blind:
                log_outage("database does not answer; serving the last known pages", error)
            self.is_blind = True
        # a commit while we looked: the stamp may be the one before it
        if changes == self._changes:
            self._next_look = self._now() + (BLIND_INTERVAL if self.is_blind else INTERVAL)


_MISSING = {"42P01", "42703"}  # PostgreSQL: no such table, no such column


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


_clocks: weakref.WeakSet[PublicationClock] = weakref.WeakSet()


@event.listens_for(Session, "after_commit")
def _announce_change(session: Session) -> None:
    if session.info.pop(CHANGED, False):
        for clock in tuple(_clocks):
            clock.expire()


try:
    import brotli
except ImportError:  # a host may do without; every browser takes gzip
    brotli = None

Headers = list[tuple[str, str]]
PAGES_BYTES = 24_000_000
INVENTED_BYTES = 8_000_000  # searches and strange host names: anyone can invent any number
KNOWN_ROOTS = 4  # host names under which a site is really asked
MOMENT = ("<!--cchc-now-->", "<!--/cchc-now-->")  # around words that hold for a while only
SMALLEST_PACKED = 200
PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": lambda body: gzip.compress(body, 9, mtime=0)
}
if brotli is not None:  # at this quality smaller than gzip's best, and faster
    PACKERS = {"br": partial(brotli.compress, quality=5), **PACKERS}
FLIGHT_SECONDS = 10.0  # whoever renders longer is not waited for
SNAPSHOT = "snapshot"  # how the version of a page begins that was made without the database
ALWAYS = "always"  # the version of what never changes: a file under the name of its digest
# written anew for every answer
_OWN_HEADERS = {"content-length", "content-encoding", "etag", "set-cookie", "date", "cache-control"}


class PageKey(NamedTuple):
    """What an answer depends on besides the version."""

    locale: str  # of the page, and of a host's frame that has one for each reader
    root: str  # where the app is mounted; with the host while no official address is set
    path: str
    query: str


@dataclass(frozen=True)
class Lifetime:
    """How long others may keep an answer; never beyond the instant at which it changes."""

    max_age: int = 0  # 0: ask every time
    changes_at: datetime | None = None  # by itself, within the day
    fixed: str = ""  # what the answer said itself

    def ends_by(self, now: datetime) -> bool:
        """Tell whether the answer is another one by now."""
        return self.changes_at is not None and now >= self.changes_at

    def header(self, now: datetime) -> str:
        """Return ``Cache-Control`` for an answer sent now, by the clock of the commune."""
        if self.fixed:
            return self.fixed
        midnight = datetime.combine(now.date() + timedelta(days=1), datetime.min.time(), now.tzinfo)
        left = int((min(self.changes_at or midnight, midnight) - now).total_seconds())
        seconds = min(self.max_age, max(0, left))
        if not seconds:
            return "no-cache"
        if self.changes_at or left < self.max_age * 2:
            return f"public, max-age={seconds}"  # a stale copy would say what is over
        return f"public, max-age={seconds}, stale-while-revalidate={seconds}, stale-if-error=86400"


@dataclass(frozen=True)
class Fragment:
    """The parts that one of our pages puts into a frame; the same for every reader."""

    title: Markup
    authority: Markup  # asking the settings for it would be a query for each reader
    head: Markup
    opening: Markup  # style sheet and navigation, only needed in a host's frame
    body: bytes  # encoded once: it is by far the longest part

    @property
    def main(self) -> Markup:
        """Return the body as templates take it."""
        return Markup(self.body.decode())  # noqa: S704 - our own markup


@dataclass(frozen=True)
class Kept:
    """One kept answer: a page in the variants of its bytes, or what it puts into a host's frame."""

    version: str
    headers: tuple[tuple[str, str], ...]
    lifetime: Lifetime = Lifetime()
    tag: str = ""  # of all variants
    # by content coding; "" is plain, kept only until a reader takes the page packed
    variants: dict[str, bytes] = field(default_factory=dict)
    is_packable: bool = False
    status: str = "200 OK"
    fragment: Fragment | None = None  # the frame around it is rendered for each reader

    @property
    def size(self) -> int:
        """Return roughly how many bytes the page holds in memory."""
        part = self.fragment
        texts = (part.body, part.head, part.opening) * 2 if part else self.variants.values()
        return sum(map(len, texts)) + 800

    def body(self, coding: str) -> bytes:
        """Return the bytes of one variant."""
        if coding in self.variants:
            return self.variants[coding]
        kept, packed = next(iter(self.variants.items()))  # the rare reader who takes it plain
        return gzip.decompress(packed) if kept == "gzip" else brotli.decompress(packed)

    def packed(self, coding: str) -> Kept:
        """Return the page with the bytes of ``coding``; one that cannot be packed stays plain."""
        body = self.body("")
        variant = PACKERS[coding](body)
        if len(variant) >= len(body):
            return replace(self, variants={"": body}, is_packable=False)
        others = {kept: bytes_ for kept, bytes_ in self.variants.items() if kept}
        return replace(self, variants={**others, coding: variant})


@lru_cache(maxsize=64)
def best_coding(accepted: str) -> str:
    """Return the best content coding that an ``Accept-Encoding`` header names, "" for none."""
    weights = dict(parse_accept_header(accepted))
    return next((coding for coding in PACKERS if weights.get(coding)), "")


def build_page(
    version: str,
    headers: Headers,
    body: bytes,
    *,
    tag: str = "",
    lifetime: Lifetime = Lifetime(),  # noqa: B008 - frozen
    status: str = "200 OK",
) -> Kept:
    """Return an answer ready to be kept; who first takes it packed waits for the packing."""
    is_packable = len(body) >= SMALLEST_PACKED
    return Kept(version, kept_headers(headers), lifetime, tag, {"": body}, is_packable, status)


def drop_moment(page: Kept) -> Kept:
    """Return a stale page without what it said of a moment, such as that the desk is open.

    Templates put such words between the two marks; what stands beside them (the hours) stays true.
    """
    if page.lifetime.changes_at is None:
        return page
    begin, end = (mark.encode() for mark in MOMENT)

    def cut(body: bytes) -> bytes:
        head, *parts = body.split(begin)
        return head + b"".join(part.partition(end)[2] for part in parts)

    if page.fragment:
        return replace(page, fragment=replace(page.fragment, body=cut(page.fragment.body)))
    # of no version: once the database is back the page is rendered anew
    return build_page("", list(page.headers), cut(page.body("")))


def kept_headers(headers: Headers) -> tuple[tuple[str, str], ...]:
    """Return the headers that are the same for every answer."""
    return tuple(pair for pair in headers if pair[0].lower() not in _OWN_HEADERS)


def make_tag(edition: str, key: PageKey, version: str, changes_at: datetime | None) -> str:
    """Return an entity tag that is known before the page is rendered.

    It names the instant at which the page changes, so that nothing need be remembered to tell
    whether a reader's copy still stands. ``edition`` stands for program and settings.
    """
    until = f"{int(changes_at.timestamp()):x}" if changes_at else ""
    parts = "\0".join((edition, key.locale, key.root, key.path, key.query, version, until))
    digest = hashlib.sha256(parts.encode("utf-8", "surrogatepass")).hexdigest()[:24]
    return f"{digest}-{until}" if until else digest


def find_standing_tag(
    given: str, edition: str, key: PageKey, version: str, now: datetime
) -> tuple[str, datetime | None] | None:
    """Return the tag of ``If-None-Match`` under which the page still stands, and until when."""
    for word in given.split(","):
        quoted = word.strip().removeprefix("W/")
        digest, *rest = quoted.strip('"').split("-")
        until = next((part for part in rest if part not in ("gzip", "br")), "")
        try:
            changes_at = datetime.fromtimestamp(int(until, 16), UTC) if until else None
        except (ValueError, OverflowError, OSError):
            continue
        is_over = changes_at is not None and now >= changes_at
        if not is_over and digest == make_tag(edition, key, version, changes_at).split("-")[0]:
            return quoted, changes_at
    return None


@dataclass
class _Shelf:
    """A store of pages bounded by bytes; the oldest go first."""

    capacity: int
    pages: OrderedDict[PageKey, Kept] = field(default_factory=OrderedDict)
    size: int = 0

    def put(self, key: PageKey, page: Kept) -> None:
        if page.size > self.capacity:
            return  # it would push out all others and then itself
        old = self.pages.pop(key, None)
        self.size += page.size - (old.size if old else 0)
        self.pages[key] = page
        while self.size > self.capacity:
            _, dropped = self.pages.popitem(last=False)
            self.size -= dropped.size


@dataclass(eq=False, repr=False)
class PageStore:
    """Pages by address; an entry is good as long as its version is the current one.

    An entry of an earlier version is kept until it is replaced: it is served when the database
    is gone and there is no snapshot.
    """

    is_on: bool = True  # else it stores nothing
    snapshot: Snapshot = field(default_factory=lambda: Snapshot(None, ""))
    clock: PublicationClock = field(default_factory=PublicationClock)
    # readers of what public pages depend on besides releases and settings
    stamps: list[Callable[[scoped_session[Session]], str]] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock)
    _flights: dict[PageKey, Event] = field(default_factory=dict)
    _roots: set[str] = field(default_factory=set)
    _pages: _Shelf = field(default_factory=lambda: _Shelf(PAGES_BYTES))
    _invented: _Shelf = field(default_factory=lambda: _Shelf(INVENTED_BYTES))

    def version(self, stamp: str, day: date) -> str:
        """Return what decides whether a page is current: publication and day.

        Without database it is what the snapshot holds: those pages say so.
        """
        if self.clock.is_blind and (held := self.snapshot.stamp):
            return f"{SNAPSHOT} {held}|{day}"
        return f"{stamp}|{day}"

    def find(self, key: PageKey, version: str, now: datetime) -> Kept | None:
        """Return the page when it is current; while nobody can make another, the last good one."""
        page = self.find_any(key)
        if page is None or page.version in (version, ALWAYS) and not page.lifetime.ends_by(now):
            return page
        is_lost = self.clock.is_blind and not self.snapshot.stamp
        return drop_moment(page) if is_lost else None

    def find_any(self, key: PageKey) -> Kept | None:
        """Return the last good page, however old."""
        return self._pages.pages.get(key) or self._invented.pages.get(key)

    def put(self, key: PageKey, page: Kept) -> None:
        """Keep a page, dropping the oldest when there is no room."""
        if not self.is_on:
            return
        with self._lock:
            if len(self._roots) < KNOWN_ROOTS:
                self._roots.add(key.root)
            is_invented = key.query or key.root not in self._roots
            (self._invented if is_invented else self._pages).put(key, page)

    def answer(
        self, key: PageKey | None, page: Kept, now: datetime, accepted: str, known: str
    ) -> tuple[str, Headers, bytes]:
        """Return status, headers and body for a reader; packed when one first wants it so.

        ``accepted`` and ``known`` are the reader's ``Accept-Encoding`` and ``If-None-Match``. With
        ``key`` what was packed is kept for the next.
        """
        coding = best_coding(accepted) if page.is_packable else ""
        if coding and coding not in page.variants:
            page = page.packed(coding)
            coding = coding if page.is_packable else ""
            if key is not None:
                self.put(key, page)
        headers = [*page.headers, ("Cache-Control", page.lifetime.header(now))]
        if page.tag:
            headers.append(("ETag", f'"{page.tag}-{coding}"' if coding else f'"{page.tag}"'))
            if known and (page.tag in known or known.strip() == "*"):
                lasting = [pair for pair in headers if not pair[0].startswith("Content-")]
                return "304 NOT MODIFIED", lasting, b""
        body = page.body(coding)
        headers.append(("Content-Length", str(len(body))))
        if coding:
            headers.append(("Content-Encoding", coding))
        return page.status, headers, body

    def take_off(self, key: PageKey) -> Event | None:
        """Return None when the caller is the one to render the page, else what to wait for."""
        with self._lock:
            flight = self._flights.get(key)
            if flight is None:
                self._flights[key] = Event()
            return flight

    def land(self, key: PageKey) -> None:
        """Let everybody go on who waits for the page, rendered or not."""
        with self._lock:
            flight = self._flights.pop(key, None)
        if flight is not None:
            flight.set()

    def clear(self) -> None:
        """Forget every page and look at the database before the next answer."""
        with self._lock:
            self._pages = _Shelf(PAGES_BYTES)
            self._invented = _Shelf(INVENTED_BYTES)
        self.clock.expire()
