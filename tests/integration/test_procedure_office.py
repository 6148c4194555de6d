import io
from pathlib import Path

import pytest

from cchc_public.procedures.saving import (
    create_procedure,
    get_procedure,
    iterate_records,
    list_batches,
    list_history,
    read_record,
    save_procedure,
)
from cchc_public.store.base import Actor
from tests.hosts import PASSWORD, STAFF, sign_in_path
from tests.office_forms import find_form
from tests.pages import read_inputs
from tests.procedure_records import FULL, make

LAN = Actor("1", "Nguyễn Thị Lan")
FILES = Path(__file__).parents[1] / "data" / "procedure_files"
OFFICE = "/quan-tri/thu-tuc"
pytestmark = pytest.mark.databases("sqlite")


@pytest.fixture
def office(prefix):
    return prefix + OFFICE


@pytest.fixture
def stored(app, session):
    create_procedure(session, make(), LAN)
    create_procedure(session, make(code="1.000894", name="Thủ tục đăng ký kết hôn"), LAN)
    session.commit()


def hidden(client, address):
    page = client.get(address)
    assert page.status_code == 200, page.status
    return read_inputs(page.text, hidden=True)


def upload(client, office, data, name="danh-muc.csv"):
    form = hidden(client, f"{office}/nhap") | {"file": (io.BytesIO(data), name)}
    return client.post(f"{office}/nhap", data=form, content_type="multipart/form-data")


@pytest.mark.everywhere
@pytest.mark.parametrize(
    "address", ["", "/moi", "/1.001193", "/1.001193/lich-su", "/nhap", "/xuat.csv", "/xuat.xlsx"]
)
def test_strangers_are_led_to_sign_in(citizen, office, stored, address):
    assert citizen.get(office + address).status_code == 302


def test_the_list_shows_searches_and_filters(clerk, office, session, procedures):
    page = clerk.get(office)
    assert page.status_code == 200
    assert "277 thủ tục" in page.text
    assert "1.001193" in clerk.get(f"{office}?q=khai+sinh").text
    assert "17 thủ tục" in clerk.get(f"{office}?linh-vuc=dat-dai").text
    assert clerk.get(f"{office}?cong-khai=khong").text.count("chon-") == 0


def test_the_report_and_the_list_are_compared_as_information(clerk, office, demo, stored):
    page = clerk.get(office).text
    assert "báo cáo 6 tháng đầu năm 2023 ghi 138" in page
    assert "ghi 27 (số liệu đến 12/06/2023)" in page


@pytest.mark.everywhere
def test_a_clerk_adds_a_procedure(clerk, office, app, session):
    form = hidden(clerk, f"{office}/moi") | {
        "code": "1.001193", "name": "Đăng ký khai sinh", "field": "Hộ tịch", "is_posted": "Có",
        "any.time": "1 ngày", "components.0.name": "Tờ khai", "components.0.originals": "1",
    }  # fmt: skip
    assert clerk.post(f"{office}/moi", data=form).status_code == 302
    (record,) = iterate_records(session)
    assert (record.name, record.channels[0].time_limit) == ("Đăng ký khai sinh", "1 ngày")
    assert record.components[0].originals == 1


def test_a_wrong_code_comes_back_with_what_was_typed(clerk, office, app, session):
    form = hidden(clerk, f"{office}/moi") | {"code": "1.11", "name": "Đăng ký", "field": "Hộ tịch"}
    answer = clerk.post(f"{office}/moi", data=form)
    assert answer.status_code == 422
    assert "không đúng dạng" in answer.text
    assert 'value="1.11"' in answer.text
    assert [*iterate_records(session)] == []


def test_a_form_that_arrives_without_its_fields_is_refused_in_words(clerk, office, stored):
    token = {"csrf_token": hidden(clerk, f"{office}/1.001193")["csrf_token"]}
    answer = clerk.post(f"{office}/1.001193", data=token)
    assert answer.status_code == 422
    assert "Thiếu tên thủ tục." in answer.text


def test_a_full_procedure_is_shown_and_saved_unchanged(clerk, office, app, session):
    create_procedure(session, FULL, LAN)
    session.commit()
    page = clerk.get(f"{office}/1.001193")
    fields = read_inputs(page.text)
    assert fields["components.0.name"] == "Tờ khai đăng ký khai sinh"
    assert "Thứ Hai đến thứ Sáu" in page.text


@pytest.mark.everywhere
def test_a_colleagues_change_is_shown_beside_mine(clerk, office, stored, session):
    form = read_inputs(clerk.get(f"{office}/1.001193").text)
    form |= {"name": "Thủ tục đăng ký khai sinh", "result": "của tôi", "is_posted": "Có"}
    form.pop("in-person.used", None)
    for key in ("online.used", "post.used", "any.used"):
        form.pop(key, None)
    row = get_procedure(session, "1.001193")
    save_procedure(session, make(result="của đồng nghiệp"), LAN, version=row.version)
    session.commit()
    answer = clerk.post(f"{office}/1.001193", data=form)
    assert answer.status_code == 409
    assert "của tôi" in answer.text
    assert "của đồng nghiệp" in answer.text
    session.expire_all()
    assert read_record(get_procedure(session, "1.001193")).result == "của đồng nghiệp"


