"""A clock that stands still: replaces the one clock of the package."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from cchc_public.store import base as package_clock


class FrozenClock:
    """The package's time, moved by hand."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, start: datetime) -> None:
        """Stop the clock at ``start``."""
        self.now = start
        clock = self

        class Frozen(datetime):
            @classmethod
            def now(cls, tz: Any = None) -> datetime:
                return clock.now.astimezone(tz)

        # every caller goes through store.clock.utc_now, which looks this name up when called
        monkeypatch.setattr(package_clock, "datetime", Frozen)

    def set(self, *parts: int) -> None:
        """Set the time: year, month, day, …, in UTC."""
        self.now = datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type, misc]

    def advance(self, **steps: float) -> None:
        """Move on by ``days=``, ``hours=`` and so on."""
        self.now += timedelta(**steps)
