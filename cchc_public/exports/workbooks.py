"""Workbooks: tables of a release, blank ones to be filled and read, the list of procedures."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, tzinfo
from decimal import ROUND_HALF_UP, Decimal
from textwrap import wrap

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from cchc_public.exports import FONT, freeze_package
from cchc_public.present.report_view import VIETNAM
from cchc_public.present.tables import Line, header_rows, lead_columns, list_lines
from cchc_public.present.wording import bare_fraction, digits_of
from cchc_public.procedures import ProcedureRecord
from cchc_public.procedures.cells import HEADERS, to_cells
from cchc_public.reading.templates import RELEASE_MARK, write_mark, write_row_mark
from cchc_public.releases.published import PublishedRelease, PublishedTable
from cchc_public.tables.language import Form, Formula, ValueKind
from cchc_public.tables.sheet import (
    LABEL,
    ORDINAL,
    Rate,
    Sheet,
    SolvedRow,
    SolvedTable,
    SolvedValue,
    number_in,
    solve,
)
from cchc_public.vietnamese.dates import ReportingPeriod, format_date
from cchc_public.vietnamese.numbers import Number, format_number

_BOLD, _PLAIN = Font(name=FONT, bold=True), Font(name=FONT)
_LINE = Side(style="thin")
_BOX = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)
_CENTER = Alignment(horizontal="center", vertical="center", wrap_text=True)
_LEFT, _TOP = Alignment(vertical="top", wrap_text=True), Alignment(vertical="top")
_WASH = PatternFill("solid", fgColor="F2EFEA")
_WORDS_WIDTH, _NUMBER_WIDTH, _ORDINAL_WIDTH = 32, 12, 6
_LINE_HEIGHT = 17.0  # points of a line of words on paper
_LONGEST = 32_767  # letters that Excel takes in one cell
_CUT = "… (Excel không chứa hết)"
_MOST_SPARE = 5  # empty rows offered below the fields; below each section of tasks one
_SHEET_PART = re.compile(r"xl/worksheets/sheet([0-9]+)\.xml")
_FORMULA = re.compile(r'<c r="([A-Z]+[0-9]+)"([^>]*)><f>([^<]*)</f><v ?/?>(?:</v>)?</c>')
_CREATED = re.compile(rb"<dcterms:created[^>]*>([^<]*)<")
_MODIFIED = re.compile(rb"(<dcterms:modified[^>]*>)[^<]*")
_FILLING = (
    "Gõ số vào ô trắng. Để trống khi chưa có số liệu; gõ 0 khi thật sự không có. Ô xám tự tính, "
    "gõ đè được khi bản gốc ghi số khác."
)
_BACK = "Điền xong, tải tệp này lên ở trang của kỳ: mọi biểu được đọc lại, không phải chỉnh cột."


def render_xlsx(
    release: PublishedRelease, *tables: PublishedTable, zone: tzinfo = VIETNAM
) -> bytes:
    """Return one workbook: each form with its figures as numbers, before a sheet of its notes.

    ``zone`` says on which day the figures were published.
    """
    book, pages = Workbook(), []
    day = format_date(release.published_at.astimezone(zone).date())
    for table in tables:
        page = TablePage(book, table.definition, table.evaluated)
        page.write(release.authority.name, release.period)
        pages.append(page)
        notes = "Ghi chú" if len(tables) == 1 else f"Ghi chú {table.code}"[:31]
        _write_notes(book.create_sheet(notes), release, table, day)
    names = [table.definition.title for table in tables]
    title = f"{names[0] if len(names) == 1 else 'Số liệu'}, {release.period.title}"
    return _pack(book, pages, (title, release.authority.name), release.published_at)


def render_template(
    period: ReportingPeriod, sheets: Sequence[tuple[Form, Sheet]], authority: str
) -> bytes:
    """Return the workbook to be filled: every table with what is known of it already."""
    book, pages = Workbook(), []
    for form, sheet in sheets:
        shown = form.showing(sheet.given_keys)
        page = TablePage(book, shown, solve(form, sheet), period.slug)
        page.write(authority, period, _FILLING, _BACK)
        pages.append(page)
    made_at = datetime.combine(period.preset_window[1], datetime.min.time(), UTC)
    title = f"Mẫu nhập số liệu, {period.title}"
    return _pack(book, pages, (title, authority), made_at)


_WIDE = frozenset({"name", "fee", "components", "steps", "conditions", "legal_bases", "source"})


def procedures_xlsx(records: Iterable[ProcedureRecord]) -> bytes:
    """Return the list of procedures as the very table the import reads; every cell is text."""
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title, sheet.freeze_panes = "Thủ tục", "C2"
    for place, (key, header) in enumerate(HEADERS.items(), start=1):
        sheet.column_dimensions[get_column_letter(place)].width = 45 if key in _WIDE else 18
        _put(sheet, 1, place, header, _BOLD).alignment = _LEFT
    for number, record in enumerate(records, start=2):
        for place, text in enumerate(to_cells(record).values(), start=1):
            if text:
                _put(sheet, number, place, text).alignment = _LEFT
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _pack(
    book: Workbook, pages: Sequence[TablePage], words: tuple[str, str], made_at: datetime
) -> bytes:
    """Return the workbook's bytes, the same for the same content, whoever makes them when."""
    book.remove(book.worksheets[0])  # which a new one has
    book.calculation.fullCalcOnLoad = True
    properties = book.properties
    properties.title, properties.creator = words
    properties.lastModifiedBy = properties.creator
    properties.created = properties.modified = made_at.astimezone(UTC).replace(tzinfo=None)
    out, known = io.BytesIO(), {page.sheet.title: page.results for page in pages}
    book.save(out)

    def remember_results(name: str, part: bytes) -> bytes:
        """Write beside each formula what it gives: who reads without computing gets figures too."""
        if place := _SHEET_PART.fullmatch(name):
            results = known.get(book.worksheets[int(place[1]) - 1].title, {})

            def with_result(cell: re.Match[str]) -> str:
                value = results[cell[1]]
                kind, said = ("", f"{value:f}") if value is not None else (' t="str"', "")
                return f'<c r="{cell[1]}"{cell[2]}{kind}><f>{cell[3]}</f><v>{said}</v></c>'

            return _FORMULA.sub(with_result, part.decode()).encode()
        # the library writes its own clock here, whatever the properties say
        created = _CREATED.search(part) if name == "docProps/core.xml" else None
        return _MODIFIED.sub(rb"\g<1>" + created[1], part) if created else part

    return freeze_package(out.getvalue(), made_at, remember_results)


