"""Turns TCVN3, VNI and decomposed text into plain Unicode; leaves text alone without proof."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from cchc_public.vietnamese.legacy import TCVN3, VNI
from cchc_public.vietnamese.syllables import MAX_LETTERS, is_syllable


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
    composed = [_compose(text) for text in texts]
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
    text, changes = _by_word(pattern, cell.text, decode, encoding)
    return Repaired(text, cell.changes + changes)


def _compose(text: str) -> Repaired:
    composed = unicodedata.normalize("NFC", text)
    if composed == text:
        return Repaired(text)
    changes = dict.fromkeys(
        Change(word, unicodedata.normalize("NFC", word), "NFD")
        for word in text.split()
        if not unicodedata.is_normalized("NFC", word)
    )
    return Repaired(composed, tuple(changes))


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
    return letters and _cased(word) and is_syllable(word)


def _reads_under(encoding: str, word: str) -> bool:
    """True when every letter of ``word`` belongs to the code and together they make a syllable."""
    if len(word) > MAX_LETTERS:
        return False
    return bool(_SPELLED[encoding].fullmatch(word)) and is_syllable(_DECODERS[encoding](word))


def _cased(word: str) -> bool:
    return word in (word.lower(), word.upper(), word.capitalize())


def _by_word(
    pattern: re.Pattern[str], text: str, decode: Callable[[str], str], encoding: str
) -> tuple[str, tuple[Change, ...]]:
    changes: dict[Change, None] = {}

    def replace(found: re.Match[str]) -> str:
        before = found[0]
        after = decode(before)
        if encoding == "TCVN3" and _in_capitals(text, found):
            after = after.upper()
        if after != before:
            changes[Change(before, after, encoding)] = None
        return after

    return pattern.sub(replace, text), tuple(changes)


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


def _from_tcvn3(word: str) -> str:
    return "".join(TCVN3.get(char, char) for char in word)


def _from_vni(word: str) -> str:
    return _VNI_CODE.sub(lambda found: VNI[found[0]], word)


def _with_true_d(word: str) -> str:
    mended = word.translate(_ETH)
    if mended == word:
        return word
    return mended if is_syllable(mended) or _UNICODE_ONLY.search(word) else word


_DECODERS: dict[str, Callable[[str], str]] = {"TCVN3": _from_tcvn3, "VNI": _from_vni}
