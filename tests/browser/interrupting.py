"""Starts the clerk who is interrupted while typing, for the test and for ``make faults``."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.browser.conftest import QUIET, Site


def interrupt_typing(site: Site, chromium: str, profile: Path, rounds: int) -> dict[str, Any]:
    """Interrupt typing at random; return how often, by what, and what was lost."""
    given = {
        "port": site.port,
        "chromium": chromium,
        "profile": str(profile),
        "arguments": list(QUIET),
        "password": site.passwords["can-bo@kimthach.example"],
        "rounds": rounds,
        "seed": 12,  # the same ends every time
    }
    program = Path(__file__).with_name("typing_child.py")
    done = subprocess.run(
        [sys.executable, str(program)], input=json.dumps(given), capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    result: dict[str, Any] = json.loads(done.stdout)
    return result
