"""Facts about the paper of a release: number, date, who signed, the signed copy; never figures.

They are added after publication, have a log of their own and are no correction.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, func, select

from cchc_public.releases.published import PaperFacts, PublishedRelease
from cchc_public.store import PaperEntry, SignedCopy
from cchc_public.store.actor import AnySession

MATCHES, DIFFERS, UNKNOWN = "matches", "differs", "unknown"
# what belongs to one paper, and is entered here once figures are published
OF_THE_PAPER = ("document_number", "issued_on", "signatory", "signatory_title")


def find_facts(session: AnySession, release_id: int) -> PaperFacts | None:
    """Return what is known of a release's paper now; None when nothing was added."""
    found = list_entries(session, release_id)
    return found[0] if found else None


def list_entries(session: AnySession, release_id: int) -> tuple[PaperFacts, ...]:
    """Return the log of a release's paper, newest first."""
    query = select(PaperEntry).where(PaperEntry.release_id == release_id)
    lines = session.execute(query.order_by(PaperEntry.id.desc())).scalars()
    return tuple(_facts(line) for line in lines)


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


def _facts(line: PaperEntry) -> PaperFacts:
    kept = {**line.facts, "signatures": tuple(line.facts.get("signatures", ()))}
    return PaperFacts(
        **kept,
        entered_by=line.entered_by_name,
        entered_at=line.entered_at,
        entry_id=line.id,
    )
