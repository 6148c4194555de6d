from datetime import date
from decimal import Decimal

import pytest
from sheet_makers import WINDOW, dossier_row, dossiers, sheet_of, single, task

from cchc_public.checks.rules import Severity
from cchc_public.tables.registry import blank_sheet, carry_sheet, get_form
from cchc_public.tables.sheet import Row, Sheet
from tests.unit.sheet_makers import check_report


def found(*sheets, previous=()):
    findings = check_report(
        {s.table_code: s for s in sheets},
        preset=WINDOW,
        previous={s.table_code: s for s in previous},
    )
    return [(f.rule, f.table, f.row, f.column, f.found, f.expected) for f in findings]


def indicator(key, label="", **cells):
    known = get_form("chi-tieu").known_row(key)
    return sheet_of("chi-tieu", Row(key, label or (known.label if known else key), cells=cells))


def test_a_report_without_figures_has_no_findings():
    assert found() == []
    assert (
        found(*(blank_sheet(get_form(c), *reversed(WINDOW)) for c in ("ho-so", "chi-tieu"))) == []
    )


class TestAgreement:
    def test_digitised_dossiers_are_those_of_the_period(self):
        assert found(dossiers(), single("so-hoa", received=9, resolved=8)) == []
        assert found(dossiers(), single("so-hoa", received=10, resolved=7)) == [
            ("received-agrees", "so-hoa", "so-lieu", "received", "10", "9"),
            ("resolved-agrees", "so-hoa", "so-lieu", "resolved", "7", "8"),
        ]

    @pytest.mark.parametrize(
        ("edition", "one", "two"),
        [
            ("2022-tro-ve-truoc", "online_l3", "online_l4"),
            ("2022-2026", "online_full", "online_partial"),
        ],
    )
    def test_online_dossiers_agree_in_both_editions(self, edition, one, two):
        def services(total):
            return single("dich-vu-cong", edition, all_levels=9, **{one: 1, two: total - 1})

        assert found(dossiers(), services(4)) == []
        assert found(dossiers(), services(3)) == [
            ("online-agrees", "dich-vu-cong", "so-lieu", one, "3", "4")
        ]

    def test_an_unknown_figure_agrees_with_everything(self):
        assert found(dossiers(received_direct=None), single("so-hoa", received=99)) == []
        assert found(single("so-hoa", received=99)) == []


def test_no_more_online_services_than_procedures():
    counts = single("so-luong-thu-tuc", in_jurisdiction=3, other=1)
    over = single("dich-vu-cong", services_full=4, services_partial=1)
    assert found(counts, over) == [
        ("services-over-procedures", "dich-vu-cong", "so-lieu", "services_total", "5", "4")
    ]
    assert found(counts, single("dich-vu-cong", services_full=3, services_partial=1)) == []


class TestSatisfaction:
    stated = {"satisfaction_rate": "100"}
    rule = "satisfaction-without-slips"
    coverage = "survey-coverage"

    def test_a_rate_needs_slips(self):
        claim = indicator("satisfaction-claim", value=100)
        at_table = (self.rule, "hai-long", "so-lieu", "satisfaction_rate", "100\u00a0%", "")
        assert found(single("hai-long", stated=self.stated)) == [at_table]
        assert found(single("hai-long", stated=self.stated), claim) == [at_table]
        at_indicator = (self.rule, "chi-tieu", "satisfaction-claim", "value", "100\u00a0%", "")
        assert found(claim) == [at_indicator]

    def test_with_slips_it_is_only_recomputed(self):
        levels = {"very_satisfied": 8, "satisfied": 1, "dissatisfied": 1}
        sheet = single("hai-long", stated=self.stated, slips=10, **levels)
        assert [f[0] for f in found(sheet)] == ["stated-rate"]
        assert (
            found(single("hai-long", stated={"satisfaction_rate": "90"}, slips=10, **levels)) == []
        )

    def test_coverage_below_the_target(self):
        enough = single("hai-long", slips=4, coverage_target=50)
        few = single("hai-long", slips=3, coverage_target=50)
        exact = single("hai-long", slips=3, coverage_target=Decimal("37.5"))
        above = single("hai-long", slips=3, coverage_target=Decimal("37.51"))
        assert found(dossiers(), enough) == found(dossiers(), exact) == []
        assert [rule for rule, *_ in found(dossiers(), above)] == [self.coverage]
        assert found(dossiers(), few) == [
            ("survey-coverage", "hai-long", "so-lieu", "slips", "37,50\u00a0% (3/8)", "50 %")
        ]


