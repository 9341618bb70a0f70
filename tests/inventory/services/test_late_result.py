"""Results that come late: what was decided without them is open again."""

import pytest

from biobank.domain.role import Role
from inventory.domain.assay import Subject
from inventory.domain.unit import ProductClass, UnitState, Use
from inventory.models.acceptance import Acceptance
from inventory.models.eligibility import EligibilityDetermination
from inventory.models.reservation import Reservation
from inventory.services.acceptance import accept_units
from inventory.services.eligibility import determine_eligibility
from inventory.services.result import NewResult
from tests.factories.person import credentials, staff
from tests.factories.request import submitted_request
from tests.factories.result import of, of_mother, record, verify
from tests.factories.time import NOON
from tests.factories.trail import head_number, kinds_since
from tests.factories.unit import ACCEPTED_AT, available_unit, determined_unit, frozen_unit

pytestmark = pytest.mark.django_db
BEGINS_WITH = (frozen_unit,)


def determine(unit, quality):
    return determine_eligibility([unit.donation_id], credentials=credentials(quality), by=quality, at=NOON)[0]


def test_a_late_marker_reopens_eligibility_takes_acceptance_back_and_voids_a_reservation():
    unit = available_unit(segment=True)
    request = submitted_request(unit)
    before = head_number()

    record(of_mother(unit, "chagas", "positive"))

    unit.refresh_from_db()
    request.refresh_from_db()
    assert (unit.state, unit.use, unit.reserved_from) == (UnitState.QUARANTINED, "", "")
    assert EligibilityDetermination.objects.get().reopened_at == NOON
    assert Acceptance.objects.get().withdrawn_at == NOON
    assert Reservation.objects.get().ended_at == NOON
    assert request.status == "void"
    assert kinds_since(before) == ["result.recorded", "eligibility.reopened", "acceptance.withdrawn"]


def test_a_marker_of_one_mother_leaves_the_others_units_alone():
    unit, other = available_unit(), available_unit()

    record(of_mother(unit, "chagas", "positive"))

    other.refresh_from_db()
    assert other.state == UnitState.AVAILABLE
    assert EligibilityDetermination.objects.filter(reopened_at__isnull=True).get().donation == other.donation


def test_a_verified_marker_reopens_what_was_determined_while_it_was_not():
    unit = frozen_unit()
    marker = record(of_mother(unit, "cmv", "negative"))[0]
    quality = staff(Role.QUALITY_REVIEWER)
    from_before = determine(unit, quality)

    verify(marker)

    from_before.refresh_from_db()
    assert from_before.reopened_because == "a verified result"
    assert determine(unit, quality).reopened_at is None


def test_the_infants_typing_is_no_evidence_of_the_mothers_eligibility():
    unit = available_unit()

    record(NewResult("hla_c", Subject.INFANT, donation=unit.donation, value="C*01:02+C*07:01"))

    unit.refresh_from_db()
    assert unit.state == UnitState.AVAILABLE


def test_a_late_result_that_fails_takes_the_acceptance_back_when_it_is_verified():
    unit, other = available_unit(), available_unit()
    late = record(of(unit, "bacterial_culture", "growth"), of(other, "bacterial_culture", "no_growth"))
    unit.refresh_from_db()
    assert unit.state == UnitState.AVAILABLE

    verify(*late)

    unit.refresh_from_db()
    other.refresh_from_db()
    assert (unit.state, other.state) == (UnitState.QUARANTINED, UnitState.AVAILABLE)
    assert "growth is not one of no_growth" in Acceptance.objects.get(unit=unit).withdrawn_because


def test_a_laboratory_unit_keeps_its_acceptance_through_a_result_that_is_only_recorded():
    unit = determined_unit()
    quality = staff(Role.QUALITY_REVIEWER)
    specifications = available_unit(Use.LABORATORY, product=ProductClass.PLACENTA)
    accept_units([unit.pk], Use.LABORATORY, credentials=credentials(quality), by=quality, at=ACCEPTED_AT)

    verify(*record(of(unit, "bacterial_culture", "growth")))

    unit.refresh_from_db()
    assert specifications.state == UnitState.AVAILABLE
    assert unit.state == UnitState.AVAILABLE
