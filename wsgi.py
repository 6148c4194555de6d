"""The stand-alone site for a WSGI server: ``waitress-serve wsgi:app``, ``gunicorn wsgi:app``."""

from cchc_public.site import create_served_app

app = create_served_app()
