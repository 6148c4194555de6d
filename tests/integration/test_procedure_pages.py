import gzip
import json
import re
from datetime import date

import pytest

from cchc_public.procedures import Exemption, ProcedureStatus, build_channels
from cchc_public.procedures.saving import create_procedure
from cchc_public.store.base import Actor
from cchc_public.web.assets import cchc_static
from tests.procedure_records import FULL, make

LAN = Actor("1", "Nguyễn Thị Lan")
COUNCIL = "Miễn phí (Mức lệ phí cụ thể do Hội đồng nhân dân cấp tỉnh quyết định)"


@pytest.fixture
def stored(session):
    def store(*records):
        for record in records:
            create_procedure(session, record, LAN)
        session.commit()

    return store


@pytest.fixture
def full_list(app, procedures):
    """All real procedures, and a site that reads them."""


@pytest.mark.everywhere
def test_the_list_counts_and_shows_all_real_procedures(citizen, prefix, full_list):
    page = citizen.get(f"{prefix}/thu-tuc")
    assert page.status_code == 200
    assert "Công khai 277 thủ tục" in page.text
    assert "48 lĩnh vực" in page.text
    assert "Trang 1 trên 14" in page.text
    assert "Set-Cookie" not in page.headers


def test_one_request_searches_without_marks(citizen, prefix, full_list):
    page = citizen.get(f"{prefix}/thu-tuc?q=dang+ki+khai+sinh")
    first = re.search(r"/thu-tuc/(\d\.\d{6})", page.text)
    assert first[1] == "1.001193"


@pytest.mark.everywhere
def test_filters_narrow_and_are_kept_over_pages(citizen, prefix, full_list):
    page = citizen.get(f"{prefix}/thu-tuc?linh-vuc=ho-tich&kenh=truc-tuyen")
    assert "Tìm thấy 3" in page.text
    assert "linh-vuc=ho-tich&amp;kenh=truc-tuyen&amp;trang=2" in page.text
    assert citizen.get(f"{prefix}/thu-tuc?phi=khong-neu&trang=99999").status_code == 200


@pytest.mark.parametrize(
    "query",
    ["?q=" + "a" * 5000, "?trang=-1", "?trang=x", "?linh-vuc=<script>", "?kenh=x"],
)
def test_odd_addresses_are_answered(citizen, prefix, stored, query):
    stored(make())
    page = citizen.get(f"{prefix}/thu-tuc{query}")
    assert page.status_code == 200
    assert "<script>" not in page.text


def test_nothing_found_is_said_with_advice(citizen, prefix, stored):
    stored(make())
    page = citizen.get(f"{prefix}/thu-tuc?q=zzzz")
    assert "Không có thủ tục nào khớp với «zzzz»" in page.text


@pytest.mark.parametrize("address", ["/thu-tuc", "/man-hinh/tim"])
def test_what_others_do_is_said_with_whom_to_ask(citizen, prefix, full_list, address):
    page = citizen.get(f"{prefix}{address}?q=mất+cmnd").text
    assert "không làm ở bộ phận một cửa của xã" in page
    assert "Công an" in page
    assert "Cần hỏi thêm" in page
    assert "không làm ở bộ phận" not in citizen.get(f"{prefix}{address}?q=khai+sinh").text
    nothing = citizen.get(f"{prefix}{address}?q=tàu+cá").text
    assert "Không có thủ tục nào khớp với «tàu cá»" in nothing


def test_the_entrance_leads_by_needs_and_the_fields_come_last(citizen, prefix, full_list):
    page = citizen.get(f"{prefix}/thu-tuc").text
    places = [
        page.index(words)
        for words in ("Bạn cần làm thủ tục gì?", "Hay làm nhất", "Theo việc trong đời",
                      "Tất cả thủ tục", "Theo lĩnh vực")
    ]  # fmt: skip
    assert places == sorted(places)
    born = citizen.get(f"{prefix}/thu-tuc?viec=sinh-con").text
    codes = list(dict.fromkeys(re.findall(r"/thu-tuc/(\d\.\d{6})", born)))
    assert codes[0] == "1.001193"
    assert "<h2>Sinh con</h2>" in born
    assert citizen.get(f"{prefix}/thu-tuc?viec=khong-co").status_code == 200


def test_the_first_page_opens_with_the_search(citizen, prefix, full_list):
    page = citizen.get(f"{prefix}/").text
    assert page.index("Bạn cần làm thủ tục gì?") < page.index("Hay làm nhất")
    assert "Chứng thực bản sao (sao y)" in page
    assert "viec=sinh-con" in page


