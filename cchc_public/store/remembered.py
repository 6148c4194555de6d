"""What is kept beside reports: settings and pictures, forms not saved, answers while reading."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, or_, select

from cchc_public.errors import StaleRevision
from cchc_public.store import FormDraft, OnlyRow, Picture, ReadingAnswer, SettingsRecord
from cchc_public.store.base import Actor, AnySession, utc_now
from cchc_public.store.writing import begin_writing, list_changes, record, write_once

LOGO = "LOGO"  # the one setting that is no key of the configuration: the digest of a picture


@dataclass(frozen=True)
class Stored:
    """The only row of a table as read: its values, and what a form sends back with them."""

    values: Mapping[str, Any] = field(default_factory=dict)
    version: int = 0  # 0: nothing was ever saved
    edited_by: str = ""
    edited_at: datetime | None = None


def load_only(session: AnySession, table: type[OnlyRow]) -> Stored:
    """Return the only row of a table, empty before the first time; asks nothing of the ORM."""
    query = select(table.content, table.version, table.edited_by_name, table.edited_at)
    row = session.execute(query.where(table.id == 1)).one_or_none()
    return Stored(*row) if row else Stored()


def save_only(
    session: AnySession, table: type[OnlyRow], values: Mapping[str, Any], version: int, actor: Actor
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Store ``values`` (None: back to the default) among the others; return all before and after.

    StaleRevision when someone saved the row after ``version``.
    """
    begin_writing(session)
    found = session.get(table, 1, populate_existing=True, with_for_update=True)
    if (found.version if found else 0) != version:
        raise StaleRevision(
            "Người khác vừa lưu phần này. Chưa lưu gì của bạn: hãy xem lại rồi lưu.",
            edited_by=found.edited_by_name if found else "",
            edited_at=found.edited_at if found else None,
        )
    old = dict(found.content) if found else {}
    new = {name: value for name, value in {**old, **values}.items() if value is not None}
    if new != old:
        with write_once(session):
            found = found or table(id=1)
            session.add(found)
            found.content = new
            found.sign(actor)
    return old, new


def load_settings(session: AnySession) -> Stored:
    """Return what administrators set; everybody reads it through ``get_state().config``."""
    return load_only(session, SettingsRecord)


def save_settings(
    session: AnySession,
    changes: Mapping[str, Any],
    *,
    version: int,
    actor: Actor,
    labels: Mapping[str, str] | None = None,
) -> None:
    """Set ``changes``, see ``save_only``; the trail names each by ``labels``, old and new."""
    old, new = save_only(session, SettingsRecord, changes, version, actor)
    if new != old:
        told = list_changes(old, new, labels or {})
        record(session, actor, "settings.save", "settings", changes=told)
        session.execute(delete(Picture).where(Picture.digest != new.get(LOGO, "")))
        session.flush()


def settings_stamp(session: AnySession) -> str:
    """Return a text that changes whenever the settings do: public pages show them."""
    query = select(SettingsRecord.version, SettingsRecord.edited_at)  # asked every second
    row = session.execute(query.where(SettingsRecord.id == 1)).one_or_none()
    return f"{row[0]}@{row[1].isoformat()}" if row else ""


def keep_picture(session: AnySession, digest: str, mimetype: str, body: bytes) -> None:
    """Keep a picture until the settings that name it are saved."""
    if session.get(Picture, digest) is None:
        session.add(Picture(digest=digest, mimetype=mimetype, body=body))
        session.flush()


def find_picture(session: AnySession, digest: str) -> tuple[str, bytes] | None:
    """Return type and bytes of a picture; None when it is gone."""
    query = select(Picture.mimetype, Picture.body).where(Picture.digest == digest)
    row = session.execute(query).one_or_none()
    return (row[0], row[1]) if row else None


MOST_KEPT = 30  # of one person: an old ticket must not fill the disk
UNDO = "@hoan-tac"  # owns what takes an applied paste back: whoever may edit that sheet
UNDO_DAYS = 400


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
    session.add(FormDraft(token=token, path=path[:500], fields=[*fields], owner_id=owner_id))
    session.flush()
    return token


def find_draft(session: AnySession, token: str, owner_id: str) -> FormDraft | None:
    """Return the kept form of this owner, None when there is none; it stays kept."""
    query = select(FormDraft).where(FormDraft.token == token, FormDraft.owner_id == owner_id)
    return session.scalars(query).one_or_none()


def take_draft(session: AnySession, token: str, owner_id: str) -> FormDraft | None:
    """Return the kept form of this owner and forget it: call it once the form was saved."""
    if found := find_draft(session, token, owner_id):
        session.delete(found)
        session.flush()
    return found


def keep_undo(session: AnySession, place: str, fields: Sequence[tuple[str, str]]) -> None:
    """Keep what takes back the newest paste into a sheet; an older one is forgotten."""
    forget_undo(session, place)
    keep_draft(session, place, fields, UNDO)


def find_undo(session: AnySession, place: str) -> FormDraft | None:
    """Return what takes back the newest paste into a sheet."""
    query = select(FormDraft).where(FormDraft.owner_id == UNDO, FormDraft.path == place)
    return session.scalars(query.order_by(FormDraft.created_at.desc()).limit(1)).first()


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


def find_answers(session: AnySession, table_code: str, fingerprint: str) -> Mapping[str, str]:
    """Return the remembered answers for one head, by question."""
    query = select(ReadingAnswer.question, ReadingAnswer.answer).where(
        ReadingAnswer.table_code == table_code, ReadingAnswer.fingerprint == fingerprint
    )
    return {row.question: row.answer for row in session.execute(query)}


def list_answers(session: AnySession) -> tuple[ReadingAnswer, ...]:
    """Return everything remembered, newest first."""
    query = select(ReadingAnswer).order_by(ReadingAnswer.given_at.desc(), ReadingAnswer.id.desc())
    return tuple(session.scalars(query))


def remember_answers(
    session: AnySession,
    table_code: str,
    fingerprint: str,
    given: Mapping[str, tuple[str, str]],
    actor: Actor,
) -> None:
    """Remember answers that hold for the next period too: by question, each with its words."""
    if not fingerprint or not given:
        return
    begin_writing(session)
    head = {"table_code": table_code, "fingerprint": fingerprint}
    known = {
        found.question: found for found in session.scalars(select(ReadingAnswer).filter_by(**head))
    }
    for question, (answer, words) in given.items():
        found = known.get(question) or ReadingAnswer(**head, question=question)
        if found.answer != answer:
            found.answer, found.words = answer, words[:300]
            found.given_by_name, found.given_at = actor.name, utc_now()
            session.add(found)
    session.flush()


def forget_answer(session: AnySession, number: int, actor: Actor) -> None:
    """Forget one answer; the next source with that head is asked again."""
    if found := session.get(ReadingAnswer, number):
        record(session, actor, "reading.forget", found.table_code, words=found.words)
        session.delete(found)
        session.flush()
