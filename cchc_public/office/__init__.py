"""The staff's face: entering, checking, publishing."""

from cchc_public.office.blueprint import create_blueprint

__all__ = ["create_blueprint"]
