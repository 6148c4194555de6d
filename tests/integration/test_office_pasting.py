from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from pathlib import Path

import docx
import openpyxl
import pytest

from cchc_public.releases.prose import arrange
from cchc_public.reports.drafting import get_report, get_sheet
from cchc_public.store import HandIn, utc_now
from tests.integration.reports import OTHER_CLERK, SLUG, change, open_filled
from tests.office_forms import fill, read_form, words
from tests.pages import HTML, parse

pytestmark = pytest.mark.databases("sqlite")

PASTED = (
    "Lĩnh vực\tTrực tuyến\tTrực tiếp, dịch vụ bưu chính\tTừ kỳ trước\t"
    "Trước hạn\tĐúng hạn\tTrả quá hạn\n"
    "Đất đai\t0\t221\t17\t201\t1\t0\n"
    "Chứng thực\t159\t58\t0\t217\t0\t0\n"
    "Tổng cộng\t159\t279\t17\t418\t1\t0\n"
)
CSV = (
    "linh_vuc,tiep_nhan_tong_so,trong_ky_truc_tuyen,trong_ky_truc_tiep_buu_chinh,tu_ky_truoc,"
    "da_giai_quyet_tong_so,truoc_han,dung_han,qua_han\n"
    "Đất đai,238,0,221,17,202,201,1,0\n"
).encode()


@pytest.fixture
def page(session, prefix) -> str:
    open_filled(session)
    session.commit()
    return f"{prefix}/quan-tri/ky/{SLUG}/ho-so/dan"


def stored(session):
    session.expire_all()
    return get_sheet(get_report(session, SLUG), "ho-so")


def test_a_pasted_table_is_seen_before_it_is_saved(clerk, page, session) -> None:
    seen = fill(clerk, page, "/dan", text=PASTED)
    assert seen.status_code == 200, words(seen.text)
    told = words(seen.text)
    assert "10 → 0" in told
    assert "Chứng thực" in told
    assert "giữ nguyên: Hộ tịch" in told
    assert [row.key for row in stored(session).rows] == ["dat-dai", "ho-tich"]


@pytest.mark.everywhere
def test_applied_and_undone_with_one_click(clerk, page, session) -> None:
    before = stored(session)
    seen = fill(clerk, page, "/dan", text=PASTED)
    answer = clerk.post(page, data=read_form(seen.text, "/dan") | {"do": "apply"})
    assert answer.status_code == 302
    rows = stored(session)
    assert [row.key for row in rows.rows] == ["dat-dai", "ho-tich", "chung-thuc"]
    assert rows.row("dat-dai").cells["received_direct"] == 221
    sheet = clerk.get(answer.location)
    undone = clerk.post(page.replace("/dan", "/hoan-tac"), data=read_form(sheet.text, "/hoan-tac"))
    assert undone.status_code == 302
    assert stored(session) == before


def test_what_was_typed_after_a_paste_stays_when_the_paste_is_taken_back(
    clerk, page, session
) -> None:
    seen = fill(clerk, page, "/dan", text=PASTED)
    clerk.post(page, data=read_form(seen.text, "/dan") | {"do": "apply"})
    change(session, get_report(session, SLUG), OTHER_CLERK, online=33)
    session.commit()
    sheet = clerk.get(page.removesuffix("/dan"))  # another day: the screen still offers it
    back = page.replace("/dan", "/hoan-tac")
    done = clerk.post(back, data=read_form(sheet.text, "/hoan-tac"))
    assert "1 chỗ sửa sau khi nhập vẫn giữ" in words(clerk.get(done.location).text)
    rows = stored(session)
    assert [row.key for row in rows.rows] == ["dat-dai", "ho-tich"]
    assert rows.row("dat-dai").cells["received_online"] == 33
    assert rows.row("dat-dai").cells["received_direct"] != 221
    assert "Hoàn tác lần nhập" not in words(clerk.get(page.removesuffix("/dan")).text)


