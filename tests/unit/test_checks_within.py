from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from sheet_makers import WINDOW, dossier_row, dossiers, sheet_of, single, task

from cchc_public.checks.rules import Severity
from cchc_public.tables.registry import get_form
from cchc_public.tables.sheet import TOTAL_KEY, Row, Sheet
from tests.unit.sheet_makers import check_report


def check_sheet(sheet, preset=None):
    return check_report({sheet.table_code: sheet}, preset=preset)


def found(sheet, preset=WINDOW):
    return [(f.rule, f.row, f.column) for f in check_sheet(sheet, preset=preset)]


def numbers(sheet):
    (finding,) = check_sheet(sheet, preset=WINDOW)
    return finding.found, finding.expected


def test_sound_figures_stay_silent():
    assert found(dossiers()) == []
    assert found(single("so-hoa", received=9, digitized_any=9, fully_digitized=8)) == []
    assert found(sheet_of("nhiem-vu", task())) == []


def test_an_unreadable_cell_is_an_error_even_in_an_empty_sheet():
    sheet = sheet_of("ho-so", Row("x", "X", unread={"carried_over": "mười"}))
    (finding,) = check_sheet(sheet)
    assert (finding.rule, finding.severity) == ("unreadable-cell", Severity.ERROR)
    assert "«mười»" in finding.message


def test_what_is_wrong_in_a_total_that_the_form_does_not_show_has_its_cell():
    sheet = sheet_of("van-ban", Row("den", "Văn bản đến", cells={"total": 3}))
    column = next(iter(get_form("van-ban").table.by_key))
    for fault in ({"cells": {column: -3}}, {"unread": {column: "mười"}}):
        (finding,) = check_sheet(replace(sheet, total=replace(sheet.total, **fault)))
        assert (finding.row, finding.column) == (TOTAL_KEY, column)
        assert "cột “" in finding.message


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("77,56 %", "«77,56 %» là tỷ lệ; ô này là số đếm"),
        ("-3", "«-3» là số âm"),
        ("26o", "«26o»: ô này cần một số đếm"),
        ("1,714", "«1,714» đọc được hai cách"),
    ],
)
def test_an_unreadable_cell_says_what_hinders_the_reading(text, why):
    sheet = sheet_of("ho-so", Row("dat-dai", "Đất đai", unread={"received_online": text}))
    (finding,) = check_sheet(sheet)
    assert finding.message.startswith("Biểu “Hồ sơ theo lĩnh vực”, dòng “Đất đai”, cột “")
    assert why in finding.message
    assert finding.message.endswith(finding.advice)


def test_an_unreadable_percentage_names_both_readings():
    sheet = sheet_of("nhiem-vu", task())
    row = replace(sheet.rows[0], cells={}, unread={"completion": "1.714"})
    messages = [f.message for f in check_sheet(replace(sheet, rows=(row,)))]
    assert any("1714" in text and "1,714" in text for text in messages), messages


def test_a_field_listed_twice_under_another_spelling():
    twice = sheet_of("ho-so", dossier_row(), dossier_row("dat-dai-2", "đất  ĐAI"))
    assert found(twice) == [("duplicate-row", "dat-dai-2", "")]


def test_the_same_wording_in_two_sections_is_no_duplicate():
    assert found(sheet_of("nhiem-vu", task("I.1"), task("II.1"))) == []


def test_counts_are_never_negative():
    sheet = dossiers(received_online=-1, received_direct=10)
    assert found(sheet) == [("negative-count", "dat-dai", "received_online")]


@pytest.mark.parametrize("value", [Decimal(-1), Decimal("100.5")])
def test_a_completion_stays_between_0_and_100(value):
    sheet = sheet_of("nhiem-vu", task(completion=value))
    assert found(sheet) == [("percent-range", "I.1", "completion")]


def test_a_figure_that_is_no_percentage_may_exceed_100():
    visits = Row("luot", "Lượt truy cập cổng", cells={"value": Decimal(25000)})
    assert found(sheet_of("chi-tieu", visits)) == []


def test_more_resolved_than_received_is_reported_once():
    sheet = dossiers(resolved_early=10, pending_in_time=None, pending_overdue=None)
    assert found(sheet) == [("negative-difference", "dat-dai", "received")]
    assert numbers(sheet) == ("10", "12")


def test_a_fraction_and_its_difference_are_reported_once():
    sheet = single("so-hoa", resolved=5, result_digitized=6)
    assert found(sheet) == [("negative-difference", "so-lieu", "resolved")]
    assert numbers(sheet) == ("5", "6")
    fully = single("so-hoa", received=5, fully_digitized=6)
    assert found(fully) == [("numerator-over-denominator", "so-lieu", "full_rate")]
    # also where the numerator is only the sum of what contradicts
    slips = single("hai-long", slips=100, very_satisfied=80, satisfied=30)
    assert [rule for rule, *_place in found(slips)] == ["negative-difference"]


