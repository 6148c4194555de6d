"""SQLAlchemy tables under our own declarative base; no queries, no request."""

from cchc_public.store import open_file as _open_file  # noqa: F401 - watches from now on
from cchc_public.store.base import LARGEST_INTEGER, Base, utc_now
from cchc_public.store.hand_in import HandIn, PaperEntry, PreviewLink, Remark, SignedCopy
from cchc_public.store.procedure import (
    HelpfulAnswers,
    ImportBatch,
    Procedure,
    ProcedureField,
    ProcedureRevision,
    UnansweredQuery,
)
from cchc_public.store.reading_answers import ReadingAnswer
from cchc_public.store.reception import OneStopDesk, PublicHoliday, ReceptionChange, ReceptionRule
from cchc_public.store.release import AuditEntry, Release
from cchc_public.store.report import FormDraft, Report, SheetRecord, WarningReason
from cchc_public.store.settings import Picture, SettingsRecord

__all__ = [
    "LARGEST_INTEGER",
    "AuditEntry",
    "Base",
    "FormDraft",
    "HandIn",
    "HelpfulAnswers",
    "ImportBatch",
    "OneStopDesk",
    "PaperEntry",
    "Picture",
    "PreviewLink",
    "Procedure",
    "ProcedureField",
    "ProcedureRevision",
    "PublicHoliday",
    "ReadingAnswer",
    "ReceptionChange",
    "ReceptionRule",
    "Release",
    "Remark",
    "Report",
    "SettingsRecord",
    "SheetRecord",
    "UnansweredQuery",
    "SignedCopy",
    "WarningReason",
    "utc_now",
]
