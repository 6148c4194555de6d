from __future__ import annotations

import unicodedata
from xml.etree.ElementTree import fromstring

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cchc_public.vietnamese.text import clean_text, remove_hidden


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Hộ\u200b tịch\ufeff", "Hộ tịch"),
        ("Ðất\u202e đai\u202c", "Ðất đai"),
        ("a\x00b\x0bc\x7f\x85d", "abcd"),
        ("\udcedlời\ufffe\U0001ffff", "lời"),
        ("Hộ tịch", "Hộ tịch"),
        ("một\r\nhai\rba\u2028bốn", "một\nhai\nba\nbốn"),
        ("👨\u200d👩\u200d👧", "👨\u200d👩\u200d👧"),
        ("\tcột\u00ad ", "cột\u00ad"),
    ],
)
def test_hidden_characters_go_and_words_stay(typed: str, kept: str) -> None:
    assert clean_text(typed) == kept


def test_tabs_around_cells_stay_when_only_hidden_characters_are_removed() -> None:
    assert remove_hidden("\t12\u200b\t\n") == "\t12\t\n"


@given(st.text(st.characters(codec=None), max_size=40))
def test_whatever_was_typed_can_be_written_everywhere(text: str) -> None:
    cleaned = clean_text(text)
    assert cleaned == unicodedata.normalize("NFC", cleaned)
    assert clean_text(cleaned) == cleaned
    cleaned.encode()
    escaped = cleaned.replace("&", "&amp;").replace("<", "&lt;")
    assert (fromstring(f"<a>{escaped}</a>").text or "") == cleaned  # noqa: S314 - our own text
