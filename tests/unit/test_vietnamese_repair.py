import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cchc_public.vietnamese.text import TCVN3, VNI, Change, is_syllable, repair, repair_all

PHRASES = [
    "Cộng hòa Xã hội chủ nghĩa Việt Nam",
    "độc lập, tự do, hạnh phúc",
    "Bảo trợ xã hội",
    "Chứng thực",
    "Người có công",
    "tiếp nhận trực tuyến",
    "hồ sơ đã giải quyết trước hạn",
    "Tỷ lệ số hóa kết quả (%)",
    "UBND xã Kim Thạch, huyện Vĩnh Linh",
    "phản ánh, kiến nghị về quy định hành chính",
    "Sở Nội vụ, ngày 12/6/2023",
]
phrases = st.lists(st.sampled_from(PHRASES), min_size=1, max_size=6).map("; ".join)


def write_in(table, text):
    codes = {letter: code for code, letter in reversed(table.items()) if code != "\u03bc"}
    lower = {letter: code for letter, code in codes.items() if letter.islower()}
    return "".join(codes.get(char) or lower.get(char.lower(), char) for char in text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Céng hßa X· héi", "Cộng hòa Xã hội"),
        ("§éc lËp - Tù do - H¹nh phóc", "Độc lập - Tự do - Hạnh phúc"),
        ("CéNG HßA X· HéI CHñ NGHÜA", "CỘNG HÒA XÃ HỘI CHỦ NGHĨA"),
        ("B¸o c¸o tµi chÝnh quý II n¨m 2026", "Báo cáo tài chính quý II năm 2026"),
        ("b\u03bco c¸o", "bào cáo"),
        ("n\u00adíc s¹ch", "nước sạch"),
        ("y tÕ", "y tế"),
        ("x·", "xã"),
        ("Tæng céng", "Tổng cộng"),
    ],
)
def test_tcvn3_is_read_letter_by_letter(text, expected):
    repaired = repair(text)
    assert repaired.text == expected
    assert repaired.encoding == "TCVN3"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Coäng hoøa xaõ hoäi chuû nghóa Vieät Nam", "Cộng hòa xã hội chủ nghĩa Việt Nam"),
        ("Ñoäc laäp - Töï do - Haïnh phuùc", "Độc lập - Tự do - Hạnh phúc"),
        ("COÄNG HOØA XAÕ HOÄI", "CỘNG HÒA XÃ HỘI"),
        ("ñöôïc giao nhieäm vuï", "được giao nhiệm vụ"),
        ("xaõ", "xã"),
    ],
)
def test_vni_is_read_pair_by_pair(text, expected):
    repaired = repair(text)
    assert repaired.text == expected
    assert repaired.encoding == "VNI"


@pytest.mark.parametrize(
    "text",
    [
        "Lê Thị Bé",
        "Lê Bé",
        "Bùi Văn Hà",
        "Hà Nam",
        "Hòa Bình",
        "khoá 2016 – 2021",
        "École É café à Paris, où l'été est chaud",
        "Le « crème » coûte cher",
        "Résumé",
        "Noël",
        "Müller, Zürich, Köln",
        "Señor Núñez de España",
        "São Tomé",
        "A · B, 3 × 4, § 5, © 2023, 20 m², 5° ± 1, ½ ngày, «a»",
        "QĐ 766/QĐ-TTg",
        "MÑ",
        "hồ sơ · thủ tục",
        "plain ascii",
        "",
    ],
)
def test_right_text_is_left_alone(text):
    repaired = repair(text)
    assert repaired.text == text
    assert repaired.changes == ()


@given(st.text(alphabet=st.characters(max_codepoint=127)))
def test_ascii_is_never_touched(text):
    assert repair(text).text == text


@given(phrases)
def test_unicode_phrases_are_never_touched(text):
    assert repair(text).changes == ()


@given(phrases)
def test_decomposed_text_becomes_composed(text):
    repaired = repair(unicodedata.normalize("NFD", text))
    assert repaired.text == text
    assert {change.encoding for change in repaired.changes} == {"NFD"}


@given(phrases)
def test_tcvn3_round_trip(text):
    assert repair(write_in(TCVN3, text)).text == text


@given(phrases)
def test_vni_round_trip(text):
    assert repair(write_in(VNI, text)).text == text


@given(st.text())
def test_result_is_always_composed(text):
    assert unicodedata.is_normalized("NFC", repair(text).text)


@given(phrases, st.sampled_from([TCVN3, VNI]))
def test_repair_is_done_once(text, table):
    once = repair(write_in(table, text)).text
    assert repair(once).changes == ()


def test_changes_name_each_word_once():
    changes = repair("x· x· héi").changes
    assert changes == (Change("x·", "xã", "TCVN3"), Change("héi", "hội", "TCVN3"))


@pytest.mark.parametrize("text", ["Ðất đai", "Ðông Hà", "Ðà Nẵng", "Ɖất"])
def test_foreign_d_with_stroke_becomes_ours(text):
    repaired = repair(text)
    assert repaired.text[0] == "Đ"
    assert repaired.changes[0].encoding == "Đ"


def test_icelandic_keeps_its_letter():
    assert repair("Guðrún").text == "Guðrún"


def test_short_cells_are_judged_by_the_whole_file():
    cells = ["Tæng céng", "hå s¬ ®· gi¶i quyÕt", "sè", "1 giê", "VN§", "12"]
    texts = [cell.text for cell in repair_all(cells)]
    assert texts == ["Tổng cộng", "hồ sơ đã giải quyết", "số", "1 giờ", "VNĐ", "12"]


def test_short_cells_alone_are_left():
    assert [repair(text).text for text in ("sè", "1 giê")] == ["sè", "1 giê"]


def test_unicode_cell_in_a_file_stops_guessing_for_the_others():
    texts = [cell.text for cell in repair_all(["Lê Bé", "Hồ sơ", "hå s¬"])]
    assert texts == ["Lê Bé", "Hồ sơ", "hồ sơ"]


def test_tables_name_every_vietnamese_letter():
    vowels = "àảãáạăằẳẵắặâầẩẫấậèẻẽéẹêềểễếệìỉĩíịòỏõóọôồổỗốộơờởỡớợùủũúụưừửữứựỳỷỹýỵđ"
    assert set(vowels) <= set(TCVN3.values())
    assert set(vowels) <= set(VNI.values())
    assert set(vowels.upper()) <= set(VNI.values())


@pytest.mark.parametrize(
    "word",
    ["nghiêng", "gì", "giếng", "quyển", "quý", "ký", "Hòa", "hoà", "khuỷu", "người", "ỷ", "yêu"],
)
def test_possible_syllables(word):
    assert is_syllable(word)


@pytest.mark.parametrize(
    "word",
    ["", "QĐ", "céng", "kò", "ghà", "ngề", "tòc", "hòà", "café", "qu", "nước sạch", "thuòng"],
)
def test_impossible_syllables(word):
    assert not is_syllable(word)
