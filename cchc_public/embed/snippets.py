"""HTML that a webmaster pastes into a portal: a frame, a linked picture, a plain table."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

from markupsafe import Markup

from cchc_public.embed.figures import WidgetPage
from cchc_public.exports.badge import HEIGHT, WIDTH, Badge
from cchc_public.i18n import _
from cchc_public.present.wording import lower_first
from cchc_public.web.addresses import absolute, origin

# Column widths a portal offers, in px: narrow side column, half a page, the whole text column.
COLUMN_WIDTHS = (320, 600, 900)
# Measured in Chromium on the real report, in px a width: a line of the table, what stands around
# the table, one strip (late, corrected). tests/browser/test_embed.py measures them again.
STRIP = (60, 40, 40)
MEASURED = {
    "tong-quan": ((0, 0, 0), (577, 380, 324)),
    "ho-so": ((40, 28, 28), (484, 312, 275)),
    "so-hoa": ((38, 32, 32), (350, 331, 275)),
    "hai-long": ((35, 30, 30), (322, 302, 265)),
    "dich-vu-cong": ((37, 32, 32), (468, 330, 275)),
}
TALLEST = ((40, 32, 32), (484, 331, 275))  # of a widget that nobody measured
SPARE = 1.05  # fonts and names differ from one machine and commune to the next

_FRAME = Markup(
    '<iframe src="{src}" title="{title}" width="100%" height="{height}" loading="lazy" '
    'style="border:0;max-width:{width}px"></iframe>'
)
_PICTURE = Markup(
    '<a href="{href}"><img src="{src}" alt="{alt}" width="{width}" height="{height}" '
    'style="max-width:100%;height:auto;border:0"></a>'
)


@dataclass(frozen=True)
class FrameSnippet:
    """One ``<iframe>`` for one column width, with the height its content needs there."""

    width: int
    height: int
    html: str
    address: str


def absolute_page(page: WidgetPage) -> str:
    """Return the full address of the page behind a widget; the widget itself when there is none."""
    if not page.address:
        return absolute("cchc_embed.widget", code=page.code)
    return origin() + page.address


def frame_snippets(page: WidgetPage, pins: dict[str, str]) -> tuple[FrameSnippet, ...]:
    """Return the frames for all column widths."""
    address = absolute("cchc_embed.widget", code=page.code, **pins)
    title = f"{page.title} – {page.authority}"
    found = []
    for width in COLUMN_WIDTHS:
        height = frame_height(page, width)
        html = _FRAME.format(src=address, title=title, height=height, width=width)
        found.append(FrameSnippet(width, height, str(html), address))
    return tuple(found)


def frame_height(page: WidgetPage, width: int) -> int:
    """Return the height in px that shows the whole widget in a column of ``width`` px."""
    place = COLUMN_WIDTHS.index(width)
    line, around = MEASURED.get(page.code, TALLEST)
    count = len(page.figures.lines) + bool(page.figures.total) if page.figures else 0
    height = around[place] + count * line[place] + len(page.strips) * STRIP[place]
    return ceil(height * SPARE / 10) * 10


def picture_snippet(page: WidgetPage, pins: dict[str, str]) -> str:
    """Return the linked picture.

    A picture that follows new figures must not carry old ones in its words or its address: only a
    pinned one holds its figures in the text alternative and leads to their own page.
    """
    newest = _("%(title)s – %(name)s. Bấm để xem số liệu mới nhất.", **_names(page))
    html = _PICTURE.format(
        href=absolute_page(page) if pins else absolute("cchc.overview"),
        src=absolute("cchc_embed.badge", code=page.code, **pins),
        alt=build_badge(page).alt if pins else newest,
        width=WIDTH,
        height=HEIGHT,
    )
    return str(html)


def _names(page: WidgetPage) -> dict[str, str]:
    return {"title": page.title, "name": page.authority}


def build_badge(page: WidgetPage) -> Badge:
    """Return the picture of a widget's first headline."""
    figures = page.figures
    first = figures.headlines[0] if figures and figures.headlines else None
    warning = next((strip.text for strip in page.strips), "")
    return Badge(
        authority=page.authority,
        label=f"{first.title} – {lower_first(page.period)}" if first else page.title,
        figure=first.figure if first else _("Chưa có số liệu"),
        basis=first.basis if first else "",
        footer=f"{page.window} · " + _("lần %(number)s", number=page.number),
        share=first.share if first else None,
        warning=warning,
        told=page.told,
    )
