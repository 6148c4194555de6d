"""One door for everything staff hand in: files, clipboards, pasted text; one table or a report."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import PurePath
from typing import Any

from cchc_public.errors import ImportRejected
from cchc_public.files.grid import Document, Grid, Shape, cell_text
from cchc_public.files.limited import read_clipboard, read_file
from cchc_public.files.plain import decode_text, read_pasted_text
from cchc_public.reading.building import Context
from cchc_public.reading.heads import Segment, find_segments
from cchc_public.reading.lists import find_pairs
from cchc_public.reading.questions import (
    ASK,
    READ,
    REFUSED,
    Question,
    Reading,
    reading_to_json,
    refused,
)
from cchc_public.reading.reader import fit, read_table, turn_over
from cchc_public.reading.words import lexicon_for
from cchc_public.tables.language import Form
from cchc_public.tables.sheet import Sheet
from cchc_public.tables.solved import Rate, solve
from cchc_public.vietnamese.fold import fold

AUTO = "auto"
MAX_CLIPBOARD = 4_000_000
_DAY = r"(?:ngay )?([0-9]{1,2}) (?:thang )?([0-9]{1,2}) (?:nam )?([0-9]{4})"
_WINDOW = re.compile(rf"\btu {_DAY} den (?:het )?{_DAY}")


def open_source(data: bytes, name: str) -> Document:
    """Open a file by its kind; ``.tsv`` and ``.txt`` are pasted text, ``.html`` is a clipboard."""
    ending = PurePath(name).suffix.lower()
    if ending in (".tsv", ".txt"):
        return read_pasted_text(decode_text(data, name)[0])
    return read_file(data, name)


def open_paste(text: str, page: str = "") -> Document:
    """Open a paste: its HTML when that holds a table, else the plain text."""
    if page and len(page) <= MAX_CLIPBOARD:
        try:
            document = read_clipboard(page)
        except ImportRejected:
            if not text.strip():
                raise
        else:
            if document.grids or not text.strip():
                return document
    return read_pasted_text(text)


def read_source(document: Document, form: Form, context: Context) -> Reading:
    """Read one table; the window that the words name and repaired letters come with it."""
    reading = read_table(document, form, context)
    if reading.sheet is None:
        return replace(reading, changes=document.changes)
    window = find_window(_around(document, reading.origin))
    return replace(
        reading,
        sheet=reading.sheet.with_window(*window),
        changes=document.changes,
        problems=(*reading.problems, *_other_faults(document, reading)),
    )


def read_block(text: str, form: Form, context: Context) -> Reading:
    """Read a block of cells pasted into a grid: by its head, or by a width that a form prints."""
    return read_source(read_pasted_text(text), form, context)


def _other_faults(document: Document, reading: Reading) -> Iterator[str]:
    """Faults in sheets that the table was not read from are told with their sheet's name."""
    told = " ".join(reading.problems)
    for grid in document.grids:
        places = [f.place for f in grid.faults if f.place not in told and not grid.is_hidden]
        if places:
            where = f" (trang «{grid.name}»)" if grid.name else ""
            yield f"Ô chứa lỗi, coi là chưa có số liệu: {', '.join(places[:12])}{where}."


def _around(document: Document, place: int) -> Sequence[Grid | str]:
    """Return what may say of which days a table is: itself and the paragraphs beside it."""
    if place < 0 or len(document.grids) == 1:
        return document.blocks
    beside = (document.blocks[i] for i in (place - 1, place + 1) if 0 <= i < len(document.blocks))
    return [document.blocks[place], *(block for block in beside if isinstance(block, str))]


def find_window(blocks: Iterable[Grid | str]) -> tuple[date | None, date | None]:
    """Return the data window that the words name («từ ngày … đến ngày …»), as printed."""
    for line in _lines(blocks):
        found = _WINDOW.search(fold(line[:2000]))
        if found:
            day, month, year, *last = (int(part) for part in found.groups())
            return _day(year, month, day), _day(last[2], last[1], last[0])
    return None, None


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _lines(blocks: Iterable[Grid | str]) -> Iterator[str]:
    for block in blocks:
        if isinstance(block, str):
            yield block
        else:
            for row in block.rows:
                yield " ".join(filter(None, map(cell_text, row)))


