"""Our own files come back whole; text of a PDF, odd cells and rows end in questions or words."""

from contextlib import suppress
from dataclasses import replace
from datetime import date
from decimal import Decimal
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from cchc_public.errors import ImportRejected
from cchc_public.exports.data import render_csv
from cchc_public.files.grid import read_pasted_text
from cchc_public.files.opening import open_document
from cchc_public.reading.questions import ASK, READ, REFUSED, Context, report_json
from cchc_public.reading.sources import open_paste, read_auto, read_source, read_whole
from cchc_public.tables.language import ValueKind
from cchc_public.tables.registry import FORMS, get_form
from cchc_public.tables.sheet import Row, Sheet, solve
from cchc_public.vietnamese.text import slugify
from tests.misprints import printed_sheets
from tests.readings import read_file_as, read_text_as

# Copied out of the PDF of the real report: the header is broken, figures stand in lines.
DOSSIERS = """STT Lĩnh vực
Số lượng hồ sơ tiếp nhận Số lượng hồ sơ đã giải quyết
Tổng số
Trong kỳ
Từ kỳ
trước
1 Bảo trợ xã hội 56 0 56 0 53 53 0 0
2 Chứng thực 217 159 58 0 217 217 0 0
3 Hộ tịch 163 160 3 0 163 163 0 0
4 Người có công 18 0 16 2 16 16 0 0
5 Đất đai 238 0 221 17 202 201 1 0
Tổng cộng 692 319 354 19 651 650 1 0
(Số liệu lấy từ ngày 15/12/2022 đến ngày 12/6/2023)
"""
DIGITIZATION = """Số hoá hồ sơ TTHC khi Tiếp nhận Số hoá kết quả giải quyết TTHC
Số hồ
sơ tiếp
1 673 527 522 77.56 146 651 647 99.39 4
"""
DOCUMENTS = """Văn bản đến Văn bản đi
Tổng số
1714 1714 0 1471 242 107 107 0 79 28
"""
ONLINE = """Tổn
g số
19 56 75 6 6 5 2 10,7 95 95 100 224 284 78,9 448 84,2
"""
REAL = {"ho-so": DOSSIERS, "so-hoa": DIGITIZATION, "van-ban": DOCUMENTS, "dich-vu-cong": ONLINE}
HEAD = (
    "STT\tLĩnh vực\tTrực tuyến\tTrực tiếp, dịch vụ bưu chính\tTừ kỳ trước\t"
    "Trước hạn\tĐúng hạn\tTrả quá hạn\n"
)


def printed(code):
    sheet = printed_sheets()[code]
    return sheet, get_form(code, sheet.edition)


@pytest.mark.parametrize("code", REAL)
def test_a_table_of_the_real_report_copied_from_its_pdf_is_one_question(code):
    sheet, form = printed(code)
    asked = read_text_as(form, REAL[code])
    assert [question.id for question in asked.questions] == ["thu-tu"]
    options = [value for value, _words in asked.questions[0].options]
    reading = read_text_as(form, REAL[code], thu_tu=options[0])
    assert reading.outcome == READ
    assert reading.sheet.rows == sheet.rows
    assert reading.sheet.total.given == sheet.total.given


def test_the_whole_report_copied_from_its_pdf_gives_its_printed_tables():
    text = "\n".join(["BÁO CÁO", "I. Công tác chỉ đạo", *REAL.values(), "Nơi nhận: 5 bản"])
    forms = [printed(code)[1] for code in printed_sheets()]
    whole = read_whole(read_pasted_text(text), forms, lambda _code: Context())
    assert {reading.table for reading in whole.readings} == set(REAL)
    assert all(len(reading.questions) == 1 for reading in whole.readings)


