"""HTML that a webmaster pastes into a portal: a linked picture, a frame, a plain table."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from cchc_public.embed.figures import Widget, WidgetPage
from cchc_public.exports.badge import HEIGHT, WIDTH, Badge
from cchc_public.i18n import _, format_number
from cchc_public.present.wording import lower_first
from cchc_public.tables.solved import Rate
from cchc_public.web.addresses import absolute, origin

SPARE = 1.05  # fonts and names differ from one machine and commune to the next
WIDEST = 900  # px; a wider column only moves words apart
COMPACT = "gon"  # in the address: few rows, so that one height fits every width

_FRAME = Markup(
    '<iframe src="{src}" title="{title}" width="100%" height="{height}" frameborder="0" '
    'loading="lazy" style="border:0;max-width:{width}px"></iframe>'
)
_PICTURE = Markup(
    '<a href="{href}"><img src="{src}" alt="{alt}" width="{width}" height="{height}" border="0" '
    'style="max-width:100%;height:auto;border:0"></a>'
)


@dataclass(frozen=True)
class Snippets:
    """The HTML of one widget in three kinds; ``pins`` are the query of a frozen release."""

    page: WidgetPage
    pins: dict[str, str]
    picture: str
    frame: str
    height: int
    table: str


def absolute_page(page: WidgetPage) -> str:
    """Return the full address of the page behind a widget; the widget itself when there is none."""
    if not page.address:
        return absolute("cchc_embed.widget", code=page.code)
    return origin() + page.address


def frame_height(widget: Widget) -> int:
    """Return the height in px that shows the whole widget in any column from 280 px on."""
    return round(widget.height * SPARE / 10) * 10


def build_snippets(widget: Widget, page: WidgetPage, pins: dict[str, str], table: str) -> Snippets:
    """Return what to paste.

    A picture that follows new figures must not carry old ones in its words or its address: only a
    pinned one holds its figures in the text alternative and leads to their own page.
    """
    names = {"title": page.title, "name": page.authority}
    newest = _("%(title)s – %(name)s. Bấm để xem số liệu mới nhất.", **names)
    is_live = page.figures is not None and not pins
    picture = _PICTURE.format(
        href=absolute("cchc.overview") if is_live else absolute_page(page),
        src=absolute("cchc_embed.badge", code=page.code, **pins),
        alt=newest if is_live or page.items else build_badge(page).alt,
        width=WIDTH,
        height=HEIGHT,
    )
    height = frame_height(widget)
    frame = _FRAME.format(
        src=absolute("cchc_embed.widget", code=page.code, **pins, **{COMPACT: "1"}),
        title=f"{page.title} – {page.authority}",
        height=height,
        width=WIDEST,
    )
    return Snippets(page, pins, str(picture), str(frame), height, table)


def build_badge(page: WidgetPage) -> Badge:
    """Return the picture of what matters most: dossiers on time where the widget knows them."""
    if page.items:
        if page.has_search:
            label = _("Giấy tờ, thời hạn, phí, nơi nộp")
            return Badge(page.authority, label, _("Tìm thủ tục"), "", "")
        weekday, _comma, day = page.items[0].text.partition(", ")
        label = _("Tiếp công dân: %(weekday)s, %(day)s", weekday=weekday, day="").strip(" ,")
        return Badge(page.authority, label, day, "", page.items[0].detail, None, "")
    figures = page.figures
    headlines = figures.headlines if figures else ()
    known = [item for item in headlines if item.key == "on_time" and item.value is not None]
    first = (*known, *headlines, None)[0]
    warning = next((strip.text for strip in page.strips), "")
    late = first.value if first and first.key == "on_time" else None
    if isinstance(late, Rate) and late.numerator is not None and late.denominator is not None:
        count = late.denominator - late.numerator
        if count and not warning:
            warning = _("Trễ hạn: %(count)s hồ sơ", count=format_number(count))
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
