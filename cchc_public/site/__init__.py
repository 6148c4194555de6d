"""The stand-alone site: the plugin plus what a host would bring (database, accounts, limits)."""

from cchc_public.site.factory import create_app

__all__ = ["create_app"]
