"""Widgets for the commune's portal: no cookie, no JavaScript."""

from cchc_public.embed.views import create_blueprint

__all__ = ["create_blueprint"]
