import re

import pytest

from cchc_public.accounts import people as accounts
from tests.hosts import PASSWORD, STAFF, sign_in_path
from tests.integration.reports import SLUG, open_filled
from tests.pages import read_inputs

pytestmark = [pytest.mark.hosts("standalone"), pytest.mark.databases("sqlite")]
LOGIN = "/quan-tri/dang-nhap"
OFFICE = "/quan-tri/bat-dau"  # answers whoever may enter; "/quan-tri/" may lead on to here


def test_staff_sign_in_and_out(app, clerk):
    with app.test_request_context():
        state = app.extensions["cchc_public"]
    assert state.config["LOGIN_ENDPOINT"] == "security.login"
    answer = clerk.post_form("/quan-tri/doi-mat-khau", password="", new_password="")
    assert answer.status_code == 200
    assert "Hãy nhập mật khẩu." in answer.text


def test_a_cookie_copied_before_signing_out_is_worth_nothing_after(app, clerk, publisher):
    copy = app.test_client()
    copy._cookies.update(clerk._cookies)
    assert copy.get(OFFICE).status_code == 200
    token = read_inputs(clerk.get("/quan-tri/ky/moi").text)["csrf_token"]
    assert clerk.post("/quan-tri/dang-xuat", data={"csrf_token": token}).status_code == 302
    assert copy.get(OFFICE).status_code == 302
    assert publisher.get(OFFICE).status_code == 200
    clerk.sign_in(LOGIN, STAFF["clerk"][0], PASSWORD)


def test_a_role_taken_away_ends_what_it_permitted_at_once(app, session, publisher):
    user = accounts.get_user(session, STAFF["publisher"][0])
    open_filled(session)
    session.commit()
    page = f"/quan-tri/ky/{SLUG}/cong-bo"
    assert publisher.get(page).status_code == 200
    accounts.set_roles(session, user, ("clerk",))
    session.commit()
    assert publisher.get(page).status_code == 403
    assert publisher.get("/quan-tri/").status_code == 200


def test_a_wrong_password_and_an_unknown_address_read_the_same(client):
    known = client.post_form(LOGIN, email=STAFF["clerk"][0], password="sai-mat-khau")
    unknown = client.post_form(LOGIN, email="ai-do@kimthach.example", password="sai-mat-khau")
    assert known.status_code == unknown.status_code == 200
    words = "Địa chỉ thư điện tử hoặc mật khẩu không đúng."
    assert known.text.count(words) == unknown.text.count(words) == 1
    without_token = [re.sub(r'value="[^"]*"', "", page.text) for page in (known, unknown)]
    assert without_token[0] == without_token[1]


def test_sign_in_without_token_is_refused_in_our_words(client):
    answer = client.post(LOGIN, data={"email": STAFF["clerk"][0], "password": PASSWORD})
    assert answer.status_code in {200, 400}
    assert "cchc_session" not in client.get("/").headers.get("Set-Cookie", "")
    assert client.get("/quan-tri/doi-mat-khau").status_code == 302


def test_guessing_is_slowed_down_but_nobody_is_locked_out(app):
    guesser = app.test_client()
    page = guesser.get(LOGIN)
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.text)[1]
    fields = {"email": STAFF["clerk"][0], "password": "doan-mo", "csrf_token": token}
    codes = [guesser.post(LOGIN, data=fields).status_code for _ in range(12)]
    assert codes[:10] == [200] * 10
    assert codes[10:] == [429, 429]
    assert "Thử quá nhiều lần" in guesser.post(LOGIN, data=fields).text
    # the owner, from another address, is not held up
    owner = app.test_client()
    owner.environ_base["REMOTE_ADDR"] = "192.0.2.7"
    owner.sign_in(LOGIN, STAFF["clerk"][0], PASSWORD)


TOO_LONG = "Mật khẩu dài quá 4.096 ký tự"


@pytest.mark.parametrize("email", [STAFF["clerk"][0], "khong-ai@kimthach.example"])
def test_a_password_that_no_hash_takes_is_refused_in_words(client, email):
    answer = client.post_form(LOGIN, email=email, password="x" * 5000)
    assert answer.status_code == 413
    assert "Mật khẩu quá dài" in answer.text
    assert "chia nhỏ tệp" not in answer.text


def test_who_sets_a_password_that_no_hash_takes_is_told_so(app, session, clerk, client):
    long = "con voi xanh bay qua sông " * 300
    typed = {"password": PASSWORD, "new_password": long, "new_password_confirm": long}
    assert TOO_LONG in clerk.post_form("/quan-tri/doi-mat-khau", **typed).text
    said = app.test_cli_runner().invoke(
        args=["cchc", "user", "password", STAFF["clerk"][0], "--password", long]
    )
    assert (TOO_LONG in said.output, said.exit_code) == (True, 1)
    with app.app_context():
        user = accounts.get_user(session, STAFF["admin"][0])
        link = f"/quan-tri/mat-khau/{accounts.make_link(session, user)}"
    session.commit()
    assert TOO_LONG in client.post_form(link, password=long, again=long).text
    # as long as can be: an é counts as a letter and its mark
    longest = ("con voi xanh bay qua song " * 200)[:4000] + "é" * 48
    assert client.post_form(link, password=longest, again=longest).status_code == 302


