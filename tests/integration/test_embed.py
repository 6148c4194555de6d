import gzip
import re
from dataclasses import replace
from xml.etree import ElementTree

import html5lib
import pytest
from flask import url_for

from cchc_public.checks.rules import Severity
from cchc_public.demo import CLERK, PUBLISHER, demo_authority, load_demo_reception
from cchc_public.embed import build_badge
from cchc_public.embed.figures import WIDGETS, build_widget_page, find_widget
from cchc_public.present.charts import Badge, badge_svg
from cchc_public.present.headlines import build_headlines
from cchc_public.releases.reading import newest_release
from cchc_public.reports.drafting import (
    create_report,
    get_report,
    get_sheet,
    save_sheet,
    sheet_version,
)
from cchc_public.reports.publishing import withdraw
from cchc_public.reports.review import find_findings, give_reason
from cchc_public.store import Report, utc_now
from cchc_public.tables.registry import get_form
from cchc_public.tables.sheet import NO_TOTAL, Rate, Row
from cchc_public.vietnamese.dates import parse_period
from tests.integration.reports import publish, settle

SLUG = "2023-6-thang"
REASON = "Chép nhầm số hồ sơ đất đai từ sổ tay."
CODES = [widget.code for widget in WIDGETS if widget.build]
ONE_FLIGHT = 14_600
HTML = "{http://www.w3.org/1999/xhtml}"

# most of these ask how a widget looks, not on which host or database it stands
lean = pytest.mark.usefixtures("demo")
anywhere = [pytest.mark.hosts("standalone"), pytest.mark.databases("sqlite")]


def only_here(test):
    for mark in anywhere:
        test = mark(test)
    return test


def change_land(session, **cells) -> Report:
    report = get_report(session, SLUG)
    sheet = get_sheet(report, "ho-so")
    typed = {column.key for column in get_form("ho-so").base_columns}
    rows = tuple(
        replace(row, cells={k: v for k, v in {**row.cells, **cells}.items() if k in typed})
        if row.label == "Đất đai"
        else row
        for row in sheet.rows
    )
    changed = replace(sheet, rows=rows, total=NO_TOTAL)  # not the totals the paper printed
    save_sheet(session, report, changed, version=sheet_version(report, "ho-so"), actor=CLERK)
    return report


@pytest.fixture
def corrected(demo, session):
    report = change_land(session, resolved_early=199, resolved_on_time=3)
    publish(session, report, PUBLISHER, authority=demo_authority(), reason=REASON)
    session.commit()


@pytest.fixture
def withdrawn(demo, session):
    withdraw(session, SLUG, PUBLISHER, "Số liệu sai nguồn.")
    session.commit()


@pytest.mark.everywhere
@lean
def test_widget_needs_one_request_no_script_and_no_cookie(citizen, prefix):
    for code in CODES:
        answer = citizen.get(f"{prefix}/nhung/{code}")
        assert answer.status_code == 200
        assert "Set-Cookie" not in answer.headers
        assert len(gzip.compress(answer.data, 9)) <= ONE_FLIGHT
        fetching = {f"{HTML}{name}" for name in ("script", "link", "img", "iframe")}
        assert not [item for item in html5lib.parse(answer.text).iter() if item.tag in fetching]
        assert not re.findall(r"url\(|@import", answer.text)


@pytest.mark.everywhere
@lean
def test_widget_may_be_framed_where_configured_and_nothing_else_is_allowed(citizen, prefix):
    answer = citizen.get(f"{prefix}/nhung/ho-so")
    assert "X-Frame-Options" not in answer.headers
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe-inline" not in policy
    assert policy.endswith("frame-ancestors 'self' https: http:")


@pytest.mark.hosts("standalone")
@pytest.mark.databases("sqlite")
def test_framing_follows_the_configuration(build_app):
    app = build_app("standalone", CCHC_EMBED_ANCESTORS=("https://*.quangtri.gov.vn",))
    answer = app.test_client().get("/nhung/ho-so")
    assert answer.status_code == 404  # nothing published; its words may be framed all the same
    expected = "frame-ancestors 'self' https://*.quangtri.gov.vn"
    assert answer.headers["Content-Security-Policy"].endswith(expected)
    assert "Chưa có số liệu" in answer.text


