import csv
import io
from dataclasses import replace
from datetime import date

import openpyxl
import pytest

from cchc_public.errors import ImportRejected, StaleRevision
from cchc_public.exports.data import procedures_csv
from cchc_public.exports.workbooks import procedures_xlsx
from cchc_public.procedures.batches import (
    Plan,
    apply_batch,
    open_batch,
    undo_batch,
)
from cchc_public.procedures.importing import import_files, read_procedures
from cchc_public.procedures.saving import (
    create_procedure,
    get_batch,
    get_procedure,
    iterate_records,
    list_batches,
    list_fields,
    list_history,
    read_record,
    save_procedure,
)
from cchc_public.procedures.searching import list_stamp
from cchc_public.store.base import Actor
from tests.procedure_records import FULL, SMALL, WHOLE, make

LAN = Actor("1", "Nguyễn Thị Lan")
CSV = """code,name,field,time_limit,fee
1.001193,Thủ tục đăng ký khai sinh,Hộ tịch,1 ngày,Miễn phí
1.000894,Thủ tục đăng ký kết hôn,Hộ tịch,Trực tiếp: 1 ngày; Trực tuyến: 2 giờ,
2.001019,Chứng thực di chúc,Chứng thực,,50.000 đồng
1.01,Mã hỏng,Hộ tịch,,
""".encode()


def open_file(session, data=CSV, name="danh-muc.csv"):
    return open_batch(session, read_procedures(data, name), LAN)


def table(session):
    """Everything that the public could see of the list, as one comparable value."""
    return tuple(iterate_records(session)), tuple(field.name for field in list_fields(session))


def test_the_preview_tells_new_changed_missing_and_refused(session):
    create_procedure(session, SMALL, LAN)
    create_procedure(session, make(code="1.000002", name="Chỉ có ở đây"), LAN)
    plan = Plan(session, open_file(session))
    assert [change.after["code"] for change in plan.new] == ["1.000894", "2.001019"]
    (changed,) = plan.changed
    assert changed.changes == (
        ("Thời hạn giải quyết", "", "1 ngày"),
        ("Phí, lệ phí", "", "Miễn phí"),
    )
    assert plan.missing == ("1.000002",)
    assert [(item.number, item.code) for item in plan.refused] == [(5, "1.01")]


def test_a_field_written_otherwise_is_the_field_of_the_list(session):
    create_procedure(session, SMALL, LAN)
    data = 'code,name,field\n1.000894,Kết\xa0hôn,HỘ TỊCH\n1.000656,"Khai\ntử","Hộ\ntịch"\n'.encode()
    import_files(session, [("x.csv", data)], LAN)
    assert [field.name for field in list_fields(session)] == ["Hộ tịch"]
    assert read_record(get_procedure(session, "1.000656")).name == "Khai tử"
    assert Plan(session, open_file(session, data)).unchanged == 2


def test_a_preview_changes_nothing(session):
    before = table(session)
    Plan(session, open_file(session))
    assert table(session) == before


def test_accepting_writes_one_batch_with_history(session):
    batch = open_file(session)
    summary = apply_batch(session, batch, LAN)
    assert (summary["new"], summary["changed"], summary["unchanged"]) == (3, 0, 0)
    assert summary["refused"][0][:2] == [5, "1.01"]
    assert [r.code for r in iterate_records(session)] == ["1.000894", "1.001193", "2.001019"]
    channels = read_record(get_procedure(session, "1.000894")).channels
    assert [(c.kind, c.time_limit, c.fee) for c in channels] == [
        ("in-person", "1 ngày", ""),
        ("online", "2 giờ", ""),
    ]
    ((entry, _changes),) = list_history(session, "1.000894")
    assert (entry.action, entry.batch_id) == ("import", batch.id)


def test_columns_the_file_lacks_stay_as_they_are(session):
    create_procedure(session, FULL, LAN)
    data = "code,name\n1.001193,Đăng ký khai sinh\n".encode()
    import_files(session, [("x.csv", data)], LAN)
    (record,) = iterate_records(session)
    assert record == replace(FULL, name="Đăng ký khai sinh")


def test_channels_named_in_the_file_replace_the_former_ones(session):
    create_procedure(session, FULL, LAN)
    data = "code,time_limit,fee\n1.001193,Trực tuyến: 2 giờ,Miễn phí\n".encode()
    import_files(session, [("x.csv", data)], LAN)
    (record,) = iterate_records(session)
    assert [(c.kind, c.time_limit, c.fee) for c in record.channels] == [
        ("online", "2 giờ", "Miễn phí")
    ]


def test_a_channel_whose_fee_the_file_does_not_touch_keeps_it(session):
    create_procedure(session, FULL, LAN)
    data = "code,time_limit\n1.001193,Trực tuyến: 2 giờ\n".encode()
    import_files(session, [("x.csv", data)], LAN)
    (record,) = iterate_records(session)
    assert [(c.kind, c.time_limit, c.fee) for c in record.channels] == [
        ("online", "2 giờ", "không nêu"),
        ("in-person", "", "8.000 đồng"),
    ]