def test_figures_that_stand_only_in_sentences_are_questions_with_their_sentence():
    text = (
        "BÁO CÁO\nUBND xã đã thực hiện tốt 27/32 nhiệm vụ của kế hoạch số 06/KH-UBND ngày "
        "18/01/2023. Trong đó TTHC được công khai: 138 thủ tục thuộc 27 lĩnh vực. Trong 6 tháng "
        "đầu năm 2023, 99,5 % người dân hài lòng. Công chức thực hiện tốt nhiệm vụ. 3.\nNơi nhận"
    )
    forms = [get_form(code) for code in ("ho-so", "so-luong-thu-tuc", "chi-tieu", "hai-long")]
    told = read_whole(read_pasted_text(text), forms, lambda _code: Context()).told
    assert [(one.form.code, one.name, one.figures) for one in told] == [
        ("chi-tieu", "Nhiệm vụ CCHC đã thực hiện tốt", ("27/32",)),
        ("so-luong-thu-tuc", "TTHC được công khai", ("138", "27")),
        ("chi-tieu", "Mức độ hài lòng của người dân", ("99,5 %",)),
    ]
    assert [one.cells(one.figures[0]) for one in told] == [
        {"numerator": 27, "denominator": 32}, {"posted": 138},
        {"value": Decimal("99.5"), "unit": "%"},
    ]  # fmt: skip


REPORT = (Path(__file__).parents[1] / "data" / "reading" / "real-report-pdf.txt").read_text("utf-8")


def test_the_real_report_as_pdf_text_gives_its_tables_annex_words_and_told_figures():
    sheets = printed_sheets()
    forms = [get_form(code, sheet.edition) for code, sheet in sheets.items()]
    whole = read_whole(read_pasted_text(REPORT), forms, lambda _code: Context())
    assert {reading.table for reading in whole.readings} == {*REAL, "nhiem-vu"}
    for reading in whole.readings:
        # of tasks each unit that no other task shares is asked besides
        assert len(reading.questions) == (6 if reading.table == "nhiem-vu" else 1)
        answers = {question.id: question.options[0][0] for question in reading.questions}
        context = Context(answers=answers)
        found = read_source(read_pasted_text(REPORT), printed(reading.table)[1], context)
        assert found.outcome == READ
        wanted = sheets[reading.table]
        assert [row.key for row in found.sheet.rows] == [row.key for row in wanted.rows]
        if reading.table != "nhiem-vu":
            assert [row.given for row in found.sheet.rows] == [row.given for row in wanted.rows]
            assert found.sheet.total.given == wanted.total.given
            continue
        said = " ".join(found.problems)
        for got, want in zip(found.sheet.rows, wanted.rows, strict=True):
            for key in ("lead_unit", "supporting_units", "due", "progress", "completion"):
                one, other = (slugify(str(row.given.get(key, ""))) for row in (got, want))
                # page breaks tear a rate out of its cell and swallow words: each is told
                told = f"nhiệm vụ {got.key}: " in said
                assert one == other or told, (got.key, key)
    assert list(whole.sections) == [
        "mo-dau", "I", "II.1", "II.2", "II.3", "II.4", "II.5", "II.6", "II.7", "II.8", "III.1",
        "III.2", "IV", "V", "ket-thuc",
    ]  # fmt: skip
    assert whole.sections["II.7"].startswith("UBND xã đã ban hành kế hoạch số 22/KH-UBND")
    assert {one.quantity: one.figures[0] for one in whole.told} == {
        "value": "27/32", "promulgated": "134", "posted": "138", "in_jurisdiction": "125",
        "other": "09", "satisfaction_rate": "100%",
    }  # fmt: skip


def test_the_printed_window_is_kept():
    reading = read_text_as(get_form("ho-so"), DOSSIERS, thu_tu="1")
    assert (reading.sheet.data_from, reading.sheet.data_to) == (
        date(2022, 12, 15), date(2023, 6, 12),
    )  # fmt: skip