def test_a_paste_cannot_be_taken_back_once_it_was_handed_in(clerk, page, session) -> None:
    seen = fill(clerk, page, "/dan", text=PASTED)
    clerk.post(page, data=read_form(seen.text, "/dan") | {"do": "apply"})
    sheet = page.removesuffix("/dan")
    assert "Hoàn tác lần nhập" in words(clerk.get(sheet).text)
    report = get_report(session, SLUG)
    session.add(
        HandIn(
            report_id=report.id,
            state="returned",
            handed_in_by_id="1",
            handed_in_by_name="A",
            seen="",
            handed_in_at=utc_now() + timedelta(seconds=1),
        )
    )
    session.commit()
    assert "Hoàn tác lần nhập" not in words(clerk.get(sheet).text)


def test_a_later_paste_without_a_total_clears_the_old_printed_one(clerk, page, session) -> None:
    whole = PASTED + "Hộ tịch\t1\t2\t0\t3\t0\t0\n"
    whole = whole.replace("Tổng cộng\t159\t279\t17\t418\t1\t0\n", "")
    whole += "Tổng cộng\t160\t281\t17\t421\t1\t0\n"
    seen = fill(clerk, page, "/dan", text=whole)
    clerk.post(page, data=read_form(seen.text, "/dan") | {"do": "apply"})
    assert stored(session).total.given["received_online"] == 160
    later = whole[: whole.index("Tổng cộng")].replace("Hộ tịch\t1", "Hộ tịch\t9")
    seen = fill(clerk, page, "/dan", text=later)
    clerk.post(page, data=read_form(seen.text, "/dan") | {"do": "apply"})
    assert stored(session).total.given == {}


def test_a_preview_that_grew_old_is_not_applied(clerk, page, session) -> None:
    seen = fill(clerk, page, "/dan", text=PASTED)
    change(session, get_report(session, SLUG), OTHER_CLERK, online=33)
    session.commit()
    answer = clerk.post(page, data=read_form(seen.text, "/dan") | {"do": "apply"})
    assert "dán lại" in words(clerk.get(answer.location).text)
    assert stored(session).row("dat-dai").cells["received_online"] == 33


@pytest.mark.everywhere
def test_a_forged_preview_is_refused(clerk, page, session) -> None:
    seen = fill(clerk, page, "/dan", text=PASTED)
    forged = read_form(seen.text, "/dan") | {"do": "apply", "source": "forged"}
    answer = clerk.post(page, data=forged)
    assert "không còn dùng được" in words(clerk.get(answer.location).text)
    assert len(stored(session).rows) == 2


def test_text_without_a_table_is_refused_in_words_and_kept(clerk, page) -> None:
    answer = fill(clerk, page, "/dan", text="Kính gửi huyện")
    assert answer.status_code == 422
    assert "Không" in words(answer.text)
    assert read_form(answer.text, "/dan")["text"] == "Kính gửi huyện"


def test_a_csv_file_is_read_like_pasted_text(clerk, page, session) -> None:
    fields = read_form(clerk.get(page).text, "/dan")
    answer = clerk.post(
        page,
        data=fields | {"file": (BytesIO(CSV), "ho-so.csv")},
        content_type="multipart/form-data",
    )
    assert answer.status_code == 200, words(answer.text)
    assert "10 → 0" in words(answer.text)


def test_a_file_that_is_no_table_is_refused_in_words(clerk, page) -> None:
    fields = read_form(clerk.get(page).text, "/dan")
    answer = clerk.post(
        page,
        data=fields | {"file": (BytesIO(b"\x00\x01not a table"), "so-lieu.xlsx")},
        content_type="multipart/form-data",
    )
    assert answer.status_code == 422
    assert "Chưa đọc được" in words(answer.text)


