from dataclasses import replace
from decimal import Decimal

import pytest

from cchc_public.present.headlines import (
    build_headlines,
    build_trends,
    compare_headlines,
    compare_tables,
    difference_text,
)
from cchc_public.present.wording import say_plainly
from cchc_public.tables.registry import get_form
from cchc_public.tables.sheet import TOTAL_KEY, TOTAL_LABEL, Rate, Row, solve
from cchc_public.vietnamese.dates import parse_period
from tests.printed_release import make_dossiers, make_release, make_table

NBSP = "\u00a0"


def by_key(release, earlier=None):
    return {item.key: item for item in build_headlines(release, earlier)}


def survey(**cells):
    rows = [Row("so-lieu", "", cells=cells)]
    return make_table("hai-long", rows)


def test_the_real_report_gives_the_figures_of_the_model_page():
    found = [(item.figure, item.basis) for item in build_headlines(make_release())]
    assert found == [
        (f"94,08{NBSP}%", "651 trên 692 hồ sơ"),
        (f"100{NBSP}%", "651 trên 651 hồ sơ đã giải quyết"),
        ("41", "hồ sơ, nhiều nhất: Đất đai 36"),
        (f"47,40{NBSP}%", "319 trên 673 hồ sơ trong kỳ"),
        (f"77,56{NBSP}%", "522 trên 673 hồ sơ"),
        (f"100{NBSP}%", "theo báo cáo; không có số phiếu"),
    ]


def test_a_claim_without_slips_has_no_bar_and_is_never_compared():
    satisfaction = by_key(make_release(), make_release())["satisfaction"]
    assert satisfaction.share is None
    assert not satisfaction.is_comparable
    assert satisfaction.change == "không đưa vào so sánh hay trung bình"


def test_satisfaction_with_slips_shows_how_many():
    table = survey(slips=200, very_satisfied=150, satisfied=40, dissatisfied=10)
    found = by_key(make_release(tables=(table,)))["satisfaction"]
    assert (found.figure, found.basis) == (f"95{NBSP}%", "190 trên 200 phiếu")


def test_few_slips_are_called_few():
    table = survey(slips=4, very_satisfied=4, satisfied=0, dissatisfied=0)
    found = by_key(make_release(tables=(table,)))["satisfaction"]
    assert found.basis == "4 trên 4 phiếu; còn ít phiếu"


def test_a_missing_table_is_unknown_and_not_zero():
    for item in build_headlines(make_release(tables=())):
        assert (item.figure, item.basis, item.value) == ("–", "chưa có số liệu", None)


def test_change_names_direction_points_and_the_earlier_fraction():
    earlier = make_release(tables=(make_dossiers({"Hộ tịch": (50, 50, 0, 90, 0, 0)}),))
    found = by_key(make_release(), earlier)
    assert found["resolved"].change.startswith("tăng 4,08 điểm phần trăm so với")
    assert found["resolved"].change.endswith(f"90{NBSP}% (90 trên 100)")
    assert found["pending"].change.startswith("tăng 31 so với")
    assert "không có số để so sánh" in found["digitized"].change


def test_overdue_pending_is_said_when_it_is_known():
    cells = {
        "received_online": 5, "received_direct": 5, "carried_over": 0, "resolved_early": 4,
        "resolved_on_time": 0, "resolved_overdue": 0, "pending_in_time": 4, "pending_overdue": 2,
    }  # fmt: skip
    table = make_table("ho-so", [Row("a", "Đất đai", cells=cells)])
    pending = by_key(make_release(tables=(table,)))["pending"]
    assert pending.basis == "hồ sơ, nhiều nhất: Đất đai 6; quá hạn 2"
    assert pending.share == Decimal("60.00")


def dossiers(*fields, **cells):
    """Fields as (early, overdue, pending in time, pending overdue), or one row of given cells."""
    keys = ("resolved_early", "resolved_overdue", "pending_in_time", "pending_overdue")
    rows = [
        Row(
            f"f{at}", name,
            cells={
                "resolved_on_time": 0, "received": sum(counts),
                **dict(zip(keys, counts, strict=True)),
            },
        )
        for at, (name, *counts) in enumerate(fields)
    ] or [Row("a", "Đất đai", cells=cells)]  # fmt: skip
    return make_release(tables=(make_table("ho-so", rows),))


@pytest.mark.parametrize(
    ("release", "sentence"),
    [
        (make_release(), ("Đã giải quyết 651 trong 692 hồ sơ, không hồ sơ nào trả trễ. "
         "Còn 41 hồ sơ đang giải quyết, nhiều nhất là đất đai: 36.")),
        (dossiers(("Đất đai", 170, 47, 28, 12), ("Hộ tịch", 500, 3, 0, 0)),
         ("Cứ 100 hồ sơ đã giải quyết thì 93 đúng hạn; 62 hồ sơ trễ (50 đã trả trễ, "
         "12 đang quá hạn), gần hết là đất đai.")),
        (dossiers(("Đất đai", 0, 120, 0, 0), ("Hộ tịch", 0, 3, 0, 0)),
         "Cả 123 hồ sơ đã giải quyết đều trả trễ, gần hết là đất đai."),
        (dossiers(("Đất đai", 9999, 1, 0, 0), ("Hộ tịch", 1, 0, 0, 0)),
         "Cứ 100 hồ sơ đã giải quyết thì 99 đúng hạn; 1 hồ sơ trễ, là đất đai."),
        (dossiers(("Đất đai", 1, 9999, 0, 0)),
         "Cứ 100 hồ sơ đã giải quyết thì chưa đến 1 đúng hạn; 9.999 hồ sơ trễ."),
        (dossiers(("Đất đai", 10, 1, 0, 0), ("Hộ tịch", 10, 1, 0, 0)),
         "Trong 22 hồ sơ đã giải quyết, 20 đúng hạn; 2 hồ sơ trễ."),
        (dossiers(("Đất đai", 0, 0, 0, 0)), "Kỳ này không có hồ sơ nào."),
        (dossiers(("Đất đai", 0, 0, 5, 2)),
         "Chưa giải quyết xong hồ sơ nào; 2 hồ sơ đang quá hạn."),
        (dossiers(received=7, resolved=5),
         ("Đã giải quyết 5 trong 7 hồ sơ; báo cáo không ghi bao nhiêu hồ sơ trả trễ. "
         "Còn 2 hồ sơ đang giải quyết.")),
        (dossiers(received=7), "Đã nhận 7 hồ sơ; báo cáo không ghi đã giải quyết bao nhiêu."),
                (make_release(tables=()), ""),
    ],
)  # fmt: skip
def test_one_sentence_says_what_is_known_and_flatters_nobody(release, sentence):
    assert say_plainly(release) == sentence


