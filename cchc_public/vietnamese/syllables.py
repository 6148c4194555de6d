"""Tells whether a word can be a Vietnamese syllable; evidence for repair, not a dictionary."""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache

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


@lru_cache(maxsize=8192)  # files bring words without end
def is_syllable(word: str) -> bool:
    """Return True when ``word`` (any case, one tone at most) can be a Vietnamese syllable."""
    if len(word) > MAX_LETTERS:
        return False
    letters, tone, place = _split_tone(word)
    if len(tone) > 1 or len(letters) > 7:
        return False
    return any(
        _fits(onset, rhyme, tone) and (not tone or place - len(letters) in _tone_places(rhyme))
        for onset, rhyme in _splits(letters)
    )


def _split_tone(word: str) -> tuple[str, str, int]:
    """Return the letters without tone, the tone marks, and the index of the last toned letter."""
    letters, tones, place = "", "", -1
    for char in unicodedata.normalize("NFC", word.lower()):
        apart = unicodedata.normalize("NFD", char)
        tone = "".join(mark for mark in apart if mark in TONES)
        place = len(letters) if tone else place
        letters += unicodedata.normalize("NFC", "".join(c for c in apart if c not in TONES))
        tones += tone
    return letters, tones, place


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


def _splits(letters: str) -> list[tuple[str, str]]:
    """Return the ways to part onset and rhyme; gi- also reads as g + i (gì, giếng)."""
    found = _ONSET.fullmatch(letters)
    if not found:
        return []
    splits = [(found[1] or "", found[2])]
    if letters.startswith("gi"):
        splits.append(("g", letters[1:]))
    return splits


def _fits(onset: str, rhyme: str, tones: str) -> bool:
    if rhyme not in _RHYMES or not _spelled(onset, rhyme):
        return False
    return not rhyme.endswith(("c", "ch", "p", "t")) or tones in _STOP_TONES


def _spelled(onset: str, rhyme: str) -> bool:
    if rhyme[0] == "y":
        return onset in (_Y_ONSETS if rhyme == "y" else ("", "qu"))
    if onset == "g" and rhyme[0] == "i":
        return True
    return onset not in (_HARD_ONSETS if rhyme[0] in _FRONT else _SOFT_ONSETS)