def test_history_shows_old_and_new(clerk, office, stored, session):
    row = get_procedure(session, "1.001193")
    save_procedure(session, make(result="Giấy khai sinh"), LAN, version=row.version, reason="QĐ 1")
    session.commit()
    page = clerk.get(f"{office}/1.001193/lich-su").text
    assert "Kết quả giải quyết" in page
    assert "<ins>Giấy khai sinh</ins>" in page
    assert "QĐ 1" in page


@pytest.mark.everywhere
def test_a_bulk_status_needs_decision_and_date(clerk, office, stored, session):
    fields = hidden(clerk, office) | {"code": ["1.001193", "1.000894"], "do": "status"}
    answer = clerk.post(
        f"{office}/hang-loat", data=fields | {"status": "repealed"}, follow_redirects=True
    )
    assert "ngày của quyết định" in answer.text
    given = {"status": "repealed", "decision": "9/QĐ-UBND", "on": "1/7/2026"}
    asked = clerk.post(f"{office}/hang-loat", data=fields | given)
    assert "Đổi trạng thái 2 thủ tục thành «Đã bãi bỏ» theo quyết định 9/QĐ-UBND?" in asked.text
    session.expire_all()
    assert get_procedure(session, "1.000894").status == "in-force"
    answer = confirm(clerk, asked)
    assert "Đã xong: Đổi trạng thái 2 thủ tục" in answer.text
    session.expire_all()
    assert get_procedure(session, "1.000894").status == "repealed"
    assert list_history(session, "1.000894")[0][0].reason == "Quyết định 9/QĐ-UBND"


def test_all_that_a_filter_finds_can_be_hidden_at_once(clerk, office, session, procedures):
    address = f"{office}/hang-loat?linh-vuc=ho-tich"
    form = hidden(clerk, office) | {"all": "1", "do": "hide"}
    asked = clerk.post(address, data=form)
    assert "Ẩn 39 thủ tục khỏi trang công khai?" in asked.text
    assert "Đã xong: Ẩn 39 thủ tục khỏi trang công khai." in confirm(clerk, asked).text


def confirm(client, asked, **more):
    """Press the button of the page that asks."""
    form = find_form(asked.text, "/hang-loat")
    fields = [*form.iter()]
    data = {}
    for field in fields:
        if field.get("name") and field.get("type") == "hidden":
            data.setdefault(field.get("name"), []).append(field.get("value"))
    return client.post(form.get("action"), data={**data, **more}, follow_redirects=True)


@pytest.mark.databases("sqlite", "postgresql")
@pytest.mark.hosts("standalone")
def test_showing_all_leaves_alone_what_was_hidden_on_purpose(clerk, office, session, stored):
    create_procedure(session, make(code="2.000815", name="Chứng thực bản sao"), LAN)
    session.commit()
    bulk = f"{office}/hang-loat"
    one = hidden(clerk, office) | {"code": ["1.001193"], "do": "hide"}
    confirm(clerk, clerk.post(bulk, data=one))
    every = hidden(clerk, office) | {"all": "1"}
    confirm(clerk, clerk.post(bulk, data=every | {"do": "hide"}))
    asked = clerk.post(bulk, data=every | {"do": "post"})
    assert "Công khai 2 thủ tục?" in asked.text
    assert "1 thủ tục được ẩn riêng, có chủ ý: vẫn để ẩn" in asked.text
    done = confirm(clerk, asked)
    session.expire_all()
    assert not get_procedure(session, "1.001193").is_posted
    assert get_procedure(session, "1.000894").is_posted
    undone = clerk.post(
        find_form(done.text, "/hoan-tac").get("action"),
        data=read_inputs(done.text, hidden=True), follow_redirects=True,
    )  # fmt: skip
    assert "2 thủ tục trở lại như trước" in undone.text
    session.expire_all()
    assert not get_procedure(session, "1.000894").is_posted
    asked = clerk.post(bulk, data=every | {"do": "post"})
    confirm(clerk, asked, by_hand="1")
    session.expire_all()
    assert get_procedure(session, "1.001193").is_posted
    assert "Không có gì phải đổi" in clerk.post(
        bulk, data=every | {"do": "post"}, follow_redirects=True
    ).text  # fmt: skip


def test_a_list_changed_since_the_question_is_asked_anew(clerk, office, stored, session):
    fields = hidden(clerk, office) | {"code": ["1.001193"], "do": "hide"}
    asked = clerk.post(f"{office}/hang-loat", data=fields)
    row = get_procedure(session, "1.000894")
    save_procedure(session, make(code="1.000894", name="Kết hôn"), LAN, version=row.version)
    session.commit()
    again = confirm(clerk, asked)
    assert "Danh mục vừa thay đổi" in again.text
    assert get_procedure(session, "1.001193").is_posted
    confirm(clerk, again)
    session.expire_all()
    assert not get_procedure(session, "1.001193").is_posted