def test_figures_that_contradict_are_not_made_into_a_share():
    fields = {"Đất đai": (7, 0, 0, 5, 0, 1)}
    sheet = make_dossiers(fields).evaluated.sheet
    total = Row(TOTAL_KEY, TOTAL_LABEL, cells={"resolved": 9})
    solved = solve(get_form("ho-so"), replace(sheet, total=total))
    table = replace(make_dossiers(fields), evaluated=solved)
    assert say_plainly(make_release(tables=(table,))) == (
        "Đã giải quyết 9 hồ sơ; các số về đúng hạn và quá hạn trong báo cáo chưa khớp nhau. "
        "Còn 1 hồ sơ đang giải quyết."
    )


def test_lateness_has_a_card_of_its_own_only_where_there_is_some():
    late = by_key(dossiers(("Đất đai", 170, 47, 28, 12), ("Hộ tịch", 500, 3, 0, 0)))["late"]
    assert (late.figure, late.tone) == ("62", "late")
    assert late.basis == "50 đã trả trễ; 12 đang quá hạn; gần hết là đất đai"
    assert "late" not in by_key(make_release())
    untold = by_key(dossiers(received=9, resolved_early=5, resolved_on_time=0, resolved_overdue=2))
    assert "báo cáo không ghi bao nhiêu hồ sơ đang giải quyết đã quá hạn" in untold["late"].basis
    assert not untold["late"].is_comparable
    # nothing that tells of lateness is ever green, and less than all in time is not praised
    assert untold["on_time"].tone == "plain"
    assert by_key(make_release())["on_time"].tone == "good"


def test_the_survey_says_how_many_were_asked_of_those_it_concerns():
    table = survey(slips=200, very_satisfied=150, satisfied=40, dissatisfied=10, coverage_target=60)
    found = by_key(make_release(tables=(make_dossiers(), table)))["satisfaction"]
    assert found.basis == (
        f"190 trên 200 phiếu; khảo sát đạt 30,72{NBSP}% (200 trên 651) hồ sơ đã giải quyết, "
        f"chỉ tiêu 60{NBSP}%"
    )


def test_small_lines_join_like_periods_and_no_claims():
    like = [
        (parse_period(f"{year}-6-thang"), release)
        for year, release in ((2020, dossiers(received=7)), (2021, None), (2022, make_release()))
    ]
    found = {item.key: item for item in build_headlines(make_release(), None, like)}
    assert [point.text for point in found["pending"].points] == ["–", "–", "41", "41"]
    assert [point.label for point in found["pending"].ends] == [f"6T{NBSP}2022", f"6T{NBSP}2023"]
    assert found["satisfaction"].points == ()
    assert [chart.name for chart in build_trends(like, lambda period: period.slug)] == [
        "xu-huong-received"
    ]


def test_differences_are_signed_in_points_for_rates():
    assert difference_text(692, 678) == "+14"
    assert difference_text(41, 47) == "−6"
    assert difference_text(Rate(319, 673), Rate(100, 673)) == "+32,54 điểm"
    assert difference_text(5, 5) == "="
    assert difference_text(None, None) == difference_text("xong", "xong") == ""


def test_every_table_stands_beside_earlier_periods_with_what_changed_first_told():
    now, before = (
        make_release(),
        make_release(tables=(make_dossiers({"Đất đai": (1, 2, 0, 3, 0, 0)}),)),
    )
    tables = {group.code: group for group in compare_tables(now, (before,))}
    online = next(cells for label, cells in tables["ho-so"].changed if "Trực tuyến" in label)
    assert [(cell.text, cell.change) for cell in online] == [("319", ""), ("1", "+318")]
    appeared = [
        cells for code, group in tables.items() if code != "ho-so" for _, cells in group.lines
    ]
    assert {cells[1].change for cells in appeared} == {"trước chưa có"}
    headlines = {group.label: group.lines[0][1] for group in compare_headlines(now, (before,))}
    cell = headlines["Nộp trực tuyến"][1]
    assert (cell.text, cell.change) == (f"33,33{NBSP}%", "+14,07 điểm")
    assert "không có số phiếu" in headlines["Hài lòng"][0].fraction


def test_what_was_0_and_is_unknown_now_is_told_to_who_publishes():
    now, before = dossiers(received=7), dossiers(received=7, resolved=7, resolved_overdue=0)
    (group,) = compare_tables(now, (before,))
    late = next(cells for label, cells in group.lines if label.endswith("giải quyết – Quá hạn"))
    assert [(cell.text, cell.change) for cell in late] == [
        ("chưa có số liệu", ""),
        ("0", "nay chưa có"),
    ]
