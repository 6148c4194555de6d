from dataclasses import replace
from decimal import Decimal

from cchc_public.exports.data import render_csv
from cchc_public.present.tables import (
    build_view,
    print_table,
)
from cchc_public.tables.registry import get_form
from cchc_public.tables.sheet import NO_TOTAL, Row, Sheet, solve
from tests.printed_release import WARNING, make_dossiers, make_release, make_table, make_tasks


def test_every_cell_names_all_headers_above_it():
    view = build_view(make_dossiers().evaluated)
    words = {f"ho-so-{cell.key}": cell.text for row in view.head for cell in row}
    assert len(words) == sum(map(len, view.head))
    for cell in view.lines[0].cells:
        assert tuple(words[i] for i in cell.headers.split()) == cell.column.header


def test_a_note_is_marked_at_its_cell_only():
    release = make_release()
    table = release.table("so-luong-thu-tuc")
    at_cell = replace(WARNING, row="so-lieu")
    view = build_view(table.evaluated, notes=(at_cell,))
    marked = [c.column.key for c in view.lines[0].cells if c.marks]
    assert marked == ["posted"]
    assert view.lines[0].marks == ()


def test_a_stated_figure_shows_only_when_it_differs():
    cells = {"received": 673, "fully_digitized": 522, "full_rate": Decimal("77.56")}
    table = make_table("so-hoa", [Row("so-lieu", "", cells=cells)])
    line = build_view(table.evaluated).lines[0]
    assert line.cell("full_rate").stated is None
    other = {**cells, "full_rate": Decimal("80.1")}
    line = build_view(make_table("so-hoa", [Row("so-lieu", "", cells=other)]).evaluated).lines[0]
    assert line.cell("full_rate").stated == Decimal("80.1")


def test_a_contradicted_figure_shows_what_the_others_give_and_a_lone_total_its_source():
    rows = [Row("a", "A", cells={"received": 3}), Row("b", "B", cells={"received": 4})]
    table = make_table("ho-so", rows).evaluated
    sheet = replace(table.sheet, total=replace(NO_TOTAL, cells={"received": 8, "resolved": 2}))
    view = build_view(solve(get_form("ho-so"), sheet))
    assert view.total.cell("received").value == 8
    assert view.total.cell("resolved").is_source_only
    assert view.lines[0].cell("received").is_source_only


def test_a_rate_without_parts_leaves_only_the_claim():
    cell = build_view(make_release().table("hai-long").evaluated).lines[0].cell("satisfaction_rate")
    assert cell.is_uncomputable
    assert cell.stated == 100


def test_single_rows_are_grouped_under_their_printed_headings():
    groups = build_view(make_release().table("hai-long").evaluated).groups
    assert "Số phiếu theo mức độ" in [group.label for group in groups]
    assert sum(len(group.cells) for group in groups) == 7


def test_tasks_stand_under_their_sections():
    view = build_view(make_tasks(sections=3, tasks=2).evaluated)
    assert [(g.code, len(g.lines)) for g in view.groups] == [("1", 2), ("2", 2), ("3", 2)]
    assert view.lines[0].main.value == 50
    assert [group.done for group in view.groups] == [0, 0, 0]
    assert view.lines[0].facts == (("Đơn vị thực hiện", "Văn phòng – Thống kê"),)


def test_an_indicator_shows_its_rate_before_its_parts():
    cells = {"numerator": 27, "denominator": 32, "unit": "nhiệm vụ", "section_code": "I"}
    table = make_table("chi-tieu", [Row("tasks-done", "Nhiệm vụ", cells=cells)])
    line = build_view(table.evaluated).lines[0]
    assert line.main.column.key == "rate"
    assert line.facts == (("Mục", "I"),)


def test_group_rows_stand_before_their_rows_with_figures_of_their_own_and_count_once():
    form = get_form("ho-so", "hai-cap")
    rows = (
        Row("dat-dai", "Đất đai", "A", cells={"received": 40}),
        Row("ho-tich", "Hộ tịch", "B", cells={"received": 130}),
        Row("chung-thuc", "Chứng thực", "B", cells={"received": 520}),
    )
    groups = tuple(Row(key, label) for key, label in form.groups)
    solved = solve(form, Sheet("ho-so", form.edition, rows=rows, groups=groups))
    view = build_view(solved)
    assert [(line.level, line.key) for line in view.lines] == [
        ("group", "A"),
        ("row", "dat-dai"),
        ("group", "B"),
        ("row", "ho-tich"),
        ("row", "chung-thuc"),
    ]
    assert [line.cell("received").value for line in view.lines] == [40, 40, 650, 130, 520]
    assert view.total.cell("received").value == 690
    printed = print_table(solved)
    assert [row.cells[0].text for row in printed.rows] == ["A", "1", "B", "2", "3", ""]
    header, *lines = render_csv(solved).splitlines()
    assert [line.split(",")[0] for line in lines] == [
        "Đất đai",
        "Hộ tịch",
        "Chứng thực",
        "Tổng cộng",
    ]


def test_what_all_tasks_of_a_section_share_is_said_once():
    few = build_view(make_tasks(sections=1, tasks=2).evaluated).groups[0]
    many = build_view(make_tasks(sections=1, tasks=3).evaluated).groups[0]
    assert few.shared == ()
    assert many.shared == (("Đơn vị thực hiện", "Văn phòng – Thống kê"),)
    assert all(fact in line.facts for fact in many.shared for line in many.lines)
