import csv
import random
import time
from importlib import resources
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cchc_public.procedures.asking import (
    NEEDS,
    find_phrases,
    load_elsewhere,
    load_questions,
    load_synonyms,
    marks_of,
    read_query,
    read_words,
)
from cchc_public.procedures.ranking import Ranker, SearchText, WordFinder, is_one_error
from cchc_public.vietnamese.text import search_key

QUERIES = Path(__file__).parents[1] / "data" / "procedure_queries.csv"
CASES = Path(__file__).parents[1] / "data" / "citizen" / "search-cases.csv"
words = st.text("abcde", min_size=1, max_size=7)


@pytest.fixture(scope="module")
def texts():
    path = resources.files("cchc_public.demo").joinpath("procedures.csv")
    rows = csv.DictReader(path.read_text(encoding="utf-8-sig").splitlines())
    return [SearchText(r["code"], r["name"], search_key(r["field"])) for r in rows]


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
    assert first / len(queries) >= 0.95
    assert among_three / len(queries) >= 0.98


def test_ways_people_ask_find_what_they_ask_for(ranker, texts):
    asked = [(code, question) for code, said in load_questions().items() for question in said]
    first = sum(find(ranker, texts, question)[:1] == [code] for code, question in asked)
    assert first / len(asked) >= 0.97


def test_a_way_to_ask_that_nobody_wrote_down_is_found_by_its_like(texts):
    """Each question is looked for with most of the others, but not itself, in the list."""
    known = load_questions()
    asked = [(code, question) for code, questions in known.items() for question in questions]
    first = among_three = 0
    for part in range(8):
        left_out = asked[part::8]
        others = {
            code: tuple(said for said in questions if (code, said) not in left_out)
            for code, questions in known.items()
        }
        ranker = Ranker(texts, others)
        for code, question in left_out:
            found = find(ranker, texts, question)
            first, among_three = first + (found[:1] == [code]), among_three + (code in found[:3])
    assert first / len(asked) >= 0.75
    assert among_three / len(asked) >= 0.9


def cases():
    rows = list(csv.reader(CASES.read_text(encoding="utf-8").splitlines()))[1:]
    return [(query, wanted) for said, wanted, _was in rows for query in said.split(" / ")]


def test_a_copy_of_what_others_issue_is_made_at_the_commune(ranker, texts):
    assert find(ranker, texts, "sao y bằng tốt nghiệp")[:1] == ["2.000815"]
    assert ranker.rank("bằng tốt nghiệp bị mất").elsewhere.place.startswith("Trường")


@pytest.mark.parametrize(("query", "wanted"), cases())
def test_words_of_people_find_what_they_mean_or_nothing(ranker, texts, query, wanted):
    ranking = ranker.rank(query)
    if wanted[0].isdigit():
        assert wanted in [texts[number].code for number in ranking.numbers[:3]]
    else:
        assert ranking.numbers == ()
    for body in ("Công an", "Tòa án"):
        if body in wanted:
            assert body in ranking.elsewhere.place


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
    assert near / len(texts) >= 0.9


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
        SearchText("1.000002", "dang ky khai sinh", "ho tich"),
    ]
    assert Ranker(texts).rank("khai sinh").numbers[0] == 1


def test_a_whole_word_stands_before_a_part():
    texts = [
        SearchText("1.000001", "dang ki sinhx", ""),
        SearchText("1.000002", "dang ki sinh", ""),
    ]
    assert Ranker(texts).rank("sinh").numbers[0] == 1


@pytest.mark.parametrize(
    "query",
    ["", "   ", "?!", "qqqq zzzz", "%", "'; DROP TABLE", "\x00", "https://kimthach.gov.vn/thu-tuc"],
)
def test_nonsense_finds_nothing_and_breaks_nothing(ranker, query):
    assert ranker.rank(query).numbers == ()


def test_a_code_is_found_by_its_beginning(ranker, texts):
    assert find(ranker, texts, "1.0011")[:1] == ["1.001193"]
    assert find(ranker, texts, " 1.001193 ") == ["1.001193"]


@pytest.mark.parametrize("query", ["tàu cá", "học bổng", "thuốc trừ sâu", "vé số", "karaoke"])
def test_what_the_list_does_not_hold_finds_nothing(ranker, query):
    assert ranker.rank(query).numbers == ()


@pytest.mark.parametrize(
    ("query", "body"),
    [
        ("tách thửa", "đất đai"),
        ("mất bằng lái xe", "giao thông"),
        ("làm hộ chiếu", "xuất nhập cảnh"),
        ("làm căn cước cho trẻ 6 tuổi", "Công an"),
    ],
)
def test_what_others_do_says_who_does_it(ranker, query, body):
    assert body in ranker.rank(query).elsewhere.place


@pytest.mark.parametrize(
    "query", ["ghi chú ly hôn", "bìa đỏ ghi sai số căn cước", "chứng thực chữ ký"]
)
def test_a_word_of_others_beside_words_of_ours_is_ours(ranker, query):
    ranking = ranker.rank(query)
    assert ranking.elsewhere is None
    assert ranking.numbers


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("ddawng kys khai sinh", "dang ki khai sinh"),
        ("d9a8ng ky1 khai sinh", "dang ki khai sinh"),
        ("khai tuwr", "khai tu"),
        ("lafm trichs lujc", "lam trich luc"),
        ("sooor ddor", "so do"),
        ("giấy khai sanh", "giai khai sinh"),
    ],
)
def test_raw_keys_and_dialect_are_read(ranker, typed, meant):
    found = [word.key for word in read_query(typed, ranker._finder)]
    assert found[-2:] == meant.split()[-2:]


def test_marks_typed_are_marks_meant(ranker, texts):
    """ "chó" is not "cho", and "dại" is not "đai"; without marks both may be meant."""
    assert ranker.rank("chó dại").numbers == ()
    assert find(ranker, texts, "dat dai") == find(ranker, texts, "đất đai")


def test_time_grows_with_the_query_not_with_its_square(ranker):
    def count(times):
        taken = []
        for _ in range(3):
            begun = time.process_time()
            ranker.rank("đăng ký khai sinh " * times)
            taken.append(time.process_time() - begun)
        return min(taken)

    assert count(4_000) < 12 * count(1_000) + 0.05


def test_no_procedures_find_nothing():
    assert Ranker([]).rank("khai sinh").numbers == ()


def test_the_longest_known_phrase_counts():
    (phrase,) = find_phrases(read_words("tách hộ khẩu"))
    assert [[word.key for word in meant] for meant in phrase.meant] == [["tach", "ho"]]
    assert find_phrases(read_words("không biết")) == []


def test_synonyms_lead_to_real_words(texts):
    known = {word.key for text in texts for word in read_words(f"{text.name} {text.text}")}
    for said, meant in load_synonyms().items():
        for _form, phrase in meant:
            assert {word.key for word in phrase} <= known, said


def test_nothing_is_both_done_here_and_elsewhere():
    assert not {phrase for phrase, _marks, _found in load_elsewhere()} & load_synonyms().keys()


def test_words_that_people_type_are_not_kept_for_ever():
    for number in range(20_100):
        read_words(f"giấy{number}")
    assert marks_of.cache_info().currsize <= 20_000


def test_every_event_of_a_life_leads_to_real_procedures(texts):
    codes = {text.code for text in texts}
    assert len(NEEDS) == 10
    for need in NEEDS:
        assert len(need.codes) >= 7
        assert set(need.codes) <= codes, need.slug


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