@lean
def test_widget_says_figure_fraction_window_release_and_page(citizen, prefix, app):
    text = citizen.get(f"{prefix}/nhung/ho-so").text
    for words in (
        "94,08\N{NO-BREAK SPACE}%",
        "651 trên 692 hồ sơ",
        "Số liệu từ 15/12/2022 đến 12/06/2023",
        "Công bố lần 1",
        "Đất đai",
    ):
        assert words in text
    with app.test_request_context():
        address = url_for("cchc.table", slug=SLUG, code="ho-so")
    assert f'href="{address}"' in text
    assert citizen.get(address).status_code == 200


@lean
@only_here
def test_no_percentage_without_its_fraction(citizen):
    for code in CODES:
        for suffix in ("", ".html", ".svg"):
            check_percentages(citizen.get(f"/nhung/{code}{suffix}").text)


def check_percentages(text):
    text = re.sub(r"<style>.*?</style>", "", text, flags=re.S)
    plain = re.sub(r"<[^>]+>", " ", re.sub(r"</?(b|strong)>", "", text))
    for found in re.finditer(r"[\d,]+\s?%", plain):
        after = plain[found.end() : found.end() + 90]
        target = "Chỉ tiêu" in plain[max(0, found.start() - 90) : found.start()]
        assert (
            target
            or re.search(r"\d+ trên \d+|\d+/\d+|không có số", after)
            # a sentence says the fraction first: 651 trên 692 hồ sơ, đạt 94,08 %
            or re.search(r"theo nguồn|\d+ trên \d+ hồ sơ, đạt", plain[: found.start()][-30:])
        ), plain[found.start() - 40 : found.end() + 60]


@lean
@only_here
def test_every_bar_of_a_widget_has_a_colour_of_its_own(citizen):
    tones = set()
    for code in CODES:
        page = citizen.get(f"/nhung/{code}").text
        style = re.search(r"<style>(.*?)</style>", page, re.S)[1]
        found = set(re.findall(r'<path class="([^"]*)"', page))
        assert all(f".{tone}{{fill:" in style.replace(" ", "") for tone in found), (code, found)
        tones |= found
    assert {"track", "plain", "good", "wait"} <= tones


@lean
@only_here
def test_survey_without_slips_is_shown_as_a_claim(citizen):
    for suffix in ("", ".svg"):
        text = citizen.get(f"/nhung/hai-long{suffix}").text
        assert "theo báo cáo; không có số phiếu" in text


@pytest.mark.everywhere
@pytest.mark.usefixtures("corrected")
def test_correction_travels_with_the_figure(citizen, prefix):
    for suffix in ("", ".svg", ".html"):
        text = citizen.get(f"{prefix}/nhung/ho-so{suffix}").text
        assert "Đã đính chính" in text, suffix
        assert "ần công bố 2" in text or "lần 2" in text
    assert REASON in citizen.get(f"{prefix}/nhung/ho-so").text


@pytest.mark.usefixtures("corrected")
@only_here
def test_pinned_widget_keeps_its_figures_and_says_that_they_were_replaced(citizen):
    text = citizen.get(f"/nhung/ho-so?ky={SLUG}&ban=1").text
    assert "Công bố lần 1" in text
    assert "đã được thay bằng lần công bố 2" in text
    assert f'href="/ky/{SLUG}/ho-so?ban=1"' in text


@lean
@only_here
def test_cached_widget_follows_a_correction(citizen, session):
    before = citizen.get("/nhung/ho-so")
    assert citizen.get("/nhung/ho-so").data == before.data
    report = change_land(session, resolved_early=198, resolved_on_time=4)
    publish(session, report, PUBLISHER, authority=demo_authority(), reason=REASON)
    session.commit()
    after = citizen.get("/nhung/ho-so", headers={"If-None-Match": before.headers["ETag"]})
    assert after.status_code == 200
    assert REASON in after.text


