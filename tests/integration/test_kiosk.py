"""The look-up screen as plain pages, its copy of the list and its worker."""

import json
import re
from datetime import date

import pytest
import segno

from cchc_public.demo import load_demo_reception
from cchc_public.procedures import ProcedureStatus, build_channels
from cchc_public.procedures.saving import create_procedure
from cchc_public.public.kiosk import draw_qr, make_qr
from cchc_public.store.base import Actor
from tests.pages import HTML, parse
from tests.procedure_records import FULL, make

pytestmark = pytest.mark.databases("sqlite")
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
def filled(app, session, procedures, demo):
    """The whole demo: list, report, reception."""
    load_demo_reception(session, date(2026, 11, 23), LAN)
    session.commit()


@pytest.fixture
def root(prefix):
    return f"{prefix}/man-hinh"


def read_copy(client, root):
    answer = client.get(f"{root}/ban-luu.json")
    assert answer.mimetype == "application/json"
    return json.loads(answer.data)


@pytest.mark.everywhere
def test_start_shows_every_field_with_its_count(citizen, root, filled):
    text = citizen.get(root).text
    assert text.count("/tim?linh-vuc=") == 48
    assert re.search(r"Hộ tịch</b> <span>\d+ thủ tục", text)
    assert "Tiếp công dân:" in text


@pytest.mark.hosts("standalone", "full", "bare")
def test_an_empty_site_has_a_screen_too(citizen, root, engine):
    for path in ("", "/tim?q=khai+sinh", "/so-lieu", "/ban-luu.json", "/sw.js"):
        assert citizen.get(root + path).status_code == 200
    assert "chưa được đăng" in citizen.get(root).text
    assert "Chưa công bố kỳ số liệu nào" in citizen.get(f"{root}/so-lieu").text


def test_search_finds_what_the_list_page_finds(citizen, root, prefix, filled):
    for query in ("dang ky khai sinh", "đăng kí khai sinh", "gks", "1.001193", "khai snh"):
        address = f"tim?q={query}"
        here = re.findall(r"/thu-tuc/(\d\.\d{6})\"", citizen.get(f"{root}/{address}").text)
        there = citizen.get(f"{prefix}/thu-tuc?q={query}").text
        assert here
        assert here == re.findall(r"/thu-tuc/(\d\.\d{6})\"", there)[: len(here)]


def test_pages_of_a_list_keep_the_query(citizen, root, filled):
    text = citizen.get(f"{root}/tim?linh-vuc=ho-tich").text
    assert "Hộ tịch: Tìm thấy" in text
    later = re.search(r'href="([^"]+)">Trang sau', text)[1].replace("&amp;", "&")
    assert "linh-vuc=ho-tich" in later
    assert "Trang 2 trên" in citizen.get(later).text


@pytest.mark.parametrize(
    "query",
    ["?q=" + "a" * 5000, "?trang=-1", "?trang=9999999", "?linh-vuc=<b>", "?q=<b>"],
)
def test_a_hostile_address_ends_on_the_screen(citizen, root, stored, query):
    stored(FULL)
    answer = citizen.get(f"{root}/tim{query}")
    assert answer.status_code == 200
    assert "<b><" not in answer.text


def test_procedure_says_papers_time_fee_place_and_local_exemptions(citizen, root, stored):
    stored(FULL)
    text = citizen.get(f"{root}/thu-tuc/{FULL.code}").text
    for words in (
        "Tờ khai đăng ký khai sinh (1 bản chính. Mẫu số 01)",
        "<b>Sinh tại cơ sở y tế:</b> Giấy chứng sinh (1 bản chính)",
        "<b>Trực tiếp:</b> 8.000 đồng",
        "<b>Trực tuyến:</b> Xã chưa ghi",
        "Người thuộc hộ nghèo: Miễn (theo 23/2026/NQ-HĐND, từ 01/01/2026)",
        "Bộ phận một cửa, tầng 1",
        "858/QĐ-BTP ngày 28/02/2026, Bộ Tư pháp. Nguồn: Cổng DVCQG (01/07/2026).",
    ):
        assert words in text
    assert "1 ngày" in text


def test_what_the_source_does_not_state_is_never_free(citizen, root, stored):
    stored(make())
    text = citizen.get(f"{root}/thu-tuc/1.001193").text
    assert text.count("Xã chưa ghi") == 3
    assert "Miễn phí" not in text


def test_free_with_a_condition_shows_both(citizen, root, stored):
    stored(make(channels=build_channels("1 ngày", COUNCIL)))
    text = citizen.get(f"{root}/thu-tuc/1.001193").text
    assert f"Hỏi mức thu trước khi nộp. Nguồn ghi: {COUNCIL}" in text


def test_repealed_procedure_warns_and_is_not_in_the_copy(citizen, root, stored):
    stored(make(status=ProcedureStatus.REPEALED, repealed_on=date(2026, 1, 2)))
    assert (
        "Đã bãi bỏ từ ngày 02/01/2026. Xin không nộp hồ sơ"
        in citizen.get(f"{root}/thu-tuc/1.001193").text
    )
    assert read_copy(citizen, root)["procedures"] == []


def test_unknown_or_unposted_procedure_stays_on_the_screen(citizen, root, stored):
    stored(make(is_posted=False))
    for code in ("1.001193", "9.999999", "x"):
        answer = citizen.get(f"{root}/thu-tuc/{code}")
        assert answer.status_code == 404
        assert "cchc-kiosk" in answer.text
    assert read_copy(citizen, root)["procedures"] == []


