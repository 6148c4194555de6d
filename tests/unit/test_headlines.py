from decimal import Decimal

from printed_release import make_dossiers, make_release, make_table

from cchc_public.present.headlines import build_headlines
from cchc_public.tables.sheet import Row

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
