"""How pages are found and shared, and what readers say of them."""

import json
import re
from xml.etree import ElementTree

import html5lib
import pytest
from sqlalchemy import select

from cchc_public.demo import PUBLISHER, load_demo_desk
from cchc_public.reports.publishing import withdraw
from cchc_public.store import HelpfulAnswers
from cchc_public.web.helpful import MOST_A_PAGE

pytestmark = [pytest.mark.databases("sqlite"), pytest.mark.usefixtures("demo", "procedures")]
only_site = pytest.mark.hosts("standalone")
PERIOD = "/ky/2023-6-thang"
PAGES = (
    *("/", "/thu-tuc", "/thu-tuc/1.001193", "/ky", PERIOD, f"{PERIOD}/ho-so", "/hai-long"),
    *("/dinh-chinh", "/ve-so-lieu", "/mot-cua", "/tiep-cong-dan", "/nhung"),
)


def speak(client, prefix, language):
    """Expect the language of the page; a host's frame keeps its own."""
    client.language = language if not prefix else "vi"


def head(text):
    """Return the meta elements and links of a page, and its data block."""
    tree = html5lib.parse(text, namespaceHTMLElements=False)
    metas = {m.get("name") or m.get("property"): m.get("content") for m in tree.iter("meta")}
    links = {
        (link.get("rel"), link.get("hreflang")): link.get("href") for link in tree.iter("link")
    }
    blocks = [s.text for s in tree.iter("script") if s.get("type") == "application/ld+json"]
    return metas, links, [json.loads(block) for block in blocks]


@pytest.mark.hosts("standalone", "full")
def test_every_page_names_itself_its_twin_and_what_it_says(app, citizen, prefix):
    described = {}
    for language, start in (("vi", ""), ("en", "/en")):
        speak(citizen, prefix, language)
        for path in PAGES:
            metas, links, _blocks = head(citizen.get(f"{prefix}{start}{path}?fbclid=x").text)
            home = f"http://localhost{prefix}"
            assert links["canonical", None] == f"{home}{start}{path}"
            assert links["alternate", "vi"] == links["alternate", "x-default"] == home + path
            assert links["alternate", "en"] == f"{home}/en{path}"
            assert metas["og:title"], path
            assert metas["og:description"] == metas["description"]
            assert 20 < len(metas["description"]) <= 201, (path, metas["description"])
            assert "robots" not in metas
            described.setdefault(metas["description"], []).append(path)
    assert [paths for paths in described.values() if len(paths) > 1] == []


@only_site
def test_what_narrows_or_pins_a_page_is_not_to_be_found(citizen):
    addresses = ("/thu-tuc?q=khai+sinh", f"{PERIOD}?ban=1", "/nhung?tien-ich=so-hoa", "/gop-y")
    for address in addresses:
        metas, links, _blocks = head(citizen.get(address).text)
        assert metas["robots"] == "noindex", address
        assert ("canonical", None) not in links


@only_site
def test_a_refusal_asks_nothing_and_has_no_address(citizen):
    for address in ("/thu-tuc/9.999999", f"{PERIOD}/khong-co", "/ky/2020-quy-1", "/khong-co"):
        answer = citizen.get(address)
        assert answer.status_code == 404
        metas, links, _blocks = head(answer.text)
        assert metas["robots"] == "noindex"
        assert ("canonical", None) not in links
        assert "Thông tin này có giúp" not in answer.text


@only_site
def test_tables_and_procedures_tell_programs_what_they_are(citizen):
    (found,) = head(citizen.get(f"{PERIOD}/ho-so").text)[2]
    assert found["@type"] == "Dataset"
    assert found["temporalCoverage"] == "2022-12-15/2023-06-12"
    assert found["license"] == "https://creativecommons.org/licenses/by/4.0/"
    assert 50 <= len(found["description"]) <= 5000
    for file in found["distribution"]:
        answer = citizen.get(file["contentUrl"])
        assert answer.mimetype == file["encodingFormat"]
    (service,) = head(citizen.get("/thu-tuc/1.001193").text)[2]
    told = {item["propertyID"]: item["value"] for item in service["additionalProperty"]}
    assert service["@type"] == "GovernmentService"
    assert set(told) == {"fee", "time"}
    assert service["areaServed"]["name"] == "Ủy ban nhân dân xã Kim Thạch"
    assert "script-src 'self'" in citizen.get(PERIOD).headers["Content-Security-Policy"]


@pytest.mark.hosts("standalone", "full")
def test_the_sitemap_lists_pages_that_answer_and_no_others(citizen, prefix, session):
    tree = ElementTree.fromstring(citizen.get(f"{prefix}/sitemap.xml").data)  # noqa: S314
    space = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
    listed = [item.text for item in tree.iter(f"{space}loc")]
    assert len(listed) == len(set(listed)) > 500
    for address in [*listed[:30:3], *listed[-600::150]]:
        path = address.removeprefix("http://localhost")
        speak(citizen, prefix, "en" if path.startswith(f"{prefix}/en/") else "vi")
        metas, links, _blocks = head(citizen.get(path).text)
        assert links["canonical", None] == address
    assert f"http://localhost{prefix}{PERIOD}/ho-so" in listed
    withdraw(session, "2023-6-thang", PUBLISHER, "Số liệu sai nguồn.")
    session.commit()
    assert PERIOD not in citizen.get(f"{prefix}/sitemap.xml").text


