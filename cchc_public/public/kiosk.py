"""``/man-hinh``: the look-up screen of the one-stop office and the wall screen with figures.

Plain pages that work without JavaScript; with it one document lives all day, comes back to the
start by itself and keeps answering from its copy when network or server is gone.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from flask import Blueprint, Response, make_response, render_template, url_for

from cchc_public.desk.reading import Schedule, get_schedule
from cchc_public.i18n import _
from cchc_public.present.headlines import Headline, build_headlines, say_plainly
from cchc_public.procedures.asking import (
    NEEDS,
    Elsewhere,
    Need,
    find_need,
    load_elsewhere,
    load_questions,
    load_synonyms,
    load_words,
)
from cchc_public.procedures.counting import ProcedureCounts, count_catalogue
from cchc_public.procedures.description import Description, Said, describe, short_facts, short_name
from cchc_public.procedures.reading import find_posted, iterate_records, list_rows
from cchc_public.procedures.record import ProcedureRecord, ProcedureStatus
from cchc_public.procedures.searching import STATUS_FILTER, ListFilter
from cchc_public.public.procedure_page import current_catalogue
from cchc_public.public.procedures import note_unanswered
from cchc_public.public.reception import next_reception
from cchc_public.releases.published import PublishedRelease, ReleaseSummary
from cchc_public.releases.reading import find_comparable, leading_release
from cchc_public.state import State, get_state
from cchc_public.vietnamese.text import search_key
from cchc_public.web.addresses import absolute
from cchc_public.web.assets import cchc_static, find_asset
from cchc_public.web.caching import today
from cchc_public.web.contexts import NextReception
from cchc_public.web.desk_view import cchc_desk
from cchc_public.web.headers import POLICY
from cchc_public.web.lists import ListItem, cut_page, list_popular, read_argument
from cchc_public.web.release_pages import is_late, withdrawn_notice

PAGE_SIZE = 10
MOST_KEPT = 2_000  # procedures in the copy of a screen
KIOSK_POLICY = f"{POLICY}; worker-src 'self'"
SCRIPTS = ("kiosk-offline.js", "kiosk-keyboard.js", "kiosk-loop.js", "kiosk.js")


@dataclass(frozen=True)
class Line:
    """One line under a heading; ``is_soft`` marks what is not stated."""

    label: str
    text: str
    is_soft: bool = False


@dataclass(frozen=True)
class Section:
    """One question a citizen asks, with its answers."""

    title: str
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class QrCode:
    """The modules of a QR code: one hexadecimal number per row, the leftmost module highest."""

    size: int
    rows: tuple[str, ...]

    @property
    def path(self) -> str:
        """Return the dark modules as the path of an SVG, one unit per module."""
        parts = []
        for y, row in enumerate(self.rows):
            bits = f"{int(row, 16):0{len(row) * 4}b}"[: self.size]
            for run in re.finditer("1+", bits):
                width = run.end() - run.start()
                parts.append(f"M{run.start()} {y}h{width}v1h-{width}z")
        return "".join(parts)


@dataclass(frozen=True)
class Sheet:
    """One procedure in large type."""

    about: Description
    lead: str
    sections: tuple[Section, ...]
    source: str
    address: str
    qr: QrCode


@dataclass(frozen=True)
class StartContext:
    """What ``kiosk.html`` may use: the fields as tiles, the next reception session."""

    counts: ProcedureCounts
    reception: NextReception | None
    popular: tuple[ListItem, ...]
    needs: tuple[Need, ...]
    withdrawn: ReleaseSummary | None  # the figures that the screen offers were taken back


@dataclass(frozen=True)
class ListEntry:
    """One procedure in a list of the kiosk."""

    code: str
    name: str
    field: str
    facts: str


@dataclass(frozen=True)
class ListContext:
    """What ``kiosk_list.html`` may use."""

    query: str
    field_name: str
    items: tuple[ListEntry, ...]
    elsewhere: Elsewhere | None  # what was asked for is done by another body
    found: int
    page: int
    pages: int
    earlier: str  # address of the page before, "" on the first
    later: str


@dataclass(frozen=True)
class ProcedureContext:
    """What ``kiosk_procedure.html`` may use; ``sheet`` is None when there is no such procedure."""

    sheet: Sheet | None
    field_name: str
    back: str  # address of the list it stands in


@dataclass(frozen=True)
class FiguresContext:
    """What ``kiosk_figures.html`` may use: one slide per figure, and what comes next."""

    release: PublishedRelease | None
    is_late: bool  # newer figures were promised and did not come
    sentence: str
    headlines: tuple[Headline, ...]
    counts: ProcedureCounts
    schedule: Schedule | None


def register_kiosk_routes(blueprint: Blueprint, state: State) -> None:
    """Add the pages of the screen, its copy of the list, and its service worker."""
    add = blueprint.add_url_rule
    add("/man-hinh", "kiosk", show_start)
    add("/man-hinh/tim", "kiosk_list", show_list)
    add("/man-hinh/thu-tuc/<code>", "kiosk_procedure", show_procedure)
    add("/man-hinh/so-lieu", "kiosk_figures", show_figures)
    add("/man-hinh/ban-luu.json", "kiosk_copy", send_copy)
    add("/man-hinh/sw.js", "kiosk_worker", send_worker)


def show_start() -> Response:
    """Show the search, what is done most, and the fields as tiles."""
    catalogue = current_catalogue()
    context = StartContext(
        counts=count_catalogue(catalogue),
        reception=next_reception(),
        popular=list_popular(catalogue),
        needs=NEEDS[1:],
        withdrawn=withdrawn_notice(leading_release(get_state().session)),
    )
    return _render("kiosk.html", "start", context)


def show_list() -> Response:
    """Show what a search or a tile found; the same search as ``/thu-tuc``."""
    session = get_state().session
    query, field, need = (read_argument(key) for key in ("q", "linh-vuc", "viec"))
    catalogue = current_catalogue()
    # the same search as on /thu-tuc: posted and not repealed
    status = STATUS_FILTER[""][0]
    wanted = ListFilter(query, field, status=status, posted=True, need=find_need(need))
    found = catalogue.search(wanted)
    codes = found.codes
    if query.strip() and not codes and not found.elsewhere:
        note_unanswered(query)
    page = cut_page(codes, PAGE_SIZE)
    shown = list_rows(session, page.items)
    context = ListContext(
        query=query,
        field_name=_(wanted.need.name) if wanted.need else catalogue.field_name(field),
        items=tuple(ListEntry(r.code, short_name(r.name), r.field, short_facts(r)) for r in shown),
        elsewhere=found.elsewhere,
        found=len(codes),
        page=page.number,
        pages=page.count,
        earlier=_list_address(page.number - 1) if page.number > 1 else "",
        later=_list_address(page.number + 1) if page.number < page.count else "",
    )
    return _render("kiosk_list.html", "list", context)


def show_procedure(code: str) -> Response:
    """Show one procedure in large type; an unknown code ends on the screen too."""
    record = find_posted(get_state().session, code)
    context = ProcedureContext(None, "", url_for("cchc.kiosk"))
    if record is not None:
        slug = current_catalogue().field_slug(record.field)
        back = _list_address(1, {"linh-vuc": slug})
        context = ProcedureContext(_sheet(record), record.field, back)
    response = _render("kiosk_procedure.html", "procedure", context)
    response.status_code = 200 if context.sheet else 404
    return response


def show_figures() -> Response:
    """Show the figures of the leading release, all at once; the script makes a loop of them."""
    state = get_state()
    release = leading_release(state.session)
    earlier = find_comparable(state.session, release) if release else None
    context = FiguresContext(
        release=release,
        is_late=release is not None and is_late(release),
        sentence=say_plainly(release) if release else "",
        headlines=build_headlines(release, earlier) if release else (),
        counts=count_catalogue(current_catalogue()),
        schedule=get_schedule(state.session, today(state)),
    )
    return _render("kiosk_figures.html", "figures", context)


def send_copy() -> Response:
    """Send the copy of the list that the screen keeps."""
    response = Response(build_copy(), mimetype="application/json")
    response.headers["Cache-Control"] = "no-cache"
    return response


def send_worker() -> Response:
    """Send the service worker, which knows by name what it must keep."""
    asset = find_asset("kiosk-worker.js")
    if asset is None:
        raise FileNotFoundError("kiosk-worker.js")
    known = {
        "start": url_for("cchc.kiosk"),
        "figures": url_for("cchc.kiosk_figures"),
        "copy": url_for("cchc.kiosk_copy"),
        "assets": [cchc_static(name) for name in ("kiosk.css", *SCRIPTS)],
    }
    text = f"const KNOWN = {json.dumps(known)};\n{asset.body.decode()}"
    response = Response(text, mimetype="text/javascript")
    response.headers["Cache-Control"] = "no-cache"
    # the worker may rule the start page, which lies beside the folder of this script
    response.headers["Service-Worker-Allowed"] = url_for("cchc.kiosk")
    return response


def _render(template: str, view: str, page: object) -> Response:
    html = render_template(f"cchc/public/{template}", page=page, view=view, scripts=SCRIPTS)
    response = make_response(html)
    # the screen stands in its own frame everywhere, also within a host
    response.headers["Content-Security-Policy"] = KIOSK_POLICY
    return response


def build_copy() -> str:
    """Return the posted procedures that are not repealed, in list order, as compact JSON.

    A list beyond ``MOST_KEPT`` is cut: an old machine could not hold it.
    """
    session = get_state().session
    catalogue = current_catalogue()
    kept = [
        entry
        for entry in catalogue.entries
        if entry.is_posted and entry.status is not ProcedureStatus.REPEALED
    ][:MOST_KEPT]
    slugs = {entry.code: entry.field_slug for entry in kept}
    shown = {
        record.code: _copied(record, slugs[record.code])
        for record in (iterate_records(session, slugs) if slugs else ())
    }
    data = {
        "words": _copied_words(),
        "needs": {need.slug: [_(need.name), need.codes] for need in NEEDS},
        # what people say for it, as the search of the server knows it
        "spoken": {word: meant for word, found in load_words().items() for _form, meant in found},
        "synonyms": [
            [said, " ".join(word.key for word in meant)]
            for said, found in load_synonyms().items()
            for _form, meant in found
        ],
        "elsewhere": [[said, found.what, found.place] for said, _form, found in load_elsewhere()],
        "fields": {field.slug: field.name for field in catalogue.fields},
        "procedures": [shown[code] for code in slugs if code in shown],
    }
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))


def _copied(record: ProcedureRecord, field_slug: str) -> dict[str, Any]:
    """Return one procedure: what the list needs, and its sheet."""
    sheet = _sheet(record)
    return {
        "code": record.code,
        "name": sheet.about.title,
        "short": short_name(record.name),
        "field": field_slug,
        "search": search_key(
            " ".join(
                (record.name, record.field, record.keywords, *load_questions().get(record.code, ()))
            )
        ),
        "facts": short_facts(record),
        "lead": sheet.lead,
        "warning": sheet.about.warning,
        "sections": [
            [section.title, [[line.label, line.text, int(line.is_soft)] for line in section.lines]]
            for section in sheet.sections
        ],
        "source": sheet.source,
        "address": sheet.address,
        "qr": list(sheet.qr.rows),
        "size": sheet.qr.size,
    }


def _copied_words() -> dict[str, str]:
    """Return the words of pages that the kiosk makes itself; ``{n}``, ``{q}`` are filled there."""
    return {
        "found": _("Tìm thấy {n} thủ tục"),
        "none": _("Không có thủ tục nào khớp với «{q}»."),
        "hint": _("Hãy thử ít chữ hơn, ví dụ: khai sinh, đất đai, chứng thực."),
        "back": _("Quay lại danh sách"),
        "home": _("Về màn hình đầu"),
        "earlier": _("Trang trước"),
        "later": _("Trang sau"),
        "page": _("Trang {n} trên {all}"),
        "elsewhere": _("«%(what)s» không làm ở bộ phận một cửa của xã.", what="{q}"),
        "place": _("Nơi làm:"),
        "qr": _("Quét mã để mang về điện thoại"),
        "pages": _("Các trang"),
    }


def _sheet(record: ProcedureRecord) -> Sheet:
    view = cchc_desk()
    place = ". ".join(filter(None, (view.ask, view.desk.place)))
    address = absolute("cchc.procedure", code=record.code)
    about = describe(record, today(get_state()))
    return build_sheet(about, address, (place, view.desk.hours_in_words))


@lru_cache(maxsize=8192)
def make_qr(address: str) -> QrCode:
    """Return the QR code of an address; the fixed mask saves four fifths of the work."""
    import segno  # only who draws waits for it

    matrix = segno.make(address, error="m", micro=False, mask=2).matrix
    size = len(matrix)
    width = -(-size // 4)
    rows = (int("".join(map(str, row)).ljust(width * 4, "0"), 2) for row in matrix)
    return QrCode(size, tuple(f"{row:0{width}x}" for row in rows))


def build_sheet(about: Description, address: str, desk: tuple[str, str]) -> Sheet:
    """Return what the kiosk shows; ``address`` is the full public one, ``desk`` place and hours."""
    papers = [Line("", paper.words) for paper in about.papers]
    papers += [Line(case.title, paper.words) for case in about.cases for paper in case.papers]
    if about.sets:
        papers.append(Line(_("Số lượng hồ sơ"), about.sets))
    fees = [
        *_answers(about.fees),
        *(Line(_("Miễn, giảm tại địa phương"), text) for text in about.exemptions),
    ]
    here, hours = desk
    places = [
        (_("Địa điểm"), about.place or here),
        (_("Giờ tiếp nhận"), about.hours or hours),
        (_("Trực tuyến"), ". ".join(filter(None, (about.online, about.online_reason)))),
        *((way or _("Mọi cách nộp"), note) for way, note in about.ways if note),
    ]
    sections = [
        (_("Mang theo giấy tờ gì"), papers or [Line("", _("Xã chưa ghi"), is_soft=True)]),
        (_("Bao lâu"), _answers(about.times)),
        (_("Bao nhiêu tiền"), fees),
        (_("Nộp ở đâu, khi nào"), [Line(label, text) for label, text in places if text]),
        (
            _("Cần biết thêm"),
            [Line("", text) for text in (about.conditions, *about.remarks) if text],
        ),
    ]
    lead = (_("Mã thủ tục %(code)s", code=about.code), about.field, about.status)
    return Sheet(
        about=about,
        lead=" · ".join(lead),
        sections=tuple(Section(title, tuple(lines)) for title, lines in sections if lines),
        source=" ".join(filter(None, (about.decision and f"{about.decision}.", about.origin))),
        address=address,
        qr=make_qr(address),
    )


def _answers(answers: tuple[Said, ...]) -> list[Line]:
    return [
        Line(said.label, ". ".join(filter(None, (said.text, said.note))), said.is_missing)
        for said in answers
    ]


def _list_address(number: int, narrowed: dict[str, str] | None = None) -> str:
    """Return the address of a page of the present list, or of another one."""
    kept: dict[str, Any] = narrowed or {
        key: read_argument(key) for key in ("q", "linh-vuc", "viec")
    }
    values = {key: text for key, text in kept.items() if text}
    if number > 1:
        values["trang"] = number
    return url_for("cchc.kiosk_list", **values)
