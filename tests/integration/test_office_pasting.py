from __future__ import annotations

from io import BytesIO

import pytest

from cchc_public.reports.drafting import get_report
from cchc_public.reports.sheets import get_sheet
from tests.integration.reports import OTHER_CLERK, SLUG, change, open_filled
from tests.office_forms import fill, read_form, words

pytestmark = pytest.mark.databases("sqlite")

PASTED = (
    "Lĩnh vực\tTrực tuyến\tTrực tiếp, dịch vụ bưu chính\tTừ kỳ trước\t"
    "Trước hạn\tĐúng hạn\tQuá hạn\n"
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


def test_nothing_is_undone_over_a_later_save(clerk, page, session) -> None:
    seen = fill(clerk, page, "/dan", text=PASTED)
    answer = clerk.post(page, data=read_form(seen.text, "/dan") | {"do": "apply"})
    sheet = clerk.get(answer.location)
    change(session, get_report(session, SLUG), OTHER_CLERK, online=33)
    session.commit()
    clerk.post(page.replace("/dan", "/hoan-tac"), data=read_form(sheet.text, "/hoan-tac"))
    assert stored(session).row("dat-dai").cells["received_online"] == 33


def test_a_preview_that_grew_old_is_not_applied(clerk, page, session) -> None:
    seen = fill(clerk, page, "/dan", text=PASTED)
    change(session, get_report(session, SLUG), OTHER_CLERK, online=33)
    session.commit()
    answer = clerk.post(page, data=read_form(seen.text, "/dan") | {"do": "apply"})
    assert "dán lại" in words(clerk.get(answer.location).text)
    assert stored(session).row("dat-dai").cells["received_online"] == 33


def test_a_forged_preview_is_refused(clerk, page, session) -> None:
    seen = fill(clerk, page, "/dan", text=PASTED)
    forged = read_form(seen.text, "/dan") | {"do": "apply", "payload": "e30.forged"}
    clerk.post(page, data=forged)
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