def test_titles_of_lists_tell_them_apart(citizen, prefix, full_list):
    addresses = ("", "?trang=2", "?linh-vuc=ho-tich", "?linh-vuc=dat-dai", "?q=sinh")
    pages = [citizen.get(f"{prefix}/thu-tuc{address}").text for address in addresses]
    titles = {re.search("<title>(.*?)</title>", page)[1] for page in pages}
    assert len(titles) == len(addresses)


@pytest.mark.everywhere
def test_each_search_in_vain_counts_although_pages_are_kept(app, citizen, prefix, full_list):
    for _ in range(3):
        assert citizen.get(f"{prefix}/thu-tuc?q=vé+số").status_code == 200
    unanswered = app.extensions["cchc_public"].memory["unanswered"]
    # the first was written down at once, the others wait
    assert unanswered.counts == {"ve so": 2}


def test_an_empty_list_is_said(citizen, prefix):
    assert "Chưa có thủ tục nào" in citizen.get(f"{prefix}/thu-tuc").text


@pytest.mark.everywhere
def test_the_page_of_a_procedure_answers_the_citizens_questions(citizen, prefix, stored):
    stored(FULL)
    page = citizen.get(f"{prefix}/thu-tuc/1.001193").text
    for said in (
        "Tờ khai đăng ký khai sinh", "Mẫu số 01", "Giấy chứng sinh", "8.000 đồng", "1 ngày",
        "tầng 1", "7:30", "858/QĐ-BTP", "28/02/2026", "60/2014/QH13", "23/2026/NQ-HĐND",
        "Phải nộp bản chính giấy chứng sinh", "https://dichvucong.gov.vn/", "Cổng DVCQG",
    ):  # fmt: skip
        assert said in page, said


def test_a_missing_fee_is_never_shown_as_free(citizen, prefix, stored):
    stored(make())
    for address in ("/thu-tuc", "/thu-tuc/1.001193"):
        page = citizen.get(prefix + address).text
        assert "Xã chưa ghi" in page or address == "/thu-tuc"
        assert "Miễn phí" not in re.sub(r"<option.*?</option>", "", page)
        assert "0 đồng" not in page


def test_what_the_source_leaves_out_is_said_once(citizen, prefix, stored):
    stored(make())
    page = citizen.get(f"{prefix}/thu-tuc/1.001193").text
    assert page.count("Xã chưa ghi giấy tờ, thời hạn, phí, lệ phí.") == 1
    assert "không nêu" not in page


def test_a_number_of_nothing_is_told_as_such(citizen, prefix, stored):
    stored(
        make(channels=build_channels("1 (Cổng không hiển thị đơn vị)", "Phí : 0 Đồng")),
        make(code="1.000002", channels=build_channels("1 ngày", "")),
    )
    page = citizen.get(f"{prefix}/thu-tuc/1.001193").text
    assert "Cổng không hiển thị" not in page
    assert "Xã chưa ghi giấy tờ, thời hạn." in page
    assert "thời hạn" not in citizen.get(f"{prefix}/thu-tuc/1.000002").text
    assert "Miễn phí" in page  # 0 đồng, and nothing that limits it


def test_free_beside_the_council_shows_both_words(citizen, prefix, stored):
    stored(make(channels=build_channels("1 ngày", COUNCIL)))
    page = citizen.get(f"{prefix}/thu-tuc/1.001193").text
    assert COUNCIL in page
    assert "Hỏi mức thu trước khi nộp" in page
    assert "Hỏi mức thu trước khi nộp" in citizen.get(f"{prefix}/thu-tuc").text


def test_every_channel_has_its_own_time_and_fee(citizen, prefix, full_list):
    page = citizen.get(f"{prefix}/thu-tuc/1.004194").text
    assert "7.000 đồng/lần" in page
    assert "10.000 đồng/người/lần" in page


def test_an_exemption_is_shown_only_while_it_applies(citizen, prefix, stored, clock):
    past = Exemption("Hộ cũ", "Miễn", "1/NQ", None, date(2022, 12, 31))
    now = Exemption("Hộ nay", "Giảm", "2/NQ", date(2023, 1, 1), None)
    stored(make(exemptions=(past, now)))
    page = citizen.get(f"{prefix}/thu-tuc/1.001193").text
    assert "Hộ nay" in page
    assert "Hộ cũ" not in page


