from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cchc_public.demo.report import printed_sheets
from cchc_public.errors import ImportRejected
from cchc_public.importers.pasted import read_pasted
from cchc_public.tables.registry import all_forms, get_form

# Copied out of the PDF of the real report: the header is broken, figures stand in lines.
DOSSIERS = """
STT Lĩnh vực
Số lượng hồ sơ tiếp nhận Số lượng hồ sơ đã giải quyết
Tổng số
Trong kỳ
Từ kỳ
trước
Tổng
số
Trước
hạn
Đúng
hạn
Quá
hạn Trực
tuyến
Trực
tiếp,
dịch
vụ
bưu
chính
1 Bảo trợ xã hội 56 0 56 0 53 53 0 0
2 Chứng thực 217 159 58 0 217 217 0 0
3 Hộ tịch 163 160 3 0 163 163 0 0
4 Người có công 18 0 16 2 16 16 0 0
5 Đất đai 238 0 221 17 202 201 1 0
Tổng cộng 692 319 354 19 651 650 1 0
(Số liệu lấy từ ngày 15/12/2022 đến ngày 12/6/2023)
"""
DIGITIZATION = """
(Số liệu lấy từ ngày 15/12/2022 đến ngày 12/6/2023)
 STT
Số hoá hồ sơ TTHC khi Tiếp nhận Số hoá kết quả giải quyết TTHC
Số hồ
sơ tiếp
nhận
1 673 527 522 77.56 146 651 647 99.39 4
"""
DOCUMENTS = """
(số liệu tính từ ngày 15/12/2023 đến ngày 12/6/2023):
Văn bản đến Văn bản đi
Tổng số
văn bản
đến
1714 1714 0 1471 242 107 107 0 79 28
"""
ONLINE = """
Tổn
g số
1,2,3
,4
19 56 75 6 6 5 2 10,7 95 95 100 224 284 78,9 448 84,2
"""
REAL = [
    ("ho-so", DOSSIERS),
    ("so-hoa", DIGITIZATION),
    ("van-ban", DOCUMENTS),
    ("dich-vu-cong", ONLINE),
]


def messages(notes):
    return "\n".join(note.message for note in notes)


@pytest.mark.parametrize(("code", "text"), REAL)
def test_real_report_pasted_from_pdf_gives_every_figure(code, text):
    expected = printed_sheets()[code]
    found = read_pasted(get_form(code, expected.edition), text)
    assert found.problems == ()
    assert found.sheet.rows == expected.rows
    assert found.sheet.total == expected.total
    assert "thứ tự cột" in messages(found.readings)


def test_printed_window_is_kept_even_reversed():
    sheet = read_pasted(get_form("van-ban"), DOCUMENTS).sheet
    assert (sheet.data_from, sheet.data_to) == (date(2023, 12, 15), date(2023, 6, 12))


def test_table_copied_from_excel_with_its_header():
    text = (
        "STT\tLĩnh vực\tTrực tuyến\tTrực tiếp, dịch vụ bưu chính\tTừ kỳ trước\t"
        "Trước hạn\tĐúng hạn\tQuá hạn\r\n"
        "1\tBảo trợ xã hội\t0\t56\t0\t53\t0\t0\r\n"
        '2\t"Đất\nđai"\t0\t221\t17\t201\t1\t0\r\n'
        "\tTổng cộng\t0\t277\t17\t254\t1\t0\r\n"
    )
    found = read_pasted(get_form("ho-so"), text)
    assert found.problems == ()
    assert [row.label for row in found.sheet.rows] == ["Bảo trợ xã hội", "Đất đai"]
    assert found.sheet.rows[1].cells["resolved_on_time"] == 1
    assert found.sheet.total.cells["received_direct"] == 277


def test_cells_copied_without_header_follow_the_printed_order():
    text = (
        "1\tHộ tịch\t163\t160\t3\t0\t163\t163\t0\t0\n2\tĐất đai\t238\t0\t221\t17\t202\t201\t\t0\n"
    )
    found = read_pasted(get_form("ho-so"), text)
    first, second = found.sheet.rows
    assert first.cells["received_online"] == 160
    assert (first.cells["received"], first.cells["resolved"]) == (163, 163)
    assert "resolved_on_time" not in second.cells
    assert second.cells["resolved_overdue"] == 0


def test_whole_form_with_its_last_block():
    text = "1 Đất đai 238 0 221 17 202 201 1 0 36 30 6\n"
    row = read_pasted(get_form("ho-so"), text).sheet.rows[0]
    assert row.cells["pending_in_time"] == 30
    assert row.cells["pending"] == 36