def test_text_of_another_edition_names_the_one_it_suits(clerk, page) -> None:
    services = page.replace("/ho-so/", "/dich-vu-cong/")
    answer = fill(
        clerk, services, "/dan", text="19 56 75 6 6 5 2 10,7 95 95 100 224 284 78,9 448 84,2"
    )
    assert answer.status_code == 422
    assert "hợp với mẫu «Kết quả cung cấp dịch vụ công trực tuyến mức độ 3, 4»" in words(
        answer.text
    )
    refused = fill(clerk, services, "/dan", text="Kính gửi huyện")
    assert "hợp với mẫu" not in words(refused.text)


READING = Path(__file__).parents[1] / "data" / "reading"


def test_a_question_stands_at_its_place_and_its_answer_is_remembered(clerk, page, session) -> None:
    text = PASTED.replace("Từ kỳ trước", "Tồn của huyện")
    seen = fill(clerk, page, "/dan", text=text)
    assert "Còn 1 chỗ phải chọn: 1. cột 4" in words(seen.text)
    heads = parse(seen.text).iter(f"{HTML}th")
    (head,) = (cell for cell in heads if cell.get("class") == "cchc-waits")
    assert "«Tồn của huyện» là số gì?" in "".join(head.itertext())  # at its column
    assert "«17»" in words(seen.text)
    form = read_form(seen.text, "/dan") | {"do": "apply"}
    again = clerk.post(page, data=form)  # without an answer nothing is saved
    assert "phải chọn" in words(again.text)
    assert [row.key for row in stored(session).rows] == ["dat-dai", "ho-tich"]
    answer = clerk.post(page, data=form | {"tra-loi-cot-4": "carried_over"})
    assert answer.status_code == 302
    assert stored(session).row("dat-dai").cells["carried_over"] == 17
    later = fill(clerk, page, "/dan", text=text.replace("\t17\t", "\t18\t"))
    assert "phải chọn" not in words(later.text)
    assert "nhớ từ kỳ trước" in words(later.text)
    kept = clerk.get(page.replace(f"/ky/{SLUG}/ho-so/dan", "/da-nho"))
    assert "«Tồn của huyện» là số gì?" in words(kept.text)
    forget = read_form(kept.text, "/da-nho")
    clerk.post(page.replace(f"/ky/{SLUG}/ho-so/dan", "/da-nho"), data=forget)
    assert "phải chọn" in words(fill(clerk, page, "/dan", text=text).text)


def test_the_clipboard_s_table_counts_more_than_its_plain_text(clerk, page, session) -> None:
    html = (READING / "24-libreoffice-writer-clipboard.html").read_text("utf-8")
    plain = (READING / "24-libreoffice-writer-plain.txt").read_text("utf-8")
    seen = fill(clerk, page, "/dan", text=plain, html=html)
    assert "Đọc được cả bảng" in words(seen.text)
    clerk.post(page, data=read_form(seen.text, "/dan") | {"do": "apply"})
    assert stored(session).total.cells["received_direct"] == 354


def test_a_word_file_is_read(clerk, page, session) -> None:
    fields = read_form(clerk.get(page).text, "/dan")
    data = (READING / "25-seed-dossiers.docx").read_bytes()
    answer = clerk.post(
        page,
        data=fields | {"file": (BytesIO(data), "bao-cao.docx")},
        content_type="multipart/form-data",
    )
    assert "Đọc được cả bảng" in words(answer.text)


def test_a_blank_of_the_source_over_a_figure_is_decided_by_the_clerk(clerk, page, session) -> None:
    text = PASTED.replace("Đất đai\t0\t221\t17\t", "Đất đai\t0\t221\t\t")
    seen = fill(clerk, page, "/dan", text=text)
    assert "Nguồn để trống 1 ô đang có số" in words(seen.text)
    before = stored(session).row("dat-dai").cells["carried_over"]
    form = read_form(seen.text, "/dan") | {"do": "apply"}
    clerk.post(page, data=form | {"blanks": "keep"})
    assert stored(session).row("dat-dai").cells["carried_over"] == before
    seen = fill(clerk, page, "/dan", text=text)
    clerk.post(page, data=read_form(seen.text, "/dan") | {"do": "apply", "blanks": "clear"})
    assert "carried_over" not in stored(session).row("dat-dai").given


