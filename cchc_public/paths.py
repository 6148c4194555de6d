"""Finds templates and translations: at the top of a checkout, inside an installed package."""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent


def find_folder(name: str) -> Path:
    """Return the folder ``name``; RuntimeError with the remedy when neither place has it."""
    # The checkout first: an editable install leaves a stale copy in site-packages (tried).
    in_checkout = (PACKAGE.parent / "pyproject.toml").exists()
    for folder in (PACKAGE.parent / name, PACKAGE / name):
        if folder.is_dir() and (in_checkout or folder.parent == PACKAGE):
            return folder
    raise RuntimeError(
        f"cchc_public: folder '{name}' is missing. Install the wheel again, or run from a checkout."
    )
