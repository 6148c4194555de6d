"""Answers given while reading foreign tables, remembered by the words of their heads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import String, UniqueConstraint, delete, select
from sqlalchemy.orm import Mapped, mapped_column

from cchc_public.store.actor import Actor, AnySession
from cchc_public.store.audit import record
from cchc_public.store.base import Base, UtcDateTime, utc_now
from cchc_public.store.locking import begin_writing

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