def test_what_only_a_total_states_is_judged_there():
    form = get_form("so-hoa", "theo-linh-vuc")
    cells = {"received": 100, "digitized_any": 90, "fully_digitized": 105}
    total = Row(TOTAL_KEY, "Tổng cộng", cells=cells)
    sheet = Sheet("so-hoa", form.edition, *WINDOW, (Row("a", "A"), Row("b", "B")), total)
    assert {(rule, row) for rule, row, _column in found(sheet)} == {
        ("part-over-whole", TOTAL_KEY), ("numerator-over-denominator", TOTAL_KEY),
    }  # fmt: skip


def test_a_balance_is_told_by_figures_that_the_source_states():
    row = {"received": 100, "resolved": 90, "pending": 10}
    total = {"received": 600, "resolved": 580, "pending": 30}
    rows = (Row("a", "A", cells=row), Row("b", "B", cells={"received": 500}))
    sheet = sheet_of("ho-so", *rows, stated_total=total)
    assert found(sheet) == [("balance", TOTAL_KEY, "pending")]
    assert numbers(sheet) == ("610", "600")
    # dossiers that only one row says were returned may be all of them
    some = Row("a", "A", cells={"received": 10, "resolved": 7, "pending": 1, "returned": 2})
    rest = Row("b", "B", cells={"received": 5, "resolved": 5, "pending": 0})
    total = {"received": 15, "resolved": 12, "pending": 1}
    assert found(sheet_of("ho-so", some, rest, stated_total=total)) == []


def test_more_digitised_than_received():
    sheet = single("so-hoa", received=5, digitized_any=6, fully_digitized=4)
    assert found(sheet) == [("negative-difference", "so-lieu", "received")]


def test_an_indicator_of_the_commune_may_exceed_its_plan_with_a_reason():
    row = Row("thu", "Thu ngân sách", cells={"numerator": 12, "denominator": 10})
    (finding,) = check_sheet(sheet_of("chi-tieu", row))
    assert (finding.rule, finding.severity) == ("indicator-over-whole", Severity.WARNING)


def test_a_part_is_not_larger_than_its_whole():
    sheet = single("so-hoa", received=9, digitized_any=6, fully_digitized=7)
    assert found(sheet) == [("part-over-whole", "so-lieu", "fully_digitized")]
    old = single("dich-vu-cong", "2022-tro-ve-truoc", with_dossiers_l3=2, with_online_l3=3)
    assert found(old) == [("part-over-whole", "so-lieu", "with_online_l3")]


def test_pending_that_leaves_dossiers_over_wants_a_reason_once_a_table():
    sheet = dossiers(pending_in_time=1)
    assert found(sheet) == [("balance", "dat-dai", "pending")]
    assert numbers(sheet) == ("9", "10")
    assert check_sheet(sheet)[0].severity is Severity.WARNING
    two = sheet_of("ho-so", dossier_row("a", "A", pending_in_time=1), dossier_row("b", "B", **LESS))
    (finding,) = check_sheet(two)
    assert (finding.rule, finding.row, finding.found) == ("balance", "", "9; 8")
    assert found(dossiers(pending_in_time=1, returned=1)) == []
    assert found(replace(sheet, unplaced=("Tạm dừng",))) == []


LESS = {"pending_in_time": 0}


def test_a_pending_total_that_is_not_its_parts_is_a_contradiction():
    assert found(dossiers(pending=3, pending_in_time=2)) == [("stated-total", "dat-dai", "pending")]


def test_pending_is_told_only_while_nothing_of_columns_11_to_13_is_given():
    unsplit = {"pending_in_time": None, "pending_overdue": None}
    assert found(dossiers(**unsplit)) == [("pending-not-split", "", "pending")]
    assert found(dossiers(**unsplit, resolved_early=8)) == []
    assert found(dossiers(**unsplit, pending=2)) == []


def test_stated_totals_are_compared_by_row_and_in_the_total_row():
    rows = (dossier_row("a", "A", received=10, resolved=8), dossier_row("b", "B", received=11))
    total = {"received": "20", "resolved": "16", "resolved_early": "13", "resolved_on_time": "4"}
    sheet = sheet_of("ho-so", *rows, stated_total=total)
    assert found(sheet) == [
        ("stated-total", "b", "received"),
        ("stated-total", "tong-cong", "resolved_early"),
    ]
    row, whole = check_sheet(sheet)
    assert (row.found, row.expected, whole.found, whole.expected) == ("11", "10", "13", "12")
    assert row.takes_reason
    assert "nguồn ghi 11, nhưng các số khác cho 10" in row.message


def test_a_stated_total_of_unknown_cells_completes_them():
    row = dossier_row(carried_over=None, received=10)
    assert found(sheet_of("ho-so", row, stated_total={"received": "10"})) == []


@pytest.mark.parametrize("stated", ["77.56", "77.6", "78", "77.563"])
def test_a_rate_is_compared_at_the_decimals_printed(stated):
    sheet = single("so-hoa", stated={"full_rate": stated}, received=673, fully_digitized=522)
    assert found(sheet) == []


