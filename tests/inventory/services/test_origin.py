from datetime import timedelta
from decimal import Decimal

import pytest

from biobank.models.ledger import LedgerEntry
from consent.domain.permitted_use import Standing
from consent.queries.consent import consent_status
from inventory.domain.din import Din
from inventory.domain.origin import NotTakenIn
from inventory.domain.receipt import Condition
from inventory.domain.unit import UnitState
from inventory.models.donation import Donation
from inventory.models.hold import Hold
from inventory.models.receipt import Receipt
from inventory.models.sample import ReferenceSample
from inventory.models.shipment import Shipment, ShipmentItem
from inventory.models.unit import Unit
from inventory.queries.fold import fold_findings
from tests.factories.donation import next_din, registered_donation
from tests.factories.origin import CAME_AT, foreign_din, foreign_unit, other_bank, taken_in
from tests.factories.person import site
from tests.factories.time import NOON, days
from tests.factories.unit import working_bank

pytestmark = pytest.mark.django_db
BEGINS_WITH = (working_bank,)

TABLES = (Donation, Unit, ReferenceSample, Shipment, ShipmentItem, Receipt, Hold)


def refused(*units, **otherwise):
    """Return why units were not taken in, after which nothing has changed."""
    other_bank()
    before = [table.objects.count() for table in TABLES]
    with pytest.raises(NotTakenIn) as refusal:
        taken_in(*units, **otherwise)
    assert [table.objects.count() for table in TABLES] == before
    return [reason.code for reason in refusal.value.reasons]


def test_a_unit_of_another_bank_is_quarantined_under_its_own_number_with_the_journey_that_brought_it():
    new = foreign_unit()

    unit = taken_in(new)[0]

    assert (unit.state, unit.origin, unit.holder) == (UnitState.QUARANTINED, "other_bank", "BANK-1")
    assert unit.donation.din == unit.donation.code == new.din[:13]
    assert unit.code == f"{new.din[:13]}S9002V00"
    assert unit.donation.collection_site == other_bank()
    assert unit.expiry_basis
    item = ShipmentItem.objects.select_related("shipment").get(unit=unit)
    assert (item.outcome, item.shipment.from_site, item.shipment.received_at) == ("received", other_bank(), CAME_AT)
    assert Receipt.objects.get(unit=unit).decision == "accept"
    assert not Hold.objects.exists()
    assert sorted(unit.samples.values_list("role", flat=True)) == ["dna", "segment", "segment"]
    assert unit.donation.samples.filter(unit=None).count() == 2
    assert list(fold_findings()) == []
    entry = LedgerEntry.objects.get(kind="unit.registered")
    assert '"origin":"other_bank"' in entry.body


def test_nothing_is_known_of_the_consent_of_a_donor_of_another_bank():
    unit = taken_in()[0]

    status = consent_status([unit.donation.donor_id], NOON)[unit.donation.donor_id]

    assert status.standing is Standing.UNKNOWN
    assert unit.donation.donor.origin == "other_bank"


def test_units_of_one_donor_come_under_one_donor_in_this_delivery_and_in_the_next():
    first = taken_in(foreign_unit(donor="N-17"), foreign_unit(donor="N-17"), foreign_unit(donor="N-18"))
    again = taken_in(foreign_unit(donor="N-17"))[0]

    one, two, three = (unit.donation.donor_id for unit in first)
    assert one == two == again.donation.donor_id != three
    assert "N-17" not in str(list(LedgerEntry.objects.values_list("body", flat=True)))
    assert not Donation.objects.filter(donor_key__contains="N-17").exists()


def test_a_second_bag_of_a_donation_joins_it():
    din = foreign_din()

    units = taken_in(foreign_unit(din=din, donor="N-1"), foreign_unit(din=din, donor="N-1", product_code="S9002VA0"))

    assert units[0].donation == units[1].donation
    assert Donation.objects.count() == 1


def test_a_number_that_is_one_of_ours_is_refused():
    own = registered_donation().donation

    assert refused(foreign_unit(din=own.din), foreign_unit()) == ["own-din"]


def test_a_number_of_our_facility_that_we_never_issued_is_refused():
    registered_donation()

    assert refused(foreign_unit(din=next_din())) == ["own-facility"]


def test_a_number_on_record_of_another_donor_is_refused():
    din = foreign_din()
    taken_in(foreign_unit(din=din, donor="N-1"))

    assert refused(foreign_unit(din=din, donor="N-2", product_code="S9002VA0")) == ["other-donor"]
    assert refused(foreign_unit(din=din, donor="N-1")) == ["code-taken"]


@pytest.mark.parametrize(
    ("units", "otherwise", "expected"),
    [
        ((), {"units": ()}, ["empty"]),
        ((), {"handed_over_at": NOON + days(9)}, ["future"]),
        ((foreign_unit(volume_ml=Decimal(-1)),), {}, ["amount"]),
        ((foreign_unit(frozen_at=CAME_AT + timedelta(days=1)),), {}, ["times"]),
        ((foreign_unit(collected_at=CAME_AT, frozen_at=CAME_AT - timedelta(days=9)),), {}, ["times"]),
    ],
)
def test_what_cannot_have_come_so_is_refused(units, otherwise, expected):
    assert refused(*units, **otherwise) == expected


def test_one_unit_stated_twice_or_of_two_donors_is_refused():
    unit = foreign_unit()

    assert refused(unit, unit) == ["twice"]
    assert refused(foreign_unit(din=unit.din), foreign_unit(din=unit.din, product_code="S9002VA0")) == ["two-donors"]


def test_units_come_only_from_another_bank_to_this_one():
    assert refused(foreign_unit(), from_site=site("BANK-2")) == ["route"]


def test_units_of_another_bank_are_taken_in_by_people_of_the_site_to_which_they_came():
    assert refused(foreign_unit(), to_site=site("BANK-2")) == ["other-site"]


def test_what_differs_from_its_papers_and_what_was_warm_is_held():
    taken_in(foreign_unit(condition=Condition(label_matches=False)), foreign_unit())
    taken_in(foreign_unit(), warmest_celsius=Decimal(-80))
    taken_in(foreign_unit(), warmest_celsius=None)

    assert Hold.objects.filter(kind="receipt", lifted_at=None).count() == 3
    assert Receipt.objects.filter(decision="reject").count() == 3


def test_a_number_is_read_as_scanned_with_its_flags_dropped():
    din = Din.parse(foreign_din())

    unit = taken_in(foreign_unit(din=din.scanned))[0]

    assert unit.donation.code == din.text
