"""Pages for readers of English; the same site stays Vietnamese without being asked."""

import re
from dataclasses import replace
from xml.etree.ElementTree import Element

import html5lib
import pytest
from flask import Flask
from flask_babel import Babel, force_locale
from flask_sqlalchemy import SQLAlchemy

from cchc_public import CchcPublic, i18n
from cchc_public.demo.loading import load_demo
from cchc_public.demo.reception import load_demo_reception
from cchc_public.i18n import _
from cchc_public.present.report_view import build_report_view
from cchc_public.present.wording import period_title
from cchc_public.procedures.saving import create_procedure
from cchc_public.releases.reading import newest_release
from cchc_public.store import utc_now
from cchc_public.store.actor import Actor
from cchc_public.vietnamese.periods import PeriodKind, ReportingPeriod
from tests.hosts import COMMON, prepare, sign_in_path
from tests.procedure_records import FULL

pytestmark = pytest.mark.databases("sqlite")
ACTOR = Actor("7", "Nguyễn Thị Lan")
PERIOD = "/ky/2023-6-thang"
# address, words that must stand there
PAGES = (
    ("/", "First 6 months of 2023", "Resolved", "651 of 692 dossiers", "Done most"),
    ("/ky", "Results by period", "Year 2023"),
    (PERIOD, "Main points", "Notes on the figures", "Online public services"),
    (f"{PERIOD}/ho-so", "Dossiers by field", "Unit: dossiers", "Downloads"),
    (f"{PERIOD}/so-hoa", "Digitisation of dossiers and results", "522 of 673"),
    (f"{PERIOD}/nhiem-vu", "Administrative reform tasks", "tasks reported 100 % complete"),
    ("/hai-long", "Satisfaction through the periods"),
    ("/dinh-chinh", "No corrections so far."),
    ("/ve-so-lieu", "How to read the figures", "WCAG 2.2"),
    ("/tiep-cong-dan", "Citizen reception", "Thursday"),
    ("/thu-tuc", "Which procedure do you need?", "1 procedure posted in 1 field."),
    ("/thu-tuc/1.001193", "Papers: everybody needs 1", "The short answer"),
    ("/thu-tuc?q=zzz", "No procedure matches “zzz”."),
    ("/nhung", "Option 1: frame (iframe)"),
    ("/nhung/ho-so", "How dossiers were resolved", "651 of 692 dossiers"),
    ("/man-hinh", "Look up administrative procedures", "Which procedure do you need?"),
    ("/man-hinh/so-lieu", "First 6 months of 2023", "Next citizen reception"),
)


def fill(session) -> None:
    load_demo(session)
    create_procedure(session, replace(FULL, is_posted=True), ACTOR)
    load_demo_reception(session, utc_now().date(), ACTOR)
    session.commit()


@pytest.fixture
def site(build_app, session):
    """The stand-alone site set to English."""
    app = build_app("standalone", CCHC_DEFAULT_LOCALE="en")
    fill(session)
    return app


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
        if isinstance(item.tag, str) and is_ours and item.tag not in ("script", "style"):
            found.extend([item.text or "", item.get("aria-label") or "", item.get("title") or ""])
        for child in item:
            walk(child, is_ours)
            found.append(child.tail or "" if is_ours else "")

    walk(html5lib.parse(text, namespaceHTMLElements=False), True)
    return [words.strip() for words in found if words.strip()]


def test_every_public_page_speaks_english(reader):
    for address, *words in PAGES:
        text = reader.get(address).text
        for expected in words:
            assert expected in re.sub(r"\s+", " ", text), f"{address}: {expected}"


def test_no_word_that_has_its_english_is_left_vietnamese(reader):
    catalogue = i18n.read_catalogue(
        i18n.find_folder("translations") / "en/LC_MESSAGES/cchc_public.po"
    )
    known = {key for key in catalogue._catalog if isinstance(key, str) and key}  # noqa: SLF001
    for address, *_words in PAGES:
        # names of things may be the same as a word of ours: a field of procedures, a weekday
        left = [words for words in own_words(reader.get(address).text) if words in known]
        assert not [words for words in left if catalogue.gettext(words) != words], address


