"""``/man-hinh``: the look-up screen of the one-stop office and the wall screen with figures.

Plain pages that work without JavaScript; with it one document lives all day, comes back to the
start by itself and keeps answering from its copy when network or server is gone.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from flask import Response, abort, render_template, url_for

from cchc_public.desk import get_schedule
from cchc_public.i18n import _, mark
from cchc_public.present.headlines import build_headlines
from cchc_public.present.wording import say_plainly
from cchc_public.procedures import ProcedureRecord
from cchc_public.procedures.asking import (
    NEEDS,
    find_need,
    load_elsewhere,
    load_questions,
    load_synonyms,
    load_words,
)
from cchc_public.procedures.description import Description, short_facts, short_name
from cchc_public.procedures.saving import find_posted, iterate_records
from cchc_public.procedures.searching import ListFilter
from cchc_public.public.services import (
    current_catalogue,
    next_reception,
    page_addresses,
    search_list,
)
from cchc_public.releases.reading import find_comparable, leading_release
from cchc_public.state import get_state
from cchc_public.store.base import today
from cchc_public.vietnamese.text import search_key
from cchc_public.web.assets import cchc_static, find_asset
from cchc_public.web.jinja import cchc_desk
from cchc_public.web.release_pages import Standing, withdrawn_notice
from cchc_public.web.rendering import cut_page, list_items, list_popular, read_argument
from cchc_public.web.routes import POLICY, Routes, absolute

PAGE_SIZE = 10
MOST_KEPT = 2_000  # procedures in the copy of a screen
KIOSK_POLICY = f"{POLICY}; worker-src 'self'"
SCRIPTS = ("kiosk-offline.js", "kiosk-keyboard.js", "kiosk.js")

# words of the pages that the screen makes itself; ``{n}`` and ``{q}`` are filled there
WORDS = {
    "found": mark("Tìm thấy {n} thủ tục"),
    "none": mark("Không có thủ tục nào khớp với «{q}»."),
    "hint": mark("Hãy thử ít chữ hơn, ví dụ: khai sinh, đất đai, chứng thực."),
    "back": mark("Quay lại danh sách"),
    "home": mark("Về màn hình đầu"),
    "earlier": mark("Trang trước"),
    "later": mark("Trang sau"),
    "page": mark("Trang {n} trên {all}"),
    "elsewhere": mark("«%(what)s» không làm ở bộ phận một cửa của xã."),
    "place": mark("Nơi làm:"),
    "qr": mark("Quét mã để mang về điện thoại"),
    "pages": mark("Các trang"),
}
routes = Routes()


class Line(NamedTuple):
    """One line under a heading; ``is_soft`` marks what is not stated."""

    label: str
    text: str
    is_soft: bool = False


@routes("/man-hinh", "kiosk")
def show_start() -> Response:
    """Show the search, what is done most, the fields as tiles, the next reception session."""
    catalogue = current_catalogue()
    return _render(
        "kiosk.html",
        "start",
        counts=catalogue.counts,
        reception=next_reception(),
        popular=list_popular(catalogue),
        needs=NEEDS[1:],
        withdrawn=withdrawn_notice(leading_release(get_state().session)),
    )


@routes("/man-hinh/tim", "kiosk_list")
def show_list() -> Response:
    """Show what a search or a tile found; the same search as ``/thu-tuc``."""
    asked = {key: read_argument(key) for key in ("q", "linh-vuc", "viec")}
    query, field, need = asked.values()
    catalogue = current_catalogue()
    # as on /thu-tuc: posted and not repealed
    wanted = ListFilter(query, field, status="current", posted=True, need=find_need(need))
    found = search_list(catalogue, wanted)
    part = cut_page(found.codes, PAGE_SIZE)
    return _render(
        "kiosk_list.html",
        "list",
        query=query,
        field_name=_(wanted.need.name) if wanted.need else catalogue.fields.get(field, ""),
        elsewhere=found.elsewhere,  # what was asked for is done by another body
        found=len(found.codes),
        items=list_items(part.items),
        part=part,
        page_url=page_addresses("cchc.kiosk_list", asked),
    )


@routes("/man-hinh/thu-tuc/<code>", "kiosk_procedure")
def show_procedure(code: str) -> Response:
    """Show one procedure in large type; an unknown code ends on the screen too."""
    record = find_posted(get_state().session, code)
    if record is None:
        response = _render("kiosk_procedure.html", "procedure", sheet=None)
        response.status_code = 404
        return response
    narrowed: dict[str, Any] = {"linh-vuc": current_catalogue().field_slug(record.field)}
    sheet = _sheet(record)
    return _render(
        "kiosk_procedure.html",
        "procedure",
        sheet=sheet,
        qr_path=draw_qr(sheet["qr"], sheet["size"]),
        back=url_for("cchc.kiosk_list", **narrowed),
    )


@routes("/man-hinh/so-lieu", "kiosk_figures")
def show_figures() -> Response:
    """Show the figures of the leading release, all at once; the script makes a loop of them."""
    state = get_state()
    release = leading_release(state.session)
    earlier = find_comparable(state.session, release) if release else None
    return _render(
        "kiosk_figures.html",
        "figures",
        release=release,
        is_late=release is not None and Standing(release).is_late,
        sentence=say_plainly(release) if release else "",
        headlines=build_headlines(release, earlier) if release else (),
        withdrawn=withdrawn_notice(release),
        counts=current_catalogue().counts,
        schedule=get_schedule(state.session, today()),
    )


def _render(template: str, view: str, **context: Any) -> Response:
    html = render_template(f"cchc/public/{template}", view=view, scripts=SCRIPTS, **context)
    # the screen stands in its own frame everywhere, also within a host
    return Response(html, headers={"Content-Security-Policy": KIOSK_POLICY})


@routes("/man-hinh/sw.js", "kiosk_worker")
def send_worker() -> Response:
    """Send the service worker, which knows by name what it must keep."""
    asset = find_asset("kiosk-worker.js") or abort(404)
    known = {
        "start": url_for("cchc.kiosk"),
        "figures": url_for("cchc.kiosk_figures"),
        "copy": url_for("cchc.kiosk_copy"),
        "assets": [cchc_static(name) for name in ("kiosk.css", *SCRIPTS)],
    }
    text = f"const KNOWN = {json.dumps(known)};\n{asset.body.decode()}"
    # the worker may rule the start page, which lies beside the folder of this script
    rights = {"Cache-Control": "no-cache", "Service-Worker-Allowed": url_for("cchc.kiosk")}
    return Response(text, mimetype="text/javascript", headers=rights)


@routes("/man-hinh/ban-luu.json", "kiosk_copy")
def send_copy() -> Response:
    """Send the copy of the list that the screen keeps.

    It holds the posted procedures that are not repealed, in list order; a list beyond
    ``MOST_KEPT`` is cut: an old machine could not hold it.
    """
    session = get_state().session
    catalogue = current_catalogue()
    wanted = ListFilter(status="current", posted=True)
    kept = catalogue.search(wanted).codes[:MOST_KEPT]
    slugs = {entry.code: entry.field_slug for entry in catalogue.entries}
    asked = load_questions()
    shown = []
    for record in iterate_records(session, kept):
        words = (record.name, record.field, record.keywords, *asked.get(record.code, ()))
        listed = {  # what the list needs of a procedure, and its sheet
            "code": record.code,
            "short": short_name(record.name),
            "field": slugs[record.code],
            "search": search_key(" ".join(words)),
            "facts": " · ".join(short_facts(record)),
            **_sheet(record),
        }
        shown.append(listed)
    data = {
        "words": {key: _(words).replace("%(what)s", "{q}") for key, words in WORDS.items()},
        "needs": {need.slug: [_(need.name), need.codes] for need in NEEDS},
        # what people say for it, as the search of the server knows it
        "spoken": {word: meant for word, found in load_words().items() for _form, meant in found},
        "synonyms": [
            [said, " ".join(word.key for word in meant)]
            for said, found in load_synonyms().items()
            for _form, meant in found
        ],
        "elsewhere": [[said, found.what, found.place] for said, _form, found in load_elsewhere()],
        "fields": catalogue.fields,
        "procedures": shown,
    }
    body = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return Response(body, mimetype="application/json", headers={"Cache-Control": "no-cache"})


@lru_cache(maxsize=8192)
def make_qr(address: str) -> tuple[tuple[str, ...], int]:
    """Return the QR code of an address: its rows and how many modules wide it is.

    A row is a hexadecimal number, the leftmost module highest. The fixed mask saves four fifths of
    the work.
    """
    import segno  # only who draws waits for it

    matrix = segno.make(address, error="m", micro=False, mask=2).matrix
    width = -(-len(matrix) // 4)
    rows = (int("".join(map(str, row)).ljust(width * 4, "0"), 2) for row in matrix)
    return tuple(f"{row:0{width}x}" for row in rows), len(matrix)


def draw_qr(rows: Sequence[str], size: int) -> str:
    """Return the dark modules as the path of an SVG, one unit per module."""
    parts = []
    for y, row in enumerate(rows):
        bits = f"{int(row, 16):0{len(row) * 4}b}"[:size]
        for run in re.finditer("1+", bits):
            width = run.end() - run.start()
            parts.append(f"M{run.start()} {y}h{width}v1h-{width}z")
    return "".join(parts)


def _sheet(record: ProcedureRecord) -> dict[str, Any]:
    view, address = cchc_desk(), absolute("cchc.procedure", code=record.code)
    desk = (view.where, view.desk.hours_in_words)
    return build_sheet(Description(record, today()), address, desk)


def build_sheet(about: Description, address: str, desk: tuple[str, str]) -> dict[str, Any]:
    """Return one procedure in large type: the questions a citizen asks, each with its answers.

    ``address`` is the full public one, ``desk`` its place and hours.
    """
    papers = [Line("", paper.words) for paper in about.papers]
    papers += [Line(case.title, paper.words) for case in about.cases for paper in case.papers]
    if about.sets:
        papers.append(Line(_("Số lượng hồ sơ"), about.sets))
    places = [
        (_("Địa điểm"), about.place or desk[0]),
        (_("Giờ tiếp nhận"), about.hours or desk[1]),
        (_("Trực tuyến"), ". ".join(filter(None, (about.online, about.online_reason)))),
        *((way or _("Mọi cách nộp"), note) for way, note in about.ways if note),
    ]
    times, fees = (
        [Line(a.label, ". ".join(filter(None, (a.text, a.note))), a.is_missing) for a in answers]
        for answers in (about.times, about.fees)
    )
    fees += [Line(_("Miễn, giảm tại địa phương"), text) for text in about.exemptions]
    sections = (
        (_("Mang theo giấy tờ gì"), papers or [Line("", _("Xã chưa ghi"), is_soft=True)]),
        (_("Bao lâu"), times),
        (_("Bao nhiêu tiền"), fees),
        (_("Nộp ở đâu, khi nào"), [Line(label, text) for label, text in places if text]),
        (
            _("Cần biết thêm"),
            [Line("", text) for text in (about.conditions, *about.remarks) if text],
        ),
    )
    lead = (_("Mã thủ tục %(code)s", code=about.code), about.field, about.status)
    rows, size = make_qr(address)
    return {
        "name": about.title,
        "lead": " · ".join(lead),
        "warning": about.warning,
        "sections": [section for section in sections if section[1]],
        "source": " ".join(filter(None, (about.decision and f"{about.decision}.", about.origin))),
        "address": address,
        "qr": rows,
        "size": size,
    }
