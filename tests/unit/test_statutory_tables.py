from datetime import date

import pytest

from cchc_public.errors import NotFound
from cchc_public.statutory import registry
from cchc_public.statutory.evaluate import formula_parts
from cchc_public.statutory.table import Ratio, ValueKind, header_rows

ALL = registry.TABLES


def test_the_eight_tables_stand_in_the_fixed_order():
    assert registry.table_codes() == (
        "ho-so",
        "so-hoa",
        "hai-long",
        "dich-vu-cong",
        "van-ban",
        "so-luong-thu-tuc",
        "nhiem-vu",
        "chi-tieu",
    )


@pytest.mark.parametrize("table", ALL, ids=lambda t: f"{t.code}@{t.edition}")
class TestEveryTable:
    def test_keys_names_and_headers_are_unique(self, table):
        for values in (
            [c.key for c in table.columns],
            [c.name for c in table.columns],
            [c.header for c in table.columns],
        ):
            assert len(values) == len(set(values))

    def test_machine_names_are_plain_ascii_words(self, table):
        for name in (table.row_name, *(c.name for c in table.columns)):
            assert name.isascii()
            assert name.replace("_", "").isalnum()
            assert name == name.lower()

    def test_formulas_and_charts_name_real_columns(self, table):
        keys = {c.key for c in table.columns}
        for column in table.columns:
            if column.formula:
                assert set(formula_parts(column.formula)) <= keys
            if isinstance(column.formula, Ratio):
                assert set().union(*column.formula.alternatives) <= keys
        assert set(table.chart_columns) <= keys

    def test_only_rates_have_a_ratio(self, table):
        for column in table.columns:
            assert (column.kind is ValueKind.RATE) == isinstance(column.formula, Ratio)

    def test_the_header_covers_every_column_at_most_three_levels_deep(self, table):
        rows = header_rows(table)
        assert len(rows) <= 3
        leaves = [cell.column for row in rows for cell in row if cell.column]
        assert {c.key for c in leaves} == {c.key for c in table.columns}
        covered = sum(cell.colspan * cell.rowspan for row in rows for cell in row)
        assert covered == len(rows) * len(table.columns)

    def test_it_tells_source_unit_and_counting_rule(self, table):
        assert table.title
        assert table.short_title
        assert table.unit
        assert table.legal_source
        assert table.counting_rule.endswith(".")


def test_the_dossier_form_prints_thirteen_numbered_columns():
    table = registry.get_table("ho-so")
    numbers = [table.ordinal_number, table.row_number, *(c.number for c in table.columns)]
    assert numbers == [f"({n})" for n in range(1, 14)]
    top = [(cell.text, cell.colspan) for cell in header_rows(table)[0]]
    assert top == [
        ("Số lượng hồ sơ tiếp nhận", 4),
        ("Số lượng hồ sơ đã giải quyết", 4),
        ("Số lượng hồ sơ đang giải quyết", 3),
    ]
    assert [cell.text for cell in header_rows(table)[2]] == [
        "Trực tuyến",
        "Trực tiếp, dịch vụ bưu chính",
    ]


def test_the_old_online_form_prints_sixteen_columns():
    assert len(registry.get_table("dich-vu-cong", "2022-tro-ve-truoc").columns) == 16


def test_a_period_takes_the_edition_in_force_on_its_last_day():
    before = {t.code: t.edition for t in registry.tables_for(date(2022, 8, 14))}
    after = {t.code: t.edition for t in registry.tables_for(date(2022, 8, 15))}
    assert before["dich-vu-cong"] == "2022-tro-ve-truoc"
    assert after["dich-vu-cong"] == "2022-2026"
    for year in (2018, 2023, 2030):
        codes = tuple(t.code for t in registry.tables_for(date(year, 6, 14)))
        assert codes == registry.table_codes()


def test_an_unknown_table_is_not_found():
    with pytest.raises(NotFound):
        registry.get_table("khong-co")
    with pytest.raises(NotFound):
        registry.get_table("ho-so", "1999")
    assert registry.get_table("dich-vu-cong").edition == "2022-2026"
