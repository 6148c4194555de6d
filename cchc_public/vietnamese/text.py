"""Vietnamese text: old letter codes repaired, hidden characters removed, words folded."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Container, Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import chain, count

MAX_LETTERS = 28  # of a syllable taken apart into letters and marks, with room to spare
TONES = frozenset("\u0300\u0309\u0303\u0301\u0323")  # huyền, hỏi, ngã, sắc, nặng
_STOP_TONES = frozenset("\u0301\u0323")  # a syllable closed by c, ch, p, t has no other tone

_RHYME_LIST = """
    a ac ach ai am an ang anh ao ap at au ay ăc ăm ăn ăng ăp ăt âc âm ân âng âp ât âu ây
    e ec em en eng eo ep et ê êch êm ên ênh êp êt êu
    i ia ich iêc iêm iên iêng iêp iêt iêu im in inh ip it iu
    o oa oac oach oai oam oan oang oanh oao oap oat oay oăc oăm oăn oăng oăt oc oe oen oeo oet
    oi om on ong op ot ô ôc ôi ôm ôn ông ôp ôt ơ ơi ơm ơn ơp ơt
    u ua uân uâng uât uây uc uê uêch uênh ui um un ung uơ uôc uôi uôm uôn uông uôt up ut
    uy uya uych uyên uyêt uynh uyt uyu ư ưa ưc ưi ưng ươc ươi ươm ươn ương ươp ươt ươu ưt ưu
    y yêm yên yêng yêt yêu yn ynh yt ych
