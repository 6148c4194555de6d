"""Every way to change something leaves a line in the trail: all forms of the office, all commands.

A new form or command fails here until it stands in one of the tables below.
"""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import pytest
from passlib.totp import TOTP
from sqlalchemy import func, select

from cchc_public.accounts import User
from cchc_public.accounts import people as accounts
from cchc_public.cli import group
from cchc_public.office.people import DEEDS
from cchc_public.paths import PACKAGE
from cchc_public.reports.drafting import get_report
from cchc_public.store import AuditEntry
from tests.hosts import PASSWORD, STAFF
from tests.integration.reports import SLUG, change, open_filled
from tests.integration.test_office_pasting import PASTED, READING
from tests.office_forms import decide, fill, find_form, hand_in, read_form
from tests.pages import read_inputs

pytestmark = [pytest.mark.hosts("standalone"), pytest.mark.databases("sqlite")]
ROOM = "/quan-tri"
DESK, LISTED = f"{ROOM}/ky/{SLUG}", f"{ROOM}/thu-tuc"
WRITTEN = re.compile(r'(?:record|note|_note|note_deed)\([^()]*?"([a-z-]+[.-][a-z-]+)"')
# posts that change nothing: what they lead to is noted there
QUIET = {
    "security.verify": "asks for the password again; failures are noted",
    "security.two_factor_rescue": "answers 404",
    "security.tf_select": "answers 404",
    "cchc_staff.procedures_import": "keeps a file to look at; accepting it is the deed",
    "cchc_staff.paste": "noted as the sheet's",
    "cchc_staff.whole_report": "noted as the sheets'",
}
# commands that change nothing
READING_COMMANDS = {
    "check", "db check", "db current", "doctor", "sample", "serve", "user list",
}  # fmt: skip


@dataclass
class Office:
    """The people of the office, and what the trail held before a deed."""

    app: object
    session: object
    clerk: object
    publisher: object
    admin: object
    done: set[str]

    def last(self) -> int:
        self.session.expire_all()
        return self.session.scalar(select(func.max(AuditEntry.id))) or 0

    def does(self, endpoint: str, action: str, deed: Callable[[], object]) -> object:
        """Do it; its line must stand in the trail, by a person from an address."""
        before = self.last()
        answer = deed()
        lines = self.session.scalars(select(AuditEntry).where(AuditEntry.id > before)).all()
        assert action in [line.action for line in lines], (endpoint, answer and answer.status)
        noted = next(line for line in lines if line.action == action)
        assert noted.actor_name, endpoint
        assert noted.detail["address"] == "127.0.0.1", endpoint
        self.done.add(endpoint)
        return answer


@pytest.fixture
def office(app, session, clerk, publisher, admin):
    return Office(app, session, clerk, publisher, admin, set())


def press(client, page, action, **fields):
    """Send the form of ``page`` for ``action`` with what it shows."""
    shown = client.get(page)
    form = find_form(shown.text, action)
    return client.post(form.get("action"), data=read_form(shown.text, action) | fields)


def posts_of(app):
    return {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if "POST" in rule.methods and not rule.endpoint.startswith(("cchc.", "cchc_embed."))
    }


def test_every_form_of_the_office_leaves_a_line(office, app, session):
    work_with_procedures(office)
    work_with_the_desk(office)
    work_with_a_report(office)
    publish_and_withdraw(office)
    administer(office)
    work_with_the_own_account(office)
    taken_along = {"cchc_staff.audit_csv", "cchc_staff.procedures_csv"}
    assert office.done | QUIET.keys() == posts_of(app) | taken_along


