from dataclasses import fields, replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cchc_public.procedures import (
    MAX_CELL,
    Basis,
    Component,
    Exemption,
    OnlineLevel,
    ProcedureRecord,
    ProcedureStatus,
    find_faults,
)
from cchc_public.procedures.cells import (
    HEADERS,
    changed_cells,
    clean_part,
    clean_text,
    read_cells,
    to_cells,
)
from tests.procedure_records import SMALL, WHOLE, make

LETTERS = "aăâbcđeêghiklmnoôơpqrstuưvxyàảãáạ |;:.,-()/0123456789\n"
texts = st.text(LETTERS, max_size=30).map(clean_text)
lines = texts.map(lambda text: " ".join(text.split()))  # names: one line, single blanks
parts = st.text(LETTERS, min_size=1, max_size=30).map(clean_part).filter(bool)
maybe_parts = st.just("") | parts
days = st.none() | st.dates(date(1990, 1, 1), date(2099, 12, 31))
numbers = st.none() | st.integers(0, 99)
records = st.builds(
    ProcedureRecord,
    code=st.just("1.001193"),
    name=lines,
    field=lines,
    status=st.sampled_from(ProcedureStatus),
    repealed_on=days,
    decided_here=st.none() | st.booleans(),
    is_posted=st.booleans(),
    conditions=texts,
    online_level=st.none() | st.sampled_from(OnlineLevel),
    components=st.lists(
        st.builds(Component, parts, maybe_parts, numbers, numbers, maybe_parts), max_size=3
    ).map(tuple),
    steps=st.lists(parts, max_size=3).map(tuple),
    legal_bases=st.lists(st.builds(Basis, parts, maybe_parts, days, maybe_parts), max_size=3).map(
        tuple
    ),
    exemptions=st.lists(
        st.builds(Exemption, parts, maybe_parts, parts, days, days), max_size=3
    ).map(tuple),
)


def test_a_record_with_everything_comes_back_equal():
    assert read_cells(to_cells(WHOLE)) == (WHOLE, {})
    assert set(to_cells(WHOLE)) == set(HEADERS)


@given(records)
def test_any_record_comes_back_equal(record):
    assert read_cells(to_cells(record))[0] == record


@given(st.dictionaries(st.sampled_from(["time_limit", "fee", "channel_notes"]), texts))
def test_channel_texts_settle_after_one_reading(cells):
    record, _problems = read_cells({"code": "1.001193", **cells})
    once = to_cells(record)
    again, _problems = read_cells(once)
    assert again == record
    assert to_cells(again) == once


def test_every_part_of_a_record_has_its_cell():
    told = {field.name for field in fields(ProcedureRecord)} - {"online_words"}
    assert told - {"channels"} <= set(HEADERS)


def test_words_of_the_source_for_the_online_level_are_kept():
    cells = to_cells(make()) | {"online_level": "có kênh trực tuyến (mức độ không nêu)"}
    record, problems = read_cells(cells)
    assert problems == {}
    assert record.online_level is OnlineLevel.UNSPECIFIED
    assert to_cells(record)["online_level"] == cells["online_level"]


def test_not_stated_is_no_level_and_stays_in_its_words():
    record, _problems = read_cells(to_cells(SMALL) | {"online_level": "không nêu trong nguồn"})
    assert record.online_level is None
    assert to_cells(record)["online_level"] == "không nêu trong nguồn"


@pytest.mark.parametrize(
    ("key", "text", "said"),
    [
        ("status", "tạm", "trạng thái"),
        ("decision_on", "32/1/2026", "Ngày quyết định"),
        ("received_here", "chắc có", "Có hoặc Không"),
        ("channels", "qua điện thoại", "cách nộp"),
        ("online_level", "mức 7", "mức độ trực tuyến"),
        ("components", "Tờ khai | mẫu | một bản", "Số bản"),
        ("name", "x" * (MAX_CELL + 1), "dài quá"),
    ],
)
def test_an_unreadable_cell_is_told_in_words(key, text, said):
    _record, problems = read_cells(to_cells(SMALL) | {key: text})
    assert problems.keys() == {key}
    assert said in problems[key]


def test_text_is_composed_and_freed_of_control_letters():
    decomposed = "Cô\u0323ng ho\u0300a\r\nxa\u0303\x0b hô\u0323i\x00"
    assert clean_text(decomposed) == "Cộng hòa\nxã hội"


def test_changed_cells_tells_old_and_new():
    other = replace(SMALL, result="Giấy khai sinh")
    assert changed_cells(to_cells(SMALL), to_cells(other)) == {"result": ("", "Giấy khai sinh")}


@pytest.mark.parametrize("code", ["", "1.01193", "1001193", "1.0011933", "a.001193", "1.00119３"])
def test_ill_formed_codes_are_faults(code):
    assert "Mã thủ tục" in find_faults(make(code=code))["code"]


def test_a_sound_record_has_no_faults():
    assert find_faults(WHOLE) == {}


@pytest.mark.parametrize(
    ("parts_", "said"),
    [
        ({"name": ""}, "tên"),
        ({"field": ""}, "lĩnh vực"),
        ({"portal_link": "javascript:alert(1)"}, "https://"),
        ({"exemptions": (Exemption("Hộ nghèo"),)}, "số văn bản"),
        (
            {"exemptions": (Exemption("A", "", "1/NQ", date(2026, 7, 1), date(2026, 6, 1)),)},
            "ngày cuối trước ngày đầu",
        ),
        ({"level": "x" * 201}, "dài quá"),
    ],
)
def test_faults_are_told_in_words(parts_, said):
    (field,) = parts_
    assert said in find_faults(make(**parts_))[field]
