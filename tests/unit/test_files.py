import codecs
import csv
import io
from datetime import date, datetime, time, timedelta
from pathlib import Path

import openpyxl
import pytest

from cchc_public.errors import ImportRejected
from cchc_public.files.grid import split_rows
from cchc_public.files.opening import read_file
from cchc_public.tables.registry import get_form
from tests.readings import read_file_as

DATA = Path(__file__).parents[1] / "data" / "spreadsheets"
TEXT = "Lĩnh vực,Số hồ sơ\nĐất đai,238\n"
ROWS = (("Lĩnh vực", "Số hồ sơ"), ("Đất đai", "238"))


def make_xlsx(fill):
    book = openpyxl.Workbook()
    fill(book.active)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def rows_of(data, name="x"):
    return read_file(data, name).grids[0].rows


@pytest.mark.parametrize("name", ["dossiers.xls", "dossiers.ods"])
def test_files_of_other_programs_give_the_same_figures(name):
    table = get_form("ho-so")
    # no block says of what «Quá hạn» is: it is asked
    found = read_file_as(table, (DATA / name).read_bytes(), name, cot_7="resolved_overdue")
    assert found.questions == found.problems == ()
    assert [row.label for row in found.sheet.rows] == ["Bảo trợ xã hội", "Chứng thực", "Đất đai"]
    assert found.sheet.row("chung-thuc").cells["received_online"] == 159
    assert found.sheet.row("dat-dai").cells["resolved_on_time"] == 1


def test_xlsx_cells_keep_their_kind_and_place():
    def fill(sheet):
        sheet["B2"] = 56
        sheet["C3"] = 77.56
        sheet["A4"] = date(2023, 6, 12)
        sheet["B4"] = datetime(2023, 6, 12, 8, 30)  # noqa: DTZ001 - spreadsheets know no zone
        sheet["C4"] = time(8, 30)
        sheet["D4"] = timedelta(hours=30)
        sheet["E4"] = True
        sheet["A5"] = "  "
        sheet["A6"] = " Đất đai "

    rows = rows_of(make_xlsx(fill))
    assert rows[0] == (None,) * 5
    assert rows[1][1] == 56
    assert isinstance(rows[1][1], int)
    assert rows[2][2] == 77.56
    assert rows[3] == (
        date(2023, 6, 12),
        datetime(2023, 6, 12, 8, 30),  # noqa: DTZ001
        "08:30:00",
        "1 day, 6:00:00",
        True,
    )
    assert rows[4] == (None,) * 5
    assert rows[5][0] == " Đất đai "


def test_formula_is_read_as_the_value_kept_beside_it():
    def fill(sheet):
        sheet["A1"] = "=SUM(1,2)"
        sheet["A2"] = "x"

    # openpyxl keeps no value beside a formula: nothing is computed here, so nothing is read
    grid = read_file(make_xlsx(fill), "x").grids[0]
    assert grid.rows == ((None,), ("x",))
    assert [fault.place for fault in grid.faults] == ["A1"]


def test_error_cells_are_told_by_address():
    def fill(sheet):
        sheet["A1"] = "x"
        sheet["D4"] = "#REF!"
        sheet["D4"].data_type = "e"

    workbook = read_file(make_xlsx(fill), "x.xlsx")
    assert workbook.grids[0].rows[0] == ("x", None, None, None)
    assert [fault.place for fault in workbook.grids[0].faults] == ["D4"]


def test_merged_ranges_and_sheet_names_are_kept():
    def fill(sheet):
        sheet.title = "Hồ sơ"
        sheet["A1"] = "Tiếp nhận"
        sheet.merge_cells("A1:C1")
        sheet["A2"] = 1

    sheet = read_file(make_xlsx(fill), "x").grids[0]
    assert sheet.name == "Hồ sơ"
    assert sheet.spans == ((0, 0, 0, 2),)


