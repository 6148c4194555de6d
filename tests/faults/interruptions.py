"""A clerk types into a sheet and is interrupted, fifty times at random."""

from __future__ import annotations

import re
from pathlib import Path

from tests.browser.conftest import Site, find_chromium, free_port
from tests.browser.interrupting import interrupt_typing

ROUNDS = 50


def count_interruptions(folder: Path) -> str:
    """Return how many interruptions lost how many keystrokes."""
    site = Site(folder / "instance", free_port())
    site.run("db", "upgrade")
    site.passwords = dict(re.findall(r"(\S+@\S+)\s+(\S+)", site.run("demo")))
    site.start()
    try:
        result = interrupt_typing(site, find_chromium(), folder / "profile", ROUNDS)
    finally:
        site.stop()
    ends = ", ".join(f"{name} {count}" for name, count in sorted(result["ends"].items()))
    # a cell that came back otherwise counts with all its letters
    lost = [
        f"{one['end']}: {text} -> {one['found'][name]}"
        for one in result["lost"]
        for name, text in one["typed"].items()
        if one["found"][name] != text
    ]
    return f"typing: {result['rounds']} interruptions ({ends}), cells lost: {lost or 0}"