@pytest.mark.parametrize("code", printed_sheets())
def test_our_own_csv_out_and_in_again_changes_nothing(code):
    sheet, form = printed(code)
    for for_excel in (False, True):
        data = render_csv(solve(form, sheet), for_excel=for_excel).encode()
        document = open_document(data, f"{code}.csv")
        reading = read_source(document, form, Context(stored=sheet))
        assert reading.outcome == READ
        assert reading.sheet == sheet
        # an empty period takes the same figures; what the page computed besides is given then
        anew = read_source(document, form, Context())
        for got, want in zip(anew.sheet.rows, sheet.rows, strict=True):
            assert (got.key, got.label, got.section) == (want.key, want.label, want.section)
            kept = {
                k: v for k, v in want.cells.items() if form.column(k).kind is not ValueKind.RATE
            }
            assert got.cells.items() >= kept.items()


def test_our_own_csv_never_makes_a_given_figure_of_one_that_stands_in():
    form, row = get_form("ho-so"), Row("dat-dai", "Đất đai", cells={"received": 9, "resolved": 4})
    sheet = Sheet(form.code, form.edition, rows=(row,))
    text = render_csv(solve(form, sheet))
    assert text.splitlines()[1].split(",")[9] == "5"  # pending shows what is not yet resolved
    for stored in (None, sheet):
        reading = read_source(open_document(text.encode(), "x.csv"), form, Context(stored=stored))
        assert reading.sheet.rows == sheet.rows
        assert "pending" not in reading.rows[0].cells
    pending = replace(row, cells={**row.cells, "pending": 5, "pending_overdue": 1})
    sheet = replace(sheet, rows=(pending,))
    text = render_csv(solve(form, sheet)).encode()
    assert read_file_as(form, text, "x.csv").sheet.rows[0].cells["pending"] == 5


@pytest.mark.parametrize(
    ("cell", "unit", "value", "named"),
    [("2.838 hồ sơ", "", 2838, "hồ sơ"), ("15,82/18 điểm", "", "15.82", "điểm"),
     ("-1,25 %", "", "-1.25", "%"), ("2.838", "hồ sơ", 2838, "hồ sơ"), ("97,5%", "", "97.5", "%")],
)  # fmt: skip
def test_an_indicator_is_read_by_its_unit_as_it_is_when_typed(cell, unit, value, named):
    text = f"Chỉ tiêu\tĐơn vị\tGiá trị\nChỉ tiêu A\t{unit}\t{cell}\n"
    (row,) = read_text_as(get_form("chi-tieu"), text).sheet.rows
    assert row.cells == {"value": Decimal(value), "unit": named}


def test_a_figure_that_means_two_things_is_left_for_a_person():
    reading = read_text_as(get_form("chi-tieu"), "Chỉ tiêu\tGiá trị\nChỉ tiêu A\t1.250\n")
    assert reading.sheet.rows[0].unread == {"value": "1.250"}
    assert "1.250" in " ".join(reading.problems)


def test_guarded_formulas_read_back_as_typed():
    rows = (
        Row("a", "=HYPERLINK(1)", cells={"value": Decimal(1), "note": "-5 so với kỳ trước"}),
        Row("b", "- Tổng số", cells={"value": Decimal(2), "note": "'+1"}),
    )
    form = get_form("chi-tieu")
    text = render_csv(solve(form, Sheet(form.code, form.edition, rows=rows)))
    found = read_file_as(form, text.encode()).sheet.rows
    assert [(row.label, row.cells["note"]) for row in found] == [
        ("=HYPERLINK(1)", "-5 so với kỳ trước"),
        ("- Tổng số", "'+1"),
    ]


@pytest.mark.parametrize(
    ("cell", "value"),
    [("1.714", 1714), ("1,714", 1714), ("12,0", 12), ("-", 0), ("81 hồ sơ", 81), ("13*", 13),
     ("13 (1)", 13), ("81 (94,2 %)", 81), ("1 714", 1714), ("007", 7)],
)  # fmt: skip
def test_cells_that_can_only_mean_one_count(cell, value):
    text = f"{HEAD}1\tHộ tịch\t{cell}\t5\t6\t7\t8\t9\n2\tĐất đai\t1\t2\t3\t4\t5\t6\n"
    reading = read_text_as(get_form("ho-so"), text)
    assert reading.rows[0].cells["received_online"] == value


