"""The errors this package raises: wrong programs, refused actions; wrong *data* is a Finding."""

from __future__ import annotations

import re
from datetime import datetime

# what an authority is called until somebody names it: nothing is published under this name
UNNAMED = "Ủy ban nhân dân xã (chưa đặt tên)"


class CchcError(Exception):
    """Root of all our errors: a stable ``code`` and a Vietnamese sentence for people."""

    code = "cchc"

    def __init_subclass__(cls) -> None:
        """Take the code from the name, unless it is given: StaleRevision has ``stale-revision``."""
        if "code" not in vars(cls):
            name = cls.__name__.removesuffix("Error")
            cls.code = re.sub(r"(?<!^)(?=[A-Z])", "-", name).lower()


class ConfigError(CchcError):
    """A ``CCHC_*`` key is unknown or of the wrong type; start-up stops."""


class HostError(CchcError):
    """The host application lacks something the plugin needs; the message says the remedy."""


class ImportRejected(CchcError):
    """A file or pasted text cannot be read at all; nothing was changed."""


class PublicationBlocked(CchcError):
    """An error finding, an unanswered warning, or the two-person rule forbids publication."""


class ReportFrozen(CchcError):
    """The report was handed in or approved: nobody edits it before it is returned or recalled."""


class StaleRevision(CchcError):
    """Someone else saved the same thing since it was read; who and when, as far as known."""

    def __init__(
        self, message: str = "", *, edited_by: str = "", edited_at: datetime | None = None
    ) -> None:
        super().__init__(message)
        self.edited_by = edited_by
        self.edited_at = edited_at


class AlreadyExists(CchcError):
    """The thing to be made is there already; nothing was changed."""


class NotFound(CchcError):
    """The named period, table, release or procedure does not exist."""


class RecordRefused(CchcError):
    """A record is ill-formed; the message names every fault, nothing was changed."""
