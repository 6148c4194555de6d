"""Reads what a list's address says and cuts out its page; anything odd narrows nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import Generic, TypeVar

from flask import request

from cchc_public.vietnamese.cleaning import clean_text

MOST_LETTERS = 200
MOST_DIGITS = 5
T = TypeVar("T")


@dataclass(frozen=True)
class ListPage(Generic[T]):
    """One page of a list: its items, its number, how many pages there are."""

    items: Sequence[T]
    number: int
    count: int


def read_argument(key: str) -> str:
    """Return the words after ``?key=``, bounded and clean."""
    return clean_text(request.args.get(key, "")[:MOST_LETTERS])


def read_page_number() -> int:
    """Return the number after ``?trang=``; 1 for anything that is none."""
    text = request.args.get("trang", "1")
    is_number = text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS
    return max(1, int(text)) if is_number else 1


def cut_page(found: Sequence[T], size: int) -> ListPage[T]:
    """Return the page of ``found`` that the address asks for, the last one beyond the end."""
    count = max(1, ceil(len(found) / size))
    number = min(read_page_number(), count)
    return ListPage(found[(number - 1) * size : number * size], number, count)
