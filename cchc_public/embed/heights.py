"""How high a widget is in a column of a given width, so that its frame never scrolls.

The numbers follow ``templates/cchc/embed/widget.css`` at the browsers' usual 16 px; a browser test
measures real widgets against them.
"""

from __future__ import annotations

from math import ceil

from cchc_public.embed.figures import Figures, Line
from cchc_public.embed.widget_page import WidgetPage
from cchc_public.present.headlines import Headline

# px: one line of text and the mean width of a letter, at both sizes of the style sheet
LINE, LETTER = 22.4, 8.4
SMALL_LINE, SMALL_LETTER = 18.3, 7.3
FRAME = 26  # borders and padding of the body
SIDES = 24
TWO_COLUMNS_BELOW = 560
SPARE = 1.04  # fonts differ from one machine to the next


def estimate_height(page: WidgetPage, width: int) -> int:
    """Return the height in px that shows the whole widget in a column of ``width`` px."""
    inner = width - SIDES
    height = FRAME + _heading(page, inner)
    height += sum(_strip(strip.text + strip.link, inner) for strip in page.strips)
    if page.figures:
        height += _cards(page.figures, inner, width) + _table(page.figures, inner)
    footer = f"{page.window}. {page.published}. Xem đủ số liệu và 10 ghi chú"
    height += _lines(footer, inner, SMALL_LETTER) * 20
    return ceil(height * SPARE / 10) * 10


def _lines(text: str, width: float, letter: float) -> int:
    return max(1, ceil(len(text) * letter / max(width, letter)))


def _heading(page: WidgetPage, inner: float) -> float:
    authority = _lines(page.authority, inner, SMALL_LETTER) * 20
    return authority + _lines(page.title, inner, 10) * 23.4 + LINE


def _strip(text: str, inner: float) -> float:
    return 20 + _lines(text, inner - SIDES, SMALL_LETTER) * 19.6


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