def test_undoing_takes_everything_back_as_one(session):
    create_procedure(session, SMALL, LAN)
    before = table(session)
    batch = open_file(session)
    apply_batch(session, batch, LAN)
    session.commit()
    assert table(session) != before
    assert undo_batch(session, get_batch(session, batch.id), LAN) == 3
    session.commit()
    session.expire_all()
    assert table(session) == before
    assert list_history(session, "1.001193")[0][0].action == "undo"


def test_undoing_is_refused_whole_when_one_procedure_was_changed_since(session):
    batch = open_file(session)
    apply_batch(session, batch, LAN)
    row = get_procedure(session, "2.001019")
    save_procedure(
        session, make(code=row.code, name="Khác", field="Chứng thực"), LAN, version=row.version
    )
    session.commit()
    before = table(session)
    with pytest.raises(StaleRevision, match=r"1 thủ tục.*2\.001019"):
        undo_batch(session, batch, LAN)
    session.rollback()
    assert table(session) == before
    assert get_batch(session, batch.id).state == "applied"


def test_a_batch_is_accepted_once_and_undone_once(session):
    batch = open_file(session)
    apply_batch(session, batch, LAN)
    with pytest.raises(StaleRevision):
        apply_batch(session, batch, LAN)
    undo_batch(session, batch, LAN)
    with pytest.raises(StaleRevision):
        undo_batch(session, batch, LAN)


def test_what_is_accepted_is_what_was_shown(session):
    batch = open_file(session)
    seen = list_stamp(session)
    create_procedure(session, SMALL, LAN)
    with pytest.raises(StaleRevision, match="xem lại"):
        apply_batch(session, batch, LAN, expected=seen)
    apply_batch(session, batch, LAN, expected=list_stamp(session))


def test_missing_procedures_are_hidden_only_when_asked(session):
    create_procedure(session, make(code="1.000002", name="Chỉ có ở đây"), LAN)
    batch = open_file(session)
    assert apply_batch(session, batch, LAN, hide_missing=True)["hidden"] == 1
    assert get_procedure(session, "1.000002").is_posted is False
    undo_batch(session, batch, LAN)
    session.expire_all()
    assert get_procedure(session, "1.000002").is_posted is True


def test_a_hidden_procedure_is_not_posted_again_by_a_file_that_does_not_say_so(session):
    create_procedure(session, make(is_posted=False), LAN)
    import_files(session, [("x.csv", CSV)], LAN)
    assert get_procedure(session, "1.001193").is_posted is False


def test_a_file_of_refused_rows_only_changes_nothing(session):
    with pytest.raises(ImportRejected, match="không có dòng nào nhận được"):
        import_files(session, [("x.csv", b"code,name\n1.01,x\n")], LAN)
    session.rollback()
    assert list_batches(session) == ()


def test_a_new_code_without_field_is_refused_with_its_row(session):
    data = b"code,name\n1.001193,Khai sinh\n"
    plan = Plan(session, open_file(session, data))
    assert [(item.number, item.reason) for item in plan.refused] == [(2, "Thiếu lĩnh vực.")]


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_out_in_and_out_again_is_identical(session, procedures, kind):
    create_procedure(session, replace(FULL, code="9.000001", field="=1+1"), LAN)
    write = {"csv": procedures_csv, "xlsx": procedures_xlsx}[kind]
    first = write(iterate_records(session))
    before = [*iterate_records(session)]
    plan = Plan(session, open_file(session, first, f"x.{kind}"))
    assert (plan.is_empty, plan.unchanged, plan.refused) == (True, 278, [])
    for batch in list_batches(session)[1:]:
        undo_batch(session, batch, LAN)
    import_files(session, [(f"x.{kind}", first)], LAN)
    session.expire_all()
    assert [*iterate_records(session)] == before
    assert write_again_equal(write, session, first, kind)


def write_again_equal(write, session, first, kind):
    second = write(iterate_records(session))
    if kind == "csv":
        return first == second
    return sheet_of(first) == sheet_of(second)


def sheet_of(data):
    book = openpyxl.load_workbook(io.BytesIO(data))
    return [[cell.value for cell in row] for row in book.active.iter_rows()]


def test_every_day_in_a_csv_is_written_so_that_no_program_swaps_day_and_month():
    (line,) = csv.DictReader(procedures_csv([WHOLE]).decode("utf-8-sig").splitlines())
    days = [text for header, text in line.items() if header.startswith("Ngày") and text]
    assert len(days) == 5
    assert all(date.fromisoformat(text) for text in days)


def test_no_exported_cell_is_a_formula(session):
    create_procedure(session, make(name='=HYPERLINK("http://x")', result="-2+3", source="@a"), LAN)
    book = openpyxl.load_workbook(io.BytesIO(procedures_xlsx(iterate_records(session))))
    assert {cell.data_type for row in book.active.iter_rows() for cell in row} <= {"s", "n"}
    text = procedures_csv(iterate_records(session)).decode("utf-8-sig")
    assert "'=HYPERLINK" in text
    assert "'-2+3" in text
    assert "'@a" in text


@pytest.mark.databases("sqlite")
def test_ten_thousand_rows(session):
    rows = "".join(f"1.{n:06d},Thủ tục số {n},Lĩnh vực {n % 40},{n} ngày\n" for n in range(10_000))
    data = f"code,name,field,time_limit\n{rows}".encode()
    summary, _words = import_files(session, [("x.csv", data)], LAN)
    assert (summary["new"], summary["refused"]) == (10_000, [])