def test_figures_never_show_a_percentage_without_its_fraction(citizen, root, filled):
    text = citizen.get(f"{root}/so-lieu").text
    assert re.search(r"94,08\s%", text)
    assert "651 trên 692 hồ sơ" in text
    for slide in text.split("<li>")[1:]:
        if re.search(r'cchc-figure">[\d,]+\s%', slide):
            assert re.search(r'cchc-basis">(\d[\d.]* trên \d|theo báo cáo)', slide), slide


@pytest.mark.everywhere
def test_no_page_leads_away_from_the_screen(citizen, root, stored, filled_links):
    for path in filled_links:
        for element in parse(citizen.get(path).text).iter():
            target = element.get("href") or element.get("action") or ""
            if element.tag in (f"{HTML}a", f"{HTML}form") and not target.startswith("#"):
                assert target == root or target.startswith(root + "/"), target


@pytest.fixture
def filled_links(stored, root):
    stored(FULL)
    return (
        root,
        f"{root}/tim",
        f"{root}/thu-tuc/{FULL.code}",
        f"{root}/thu-tuc/0",
        f"{root}/so-lieu",
    )


def test_pages_set_no_cookie_and_their_own_strict_policy(citizen, filled_links, root):
    for path in (*filled_links, f"{root}/ban-luu.json", f"{root}/sw.js"):
        answer = citizen.get(path)
        assert "Set-Cookie" not in answer.headers
        policy = answer.headers["Content-Security-Policy"]
        assert "unsafe" not in policy
        if answer.mimetype == "text/html":
            assert "worker-src 'self'" in policy
            assert "khung-trang-chu" not in answer.text  # not in the frame of the host


@pytest.mark.everywhere
def test_worker_knows_what_to_keep_and_may_rule_the_start_page(citizen, root, filled_links):
    answer = citizen.get(f"{root}/sw.js")
    assert answer.mimetype == "text/javascript"
    assert answer.headers["Service-Worker-Allowed"] == root
    assert answer.headers["Cache-Control"] == "no-cache"
    known = json.loads(re.match(r"const KNOWN = (\{.*\});\n", answer.text)[1])
    for path in (known["start"], known["figures"], known["copy"], *known["assets"]):
        assert citizen.get(path).status_code == 200
    page = citizen.get(root).text
    assert all(asset in page for asset in known["assets"])


@pytest.mark.everywhere
def test_copy_holds_what_the_pages_say(citizen, root, filled):
    copy = read_copy(citizen, root)
    assert len(copy["procedures"]) == 277
    item = next(each for each in copy["procedures"] if each["code"] == "1.001193")
    text = citizen.get(f"{root}/thu-tuc/1.001193").text
    for title, lines in item["sections"]:
        assert f"<h2>{title}</h2>" in text
        assert all(line in text for _label, line, _is_soft in lines)
    assert item["address"] in text
    assert "dang ki khai sinh" in item["search"]  # folded like the search


def test_the_english_copy_holds_words_and_no_markup(citizen, prefix, filled):
    facts = [one["facts"] for one in read_copy(citizen, f"{prefix}/en/man-hinh")["procedures"]]
    assert "2.000 đồng/trang" in facts
    assert not [words for words in facts if "<" in words or "&" in words]


@pytest.mark.hosts("standalone")
def test_copy_of_the_demo_is_light(citizen, root, filled):
    answer = citizen.get(f"{root}/ban-luu.json", headers={"Accept-Encoding": "gzip"})
    assert len(answer.data) < 100_000
    again = citizen.get(
        f"{root}/ban-luu.json",
        headers={"Accept-Encoding": "gzip", "If-None-Match": answer.headers["ETag"]},
    )
    assert again.status_code == 304


def test_kept_pages_follow_the_list(citizen, root, stored):
    stored(make())
    assert "Đăng ký khai tử" not in citizen.get(f"{root}/tim?linh-vuc=ho-tich").text
    assert len(read_copy(citizen, root)["procedures"]) == 1
    stored(make(code="1.000656", name="Thủ tục đăng ký khai tử"))
    assert "Đăng ký khai tử" in citizen.get(f"{root}/tim?linh-vuc=ho-tich").text
    assert len(read_copy(citizen, root)["procedures"]) == 2
    assert "2 thủ tục" in citizen.get(root).text


def test_a_strangers_host_name_reaches_nobody_else(citizen, root, stored):
    stored(make())
    address = f"{root}/thu-tuc/1.001193"
    assert "evil.example" in citizen.get(address, headers={"Host": "evil.example"}).text
    assert "evil.example" not in citizen.get(address).text


def test_official_address_is_what_the_code_says(build_app, stored):
    app = build_app("standalone", CCHC_CANONICAL_URL="https://kimthach.gov.vn")
    stored(make())
    text = app.test_client().get("/man-hinh/thu-tuc/1.001193").text
    address = "https://kimthach.gov.vn/thu-tuc/1.001193"
    assert address in text
    assert f'd="{draw_qr(*make_qr(address))}"' in text


def test_qr_code_holds_every_module():
    address = "https://kimthach.gov.vn/thu-tuc/1.001193"
    rows, size = make_qr(address)
    matrix = segno.make(address, error="m", micro=False, mask=2).matrix
    drawn = [[0] * size for _ in range(size)]
    for x, y, width in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\d+z", draw_qr(rows, size)):
        for step in range(int(width)):
            drawn[int(y)][int(x) + step] = 1
    assert drawn == [list(row) for row in matrix]
