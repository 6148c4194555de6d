"""Merged cells, hidden parts and cells without a figure, in every kind of source."""

import io
from pathlib import Path

import docx
import openpyxl
import pytest

from cchc_public.files.grid import Shape, document_from_json, document_to_json, read_pasted_text
from cchc_public.files.opening import open_document, read_clipboard

DATA = Path(__file__).parents[1] / "data"
HEADER_SPANS = {(0, 0, 2, 0), (0, 1, 2, 1), (0, 2, 0, 5), (0, 6, 0, 9), (1, 3, 1, 4)}


def opened(data, name="x"):
    return open_document(data, name)


def saved(book):
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def page(html):
    return opened(f"<html>{html}</html>".encode()).blocks


@pytest.mark.parametrize("name", ["25-seed-dossiers.docx", "24-libreoffice-writer-clipboard.html"])
def test_merged_headings_of_word_and_of_the_clipboard_are_the_same_spans(name):
    grid = opened((DATA / "reading" / name).read_bytes()).grids[0]
    assert set(grid.spans) >= HEADER_SPANS
    assert grid.rows[0][2] == "Số lượng hồ sơ tiếp nhận"
    assert grid.rows[0][3] is None
    assert grid.rows[2][3:5] == ("Trực tuyến", "Trực tiếp, dịch vụ bưu chính")
    assert grid.rows[8] == ("Tổng cộng", None, *["692", "319", "354", "19", "651", "650", "1", "0"])


def test_text_left_in_a_covered_cell_is_not_read():
    grid = opened((DATA / "unseen" / "16-covered-cells.ods").read_bytes()).grids[0]
    assert grid.rows[4][:3] == ("Tổng cộng", None, 10)


def test_paragraphs_around_a_word_table_stay_in_their_order():
    blocks = opened((DATA / "reading" / "25-seed-dossiers.docx").read_bytes()).blocks
    assert blocks[0] == "Kết quả giải quyết hồ sơ TTHC:"
    assert blocks[2].startswith("(Số liệu lấy từ ngày")


def test_nested_tables_paragraphs_and_tracked_words_of_word():
    document = docx.Document()
    table = document.add_table(2, 2)
    table.cell(0, 0).merge(table.cell(1, 0)).text = "gộp"
    cell = table.cell(0, 1)
    cell.text = "một"
    cell.add_paragraph("hai")
    cell.add_table(1, 1).cell(0, 0).text = "trong"
    inserted = docx.oxml.parse_xml(
        '<w:ins xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
        "<w:r><w:t>thêm</w:t></w:r></w:ins>"
    )
    deleted = docx.oxml.parse_xml(
        '<w:del xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
        "<w:r><w:t>bỏ</w:t></w:r></w:del>"
    )
    paragraph = table.cell(1, 1).paragraphs[0]._p
    paragraph.append(inserted)
    paragraph.append(deleted)
    outer, inner = opened(saved(document)).grids
    assert outer.rows == (("gộp", "một\nhai"), (None, "thêm"))
    assert outer.spans == ((0, 0, 1, 0),)
    assert inner.rows == (("trong",),)


def test_a_page_lays_cells_out_as_a_browser_does():
    (grid,) = page(
        "<table><tr><td rowspan=2>a<td colspan='2'>b<td rowspan=0>c</tr><tr><td>d<td>e</tr>"
        "<tr style='display:none'><td>f</tr></table>"
    )
    assert grid.rows == (("a", "b", None, "c"), (None, "d", "e", None), ("f", None, None, None))
    assert grid.hidden_rows == {2}


def test_words_of_a_page_that_nobody_sees_are_not_read():
    blocks = page("<style>x</style><p>thấy</p><p style='display: none'>giấu</p><script>y</script>")
    assert blocks == ("thấy",)


def test_a_table_that_only_lays_out_others_gives_the_others():
    (grid,) = page("<table><tr><td><table><tr><td>1<td>2</table></table>")
    assert grid.rows == (("1", "2"),)


def test_the_clipboard_is_read_in_the_limited_process():
    text = "<meta charset='utf-8'><b id='docs-internal-guid-1'><div><table><tr><td>Hộ tịch"
    assert read_clipboard(text).grids[0].rows == (("Hộ tịch",),)


def test_a_page_in_an_old_letter_code_says_so_in_its_head():
    html = "<html><meta charset=windows-1258><table><tr><td>Đất đai".encode("cp1258", "ignore")
    assert opened(html).grids[0].rows[0][0].startswith("Đ")


def test_hidden_sheets_rows_and_columns_of_a_workbook_are_marked():
    book = openpyxl.Workbook()
    book.active.append(["a", "b"])
    book.active.append(["c", "d"])
    book.active.row_dimensions[2].hidden = True
    book.active.column_dimensions["B"].hidden = True
    other = book.create_sheet("Quý trước")
    other["A1"] = 1
    other.sheet_state = "hidden"
    first, second = opened(saved(book)).grids
    assert (first.hidden_rows, first.hidden_columns) == ({1}, {1})
    assert not first.is_hidden
    assert second.is_hidden


