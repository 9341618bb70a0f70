"""What a code leads to beside the unit's own: its lot, its pool's number, its donor, what quality says of it."""

import pytest

from biobank.domain.role import Role
from inventory.domain.identifier import decode
from inventory.models.hold import Hold
from inventory.queries.search import units_found
from tests.factories.lot import made_pool, tissue, vials_of
from tests.factories.page_unit import VIAL, maternity, unit
from tests.factories.person import person, staff
from tests.factories.time import NOON

pytestmark = pytest.mark.django_db


def found(code: str, by, *, sees_all_sites: bool = True) -> set[str]:
    return {each.code for each in units_found(decode(code), by, NOON, sees_all_sites=sees_all_sites).units}


def test_a_lot_and_the_number_of_a_pool_lead_to_its_vials():
    unit(VIAL)
    lot = made_pool(tissue(), tissue())
    vials = {each.code for each in vials_of(lot)}

    assert found(lot.code, staff(Role.LAB_TECHNICIAN)) == vials
    assert found(f"={lot.pool_din}00", staff(Role.LAB_TECHNICIAN)) == vials


def test_a_donor_and_a_hold_on_her_lead_to_what_came_of_her_and_to_nothing_else():
    theirs, other = unit(), unit(VIAL.replace("000123", "000124"))
    donor = theirs.donation.donor
    hold = Hold.objects.create(
        reference="HLD-7F3K9QXM",
        kind="investigation",
        reason="mix-up?",
        donor=donor,
        placed_by=staff(Role.LAB_TECHNICIAN),
        placed_at=NOON,
    )

    assert found(donor.donor_code, staff(Role.LAB_TECHNICIAN)) == {theirs.code}
    assert found(hold.reference, staff(Role.LAB_TECHNICIAN)) == {theirs.code}
    assert other.donation.donor != donor


def test_people_of_one_site_are_led_nowhere_by_a_hold():
    theirs = unit()
    by = staff(Role.LAB_TECHNICIAN)
    Hold.objects.create(
        reference="HLD-7F3K9QXM", kind="investigation", reason="x", unit=theirs, placed_by=by, placed_at=NOON
    )
    collector = person(Role.COLLECTION_STAFF, site=maternity())

    assert found(theirs.code, collector, sees_all_sites=False) == {theirs.code}
    assert found("HLD-7F3K9QXM", collector, sees_all_sites=False) == set()
