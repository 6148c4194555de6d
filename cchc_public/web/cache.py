"""Keeps the bytes of rendered public pages; they depend on a publication stamp and a day only."""

from __future__ import annotations

import gzip
import hashlib
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock

from sqlalchemy.orm import Session, scoped_session

from cchc_public.web.clock import PublicationClock
from cchc_public.web.framing import Fragment

Headers = list[tuple[str, str]]
StampReader = Callable[["scoped_session[Session]"], str]
PAGES_BYTES = 24_000_000
SEARCHES_BYTES = 8_000_000  # pages with a query: anyone can invent any number of them
SMALLEST_GZIPPED = 200
# written anew for every answer
_OWN_HEADERS = {"content-length", "content-encoding", "etag", "set-cookie", "date"}


@dataclass(frozen=True)
class PageKey:
    """What an answer depends on besides the version."""

    locale: str
    root: str  # where the app is mounted; with the host while no official address is set
    path: str
    query: str


@dataclass(frozen=True)
class CachedPage:
    """One answer of status 200 with both variants of its bytes."""

    version: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    gzipped: bytes
    digest: str

    @property
    def size(self) -> int:
        """Return roughly how many bytes the page holds in memory."""
        return len(self.body) + len(self.gzipped) + 500

    def etag(self, *, use_gzip: bool) -> str:
        """Return the quoted entity tag of one variant."""
        return f'"{self.digest}-gz"' if use_gzip else f'"{self.digest}"'

    def matches(self, if_none_match: str) -> bool:
        """Tell whether the reader already holds one of the variants."""
        known = {self.etag(use_gzip=True), self.etag(use_gzip=False)}
        given = {tag.strip().removeprefix("W/") for tag in if_none_match.split(",")}
        return "*" in given or bool(known & given)

    def variant(self, *, use_gzip: bool) -> tuple[Headers, bytes]:
        """Return all headers and the body of one variant."""
        use_gzip = use_gzip and bool(self.gzipped)
        body = self.gzipped if use_gzip else self.body
        headers = [*self.headers, ("ETag", self.etag(use_gzip=use_gzip))]
        if use_gzip:
            headers.append(("Content-Encoding", "gzip"))
        headers.append(("Content-Length", str(len(body))))
        return headers, body


@dataclass(frozen=True)
class CachedFragment:
    """What one page puts into a host's frame; the frame is rendered for each reader."""

    version: str
    headers: tuple[tuple[str, str], ...]
    fragment: Fragment

    @property
    def size(self) -> int:
        """Return roughly how many bytes it holds in memory."""
        return self.fragment.size + 500


def build_page(version: str, headers: Headers, body: bytes) -> CachedPage:
    """Return the page ready to be kept: compressed once, tagged by its digest."""
    gzipped = gzip.compress(body, 9, mtime=0) if len(body) >= SMALLEST_GZIPPED else b""
    digest = hashlib.sha256(body).hexdigest()[:24]
    return CachedPage(version, kept_headers(headers), body, gzipped, digest)


def kept_headers(headers: Headers) -> tuple[tuple[str, str], ...]:
    """Return the headers that are the same for every answer."""
    return tuple(pair for pair in headers if pair[0].lower() not in _OWN_HEADERS)


Kept = CachedPage | CachedFragment


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


class PageCache:
    """Pages by address; an entry is good as long as its version is the current one.

    An entry of an earlier version is kept until it is replaced: it is served when the database
    is gone. ``stamps`` are further readers of what public pages depend on besides releases.
    """

    def __init__(self, *, is_on: bool = True, clock: PublicationClock | None = None) -> None:
        """Start empty; ``is_on`` False stores nothing."""
        self.is_on = is_on
        self.clock = clock or PublicationClock()
        self.stamps: list[StampReader] = []
        self._lock = Lock()
        self._pages = _Shelf(PAGES_BYTES)
        self._searches = _Shelf(SEARCHES_BYTES)

    def find(self, key: PageKey, version: str) -> Kept | None:
        """Return the page when it is current, or when the database is gone and it was once."""
        page = self.find_any(key)
        if page is None or page.version == version or self.clock.is_blind:
            return page
        return None

    def find_any(self, key: PageKey) -> Kept | None:
        """Return the last good page, however old."""
        return self._shelf(key).pages.get(key)

    def put(self, key: PageKey, page: Kept) -> None:
        """Keep a page, dropping the oldest when there is no room."""
        if self.is_on:
            with self._lock:
                self._shelf(key).put(key, page)

    def clear(self) -> None:
        """Forget every page and look at the database before the next answer."""
        with self._lock:
            self._pages = _Shelf(PAGES_BYTES)
            self._searches = _Shelf(SEARCHES_BYTES)
        self.clock.expire()

    def _shelf(self, key: PageKey) -> _Shelf:
        return self._searches if key.query else self._pages
