"""Keeps a posted form that could not be saved, and gives it back to the same person only."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, or_, select

from cchc_public.store import FormDraft, utc_now
from cchc_public.store.actor import AnySession

MOST_KEPT = 30  # of one person: an old ticket must not fill the disk
UNDO = "@hoan-tac"  # owns what takes an applied paste back: whoever may edit that sheet
UNDO_DAYS = 400


@dataclass(frozen=True)
class KeptDraft:
    """A kept form: where it was posted and its fields in order."""

    token: str
    path: str
    fields: tuple[tuple[str, str], ...]
    created_at: datetime


def keep_draft(
    session: AnySession,
    path: str,
    fields: Sequence[tuple[str, str]],
    owner_id: str,
    days: int = 7,
) -> str:
    """Keep a posted form (without its CSRF token) for its owner, ``days`` long; return its token.

    Whatever is older than that is forgotten, whoever wrote it.
    """
    drop_old_drafts(session, owner_id, days)
    token = secrets.token_urlsafe(24)
    session.add(
        FormDraft(
            token=token,
            path=path[:500],
            fields=[[name, value] for name, value in fields],
            owner_id=owner_id,
        )
    )
    session.flush()
    return token


def find_draft(session: AnySession, token: str, owner_id: str) -> KeptDraft | None:
    """Return the kept form of this owner, None when there is none; it stays kept."""
    query = select(FormDraft).where(FormDraft.token == token, FormDraft.owner_id == owner_id)
    found = session.execute(query).scalar_one_or_none()
    if found is None:
        return None
    fields = tuple((str(name), str(value)) for name, value in found.fields)
    return KeptDraft(found.token, found.path, fields, found.created_at)


def take_draft(session: AnySession, token: str, owner_id: str) -> KeptDraft | None:
    """Return the kept form of this owner and forget it: call it once the form was saved."""
    found = find_draft(session, token, owner_id)
    if found:
        session.execute(delete(FormDraft).where(FormDraft.token == token))
        session.flush()
    return found


def keep_undo(session: AnySession, place: str, fields: Sequence[tuple[str, str]]) -> None:
    """Keep what takes back the newest paste into a sheet; an older one is forgotten."""
    forget_undo(session, place)
    keep_draft(session, place, fields, UNDO)


def find_undo(session: AnySession, place: str) -> KeptDraft | None:
    """Return what takes back the newest paste into a sheet."""
    query = select(FormDraft.token).where(FormDraft.owner_id == UNDO, FormDraft.path == place)
    token = session.scalars(query.order_by(FormDraft.created_at.desc()).limit(1)).first()
    return find_draft(session, token, UNDO) if token else None


def forget_undo(session: AnySession, place: str) -> None:
    """Forget it, once it was used."""
    session.execute(delete(FormDraft).where(FormDraft.owner_id == UNDO, FormDraft.path == place))


def drop_old_drafts(session: AnySession, owner_id: str, days: int = 7) -> None:
    """Forget what nobody came back for in time, and this person's oldest beyond a few."""
    now = utc_now()
    is_undo = FormDraft.owner_id == UNDO
    newest_first = (FormDraft.created_at.desc(), FormDraft.token)
    own = select(FormDraft.token).where(FormDraft.owner_id == owner_id).order_by(*newest_first)
    surplus = session.scalars(own.offset(MOST_KEPT - 1)).all() if owner_id != UNDO else ()
    is_over = or_(
        ~is_undo & (FormDraft.created_at < now - timedelta(days=days)),
        is_undo & (FormDraft.created_at < now - timedelta(days=UNDO_DAYS)),
        FormDraft.token.in_(surplus),
    )
    session.execute(delete(FormDraft).where(is_over))
    session.flush()
