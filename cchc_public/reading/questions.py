"""What a reading asks, what it was answered, and the one report of it for every face."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from cchc_public.tables.language import Form, Table
from cchc_public.tables.sheet import Sheet
from cchc_public.tables.solved import Rate, solve
from cchc_public.vietnamese.text import Change

SCHEMA = "cchc-reading/1"
READ, ASK, REFUSED = "read", "ask", "refused"
LEAVE = "bo"  # answer: do not take this column or row
EXIT_CODES = {READ: 0, ASK: 3, REFUSED: 4}


@dataclass(frozen=True)
class Question:
    """One thing only a person can say; ``options`` are pairs of value and words.

    ``proposed`` is a value that figures confirm, '' when nothing does. ``column`` and ``row`` are
    places of the source (counted from 1, 0 = the whole table). The answer holds for later sources
    with the same head where it has a key for that (``lasting``), and is kept under the value's name
    where the value is only a place (``names``).
    """

    id: str
    code: str
    text: str
    options: tuple[tuple[str, str], ...]
    place: str = ""
    proposed: str = ""
    column: int = 0
    row: int = 0
    key: str = ""  # the quantity of the cell that is asked, together with ``row``
    lasting: str = ""
    names: Mapping[str, str] = field(default_factory=dict)

    def kept(self, answer: str) -> str:
        """Return what is remembered of an answer."""
        return self.names.get(answer, answer)


@dataclass(frozen=True)
class ReadRow:
    """One row of the source: what it is and what was read in it, by quantity."""

    label: str
    kind: str  # row, group, total, detail, left_out
    line: int
    cells: Mapping[str, Any] = field(default_factory=dict)
    source: Mapping[str, str] = field(default_factory=dict)
    group: str = ""


@dataclass
class Notes:
    """Collects questions, problems and what is told while a table is read."""

    answers: Mapping[str, str] = field(default_factory=dict)
    remembered: Mapping[str, str] = field(default_factory=dict)
    questions: list[Question] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    # what decided something and holds for later sources: the answer by its key, and both in words
    used: dict[str, tuple[str, str]] = field(default_factory=dict)

    def put(
        self, id_: str, code: str, text: str, options: tuple[tuple[str, str], ...], **marks: Any
    ) -> str:
        """Ask a question and return its answer, '' while nobody has given one.

        ``marks`` are its other fields.
        """
        question = Question(id_, code, text, options, **marks)
        words = dict(question.options)
        known = self.remembered.get(question.lasting, "") if question.lasting else ""
        before = next((value for value in words if known and question.kept(value) == known), "")
        answer = self.answers.get(question.id, "")
        if answer not in words:
            answer = before
            if answer and question.lasting not in self.used:
                self.tell(f"{question.place}: {words[answer]} (nhớ từ kỳ trước).")
        if answer:
            if question.lasting:
                said = f"{question.text} {words[answer]}"
                self.used[question.lasting] = (question.kept(answer), said)
            return answer
        if all(known.id != question.id for known in self.questions):
            self.questions.append(question)
        return ""

    def knows(self, question: str) -> bool:
        """Tell whether a question whose key is its id is answered, now or earlier."""
        return bool(self.answers.get(question) or self.remembered.get(question))

    def tell(self, words: str) -> None:
        """Say once how something was read."""
        if words not in self.told:
            self.told.append(words)

    def complain(self, words: str) -> None:
        """Say once what a person must look at."""
        if words not in self.problems:
            self.problems.append(words)


@dataclass(frozen=True)
class Reading:
    """The result for one table of a source; ``sheet`` is None when nothing could be read."""

    outcome: str
    table: str = ""
    form: Form | None = None
    sheet: Sheet | None = None
    rows: tuple[ReadRow, ...] = ()
    questions: tuple[Question, ...] = ()
    problems: tuple[str, ...] = ()
    told: tuple[str, ...] = ()
    title: str = ""
    fingerprint: str = ""
    used: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    columns: Mapping[str, str] = field(default_factory=dict)  # quantity: words of the source
    changes: tuple[Change, ...] = ()
    origin: int = -1  # place of the grid in its document
    places: Mapping[int, str] = field(default_factory=dict)  # quantity by column of the source
    # columns of the source that are asked about: what they hold, by line
    asked: Mapping[int, Mapping[int, str]] = field(default_factory=dict)

    @property
    def cell_count(self) -> int:
        """How many figures found their place."""
        return sum(len(row.cells) for row in self.rows)


def quantity_options(
    of: Form | Table, keys: Iterable[str], leave: str = "Không lấy cột này"
) -> tuple[tuple[str, str], ...]:
    """Return the options of what a column or row is, the last of them: nothing."""
    return (*((key, of.column(key).label) for key in keys), (LEAVE, leave))


def made(form: Form, notes: Notes, sheet: Sheet | None, rows: Sequence[ReadRow]) -> Reading:
    """Return what was read of a form, asked while questions are open."""
    said = (tuple(notes.questions), tuple(notes.problems), tuple(notes.told))
    outcome = ASK if notes.questions else READ
    return Reading(outcome, form.code, form, sheet, tuple(rows), *said, used=dict(notes.used))


def short_digest(*words: str) -> str:
    """Return sixteen letters that stand for many words."""
    return hashlib.sha256("|".join(words).encode()).hexdigest()[:16]


def refused(words: str, table: str = "") -> Reading:
    """Return a reading of nothing, and why."""
    return Reading(REFUSED, table, problems=(words,))


def report_json(reading: Reading) -> dict[str, Any]:
    """Return the reading report with the solved figures beside the given ones."""
    table = solve(reading.form, reading.sheet) if reading.form and reading.sheet else None

    def solved(row: ReadRow) -> dict[str, Any]:
        rows = table.all_rows if table and row.kind != "left_out" else ()
        found = next((one for one in rows if one.label in (row.label, "")), None)
        if table and table.total and row.kind == "total":
            found = table.total
        values = found.values if found else {}
        return {
            key: _plain(value)
            for key, value in values.items()
            if value is not None and not isinstance(value, str | Rate)
        }

    return {
        "schema": SCHEMA,
        "outcome": reading.outcome,
        "table": reading.table,
        "form": reading.form.edition if reading.form else "",
        "rows": [
            {
                "label": row.label,
                "kind": row.kind,
                "group": row.group,
                "line": row.line,
                "cells": {key: _plain(value) for key, value in row.cells.items()},
                "solved": solved(row),
                "source": dict(row.source),
            }
            for row in reading.rows
        ],
        "questions": [
            {
                "id": question.id,
                "code": question.code,
                "place": question.place,
                "text": question.text,
                "options": [{"value": value, "text": words} for value, words in question.options],
                "proposed": question.proposed or None,
            }
            for question in reading.questions
        ],
        "problems": list(reading.problems),
        "told": list(reading.told),
        "fingerprint": reading.fingerprint,
    }


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value