def test_a_status_holds_from_its_day(citizen, prefix, stored, clock):
    ahead, past = date(2023, 7, 1), date(2023, 6, 1)
    stored(
        make(status=ProcedureStatus.REPEALED, repealed_on=ahead, status_decision="9/QĐ"),
        make(code="1.000002", status=ProcedureStatus.NOT_YET, in_force_from=past),
        make(code="1.000003", status=ProcedureStatus.IN_FORCE, in_force_from=ahead),
    )
    told = {
        code: citizen.get(f"{prefix}/thu-tuc/{code}").text
        for code in ("1.001193", "1.000002", "1.000003")
    }
    assert "Sẽ bãi bỏ từ ngày 01/07/2023 theo 9/QĐ." in told["1.001193"]
    assert "Xin không nộp hồ sơ" not in told["1.001193"]
    assert "Chưa có hiệu lực" not in told["1.000002"]
    assert "Chưa có hiệu lực từ ngày 01/07/2023" in told["1.000003"]
    assert "/thu-tuc/1.001193" in citizen.get(f"{prefix}/thu-tuc").text
    clock.advance(days=20)
    assert "Đã bãi bỏ từ ngày" in citizen.get(f"{prefix}/thu-tuc/1.001193").text
    assert "/thu-tuc/1.001193" not in citizen.get(f"{prefix}/thu-tuc").text


def test_a_repealed_procedure_warns_and_leaves_the_list(citizen, prefix, stored):
    stored(
        make(status=ProcedureStatus.REPEALED, repealed_on=date(2026, 7, 1)), make(code="1.000002")
    )
    page = citizen.get(f"{prefix}/thu-tuc/1.001193").text
    assert "Đã bãi bỏ từ ngày" in page
    assert "01/07/2026" in page
    assert "/thu-tuc/1.001193" not in citizen.get(f"{prefix}/thu-tuc").text
    assert "/thu-tuc/1.001193" in citizen.get(f"{prefix}/thu-tuc?trang-thai=bai-bo").text


def test_what_is_not_posted_is_not_found(citizen, prefix, stored):
    stored(make(is_posted=False))
    assert citizen.get(f"{prefix}/thu-tuc/1.001193").status_code == 404
    assert citizen.get(f"{prefix}/thu-tuc/khong-co").status_code == 404


def test_figures_of_its_field_come_from_the_newest_release(citizen, prefix, demo, stored):
    stored(make())
    page = " ".join(citizen.get(f"{prefix}/thu-tuc/1.001193").text.split())
    assert "tiếp nhận 163 hồ sơ, đã giải quyết 163" in page
    assert "163" in page
    assert f"{prefix}/ky/2023-6-thang/ho-so" in page


@pytest.mark.everywhere
def test_structured_data_is_valid_and_cannot_break_out(citizen, prefix, stored):
    stored(make(name="Khai </script><script>alert(1)</script> sinh"))
    page = citizen.get(f"{prefix}/thu-tuc/1.001193").text
    block = re.search(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    data = json.loads(block[1])
    assert data["@type"] == "GovernmentService"
    assert data["identifier"] == "1.001193"
    assert data["url"].endswith("/thu-tuc/1.001193")
    assert "<script>alert" not in page


def test_a_change_shows_at_once_although_pages_are_kept(citizen, prefix, stored):
    stored(make())
    citizen.get(f"{prefix}/thu-tuc")
    stored(make(code="1.000894", name="Thủ tục đăng ký kết hôn"))
    assert "Đăng ký kết hôn" in citizen.get(f"{prefix}/thu-tuc").text


@pytest.mark.hosts("standalone")
@pytest.mark.databases("sqlite")
@pytest.mark.parametrize(
    "address",
    [
        "/thu-tuc",
        "/thu-tuc?q=dat",
        "/thu-tuc?linh-vuc=dat-dai",
        "/thu-tuc/1.001193",
        "/thu-tuc/1.013962",
    ],
)
def test_a_page_with_its_stylesheet_fits_one_flight(app, citizen, full_list, address):
    page = citizen.get(address)
    with app.test_request_context():
        sheet = citizen.get(cchc_static("cchc.css"))
    weight = sum(len(gzip.compress(answer.data, 9)) for answer in (page, sheet))
    assert weight <= 14_600


@pytest.mark.hosts("standalone")
@pytest.mark.databases("sqlite")
def test_every_real_procedure_has_a_sound_page(citizen, full_list, session):
    from cchc_public.procedures.searching import get_catalogue

    for entry in get_catalogue(session).entries[::9]:
        assert citizen.get(f"/thu-tuc/{entry.code}").status_code == 200
