"""Understands the words of sources on ways to submit, time limits and fees."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from cchc_public.procedures.record import CHANNEL_LABELS, Channel, ChannelKind
from cchc_public.vietnamese.numbers import format_number
from cchc_public.vietnamese.text import fold

# Longest first, so that "dịch vụ bưu chính công ích" is not read as "dịch vụ bưu chính".
_CHANNEL_WORDS = {
    "dịch vụ bưu chính công ích": ChannelKind.POST,
    "dịch vụ bưu chính": ChannelKind.POST,
    "qua bưu chính": ChannelKind.POST,
    "bưu chính": ChannelKind.POST,
    "nộp trực tiếp": ChannelKind.IN_PERSON,
    "trực tiếp": ChannelKind.IN_PERSON,
    "nộp trực tuyến": ChannelKind.ONLINE,
    "trực tuyến": ChannelKind.ONLINE,
}
_MARK = re.compile(rf"(?:^|;)\s*({'|'.join(_CHANNEL_WORDS)})\s*:", re.IGNORECASE)
_NOT_STATED = re.compile(r"(nguon |cong )?(khong|chua) (neu|ghi|cong bo)( ro)?( (trong|tren) .*)?")
# "không nêu" in brackets or between slashes counts for its own part only
_FREE = re.compile(
    r"(mien phi|khong thu( phi| le phi)?|(phi|le phi) 0( dong)?|0 dong)( khong( co| quy dinh)?)?"
)
# A run of digits is tried once, from its beginning: time grows with the length, not its square.
_AMOUNT = re.compile(
    r"(?<![\d.,])(\d[\d.,]*)\s*(vnđ|vnd|việt nam đồng|đồng|đ\b|usd)", re.IGNORECASE
)
_FEE_LABEL = re.compile(r"(?:phí|lệ phí)\s*:\s*", re.IGNORECASE)  # pages print one of their own
_BARE_NUMBER = re.compile(r"\d+([.,]\d+)?\s*(\(.*\))?", re.DOTALL)
_TIME = re.compile(
    r"((?:tối đa\s)?không quá\s|tối đa\s|trong(?: thời hạn)?\s)?0*(\d{1,4})\s*"
    r"(giờ làm việc|giờ|phút|ngày làm việc|ngày|tháng)(?!\w)",
    re.IGNORECASE,
)
_SHORT = 60  # letters that can stand in large print
_LEAST_FEE = 500  # đồng; "25 VNĐ" on the portal means 25 million, or nothing at all


@lru_cache(4096)  # a list repeats a few texts thousands of times
def stated(words: str) -> str | None:
    """Return the words, or None when they are empty or only say that the source states nothing."""
    text = words.strip()
    return None if not text or _NOT_STATED.fullmatch(fold(text)) else text


def find_channel(words: str) -> ChannelKind | None:
    """Return the channel that ``words`` name, or None."""
    plain = " ".join(words.lower().split())
    return _CHANNEL_WORDS.get(plain)


def split_channels(words: str) -> tuple[tuple[ChannelKind, str], ...]:
    """Return the words of each channel; one ANY entry when the text does not tell them apart."""
    text = words.strip()
    marks = list(_MARK.finditer(text))
    if not marks or marks[0].start() > 0:
        return ((ChannelKind.ANY, text),)
    ends = [mark.start() for mark in marks[1:]] + [len(text)]
    parts: dict[ChannelKind, str] = {}
    for mark, end in zip(marks, ends, strict=True):
        kind = _CHANNEL_WORDS[" ".join(mark[1].lower().split())]
        said = text[mark.end() : end].strip()
        # the portal repeats a channel for several cases
        parts[kind] = f"{parts[kind]} / {said}" if parts.get(kind) else said
    return tuple(parts.items())


def join_channels(parts: tuple[tuple[ChannelKind, str], ...]) -> str:
    """Return one text for all channels: the inverse of ``split_channels``."""
    texts = {text for _, text in parts}
    if len(texts) == 1:
        return texts.pop()
    said = [(kind, text) for kind, text in parts if text]
    return "; ".join(f"{CHANNEL_LABELS[kind]}: {text}" for kind, text in said)


def build_channels(
    time_limit: str, fee: str, note: str = "", kinds: tuple[ChannelKind, ...] = ()
) -> tuple[Channel, ...]:
    """Bind the texts to channel rows: named by ``kinds`` or by the texts, else one ANY row."""
    columns = [dict(split_channels(text)) for text in (time_limit, fee, note)]
    named = dict.fromkeys(kinds)
    for column in columns:
        named.update(dict.fromkeys(kind for kind in column if kind is not ChannelKind.ANY))
    if not named and not any("".join(column.values()) for column in columns):
        return ()
    ordered = tuple(kind for kind in named if kind != ChannelKind.ANY) or (ChannelKind.ANY,)
    return tuple(
        Channel(kind, *(column.get(kind, column.get(ChannelKind.ANY, "")) for column in columns))
        for kind in ordered
    )


@dataclass(frozen=True)
class Time:
    """A time limit: in short, its number and unit when it has one, and what else is said."""

    text: str
    value: int | None = None
    unit: str = ""
    note: str = ""


@dataclass(frozen=True)
class Money:
    """A fee: ``free``, ``amount``, ``conditional`` or ``unstated``, in short, and the rest."""

    kind: str
    text: str = ""
    note: str = ""


@lru_cache(4096)
def read_time(words: str) -> Time | None:
    """Return the time limit; None when there is none or only a number without its unit."""
    text = stated(words)
    if text is None or _BARE_NUMBER.fullmatch(text):
        return None
    found = _TIME.match(text)
    if found is None:
        return Time(text)
    value, unit = int(found[2]), found[3].lower()
    short = f"{found[1] or ''}{value} {unit}"
    rest = text[found.end() :].strip(" .,;")
    if rest.startswith("(") and rest.find(")") == len(rest) - 1:
        rest = rest[1:-1]
    elif rest and len(text) <= _SHORT:
        return Time(text, value, unit)
    return Time(short[:1].upper() + short[1:], value, unit, rest)


@lru_cache(4096)  # a list repeats a few texts thousands of times
def read_fee(words: str) -> Money:
    """Return one way's fee.

    ``free`` only when nothing in the text limits it: "Miễn phí" beside "do HĐND quyết định" is
    ``conditional``, and a text of which one part says nothing is ``unstated``.
    """
    if stated(words) is None:
        return Money("unstated")
    parts = [_read_part(part) for part in re.split(r"\s/\s", words)]
    for kind in ("amount", "unstated", "conditional"):
        if any(part.kind == kind for part in parts):
            known = [part for part in parts if part.kind != "unstated"]
            text = " / ".join(part.text for part in known)
            return Money(kind, text, "; ".join(part.note for part in known if part.note))
    return parts[0]


def _read_part(part: str) -> Money:
    if stated(part) is None:
        return Money("unstated")
    if _FREE.fullmatch(fold(part)):
        return Money("free", "Miễn phí")
    head, bracket = (_write_money(words) for words in _split_bracket(part))
    head = _FEE_LABEL.sub("", head, count=1)
    amount = _AMOUNT.search(head)
    if amount is None or _FREE.fullmatch(fold(head)):
        return Money("conditional", _write_money(part))
    if _is_senseless(amount):
        # the portal's number column lost its zeros; what the brackets say counts
        amount = _AMOUNT.search(bracket)
        return Money("unstated") if amount is None else Money("amount", bracket)
    if bracket.startswith("/") and "(" not in bracket:
        return Money("amount", head + bracket)
    if bracket.startswith(amount[0]):
        head, bracket = bracket, ""
    if not bracket and len(head) > _SHORT:
        head, _mark, bracket = head.partition("; ")
    return Money("amount", head.rstrip(" .;"), bracket)


def _split_bracket(words: str) -> tuple[str, str]:
    """Return the words before the first bracket and those in it, when the text ends with it."""
    text = words.strip()
    head, _mark, rest = text.partition("(")
    if head.strip() and rest.endswith(")"):
        return head.strip(), rest[:-1].strip()
    return text, ""


def _write_money(words: str) -> str:
    """Return the words with amounts our way: ``8,000 VNĐ`` is ``8.000 đồng``."""
    return _AMOUNT.sub(_write_amount, words)


def _write_amount(found: re.Match[str]) -> str:
    number, unit = found[1], found[2].lower()
    is_whole = re.fullmatch(r"\d{1,3}([.,]\d{3})+", number)
    number = number.replace(",", ".") if is_whole else number
    if number.isdigit() and len(number) > 3:
        number = format_number(int(number)) if len(number) < 16 else number
    return f"{number} {'USD' if unit == 'usd' else 'đồng'}"


def _is_senseless(found: re.Match[str]) -> bool:
    digits = re.sub(r"\D", "", found[1])
    is_money = found[2].lower() != "usd" and len(digits) < 4
    return is_money and 0 < int(digits) < _LEAST_FEE


def fee_classes(channels: tuple[Channel, ...]) -> str:
    """Return the fee classes of all channels, blank-separated and padded for a simple search."""
    found = dict.fromkeys(read_fee(channel.fee).kind for channel in channels)
    return f" {' '.join(found)} " if found else " unstated "


def names_channels(words: str) -> bool:
    """Return whether the text tells channels apart."""
    return split_channels(words)[0][0] is not ChannelKind.ANY
