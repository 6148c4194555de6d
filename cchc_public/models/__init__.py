"""SQLAlchemy tables under our own declarative base; no queries, no request."""

from cchc_public.models.base import Base, utc_now
from cchc_public.models.release import AuditEntry, Release
from cchc_public.models.report import FormDraft, Report, SheetRecord, WarningReason

__all__ = [
    "AuditEntry",
    "Base",
    "FormDraft",
    "Release",
    "Report",
    "SheetRecord",
    "WarningReason",
    "utc_now",
]
