"""A procedure as plain values, the one shape that is stored, compared, imported and described.

Below it what its words say: ways to submit that one text names, time limits, fees.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import MISSING, dataclass, fields, is_dataclass
from datetime import date
from enum import EnumType, StrEnum
from functools import cache, lru_cache, partial
from importlib import resources
from types import UnionType
from typing import Any, Self, TypeVar, cast, get_args, get_origin, get_type_hints

from cchc_public.i18n import mark
from cchc_public.vietnamese.numbers import format_number
from cchc_public.vietnamese.text import fold

T = TypeVar("T")
K = TypeVar("K", bound=Hashable)
CODE = re.compile(r"[0-9]\.[0-9]{6}")
MAX_CELL = 32_000  # a spreadsheet cell holds 32,767 letters; longer text would be cut silently


class Labeled(StrEnum):
    """A value with its word for people."""

    label: str

    def __new__(cls, value: str, label: str = "") -> Self:
        """Keep the word beside the value."""
        member = str.__new__(cls, value)
        member._value_, member.label = value, label
        return member


class ProcedureStatus(Labeled):
    """Where the procedure stands in its life (NĐ 63/2010 art. 14-15)."""

    IN_FORCE = "in-force", mark("Còn hiệu lực")
    AMENDED = "amended", mark("Được sửa đổi, bổ sung")
    REPEALED = "repealed", mark("Đã bãi bỏ")
    NOT_YET = "not-yet", mark("Chưa có hiệu lực")

    def on(self, day: date, since: date | None) -> ProcedureStatus:
        """Return the status on a day; ``since`` is the day that the entered one is about."""
        return self if since is None else _UNTIL_ITS_DAY.get((self, since <= day), self)


class OnlineLevel(Labeled):
    """How far the procedure can be done online; None in a record means: not stated."""

    FULL = "full", mark("Toàn trình")
    # the public reason is the ministry's and the province's duty (NĐ 224/2026 art. 14)
    PARTIAL = "partial", mark("Một phần")
    INFORMATION = "information", mark("Chỉ cung cấp thông tin trực tuyến")  # not to submit
    UNSPECIFIED = "unspecified", mark("Có kênh trực tuyến (mức độ không nêu)")
    NONE = "none", mark("Không liệt kê kênh trực tuyến")


class ChannelKind(Labeled):
    """How an applicant submits; ANY when the source does not tell channels apart."""

    IN_PERSON = "in-person", mark("Trực tiếp")
    ONLINE = "online", mark("Trực tuyến")
    POST = "post", mark("Dịch vụ bưu chính")
    ANY = "any", mark("Mọi cách nộp")


class Bring(Labeled):
    """What an applicant does with a paper; None in a component means: not stated."""

    HAND_IN = "hand-in", mark("Nộp")
    SHOW = "show", mark("Xuất trình")  # looked at and given back
    ONLINE = "online", mark("Điền trực tuyến")  # on the portal


# the day that each status is about
STATUS_DAY = {
    ProcedureStatus.IN_FORCE: "in_force_from",
    ProcedureStatus.NOT_YET: "in_force_from",
    ProcedureStatus.AMENDED: "amended_on",
    ProcedureStatus.REPEALED: "repealed_on",
}
# a status entered before its day, or left standing after it: what holds instead, by "has begun"
_UNTIL_ITS_DAY = {
    (ProcedureStatus.IN_FORCE, False): ProcedureStatus.NOT_YET,
    (ProcedureStatus.NOT_YET, True): ProcedureStatus.IN_FORCE,
    (ProcedureStatus.REPEALED, False): ProcedureStatus.IN_FORCE,
}


@dataclass(frozen=True)
class Channel:
    """One way to submit; the texts are verbatim, "" or words such as "không nêu" = not stated."""

    kind: ChannelKind
    time_limit: str = ""
    fee: str = ""
    note: str = ""


@dataclass(frozen=True)
class Component:
    """One paper of the dossier; None copies = not stated.

    ``case`` says who needs it, "" = everybody; "; " parts a group from the narrower condition.
    """

    name: str
    form: str = ""
    originals: int | None = None
    copies: int | None = None
    case: str = ""
    bring: Bring | None = None
    note: str = ""


@dataclass(frozen=True)
class Basis:
    """One legal document."""

    number: str
    title: str = ""
    issued_on: date | None = None
    issued_by: str = ""


@dataclass(frozen=True)
class Exemption:
    """Who pays less or nothing here, under which document, from when to when."""

    beneficiary: str
    amount: str = ""
    document_number: str = ""
    valid_from: date | None = None
    valid_to: date | None = None

    def is_valid(self, on: date) -> bool:
        """Return whether the exemption applies on that day."""
        begun = self.valid_from is None or self.valid_from <= on
        return begun and (self.valid_to is None or on <= self.valid_to)


@dataclass(frozen=True)
class ProcedureRecord:
    """Everything known about one procedure; "" and None mean: not stated in the source."""

    code: str
    name: str
    field: str
    level: str = ""
    kind: str = ""
    status: ProcedureStatus = ProcedureStatus.IN_FORCE
    in_force_from: date | None = None
    amended_on: date | None = None
    repealed_on: date | None = None
    status_decision: str = ""
    decision_number: str = ""
    decision_on: date | None = None
    decision_by: str = ""
    received_here: bool | None = None
    decided_here: bool | None = None
    is_posted: bool = True
    authority: str = ""
    address: str = ""
    hours: str = ""
    target_group: str = ""
    result: str = ""
    conditions: str = ""
    dossier_sets: str = ""
    keywords: str = ""
    online_level: OnlineLevel | None = None
    online_words: str = ""
    partial_reason: str = ""
    portal_link: str = ""
    source: str = ""
    source_on: date | None = None
    checked_on: date | None = None  # the commune compared the record with its source that day
    channels: tuple[Channel, ...] = ()
    components: tuple[Component, ...] = ()
    remarks: tuple[str, ...] = ()  # what belongs to no single paper: deadlines, copies, results
    steps: tuple[str, ...] = ()
    legal_bases: tuple[Basis, ...] = ()
    exemptions: tuple[Exemption, ...] = ()

    @property
    def status_since(self) -> date | None:
        """The day that the status is about; None when nobody stated it."""
        return cast("date | None", getattr(self, STATUS_DAY[self.status]))

    def status_on(self, on: date) -> ProcedureStatus:
        """Return the status on that day."""
        return self.status.on(on, self.status_since)


def gather(pairs: Iterable[tuple[K, T]]) -> dict[K, list[T]]:
    """Return the values of each key, both in the order in which they came."""
    found: dict[K, list[T]] = {}
    for key, value in pairs:
        found.setdefault(key, []).append(value)
    return found


def read_table(name: str) -> list[list[str]]:
    """Return the lines of one of the word lists beside this module, without its heading."""
    text = resources.files(__package__).joinpath(name).read_text(encoding="utf-8")
    return [row for row in list(csv.reader(text.splitlines()))[1:] if row]


# The database keeps these in columns of their own; all the rest is one JSON value.
COLUMNS = (
    "code",
    "name",
    "field",
    "status",
    "received_here",
    "decided_here",
    "is_posted",
    "online_level",
)


def to_details(item: Any, without: tuple[str, ...] = COLUMNS) -> dict[str, Any]:
    """Return what is stated beside ``COLUMNS``, JSON-ready: machine values, no words of ours."""
    found = {}
    for field in fields(item):
        value = getattr(item, field.name)
        is_default = field.default is not MISSING and value == field.default
        if field.name in without or is_default:
            continue
        if isinstance(value, date):
            value = value.isoformat()
        elif isinstance(value, tuple):
            value = [part if isinstance(part, str) else to_details(part, ()) for part in value]
        found[field.name] = value
    return found


def from_details(cls: type[T], details: Mapping[str, Any]) -> T:
    """Return the record or part that ``to_details`` wrote, its columns given with the rest."""
    readers = _readers_of(cast(Any, cls))
    known = ((key, value) for key, value in details.items() if key in readers)
    return cls(**{key: readers[key](value) for key, value in known if value is not None})


@cache
def _readers_of(cls: type) -> dict[str, Callable[[Any], Any]]:
    return {name: _reader_of(kind) for name, kind in get_type_hints(cls).items()}


def _reader_of(kind: Any) -> Callable[[Any], Any]:
    """Return what makes a value of a type again; most are the same in JSON."""
    if (many := get_origin(kind)) in (list, tuple):
        read = _reader_of(get_args(kind)[0])
        return lambda items: many(map(read, items))
    if many is UnionType:  # "date | None"
        return _reader_of(get_args(kind)[0])
    if is_dataclass(kind):
        return partial(from_details, cast(type, kind))
    if kind is date:
        return date.fromisoformat
    return kind if isinstance(kind, EnumType) else lambda value: value


# letters of what names something; everything else is limited by MAX_CELL
_NAMING = "field level kind status_decision decision_number decision_by dossier_sets online_words"
_LONGEST = {**dict.fromkeys(_NAMING.split(), 200), "portal_link": 500}


def find_faults(record: ProcedureRecord) -> dict[str, str]:
    """Return by field what makes the record unacceptable, in Vietnamese sentences."""
    faults = {}
    if not CODE.fullmatch(record.code):
        faults["code"] = (
            f"Mã thủ tục «{record.code[:40]}» không đúng dạng: một chữ số, dấu chấm, sáu chữ số, "
            "ví dụ 1.001193."
        )
    if not record.name:
        faults["name"] = "Thiếu tên thủ tục."
    if not record.field:
        faults["field"] = "Thiếu lĩnh vực."
    if record.portal_link and not re.match(r"https?://[^\s<>\"']+$", record.portal_link):
        faults["portal_link"] = "Liên kết Cổng Dịch vụ công phải bắt đầu bằng https://."
    for name, limit in _LONGEST.items():
        text = getattr(record, name)
        if len(text) > limit:
            key = "online_level" if name == "online_words" else name  # one column
            faults[key] = f"Một mục dài quá {limit} ký tự: «{text[:40]}…»."
    if not all(item.beneficiary and item.document_number for item in record.exemptions):
        faults["exemptions"] = "Mỗi mục miễn, giảm phí phải nêu đối tượng và số văn bản."
    elif any(e.valid_to and e.valid_from and e.valid_to < e.valid_from for e in record.exemptions):
        faults["exemptions"] = (
            "Một mục miễn, giảm phí có ngày cuối trước ngày đầu; sẽ không bao giờ hiện."
        )
    return faults


_CHANNEL_WORDS: dict[str, ChannelKind] = {
    **{kind.label.lower(): kind for kind in ChannelKind if kind is not ChannelKind.ANY},
    **{word: ChannelKind(v) for name, v, word in read_table("values.csv") if name == "ChannelKind"},
}
_MARK = re.compile(rf"(?:^|;)\s*({'|'.join(_CHANNEL_WORDS)})\s*:", re.IGNORECASE)


def find_channel(words: str) -> ChannelKind | None:
    """Return the channel that ``words`` name, or None."""
    return _CHANNEL_WORDS.get(" ".join(words.lower().split()))


def split_channels(words: str) -> tuple[tuple[ChannelKind, str], ...]:
    """Return the words of each channel; one ANY entry when the text does not tell them apart."""
    text = words.strip()
    marks = list(_MARK.finditer(text))
    if not marks or marks[0].start() > 0:
        return ((ChannelKind.ANY, text),)
    ends = [found.start() for found in marks[1:]] + [len(text)]
    parts: dict[ChannelKind, str] = {}
    for found, end in zip(marks, ends, strict=True):
        kind = _CHANNEL_WORDS[" ".join(found[1].lower().split())]
        said = text[found.end() : end].strip()
        # the portal repeats a channel for several cases
        parts[kind] = f"{parts[kind]} / {said}" if parts.get(kind) else said
    return tuple(parts.items())


def join_channels(parts: tuple[tuple[ChannelKind, str], ...]) -> str:
    """Return one text for all channels: the inverse of ``split_channels``."""
    texts = {text for _, text in parts}
    if len(texts) == 1:
        return texts.pop()
    said = [(kind, text) for kind, text in parts if text]
    return "; ".join(f"{kind.label}: {text}" for kind, text in said)


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


# What its words say: time limits and fees.
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


@dataclass(frozen=True)
class Time:
    """A time limit: in short, its number and unit when that is all of it, and what else is said."""

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
        return Time(text)
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
    # what stands before the first bracket and what is in it, when the text ends with it
    head, _mark, rest = part.strip().partition("(")
    if not (head.strip() and rest.endswith(")")):
        head, rest = part, ")"
    head, bracket = (_write_money(words.strip()) for words in (head, rest[:-1]))
    head = _FEE_LABEL.sub("", head, count=1)
    amount = _AMOUNT.search(head)
    if amount is None or _FREE.fullmatch(fold(head)):
        return Money("conditional", _write_money(part))
    digits = re.sub(r"\D", "", amount[1])
    if amount[2].lower() != "usd" and len(digits) < 4 and 0 < int(digits) < _LEAST_FEE:
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


def fee_classes(channels: tuple[Channel, ...]) -> str:
    """Return the fee classes of all channels, blank-separated and padded for a simple search."""
    found = dict.fromkeys(read_fee(channel.fee).kind for channel in channels)
    return f" {' '.join(found)} " if found else " unstated "
