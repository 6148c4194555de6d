"""Builds the stand-alone site for a WSGI server: ``waitress-serve wsgi:app``."""

from cchc_public.site import create_app

app = create_app()
