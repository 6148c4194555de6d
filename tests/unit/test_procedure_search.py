import csv
import random
from importlib import resources
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cchc_public.procedures.matching import WordFinder, is_one_error
from cchc_public.procedures.ranking import Ranker, SearchText
from cchc_public.procedures.synonyms import expand, load_synonyms
from cchc_public.vietnamese.fold import search_key

QUERIES = Path(__file__).parents[1] / "data" / "procedure_queries.csv"
words = st.text("abcde", min_size=1, max_size=7)


@pytest.fixture(scope="module")
def texts():
    path = resources.files("cchc_public.demo").joinpath("procedures.csv")
    rows = csv.DictReader(path.read_text(encoding="utf-8-sig").splitlines())
    return [SearchText(r["code"], search_key(r["name"]), search_key(r["field"])) for r in rows]


@pytest.fixture(scope="module")
def ranker(texts):
    return Ranker(texts)


@pytest.fixture(scope="module")
def queries():
    return list(csv.DictReader(QUERIES.read_text(encoding="utf-8").splitlines()))


def find(ranker, texts, query):
    return [texts[number].code for number in ranker.rank(query).numbers]


def test_real_queries_find_what_people_mean(ranker, texts, queries):
    ranks = {q["query"]: find(ranker, texts, q["query"])[:3] for q in queries}
    first = sum(ranks[q["query"]][:1] == [q["expected"]] for q in queries)
    among_three = sum(q["expected"] in ranks[q["query"]] for q in queries)
    assert len(queries) >= 60
    assert first / len(queries) >= 0.9
    assert among_three / len(queries) >= 0.95


def test_names_are_found_also_with_one_typing_error_in_them(ranker, texts):
    chance = random.Random(20230612)  # noqa: S311 - the same errors every time
    exact = near = 0
    for text in texts:
        exact += find(ranker, texts, text.name)[:1] == [text.code]
        words = text.name.split()[:8]
        place = max(range(len(words)), key=lambda index: len(words[index]))
        word = words[place]
        swapped = chance.randrange(len(word) - 1)
        words[place] = word[:swapped] + word[swapped + 1] + word[swapped] + word[swapped + 2 :]
        near += text.code in find(ranker, texts, " ".join(words))[:3]
    # some long names differ only after twenty words
    assert exact / len(texts) >= 0.97
    assert near / len(texts) >= 0.93


def test_words_beside_a_known_phrase_are_searched_too(ranker, texts):
    assert find(ranker, texts, "đề nghị thay đổi tên tổ hợp tác")[0] == "2.002635"


def test_every_expected_code_is_a_real_one(texts, queries):
    assert {q["expected"] for q in queries} <= {text.code for text in texts}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("đăng kí tạm trú", "dang ky tam tru"),
        ("Đăng Ký Khai Sinh", "đăng ký khai sinh"),
        ("hoà giải", "hòa giải"),
        ("cô\u0323ng", "cộng"),
    ],
)
def test_marks_and_spelling_variants_change_nothing(ranker, texts, one, other):
    assert find(ranker, texts, one) == find(ranker, texts, other)


def test_a_name_stands_before_a_text():
    texts = [
        SearchText("1.000001", "cap ban sao", "khai sinh"),
        SearchText("1.000002", "dang ki khai sinh", "ho tich"),
    ]
    assert Ranker(texts).rank("khai sinh").numbers[0] == 1


def test_a_whole_word_stands_before_a_part():
    texts = [
        SearchText("1.000001", "dang ki sinhx", ""),
        SearchText("1.000002", "dang ki sinh", ""),
    ]
    assert Ranker(texts).rank("sinh").numbers[0] == 1


@pytest.mark.parametrize("query", ["", "   ", "?!", "qqqq zzzz", "%", "'; DROP TABLE", "\x00"])
def test_nonsense_finds_nothing_and_breaks_nothing(ranker, query):
    assert ranker.rank(query).numbers == ()


def test_a_code_is_found_by_its_beginning(ranker, texts):
    assert find(ranker, texts, "1.0011")[:1] == ["1.001193"]
    assert find(ranker, texts, " 1.001193 ") == ["1.001193"]


@pytest.mark.parametrize("query", ["tàu cá", "học bổng", "tách thửa", "thuốc trừ sâu"])
def test_what_the_list_does_not_hold_gives_a_few_of_the_nearest(ranker, query):
    ranking = ranker.rank(query)
    assert not ranking.is_close
    assert len(ranking.numbers) <= 8


def test_what_people_mean_is_called_a_match_unless_it_is_misspelt(ranker, queries):
    distant = [q["query"] for q in queries if not ranker.rank(q["query"]).is_close]
    assert len(distant) <= len(queries) * 0.05, distant


def test_no_procedures_find_nothing():
    assert Ranker([]).rank("khai sinh").numbers == ()


def test_the_longest_known_phrase_counts():
    assert expand(["tach", "ho", "khau"]) == ([["tach", "ho"]], [])
    assert expand(["khong", "biet"]) == ([], ["khong", "biet"])


def test_synonyms_lead_to_real_words(texts):
    known = {word for text in texts for word in f"{text.name} {text.text}".split()}
    elsewhere = {"can", "cuoc", "cong", "dan"}  # the identity card is not issued by a commune
    for said, meant in load_synonyms().items():
        for phrase in meant:
            assert set(phrase.split()) - known <= elsewhere, f"{said} -> {phrase}"


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        ("sinh", "sihn", True),
        ("sinh", "sin", True),
        ("sinh", "sinhh", True),
        ("hon", "hom", True),
        ("sinh", "sinh", False),
        ("sinh", "sanhh", False),
        ("ab", "ba", True),
        ("", "a", True),
    ],
)
def test_one_error(left, right, expected):
    assert is_one_error(left, right) is expected
    assert is_one_error(right, left) is expected


@given(st.lists(words, max_size=12), words)
def test_the_finder_knows_exactly_the_words_one_error_away(known, typed):
    if len(typed) < 3:
        return
    found = WordFinder(known).find(typed)
    expected = {
        word
        for word in known
        if word == typed or is_one_error(typed, word) or word.startswith(typed)
    }
    assert set(found) == expected
