"""The staff's face: entering, checking, publishing."""

from cchc_public.office.frame.blueprint import create_blueprint

__all__ = ["create_blueprint"]
