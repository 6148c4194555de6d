"""Heads that say more than a quantity: periods, years, limits, procedures beside their fields."""

import pytest

from cchc_public.files.grid import Document, build_grid, read_pasted_text
from cchc_public.reading.questions import ASK, READ, Context
from cchc_public.reading.sources import read_source, read_whole
from cchc_public.tables.registry import get_form
from tests.readings import read_text_as

TWO = "Tiếp nhận||Đã giải quyết|"
ROWS = "1|Hộ tịch|100|134|95|125\n2|Chứng thực|400|520|390|518"


def read(text, code="ho-so", **answers):
    return read_text_as(get_form(code), text.replace("|", "\t"), **answers)


def cells(reading):
    return [dict(row.cells) for row in reading.rows if row.kind == "row"]


@pytest.mark.parametrize(
    ("below", "answer"),
    [
        ("6 tháng 2025|6 tháng 2026|6 tháng 2025|6 tháng 2026", "6 tháng 2026"),
        ("2025|2026|2025|2026", "2026"),
        ("Cùng kỳ năm trước|Kỳ này|Cùng kỳ năm trước|Kỳ này", "kỳ này"),
        ("Kế hoạch|Thực hiện|Kế hoạch|Thực hiện", "kỳ này"),
    ],
)
def test_which_of_two_periods_is_meant_is_asked(below, answer):
    text = f"STT|Lĩnh vực|{TWO}\n||{below}\n{ROWS}"
    asked = read(text)
    assert [question.id for question in asked.questions] == ["ky"]
    assert not any(cells(asked))
    found = cells(read(text, ky=answer))
    assert found == [{"received": 134, "resolved": 125}, {"received": 520, "resolved": 518}]


def test_the_period_may_stand_in_one_line_with_the_quantity():
    kinds = ("trong tháng", "lũy kế từ đầu năm")
    head = "|".join(f"{what} {kind}" for what in ("Tiếp nhận", "Giải quyết") for kind in kinds)
    text = f"STT|Lĩnh vực|{head}\n{ROWS}"
    assert [question.id for question in read(text).questions] == ["ky"]
    assert cells(read(text, ky="lũy kế"))[0] == {"received": 134, "resolved": 125}


def test_last_year_beside_columns_without_a_period_is_left_out_and_told():
    head = "STT|Lĩnh vực|Tiếp nhận|Đã giải quyết|Đang giải quyết\n||||Cùng kỳ năm trước\n"
    reading = read(f"{head}1|Hộ tịch|134|125|90\n2|Chứng thực|520|518|20")
    assert reading.outcome == READ
    assert cells(reading)[0] == {"received": 134, "resolved": 125}
    assert "Cùng kỳ năm trước" in " ".join(reading.told)


@pytest.mark.parametrize(
    "head",
    [
        "Đã giải quyết (không bao gồm quá hạn)",
        "Tiếp nhận (trừ hồ sơ trực tuyến)",
        "Đang giải quyết (trong đó quá hạn)",
    ],
)
def test_brackets_that_limit_a_head_are_asked(head):
    reading = read(f"STT|Lĩnh vực|{head}|Xin rút\n1|Hộ tịch|134|9\n2|Chứng thực|520|2")
    assert reading.outcome == ASK
    assert cells(reading) == [{"withdrawn": 9}, {"withdrawn": 2}]
    line = f"Số hồ sơ tiếp nhận ({head.partition('(')[2]}|50\nSố hồ sơ đã giải quyết|45"
    (row,) = read(f"Nội dung|Số liệu\n{line}", "so-hoa").sheet.rows
    assert row.cells == {"resolved": 45}


def test_shares_of_one_without_a_sign_are_left_for_a_person():
    head = "STT|Lĩnh vực|Tiếp nhận|Đã giải quyết|Trước và đúng hạn|Tỷ lệ đúng hạn\n"
    reading = read(f"{head}1|Hộ tịch|134|125|125|1\n2|Chứng thực|520|518|518|1")
    assert [row.unread for row in reading.sheet.rows] == [{"on_time_rate": "1"}] * 2
    head = "TT|Nội dung|Đã thực hiện|Tỷ lệ hoàn thành nhiệm vụ\nI|CHỈ ĐẠO\n"
    reading = read(f"{head}1|Việc A|Xong|1\n2|Việc B|Đang làm|0,5\n3|Việc C|Chưa|0", "nhiem-vu")
    assert [row.unread.get("completion") for row in reading.sheet.rows] == ["1", "0,5", None]
    assert "Là phần của 1 hay phần trăm?" in " ".join(reading.problems)


