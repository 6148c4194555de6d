"""What a host may listen to; each signal is sent after the database has committed.

    from cchc_public import signals

    @signals.published.connect_via(app)
    def tell(sender, slug, actor, **more): ...

The sender is the app. Every signal carries ``slug`` (the period's part of addresses) and ``actor``
(an ``Actor``); ``published``, ``corrected`` and ``withdrawn`` also ``number``, the release;
``sheet_saved`` also ``table``. A receiver that fails is logged and takes nothing back.
"""

from __future__ import annotations

import logging
from typing import Any

from blinker import Namespace
from flask import current_app, has_app_context
from sqlalchemy import event, inspect
from sqlalchemy.orm import Session, SessionTransaction

from cchc_public.store import AuditEntry
from cchc_public.store.base import Actor

log = logging.getLogger(__name__)
_named = Namespace()
handed_in = _named.signal("cchc-handed-in")
published = _named.signal("cchc-published")
corrected = _named.signal("cchc-corrected")
withdrawn = _named.signal("cchc-withdrawn")
sheet_saved = _named.signal("cchc-sheet-saved")

# the trail has one line for every deed, so nothing else needs to know of signals
_BY_ACTION = {
    "hand-in.made": handed_in,
    "release.first": published,
    "release.correction": corrected,
    "release.withdrawal": withdrawn,
    "sheet.save": sheet_saved,
}
_PENDING, _COMMITTED = "cchc_deeds", "cchc_deeds_committed"


@event.listens_for(Session, "before_flush")
def _note_deeds(session: Session, _context: Any, _instances: Any) -> None:
    deeds = [thing for thing in session.new if isinstance(thing, AuditEntry)]
    for entry in deeds:
        if entry.action in _BY_ACTION:
            slug, _, table = entry.subject.partition("/")
            told = {"slug": slug, "actor": Actor(entry.actor_id, entry.actor_name)}
            if table:
                told["table"] = table
            if number := entry.detail.get("number"):
                told["number"] = number
            session.info.setdefault(_PENDING, []).append((entry, _BY_ACTION[entry.action], told))


@event.listens_for(Session, "after_commit")
def _commit_deeds(session: Session) -> None:
    # the end of a savepoint is no commit: what stands around it may still be taken back
    if session.in_nested_transaction():
        return
    # a line that was taken back with its savepoint has no row
    deeds = (deed for deed in session.info.pop(_PENDING, ()) if inspect(deed[0]).has_identity)
    session.info[_COMMITTED] = [deed[1:] for deed in deeds]


@event.listens_for(Session, "after_transaction_end")
def _tell_deeds(session: Session, transaction: SessionTransaction) -> None:
    if transaction.parent is not None:
        return
    session.info.pop(_PENDING, None)  # of a transaction that was taken back
    # only now may a receiver ask the database with the same session
    if deeds := session.info.pop(_COMMITTED, None):
        app = current_app._get_current_object() if has_app_context() else None  # type: ignore[attr-defined]
        for signal, told in deeds:
            try:
                signal.send(app, **told)
            except Exception:
                log.exception("a receiver of %s failed", signal.name)