@pytest.mark.parametrize("cell", ["12,5", "(13)", "100%", "mười", "1.2.3", "9" * 20])
def test_cells_that_are_no_count_are_told_at_their_place(cell):
    text = f"{HEAD}1\tHộ tịch\t{cell}\t5\t6\t7\t8\t9\n2\tĐất đai\t1\t2\t3\t4\t5\t6\n"
    reading = read_text_as(get_form("ho-so"), text)
    assert "received_online" not in reading.rows[0].cells
    assert reading.problems or reading.questions


def test_twelve_with_three_noughts_is_asked_unless_sums_tell():
    text = f"{HEAD}1\tHộ tịch\t12.000\t5\t6\t7\t8\t9\n"
    (question,) = read_text_as(get_form("ho-so"), text).questions
    assert [value for value, _words in question.options] == ["12", "12000"]
    text = (
        "Lĩnh vực\tTiếp nhận – Tổng số\tTiếp nhận – Trực tuyến\tTiếp nhận – Từ kỳ trước\n"
        "Hộ tịch\t12.003\t12.000\t3\n"
    )
    reading = read_text_as(get_form("ho-so"), text.replace("Từ kỳ trước", "Trực tiếp, bưu chính"))
    assert reading.rows[0].cells.get("received_online") in (None, 12000)


def test_a_date_in_a_count_is_explained():
    reading = read_text_as(get_form("ho-so"), f"{HEAD}1\tHộ tịch\t4\t5\t6\t7\t8\t9\n")
    assert reading.outcome == READ


def test_a_nameless_row_that_adds_up_is_the_total_and_another_is_told():
    rows = "1\tHộ tịch\t40\t5\t6\t7\t8\t9\n2\tĐất đai\t10\t20\t30\t4\t5\t6\n"
    reading = read_text_as(get_form("ho-so"), f"{HEAD}{rows}\t\t50\t25\t36\t11\t13\t15\n")
    assert reading.rows[-1].kind == "total"
    reading = read_text_as(get_form("ho-so"), f"{HEAD}{rows}\t\t51\t25\t36\t11\t13\t15\n")
    assert reading.rows[-1].kind == "left_out"
    assert "không có tên" in " ".join(reading.problems)


def test_a_field_printed_twice_is_asked():
    rows = "1\tHộ tịch\t40\t5\t6\t7\t8\t9\n2\tHộ tịch\t10\t20\t30\t4\t5\t6\n"
    (question,) = read_text_as(get_form("ho-so"), HEAD + rows).questions
    assert question.code == "row-twice"
    reading = read_text_as(get_form("ho-so"), HEAD + rows, trung_3="cong")
    assert [row.cells["received_online"] for row in reading.rows if row.kind == "row"] == [50]


def test_incoming_and_outgoing_are_known_by_their_names_and_strangers_told():
    text = "Văn bản\tTổng số văn bản\tHoàn toàn điện tử\nVăn bản đi\t7\t6\nVăn bản mật\t1\t1\n"
    reading = read_text_as(get_form("van-ban"), text)
    assert [row.given for row in reading.sheet.rows] == [
        {}, {"total": 7, "fully_electronic": 6},
    ]  # fmt: skip
    assert "Văn bản mật" in " ".join(reading.problems)


def test_two_rows_that_mean_one_row_of_the_form_are_asked():
    text = "Văn bản\tTổng số văn bản\nVăn bản đến\t7\nĐến\t9\nVăn bản đi\t3\n"
    (question,) = read_text_as(get_form("van-ban"), text).questions
    assert (question.id, question.code) == ("trung-3", "row-twice")
    reading = read_text_as(get_form("van-ban"), text, trung_3="3")
    assert [row.given for row in reading.sheet.rows] == [{"total": 9}, {"total": 3}]


