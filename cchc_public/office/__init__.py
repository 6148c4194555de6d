"""The staff's face: entering, checking, publishing."""

from cchc_public.office.frame.blueprint import create_blueprint
from cchc_public.office.reports.papers import allow_signed_copy
from cchc_public.office.reports.previewing import create_guest_blueprint

__all__ = ["allow_signed_copy", "create_blueprint", "create_guest_blueprint"]
