from cchc_public import copies, errors
from cchc_public.accounts import people
from cchc_public.exports.pdf import PdfFailed
from cchc_public.releases.reading import ReleaseTampered


def test_every_error_has_a_code_that_a_host_can_rely_on():
    assert {
        error: error.code
        for error in (
            errors.CchcError, errors.ConfigError, errors.HostError, errors.StaleRevision,
            errors.RecordRefused, copies.CopyRefused, people.AccountRejected, PdfFailed,
            ReleaseTampered,
        )
    } == {
        errors.CchcError: "cchc", errors.ConfigError: "config", errors.HostError: "host",
        errors.StaleRevision: "stale-revision", errors.RecordRefused: "record-refused",
        copies.CopyRefused: "copy-refused", people.AccountRejected: "account-rejected",
        PdfFailed: "pdf-failed", ReleaseTampered: "release-tampered",
    }  # fmt: skip


def test_a_host_may_name_the_code_of_an_error_of_its_own():
    class PortalError(errors.CchcError):
        code = "portal-7"

    assert PortalError.code == "portal-7"
