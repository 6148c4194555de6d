import csv
import re
from collections import Counter
from datetime import date
from decimal import Decimal
from importlib.resources import files
from io import BytesIO

import pytest
from openpyxl import Workbook

from cchc_public.demo.report import printed_sheets
from cchc_public.errors import ImportRejected
from cchc_public.exports.tables_csv import render_csv
from cchc_public.files.grid import build_grid
from cchc_public.files.plain import split_rows
from cchc_public.importers.sheet_csv import find_sheet, import_sheet
from cchc_public.tables.language import ValueKind
from cchc_public.tables.registry import get_form
from cchc_public.tables.sheet import Row, Sheet
from cchc_public.tables.solved import solve

FOLDER = files("cchc_public.demo") / "kim-thach-2023-h1"
FILES = [
    ("dossiers.csv", "ho-so"),
    ("digitization.csv", "so-hoa"),
    ("satisfaction.csv", "hai-long"),
    ("online_services.csv", "dich-vu-cong"),
    ("documents.csv", "van-ban"),
    ("procedure_counts.csv", "so-luong-thu-tuc"),
    ("tasks.csv", "nhiem-vu"),
    ("indicators.csv", "chi-tieu"),
]
DOSSIERS = get_form("ho-so")


def read(name):
    return (FOLDER / name).read_bytes()


def bind(code, text, **kwargs):
    rows = build_grid(split_rows(text, "x.csv")).rows
    return find_sheet(get_form(code, **kwargs), rows)


def messages(notes):
    return "\n".join(note.message for note in notes)


@pytest.mark.parametrize(("name", "code"), FILES)
def test_real_file_gives_every_figure_as_printed(name, code):
    found = import_sheet(get_form(code, printed_sheets()[code].edition), read(name), name)
    kept = [v for row in found.sheet.rows for v in row.cells.values()]
    kept += found.sheet.total.cells.values()
    printed = [
        figure.replace(",", ".")
        for record in csv.DictReader(read(name).decode().splitlines())
        for key, text in record.items()
        for figure in re.findall(r"[0-9.,]+", text)
        if key != "tt" and re.fullmatch(r"[0-9.,]+(/[0-9]+)?", text)
    ]
    assert found.problems == ()
    assert Counter(str(f) for f in kept if not isinstance(f, str)) == Counter(printed)


@pytest.mark.parametrize("code", [code for _, code in FILES])
def test_our_own_csv_reads_back_equal(code):
    sheet = printed_sheets()[code]
    table = get_form(code, sheet.edition)
    text = render_csv(solve(table, sheet))
    found = import_sheet(table, text.encode(), f"{code}.csv")
    assert found.problems == ()
    for got, want in zip(found.sheet.rows, sheet.rows, strict=True):
        assert (got.key, got.label, got.section) == (want.key, want.label, want.section)
        # a rate is written as computed; what the page computed besides is given now
        wanted = {k: v for k, v in want.cells.items() if table.column(k).kind is not ValueKind.RATE}
        assert got.cells.items() >= wanted.items()


def test_guarded_formulas_read_back_as_typed():
    rows = (
        Row("a", "=HYPERLINK(1)", cells={"value": Decimal(1), "note": "-5 so với kỳ trước"}),
        Row("b", "- Tổng số", cells={"value": Decimal(2), "note": "'+1"}),
    )
    table = get_form("chi-tieu")
    text = render_csv(solve(table, Sheet(table.code, table.edition, rows=rows)))
    found = import_sheet(table, text.encode(), "x.csv").sheet.rows
    assert [(row.label, row.cells["note"]) for row in found] == [
        ("=HYPERLINK(1)", "-5 so với kỳ trước"),
        ("- Tổng số", "'+1"),
    ]


def test_columns_may_come_in_any_order_and_by_printed_words():
    found = bind(
        "ho-so",
        "Quá hạn;Lĩnh vực;Đúng hạn;Trước hạn;Từ kỳ trước;Trực tiếp, dịch vụ bưu chính;"
        "Trực tuyến\n1;Hộ tịch;2;3;4;5;6\n",
    )
    assert found.sheet.rows[0].cells == {
        "resolved_overdue": 1,
        "resolved_on_time": 2,
        "resolved_early": 3,
        "carried_over": 4,
        "received_direct": 5,
        "received_online": 6,
    }


