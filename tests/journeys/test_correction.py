"""A birth written down under the wrong mother, found after the unit was signed: put right by two, and signed anew."""

import pytest

from biobank.domain.role import Role
from consent.queries.donor import infants_of
from inventory.domain.correction import CorrectionRefused
from inventory.domain.unit import UnitState, Use
from inventory.models.deviation import Deviation
from inventory.models.release import Release
from inventory.models.request import UnitRequest
from inventory.models.unit import Unit
from inventory.queries.correction_proof import correction_findings
from inventory.queries.fold import fold_findings
from inventory.services.acceptance import accept_units
from inventory.services.correction_fact import FactCorrection, confirm_correction, correct_fact
from inventory.services.eligibility import determine_eligibility
from inventory.services.voiding import confirm_voiding, propose_voiding
from tests.factories.donation import registered_donation
from tests.factories.donor import given_consent
from tests.factories.person import credentials, staff
from tests.factories.release import issued_release
from tests.factories.request import submitted_request
from tests.factories.time import NOON, hours
from tests.factories.unit import available_unit

pytestmark = pytest.mark.django_db


def test_a_birth_under_the_wrong_mother_is_put_right_and_signed_anew():
    midwife, quality = staff(Role.COLLECTION_STAFF), staff(Role.QUALITY_REVIEWER)
    unit, right = available_unit(segment=True), given_consent().donor
    twice = registered_donation()
    release = issued_release(unit)

    infant = infants_of([right.pk])[right.pk][0]
    source = f"{right.donor_code}/{infant.order}"
    wanted = FactCorrection("donation", unit.donation_id, "source", source, "the mothers' beds were swapped")
    asked = correct_fact(wanted, by=midwife, at=NOON + hours(1))
    assert set(asked.rested) == {"eligibility", "acceptance", "approval", "signature"}
    assert Release.objects.get(pk=release.pk).status == "issued"
    with pytest.raises(CorrectionRefused, match="does not confirm"):
        confirm_correction(asked, by=midwife, at=NOON + hours(1))
    confirm_correction(asked, by=quality, at=NOON + hours(2))

    unit = Unit.objects.select_related("donation__donor").get(pk=unit.pk)
    assert (unit.donation.donor, unit.state, unit.use) == (right, UnitState.QUARANTINED, "")
    assert Release.objects.get(pk=release.pk).status == "void"
    assert UnitRequest.objects.get(pk=release.request_id).status == "void"
    assert not Deviation.objects.exists()

    again = NOON + hours(3)
    determine_eligibility([unit.donation_id], credentials=credentials(quality), by=quality, at=again)
    accept_units([unit.pk], Use.HUMAN_APPLICATION, credentials=credentials(quality), by=quality, at=again)
    assert submitted_request(Unit.objects.get(pk=unit.pk)).status == "submitted"

    error = propose_voiding(twice.donation, reason="the same birth, typed twice", by=midwife, at=again)
    confirm_voiding(error, by=quality, at=again)
    assert Unit.objects.get(pk=twice.units[0].pk).state == UnitState.VOIDED
    assert [*fold_findings(), *correction_findings()] == []
