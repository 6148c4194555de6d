"""The frame and the colours of every chart: classes, which the page's style sheet colours."""

from __future__ import annotations

from html import escape

WIDTH = 340  # close to a phone's width, so that letters keep their size there


def tone(name: str) -> str:
    """Return the attribute that fills a shape with a tone."""
    return f'class="cchc-f-{name}"'


def ink(*, soft: bool = False) -> str:
    """Return the attribute that fills words."""
    return tone("soft" if soft else "ink")


def wrap(body: str, height: int, words: tuple[str, str], name: str) -> str:
    """Return the whole picture; ``words`` are its title and its description.

    ``name`` makes the ids unique when a page holds several pictures.
    """
    title, description = words
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" '
        f'aria-labelledby="{name}-t {name}-m" class="cchc-chart"><title id="{name}-t">'
        f'{escape(title)}</title><desc id="{name}-m">{escape(description)}</desc>{body}</svg>'
    )