@pytest.mark.usefixtures("withdrawn")
def test_withdrawn_period_shows_no_figures(citizen, prefix):
    for suffix in ("", ".svg", ".html"):
        for query in (f"?ky={SLUG}", f"?ky={SLUG}&ban=1"):
            answer = citizen.get(f"{prefix}/nhung/ho-so{suffix}{query}")
            assert answer.status_code == 410
            assert "692" not in answer.text
            assert "thu hồi" in answer.text
    assert citizen.get(f"{prefix}/nhung/ho-so").status_code == 410


@lean
@only_here
@pytest.mark.parametrize(
    "address",
    ["khong-co", "ho-so?ky=2023-6-thang&ban=9", "ho-so?ky=2023-6-thang&ban=1e3", "ho-so?ky=../x"],
)
def test_unknown_widget_period_or_release_is_404_in_words(citizen, address):
    answer = citizen.get(f"/nhung/{address}")
    assert answer.status_code == 404
    assert "frame-ancestors 'self'" in answer.headers["Content-Security-Policy"]


@lean
@only_here
def test_late_figures_are_marked_without_a_republication(citizen, clock):
    clock.set(2023, 9, 20)
    assert "Chậm cập nhật" not in citizen.get("/nhung/ho-so").text
    clock.set(2023, 9, 21)
    assert "Chậm cập nhật: hẹn số liệu mới trước 20/09/2023." in citizen.get("/nhung/ho-so").text
    assert "Chậm cập nhật" not in citizen.get("/nhung/ho-so.html").text


@lean
def test_badge_is_small_and_well_formed(citizen, prefix):
    for code in CODES:
        answer = citizen.get(f"{prefix}/nhung/{code}.svg")
        assert answer.mimetype == "image/svg+xml"
        assert len(answer.data) <= 2048
        assert "style=" not in answer.text
        root = ElementTree.fromstring(answer.text)  # noqa: S314 - our own bytes
        title = root.find("{http://www.w3.org/2000/svg}title")
        assert title is not None
        assert "15/12/2022" in (title.text or "")


def test_badge_stays_small_and_well_formed_whatever_it_is_told():
    for words in ("&<>\"'" * 80, "ộ" * 400, "\x00\x1b" * 50, "</title><script>"):
        badge = Badge(words, words, words, words, words, None, words)
        svg = badge_svg(badge)
        assert len(svg.encode()) <= 2048
        root = ElementTree.fromstring(svg)  # noqa: S314 - our own bytes
        assert not list(root.iter("{http://www.w3.org/2000/svg}script"))


def sanitise(html: str) -> str:
    """What a strict portal editor leaves: no script, no style, no frame bodies, no handlers."""
    html = re.sub(r"<(script|style)\b.*?</\1>", "", html, flags=re.S | re.I)
    html = re.sub(r"(<iframe\b[^>]*>).*?(</iframe>)", r"\1\2", html, flags=re.S | re.I)
    return re.sub(r'\s(style|class|id|on\w+|loading|lang)="[^"]*"', "", html)


def snippets_of(text: str) -> dict[str, str]:
    page = html5lib.parse(text)
    return {area.get("id"): "".join(area.itertext()) for area in page.iter(f"{HTML}textarea")}


