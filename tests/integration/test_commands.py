import json
import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import text

from cchc_public import demo
from cchc_public.accounts import people as accounts
from cchc_public.cli import OPERATOR
from cchc_public.migrations import runner
from cchc_public.paths import PACKAGE
from cchc_public.releases.reading import list_releases, newest_release
from cchc_public.reports.drafting import get_report, head_of, save_report_head
from cchc_public.reports.publishing import hand_in
from cchc_public.store import Procedure
from cchc_public.store.base import Actor
from cchc_public.store.remembered import load_settings, save_settings
from tests.hosts import COMMON, STAFF
from tests.integration.reports import AUTHORITY

ROOT = Path(__file__).resolve().parents[2]
DATA = PACKAGE / "demo" / "kim-thach-2023-h1"
READING = Path(__file__).parents[1] / "data" / "reading"
SLUG = demo.PERIOD.slug
alone = [pytest.mark.hosts("standalone"), pytest.mark.databases("sqlite")]


def only_alone(test):
    for mark in alone:
        test = mark(test)
    return test


@pytest.mark.everywhere
def test_migrations_are_run_and_told(run, engine):
    assert f"{runner.head()} (cần {runner.head()})" in run("db", "current")
    assert "khớp" in run("db", "check")
    run("db", "downgrade", "0001", "--yes")
    assert runner.current(engine) == "0001"
    assert "chưa ở bản mới nhất" in run("db", "check", code=1)
    run("db", "upgrade")
    assert runner.is_current(engine)
    assert "Không chạy được" in run("db", "upgrade", "no-such", code=1)


def test_downgrade_asks_first(run, engine):
    run("db", "downgrade", "base", code=1, input="n\n")
    assert runner.is_current(engine)


@pytest.mark.everywhere
def test_the_demo_is_loaded_once_with_accounts_whose_passwords_are_printed_once(
    run, app, session, tmp_path
):
    said = run("demo")
    assert "Đã nạp 6 tháng đầu năm 2023." in said
    assert session.query(Procedure).count() == 277
    assert [release.number for release in list_releases(session, SLUG)] == [1]
    assert "không nạp lại" in run("demo")
    assert run("demo", "--if-empty") == ""


@only_alone
def test_demo_accounts_are_made_on_our_own_site_only(run, demo, procedures, session, client):
    for email, _ in STAFF.values():
        session.delete(accounts.get_user(session, email))
    session.commit()
    said = run("demo")
    made = dict(re.findall(r"(\S+@kimthach\.example)\s+(\S+)", said))
    assert set(made) == {email for email, _ in STAFF.values()}
    assert len(set(made.values())) == 3
    client.sign_in("/quan-tri/dang-nhap", *next(iter(made.items())))
    assert "@" not in run("demo")


@only_alone
def test_the_demo_names_the_site_in_the_database_unless_somebody_did(
    run, demo, procedures, session, tmp_path
):
    run("demo")
    assert not (tmp_path / "cchc.toml").exists()
    stored = load_settings(session)
    assert stored.version == 0, "every name is fixed in the configuration of this test"


@only_alone
def test_the_demo_leaves_names_alone_that_an_administrator_set(
    build_app, demo, procedures, session, monkeypatch
):
    monkeypatch.delitem(COMMON, "CCHC_AUTHORITY_NAME")
    runner = build_app("standalone").test_cli_runner()
    assert runner.invoke(args=["cchc", "demo"]).exit_code == 0
    names = load_settings(session).values
    assert names == {"AUTHORITY_NAME": "Ủy ban nhân dân xã Kim Thạch"}
    save_settings(session, {"AUTHORITY_NAME": "Xã khác"}, version=1, actor=OPERATOR)
    session.commit()
    assert runner.invoke(args=["cchc", "demo"]).exit_code == 0
    session.expire_all()
    assert load_settings(session).values["AUTHORITY_NAME"] == "Xã khác"


@pytest.mark.databases("sqlite")
def test_check_tells_every_finding_and_fails_on_an_error(run, demo, session, tmp_path):
    said = run("check", SLUG)
    assert "[cảnh báo] task-claim" in said
    assert "0 lỗi" in said
    wrong = tmp_path / "dossiers.csv"
    text = (DATA / "dossiers.csv").read_text("utf-8")
    wrong.write_text(text.replace(",202,", ",999,"), encoding="utf-8")
    run("import", "sheet", SLUG, "ho-so", wrong, "--save")
    assert "[LỖI]" in run("check", SLUG, code=1)
    assert "Chưa mở kỳ báo cáo" in run("check", "2022-quy-1", code=1)


