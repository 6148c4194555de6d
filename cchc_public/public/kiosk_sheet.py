"""One procedure as a kiosk shows it: few headings, large lines, a QR code to take it home.

Page (template) and copy for times without a server (JSON) are made from the same values.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from cchc_public.i18n import _
from cchc_public.procedures.description import Description, Said


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
