"""Lets axe examine the page that stands in the browser."""

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

OPTIONS = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],  # every rule runs; what passes need not be listed place by place
}
# what passes stays in the browser: it is a hundred times as long as what does not
EXAMINE = """options => axe.run(options).then(({violations}) => violations.map(
  (one) => [one.id, one.nodes.slice(0, 3).map((node) => node.html.slice(0, 160))]))"""


def faults(page: Page) -> list[str]:
    """Return what WCAG 2.2 AA and good practice object to, with the first places of each."""
    if page.evaluate("typeof axe") == "undefined":
        page.evaluate(AXE_SCRIPT)
    found = page.evaluate(EXAMINE, OPTIONS)
    return [f"{code}: {place}" for code, places in found for place in places]
