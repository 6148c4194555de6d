"""Accounts under attack and in daily life: links, second factor, sessions, slowdown, passwords."""

import pytest
from passlib.totp import TOTP
from sqlalchemy import select

from cchc_public import accounts as attempts
from cchc_public.accounts import SignIn
from cchc_public.accounts import people as accounts
from cchc_public.store import AuditEntry
from tests.hosts import PASSWORD, STAFF
from tests.pages import read_inputs

pytestmark = [pytest.mark.hosts("standalone"), pytest.mark.databases("sqlite")]
LOGIN = "/quan-tri/dang-nhap"
OFFICE = "/quan-tri/bat-dau"  # answers whoever may enter; "/quan-tri/" may lead on to here
CHIEF = "chu-tich@kimthach.gov.vn"


def deeds(session, action):
    session.expire_all()
    return list(session.scalars(select(AuditEntry).where(AuditEntry.action == action)))


def enter(client, email, password=PASSWORD):
    page = client.get(LOGIN)
    if page.status_code != 200:
        return page
    fields = {"email": email, "password": password}
    fields["csrf_token"] = read_inputs(page.text)["csrf_token"]
    return client.post(LOGIN, data=fields)


@pytest.fixture
def chief(app, session):
    """A publisher who is no account of the demo."""
    with app.app_context():
        user = accounts.add_user(session, CHIEF, "Trần Chủ Tịch", ("publisher",), PASSWORD)
    session.commit()
    return user


class TestSecondFactor:
    def set_up(self, client):
        """Sign in for the first time; return what the phone would know."""
        answer = enter(client, CHIEF)
        assert answer.location.endswith("/quan-tri/hai-lop")
        assert client.get(OFFICE).status_code == 302, "the password alone opens nothing"
        page = client.get("/quan-tri/hai-lop")
        token = read_inputs(page.text)["csrf_token"]
        shown = client.post(
            "/quan-tri/hai-lop", data={"setup": "authenticator", "csrf_token": token}
        )
        assert "data:image/svg+xml;base64," in shown.text
        key = shown.text.partition('cchc-secret">')[2].partition("<")[0]
        phone = TOTP(key=key.replace("-", ""))
        fields = {
            "code": phone.generate().token,
            "csrf_token": read_inputs(shown.text)["csrf_token"],
        }
        assert client.post("/quan-tri/hai-lop/ma", data=fields).status_code == 302
        return phone

    def test_a_publisher_enrols_at_the_first_sign_in_and_gets_recovery_codes(self, app, chief):
        client = app.test_client()
        self.set_up(client)
        led = client.get("/quan-tri/")
        assert led.location.endswith("/quan-tri/ma-du-phong")
        token = read_inputs(client.get("/quan-tri/ma-du-phong").text)["csrf_token"]
        made = client.post(
            "/quan-tri/ma-du-phong", data={"generate_new_codes": "1", "csrf_token": token}
        )
        codes = [part.partition("<")[0] for part in made.text.split('cchc-secret">')[1:]]
        assert len(codes) == 8
        other = app.test_client()
        assert enter(other, CHIEF).location.startswith("/quan-tri/hai-lop/ma")
        page = other.get("/quan-tri/hai-lop/ma-du-phong")
        fields = {"code": codes[0], "csrf_token": read_inputs(page.text)["csrf_token"]}
        assert other.post("/quan-tri/hai-lop/ma-du-phong", data=fields).status_code == 302
        assert other.get(OFFICE).status_code == 200
        third = app.test_client()
        enter(third, CHIEF)
        assert third.post("/quan-tri/hai-lop/ma-du-phong", data=fields).status_code != 302

    def test_a_code_is_good_once(self, app, chief, session):
        client = app.test_client()
        phone = self.set_up(client)
        code = phone.generate().token
        other = app.test_client()
        page = other.get(enter(other, CHIEF).location)
        fields = {"code": code, "csrf_token": read_inputs(page.text)["csrf_token"]}
        answer = other.post("/quan-tri/hai-lop/ma", data=fields)
        assert answer.status_code == 200
        assert "Mã không đúng" in answer.text
        assert deeds(session, "sign-in.fail")[-1].detail["page"].endswith("validation")

    def test_an_administrator_forgets_the_factor_of_a_lost_phone(self, app, chief, session, admin):
        client = app.test_client()
        self.set_up(client)
        page = admin.get("/quan-tri/tai-khoan").text
        token = read_inputs(page)["csrf_token"]
        admin.post(
            f"/quan-tri/tai-khoan/{chief.id}", data={"do": "second-factor", "csrf_token": token}
        )
        assert client.get(OFFICE).status_code == 302
        assert enter(app.test_client(), CHIEF).location.endswith("/quan-tri/hai-lop")

    def test_clerks_and_the_demo_sign_in_with_the_password_alone(self, app):
        for role in STAFF:
            assert enter(app.test_client(), STAFF[role][0]).location.endswith("/quan-tri/")

    def test_a_commune_may_do_without(self, build_app, session, chief):
        app = build_app("standalone", CCHC_SECOND_FACTOR=())
        assert enter(app.test_client(), CHIEF).location.endswith("/quan-tri/")


