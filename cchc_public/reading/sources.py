"""One door for all staff hand in: files, clipboards, pasted text; one table or a whole report."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby, pairwise
from pathlib import PurePath

from cchc_public.errors import ImportRejected
from cchc_public.files.grid import Document, Grid, Shape, cell_text, decode_text, read_pasted_text
from cchc_public.files.opening import read_clipboard, read_file
from cchc_public.reading.heads import find_segments, fit
from cchc_public.reading.lists import find_pairs
from cchc_public.reading.questions import ASK, REFUSED, Context, Draft, Question, Reading, refused
from cchc_public.reading.reader import read_table, turn_over
from cchc_public.reading.templates import RELEASE_MARK, open_templates, read_template
from cchc_public.reading.words import lexicon_for, read_cell
from cchc_public.releases.prose import CLOSING, OPENING, OUTLINE, Part, find_part
from cchc_public.tables.language import Form, ValueKind
from cchc_public.tables.registry import SINGLE_KEY
from cchc_public.tables.sheet import Rate, Row, Sheet, Value, solve
from cchc_public.vietnamese.dates import read_date
from cchc_public.vietnamese.text import fold

_AS_WORDS = (
    "Không đọc được bảng trong nội dung dán nên chỉ đọc phần chữ thường: ô gộp có thể bị mất, xin "
    "xem kỹ từng cột."
)
_DAY = r"(?:ngay )?([0-9]{1,2}) (?:thang )?([0-9]{1,2}) (?:nam )?([0-9]{4})"
_WINDOW = re.compile(rf"\btu {_DAY} den (?:het )?{_DAY}")


def open_source(data: bytes, name: str) -> Document:
    """Open a file by its kind; ``.tsv`` and ``.txt`` are pasted text, ``.html`` is a clipboard."""
    ending = PurePath(name).suffix.lower()
    if ending in (".tsv", ".txt"):
        return read_pasted_text(decode_text(data, name)[0])
    return read_file(data, name)


def open_paste(text: str, page: str = "") -> Document:
    """Open a paste: its HTML when that holds a table, else the plain text; told where it failed."""
    notes: tuple[str, ...] = ()
    if page:
        try:
            document = read_clipboard(page)
        except ImportRejected as error:
            if not text.strip():
                raise
            notes = (f"{_AS_WORDS} {error}",)
        else:
            if document.grids or not text.strip():
                return document
    return replace(read_pasted_text(text), notes=notes)


def read_source(document: Document, form: Form, context: Context) -> Reading:
    """Read one table, or a block of cells; the window that words name comes with it."""
    document, templates = open_templates(document)
    ours = templates.get(form.code)
    if ours:
        reading = read_template(ours, Draft(form, context))
    else:
        reading = read_table(document, form, context)
    if reading.sheet is None:
        return replace(reading, changes=document.changes)
    sheet = reading.sheet.with_window(*find_window(document, reading.origin))
    if not ours and _is_ours(document, form):
        reading, sheet = _as_given(reading, sheet, form, context.stored)
    problems, told = list(reading.problems), " ".join(reading.problems)
    for grid in () if templates else document.grids:
        # faults in sheets that the table was not read from are told with their sheet's name
        places = [f.place for f in grid.faults if f.place not in told and not grid.is_hidden]
        if places:
            where = f" (trang «{grid.name}»)" if grid.name else ""
            listed = ", ".join(places[:12])
            problems.append(f"Ô chứa lỗi, coi là chưa có số liệu: {listed}{where}.")
    return replace(reading, sheet=sheet, changes=document.changes, problems=tuple(problems))


def _is_ours(document: Document, form: Form) -> bool:
    """Tell whether our own site wrote the file: CSV by its headings, a workbook by its notes."""
    notes = (row[0] for grid in document.grids[1:] for row in grid.rows if row)
    if any(cell_text(cell) == RELEASE_MARK for cell in notes):
        return True
    names = {form.row_name, "muc", "ten_muc", "tt", *(q.name for q in form.table.quantities)}
    rows = document.grids[0].rows if len(document.blocks) == len(document.grids) == 1 else ()
    return bool(rows) and {*map(cell_text, rows[0])} <= names


def _as_given(
    reading: Reading, sheet: Sheet, form: Form, stored: Sheet | None
) -> tuple[Reading, Sheet]:
    """Take back what our own file computed: it is no statement of anybody.

    A cell that shows what the stored sheet shows says what is stored there. Without one, a figure
    that equals the one standing in for it in every row is taken for that.
    """
    before = solve(form, stored) if stored and stored.table_code == sheet.table_code else None
    rows, solved = (*sheet.rows, sheet.total), solve(form, sheet)
    parts = {s.whole: {*s.parts} for s in form.table.sums}
    computed = {
        q.key
        for q in form.table.quantities
        if q.stand_in
        and not sheet.given_keys & parts.get(q.key, set())
        and all(row.cells.get(q.key) in (None, solved.figure(q.stand_in, row.key)) for row in rows)
    }

    def given(row: Row) -> Row:
        shown = before.row(row.key) if before else None
        known = stored.row(row.key) if stored and shown else None
        cells: dict[str, Value] = {}
        for key in {**row.cells, **(known.cells if known else {})}:
            value = row.cells.get(key)
            said = shown.values.get(key) if shown else None
            if known and value == (said.percent if isinstance(said, Rate) else said):
                cells[key] = known.cells.get(key)
            elif key not in computed:
                cells[key] = value
        cells = {key: value for key, value in cells.items() if value is not None}
        place = known or row  # our file does not name the group of a row
        return replace(row, cells=cells, section=place.section, section_label=place.section_label)

    *below, total = map(given, rows)
    kept = {row.label: row.cells for row in (*below, total)}
    lines = []
    for line in reading.rows:
        cells = {k: v for k, v in line.cells.items() if k in kept.get(line.label, ())}
        lines.append(replace(line, row=replace(line.row, cells=cells)))
    base = replace(stored, edition=sheet.edition) if stored and before else sheet
    whole = replace(base, rows=tuple(below), total=total)
    return replace(reading, rows=tuple(lines)), whole


def find_window(document: Document, place: int) -> tuple[date | None, date | None]:
    """Return the data window («từ ngày … đến ngày …») that a table or words beside it name."""
    blocks: Sequence[Grid | str] = document.blocks
    if place >= 0 and len(document.grids) > 1:
        beside = (blocks[at] for at in (place - 1, place + 1) if 0 <= at < len(blocks))
        blocks = [blocks[place], *(block for block in beside if isinstance(block, str))]
    for block in blocks:
        for row in [(block,)] if isinstance(block, str) else block.rows:
            line = " ".join(filter(None, map(cell_text, row)))
            if found := _WINDOW.search(fold(line[:2000])):
                days = (read_date("/".join(found.group(at, at + 1, at + 2))) for at in (1, 4))
                first, last = (day if isinstance(day, date) else None for day in days)
                return first, last
    return None, None


AUTO = "auto"
SHORT, MANY = 16, 4  # letters of a line, and such lines in a row, that are the head of a table
LONG = 60  # letters of a paragraph that is no title
_BEGINS = re.compile(r"\s*(?:[-+•*–]\s|(?:[IVX]{1,5}|[0-9]{1,2}|[a-zđ])[.)]\s|\(|[IVX]{1,4}\s)")
_NUMBERED = re.compile(r"\s*(?:[IVX]{1,5}|[0-9]{1,2})(?:\.[0-9]{1,2}){0,2}\s?[.)/]\s*")
_ENDS = re.compile(r"\s*(?:Nơi nhận|TM\.|KT\.)")
_NO_FIGURE = re.compile(
    r"[0-9]{1,5}/[A-ZĐ0-9][\w-]*[A-ZĐ][\w-]*|[0-9]{1,2}/[0-9]{1,2}/[0-9]{4}|"
    r"(?:năm|tháng|quý|ngày|số|phụ lục) [0-9][0-9/]*|[0-9]+ (?:tháng|ngày)|[0-9]{4}-[0-9]{4}"
)
_TOLD = re.compile(
    r"(?<![\w./,])[0-9][0-9.]{0,11}(?:,[0-9]{1,4})?(?:/[0-9]{1,7})?(?:\s?%)?(?![\w/])"
)


@dataclass(frozen=True)
class Told:
    """Figures that only a sentence says; which of them it is, a person decides."""

    form: Form
    row: str
    quantity: str
    sentence: str
    figures: tuple[str, ...]

    @property
    def name(self) -> str:
        """What the sentence seems to count."""
        known = self.form.known_row(self.row)
        return known.label if known else self.form.column(self.quantity).label

    def cells(self, figure: str) -> dict[str, Value]:
        """Return what a figure of the sentence would fill; KeyError for another figure."""
        if figure not in self.figures:
            raise KeyError(figure)
        part, _slash, whole = figure.partition("/")
        quantities = self.form.table.by_key
        if whole and "numerator" in quantities:
            return {"numerator": int(part), "denominator": int(whole)}
        quantity = quantities[self.quantity]
        if "%" in figure and quantity.kind is ValueKind.COUNT:
            rates = (r.rate for r in self.form.table.ratios)
            quantity = next((quantities[rate] for rate in rates), quantity)
        read = read_cell(quantity, part)
        cells = {quantity.key: read.value, quantity.unit_in: read.unit}
        return {key: said for key, said in cells.items() if said not in (None, "")}


@dataclass(frozen=True)
class WholeReading:
    """Every table recognised in a report, and what is left over: paragraphs and strange tables."""

    readings: tuple[Reading, ...]
    paragraphs: tuple[str, ...] = ()
    leftovers: tuple[str, ...] = ()
    told: tuple[Told, ...] = ()

    @property
    def sections(self) -> dict[str, str]:
        """The words of the report by part of its outline."""
        found: dict[str, list[str]] = {}
        part = ""
        for text in self.paragraphs:
            if _ENDS.match(text):
                break
            opened = headed = _part_of(text)
            if headed is None and part in ("IV", "V") and fold(text).startswith("tren day la"):
                opened = find_part(CLOSING)
            elif headed is None and not part and len(text) > LONG:
                opened = find_part(OPENING)
            if opened is not None:
                part = opened.key
                found[part] = []
            if part and headed is None:
                found[part].append(text)
        return {key: "\n\n".join(words) for key, words in found.items() if words}


def read_whole(
    document: Document, forms: Sequence[Form], context_for: Callable[[str], Context]
) -> WholeReading:
    """Read every table of a report: each grid goes to the table whose words fit it best."""
    document, templates = open_templates(document)
    ours = {template.place: code for code, template in templates.items()}
    parts: dict[str, list[Grid | str]] = {form.code: [] for form in forms}
    leftovers: list[str] = []
    whole = document
    if len(document.grids) == 1 and document.grids[0].shape is not Shape.SPANS and not ours:
        whole = replace(document, blocks=tuple(_pieces(document.grids[0])))
    for place, title, grid in whole.titled:
        fitting = [one for one in forms if one.code == ours.get(place)]
        form = fitting[0] if fitting else best_form(grid, forms)
        if form is not None:
            parts[form.code] += [title, grid] if title != grid.name else [grid]
        elif grid.shape is not Shape.LINES:  # whose lines are tried for each form below
            first = next((cell_text(c) for row in grid.rows for c in row if cell_text(c)), "")
            words = f"«{first[:60]}» …, {len(grid.rows)} dòng"
            leftovers.append(f"{title or 'Bảng'}: {words}")
    readings = []
    for form in forms:
        if parts[form.code]:
            part = replace(document, blocks=tuple(parts[form.code]))
            readings.append(read_source(part, form, context_for(form.code)))
        elif any(grid.shape is Shape.LINES for grid in document.grids):
            reading = read_source(document, form, context_for(form.code))
            if reading.outcome != REFUSED:
                readings.append(reading)
    paragraphs = tuple(_paragraphs(document, readings))
    read = {reading.table for reading in readings}
    told = tuple(_told_figures(paragraphs, [form for form in forms if form.code not in read]))
    return WholeReading(tuple(readings), paragraphs, tuple(leftovers), told)


def _paragraphs(document: Document, readings: Sequence[Reading]) -> Iterator[str]:
    """Yield the paragraphs; lines of a PDF are joined, those of tables and their heads left out."""
    taken = {row.line - 1 for reading in readings for row in reading.rows}
    asked = (q for reading in readings for q in reading.questions if q.id == "nhiem-vu")
    plan = next(asked, None)
    for block in document.blocks:
        if isinstance(block, str):
            yield block
        elif block.shape is Shape.LINES:
            lines = [cell_text(row[0]) if row else "" for row in block.rows]
            last = plan.row - 1 if plan else len(lines)
            kept = [line for at, line in enumerate(lines[:last]) if line and at not in taken]
            # a PDF breaks the heads of tables into lines of one or two words
            is_short = [len(line) < SHORT and not _BEGINS.match(line) for line in kept]
            runs = [[*run] for _, run in groupby(range(len(kept)), key=is_short.__getitem__)]
            words = (run for run in runs if not is_short[run[0]] or len(run) < MANY)
            yield from _joined(kept[at] for run in words for at in run)


def _joined(lines: Iterable[str]) -> Iterator[str]:
    """Join the lines of a paragraph; a heading of the outline stands alone, though it be broken."""
    words: list[str] = []
    title = ""
    for line in (line for line in lines if not line.startswith("http")):
        if title and fold(line) in title:
            continue
        part = _part_of(line)
        is_new = bool(_BEGINS.match(line)) or line[:1].isupper() and len((words or [""])[-1]) < 50
        if words and (is_new or part or title or words[-1].endswith((".", ":", ";"))):
            yield " ".join(words)
            words = []
        title = fold(part.title) if part else ""
        words.append(line)
    if words:
        yield " ".join(words)


def _part_of(line: str) -> Part | None:
    """Return the part of the outline that a numbered heading opens."""
    heading = _NUMBERED.match(line)
    title = line[heading.end() :] if heading else ""
    said = fold(title).split()
    for part in OUTLINE:
        for known in (part.title, *part.others):
            words = fold(known).split()
            least = min(4, len(words), len(said))
            if part.number and least >= 2 and said[:least] == words[:least] and len(title) < 130:
                return part
    return None


def _told_figures(paragraphs: Iterable[str], forms: Sequence[Form]) -> Iterator[Told]:
    """Yield figures (no dates) in sentences that name what a form without a table counts."""
    seen = set()
    for words in re.split(r"(?<=[.;])\s+(?=\D)", " ".join(paragraphs)[:200_000]):
        sentence = re.sub(r"\s[0-9]{1,2}\.$", "", words).strip()  # the number of the next part
        if len(sentence) > 400:
            continue
        plain = _NO_FIGURE.sub(" ", sentence)
        figures = tuple(dict.fromkeys(found[0].strip() for found in _TOLD.finditer(plain)))
        for form in forms if figures else ():
            if (place := _place_named(form, sentence)) and (form.code, place) not in seen:
                seen.add((form.code, place))
                yield Told(form, *place, sentence, figures)
                break


def _place_named(form: Form, sentence: str) -> tuple[str, str] | None:
    """Return row and quantity whose words, the longest of all, stand in a sentence."""
    words = f" {fold(sentence)} "
    if form.shape.has_labels:
        known = next((row for row in form.known_rows if row.is_meant_by(sentence)), None)
        return (known.key, "value") if known and form.shape.is_list else None
    names = [
        (len(name), column.key)
        for column in form.columns
        for text in (column.header[-1], *column.quantity.aliases, *column.quantity.words[-1:])
        if len(name := fold(text)) > 6 and " " in name and f" {name} " in words
    ]
    best = max(names, default=None)
    return (SINGLE_KEY, best[1]) if best and fold("tổng số") != best[1] else None


def _pieces(grid: Grid) -> Iterator[Grid | str]:
    """Part pasted text with tabs into its tables; other text stays whole."""
    segments = find_segments(grid)
    if len(segments) < 2:
        yield grid
        return
    starts = [segment.head[0] for segment in segments]
    borders = [*dict.fromkeys(starts), len(grid.rows)]
    for segment, (first, last) in zip(segments, pairwise(borders), strict=False):
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
    words = {cell_text(cell) for row in grid.rows[:6] for cell in row if isinstance(cell, str)}

    def score(form: Form) -> int:
        lexicon = lexicon_for(form.table)
        turned = (turn_over(segment, lexicon) for segment in segments)
        across = [*segments, *(segment for segment in turned if segment is not None)]
        best = max((fit(segment, lexicon) for segment in across), default=0)
        if not form.shape.has_labels:
            best = max(best, len(find_pairs(grid, lexicon)))
        named = {form.row_header, *(known.label for known in form.known_rows)}
        return best + len((named - {""}) & words)

    scores = [*map(score, forms)]
    best = max(scores, default=0)
    return forms[scores.index(best)] if best >= 2 and scores.count(best) == 1 else None


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
