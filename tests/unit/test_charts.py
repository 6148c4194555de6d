from xml.etree import ElementTree as ET

import pytest
from printed_release import make_dossiers, make_table, make_tasks

from cchc_public.present.charts import (
    MOST_ROWS,
    Point,
    bar_chart,
    list_bars,
    trend_chart,
)
from cchc_public.tables.sheet import Row
from cchc_public.tables.solved import Rate

SVG = "{http://www.w3.org/2000/svg}"


def texts(svg: str) -> list[str]:
    return [item.text or "" for item in ET.fromstring(svg).iter(f"{SVG}text")]  # noqa: S314 our own


def test_every_figure_of_the_bars_is_written_beside_them():
    words = texts(bar_chart(make_dossiers().evaluated))
    assert "Đất đai" in words
    assert "238" in words
    assert "trước hạn 201 · đúng hạn 1 · đang giải quyết 36" in words


def test_bars_are_as_long_as_their_figures():
    root = ET.fromstring(bar_chart(make_dossiers().evaluated))  # noqa: S314
    shown = [r for r in root.iter(f"{SVG}rect") if r.get("rx") is None]
    # Chứng thực has 217 of at most 238, all of it before the deadline; a hair of paper is left
    lengths = [float(r.get("width")) for r in shown]
    assert pytest.approx(340 * 217 / 238 - 1, abs=0.1) in lengths
    assert max(float(r.get("x")) + float(r.get("width")) for r in shown) <= 340


def test_a_picture_has_title_and_description_and_no_style():
    svg = bar_chart(make_dossiers().evaluated)
    root = ET.fromstring(svg)  # noqa: S314
    assert root.get("aria-labelledby") == "bieu-do-t bieu-do-m"
    assert root.find(f"{SVG}title").text == "Hồ sơ theo lĩnh vực"
    assert "Đất đai, 238 hồ sơ" in root.find(f"{SVG}desc").text
    assert "style" not in svg
    assert "<script" not in svg


def test_hostile_labels_are_escaped():
    label = "<script>alert(1)</script>"
    svg = bar_chart(make_dossiers({label: (1, 0, 0, 1, 0, 0)}).evaluated)
    assert "<script" not in svg
    assert label in texts(svg)


def test_unknown_figures_are_not_drawn_as_zero():
    table = make_table("ho-so", [Row("a", "Hộ tịch", cells={"received_online": 3})])
    assert list_bars(table.evaluated) == ()
    assert bar_chart(table.evaluated) == ""


def test_no_total_is_printed_that_the_table_does_not_know():
    cells = {"fully_electronic": 1714, "dual_format": 0}
    signed = {"signed_within": 1471, "unsigned_within": 242}
    table = make_table("van-ban", [Row("den", "Văn bản đến", cells={**cells, **signed})])
    assert "1.713" not in texts(bar_chart(table.evaluated))


def test_many_fields_are_gathered_without_losing_a_dossier():
    labels = {f"Lĩnh vực {n:02}": (n, 0, 0, n, 0, 0) for n in range(1, 28)}
    bars = list_bars(make_dossiers(labels).evaluated)
    assert len(bars) == MOST_ROWS
    assert sum(bar.total for bar in bars) == sum(range(1, 28))
    assert bars[-1].label == "16 dòng còn lại"


def test_percentages_of_tasks_are_never_stacked():
    assert bar_chart(make_tasks().evaluated) == ""


def test_a_trend_needs_two_known_periods():
    known = Point("6T 2022", Rate(9, 10))
    assert trend_chart([known, Point("6T 2023", None)], "Xu hướng") == ""
    assert trend_chart([known, Point("6T 2023", Rate(None, 4))], "Xu hướng") == ""


def test_a_trend_writes_every_percentage_with_its_fraction():
    svg = trend_chart([Point("6T 2022", Rate(9, 10)), Point("6T 2023", Rate(37, 40))], "Xu hướng")
    words = texts(svg)
    assert "92,50\u00a0%" in words
    assert {"9/10", "37/40"} <= set(words)
    assert "92,50\u00a0% (37 trên 40)" in ET.fromstring(svg).find(f"{SVG}desc").text  # noqa: S314
