"""HTML that a webmaster pastes into a portal: a frame, a linked picture, a plain table."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

from markupsafe import Markup

from cchc_public.embed.figures import Figures, Line, WidgetPage
from cchc_public.exports.badge import HEIGHT, WIDTH, Badge
from cchc_public.i18n import _
from cchc_public.present.headlines import Headline
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
        # the height in px that shows the whole widget in a column of ``width`` px
        inner = width - SIDES
        authority = _lines(page.authority, inner, SMALL_LETTER) * 20
        height_height = FRAME + authority + _lines(page.title, inner, 10) * 23.4 + LINE
        height_height += sum(
            (20 + _lines((strip.text + strip.link), inner - SIDES, SMALL_LETTER) * 19.6)
            for strip in page.strips
        )
        if page.figures:
            height_height += _cards(page.figures, inner, width) + _table(page.figures, inner)
        footer = f"{page.window}. {page.published}. Xem đủ số liệu và 10 ghi chú"
        height_height += _lines(footer, inner, SMALL_LETTER) * 20
        height = ceil(height_height * SPARE / 10) * 10
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


# px: one line of text and the mean width of a letter, at both sizes of the style sheet
LINE, LETTER = 22.4, 8.4
SMALL_LINE, SMALL_LETTER = 18.3, 7.3
FRAME = 26  # borders and padding of the body
SIDES = 24
TWO_COLUMNS_BELOW = 560
SPARE = 1.04  # fonts differ from one machine to the next


def _lines(text: str, width: float, letter: float) -> int:
    return max(1, ceil(len(text) * letter / max(width, letter)))


def _cards(figures: Figures, inner: float, width: int) -> float:
    cards = figures.headlines
    if not cards:
        return 0
    many = 3 if len(cards) > 4 else 4
    across = 2 if width < TWO_COLUMNS_BELOW else many
    column = (inner - 8 * (across - 1)) / across - 20
    rows = [cards[i : i + across] for i in range(0, len(cards), across)]
    return 20 + sum(max(_card(card, column) for card in row) + 8 for row in rows) - 8


def _card(card: Headline, column: float) -> float:
    words = _lines(card.title, column, SMALL_LETTER) + _lines(card.basis, column, SMALL_LETTER)
    return 16 + words * SMALL_LINE + 30 + (10 if card.share is not None else 0)


def _table(figures: Figures, inner: float) -> float:
    if not figures.lines:
        return 0
    count = len(figures.columns)
    # the browser shares a table out by its words: many columns get little, one gets a third
    column = inner / (count + 1.8) if count > 1 else inner * 0.3
    label = inner - column * count
    head = max(_lines(words, column - 6, SMALL_LETTER) for words in figures.columns) * 17 + 8
    rows = (*figures.lines, *((figures.total,) if figures.total else ()))
    return 13 + head + sum(_row(line, label) for line in rows)


def _row(line: Line, label: float) -> float:
    detail = any(cell.detail for cell in line.cells)
    lines = max(_lines(line.label, label, SMALL_LETTER), 2 if detail else 1)
    return 9 + lines * SMALL_LINE