@pytest.mark.databases("sqlite")
def test_check_speaks_json_to_programs(run, demo):
    document = json.loads(run("check", SLUG, "--json"))
    assert document["schema"] == "cchc-check/1"
    (rate,) = [f for f in document["findings"] if f["code"] == "stated-rate"]
    assert (rate["severity"], rate["table"], rate["row"]) == ("warning", "dich-vu-cong", "so-lieu")
    assert rate["quantity"] == "online_rate"
    assert rate["numbers"] == [84.2, 71.2, 319, 448]
    assert rate["answered"]


@pytest.mark.databases("sqlite")
def test_a_reading_is_printed_asked_answered_and_saved(run, demo):
    word = READING / "01-word-merged-header.tsv"
    asked = json.loads(run("import", "sheet", SLUG, "ho-so", word, "--dry-run", "--json", code=3))
    assert (asked["schema"], asked["outcome"]) == ("cchc-reading/1", "ask")
    assert [question["id"] for question in asked["questions"]] == ["xep-cot"]
    assert "HỎI xep-cot" in run("import", "sheet", SLUG, "ho-so", word, code=3)
    answer = ("--answer", "xep-cot=dung")
    read = json.loads(
        run("import", "sheet", "2024-quy-1", "auto", word, "--dry-run", "--json", *answer)
    )
    assert (read["outcome"], read["table"], read["form"]) == ("read", "ho-so", "tt-01-2020")
    row = read["rows"][1]
    assert (row["label"], row["kind"]) == ("Đất đai", "row")
    assert row["cells"]["received_direct"] == 305
    assert row["solved"]["received_in_period"] == 314
    assert row["source"]["carried_over"] == "36"
    assert "Đã lưu 2 dòng" in run("import", "sheet", SLUG, "ho-so", word, *answer)


@pytest.mark.databases("sqlite")
def test_a_period_is_opened_and_withdrawn_by_command(run, demo):
    assert "Đã mở kỳ 2024-quy-1" in run("period", "open", "2024-quy-1")
    run("period", "open", "2024-quy-1", code=1)
    run("period", "open", "2024-quy-9", code=1)
    assert "Đã thu hồi" in run("withdraw", SLUG, "--reason", "Nhầm kỳ báo cáo")
    run("withdraw", SLUG, "--reason", "Nhầm kỳ báo cáo", code=1)


@pytest.mark.databases("sqlite")
def test_a_sheet_is_imported_and_published_as_a_correction(run, app, demo, session, tmp_path):
    text = (DATA / "documents.csv").read_text("utf-8")
    assert "242" in text
    changed = tmp_path / "documents.csv"
    changed.write_text(text.replace("242", "243"), encoding="utf-8")
    assert "signed-split" in run("check", SLUG)
    assert "Đã lưu 2 dòng" in run("import", "sheet", SLUG, "van-ban", changed)
    assert "signed-split" not in run("check", SLUG)
    # the two-person rule holds for commands too: nobody handed it in
    assert "chưa được trình" in run("publish", SLUG, "--reason", "Chép nhầm một văn bản", code=1)
    app.config["CCHC_REQUIRE_SECOND_PERSON"] = False
    assert "lý do" in run("publish", SLUG, code=1)
    assert "lần 2" in run("publish", SLUG, "--reason", "Chép nhầm một văn bản")
    assert [release.number for release in list_releases(session, SLUG)] == [2, 1]


@pytest.mark.databases("sqlite")
def test_what_was_handed_in_is_published_by_command_only_with_the_name_of_who_approved(
    run, demo, session
):
    report = get_report(session, SLUG)
    head = replace(head_of(report), due_on=date(2023, 12, 20))
    save_report_head(session, report, head, version=report.version, actor=Actor("7", "Lan"))
    hand_in(session, report, Actor("7", "Lan"), authority=AUTHORITY, reason="Sửa hẹn.")
    session.commit()
    assert "Lan đã trình kỳ này, chưa ai duyệt" in run("publish", SLUG, code=1)
    assert "một người khác" in run("publish", SLUG, "--approved-by", "Lan", code=1)
    assert "Sửa hẹn." in run("publish", SLUG, "--approved-by", "Hà", "--reason", "Khác", code=1)
    told = run("publish", SLUG, "--approved-by", "Hà")
    assert "lần 2" in told
    assert "Trình: Lan. Duyệt: Hà (duyệt qua dòng lệnh)." in told
    assert newest_release(session, SLUG).published_by == "Hà (duyệt qua dòng lệnh)"
    assert "chưa được trình" in run("publish", SLUG, "--approved-by", "Hà", code=1)


def test_a_file_that_is_no_table_changes_nothing(run, demo, tmp_path):
    wrong = tmp_path / "wrong.csv"
    wrong.write_text("a,b\n1,2\n", encoding="utf-8")
    run("import", "sheet", SLUG, "ho-so", wrong, code=4)
    run("import", "procedures", wrong, code=1)


