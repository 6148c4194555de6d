"""Words of addresses for the list's filters, and short texts for lists; no HTML."""

from __future__ import annotations

import re

from cchc_public.i18n import _, mark
from cchc_public.procedures.record import Channel, ProcedureRecord
from cchc_public.procedures.wording import classify_fee, join_channels, short_fee, stated

NOT_STATED = mark("Không nêu trong nguồn")
DIFFERS = mark("tùy cách nộp")

# address word -> value, label; the address stays Vietnamese without marks
CHANNEL_FILTER = {
    "truc-tiep": ("in-person", mark("Trực tiếp")),
    "truc-tuyen": ("online", mark("Trực tuyến")),
    "buu-chinh": ("post", mark("Bưu chính")),
}
FEE_FILTER = {
    "mien-phi": ("free", mark("Miễn phí")),
    "co-thu": ("amount", mark("Có thu")),
    "co-dieu-kien": ("conditional", mark("Có điều kiện, do HĐND quyết định")),
    "khong-neu": ("unstated", NOT_STATED),
}
STATUS_FILTER = {
    "": ("current", mark("Chưa bãi bỏ")),
    "con-hieu-luc": ("in-force", mark("Còn hiệu lực")),
    "sua-doi": ("amended", mark("Được sửa đổi, bổ sung")),
    "chua-hieu-luc": ("not-yet", mark("Chưa có hiệu lực")),
    "bai-bo": ("repealed", mark("Đã bãi bỏ")),
    "tat-ca": ("", mark("Tất cả")),
}
_MAX_NAME = 200
_FEE_LABEL = re.compile(r"(phí|lệ phí)\s*:\s*", re.IGNORECASE)  # lists print one of their own
_BARE_NUMBER = re.compile(r"\d+([.,]\d+)?\s*(\(.*\))?")


def short_name(name: str) -> str:
    """Return a name for lists; the longest real one has 919 letters."""
    if len(name) <= _MAX_NAME:
        return name
    return name[:_MAX_NAME].rsplit(" ", 1)[0].rstrip(",;") + "…"


def short_time(record: ProcedureRecord) -> str:
    """Return the time limits of all channels in one line."""
    texts = tuple((channel.kind, channel.time_limit) for channel in record.channels)
    if not any(stated(text) for _kind, text in texts):
        return _(NOT_STATED)
    return join_channels(texts)


def lacks_unit(time_limit: str) -> bool:
    """Return whether a time limit is a number of which the source does not say of what."""
    return bool(_BARE_NUMBER.fullmatch(time_limit.strip()))


def short_fees(record: ProcedureRecord) -> str:
    """Return the fees in one line; what limits "miễn phí" is always said beside it."""
    said = {_short_fee(channel) for channel in record.channels}
    if not said:
        return _(NOT_STATED)
    return said.pop() if len(said) == 1 else _(DIFFERS)


def _short_fee(channel: Channel) -> str:
    kind = classify_fee(channel.fee)
    if kind == "unstated":
        return channel.fee if stated(channel.fee) else _(NOT_STATED)
    text = _FEE_LABEL.sub("", short_fee(channel.fee), count=1)
    return _("%(fee)s, có điều kiện", fee=text) if kind == "conditional" else text