def test_figures_are_written_the_same_in_every_language(reader):
    text = reader.get("/").text
    assert "94,08\u00a0%" in text
    assert "15/12/2022" in text


def test_the_kept_page_is_english_too(reader):
    first, second = reader.get("/"), reader.get("/")
    assert first.data == second.data
    assert first.headers["ETag"] == second.headers["ETag"]
    assert b'<html lang="en">' in second.data


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
    with site.app_context():
        english = build_report_view(release)
        with force_locale("vi"):
            assert build_report_view(release) == english
    assert "6 tháng đầu năm 2023" in english.subject


def test_data_stay_vietnamese(reader, build_app):
    vietnamese = build_app("standalone").test_client()
    for name in ("ho-so.csv", "ho-so.json", "nhiem-vu.csv"):
        address = f"{PERIOD}/{name}"
        assert reader.get(address).data == vietnamese.get(address).data


def test_a_host_in_english_gets_english_in_its_own_frame(build_app, session):
    app = build_app("full", BABEL_DEFAULT_LOCALE="en_GB")
    fill(session)
    reader = app.test_client()
    for address, *words in (PAGES[0], PAGES[2], PAGES[10]):
        text = reader.get("/cchc" + address).text
        assert '<div class="cchc cchc-light" lang="en" data-cchc-page>' in text
        assert "Trang thông tin điện tử xã" in text  # the host's own words
        for expected in words:
            assert expected in re.sub(r"\s+", " ", text), f"{address}: {expected}"


@pytest.mark.parametrize("locale", ["vi", "vi_VN", "fr"])
def test_without_a_catalogue_pages_are_vietnamese_and_say_so(build_app, session, locale):
    app = build_app("full", BABEL_DEFAULT_LOCALE=locale)
    fill(session)
    text = app.test_client().get("/cchc/").text
    assert '<div class="cchc cchc-light" lang="vi" data-cchc-page>' in text
    assert "6 tháng đầu năm 2023" in text
    assert 'lang="en"' not in text


@pytest.fixture
def choosing(engine, session, tmp_path) -> Flask:
    """A host that asks every reader's browser for the language."""
    from flask import request

    app = Flask("choosing", instance_path=str(tmp_path))
    app.config["CCHC_URL_PREFIX"] = ""
    app.config.update(SQLALCHEMY_DATABASE_URI=str(engine.url), **COMMON)
    SQLAlchemy(app)
    Babel(app, locale_selector=lambda: request.accept_languages.best_match(["vi", "en"], "vi"))
    CchcPublic(app)
    fill(session)
    yield prepare(app)
    with app.app_context():
        app.extensions["sqlalchemy"].engine.dispose()


def test_one_reader_never_gets_the_page_kept_for_another(choosing):
    client = choosing.test_client()
    seen = {}
    for language in ("en", "vi", "en", "vi"):
        client.language = language
        answer = client.get("/", headers={"Accept-Language": language})
        assert ("Main points" in answer.text) == (language == "en")
        assert {"Accept-Language", "Cookie"} <= set(answer.vary.to_header().split(", "))
        assert seen.setdefault(language, answer.data) == answer.data


def test_pages_of_one_language_are_the_same_for_every_reader(reader):
    assert "accept-language" not in reader.get("/").vary


def test_periods_are_named_in_both_languages(site):
    periods = [
        ReportingPeriod(PeriodKind.MONTH, 2023, 5),
        ReportingPeriod(PeriodKind.QUARTER, 2023, 2),
    ]
    longer = (PeriodKind.FIRST_HALF, PeriodKind.NINE_MONTHS, PeriodKind.YEAR)
    periods += [ReportingPeriod(kind, 2023) for kind in longer]
    with site.app_context():
        assert [period_title(period) for period in periods] == [
            "Month 5 of 2023",
            "Quarter II of 2023",
            "First 6 months of 2023",
            "First 9 months of 2023",
            "Year 2023",
        ]
        with force_locale("vi"):
            assert [period_title(period) for period in periods] == [p.title for p in periods]
            assert _("Thủ tục") == "Thủ tục"
