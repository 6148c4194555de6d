from dataclasses import replace
from datetime import date

import pytest
from sheet_makers import dossier_row, dossiers, sheet_of, single, task

from cchc_public.tables.registry import (
    FORMS,
    blank_rows,
    blank_sheet,
    carry_sheet,
    get_form,
    is_filled,
    row_key,
    task_key,
)
from cchc_public.tables.sheet import Row, Sheet


@pytest.mark.parametrize("table", FORMS, ids=lambda t: f"{t.code}@{t.edition}")
def test_a_blank_sheet_says_nothing_yet(table):
    assert not is_filled(table, blank_sheet(table))


def test_blank_rows_follow_the_kind_of_table():
    def keys(code):
        return [row.key for row in blank_rows(get_form(code))]

    assert keys("so-hoa") == ["so-lieu"]
    assert keys("van-ban") == ["den", "di"]
    assert keys("ho-so") == []
    assert keys("nhiem-vu") == []
    assert keys("chi-tieu") == ["tasks-done", "apologies", "satisfaction-claim"]


def test_copied_cells_alone_do_not_fill_a_sheet():
    tasks = sheet_of("nhiem-vu", task(lead_unit="Văn phòng", completion=90))
    for sheet in (dossiers(), tasks):
        table = get_form(sheet.table_code)
        copied = Sheet(table.code, table.edition, rows=carry_sheet(table, sheet).rows)
        assert is_filled(table, sheet)
        assert not is_filled(table, copied)
        assert copied.given_keys


def test_a_finished_task_is_carried_on_whole_and_an_open_one_is_told_anew():
    done = task(lead_unit="Văn phòng", progress="Đã ban hành", completion=100)
    begun = task("I.2", lead_unit="Tư pháp", progress="Đang làm", completion=50)
    lasting = task("I.3", lead_unit="Đảng ủy", progress="Đang thực hiện", completion=100)
    table = get_form("nhiem-vu")
    rows = carry_sheet(table, sheet_of("nhiem-vu", done, begun, lasting)).rows
    anew = [{"lead_unit": "Tư pháp"}, {"lead_unit": "Đảng ủy"}]
    assert [dict(row.cells) for row in rows] == [dict(done.cells), *anew]
    assert not is_filled(table, sheet_of("nhiem-vu", *rows))
    told = replace(rows[1], cells={**rows[1].cells, "completion": 60})
    assert is_filled(table, sheet_of("nhiem-vu", rows[0], told, rows[2]))
    assert is_filled(table, sheet_of("nhiem-vu", rows[0]))  # nothing is left to say


def test_zero_and_stated_figures_and_unread_text_fill_a_sheet():
    table = get_form("hai-long")
    assert is_filled(table, single("hai-long", slips=0))
    assert is_filled(table, single("hai-long", stated={"satisfaction_rate": "100"}))
    assert not is_filled(table, single("hai-long", coverage_target=60))
    unread = Sheet("hai-long", table.edition, rows=(Row("so-lieu", "", unread={"slips": "x"}),))
    assert is_filled(table, unread)


@pytest.mark.parametrize(
    ("code", "label", "key"),
    [
        ("ho-so", "Bảo trợ xã hội", "bao-tro-xa-hoi"),
        ("ho-so", "ĐẤT  ĐAI", "dat-dai"),
        ("van-ban", "đến", "den"),
        ("van-ban", "Văn bản đi", "di"),
        ("so-hoa", "bất kỳ", "so-lieu"),
        ("chi-tieu", "nhiệm vụ cchc đã thực hiện tốt", "tasks-done"),
        ("chi-tieu", "Phiếu xin lỗi", "apologies"),
        ("ho-so", "…", "dong"),
    ],
)
def test_a_label_leads_to_its_key(code, label, key):
    assert row_key(get_form(code), label) == key


def test_a_taken_key_gets_a_number():
    assert row_key(get_form("ho-so"), "Đất đai", {"dat-dai", "dat-dai-2"}) == "dat-dai-3"
    assert task_key(" III ", 6) == "III.6"


def test_rows_carry_into_another_edition_by_common_columns():
    old = single("dich-vu-cong", "2022-tro-ve-truoc", services_l3=19)
    (row,) = carry_sheet(get_form("dich-vu-cong", "2022-2026"), old).rows
    assert (row.key, dict(row.cells)) == ("so-lieu", {})


def test_an_empty_previous_sheet_gives_blank_rows():
    table = get_form("van-ban")
    assert carry_sheet(table, Sheet("van-ban", table.edition)).rows == blank_rows(table)


def test_unknown_pending_opens_with_nothing():
    sheet = sheet_of("ho-so", dossier_row(resolved_early=None, pending_overdue=None))
    (row,) = carry_sheet(get_form("ho-so"), sheet).rows
    assert dict(row.cells) == {}


def test_a_period_that_does_not_follow_on_opens_with_nothing():
    (row,) = carry_sheet(get_form("ho-so"), dossiers(), date(2024, 1, 15)).rows
    assert dict(row.cells) == {}
