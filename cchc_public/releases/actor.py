"""Who acts: an opaque id and a readable name; the user table stays the host's own."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session, scoped_session

# Services take the host's session, whether plain or scoped to the request.
AnySession = Session | scoped_session[Session]


@dataclass(frozen=True)
class Actor:
    """A member of staff (or a command) as stored beside every change."""

    id: str
    name: str
