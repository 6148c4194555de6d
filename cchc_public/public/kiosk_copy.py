"""The copy of the procedure list that a kiosk keeps for times without network or server."""

from __future__ import annotations

import json
from typing import Any

from cchc_public.i18n import _
from cchc_public.procedures.reading import list_records
from cchc_public.procedures.record import ProcedureRecord, ProcedureStatus
from cchc_public.procedures.searching import Catalogue, get_catalogue
from cchc_public.procedures.words import short_fees, short_name, short_time
from cchc_public.public.kiosk_sheet import Sheet, build_sheet
from cchc_public.state import get_state
from cchc_public.vietnamese.fold import search_key
from cchc_public.web.addresses import absolute
from cchc_public.web.caching import today


def build_copy() -> str:
    """Return every posted procedure that is not repealed, in list order, as compact JSON."""
    state = get_state()
    catalogue = get_catalogue(state.session)
    records = {record.code: record for record in list_records(state.session, posted_only=True)}
    shown = [
        _entry(records[entry.code], entry.field_slug)
        for entry in catalogue.entries
        if entry.code in records and entry.status is not ProcedureStatus.REPEALED
    ]
    data = {"words": _words(), "fields": _fields(catalogue), "procedures": shown}
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))


def _fields(catalogue: Catalogue) -> dict[str, str]:
    return {field.slug: field.name for field in catalogue.fields}


def _entry(record: ProcedureRecord, field_slug: str) -> dict[str, Any]:
    """Return one procedure: what the list needs, and its sheet."""
    state = get_state()
    authority = state.config["AUTHORITY_NAME"]
    sheet = build_sheet(
        record, absolute("cchc.procedure", code=record.code), authority, today(state)
    )
    return {
        "code": record.code,
        "name": record.name,
        "short": short_name(record.name),
        "field": field_slug,
        "search": search_key(f"{record.name} {record.field} {record.keywords}"),
        "time": short_time(record),
        "fee": short_fees(record),
        **_sheet(sheet),
    }


def _sheet(sheet: Sheet) -> dict[str, Any]:
    return {
        "lead": sheet.lead,
        "warning": sheet.warning,
        "sections": [
            [section.title, [[line.label, line.text, int(line.is_soft)] for line in section.lines]]
            for section in sheet.sections
        ],
        "source": sheet.source,
        "address": sheet.address,
        "qr": list(sheet.qr.rows),
        "size": sheet.qr.size,
    }


def _words() -> dict[str, str]:
    """Return the words of pages that the kiosk makes itself; ``{n}``, ``{q}`` are filled there."""
    return {
        "found": _("Tìm thấy {n} thủ tục"),
        "none": _("Không có thủ tục nào khớp với «{q}»."),
        "hint": _("Hãy thử ít chữ hơn, ví dụ: khai sinh, đất đai, chứng thực."),
        "time": _("Thời hạn:"),
        "fee": _("Phí:"),
        "back": _("Quay lại danh sách"),
        "home": _("Về màn hình đầu"),
        "earlier": _("Trang trước"),
        "later": _("Trang sau"),
        "page": _("Trang {n} trên {all}"),
        "qr": _("Quét mã để mang về điện thoại"),
        "source": _("Nguồn:"),
        "pages": _("Các trang"),
    }
