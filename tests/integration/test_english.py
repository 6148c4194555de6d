"""Pages for readers of English; the same site stays Vietnamese without being asked."""

import re
from dataclasses import replace
from xml.etree.ElementTree import Element

import html5lib
import pytest
from flask import Flask
from flask_babel import Babel
from flask_sqlalchemy import SQLAlchemy

from cchc_public import CchcPublic, i18n
from cchc_public.demo import load_demo_reception
from cchc_public.i18n import _
from cchc_public.present.report_view import build_report_view
from cchc_public.present.wording import period_title
from cchc_public.procedures import build_channels
from cchc_public.procedures.saving import create_procedure
from cchc_public.releases.reading import newest_release
from cchc_public.store import utc_now
from cchc_public.store.base import Actor
from cchc_public.vietnamese.dates import PeriodKind, ReportingPeriod
from tests.hosts import COMMON, prepare, sign_in_path
from tests.procedure_records import FULL

pytestmark = pytest.mark.databases("sqlite")
ACTOR = Actor("7", "Nguyễn Thị Lan")
PERIOD = "/ky/2023-6-thang"
# address, words that must stand there
PAGES = (
    ("/", "January–June 2023", "Resolved", "651 of 692 dossiers", "Done most"),
    ("/ky", "Results by period", "2023"),
    (PERIOD, "Main points", "Notes on the figures", "Online public services"),
    (f"{PERIOD}/ho-so", "Dossiers by field", "Unit: dossiers", "Downloads"),
    (f"{PERIOD}/so-hoa", "Digitisation of dossiers and results", "522 of 673"),
    (f"{PERIOD}/nhiem-vu", "Administrative reform tasks", "tasks reported 100% complete"),
    ("/hai-long", "Satisfaction through the periods"),
    ("/dinh-chinh", "No corrections so far."),
    ("/ve-so-lieu", "How to read the figures", "WCAG 2.2"),
    ("/tiep-cong-dan", "Citizen reception", "Thursday"),
    ("/thu-tuc", "Which procedure do you need?", "1 procedure posted in 1 field."),
    ("/thu-tuc/1.001193", "Papers: everybody needs 1", "The short answer"),
    ("/thu-tuc?q=zzz", "No procedure matches “zzz”."),
    ("/nhung", "Option 1: linked picture", "Option 2: frame (iframe)"),
    ("/nhung/ho-so", "How dossiers were resolved", "651 of 692 dossiers"),
    ("/man-hinh", "Look up administrative procedures", "Which procedure do you need?"),
    ("/man-hinh/so-lieu", "January–June 2023", "Next citizen reception"),
)


@pytest.fixture
def filled(session, demo) -> None:
    create_procedure(session, replace(FULL, is_posted=True), ACTOR)
    load_demo_reception(session, utc_now().date(), ACTOR)
    session.commit()


@pytest.fixture
def site(build_app, filled):
    """The stand-alone site."""
    return build_app("standalone")


@pytest.fixture
def reader(site):
    client = site.test_client()
    client.language = "en"
    return client


def own_words(text: str) -> list[str]:
    """Return the texts of a page that are not marked as Vietnamese."""
    found: list[str] = []

    def walk(item: Element, is_ours: bool) -> None:
        is_ours = item.get("lang", "en" if is_ours else "vi") == "en"
        if isinstance(item.tag, str) and is_ours and item.tag not in ("script", "style", "title"):
            found.extend([item.text or "", item.get("aria-label") or "", item.get("title") or ""])
        for child in item:
            walk(child, is_ours)
            found.append(child.tail or "" if is_ours else "")

    walk(html5lib.parse(text, namespaceHTMLElements=False), True)
    return [words.strip() for words in found if words.strip()]


def test_every_public_page_speaks_english(reader):
    for address, *words in PAGES:
        text = reader.get(f"/en{address}").text
        for expected in words:
            assert expected in re.sub(r"\s+", " ", text), f"{address}: {expected}"


def test_no_word_that_has_its_english_is_left_vietnamese(reader):
    catalogue = i18n.read_catalogue(
        i18n.find_folder("translations") / "en/LC_MESSAGES/cchc_public.po"
    )
    known = {key for key in catalogue._catalog if isinstance(key, str) and key}  # noqa: SLF001
    for address, *_words in PAGES:
        # names of things may be the same as a word of ours: a field of procedures, a weekday
        left = [words for words in own_words(reader.get(f"/en{address}").text) if words in known]
        assert not [words for words in left if catalogue.gettext(words) != words], address


# what has no English: names, and examples of what one may type
NAMES = re.compile(
    "Ủy ban nhân dân xã Kim Thạch|Ban quản lý xã thử nghiệm|Tiếng Việt|Biểu số [\\w./]+|khai sinh"
    "|đất đai|chứng thực|sổ đỏ|hộ nghèo|huyền|sắc|hỏi|ngã|nặng|Bộ phận một cửa"
    "|Người duyệt công bố \\(trình diễn\\)|QĐ|\\b\\w\\b$"
)