@dataclass(frozen=True)
class WholeReading:
    """Every table recognised in a report, and what is left over: paragraphs and strange tables."""

    readings: tuple[Reading, ...]
    paragraphs: tuple[str, ...] = ()
    leftovers: tuple[str, ...] = ()
    sentences: tuple[tuple[str, str], ...] = ()  # what it may be, and the sentence that says it


def read_whole(
    document: Document, forms: Sequence[Form], context_for: Callable[[str], Context]
) -> WholeReading:
    """Read every table of a report: each grid goes to the table whose words fit it best."""
    parts: dict[str, list[Grid | str]] = {form.code: [] for form in forms}
    leftovers: list[str] = []
    title = ""
    blocks = document.blocks
    if len(document.grids) == 1 and document.grids[0].shape is not Shape.SPANS:
        blocks = tuple(_pieces(document.grids[0]))
    for block in blocks:
        if isinstance(block, str):
            title = block
            continue
        form = best_form(block, forms)
        if form is None and block.shape is Shape.LINES:
            continue  # its lines are tried for each form below
        if form is None:
            leftovers.append(_name_of(block, title))
        else:
            parts[form.code] += [title, block] if title else [block]
        title = ""
    readings = []
    for form in forms:
        if parts[form.code]:
            part = replace(document, blocks=tuple(parts[form.code]))
            readings.append(read_source(part, form, context_for(form.code)))
        elif document.grids and any(g.shape is Shape.LINES for g in document.grids):
            reading = read_source(document, form, context_for(form.code))
            if reading.outcome != REFUSED:
                readings.append(reading)
    paragraphs = tuple(_paragraphs(document))
    read = {reading.table for reading in readings}
    told = tuple(_told_figures(paragraphs, [form for form in forms if form.code not in read]))
    return WholeReading(tuple(readings), paragraphs, tuple(leftovers), told)


def _paragraphs(document: Document) -> Iterator[str]:
    for block in document.blocks:
        if isinstance(block, str):
            yield block
        elif block.shape is Shape.LINES:
            yield from filter(None, (cell_text(row[0]) for row in block.rows if row))


def _told_figures(paragraphs: Iterable[str], forms: Sequence[Form]) -> Iterator[tuple[str, str]]:
    """Yield sentences with a figure that names what a form without a table counts."""
    text = " ".join(paragraphs)[:200_000]
    for sentence in re.split(r"(?<=[.;])\s+(?=\D)", text):
        sentence = re.sub(r"\s[0-9]{1,2}\.$", "", sentence)  # the number of the next part
        words = f" {fold(sentence)} "
        if len(sentence) > 400 or not re.search(r"[0-9]", sentence):
            continue
        for form in forms:
            names = [(known.label, known.is_meant_by(sentence)) for known in form.known_rows]
            names += [
                (column.label, f" {fold(column.header[-1])} " in words)
                for column in form.columns
                if not form.shape.has_labels and len(column.header[-1].split()) > 1
            ]
            named = next((name for name, is_said in names if is_said), "")
            if named:
                yield f"{form.short_title}: {named}", sentence.strip()
                break


def _pieces(grid: Grid) -> Iterator[Grid | str]:
    """Part pasted text with tabs into its tables; other text stays whole."""
    segments = find_segments(grid)
    if len(segments) < 2:
        yield grid
        return
    starts = [segment.head.rows[0] for segment in segments]
    borders = [*dict.fromkeys(starts), len(grid.rows)]
    for segment, (first, last) in zip(
        segments, zip(borders, borders[1:], strict=False), strict=False
    ):
        if segment.title:
            yield segment.title
        yield replace(
            grid,
            rows=grid.rows[first:last],
            widths=grid.widths[first:last],
            spans=(),
            faults=tuple(
                replace(f, row=f.row - first) for f in grid.faults if first <= f.row < last
            ),
        )


