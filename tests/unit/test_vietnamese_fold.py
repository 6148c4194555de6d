import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cchc_public.vietnamese.text import fold, search_key, slugify

VIETNAMESE = (
    "aăâbcdđeêghiklmnoôơpqrstuưvxyàáảãạằắẳẵặầấẩẫậèéẻẽẹềếểễệìíỉĩịòóỏõọồốổỗộờớởỡợùúủũụừứửữựỳýỷỹỵ"
)
vietnamese_text = st.text(alphabet=VIETNAMESE + VIETNAMESE.upper() + " -,.0123456789")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Đăng ký khai sinh", "dang ky khai sinh"),
        ("ĐẤT ĐAI", "dat dai"),
        ("Hoàn toàn điện tử", "hoan toan dien tu"),
        ("  Trực tiếp,\n dịch vụ   bưu chính ", "truc tiep dich vu buu chinh"),
        ("Tỷ lệ (%)", "ty le"),
        ("ho_so_tiep_nhan", "ho so tiep nhan"),
        ("Vĩnh Linh – Quảng Trị", "vinh linh quang tri"),
        ("1.001193", "1 001193"),
        ("", ""),
        ("Ệ Ặ Ỡ Ữ", "e a o u"),
    ],
)
def test_fold_writes_bare_words(text, expected):
    assert fold(text) == expected


@given(st.text())
def test_fold_is_idempotent(text):
    assert fold(fold(text)) == fold(text)


@given(st.text())
def test_fold_does_not_see_composition(text):
    composed = unicodedata.normalize("NFC", text)
    assert fold(composed) == fold(unicodedata.normalize("NFD", text))


@given(vietnamese_text)
def test_fold_of_vietnamese_is_ascii_and_ignores_case(text):
    assert fold(text).isascii()
    assert fold(text) == fold(text.upper())


def test_fold_strips_stacked_marks_typed_in_any_order():
    assert fold("e\u0323\u0302") == fold("e\u0302\u0323") == "e"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("đăng ký", "đăng kí"),
        ("tỷ lệ", "tỉ lệ"),
        ("quý II", "quí II"),
        ("Mỹ", "mĩ"),
        ("thủ tục hòa giải", "thủ tục hoà giải"),
    ],
)
def test_search_key_joins_spellings(one, other):
    assert search_key(one) == search_key(other)


@pytest.mark.parametrize(("one", "other"), [("tay", "tai"), ("thuý", "thúi"), ("vây", "vai")])
def test_search_key_keeps_different_words_apart(one, other):
    assert search_key(one) != search_key(other)


@given(st.text())
def test_search_key_is_idempotent(text):
    assert search_key(search_key(text)) == search_key(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Bảo trợ xã hội", "bao-tro-xa-hoi"),
        ("Đất đai", "dat-dai"),
        ("III.6", "iii-6"),
        ("!!!", ""),
    ],
)
def test_slugify(text, expected):
    assert slugify(text) == expected


@given(st.text())
def test_slug_needs_no_quoting(text):
    slug = slugify(text)
    assert slug.isascii()
    assert slug == slug.strip("-").lower()
    assert " " not in slug
