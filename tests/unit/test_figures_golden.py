"""Figures as reports have them: the real report with gaps, and what the first model left."""

import json
import random
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from sheet_makers import sheet_of, single

from cchc_public.checks.rules import Severity
from cchc_public.releases.content import digest_of, parse_content
from cchc_public.tables.registry import get_form
from cchc_public.tables.sheet import TOTAL_KEY, Row, sheet_from_json, sheet_to_json, solve
from cchc_public.tables.solving import Origin
from tests.misprints import printed_sheets
from tests.unit.sheet_makers import check_report

GOLDEN = printed_sheets()
OLD = (Path(__file__).parents[1] / "data" / "releases" / "schema-1.json").read_text("utf-8")
OLD_DIGEST = "ac8e6ad6517f427ff5867128b68aaddc1eee15326ff8c272fe728da507f8dd16"


def reduced(sheet, chance):
    """The sheet with figures left out at random."""

    def fewer(row):
        kept = {k: v for k, v in row.cells.items() if isinstance(v, str) or chance.random() < 0.6}
        return replace(row, cells=kept)

    return replace(sheet, rows=tuple(fewer(row) for row in sheet.rows), total=fewer(sheet.total))


def figures(solved):
    return {
        (row.key, key): value
        for row in solved.all_rows
        for key, value in row.values.items()
        if isinstance(value, int | Decimal) and row.origin(key) is not Origin.STAND_IN
    }


@pytest.mark.parametrize("code", GOLDEN)
def test_the_real_report_with_figures_left_out_200_times_is_never_wrong(code):
    sheet = GOLDEN[code]
    form = get_form(code, sheet.edition)
    truth = figures(solve(form, sheet))
    known_errors = {(f.rule, f.row, f.column) for f in check_report({code: sheet}, preset=None)}
    for seed in range(200):
        part = reduced(sheet, random.Random(seed))  # noqa: S311 no secret
        solved = solve(form, part)
        assert solved.facts == ()
        assert figures(solved).items() <= truth.items()
        for row in (*part.rows, part.total):
            for key, value in row.given.items():
                shown = solved.row(row.key)
                if shown and key in form.table.by_key and not shown.rate(key):
                    assert shown.values[key] == value, "what the source states is shown"
        errors = {
            (f.rule, f.row, f.column)
            for f in check_report({code: part}, preset=None)
            if f.severity is Severity.ERROR
        }
        assert errors <= known_errors


def test_every_total_that_the_rest_determines_is_shown():
    sheet = GOLDEN["ho-so"]
    form = get_form("ho-so", sheet.edition)
    bare = replace(sheet, total=replace(sheet.total, cells={}))
    assert solve(form, bare).figure("received") == 692
    rows = tuple(
        replace(row, cells={k: v for k, v in row.cells.items() if k != "received_online"})
        for row in sheet.rows
    )
    solved = solve(form, replace(bare, rows=rows))
    assert solved.figure("received_online") == 319
    assert solved.total.origin("received_online") is Origin.SUMMED
    only_total = replace(sheet, rows=())
    assert solve(form, only_total).figure("unresolved") == 41


class TestFirstModel:
    def test_the_digest_of_an_old_release_stays_valid_and_its_figures_are_as_frozen(self):
        assert digest_of(OLD) == OLD_DIGEST
        release = parse_content(OLD, release_id=1)
        frozen = {t["code"]: t for t in json.loads(OLD)["tables"] if not t.get("empty")}
        assert [table.code for table in release.tables] == list(frozen)
        for table in release.tables:
            for row, kept in zip(table.evaluated.rows, frozen[table.code]["rows"], strict=True):
                for key, value in kept["values"].items():
                    shown = row.values[key]
                    if isinstance(value, dict):
                        assert (shown.numerator, shown.denominator) == (
                            value["numerator"],
                            value["denominator"],
                        )
                    else:
                        assert (str(shown) if isinstance(shown, Decimal) else shown) == value

    def test_the_41_stay_shown_and_a_wrong_printed_total_stays_a_remark(self):
        dossiers = parse_content(OLD, release_id=1).table("ho-so").evaluated
        assert dossiers.figure("pending") == 41
        assert dossiers.figure("resolved") == 651
        assert dossiers.total.stated == {"resolved": 653}
        assert dossiers.figure("resolved_in_term") == 651
        assert dossiers.rows[0].stated == {}

    def test_a_sheet_of_the_first_model_solves_to_the_same_figures(self):
        data = {"table": "ho-so", **next(t for t in json.loads(OLD)["tables"])}
        data.pop("total")
        form = get_form("ho-so", "tt-01-2020")
        sheet = sheet_from_json(data, form)
        solved = solve(form, sheet)
        assert sheet_from_json(sheet_to_json(sheet), form) == sheet
        assert solved.figure("received") == 692
        assert (solved.total.figure("resolved"), solved.total.expected) == (653, {"resolved": 651})


def rules_of(*sheets):
    found = check_report({sheet.table_code: sheet for sheet in sheets}, preset=None)
    return [(f.rule, f.severity.value) for f in found]