def test_merged_header_of_three_levels_with_column_numbers():
    found = bind(
        "ho-so",
        "BIỂU II.06a;;;;;;;;;;;;\n"
        "Kỳ báo cáo: từ ngày 15/12/2022 đến ngày 12/6/2023;;;;;;;;;;;;\n"
        "TT;Lĩnh vực, công việc giải quyết theo cấp;Số lượng hồ sơ tiếp nhận;;;;"
        "Số lượng hồ sơ đã giải quyết;;;;Số lượng hồ sơ đang giải quyết;;\n"
        ";;Tổng số;Trong kỳ;;Từ kỳ trước;Tổng số;Trước hạn;Đúng hạn;Quá hạn;"
        "Tổng số;Trong hạn;Quá hạn\n"
        ";;;Trực tuyến;Trực tiếp, dịch vụ bưu chính;;;;;;;;\n"
        "(1);(2);(3);(4);(5);(6);(7);(8);(9);(10);(11);(12);(13)\n"
        "1;Đất đai;238;0;221;17;202;201;1;0;36;30;6\n"
        "2;Chứng thực;217;159;58;0;217;217;0;0;0;0;0\n"
        "Tổng cộng;;455;159;279;17;419;418;1;0;36;30;6\n",
    )
    assert found.problems == ()
    assert [row.label for row in found.sheet.rows] == ["Đất đai", "Chứng thực"]
    assert found.sheet.rows[0].cells["pending_overdue"] == 6
    totals = {"received": 238, "resolved": 202, "pending": 36}
    assert found.sheet.rows[0].cells.items() >= totals.items()
    assert found.sheet.total.cells["received_direct"] == 279
    assert (found.sheet.data_from, found.sheet.data_to) == (date(2022, 12, 15), date(2023, 6, 12))


def test_column_numbers_decide_where_words_are_worn():
    found = bind(
        "ho-so",
        "A;B;C;D;E;F;G\n(2);(4);(5);(6);(8);(9);(10)\nHộ tịch;160;3;0;163;0;0\n",
    )
    assert found.sheet.rows[0].cells["received_online"] == 160
    assert found.sheet.rows[0].cells["resolved_early"] == 163


def test_thousands_are_read_and_told():
    found = bind("ho-so", "Lĩnh vực;Trực tuyến;Từ kỳ trước;Trước hạn\nHộ tịch;1.714;2;3\n")
    assert found.sheet.rows[0].cells["received_online"] == 1714
    assert "dấu chấm ngăn hàng nghìn" in messages(found.readings)


def test_unreadable_cell_is_kept_as_text_and_told():
    found = bind(
        "ho-so", "Lĩnh vực;Trực tuyến;Từ kỳ trước;Trước hạn\nHộ tịch;12,5;abc;\nĐất đai;1,714;-;3\n"
    )
    first, second = found.sheet.rows
    assert first.unread == {"received_online": "12,5", "carried_over": "abc"}
    assert "received_online" not in first.cells
    assert second.unread == {"received_online": "1,714"}
    assert "carried_over" not in second.cells
    assert {(p.row, p.column) for p in found.problems} == {
        ("ho-tich", "received_online"),
        ("ho-tich", "carried_over"),
        ("dat-dai", "received_online"),
    }


def test_formula_text_is_never_evaluated():
    found = bind("ho-so", "Lĩnh vực;Trực tuyến;Từ kỳ trước;Trước hạn\nHộ tịch;=1+1;@cmd;3\n")
    assert found.sheet.rows[0].unread == {"received_online": "=1+1", "carried_over": "@cmd"}


def test_wrong_total_row_is_kept_as_stated_and_told():
    found = bind(
        "ho-so",
        "Lĩnh vực;Trực tuyến;Từ kỳ trước;Trước hạn\nA;1;0;1\nB;2;0;2\nTổng cộng;4;0;3\n",
    )
    assert len(found.sheet.rows) == 2
    assert found.sheet.total.cells["received_online"] == 4
    assert "cộng các dòng được 3" in messages(found.problems)
    assert found.problems[0].column == "received_online"


