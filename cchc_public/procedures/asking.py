"""Reads what people type: their words for official ones, dialect, raw Telex and VNI keys, marks.

All words are data beside this module: ``words.csv`` (dialect, fillers), ``synonyms.csv`` (what
people say, the official words; English too), ``questions.csv`` (ways people ask, by procedure),
``elsewhere.csv`` (what is not done at the commune, and where it is), ``needs.csv`` (the procedures
that events of a life need).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache

from cchc_public.i18n import mark
from cchc_public.procedures import gather, read_table
from cchc_public.vietnamese.text import part_tones, search_key, with_i

MAX_WORDS = 32
MAX_PHRASE = 6  # words of the longest phrase looked up
_WORD = re.compile(r"[^\W_]+")
_TONE_KEY = re.compile(r"(?<=[aeiouyw])([sfrxj])(?=[^aeiouy]*$)|(?<=[a-z])[sfrxj]$")
_DOUBLE = re.compile(r"(a)a|(e)e|(o)o|(d)d|([aou])w")
# what happened to a paper, or for whom it is, says nothing of who makes it
_STATES = frozenset((
    "mat", "doi", "lai", "cap", "moi", "han", "het", "hong", "rach", "sai", "sua", "tre", "em",
    "con", "chau", "nguoi", "tuoi", "duoi", "tren",
))  # fmt: skip
# what the ear does not tell apart in one region or another
_SOUNDS = (("x", "s"), ("s", "x"), ("ch", "tr"), ("tr", "ch"), ("gi", "d"), ("d", "gi"),
           ("r", "d"), ("v", "d"), ("l", "n"), ("n", "l"), ("qu", "w"))  # fmt: skip


@dataclass(frozen=True)
class Word:
    """One typed word: folded, and with its marks in one order ("" when it carries none)."""

    key: str
    marked: str = ""


@dataclass(frozen=True)
class Phrase:
    """A known phrase in a query: where it begins, its words, the official wordings."""

    start: int
    said: tuple[Word, ...]
    meant: tuple[tuple[Word, ...], ...]


@dataclass(frozen=True)
class Elsewhere:
    """Something that is not done at the commune, and who does it."""

    what: str
    place: str


def read_words(text: str) -> list[Word]:
    """Return the words of a text, the same for what is typed and for what is searched."""
    return [
        Word(key, marks_of(match[0]))
        for match in _WORD.finditer(unicodedata.normalize("NFC", text.lower()))
        for key in search_key(match[0]).split()
    ]


@lru_cache(20_000)  # people type words without end
def marks_of(word: str) -> str:
    """Return a word with its marks in one order, so that hoà is hòa; "" when it carries none."""
    letters, tones = part_tones(word)
    return "" if letters.isascii() and not tones else with_i(letters) + tones


def marks_agree(typed: str, written: str) -> bool:
    """Return whether marks may mean the same; hỏi and ngã are mixed up by half the country."""
    return not typed or typed.replace("\u0303", "\u0309") == written.replace("\u0303", "\u0309")


def read_query(text: str, known: Container[str]) -> list[Word]:
    """Return the words of a query in the list's spelling: dialect and raw keys undone."""
    found: list[Word] = []
    for word in read_words(text)[:MAX_WORDS]:
        standard = _standard(word) if word.key not in known else None
        if standard:
            found += [Word(key) for key in standard.split()]
        elif standard is None and word.key not in known and (key := _typed_raw(word.key, known)):
            found.append(Word(key))
        else:
            found.append(word)
    # "giấy tờ" of "cần giấy tờ gì" is left out: everybody asks for papers
    pairs = zip(found, found[1:], strict=False)
    places = [n for n, pair in enumerate(pairs) if [w.key for w in pair] == ["giay", "to"]]
    kept = [word for n, word in enumerate(found) if n not in places and n - 1 not in places]
    return kept if any(not is_filler(word) for word in kept) else found


def is_filler(word: Word) -> bool:
    """Return whether the word names nothing: "cho" does not, "chó" does."""
    return _standard(word) == ""


def _standard(word: Word) -> str | None:
    """Return the standard word for one of dialect, "" for one that names nothing, else None."""
    forms = load_words().get(word.key, ())
    return next((meant for form, meant in forms if marks_agree(word.marked, form)), None)


def _typed_raw(key: str, known: Container[str]) -> str:
    """Return the word meant by raw Telex or VNI keys when the list knows it, else ""."""
    single = r"\1\2\3\4\5"  # only one of the groups holds a letter
    for plain in (re.sub(r"\d", "", key), _DOUBLE.sub(single, _TONE_KEY.sub("", key, count=1))):
        again = _DOUBLE.sub(single, plain)  # a slip of one key too many
        for candidate in (plain, again):
            spelt = search_key(candidate)
            if spelt != key and (spelt in known or spelt in load_words()):
                return spelt
    return ""


