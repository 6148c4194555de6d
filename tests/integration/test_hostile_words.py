"""Hostile words typed into every form come out of every page and file as plain words."""

from __future__ import annotations

import csv
import io
import json
import re
from xml.etree import ElementTree as ET

import html5lib
import pytest
from icalendar import Calendar
from openpyxl import load_workbook
from pypdf import PdfReader
from sqlalchemy import update

from cchc_public.accounts import User
from cchc_public.demo import load_demo_reception
from cchc_public.vietnamese.text import clean_text, restore
from tests.hosts import STAFF
from tests.integration.reports import CLERK, SLUG, open_filled
from tests.office_forms import decide, fill, hand_in, read_form, words

pytestmark = [pytest.mark.databases("sqlite"), pytest.mark.hosts("standalone")]

EVIL = "=cmd|' /C calc'!A0 <script>alert(1)</script>\"'>&amp;{{7*7}}]]>\u202e😀 e\u0301\x0b\ufffe"
PLAIN = clean_text(EVIL)  # what is left is harmless, and all of it
OFFICE = f"/quan-tri/ky/{SLUG}"
CODE = "9.999999"
OUR_FORMULA = re.compile(r"=(SUM|ROUND)?[A-Z0-9():,+*/-]+")  # of cells only, never of words


@pytest.fixture
def published(app, clerk, publisher, session, clock) -> None:
    """A period whose every word is hostile, published and corrected, with a hostile publisher."""
    clock.set(2023, 6, 15, 1)  # the last day of the figures is over
    open_filled(session)
    load_demo_reception(session, clock.now.date(), CLERK)
    hostile = update(User).where(User.email == STAFF["publisher"][0]).values(full_name=EVIL)
    session.execute(hostile)
    session.commit()
    enter_sheets(clerk)
    enter_warning(clerk)
    enter_head(clerk)
    give_reasons(clerk)
    hand_in(clerk, OFFICE, note=EVIL)
    done(decide(publisher, OFFICE))
    done(fill(clerk, f"{OFFICE}/ho-so", r0__label=f"@SUM {EVIL}"))
    hand_in(clerk, OFFICE, reason=EVIL)
    done(decide(publisher, OFFICE))


def done(answer) -> None:
    assert answer.status_code == 302, words(answer.text)


def enter_sheets(clerk) -> None:
    done(fill(clerk, f"{OFFICE}/ho-so", r0__label=EVIL))
    task = {"r0__c__lead_unit": EVIL, "r0__c__progress": EVIL, "r0__c__deliverable": EVIL}
    new = {"r0__label": EVIL, "r0__section": "I", "r0__section_label": EVIL}
    done(fill(clerk, f"{OFFICE}/nhiem-vu", **new, **task, r0__c__completion="50"))
    form = read_form(clerk.get(f"{OFFICE}/chi-tieu").text, "/chi-tieu")
    last = max(name.partition(".")[0] for name in form if name.endswith(".label"))
    words_of_list = {f"{last}.label": EVIL, f"{last}.c.unit": EVIL, f"{last}.c.note": EVIL}
    done(clerk.post(f"{OFFICE}/chi-tieu", data=form | words_of_list | {f"{last}.c.value": "3"}))


def enter_warning(clerk) -> None:
    figures = {"posted": "138", "field_count": "27", "in_jurisdiction": "125", "other": "9"}
    cells = {f"r0__c__{key}": text for key, text in figures.items()}
    done(fill(clerk, f"{OFFICE}/so-luong-thu-tuc", **cells))


def enter_head(clerk) -> None:
    names = ("document_number", "place", "superior_body", "recipients", "on_behalf_of", "signatory")
    done(fill(clerk, f"{OFFICE}/bao-cao", **dict.fromkeys(names, EVIL[:90])))
    words_only = EVIL.replace("{{", "{ {")  # a figure that is not there is refused, see above
    text = {"parts-1-text": f"{words_only}\n- {words_only}"}
    done(fill(clerk, f"{OFFICE}/loi-bao-cao", **text))


def give_reasons(clerk) -> None:
    form = read_form(clerk.get(f"{OFFICE}/giai-trinh").text, "/giai-trinh")
    answers = {name: EVIL for name in form if name.startswith("reason.")}
    done(clerk.post(f"{OFFICE}/giai-trinh", data=form | answers))


def no_script(text: str) -> str:
    assert "<script>alert" not in text
    assert "\u202e" not in text
    return text


@pytest.mark.usefixtures("published")
def test_pages_files_and_feeds_show_hostile_words_as_words(citizen, clerk, publisher) -> None:
    check_public_pages(citizen)
    pages = ("", "/ho-so", "/nhiem-vu", "/chi-tieu", "/bao-cao", "/loi-bao-cao", "/giai-trinh")
    for page in (*pages, "/lich-su"):
        assert "alert(1)" in no_script(clerk.get(f"{OFFICE}{page}").text), page
    for page in ("/xem-truoc", "/xem-truoc/ho-so", "/so-sanh", "/thu-hoi", "/cong-bo"):
        no_script(publisher.get(f"{OFFICE}{page}").text)
    check_files(citizen)
    check_embedded(citizen)


