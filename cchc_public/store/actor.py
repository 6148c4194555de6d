"""Who acts: an opaque id and a readable name; the user table stays the host's own."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

from sqlalchemy.orm import Session, scoped_session

from cchc_public.vietnamese.text import clean_text

# Services take the host's session, whether plain or scoped to the request.
AnySession = Session | scoped_session[Session]
LONGEST_ID, LONGEST_NAME = 64, 200


@dataclass(frozen=True)
class Actor:
    """A member of staff (or a command) as stored beside every change."""

    id: str
    name: str
    address: str = field(default="", compare=False)  # the network address the deed came from

    def as_stored(self) -> Actor:
        """Return the actor as the columns hold it, however a host writes ids and names."""
        is_long = len(self.id) > LONGEST_ID  # as some hosts' signed tokens are
        identity = hashlib.sha256(self.id.encode()).hexdigest() if is_long else self.id
        return Actor(identity, clean_text(self.name)[:LONGEST_NAME], self.address[:64])
