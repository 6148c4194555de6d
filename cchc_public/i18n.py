"""Our own translation domain; Vietnamese is the source language, English a catalogue."""

from __future__ import annotations

from typing import Any

from flask_babel import Domain

from cchc_public.paths import find_folder

# The host's catalogue and default domain stay untouched: only this object knows our folder.
domain = Domain(translation_directories=[str(find_folder("translations"))], domain="cchc_public")


def _(text: str, /, **variables: Any) -> str:
    """Return ``text`` in the reader's language; Vietnamese when there is no catalogue."""
    return str(domain.gettext(text, **variables))


def ngettext(singular: str, plural: str, count: int, /, **variables: Any) -> str:
    """Return the right number form; Vietnamese has one, English two."""
    return str(domain.ngettext(singular, plural, count, **variables))