class TestApologies:
    rule = "overdue-without-apology"
    late = dossiers(resolved_early=5, resolved_overdue=1, pending_in_time=1, pending_overdue=1)

    def test_each_overdue_dossier_needs_one(self):
        assert found(self.late) == [(self.rule, "ho-so", "", "resolved_overdue", "", "2")]
        assert found(self.late, indicator("apologies", value=1)) == [
            (self.rule, "ho-so", "", "resolved_overdue", "1", "2")
        ]
        assert found(self.late, indicator("apologies", value=2)) == []

    @pytest.mark.parametrize(
        "label", ["Thư xin lỗi", "Văn bản xin lỗi và đề nghị gia hạn thời gian giải quyết"]
    )
    def test_it_is_found_by_what_it_says_whatever_its_key_and_never_after_renaming(self, label):
        assert found(self.late, indicator("thu", label, value=2)) == []
        renamed = indicator("apologies", "Số lượt tiếp công dân", value=24)
        assert [f[0] for f in found(self.late, renamed)] == [self.rule]

    def test_another_indicator_is_no_apology(self):
        assert [f[0] for f in found(self.late, indicator("khac", value=9))] == [self.rule]

    def test_nothing_overdue_asks_for_nothing(self):
        assert found(dossiers()) == []


class TestTaskClaim:
    tasks = sheet_of("nhiem-vu", task("I.1"), task("I.2", "Khác", progress="", completion=50))

    def test_the_claim_is_counted_again(self):
        claim = indicator("tasks-done", numerator=2, denominator=2)
        assert found(self.tasks, claim) == [
            ("task-claim", "chi-tieu", "tasks-done", "numerator", "2/2", "1/2")
        ]
        assert found(self.tasks, indicator("tasks-done", numerator=1, denominator=2)) == []

    def test_a_wrong_number_of_tasks_is_seen_too(self):
        claim = indicator("tasks-done", numerator=1, denominator=3)
        assert [f[4:] for f in found(self.tasks, claim)] == [("1/3", "1/2")]

    def test_without_a_claim_nothing_is_counted(self):
        assert found(self.tasks, indicator("khac", numerator=2, denominator=2)) == []


class TestCarriedOver:
    next_window = (date(2023, 6, 15), date(2023, 7, 14))

    def opening(self, carried, window=next_window):
        cells = {"pending_in_time": None, "pending_overdue": None, "resolved_early": carried + 7}
        sheet = dossiers(carried_over=carried, **cells).with_window(*window)
        return Sheet(sheet.table_code, sheet.edition, *window, sheet.rows)

    def carried(self, sheet, previous):
        return [f for f in found(sheet, previous=[previous]) if f[0] == "carried-over"]

    def test_it_opens_with_what_was_pending(self):
        assert self.carried(self.opening(2), dossiers()) == []
        assert self.carried(self.opening(1), dossiers()) == [
            ("carried-over", "ho-so", "dat-dai", "carried_over", "1", "2")
        ]

    def test_a_difference_blocks(self):
        findings = check_report(
            {"ho-so": self.opening(1)}, preset=None, previous={"ho-so": dossiers()}
        )
        assert [f.severity for f in findings if f.rule == "carried-over"] == [Severity.ERROR]

    def test_a_field_with_pending_dossiers_does_not_vanish(self):
        other = sheet_of("ho-so", dossier_row("ho-tich", "Hộ tịch", carried_over=0))
        gone = other.with_window(*self.next_window)
        assert self.carried(gone, dossiers()) == [
            ("carried-over", "ho-so", "dat-dai", "carried_over", "", "2")
        ]

    def test_a_longer_period_opens_like_the_shorter_one_it_contains(self):
        nine_months = (WINDOW[0], date(2023, 9, 14))
        assert self.carried(self.opening(1, nine_months), dossiers()) == []
        assert [f[5] for f in self.carried(self.opening(2, nine_months), dossiers())] == ["1"]

    def test_the_words_say_whether_it_follows_on_or_begins_alike(self):
        nine_months = (WINDOW[0], date(2023, 9, 14))
        for window, words in (
            (self.next_window, "kỳ trước kết thúc với 2."),
            (nine_months, "kỳ trước cũng tính từ ngày 15/12/2022 và ghi 1."),
        ):
            findings = check_report(
                {"ho-so": self.opening(5, window)}, preset=None, previous={"ho-so": dossiers()}
            )
            (message,) = [f.message for f in findings if f.rule == "carried-over"]
            assert words in message

    def test_over_a_gap_nothing_can_be_said(self):
        later = (date(2023, 9, 15), date(2023, 10, 14))
        assert self.carried(self.opening(5, later), dossiers()) == []


def test_a_new_period_copies_words_and_opens_with_the_last_pending_figures():
    table = get_form("ho-so")
    (row,) = carry_sheet(table, dossiers(), date(2023, 6, 15)).rows
    assert (row.key, row.label, dict(row.cells)) == ("dat-dai", "Đất đai", {"carried_over": 2})
    tasks = sheet_of(
        "nhiem-vu", task(lead_unit="Văn phòng", due="Quý 2", target="từ 60 %", completion=50)
    )
    (copied,) = carry_sheet(get_form("nhiem-vu"), tasks).rows
    assert dict(copied.cells) == {"lead_unit": "Văn phòng", "due": "Quý 2", "target": "từ 60 %"}
    assert (copied.key, copied.section, copied.section_label) == ("I.1", "I", "Chỉ đạo")
    done = sheet_of("nhiem-vu", task(lead_unit="Văn phòng", completion=100))
    (kept,) = carry_sheet(get_form("nhiem-vu"), done).rows
    assert kept.cells == done.rows[0].given  # what is done stays told as done
