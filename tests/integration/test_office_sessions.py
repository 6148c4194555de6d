from __future__ import annotations

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import select

from cchc_public.reports.drafting import get_report, get_sheet
from cchc_public.store import FormDraft, utc_now
from tests.hosts import PASSWORD, STAFF, sign_in_path
from tests.integration.reports import SLUG, open_filled
from tests.office_forms import read_form, words

pytestmark = [pytest.mark.everywhere, pytest.mark.databases("sqlite")]


@pytest.fixture
def sheet(session, prefix) -> str:
    open_filled(session)
    session.commit()
    return f"{prefix}/quan-tri/ky/{SLUG}/ho-so"


def online(session):
    session.expire_all()
    return get_sheet(get_report(session, SLUG), "ho-so").row("dat-dai").cells["received_online"]


def drafts(session) -> list[FormDraft]:
    session.expire_all()
    return list(session.scalars(select(FormDraft)))


def sign_in_again(client, location: str, role: str = "clerk"):
    form = client.get(location)
    fields = {"email": STAFF[role][0], "password": PASSWORD}
    if 'name="next"' in form.text:
        fields = read_form(form.text, "dang-nhap") | fields
    token = form.text.partition('name="csrf_token"')[2].partition('value="')[2].partition('"')[0]
    return client.post(location, data=fields | {"csrf_token": token})


def test_an_expired_session_loses_nothing(app, clerk, sheet, session) -> None:
    typed = read_form(clerk.get(sheet).text, "/ho-so") | {"r0.c.received_online": "4321"}
    stranger = app.test_client()  # the same browser after its session ended
    answer = stranger.post(sheet, data=typed)
    assert answer.status_code == 302
    assert sign_in_path(app) in answer.location
    assert online(session) == 10

    back = sign_in_again(stranger, answer.location)
    assert back.status_code == 302
    page = stranger.get(back.location)
    assert page.status_code == 200
    assert "lấy lại những gì bạn nhập" in words(page.text)
    fields = read_form(page.text, "/ho-so")
    assert fields["r0.c.received_online"] == "4321"
    assert stranger.post(sheet, data=fields).status_code == 302
    assert online(session) == 4321
    assert drafts(session) == []


@pytest.mark.hosts("standalone")
def test_what_nobody_came_back_for_is_forgotten_at_the_next_sign_in(app, clerk, session) -> None:
    for days in (6, 8):
        typed = FormDraft(token=f"t{days}", path="/x", fields=[], owner_id="9")
        typed.created_at = utc_now() - timedelta(days=days)
        session.add(typed)
    session.commit()
    app.test_client().sign_in(sign_in_path(app), STAFF["admin"][0], PASSWORD)
    assert [draft.token for draft in drafts(session)] == ["t6"]


def test_a_dead_token_brings_the_form_back_without_signing_in(clerk, sheet, session) -> None:
    typed = read_form(clerk.get(sheet).text, "/ho-so") | {"r0.c.received_online": "4321"}
    answer = clerk.post(sheet, data=typed | {"csrf_token": "dead"})
    assert answer.status_code == 302
    page = clerk.get(answer.location)
    assert read_form(page.text, "/ho-so")["r0.c.received_online"] == "4321"
    assert online(session) == 10


@pytest.mark.parametrize("page", ["ho-so/dan", "ca-bao-cao"])
def test_what_was_pasted_comes_back(clerk, sheet, page) -> None:
    address = sheet.replace("ho-so", page)
    typed = {"text": "Đất đai\t14", "csrf_token": "dead"}
    fields = read_form(clerk.get(address).text, page) | typed
    back = clerk.get(clerk.post(address, data=fields).location)
    assert read_form(back.text, page)["text"] == "Đất đai\t14"


def test_a_session_that_forgot_only_the_user_loses_nothing_either(clerk, sheet, session) -> None:
    typed = read_form(clerk.get(sheet).text, "/ho-so") | {"r0.c.received_online": "4321"}
    with clerk.session_transaction() as cookie:
        for name in {"_user_id", "_fresh", "_id", "fs_cc", "fs_paa"} & set(cookie):
            cookie.pop(name)
    answer = clerk.post(sheet, data=typed)
    assert answer.status_code == 302
    assert [dict(one.fields)["r0.c.received_online"] for one in drafts(session)] == ["4321"]


def test_a_stranger_can_store_nothing(citizen, sheet, session) -> None:
    answer = citizen.post(sheet, data={"r0.c.received_online": "1", "cchc_ticket": "forged"})
    assert answer.status_code == 302
    assert drafts(session) == []


def test_another_person_does_not_get_the_kept_form(app, clerk, publisher, sheet, session) -> None:
    typed = read_form(clerk.get(sheet).text, "/ho-so") | {"r0.c.received_online": "4321"}
    clerk.post(sheet, data=typed | {"csrf_token": "dead"})
    token = drafts(session)[0].token
    page = publisher.get(f"{sheet}?ban-nhap={token}")
    assert read_form(page.text, "/ho-so")["r0.c.received_online"] == "10"
    assert "Không tìm thấy bản nhập dở" in words(page.text)


def test_a_kept_form_holds_neither_token_nor_ticket(clerk, sheet, session) -> None:
    typed = read_form(clerk.get(sheet).text, "/ho-so")
    clerk.post(sheet, data=typed | {"csrf_token": "dead"})
    names = {name for name, _value in drafts(session)[0].fields}
    assert not names & {"csrf_token", "cchc_ticket", "ban-nhap"}


def test_a_kept_new_period_comes_back_with_its_choice(clerk, prefix) -> None:
    page = f"{prefix}/quan-tri/ky/moi?kind=quy-2&year=2024"
    typed = read_form(clerk.get(page).text, "/ky/moi") | {"data_from": "1/4/2024"}
    answer = clerk.post(page, data=typed | {"csrf_token": "dead"})
    back = clerk.get(answer.location)
    assert "Quý II năm 2024" in words(back.text)
    assert "1/4/2024" in back.text


@pytest.mark.parametrize(
    "query", ["endpoint=x", "_method=PUT", "_external=1", "q=v%C3%A0o+c%C6%A1"]
)
def test_what_stands_behind_the_address_of_a_form_is_no_order_to_us(app, sheet, query) -> None:
    answer = app.test_client().post(f"{sheet}?{query}", data={"r0.c.received_online": "1"})
    assert answer.status_code == 302
    named = parse_qs(urlsplit(answer.location).query)["next"]
    assert named == [f"{sheet}?{query}"]