def work_with_procedures(office):
    does, clerk = office.does, office.clerk
    fields = {"do": "fields", "field": ["Hộ tịch"]}
    does("cchc_staff.start", "procedure.import",
         lambda: press(clerk, f"{ROOM}/bat-dau", "/bat-dau", **fields))  # fmt: skip
    new = {"code": "9.000001", "name": "Thủ tục mới", "field": "Hộ tịch"}
    does("cchc_staff.new_procedure", "procedure.create",
         lambda: fill(clerk, f"{LISTED}/moi", "/moi", **new))  # fmt: skip
    does("cchc_staff.procedure", "procedure.edit",
         lambda: fill(clerk, f"{LISTED}/9.000001", "/9.000001", name="Tên khác"))  # fmt: skip
    hidden = read_inputs(clerk.get(LISTED).text, hidden=True)
    asked = clerk.post(f"{LISTED}/hang-loat", data=hidden | {"code": "9.000001", "do": "hide"})
    form = read_form(asked.text, "/hang-loat")
    does("cchc_staff.procedures_bulk", "procedure.batch",
         lambda: clerk.post(f"{LISTED}/hang-loat", data=form))  # fmt: skip
    fields = read_inputs(clerk.get(f"{LISTED}/nhap").text, hidden=True)
    with (READING.parent / "procedure_files" / "libreoffice.xlsx").open("rb") as file:
        batch = clerk.post(
            f"{LISTED}/nhap", data=fields | {"file": (file, "a.xlsx")},
            content_type="multipart/form-data",
        ).location  # fmt: skip
    does("cchc_staff.procedures_accept", "procedure.import", lambda: press(clerk, batch, "/nhan"))
    does("cchc_staff.procedures_undo", "procedure.undo", lambda: press(clerk, batch, "/hoan-tac"))
    does("cchc_staff.procedures_csv", "export.procedures",
         lambda: clerk.get(f"{LISTED}/xuat.csv"))  # fmt: skip


def work_with_the_desk(office):
    does, clerk, page = office.does, office.clerk, f"{ROOM}/tiep-cong-dan"
    does("cchc_staff.desk", "desk.save", lambda: fill(clerk, f"{ROOM}/mot-cua", name="Một cửa"))
    rule = {"receiver": "Chủ tịch", "place": "Trụ sở", "hours": "8:00", "month_days": "10"}
    does("cchc_staff.reception_rule", "reception.rule",
         lambda: press(clerk, page, "/quy-dinh", valid_from="1/1/2026", **rule))  # fmt: skip
    moved = {"day": "10/12/2026", "moved_to": "11/12/2026", "reason": "Họp"}
    does("cchc_staff.reception_change", "reception.change",
         lambda: press(clerk, page, "/thay-doi", **moved))  # fmt: skip
    does("cchc_staff.reception_unchange", "reception.change-undone",
         lambda: press(clerk, page, "/thay-doi/xoa"))  # fmt: skip
    does("cchc_staff.reception_holiday", "reception.holiday",
         lambda: press(clerk, page, "/ngay-nghi", holiday="1/1/2027", name="Tết"))  # fmt: skip
    does("cchc_staff.reception_workday", "reception.holiday-removed",
         lambda: press(clerk, page, "/ngay-nghi/xoa"))  # fmt: skip


