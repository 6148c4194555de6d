"""Frees text that people type, paste or import from characters nobody sees; keeps every word."""

from __future__ import annotations

import re
import unicodedata

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
