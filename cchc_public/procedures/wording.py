"""Understands the words of sources on time limits and fees without ever rewriting them."""

from __future__ import annotations

import re
from functools import lru_cache

from cchc_public.procedures.record import CHANNEL_LABELS, Channel, ChannelKind
from cchc_public.vietnamese.fold import fold

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
# bounded and begun only where a number begins: a cell of digits must not be tried at each of them
_AMOUNT = re.compile(
    r"(?<![\d.,])\d[\d.,]{0,40}\s{0,9}(vnđ|vnd|việt nam đồng|đồng|đ\b|usd)", re.IGNORECASE
)


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


@lru_cache(4096)
def classify_fee(words: str) -> str:
    """Return ``free``, ``amount``, ``conditional`` or ``unstated`` for one channel's fee.

    ``free`` only when nothing in the text limits it: "Miễn phí" beside "do HĐND quyết định" is
    ``conditional``, and a text of which one part says nothing is ``unstated``.
    """
    if stated(words) is None:
        return "unstated"
    classes = {_classify_part(part) for part in re.split(r"\s/\s", words)}
    for name in ("amount", "unstated", "conditional"):
        if name in classes:
            return name
    return "free"


def _classify_part(part: str) -> str:
    if stated(part) is None:
        return "unstated"
    folded = fold(part)
    if _FREE.fullmatch(folded):
        return "free"
    head = short_fee(part)
    if _AMOUNT.search(head) and not _FREE.fullmatch(fold(head)):
        return "amount"
    return "conditional"


def short_fee(words: str) -> str:
    """Return the words before the bracket, for lists; the page shows all of them."""
    head, bracket, rest = words.strip().partition("(")
    is_whole = bool(head.strip()) and bracket and rest.endswith(")")
    return (head if is_whole else words).strip()


def fee_classes(channels: tuple[Channel, ...]) -> str:
    """Return the fee classes of all channels, blank-separated and padded for a simple search."""
    found = dict.fromkeys(classify_fee(channel.fee) for channel in channels)
    return f" {' '.join(found)} " if found else " unstated "


def names_channels(words: str) -> bool:
    """Return whether the text tells channels apart."""
    return split_channels(words)[0][0] is not ChannelKind.ANY