def test_nameless_row_that_adds_up_is_the_total():
    found = bind("ho-so", "Lĩnh vực;Trực tuyến;Từ kỳ trước;Trước hạn\nA;1;0;1\nB;2;0;2\n;3;0;3\n")
    assert len(found.sheet.rows) == 2
    assert found.sheet.total.cells["received_online"] == 3


def test_nameless_row_that_does_not_add_up_is_refused():
    found = bind("ho-so", "Lĩnh vực;Trực tuyến;Từ kỳ trước;Trước hạn\nA;1;0;1\nB;2;0;2\n;9;0;3\n")
    assert len(found.sheet.rows) == 2
    assert found.sheet.total.cells == {}
    assert "không có tên lĩnh vực" in messages(found.problems)


def test_unknown_column_with_data_is_told_and_empty_one_is_not():
    found = bind(
        "ho-so",
        "Lĩnh vực;Trực tuyến;Từ kỳ trước;Trước hạn;Số điện thoại;Ghi chú\nA;1;0;1;0912;\n",
    )
    assert messages(found.problems) == "Cột «Số điện thoại» không có trong biểu; đã bỏ qua."


def test_repeated_field_is_told():
    found = bind("ho-so", "Lĩnh vực;Trực tuyến;Từ kỳ trước;Trước hạn\nA;1;0;1\na;2;0;2\n")
    assert [row.key for row in found.sheet.rows] == ["a", "a-2"]
    assert "hai dòng" in messages(found.problems)


def test_fixed_rows_are_completed_and_strangers_refused():
    found = bind(
        "van-ban",
        "Văn bản;Tổng số văn bản;Hoàn toàn điện tử;Song song bản giấy - điện tử\n"
        "Nội bộ;1;1;0\nVăn bản đi;107;107;0\n",
    )
    assert [row.key for row in found.sheet.rows] == ["den", "di"]
    assert found.sheet.row("den").cells == {}
    assert found.sheet.row("di").cells["total"] == 107
    assert "«Nội bộ» không có trong biểu" in messages(found.problems)


def test_second_row_of_a_single_table_is_told():
    found = bind("hai-long", "Tổng số phiếu;Rất hài lòng;Hài lòng\n10;4;5\n11;4;5\n")
    assert found.sheet.rows[0].cells["slips"] == 10
    assert "chỉ có một dòng" in messages(found.problems)


def test_list_of_figures_tells_unknown_and_repeated_labels():
    found = bind(
        "so-luong-thu-tuc",
        "chi_tieu,gia_tri\nTTHC được công khai,138\nSố lĩnh vực,27\nSố cán bộ,12\n"
        "TTHC được công khai,139\n",
    )
    assert found.sheet.rows[0].cells == {"posted": 138, "field_count": 27}
    assert "«Số cán bộ»" in messages(found.problems)
    assert "lặp lại" in messages(found.problems)


def test_tasks_under_roman_headings():
    found = bind(
        "nhiem-vu",
        "TT\tNội dung\tĐơn vị thực hiện\tĐơn vị phối hợp\tThời gian hoàn thành\tĐã thực hiện\t"
        "Sản phẩm đầu ra\tTỷ lệ hoàn thành nhiệm vụ\n"
        "I\tCÔNG TÁC CHỈ ĐẠO ĐIỀU HÀNH\t\t\t\t\t\t\n"
        "1\tBan hành kế hoạch\tVăn phòng\tCác ban\tTháng 01/2023\tĐã ban hành\tKế hoạch\t100%\n"
        "II\tCẢI CÁCH THỂ CHẾ\t\t\t\t\t\t\n"
        "1\tRà soát\tVăn phòng\tCác ban\tThường xuyên\tĐang thực hiện\t\t50%\n",
    )
    assert [row.key for row in found.sheet.rows] == ["I.1", "II.1"]
    assert found.sheet.rows[1].section_label == "CẢI CÁCH THỂ CHẾ"
    assert found.sheet.rows[0].cells["completion"] == 100
    assert found.problems == ()


