import gzip
import re

import pytest

TABLES = (
    "ho-so", "so-hoa", "hai-long", "dich-vu-cong", "van-ban", "so-luong-thu-tuc", "nhiem-vu",
    "chi-tieu",
)  # fmt: skip
PERIOD = "/ky/2023-6-thang"
PAGES = (
    "/", "/ky", PERIOD, *(f"{PERIOD}/{code}" for code in TABLES), "/hai-long", "/dinh-chinh",
    "/ve-so-lieu", "/thu-tuc", "/tiep-cong-dan",
)  # fmt: skip
FIRST_FLIGHT = 14_600  # bytes: ten TCP segments
NBSP = "\u00a0"


@pytest.mark.usefixtures("demo")
class TestDemoPages:
    @pytest.mark.everywhere
    def test_every_page_answers_without_cookie(self, citizen, prefix, host_kind):
        # a host's frame is rendered for each reader
        lifetime = "private, no-cache" if host_kind == "full" else "public, max-age=60, stale"
        # CheckedClient has parsed it, checked title, h1, ids, references, nothing inline
        for path in PAGES:
            page = citizen.get(prefix + path)
            assert page.status_code == 200
            assert "Set-Cookie" not in page.headers
            assert page.headers["X-Content-Type-Options"] == "nosniff"
            assert page.headers["Cache-Control"].startswith(lifetime)

    @pytest.mark.hosts("standalone")
    @pytest.mark.databases("sqlite")
    def test_every_page_and_its_style_fit_one_flight_in_two_requests(self, citizen):
        for path in PAGES:
            page = citizen.get(path, headers={"Accept-Encoding": "gzip"})
            assert page.headers["Content-Encoding"] == "gzip"
            text = gzip.decompress(page.data).decode()
            linked = re.findall(r'<link rel="stylesheet" href="([^"]+)"', text)
            assert len(linked) == 1
            assert not re.findall(r"<(?:img|iframe)\b|<script(?! type=.application/ld)", text)
            style = citizen.get(linked[0], headers={"Accept-Encoding": "gzip"})
            assert style.headers["Cache-Control"] == "public, max-age=31536000, immutable"
            assert len(page.data) + len(style.data) <= FIRST_FLIGHT, path

    @pytest.mark.hosts("standalone")
    def test_our_own_frame_forbids_everything_foreign(self, citizen):
        policy = citizen.get("/").headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; style-src 'self'; script-src 'self'")
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy

    @pytest.mark.everywhere
    @pytest.mark.hosts("full")
    def test_a_hosts_frame_keeps_the_hosts_policy(self, citizen, prefix):
        page = citizen.get(f"{prefix}/")
        assert "Content-Security-Policy" not in page.headers
        assert 'id="khung-trang-chu"' in page.text
        # rendered live for whoever is signed in to the host: no one else's copy, and asked anew
        assert page.headers["Cache-Control"] == "private, no-cache"
        assert "Cookie" in page.headers["Vary"]
        assert re.search(r'<div class="cchc(?: cchc-light)?" lang="vi" data-cchc-page>', page.text)
        assert f'href="{prefix}/_cchc/cchc.' in page.text

    @pytest.mark.everywhere
    def test_the_overview_shows_figures_with_their_fractions(self, citizen, prefix):
        text = citizen.get(f"{prefix}/").text
        for figure, basis in (
            (f"94,08{NBSP}%", "651 trên 692 hồ sơ"),
            (f"100{NBSP}%", "651 trên 651 hồ sơ đã giải quyết"),
            ("41", "hồ sơ, nhiều nhất: Đất đai 36"),
            (f"47,40{NBSP}%", "319 trên 673 hồ sơ trong kỳ"),
            (f"77,56{NBSP}%", "522 trên 673 hồ sơ"),
            (f"100{NBSP}%", "theo báo cáo; không có số phiếu"),
        ):
            assert f'>{figure}</p>\n<p class="cchc-fraction">{basis}</p>' in text
        assert "Chưa có số liệu cùng kỳ năm trước để so sánh." in text

    def test_a_period_lists_tables_words_notes_and_origin(self, citizen, prefix):
        text = citizen.get(f"{prefix}{PERIOD}").text
        for code in TABLES:
            assert f'href="{prefix}{PERIOD}/{code}"' in text
        assert "Lời báo cáo" in text
        assert "Giải trình của xã:" in text
        assert "SHA-256" in text

    def test_a_note_stands_at_its_cell_with_the_reason(self, citizen, prefix):
        text = citizen.get(f"{prefix}{PERIOD}/dich-vu-cong").text
        assert re.search(r"71,21\u00a0%</span>.*báo cáo in 84,2\u00a0%.*#ghi-chu-2", text)
        assert 'id="ghi-chu-2"' in text

    def test_satisfaction_without_slips_is_told_but_not_drawn(self, citizen, prefix):
        text = citizen.get(f"{prefix}/hai-long").text
        assert "không có số phiếu" in text
        assert "<svg" not in text

    @pytest.mark.everywhere
    def test_an_unknown_address_says_where_to_look(self, citizen, prefix):
        for path in ("/ky/2022-6-thang", "/ky/khong-co", f"{PERIOD}/khong-co", f"{PERIOD}?ban=9"):
            page = citizen.get(prefix + path)
            assert page.status_code == 404
            assert "Không có trang này" in page.text
            assert f'action="{prefix}/thu-tuc"' in page.text

    def test_a_strange_release_number_is_no_server_error(self, citizen, prefix):
        for ban in ("0", "-1", "x", "1e3", "9" * 40, "%00", "%D9%A1"):
            assert citizen.get(f"{prefix}{PERIOD}?ban={ban}").status_code == 404

    def test_a_missing_file_is_refused_without_a_web_page(self, citizen, prefix):
        problem = citizen.get(f"{prefix}{PERIOD}/khong-co.json")
        assert problem.status_code == 404
        assert problem.mimetype == "application/problem+json"
        assert problem.json["status"] == 404
        assert citizen.get(f"{prefix}/ky/x/ho-so.csv").mimetype == "text/plain"

    @pytest.mark.everywhere
    def test_style_is_served_under_its_digest_only(self, citizen, prefix):
        text = citizen.get(f"{prefix}/").text
        address = re.search(r'href="([^"]+/cchc\.[0-9a-f]{12}\.css)"', text)[1]
        assert citizen.get(address).status_code == 200
        wrong = re.sub(r"\.[0-9a-f]{12}\.", ".000000000000.", address)
        # a page kept elsewhere names the colors of before: shown, but not to be kept
        shown = citizen.get(wrong, headers={"Accept-Encoding": "gzip"})
        assert shown.headers["Cache-Control"] == "no-cache"
        assert shown.headers["Content-Encoding"] == "gzip"
        again = citizen.get(wrong, headers={"If-None-Match": shown.headers["ETag"]})
        assert again.status_code == 304
        plain = citizen.get(f"{prefix}/_cchc/cchc.css")
        assert plain.headers["Cache-Control"] == "no-cache"
        assert citizen.get(f"{prefix}/_cchc/../models/base.py").status_code == 404


@pytest.mark.databases("sqlite")
def test_before_the_first_release_pages_say_so(citizen, prefix):
    assert "Chưa công bố kỳ số liệu nào" in citizen.get(f"{prefix}/").text
    assert "Chưa công bố kỳ nào." in citizen.get(f"{prefix}/ky").text
    assert "Chưa kỳ nào có số liệu" in citizen.get(f"{prefix}/hai-long").text
    assert "Chưa có lần đính chính nào." in citizen.get(f"{prefix}/dinh-chinh").text
    assert citizen.get(f"{prefix}/ve-so-lieu").status_code == 200
    assert citizen.get(f"{prefix}{PERIOD}").status_code == 404
