"""Ranks procedures for a query: name before text, whole word before part."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import log

from cchc_public.procedures.matching import EXACT, WordFinder
from cchc_public.procedures.synonyms import expand
from cchc_public.vietnamese.fold import search_key

# Words that name no procedure; ignored beside others, used when nothing else was typed.
_FILLERS = frozenset(
    ("thu", "tuc", "lam", "xin", "can", "muon", "hoi", "o", "tai", "cho", "toi", "cua", "de")
    + ("ve", "thi", "la", "nao", "gi", "bi", "duoc", "nhu", "the")
)
_NAME, _TEXT = 1.0, 0.4
_KEPT = 0.6  # share of the best score below which a result is noise
_CLOSELY_RANKED = 0.85  # share of the best word score above which word order is looked at
_LEAST = 0.34  # share of the words, by weight, that any result must hold
_RARE = 3
_MAX_WORDS = 20
_CLOSE = 0.8  # share of a wording that the best result must hold to be called a match
_NEAREST = 8  # how many of the nearest are told when nothing matches


@dataclass(frozen=True)
class SearchText:
    """What is searched of one procedure: folded name and folded rest (field included)."""

    code: str
    name: str
    text: str


@dataclass(frozen=True)
class Ranking:
    """The numbers of the procedures found; when not ``is_close`` they are only the nearest."""

    numbers: tuple[int, ...]
    is_close: bool = True


class Ranker:
    """Word lists over all procedures; built once for each state of the list."""

    def __init__(self, texts: Sequence[SearchText]) -> None:
        """Note for every word in which names and in which texts it stands."""
        self._texts = texts
        self._cores = [_core(text.name) for text in texts]
        self._in_name: dict[str, list[int]] = defaultdict(list)
        self._in_text: dict[str, list[int]] = defaultdict(list)
        for number, text in enumerate(texts):
            in_name = set(text.name.split())
            for word in in_name:
                self._in_name[word].append(number)
            for word in set(text.text.split()) - in_name:
                self._in_text[word].append(number)
        self._finder = WordFinder([*self._in_name, *self._in_text])

    def rank(self, query: str) -> Ranking:
        """Return the matching procedures, best first; a few of the nearest when none matches."""
        words = search_key(query).split()[:_MAX_WORDS]
        if not words:
            return Ranking(())
        by_code = self._by_code(query)
        if by_code:
            return Ranking(tuple(by_code))
        official, beside = expand(words)
        best, held = self._score(words)
        if official and _FILLERS.issuperset(beside):
            # "sổ đỏ" means the certificate; its two words apart stand in many unrelated names
            best = {found: score for found, score in best.items() if self._says(words, found)}
        for wording in official:
            scores, share = self._score(wording)
            held = max(held, share)
            for found, score in scores.items():
                best[found] = max(best.get(found, 0.0), score)
        ordered = self._order(best)
        is_close = held >= _CLOSE
        return Ranking(tuple(ordered if is_close else ordered[:_NEAREST]), is_close)

    def _says(self, words: list[str], number: int) -> bool:
        """Return whether a name holds the words one after the other."""
        return f" {' '.join(words)} " in f" {self._texts[number].name} "

    def _by_code(self, query: str) -> list[int]:
        digits = "".join(char for char in query if char.isdigit())
        if len(digits) < 3 or query.strip(" .0123456789"):
            return []
        hits = (
            number
            for number, text in enumerate(self._texts)
            if text.code.replace(".", "").startswith(digits)
        )
        return list(hits)

    def _order(self, scores: dict[int, float]) -> list[int]:
        if not scores:
            return []
        limit = max(scores.values()) * _KEPT
        kept = [number for number, score in scores.items() if score >= limit]
        return sorted(kept, key=lambda number: (-scores[number], self._texts[number].code))

    def _score(self, words: list[str]) -> tuple[dict[int, float], float]:
        """Return the score of every procedure that shares enough of the words.

        Beside it the largest share of the words, by weight, that one procedure holds.
        """
        telling = [word for word in self._split_joined(words) if word not in _FILLERS] or words
        wanted = sorted(
            (self._match(word, is_last=word == words[-1]) for word in dict.fromkeys(telling)),
            key=lambda item: -item[0],
        )
        total = sum(weight for weight, _ in wanted)
        sums = _add_up(wanted, total)
        if not sums:
            return {}, 0.0
        shares = {number: value / total for number, value in sums.items()}
        return self._weigh_order(telling, shares), max(shares.values())

    def _split_joined(self, words: list[str]) -> Iterable[str]:
        """Yield the words; one written together ("khaisinh") as its two known halves."""
        for word in words:
            yield from [word] if word in self._finder else self._halves(word)

    def _halves(self, word: str) -> list[str]:
        for cut in range(2, len(word) - 1):
            if word[:cut] in self._in_name and word[cut:] in self._in_name:
                return [word[:cut], word[cut:]]
        return [word]

    def _match(self, word: str, *, is_last: bool) -> tuple[float, dict[int, float]]:
        """Return how telling the word is, and each procedure's best match of it."""
        count = len(self._in_name.get(word, ())) + len(self._in_text.get(word, ()))
        weight = log(1 + (len(self._texts) + 1) / (count + 1))
        similar = {word: EXACT} if count else {}
        if count <= max(_RARE, len(self._texts) // 20):
            # a frequent word is meant as it stands; a rare one may be an error or a beginning
            similar = self._finder.find(word, with_longer=is_last or not count)
        layers = [
            (place * closeness, where.get(found, ()))
            for found, closeness in similar.items()
            for place, where in ((_TEXT, self._in_text), (_NAME, self._in_name))
        ]
        matches: dict[int, float] = {}
        for value, numbers in sorted(layers, key=lambda layer: layer[0]):
            matches.update(dict.fromkeys(numbers, value))
        return weight, matches

    def _weigh_order(self, words: list[str], shares: dict[int, float]) -> dict[int, float]:
        """Prefer names in which the words stand together, early, and with little else."""
        limit = max(shares.values()) * _CLOSELY_RANKED
        return {
            number: share + (self._closeness(words, number) if share >= limit else 0.0)
            for number, share in shares.items()
            if share >= _LEAST
        }

    def _closeness(self, words: list[str], number: int) -> float:
        core = self._cores[number]
        phrase = " ".join(words)
        padded = f" {core} "
        bonus = 0.0
        if core == phrase:
            bonus += 0.4
        if padded.startswith(f" {phrase} "):
            bonus += 0.25
        pairs = list(zip(words, words[1:], strict=False))
        if pairs:
            together = sum(f" {one} {two} " in padded for one, two in pairs)
            bonus += 0.25 * together / len(pairs)
        names = core.split()
        return bonus + 0.35 * min(1.0, len(set(words) & set(names)) / max(len(names), 1))


def _core(name: str) -> str:
    """Return a folded name without the "thủ tục" many sources put before it."""
    return name.removeprefix("thu tuc ")


def _add_up(wanted: list[tuple[float, dict[int, float]]], total: float) -> dict[int, float]:
    """Add the weighted matches, most telling word first.

    Once the words left cannot make a newcomer qualify, only those already found are looked at:
    the frequent words come last and would name half the list.
    """
    sums: dict[int, float] = defaultdict(float)
    left = total
    for weight, matches in wanted:
        if left < total * _LEAST:
            for number in sums:
                sums[number] += weight * matches.get(number, 0.0)
        else:
            for number, value in matches.items():
                sums[number] += weight * value
        left -= weight
    return sums
