"""Keeps text cells of CSV files from being run as formulas; gives the text back on import."""

from __future__ import annotations

# A cell that starts so is run as a formula by spreadsheet programs.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def neutralize(text: str) -> str:
    """Return text that no spreadsheet program runs: an apostrophe stands before a formula."""
    return f"'{text}" if _is_formula(text) else text


def restore(text: str) -> str:
    """Take the apostrophe of ``neutralize`` away again; the procedures' import uses it."""
    return text[1:] if text.startswith("'") and _is_formula(text) else text


def _is_formula(text: str) -> bool:
    # apostrophes already there count too, so that restore gives back exactly what was
    return text.lstrip("'").startswith(_FORMULA_STARTS)
