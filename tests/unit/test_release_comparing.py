from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

from cchc_public.checks.rules import Severity
from cchc_public.office.people import change_text
from cchc_public.releases.published import (
    Authority,
    NarrativeSection,
    PublishedFinding,
    PublishedRelease,
    PublishedTable,
    ReleaseKind,
    compare,
)
from cchc_public.reports.drafting import list_cell_changes
from cchc_public.tables.registry import get_form
from cchc_public.tables.sheet import Rate, Row, Sheet, solve
from cchc_public.vietnamese.dates import parse_period

TABLE = get_form("so-hoa")
WINDOW = (date(2022, 12, 15), date(2023, 6, 14))
CELLS = {"received": 673, "digitized_any": 527, "fully_digitized": 522}


def sheet(label="Toàn xã", stated=None, **cells):
    row = Row("so-lieu", label, cells={**CELLS, **cells, **(stated or {})})
    return Sheet("so-hoa", TABLE.edition, *WINDOW, (row,))


def release(made=None, **changes):
    made = made or sheet()
    evaluated = solve(TABLE, made)
    table = PublishedTable(TABLE, TABLE.code, TABLE.edition, TABLE.title, *WINDOW, evaluated)
    found = PublishedRelease(
        id=1,
        period=parse_period("2023-6-thang"),
        number=1,
        kind=ReleaseKind.FIRST,
        reason="",
        digest="d",
        previous_digest="",
        published_at=datetime(2023, 6, 12, tzinfo=UTC),
        published_by="A",
        data_from=WINDOW[0],
        data_to=WINDOW[1],
        due_on=None,
        authority=Authority("UBND xã"),
        tables=(table,),
    )
    return replace(found, **changes)


def labels(changes):
    return [change.column_label for change in changes]


def test_releases_with_the_same_figures_do_not_differ():
    other = release(number=2, published_by="B", digest="e", reason="x")
    assert compare(release(), other) == ()


def test_a_changed_cell_brings_the_rates_that_follow_from_it():
    changes = compare(release(), release(sheet(fully_digitized=500)))
    assert [(c.column, c.is_base) for c in changes] == [
        ("fully_digitized", True),
        ("full_rate", False),
    ]
    assert (changes[0].old, changes[0].new) == (522, 500)
    assert (changes[1].old, changes[1].new) == (Rate(522, 673), Rate(500, 673))
    assert changes[0].table_title == TABLE.title


def test_a_figure_that_became_unknown_is_told_as_none():
    (change, *_rest) = compare(release(), release(sheet(digitized_any=None)))
    assert (change.old, change.new) == (527, None)


def test_a_row_that_came_or_went_is_told_cell_by_cell():
    one = sheet()
    extra = Row("them", "Thêm", cells={"received": 5})
    two = replace(one, rows=(*one.rows, extra))
    came = compare(release(one), release(two))
    went = compare(release(two), release(one))
    assert ("them", "received", None, 5) in [(c.row, c.column, c.old, c.new) for c in came]
    assert ("them", "received", 5, None) in [(c.row, c.column, c.old, c.new) for c in went]


def test_rows_in_another_order_are_a_change():
    one = sheet()
    rows = (*one.rows, Row("them", "Thêm"))
    (change,) = compare(release(replace(one, rows=rows)), release(replace(one, rows=rows[::-1])))
    assert (change.column_label, change.old, change.new) == (
        "Thứ tự",
        "Toàn xã; Thêm",
        "Thêm; Toàn xã",
    )


def test_names_windows_and_printed_figures_are_compared():
    assert labels(compare(release(), release(sheet(label="Xã")))) == ["Tên dòng"]
    # a printed rate that agrees is no news: a file that went out and in again loses it
    assert compare(release(), release(sheet(stated={"full_rate": Decimal("77.6")}))) == ()
    printed = compare(release(), release(sheet(stated={"full_rate": Decimal("84.2")})))
    assert [(c.old, c.new) for c in printed] == [(None, Decimal("84.2"))]
    assert printed[0].column_label.endswith("(theo nguồn)")
    table = replace(release().tables[0], data_to=date(2023, 6, 12))
    (moved,) = compare(release(), release(tables=(table,)))
    assert (moved.table, moved.old, moved.new) == ("so-hoa", "14/06/2023", "12/06/2023")