def test_percent_cells_say_what_they_show():
    book = openpyxl.Workbook()
    for row, (value, shape) in enumerate([(0.7756, "0.00%"), (1, "0%"), (0.5, '0.0"%"')], 1):
        book.active.cell(row, 1, value).number_format = shape
    assert [row[0] for row in opened(saved(book)).grids[0].rows] == ["77,56%", "100%", 0.5]


def test_a_formula_that_answers_nothing_is_no_fault_but_one_without_answer_is():
    data = saved(openpyxl.Workbook())
    from tests.integration.test_files_hostile import sheet_xml, with_members

    cells = (
        '<row r="1"><c r="A1" t="str"><f>IF(1,"","")</f><v></v></c>'
        '<c r="B1"><f>SUM(C1)</f><v/></c><c r="C1"><v>5</v></c></row>'
    )
    grid = opened(with_members(data, xl__worksheets__sheet1___xml=sheet_xml(cells))).grids[0]
    assert grid.rows == ((None, None, 5),)
    assert [fault.place for fault in grid.faults] == ["B1"]


@pytest.mark.parametrize("words", ["#REF!", "#DIV/0!", "Err:502", "########"])
def test_errors_that_a_source_shows_are_faults_in_text_too(words):
    grid = read_pasted_text(f"a\t{words}\t3").grids[0]
    assert grid.rows == (("a", None, "3"),)
    assert grid.faults[0].place == "B1"


def test_old_workbooks_keep_merged_cells_and_formats():
    grid = opened((DATA / "libreoffice" / "printed-forms.xls").read_bytes()).grids[1]
    assert len(grid.spans) == 23


def test_paragraphs_in_a_cell_pasted_from_word_stay_in_their_cell():
    name = "12-task-cell-with-three-paragraphs-as-word.tsv"
    grid = read_pasted_text((DATA / "reading" / name).read_text("utf-8")).grids[0]
    assert grid.shape is Shape.TABS
    assert grid.rows[2][6:] == ("Kế hoạch\nBiên bản\nBáo cáo sau kiểm tra", "100%")
    assert grid.rows[3] == grid.rows[4] == (None,) * 8
    assert grid.rows[5][1] == "Việc B"


def test_a_quotation_mark_that_is_never_closed_keeps_every_line():
    grid = read_pasted_text('1\t"Một cửa\t5\n2\tĐất đai\t6').grids[0]
    assert len(grid.rows) == 2


def test_a_kept_paste_keeps_how_wide_its_lines_were():
    document = read_pasted_text("TT\tLĩnh vực\tTiếp nhận\n\t\tTổng\tTrực tuyến\n1\tHộ tịch\t5\t3")
    assert document_from_json(document_to_json(document)) == document


def test_what_leaves_the_limited_process_is_what_was_read():
    for name in ("printed-forms.ods", "procedures.xlsx", "tasks.csv"):
        path = DATA / "libreoffice" / name
        if path.exists():
            document = opened(path.read_bytes(), name)
            assert document_from_json(document_to_json(document)).grids == document.grids


@pytest.mark.parametrize(
    "cell",
    [
        "<del>99</del>12<sup>1</sup>",
        "12<span style='font-size:8pt; vertical-align:super'>1</span>",
        "<p><span>12</span><sup><span>1</span></sup></p>",
    ],
)
def test_the_sign_of_a_note_and_deleted_words_of_a_page_are_no_digits(cell):
    (grid,) = page(f"<table><tr><td>Hộ tịch m<sup>2</sup></td><td>{cell}</td></tr></table>")
    assert grid.rows == (("Hộ tịch m2", "12 (1)"),)


@pytest.mark.parametrize(
    "cell", ["<s>9</s>12", "<span style='text-decoration: line-through'>9</span>12"]
)
def test_struck_figures_of_a_page_are_marked_so_that_nobody_reads_them_on(cell):
    (grid,) = page(f"<table><tr><td>Hộ tịch</td><td>{cell}</td></tr></table>")
    assert grid.rows == (("Hộ tịch", "~~9~~12"),)


def test_raised_struck_and_hidden_words_of_word_are_no_digits():
    document = docx.Document()
    cells = document.add_table(1, 3).rows[0].cells
    for cell, (text, look) in zip(
        cells, [("1", "superscript"), ("9", "strike"), ("9", "hidden")], strict=True
    ):
        paragraph = cell.paragraphs[0]
        first, second = ("12", text) if look == "superscript" else (text, "12")
        runs = paragraph.add_run(first), paragraph.add_run(second)
        setattr(runs[look == "superscript"].font, look, True)
    assert opened(saved(document)).grids[0].rows == (("12 (1)", "~~9~~12", "12"),)
