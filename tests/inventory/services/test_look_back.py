"""A late reactive result: eligibility reopened, acceptance taken back, sites told, the mother's physician owed word."""

import pytest

from biobank.domain.role import Role
from inventory.domain.assay import Subject
from inventory.domain.duty import DutyKind
from inventory.domain.unit import UnitState
from inventory.models.donation import Donation
from inventory.models.eligibility import EligibilityDetermination
from inventory.models.notice import ConsigneeNotice, NoticeItem
from inventory.queries.duty import open_duties
from inventory.services.result import NewResult, record_results, verify_results
from tests.factories.donation import COLLECTED_AT
from tests.factories.person import staff
from tests.factories.release import inside, shipped
from tests.factories.time import NOON, hours
from tests.factories.unit import available_unit

pytestmark = pytest.mark.django_db
BEGINS_WITH = (available_unit, shipped)


def late_result(donation: Donation, assay: str, value: str) -> None:
    new = NewResult(
        assay,
        Subject.MOTHER,
        donation=donation,
        value=value,
        approved_test=True,
        diluted=False,
        specimen_at=COLLECTED_AT,
    )
    [result] = record_results([new], by=staff(Role.LAB_TECHNICIAN), at=NOON + hours(500))
    assert not ConsigneeNotice.objects.exists()
    verify_results([result.pk], by=staff(Role.LAB_TECHNICIAN, "the-second-technician"), at=NOON + hours(501))


def test_a_late_reactive_result_tells_the_site_that_has_the_unit_and_owes_the_physician_word() -> None:
    shipment = shipped()
    [unit] = inside(shipment)

    late_result(unit.donation, "chagas", "positive")

    item = NoticeItem.objects.get()
    assert (item.unit_id, item.notice.kind, item.notice.site) == (unit.pk, "look_back", shipment.to_site)
    assert unit.donation.code in item.notice.reason
    assert unit.donation.donor.donor_code not in item.notice.reason
    [duty] = open_duties()
    assert (duty.kind, duty.subject) == (DutyKind.INFORM_MOTHERS_PHYSICIAN, unit.donation.code)


def test_it_reopens_eligibility_and_takes_back_the_acceptance_of_what_is_here() -> None:
    unit = available_unit()

    late_result(unit.donation, "chagas", "positive")

    unit.refresh_from_db()
    assert unit.state == UnitState.QUARANTINED
    assert not EligibilityDetermination.objects.filter(donation=unit.donation, reopened_at__isnull=True).exists()
    assert not ConsigneeNotice.objects.exists()
    assert open_duties().get().subject == unit.donation.code


@pytest.mark.parametrize(("assay", "value"), [("chagas", "negative"), ("cmv_nat", "positive"), ("ebv", "positive")])
def test_a_result_that_does_not_make_ineligible_tells_nobody(assay: str, value: str) -> None:
    [unit] = inside(shipped())

    late_result(unit.donation, assay, value)

    assert not ConsigneeNotice.objects.exists()
    assert not open_duties().exists()
