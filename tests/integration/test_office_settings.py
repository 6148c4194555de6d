"""Settings of the office: what an administrator sets, who sees it, what wins over it."""

import io

import pytest
from PIL import Image
from sqlalchemy import text

from cchc_public.config import UNNAMED
from cchc_public.errors import StaleRevision
from cchc_public.migrations import runner
from cchc_public.present.color import accent_problem, contrast, for_dark, least_contrast
from cchc_public.releases.reading import newest_release
from cchc_public.state import get_state
from cchc_public.store.remembered import load_settings, save_settings
from cchc_public.store.writing import history
from tests.hosts import COMMON, PREFIX, STAFF, sign_in_path
from tests.integration.reports import CLERK
from tests.pages import read_inputs

# nothing is fixed in the configuration: the office decides
FREE = ("CCHC_AUTHORITY_NAME", "CCHC_AUTHORITY_CODE", "CCHC_PARENT_AUTHORITY_NAME", "CCHC_PLACE")
PAGE = "/quan-tri/thiet-lap"


@pytest.fixture
def app(host_kind, build_app, monkeypatch):
    for key in FREE:
        monkeypatch.delitem(COMMON, key)
    return build_app(host_kind)


def picture(kind="PNG", size=(300, 300), color="red"):
    target = io.BytesIO()
    Image.new("RGB", size, color).save(target, kind)
    return target.getvalue()


def typed(client, page, **changes):
    """The form as a browser would send it: every field as shown, then ``changes``."""
    shown = client.get(page)
    assert shown.status_code == 200
    fields = {key: value for key, value in read_inputs(shown.text).items() if key != "logo"}
    fields |= {"LANGUAGES": ["vi", "en"], "RECIPIENTS": "", "EMBED_ANCESTORS": "https:"}
    fields.pop("drop_logo", None)
    return {**fields, **changes}


def save(client, page, **changes):
    """Look at the changes, then save them with the form of the preview."""
    preview = client.post(page, data={**typed(client, page, **changes), "do": "preview"})
    assert preview.status_code == 200, preview.text
    hidden = read_inputs(preview.text, hidden=True)
    hidden["LANGUAGES"] = changes.get("LANGUAGES", ["vi", "en"])
    return preview, client.post(page, data={**hidden, "do": "save"})


@pytest.mark.everywhere
def test_a_name_set_in_the_office_shows_everywhere_and_in_the_trail(
    admin, citizen, prefix, session
):
    assert UNNAMED in citizen.get(f"{prefix}/").text
    preview, answer = save(admin, prefix + PAGE, AUTHORITY_NAME="Ủy ban nhân dân xã Mới")
    assert f"{UNNAMED}</del> → <ins>Ủy ban nhân dân xã Mới" in preview.text
    assert answer.status_code == 302
    for path in ("/", "/ve-so-lieu", "/quan-tri/"):
        page = admin.get(prefix + path, follow_redirects=True)
        assert "xã Mới" in page.text, path
    (line,) = history(session, "settings")
    assert (line.action, line.actor.name) == ("settings.save", STAFF["admin"][1])
    names = {change["column_label"]: change["new"] for change in line.changes}
    assert names["Tên cơ quan"] == "Ủy ban nhân dân xã Mới"


@pytest.mark.everywhere
@pytest.mark.hosts("standalone")
def test_another_process_sees_the_settings_without_a_restart(build_app, admin, prefix):
    other = build_app("standalone").test_client()
    assert UNNAMED in other.get(f"{prefix}/ky").text
    save(admin, prefix + PAGE, AUTHORITY_NAME="Xã Hai Máy")
    assert "Xã Hai Máy" in other.get(f"{prefix}/ky").text


@pytest.mark.everywhere
def test_nobody_but_an_administrator_changes_them(clerk, publisher, prefix, session):
    for client in (clerk, publisher):
        assert client.get(prefix + PAGE).status_code == 403
        assert client.post_form(f"{prefix}/quan-tri/ky/moi", do="x").status_code != 500
    assert load_settings(session).version == 0


