"""A blank workbook of a period, filled by a spreadsheet program, reads back without a question."""

import io
import random
import shutil
import subprocess
from decimal import Decimal

import openpyxl
import pytest

from cchc_public.demo import demo_sheets
from cchc_public.exports.workbooks import render_template
from cchc_public.files.opening import open_document
from cchc_public.office.reports.sheet_form import merge
from cchc_public.reading.questions import ASK, READ, REFUSED, Context
from cchc_public.reading.sources import read_source, read_whole
from cchc_public.tables.language import ValueKind
from cchc_public.tables.registry import FORMS, blank_rows, get_form
from cchc_public.tables.sheet import Row, Sheet, solve
from cchc_public.vietnamese.dates import parse_period

PERIOD = parse_period("2023-6-thang")


def template_of(*sheets):
    named = [(get_form(s.table_code, s.edition), s) for s in sheets]
    return render_template(PERIOD, named, "UBND xã Kim Thạch")


def read_back(data, sheet, name="mau.xlsx", period=PERIOD.slug, **answers):
    form = get_form(sheet.table_code, sheet.edition)
    return read_source(open_document(data, name), form, Context((), answers, period=period))


def filled(form):
    """Return a sheet of a form with something in every second cell, some sums among them."""
    chance = random.Random(form.edition)  # noqa: S311 - the same figures every run
    rows = blank_rows(form)
    if form.shape.has_sections:
        rows = tuple(
            Row(f"{s}.{n}", f"Việc {n}", s, f"Mục {s}") for s in ("I", "II") for n in (1, 2)
        )
    elif form.shape.is_open:
        rows += tuple(Row(f"linh-vuc-{n}", f"Lĩnh vực {n}") for n in (1, 2, 3))

    def cells():
        found = {}
        for quantity in form.table.quantities:
            if chance.random() < 0.5:
                number = chance.randint(0, 99)
                words = {ValueKind.TEXT: f"Lời\ndòng {number}", ValueKind.COUNT: number}
                found[quantity.key] = words.get(quantity.kind, Decimal(number) / 4)
        return found

    groups = tuple(Row(key, label, cells=cells()) for key, label in form.groups)
    named = [(group.key, group.label) for group in groups] or [("", "")]
    laid = [
        Row(
            row.key,
            row.label,
            *((row.section, row.section_label) if row.section else named[n % len(named)]),
            cells=cells(),
        )
        for n, row in enumerate(sorted(rows, key=lambda row: row.section))
    ]
    ordered = sorted(laid, key=lambda row: row.section)
    sheet = Sheet(form.code, form.edition, *PERIOD.preset_window, tuple(ordered), groups=groups)
    total = Row(sheet.total.key, sheet.total.label, cells=cells() if form.shape.has_total else {})
    return Sheet(**{**sheet.__dict__, "total": total})


@pytest.mark.parametrize("form", FORMS, ids=lambda form: f"{form.code} {form.edition}")
def test_every_form_comes_back_from_its_blank_as_it_was(form):
    sheet = filled(form)
    reading = read_back(template_of(sheet), sheet)
    assert (reading.outcome, reading.questions, reading.problems) == (READ, (), ())
    assert merge(sheet, reading.sheet) == sheet
    assert reading.sheet.total == sheet.total


def test_a_whole_period_comes_back_table_by_table():
    sheets = list(demo_sheets().values())
    forms = [get_form(s.table_code, s.edition) for s in sheets]
    document = open_document(template_of(*sheets), "mau.xlsx")
    whole = read_whole(document, forms, lambda _code: Context(period=PERIOD.slug))
    assert [(r.table, r.outcome, r.problems) for r in whole.readings] == [
        (s.table_code, READ, ()) for s in sheets
    ]
    assert not whole.leftovers
    for reading, sheet in zip(whole.readings, sheets, strict=True):
        merged = merge(sheet, reading.sheet)
        assert merged.rows == sheet.rows
        assert solve(forms[0], sheets[0]).facts == ()