def test_every_vietnamese_passage_says_that_it_is(reader):
    left = {}
    for address, *_words in PAGES:
        words = own_words(reader.get(f"/en{address}").text)
        left[address] = [text for text in words if re.search("[À-ỹ]", NAMES.sub("", text))]
    left = {address: found for address, found in left.items() if found}
    assert not left, repr(left)


def test_names_of_fields_tables_columns_and_notes_are_english(reader):
    text = re.sub(r"\s+", " ", reader.get(f"/en{PERIOD}/ho-so").text)
    for words in (
        ">Civil status<",
        ">Dossiers received<",
        ">In person or by post<",
        "The source states no pending dossiers",
        '<span lang="vi">Biểu “Hồ sơ theo lĩnh vực”',
    ):
        assert words in text, words
    page = reader.get("/en/thu-tuc/1.001193").text
    assert "Civil status" in page
    assert "1 day" in page
    assert "8,000 dong" in page


def test_a_line_of_time_and_fee_marks_only_the_part_that_stays_vietnamese(reader, session):
    wanted = build_channels("3 ngày làm việc", "2.000 đồng/trang")
    record = replace(FULL, code="1.000002", is_posted=True, channels=wanted)
    create_procedure(session, record, ACTOR)
    session.commit()
    line = '3 working days · <span lang="vi">2.000 đồng/trang</span></p>'
    assert line in reader.get("/en/thu-tuc?q=khai+sinh").text
    reader.language = "vi"
    assert "3 ngày làm việc · 2.000 đồng/trang" in reader.get("/thu-tuc?q=khai+sinh").text


# a number, a rate or a day as Vietnamese writes it
VIETNAMESE_FIGURE = re.compile(r"\d,\d+\s?%|\d\s%|\d/\d\d?/\d{4}|\b[1-9]\d{0,2}\.\d{3}\b(?!\d)")


def test_figures_are_written_the_english_way(reader):
    text = reader.get("/en/").text
    assert "94.08%" in text
    assert "15 December 2022" in text
    for address, *_words in PAGES:
        words = " ".join(own_words(reader.get(f"/en{address}").text))
        # codes of procedures look like thousands
        left = [found for found in VIETNAMESE_FIGURE.findall(words) if "00" not in found]
        assert not left, (address, left)


def test_the_kept_page_is_english_too(reader):
    first, second = reader.get("/en/"), reader.get("/en/")
    assert first.data == second.data
    assert first.headers["ETag"] == second.headers["ETag"]
    assert b'<html lang="en">' in second.data
    reader.language = "vi"
    assert b'<html lang="vi">' in reader.get("/").data


def test_the_back_office_stays_vietnamese(site):
    clerk = site.test_client()
    for address in ("/quan-tri/dang-nhap", "/quan-tri/"):
        assert '<html lang="vi">' in clerk.get(address, follow_redirects=True).text, address
    clerk.sign_in(sign_in_path(site), "can-bo@kimthach.example", "mat-khau-thu-nghiem")
    for address, words in (
        ("/quan-tri/", "Mở kỳ mới"),
        (f"/quan-tri{PERIOD}", "Xem trước như người dân thấy"),
        ("/quan-tri/thu-tuc", "Nhập từ tệp"),
        ("/quan-tri/tiep-cong-dan", "Thứ Tư"),
    ):
        page = clerk.get(address).text
        assert words in page, address
        assert '<html lang="vi">' in page, address


def test_files_and_the_signed_report_do_not_change_with_the_language(site, session):
    release = newest_release(session)
    with site.test_request_context("/en/"):
        report = build_report_view(release)
    assert "6 tháng đầu năm 2023" in report.subject
    routes = {rule.rule for rule in site.url_map.iter_rules() if rule.rule.startswith("/en/")}
    files = (".csv", ".xlsx", ".pdf", ".docx", ".zip", ".txt", ".ics", ".atom")
    assert not [rule for rule in routes if rule.endswith(files) or "quan-tri" in rule]


def test_each_page_leads_to_its_twin_and_names_both(site):
    client = site.test_client()
    for address in ("/", "/thu-tuc/1.001193", "/thu-tuc?q=khai+sinh&trang=1"):
        client.language = "vi"
        vietnamese = client.get(address).text.replace("&amp;", "&")
        assert f'href="/en{address}" lang="en" hreflang="en"' in vietnamese
        client.language = "en"
        english = client.get(f"/en{address}").text.replace("&amp;", "&")
        assert f'href="{address}" lang="vi" hreflang="vi"' in english
        # links go on in the language of the page, files are the same for both
        assert 'href="/en/mot-cua"' in english


