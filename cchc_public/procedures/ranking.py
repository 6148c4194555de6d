"""Ranks procedures for a query: rare words and phrases weigh, long names win nothing."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import log, sqrt

from cchc_public.procedures import CODE
from cchc_public.procedures.asking import (
    Elsewhere,
    Word,
    find_elsewhere,
    find_phrases,
    is_filler,
    load_questions,
    marks_agree,
    read_query,
    read_words,
    sounding_alike,
)

EXACT, PREFIX, TYPO, ALIKE = 1.0, 0.75, 0.6, 0.7
_NAME, _ASKED, _TEXT = 1.0, 0.7, 0.45  # where a word stands
_OTHER_MARKS = 0.35  # "đai" for a typed "dại"
_PHRASE, _WHOLE, _START, _EXACTLY = 0.5, 0.25, 0.25, 0.8
_UTTERANCE = 0.55
_BESIDE = 0.7  # what a word counts beside a known phrase
_CLOSELY = 0.8  # share of the best above which the order of words is looked at
_FLOOR = 0.62  # share of the words, by weight, below which nothing was found
_UNLIKE = 0.35
_UNKNOWN = 0.6  # what a word that stands nowhere counts, beside the rarest that does
_FIRM, _FIRM_PAIR = 0.34, 2.4  # share held, and weight of a pair of words, that is enough too
_SAID = 0.62  # likeness to a way people ask that is enough by itself
_KEPT = 0.62  # share of the best score below which a result is noise
_MOST = 60
_NAMING, _ALL = 5, 0.97


@dataclass(frozen=True)
class SearchText:
    """What is searched of one procedure: its name, and the folded rest (field included)."""

    code: str
    name: str
    text: str = ""


@dataclass(frozen=True)
class Ranking:
    """The numbers of the procedures found, best first; empty when none is near enough."""

    numbers: tuple[int, ...]
    elsewhere: Elsewhere | None = None


class WordFinder:
    """All words of a list, prepared so that one typing error costs no walk through them."""

    def __init__(self, words: Iterable[str]) -> None:
        """Prepare the words: sorted for beginnings, shortened by one letter for errors."""
        self._sorted = sorted(set(words))
        self._known = set(self._sorted)
        self._shortened: dict[str, list[str]] = {}
        for word in self._sorted:
            for short in set(_shorten(word)):
                self._shortened.setdefault(short, []).append(word)

    def __contains__(self, word: object) -> bool:
        return word in self._known

    def find(self, typed: str, *, with_longer: bool = True) -> dict[str, float]:
        """Return resembling words with their weight: same, longer, one error away."""
        found: dict[str, float] = {}
        if len(typed) >= 3:
            near = set(self._shortened.get(typed, ()))  # a letter left out
            for short in _shorten(typed):
                # a letter too many; another letter, or two swapped
                near.update({short} & self._known, self._shortened.get(short, ()))
            found.update((word, TYPO) for word in near if is_one_error(typed, word))
        if with_longer and len(typed) >= 2:
            first, last = (bisect_left(self._sorted, typed + end) for end in ("", "\uffff"))
            found.update(dict.fromkeys(self._sorted[first:last], PREFIX))
        if typed in self._known:
            found[typed] = EXACT
        return found


def is_one_error(left: str, right: str) -> bool:
    """Return whether one letter more, less, other, or two neighbours swapped make them equal."""
    if left == right or abs(len(left) - len(right)) > 1:
        return False
    start = 0
    while start < min(len(left), len(right)) and left[start] == right[start]:
        start += 1
    one, two = left[start:], right[start:]
    if len(one) == len(two):
        swapped = len(one) > 1 and one[:2] == two[1::-1] and one[2:] == two[2:]
        return one[1:] == two[1:] or swapped
    return one[1:] == two if len(one) > len(two) else two[1:] == one


def _shorten(word: str) -> Iterator[str]:
    return (word[:index] + word[index + 1 :] for index in range(len(word)))


class Ranker:
    """Word lists over all procedures; built once for each state of the list."""

    def __init__(
        self,
        texts: Sequence[SearchText],
        questions: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        """Note for every word where it stands; ``questions`` are ways people ask, by code."""
        self._texts = texts
        self._names = [read_words(text.name) for text in texts]
        for name in self._names:
            if [word.key for word in name[:2]] == ["thu", "tuc"]:  # many sources begin so
                del name[:2]
        self._lines = [f" {' '.join(word.key for word in name)} " for name in self._names]
        pairs = Counter(
            pair
            for name in self._names
            for pair in {(one.key, two.key) for one, two in zip(name, name[1:], strict=False)}
        )
        count = len(texts) + 1
        self._pairs = {pair: log(count / (seen + 1)) for pair, seen in pairs.items()}
        self._postings: dict[str, dict[int, float]] = defaultdict(dict)
        self._forms: dict[str, set[str]] = defaultdict(set)
        self._marks: list[dict[str, set[str]]] = []
        for number, (text, name) in enumerate(zip(texts, self._names, strict=True)):
            for key in text.text.split():
                self._postings[key][number] = _TEXT
            marks: dict[str, set[str]] = defaultdict(set)
            for word in name:
                self._postings[word.key][number] = _NAME
                marks[word.key].add(word.marked)
                self._forms[word.key].add(word.marked)
            self._marks.append(marks)
        self._finder = WordFinder(self._postings)
        self._said: dict[str, list[int]] = defaultdict(list)
        self._read_questions(load_questions() if questions is None else questions)
        self._rarest = log(1 + (len(texts) + 1) / 1)
        self._sizes = [self._weigh({word.key for word in name}) or 1.0 for name in self._names]

    def rank(self, query: str) -> Ranking:
        """Return the matching procedures, best first; none when none is near enough."""
        code = CODE.search(query)  # whatever stands beside a code, it alone is meant
        typed = code[0] if code else query
        digits = "".join(char for char in typed if char.isdigit())
        if len(digits) >= 3 and not typed.strip(" .0123456789"):
            codes = enumerate(text.code.replace(".", "") for text in self._texts)
            if by_code := tuple(number for number, code in codes if code.startswith(digits)):
                return Ranking(by_code)
        words = read_query(query, self._finder)
        elsewhere = find_elsewhere(words)
        if elsewhere or not words:
            return Ranking((), elsewhere)
        said = self._find_said(words)
        best = self._rate(words, (), said)
        count = sum(not is_filler(word) for word in words)
        is_named = count > _NAMING and any(held >= _ALL for _score, held in best.values())
        # who types a whole name means that name, whatever phrases stand in it
        phrases = [] if is_named else find_phrases(words)
        for phrase in phrases:
            end = phrase.start + len(phrase.said)
            beside = words[: phrase.start] + words[end:]
            if all(map(is_filler, beside)):
                # "sổ đỏ" means the certificate; its two words apart stand in unrelated names
                line = f" {' '.join(word.key for word in phrase.said)} "
                best = {n: rated for n, rated in best.items() if line in self._lines[n]}
            others = {word for other in phrases if other is not phrase for word in other.said}
            # the phrase says what is meant: chat beside it takes nothing away
            telling = [word for word in beside if not is_filler(word)]
            more = [word for word in telling if word in others or word.key in self._finder]
            for wording in phrase.meant:
                for number, rated in self._rate(list(wording), more, said).items():
                    if rated > best.get(number, (0.0, 0.0)):
                        best[number] = rated
        return Ranking(self._order(best))

    def _order(self, best: dict[int, tuple[float, float]]) -> tuple[int, ...]:
        if not best or max(held for _score, held in best.values()) < _FLOOR:
            return ()
        limit = max(score for score, _held in best.values()) * _KEPT
        kept = [number for number, (score, _held) in best.items() if score >= limit]
        kept.sort(key=lambda number: (-best[number][0], self._texts[number].code))
        return tuple(kept[:_MOST])

    def _rate(
        self, words: list[Word], beside: Sequence[Word], said: dict[int, float]
    ) -> dict[int, tuple[float, float]]:
        """Return score and share held of every procedure that holds some of the words.

        Words ``beside`` a known phrase count less; ``said`` is the likeness to ways people ask.
        """
        telling = [word for word in self._split_joined(words) if not is_filler(word)] or words
        telling = list(dict.fromkeys(telling))
        sums: dict[int, float] = defaultdict(float)
        total = self._add(sums, telling, 1.0) + self._add(sums, beside, _BESIDE)
        limit = max(sums.values(), default=0.0) / total * _CLOSELY
        keys = [word.key for word in telling]
        rated = {}
        for number in sums.keys() | said.keys():
            held = sums.get(number, 0.0) / total
            likeness = said.get(number, 0.0)
            closeness, firm = self._closeness(keys, number) if held >= limit else (0.0, 0.0)
            score = held * (1.0 + closeness) + _UTTERANCE * likeness
            is_firm = held >= _FIRM and firm >= _FIRM_PAIR
            rated[number] = (score, max(held, likeness / _SAID * _FLOOR, _FLOOR * is_firm))
        return rated

    def _add(self, sums: dict[int, float], words: Sequence[Word], factor: float) -> float:
        """Add what each procedure holds of the words; return how much they are worth together.

        Most telling words first: once those left cannot make a newcomer qualify, only procedures
        already found are looked at. Frequent words come last and would name half the list.
        """
        found = [self._match(word, words, place) for place, word in enumerate(words)]
        found.sort(key=lambda pair: -pair[0])
        total = left = factor * sum(weight for weight, _matches in found)
        for weight, matches in found:
            worth = factor * weight
            if sums and left < total * _FIRM:
                for number in sums.keys() & matches.keys():
                    sums[number] += worth * matches[number]
            else:
                for number, value in matches.items():
                    sums[number] += worth * value
            left -= worth
        return total

    def _split_joined(self, words: list[Word]) -> Iterable[Word]:
        """Yield the words; one written together ("khaisinh") as its two known halves."""
        for word in words:
            key = word.key
            cuts = range(2, len(key) - 1) if key not in self._finder and len(key) > 4 else ()
            halves = next(
                ((key[:n], key[n:]) for n in cuts if (key[:n], key[n:]) in self._pairs), ()
            )
            yield from (Word(half) for half in halves) if halves else (word,)

    def _match(
        self, word: Word, words: Sequence[Word], place: int
    ) -> tuple[float, dict[int, float]]:
        """Return how telling the word is, and each procedure's best match of it."""
        own = self._postings.get(word.key, {})
        weight = self._weights.get(word.key, _UNKNOWN * self._rarest)
        matches = own
        forms = self._forms.get(word.key, ())
        if word.marked and not all(marks_agree(word.marked, form) for form in forms):
            if not any(marks_agree(word.marked, form) for form in forms):
                weight = _UNKNOWN * self._rarest  # "vé" is not the frequent "về"
            matches = {
                number: value
                if any(marks_agree(word.marked, f) for f in self._marks[number].get(word.key, ()))
                else value * _OTHER_MARKS
                for number, value in own.items()
            }
        if len(own) <= max(3, len(self._texts) // 20):
            # a frequent word is meant as it stands; a rare one may be an error or a beginning
            similar = self._resembling(word, words, place, is_known=bool(own))
            matches = dict(matches)
            for key, closeness in similar.items():
                for number, value in self._postings[key].items():
                    if value * closeness > matches.get(number, 0.0):
                        matches[number] = value * closeness
        return weight, matches

    def _resembling(
        self, word: Word, words: Sequence[Word], place: int, *, is_known: bool
    ) -> dict[str, float]:
        """Return words that may be meant: longer ones, errors, what sounds alike."""
        with_longer = place == len(words) - 1 or not is_known
        similar = self._finder.find(word.key, with_longer=with_longer)
        similar.pop(word.key, None)
        for key in [key for key, closeness in similar.items() if closeness == TYPO]:
            # a short word is one letter from many; marks are not typed in error
            is_likely = len(word.key) > 3 and not word.marked
            if not is_likely and not self._stands_beside(key, words, place):
                del similar[key]
        for key in sounding_alike(word.key):
            if key in self._finder and self._stands_beside(key, words, place):
                similar[key] = ALIKE
        return similar

    def _stands_beside(self, key: str, words: Sequence[Word], place: int) -> bool:
        """Return whether the word makes a known pair with a neighbour."""
        before = place > 0 and (words[place - 1].key, key) in self._pairs
        return before or (place + 1 < len(words) and (key, words[place + 1].key) in self._pairs)

    def _closeness(self, keys: list[str], number: int) -> tuple[float, float]:
        """Prefer names in which the words stand together, early, and with little else.

        Beside the bonus the weight of the most telling pair of words that stands in the name.
        """
        line = self._lines[number]
        bonus = firm = 0.0
        pairs = list(zip(keys, keys[1:], strict=False))
        if pairs:
            total = held = 0.0
            for pair in pairs:
                weight = self._weigh(pair)
                total += weight
                if pair in self._pairs and f" {pair[0]} {pair[1]} " in line:
                    held += weight
                    firm = max(firm, self._pairs[pair])
            bonus += _PHRASE * held / (total or 1.0)
        phrase = f" {' '.join(keys)} "
        bonus += _EXACTLY if line == phrase else _START if line.startswith(phrase) else 0.0
        mine = self._marks[number].keys() & set(keys)
        return bonus + _WHOLE * self._weigh(mine) / self._sizes[number], firm

    def _weigh(self, keys: Iterable[str]) -> float:
        return sum(self._weights.get(key, self._rarest) for key in keys)

    def _read_questions(self, questions: Mapping[str, Sequence[str]]) -> None:
        """Note the ways people ask; their words find the procedure too, with less weight."""
        asked = []
        for number, text in enumerate(self._texts):
            for question in questions.get(text.code, ()):
                words = [w for w in read_query(question, self._finder) if not is_filler(w)]
                keys = {word.key for word in words}
                asked.append((number, keys))
                for key in keys:
                    self._said[key].append(len(asked) - 1)
                    self._postings[key].setdefault(number, _ASKED)
        self._weights = {
            key: log(1 + (len(self._texts) + 1) / (len(numbers) + 1))
            for key, numbers in self._postings.items()
        }
        # procedure, and length as a vector of weights
        self._utterances = [
            (number, sqrt(sum(self._weights[key] ** 2 for key in keys)) or 1.0)
            for number, keys in asked
        ]

    def _find_said(self, words: Sequence[Word]) -> dict[int, float]:
        """Return how like one of the ways people ask the words are, by procedure."""
        keys = {word.key for word in words}
        squares = {key: self._weights.get(key, self._rarest) ** 2 for key in keys}
        size = sqrt(sum(squares.values())) or 1.0
        shared: dict[int, float] = defaultdict(float)
        for key in keys:
            for place in self._said.get(key, ()):
                shared[place] += squares[key]
        found: dict[int, float] = {}
        for place, value in shared.items():
            number, length = self._utterances[place]
            likeness = value / (size * length)
            if likeness > max(_UNLIKE, found.get(number, 0.0)):
                found[number] = likeness
        return found