def typed(data, code, cells):
    book = openpyxl.load_workbook(io.BytesIO(data))
    for place, value in cells.items():
        book[code][place] = value
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def dossiers(*rows):
    return Sheet("ho-so", "tt-01-2020", *PERIOD.preset_window, tuple(rows))


FIELDS = (Row("dat-dai", "Đất đai", cells={"carried_over": 17}), Row("ho-tich", "Hộ tịch"))


def first_line(data, code="ho-so"):
    sheet = openpyxl.load_workbook(io.BytesIO(data))[code]
    return next(r for r in range(1, 40) if sheet.row_dimensions[r].hidden) + 1


def test_typed_figures_and_a_new_field_are_read_and_computed_cells_say_nothing():
    sheet = dossiers(*FIELDS)
    data = template_of(sheet)
    row = first_line(data)
    cells = {f"D{row}": 0, f"E{row}": 221, f"D{row + 1}": 160, f"B{row + 2}": "Chứng thực"}
    cells |= {f"D{row + 2}": 159, f"F{row + 2}": "12.000"}
    reading = read_back(typed(data, "ho-so", cells), sheet)
    assert reading.outcome == ASK  # 12 or 12 000: no sum of the row decides
    reading = read_back(typed(data, "ho-so", cells), sheet, **{reading.questions[0].id: "12"})
    assert (reading.outcome, reading.problems) == (READ, ())
    assert [(r.key, dict(r.cells)) for r in reading.sheet.rows] == [
        ("dat-dai", {"received_online": 0, "received_direct": 221, "carried_over": 17}),
        ("ho-tich", {"received_online": 160}),
        ("chung-thuc", {"received_online": 159, "carried_over": 12}),
    ]
    assert not reading.sheet.total.given


def test_another_name_over_a_row_is_another_row():
    sheet = dossiers(*FIELDS)
    data = template_of(sheet)
    row = first_line(data)
    reading = read_back(typed(data, "ho-so", {f"B{row}": "Thuế", f"D{row}": 5}), sheet)
    assert [row.key for row in reading.sheet.rows] == ["thue", "ho-tich"]
    twice = read_back(typed(data, "ho-so", {f"B{row + 1}": "Đất đai", f"D{row + 1}": 5}), sheet)
    assert (twice.outcome, twice.questions[0].code) == (ASK, "row-twice")


def test_two_wordings_of_one_known_row_are_one_question():
    known = Row("apologies", "Văn bản xin lỗi khi quá hạn", cells={"value": 3})
    sheet = Sheet("chi-tieu", get_form("chi-tieu").edition, *PERIOD.preset_window, (known,))
    data = template_of(sheet)
    row = first_line(data, "chi-tieu")
    page = openpyxl.load_workbook(io.BytesIO(data))["chi-tieu"]
    name, value = (
        next(cell.column_letter for cell in page[row - 1] if cell.value == mark)
        for mark in ("#ten", "value")
    )
    cells = {f"{name}{row + 1}": "Phiếu xin lỗi", f"{value}{row + 1}": 4}
    (question,) = read_back(typed(data, "chi-tieu", cells), sheet).questions
    for line, label, figure in ((row, known.label, 3), (row + 1, "Phiếu xin lỗi", 4)):
        answers = {question.id: str(line)}
        (read,) = read_back(typed(data, "chi-tieu", cells), sheet, **answers).sheet.rows
        assert (read.key, read.label, read.cells) == ("apologies", label, {"value": figure})


