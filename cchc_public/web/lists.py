"""Reads what a list's address says and cuts out its page; one procedure as lists show it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import ceil
from typing import Generic, TypeVar

from flask import request

from cchc_public.i18n import _
from cchc_public.procedures.asking import EVERYDAY_NAMES, NEEDS
from cchc_public.procedures.description import short_facts, short_name
from cchc_public.procedures.reading import list_rows
from cchc_public.procedures.record import ProcedureRecord, ProcedureStatus
from cchc_public.procedures.searching import Catalogue, ListFilter
from cchc_public.state import get_state
from cchc_public.vietnamese.text import clean_text

MOST_LETTERS = 200
MOST_DIGITS = 5
MOST_POPULAR = 6
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


@dataclass(frozen=True)
class ListItem:
    """One procedure in the list."""

    code: str
    name: str
    field: str
    facts: str  # time and fee in one line, "" when neither is stated
    is_repealed: bool


def list_item(record: ProcedureRecord) -> ListItem:
    """Return one procedure as lists show it."""
    return ListItem(
        record.code,
        short_name(record.name),
        record.field,
        short_facts(record),
        record.status is ProcedureStatus.REPEALED,
    )


def list_popular(catalogue: Catalogue, most: int = MOST_POPULAR) -> tuple[ListItem, ...]:
    """Return what is done most of what is posted here, with time and fee."""
    wanted = ListFilter(status="current", posted=True, need=NEEDS[0])
    codes = catalogue.search(wanted).codes[:most]
    items = (list_item(record) for record in list_rows(get_state().session, codes))
    return tuple(
        replace(item, name=_(EVERYDAY_NAMES[item.code])) if item.code in EVERYDAY_NAMES else item
        for item in items
    )
