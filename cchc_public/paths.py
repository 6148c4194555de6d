"""Finds templates and translations, in a checkout (top level) or in an installed wheel (in the package)."""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent


def find_folder(name: str) -> Path:
    """Return the folder ``name``; raise ``RuntimeError`` with the remedy when neither place has it."""
    # The checkout first: an editable install leaves a stale copy in site-packages (tried).
    for folder in (PACKAGE.parent / name, PACKAGE / name):
        if (PACKAGE.parent / "pyproject.toml").exists() or folder.parent == PACKAGE:
            if folder.is_dir():
                return folder
    raise RuntimeError(
        f"cchc_public: folder '{name}' is missing. Install the wheel again, or run from a checkout."
    )
