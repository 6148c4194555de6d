"""Adds facts to the paper of a release, with its signed copy; the figures stay untouched."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Protocol

from cchc_public.errors import PublicationBlocked
from cchc_public.releases.published import PaperFacts, PublishedRelease
from cchc_public.releases.reading import DIFFERS, MATCHES, UNKNOWN, find_facts
from cchc_public.store import PaperEntry, SignedCopy, utc_now
from cchc_public.store.actor import Actor, AnySession
from cchc_public.store.audit import record
from cchc_public.store.changes import cell_change, differences
from cchc_public.store.locking import begin_writing, write_once

MARK_LETTERS = 12  # of a digest, as papers print it


class Copy(Protocol):
    """A signed copy with what could be read of it (files/signed.py)."""

    @property
    def body(self) -> bytes:
        """The bytes."""

    @property
    def name(self) -> str:
        """The name of the file."""

    @property
    def marks(self) -> tuple[str, ...]:
        """Marks of our figures found on it."""

    @property
    def signatures(self) -> tuple[str, ...]:
        """Who signed, as the file says."""


_LABELS = {
    "document_number": "Số, ký hiệu",
    "issued_on": "Ngày ban hành",
    "signatory": "Người ký",
    "signatory_title": "Chức vụ người ký",
    "copy_digest": "Bản đã ký",
}


def enter_facts(
    session: AnySession,
    release: PublishedRelease,
    actor: Actor,
    facts: PaperFacts,
    copy: Copy | None = None,
) -> PaperFacts:
    """Add a line to the log; without ``copy`` the copy known before stays.

    PublicationBlocked when nothing is new.
    """
    begin_writing(session)
    before = find_facts(session, release.id) or PaperFacts()
    facts = replace(
        facts,
        copy_digest=before.copy_digest,
        copy_name=before.copy_name,
        verdict=before.verdict,
        signatures=before.signatures,
    )
    if copy:
        expected = {release.figures_digest[:MARK_LETTERS], release.digest[:MARK_LETTERS]}
        agrees = MATCHES if set(copy.marks) <= expected else DIFFERS
        facts = replace(
            facts,
            copy_digest=hashlib.sha256(copy.body).hexdigest(),
            copy_name=copy.name,
            verdict=agrees if copy.marks else UNKNOWN,
            signatures=copy.signatures,
        )
    told = [
        cell_change(name, _LABELS[name], old, new)
        for name, old, new in differences(before.as_stored(), facts.as_stored())
        if name in _LABELS
    ]
    if not told:
        raise PublicationBlocked("Không có gì mới so với những gì đã ghi về văn bản này.")
    with write_once(session):
        if copy and session.get(SignedCopy, facts.copy_digest) is None:
            session.add(SignedCopy(digest=facts.copy_digest, body=copy.body))
        session.add(
            PaperEntry(
                release_id=release.id,
                facts=facts.as_stored(),
                entered_by_id=actor.id,
                entered_by_name=actor.name,
                entered_at=utc_now(),
            )
        )
    record(session, actor, "paper.facts", release.slug, number=release.number, changes=told)
    return facts