def test_the_row_of_a_form_of_one_row_bears_its_name_whatever_the_source_calls_it():
    text = "Đơn vị\tSố phiếu\tRất hài lòng\nXã A\t40\t30\nXã B\t5\t4\nTổng cộng\t45\t34\n"
    reading = read_text_as(get_form("hai-long"), text)
    assert [(row.label, row.kind) for row in reading.rows] == [
        ("Xã A", "left_out"), ("Xã B", "left_out"), ("Toàn đơn vị", "row"),
    ]  # fmt: skip
    assert report_json(reading)["rows"][2]["solved"]["very_satisfied"] == 34


def test_the_report_solves_each_of_two_rows_of_one_name():
    rows = (
        "I\tCấp xã\t40\t5\t6\t7\t8\t9\n1\tHộ tịch\t40\t5\t6\t7\t8\t9\n"
        "II\tCấp tỉnh\t10\t20\t30\t4\t5\t6\n1\tHộ tịch\t10\t20\t30\t4\t5\t6\n"
    )
    report = report_json(read_text_as(get_form("ho-so"), HEAD + rows))
    assert [row["solved"]["received_online"] for row in report["rows"]] == [40, 40, 10, 10]


def test_two_groups_of_one_number_are_two_groups():
    rows = "1\tHộ tịch\t40\t5\t6\t7\t8\t9\nI\tCấp xã\t10\t20\t30\t4\t5\t6\n"
    last = "1\tĐất đai\t10\t20\t30\t4\t5\t6\n"
    reading = read_text_as(get_form("ho-so"), f"{HEAD}I\tCấp xã\t40\t5\t6\t7\t8\t9\n{rows}{last}")
    assert [(row.label, row.section) for row in reading.sheet.rows] == [
        ("Hộ tịch", "I"), ("Đất đai", "I-2"),
    ]  # fmt: skip
    assert solve(reading.form, reading.sheet).facts == ()


def test_a_line_of_a_list_that_nobody_knows_is_asked():
    text = "Tổng số phiếu\t200\nRất hài lòng\t150\nPhiếu hỏng\t3\n"
    (question,) = read_text_as(get_form("hai-long"), text).questions
    assert "Phiếu hỏng" in question.text
    reading = read_text_as(get_form("hai-long"), text, dong_3="bo")
    assert reading.sheet.rows[0].given == {"slips": 200, "very_satisfied": 150}


def test_noughts_in_a_list_are_asked_unless_its_sums_tell():
    form = get_form("hai-long")
    text = "Rất hài lòng\t12.000\nHài lòng\t3\n"
    (question,) = read_text_as(form, text).questions
    assert question.text == f"Cột «{form.column('very_satisfied').label}»: là 12 hay 12000?"
    (below,) = read_text_as(form, f"Hài lòng\t3\n\n{text.splitlines()[0]}\n").questions
    assert below.place == "Dòng 3"  # of the source, though the form has one row
    answered = Context(answers={question.id: "12"})
    reading = read_source(read_pasted_text(text), form, answered)
    assert reading.sheet.rows[0].given == {"very_satisfied": 12, "satisfied": 3}
    total = read_text_as(form, text + "Số phiếu hài lòng\t12.003\n")
    assert total.sheet.rows[0].given["very_satisfied"] == 12000


def test_tasks_under_headings_of_every_usual_form():
    head = "TT\tNội dung\tĐơn vị thực hiện\tĐã thực hiện\n"
    for rows in (
        "I\tCHỈ ĐẠO\t\t\n1\tViệc A\tVP\tXong\n",
        "A.\tCHỈ ĐẠO\t\t\n1.\tViệc A\tVP\tXong\n",
        "1\tCHỈ ĐẠO\t\t\n1.1\tViệc A\tVP\tXong\n",
        "I. CHỈ ĐẠO\t\t\t\n1\tViệc A\tVP\tXong\n",
    ):
        (row,) = read_text_as(get_form("nhiem-vu"), head + rows).sheet.rows
        assert (row.label, row.section_label) == ("Việc A", "CHỈ ĐẠO")
        assert row.key.endswith(".1")