class TablePage:
    """Lays one table out on a sheet; with a period's address word as a blank to be filled."""

    def __init__(self, book: Workbook, form: Form, solved: SolvedTable, period: str = "") -> None:
        self.sheet: Worksheet = book.create_sheet(form.code)
        self.form, self.solved, self.period = form, solved, period
        self.results: dict[str, Decimal | None] = {}  # what each formula gives, by its cell
        leads = lead_columns(form)
        self.columns, self.leads = (*leads, *form.columns), len(leads)
        self.letters = {c.key: get_column_letter(n) for n, c in enumerate(self.columns, start=1)}
        self.rows: dict[int, SolvedRow] = {}
        self.corner = len(self.columns) + 1  # the column of row marks

    def write(self, authority: str, period: ReportingPeriod, *further: str) -> None:
        """Write the table below its title, what it is of, and ``further`` lines."""
        sheet, given = self.sheet, self.solved.sheet
        unit = f"{authority}. {period.title}. Đơn vị tính: {self.form.unit}."
        window = ""
        if given.data_from and given.data_to:
            days = (format_date(given.data_from), format_date(given.data_to))
            window = f"Số liệu từ ngày {days[0]} đến ngày {days[1]}"
        words = (self.form.title, unit, window, *further)
        for number, text in enumerate(words, start=1):
            _put(sheet, number, 1, text, _BOLD if number == 1 else _PLAIN)
        top = len(words) + 2
        first = self._write_header(top)
        lines = list(self._lines())
        for number, line in enumerate(lines, start=first):
            self._write_line(number, line)
        self.rows = {number: line.row for number, line in enumerate(lines, start=first) if line.row}
        for number, line in enumerate(lines, start=first):
            if line.level == "total":
                self._write_sums(first, lines)
            if line.row:
                self._write_formulas(number, line.row)
        if self.period:
            self._validate(first, first + len(lines) - 1)
        for place, letter in enumerate(self.letters.values(), start=1):
            sheet.column_dimensions[letter].width = self._width(place)
        sheet.freeze_panes = f"{get_column_letter(self.leads + 1)}{first}"
        _fit_paper(sheet)
        sheet.print_title_rows = f"{top}:{first - 1}"

    def _width(self, place: int) -> int:
        column = self.columns[place - 1]
        if column.key == ORDINAL:
            return _ORDINAL_WIDTH
        return _WORDS_WIDTH if column.kind is ValueKind.TEXT else _NUMBER_WIDTH

    def _write_header(self, top: int) -> int:
        """Write the merged header, its printed numbers, the hidden marks; return the next row."""
        sheet, head = self.sheet, header_rows(self.columns)
        for cell in (cell for level in head for cell in level):
            spans = (cell.rowspan, cell.colspan)
            self._put_head(top + cell.level, cell.place + 1, cell.text or "Nội dung", spans)
        row = top + len(head)
        sheet.row_dimensions[row - 1].height = self._height([c.header[-1] for c in self.columns])
        if any(column.number for column in self.form.columns):
            for place, column in enumerate(self.columns, start=1):
                self._put_head(row, place, column.number, (1, 1)).font = _PLAIN
            row += 1
        if self.period:
            words = [tuple(c.value for c in cells) for cells in sheet.iter_rows(top, row - 1)]
            for place, key in enumerate(self.letters, start=1):
                _put(sheet, row, place, key)
            _put(sheet, row, self.corner, write_mark(self.form, self.period, words))
            sheet.row_dimensions[row].hidden = True
            sheet.column_dimensions[get_column_letter(self.corner)].hidden = True
            row += 1
        return row

    def _put_head(self, row: int, column: int, words: str, spans: tuple[int, int]) -> Cell:
        cell = _put(self.sheet, row, column, words, _BOLD)
        cell.alignment, cell.border = _CENTER, _BOX
        if spans != (1, 1):
            low, right = row + spans[0] - 1, column + spans[1] - 1
            self.sheet.merge_cells(None, row, column, low, right)
        return cell

    def _height(self, texts: Sequence[str]) -> float:
        """Return the height in points that the longest of a row's texts needs on paper."""
        lines = [
            sum(-(-max(len(part), 1) // self._width(place)) for part in text.split("\n"))
            for place, text in enumerate(texts, start=1)
        ]
        return min(_LINE_HEIGHT * max([1, *lines]), 400)

    def _lines(self) -> Iterator[Line]:
        """Yield what is printed below the head; in a blank with room for more before the total."""
        lines = [
            line
            for line in list_lines(self.solved, self.columns)
            if line.level != "section" or line.ordinal
        ]
        room = [Line()] * bool(self.period and self.form.shape.is_open)
        most = 1 if any(line.level == "section" for line in lines) else _MOST_SPARE
        for place, line in enumerate(lines):
            if line.level == "section" and place:
                yield from room
            if line.level != "total":
                yield line
        yield from room * most
        yield from (line for line in lines[-1:] if line.level == "total")

    def _write_line(self, number: int, line: Line) -> None:
        sheet, row = self.sheet, line.row
        ordinal = "" if line.level == "group" else line.ordinal
        if row and row.section and self.form.shape.has_sections and not row.section.isalpha():
            ordinal = row.key  # III.6 is the 6th below III, but below a section 1 stands 1.6
        given = self.solved.sheet.row(row.key) if row and self.period else None
        values: list[SolvedValue] = [*(ordinal, line.label)[2 - self.leads :]]
        for column in self.form.columns:
            value = row.values.get(column.key) if row else None
            if self.period:
                value = (
                    given.unread.get(column.key) or given.cells.get(column.key) if given else None
                )
            values.append(value)
        font = _PLAIN if line.level in ("", "row", "detail") else _BOLD
        for place, value in enumerate(values, start=1):
            cell = _put(sheet, number, place, value, font)
            cell.border = _BOX
            is_words = isinstance(value, str) or place <= self.leads
            cell.alignment = _LEFT if is_words else _TOP
        height = self._height([v if isinstance(v, str) else "" for v in values])
        if line.level == "section":
            sheet.merge_cells(None, number, self.leads, number, self.corner - 1)
            height = _LINE_HEIGHT
        sheet.row_dimensions[number].height = height
        if self.period and line.level:
            stated = [c.key for c in self.form.columns if given and c.key in given.given]
            mark = write_row_mark(line.level[0], line.key or line.ordinal, line.label, stated)
            _put(sheet, number, self.corner, mark)

    def _write_sums(self, first: int, lines: Sequence[Line]) -> None:
        """Let the total add up its rows wherever it does; a total that does not stays as given."""
        if any(line.level in ("group", "detail") for line in lines):
            return
        last = first + len(lines) - 2
        label = self.letters[LABEL]
        named = f"COUNTA({label}{first}:{label}{last})"
        for column in self.form.columns:
            if self.period and not column.quantity.adds_up:
                continue
            letter = self.letters[column.key]
            area, place = f"{letter}{first}:{letter}{last}", f"{letter}{last + 1}"
            figures = [self._shown(number, column.key) for number in self.rows if number <= last]
            is_whole = bool(figures) and None not in figures
            total = sum(filter(None, figures), Decimal(0)) if is_whole else None
            test = f"AND({named}>0,COUNT({area})={named})"
            said = None if self.period else self._shown(last + 1, column.key)
            self._follow(place, f"SUM({area})", test, total, said)

    def _shown(self, number: int, key: str) -> Decimal | None:
        """Return the figure in a cell: that of the release, or what the blank shows by itself."""
        if key not in self.letters:
            return None
        place, value = f"{self.letters[key]}{number}", None
        if not self.period:
            value = number_in(self.rows[number].values.get(key))
        elif place in self.results:
            return self.results[place]
        else:
            value, formula = self.sheet[place].value, self.form.by_key[key].formula
            if value is None and formula:
                return self._result(number, formula, 2)
        return Decimal(value) if isinstance(value, int | Decimal) else None

    def _result(self, number: int, formula: Formula, digits: int) -> Decimal | None:
        """Return what a formula gives in a row, a rate as its cell rounds it; None if unknown."""
        result = formula.result({key: self._shown(number, key) for key in formula.parts})
        if result is None or not formula.over:
            return result
        return result.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)

    def _write_formulas(self, number: int, row: SolvedRow) -> None:
        """Let sums, differences and rates of a row follow from its cells where they do."""
        for column in self.form.columns:
            formula, place = column.formula, f"{self.letters[column.key]}{number}"
            if formula is None or place in self.results or not {*formula.parts} <= {*self.letters}:
                continue
            said = None if self.period else number_in(row.values.get(column.key))
            digits = 2 if said is None else digits_of(said)
            cells = {key: f"{self.letters[key]}{number}" for key in formula.parts}
            words = "+".join(cells[key] for key in formula.plus)
            words += "".join(f"-{cells[key]}" for key in formula.minus)
            over = "+".join(cells[key] for key in formula.over)
            names = list(dict.fromkeys(cells.values()))
            test = f"COUNT({','.join(names)})={len(names)}"
            if over:
                words = f"ROUND(({words})/({over})*100,{digits})"
                test = f"AND({test},({over})>0)"
            self._follow(place, words, test, self._result(number, formula, digits), said)

    def _follow(
        self, place: str, words: str, test: str, result: Decimal | None, said: Number | None
    ) -> None:
        """Let a cell follow from others: of a release where that gives what was ``said``.

        Of a blank wherever the cell is empty, as soon as ``test`` says that the others are filled.
        """
        cell = self.sheet[place]
        if self.period:
            if cell.value is not None:
                return
            words, cell.fill = f'IF({test},{words},"")', _WASH
        elif result is None or result != said:
            return
        cell.value, cell.data_type = f"={words}", "f"
        self.results[place] = result

    def _validate(self, first: int, last: int) -> None:
        """Let a cell of figures take nothing else."""
        for allowed, words, kinds in (
            ("whole", "số nguyên từ 0 trở lên", (ValueKind.COUNT,)),
            ("decimal", "số từ 0 trở lên", (ValueKind.NUMBER, ValueKind.RATE)),
        ):
            letters = [self.letters[c.key] for c in self.form.columns if c.kind in kinds]
            if letters:
                rule = DataValidation(
                    allowed,
                    formula1="0",
                    operator="greaterThanOrEqual",
                    allow_blank=True,
                    showErrorMessage=True,
                    errorTitle="Ô này ghi số",
                    error=f"Hãy ghi {words}; để trống khi chưa có số liệu.",
                    sqref=" ".join(f"{letter}{first}:{letter}{last}" for letter in letters),
                )
                self.sheet.add_data_validation(rule)


def _put(sheet: Worksheet, row: int, column: int, value: SolvedValue, font: Font = _PLAIN) -> Cell:
    """Write one cell: numbers stay numbers, words are never a formula, unknown stays empty."""
    cell = sheet.cell(row, column)
    assert isinstance(cell, Cell)  # noqa: S101 merged cells are written by their first cell only
    number = number_in(value)
    if isinstance(value, str):
        words = ILLEGAL_CHARACTERS_RE.sub("", value)  # which no workbook can hold
        if len(words) > _LONGEST:
            words = words[: _LONGEST - len(_CUT)] + _CUT
        cell.value = words or None
        cell.data_type = "s" if words else "n"  # openpyxl would take "=…" for a formula
    elif number is not None:
        cell.value = number
        decimals = "" if number == int(number) else f".{'0' * digits_of(number)}"
        cell.number_format = f"#,##0{decimals}"
    cell.font = font
    return cell


def _fit_paper(sheet: Worksheet) -> None:
    """Print on A4 across, as wide as the paper."""
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", sheet.PAPERSIZE_A4
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)


