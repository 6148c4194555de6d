"""Knows which publication is current without asking the database for every page."""

from __future__ import annotations

import time
import weakref
from collections.abc import Callable
from threading import Lock
from typing import TYPE_CHECKING, Any

from sqlalchemy import event
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from cchc_public.releases.reading import publication_stamp
from cchc_public.store import Base
from cchc_public.store.settings import settings_stamp
from cchc_public.web.outages import log_outage

if TYPE_CHECKING:
    from cchc_public.state import State

INTERVAL = 1.0  # seconds between two looks at the database
BLIND_INTERVAL = 5.0  # while it does not answer: a connection attempt may take long
_TOUCHED = "cchc_touched"


def read_stamp(state: State) -> str:
    """Return a text that changes whenever something public was published or set."""
    session = state.session
    try:
        return "|".join(
            [
                publication_stamp(session),
                settings_stamp(session),
                *(read(session) for read in state.page_cache.stamps),
            ]
        )
    except Exception:
        session.rollback()  # leave the host's session usable
        raise


class PublicationClock:
    """Holds the current publication stamp; one thread looks, the others use what is known.

    While the database does not answer the last stamp stays and ``is_blind`` is True.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        """Start unknowing; ``now`` is replaced in tests."""
        self._now = now
        self._stamp = ""
        self._next_look = float("-inf")
        self._changes = 0
        self._looking = Lock()
        self.is_blind = False
        _clocks.add(self)

    def expire(self) -> None:
        """Look again before the next answer: something was committed in this process."""
        self._changes += 1
        self._next_look = float("-inf")

    @property
    def known_stamp(self) -> str:
        """Return the stamp while no new look is due, else nothing."""
        is_fresh = not self.is_blind and self._now() < self._next_look
        return self._stamp if is_fresh else ""

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


_clocks: weakref.WeakSet[PublicationClock] = weakref.WeakSet()


@event.listens_for(Session, "after_flush")
def _note_change(session: Session, _context: Any) -> None:
    touched = (*session.new, *session.dirty, *session.deleted)
    if any(isinstance(thing, Base) for thing in touched):
        session.info[_TOUCHED] = True


@event.listens_for(Session, "after_commit")
def _announce_change(session: Session) -> None:
    if session.info.pop(_TOUCHED, False):
        for clock in tuple(_clocks):
            clock.expire()
