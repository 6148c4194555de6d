import io
from pathlib import Path

import openpyxl
import pytest

from cchc_public.errors import ImportRejected
from cchc_public.procedures import ChannelKind
from cchc_public.procedures.cells import HEADERS, Target, match_header
from cchc_public.procedures.importing import (
    clean_section,
    explain_code,
    read_code,
    read_procedures,
    read_source,
)

FILES = Path(__file__).parents[1] / "data" / "procedure_files"


def workbook(*rows, merges=()):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for cells in merges:
        book.active.merge_cells(cells)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def read(*rows, merges=()):
    return read_procedures(workbook(*rows, merges=merges), "danh-muc.xlsx")


@pytest.mark.parametrize("kind", ["xlsx", "ods", "xls"])
def test_a_list_saved_by_libreoffice_is_read_by_meaning(kind):
    name = f"libreoffice.{kind}"
    incoming = read_procedures((FILES / name).read_bytes(), name)
    found = {row.cells["code"]: row.cells for row in incoming.rows}
    assert list(found) == ["1.001193", "1.000894", "1.005460", "2.001019"]
    assert found["1.001193"]["time_limit"] == (
        "Trực tiếp: 1 ngày; Trực tuyến: 1 ngày; Dịch vụ bưu chính: 3 ngày"
    )
    assert found["1.001193"]["field"] == "Hộ tịch"
    assert found["2.001019"]["field"] == "Chứng thực"
    assert found["2.001019"]["fee"] == "50.000 đồng/di chúc"
    assert [(item.number, item.code) for item in incoming.refused] == [(13, "2.01019"), (14, "")]
    assert [(item.number, item.after) for item in incoming.repairs] == [
        (9, "1.000894"),
        (10, "1.005460"),
    ]
    assert incoming.ignored_headers == []


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (("Mã TTHC",), Target("code")),
        (("mã số thủ tục hành chính (CSDLQG)",), Target("code")),
        (("Mã thủ tục (CSDLQG)",), Target("code")),
        (("PHÍ, LỆ PHÍ (nếu có)",), Target("fee")),
        (("Thời hạn giải quyết", "Trực tuyến"), Target("time_limit", ChannelKind.ONLINE)),
        (("Lệ phí", "Bưu chính"), Target("fee", ChannelKind.POST)),
        (("Cách thức thực hiện", "Trực tiếp"), None),
        (("Ghi chú",), None),
        ((), None),
    ],
)
def test_headers_are_matched_by_meaning(path, expected):
    assert match_header(path) == expected


def test_our_own_headers_and_machine_names_are_all_known():
    for key, header in HEADERS.items():
        assert match_header((header,)) == Target(key)
        assert match_header((key,)) == Target(key)


def test_columns_may_stand_in_any_order_with_others_between():
    incoming = read(
        ["Ghi chú riêng", "Lĩnh vực", "Mã", "Tên TTHC"],
        ["bỏ qua", "Hộ tịch", "1.001193", "Đăng ký khai sinh"],
    )
    assert incoming.rows[0].cells == {
        "code": "1.001193",
        "name": "Đăng ký khai sinh",
        "field": "Hộ tịch",
    }
    assert incoming.ignored_headers == ["Ghi chú riêng"]


def test_a_field_merged_over_several_rows_holds_for_each():
    incoming = read(
        ["Lĩnh vực", "Mã thủ tục", "Tên thủ tục"],
        ["Hộ tịch", "1.001193", "Đăng ký khai sinh"],
        [None, "1.000894", "Đăng ký kết hôn"],
        merges=["A2:A3"],
    )
    assert [row.cells["field"] for row in incoming.rows] == ["Hộ tịch", "Hộ tịch"]


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        (1.00011, "1.000110"),
        (1.001193, "1.001193"),
        (1000110, "1.000110"),  # a Vietnamese spreadsheet takes the dot for thousands
        (" 2.000635 ", "2.000635"),
        (None, ""),
        (True, ""),
        (17, "17"),
    ],
)
def test_codes_that_a_spreadsheet_took_for_numbers_are_put_right(cell, code):
    assert read_code(cell) == code


def test_a_code_short_of_digits_is_refused_with_the_likely_one():
    assert "1.000110" in explain_code("1.00011")
    assert "1.001193" in explain_code("TTHC-7")


def test_rows_of_one_code_that_differ_are_all_refused_with_their_numbers():
    incoming = read(
        ["Mã thủ tục", "Tên thủ tục"],
        ["1.001193", "Đăng ký khai sinh"],
        ["1.000894", "Đăng ký kết hôn"],
        ["1.001193", "Khai sinh"],
    )
    assert [row.cells["code"] for row in incoming.rows] == ["1.000894"]
    assert [(item.number, "dòng 4" in item.reason) for item in incoming.refused] == [
        (2, True),
        (4, False),
    ]
    assert "dòng 2" in incoming.refused[1].reason


def test_of_equal_rows_the_first_is_kept():
    row = ["1.001193", "Đăng ký khai sinh"]
    incoming = read(["Mã thủ tục", "Tên thủ tục"], row, row)
    assert [r.number for r in incoming.rows] == [2]
    assert [r.number for r in incoming.refused] == [3]


