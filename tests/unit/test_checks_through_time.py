"""Rules against the period before and against the calendar."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from sheet_makers import WINDOW, dossier_row, dossiers, sheet_of, single, task

from cchc_public.checks.rules import Severity
from tests.unit.sheet_makers import check_report

NINE_MONTHS = (WINDOW[0], date(2023, 9, 14))
NEXT = (date(2023, 6, 15), date(2023, 9, 14))


def found(sheet, last, today=None):
    sheets, earlier = {sheet.table_code: sheet}, {last.table_code: last} if last else {}
    findings = check_report(sheets, preset=None, previous=earlier, today=today)
    return [(f.rule, f.row, f.column, f.found, f.expected) for f in findings]


def rules_of(sheet, last):
    return [rule for rule, *_rest in found(sheet, last)]


def test_data_up_to_a_day_that_has_not_come_is_an_error():
    sheet = dossiers()
    assert found(sheet, None, today=WINDOW[1]) == []
    (finding,) = check_report({"ho-so": sheet}, preset=None, today=date(2023, 6, 13))
    assert (finding.rule, finding.severity) == ("window-in-future", Severity.ERROR)
    assert (finding.column, finding.found) == ("data_to", "14/06/2023")
    both = {"ho-so": sheet, "so-hoa": single("so-hoa", received=9, resolved=8)}
    found_once = check_report(both, preset=None, today=date(2023, 6, 13))
    assert [f.rule for f in found_once] == ["window-in-future"]


def test_what_was_pending_is_carried_over():
    now = dossiers(carried_over=3, received_online=2).with_window(*NEXT)
    assert ("carried-over", "dat-dai", "carried_over", "3", "2") in found(now, dossiers())


def test_what_was_only_unresolved_is_a_doubt_with_a_reason():
    last = dossiers(pending_in_time=None, pending_overdue=None, received_online=6)
    now = dossiers(carried_over=3, received_online=2).with_window(*NEXT)
    assert ("carried-over-unsure", "dat-dai", "carried_over", "3", "4") in found(now, last)


def test_a_cumulative_figure_never_falls():
    now = dossiers(received_online=3, received_direct=6).with_window(*NINE_MONTHS)
    fallen = ("cumulative-falls", "dat-dai", "received_online", "3", "4")
    assert found(now, dossiers()) == [fallen]
    assert rules_of(now.with_window(*NEXT), dossiers()) == ["carried-over"]


def test_several_that_fall_are_one_finding():
    now = dossiers(received_online=3, received_direct=4, resolved_early=4).with_window(*NINE_MONTHS)
    rules = rules_of(now, dossiers())
    assert rules.count("cumulative-falls") == 1


def test_figures_copied_from_the_period_before_are_told():
    last = sheet_of("ho-so", dossier_row(carried_over=2, resolved_early=7))
    now = replace(last, data_from=NEXT[0], data_to=NEXT[1])
    assert "copied-figures" in rules_of(now, last)
    assert "copied-figures" not in rules_of(dossiers(received_online=9).with_window(*NEXT), last)


def test_a_rate_over_many_cases_that_jumps_by_more_than_half_is_told():
    def digitized(count, of=100):
        return single("so-hoa", received=of, fully_digitized=count)

    assert found(digitized(90), digitized(40)) == [
        ("rate-jumps", "so-lieu", "full_rate", "90\u00a0%", "40\u00a0%")
    ]
    assert found(digitized(55), digitized(40)) == []
    assert found(digitized(9, 10), digitized(4, 10)) == []


def test_a_task_never_goes_back_within_a_year():
    half, done = (sheet_of("nhiem-vu", task(completion=Decimal(n))) for n in (50, 100))
    later = half.with_window(*NINE_MONTHS)
    assert found(later, done) == [("task-goes-back", "I.1", "completion", "50", "100")]
    assert found(done.with_window(*NINE_MONTHS), half) == []
    next_year = half.with_window(date(2023, 12, 15), date(2024, 6, 14))
    assert found(next_year, done) == []
    renamed = sheet_of("nhiem-vu", task(label="Khác", completion=Decimal(50)))
    assert found(renamed.with_window(*NINE_MONTHS), done) == []
