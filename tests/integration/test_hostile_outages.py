"""The database is gone, read-only or locked: pages answer, forms come back, nothing is lost."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event

from cchc_public.reports.drafting import get_report, get_sheet
from tests.hosts import PASSWORD, STAFF
from tests.integration.reports import SLUG, publish_new
from tests.office_forms import find_form, read_form, words
from tests.pages import read_inputs

pytestmark = pytest.mark.databases("sqlite")


@pytest.fixture
def sheet(session, prefix) -> str:
    publish_new(session)
    session.close()
    return f"{prefix}/quan-tri/ky/{SLUG}/ho-so"


@contextmanager
def without(engine, table: str) -> Iterator[None]:
    """Take a table away for the length of the block."""
    with engine.begin() as connection:
        connection.exec_driver_sql(f"ALTER TABLE {table} RENAME TO elsewhere")
    yield
    with engine.begin() as connection:
        connection.exec_driver_sql(f"ALTER TABLE elsewhere RENAME TO {table}")


@contextmanager
def writing_fails(app) -> Iterator[None]:
    """Make the app's database read-only for the length of the block, as a full disk would."""

    def refuse_writing(connection, _record) -> None:
        connection.execute("PRAGMA query_only = ON")

    with app.app_context():
        engine = app.extensions["sqlalchemy"].engine
    event.listen(engine, "connect", refuse_writing)
    engine.dispose()
    yield
    event.remove(engine, "connect", refuse_writing)
    engine.dispose()


def online(session) -> object:
    session.expire_all()
    return get_sheet(get_report(session, SLUG), "ho-so").row("dat-dai").cells["received_online"]


def typed_over(client, sheet: str, figure: str) -> dict[str, str]:
    return read_form(client.get(sheet).text, "/ho-so") | {"r0.c.received_online": figure}


def send_again(client, page):
    """Press the button of the page that says nothing was saved."""
    form = find_form(page.text, page.request.path)
    return client.post(str(form.get("action")), data=read_inputs(page.text, hidden=True))


def test_who_saves_while_the_accounts_are_gone_keeps_every_word(
    app, clerk, sheet, engine, session
) -> None:
    typed = typed_over(clerk, sheet, "4321")
    with without(engine, "cchc_user" if "cchc_site" in app.extensions else '"user"'):
        refused = clerk.post(sheet, data=typed)
        assert refused.status_code == 503
        assert "Lần này chưa lưu được gì" in words(refused.text)
        assert clerk.get(sheet).status_code == 503
    assert online(session) == 10
    assert send_again(clerk, refused).status_code == 302
    assert online(session) == 4321


def test_on_a_full_disk_the_office_shows_and_says_that_it_cannot_save(
    app, clerk, sheet, session, prefix
) -> None:
    typed = typed_over(clerk, sheet, "4321")
    with writing_fails(app):
        assert clerk.get(sheet).status_code == 200
        assert clerk.get(f"{prefix}/").status_code == 200
        refused = clerk.post(sheet, data=typed)
        assert refused.status_code == 503
        again = send_again(clerk, refused)
        assert again.status_code == 503
    assert send_again(clerk, again).status_code == 302
    assert online(session) == 4321


def test_who_is_signed_out_while_the_disk_is_full_is_not_told_it_was_kept(
    app, clerk, sheet
) -> None:
    typed = typed_over(clerk, sheet, "4321")
    stranger = app.test_client()
    with writing_fails(app):
        refused = stranger.post(sheet, data=typed)
    assert refused.status_code == 503
    assert send_again(stranger, refused).status_code == 302  # kept now, and led to sign in


def test_a_sheet_whose_table_is_locked_says_so_and_saves_later(clerk, sheet, engine) -> None:
    typed = typed_over(clerk, sheet, "4321")
    with without(engine, "cchc_sheet"):
        assert clerk.post(sheet, data=typed).status_code == 503
        assert clerk.get(sheet).status_code == 503
    assert clerk.post(sheet, data=typed).status_code == 302


@pytest.mark.hosts("standalone")
def test_signing_in_without_database_says_when_to_come_back(app, citizen, sheet, engine) -> None:
    address = "/quan-tri/dang-nhap"
    token = read_inputs(citizen.get(address).text)["csrf_token"]
    form = {"email": STAFF["clerk"][0], "password": PASSWORD, "csrf_token": token}
    with without(engine, "cchc_user"):
        refused = citizen.post(address, data=form)
        assert refused.status_code == 503
        assert refused.headers["Retry-After"] == "60"
        assert "tạm thời" in words(refused.text)
    assert citizen.post(address, data=form).status_code == 302