@only_site
def test_the_site_has_robots_and_an_icon_and_a_host_keeps_its_own(citizen, build_app):
    robots = citizen.get("/robots.txt")
    assert "Sitemap: http://localhost/sitemap.xml" in robots.text
    assert citizen.get("/favicon.ico").data[:4] == b"\x00\x00\x01\x00"
    host = build_app("full").test_client()
    for name in ("/robots.txt", "/favicon.ico", "/cchc/robots.txt"):
        assert host.get(name).status_code == 404


def answer(client, path, page, co="1", **more):
    return client.post(f"{path}/gop-y", data={"trang": page, "co": co}, **more)


def rows(session):
    session.expire_all()
    found = session.scalars(select(HelpfulAnswers).order_by(HelpfulAnswers.path))
    return [(row.path, row.yes, row.no) for row in found]


def test_answers_are_counted_by_page_in_both_languages_without_a_cookie(
    citizen, prefix, session, clerk
):
    page = citizen.get(f"{prefix}/thu-tuc/1.001193")
    assert 'name="trang" value="/thu-tuc/1.001193"' in page.text
    done = answer(citizen, prefix, "/thu-tuc/1.001193")
    assert done.status_code == 303
    assert done.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in done.headers
    thanks = citizen.get(done.location).text
    assert "không đại diện cho người dân" in thanks
    assert f'href="{prefix}/thu-tuc/1.001193"' in thanks
    speak(citizen, prefix, "en")
    english = citizen.get(f"{prefix}/en/thu-tuc/1.001193").text
    assert 'name="trang" value="/thu-tuc/1.001193"' in english
    done = answer(citizen, f"{prefix}/en", "/thu-tuc/1.001193", "0")
    assert "/en/gop-y?trang=" in done.location
    answer(citizen, prefix, f"{PERIOD}/ho-so", "0")
    assert rows(session) == [(f"{PERIOD}/ho-so", 0, 1), ("/thu-tuc/1.001193", 1, 1)]
    assert session.scalar(select(HelpfulAnswers.month)).day == 1
    assert "có 1, không 1" in clerk.get(f"{prefix}/quan-tri/thu-tuc").text


@only_site
@pytest.mark.parametrize(
    "page",
    [
        *("", "/khong-co", "/thu-tuc/9.999999", "/ky/2020-quy-1", f"{PERIOD}/khong-co", "/gop-y"),
        *("//evil.example/", "https://evil.example/", "/en/ky", "/quan-tri/", "/ky\x00", "/" * 300),
        *(f"{PERIOD}/ho-so.csv", "/_cchc/x", "/%2e%2e/", "\\\\evil", "/ky?x=1", "/man-hinh"),
    ],
)
def test_only_pages_that_stand_are_counted(citizen, session, page):
    assert answer(citizen, "", page).status_code == 400
    assert rows(session) == []
    shown = citizen.get("/gop-y", query_string={"trang": page, "da-ghi": "1"})
    assert "Về trang vừa xem" not in shown.text


@only_site
def test_a_flood_ends_in_words_and_counts_little(citizen, session):
    answers = [answer(citizen, "", "/ky").status_code for _time in range(MOST_A_PAGE + 3)]
    assert answers == [303] * MOST_A_PAGE + [429] * 3
    assert "Xin chờ một giờ" in answer(citizen, "", "/ky").text
    assert rows(session) == [("/ky", MOST_A_PAGE, 0)]
    # another reader still can, and nothing that a reader says of himself makes him another
    other = {"REMOTE_ADDR": "203.0.113.9"}
    assert answer(citizen, "", "/ky", environ_overrides=other).status_code == 303
    forged = {"X-Forwarded-For": "198.51.100.7", "Referer": "https://a.example/", "Cookie": "a=b"}
    assert answer(citizen, "", "/ky", headers=forged).status_code == 429


@only_site
def test_odd_methods_and_bodies_are_refused_without_a_trace(citizen, session):
    for co in ("", "2", "có", "1 ", "1" * 9000):
        assert answer(citizen, "", "/ky", co).status_code == 400
    assert citizen.post("/gop-y", json={"trang": "/ky", "co": "1"}).status_code == 415
    assert citizen.head("/gop-y").status_code == 200
    assert citizen.options("/gop-y").headers["Allow"].count("POST") == 1
    for method in ("put", "delete", "patch"):
        assert getattr(citizen, method)("/gop-y").status_code in (400, 405)
    assert citizen.post("/ky", data={"co": "1"}).status_code in (400, 405)
    assert rows(session) == []


@only_site
def test_a_mistake_is_reported_to_the_desk(citizen, session):
    address = f"{PERIOD}/ho-so"
    assert "Báo số liệu, thông tin sai" not in citizen.get(address).text  # nobody to tell
    load_demo_desk(session, PUBLISHER)
    session.commit()
    found = re.search(r'<a class="cchc-tap" href="([^"]+)">Báo số liệu', citizen.get(address).text)
    assert re.match(r"mailto:\S+@\S+\?subject=B%C3%A1o%20", found[1]) or found[1][:4] == "tel:"
