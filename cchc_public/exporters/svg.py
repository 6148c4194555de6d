"""The frame and the colours of every chart: classes on a page, attributes in a lone picture."""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape

WIDTH = 340  # close to a phone's width, so that letters keep their size there


@dataclass(frozen=True)
class Palette:
    """Colours of a picture that stands alone."""

    ink: str = "#1f1b16"
    soft: str = "#5b544b"
    paper: str = "#ffffff"
    tones: dict[str, str] = field(
        default_factory=lambda: {
            "good": "#1f6f43",
            "good-2": "#4b9a6c",
            "wait": "#8a5a00",
            "late": "#a4161a",
            "other": "#3a5a80",
            "other-2": "#6d5a86",
        }
    )
    font: str = "system-ui, Segoe UI, Roboto, Noto Sans, Arial, sans-serif"


class Brush:
    """Writes colours as classes (page) or as attributes (a picture that stands alone)."""

    def __init__(self, palette: Palette | None) -> None:
        """Remember the palette; None means classes."""
        self.palette = palette

    def tone(self, name: str) -> str:
        """Return the attribute that fills a shape with a tone."""
        if self.palette is None:
            return f'class="cchc-f-{name}"'
        return f'fill="{self.palette.tones[name]}"'

    def ink(self, *, soft: bool = False) -> str:
        """Return the attribute that fills words."""
        if self.palette is None:
            return f'class="cchc-f-{"soft" if soft else "ink"}"'
        return f'fill="{self.palette.soft if soft else self.palette.ink}"'

    def root(self) -> str:
        """Return the attributes of the picture itself."""
        if self.palette is None:
            return 'class="cchc-chart"'
        return f'font-family="{escape(self.palette.font)}"'


def wrap(body: str, height: int, words: tuple[str, str], name: str, brush: Brush) -> str:
    """Return the whole picture; ``words`` are its title and its description."""
    title, description = words
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" '
        f'aria-labelledby="{name}-t {name}-m" {brush.root()}><title id="{name}-t">{escape(title)}'
        f'</title><desc id="{name}-m">{escape(description)}</desc>{body}</svg>'
    )
