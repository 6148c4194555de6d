"""The stand-alone site: the plugin plus what a host would bring (database, accounts, limits)."""

from flask import Flask

from cchc_public.site.factory import create_app
from cchc_public.web.journal import write_journal

__all__ = ["create_app", "create_served_app"]


def create_served_app() -> Flask:
    """Return the site for a WSGI server of the operator's choice, its journal included."""
    write_journal()
    return create_app()
