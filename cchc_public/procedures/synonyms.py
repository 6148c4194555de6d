"""Reads what people say instead of the official words; the table itself is data."""

from __future__ import annotations

import csv
from functools import cache
from importlib import resources

from cchc_public.vietnamese.fold import search_key

MAX_WORDS = 6  # the longest phrase looked up


@cache
def load_synonyms() -> dict[str, tuple[str, ...]]:
    """Return folded phrase -> folded official phrases, from ``synonyms.csv``."""
    text = resources.files(__package__).joinpath("synonyms.csv").read_text(encoding="utf-8")
    table: dict[str, list[str]] = {}
    for said, meant in list(csv.reader(text.splitlines()))[1:]:
        table.setdefault(search_key(said), []).append(search_key(meant))
    return {said: tuple(meant) for said, meant in table.items()}


def expand(words: list[str]) -> tuple[list[list[str]], list[str]]:
    """Return the official wordings of a query, and the words beside the known phrase.

    The longest known phrase counts, so "tách hộ khẩu" is not read as "hộ khẩu".
    """
    table = load_synonyms()
    for length in range(min(MAX_WORDS, len(words)), 0, -1):
        for start in range(len(words) - length + 1):
            meant = table.get(" ".join(words[start : start + length]))
            if meant:
                head, tail = words[:start], words[start + length :]
                wordings = [head + phrase.split() + tail for phrase in meant]
                return wordings, head + tail
    return [], words