def test_a_changed_head_is_read_as_any_table_and_never_by_its_marks():
    sheet = dossiers(*FIELDS)
    data = template_of(sheet)
    row = first_line(data)
    book = openpyxl.load_workbook(io.BytesIO(data))
    page = book["ho-so"]
    head = {cell.value: cell for line in page.iter_rows(max_row=row) for cell in line}
    early, on_time = head["Trước hạn"], head["Đúng hạn"]
    early.value, on_time.value = "Đúng hạn", "Trước hạn"
    page.cell(row, early.column).value, page.cell(row, on_time.column).value = 7, 3
    out = io.BytesIO()
    book.save(out)
    reading = read_back(out.getvalue(), sheet)
    assert any("bị sửa tiêu đề" in words for words in reading.told)
    read = next(r.cells for r in reading.rows if r.label == "Đất đai")
    assert (read.get("resolved_on_time"), read.get("resolved_early")) in ((7, 3), (None, None))


@pytest.mark.parametrize(
    "mark",
    [
        "[" * 30_000,
        '["rg","x","Đất đai",[]]',
        '["r",7,"Đất đai",[]]',
        '["r","x","Đất đai","a"]',
        "{}",
    ],
)
def test_a_forged_mark_of_a_row_names_nothing(mark):
    sheet = dossiers(*FIELDS)
    data = template_of(sheet)
    row = first_line(data)
    reading = read_back(typed(data, "ho-so", {f"N{row}": mark, f"D{row}": 5}), sheet)
    assert reading.outcome == READ
    assert [row.key for row in reading.sheet.rows] == ["dat-dai", "ho-tich"]


def test_two_copies_of_one_table_are_asked_about():
    sheet = dossiers(*FIELDS)
    data = template_of(sheet)
    row = first_line(data)
    book = openpyxl.load_workbook(io.BytesIO(data))
    for number, page in enumerate((book["ho-so"], book.copy_worksheet(book["ho-so"])), start=1):
        for line in (row, row + 1):
            for letter in "DEFHIJ":
                page[f"{letter}{line}"] = number
    out = io.BytesIO()
    book.save(out)
    reading = read_back(out.getvalue(), sheet)
    assert (reading.outcome, reading.questions[0].code) == (ASK, "which-table")


def test_a_blank_of_another_period_is_refused_in_words():
    sheet = dossiers(*FIELDS)
    reading = read_back(template_of(sheet), sheet, period="2023-9-thang")
    assert reading.outcome == REFUSED
    assert "6 tháng" in reading.problems[0]


@pytest.mark.skipif(not shutil.which("soffice"), reason="needs LibreOffice")
@pytest.mark.parametrize("kind", ["xlsx", "ods"])
def test_a_blank_filled_in_libreoffice_computes_and_reads_back(tmp_path, kind):
    sheet = dossiers(*FIELDS)
    data = template_of(sheet)
    row = first_line(data)
    figures = {"D": 1, "E": 2, "H": 3, "I": 0, "J": 0}
    cells = {f"{letter}{row}": value for letter, value in figures.items()}
    cells |= {f"{letter}{row + 1}": 10 for letter in "DEFHIJ"}
    (tmp_path / "mau.xlsx").write_bytes(typed(data, "ho-so", cells))
    out, profile = tmp_path / "out", f"-env:UserInstallation=file://{tmp_path}/profile"
    command = ["soffice", profile, "--headless", "--convert-to", kind, "--outdir", str(out)]
    subprocess.run(
        [*command, str(tmp_path / "mau.xlsx")], check=True, capture_output=True, timeout=120
    )
    saved = (out / f"mau.{kind}").read_bytes()
    reading = read_back(saved, sheet, f"mau.{kind}")
    assert (reading.outcome, reading.problems) == (READ, ())
    assert reading.sheet.row("dat-dai").cells == {
        "received_online": 1,
        "received_direct": 2,
        "carried_over": 17,
        "resolved_early": 3,
        "resolved_on_time": 0,
        "resolved_overdue": 0,
    }
    assert not reading.sheet.total.given
    if kind == "xlsx":
        page = openpyxl.load_workbook(io.BytesIO(saved), data_only=True)["ho-so"]
        assert page[f"C{row}"].value == 20
        last = next(r for r in range(row, 40) if page[f"B{r}"].value == "Tổng cộng")
        assert (page[f"D{last}"].value, page[f"C{last}"].value) == (11, 50)
