"""Reads decision, level and portal address out of the source text that portal extracts carry."""

from __future__ import annotations

import re

from cchc_public.procedures.cells import Cells
from cchc_public.vietnamese.fold import fold

_PORTAL = re.compile(r"https://(?:www\.)?dichvucong\.gov\.vn/[^\s()<>\"']+")
_BRACKET = re.compile(r"\(([^()]*)\)")
_DECISION = re.compile(r"(?:^|;)\s*(?:QĐ|Quyết định(?: số)?)\s+([^;]*\d[^;]*)", re.IGNORECASE)
_LEVEL = re.compile(r"(?:^|;)\s*cấp:\s*([^;]+)", re.IGNORECASE)


def read_source(text: str) -> Cells:
    """Return the cells the source states; nothing is concluded from what it leaves out."""
    found: Cells = {}
    portal = _PORTAL.search(text)
    if portal:
        found["portal_link"] = portal[0].rstrip(".,;")
    for bracket in _BRACKET.findall(text):
        decision, level = _DECISION.search(bracket), _LEVEL.search(bracket)
        if decision:
            found["decision_number"] = decision[1].strip()
        if level:
            found["level"] = level[1].strip()
            if "cap xa" in fold(level[1]):
                # the national database names the commune among the levels that carry it out
                found["decided_here"] = "Có"
    return found