def test_a_vietnamese_address_never_changes_its_language_by_itself(site):
    client = site.test_client()
    plain = client.get("/").data
    for headers in ({"Accept-Language": "en-GB,en;q=0.9"}, {"Cookie": "lang=en; locale=en"}):
        answer = client.get("/", headers=headers)
        assert answer.data == plain
        assert "Set-Cookie" not in answer.headers
        assert "accept-language" not in answer.vary
    assert client.get("/?lang=en&cchc_language=en").status_code == 200


def test_the_switch_carries_hostile_queries_as_words(site):
    client = site.test_client()  # parses every page strictly
    for query in ('q="><script>alert(1)</script>', "q=%C2%85%01%FF", "q='&amp;#x0;", "\x85\x01"):
        answer = client.get("/thu-tuc", query_string=query)
        assert "<script>alert" not in answer.text


def test_the_old_key_leads_to_english(build_app, filled):
    app = build_app("standalone", CCHC_DEFAULT_LOCALE="en")
    client = app.test_client()
    client.language = "en"
    answer = client.get("/thu-tuc?q=khai%20sinh")
    assert (answer.status_code, answer.location) == (302, "/en/thu-tuc?q=khai%20sinh")
    assert "Tiếng Việt" not in client.get("/en/").text  # it would lead back here
    assert client.get(f"{PERIOD}/ho-so.csv").status_code == 200


def test_one_language_alone_has_no_twins(build_app, filled):
    for app in (
        build_app("standalone", CCHC_LANGUAGES=("vi",)),
        build_app("full", CCHC_LANGUAGES=("vi",)),
    ):
        client = app.test_client()
        prefix = app.config["CCHC_URL_PREFIX"]
        assert client.get(f"{prefix}/en/ky").status_code == 404
        assert "hreflang" not in client.get(f"{prefix}/").text
        assert "?" not in client.get(f"{prefix}/sitemap.xml").text.partition("?>")[2]


@pytest.mark.parametrize(
    "address",
    ["/en/en/", "/en/EN", "/EN/", "/en.", "/english", "/en/quan-tri/", "/en/ky/x/y", "/en/%00"],
)
def test_odd_language_prefixes_are_no_pages(site, address):
    client = site.test_client()
    client.language = "en" if address.startswith("/en/") else "vi"
    assert client.get(address).status_code == 404


@pytest.mark.parametrize("locale", ["vi", "en", "en_GB", "fr"])
def test_in_a_host_the_address_decides_too(build_app, filled, locale):
    app = build_app("full", BABEL_DEFAULT_LOCALE=locale)
    reader = app.test_client()
    assert 'lang="vi" data-cchc-page>' in reader.get("/cchc/").text
    for address, *words in (PAGES[0], PAGES[2], PAGES[10]):
        text = reader.get(f"/cchc/en{address}").text
        assert '<div class="cchc cchc-light" lang="en" data-cchc-page>' in text
        assert "Trang thông tin điện tử xã" in text  # the host's own words
        for expected in words:
            assert expected in re.sub(r"\s+", " ", text), f"{address}: {expected}"


@pytest.fixture
def choosing(engine, filled, tmp_path) -> Flask:
    """A host that asks every reader's browser for the language."""
    from flask import request

    app = Flask("choosing", instance_path=str(tmp_path))
    app.config["CCHC_URL_PREFIX"] = ""
    app.config.update(SQLALCHEMY_DATABASE_URI=str(engine.url), **COMMON)
    SQLAlchemy(app)
    Babel(app, locale_selector=lambda: request.accept_languages.best_match(["vi", "en"], "vi"))
    CchcPublic(app)
    yield prepare(app)
    with app.app_context():
        app.extensions["sqlalchemy"].engine.dispose()


def test_a_host_that_asks_the_browser_changes_no_page_of_ours(choosing):
    client = choosing.test_client()
    for language in ("en", "vi", "en", "vi"):
        headers = {"Accept-Language": language}
        client.language = "vi"
        assert "Số liệu 6 tháng đầu năm 2023" in client.get("/", headers=headers).text
        client.language = "en"
        answer = client.get("/en/", headers=headers)
        assert "Figures for" in answer.text
        assert "accept-language" not in answer.vary


def test_periods_are_named_in_both_languages(site):
    periods = [
        ReportingPeriod(PeriodKind.MONTH, 2023, 5),
        ReportingPeriod(PeriodKind.QUARTER, 2023, 2),
    ]
    longer = (PeriodKind.FIRST_HALF, PeriodKind.NINE_MONTHS, PeriodKind.YEAR)
    periods += [ReportingPeriod(kind, 2023) for kind in longer]
    with site.test_request_context("/en/"):
        assert [period_title(period) for period in periods] == [
            "May 2023",
            "Quarter II of 2023",
            "January–June 2023",
            "January–September 2023",
            "2023",
        ]
    with site.test_request_context("/"):
        assert [period_title(period) for period in periods] == [p.title for p in periods]
        assert _("Thủ tục") == "Thủ tục"