def test_totals_and_empty_rows_are_passed_over():
    incoming = read(
        ["Mã thủ tục", "Tên thủ tục"],
        [None, None],
        ["1.001193", "Đăng ký khai sinh"],
        [None, "Tổng cộng: 1 thủ tục"],
        ["Tổng số", 1],
    )
    assert len(incoming.rows) == 1
    assert incoming.refused == []


def test_a_head_repeated_by_a_page_is_passed_over():
    head = ["Mã thủ tục", "Tên thủ tục"]
    incoming = read(head, ["1.001193", "Khai sinh"], head, ["1.000656", "Khai tử"])
    assert [row.number for row in incoming.rows] == [2, 4]
    assert incoming.refused == []


def test_a_list_goes_on_in_sheets_of_the_same_columns_and_others_are_told():
    book = openpyxl.load_workbook(io.BytesIO(workbook(["Mã thủ tục", "Tên"], ["1.001193", "A"])))
    for title, head, row in (
        ("Cấp xã", ["Mã thủ tục", "Tên"], ["1.000656", "B"]),
        ("Đã bãi bỏ", ["Mã thủ tục", "Tên"], ["1.000894", "C"]),
        ("Phí", ["Mã thủ tục", "Phí"], ["1.001193", "8.000 đồng"]),
        ("Cũ", ["Mã thủ tục", "Tên"], ["1.004873", "D"]),
    ):
        sheet = book.create_sheet(title)
        sheet.append(head)
        sheet.append(row)
    sheet.sheet_state = "hidden"
    out = io.BytesIO()
    book.save(out)
    incoming = read_procedures(out.getvalue(), "danh-muc.xlsx")
    assert [row.cells["name"] for row in incoming.rows] == ["A", "B"]
    told = " ".join(incoming.notes)
    assert all(f"«{title}»" in told for title in ("Đã bãi bỏ", "Phí", "Cũ"))


@pytest.mark.parametrize(
    ("heading", "field"),
    [
        ("II. Lĩnh vực Hộ tịch (39 TTHC)", "Hộ tịch"),
        ("Lĩnh vực: Đất đai", "Đất đai"),
        ("A. CHỨNG THỰC", "CHỨNG THỰC"),
        ("3) Người có công", "Người có công"),
        ("Chăn nuôi", "Chăn nuôi"),
        ("Đường bộ", "Đường bộ"),
        ("Dân số, Bà mẹ - Trẻ em", "Dân số, Bà mẹ - Trẻ em"),
    ],
)
def test_section_headings_name_fields(heading, field):
    assert clean_section(heading) == field


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_a_file_without_a_list_is_refused_in_words(kind):
    rows = [["Họ tên", "Năm sinh"], ["Nguyễn Văn A", 1980]]
    data = workbook(*rows) if kind == "xlsx" else "Họ tên,Năm sinh\nNguyễn Văn A,1980".encode()
    with pytest.raises(ImportRejected, match="cột «Mã thủ tục»"):
        read_procedures(data, f"x.{kind}")


def test_a_header_without_procedures_is_refused_in_words():
    with pytest.raises(ImportRejected, match="không có thủ tục nào"):
        read(["Mã thủ tục", "Tên thủ tục"])


def test_old_letter_codes_are_repaired_with_a_list():
    # TCVN3 as .VnTime shows it: "Hộ tịch", "Đăng ký khai sinh"
    incoming = read(
        ["Mã thủ tục", "Tên thủ tục", "Lĩnh vực"],
        ["1.001193", "§¨ng ký khai sinh cho trÎ em", "Hé tÞch"],
    )
    assert incoming.rows[0].cells["name"] == "Đăng ký khai sinh cho trẻ em"
    assert incoming.rows[0].cells["field"] == "Hộ tịch"
    assert ("Hé", "Hộ") in [(item.before, item.after) for item in incoming.repairs]


def test_formulas_are_never_run_and_keep_no_apostrophe_from_our_csv():
    csv_file = "Mã thủ tục,Tên thủ tục\n1.001193,'=1+1\n1.000894,'khai tử'".encode()
    rows = read_procedures(csv_file, "x.csv").rows
    assert [row.cells["name"] for row in rows] == ["=1+1", "'khai tử'"]


def test_a_path_in_the_file_name_is_dropped():
    incoming = read_procedures(
        workbook(["Mã thủ tục", "Tên"], ["1.001193", "x"]), "C:\\Users\\a\\..\\danh mục.xlsx"
    )
    assert incoming.filename == "danh mục.xlsx"


def test_the_source_tells_decision_level_and_address():
    text = (
        "Cổng DVCQG https://dichvucong.gov.vn/thu-tuc-hanh-chinh/019d (QĐ 3787/QĐ-BTP; "
        "cấp: Cấp tỉnh, Cấp xã), bản lưu"
    )
    assert read_source(text) == {
        "portal_link": "https://dichvucong.gov.vn/thu-tuc-hanh-chinh/019d",
        "decision_number": "3787/QĐ-BTP",
        "level": "Cấp tỉnh, Cấp xã",
        "decided_here": "Có",
    }
    assert read_source("x.doc (CSDLQG TTHC; Quyết định số 6225/QĐ-BQP)") == {
        "decision_number": "6225/QĐ-BQP"
    }
    assert read_source("danh mục niêm yết (thời hạn/phí để trống trong nguồn)") == {}