def check_public_pages(citizen) -> None:
    for page in ("/", f"/ky/{SLUG}", f"/ky/{SLUG}/ho-so", f"/ky/{SLUG}/nhiem-vu", "/dinh-chinh"):
        text = no_script(citizen.get(page).text)  # the client parses each strictly
        assert "alert(1)" in text, page
        assert "{{7*7}}" in text, page


def check_files(citizen) -> None:
    address = f"/ky/{SLUG}/ho-so"
    label = f"@SUM {PLAIN}"
    rows = list(csv.reader(io.StringIO(citizen.get(f"{address}.csv").data.decode("utf-8-sig"))))
    cells = [cell for row in rows for cell in row]
    assert label not in cells
    assert label in [restore(cell) for cell in cells]
    assert label in json.dumps(
        citizen.get(f"{address}.json").get_json(), ensure_ascii=False
    ).replace('\\"', '"')
    book = load_workbook(io.BytesIO(citizen.get(f"{address}.xlsx").data))
    found = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value]
    assert label in [restore(str(cell.value)) for cell in found]
    formulas = [str(cell.value) for cell in found if cell.data_type == "f"]
    assert not [words for words in formulas if not OUR_FORMULA.fullmatch(words)]
    report = PdfReader(io.BytesIO(citizen.get(f"/ky/{SLUG}/bao-cao.pdf").data))
    text = "".join(page.extract_text() for page in report.pages)
    assert "alert(1)" in text.replace("\n", "")
    assert "/JavaScript" not in str(report.trailer["/Root"])


def check_embedded(citizen) -> None:
    feed = ET.fromstring(citizen.get("/dinh-chinh.atom").data)  # noqa: S314 - our own answer
    assert PLAIN in "".join(feed.itertext())
    for widget in ("tong-quan", "ho-so", "thu-tuc"):
        picture = ET.fromstring(citizen.get(f"/nhung/{widget}.svg").data)  # noqa: S314
        assert not [item for item in picture.iter() if item.tag.endswith("script")]
        no_script(citizen.get(f"/nhung/{widget}").text)
        no_script(citizen.get(f"/nhung/{widget}.html").text)
        no_script(citizen.get(f"/nhung?tien-ich={widget}").text)


@pytest.mark.usefixtures("published")
def test_a_procedure_of_hostile_words_is_read_as_words(citizen, clerk) -> None:
    page = clerk.get("/quan-tri/thu-tuc/moi")
    form = read_form(page.text, "/moi")
    kept = {"csrf_token", "cchc_ticket", "version", "status", "online_level"}
    dates = {name for name in form if name.endswith(("_on", "_from", "_to", "originals", "copies"))}
    flags = {"received_here", "decided_here", "is_posted"}
    plain = {name for name in form if not name.endswith(".used")} - kept - dates - flags
    typed = dict.fromkeys(plain, EVIL) | {"code": CODE, "portal_link": "javascript:alert(1)"}
    typed |= {"field": "Hộ tịch", "any.time": "", "any.fee": "", "any.note": ""}
    answer = clerk.post("/quan-tri/thu-tuc/moi", data=form | typed)
    if answer.status_code == 422:  # the link is refused, as it should be
        assert "http" in words(answer.text)
        answer = clerk.post("/quan-tri/thu-tuc/moi", data=form | typed | {"portal_link": ""})
    done(answer)
    text = no_script(citizen.get(f"/thu-tuc/{CODE}").text)
    assert "javascript:alert" not in text
    scripts = html5lib.parse(text, namespaceHTMLElements=False).iter("script")
    (structured,) = [item.text for item in scripts if item.get("type") == "application/ld+json"]
    assert json.loads(structured)["name"] == " ".join(PLAIN.split())
    for address in (f"/man-hinh/thu-tuc/{CODE}", "/thu-tuc?q=calc", "/man-hinh/tim?q=calc"):
        assert "alert(1)" in no_script(citizen.get(address).text)
    assert "alert(1)" in json.dumps(citizen.get("/man-hinh/ban-luu.json").get_json())
    leaflet = PdfReader(io.BytesIO(citizen.get(f"/thu-tuc/{CODE}/to-roi.pdf").data))
    assert "alert(1)" in leaflet.pages[0].extract_text().replace("\n", "")
    book = load_workbook(io.BytesIO(clerk.get("/quan-tri/thu-tuc/xuat.xlsx").data))
    assert not [c for sheet in book for row in sheet.iter_rows() for c in row if c.data_type == "f"]


@pytest.mark.usefixtures("published")
def test_reception_words_stand_in_the_calendar_as_words(citizen, clerk) -> None:
    page = "/quan-tri/tiep-cong-dan"
    names = ("receiver", "place", "hours", "note")
    done(fill(clerk, page, "/quy-dinh", **dict.fromkeys(names, f"{EVIL}\r\nX-INJECTED:1")))
    no_script(citizen.get("/tiep-cong-dan").text)
    data = citizen.get("/tiep-cong-dan.ics").data
    assert b"\r\nX-INJECTED" not in data
    events = Calendar.from_ical(data).walk("VEVENT")
    assert events
    assert any(PLAIN in str(event["LOCATION"]) for event in events)
