"""Finds words that resemble a typed word: the same, longer, or one typing error away."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator

EXACT, PREFIX, TYPO = 1.0, 0.75, 0.5


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

    def __contains__(self, word: str) -> bool:
        """Return whether the word itself is in the list."""
        return word in self._known

    def find(self, typed: str, *, with_longer: bool = True) -> dict[str, float]:
        """Return resembling words with their weight: same 1, longer 0.75, one error 0.5."""
        found = dict.fromkeys(self._one_error(typed), TYPO) if len(typed) >= 3 else {}
        if with_longer and len(typed) >= 2:
            found.update(dict.fromkeys(self._longer(typed), PREFIX))
        if typed in self._known:
            found[typed] = EXACT
        return found

    def _longer(self, typed: str) -> Iterator[str]:
        position = bisect_left(self._sorted, typed)
        while position < len(self._sorted) and self._sorted[position].startswith(typed):
            yield self._sorted[position]
            position += 1

    def _one_error(self, typed: str) -> Iterator[str]:
        candidates = set(self._shortened.get(typed, ()))  # a letter left out
        for short in _shorten(typed):
            if short in self._known:  # a letter too many
                candidates.add(short)
            candidates.update(self._shortened.get(short, ()))  # another letter, or two swapped
        return (word for word in candidates if is_one_error(typed, word))


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