def test_what_the_configuration_says_wins_and_is_shown_as_fixed(build_app, session, monkeypatch):
    monkeypatch.delitem(COMMON, "CCHC_PLACE")
    app = build_app("standalone", CCHC_AUTHORITY_NAME="Xã Trong Tệp")
    save_settings(session, {"AUTHORITY_NAME": "Xã Khác"}, version=0, actor=CLERK)
    session.commit()
    client = app.test_client()
    client.sign_in(sign_in_path(app), STAFF["admin"][0], "mat-khau-thu-nghiem")
    page = client.get(PAGE).text
    assert "cố định trên máy chủ" in page
    assert 'name="AUTHORITY_NAME"' not in page
    save(client, PAGE, AUTHORITY_NAME="Xã Lén", PLACE="Nơi")
    assert "Xã Trong Tệp" in client.get("/").text
    session.expire_all()
    assert load_settings(session).values["PLACE"] == "Nơi"


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("AUTHORITY_NAME", "  ", "không được để trống"),
        ("AUTHORITY_NAME", "x" * 301, "dài quá 300 chữ"),
        ("ACCENT_COLOR", "#ffcc00", "nhạt quá"),
        ("ACCENT_COLOR", "red;}", "viết dạng"),
        ("LANGUAGES", ["en"], "phải có vi"),
        ("EMBED_ANCESTORS", "https://a.vn; script-src", "không có dấu cách"),
        ("DRAFT_DAYS", "-1", "số nguyên"),
        ("DRAFT_DAYS", "0", "lớn hơn 0"),
    ],
)
@pytest.mark.databases("sqlite")
@pytest.mark.hosts("standalone")
def test_a_value_that_cannot_be_is_told_and_kept(admin, prefix, session, field, value, words):
    data = {**typed(admin, prefix + PAGE), field: value, "do": "save"}
    answer = admin.post(prefix + PAGE, data=data)
    assert answer.status_code == 422
    assert words in answer.text
    assert load_settings(session).version == 0


@pytest.mark.everywhere
def test_a_colleagues_settings_are_never_overwritten_unseen(admin, prefix, session):
    page = prefix + PAGE
    old = typed(admin, page, PLACE="Của tôi")
    save_settings(session, {"PLACE": "Của bạn"}, version=0, actor=CLERK)
    session.commit()
    refused = admin.post(page, data={**old, "do": "save"})
    assert refused.status_code == 409
    assert "Của tôi" in refused.text
    preview = admin.post(page, data={**old, "do": "preview"})
    assert f"{CLERK.name} đã lưu thiết lập sau khi bạn mở" in preview.text
    assert "Của bạn</del> → <ins>Của tôi" in preview.text


def test_two_writers_of_the_first_settings_are_told_apart(session):
    save_settings(session, {"PLACE": "A"}, version=0, actor=CLERK)
    with pytest.raises(StaleRevision):
        save_settings(session, {"PLACE": "B"}, version=0, actor=CLERK)


def test_an_old_release_keeps_the_name_of_its_time(admin, demo, citizen, prefix, session):
    before = newest_release(session)
    save(admin, prefix + PAGE, AUTHORITY_NAME="Ủy ban nhân dân xã Mới")
    session.expire_all()
    after = newest_release(session)
    assert after.authority == before.authority
    assert "Kim Thạch" in citizen.get(f"{prefix}/ky/2023-6-thang/ho-so.json").text


def test_a_new_report_takes_signature_and_recipients_from_the_settings(app, session):
    save_settings(
        session,
        {"SIGNATORY": "Hồ Văn An", "RECIPIENTS": "Như trên;\nLưu: VT.", "PLACE": "Kim Thạch"},
        version=0,
        actor=CLERK,
    )
    session.commit()
    with app.test_request_context():
        assert get_state().report_head == {
            "place": "Kim Thạch",
            "signatory": "Hồ Văn An",
            "recipients": ["Như trên;", "Lưu: VT."],
        }


