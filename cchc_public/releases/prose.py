"""The little markup of a report's words: paragraphs, two levels of list, bold, figures by name.

A line is a paragraph; ``- `` and ``+ `` begin an item of a list and of a list within it, as the
communes write them; ``**…**`` is bold. ``{{ ho-so.tong.resolved }}`` stands for a figure of a table
and ``{{ bang.ho-so }}``, alone on its line, for the whole table. Everything else is plain text:
what looks like HTML stays letters on every face.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from cchc_public.tables.language import Column
from cchc_public.tables.solved import Rate, SolvedRow, SolvedTable, SolvedValue
from cchc_public.vietnamese.numbers import NBSP, format_number, format_percent

TABLE_WORD, TOTAL_WORD = "bang", "tong"
LEVELS = {"-": 1, "+": 2}
FORMS = ("phan-so", "ty-le", "hai-so")
_PLACE = re.compile(r"\{\{([^{}\n]{1,200})\}\}")
_SPACES = re.compile(rf"[^\S{NBSP}]+")
_TABLE_LINE = re.compile(r"\{\{\s*" + TABLE_WORD + r"\.([a-z0-9-]{1,40})\s*\}\}")

Tables = Mapping[str, SolvedTable]


@dataclass(frozen=True)
class Run:
    """Words in one weight."""

    text: str
    is_bold: bool = False


@dataclass(frozen=True)
class Block:
    """One paragraph (``level`` 0), or one item of a list: 1 ``-``, 2 ``+``."""

    runs: tuple[Run, ...]
    level: int = 0
    kind = "words"

    @property
    def mark(self) -> str:
        """The sign that papers print before an item."""
        return ("", "- ", "+ ")[self.level]

    @property
    def text(self) -> str:
        """The words without their weight, the sign of the list before them."""
        return self.mark + "".join(run.text for run in self.runs)


@dataclass(frozen=True)
class TablePlace:
    """Where the text wants a whole table to stand."""

    code: str
    kind = "place"


def read_blocks(text: str) -> tuple[Block | TablePlace, ...]:
    """Return the text as blocks; every text has a reading, nothing is refused here."""
    blocks: list[Block | TablePlace] = []
    for raw in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        line = _SPACES.sub(" ", raw).strip(" ")
        if found := _TABLE_LINE.fullmatch(line):
            blocks.append(TablePlace(found[1]))
        elif line:
            level = LEVELS.get(line[0], 0) if line[1:2] == " " else 0
            # cut at ``**``; a mark without its partner is two asterisks
            parts = (line[2:] if level else line).split("**")
            if len(parts) % 2 == 0:
                parts[-2:] = ["**".join(parts[-2:])]
            blocks.append(
                Block(
                    tuple(Run(part, place % 2 == 1) for place, part in enumerate(parts) if part),
                    level,
                )
            )
    return tuple(blocks)


class FigureUnknown(Exception):
    """A name in the text that stands for no figure; the message says why and how to mend it."""


def resolve(text: str, tables: Tables) -> tuple[str, tuple[str, ...]]:
    """Return the text with every figure in place, and what could not be placed, as sentences.

    A name that stands for nothing stays as it was typed, so that the reader of a draft sees it.
    """
    problems: list[str] = []

    def replace(found: re.Match[str]) -> str:
        if _TABLE_LINE.fullmatch(found[0]):
            return found[0]
        try:
            return figure_text(found[1], tables)
        except FigureUnknown as error:
            problems.append(str(error))
            return found[0]

    return _PLACE.sub(replace, text), tuple(problems)


def figure_text(name: str, tables: Tables) -> str:
    """Return one figure as papers write it; FigureUnknown when ``name`` stands for none."""
    address, _bar, form = (part.strip() for part in name.partition("|"))
    parts = address.split(".")
    if len(parts) < 2 or (form and form not in FORMS):
        raise FigureUnknown(
            f"“{{{{ {name.strip()} }}}}”: hãy viết biểu.dòng.cột, ví dụ ho-so.tong.resolved; "
            f"sau dấu “|” chỉ dùng {', '.join(FORMS)}."
        )
    table = tables.get(parts[0])
    if table is None:
        raise FigureUnknown(f"“{address}”: kỳ này không có số liệu ở biểu “{parts[0]}”.")
    place = ".".join(parts[1:-1])
    row = _row(table, place)
    column = next((c for c in table.form.columns if c.key == parts[-1]), None)
    if row is None or column is None:
        missing = place if row is None else parts[-1]
        raise FigureUnknown(f"“{address}”: biểu “{table.form.short_title}” không có “{missing}”.")
    words = _worded(row, column, form)
    if words is None:
        raise FigureUnknown(f"“{address}”: ô này chưa có số liệu nên chưa đưa vào lời được.")
    return words


def _row(table: SolvedTable, key: str) -> SolvedRow | None:
    if key in ("", TOTAL_WORD):
        return table.total or (table.rows[0] if table.rows else None)
    return table.row(key)


def _worded(row: SolvedRow, column: Column, form: str) -> str | None:
    value: SolvedValue = row.values.get(column.key)
    if isinstance(value, Rate):
        return _rate(value, form) or (
            format_percent(row.stated[column.key]) if column.key in row.stated else None
        )
    if isinstance(value, str) or value is None:
        return None
    if form == "hai-so" and isinstance(value, int):
        return f"{value:02}"
    return format_percent(value) if column.unit == "%" else format_number(value)


def _rate(rate: Rate, form: str) -> str | None:
    """``77,56 % (522/673)``: a percentage never travels alone unless the author says so."""
    if rate.percent is None or rate.numerator is None or rate.denominator is None:
        return None
    fraction = f"{format_number(rate.numerator)}/{format_number(rate.denominator)}"
    percent = format_percent(rate.percent)
    return {"phan-so": fraction, "ty-le": percent}.get(form, f"{percent} ({fraction})")


def list_figures(tables: Tables) -> tuple[tuple[str, str, str], ...]:
    """Return what an author can name: address, words, present text; totals and single rows."""
    found = []
    for code, table in tables.items():
        rows = [table.total] if table.total else table.rows[:1]
        for row in rows:
            for column in table.form.columns:
                text = _worded(row, column, "")
                if text is not None:
                    place = TOTAL_WORD if table.total else row.key
                    found.append((f"{code}.{place}.{column.key}", column.label, text))
    return tuple(found)