def test_a_million_formatted_empty_rows_are_trimmed():
    def fill(sheet):
        sheet["A1"] = "x"
        sheet.row_dimensions[1_048_576].height = 20
        sheet.cell(1_000_000, 200).font = openpyxl.styles.Font(bold=True)

    assert rows_of(make_xlsx(fill)) == (("x",),)


def test_the_sheet_with_the_table_is_found_among_others():
    def fill(sheet):
        sheet.append(["Hướng dẫn"])
        second = sheet.parent.create_sheet("Biểu")
        second.append(["Lĩnh vực", "Trực tuyến", "Từ kỳ trước", "Trước hạn"])
        second.append(["Hộ tịch", 160, 0, 163])

    found = read_file_as(get_form("ho-so"), make_xlsx(fill), "x.xlsx")
    assert found.sheet.rows[0].cells["resolved_early"] == 163


@pytest.mark.parametrize(
    "data",
    [
        TEXT.encode(),
        codecs.BOM_UTF8 + TEXT.encode(),
        TEXT.replace(",", ";").encode(),
        TEXT.replace(",", "\t").encode(),
        TEXT.replace("\n", "\r\n").encode(),
        TEXT.replace("\n", "\r").encode(),
        codecs.BOM_UTF16_LE + TEXT.replace(",", "\t").encode("utf-16-le"),
        codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"),
        TEXT.encode("utf-16-le"),
        b"sep=;\n" + TEXT.replace(",", ";").encode(),
        "Li\u0303nh vư\u0323c,Sô\u0301 hô\u0300 sơ\nĐâ\u0301t đai,238\n".encode("cp1258"),
        b"L\xdcnh v\xf9c,S\xe8 h\xe5 s\xac\n\xa7\xcat \xaeai,238\n",
        b"L\xf3nh v\xf6\xefc,So\xe1 ho\xe0 s\xf4\n\xd1a\xe1t \xf1ai,238\n",
    ],
    ids=[
        "utf-8", "bom", "semicolon", "tab", "crlf", "cr", "utf-16-le", "utf-16-be",
        "utf-16-without-bom", "sep-line", "cp1258", "tcvn3", "vni",
    ],
)  # fmt: skip
def test_csv_in_any_letter_code_and_separator(data):
    assert rows_of(data, "x.csv") == ROWS


def test_old_letter_code_is_told():
    workbook = read_file(b"H\xe5 s\xac,S\xe8 l\xad\xeeng\n\xa7\xcat \xaeai,1\n", "x.csv")
    assert "TCVN3" in workbook.notes[0]


def test_old_letters_inside_xlsx_are_repaired_and_listed():
    workbook = read_file(make_xlsx(lambda s: s.append(["Tæng céng", "hå s¬", 5])), "x")
    assert workbook.grids[0].rows == (("Tổng cộng", "hồ sơ", 5),)
    assert [change.after for change in workbook.changes] == ["Tổng", "cộng", "hồ", "sơ"]


@pytest.mark.parametrize(
    ("text", "separator"),
    [
        ("a,b\n1,2\n", ","),
        ("a;b\n1,5;2,5\n3,5;4,5\n", ";"),
        ('a,b\n"1;2;3",2\n"1;2;3",2\n', ","),
        ("a\tb, c\n1\t2\n", "\t"),
        ("a|b\n1|2\n", "|"),
        ("một cột\n1\n", ","),
        ("", ","),
    ],
)
def test_separator_is_the_one_that_parts_lines_evenly(text, separator):
    cells = [row for row in csv.reader(text.splitlines(), delimiter=separator) if row]
    assert [row for row in split_rows(text, "x") if row] == cells


def test_line_breaks_inside_quotes_stay_in_the_cell():
    assert rows_of(b'a,b\n"1\n2",3\n') == (("a", "b"), ("1\n2", "3"))


@pytest.mark.parametrize("data", [b"\xef\xbb\xbf", b"\n\n\n", b",,,\n,,\n", b"  "])
def test_file_without_a_filled_cell_is_rejected(data):
    with pytest.raises(ImportRejected, match="không có ô nào có dữ liệu"):
        read_file(data, "x.csv")