def test_base_figures_only():
    text = "Hộ tịch 160 3 0 163 0 0\nĐất đai 0 221 17 201 1 0\n"
    row = read_pasted(get_form("ho-so"), text).sheet.rows[1]
    assert row.cells == {
        "received_online": 0,
        "received_direct": 221,
        "carried_over": 17,
        "resolved_early": 201,
        "resolved_on_time": 1,
        "resolved_overdue": 0,
    }


def test_a_name_broken_over_two_lines_is_joined():
    text = (
        "1 Hộ tịch 163 160 3 0 163 163 0 0\n"
        "2 Thành lập và hoạt động của hộ\n"
        "kinh doanh 5 0 5 0 5 5 0 0\n"
        "Tổng cộng 168 160 8 0 168 168 0 0\n"
    )
    found = read_pasted(get_form("ho-so"), text)
    assert found.sheet.rows[1].label == "Thành lập và hoạt động của hộ kinh doanh"
    assert found.problems == ()


def test_a_name_that_ends_in_a_number_keeps_it():
    text = "1 Chứng thực cấp 2 217 159 58 0 217 217 0 0\n2 Hộ tịch 163 160 3 0 163 163 0 0\n"
    assert read_pasted(get_form("ho-so"), text).sheet.rows[0].label == "Chứng thực cấp 2"


def test_a_line_with_too_few_figures_is_told():
    text = (
        "1 Hộ tịch 163 160 3 0 163 163 0 0\n"
        "2 Đất đai 238 0 221 17\n"
        "3 Chứng thực 217 159 58 0 217 217 0 0\n"
    )
    found = read_pasted(get_form("ho-so"), text)
    assert [row.key for row in found.sheet.rows] == ["ho-tich", "chung-thuc"]
    assert "«Đất đai» có 4 số" in messages(found.problems)
    assert found.problems[0].line == 2


def test_wrong_printed_total_is_told():
    found = read_pasted(get_form("ho-so"), DOSSIERS.replace("692 319", "692 320"))
    assert found.sheet.total.cells["received_online"] == 320
    assert "cộng các dòng được 319" in messages(found.problems)


def test_list_of_figures_line_by_line():
    text = "TTHC được công bố 134\nTTHC được công khai 138\nSố lĩnh vực 27\n"
    row = read_pasted(get_form("so-luong-thu-tuc"), text).sheet.rows[0]
    assert row.cells == {"posted": 138, "field_count": 27, "promulgated": 134}


def test_old_letters_are_repaired_and_told():
    text = "LÜnh vùc\tTrùc tuyÕn\tTõ kú tr\u00adíc\tTr\u00adíc h¹n\n§Êt ®ai\t1\t2\t3\n"
    found = read_pasted(get_form("ho-so"), text)
    assert found.sheet.rows[0].label == "Đất đai"
    assert found.changes[0].after == "Lĩnh"


@pytest.mark.parametrize(
    ("code", "text", "word"),
    [
        ("ho-so", "  \n ", "Chưa dán gì"),
        ("ho-so", "Kính gửi Ủy ban nhân dân huyện", "Không tìm thấy số liệu"),
        ("ho-so", "1 2 3 4 5 6 7 8", "Không tìm thấy số liệu"),
        ("nhiem-vu", "1 Ban hành kế hoạch 100%", "chép nguyên bảng"),
        ("ho-so", "x" * 600_000, "quá dài"),
    ],
)
def test_nothing_to_read_is_rejected_in_words(code, text, word):
    with pytest.raises(ImportRejected, match=word):
        read_pasted(get_form(code), text)


@given(st.sampled_from(all_forms()), st.text(alphabet='aĐ 0123456789.,%-\t\n"()', max_size=300))
def test_no_text_breaks_the_reader(table, text):
    found = None
    with suppress(ImportRejected):
        found = read_pasted(table, text)
    assert found is None or found.sheet.table_code == table.code


BESIDE = (
    "Văn bản đến\t\t\t\t\tVăn bản đi\t\t\t\t\n"
    "Tổng số văn bản đến\tHoàn toàn điện tử\tSong song bản giấy - điện tử\t"
    "VB Nội tỉnh - có ký số\tVB Nội tỉnh - không ký số\t"
    "Tổng số văn bản đi\tHoàn toàn điện tử\tSong song bản giấy - điện tử\t"
    "VB Nội tỉnh - có ký số\tVB Nội tỉnh - không ký số\n"
    "1714\t1714\t0\t1471\t242\t107\t107\t0\t79\t28\n"
)


def test_incoming_and_outgoing_side_by_side_under_their_header():
    found = read_pasted(get_form("van-ban"), BESIDE)
    cells = {row.key: row.cells["signed_within"] for row in found.sheet.rows}
    assert cells == {"den": 1471, "di": 79}
    assert found.problems == ()
