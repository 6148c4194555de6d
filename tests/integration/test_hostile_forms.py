"""What hostile people and two hands at once send to the office's forms."""

from __future__ import annotations

import pytest

from cchc_public.demo import load_demo_reception
from cchc_public.office.frame import notify, take_notices
from cchc_public.reports.drafting import create_report, get_report, get_sheet
from cchc_public.store import utc_now
from cchc_public.vietnamese.dates import parse_period
from tests.hostile import WORDS, address_of, list_rules, plain_client
from tests.integration.reports import CLERK, SLUG, open_filled
from tests.office_forms import fill, read_form, words
from tests.pages import HTML, parse, read_inputs

pytestmark = pytest.mark.databases("sqlite")
PASTED = "Lĩnh vực\tTrực tuyến\tTrực tiếp, dịch vụ bưu chính\tTừ kỳ trước\nĐất đai\t5\t3\t1\n"
# fields that some page may read although this one does not offer them
EXTRA = dict.fromkeys(
    ("role", "code", "all", "status", "decision", "token", "edition", "stamp", "day", "payload"),
    "1",
)
BROWSERS_KEEP = 4093  # bytes of one cookie


@pytest.fixture
def sheet(session, prefix) -> str:
    open_filled(session)
    session.commit()
    return f"{prefix}/quan-tri/ky/{SLUG}/ho-so"


def stored(session, code: str = "ho-so"):
    session.expire_all()
    return get_sheet(get_report(session, SLUG), code)


@pytest.mark.everywhere
def test_long_complaints_fit_into_the_cookie(app) -> None:
    with app.test_request_context():
        for number in range(20):
            notify(f"{number} " + "ạ ồ ừ" * 2_000, "warn")
            notify(f"Đã lưu {number}.")
        told = [notice["text"] for notice in take_notices()]
        assert told[-1] == "Đã lưu 19."
        notify("x" * 100_000)
        assert len(take_notices()[0]["text"]) < 1_000


def test_many_readings_fit_into_the_cookie(clerk, sheet) -> None:
    form = read_form(clerk.get(sheet).text, "/ho-so")
    keys = [name for name in form if name.startswith(("r0.c.", "r1.c."))]
    typed = form | dict.fromkeys(keys, "123 456 789 012 345")
    answer = clerk.post(sheet, data=typed)
    assert answer.status_code == 302
    assert max(map(len, answer.headers.getlist("Set-Cookie"))) < BROWSERS_KEEP


def test_what_was_previewed_for_one_sheet_is_not_applied_to_another(clerk, sheet, session) -> None:
    seen = fill(clerk, f"{sheet}/dan", "/dan", text=PASTED)
    form = read_form(seen.text, "/dan") | {"do": "apply", "version": "0"}
    other = sheet.replace("/ho-so", "/so-hoa")
    answer = clerk.post(f"{other}/dan", data=form)
    assert answer.status_code == 302
    assert "không còn dùng được" in words(clerk.get(answer.location).text)
    assert not stored(session, "so-hoa").given_keys
    assert stored(session).row("dat-dai").cells["received_online"] == 10


def test_after_the_last_year_there_is_still_a_form_for_a_period(clerk, session, prefix) -> None:
    create_report(session, parse_period("2199-ca-nam"), CLERK)
    session.commit()
    page = clerk.get(f"{prefix}/quan-tri/ky/moi")
    assert page.status_code == 200


@pytest.mark.parametrize("figure", ["1e9", "NaN", "Infinity", "9" * 400, "-1", "٣", "=1+1", "²"])
def test_what_is_no_figure_is_kept_as_typed_and_never_counted(
    clerk, sheet, session, figure
) -> None:
    form = read_form(clerk.get(sheet).text, "/ho-so") | {"r0.c.received_online": figure}
    assert clerk.post(sheet, data=form).status_code == 302
    row = stored(session).row("dat-dai")
    assert row.cells.get("received_online") is None
    assert figure.startswith(row.unread["received_online"][:60])
    assert clerk.get(sheet).status_code == 200


def test_ten_thousand_rows_are_refused_in_words(clerk, sheet, session) -> None:
    person = plain_client(clerk)
    form = read_form(person.get(sheet).text, "/ho-so")
    answer = person.post(sheet, data=form | {f"r{n}.label": "x" for n in range(10_000)})
    assert answer.status_code == 302
    assert "mỗi biểu nhận tối đa 500 dòng. Chưa lưu gì." in words(person.get(sheet).text)
    assert len(stored(session).rows) == 2


