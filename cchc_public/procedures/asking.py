"""Reads what people type: their words for official ones, dialect, raw Telex and VNI keys, marks.

All words are data beside this module: ``words.csv`` (dialect, fillers), ``synonyms.csv`` (what
people say, the official words; English too), ``questions.csv`` (ways people ask, by procedure),
``elsewhere.csv`` (what is not done at the commune, and where it is); ``NEEDS`` are events of a
life with the procedures they need.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Container, Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources

from cchc_public.i18n import mark
from cchc_public.vietnamese.text import search_key

MAX_WORDS = 32
MAX_PHRASE = 6  # words of the longest phrase looked up
_WORD = re.compile(r"[^\W_]+")
_TONE_KEY = re.compile(r"(?<=[aeiouyw])([sfrxj])(?=[^aeiouy]*$)|(?<=[a-z])[sfrxj]$")
_DOUBLE = re.compile(r"(a)a|(e)e|(o)o|(d)d|([aou])w")
_TONES = {"\u0300", "\u0301", "\u0303", "\u0309", "\u0323"}
# what happened to a paper says nothing of who makes it
_STATES = frozenset(("mat", "doi", "lai", "cap", "moi", "han", "het", "hong", "rach", "sai", "sua"))
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
    found = []
    for match in _WORD.finditer(unicodedata.normalize("NFC", text.lower())):
        for key in search_key(match[0]).split():
            found.append(Word(key, marks_of(match[0])))
    return found


@cache
def marks_of(word: str) -> str:
    """Return a word with its marks in one order, so that hoà is hòa; "" when it carries none."""
    parts = unicodedata.normalize("NFD", word)
    shape = "".join(char for char in parts if char not in _TONES)
    tone = "".join(char for char in parts if char in _TONES)
    if shape.isascii() and not tone:
        return ""
    return unicodedata.normalize("NFC", shape) + tone


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
    return _drop_papers(found)


def _drop_papers(words: list[Word]) -> list[Word]:
    """Leave out "giấy tờ" of "cần giấy tờ gì": everybody asks for papers."""
    kept = [
        word
        for place, word in enumerate(words)
        if (word.key, words[place + 1].key if place + 1 < len(words) else "") != ("giay", "to")
        and (words[place - 1].key if place else "", word.key) != ("giay", "to")
    ]
    return kept if any(not is_filler(word) for word in kept) else words


def is_filler(word: Word) -> bool:
    """Return whether the word names nothing: "cho" does not, "chó" does."""
    return _standard(word) == ""


def _standard(word: Word) -> str | None:
    """Return the standard word for one of dialect, "" for one that names nothing, else None."""
    forms = load_words().get(word.key, ())
    return next((meant for form, meant in forms if marks_agree(word.marked, form)), None)


def _typed_raw(key: str, known: Container[str]) -> str:
    """Return the word meant by raw Telex or VNI keys when the list knows it, else ""."""
    for plain in (re.sub(r"\d", "", key), _DOUBLE.sub(_single, _TONE_KEY.sub("", key, count=1))):
        again = _DOUBLE.sub(_single, plain)  # a slip of one key too many
        for candidate in (plain, again):
            spelt = search_key(candidate)
            if spelt != key and (spelt in known or spelt in load_words()):
                return spelt
    return ""


def _single(found: re.Match[str]) -> str:
    return next(group for group in found.groups() if group)


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
        others = [word for word in others if word.key not in _STATES]
        marks = dict(zip(keys, forms, strict=True))
        # "sao y bằng tốt nghiệp" is about the copy, which the commune makes
        is_about_it = len(keys) > len(others) and not find_phrases(others)
        if is_about_it and all(marks_agree(w.marked, marks[w.key]) for w in said):
            return found
    return None


def _rows(name: str) -> list[list[str]]:
    text = resources.files(__package__).joinpath(name).read_text(encoding="utf-8")
    return [row for row in csv.reader(text.splitlines()) if row][1:]


@cache
def load_words() -> dict[str, tuple[tuple[str, str], ...]]:
    """Return folded word -> its marks, and the standard word or "" when it names nothing."""
    table: dict[str, list[tuple[str, str]]] = {}
    for said, meant in _rows("words.csv"):
        table.setdefault(search_key(said), []).append((marks_of(said), search_key(meant)))
    return {key: tuple(found) for key, found in table.items()}


@cache
def load_synonyms() -> dict[str, tuple[tuple[tuple[str, ...], tuple[Word, ...]], ...]]:
    """Return folded phrase -> marks of its words as written, and the official words."""
    table: dict[str, list[tuple[tuple[str, ...], tuple[Word, ...]]]] = {}
    for said, meant in _rows("synonyms.csv"):
        words = read_words(said)
        form = tuple(word.marked for word in words)
        table.setdefault(" ".join(word.key for word in words), []).append(
            (form, tuple(read_words(meant)))
        )
    return {said: tuple(meant) for said, meant in table.items()}


@cache
def load_questions() -> dict[str, tuple[str, ...]]:
    """Return code -> ways people ask for the procedure."""
    table: dict[str, list[str]] = {}
    for code, question in _rows("questions.csv"):
        table.setdefault(code, []).append(question)
    return {code: tuple(found) for code, found in table.items()}


@dataclass(frozen=True)
class Need:
    """An event of a life: its address word, its name, the procedures most people need first."""

    slug: str
    name: str
    said: str

    @property
    def codes(self) -> tuple[str, ...]:
        """Return the codes in their order."""
        return tuple(self.said.split())


# what is done most, then the events of a life
NEEDS = (
    Need(
        "hay-lam",
        mark("Hay làm nhất"),
        "2.000815 1.001193 1.013978 1.004873 1.004194 1.000894 2.000635 1.000656 1.004222 1.001612",
    ),
    Need(
        "sinh-con",
        mark("Sinh con"),
        "1.001193 2.000986 1.004222 2.001088 1.001022 1.000689 2.000528 1.004884 1.004772 "
        "2.000635 2.001263",
    ),
    Need(
        "ket-hon",
        mark("Kết hôn"),
        "1.000894 1.004873 2.000806 1.004746 2.002189 2.000554 1.010038",
    ),
    Need(
        "qua-doi",
        mark("Người thân qua đời"),
        "1.000656 2.001023 1.001731 1.014028 1.010824 2.001406 2.001016 2.001019 1.005461 1.003197",
    ),
    Need(
        "nha-dat",
        mark("Nhà đất"),
        "1.013978 2.001035 1.012796 1.012812 1.013949 1.013967 1.012817 1.011441 1.013962 "
        "1.014632 1.014159",
    ),
    Need(
        "chung-thuc",
        mark("Giấy tờ, chứng thực"),
        "2.000815 2.000884 2.001035 2.001008 2.000635 2.001019 2.002516 1.004859 2.000908",
    ),
    Need(
        "ho-ngheo",
        mark("Hộ nghèo, người có công"),
        "1.011607 1.011606 1.011608 1.011609 1.014027 1.001699 1.001776 1.001653 1.010833 "
        "1.010803 1.013724",
    ),
    Need(
        "cu-tru",
        mark("Cư trú"),
        "1.004222 1.004194 1.002755 1.010038 1.010041 1.003677 2.001159 1.010039 1.003197 1.010040",
    ),
    Need(
        "kinh-doanh",
        mark("Kinh doanh"),
        "1.001612 2.000720 1.001570 1.001266 2.000575 1.013725 1.005280 1.013274",
    ),
    Need(
        "xay-dung",
        mark("Xây dựng"),
        "1.013225 1.013229 1.013227 1.013226 1.013228 1.014159 1.002693 1.013274 1.013061",
    ),
)


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


@cache
def load_elsewhere() -> tuple[tuple[str, tuple[str, ...], Elsewhere], ...]:
    """Return phrases, longest first: folded, their marks, what they are and who does it."""
    found = []
    for said, place in _rows("elsewhere.csv"):
        words = read_words(said)
        phrase, marks = " ".join(w.key for w in words), tuple(w.marked for w in words)
        found.append((phrase, marks, Elsewhere(said, place)))
    return tuple(sorted(found, key=lambda item: -len(item[0])))