def test_a_disabled_account_cannot_sign_in_and_loses_its_session(app, session, clerk, client):
    user = accounts.get_user(session, STAFF["clerk"][0])
    with app.app_context():
        accounts.set_active(session, user, active=False)
    session.commit()
    assert clerk.get("/quan-tri/doi-mat-khau").status_code == 302
    answer = client.post_form(LOGIN, email=STAFF["clerk"][0], password=PASSWORD)
    assert answer.status_code == 200
    assert "không đúng" in answer.text


def test_a_new_password_ends_open_sessions(app, session, clerk, client):
    with app.app_context():
        user = accounts.get_user(session, STAFF["clerk"][0])
        accounts.set_password(session, user, "mat-khau-moi-tinh")
    session.commit()
    assert clerk.get("/quan-tri/doi-mat-khau").status_code == 302
    client.sign_in(LOGIN, STAFF["clerk"][0], "mat-khau-moi-tinh")


def test_staff_change_their_own_password(clerk, client):
    answer = clerk.post_form(
        "/quan-tri/doi-mat-khau",
        password=PASSWORD,
        new_password="mật khẩu mới tinh",
        new_password_confirm="mật khẩu mới tinh",
    )
    assert answer.status_code == 302, answer.text
    client.sign_in(LOGIN, STAFF["clerk"][0], "mật khẩu mới tinh")


@pytest.mark.parametrize(
    ("new", "again", "words"),
    [
        ("ngan", "ngan", "Mật khẩu cần ít nhất 10 ký tự."),
        ("mat-khau-moi-1", "mat-khau-moi-2", "Hai lần nhập mật khẩu không giống nhau."),
        (PASSWORD, PASSWORD, "Mật khẩu mới phải khác mật khẩu cũ."),
    ],
)
def test_a_bad_new_password_is_refused_in_vietnamese(clerk, new, again, words):
    answer = clerk.post_form(
        "/quan-tri/doi-mat-khau",
        password=PASSWORD,
        new_password=new,
        new_password_confirm=again,
    )
    assert answer.status_code == 200
    assert words in answer.text


def test_sign_in_never_leads_to_another_site(app):
    client = app.test_client()
    page = client.get(f"{LOGIN}?next=https://evil.example/")
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.text)[1]
    answer = client.post(
        f"{LOGIN}?next=https://evil.example/",
        data={"email": STAFF["clerk"][0], "password": PASSWORD, "csrf_token": token},
    )
    assert "evil.example" not in answer.headers.get("Location", "")


def test_the_session_cookie_is_for_the_server_only(client):
    cookie = client.get(LOGIN).headers["Set-Cookie"]
    assert cookie.startswith("cchc_session=")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Secure" not in cookie
    secure = client.get(LOGIN, base_url="https://localhost").headers["Set-Cookie"]
    assert "Secure" in secure


def test_passwords_are_kept_as_argon2(session, app):
    user = accounts.get_user(session, STAFF["clerk"][0])
    assert user.password.startswith("$argon2id$")


def test_roles_permit_what_they_should(app, session):
    allowed = {
        role: {
            action
            for action in ("enter", "publish", "administer")
            if accounts.may(action, accounts.get_user(session, email))
        }
        for role, (email, _) in STAFF.items()
    }
    assert allowed == {
        "clerk": {"enter"},
        "publisher": {"enter", "publish"},
        "admin": {"enter", "administer"},
    }


def test_the_last_administrator_stays(app, session):
    admin = accounts.get_user(session, STAFF["admin"][0])
    with pytest.raises(accounts.AccountRejected):
        accounts.set_active(session, admin, active=False)
    with pytest.raises(accounts.AccountRejected):
        accounts.set_roles(session, admin, ("clerk",))


def test_nobody_can_register_or_reset_by_mail(app):
    endpoints = {rule.endpoint for rule in app.url_map.iter_rules()}
    staff = {name.partition(".")[2] for name in endpoints if name.startswith("security.")}
    assert not staff & {"register", "forgot_password", "reset_password", "send_login"}
    assert sign_in_path(app) == LOGIN


def test_a_token_from_before_signing_in_works_no_more(app):
    client = app.test_client()
    before = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get(LOGIN).text)[1]
    client.sign_in(LOGIN, STAFF["clerk"][0], PASSWORD)
    answer = client.post("/quan-tri/dang-xuat", data={"csrf_token": before})
    assert answer.status_code == 400
