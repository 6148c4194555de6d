from __future__ import annotations

import unicodedata
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cchc_public.errors import ImportRejected
from cchc_public.office.reports.sheet_form import (
    MAX_ROWS,
    SheetInput,
    SheetReading,
    cell_text,
    input_of,
    read_form,
    read_sheet,
)
from cchc_public.tables.language import Form
from cchc_public.tables.registry import blank_sheet, get_form
from cchc_public.tables.sheet import Row, Sheet
from cchc_public.vietnamese.numbers import Reading
from cchc_public.vietnamese.text import clean_text

DOSSIERS = get_form("ho-so")
TASKS = get_form("nhiem-vu")
SURVEY = get_form("hai-long")
LAND = Row("dat-dai", "Đất đai", cells={"received_online": 0, "received_direct": 1714})
CIVIL = Row("ho-tich", "Hộ tịch", cells={"received_online": 160})
BASE = Sheet("ho-so", DOSSIERS.edition, date(2022, 12, 15), date(2023, 6, 12), (LAND, CIVIL))


def read(form: dict[str, str], base: Sheet = BASE, table: Form = DOSSIERS) -> SheetReading:
    return read_sheet(table, read_form(table, form), base)


def posted(sheet: Sheet, table: Form = DOSSIERS) -> dict[str, str]:
    """The form exactly as the screen of ``sheet`` would send it back."""
    shown = input_of(table, sheet, 1)
    form = {"data_from": shown.data_from or "", "data_to": shown.data_to or "", "version": "1"}
    for prefix, row in shown.fields.items():
        if prefix[0] == "r":
            form |= {f"{prefix}.key": row.key, f"{prefix}.label": row.label or ""}
            form |= {f"{prefix}.c.{key}": text for key, text in row.cells.items()}
    return form


def test_an_untouched_form_gives_the_same_figures_and_no_note() -> None:
    result = read(posted(BASE))
    assert result.sheet == BASE
    assert result.notes == {}
    assert result.problems == {}


def test_a_dotted_count_is_read_as_thousands_and_says_so() -> None:
    result = read({"r0.key": "ho-tich", "r0.c.received_direct": "1.714"})
    assert result.sheet.row("ho-tich").cells["received_direct"] == 1714
    ((place, text),) = result.notes.items()
    assert place == ("ho-tich", "received_direct")
    assert "1.714" in text


def test_text_that_is_no_number_is_kept_beside_an_unknown_cell() -> None:
    row = read({"r0.key": "ho-tich", "r0.c.received_online": "một trăm"}).sheet.row("ho-tich")
    assert row.cells["received_online"] is None
    assert row.unread == {"received_online": "một trăm"}


def test_a_kept_text_is_shown_again_and_survives_an_untouched_save() -> None:
    first = read({"r0.key": "ho-tich", "r0.c.received_online": "77,56"}).sheet
    again = read(posted(first), first).sheet
    assert again.row("ho-tich").unread == {"received_online": "77,56"}


def test_mending_a_kept_text_clears_it() -> None:
    first = read({"r0.key": "ho-tich", "r0.c.received_online": "abc"}).sheet
    row = read({"r0.key": "ho-tich", "r0.c.received_online": "12"}, first).sheet.row("ho-tich")
    assert row.cells["received_online"] == 12
    assert row.unread == {}


def test_an_ambiguous_decimal_waits_for_a_choice() -> None:
    base = Sheet("hai-long", SURVEY.edition, rows=(Row("so-lieu", "Số liệu"),))
    form = {"r0.key": "so-lieu", "r0.c.coverage_target": "1.714"}
    row = read(form, base, SURVEY).sheet.rows[0]
    assert row.unread == {"coverage_target": "1.714"}
    form |= {"r0.was.coverage_target": "1.714", "r0.pick.coverage_target": "1,714"}
    row = read(form, base, SURVEY).sheet.rows[0]
    assert row.cells["coverage_target"] == Decimal("1.714")
    assert row.unread == {}


def test_a_choice_made_for_another_text_does_not_count() -> None:
    base = Sheet("hai-long", SURVEY.edition, rows=(Row("so-lieu", "Số liệu"),))
    form = {
        "r0.key": "so-lieu",
        "r0.c.coverage_target": "60",
        "r0.was.coverage_target": "1.714",
        "r0.pick.coverage_target": "1714",
    }
    assert read(form, base, SURVEY).sheet.rows[0].cells["coverage_target"] == 60