def test_a_plan_under_the_heads_of_other_offices_is_read_without_a_question():
    heads = "TT|Nội dung|Cơ quan chủ trì|Phối hợp|Thời hạn|Kết quả thực hiện|Tỷ lệ hoàn thành"
    row = "1\tViệc A\tVăn phòng\tCác ngành\tQuý I\tĐã ban hành\t80\n"
    text = heads.replace("|", "\t") + "\nI\tCHỈ ĐẠO\n" + row
    (read,) = read_text_as(get_form("nhiem-vu"), text).sheet.rows
    assert read.cells == {
        "lead_unit": "Văn phòng", "supporting_units": "Các ngành", "due": "Quý I",
        "progress": "Đã ban hành", "completion": 80,
    }  # fmt: skip


def test_scores_are_read_as_a_list_of_groups():
    text = "Nhóm chỉ số\tĐiểm\nCông khai, minh bạch\t16,5\nSố hóa hồ sơ\t15,8\nTổng điểm\t83,8\n"
    (row,) = read_text_as(get_form("chi-so-766"), text).sheet.rows
    assert {key: str(value) for key, value in row.cells.items()} == {
        "transparency": "16.5", "digitization": "15.8", "score": "83.8",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("number", "key", "told"), [("1", "I.1-2", "Số thứ tự I.1 có hai nhiệm vụ"), ("", "I.2", "")]
)
def test_two_tasks_of_one_number_and_one_without_are_all_kept(number, key, told):
    head = "TT\tNội dung\tĐơn vị thực hiện\tĐã thực hiện\n"
    rows = f"I\tCHỈ ĐẠO\t\t\n1\tViệc A\tVP\tXong\n{number}\tViệc B\tVP\tXong\n"
    reading = read_text_as(get_form("nhiem-vu"), head + rows)
    assert [(r.key, r.label) for r in reading.sheet.rows] == [("I.1", "Việc A"), (key, "Việc B")]
    assert bool(reading.problems) == bool(told)
    assert told in "".join(reading.problems)


def test_the_one_table_of_a_source_is_found_among_all_forms():
    form = get_form("so-hoa")
    text = "Số hồ sơ tiếp nhận\t673\nSố hồ sơ số hoá đầy đủ thành phần hồ sơ\t522\n"
    reading = read_auto(read_pasted_text(text), [get_form("ho-so"), form], Context())
    assert (reading.outcome, reading.table) == (READ, "so-hoa")


def test_old_letters_are_repaired_and_told():
    reading = read_text_as(get_form("hai-long"), "Tæng sè phiÕu\t467\nRÊt hµi lßng\t400\n")
    assert reading.sheet.rows[0].given == {"slips": 467, "very_satisfied": 400}
    assert "Tổng" in {change.after for change in reading.changes}


@pytest.mark.parametrize(
    ("part", "times", "why"),
    [("<tr><td>1", 50_001, "chỉ đọc tối đa"), (" ", 4_000_000, "quá dài")],
)
def test_a_clipboard_s_table_that_cannot_be_read_is_told(part, times, why):
    text = "Số hồ sơ tiếp nhận\t673\nSố hồ sơ số hoá đầy đủ thành phần hồ sơ\t522\n"
    document = open_paste(text, "<table>" + part * times)
    reading = read_source(document, get_form("so-hoa"), Context())
    assert reading.sheet.rows[0].given == {"received": 673, "fully_digitized": 522}
    assert "chỉ đọc phần chữ thường" in reading.told[0]
    assert why in reading.told[0]


