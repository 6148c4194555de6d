"""The small markup of the words, figures by name, and the outline of a report."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cchc_public.releases.prose import (
    OUTLINE,
    Block,
    Run,
    TablePlace,
    arrange,
    as_stored,
    freeze,
    list_figures,
    read_blocks,
    resolve,
)
from tests.printed_release import make_tables

TABLES = {table.code: table.evaluated for table in make_tables()}


def test_lines_are_paragraphs_and_signs_make_lists():
    text = "Một.\n\n- Hai\n+ Ba **đậm** xong\n{{ bang.ho-so }}\n-bốn"
    assert read_blocks(text) == (
        Block((Run("Một."),)),
        Block((Run("Hai"),), 1),
        Block((Run("Ba "), Run("đậm", True), Run(" xong")), 2),
        TablePlace("ho-so"),
        Block((Run("-bốn"),)),
    )


@given(st.text(max_size=200))
def test_no_letter_of_any_text_is_lost(text):
    kept = "".join(b.text for b in read_blocks(text) if isinstance(b, Block))
    strip = {" ", "*", "-", "+"}
    want = [c for c in "".join(text.replace("\xa0", "").split()) if c not in strip]
    assert [c for c in "".join(kept.replace("\xa0", "").split()) if c not in strip] == want


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("ho-so.tong.received", "692"),
        ("ho-so.received", "692"),
        ("ho-so.linh-vuc-4.pending", "36"),
        ("so-hoa.so-lieu.full_rate", "77,56 % (522/673)"),
        ("so-hoa.full_rate | ty-le", "77,56 %"),
        ("so-hoa.full_rate|phan-so", "522/673"),
        ("so-luong-thu-tuc.other | hai-so", "09"),
        ("hai-long.satisfaction_rate", "100 %"),
    ],
)
def test_figures_are_found_by_name(name, said):
    text, problems = resolve(f"Có {{{{ {name} }}}}.", TABLES)
    assert not problems
    assert text.replace("\xa0", " ") == f"Có {said}."


@pytest.mark.parametrize(
    "name",
    ["ho-so", "khong-co.tong.x", "ho-so.tong.x", "ho-so.dong.received", "ho-so.tong.received | x",
     "ho-so.tong.pending_overdue", "nhiem-vu.1.1.lead_unit", "7*7"],
)  # fmt: skip
def test_unknown_names_stay_and_are_told(name):
    text, problems = resolve(f"{{{{ {name} }}}}", TABLES)
    assert text == f"{{{{ {name} }}}}"
    assert len(problems) == 1


def test_every_figure_offered_can_be_named():
    offered = list_figures(TABLES)
    assert len(offered) > 20
    for address, _words, said in offered:
        assert resolve(f"{{{{ {address} }}}}", TABLES) == (said, ())


def test_old_titles_find_their_part_and_others_stay_their_own():
    stored = [
        {"title": "3. Tiếp công dân", "text": "Không có vụ việc."},
        {"title": "Chuyện riêng của xã", "text": "Lễ hội."},
        {"title": "Chỉ đạo, điều hành", "text": "Đã họp."},
        {"title": "Khó khăn", "text": "Mạng chậm."},
        {"title": "Tồn tại, hạn chế", "text": "Thiếu máy."},
    ]
    sections = {s.key or s.title: s.text for s in arrange(stored)}
    assert sections["II.8"] == "Không có vụ việc."
    assert sections["I"] == "Đã họp."
    assert sections["III.2"] == "Mạng chậm.\nThiếu máy."
    assert sections["Chuyện riêng của xã"] == "Lễ hội."
    assert [s.key for s in arrange(stored) if s.key] == [p.key for p in OUTLINE if not p.is_heading]
    again = as_stored(arrange(stored))
    assert as_stored(arrange(again)) == again


def test_freezing_keeps_source_and_figures_and_names_the_chapters():
    stored = [{"key": "III.2", "title": "", "text": "Còn {{ ho-so.tong.pending }} hồ sơ."}]
    frozen = freeze(stored, {"ho-so": TABLES["ho-so"]})
    # a part without words stands there for the table that belongs into it
    assert [part["key"] for part in frozen] == ["II", "II.2", "III", "III.2"]
    assert frozen[-1]["text"] == "Còn 41 hồ sơ."
    assert frozen[-1]["source"] == "Còn {{ ho-so.tong.pending }} hồ sơ."
    assert freeze([{"key": "V", "title": "", "text": ""}], TABLES) == []


def test_problems_of_a_text_are_sentences():
    (problem,) = resolve("{{ ho-so.tong.x }}", TABLES)[1]
    assert "ho-so.tong.x" in problem
    assert isinstance(TABLES["ho-so"].figure("received"), int)
    assert TABLES["so-hoa"].rate("full_rate").percent == Decimal("77.56")
