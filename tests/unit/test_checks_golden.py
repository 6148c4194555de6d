"""The real report of 2023: exactly these findings, no more, no fewer."""

from pathlib import Path

import pytest

from cchc_public import demo
from cchc_public.checks import rules
from cchc_public.checks.rules import RULES, Severity
from tests.misprints import printed_sheets
from tests.unit.sheet_makers import check_report

DONE = "in-progress-complete"
EMPTY = "completion-missing"
WARNINGS = {
    ("satisfaction-without-slips", "hai-long", "so-lieu", "satisfaction_rate"),
    ("received-agrees", "dich-vu-cong", "so-lieu", "all_levels"),
    ("stated-rate", "dich-vu-cong", "so-lieu", "online_rate"),
    ("signed-split", "van-ban", "den", "signed_within"),
    ("posted-over-promulgated", "so-luong-thu-tuc", "so-lieu", "posted"),
    (DONE, "nhiem-vu", "III.6", "completion"),
    (DONE, "nhiem-vu", "IV.2", "completion"),
    (DONE, "nhiem-vu", "IV.4", "completion"),
    (DONE, "nhiem-vu", "V.2", "completion"),
    ("target-unmeasured", "nhiem-vu", "III.7", "measured"),
    (EMPTY, "nhiem-vu", "IV.6", "completion"),
    (EMPTY, "nhiem-vu", "V.3", "completion"),
    (EMPTY, "nhiem-vu", "VI.3", "completion"),
    ("task-claim", "chi-tieu", "tasks-done", "numerator"),
}
ERRORS = {
    ("period-order", "dich-vu-cong", "", "data_from"),
    ("period-order", "van-ban", "", "data_from"),
}
INFOS = {("pending-not-split", "ho-so", "", "pending")}


def found_in(sheets):
    return check_report(sheets, preset=demo.PERIOD.preset_window)


def places(findings, severity):
    return [(f.rule, f.table, f.row, f.column) for f in findings if f.severity is severity]


@pytest.fixture(scope="module")
def printed():
    return found_in(printed_sheets())


def one(findings, rule):
    (finding,) = [f for f in findings if f.rule == rule]
    return finding


def test_the_printed_report_gives_exactly_the_known_findings(printed):
    assert len(printed) == len(WARNINGS) + len(ERRORS) + len(INFOS)
    assert set(places(printed, Severity.ERROR)) == ERRORS
    assert set(places(printed, Severity.WARNING)) == WARNINGS
    assert set(places(printed, Severity.INFO)) == INFOS


def test_with_the_window_mended_only_the_two_errors_go(printed):
    mended = found_in(demo.demo_sheets())
    assert places(mended, Severity.ERROR) == []
    assert mended == tuple(f for f in printed if f.severity is not Severity.ERROR)


def test_every_warning_has_a_reason_and_no_reason_is_left_over(printed):
    assert set(demo.REASONS) == WARNINGS
    assert all(demo.reason_for(f) for f in printed if f.severity is Severity.WARNING)


def test_the_numbers_stand_in_the_sentences(printed):
    pending = one(printed, "pending-not-split")
    assert pending.found == "41"
    assert "Đất đai với 36" in pending.message
    rate = one(printed, "stated-rate")
    assert (rate.found, rate.expected) == ("84,2\u00a0%", "71,2\u00a0% (319/448)")
    assert "319/379" in rate.message
    signed = one(printed, "signed-split")
    assert (signed.found, signed.expected) == ("1.713", "1.714")
    assert "chênh 1" in signed.message
    claim = one(printed, "task-claim")
    assert (claim.found, claim.expected) == ("27/32", "17/32")
    received = one(printed, "received-agrees")
    assert (received.found, received.expected) == ("448", "673")
    posted = one(printed, "posted-over-promulgated")
    assert (posted.found, posted.expected) == ("138", "134")


def test_findings_come_in_reading_order(printed):
    tables = list(dict.fromkeys(f.table for f in printed))
    assert tables == [
        "ho-so",
        "hai-long",
        "dich-vu-cong",
        "van-ban",
        "so-luong-thu-tuc",
        "nhiem-vu",
        "chi-tieu",
    ]
    tasks = [f.row for f in printed if f.table == "nhiem-vu"]
    assert tasks == ["III.6", "III.7", "IV.2", "IV.4", "IV.6", "V.2", "V.3", "VI.3"]
    online = [f.severity for f in printed if f.table == "dich-vu-cong"]
    assert online == [Severity.ERROR, Severity.WARNING, Severity.WARNING]


def test_every_finding_says_what_and_how_to_mend(printed):
    for finding in printed:
        assert finding.statement.endswith(".")
        assert finding.advice.endswith(".")
        assert finding.message == f"{finding.statement} {finding.advice}"


def test_every_rule_stands_once_and_says_how_to_mend():
    written = Path(rules.__file__).read_text("utf-8").count("    Rule(")
    assert written == len(RULES) > 25
    assert all(rule.advice.endswith(".") for rule in RULES.values())


def test_one_sheet_alone_gives_its_own_findings_only():
    sheets = {"dich-vu-cong": printed_sheets()["dich-vu-cong"]}
    found = check_report(sheets, preset=None)
    assert [f.rule for f in found] == ["period-order", "stated-rate"]


def test_a_changed_number_is_another_finding(printed):
    sheets = demo.demo_sheets()
    again = one(found_in(sheets), "posted-over-promulgated")
    assert again.key == one(printed, "posted-over-promulgated").key
    row = sheets["so-luong-thu-tuc"].rows[0]
    row.cells["posted"] = 139
    assert one(found_in(sheets), "posted-over-promulgated").key != again.key
