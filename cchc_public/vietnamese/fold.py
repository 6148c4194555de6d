"""Folds Vietnamese text for comparison, search and addresses; never for anything people read."""

from __future__ import annotations

import re
import unicodedata

# Letters that Unicode does not take apart into a base letter and a mark.
_WHOLE_LETTERS = str.maketrans({"đ": "d", "ð": "d"})
_NOT_WORD = re.compile(r"[\W_]+")
# i and y write the same sound after a consonant: kỹ/kĩ, tỷ/tỉ, quý/quí; not in tay/tai, thủy/thủi.
_CLOSING_Y = re.compile(r"\b([bcdghklmnpqrstvx]h?|qu)y\b")


def fold(text: str) -> str:
    """Return ``text`` in small letters without any mark, words parted by one space.

    Composed and decomposed spellings give the same result; punctuation parts words.
    """
    return " ".join(_NOT_WORD.sub(" ", _bare(_bare(text))).split())


def search_key(text: str) -> str:
    """Return the folded text in which ``kỹ`` and ``kĩ``, ``ký`` and ``kí`` are the same word."""
    return _CLOSING_Y.sub(r"\1i", fold(text))


def slugify(text: str) -> str:
    """Return ``text`` as ASCII words joined by hyphens, for addresses and row keys."""
    words = fold(text).encode("ascii", "ignore").decode()
    return "-".join(words.split())


def _bare(text: str) -> str:
    """One pass; a second one catches letters that only appear after taking others apart."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    kept = (char for char in apart if unicodedata.category(char) not in ("Mn", "Mc", "Me"))
    return "".join(kept).casefold().translate(_WHOLE_LETTERS)
