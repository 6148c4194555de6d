"""Who acts: the opaque id and readable name of a user, whatever account system the host runs."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Actor:
    """One acting person; ``id`` is opaque to us, ``name`` is printed beside the change."""

    id: str
    name: str
