"""HTML that a webmaster pastes into a portal: a frame, a linked picture, a plain table."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from cchc_public.embed.heights import estimate_height
from cchc_public.embed.widget_page import WidgetPage
from cchc_public.exports.badge import HEIGHT, WIDTH, Badge
from cchc_public.i18n import _
from cchc_public.present.wording import lower_first
from cchc_public.web.addresses import absolute, origin

# Column widths a portal offers, in px: narrow side column, half a page, the whole text column.
COLUMN_WIDTHS = (320, 600, 900)

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
        height = estimate_height(page, width)
        html = _FRAME.format(src=address, title=title, height=height, width=width)
        found.append(FrameSnippet(width, height, str(html), address))
    return tuple(found)


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
    )