def work_with_a_report(office):
    does, clerk = office.does, office.clerk
    does("cchc_staff.new_period", "report.open",
         lambda: fill(clerk, f"{ROOM}/ky/moi?kind=ca-nam&year=2022", "/ky/moi"))  # fmt: skip
    does("cchc_staff.drop_period", "report.drop",
         lambda: fill(clerk, f"{ROOM}/ky/2022-ca-nam/bo", "/bo"))  # fmt: skip
    open_filled(office.session)
    office.session.commit()
    does("cchc_staff.sheet", "sheet.save",
         lambda: fill(clerk, f"{DESK}/ho-so", "/ho-so", r0__c__resolved_on_time="11"))  # fmt: skip
    page = f"{DESK}/ho-so/dan"
    seen = fill(clerk, page, "/dan", text=PASTED.replace("Từ kỳ trước", "Tồn của huyện"))
    form = read_form(seen.text, "/dan") | {"do": "apply", "tra-loi-cot-4": "carried_over"}
    pasted = does("cchc_staff.paste", "sheet.save", lambda: clerk.post(page, data=form))
    does("cchc_staff.undo", "sheet.save", lambda: press(clerk, pasted.location, "/hoan-tac"))
    does("cchc_staff.remembered", "reading.forget",
         lambda: press(clerk, f"{ROOM}/da-nho", "/da-nho"))  # fmt: skip
    edition = {"edition": "2022-tro-ve-truoc"}
    does("cchc_staff.edition", "sheet.save",
         lambda: fill(clerk, f"{DESK}/dich-vu-cong", "/mau-bieu", **edition))  # fmt: skip
    fields = read_form(clerk.get(f"{DESK}/ca-bao-cao").text, "/ca-bao-cao")
    with (READING / "25-seed-dossiers.docx").open("rb") as file:
        data = fields | {"file": (file, "bao-cao.docx")}
        seen = clerk.post(f"{DESK}/ca-bao-cao", data=data, content_type="multipart/form-data")
    form = read_form(seen.text, "/ca-bao-cao") | {"do": "apply"}
    does("cchc_staff.whole_report", "sheet.save",
         lambda: clerk.post(f"{DESK}/ca-bao-cao", data=form))  # fmt: skip
    does("cchc_staff.head", "report.save",
         lambda: fill(clerk, f"{DESK}/bao-cao", "/bao-cao", place="Kim Thạch"))  # fmt: skip
    words = {"parts-1-text": "Một đoạn lời."}
    does("cchc_staff.narrative", "report.save",
         lambda: fill(clerk, f"{DESK}/loi-bao-cao", "/loi-bao-cao", **words))  # fmt: skip
    report = get_report(office.session, SLUG)
    change(office.session, report, online=11)
    office.session.commit()
    page = clerk.get(f"{DESK}/giai-trinh")
    fields = read_form(page.text, "/giai-trinh")
    answers = {name: "Đã đối chiếu với sổ." for name in fields if name.startswith("reason.")}
    does("cchc_staff.reasons", "reason.give",
         lambda: clerk.post(f"{DESK}/giai-trinh", data=fields | answers))  # fmt: skip
    does("cchc_staff.link", "preview.link", lambda: press(clerk, DESK, "/lien-ket"))


def publish_and_withdraw(office):
    does, clerk, publisher = office.does, office.clerk, office.publisher
    change(office.session, get_report(office.session, SLUG), online=10)
    office.session.commit()
    does("cchc_staff.hand_in", "hand-in.made", lambda: hand_in(clerk, DESK))
    does("cchc_staff.recall", "hand-in.recalled", lambda: press(clerk, DESK, "/thu-lai"))
    hand_in(clerk, DESK)
    place = {"place": "o|ho-so|dat-dai|pending", "text": "Đối chiếu sổ"}
    does("cchc_staff.remark", "report.remark",
         lambda: press(publisher, f"{DESK}/cong-bo", "/nhan-xet", **place))  # fmt: skip
    does("cchc_staff.publish", "hand-in.returned",
         lambda: decide(publisher, DESK, "back", message="Xem lại"))  # fmt: skip
    hand_in(clerk, DESK)
    does("cchc_staff.publish", "release.first", lambda: decide(publisher, DESK))
    signed = {"document_number": "41/BC-UBND", "issued_on": "16/6/2023", "signatory": "Lê An"}
    does("cchc_staff.paper", "paper.facts",
         lambda: fill(publisher, f"{DESK}/ban-ky", "/ban-ky", **signed))  # fmt: skip
    does("cchc_staff.withdraw", "release.withdrawal",
         lambda: fill(publisher, f"{DESK}/thu-hoi", "/thu-hoi", reason="Sai kỳ"))  # fmt: skip


