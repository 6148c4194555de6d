"""A procedure as plain values: what is compared, imported, exported and restored."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

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
    PARTIAL = "partial"  # một phần, needs a public reason since 01/7/2026
    UNSPECIFIED = "unspecified"  # there is an online channel, the source does not say which level
    NONE = "none"


class ChannelKind(StrEnum):
    """How an applicant submits; ANY when the source does not tell channels apart."""

    IN_PERSON = "in-person"
    ONLINE = "online"
    POST = "post"
    ANY = "any"


STATUS_LABELS = {
    ProcedureStatus.IN_FORCE: mark("Còn hiệu lực"),
    ProcedureStatus.AMENDED: mark("Được sửa đổi, bổ sung"),
    ProcedureStatus.REPEALED: mark("Đã bãi bỏ"),
    ProcedureStatus.NOT_YET: mark("Chưa có hiệu lực"),
}
ONLINE_LABELS = {
    OnlineLevel.FULL: mark("Toàn trình"),
    OnlineLevel.PARTIAL: mark("Một phần"),
    OnlineLevel.UNSPECIFIED: mark("Có kênh trực tuyến (mức độ không nêu)"),
    OnlineLevel.NONE: mark("Không liệt kê kênh trực tuyến"),
}
CHANNEL_LABELS = {
    ChannelKind.IN_PERSON: mark("Trực tiếp"),
    ChannelKind.ONLINE: mark("Trực tuyến"),
    ChannelKind.POST: mark("Dịch vụ bưu chính"),
    ChannelKind.ANY: mark("Mọi cách nộp"),
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
    """One paper of the dossier; None copies = not stated."""

    name: str
    form: str = ""
    originals: int | None = None
    copies: int | None = None
    case: str = ""


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
    channels: tuple[Channel, ...] = ()
    components: tuple[Component, ...] = ()
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

# Lengths of the database columns that hold one line; everything else is limited by MAX_CELL.
_SHORT = {
    "field": 200,
    "level": 200,
    "kind": 200,
    "status_decision": 200,
    "decision_number": 200,
    "decision_by": 200,
    "dossier_sets": 200,
    "online_words": 200,
    "portal_link": 500,
}


def find_faults(record: ProcedureRecord) -> tuple[str, ...]:
    """Return what makes the record unacceptable, in Vietnamese sentences; empty when sound."""
    faults = list(_identity_faults(record))
    for name, limit in _SHORT.items():
        if len(getattr(record, name)) > limit:
            faults.append(f"Một mục dài quá {limit} ký tự: «{getattr(record, name)[:40]}…».")
    if record.portal_link and not re.match(r"https?://[^\s<>\"']+$", record.portal_link):
        faults.append("Liên kết Cổng Dịch vụ công phải bắt đầu bằng https://.")
    if record.online_level is OnlineLevel.PARTIAL and not record.partial_reason:
        faults.append("Dịch vụ công trực tuyến một phần phải nêu lý do công khai.")
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