def test_fields_that_did_not_arrive_leave_the_sheet_as_it_was() -> None:
    result = read({"r0.key": "dat-dai", "r0.c.received_online": "5"})
    assert result.sheet.row("dat-dai").cells == {"received_online": 5, "received_direct": 1714}
    assert result.sheet.row("ho-tich") == CIVIL
    assert result.sheet.data_to == date(2023, 6, 12)


def test_an_emptied_cell_becomes_unknown_not_zero() -> None:
    row = read({"r0.key": "dat-dai", "r0.c.received_online": ""}).sheet.row("dat-dai")
    assert row.cells["received_online"] is None


def test_a_row_is_added_renamed_and_removed() -> None:
    form = {
        "r0.key": "dat-dai",
        "r0.label": "Đất đai, nhà ở",
        "r1.key": "ho-tich",
        "r1.remove": "1",
        "r2.label": "Chứng thực",
        "r2.c.received_online": "159",
        "r3.label": "",
    }
    rows = read(form).sheet.rows
    assert [(row.key, row.label) for row in rows] == [
        ("dat-dai", "Đất đai, nhà ở"),
        ("chung-thuc", "Chứng thực"),
    ]


def test_a_new_row_never_takes_the_key_of_another() -> None:
    form = {"r0.label": "Đất  đai mới", "r1.label": "Dat dai moi?!"}
    keys = [row.key for row in read(form).sheet.rows]
    assert len(set(keys)) == len(keys)


def test_figures_without_a_row_name_are_refused_at_the_name() -> None:
    result = read({"r0.label": "", "r0.c.received_online": "4"})
    assert [*result.problems] == ["r0.label"]


def test_the_same_field_twice_is_refused_whatever_its_marks() -> None:
    result = read({"r0.label": "ĐẤT ĐAI"})
    assert [*result.problems] == ["r0.label"]


def test_a_new_task_gets_the_next_number_in_its_section() -> None:
    base = Sheet(
        "nhiem-vu",
        TASKS.edition,
        rows=(
            Row("I.1", "Một", "I", "Chỉ đạo"),
            Row("II.1", "Hai", "II", "Thể chế"),
        ),
    )
    form = {"r0.label": "Việc mới", "r0.section": "I", "r0.c.lead_unit": "Văn phòng"}
    rows = read(form, base, TASKS).sheet.rows
    assert [(row.key, row.section_label) for row in rows] == [
        ("I.1", "Chỉ đạo"),
        ("I.2", "Chỉ đạo"),
        ("II.1", "Thể chế"),
    ]


def test_a_new_task_without_section_is_refused() -> None:
    base = Sheet("nhiem-vu", TASKS.edition)
    result = read({"r0.label": "Việc mới"}, base, TASKS)
    assert [*result.problems] == ["r0.section"]


def test_a_date_that_cannot_be_read_is_a_problem_and_changes_nothing() -> None:
    result = read({"data_from": "31/02/2023"})
    assert [*result.problems] == ["data_from"]
    assert result.sheet.data_from == date(2022, 12, 15)


def test_a_date_may_be_emptied() -> None:
    assert read({"data_to": ""}).sheet.data_to is None


def test_more_rows_than_a_commune_has_are_refused_in_words() -> None:
    form = {f"r{index}.label": f"Dòng {index}" for index in range(10_000)}
    with pytest.raises(ImportRejected, match="10.000 dòng"):
        read_form(DOSSIERS, form)
    assert len(read_form(DOSSIERS, dict(list(form.items())[:MAX_ROWS])).fields) == MAX_ROWS + 1


def test_decomposed_letters_are_composed() -> None:
    label = unicodedata.normalize("NFD", "Chứng thực điện tử")
    row = read({"r0.label": label}).sheet.rows[-1]
    assert row.label == "Chứng thực điện tử"
    assert row.key == "chung-thuc-dien-tu"