def sounding_alike(key: str) -> Iterator[str]:
    """Yield spellings of a word that sound the same somewhere in the country."""
    for one, other in _SOUNDS:
        if key.startswith(one):
            variant = other + key[len(one) :]
            yield variant
            for _form, standard in load_words().get(variant, ()):
                if standard:
                    yield standard


def find_phrases(words: list[Word]) -> list[Phrase]:
    """Return the known phrases, longest first: "tách hộ khẩu" is not read as "hộ khẩu"."""
    table = load_synonyms()
    found: list[Phrase] = []
    free = [True] * len(words)
    for length in range(min(MAX_PHRASE, len(words)), 0, -1):
        for start in range(len(words) - length + 1):
            said = words[start : start + length]
            meant = table.get(" ".join(word.key for word in said), ())
            wordings = tuple(
                text
                for form, text in meant
                if all(map(marks_agree, (word.marked for word in said), form))
            )
            if wordings and all(free[start : start + length]):
                free[start : start + length] = [False] * length
                found.append(Phrase(start, tuple(said), wordings))
    return found


def find_elsewhere(words: list[Word]) -> Elsewhere | None:
    """Return where it is done when the query is mostly about what the commune does not do."""
    line = f" {' '.join(word.key for word in words)} "
    for phrase, forms, found in load_elsewhere():
        if f" {phrase} " not in line:
            continue
        keys = phrase.split()
        said = [word for word in words if word.key in keys]
        others = [w for w in words if w.key not in keys and not is_filler(w)]
        others = [w for w in others if w.key not in _STATES and not w.key.isdigit()]
        marks = dict(zip(keys, forms, strict=True))
        # "sao y bằng tốt nghiệp" is about the copy, which the commune makes
        is_about_it = len(keys) > len(others) and not find_phrases(others)
        if is_about_it and all(marks_agree(w.marked, marks[w.key]) for w in said):
            return found
    return None


@cache
def load_words() -> dict[str, list[tuple[str, str]]]:
    """Return folded word -> its marks, and the standard word or "" when it names nothing."""
    pairs = read_table("words.csv")
    return gather((search_key(said), (marks_of(said), search_key(meant))) for said, meant in pairs)


@cache
def load_synonyms() -> dict[str, list[tuple[tuple[str, ...], tuple[Word, ...]]]]:
    """Return folded phrase -> marks of its words as written, and the official words."""
    return gather(
        (phrase, (marks, tuple(read_words(meant))))
        for said, meant in read_table("synonyms.csv")
        for phrase, marks in (_phrase_of(said),)
    )


@cache
def load_questions() -> dict[str, list[str]]:
    """Return code -> ways people ask for the procedure."""
    return gather((code, question) for code, question in read_table("questions.csv"))


@cache
def load_elsewhere() -> tuple[tuple[str, tuple[str, ...], Elsewhere], ...]:
    """Return phrases, longest first: folded, their marks, what they are and who does it."""
    rows = read_table("elsewhere.csv")
    found = ((*_phrase_of(said), Elsewhere(said, place)) for said, place in rows)
    return tuple(sorted(found, key=lambda item: -len(item[0])))


def _phrase_of(text: str) -> tuple[str, tuple[str, ...]]:
    words = read_words(text)
    return " ".join(word.key for word in words), tuple(word.marked for word in words)


@dataclass(frozen=True)
class Need:
    """An event of a life: its address word, its name, the procedures most people need first."""

    slug: str
    name: str
    codes: tuple[str, ...]


# what is done most, then the events of a life
_NEED_NAMES = {
    "hay-lam": mark("Hay làm nhất"),
    "sinh-con": mark("Sinh con"),
    "ket-hon": mark("Kết hôn"),
    "qua-doi": mark("Người thân qua đời"),
    "nha-dat": mark("Nhà đất"),
    "chung-thuc": mark("Giấy tờ, chứng thực"),
    "ho-ngheo": mark("Hộ nghèo, người có công"),
    "cu-tru": mark("Cư trú"),
    "kinh-doanh": mark("Kinh doanh"),
    "xay-dung": mark("Xây dựng"),
}
_codes = gather((slug, code) for slug, code in read_table("needs.csv"))
NEEDS = tuple(Need(slug, name, tuple(_codes[slug])) for slug, name in _NEED_NAMES.items())

# what people call the procedures whose official names fill a page
EVERYDAY_NAMES = {
    "2.000815": mark("Chứng thực bản sao (sao y)"),
    "1.013978": mark("Sổ đỏ lần đầu cho hộ gia đình, cá nhân"),
    "1.004873": mark("Giấy xác nhận tình trạng hôn nhân"),
    "2.000635": mark("Bản sao giấy khai sinh, trích lục hộ tịch"),
}


def find_need(slug: str) -> Need | None:
    """Return the event an address names, or None."""
    return next((need for need in NEEDS if need.slug == slug), None)