"""
_RHYMES = frozenset(_RHYME_LIST.split())
_ONSET = re.compile(r"(ngh|ng|nh|gh|gi|kh|ch|ph|th|tr|qu|[bcdđghklmnrstvx])?(.+)")
_FRONT = frozenset("eêi")  # c, g, ng are written k, gh, ngh before these
_VOWELS = frozenset("aăâeêioôơuưy")
_SHAPED = frozenset("ăâêôơư")  # the tone stands on these
_EITHER = frozenset({"oa", "oe", "uy"})  # hòa and hoà: two schools
_HARD_ONSETS = frozenset({"c", "g", "ng"})
_SOFT_ONSETS = frozenset({"k", "gh", "ngh"})
_Y_ONSETS = frozenset({"", "h", "k", "l", "m", "qu", "s", "t", "v"})


def part_tones(word: str) -> tuple[str, str]:
    """Return the letters of a word without tones (â, đ, ơ stay), and the tones in their order."""
    apart = unicodedata.normalize("NFD", word)
    letters = "".join(mark for mark in apart if mark not in TONES)
    return unicodedata.normalize("NFC", letters), "".join(mark for mark in apart if mark in TONES)


@lru_cache(maxsize=8192)  # files bring words without end
def is_syllable(word: str) -> bool:
    """Return True when ``word`` (any case, one tone at most) can be a Vietnamese syllable."""
    if len(word) > MAX_LETTERS:
        return False
    # the letters without tone, the tone marks, and the place of the last toned letter
    letters, tones, place = "", "", -1
    for char in unicodedata.normalize("NFC", word.lower()):
        letter, tone = part_tones(char)
        place = len(letters) if tone else place
        letters += letter
        tones += tone
    found = _ONSET.fullmatch(letters)
    if not found or len(tones) > 1 or len(letters) > 7:
        return False
    splits = [(found[1] or "", found[2])]
    if letters.startswith("gi"):  # gì, giếng: also read as g + i
        splits.append(("g", letters[1:]))
    return any(
        _fits(onset, rhyme, tones) and (not tones or place - len(letters) in _tone_places(rhyme))
        for onset, rhyme in splits
    )


@cache
def _tone_places(rhyme: str) -> frozenset[int]:
    """Return where the tone may stand, counted from the end (-1 is the last letter)."""
    vowels = [place for place, char in enumerate(rhyme) if char in _VOWELS]
    shaped = [place for place in vowels if rhyme[place] in _SHAPED]
    if shaped:
        places = shaped[-1:] if rhyme[shaped[-1]] != "ư" else shaped[:1]
    elif len(vowels) == 2 and len(rhyme) == 2:
        places = vowels if rhyme in _EITHER else vowels[:1]
    else:
        places = vowels[-1:] if len(vowels) < 3 else vowels[1:2]
    return frozenset(place - len(rhyme) for place in places)


def _fits(onset: str, rhyme: str, tones: str) -> bool:
    """Tell whether onset, rhyme and tone are spelled so together."""
    if rhyme not in _RHYMES or (rhyme.endswith(("c", "ch", "p", "t")) and tones not in _STOP_TONES):
        return False
    if rhyme[0] == "y":
        return onset in (_Y_ONSETS if rhyme == "y" else ("", "qu"))
    if onset == "g" and rhyme[0] == "i":
        return True
    return onset not in (_HARD_ONSETS if rhyme[0] in _FRONT else _SOFT_ONSETS)


# TCVN3: one code a letter. Capitals with a tone do not exist: a capital-only font draws them.
_TCVN3_CODES = "¡¢£¤¥¦§¨©ª«¬\u00ad®µ¶·¸¹»¼½¾ÆÇÈÉÊËÌÎÏÐÑÒÓÔÕÖ×ØÜÝÞßáâãäåæçèéêëìíîïñòóôõö÷øùúûüýþ"
_TCVN3_LETTERS = "ĂÂÊÔƠƯĐăâêôơưđàảãáạằẳẵắặầẩẫấậèẻẽéẹềểễếệìỉĩíịòỏõóọồổỗốộờởỡớợùủũúụừửữứựỳỷỹýỵ"
TCVN3 = dict(zip(_TCVN3_CODES, _TCVN3_LETTERS, strict=True))
TCVN3["\u03bc"] = "à"  # editors turn the micro sign into the Greek letter

# VNI: a base letter followed by a mark; ơ, ư, đ, ĩ and the toned i have codes of their own.
_VNI_TONES = "øùûõï"  # huyền, sắc, hỏi, ngã, nặng
_VNI_ROWS = (
    ("a", _VNI_TONES, "àáảãạ"),
    ("a", "âàáåãä", "âầấẩẫậ"),
    ("a", "êèéúüë", "ăằắẳẵặ"),
    ("e", _VNI_TONES, "èéẻẽẹ"),
    ("e", "âàáåãä", "êềếểễệ"),
    ("o", _VNI_TONES, "òóỏõọ"),
    ("o", "âàáåãä", "ôồốổỗộ"),
    ("ô", _VNI_TONES, "ờớởỡợ"),
    ("u", _VNI_TONES, "ùúủũụ"),
    ("ö", _VNI_TONES, "ừứửữự"),
    ("y", _VNI_TONES[:4], "ỳýỷỹ"),
)
_VNI_SINGLES = tuple(zip("ìíæóòîôöñ", "ìíỉĩịỵơưđ", strict=True))

# every pair and single letter in both cases; a mark's own case does not matter
VNI = {
    cased(base) + written: cased(letter)
    for base, marks, letters in _VNI_ROWS
    for mark, letter in zip(marks, letters, strict=True)
    for cased in (str.lower, str.upper)
    for written in (mark, mark.upper())
}
VNI |= {cased(c): cased(letter) for c, letter in _VNI_SINGLES for cased in (str.lower, str.upper)}


@dataclass(frozen=True)
class Change:
    """One word as it came and as it reads now; ``encoding`` is TCVN3, VNI, NFD or Đ."""

    before: str
    after: str
    encoding: str


@dataclass(frozen=True)
class Repaired:
    """The text in NFC Unicode with every distinct change, in order of appearance."""

    text: str
    changes: tuple[Change, ...] = ()

    @property
    def encoding(self) -> str:
        """The old letter code the whole text was in: ``TCVN3``, ``VNI`` or ''."""
        return next((c.encoding for c in self.changes if c.encoding in _DECODERS), "")


_SUSPECT = re.compile("[\u00a1-\u00fe\u03bc]")
_WORD = re.compile("[A-Za-z\u00a1-\u00fe\u03bc]+")
_LATIN = re.compile("[A-Za-z]")
_VOWEL = re.compile("[AEIOUYaeiouy]")
# Vietnamese letters that no Western code has: the text is Unicode already.
_UNICODE_ONLY = re.compile("[ăđĩũơưĂĐĨŨƠƯ\u1ea0-\u1ef9\u0300\u0301\u0303\u0309\u0323]")
_WESTERN = frozenset("ÀÁÂÃÈÉÊÌÍÒÓÔÕÙÚÝàáâãèéêìíòóôõùúý")  # also right in Unicode Vietnamese
_ETH = str.maketrans("Ðð\u0189", "ĐđĐ")  # look-alikes of Đ from Western keyboards and fonts
_UNICODE_WORD = re.compile("[^\\W\\d_]+")
_VNI_CODE = re.compile("|".join(sorted(map(re.escape, VNI), key=len, reverse=True)))
_SPELLED = {
    "TCVN3": re.compile(f"[A-Za-z{''.join(TCVN3)}]+"),
    "VNI": re.compile(f"(?:{_VNI_CODE.pattern}|[A-Za-z])+"),
}
_ENOUGH = 0.75  # share of suspect words that must become syllables; names and codes are the rest


def repair(text: str) -> Repaired:
    """Return ``text`` in NFC Unicode; old codes are only undone when the words prove them."""
    return repair_all((text,))[0]


def repair_all(texts: Iterable[str]) -> tuple[Repaired, ...]:
    """Repair the cells of one file; a short cell (``sè``) is judged by all cells together."""
    composed = []
    for text in texts:
        plain = unicodedata.normalize("NFC", text)
        words = text.split() if plain != text else []
        words = [word for word in words if not unicodedata.is_normalized("NFC", word)]
        changes = (Change(word, unicodedata.normalize("NFC", word), "NFD") for word in words)
        composed.append(Repaired(plain, tuple(dict.fromkeys(changes))))
    whole = "\n".join(cell.text for cell in composed)
    expected = "" if _UNICODE_ONLY.search(whole) else _find_encoding(whole)
    return tuple(_repair_cell(cell, expected) for cell in composed)


def _repair_cell(cell: Repaired, expected: str) -> Repaired:
    if cell.text.isascii():
        return cell
    encoding = "" if _UNICODE_ONLY.search(cell.text) else _find_encoding(cell.text, expected)
    pattern, decode = _WORD, _DECODERS.get(encoding)
    if decode is None:
        pattern, decode, encoding = _UNICODE_WORD, _with_true_d, "Đ"
    word_changes: dict[Change, None] = {}

    def replace(found: re.Match[str]) -> str:
        before = found[0]
        after = decode(before)
        if encoding == "TCVN3" and _in_capitals(cell.text, found):
            after = after.upper()
        if after != before:
            word_changes[Change(before, after, encoding)] = None
        return after

    text, changes = (pattern.sub(replace, cell.text), tuple(word_changes))
    return Repaired(text, cell.changes + changes)


def _find_encoding(text: str, expected: str = "") -> str:
    """Return the one code under which the suspect words read clearly better, or ''.

    ``expected`` wins a draw: it is the code of the file around.
    """
    words = [word for word in _WORD.findall(text) if _is_evidence(word)]
    if not words:
        return expected if _SUSPECT.search(text) else ""
    scores = {name: sum(_reads_under(name, word) for word in words) for name in _DECODERS}
    scores[""] = sum(_is_plain(word) for word in words)
    best = max(scores, key=lambda name: (scores[name], name == expected))
    drawn = [name for name in scores if scores[name] == scores[best] and name != best]
    convincing = scores[best] >= _ENOUGH * len(words)
    return best if convincing and (not drawn or best == expected) else ""


def _is_evidence(word: str) -> bool:
    """A sign alone (·, ×, §, ©) proves nothing, nor does an abbreviation (VN§, N§-CP)."""
    if not _SUSPECT.search(word) or not _LATIN.search(word):
        return False
    if _VOWEL.search(word):
        return True
    return not word.isupper() and any(_reads_under(name, word) for name in _DECODERS)


def _is_plain(word: str) -> bool:
    """True when ``word`` already is a Vietnamese syllable in sensible capitals."""
    word = word.translate(_ETH)
    letters = all(char.isascii() or char in _WESTERN or char in "Đđ" for char in word)
    return (
        letters and (word in (word.lower(), word.upper(), word.capitalize())) and is_syllable(word)
    )


def _reads_under(encoding: str, word: str) -> bool:
    """True when every letter of ``word`` belongs to the code and together they make a syllable."""
    if len(word) > MAX_LETTERS:
        return False
    return bool(_SPELLED[encoding].fullmatch(word)) and is_syllable(_DECODERS[encoding](word))


def _in_capitals(text: str, found: re.Match[str]) -> bool:
    """TCVN3 has no toned capitals: CéNG HßA X· HéI is typed in a font of capitals.

    A word with a single Latin letter (X·) goes with the word before or after it.
    """
    own = _capital_evidence(found[0])
    if own is not None:
        return own
    before = _WORD.findall(text[max(0, found.start() - 30) : found.start()])
    after = _WORD.findall(text[found.end() : found.end() + 30])
    near = [_capital_evidence(word) for word in (*before[-1:], *after[:1])]
    return True in near and False not in near


def _capital_evidence(word: str) -> bool | None:
    latin = [char for char in word if char.isascii()]
    if any(char.islower() for char in latin):
        return False
    return True if len(latin) > 1 else None


def _with_true_d(word: str) -> str:
    mended = word.translate(_ETH)
    if mended == word:
        return word
    return mended if is_syllable(mended) or _UNICODE_ONLY.search(word) else word


_DECODERS: dict[str, Callable[[str], str]] = {
    "TCVN3": lambda word: "".join(TCVN3.get(char, char) for char in word),
    "VNI": lambda word: _VNI_CODE.sub(lambda found: VNI[found[0]], word),
}


_LAST_OF_PLANES = "".join(
    chr(plane + last) for plane in range(0, 0x110000, 0x10000) for last in (0xFFFE, 0xFFFF)
)
# Control characters but tab and line end, halves of surrogate pairs, characters that are none:
# XML, PostgreSQL and workbooks refuse them.
_UNWRITABLE = "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef" + _LAST_OF_PLANES
# Zero width and direction marks: they change what is read or searched, not what is seen. The
# soft hyphen stays: it is a letter of the old code TCVN3.
_INVISIBLE = "\u061c\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff"
_HIDDEN = re.compile(f"[{_UNWRITABLE}{_INVISIBLE}]")
_LINE_END = re.compile("\r\n?|[\u2028\u2029]")


def remove_hidden(text: str) -> str:
    """Return ``text`` in NFC, with one kind of line end and without hidden characters."""
    return unicodedata.normalize("NFC", _HIDDEN.sub("", _LINE_END.sub("\n", text)))


def clean_text(text: str) -> str:
    """Return ``text`` without hidden characters and without space around it."""
    return remove_hidden(text).strip()


# Letters that Unicode does not take apart into a base letter and a mark.
_WHOLE_LETTERS = str.maketrans({"đ": "d", "ð": "d"})
_NOT_WORD = re.compile(r"[\W_]+")
# i and y write the same sound after a consonant: kỹ/kĩ, tỷ/tỉ, quý/quí; not in tay/tai, thủy/thủi.
_CLOSING_Y = re.compile(r"\b([bcdghklmnpqrstvx]h?|qu)y\b")


def fold(text: str) -> str:
    """Return ``text`` in small letters without any mark, words parted by one space.

    Composed and decomposed spellings give the same result; punctuation parts words.
    """
    bare = _bare(text)
    if not bare.isascii():
        bare = _bare(bare)  # letters that only appear after taking others apart
    return " ".join(_NOT_WORD.sub(" ", bare).split())


def search_key(text: str) -> str:
    """Return the folded text in which ``kỹ`` and ``kĩ``, ``ký`` and ``kí`` are the same word."""
    return with_i(fold(text))


def with_i(text: str) -> str:
    """Return small letters without tones with i for each closing y that sounds like it."""
    return _CLOSING_Y.sub(r"\1i", text)


def slugify(text: str) -> str:
    """Return ``text`` as ASCII words joined by hyphens, for addresses and row keys."""
    words = fold(text).encode("ascii", "ignore").decode()
    return "-".join(words.split())


def free_key(base: str, taken: Container[str]) -> str:
    """Return an address word or row key that is not taken: ``base``, else ``base-2``, ``-3`` …"""
    keys = chain((base,), (f"{base}-{number}" for number in count(2)))
    return next(key for key in keys if key not in taken)


class _WithoutMarks(dict[int, int | None]):
    """What stays of each letter, for ``str.translate``; Unicode is asked once for each."""

    def __missing__(self, letter: int) -> int | None:
        is_mark = unicodedata.category(chr(letter)).startswith("M")
        return self.setdefault(letter, None if is_mark else letter)


_WITHOUT_MARKS = _WithoutMarks()


def _bare(text: str) -> str:
    apart = unicodedata.normalize("NFKD", text.casefold())
    return apart.translate(_WITHOUT_MARKS).casefold().translate(_WHOLE_LETTERS)


# A cell that starts so is run as a formula by spreadsheet programs.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def neutralize(text: str) -> str:
    """Return text that no spreadsheet program runs: an apostrophe stands before a formula."""
    return f"'{text}" if _is_formula(text) else text


def restore(text: str) -> str:
    """Take the apostrophe of ``neutralize`` away again; the procedures' import uses it."""
    return text[1:] if text.startswith("'") and _is_formula(text) else text


def _is_formula(text: str) -> bool:
    # apostrophes already there count too, so that restore gives back exactly what was
    return text.lstrip("'").startswith(_FORMULA_STARTS)
