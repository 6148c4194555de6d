"""One table of a release as a workbook: laid out like the form, read back by the import."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import tzinfo
from decimal import ROUND_HALF_UP, Decimal

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell
from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from cchc_public.exports.packages import freeze_package
from cchc_public.exports.tables_csv import list_labels
from cchc_public.present.report_view import VIETNAM
from cchc_public.releases.published import PublishedFinding, PublishedRelease, PublishedTable
from cchc_public.tables.language import Form, header_rows
from cchc_public.tables.solved import Rate, SolvedRow, SolvedValue
from cchc_public.vietnamese.dates import format_date
from cchc_public.vietnamese.numbers import format_number

XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FONT = "Times New Roman"  # NĐ 30/2020 Phụ lục I
_BOLD, _PLAIN = Font(name=FONT, bold=True), Font(name=FONT)
_LINE = Side(style="thin")
_BOX = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)
_CENTER = Alignment(horizontal="center", vertical="center", wrap_text=True)
_LEFT = Alignment(vertical="top", wrap_text=True)
_WORDS_WIDTH, _NUMBER_WIDTH = 32, 12
_HEADER_HEIGHT = 48  # points: room for four lines over a narrow column
_LONGEST = 32_000  # letters in one cell
_SHEET_PART = re.compile(r"xl/worksheets/sheet([0-9]+)\.xml")
_FORMULA = re.compile(r'(<c r="([A-Z]+[0-9]+)"[^>]*><f>[^<]*</f>)<v ?/?>(?:</v>)?</c>')
_CREATED = re.compile(rb"<dcterms:created[^>]*>([^<]*)<")
_MODIFIED = re.compile(rb"(<dcterms:modified[^>]*>)[^<]*")
SECTION_HEADERS = ("Mục", "Tên mục", "TT")


def render_xlsx(release: PublishedRelease, table: PublishedTable, zone: tzinfo = VIETNAM) -> bytes:
    """Return the workbook: the form with its figures as numbers, and a sheet of notes.

    ``zone`` says on which day the figures were published.
    """
    return _render(release, (table,), zone)


def render_period_xlsx(release: PublishedRelease, zone: tzinfo = VIETNAM) -> bytes:
    """Return one workbook of all tables of a release, each on a sheet before its notes."""
    return _render(release, release.tables, zone)


def _render(release: PublishedRelease, tables: Sequence[PublishedTable], zone: tzinfo) -> bytes:
    book = Workbook()
    book.remove(book.worksheets[0])
    known: dict[str, dict[str, Decimal]] = {}
    day = format_date(release.published_at.astimezone(zone).date())
    for table in tables:
        sheet = book.create_sheet(table.code)
        top = _write_head(sheet, release, table)
        first = _write_header(sheet, table.definition, top)
        known[sheet.title] = _write_rows(sheet, table, first)
        _set_widths(sheet, table.definition)
        sheet.freeze_panes = sheet.cell(first, len(_label_headers(table.definition)) + 1)
        _fit_paper(sheet, top, first)
        notes = "Ghi chú" if len(tables) == 1 else f"Ghi chú {table.code}"[:31]
        _write_notes(book.create_sheet(notes), release, table, day)
    properties = book.properties
    names = [table.definition.title for table in tables]
    properties.title = f"{names[0] if len(names) == 1 else 'Số liệu'}, {release.period.title}"
    properties.creator = properties.lastModifiedBy = release.authority.name
    properties.created = properties.modified = release.published_at.replace(tzinfo=None)
    out = io.BytesIO()
    book.save(out)
    data = _remember_results(out.getvalue(), [known.get(s.title, {}) for s in book.worksheets])
    return freeze_package(data, release.published_at)


def _remember_results(data: bytes, known: Sequence[Mapping[str, Decimal]]) -> bytes:
    """Write beside each formula what it gives: who reads without computing gets figures too."""
    result = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as source,
        zipfile.ZipFile(result, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for name in source.namelist():
            part = source.read(name)
            place = _SHEET_PART.fullmatch(name)
            if place:
                results = known[int(place[1]) - 1]
                pieces = _FORMULA.split(part.decode())
                # text, formula, its cell, text, formula, …
                for at in range(1, len(pieces), 3):
                    pieces[at] += f"<v>{results[pieces[at + 1]]:f}</v></c>"
                    pieces[at + 1] = ""
                part = "".join(pieces).encode()
            elif name == "docProps/core.xml":
                # the library writes its own clock here, whatever the properties say
                created = _CREATED.search(part)
                made = created[1] if created else b""
                part = _MODIFIED.sub(rb"\g<1>" + made, part)
            target.writestr(name, part)
    return result.getvalue()


def _write_head(sheet: Worksheet, release: PublishedRelease, table: PublishedTable) -> int:
    definition = table.definition
    _put(sheet, 1, 1, definition.title, _BOLD)
    words = f"{release.authority.name}. {release.period.title}. Đơn vị tính: {definition.unit}."
    _put(sheet, 2, 1, words)
    _put(sheet, 3, 1, _window(table))
    return 5


def _window(table: PublishedTable) -> str:
    if not (table.data_from and table.data_to):
        return ""
    days = (format_date(table.data_from), format_date(table.data_to))
    return f"Số liệu từ ngày {days[0]} đến ngày {days[1]}"


def _label_headers(table: Form) -> tuple[str, ...]:
    if not table.shape.has_labels:
        return ()
    label = table.row_header or "Nội dung"
    return (*SECTION_HEADERS, label) if table.shape.has_sections else (label,)


def _write_header(sheet: Worksheet, table: Form, top: int) -> int:
    """Write the merged header as printed; return the row below it."""
    levels = header_rows(table)
    labels = _label_headers(table)
    for number, words in enumerate(labels, start=1):
        _put_head(sheet, top, number, words, rowspan=len(levels))
    taken: set[tuple[int, int]] = set()
    for depth, level in enumerate(levels):
        column = len(labels) + 1
        for cell in level:
            while (depth, column) in taken:
                column += 1
            _put_head(sheet, top + depth, column, cell.text, cell.rowspan, cell.colspan)
            taken |= {
                (depth + down, column + across)
                for down in range(cell.rowspan)
                for across in range(cell.colspan)
            }
    sheet.row_dimensions[top + len(levels) - 1].height = _HEADER_HEIGHT
    return top + len(levels)


def _put_head(
    sheet: Worksheet, row: int, column: int, words: str, rowspan: int = 1, colspan: int = 1
) -> None:
    for down in range(rowspan):
        for across in range(colspan):
            sheet.cell(row + down, column + across).border = _BOX
    _put(sheet, row, column, words, _BOLD).alignment = _CENTER
    if rowspan > 1 or colspan > 1:
        last_row, last_column = row + rowspan - 1, column + colspan - 1
        sheet.merge_cells(
            start_row=row, start_column=column, end_row=last_row, end_column=last_column
        )


def _write_rows(sheet: Worksheet, table: PublishedTable, first: int) -> dict[str, Decimal]:
    """Write rows and total; return what each formula gives, by its cell."""
    evaluated, form = table.evaluated, table.definition
    results: dict[str, Decimal] = {}
    lines = [(level, row) for level, row in evaluated.outline]
    for number, (level, row) in enumerate(lines, start=first):
        _write_row(sheet, form, number, row, _BOLD if level == "group" else _PLAIN)
        _write_formulas(sheet, form, number, row, results)
    if evaluated.total:
        number = first + len(lines)
        _write_row(sheet, form, number, evaluated.total, _BOLD)
        if all(level == "row" for level, _row in lines):
            _write_sums(sheet, table, first, results)
        _write_formulas(sheet, form, number, evaluated.total, results)
    return results


def _write_sums(
    sheet: Worksheet, table: PublishedTable, first: int, results: dict[str, Decimal]
) -> None:
    """Let the total add up its rows wherever it does; a total that does not stays as given."""
    evaluated, labels = table.evaluated, len(_label_headers(table.definition))
    last = first + len(evaluated.rows) - 1
    for place, column in enumerate(table.definition.columns, start=labels + 1):
        said = evaluated.total.values.get(column.key) if evaluated.total else None
        figures = [row.values.get(column.key) for row in evaluated.rows]
        numbers = [figure for figure in figures if isinstance(figure, int | Decimal)]
        is_whole = len(numbers) == len(figures) > 0
        if isinstance(said, int | Decimal) and is_whole and sum(numbers) == said:
            letter = get_column_letter(place)
            formula = f"=SUM({letter}{first}:{letter}{last})"
            _set_formula(sheet, (last + 1, place), formula, Decimal(said), results)


def _write_formulas(
    sheet: Worksheet, form: Form, number: int, row: SolvedRow, results: dict[str, Decimal]
) -> None:
    """Let sums, differences and rates of a row follow from its cells where they do."""
    labels = len(_label_headers(form))
    cells = {
        column.key: f"{get_column_letter(place)}{number}"
        for place, column in enumerate(form.columns, start=labels + 1)
    }
    for place, column in enumerate(form.columns, start=labels + 1):
        formula = column.formula
        if formula is None or f"{get_column_letter(place)}{number}" in results:
            continue
        figures = {key: row.values.get(key) for key in formula.parts}
        if not all(key in cells and isinstance(v, int | Decimal) for key, v in figures.items()):
            continue
        total = sum((_number(figures[key]) for key in formula.plus), Decimal(0))
        total -= sum(_number(figures[key]) for key in formula.minus)
        words = "+".join(cells[key] for key in formula.plus)
        words += "".join(f"-{cells[key]}" for key in formula.minus)
        said = row.values.get(column.key)
        if formula.over:
            below = sum(_number(figures[key]) for key in formula.over)
            over = "+".join(cells[key] for key in formula.over)
            given = said.percent if isinstance(said, Rate) else None
            if not below or given is None:
                continue
            digits = max(2, -int(given.as_tuple().exponent))
            exact = (Decimal(total) * 100 / Decimal(below)).quantize(
                Decimal(1).scaleb(-digits), ROUND_HALF_UP
            )
            words = f"ROUND(({words})/({over})*100,{digits})"
            total, said = exact, given
        if isinstance(said, int | Decimal) and total == said:
            _set_formula(sheet, (number, place), f"={words}", Decimal(said), results)


def _number(value: SolvedValue) -> Decimal:
    return Decimal(value) if isinstance(value, int | Decimal) else Decimal(0)


def _set_formula(
    sheet: Worksheet,
    place: tuple[int, int],
    formula: str,
    result: Decimal,
    results: dict[str, Decimal],
) -> None:
    cell = sheet.cell(*place)
    cell.value, cell.data_type = formula, "f"
    results[cell.coordinate] = result


def _write_row(sheet: Worksheet, table: Form, number: int, row: SolvedRow, font: Font) -> None:
    values = [*list_labels(table, row), *(row.values.get(column.key) for column in table.columns)]
    for place, value in enumerate(values, start=1):
        cell = _put(sheet, number, place, value, font)
        cell.border = _BOX
        if isinstance(value, str):
            cell.alignment = _LEFT


def _put(sheet: Worksheet, row: int, column: int, value: SolvedValue, font: Font = _PLAIN) -> Cell:
    """Write one cell: numbers stay numbers, words are never a formula, unknown stays empty."""
    cell = sheet.cell(row, column)
    assert isinstance(cell, Cell)  # noqa: S101 merged cells are written by their first cell only
    number = value.percent if isinstance(value, Rate) else value
    if isinstance(number, str):
        # what no workbook can hold: control characters, more than Excel's own limit
        words = ILLEGAL_CHARACTERS_RE.sub("", number)[:_LONGEST]
        cell.value = words or None
        cell.data_type = "s" if words else "n"  # openpyxl would take "=…" for a formula
    elif number is not None:
        cell.value = number
        exponent = Decimal(number).as_tuple().exponent
        digits = max(2, -exponent) if isinstance(exponent, int) else 2
        cell.number_format = "#,##0" if number == int(number) else f"#,##0.{'0' * digits}"
    cell.font = font
    return cell


def _set_widths(sheet: Worksheet, table: Form) -> None:
    labels = len(_label_headers(table))
    for number in range(1, labels + len(table.columns) + 1):
        is_words = number == labels or (
            number > labels and table.columns[number - labels - 1].kind == "text"
        )
        width = _WORDS_WIDTH if is_words else _NUMBER_WIDTH
        sheet.column_dimensions[get_column_letter(number)].width = width


def _fit_paper(sheet: Worksheet, top: int, first: int) -> None:
    """Print on A4 across, as wide as the paper, the header on every page."""
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.print_title_rows = f"{top}:{first - 1}"


def _write_notes(
    sheet: Worksheet, release: PublishedRelease, table: PublishedTable, day: str
) -> None:
    """Write what one must know to use the figures: release, digest, source, notes, reasons."""
    facts = [
        ("Lần công bố", f"{release.number}"),
        ("Ngày công bố", day),
        ("Mã SHA-256", release.digest),
        ("Lý do đính chính", release.reason if release.is_correction else ""),
        ("Biểu mẫu", f"{table.definition.form_code} {table.definition.legal_source}".strip()),
        ("Cách tính", table.definition.counting_rule),
        ("Theo nguồn", "; ".join(_source_only(table))),
        *((f"Ghi chú {n}", _note(f)) for n, f in enumerate(table.findings, start=1)),
    ]
    for number, (name, words) in enumerate(((n, w) for n, w in facts if w), start=1):
        _put(sheet, number, 1, name, _BOLD)
        _put(sheet, number, 2, words).alignment = _LEFT
    sheet.column_dimensions["A"].width = 20
    sheet.column_dimensions["B"].width = 90


def _source_only(table: PublishedTable) -> Iterator[str]:
    """Name the sums that only the source states, and what it states against all others."""
    for row in table.evaluated.all_rows:
        where = f"{row.label}: " if table.definition.shape.has_labels else ""
        for column in table.definition.columns:
            expected = row.expected.get(column.key)
            if expected is not None:
                yield f"{where}{column.label} (các số khác cho {format_number(expected)})"
            elif column.key in row.unconfirmed:
                yield f"{where}{column.label}"


def _note(finding: PublishedFinding) -> str:
    return " Giải trình: ".join(part for part in (finding.message, finding.reason) if part)