def best_form(grid: Grid, forms: Sequence[Form]) -> Form | None:
    """Return the form whose words fit a grid clearly best, None when none does."""
    segments = find_segments(grid)
    scores = [(_score(grid, segments, form), form) for form in forms]
    scores.sort(key=lambda pair: -pair[0])
    if not scores or scores[0][0] < 2:
        return None
    if len(scores) > 1 and scores[0][0] == scores[1][0]:
        return None
    return scores[0][1]


def _score(grid: Grid, segments: Sequence[Segment], form: Form) -> int:
    lexicon = lexicon_for(form.table)
    turned = (turn_over(segment, lexicon) for segment in segments)
    across = [*segments, *(segment for segment in turned if segment is not None)]
    best = max((fit(segment, lexicon) for segment in across), default=0)
    if not form.shape.has_labels:
        best = max(best, len(find_pairs(grid, lexicon)))
    named = {form.row_header, *(known.label for known in form.known_rows)}
    return best + sum(bool(name) and name in _words(grid) for name in named)


def _words(grid: Grid) -> set[str]:
    return {cell_text(cell) for row in grid.rows[:6] for cell in row if isinstance(cell, str)}


def _name_of(grid: Grid, title: str) -> str:
    first = next((cell_text(c) for row in grid.rows for c in row if cell_text(c)), "")
    return f"{title or grid.name or 'Bảng'}: «{first[:60]}» …, {len(grid.rows)} dòng"


def read_auto(document: Document, forms: Sequence[Form], context: Context) -> Reading:
    """Read the one table that a source holds; which one is asked when several fit."""
    whole = read_whole(document, forms, lambda _code: replace(context, answers={}))
    codes = [reading.table for reading in whole.readings if reading.outcome != REFUSED]
    answer = context.answers.get("bieu", "")
    if answer in codes:
        codes = [answer]
    if not codes:
        return refused("Không nhận ra biểu nào trong nguồn.")
    if len(codes) > 1:
        named = [(form.code, form.short_title) for form in forms if form.code in codes]
        question = Question(
            "bieu",
            "which-form",
            f"Nguồn có {len(named)} biểu: {', '.join(title for _, title in named)}. Lấy biểu nào?",
            tuple(named),
            place="Biểu",
        )
        return Reading(ASK, AUTO, questions=(question,))
    form = next(form for form in forms if form.code == codes[0])
    return read_source(document, form, context)


def report_json(reading: Reading) -> dict[str, Any]:
    """Return the reading report with the solved figures beside the given ones."""
    return reading_to_json(reading, _solved(reading))


def _solved(reading: Reading) -> dict[int, Mapping[str, Any]]:
    """Return the solved figures by line of the source."""
    if reading.sheet is None or reading.form is None or not reading.rows:
        return {}
    table = solve(reading.form, reading.sheet)
    found: dict[int, Mapping[str, Any]] = {}
    for row in reading.rows:
        if row.kind == "total" and table.total is not None:
            solved = table.total
        else:
            names = (r for r in table.all_rows if r.label == row.label or not r.label)
            solved = next(names, None)  # type: ignore[assignment]
        if solved is not None and row.kind != "left_out":
            found[row.line] = {
                key: value
                for key, value in solved.values.items()
                if value is not None and not isinstance(value, str | Rate)
            }
    return found


def outcome_of(readings: Sequence[Reading]) -> str:
    """Return the outcome of several readings together."""
    outcomes = {reading.outcome for reading in readings}
    if not outcomes or outcomes == {REFUSED}:
        return REFUSED
    return ASK if ASK in outcomes else READ


def sheet_of(reading: Reading) -> Sheet:
    """Return the sheet of a reading that is complete."""
    if reading.sheet is None:
        raise ImportRejected(reading.problems[0] if reading.problems else "Không đọc được.")
    return reading.sheet