class TestSessions:
    def test_one_sees_where_one_is_signed_in_and_ends_the_others(self, app, clerk, session):
        elsewhere = app.test_client()
        elsewhere.environ_base["REMOTE_ADDR"] = "192.0.2.7"
        elsewhere.sign_in(LOGIN, STAFF["clerk"][0], PASSWORD)
        page = clerk.get("/quan-tri/toi")
        assert "192.0.2.7" in page.text
        assert page.text.count("máy này") == 1
        clerk.post_form("/quan-tri/toi", do="others")
        assert elsewhere.get(OFFICE).status_code == 302
        assert clerk.get(OFFICE).status_code == 200
        assert deeds(session, "account.end-sessions")

    def test_signing_out_here_leaves_the_session_elsewhere(self, app, clerk):
        elsewhere = app.test_client()
        elsewhere.sign_in(LOGIN, STAFF["clerk"][0], PASSWORD)
        token = read_inputs(clerk.get("/quan-tri/ky/moi").text)["csrf_token"]
        clerk.post("/quan-tri/dang-xuat", data={"csrf_token": token})
        assert clerk.get(OFFICE).status_code == 302
        assert elsewhere.get(OFFICE).status_code == 200

    def test_a_session_ends_after_its_day(self, clerk, session):
        row = session.scalars(select(SignIn)).one()
        row.started_at -= attempts.timedelta(hours=13)
        session.commit()
        assert clerk.get(OFFICE).status_code == 302

    def test_sign_ins_and_failures_stand_in_the_trail(self, app, clerk, session):
        (line,) = deeds(session, "sign-in")
        assert (line.actor_name, line.detail["address"]) == (STAFF["clerk"][1], "127.0.0.1")
        enter(app.test_client(), STAFF["clerk"][0], "sai-mat-khau")
        enter(app.test_client(), "mat-khau-go-nham-cho", "sai-mat-khau")
        failed = deeds(session, "sign-in.fail")
        assert [one.actor_name for one in failed] == [STAFF["clerk"][1], "Người lạ"]
        assert "go-nham" not in str([one.detail for one in failed])

    def test_account_deeds_want_the_password_again_after_a_while(self, admin):
        with admin.session_transaction() as stored:
            stored["fs_paa"] -= 16 * 60
        answer = admin.get("/quan-tri/tai-khoan")
        assert answer.location.startswith("/quan-tri/xac-nhan?next=/quan-tri/tai-khoan")
        page = admin.get(answer.location)
        fields = {"password": PASSWORD, "csrf_token": read_inputs(page.text)["csrf_token"]}
        back = admin.post(answer.location, data=fields)
        assert back.location.endswith("/quan-tri/tai-khoan")
        assert admin.get(back.location).status_code == 200

    def test_a_form_filled_in_too_slowly_is_kept(self, admin):
        page = admin.get("/quan-tri/tai-khoan")
        fields = read_inputs(page.text, hidden=True)
        with admin.session_transaction() as stored:
            stored["fs_paa"] -= 60 * 60
        fields |= {"full_name": "Lê Thị Hoa", "email": "hoa@x.vn", "role": "clerk"}
        answer = admin.post("/quan-tri/tai-khoan", data=fields)
        assert "ban-nhap=" in answer.location
        with admin.session_transaction() as stored:
            stored["fs_paa"] += 60 * 60
        assert 'value="Lê Thị Hoa"' in admin.get(answer.location).text


