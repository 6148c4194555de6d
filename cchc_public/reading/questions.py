"""What a reading asks, what it was answered, and the one report of it for every face."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from cchc_public.reading.words import CellRead, Lexicon, lexicon_for
from cchc_public.tables.language import Form, Of, Table
from cchc_public.tables.sheet import (
    NO_TOTAL,
    TOTAL_KEY,
    TOTAL_LABEL,
    Rate,
    Row,
    Sheet,
    Value,
    solve,
)
from cchc_public.vietnamese.text import Change

SCHEMA = "cchc-reading/1"
READ, ASK, REFUSED = "read", "ask", "refused"
LEAVE = "bo"  # answer: do not take this column or row
AS_PRINTED = (("dung", "Đúng như bản giấy"), ("sai", "Không đúng"))
_PLACES = {  # of questions that are not about one row or column
    "alignment": "Tiêu đề", "no-head": "Tiêu đề", "which-table": "Bảng", "which-column": "Cột",
    "which-period": "Nhóm cột", "which-row": "Dòng", "hidden-sheet": "Trang ẩn",
    "hidden-rows": "Dòng ẩn", "task-lines": "Bảng nhiệm vụ", "title": "Tiêu đề",
}  # fmt: skip
# their answers hold for later sources with the same head, under the id of the question
_LASTING = frozenset({"column", "column-twice", "inclusion", "row-names", "which-period"})
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
    """One row of the source: what it is, where it stands there and what its cells say there."""

    row: Row
    kind: str  # row, group, total, detail, left_out
    line: int
    source: Mapping[str, str] = field(default_factory=dict)

    label = Of[str]("row.label")
    cells = Of[Mapping[str, Value]]("row.cells")
    group = Of[str]("row.section_label")


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


@dataclass(frozen=True)
class Context:
    """What a reading may know: fields already there, answers given now and in earlier periods.

    ``remembered`` returns earlier answers by table code and fingerprint of a head; ``period`` is
    the one that is read for, ``stored`` the sheet that stands there, where they are known.
    """

    known: Sequence[str] = ()
    answers: Mapping[str, str] = field(default_factory=dict)
    remembered: Callable[[str, str], Mapping[str, str]] = lambda _table, _fingerprint: {}
    period: str = ""
    stored: Sheet | None = None


@dataclass
class Draft:
    """What is read of a form, asked, told and found wrong while its source is gone through."""

    form: Form
    context: Context = field(default_factory=Context)
    remembered: Mapping[str, str] = field(default_factory=dict)
    questions: list[Question] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    # what decided something and holds for later sources: the answer by its key, and both in words
    used: dict[str, tuple[str, str]] = field(default_factory=dict)
    unplaced: list[str] = field(default_factory=list)  # columns without a place in the table
    rows: list[ReadRow] = field(default_factory=list)

    @property
    def lexicon(self) -> Lexicon:
        """The words of the table."""
        return lexicon_for(self.form.table)

    def ask(
        self, id_: str, code: str, text: str, options: Iterable[tuple[str, str]], **marks: Any
    ) -> str:
        """Ask a question and return its answer, '' while nobody has given one.

        ``marks`` are its other fields; its place is that of its row or column unless said.
        """
        where = f"Dòng {marks['row']}" if "row" in marks else f"Cột {marks.get('column')}"
        given = {"place": _PLACES.get(code, where), "lasting": id_ if code in _LASTING else ""}
        question = Question(id_, code, text, tuple(options), **{**given, **marks})
        words = dict(question.options)
        known = self.remembered.get(question.lasting, "") if question.lasting else ""
        before = next((value for value in words if known and question.kept(value) == known), "")
        answer = self.context.answers.get(question.id, "")
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

    def takes_later(self, id_: str, name: str, lines: tuple[int, int], **marks: Any) -> bool:
        """Ask which of two lines of one name is meant; tell whether it is the later one."""
        text = f"«{name}» có hai dòng ({lines[0]} và {lines[1]}): lấy dòng nào?"
        options = [(str(line), f"Dòng {line}") for line in lines]
        return self.ask(id_, "row-twice", text, options, **marks) == str(lines[1])

    def ask_figure(
        self, line: int, name: str, key: str, options: Sequence[tuple[str, str]], **marks: Any
    ) -> str:
        """Ask which of two figures a cell says; ``marks`` as of any question."""
        words = " hay ".join(words for _value, words in options)
        where = f"Dòng {line}{name}, cột" if self.form.shape.has_labels else "Cột"
        text = f"{where} «{self.form.column(key).label}»: là {words}?"
        return self.ask(f"so-{line}-{key}", "number", text, options, row=line, key=key, **marks)

    def knows(self, question: str) -> bool:
        """Tell whether a question whose key is its id is answered, now or earlier."""
        return bool(self.context.answers.get(question) or self.remembered.get(question))

    def tell(self, words: str) -> None:
        """Say once how something was read."""
        if words not in self.told:
            self.told.append(words)

    def complain(self, words: str) -> None:
        """Say once what a person must look at."""
        if words not in self.problems:
            self.problems.append(words)

    def keep(
        self, where: str, reads: Mapping[str, CellRead]
    ) -> tuple[dict[str, Value], dict[str, str]]:
        """Return what the cells of a row say and what is unread; say how each was read."""
        for key, read in reads.items():
            place = f"{where}, cột «{self.form.column(key).label}»"
            if read.unread:
                self.complain(f"{place}: không đọc được «{read.unread}». {read.note}".strip())
            elif read.note:
                self.tell(f"{place}: {read.note.rstrip('.')}.")
        cells: dict[str, Value] = {
            key: read.value for key, read in reads.items() if read.value not in (None, "")
        }
        return cells, {key: read.unread for key, read in reads.items() if read.unread}

    def is_of_period(self, said: str) -> bool:
        """Ask whether figures are all those of this period though ``said`` names others."""
        answer = self.ask(
            "ten-bang",
            "title",
            f"Nguồn ghi «{said[:120]}». Có phải toàn bộ số liệu của kỳ này không?",
            (("dung", "Phải"), ("khong", "Không phải: không đọc bảng này")),
        )
        return answer != "khong"

    def add(
        self, row: Row, line: int, source: Mapping[str, str] | None = None, kind: str = "row"
    ) -> None:
        """Take one row of the form; ``source`` is what its cells say there."""
        self.rows.append(ReadRow(row, kind, line, source or {}))

    @property
    def sheet(self) -> Sheet:
        """The rows that were taken, by their kinds; of several totals the last is taken."""
        form = self.form
        of: dict[str, list[Row]] = defaultdict(list, total=[NO_TOTAL])
        for read in self.rows:
            of[read.kind].append(read.row)
        if form.shape.has_labels and not form.shape.is_open:  # the form has all its rows, in order
            found = {row.key: row for row in of["row"]}
            of["row"] = [found.get(k.key, Row(k.key, k.label)) for k in form.known_rows]
        return Sheet(
            form.code,
            form.edition,
            rows=tuple(of["row"]),
            total=replace(of["total"][-1], key=TOTAL_KEY, label=TOTAL_LABEL),
            groups=tuple(of["group"]),
            details=tuple(of["detail"]),
            unplaced=tuple(self.unplaced) if form.shape.has_labels else (),
        )

    def result(self, **marks: Any) -> Reading:
        """Return what was taken, with its outcome: refused when nothing was found."""
        loose = () if self.form.shape.has_total else self.rows
        is_found = any(read.cells for read in self.rows) or any(read.row.unread for read in loose)
        if self.questions or is_found:
            return self.made(**marks)
        problems = (self.no_table, *self.problems)
        return Reading(REFUSED, self.form.code, problems=problems, told=tuple(self.told), **marks)

    def made(self, **marks: Any) -> Reading:
        """Return what was taken, asked while questions are open; ``marks`` are its other fields."""
        sheet = self.sheet if self.rows or not self.questions else None
        said = (tuple(self.questions), tuple(self.problems), tuple(self.told))
        outcome, form, used = ASK if self.questions else READ, self.form, dict(self.used)
        return Reading(outcome, form.code, form, sheet, tuple(self.rows), *said, used=used, **marks)

    @property
    def no_table(self) -> str:
        """The words that a table was not found, and what its head should say."""
        heads = ", ".join(f"«{column.header[-1]}»" for column in self.form.columns[:4])
        return (
            f"Không tìm thấy biểu «{self.form.short_title}» trong nguồn. Bảng cần có dòng tiêu đề "
            f"ghi tên các cột như trong biểu ({heads}, …); bảng chia thành nhiều khối cột thì chép "
            "từng khối."
        )


def quantity_options(
    of: Form | Table, keys: Iterable[str], leave: str = "Không lấy cột này"
) -> tuple[tuple[str, str], ...]:
    """Return the options of what a column or row is, the last of them: nothing."""
    return (*((key, of.column(key).label) for key in keys), (LEAVE, leave))


def short_digest(*words: str) -> str:
    """Return sixteen letters that stand for many words."""
    return hashlib.sha256("|".join(words).encode()).hexdigest()[:16]


def refused(words: str, table: str = "") -> Reading:
    """Return a reading of nothing, and why."""
    return Reading(REFUSED, table, problems=(words,))


def report_json(reading: Reading) -> dict[str, Any]:
    """Return the reading report with the solved figures beside the given ones."""
    table = solve(reading.form, reading.sheet) if reading.form and reading.sheet else None

    def solved(read: ReadRow) -> dict[str, Any]:
        key = TOTAL_KEY if read.kind == "total" else read.row.key
        found = table.row(key) if table and read.kind != "left_out" else None
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
                **{name: getattr(question, name) for name in ("id", "code", "place", "text")},
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