def test_nothing_ticked_is_said(clerk, office, stored):
    form = hidden(clerk, office) | {"do": "hide"}
    answer = clerk.post(f"{office}/hang-loat", data=form, follow_redirects=True)
    assert "Chưa chọn thủ tục nào" in answer.text


@pytest.mark.parametrize("kind", ["xlsx", "ods", "xls"])
def test_a_file_is_seen_accepted_and_undone(clerk, office, stored, session, kind):
    before = [*iterate_records(session)]
    data = (FILES / f"libreoffice.{kind}").read_bytes()
    answer = upload(clerk, office, data, f"danh muc.{kind}")
    assert answer.status_code == 302
    preview = clerk.get(answer.location)
    assert "Mới 2 · sửa 2" in preview.text
    assert "Dòng 13" in preview.text
    assert "1.005460" in preview.text
    assert [*iterate_records(session)] == before
    form = read_inputs(preview.text, hidden=True)
    done = clerk.post(f"{answer.location}/nhan", data=form, follow_redirects=True)
    assert "Đã nhận tệp: thêm 2, sửa 2" in done.text
    session.expire_all()
    assert len([*iterate_records(session)]) == 4
    form = read_inputs(done.text, hidden=True)
    undone = clerk.post(f"{answer.location}/hoan-tac", data=form, follow_redirects=True)
    assert "trở lại như trước" in undone.text
    session.expire_all()
    assert [*iterate_records(session)] == before


def test_a_list_changed_since_the_preview_must_be_seen_again(clerk, office, stored, session):
    answer = upload(clerk, office, b"code,name\n1.001193,Khai sinh\n")
    form = read_inputs(clerk.get(answer.location).text, hidden=True)
    row = get_procedure(session, "1.000894")
    save_procedure(session, make(code="1.000894", name="Kết hôn"), LAN, version=row.version)
    session.commit()
    again = clerk.post(f"{answer.location}/nhan", data=form, follow_redirects=True)
    assert "Hãy xem lại" in again.text
    session.expire_all()
    assert get_procedure(session, "1.001193").name == "Thủ tục đăng ký khai sinh"


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"", "a.xlsx"),
        (b"PK\x03\x04cut", "a.xlsx"),
        (b"%PDF-1.7 x", "a.pdf"),
        (b"a,b\n1,2\n", "a.csv"),
    ],
)
def test_a_bad_file_is_refused_in_words_and_leaves_nothing(
    clerk, office, stored, session, data, name
):
    before = [*iterate_records(session)]
    answer = upload(clerk, office, data, name)
    assert answer.status_code == 422
    assert "Chưa đọc được" in answer.text
    assert [*iterate_records(session)] == before
    assert list_batches(session) == ()


@pytest.mark.everywhere
def test_a_file_larger_than_allowed_is_refused_in_words(build_app, session):
    app = build_app("standalone", CCHC_UPLOAD_MAX_BYTES=20_000)
    client = app.test_client()
    client.sign_in(sign_in_path(app), STAFF["clerk"][0], PASSWORD)
    answer = upload(client, OFFICE, b"code,name\n" + b"1.001193,x\n" * 3_000)
    assert answer.status_code in (413, 422)
    assert "lớn" in answer.text
    assert list_batches(session) == ()


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_what_is_taken_out_goes_in_unchanged(clerk, office, stored, session, kind):
    file = clerk.get(f"{office}/xuat.{kind}")
    assert file.headers["Content-Disposition"] == f'attachment; filename="thu-tuc.{kind}"'
    answer = upload(clerk, office, file.data, f"thu-tuc.{kind}")
    assert "không thay đổi gì" in clerk.get(answer.location).text


@pytest.mark.parametrize("address", ["/hang-loat", "/nhap/1/nhan", "/nhap/1/hoan-tac"])
def test_signing_in_again_leads_to_a_page_after_any_button(clerk, office, stored, address):
    upload(clerk, office, b"code,name\n1.001193,Khai sinh\n")
    assert clerk.get(office + address, follow_redirects=True).status_code == 200


@pytest.mark.everywhere
def test_a_form_typed_when_the_session_ended_comes_back(clerk, office, stored, session):
    form = read_inputs(clerk.get(f"{office}/1.001193").text, hidden=True)
    form |= {"name": "Tên gõ dở", "field": "Hộ tịch", "csrf_token": "hết hạn"}
    answer = clerk.post(f"{office}/1.001193", data=form)
    assert answer.status_code == 302
    assert "Tên gõ dở" in clerk.get(answer.location).text
    assert get_procedure(session, "1.001193").name == "Thủ tục đăng ký khai sinh"


@pytest.mark.parametrize("address", ["/9.999999", "/9.999999/lich-su", "/nhap/99"])
def test_what_is_not_there_is_said(clerk, office, stored, address):
    assert clerk.get(office + address).status_code == 404
