"""What people left behind: forms that could not be saved, answers given while reading tables."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import String, UniqueConstraint, delete, or_, select
from sqlalchemy.orm import Mapped, mapped_column

from cchc_public.store.audit import record
from cchc_public.store.base import Actor, AnySession, Base, UtcDateTime, utc_now
from cchc_public.store.locking import begin_writing
from cchc_public.store.models import FormDraft

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


MAX_WORDS = 300


class ReadingAnswer(Base):
    """One answer for every table whose head has these words."""

    __tablename__ = "cchc_reading_answer"
    __table_args__ = (UniqueConstraint("table_code", "fingerprint", "question"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    table_code: Mapped[str] = mapped_column(String(64))
    fingerprint: Mapped[str] = mapped_column(String(32))
    question: Mapped[str] = mapped_column(String(120))
    answer: Mapped[str] = mapped_column(String(120))
    words: Mapped[str] = mapped_column(String(MAX_WORDS), default="")  # read out
    given_by_name: Mapped[str] = mapped_column(String(200), default="")
    given_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)


@dataclass(frozen=True)
class GivenAnswer:
    """An answer to remember."""

    question: str
    answer: str
    words: str


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
    given: Iterable[GivenAnswer],
    actor: Actor,
) -> None:
    """Remember answers that hold for the next period too."""
    lasting = tuple(given)
    if not fingerprint or not lasting:
        return
    begin_writing(session)
    known = {
        answer.question: answer
        for answer in session.scalars(
            select(ReadingAnswer).where(
                ReadingAnswer.table_code == table_code, ReadingAnswer.fingerprint == fingerprint
            )
        )
    }
    for answer in lasting:
        found = known.get(answer.question)
        if found is None:
            found = ReadingAnswer(
                table_code=table_code, fingerprint=fingerprint, question=answer.question
            )
            session.add(found)
        elif found.answer == answer.answer:
            continue
        found.answer, found.words = answer.answer, answer.words[:MAX_WORDS]
        found.given_by_name, found.given_at = actor.name, utc_now()
    session.flush()


def forget_answer(session: AnySession, number: int, actor: Actor) -> None:
    """Forget one answer; the next source with that head is asked again."""
    found = session.get(ReadingAnswer, number)
    if found is None:
        return
    record(session, actor, "reading.forget", found.table_code, words=found.words)
    session.execute(delete(ReadingAnswer).where(ReadingAnswer.id == number))
    session.flush()