def administer(office):
    does, admin = office.does, office.admin
    page = admin.get(f"{ROOM}/thiet-lap")
    fields = read_form(page.text, "/thiet-lap") | {"LANGUAGES": ["vi", "en"], "do": "save"}
    does("cchc_staff.settings", "settings.save",
         lambda: admin.post(f"{ROOM}/thiet-lap", data=fields | {"SIGNATORY": "Ai"}))  # fmt: skip
    does(
        "cchc_staff.backups", "database.backup", lambda: press(admin, f"{ROOM}/sao-luu", "/sao-luu")
    )
    new = {"full_name": "Lê Hoa", "email": "hoa@xa.vn", "role": "publisher"}
    answer = does("cchc_staff.accounts", "account.add",
                  lambda: press(admin, f"{ROOM}/tai-khoan", "/tai-khoan", **new))  # fmt: skip
    number = office.session.scalar(select(User.id).where(User.email == "hoa@xa.vn"))
    for deed, more in (
        ("role", {"role": "publisher"}), ("second-factor", {}), ("lock", {}), ("unlock", {}),
        ("link", {}),
    ):  # fmt: skip
        fields = read_inputs(admin.get(f"{ROOM}/tai-khoan").text, hidden=True) | {"do": deed} | more
        send = partial(admin.post, f"{ROOM}/tai-khoan/{number}", data=fields)
        answer = does("cchc_staff.account", f"account.{deed}", send)
    secret = answer.text.partition('cchc-secret">')[2].partition("<")[0]
    office.link = secret.partition("localhost")[2]
    for number in (1, 2):
        page = admin.get(f"{ROOM}/nhat-ky?trang={number}")
        assert page.status_code == 200
    does("cchc_staff.audit_csv", "export.audit", lambda: admin.get(f"{ROOM}/nhat-ky.csv"))


def work_with_the_own_account(office):
    """From a one-time link to the second factor, codes, a new password, and out."""
    does, client, password = office.does, office.app.test_client(), "sông hồ bút dép"
    does("cchc_password_link", "account.own-password",
         lambda: client.post_form(office.link, password=password, again=password))  # fmt: skip
    login = {"email": "hoa@xa.vn"}
    does("security.login", "sign-in.fail",
         lambda: client.post_form(f"{ROOM}/dang-nhap", password="doan-mo", **login))  # fmt: skip
    does("security.login", "sign-in", lambda: office.app.test_client().post_form(
         f"{ROOM}/dang-nhap", email=STAFF["clerk"][0], password=PASSWORD))  # fmt: skip
    client.post_form(f"{ROOM}/dang-nhap", password=password, **login)
    phone = enrol(office, client)
    shown = {}

    def make_codes():
        shown["page"] = client.post_form(f"{ROOM}/ma-du-phong", generate_new_codes="1")
        return shown["page"]

    does("security.mf_recovery_codes", "account.recovery-codes", make_codes)
    code = shown["page"].text.split('cchc-secret">')[1].partition("<")[0]
    other = office.app.test_client()
    other.post_form(f"{ROOM}/dang-nhap", password=password, **login)
    does("security.mf_recovery", "account.recovery-code-used",
         lambda: other.post_form(f"{ROOM}/hai-lop/ma-du-phong", code=code))  # fmt: skip
    new = {
        "password": password,
        "new_password": "mây núi lá cờ",
        "new_password_confirm": "mây núi lá cờ",
    }
    does("security.change_password", "account.own-password",
         lambda: client.post_form(f"{ROOM}/doi-mat-khau", **new))  # fmt: skip
    does("cchc_staff.me", "account.end-sessions", lambda: press(client, f"{ROOM}/toi", "/toi"))
    does("security.logout", "sign-out", lambda: press(client, f"{ROOM}/toi", "/dang-xuat"))
    assert phone


