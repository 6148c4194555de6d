"""A headline as a picture of at most 2 KB, for portals that take nothing but images."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from html import escape

WIDTH, HEIGHT = 360, 136
BAR = 328
MOST_BYTES = 2048
WIDEST_LETTER = 0.6  # of the letter's height, on average, where Arial is replaced by a wide font
LONGEST_LINE, LONGEST_FIGURE, LONGEST_BASIS, LONGEST_TITLE = 50, 18, 38, 480
INK, SOFT, RED, GREEN, WASH, EMPTY = (
    "#1f1b16",
    "#5b544b",
    "#a4161a",
    "#1f6f43",
    "#f7f4ef",
    "#ddd6cb",
)
_NOT_XML = dict.fromkeys(c for c in range(32) if c not in (9, 10, 13))


@dataclass(frozen=True)
class Badge:
    """What the picture says; ``warning`` is a correction or lateness, in red below."""

    authority: str
    label: str
    figure: str
    basis: str
    footer: str
    share: Decimal | None = None
    warning: str = ""
    told: str = ""  # the release in sentences, for who cannot see the picture

    @property
    def alt(self) -> str:
        """The same in words, for the image's text alternative."""
        figures = ", ".join(part for part in (self.figure, self.basis) if part)
        ending = f"{self.footer}. {self.warning}".strip()
        return f"{self.authority}. {self.label}: {figures}. {ending}"


def badge_svg(badge: Badge) -> str:
    """Return the picture; no style attribute and no font of its own."""
    figure = _escape(badge.figure, LONGEST_FIGURE)
    basis = _escape(badge.basis, LONGEST_BASIS)
    drawn = bar = ""
    if badge.share is not None:
        filled = (badge.share * BAR / 100).quantize(Decimal("0.1"))
        bar = (
            f'<path d="M16 84h{BAR}v6H16z" fill="{EMPTY}"/>'
            f'<path d="M16 84h{filled}v6H16z" fill="{GREEN}"/>'
        )
    # letters of three bytes and characters to escape take room: the drawn words come first
    parts = (badge.authority, badge.warning, badge.footer, badge.told)
    whole = ". ".join(part for part in parts if part) if badge.told else badge.alt
    for title in (whole, badge.alt, badge.label, ""):
        drawn = (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}"'
            f' viewBox="0 0 {WIDTH} {HEIGHT}" role="img" font-family="Arial,sans-serif">'
            f"<title>{_escape(title, LONGEST_TITLE)}</title>"
            f'<path d="M0 0h{WIDTH}v{HEIGHT}H0z" fill="{WASH}"/>'
            f'<path d="M0 0h{WIDTH}v4H0z" fill="{RED}"/>'
            f"{_text(22, badge.authority, 12, SOFT)}{_text(41, badge.label, 15, INK)}"
            f'<text x="16" y="74" font-size="28" font-weight="700" fill="{INK}">{figure}'
            f'<tspan dx="9" font-size="12" font-weight="400" fill="{SOFT}">{basis}</tspan></text>'
            f"{bar}"
            f"{_text(109, badge.footer, 12, SOFT)}{_text(127, badge.warning, 12, RED)}</svg>"
        )
        if len(drawn.encode()) <= MOST_BYTES:
            break
    return drawn


def _text(y: int, words: str, size: int, colour: str) -> str:
    if not words:
        return ""
    shown = _escape(words, LONGEST_LINE)
    fitting = min(size, round(BAR / (WIDEST_LETTER * min(len(words), LONGEST_LINE)), 1))
    return f'<text x="16" y="{y}" font-size="{fitting}" fill="{colour}">{shown}</text>'


def _escape(words: str, longest: int) -> str:
    tidy = " ".join(words.translate(_NOT_XML).split())
    shown = tidy if len(tidy) <= longest else tidy[: longest - 1].rstrip() + "…"
    return escape(shown, quote=False)