def test_nothing_to_read_is_refused_in_words():
    with pytest.raises(ImportRejected, match="Chưa dán gì"):
        open_paste("  \n ")
    with pytest.raises(ImportRejected, match="Nội dung dán quá dài"):
        open_paste("", "<table>" + " " * 4_000_000)
    reading = read_text_as(get_form("ho-so"), "Kính gửi huyện")
    assert reading.outcome == REFUSED
    assert "tiêu đề" in reading.problems[0]


CELLS = st.sampled_from(
    ["STT", "Lĩnh vực", "Tổng số", "Tiếp nhận", "Quá hạn", "1", "2", "12.000", "-", "x", "", "I",
     "Tổng cộng", "Hộ tịch", "100%", "#REF!", "Tháng 9", "Lũy kế"]
)  # fmt: skip


@settings(max_examples=60)
@given(st.lists(st.lists(CELLS, min_size=1, max_size=7), min_size=1, max_size=8))
def test_no_text_breaks_the_reader(rows):
    text = "\n".join("\t".join(row) for row in rows)
    for form in FORMS:
        with suppress(ImportRejected):
            reading = read_text_as(form, text)
            assert reading.outcome in (READ, ASK, REFUSED)


def workbook(fill):
    book = Workbook()
    fill(book)
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


def dossiers(sheet, figure):
    for line in f"{HEAD}1\tHộ tịch\t{figure}\t5\t6\t7\t8\t9\n2\tĐất đai\t1\t2\t3\t4\t5\t6".split(
        "\n"
    ):
        sheet.append([int(cell) if cell.isdecimal() else cell for cell in line.split("\t")])


def test_a_hidden_sheet_with_the_same_table_is_named_and_asked():
    def fill(book):
        book.active.title = "Quý trước"
        dossiers(book.active, 1)
        book.active.sheet_state = "hidden"
        dossiers(book.create_sheet("Kỳ này"), 40)

    data = workbook(fill)
    asked = read_file_as(get_form("ho-so"), data)
    assert "«Quý trước»" in asked.questions[0].text
    reading = read_file_as(get_form("ho-so"), data, trang_an="hien")
    assert reading.rows[0].cells["received_online"] == 40


def test_hidden_rows_with_figures_are_asked():
    def fill(book):
        dossiers(book.active, 40)
        book.active.row_dimensions[3].hidden = True

    data = workbook(fill)
    (question,) = read_file_as(get_form("ho-so"), data).questions
    assert "dòng 3" in question.text
    both = read_file_as(get_form("ho-so"), data, dong_an="doc")
    assert [row.label for row in both.rows] == ["Hộ tịch", "Đất đai"]
    one = read_file_as(get_form("ho-so"), data, dong_an="bo")
    assert [row.label for row in one.rows] == ["Hộ tịch"]


def test_errors_and_formulas_without_a_result_are_problems_at_their_cell():
    def fill(book):
        dossiers(book.active, 40)
        book.active["D2"] = "=SUM(A1)"
        book.active["E3"] = "#REF!"
        book.active["E3"].data_type = "e"

    reading = read_file_as(get_form("ho-so"), workbook(fill))
    told = " ".join(reading.problems)
    assert "Ô D2: công thức chưa có kết quả" in told
    assert "Ô E3: nguồn báo lỗi #REF!" in told
    assert "received_direct" not in reading.rows[0].cells


def remembering(form, text, answers):
    """Read a source, answer it, and return a context that remembers the answers as a site does."""
    known = {}
    reading = read_source(read_pasted_text(text), form, Context(answers=answers))
    known[reading.table, reading.fingerprint] = {k: said[0] for k, said in reading.used.items()}
    return Context(remembered=lambda table, mark: known.get((table, mark), {}))