@pytest.mark.everywhere
def test_five_megabytes_are_refused_in_words(app, clerk, sheet, session) -> None:
    form = read_form(clerk.get(sheet).text, "/ho-so") | {"r0.label": "x" * 5_000_000}
    if "cchc_site" not in app.extensions:
        app.config["MAX_CONTENT_LENGTH"] = 1_000_000  # the host's own form parser comes first
    answer = clerk.post(sheet, data=form)
    assert answer.status_code == 413
    assert "quá lớn" in words(answer.text)
    assert stored(session).row("dat-dai").label == "Đất đai"


@pytest.mark.hosts("standalone")
@pytest.mark.parametrize("body", [b"a&" * 4_000_000, b"a=" + b"x" * 8_000_000])
def test_a_strangers_endless_form_is_not_even_parsed(citizen, body) -> None:
    kind = "application/x-www-form-urlencoded"
    answer = citizen.post("/quan-tri/dang-nhap", data=body, content_type=kind)
    assert answer.status_code == 413


@pytest.mark.hosts("standalone")
@pytest.mark.parametrize("body", ["[" * 100_000, '"x"', "[1]", '{"email": {}, "password": 5}'])
def test_signing_in_takes_a_form_and_nothing_else(citizen, body) -> None:
    token = read_inputs(citizen.get("/quan-tri/dang-nhap").text)["csrf_token"]
    answer = citizen.post(
        "/quan-tri/dang-nhap",
        data=body,
        content_type="application/json",
        headers={"X-CSRFToken": token},
    )
    assert answer.status_code == 415


@pytest.mark.parametrize("kind", ["application/json", "text/plain", "multipart/form-data", ""])
def test_another_kind_of_body_changes_nothing(clerk, sheet, session, kind) -> None:
    token = read_form(clerk.get(sheet).text, "/ho-so")["csrf_token"]
    answer = clerk.post(
        sheet,
        data=b'{"r0.c.received_online":"7"}',
        content_type=kind,
        headers={"X-CSRFToken": token},
    )
    assert answer.status_code < 500
    assert stored(session).row("dat-dai").cells["received_online"] == 10


def every_field(page: str) -> dict[str, str]:
    """Return the fields of all posted forms of a page, but for signing out."""
    found: dict[str, str] = {}
    for form in parse(page).iter(f"{HTML}form"):
        if form.get("method") == "post" and "dang-xuat" not in (form.get("action") or ""):
            named = [item for item in form.iter() if item.get("name")]
            found |= {str(item.get("name")): item.get("value") or "" for item in named}
    return found


@pytest.mark.hosts("standalone")
@pytest.mark.databases("sqlite", "postgresql")
def test_no_posted_word_makes_the_site_fail(app, admin, publisher, session, database_kind) -> None:
    open_filled(session)
    load_demo_reception(session, utc_now().date(), CLERK)
    session.commit()
    token = every_field(admin.get("/quan-tri/ky/moi").text)["csrf_token"]
    # what PostgreSQL refuses and SQLite takes
    sent = WORDS[::2] if database_kind == "sqlite" else ("\x00", "9" * 20, "x" * 5000)
    failed = []
    # the draft is dropped last, so that every other form still finds it
    for rule in sorted(list_rules(app, "POST"), key=lambda rule: rule.rule.endswith("/bo")):
        person = plain_client(publisher if "/thu-hoi" in rule.rule else admin)
        address = address_of(rule)
        fields = {**every_field(person.get(address, follow_redirects=True).text), **EXTRA}
        for number, word in enumerate(sent):
            deed = (word, "apply", "role", "post")[number % 4]
            form = dict.fromkeys(fields, word) | {"csrf_token": token, "do": deed}
            answer = person.post(address, data=form)
            if answer.status_code >= 500:
                failed.append((address, word[:20], answer.status_code))
    assert failed == []
    # without any period the office leads to the first steps, never to signing in
    start = admin.get("/quan-tri/")
    assert start.status_code == 200 or start.location == "/quan-tri/bat-dau"
    for page in ("/", "/quan-tri/bat-dau", "/tiep-cong-dan", "/quan-tri/tai-khoan"):
        assert admin.get(page).status_code == 200
    assert admin.get("/quan-tri/thu-tuc").status_code == 200
