"""Reads what a list's address says; anything odd narrows nothing and never fails."""

from __future__ import annotations

from flask import request

from cchc_public.vietnamese.cleaning import clean_text

MOST_LETTERS = 200
MOST_DIGITS = 5


def read_argument(key: str) -> str:
    """Return the words after ``?key=``, bounded and clean."""
    return clean_text(request.args.get(key, "")[:MOST_LETTERS])


def read_page_number() -> int:
    """Return the number after ``?trang=``; 1 for anything that is none."""
    text = request.args.get("trang", "1")
    is_number = text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS
    return max(1, int(text)) if is_number else 1
