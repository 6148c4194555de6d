from __future__ import annotations

from decimal import Decimal

import pytest

from cchc_public.office.reports.sheet_form import (
    add_their_rows,
    changed_since,
    find_conflicts,
    input_of,
    left_alone,
    merge,
)
from cchc_public.reports.drafting import list_cell_changes
from cchc_public.store import AuditEntry
from cchc_public.tables.registry import get_form
from cchc_public.tables.sheet import Row, Sheet

TABLE = get_form("ho-so")


def sheet(*rows: Row) -> Sheet:
    return Sheet("ho-so", TABLE.edition, rows=rows)


def row(key: str, **cells: int) -> Row:
    return Row(key, key.capitalize(), cells=cells)


def saved(old: Sheet, new: Sheet, version: int) -> AuditEntry:
    detail = {"version": version, "changes": list(list_cell_changes(old, new))}
    return AuditEntry(action="sheet.save", detail=detail)


def test_only_cells_a_colleague_changed_are_conflicts() -> None:
    base = sheet(row("dat", received_online=1, received_direct=2))
    theirs = sheet(row("dat", received_online=9, received_direct=2))
    mine = input_of(TABLE, sheet(row("dat", received_online=1, received_direct=7)), 1)
    started = changed_since([saved(base, theirs, 2)], 1)
    found = [*find_conflicts(TABLE, mine, theirs, started)]
    assert [(cell.id, cell.mine, cell.theirs) for cell in found] == [
        ("r0-received_online", "1", "9")
    ]
    assert found[0].is_untouched


def test_a_cell_both_changed_is_for_the_person_to_decide() -> None:
    base = sheet(row("dat", received_online=1))
    theirs = sheet(row("dat", received_online=9))
    mine = input_of(TABLE, sheet(row("dat", received_online=5)), 1)
    found = [*find_conflicts(TABLE, mine, theirs, changed_since([saved(base, theirs, 2)], 1))]
    assert [(cell.mine, cell.theirs, cell.is_untouched) for cell in found] == [("5", "9", False)]


INDICATORS = get_form("chi-tieu")


def visits(value: str) -> Sheet:
    cells = {"value": Decimal(value)}
    return Sheet("chi-tieu", INDICATORS.edition, rows=(Row("luot", "Lượt truy cập", cells=cells),))


@pytest.mark.parametrize("before", ["77.56", "77.50", "1714", "1714.5", "25000", "0.714"])
def test_a_figure_i_did_not_touch_is_known_however_large(before: str) -> None:
    theirs = visits("2000")
    changes = list_cell_changes(visits(before), theirs)
    started = {(change["row"], change["column"]): change["old"] for change in changes}
    (cell,) = find_conflicts(INDICATORS, input_of(INDICATORS, visits(before), 1), theirs, started)
    assert cell.is_untouched


@pytest.mark.parametrize(
    ("kept", "before"), [("1.714", "1714"), ("1.714,5", "1714.5"), ("77,56", "77.56")]
)
def test_older_lines_of_the_trail_hold_figures_as_words_and_are_read_as_such(
    kept: str, before: str
) -> None:
    mine = input_of(INDICATORS, visits(before), 1)
    (cell,) = find_conflicts(INDICATORS, mine, visits("2000"), {("luot", "value"): kept})
    assert cell.is_untouched
    typed = input_of(INDICATORS, visits("1715"), 1)
    (cell,) = find_conflicts(INDICATORS, typed, visits("2000"), {("luot", "value"): kept})
    assert not cell.is_untouched


def test_the_value_both_started_from_is_the_oldest_after_my_version() -> None:
    first, second, third = (sheet(row("dat", received_online=n)) for n in (1, 2, 3))
    entries = [saved(second, third, 3), saved(first, second, 2)]
    assert changed_since(entries, 1)[("dat", "received_online")] == 1
    assert changed_since(entries, 2)[("dat", "received_online")] == 2
    assert changed_since(entries, 3) == {}


def test_the_same_change_by_both_is_no_conflict() -> None:
    base, both = sheet(row("dat", received_online=1)), sheet(row("dat", received_online=9))
    mine = input_of(TABLE, both, 1)
    started = changed_since([saved(base, both, 2)], 1)
    assert not [*find_conflicts(TABLE, mine, both, started)]


def test_a_row_a_colleague_removed_is_told() -> None:
    base, theirs = sheet(row("dat"), row("ho")), sheet(row("dat"))
    mine = input_of(TABLE, base, 1)
    found = [*find_conflicts(TABLE, mine, theirs, changed_since([saved(base, theirs, 2)], 1))]
    assert [(cell.id, cell.take) for cell in found] == [("r1-row", "r1.remove")]


def test_rows_a_colleague_added_are_shown_after_mine() -> None:
    mine = input_of(TABLE, sheet(row("dat")), 1)
    shown = add_their_rows(TABLE, mine, sheet(row("dat"), row("ho")))
    keys = {prefix: one.key for prefix, one in shown.fields.items() if prefix[0] == "r"}
    assert keys == {"r0": "dat", "r1": "ho"}


def test_an_import_lays_its_figures_over_and_removes_nothing() -> None:
    stored = sheet(row("dat", received_online=1, received_direct=2), row("ho", received_online=3))
    imported = sheet(Row("khac", "DAT", cells={"received_online": 9}))
    merged = merge(stored, imported)
    assert merged.rows[0].cells == {"received_online": 9, "received_direct": 2}
    assert [one.key for one in merged.rows] == ["dat", "ho"]
    assert [one.key for one in left_alone(stored, imported)] == ["ho"]


def test_an_unreadable_import_cell_stands_instead_of_the_old_figure() -> None:
    stored = sheet(row("dat", received_online=1))
    merged = merge(stored, sheet(Row("dat", "Dat", unread={"received_online": "x"})))
    assert merged.rows[0].cells["received_online"] is None
    assert merged.rows[0].unread == {"received_online": "x"}