def test_a_printed_rate_is_typed_with_or_without_its_sign_and_can_be_taken_out() -> None:
    base = Sheet("hai-long", SURVEY.edition, rows=(Row("so-lieu", "Số liệu"),))
    for text in ("98,5", "98,5 %"):
        form = {"r0.key": "so-lieu", "r0.c.satisfaction_rate": text}
        row = read(form, base, SURVEY).sheet.rows[0]
        assert row.cells == {"satisfaction_rate": Decimal("98.5")}
    given = replace(base, rows=(row,))
    emptied = {"r0.key": "so-lieu", "r0.c.satisfaction_rate": ""}
    assert read(emptied, given, SURVEY).sheet.rows[0].cells == {"satisfaction_rate": None}


HOSTILE = [
    "<script>alert(1)</script>",
    "'; DROP TABLE cchc_sheet; --",
    "=HYPERLINK(1)",
    "\x00\x01\x7f",
    "\u202e321",
    "{{ config }}",
    "r0.key",
    "9" * 5000,
    "١٢٣",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_never_becomes_a_figure_and_never_breaks(text: str) -> None:
    form = {"r0.key": text, "r0.label": text, "r0.c.received_online": text, "version": text}
    sheet = read(form).sheet
    assert sheet.row("dat-dai") == LAND
    new = [row for row in sheet.rows if row.key not in ("dat-dai", "ho-tich")]
    assert all(row.cells.get("received_online") in (None, 321) for row in new)
    assert all("\x00" not in row.label and len(row.key) <= 104 for row in new)


@given(st.text(max_size=60))
def test_clean_text_is_stable_composed_and_free_of_control_characters(text: str) -> None:
    cleaned = clean_text(text)
    assert clean_text(cleaned) == cleaned
    assert unicodedata.is_normalized("NFC", cleaned)
    assert not any(unicodedata.category(c) == "Cc" for c in cleaned if c not in "\n\t")


@given(st.integers(0, 10**12))
def test_a_count_shown_is_read_back_as_itself(value: int) -> None:
    column = DOSSIERS.base_columns[0]
    read_back, _unit = column.quantity.read(cell_text(column, value))
    assert isinstance(read_back, Reading)
    assert read_back.value == value


@given(st.decimals(0, 10**9, places=3))
def test_a_decimal_shown_is_read_back_as_itself(value: Decimal) -> None:
    column = SURVEY.column("coverage_target")
    read_back, _unit = column.quantity.read(cell_text(column, value))
    assert isinstance(read_back, Reading)
    assert read_back.value == value


def test_blank_rows_are_offered_after_the_filled_ones() -> None:
    shown = SheetInput().with_blank_row().with_blank_row()
    assert [row.is_blank for row in shown.fields.values()] == [True]


def test_totals_and_groups_are_typed_like_any_row() -> None:
    two_tier = get_form("ho-so", "hai-cap")
    base = blank_sheet(two_tier)
    assert base.groups
    group = base.groups[0].key
    form = {"total.c.received": "12", "g0.key": group, "g0.c.received": "7"}
    sheet = read(form, base, two_tier).sheet
    assert sheet.total.cells["received"] == 12
    assert sheet.groups[0].cells["received"] == 7
    assert read({}, sheet, two_tier).sheet == sheet


def test_a_typed_figure_no_longer_names_the_source_it_replaces() -> None:
    land = replace(LAND, sources={"received_direct": "dán từ Word"})
    base = replace(BASE, rows=(land, CIVIL))
    form = {"r0.key": "dat-dai", "r0.c.received_direct": "3"}
    assert read(form, base).sheet.rows[0].sources == {}
    assert read({"r0.key": "dat-dai", "r0.c.received_online": "3"}, base).sheet.rows[0].sources


def test_an_indicator_is_read_as_its_unit_asks() -> None:
    form = get_form("chi-tieu")
    base = Sheet("chi-tieu", form.edition)
    typed = {"r0.label": "Hồ sơ", "r0.c.value": "2.838 hồ sơ", "r0.c.unit": ""}
    row = read(typed, base, form).sheet.rows[0]
    assert (row.cells["value"], row.cells["unit"]) == (Decimal(2838), "hồ sơ")
    typed = {"r0.label": "Điểm", "r0.c.value": "-1,25", "r0.c.unit": "%"}
    row = read(typed, base, form).sheet.rows[0]
    assert (row.cells["value"], row.cells["unit"]) == (Decimal("-1.25"), "%")