class TestSlowdown:
    def fail_from_everywhere(self, app, email, count):
        codes = []
        for number in range(count):
            guesser = app.test_client()
            guesser.environ_base["REMOTE_ADDR"] = f"198.51.100.{number}"
            codes.append(enter(guesser, email, "doan-mo").status_code)
        return codes

    @pytest.mark.parametrize("email", [STAFF["clerk"][0], "khong-co@kimthach.example"])
    def test_guessing_one_account_from_many_addresses_is_slowed_down(self, app, email):
        codes = self.fail_from_everywhere(app, email, 30)
        assert codes[: attempts.FREE_TRIES] == [200] * attempts.FREE_TRIES
        assert set(codes[attempts.FREE_TRIES :]) == {429}

    def test_it_says_how_long_and_the_wait_grows_to_a_minute_at_most(self, app, session):
        email = STAFF["clerk"][0]
        waits = []
        for _ in range(30):
            attempts.note_failure(session, email, "", "")
            waits.append(attempts.seconds_to_wait(session, email, "", ""))
        session.commit()
        assert waits[attempts.FREE_TRIES - 1 :][:5] == [5, 10, 20, 40, 60]
        assert max(waits) == attempts.LONGEST_WAIT
        answer = enter(app.test_client(), email)
        assert answer.status_code == 429
        assert int(answer.headers["Retry-After"]) <= 60
        assert f"chờ {answer.headers['Retry-After']} giây" in answer.text

    def test_the_owner_in_the_own_browser_never_waits_for_strangers(self, app, clerk):
        token = read_inputs(clerk.get("/quan-tri/ky/moi").text)["csrf_token"]
        clerk.post("/quan-tri/dang-xuat", data={"csrf_token": token})
        # all behind one proxy that nobody trusts: one address for everybody
        for _ in range(12):
            enter(app.test_client(), STAFF["clerk"][0], "doan-mo")
        self.fail_from_everywhere(app, STAFF["clerk"][0], 20)
        assert enter(app.test_client(), STAFF["clerk"][0]).status_code == 429
        assert enter(clerk, STAFF["clerk"][0]).status_code == 302

    def test_a_known_browser_that_guesses_is_slowed_down_too(self, app, clerk):
        token = read_inputs(clerk.get("/quan-tri/ky/moi").text)["csrf_token"]
        clerk.post("/quan-tri/dang-xuat", data={"csrf_token": token})
        codes = [enter(clerk, STAFF["clerk"][0], "doan-mo").status_code for _ in range(18)]
        assert codes[-1] == 429

    def test_failures_count_from_the_first_of_them(self, session, clock):
        clock.set(2026, 7, 1, 5, 0, 50)  # the minute of the clock ends in between
        for _ in range(10):
            attempts.note_failure(session, "", "198.51.100.7", "10 per minute")
        clock.advance(seconds=20)
        assert attempts.seconds_to_wait(session, "", "198.51.100.7", "10 per minute") == 40
        clock.advance(seconds=41)
        assert attempts.seconds_to_wait(session, "", "198.51.100.7", "10 per minute") == 0
        attempts.note_failure(session, "", "198.51.100.7", "10 per minute")
        assert attempts.seconds_to_wait(session, "", "198.51.100.7", "10 per minute") == 0

    def test_two_processes_count_together(self, app, build_app):
        other = build_app("standalone")
        for number in range(10):
            enter((app, other)[number % 2].test_client(), "a@b.example", "doan-mo")
        assert enter(app.test_client(), "a@b.example", "doan-mo").status_code == 429
        assert enter(other.test_client(), "a@b.example", "doan-mo").status_code == 429


@pytest.mark.parametrize(
    "password", ["1234567890", "matkhau123456", "qwertyuiop", "tranchutich2026", "password1234"]
)
def test_a_password_that_everybody_guesses_is_refused(app, chief, password):
    assert "dễ đoán" in accounts.password_problem(password, chief)


@pytest.mark.parametrize("password", ["con mèo ăn bánh cuốn", "h7k2-9mqx-wz4p", "sông hồ bút dép"])
def test_a_good_password_is_taken(app, chief, password):
    assert accounts.password_problem(password, chief) == ""


def test_a_long_password_is_judged_by_its_beginning(app, chief):
    long, short = ("ăâê" * count for count in (600, 24))
    assert accounts.password_problem(long, chief) == accounts.password_problem(short, chief)


def test_an_easy_password_is_refused_where_a_link_sets_it(app, chief, session):
    with app.app_context():
        link = f"/quan-tri/mat-khau/{accounts.make_link(session, chief)}"
    session.commit()
    client = app.test_client()
    assert "dễ đoán" in client.post_form(link, password="qwertyuiop", again="qwertyuiop").text
    assert "không giống nhau" in client.post_form(link, password="a b c d e f", again="x").text
    assert client.get(f"{link}x").status_code == 410


def test_a_link_of_the_command_line_makes_the_first_administrator(app, session):
    runner = app.test_cli_runner()
    said = runner.invoke(
        args=["cchc", "user", "add", "ai@xa.vn", "--role", "admin", "--link"]
    ).output
    link = said.strip().splitlines()[-1].strip().removeprefix("http://127.0.0.1:8000")
    client = app.test_client()
    answer = client.post_form(link, password="sông hồ bút dép", again="sông hồ bút dép")
    assert answer.status_code == 302
    assert enter(client, "ai@xa.vn", "sông hồ bút dép").location.endswith("hai-lop")
    assert deeds(session, "account.add")[0].actor_id == "cli"