def test_two_tasks_of_one_number_and_a_task_without_one_are_kept_and_told():
    found = bind(
        "nhiem-vu",
        "TT\tNội dung\tĐã thực hiện\tTỷ lệ hoàn thành nhiệm vụ\n"
        "I\tCHỈ ĐẠO\t\t\n"
        "1\tBan hành kế hoạch\tĐã ban hành\t100%\n"
        "1\tTổ chức tuyên truyền\tĐang thực hiện\t50%\n"
        "\tKiểm tra công vụ\tĐang thực hiện\t30%\n",
    )
    assert [(row.key, row.cells["completion"]) for row in found.sheet.rows] == [
        ("I.1", 100),
        ("I.2", 50),
        ("I.3", 30),
    ]
    assert [p.row for p in found.problems] == ["I.2"]
    assert "I.1 có hai nhiệm vụ" in messages(found.problems)


def test_fraction_in_an_indicator_is_two_counts():
    found = bind("chi-tieu", "Mục;Chỉ tiêu;Giá trị;Đơn vị\nI;Nhiệm vụ đã xong;27/32;nhiệm vụ\n")
    cells = found.sheet.rows[0].cells
    assert (cells["numerator"], cells["denominator"]) == (27, 32)
    assert "value" not in cells


def test_percent_cells_of_a_spreadsheet_are_scaled():
    table = get_form("so-hoa")
    rows = [
        [c.name for c in table.columns],
        [673, 527, 522, 0.7756, 146, 651, 647, 0.9939, 4],
    ]
    found = find_sheet(table, rows)
    assert found.sheet.rows[0].cells["full_rate"] == Decimal("77.56")
    assert found.sheet.rows[0].cells["result_rate"] == Decimal("99.39")


def test_completion_kept_as_parts_of_one_is_scaled_only_when_clear():
    table = get_form("nhiem-vu")
    head = ["muc", "tt", "noi_dung", "da_thuc_hien", "ty_le_hoan_thanh"]
    rows = [head, ["I", 1, "A", "x", 1], ["I", 2, "B", "x", 0.5]]
    found = find_sheet(table, rows)
    assert [row.cells["completion"] for row in found.sheet.rows] == [100, 50]
    found = find_sheet(table, [head, ["I", 1, "A", "x", 100], ["I", 2, "B", "x", 0.5]])
    assert [row.cells["completion"] for row in found.sheet.rows] == [100, Decimal("0.5")]


def test_date_in_a_count_is_explained():
    head = ["Lĩnh vực", "Trực tuyến", "Từ kỳ trước", "Trước hạn"]
    found = find_sheet(DOSSIERS, [head, ["A", date(2023, 2, 1), 0, 1]])
    assert found.sheet.rows[0].unread == {"received_online": "01/02/2023"}
    assert "Excel đã tự đổi số thành ngày" in messages(found.problems)


def test_file_without_the_table_is_rejected_in_words():
    with pytest.raises(ImportRejected, match="Không tìm thấy biểu «Hồ sơ theo lĩnh vực»"):
        import_sheet(DOSSIERS, "Họ tên,Ngày sinh\nA,1/1/2000\n".encode(), "x.csv")


def test_incoming_and_outgoing_side_by_side_in_a_workbook():
    book = Workbook()
    sheet = book.active
    heads = ["Tổng số", "Hoàn toàn điện tử", "Song song", "VB Nội tỉnh - có ký số", "không ký số"]
    sheet.append(["TỶ LỆ VĂN BẢN TRAO ĐỔI"])
    sheet.append(["Văn bản đến", *[None] * 4, "Văn bản đi"])
    sheet.merge_cells("A2:E2")
    sheet.append([*heads, *heads])
    sheet.append([1714, 1714, 0, 1471, 242, 107, 107, 0, 79, 28])
    book.save(data := BytesIO())
    found = import_sheet(get_form("van-ban"), data.getvalue(), "van-ban.xlsx")
    cells = {row.key: row.cells["unsigned_within"] for row in found.sheet.rows}
    assert cells == {"den": 242, "di": 28}