def test_a_table_that_appears_is_told():
    changes = compare(release(tables=()), release())
    assert ("received", None, 673) in [(c.column, c.old, c.new) for c in changes]


def test_words_around_the_tables_are_compared():
    old = release(
        narrative=(NarrativeSection("I", "Một"), NarrativeSection("II", "Hai")),
        head={"recipients": ["VP"], "signatory": "A"},
    )
    new = release(
        narrative=(NarrativeSection("II", "Hai"), NarrativeSection("I", "Khác")),
        head={"recipients": ["VP", "Lưu"]},
        authority=Authority("UBND xã Kim Thạch"),
        due_on=date(2023, 12, 20),
    )
    told = {c.column_label: (c.old, c.new) for c in compare(old, new)}
    assert told == {
        "Ngày hẹn số liệu kỳ sau": (None, "20/12/2023"),
        "Tên": ("UBND xã", "UBND xã Kim Thạch"),
        "Nơi nhận": ("VP", "VP; Lưu"),
        "Người ký": ("A", None),
        "I": ("Một", "Khác"),
        "Thứ tự": ("I; II", "II; I"),
    }


def test_two_sections_of_one_title_are_both_compared():
    one = (NarrativeSection("I", "a"), NarrativeSection("I", "b"))
    two = (NarrativeSection("I", "a"), NarrativeSection("I", "c"))
    assert [(c.old, c.new) for c in compare(release(narrative=one), release(narrative=two))] == [
        ("b", "c")
    ]


def test_a_changed_reason_is_a_change():
    finding = PublishedFinding(Severity.WARNING, "r", "Lạ.", "so-hoa", key="k", reason="cũ")
    changes = compare(
        release(findings=(finding,)), release(findings=(replace(finding, reason="mới"),))
    )
    assert [(c.table, c.row_label, c.old, c.new) for c in changes] == [
        ("so-hoa", "Lạ", "cũ", "mới")
    ]


def test_a_reason_given_or_taken_back_by_a_correction_is_a_change():
    finding = PublishedFinding(Severity.WARNING, "r", "Lạ.", "so-hoa", key="k", reason="vì thế")
    silent = replace(finding, reason="")
    for old, new, told in (
        (silent, finding, (None, "vì thế")),
        (finding, silent, ("vì thế", None)),
    ):
        (change,) = compare(release(findings=(old,)), release(findings=(new,)))
        assert (change.old, change.new) == told
    (gone,) = compare(release(findings=(finding,)), release(findings=()))
    assert (gone.old, gone.new) == ("vì thế", None)


def test_the_audit_trail_names_rows_that_came_and_text_that_could_not_be_read():
    old = sheet()
    row = replace(old.rows[0], unread={"received": "sáu trăm"})
    new = replace(old, rows=(row, Row("them", "Thêm", cells={"received": 5})), data_to=None)
    told = [(c["row"], c["column"], c["old"], c["new"]) for c in list_cell_changes(old, new)]
    assert told == [
        ("", "data_to", "2023-06-14", None),
        ("so-lieu", "received", 673, "sáu trăm"),
        ("them", "", None, "Thêm"),
        ("them", "received", None, 5),
    ]
    assert list_cell_changes(old, old) == []


def test_the_trail_keeps_printed_figures_exactly_and_the_page_writes_them_for_people():
    stated = {"full_rate": Decimal("77.56"), "not_digitized": Decimal(1714)}
    old, new = sheet(), sheet(stated=stated)
    told = [(c["column_label"], c["old"], c["new"]) for c in list_cell_changes(old, new)]
    assert [(old, new) for _label, old, new in told] == [
        (None, {"number": "77.56"}),
        (None, {"number": "1714"}),
    ]
    assert [change_text(new) for _label, _old, new in told] == ["77,56", "1.714"]
    assert all(label.endswith(" (theo nguồn)") for label, _old, _new in told)


def test_of_long_words_only_the_changed_paragraphs_are_told():
    texts = ("Một.\nHai 522.\nBa.", "Một.\nHai 523.\nBa.\nBốn.", "Ba.\nMột.\nHai 522.")
    one, two, moved = (release(narrative=(NarrativeSection("I", text),)) for text in texts)
    assert [(c.old, c.new) for c in compare(one, two)] == [("Hai 522.", "Hai 523.\nBốn.")]
    assert [(c.old, c.new) for c in compare(one, moved)] == [(texts[0], texts[2])]
