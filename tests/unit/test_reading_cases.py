"""What real reports and clerks brought: each file with its right reading."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from cchc_public.files.grid import read_pasted_text
from cchc_public.files.opening import open_document
from cchc_public.reading.questions import ASK, READ, Context
from cchc_public.reading.sources import read_auto, read_source
from cchc_public.tables.registry import forms_for, get_form
from cchc_public.tables.sheet import solve
from tests.readings import read_file_as, read_text_as

DATA = Path(__file__).parents[1] / "data"
CIVIL = dict(zip(
    ("received", "received_online", "received_direct", "carried_over", "resolved", "resolved_early",
     "resolved_on_time", "resolved_overdue", "pending", "pending_in_time", "pending_overdue"),
    (257, 240, 11, 6, 257, 246, 8, 3, 0, 0, 0), strict=True,
))  # fmt: skip
LAND = dict(zip(CIVIL, (350, 9, 305, 36, 315, 290, 12, 13, 35, 30, 5), strict=True))


def read(name, code, edition=None, **answers):
    data = (DATA / name).read_bytes()
    if name.endswith((".tsv", ".txt")):
        document = read_pasted_text(data.decode())
    else:
        document = open_document(data, name)
    given = {key.replace("_", "-", 1): value for key, value in answers.items()}
    return read_source(document, get_form(code, edition), Context(answers=given))


def cells(reading, kind="row"):
    return {row.label: dict(row.cells) for row in reading.rows if row.kind == kind}


SAME = [
    "01-same-with-all-tabs", "02-total-label-1", "02-total-label-2", "02-total-label-3",
    "02-total-label-4", "02-total-label-5", "02-total-label-6",
    "03-total-on-top-under-commune-name",
    "04-subtotal-rows", "05-procedure-rows-below-field", "06-number-inside-name",
    "07-A-B-column-number-row", "18-synonyms", "20-unit-in-cell", "21-footnote-mark",
    "22-rate-in-cell", "23-header-repeated-by-page",
]  # fmt: skip


@pytest.mark.parametrize("name", SAME)
def test_the_two_fields_of_the_form_come_out_whatever_stands_around_them(name):
    reading = read(f"reading/{name}.tsv", "ho-so")
    assert reading.outcome == READ
    assert cells(reading) == {"Hộ tịch": CIVIL, "Đất đai": LAND}


@pytest.mark.parametrize("name", ["01-word-merged-header", "01-word-10-columns-seed-form"])
def test_a_head_that_lost_its_merged_cells_is_one_question(name):
    reading = read(f"reading/{name}.tsv", "ho-so")
    assert reading.outcome == ASK
    (question,) = reading.questions
    assert (question.id, question.proposed) == ("xep-cot", "dung")
    reading = read(f"reading/{name}.tsv", "ho-so", xep_cot="dung")
    assert reading.outcome == READ
    for label, whole in (("Hộ tịch", CIVIL), ("Đất đai", LAND)):
        found = cells(reading)[label]
        assert found == {key: whole[key] for key in found}
        assert len(found) >= 8


def test_a_leaf_word_stays_within_its_block():
    assert cells(read("reading/08-leaf-word-crosses-block.tsv", "ho-so")) == {
        "Hộ tịch": {
            "resolved_early": 246, "resolved_on_time": 8, "resolved_overdue": 3,
            "pending_in_time": 2, "pending_overdue": 1,
        }
    }  # fmt: skip


def test_two_tables_in_one_paste_are_asked_with_their_titles():
    name = "reading/09-two-tables-one-paste.tsv"
    (question,) = read(name, "ho-so").questions
    assert "QUÝ II" in question.text
    assert "9 THÁNG" in question.text
    assert cells(read(name, "ho-so", bang="2"))["Hộ tịch"]["received_online"] == 480


def test_month_and_cumulative_side_by_side_are_asked():
    name = "reading/10-month-and-cumulative-side-by-side.tsv"
    (question,) = read(name, "ho-so").questions
    assert "Tháng 9" in question.text
    (question,) = read(name, "ho-so", ky="tháng").questions
    assert "Quá hạn" in question.text  # of what is done, or of what is open: no block says
    assert cells(read(name, "ho-so", ky="tháng", cot_5="resolved_overdue")) == {
        "Hộ tịch": {"resolved_early": 49, "resolved_on_time": 1, "resolved_overdue": 0}
    }


def test_a_transposed_table_is_turned_over():
    reading = read("reading/11-transposed.tsv", "ho-so")
    assert reading.outcome == READ
    assert cells(reading)["Đất đai"] == {k: v for k, v in LAND.items() if "pending" not in k}
    assert cells(reading, "total")["Tổng cộng"]["received"] == 607


def test_the_paragraphs_of_a_task_stay_in_their_cell():
    name = "reading/12-task-cell-with-three-paragraphs-as-word.tsv"
    reading = read(name, "nhiem-vu")
    assert [row.key for row in reading.sheet.rows] == ["I.1", "I.2"]
    first = reading.sheet.rows[0].cells
    assert first["deliverable"] == "Kế hoạch\nBiên bản\nBáo cáo sau kiểm tra"
    assert first["completion"] == 100


def test_a_footnote_is_no_task():
    reading = read("reading/13-footnote-below-tasks.tsv", "nhiem-vu")
    assert [row.label for row in reading.sheet.rows] == ["Việc A"]
    assert "Số liệu lấy từ" in " ".join(reading.told)


def test_indicators_need_only_a_name_and_a_figure():
    found = cells(read("reading/14-indicators-two-columns.tsv", "chi-tieu"))
    assert found["Nhiệm vụ đã hoàn thành"] == {"numerator": 27, "denominator": 32}
    assert found["Tỷ lệ hài lòng"] == {"value": 100, "unit": "%"}
    found = cells(read("reading/15-indicators-unit-figure.tsv", "chi-tieu"))
    assert found == {"Số văn bản xin lỗi": {"unit": "văn bản", "value": 14}}
    found = cells(read("unseen/11-chi-tieu-two-columns.tsv", "chi-tieu"))
    assert found == {"Văn bản xin lỗi": {"value": 367}, "Số lượt tiếp công dân": {"value": 24}}


def test_an_apology_is_known_by_its_meaning():
    sheet = read("unseen/10-chi-tieu-apologies.tsv", "chi-tieu").sheet
    assert sheet.row("apologies").cells["value"] == 367


def test_the_export_of_one_stop_software_keeps_post_apart():
    found = cells(read("reading/16-one-stop-export.tsv", "ho-so"))["Đất đai"]
    assert (found["received_counter"], found["received_post"], found["received_online"]) == (
        305,
        0,
        9,
    )


def test_one_line_of_bare_words_is_one_question_that_sums_propose():
    name = "reading/17-one-line-header-direct-carried.tsv"
    assert [q.id for q in read(name, "ho-so").questions] == ["xep-cot"]
    assert cells(read(name, "ho-so", xep_cot="dung")) == {"Hộ tịch": CIVIL, "Đất đai": LAND}


@pytest.mark.parametrize(
    ("name", "in_term"),
    [("reading/19-old-form-07a.tsv", 302), ("unseen/03-ho-so-11-column-form.tsv", None)],
)
def test_the_form_of_2017_is_known_by_its_words_not_its_numbers(name, in_term):
    found = cells(read(name, "ho-so"))
    if in_term:
        assert found["Đất đai"]["resolved_in_term"] == in_term
        return
    assert found["Hộ tịch"] == {
        "received": 134, "carried_over": 4, "received_in_period": 130, "resolved": 125,
        "resolved_in_term": 124, "resolved_overdue": 1, "pending": 9, "pending_in_time": 8,
        "pending_overdue": 1,
    }  # fmt: skip


@pytest.mark.parametrize("name", ["24-libreoffice-writer-clipboard.html", "25-seed-dossiers.docx"])
def test_the_table_of_the_real_report_is_read_without_a_question(name):
    reading = read(f"reading/{name}", "ho-so")
    assert reading.outcome == READ
    assert cells(reading, "total")["Tổng cộng"] == {
        "received": 692, "received_online": 319, "received_direct": 354, "carried_over": 19,
        "resolved": 651, "resolved_early": 650, "resolved_on_time": 1, "resolved_overdue": 0,
    }  # fmt: skip


def test_plain_text_of_libreoffice_with_one_cell_a_line_is_one_question():
    name = "reading/24-libreoffice-writer-plain.txt"
    assert [q.id for q in read(name, "ho-so").questions] == ["thu-tu"]
    wanted = cells(read("reading/25-seed-dossiers.docx", "ho-so"))
    assert cells(read(name, "ho-so", thu_tu="1")) == wanted


def test_three_totals_are_three_totals():
    reading = read("unseen/01-ho-so-three-columns.tsv", "ho-so")
    assert cells(reading)["Hộ tịch"] == {"received": 134, "resolved": 125, "pending": 9}
    assert cells(reading, "total")["Tổng cộng"] == {"received": 654, "resolved": 643, "pending": 11}


def test_signed_documents_are_not_electronic_ones():
    found = cells(read("unseen/02-van-ban-signed.tsv", "van-ban"))
    assert found["Văn bản đến"] == {"total": 1714, "signed_within": 1471, "unsigned_within": 243}
    assert found["Văn bản đi"] == {"total": 820, "signed_within": 815, "unsigned_within": 5}


def test_groups_are_the_sums_of_their_rows():
    reading = read("unseen/04-ho-so-two-tier-subtotals.tsv", "ho-so")
    assert [group.key for group in reading.sheet.groups] == ["A", "B"]
    assert [(row.label, row.section) for row in reading.sheet.rows] == [
        ("Đất đai", "A"), ("Chứng thực", "B"), ("Hộ tịch", "B"),
    ]  # fmt: skip
    assert solve(reading.form, reading.sheet).facts == ()


def test_a_report_with_gaps_is_contradicted_by_its_own_sums():
    name = "unseen/05-ho-so-totals-with-gaps.tsv"
    (question,) = read(name, "ho-so").questions
    assert "Trước hạn" in question.text  # that column is blank: does the other hold it?
    reading = read(name, "ho-so", nghia_resolved_in_term="resolved_in_term")
    found = cells(reading)["Mọi lĩnh vực"]
    assert (found["received"], found["resolved_in_term"]) == (10455, 9143)
    assert len(solve(reading.form, reading.sheet).facts) == 2


def test_slips_of_satisfaction():
    found = cells(read("unseen/06-hai-long-slips-no-levels.tsv", "hai-long"))["Toàn đơn vị"]
    rate = Decimal("99.79")
    assert found == {"slips": 467, "satisfied_total": 466, "satisfaction_rate": rate}
    found = cells(read("unseen/07-hai-long-100-not-all.tsv", "hai-long"))["Toàn đơn vị"]
    assert (found["dissatisfied"], found["satisfaction_rate"]) == (1, 100)
    reading = read("unseen/08-hai-long-two-level-header.tsv", "hai-long")
    assert reading.sheet.rows[0].given == {
        "slips": 150, "very_satisfied": 125, "satisfied": 24, "dissatisfied": 1,
    }  # fmt: skip
    assert "Cán bộ A" not in str(reading.sheet)


def test_digitization_by_field_gives_the_total_of_the_commune():
    sheet = read("unseen/09-so-hoa-by-field.tsv", "so-hoa", "2023").sheet
    found = sheet.rows[0].cells
    keys = ("received", "fully_digitized", "resolved", "result_digitized")
    assert [found[key] for key in keys] == [150, 135, 143, 128]
    assert (found["full_rate"], found["result_rate"]) == (90, Decimal("89.51"))


def test_a_rate_beside_its_fraction_is_kept_with_both():
    found = cells(read("unseen/12-chi-tieu-rate-against-fraction.tsv", "chi-tieu"))
    assert found["Tỷ lệ nộp trực tuyến"] == {
        "value": Decimal("97.5"), "numerator": 1840, "denominator": 2000, "unit": "%",
    }  # fmt: skip


def test_covered_cells_of_a_spreadsheet_are_not_read():
    reading = read("unseen/16-covered-cells.ods", "ho-so")
    assert list(cells(reading)) == ["Hộ tịch"]
    assert cells(reading, "total")["Tổng cộng"]["received"] == 10


AUTO_TABLES = {
    "reading/11-transposed.tsv": "ho-so",
    "reading/12-task-cell-with-three-paragraphs-as-word.tsv": "nhiem-vu",
    "reading/15-indicators-unit-figure.tsv": "chi-tieu",
    "reading/16-one-stop-export.tsv": "ho-so",
    "unseen/02-van-ban-signed.tsv": "van-ban",
    "unseen/06-hai-long-slips-no-levels.tsv": "hai-long",
    "unseen/09-so-hoa-by-field.tsv": "so-hoa",
}


@pytest.mark.parametrize("name", AUTO_TABLES)
def test_the_table_of_a_source_is_known_among_all_tables(name):
    document = read_pasted_text((DATA / name).read_text("utf-8"))
    reading = read_auto(document, forms_for(date(2023, 6, 14)), Context())
    assert (reading.outcome, reading.table) == (READ, AUTO_TABLES[name])


@pytest.mark.parametrize("tops", [("Cấp xã", "Cấp tỉnh"), ("Bà Lan", "Ông Nam")])
def test_blocks_that_repeat_the_same_columns_are_asked_whichever_their_words(tops):
    leaves = ("Tiếp nhận", "Đã giải quyết", "Đang giải quyết")
    head = "".join(f"<td colspan=3>{top}</td>" for top in tops)
    rows = [leaves * 2, (50, 45, 5, 10, 8, 2)]
    under, figures = ("".join(f"<td>{cell}</td>" for cell in row) for row in rows)
    page = (
        f"<html><table><tr><td rowspan=2>TT</td><td rowspan=2>Lĩnh vực</td>{head}</tr>"
        f"<tr>{under}</tr><tr><td>1</td><td>Hộ tịch</td>{figures}</tr></table>"
    ).encode()
    asked = read_file_as(get_form("ho-so"), page)
    assert [(q.id, [value for value, _ in q.options]) for q in asked.questions] == [
        ("ky", list(tops))
    ]
    read = read_file_as(get_form("ho-so"), page, ky=tops[1])
    assert read.rows[0].cells == {"received": 10, "resolved": 8, "pending": 2}
    assert tops[0] in " ".join(read.told)


SLIPS = [("Rất hài lòng", "160", "80"), ("Hài lòng", "40", "20"), ("Không hài lòng", "0", "0")]


def slips_list(*heads):
    order = (0, 1, 2) if heads[-1].startswith("Tỷ lệ") else (0, 2, 1)
    lines = ["\t".join(("Mức độ", *heads)), *("\t".join(row[n] for n in order) for row in SLIPS)]
    return "\n".join(lines)


@pytest.mark.parametrize("heads", [("Số phiếu", "Tỷ lệ (%)"), ("Tỷ lệ %", "Số phiếu")])
def test_of_a_list_with_slips_and_shares_the_slips_are_read(heads):
    reading = read_text_as(get_form("hai-long", "2025"), slips_list(*heads))
    assert reading.outcome == READ
    assert cells(reading)["Toàn đơn vị"] == {
        "very_satisfied": 160, "satisfied": 40, "dissatisfied": 0
    }  # fmt: skip


def test_a_list_of_shares_alone_holds_no_slips():
    text = "Mức độ\tTỷ lệ (%)\n" + "\n".join(f"{name}\t{share}" for name, _, share in SLIPS)
    reading = read_text_as(get_form("hai-long", "2025"), text)
    assert not cells(reading).get("Toàn đơn vị")
    assert "ghi tỷ lệ" in reading.problems[0]


def test_a_list_of_several_columns_asks_which_is_meant():
    text = slips_list("Kế hoạch", "Thực hiện")
    reading = read_text_as(get_form("hai-long", "2025"), text)
    (question,) = reading.questions
    assert (question.id, [value for value, _ in question.options]) == ("cot-so", ["2", "3"])
    assert not cells(reading).get("Toàn đơn vị")
    reading = read_text_as(get_form("hai-long", "2025"), text, cot_so="3")
    assert cells(reading)["Toàn đơn vị"]["very_satisfied"] == 160


FIELDS = "1\tHộ tịch\t12\t9\t3\n2\tChứng thực\t20\t15\t5\n"
HEAD = "STT\tLĩnh vực\tTiếp nhận\tĐã giải quyết\tĐang giải quyết\n"


def read_fields(body, **answers):
    return read_text_as(get_form("ho-so"), HEAD + body, **answers)


def test_a_row_of_shares_below_the_total_is_no_field():
    reading = read_fields(FIELDS + "\tTổng cộng\t32\t24\t8\n\tTỷ lệ (%)\t100\t75\t25")
    assert reading.outcome == READ
    assert {*cells(reading)} == {"Hộ tịch", "Chứng thực"}
    assert "Tỷ lệ (%)" in reading.told[0]


@pytest.mark.parametrize("label", ["Kỳ trước", "Cùng kỳ năm 2025", "Số hồ sơ trả lại"])
def test_what_stands_below_the_grand_total_is_asked(label):
    body = FIELDS + f"\tTổng cộng\t32\t24\t8\n\t{label}\t30\t20\t10"
    reading = read_fields(body)
    assert [question.id for question in reading.questions] == ["dong-5"]
    assert {*cells(reading)} == {"Hộ tịch", "Chứng thực"}
    assert label in cells(read_fields(body, dong_5="row"))


@pytest.mark.parametrize("is_above", [True, False])
def test_named_sums_of_a_part_are_no_fields_where_the_total_proves_it(is_above):
    parts = [
        ["1\tHộ tịch\t12\t10\t2", "2\tChứng thực\t20\t20\t0"],
        ["3\tĐất đai\t20\t15\t5", "4\tMôi trường\t2\t1\t1"],
    ]
    sums = ["\tTư pháp\t32\t30\t2", "\tTài nguyên\t22\t16\t6"]
    lines = [
        line
        for part, sum_ in zip(parts, sums, strict=True)
        for line in ([sum_, *part] if is_above else [*part, sum_])
    ]
    reading = read_fields("\n".join([*lines, "\tTổng cộng\t54\t46\t8"]))
    assert reading.outcome == READ
    assert {*cells(reading)} == {"Hộ tịch", "Chứng thực", "Đất đai", "Môi trường"}
    assert len([words for words in reading.told if "tổng của một phần" in words]) == 2
    without_total = read_fields("\n".join(lines))
    assert {question.code for question in without_total.questions} == {"row-kind"}


def test_two_lists_of_one_kind_in_one_source_are_asked_with_their_titles():
    page = "".join(
        f"<p>{title}</p><table><tr><td>Rất hài lòng</td><td>{figure}</td></tr>"
        f"<tr><td>Hài lòng</td><td>5</td></tr></table>"
        for title, figure in (("Quý I", 10), ("Quý II", 20))
    )
    form = get_form("hai-long", "2025")
    reading = read_file_as(form, f"<html>{page}</html>".encode(), "x.html")
    (question,) = reading.questions
    assert "«Quý II» (Rất hài lòng: 20 …)" in question.text
    reading = read_file_as(form, f"<html>{page}</html>".encode(), "x.html", bang="2")
    assert cells(reading)["Toàn đơn vị"] == {"very_satisfied": 20, "satisfied": 5}


def test_text_without_tabs_proposes_no_order_that_the_words_above_deny():
    lines = (HEAD + FIELDS + "\tTổng cộng\t32\t24\t8").replace("\t", " ")
    reading = read_text_as(get_form("ho-so"), lines)
    (question,) = reading.questions
    assert (question.id, question.proposed) == ("thu-tu", "")
    assert "Đã giải quyết" in question.text
    assert not any(cells(reading).values())


def test_a_line_without_tabs_that_lacks_a_figure_is_told():
    lines = (FIELDS + "3\tY tế\t5\t5\n4\tĐất đai\t5\t4\t1").replace("\t", " ")
    reading = read_text_as(get_form("ho-so"), lines)
    assert {*cells(reading)} == {"Hộ tịch", "Chứng thực", "Y tế", "Đất đai"}
    assert "«3 Y tế 5 5»" in reading.problems[0]


@pytest.mark.parametrize(
    "lines",
    [
        ("Phải nộp phí, lệ phí\t12", "Số tiền nộp trực tuyến (triệu đồng)\t12,5"),
        ("Phải nộp phí, lệ phí\t12", "Số tiền nộp trực tuyến\t12,5 triệu đồng"),
        ("Phải nộp phí, lệ phí\thồ sơ\t12", "Số tiền nộp trực tuyến\ttriệu đồng\t12,5"),
        ("Hồ sơ\tSố tiền (triệu đồng)", "Phải nộp phí, lệ phí\tNộp trực tuyến", "12\t12,5"),
    ],
)
def test_money_in_millions_is_read_in_dong(lines):
    reading = read_text_as(get_form("thanh-toan"), "\n".join(lines))
    (row,) = reading.rows
    assert row.cells == {"dossiers_due": 12, "amount_online": 12_500_000}
    assert "12.500.000 đồng" in " ".join(reading.told)


def test_counts_in_thousands_are_not_taken_for_counts():
    head = HEAD.replace("Tiếp nhận", "Tiếp nhận (nghìn hồ sơ)")
    reading = read_text_as(get_form("ho-so"), head + FIELDS)
    assert [row.unread for row in reading.sheet.rows] == [{"received": "12"}, {"received": "20"}]


def test_rates_that_are_parts_of_one_are_not_taken_for_percent():
    body = "Hộ tịch\t100\t0,93\nĐất đai\t50\t1"
    head = "Lĩnh vực\tTiếp nhận\tTỷ lệ đúng hạn (%)\n"
    reading = read_text_as(get_form("ho-so"), head + body)
    assert [row.unread for row in reading.sheet.rows] == [
        {"on_time_rate": "0,93"}, {"on_time_rate": "1"}
    ]  # fmt: skip
    reading = read_text_as(get_form("ho-so"), head + body.replace("0,93", "93"))
    assert cells(reading)["Hộ tịch"]["on_time_rate"] == 93


def test_a_rate_that_reads_in_two_ways_is_not_taken_for_thousands():
    text = "Lĩnh vực\tTiếp nhận\tTỷ lệ đúng hạn (%)\nHộ tịch\t100\t99.375\n"
    reading = read_text_as(get_form("ho-so"), text)
    assert reading.sheet.rows[0].unread == {"on_time_rate": "99.375"}
    assert "99,375" in reading.problems[0]


@pytest.mark.parametrize("mark", ['rowspan="2"', 'colspan="2"'])
def test_a_figure_merged_over_several_rows_or_columns_is_asked_to_be_seen(mark):
    rows = [["STT", "Lĩnh vực", "Tiếp nhận", "Đã giải quyết"], ["1", "Hộ tịch", "12", "10"],
            ["2", "Đất đai", "20", "15"]]  # fmt: skip
    html = "".join(f"<tr>{''.join(f'<td>{c}</td>' for c in row)}</tr>" for row in rows)
    html = html.replace("<td>12", f"<td {mark}>12")
    html = html.replace("<td>20</td>" if "row" in mark else "<td>10</td>", "")
    form = get_form("ho-so")
    reading = read_file_as(form, f"<html><table>{html}</table></html>".encode(), "x.html")
    assert reading.sheet.rows[0].unread == {"received": "12"}
    assert "Ô gộp" in reading.problems[0]


def test_a_unit_merged_over_several_tasks_is_that_of_each():
    rows = ["<td>STT</td><td>Nhiệm vụ</td><td>Đơn vị thực hiện</td><td>Đã thực hiện</td>"]
    rows += [
        f"<td>{n}</td><td>Việc {n}</td>{'<td rowspan=2>Văn phòng</td>' * (n == 1)}<td>Xong</td>"
        for n in (1, 2)
    ]
    html = "<table>" + "".join(f"<tr>{row}</tr>" for row in rows) + "</table>"
    reading = read_file_as(get_form("nhiem-vu"), f"<html>{html}</html>".encode(), "x.html")
    assert [row.cells["lead_unit"] for row in reading.sheet.rows] == ["Văn phòng"] * 2


def test_of_several_names_in_one_line_the_rest_is_told():
    text = "Tổng số phiếu\t200\tRất hài lòng\t160\nHài lòng\t40\tKhông hài lòng\t0"
    reading = read_text_as(get_form("hai-long", "2025"), text, cot_so="2")
    assert cells(reading)["Toàn đơn vị"] == {"slips": 200, "satisfied": 40}
    assert [words[:6] for words in reading.problems] == ["Dòng 1", "Dòng 2"]


@pytest.mark.parametrize(("row", "how"), [("2\tChứng thực\t20\t5", "ít"),
                                          ("2\tChứng thực\t1\t012\t5\t7", "nhiều")])  # fmt: skip
def test_a_row_with_more_or_fewer_cells_than_its_head_is_told(row, how):
    reading = read_fields(f"1\tHộ tịch\t12\t9\t3\n{row}\n3\tĐất đai\t5\t4\t1")
    assert f"Dòng 3 có {how} ô hơn tiêu đề" in reading.problems[0]


def test_an_indicator_of_0_93_with_the_unit_percent_is_asked():
    text = (
        "Chỉ tiêu\tĐơn vị\tGiá trị\nĐúng hạn\t%\t0,93\nSố hóa\t%\t1\nThư trễ\t%\t0,5 %\n"
        "Văn bản\tvăn bản\t1"
    )
    reading = read_text_as(get_form("chi-tieu"), text)
    assert [question.id for question in reading.questions] == ["so-2-value", "so-3-value"]
    assert "0,93 % hay 93 %" in reading.questions[0].text
    assert [row.cells.get("value") for row in reading.rows] == [None, None, Decimal("0.5"), 1]
    answers = {"so_2-value": "phan-cua-1", "so_3-value": "phan-tram"}
    reading = read_text_as(get_form("chi-tieu"), text, **answers)
    assert [row.cells["value"] for row in reading.rows] == [93, 1, Decimal("0.5"), 1]
    assert reading.outcome == READ


def test_plan_and_result_of_indicators_are_asked_and_so_is_the_share_beside_them():
    text = (
        "TT\tChỉ tiêu\tKế hoạch\tThực hiện 6 tháng\tTỷ lệ %\n1\tTiếp công dân\t40\t20\t50\n"
        "2\tTập huấn\t10\t5\t50"
    )
    form = get_form("chi-tieu")
    reading = read_text_as(form, text)
    assert [question.id for question in reading.questions] == ["cot-3", "cot-4", "cot-5"]
    assert not any(cells(reading).values())
    assert not reading.told
    reading = read_text_as(form, text, cot_3="value", cot_4="value", cot_5="bo")
    assert [question.id for question in reading.questions] == ["cot-4"]  # one value a row
    reading = read_text_as(form, text, cot_3="bo", cot_4="value", cot_5="bo")
    assert reading.outcome == READ
    assert cells(reading) == {"Tiếp công dân": {"value": 20}, "Tập huấn": {"value": 5}}


@pytest.mark.parametrize(
    "names", [("Tháng 1", "Tháng 2"), ("Quý I", "Quý II"), ("Hộ tịch", "Cùng kỳ")]
)
def test_months_under_the_head_of_fields_are_asked(names):
    body = "".join(f"{n}\t{name}\t12\t9\t3\n" for n, name in enumerate(names, 1))
    (question,) = read_fields(body).questions
    assert question.id == "ten-dong"
    assert names[1] in question.text
    assert {*cells(read_fields(body, ten_dong="dung"))} == {*names}
    assert not {*cells(read_fields(body, ten_dong="khong"))} & {names[1]}


def test_a_line_without_tabs_amid_a_table_with_tabs_is_a_problem():
    reading = read_fields(FIELDS + "3 Y tế 3 3 0\n\tNguồn: phần mềm một cửa\n")
    assert {*cells(reading)} == {"Hộ tịch", "Chứng thực"}
    assert "«3 Y tế 3 3 0»: số dính với tên" in reading.problems[0]
    assert ["Nguồn" in words for words in reading.told] == [True]


def test_a_column_of_two_figures_in_a_cell_is_a_problem():
    said = "Đã giải quyết (đúng hạn/tổng)"
    text = f"Lĩnh vực\tTiếp nhận\t{said}\nHộ tịch\t15\t12/15\nĐất đai\t5\t4/5"
    reading = read_text_as(get_form("ho-so"), text)
    assert cells(reading) == {"Hộ tịch": {"received": 15}, "Đất đai": {"received": 5}}
    assert f"Cột «{said}»: không có số nào đọc được («12/15» …)." in reading.problems


@pytest.mark.parametrize(
    ("head", "line"),
    [("Giá trị (%)", "Đúng hạn"), ("Giá trị", "Tỷ lệ đúng hạn"), ("Giá trị", "Đúng hạn (%)"),
     ("Đơn vị\tGiá trị", "Đúng hạn\tphần trăm")],
)  # fmt: skip
def test_a_share_is_known_by_its_unit_its_name_or_its_head(head, line):
    reading = read_text_as(get_form("chi-tieu"), f"Chỉ tiêu\t{head}\n{line}\t0,93\n")
    assert [question.id for question in reading.questions] == ["so-2-value"]
    hours = "Chỉ tiêu\tĐơn vị\tGiá trị\nTỷ lệ chờ\tgiờ\t0,93\n"
    assert read_text_as(get_form("chi-tieu"), hours).outcome == READ


def test_a_rate_of_0_93_in_a_list_is_not_taken_for_percent():
    form, text = get_form("hai-long"), "Tổng số phiếu\t200\nTỷ lệ hài lòng (%)\t0,93"
    reading = read_text_as(form, text)
    assert reading.sheet.rows[0].unread == {"satisfaction_rate": "0,93"}
    found = cells(read_text_as(form, text + " %"))["Toàn đơn vị"]
    assert found["satisfaction_rate"] == Decimal("0.93")
