"""Figures through like periods: what leads, what is joined, what is compared, what is a file."""

import re
from datetime import date
from xml.etree import ElementTree as ET

import pytest

from cchc_public.releases.reading import leading_release, list_beside, list_like
from cchc_public.reports.publishing import withdraw
from tests.integration.reports import AUTHORITY, CHAIR, CLERK, change, open_filled, publish
from tests.like_periods import load_like_periods

NBSP = "\u00a0"
SVG = "{http://www.w3.org/2000/svg}"

pytestmark = [pytest.mark.databases("sqlite"), pytest.mark.hosts("standalone")]


@pytest.fixture
def three_periods(demo, session):
    """The demo and, beside it, two invented first halves of years."""
    load_like_periods(session)
    session.commit()


def publish_steady(session, *slugs):
    """Publish periods that each hand one pending dossier on to the next, as they must."""
    for slug in slugs:
        report = open_filled(session, slug)
        change(session, report, resolved=13, pending_in_time=1)
        publish(session, report, CHAIR, authority=AUTHORITY)
    session.commit()


def said(text):
    return re.search(r'class="cchc-say">([^<]*)', text)[1]


@pytest.mark.usefixtures("three_periods")
class TestThreePeriods:
    def test_the_overview_says_it_plainly_and_draws_like_periods(self, citizen):
        text = citizen.get("/").text
        assert said(text).startswith("Đã giải quyết 651 trong 692 hồ sơ, không hồ sơ nào trả trễ.")
        assert text.index("cchc-say") < text.index("cchc-cards") < text.index("cchc-bars")
        # first and last of the line are named; a claim without slips has none
        assert f"<span><b>55</b> 6T{NBSP}2021</span><span><b>41</b> 6T{NBSP}2023</span>" in text
        assert text.count('class="cchc-spark') == 4
        # lateness shows itself where there is some, and never in green
        late = citizen.get("/ky/2021-6-thang").text
        assert said(late).endswith("(27 đã trả trễ, 17 đang quá hạn), phần lớn là đất đai.")
        assert re.search(r'cchc-over"><h3>Trễ hạn</h3>\s*<p class="cchc-figure">44<', late)

    def test_trends_join_the_periods_and_each_is_a_picture(self, citizen):
        text = citizen.get("/ky").text
        for title in ("Trước hạn và đúng hạn", "Hồ sơ tiếp nhận", "Hồ sơ đang giải quyết"):
            assert f"<h2>{title}</h2>" in text
        assert "577 trên 604 hồ sơ đã giải quyết" in text
        for address in re.findall(r'href="(/ky/xu-huong-[^"]+\.svg)"', text):
            picture = citizen.get(address)
            assert picture.mimetype == "image/svg+xml"
            assert f"6T{NBSP}2021" in "".join(ET.fromstring(picture.data).itertext())  # noqa: S314
        assert citizen.get("/ky/xu-huong-khac.svg").status_code == 404

    def test_a_period_stands_beside_those_before(self, citizen):
        text = citizen.get("/ky/2023-6-thang").text
        row = re.search(r'<th scope="row">Tiếp nhận</th>(.*?)</tr>', text, re.S)[1]
        figures = re.sub(r"<[^>]+>", " ", row).split()
        assert figures == ["692", "678", "+14", "659", "+33"]
        rate = re.search(r'<th scope="row">Trước hạn và đúng hạn</th>(.*?)</tr>', text, re.S)[1]
        assert "+4,47 điểm" in rate
        assert 'class="cchc-late">6' in text

    def test_a_table_shows_three_periods_a_picture_and_a_citation(self, citizen):
        text = citizen.get("/ky/2023-6-thang/ho-so").text
        assert text.count('<th scope="row">Quá hạn</th>') == 6  # five fields and the total
        cited = re.search(r"Trích dẫn biểu này</summary><p>([^<]+)", text)[1]
        assert "Hồ sơ theo lĩnh vực, 6 tháng đầu năm 2023, công bố lần 1 ngày" in cited
        assert "/ky/2023-6-thang/ho-so?ban=1. CC BY 4.0." in cited
        picture = citizen.get("/ky/2023-6-thang/ho-so.svg?ban=1")
        assert 'filename="2023-6-thang-ho-so-ban-1.svg"' in picture.headers["Content-Disposition"]
        words = " ".join(t.text or "" for t in ET.fromstring(picture.data).iter(f"{SVG}text"))  # noqa: S314
        assert "trước hạn 201 · đúng hạn 1 · quá hạn 0 · đang giải quyết 36" in words
        assert citizen.get("/ky/2023-6-thang/chi-tieu.svg").status_code == 404

    def test_what_was_withdrawn_joins_no_series(self, citizen, session):
        withdraw(session, "2022-6-thang", CHAIR, reason="Số liệu thử, thu hồi để thử trang.")
        session.commit()
        assert f"6T{NBSP}2022" not in citizen.get("/ky/2023-6-thang/ho-so").text
        text = citizen.get("/ky").text
        assert "chưa có số liệu" in text  # the gap keeps its place


def test_the_longest_current_cumulative_period_leads_and_a_month_is_an_extra(citizen, session):
    publish_steady(session, "2023-thang-05")
    assert leading_release(session).slug == "2023-thang-05"
    publish_steady(session, "2023-6-thang")
    publish_steady(session, "2023-thang-07")
    assert leading_release(session).slug == "2023-6-thang"
    text = citizen.get("/").text
    assert "Số liệu 6 tháng đầu năm 2023" in text
    assert 'Mới hơn: <a href="/ky/2023-thang-07">Tháng 7 năm 2023</a>' in text
    # a cumulative period of long ago is not current
    publish_steady(session, "2024-thang-04")
    assert leading_release(session).slug == "2024-thang-04"


def test_only_like_is_joined_with_like(session):
    publish_steady(session, "2022-thang-12", "2023-thang-01", "2023-thang-03", "2023-quy-1")
    publish_steady(session, "2023-thang-05")
    newest = leading_release(session)
    series = [(period.slug, bool(found)) for period, found in list_like(session, newest)]
    assert series == [
        ("2022-thang-12", True), ("2023-thang-01", True), ("2023-thang-02", False),
        ("2023-thang-03", True), ("2023-thang-04", False),
    ]  # fmt: skip
    # the calendar month is not like the month from the 15th to the 14th
    report = open_filled(session, "2023-thang-04")
    report.data_from, report.data_to = date(2023, 4, 1), date(2023, 4, 30)
    change(session, report, resolved=13, pending_in_time=1)
    publish(session, report, CHAIR, authority=AUTHORITY)
    assert not list_like(session, newest)[-1][1]
    assert list_beside(session, newest) == ()


def test_forty_periods_grow_neither_page_nor_reading(citizen, session):
    publish_steady(session, *(f"{2020 + n // 12}-thang-{n % 12 + 1:02}" for n in range(40)))
    text = citizen.get("/ky").text
    assert text.split("<h2>Hồ sơ tiếp nhận")[1].split("</section>")[0].count("<li><b>") == 12
    assert len(citizen.get("/").text) < 40_000


def test_zeros_and_lateness_alone_answer_in_words(citizen, session):
    report = open_filled(session, "2023-6-thang")
    change(session, report, online=0, resolved=0, pending_in_time=4)
    publish(session, report, CHAIR, authority=AUTHORITY)
    session.commit()
    for path in ("/", "/ky", "/ky/2023-6-thang", "/ky/2023-6-thang/ho-so"):
        assert citizen.get(path).status_code == 200
    assert CLERK.name not in citizen.get("/").text