@lean
def test_snippets_survive_a_strict_editor(citizen, prefix):
    snippets = snippets_of(citizen.get(f"{prefix}/nhung").text)
    assert list(snippets) == ["anh", "khung", "bang"]  # the picture first
    frame = sanitise(snippets["khung"])
    address = rf"http\S+{prefix}/nhung/ho-so\?gon=1"
    assert re.fullmatch(rf'<iframe src="{address}" title="[^"]+" .*></iframe>', frame)
    assert 'height="' in frame
    assert 'frameborder="0"' in frame
    picture = sanitise(snippets["anh"])
    assert picture.startswith("<a href=")
    table = sanitise(snippets["bang"])
    assert "<caption" not in table
    for words in ('align="right"', 'align="left"', 'colspan="5"', "Kết quả giải quyết hồ sơ"):
        assert words in table
    for words in (
        "Đất đai",
        "692",
        "651 trên 692 hồ sơ",
        "15/12/2022",
        "Công bố lần 1",
        "<a href=",
    ):
        assert words in table
    parser = html5lib.HTMLParser(strict=True)
    for html in (*snippets.values(), frame, picture, table):
        parser.parseFragment(html)


@pytest.mark.everywhere
@lean
def test_addresses_in_the_snippets_answer(citizen, prefix):
    snippets = snippets_of(citizen.get(f"{prefix}/nhung?ghim=1").text)
    addresses = {
        a for html in snippets.values() for a in re.findall(r'(?:src|href)="([^"]+)"', html)
    }
    assert len(addresses) == 3
    for address in addresses:
        path = address.replace("&amp;", "&").removeprefix("http://localhost")
        assert citizen.get(path).status_code == 200, path
        assert "ban=1" in path


@pytest.mark.hosts("standalone")
@pytest.mark.databases("sqlite")
def test_snippets_name_the_official_address(build_app, demo):
    app = build_app("standalone", CCHC_CANONICAL_URL="https://kimthach.gov.vn")
    text = app.test_client().get("/nhung", headers={"Host": "evil.example"}).text
    assert "https://kimthach.gov.vn/nhung/ho-so" in text
    assert "evil.example" not in text


@pytest.mark.hosts("standalone")
@pytest.mark.databases("sqlite")
def test_a_forged_host_is_not_kept_for_the_next_reader(app, demo):
    client = app.test_client()
    for path in ("/nhung", "/nhung/ho-so.html"):
        client.get(path, headers={"Host": "evil.example"})
        assert "evil.example" not in client.get(path).text


@only_here
def test_builder_before_the_first_publication(citizen):
    assert "Chưa có số liệu nào" in citizen.get("/nhung").text


@only_here
def test_hostile_words_stay_words(citizen, session):
    evil = '"><script>alert(1)</script>{{7*7}}'
    report = create_report(session, parse_period("2023-6-thang"), CLERK)
    sheet = get_sheet(report, "ho-so")
    zero = {c.key: 0 for c in _dossier_columns()}
    rows = (Row("x", evil, cells=zero), Row("dai", "Ộ" * 300, cells=zero))
    save_sheet(
        session,
        report,
        replace(sheet, rows=rows),
        version=sheet_version(report, "ho-so"),
        actor=CLERK,
    )
    publish_anyway(session, report)
    for suffix in ("", ".html", ".svg"):
        text = citizen.get(f"/nhung/ho-so{suffix}").text
        assert "<script>alert" not in text
        assert "49" not in text.split("alert")[-1][:30]
    page = citizen.get("/nhung").text
    assert "<script>alert" not in page


def _dossier_columns():
    return get_form("ho-so").base_columns


def publish_anyway(session, report):
    filled = [sheet.table_code for sheet in report.sheets if sheet.content["rows"]]
    settle(session, report, filled[:1])
    for finding in find_findings(session, report):
        assert finding.severity is not Severity.ERROR, finding
        if finding.severity is Severity.WARNING:
            give_reason(session, report, finding.key, "Đã kiểm tra với sổ theo dõi.", CLERK)
    publish(session, report, PUBLISHER, authority=demo_authority())
    session.commit()


@lean
def test_a_picture_that_follows_new_figures_carries_no_old_ones(citizen, prefix):
    live, pinned = (
        snippets_of(citizen.get(f"{prefix}/nhung{query}").text)["anh"] for query in ("", "?ghim=1")
    )
    assert "651" not in live
    assert SLUG not in live
    assert "Bấm để xem số liệu mới nhất" in live
    assert "651 trên 651" in pinned
    assert f"/ky/{SLUG}/ho-so" in pinned