@pytest.mark.parametrize("stated", ["77.5", "77"])
def test_a_rate_whose_decimals_were_cut_is_only_told(stated):
    sheet = single("so-hoa", stated={"full_rate": stated}, received=673, fully_digitized=522)
    (finding,) = check_sheet(sheet)
    assert (finding.rule, finding.severity) == ("stated-rate-cut", Severity.INFO)


@pytest.mark.parametrize("stated", ["77.57", "78.0", "76"])
def test_a_rate_that_its_fraction_does_not_give(stated):
    sheet = single("so-hoa", stated={"full_rate": stated}, received=673, fully_digitized=522)
    assert found(sheet) == [("stated-rate", "so-lieu", "full_rate")]
    assert "(522/673)" in numbers(sheet)[1]


def test_a_rate_without_denominator_is_not_judged():
    assert found(single("so-hoa", stated={"full_rate": "0"}, received=0, fully_digitized=0)) == []


def test_only_a_fitting_fraction_is_named():
    def cells(stated):
        return single(
            "dich-vu-cong",
            stated={"online_rate": stated},
            online_full=3,
            dossiers_full=4,
            online_partial=0,
            dossiers_partial=0,
            all_levels=10,
        )

    (explained,) = check_sheet(cells("75"))
    assert "3/4" in explained.statement
    assert "mẫu số đó" in explained.advice
    (unexplained,) = check_sheet(cells("60"))
    assert "khớp với" not in unexplained.message


class TestWindow:
    def windowed(self, start, end):
        return dossiers().with_window(start, end)

    def test_two_days_short_is_no_finding(self):
        assert found(self.windowed(date(2022, 12, 15), date(2023, 6, 12))) == []

    def test_a_reversed_window_is_reported_once(self):
        sheet = self.windowed(date(2023, 12, 15), date(2023, 6, 12))
        assert found(sheet) == [("period-order", "", "data_from")]

    def test_one_day_is_a_window(self):
        assert found(self.windowed(date(2023, 6, 12), date(2023, 6, 12))) == []

    @pytest.mark.parametrize(
        ("start", "end"),
        [
            (date(2021, 12, 15), date(2022, 6, 14)),
            (date(2022, 10, 1), date(2023, 6, 14)),
            (date(2022, 12, 15), date(2023, 12, 14)),
            (None, date(2024, 6, 12)),
        ],
    )
    def test_another_year_is_clearly_outside(self, start, end):
        assert found(self.windowed(start, end)) == [("window-outside-period", "", "data_from")]

    def test_without_a_preset_only_the_order_counts(self):
        assert found(self.windowed(date(1999, 1, 1), date(1999, 2, 1)), preset=None) == []


class TestSubjects:
    def test_signed_and_unsigned_make_the_total(self):
        row = Row("den", "Văn bản đến", cells={"fully_electronic": 9, "dual_format": 1})
        short = replace(row, cells={**row.cells, "signed_within": 6, "unsigned_within": 3})
        exact = replace(row, cells={**row.cells, "signed_within": 6, "unsigned_within": 4})
        assert found(sheet_of("van-ban", short)) == [("signed-split", "den", "signed_within")]
        assert found(sheet_of("van-ban", exact)) == []
        assert found(sheet_of("van-ban", row)) == []

    def test_no_more_posted_than_promulgated(self):
        over = single("so-luong-thu-tuc", in_jurisdiction=5, other=1, posted=7)
        assert found(over) == [("posted-over-promulgated", "so-lieu", "posted")]
        assert found(single("so-luong-thu-tuc", in_jurisdiction=5, other=1, posted=6)) == []
        assert found(single("so-luong-thu-tuc", in_jurisdiction=5, posted=7)) == []

    def test_slips_are_the_sum_of_their_levels(self):
        levels = {"very_satisfied": 5, "satisfied": 3, "dissatisfied": 1}
        assert found(single("hai-long", slips=9, **levels)) == []
        off = single("hai-long", slips=10, **levels)
        assert found(off) == [("stated-total", "so-lieu", "slips")]
        assert numbers(off) == ("10", "9")


class TestTasks:
    def test_a_missing_completion(self):
        sheet = sheet_of("nhiem-vu", task(completion=None))
        assert found(sheet) == [("completion-missing", "I.1", "completion")]

    def test_zero_is_a_completion(self):
        assert found(sheet_of("nhiem-vu", task(progress="", completion=Decimal(0)))) == []

    def test_in_progress_at_100(self):
        sheet = sheet_of("nhiem-vu", task(progress="Đang thực hiện"))
        assert found(sheet) == [("in-progress-complete", "I.1", "completion")]
        going = task(progress="Đang thực hiện", completion=Decimal("99.5"))
        assert found(sheet_of("nhiem-vu", going)) == []

    def test_done_without_deliverable(self):
        sheet = sheet_of("nhiem-vu", task(deliverable=" "))
        assert found(sheet) == [("done-without-deliverable", "I.1", "deliverable")]

    def test_a_target_without_measure(self):
        sheet = sheet_of("nhiem-vu", task(target="từ 60 %"))
        assert found(sheet) == [("target-unmeasured", "I.1", "measured")]
        assert found(sheet_of("nhiem-vu", task(target="từ 60 %", measured="72 %"))) == []
