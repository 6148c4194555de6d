"""One door for everything staff hand in: files, clipboards, pasted text; one table or a report."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import PurePath
from typing import Any

from cchc_public.errors import ImportRejected
from cchc_public.files.grid import Document, Grid, cell_text
from cchc_public.files.limited import read_clipboard, read_file
from cchc_public.files.plain import decode_text, read_pasted_text
from cchc_public.reading.building import Context
from cchc_public.reading.questions import Notes, Reading, reading_to_json
from cchc_public.reading.reader import read_table
from cchc_public.reading.templates import open_templates, read_template
from cchc_public.tables.language import Form
from cchc_public.tables.sheet import Sheet
from cchc_public.tables.solved import Rate, solve
from cchc_public.vietnamese.text import fold

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
    document, templates = open_templates(document)
    ours = templates.get(form.code)
    if ours:
        reading = read_template(ours, form, context, Notes(answers=context.answers))
    else:
        reading = read_table(document, form, context)
    if reading.sheet is None:
        return replace(reading, changes=document.changes)
    window = find_window(_around(document, reading.origin))
    return replace(
        reading,
        sheet=reading.sheet.with_window(*window),
        changes=document.changes,
        problems=(*reading.problems, *(() if templates else _other_faults(document, reading))),
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


def sheet_of(reading: Reading) -> Sheet:
    """Return the sheet of a reading that is complete."""
    if reading.sheet is None:
        raise ImportRejected(reading.problems[0] if reading.problems else "Không đọc được.")
    return reading.sheet