def enrol(office, client):
    """Take a second factor at the first sign-in, and another one later."""
    shown = client.post_form(f"{ROOM}/hai-lop", setup="authenticator")
    key = shown.text.partition('cchc-secret">')[2].partition("<")[0]
    phone = TOTP(key=key.replace("-", ""))
    fields = {"code": phone.generate().token, "csrf_token": read_inputs(shown.text)["csrf_token"]}
    office.does("security.two_factor_token_validation", "account.own-second-factor",
                lambda: client.post(f"{ROOM}/hai-lop/ma", data=fields))  # fmt: skip
    shown = client.post_form(f"{ROOM}/hai-lop", setup="authenticator")
    key = shown.text.partition('cchc-secret">')[2].partition("<")[0]
    form = next(
        part.partition('"')[0] for part in shown.text.split('action="') if "/hai-lop/" in part[:400]
    )
    fields = {
        # the code of the next half minute: none is good twice, whatever the key
        "code": TOTP(key=key.replace("-", "")).generate(time.time() + 30).token,
        "csrf_token": read_inputs(shown.text)["csrf_token"],
    }
    office.does("security.two_factor_setup_validate", "account.own-second-factor",
                lambda: client.post(form, data=fields))  # fmt: skip
    office.done.add("security.two_factor_setup")  # begins it; the code that is right ends it
    return phone


def test_every_command_leaves_a_line(run, app, procedures, session, tmp_path, engine):
    def last():
        session.expire_all()
        found = session.scalar(select(func.max(AuditEntry.id))) or 0
        session.rollback()
        return found

    known = set()

    def does(command, action, *words, **options):
        before = last()
        run(*command.split(), *words, **options)
        query = select(AuditEntry.action).where(AuditEntry.id > before)
        assert action in session.scalars(query).all(), command
        session.rollback()
        known.add(command)

    email = "ai@xa.vn"
    with app.app_context():
        session.execute(User.__table__.delete())
        session.commit()
    does("user first", "account.first-link")
    does("demo", "release.first")
    does("user add", "account.add", email)
    does("user link", "account.link", email)
    does("user password", "account.password", email)
    does("user disable", "account.lock", email)
    does("user disable", "account.unlock", email, "--undo")
    data = READING.parent / "procedure_files" / "libreoffice.xlsx"
    does("import procedures", "procedure.import", data)
    does("period open", "report.open", "2024-6-thang")
    does("withdraw", "release.withdrawal", SLUG, "--reason", "Sai kỳ")
    copy = tmp_path / "copy.sqlite"
    does("backup", "database.backup", copy)
    does("db downgrade", "database.downgrade", "0007", "--yes")
    does("db upgrade", "database.upgrade")
    session.close()
    engine.dispose()
    run("restore", copy, "--yes")
    query = select(AuditEntry.action).order_by(AuditEntry.id.desc())
    assert session.scalars(query.limit(1)).one() == "database.restore"
    known.add("restore")
    listed = set(walk(group))
    assert known | READING_COMMANDS | OTHERS == listed


# noted by the services that they share with the office
OTHERS = {"accept-clock", "db stamp", "import sheet", "publish", "publish-due"}


def walk(command, path=""):
    """Yield every command by its full name."""
    import click

    with click.Context(command) as context:
        for name in command.list_commands(context):
            found = command.get_command(context, name)
            if isinstance(found, click.Group):
                yield from walk(found, f"{path}{name} ")
            else:
                yield f"{path}{name}"


def test_every_deed_that_the_code_writes_has_its_words():
    written = set()
    for path in PACKAGE.rglob("*.py"):
        source = path.read_text("utf-8")
        if "health import note" in source and "store.writing" not in source:
            continue  # its notes go to the running log, not to the trail
        written |= set(WRITTEN.findall(source))
    written -= {"audit.anchor"}
    assert len(written) > 20
    assert written <= set(DEEDS), written - set(DEEDS)


def test_accounts_of_the_demo_are_noted(run, demo, procedures, session):
    run("demo")
    lines = session.scalars(select(AuditEntry).where(AuditEntry.action == "account.add")).all()
    assert len(lines) + len(STAFF) >= len(accounts.list_users(session))
