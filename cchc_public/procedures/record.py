"""A procedure as plain values, the one shape that is stored, compared, imported and described."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import MISSING, dataclass, fields
from datetime import date
from enum import StrEnum
from typing import Any, cast

from cchc_public.i18n import mark

CODE = re.compile(r"[0-9]\.[0-9]{6}")
MAX_CELL = 32_000  # a spreadsheet cell holds 32,767 letters; longer text would be cut silently


class ProcedureStatus(StrEnum):
    """Where the procedure stands in its life (NĐ 63/2010 art. 14-15)."""

    IN_FORCE = "in-force"
    AMENDED = "amended"
    REPEALED = "repealed"
    NOT_YET = "not-yet"


class OnlineLevel(StrEnum):
    """How far the procedure can be done online; None in a record means: not stated."""

    FULL = "full"  # toàn trình
    # một phần; the public reason is the ministry's and the province's duty (NĐ 224/2026 art. 14)
    PARTIAL = "partial"
    INFORMATION = "information"  # cung cấp thông tin trực tuyến: to read, not to submit
    UNSPECIFIED = "unspecified"  # there is an online channel, the source does not say which level
    NONE = "none"


class ChannelKind(StrEnum):
    """How an applicant submits; ANY when the source does not tell channels apart."""

    IN_PERSON = "in-person"
    ONLINE = "online"
    POST = "post"
    ANY = "any"


class Bring(StrEnum):
    """What an applicant does with a paper; None in a component means: not stated."""

    HAND_IN = "hand-in"  # nộp
    SHOW = "show"  # xuất trình: looked at and given back
    ONLINE = "online"  # filled in on the portal


STATUS_LABELS = {
    ProcedureStatus.IN_FORCE: mark("Còn hiệu lực"),
    ProcedureStatus.AMENDED: mark("Được sửa đổi, bổ sung"),
    ProcedureStatus.REPEALED: mark("Đã bãi bỏ"),
    ProcedureStatus.NOT_YET: mark("Chưa có hiệu lực"),
}
ONLINE_LABELS = {
    OnlineLevel.FULL: mark("Toàn trình"),
    OnlineLevel.PARTIAL: mark("Một phần"),
    OnlineLevel.INFORMATION: mark("Chỉ cung cấp thông tin trực tuyến"),
    OnlineLevel.UNSPECIFIED: mark("Có kênh trực tuyến (mức độ không nêu)"),
    OnlineLevel.NONE: mark("Không liệt kê kênh trực tuyến"),
}
CHANNEL_LABELS = {
    ChannelKind.IN_PERSON: mark("Trực tiếp"),
    ChannelKind.ONLINE: mark("Trực tuyến"),
    ChannelKind.POST: mark("Dịch vụ bưu chính"),
    ChannelKind.ANY: mark("Mọi cách nộp"),
}
BRING_LABELS = {
    Bring.HAND_IN: mark("Nộp"),
    Bring.SHOW: mark("Xuất trình"),
    Bring.ONLINE: mark("Điền trực tuyến"),
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


# What a record may say in words beside code, name and field; "" everywhere means: not stated.
OPTIONAL_TEXTS = (
    "level",
    "kind",
    "status_decision",
    "decision_number",
    "decision_by",
    "authority",
    "address",
    "hours",
    "target_group",
    "result",
    "conditions",
    "dossier_sets",
    "keywords",
    "partial_reason",
    "portal_link",
    "source",
)

_LONGEST_LINE = 200  # letters of what names something; everything else is limited by MAX_CELL
_LINES = (
    "field",
    "level",
    "kind",
    "status_decision",
    "decision_number",
    "decision_by",
    "dossier_sets",
    "online_words",
)
_PARTS: dict[str, type[Any]] = {
    "channels": Channel,
    "components": Component,
    "legal_bases": Basis,
    "exemptions": Exemption,
}
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
_READERS: dict[str, Callable[[Any], Any]] = {
    "date | None": date.fromisoformat,
    "ChannelKind": ChannelKind,
    "Bring | None": Bring,
}


def to_details(record: ProcedureRecord) -> dict[str, Any]:
    """Return what is stated beside ``COLUMNS``, JSON-ready: machine values, no words of ours."""
    return _to_json(record, COLUMNS)


def from_details(details: dict[str, Any], columns: dict[str, Any]) -> ProcedureRecord:
    """Return the record that ``to_details`` wrote, its columns given beside it."""
    values = _from_json(ProcedureRecord, details)
    for key, part in _PARTS.items():
        if key in values:
            values[key] = tuple(part(**_from_json(part, item)) for item in values[key])
    for key in ("steps", "remarks"):
        values[key] = tuple(values.get(key, ()))
    return ProcedureRecord(**columns, **values)


def _to_json(item: Any, without: tuple[str, ...] = ()) -> dict[str, Any]:
    found = {}
    for field in fields(item):
        value = getattr(item, field.name)
        is_default = field.default is not MISSING and value == field.default
        if field.name in without or is_default:
            continue
        if isinstance(value, date):
            value = value.isoformat()
        elif isinstance(value, tuple):
            value = [part if isinstance(part, str) else _to_json(part) for part in value]
        found[field.name] = value
    return found


def _from_json(cls: type[Any], data: dict[str, Any]) -> dict[str, Any]:
    readers = {
        field.name: _READERS.get(cast(str, field.type), lambda value: value)
        for field in fields(cls)
    }
    return {key: readers[key](value) for key, value in data.items() if key in readers}


def find_faults(record: ProcedureRecord) -> tuple[str, ...]:
    """Return what makes the record unacceptable, in Vietnamese sentences; empty when sound."""
    faults = list(_identity_faults(record))
    for name, limit in (*((line, _LONGEST_LINE) for line in _LINES), ("portal_link", 500)):
        if len(getattr(record, name)) > limit:
            faults.append(f"Một mục dài quá {limit} ký tự: «{getattr(record, name)[:40]}…».")
    if record.portal_link and not re.match(r"https?://[^\s<>\"']+$", record.portal_link):
        faults.append("Liên kết Cổng Dịch vụ công phải bắt đầu bằng https://.")
    for exemption in record.exemptions:
        if not exemption.beneficiary or not exemption.document_number:
            faults.append("Mỗi mục miễn, giảm phí phải nêu đối tượng và số văn bản.")
    return tuple(faults)


def _identity_faults(record: ProcedureRecord) -> list[str]:
    faults = []
    if not CODE.fullmatch(record.code):
        faults.append(
            f"Mã thủ tục «{record.code[:40]}» không đúng dạng: một chữ số, dấu chấm, sáu chữ số, "
            "ví dụ 1.001193."
        )
    if not record.name:
        faults.append("Thiếu tên thủ tục.")
    if not record.field:
        faults.append("Thiếu lĩnh vực.")
    return faults
