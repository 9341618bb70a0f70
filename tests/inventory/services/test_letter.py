"""The letter of a notice: kept by its hash, the units in it by code, and no word about who gave."""

from hashlib import sha256
from io import BytesIO

import pytest
from pypdf import PdfReader

from biobank.domain.role import Role
from inventory.services.letter import write_letter
from inventory.services.look_back import recall_units
from inventory.services.report_file import kept_content
from tests.factories.person import staff
from tests.factories.release import inside, shipped
from tests.factories.time import NOON, hours
from tests.factories.trail import last_of

pytestmark = pytest.mark.django_db


def test_a_letter_names_the_units_and_what_is_asked_and_is_kept_by_its_hash() -> None:
    [unit] = inside(shipped())
    quality = staff(Role.QUALITY_REVIEWER)
    [notice] = recall_units([unit.pk], reason="Cracked vials.", by=quality, at=NOON + hours(4))

    kept = write_letter(notice, by=quality, at=NOON + hours(5))

    content = kept_content(kept.file_name)
    assert content is not None
    assert sha256(content).hexdigest() == kept.file_sha256 == last_of("notice.letter_written")["new"]["file_sha256"]
    text = " ".join(page.extract_text() for page in PdfReader(BytesIO(content)).pages).replace("\n", " ")
    for said in (notice.reference, unit.code, "Cracked vials.", "do not use them"):
        assert said in text
    assert unit.donation.donor.donor_code not in text