MONTHS = (
    "Lĩnh vực\tTháng {month}\t\tLũy kế\t\n\tTiếp nhận\tĐã giải quyết\tTiếp nhận\tĐã giải quyết\n"
    "Hộ tịch\t10\t9\t100\t90\nĐất đai\t20\t19\t200\t190\n"
)
TWO = (
    "Bảng tháng {month}\t\t\nSTT\tLĩnh vực\tTiếp nhận\tĐã giải quyết\n1\tHộ tịch\t10\t9\n"
    "2\tĐất đai\t20\t19\n\tTổng cộng\t30\t28\nBảng lũy kế\t\t\n"
    "STT\tLĩnh vực\tTiếp nhận\tĐã giải quyết\n"
    "1\tHộ tịch\t100\t90\n2\tĐất đai\t200\t190\n\tTổng cộng\t300\t280\n"
)
SUMS = (
    f"{HEAD}1\tHộ tịch\t1\t2\t3\t4\t5\t6\n2\tĐất đai\t1\t1\t1\t1\t1\t1\n3\tKhối\t2\t3\t4\t5\t6\t7\n"
)


@pytest.mark.parametrize(
    ("source", "answer"),
    [(MONTHS, {"ky": "lũy kế"}), (TWO, {"bang": "2"}), (SUMS, {"dong-4": "total"})],
)
def test_which_period_table_and_row_is_meant_is_asked_once_for_all_months(source, answer):
    form = get_form("ho-so")
    first = read_text_as(form, source.format(month=9))
    assert [question.id for question in first.questions] == list(answer)
    context = remembering(form, source.format(month=9), answer)
    later = read_source(read_pasted_text(source.format(month=10)), form, context)
    assert (later.outcome, later.questions) == (READ, ())
    assert "nhớ từ kỳ trước" in " ".join(later.told)
    other = source.format(month=10).replace("Lĩnh vực", "Tên lĩnh vực")
    assert read_source(read_pasted_text(other), form, context).outcome == ASK


def test_a_row_of_a_list_that_was_named_once_is_known_next_time():
    form = get_form("hai-long")
    text = "Tổng số phiếu\t200\nRất hài lòng\t150\nPhiếu hỏng\t3\n"
    context = remembering(form, text, {"dong-3": "bo"})
    assert read_source(read_pasted_text(text.replace("3", "4")), form, context).outcome == READ


@pytest.mark.parametrize(
    ("head", "rows", "id_"),
    [("STT\tCán bộ tiếp nhận", ("Nguyễn Văn A", "Trần Thị B"), "ten-dong"),
     ("STT\tTháng", ("Tháng 1", "Tháng 2"), "ten-dong")],
)  # fmt: skip
def test_names_under_a_strange_head_are_asked_before_they_become_fields(head, rows, id_):
    body = "".join(f"{n}\t{name}\t{n}0\t{n}\n" for n, name in enumerate(rows, 1))
    text = f"{head}\tTiếp nhận\tĐã giải quyết\n{body}"
    form = get_form("ho-so")
    assert [question.id for question in read_text_as(form, text).questions] == [id_]
    refusal = read_source(read_pasted_text(text), form, Context(answers={id_: "khong"}))
    assert refusal.outcome == REFUSED


@pytest.mark.parametrize("mark", ".,")
def test_noughts_are_thousands_where_their_column_parts_thousands(mark):
    text = f"STT\tLĩnh vực\tTiếp nhận\n1\tHộ tịch\t1{mark}714\n2\tĐất đai\t2{mark}000\n"
    reading = read_text_as(get_form("ho-so"), text)
    assert [row.cells for row in reading.rows] == [{"received": 1714}, {"received": 2000}]


def test_a_column_that_is_not_read_is_always_told():
    head = "STT\tLĩnh vực\tTiếp nhận\tĐã giải quyết\tTăng, giảm so với cùng kỳ\n"
    reading = read_text_as(
        get_form("ho-so"), f"{head}1\tHộ tịch\t1O\t9\t+8\n2\tĐất đai\tO\t1\t-2\n"
    )
    assert "Tăng, giảm" in " ".join(reading.told)
    assert "«1O»" in " ".join(reading.problems)