class TestUnseenCases:
    """Files 05, 06, 07, 10 and 12 of tests/data/unseen, typed."""

    gaps = Row(
        "moi-linh-vuc",
        "Mọi lĩnh vực",
        cells={
            "received": 10455,
            "received_direct": 10133,
            "carried_over": 612,
            "resolved": 9986,
            "resolved_in_term": 9143,
            "resolved_overdue": 743,
            "pending": 844,
        },
    )

    def test_05_totals_with_gaps_contradict_and_are_shown_as_the_source_states(self):
        sheet = sheet_of("ho-so", self.gaps)
        assert rules_of(sheet) == [
            ("negative-difference", "error"),
            ("stated-total", "error"),
            ("overdue-without-apology", "warning"),
            ("balance", "warning"),
        ]
        messages = [f.message for f in check_report({"ho-so": sheet}, preset=None)]
        assert "10.133" in messages[0]
        assert "612" in messages[0]
        assert "10.745" in messages[0]
        assert "9.886" in messages[1]
        row = solve(get_form("ho-so"), sheet).rows[0]
        assert (row.figure("received"), row.figure("resolved")) == (10455, 9986)
        assert {"received", "resolved"} <= row.unconfirmed

    def test_06_slips_without_levels_are_slips(self):
        sheet = single(
            "hai-long", slips=467, satisfied_total=466, satisfaction_rate=Decimal("99.79")
        )
        assert rules_of(sheet) == []
        assert str(solve(get_form("hai-long"), sheet).rate("satisfaction_rate").percent) == "99.79"

    def test_07_a_hundred_per_cent_is_claimed_for_199_of_200(self):
        levels = {"very_satisfied": 150, "satisfied": 49, "dissatisfied": 1}
        sheet = single("hai-long", slips=200, **levels, satisfaction_rate=Decimal(100))
        assert rules_of(sheet) == [("stated-rate", "warning")]
        exact = single("hai-long", slips=199, **{**levels, "dissatisfied": 0})
        assert rules_of(exact) == []

    def test_10_apologies_under_another_name(self):
        late = Row("a", "A", cells={"resolved_on_time": 51355, "resolved_overdue": 367})
        letters = Row("thu", "Thư xin lỗi", cells={"value": Decimal(367), "unit": "văn bản"})
        assert rules_of(sheet_of("ho-so", late), sheet_of("chi-tieu", letters)) == []

    @pytest.mark.parametrize(
        ("value", "rules"),
        [
            ("97.5", [("stated-rate", "warning")]),
            ("92", []),
            ("91.99", [("stated-rate", "warning")]),
        ],
    )
    def test_12_a_rate_in_its_value_is_compared_with_its_fraction(self, value, rules):
        cells = {"value": Decimal(value), "numerator": 1840, "denominator": 2000, "unit": "%"}
        assert (
            rules_of(sheet_of("chi-tieu", Row("a", "Tỷ lệ nộp trực tuyến", cells=cells))) == rules
        )

    def test_12_a_cut_rate_is_told_apart(self):
        cells = {"value": Decimal("66.6"), "numerator": 2, "denominator": 3, "unit": "%"}
        assert rules_of(sheet_of("chi-tieu", Row("a", "Tỷ lệ", cells=cells))) == [
            ("stated-rate-cut", "info")
        ]


class TestNewTables:
    def test_five_levels_of_satisfaction(self):
        levels = {"very_satisfied": 5, "satisfied": 3, "neutral": 1, "dissatisfied": 1}
        five = single("hai-long", "nam-muc", slips=10, **levels, very_dissatisfied=0)
        assert rules_of(five) == []
        wrong = single("hai-long", "nam-muc", slips=11, **levels, very_dissatisfied=0)
        assert rules_of(wrong) == [("stated-total", "error")]

    def test_three_levels_leave_no_room_for_others(self):
        three = single("hai-long", slips=10, very_satisfied=5, satisfied=3)
        solved = solve(get_form("hai-long"), three)
        assert solved.figure("dissatisfied") == 2
        assert solved.figure("neutral") is None

    def test_satisfaction_by_channel_adds_up(self):
        form = get_form("hai-long", "theo-hinh-thuc")
        rows = tuple(
            Row(name, name, cells={"slips": n, "satisfied_total": n - 1})
            for name, n in (("phieu-giay", 10), ("truc-tuyen", 5))
        )
        sheet = replace(sheet_of("hai-long", *rows), edition=form.edition)
        assert solve(form, sheet).rate("satisfaction_rate", TOTAL_KEY).percent == Decimal("86.67")

    def test_feedback_and_payments_and_receptions(self):
        feedback = Row(
            "hanh-vi",
            "Hành vi",
            cells={"feedback": 5, "feedback_in_term": 3, "feedback_overdue": 1},
        )
        solved = solve(get_form("phan-anh"), sheet_of("phan-anh", feedback))
        assert (solved.figure("feedback_resolved"), solved.figure("feedback_pending")) == (4, 1)
        assert rules_of(single("thanh-toan", dossiers_due=4, dossiers_paid=5)) == [
            ("negative-difference", "error")
        ]
        assert (
            rules_of(single("ket-qua-tiep-dan", petitions=3, complaints=1, denunciations=0)) == []
        )

    def test_a_copied_score_is_never_computed_and_never_above_its_maximum(self):
        solved = solve(get_form("chi-so-766"), single("chi-so-766", transparency=Decimal(18)))
        assert solved.figure("score") is None
        assert rules_of(single("chi-so-766", transparency=Decimal("18.5"))) == [
            ("over-most", "error")
        ]

    def test_classes_of_services_keep_apart(self):
        sheet = single("dich-vu-cong", "2026", services_full=3, services_partial=1, services_info=9)
        solved = solve(get_form("dich-vu-cong", "2026"), sheet)
        assert solved.figure("services_total") == 4
        assert solved.rate("full_share").percent == Decimal(75)
