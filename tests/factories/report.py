"""Reports as tests keep and read them: each test in a folder of its own."""

from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pypdf

from inventory.models.report import Report
from inventory.services.report_file import report_path
from inventory.services.sealing_key import make_demo_key


def reports_in(settings: Any, folder: Path) -> Path:
    """Keep a test's reports and keys in its own folder; there is no key unless it asks for one."""
    settings.BIOBANK_REPORTS_DIR = folder / "reports"
    settings.BIOBANK_PDF_KEY_FILE = folder / "keys" / "reports.key.pem"
    settings.BIOBANK_PDF_CERT_FILE = folder / "keys" / "reports.cert.pem"
    settings.BIOBANK_LEDGER_KEY_FILE = folder / "keys" / "ledger.pem"
    return folder


def seal_as_in_a_demo(settings: Any, folder: Path, *, at: datetime) -> None:
    """Seal from now on with a key that a demo made."""
    settings.BIOBANK_DEMO = True
    make_demo_key(folder / "keys", at=at)
    settings.BIOBANK_DEMO = False


def words_of(report: Report) -> str:
    """Return what a report says, without its spaces."""
    reader = pypdf.PdfReader(BytesIO(report_path(report.file_name).read_bytes()))
    return "".join("".join(page.extract_text().split()) for page in reader.pages)


def files_of(folder: Path) -> list[str]:
    """Return the names of the reports that are kept."""
    return sorted(path.name for path in (folder / "reports").iterdir())