def test_a_table_turned_over_needs_no_known_word_among_its_fields():
    rows = "Số hồ sơ tiếp nhận|134|20\nĐã giải quyết|125|18\nĐang giải quyết|9|2"
    reading = read(f"Chỉ tiêu|Hộ tịch|Đất đai\n{rows}")
    assert [(row.label, dict(row.cells)) for row in reading.rows] == [
        ("Hộ tịch", {"received": 134, "resolved": 125, "pending": 9}),
        ("Đất đai", {"received": 20, "resolved": 18, "pending": 2}),
    ]


def test_a_footnote_is_no_part_of_the_name_of_a_field():
    head = "STT|Lĩnh vực|Tiếp nhận|Đã giải quyết|Đang giải quyết\n"
    rows = "1|Hộ tịch (1)|134|125|9\n2|Chứng thực*|520|518|2\n(1) Cả hồ sơ liên thông"
    reading = read(head + rows)
    assert [row.label for row in reading.sheet.rows] == ["Hộ tịch", "Chứng thực"]


def test_parts_of_the_row_above_are_no_fields():
    head = "STT|Lĩnh vực|Tiếp nhận|Đã giải quyết|Đang giải quyết\n"
    rows = "1|- Hộ tịch:|134|125|9\n|Trong đó: trực tuyến|120|115|5\n2|Đất đai|20|18|2"
    reading = read(head + rows)
    assert [row.label for row in reading.sheet.rows] == ["Hộ tịch", "Đất đai"]
    assert "Trong đó: trực tuyến" in " ".join(reading.told)
    (question,) = read(f"{head}{rows}\n|+ Trực tuyến|12|11|1").questions
    assert (question.code, question.row) == ("row-kind", 5)


@pytest.mark.parametrize(
    ("heads", "names"),
    [
        ("Lĩnh vực|Thủ tục", ("1|Hộ tịch|Khai sinh", "||Khai tử", "2|Đất đai|Đo")),
        ("Tên thủ tục|Lĩnh vực", ("1|Khai sinh|Hộ tịch", "2|Khai tử|Hộ tịch", "3|Đo|Đất đai")),
    ],
)
def test_procedures_beside_their_fields_are_asked_and_added_up(heads, names):
    figures = ("100|95|5", "34|30|4", "20|18|2")
    rows = "\n".join(map("|".join, zip(names, figures, strict=True)))
    text = f"STT|{heads}|Tiếp nhận|Đã giải quyết|Đang giải quyết\n{rows}"
    (question,) = read(text).questions
    assert question.code == "row-twice"
    reading = read(text, **{question.id.replace("-", "_", 1): "cong"})
    assert [(row.label, row.cells["received"]) for row in reading.sheet.rows] == [
        ("Hộ tịch", 134), ("Đất đai", 20),
    ]  # fmt: skip


def test_a_line_of_a_pdf_above_the_first_whole_one_is_told():
    rows = "2 Chứng thực 520 518 2\n3 Đất đai 20 18 2\nTổng cộng 540 536 4"
    document = read_pasted_text(f"1 Hộ tịch cấp 2 134 125 9\n{rows}")
    whole = read_whole(document, [get_form("ho-so")], lambda _code: Context())
    (reading,) = whole.readings
    assert "«1 Hộ tịch cấp 2 134 125 9»" in " ".join(reading.problems)


def test_the_period_before_beside_this_one_is_not_what_it_carried_over():
    head = "STT|Lĩnh vực|Kỳ trước||Kỳ này|\n||Tiếp nhận|Đã giải quyết|Tiếp nhận|Đã giải quyết\n"
    text = f"{head}1|Hộ tịch|100|95|134|125\n2|Chứng thực|400|390|520|518"
    assert [question.id for question in read(text).questions] == ["ky"]
    for answer, figures in (("kỳ này", (134, 125)), ("Kỳ trước", (100, 95))):
        found = cells(read(text, ky=answer))[0]
        assert found == dict(zip(("received", "resolved"), figures, strict=True))


def test_parts_above_their_whole_in_many_rows_put_the_columns_in_doubt():
    head = "STT|Lĩnh vực|Tiếp nhận|||Đã giải quyết\n||Tổng số|Trực tuyến|Trực tiếp|\n"
    rows = "1|Hộ tịch|120|134|14|125\n2|Chứng thực|100|520|420|518\n3|Đất đai|30|5|25|28"
    (question,) = read(head + rows).questions
    assert (question.id, question.code) == ("lech-received", "systematic")
    assert "Ở 2/3 dòng" in question.text
    assert read(head + rows, lech_received="ban-goc").outcome == READ