def _write_notes(
    sheet: Worksheet, release: PublishedRelease, table: PublishedTable, day: str
) -> None:
    """Write what one must know to use the figures: release, digest, source, notes, reasons."""
    form = table.definition
    # the sums that only the source states, what it printed otherwise, all fractions
    only, stated, fractions = [], [], []
    for row in table.evaluated.all_rows:
        where = f"{row.label}: " if form.shape.has_labels else ""
        for column in form.columns:
            name, value = f"{where}{column.label}", row.values.get(column.key)
            expected, said = row.expected.get(column.key), row.stated.get(column.key)
            if expected is not None:
                only.append(f"{name} (các số khác cho {format_number(expected)})")
            elif column.key in row.unconfirmed:
                only.append(name)
            if isinstance(value, Rate) and said is not None and said != value.percent:
                stated.append(f"{name} {format_number(said)} %")
            if isinstance(value, Rate) and None not in (value.numerator, value.denominator):
                fractions.append(f"{name} {bare_fraction(value)}")
    facts = [
        ("Lần công bố", f"{release.number}"),
        ("Ngày công bố", day),
        (RELEASE_MARK, release.digest),
        ("Lý do đính chính", release.reason if release.is_correction else ""),
        ("Biểu mẫu", f"{form.form_code} {form.legal_source}".strip()),
        ("Cách tính", form.counting_rule),
        ("Theo nguồn", "; ".join(only)),
        ("Nguồn ghi", "; ".join(stated)),
        ("Phân số của tỷ lệ", "; ".join(fractions)),
        *(
            (f"Ghi chú {n}", " Giải trình: ".join(filter(None, (one.message, one.reason))))
            for n, one in enumerate(table.findings, start=1)
        ),
    ]
    # of a long table more may be to tell than one cell holds
    parts = (
        (name, part)
        for name, words in facts
        for part in wrap(words, _LONGEST, replace_whitespace=False, expand_tabs=False)
    )
    for number, (name, words) in enumerate(parts, start=1):
        _put(sheet, number, 1, name, _BOLD)
        _put(sheet, number, 2, words).alignment = _LEFT
        sheet.row_dimensions[number].height = min(_LINE_HEIGHT * -(-len(words) // 90), 400)
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 20, 90
    _fit_paper(sheet)
