"""The errors this package raises for wrong programs and refused actions; wrong *data* is a Finding."""

from __future__ import annotations


class CchcError(Exception):
    """Root of all our errors: a stable ``code`` and a Vietnamese sentence for people."""

    code = "cchc"


class ConfigError(CchcError):
    """A ``CCHC_*`` key is unknown or of the wrong type; start-up stops."""

    code = "config"


class HostError(CchcError):
    """The host application lacks something the plugin needs; the message says the remedy."""

    code = "host"


class ImportRejected(CchcError):
    """A file or pasted text cannot be read at all; nothing was changed."""

    code = "import-rejected"


class PublicationBlocked(CchcError):
    """An error finding, an unanswered warning, or the two-person rule forbids publication."""

    code = "publication-blocked"


class StaleRevision(CchcError):
    """Someone else saved the same thing since it was read."""

    code = "stale-revision"


class NotFound(CchcError):
    """The named period, table, release or procedure does not exist."""

    code = "not-found"