def test_years_over_the_figures_of_a_list_are_named_in_its_question():
    text = "Mức độ|2025|2026\nTổng số phiếu thu về|100|200\nRất hài lòng|60|150\nHài lòng|35|49"
    (question,) = read(text, "hai-long").questions
    assert "«2025», «2026»" in question.text
    (row,) = read(text, "hai-long", cot_so="3").sheet.rows
    assert row.cells == {"slips": 200, "very_satisfied": 150, "satisfied": 49}


def test_other_words_for_documents_and_digitization_are_known():
    text = (
        "Loại văn bản|Tổng số|Điện tử hoàn toàn\nTổng số văn bản đến|17|15\nTổng số văn bản đi|8|7"
    )
    rows = read(text, "van-ban").sheet.rows
    assert [row.given for row in rows] == [
        {"total": 17, "fully_electronic": 15}, {"total": 8, "fully_electronic": 7},
    ]  # fmt: skip
    head = "Tổng số hồ sơ tiếp nhận|Số hồ sơ số hóa đầy đủ|Số hồ sơ có kết quả số hóa"
    (row,) = read(f"{head}\n673|626|647", "so-hoa").sheet.rows
    assert row.cells == {"received": 673, "fully_digitized": 626, "result_digitized": 647}


def test_a_table_that_goes_on_without_its_head_is_told():
    head = ("STT", "Lĩnh vực", "Tiếp nhận", "Đã giải quyết", "Đang giải quyết")
    first = build_grid([head, ("1", "Hộ tịch", "134", "125", "9")])
    rest = build_grid([("2", "Đất đai", "20", "18", "2"), ("", "Tổng cộng", "154", "143", "11")])
    reading = read_source(Document("x", (first, rest)), get_form("ho-so"), Context())
    assert [row.label for row in reading.sheet.rows] == ["Hộ tịch"]
    assert "2 dòng có số" in " ".join(reading.problems)


def test_what_came_in_the_period_before_is_asked_beside_the_same_words():
    head = "STT|Lĩnh vực|Tiếp nhận kỳ trước|Tiếp nhận|Đã giải quyết\n"
    reading = read(f"{head}1|Hộ tịch|100|134|125\n2|Chứng thực|400|520|518")
    assert [question.id for question in reading.questions] == ["cot-3"]
    assert cells(reading)[0] == {"received": 134, "resolved": 125}


def test_two_figures_in_a_cell_whose_head_names_both_are_not_one_of_them():
    head = "STT|Lĩnh vực|Tiếp nhận|Đã giải quyết (quá hạn)\n"
    reading = read(f"{head}1|Hộ tịch|134|125 (1)\n2|Chứng thực|520|518 (12)")
    assert cells(reading) == [{"received": 134}, {"received": 520}]
    assert "«125 (1)». Ô có hai số" in " ".join(reading.problems)


def test_the_head_and_the_title_of_a_list_say_what_its_lines_count():
    title = "Đơn vị tính: triệu đồng|\n"
    lines = "Nội dung|Số tiền\nNộp trực tuyến|12\nTổng số đã thu|15"
    (row,) = read(title + lines, "thanh-toan").sheet.rows
    assert row.cells == {"amount_online": 12_000_000, "amount": 15_000_000}
    (row,) = read(title + lines.replace("tiền", "tiền (đồng)"), "thanh-toan").sheet.rows
    assert row.cells == {"amount_online": 12, "amount": 15}


def test_figures_kept_as_text_are_figures_and_a_fraction_is_no_percent():
    reading = read("STT|Lĩnh vực|Tiếp nhận|Đã giải quyết\n1|Hộ tịch|'134|'125\n2|Đất đai|'1.020|'9")
    assert cells(reading)[1] == {"received": 1020, "resolved": 9}
    head = "TT|Nhiệm vụ|Chủ trì|Tỷ lệ hoàn thành\nI|CHỈ ĐẠO||\n"
    reading = read(f"{head}1|Việc A|VP|30/60\n2|Việc B|VP|45", "nhiem-vu")
    assert [row.cells.get("completion") for row in reading.sheet.rows] == [None, 45]
    assert "«30/60» là phân số" in " ".join(reading.problems)


