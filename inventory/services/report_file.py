"""Report files on the disk: named by their content, there in full or not at all."""

from hashlib import sha256
from pathlib import Path

from django.conf import settings

from biobank.domain.refusal import RuleViolation
from biobank.services.durable_file import write_durably


class ReportNotWritten(RuleViolation):
    """The file system did not take the report."""

    code = "report-not-written"
    title = "The report could not be written"
    mend = "Free space, or give the service the right to write in the reports folder, then make the report again."


def report_path(file_name: str) -> Path:
    """Return where the report of this name lies."""
    return Path(settings.BIOBANK_REPORTS_DIR) / file_name


def keep_file(content: bytes, *, prefix: str) -> str:
    """Write the content under a name made of its SHA-256 and return the name.

    A crash or a full disk leaves what was there before. Raises ``ReportNotWritten`` with the system's reason.
    """
    file_name = f"{prefix}-{sha256(content).hexdigest()}.pdf"
    try:
        write_durably(report_path(file_name), content)
    except OSError as error:
        raise ReportNotWritten(f"The report was not kept: {error.strerror or error}.") from error
    return file_name


def kept_content(file_name: str) -> bytes | None:
    """Return the file's bytes, or None where it cannot be read."""
    try:
        return report_path(file_name).read_bytes()
    except OSError:
        return None
