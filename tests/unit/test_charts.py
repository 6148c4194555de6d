import re
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from cchc_public.present.charts import (
    MOST_ROWS,
    WIDTH,
    Point,
    build_chart,
    draw,
    spark,
    trend_chart,
)
from cchc_public.tables.sheet import Rate, Row
from tests.printed_release import make_dossiers, make_table, make_tasks

SVG = "{http://www.w3.org/2000/svg}"
CASES = Path(__file__).parents[1] / "data" / "citizen" / "chart-label.txt"


def waiting(early, on_time, late, pending):
    """One field whose four parts are as given."""
    received = early + on_time + late + pending
    return make_dossiers({"Đất đai": (0, received, 0, early, on_time, late)})


def picture(chart):
    return ET.fromstring(draw(chart, ("Nguồn",)))  # noqa: S314 our own


def words_of(root):
    return " ".join(item.text or "" for item in root.iter(f"{SVG}text"))


def figures(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(","))


@pytest.mark.parametrize(
    "parts", [*map(figures, re.findall(r"\((\d+(?:,\d+){3})\)", CASES.read_text()))]
)
def test_no_part_loses_its_name_and_zero_is_said(parts):
    chart = build_chart(waiting(*parts).evaluated)
    names = ("trước hạn", "đúng hạn", "quá hạn", "đang giải quyết")
    wanted = tuple(
        f"{name} {part:,}".replace(",", ".") for name, part in zip(names, parts, strict=True)
    )
    assert chart.bars[0].words == wanted
    # the file holds the same, however it wraps
    assert all(said in words_of(picture(chart)) for said in wanted)


def test_shares_of_one_row_are_named_with_their_percentage():
    cells = {"received": 668, "fully_digitized": 522, "digitized_any": 522}
    chart = build_chart(make_table("so-hoa", [Row("a", "", cells=cells)]).evaluated)
    assert chart.scale == 0
    assert "522 (78,14" in chart.bars[0].words[0]
    assert "146 (21,86" in chart.bars[0].words[1]
    assert sum(float(width) for _x, width, _part in chart.shapes(chart.bars[0])) == pytest.approx(
        WIDTH, abs=3
    )


def test_fields_are_sorted_with_the_on_time_share_at_the_right():
    chart = build_chart(make_dossiers().evaluated)
    assert [bar.label for bar in chart.bars][:2] == ["Đất đai", "Chứng thực"]
    assert (chart.bars[0].whole, chart.bars[0].result) == ("238 hồ sơ", "100\u00a0%")
    assert chart.result_name == "đúng hạn"
    longest = list(chart.shapes(chart.bars[0]))
    assert float(longest[-1][0]) + float(longest[-1][1]) <= WIDTH


def test_a_part_of_one_in_thousands_is_still_drawn():
    chart = build_chart(waiting(12172, 0, 1, 1136).evaluated)
    shapes = list(chart.shapes(chart.bars[0]))
    assert [part.tone for _x, _width, part in shapes] == ["good", "late", "wait"]
    assert min(float(width) for _x, width, _part in shapes) >= 2
    late = [part.words for part in chart.bars[0].parts if part.tone == "late"]
    assert late == ["quá hạn 1"]


def test_unknown_figures_are_named_and_not_drawn_as_zero():
    table = make_dossiers({"Hộ tịch": (3, 0, 0, 3, 0, 0)})
    rows = [
        Row("a", "Hộ tịch", cells=table.evaluated.rows[0].values),
        Row("b", "Đất đai", cells={"received_online": 3}),
        Row("c", "Y tế", cells=dict.fromkeys(table.evaluated.rows[0].values, 0)),
    ]
    chart = build_chart(make_table("ho-so", rows).evaluated)
    assert [bar.label for bar in chart.bars] == ["Hộ tịch"]
    assert chart.remarks == ("Không vẽ vì thiếu số: Đất đai.", "Không có hồ sơ nào: Y tế.")
    assert build_chart(make_table("ho-so", rows[1:2]).evaluated) is None


def test_what_is_known_only_as_a_sum_is_drawn_as_the_sum():
    cells = {"received": 10, "resolved_in_term": 7, "resolved_overdue": 1, "pending": 2}
    chart = build_chart(make_table("ho-so", [Row("a", "Đất đai", cells=cells)]).evaluated)
    assert chart.bars[0].words == ("trước và đúng hạn 7", "quá hạn 1", "đang giải quyết 2")