@pytest.fixture
def served(demo, procedures, session):
    load_demo_reception(session, utc_now().date(), CLERK)
    session.commit()


@pytest.mark.usefixtures("served")
def test_services_can_be_embedded_in_both_languages(citizen, prefix):
    for code, words, english in (
        ("thu-tuc", "Bạn cần làm thủ tục gì?", "Which procedure do you need?"),
        ("tiep-cong-dan", "Lịch tiếp công dân", "Citizen reception"),
    ):
        citizen.language = "vi"
        snippets = snippets_of(citizen.get(f"{prefix}/nhung?tien-ich={code}").text)
        assert set(snippets) == {"anh", "khung", "bang"}
        text = citizen.get(f"{prefix}/nhung/{code}?gon=1").text
        assert words in text
        assert text.count("<li>") == 5
        assert len(gzip.compress(text.encode(), 9)) <= ONE_FLIGHT
        assert "http" in citizen.get(f"{prefix}/nhung/{code}.html").text
        svg = citizen.get(f"{prefix}/nhung/{code}.svg")
        assert svg.status_code == 200
        assert len(svg.data) <= 2048
        citizen.language = "en"
        assert english in citizen.get(f"{prefix}/en/nhung/{code}").text
        if not prefix:  # a host's frame keeps its language
            snippets = snippets_of(citizen.get(f"/en/nhung?tien-ich={code}").text)
            assert f"/en/nhung/{code}?gon=1" in snippets["khung"]


@pytest.mark.usefixtures("served")
def test_the_search_asks_the_site_by_get_in_a_page_of_its_own(citizen, prefix):
    answer = citizen.get(f"{prefix}/nhung/thu-tuc")
    form = html5lib.parse(answer.text).find(f".//{HTML}form")
    assert (form.get("action"), form.get("target")) == (f"{prefix}/thu-tuc", "_blank")
    assert form.get("method") is None
    assert citizen.get(form.get("action"), query_string={"q": "khai sinh"}).status_code == 200
    assert "form-action 'self'" in answer.headers["Content-Security-Policy"]
    others = citizen.get(f"{prefix}/nhung/tiep-cong-dan").headers["Content-Security-Policy"]
    assert "form-action 'none'" in others


@only_here
def test_services_without_content_say_so(citizen):
    for code in ("thu-tuc", "tiep-cong-dan"):
        assert citizen.get(f"/nhung/{code}").status_code == 404
        assert "Chưa có gì để nhúng" in citizen.get(f"/nhung?tien-ich={code}").text


@lean
@only_here
def test_the_badge_tells_what_was_on_time_and_what_was_late(citizen, session):
    svg = citizen.get("/nhung/ho-so.svg").text
    assert "Trước hạn và đúng hạn" in svg
    assert "651 trên 651" in svg
    page = find_widget("ho-so")
    release = newest_release(session)
    rate = Rate(649, 651)
    late = replace(build_headlines(release)[1], value=rate, basis="649 trên 651")
    with citizen.application.test_request_context("/"):
        widget = build_widget_page(page, release, is_pinned=True)
    figures = replace(widget.figures, headlines=(late,))
    with citizen.application.test_request_context("/"):
        badge = build_badge(replace(widget, figures=figures, strips=()))
    assert badge.warning == "Trễ hạn: 2 hồ sơ"


@lean
@only_here
def test_a_compact_widget_shows_few_rows_and_says_how_many_are_left(citizen):
    whole, few = (citizen.get(f"/nhung/dich-vu-cong{query}").text for query in ("", "?gon=1"))
    count = whole.count('<th scope="row">')
    assert few.count('<th scope="row">') == 6 < count
    assert f"và {count - 3} dòng khác" in few
    assert f"và {count - 6} dòng khác" in few
    assert "dòng khác" not in whole
    assert few != citizen.get("/nhung/dich-vu-cong?gon=0").text