@pytest.mark.databases("sqlite")
class TestLook:
    def test_an_accent_and_an_emblem_come_with_the_one_style_sheet(self, admin, citizen, prefix):
        plain = citizen.get(f"{prefix}/_cchc/cchc.css").text
        page = prefix + PAGE
        logo = (io.BytesIO(picture()), "quoc-huy.png")
        fields = typed(admin, page, ACCENT_COLOR="#0B5394", logo=logo, do="preview")
        preview = admin.post(page, data=fields, content_type="multipart/form-data")
        assert "data:image/webp;base64," in preview.text
        hidden = {**read_inputs(preview.text, hidden=True), "LANGUAGES": ["vi", "en"]}
        assert admin.post(page, data={**hidden, "do": "save"}).status_code == 302
        dressed = citizen.get(f"{prefix}/_cchc/cchc.css").text
        assert dressed.startswith(plain)
        assert "--cchc-accent:#0b5394" in dressed
        assert ".cchc-brand{padding-left:3.5rem;background:url(data:image/webp" in dressed
        assert len(dressed) - len(plain) < 5_000

    def test_a_page_kept_elsewhere_still_finds_a_style_sheet(self, citizen, prefix):
        answer = citizen.get(f"{prefix}/_cchc/cchc.0123456789ab.css")
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"] == "no-cache"
        assert citizen.get(f"{prefix}/_cchc/kiosk.0123456789ab.css").status_code == 404

    @pytest.mark.parametrize(
        ("data", "words"),
        [
            (b"<svg onload=alert(1)>", "Không đọc được tệp này"),
            (picture()[:60], "Không đọc được tệp này"),
            (picture("GIF"), "Không đọc được tệp này"),
            (picture(size=(3000, 3000)), "lớn quá"),
            (b"x" * 400_001, "lớn quá 400 KB"),
        ],
    )
    def test_what_is_no_emblem_is_refused_in_words(self, admin, prefix, data, words):
        page = prefix + PAGE
        fields = typed(admin, page, PLACE="Đã gõ", logo=(io.BytesIO(data), "x.png"), do="preview")
        answer = admin.post(page, data=fields, content_type="multipart/form-data")
        assert answer.status_code == 422
        assert words in answer.text
        assert "Đã gõ" in answer.text


def test_contrast_is_counted_as_wcag_does():
    assert round(contrast("#000000", "#ffffff"), 2) == 21
    assert round(contrast("#767676", "#ffffff"), 2) == 4.54
    assert not accent_problem("#a4161a")
    assert "4,5 : 1" in accent_problem("#c8962e")
    for accent in ("#a4161a", "#0b5394", "#000080", "#1f6f43"):
        assert least_contrast(for_dark(accent), "dark") >= 4.5


@pytest.mark.databases("sqlite")
@pytest.mark.hosts("standalone")
def test_a_database_that_lost_the_table_leaves_the_defaults(app, engine, session):
    session.execute(text("DROP TABLE cchc_settings"))
    session.commit()
    with app.test_request_context():
        assert get_state().config["AUTHORITY_NAME"] == UNNAMED
        assert get_state().session.execute(text("SELECT 1")).scalar() == 1


@pytest.mark.hosts("full")
def test_the_office_of_a_host_has_the_same_settings(app, admin, citizen):
    save(admin, PREFIX + PAGE, AUTHORITY_NAME="Xã Trong Trang Chủ")
    assert "Xã Trong Trang Chủ" in citizen.get(f"{PREFIX}/").text
    assert "Xã Trong Trang Chủ" not in citizen.get("/vao").text


def test_the_report_that_names_nobody_is_told_by_the_doctor(app):
    assert UNNAMED in app.test_cli_runner().invoke(args=["cchc", "doctor"]).output


def test_the_tables_come_and_go(engine):
    runner.downgrade(engine, "0005")
    runner.upgrade(engine)
    assert runner.check(engine) == ()


def test_the_first_report_opens_with_the_settings(admin, prefix, session, clerk):
    save(admin, prefix + PAGE, SIGNATORY="Hồ Văn An", PLACE="Kim Thạch")
    clerk.post_form(f"{prefix}/quan-tri/ky/moi?kind=6-thang&year=2025", data_from="", data_to="")
    page = clerk.get(f"{prefix}/quan-tri/ky/2025-6-thang/bao-cao").text
    assert 'value="Hồ Văn An"' in page
