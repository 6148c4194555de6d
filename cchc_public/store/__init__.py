"""SQLAlchemy tables under our own declarative base; no queries, no request."""

from cchc_public.store import locking as _open_file  # noqa: F401 - watches from now on
from cchc_public.store.base import LARGEST_INTEGER, Base, utc_now
from cchc_public.store.models import (
    AuditEntry,
    FormDraft,
    HandIn,
    HelpfulAnswers,
    ImportBatch,
    OneStopDesk,
    PaperEntry,
    PreviewLink,
    Procedure,
    ProcedureField,
    ProcedureRevision,
    PublicHoliday,
    ReceptionChange,
    ReceptionRule,
    Release,
    Remark,
    Report,
    SheetRecord,
    SignedCopy,
    UnansweredQuery,
    WarningReason,
)
from cchc_public.store.remembered import ReadingAnswer
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