def test_no_total_is_printed_that_the_table_does_not_know():
    cells = {"fully_electronic": 1714, "dual_format": 0}
    signed = {"signed_within": 1471, "unsigned_within": 242}
    chart = build_chart(
        make_table("van-ban", [Row("a", "Đến", cells={**cells, **signed})]).evaluated
    )
    assert "1.713" not in words_of(picture(chart))


def test_many_fields_are_gathered_without_losing_a_dossier():
    labels = {f"Lĩnh vực {n:02}": (n, 0, 0, n, 0, 0) for n in range(1, 28)}
    chart = build_chart(make_dossiers(labels).evaluated)
    assert len(chart.bars) == MOST_ROWS
    assert sum(bar.total for bar in chart.bars) == sum(range(1, 28))
    assert chart.bars[-1].label == "16 dòng còn lại"


def test_tasks_are_done_running_late_by_their_date_or_unknown():
    states = {
        "1": (100, "Tháng 01/2023"), "2": (50, "Thường xuyên"), "3": (50, "Quý I/2023"),
        "4": (None, "Tháng 02/2023"), "5": (90, "Năm 2023"), "6": (10, "30/04/2023"),
    }  # fmt: skip
    rows = [
        Row(
            key, f"Việc {key}", section="I", section_label="Chỉ đạo",
            cells={"due": due} | ({"completion": Decimal(done)} if done is not None else {}),
        )
        for key, (done, due) in states.items()
    ]  # fmt: skip
    chart = build_chart(make_table("nhiem-vu", rows).evaluated)
    assert chart.bars[0].label == "6 nhiệm vụ"
    assert chart.bars[0].words == ("xong 1", "đang làm 2", "trễ hạn 2", "chưa ghi tiến độ 1")
    assert build_chart(make_tasks().evaluated).bars[0].words[1] == "đang làm 35"


def test_names_of_a_hundred_and_twenty_letters_wrap_inside_the_picture():
    label = "Lĩnh vực " + "rất dài " * 13 + "<script>"
    chart = build_chart(make_dossiers({label: (1, 0, 0, 1, 0, 0)}).evaluated)
    svg = draw(chart, ())
    assert "<script" not in svg
    assert "style" not in svg
    root = ET.fromstring(svg)  # noqa: S314
    lines = [item.text for item in root.iter(f"{SVG}text")]
    assert label in " ".join(lines)
    assert max(map(len, lines)) * 17 * 0.56 <= float(root.get("width"))
    heights = [float(item.get("y")) for item in root.iter(f"{SVG}text")]
    assert all(above < below for above, below in pairwise(heights))


def test_a_trend_needs_two_known_periods_and_keeps_gaps():
    known = Point("6T 2021", Rate(9, 10), "/ky/2021-6-thang")
    gap = Point("6T 2022", None)
    assert trend_chart("on_time", "Xu hướng", [known, gap]) is None
    assert trend_chart("on_time", "Xu hướng", [known, Point("6T 2023", Rate(None, 4))]) is None
    chart = trend_chart("on_time", "Xu hướng", [known, gap, Point("6T 2023", Rate(37, 40))])
    assert [bar.result for bar in chart.bars] == ["90\u00a0%", "–", "92,50\u00a0%"]
    assert [bar.words for bar in chart.bars] == [
        ("9 trên 10",),
        ("chưa có số liệu",),
        ("37 trên 40",),
    ]
    assert chart.bars[0].address == "/ky/2021-6-thang"


def test_a_small_line_breaks_at_a_gap_and_survives_zeros_and_forty_periods():
    points = [Point("a", 3), Point("b", None), Point("c", 4), Point("d", 0)]
    line = spark(points, "late")
    assert re.search(r'd="M[^ML]+M[^ML]+L[^ML]+"', line)
    assert "<title>d: 0</title>" in line
    assert spark([Point("a", 0), Point("b", 0)], "plain").count("<circle") == 2
    assert spark([Point(str(n), n) for n in range(40)], "good").count("<circle") == 40
    assert spark([Point("a", 3)], "good") == ""