@pytest.mark.databases("sqlite")
def test_procedures_are_imported_and_a_second_time_changes_nothing(run):
    assert "Thêm 277" in run("import", "procedures", PACKAGE / "demo" / "procedures.csv")
    assert "giữ nguyên 277" in run("import", "procedures", PACKAGE / "demo" / "procedures.csv")


@only_alone
class TestUsers:
    def test_an_account_is_added_with_a_random_password(self, run, client):
        said = run("user", "add", "moi@kimthach.example", "--name", "Lê Thị Mới", "--role", "clerk")
        password = re.search(r"chỉ in lần này\): (\S+)", said)[1]
        client.sign_in("/quan-tri/dang-nhap", "moi@kimthach.example", password)
        assert "moi@kimthach.example  Lê Thị Mới  (clerk)" in run("user", "list")

    def test_a_given_password_is_not_printed(self, run):
        said = run("user", "add", "moi@kimthach.example", "--password", "mat-khau-rat-dai")
        assert "mat-khau-rat-dai" not in said

    @pytest.mark.parametrize(
        "words",
        [
            ("add", "khong-phai-thu"),
            ("add", "moi@kimthach.example", "--password", "ngan"),
            ("add", STAFF["clerk"][0]),
            ("add", STAFF["clerk"][0].upper()),
            ("password", "ai-do@kimthach.example"),
            ("disable", STAFF["admin"][0]),
        ],
    )
    def test_what_cannot_be_done_is_one_sentence(self, run, words):
        said = run("user", *words, code=1)
        assert said.startswith("Error: ")
        assert said.count("\n") == 1

    def test_a_password_is_reset(self, run, client):
        said = run("user", "password", STAFF["clerk"][0])
        password = re.search(r"chỉ in lần này\): (\S+)", said)[1]
        client.sign_in("/quan-tri/dang-nhap", STAFF["clerk"][0], password)

    def test_an_account_is_disabled_and_opened_again(self, run, session):
        run("user", "disable", STAFF["clerk"][0])
        assert "[đã khóa]" in run("user", "list")
        run("user", "disable", STAFF["clerk"][0], "--undo")
        assert "[đã khóa]" not in run("user", "list")


@pytest.mark.hosts("full")
@pytest.mark.databases("sqlite")
def test_a_host_keeps_its_own_accounts(run):
    assert "trang chủ tự quản lý tài khoản" in run("user", "list", code=1)


class TestDoctor:
    @pytest.mark.everywhere
    def test_a_healthy_app_is_told_so(self, run):
        assert "Mọi thứ đều tốt." in run("doctor")

    @pytest.mark.databases("sqlite")
    def test_missing_migrations_are_found(self, run, engine):
        runner.downgrade(engine, "0002")
        assert "flask cchc db upgrade" in run("doctor", code=1)

    @only_alone
    def test_a_release_that_someone_rewrote_is_found(self, run, demo, session):
        session.execute(text("DROP TRIGGER cchc_release_no_update"))
        session.execute(text("UPDATE cchc_release SET content = replace(content, '692', '693')"))
        session.commit()
        assert "nội dung không khớp mã kiểm tra" in run("doctor", code=1)

    @pytest.mark.hosts("full")
    @pytest.mark.databases("sqlite")
    def test_a_host_whose_migrations_would_drop_our_tables_is_warned(self, app, run):
        app.extensions["migrate"].configure_args.pop("include_object")
        assert "host_filter" in run("doctor", code=1)

    @pytest.mark.hosts("full")
    @pytest.mark.databases("sqlite")
    def test_a_frame_without_content_block_is_found(self, app, run, tmp_path):
        frame = "<!doctype html><html lang=vi><title>x</title>{% block main %}{% endblock %}"
        (tmp_path / "templates" / "host.html").write_text(frame, encoding="utf-8")
        app.jinja_env.cache.clear()
        assert "không có khối content" in run("doctor", code=1)

    @only_alone
    def test_a_secret_that_others_can_read_is_found(self, run, tmp_path):
        secret = tmp_path / "secret-key"
        secret.write_text("x" * 64)
        secret.chmod(0o644)
        assert "chmod 600" in run("doctor", code=1)

    @only_alone
    def test_a_site_without_name_is_told(self, build_app):
        app = build_app("standalone", CCHC_AUTHORITY_NAME="Ủy ban nhân dân xã (chưa đặt tên)")
        result = app.test_cli_runner().invoke(args=["cchc", "doctor"])
        assert "CCHC_AUTHORITY_NAME" in result.output
