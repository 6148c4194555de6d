"""The one-stop desk as every page shows it: read once a request, its moment told to the store."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from flask import g
from sqlalchemy.exc import SQLAlchemyError

from cchc_public.desk.one_stop import Desk, Opening, load_desk, opening_now
from cchc_public.i18n import _
from cchc_public.state import get_state
from cchc_public.web.caching import changes_at

_NOT_DIALLED = re.compile(r"[^\d+]")


@dataclass(frozen=True)
class Phone:
    """A telephone number as written, and as dialled."""

    text: str
    address: str


@dataclass(frozen=True)
class DeskView:
    """What templates may say of the desk."""

    desk: Desk

    @property
    def name(self) -> str:
        """Return the desk's name; the commune's one-stop desk when none was given."""
        if self.desk.name:
            return self.desk.name
        authority = get_state().config["AUTHORITY_NAME"]
        return _("Bộ phận tiếp nhận và trả kết quả (một cửa), %(name)s", name=authority)

    @property
    def phones(self) -> tuple[Phone, ...]:
        """Return the numbers with their ``tel:`` addresses."""
        return tuple(
            Phone(text, f"tel:{_NOT_DIALLED.sub('', text)}") for text in self.desk.telephones
        )

    @property
    def ask(self) -> str:
        """Return whom to ask, in words: desk and telephone."""
        phone = f" ({self.desk.telephones[0]})" if self.desk.telephones else ""
        return f"{self.name}{phone}"

    @property
    def where(self) -> str:
        """Return desk, telephone and place in words, for papers and the look-up screen."""
        sample = _("mẫu") if self.desk.is_sample else ""
        return ". ".join(filter(None, (self.ask, self.desk.place, sample)))

    @cached_property
    def opening(self) -> Opening | None:
        """Return how the desk stands now; whoever asks shows it, so the page holds till then."""
        opening = opening_now(get_state().session, self.desk)
        if opening:
            changes_at(opening.changes_at)
        return opening


def cchc_desk() -> DeskView:
    """Return the desk of this request."""
    view: DeskView | None = g.get("cchc_desk_view")
    if view is None:
        view = g.cchc_desk_view = DeskView(_find())
    return view


def _find() -> Desk:
    """Return the stored desk; an empty one while the database is gone: outage pages show it too."""
    session = get_state().session
    try:
        return load_desk(session).desk
    except SQLAlchemyError:
        session.rollback()
        return Desk()