@pytest.mark.everywhere
def test_a_whole_report_is_seen_table_by_table_and_accepted_at_once(clerk, page, session) -> None:
    whole = page.replace("/ho-so/dan", "/ca-bao-cao")
    document = docx.Document(READING / "25-seed-dossiers.docx")
    document.add_paragraph("Văn bản")
    table = document.add_table(0, 4)
    for row in (
        ("Văn bản", "Tổng số", "Có ký số", "Không ký số"),
        ("Văn bản đến", "1.714", "1.471", "243"),
        ("Văn bản đi", "820", "815", "5"),
    ):
        for cell, words_ in zip(table.add_row().cells, row, strict=True):
            cell.text = words_
    document.add_paragraph("1. Cải cách thể chế")
    document.add_paragraph("UBND xã đã ban hành kế hoạch rà soát văn bản.")
    document.add_paragraph("Tổng số TTHC được công bố gồm 134 thủ tục.")
    strange = document.add_table(1, 2)
    strange.cell(0, 0).text = "Nơi nhận"
    stream = BytesIO()
    document.save(stream)
    fields = read_form(clerk.get(whole).text, "/ca-bao-cao")
    seen = clerk.post(
        whole,
        data=fields | {"file": (BytesIO(stream.getvalue()), "bao-cao.docx")},
        content_type="multipart/form-data",
    )
    told = words(seen.text)
    assert "Nhập 2 biểu đã đọc đủ" in told
    assert "«Nơi nhận»" in told  # what belongs to no table is listed
    form = read_form(seen.text, "/ca-bao-cao") | {"do": "apply"}
    assert clerk.post(whole, data=form).status_code == 302
    assert stored(session).total.cells["received"] == 692
    documents = get_sheet(get_report(session, SLUG), "van-ban")
    assert documents.row("di").cells["signed_within"] == 815
    report = get_report(session, SLUG)
    chosen = {"do": "words", "part": "II.1", "told-0": "134", "version": str(report.version)}
    assert clerk.post(whole, data=form | chosen).status_code == 302
    session.expire_all()
    report = get_report(session, SLUG)
    (part,) = (one for one in arrange(report.narrative) if one.key == "II.1")
    assert part.text.startswith("UBND xã đã ban hành kế hoạch rà soát")
    assert get_sheet(report, "so-luong-thu-tuc").rows[0].cells["promulgated"] == 134


def test_the_blank_workbook_of_the_period_is_filled_and_taken_at_once(clerk, page, session) -> None:
    whole = page.replace("/ho-so/dan", "/ca-bao-cao")
    blank = clerk.get(page.replace("/ho-so/dan", "/mau.xlsx"))
    assert blank.headers["Cache-Control"] == "no-store"
    book = openpyxl.load_workbook(BytesIO(blank.data))
    places = {cell.value: cell.row for cell in book["ho-so"]["B"] if isinstance(cell.value, str)}
    book["ho-so"].cell(places["Đất đai"], 4).value = 77  # trực tuyến
    stream = BytesIO()
    book.save(stream)
    fields = read_form(clerk.get(whole).text, "/ca-bao-cao")
    seen = clerk.post(
        whole,
        data=fields | {"file": (BytesIO(stream.getvalue()), "mau.xlsx")},
        content_type="multipart/form-data",
    )
    assert "Nhập 1 biểu đã đọc đủ" in words(seen.text)
    clerk.post(whole, data=read_form(seen.text, "/ca-bao-cao") | {"do": "apply"})
    assert stored(session).row("dat-dai").cells["received_online"] == 77