@pytest.mark.parametrize("title", ["KẾT QUẢ HỒ SƠ TRỰC TUYẾN", "Kết quả cùng kỳ năm trước"])
def test_a_title_of_a_part_or_of_another_period_is_asked(title):
    table = "STT|Lĩnh vực|Tiếp nhận|Đã giải quyết\n1|Hộ tịch|120|115\n2|Chứng thực|100|99"
    (question,) = read(f"{title}|||\n{table}").questions
    assert title in question.text
    assert question.place == "Tiêu đề"
    assert read(f"{title}|||\n{table}", ten_bang="dung").outcome == READ
    assert not cells(read(f"{title}|||\n{table}", ten_bang="khong"))
    for plain in ("Kết quả giải quyết TTHC", "Tiếp nhận trực tuyến, trực tiếp", "So với cùng kỳ"):
        assert read(f"{plain}|||\n{table}").outcome == READ


def test_the_most_that_can_be_reached_is_no_score():
    lines = "Công khai, minh bạch|18|16,52\nTổng điểm|100|91,22"
    (row,) = read(f"Chỉ số|Điểm tối đa|Điểm đạt được\n{lines}", "chi-so-766").sheet.rows
    assert {key: float(value) for key, value in row.cells.items()} == {
        "transparency": 16.52, "score": 91.22,
    }  # fmt: skip
    assert not read("Chỉ số|Điểm tối đa\nCông khai, minh bạch|18\nTổng điểm|100", "chi-so-766").rows


def test_a_dot_in_millions_is_never_guessed():
    reading = read(
        "Nội dung|Số tiền (triệu đồng)\nNộp trực tuyến|12.500\nTổng số đã thu|13,5", "thanh-toan"
    )
    assert cells(reading) == [{"amount": 13_500_000}]
    assert "đọc được hai cách" in " ".join(reading.problems)


def test_what_its_title_or_its_line_counts_in_percent_is_no_count():
    table = "STT|Lĩnh vực|Tiếp nhận|Đã giải quyết\n1|Hộ tịch|20|93\n2|Chứng thực|80|100"
    assert not any(cells(read(f"Đơn vị tính: %|||\n{table}")))
    assert any(cells(read(f"Đơn vị tính: %, hồ sơ|||\n{table}")))
    lines = "Nội dung|ĐVT|Số liệu\nRất hài lòng|%|75\nHài lòng|%|25\nTổng số phiếu|phiếu|200"
    reading = read(lines, "hai-long")
    assert reading.sheet.rows[0].cells == {"slips": 200}
    assert "«75»" in " ".join(reading.problems)


@pytest.mark.parametrize("head", ["Kế hoạch", "Cùng kỳ năm trước", "Tăng/giảm"])
def test_a_list_of_other_figures_alone_is_asked(head):
    text = f"Nội dung|{head}\nSố hồ sơ phải nộp phí, lệ phí|500\nSố hồ sơ nộp trực tuyến|490"
    (question,) = read(text, "thanh-toan").questions
    assert (question.id, head in question.text) == ("ten-bang", True)
    assert not read(text, "thanh-toan", ten_bang="khong").rows
    (row,) = read(text, "thanh-toan", ten_bang="dung").sheet.rows
    assert row.cells == {"dossiers_due": 500, "dossiers_paid": 490}


def test_a_title_or_the_only_row_of_an_earlier_period_is_asked():
    lines = "Nội dung|Số lượng\nSố hồ sơ tiếp nhận|500\nSố hồ sơ đã giải quyết|490"
    for text, code in (
        (f"SỐ LIỆU CÙNG KỲ NĂM TRƯỚC|\n{lines}", "so-hoa"),
        ("Kỳ|Số buổi tiếp|Số lượt\nCùng kỳ năm trước|20|25", "ket-qua-tiep-dan"),
    ):
        assert [question.id for question in read(text, code).questions] == ["ten-bang"]
    assert read(lines, "so-hoa").outcome == READ
    head = "STT|Lĩnh vực|Cùng kỳ năm trước|\n||Tiếp nhận|Đã giải quyết\n"
    reading = read(f"{head}1|Hộ tịch|134|125\n2|Chứng thực|520|518")
    assert [question.id for question in reading.questions] == ["ten-bang"]


def test_a_line_of_a_list_that_holds_words_is_never_left_out_unsaid():
    text = "Nội dung|Kết quả\nTổng số phiếu|200 phiếu\nRất hài lòng|150 phiếu (75%)"
    reading = read(f"{text}\nHài lòng|gần 50\nKhông hài lòng|không có", "hai-long")
    assert reading.sheet.rows[0].cells == {"slips": 200, "very_satisfied": 150}
    said = " ".join(reading.problems)
    assert "«gần 50»" in said
    assert "«không có»" in said
