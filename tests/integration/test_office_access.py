from __future__ import annotations

import pytest
from sqlalchemy import func, select

from cchc_public.store import AuditEntry
from tests.integration.reports import SLUG, open_filled
from tests.office_forms import fill, read_form, words

pytestmark = [pytest.mark.everywhere, pytest.mark.databases("sqlite")]
OFFICE = "/quan-tri/bat-dau"  # answers whoever may enter; "/quan-tri/" may lead on to here


def test_every_office_endpoint_names_the_permission_it_needs(app) -> None:
    unguarded = [
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("cchc_staff.")
        and not hasattr(app.view_functions[rule.endpoint], "cchc_requires")
    ]
    assert unguarded == []


@pytest.mark.usefixtures("procedures")
def test_who_asks_for_headers_alone_is_answered_as_a_reader_and_does_nothing(
    app, clerk, admin, session
) -> None:
    open_filled(session)
    session.commit()
    deeds = select(func.count()).select_from(AuditEntry)
    before = session.scalar(deeds)
    session.rollback()
    adapter = app.url_map.bind("localhost")
    for rule in app.url_map.iter_rules():
        # HEAD carries no token, so it must never be taken for a form
        if rule.endpoint.startswith("cchc_staff.") and {"HEAD", "POST"} <= (rule.methods or set()):
            code = "1.001193" if "thu-tuc" in rule.rule else "ho-so"
            values = {"slug": SLUG, "code": code, "number": 1, "name": "x"}
            address = adapter.build(rule.endpoint, {k: values[k] for k in rule.arguments})
            for client in (clerk, admin):
                answer, read = client.head(address), client.get(address)
                assert (answer.status, answer.location) == (read.status, read.location), address
    assert session.scalar(deeds) == before


def test_strangers_are_led_to_sign_in_and_back(citizen, app, prefix) -> None:
    answer = citizen.get(f"{prefix}/quan-tri/ky/moi")
    assert answer.status_code == 302
    assert "next=" in answer.location
    assert "quan-tri" in answer.location


@pytest.mark.parametrize("action", ["cong-bo", "thu-hoi"])
def test_a_clerk_is_told_in_words_that_she_may_not_publish(clerk, session, prefix, action) -> None:
    open_filled(session)
    session.commit()
    answer = clerk.get(f"{prefix}/quan-tri/ky/{SLUG}/{action}")
    assert answer.status_code == 403
    assert "chưa được phép công bố" in words(answer.text)


def test_only_an_administrator_sees_the_settings(clerk, admin, prefix) -> None:
    page = f"{prefix}/quan-tri/thiet-lap"
    assert clerk.get(page).status_code == 403
    shown = admin.get(page)
    assert "CCHC_AUTHORITY_NAME" in shown.text
    assert "Kim Thạch" in shown.text


@pytest.mark.parametrize("page", ["/ky/2023-6-thang", "/ky/khong-co", "/ky/2023-6-thang/la-gi"])
def test_what_does_not_exist_is_told_in_our_words(clerk, prefix, page) -> None:
    answer = clerk.get(f"{prefix}/quan-tri{page}")
    assert answer.status_code == 404
    assert "Chưa mở kỳ báo cáo này" in words(answer.text)


def test_staff_pages_are_kept_by_nobody(clerk, prefix) -> None:
    answer = clerk.get(f"{prefix}/quan-tri/")
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.hosts("full")
def test_a_host_keeps_its_own_accounts(admin, app, prefix) -> None:
    assert "cchc_staff.accounts" not in app.view_functions
    assert admin.get(f"{prefix}/quan-tri/tai-khoan").status_code == 404


@pytest.mark.hosts("standalone")
def test_an_account_is_added_and_its_link_told_once(admin, app, session) -> None:
    answer = fill(
        admin, "/quan-tri/tai-khoan", "/tai-khoan",
        full_name="Lê Thị Hoa", email="hoa@kimthach.example", role="clerk",
    )  # fmt: skip
    assert answer.status_code == 200
    link = (
        answer.text.partition('cchc-secret">')[2].partition("<")[0].removeprefix("http://localhost")
    )
    assert link not in admin.get("/quan-tri/tai-khoan").text
    newcomer = app.test_client()
    choose_password(newcomer, link, "con mèo ăn bánh cuốn")
    newcomer.sign_in("/quan-tri/dang-nhap", "hoa@kimthach.example", "con mèo ăn bánh cuốn")
    assert newcomer.get(OFFICE).status_code == 200
    assert app.test_client().get(link).status_code == 410, "a link works once"
    entries = session.scalars(select(AuditEntry).where(AuditEntry.action == "account.add")).all()
    assert len(entries) == 1
    assert link not in str(entries[0].detail)
    assert entries[0].detail["address"] == "127.0.0.1"


def choose_password(client, link: str, password: str) -> None:
    answer = client.post_form(link, password=password, again=password)
    assert answer.status_code == 302, answer.text


@pytest.mark.hosts("standalone")
def test_an_account_is_locked_and_gets_a_new_password_and_role(admin, app, clerk) -> None:
    page = admin.get("/quan-tri/tai-khoan").text
    start = page.index("can-bo@kimthach.example")
    number = page[start:].partition("/tai-khoan/")[2].partition('"')[0]
    token = {"csrf_token": read_form(page, "/tai-khoan")["csrf_token"]}
    address = f"/quan-tri/tai-khoan/{number}"
    assert admin.post(address, data=token | {"do": "lock"}).status_code == 302
    assert clerk.get(OFFICE).status_code == 302
    assert admin.post(address, data=token | {"do": "unlock"}).status_code == 302
    admin.post(address, data=token | {"do": "role", "role": "publisher"})
    links = [
        admin.post(address, data=token | {"do": "link"})
        .text.partition('cchc-secret">')[2]
        .partition("<")[0]
        .removeprefix("http://localhost")
        for _ in range(2)
    ]
    again = app.test_client()
    assert again.get(links[0]).status_code == 410, "a later link ends the earlier one"
    choose_password(again, links[1], "con mèo ăn bánh cuốn")
    again.sign_in("/quan-tri/dang-nhap", "can-bo@kimthach.example", "con mèo ăn bánh cuốn")
    assert again.get(OFFICE).status_code == 200


@pytest.mark.hosts("standalone")
def test_the_last_administrator_cannot_lock_himself_out(admin) -> None:
    page = admin.get("/quan-tri/tai-khoan").text
    start = page.index("quan-tri@kimthach.example")
    number = page[start:].partition("/tai-khoan/")[2].partition('"')[0]
    token = {"csrf_token": read_form(page, "/tai-khoan")["csrf_token"]}
    answer = admin.post(
        f"/quan-tri/tai-khoan/{number}", data=token | {"do": "lock"}, follow_redirects=True
    )
    assert "cuối cùng" in words(answer.text)


@pytest.mark.hosts("standalone")
def test_a_faulty_account_is_refused_at_its_field(admin) -> None:
    answer = fill(admin, "/quan-tri/tai-khoan", "/tai-khoan", full_name="", email="x")
    assert answer.status_code == 422
    assert "#full_name" in answer.text
