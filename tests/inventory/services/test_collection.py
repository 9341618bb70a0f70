import json

import pytest

from biobank.domain.role import Role
from biobank.domain.site import SiteKind
from biobank.models.ledger import LedgerEntry
from inventory.domain.sample import SampleState
from inventory.domain.shipment import ShipmentRefused
from inventory.models.sample import ReferenceSample
from inventory.models.shipment import Shipment, ShipmentItem
from inventory.models.unit import Unit
from inventory.services.collection import hand_over_collection, pack_collection
from inventory.services.disposition import Discard, discard_unit
from inventory.services.sample import end_samples
from tests.factories.donation import REGISTERED_AT, collection_of, maternity, on_its_way, registered_donation
from tests.factories.person import site, staff
from tests.factories.release import packed_shipment
from tests.factories.time import NOON, hours
from tests.factories.trail import head_number, kinds_since
from tests.factories.unit import received_unit, working_bank
from tests.factories.untouched import nothing_changes

pytestmark = pytest.mark.django_db
BEGINS_WITH = (working_bank, registered_donation)


def pack(new):
    return pack_collection(new, by=staff(Role.COLLECTION_STAFF), at=REGISTERED_AT)


def hand_over(shipment):
    return hand_over_collection(shipment, to="Desk 1", by=staff(Role.COLLECTION_STAFF), at=REGISTERED_AT + hours(1))


def discard(unit):
    what = Discard(
        reason="damaged", amount="all", witness=staff(Role.LAB_TECHNICIAN), occurred_at=REGISTERED_AT, note="split"
    )
    discard_unit(unit, what, by=staff(Role.QUALITY_REVIEWER), at=REGISTERED_AT)


def test_units_and_tubes_are_packed_and_stay_with_the_site_until_the_courier_has_them():
    registered = registered_donation()

    shipment = pack(collection_of(registered))

    assert (shipment.kind, shipment.handed_over_at) == ("collection", None)
    assert ShipmentItem.objects.filter(shipment=shipment).count() == 3
    assert Unit.objects.get().holder == maternity().code


def test_the_courier_holds_what_was_handed_over_and_every_item_has_its_entry():
    registered = registered_donation()
    shipment = pack(collection_of(registered))
    before = head_number()

    hand_over(shipment)

    assert Unit.objects.get().holder == shipment.reference
    assert set(ReferenceSample.objects.values_list("holder", flat=True)) == {shipment.reference}
    assert kinds_since(before) == ["shipment.handed_over"] * 4
    entry = LedgerEntry.objects.get(kind="shipment.handed_over", body__contains=f'"item":"{registered.units[0].code}"')
    assert {registered.donation.code, registered.donation.donor.donor_code} < set(json.loads(entry.subjects))


def test_a_unit_that_stands_elsewhere_is_not_packed():
    here, there = registered_donation(), registered_donation()
    other = site("MAT-2", SiteKind.COLLECTION)

    with pytest.raises(ShipmentRefused, match="is at MAT-1, not here"), nothing_changes():
        pack(collection_of(here, there, from_site=other))


def test_a_unit_that_is_no_longer_as_collected_is_not_packed():
    unit, fresh = received_unit(), registered_donation()

    with pytest.raises(ShipmentRefused, match=f"{unit.code} is quarantined"), nothing_changes():
        pack(collection_of(fresh, unit_ids=(unit.pk, fresh.units[0].pk)))


def test_a_tube_that_is_used_up_or_elsewhere_is_not_packed():
    fresh, gone = registered_donation(), received_unit().donation.samples.all()
    used = registered_donation().samples[0]
    end_samples([used.pk], SampleState.CONSUMED, reason="tested", by=staff(Role.LAB_TECHNICIAN), at=REGISTERED_AT)

    with pytest.raises(ShipmentRefused) as refused, nothing_changes():
        pack(collection_of(fresh, sample_ids=(used.pk, gone[0].pk)))

    assert {reason.code for reason in refused.value.reasons} == {"state", "not-here"}


def test_what_is_packed_is_not_packed_again():
    registered = registered_donation()
    first = pack(collection_of(registered))
    again = collection_of(registered, registered_donation())

    with pytest.raises(ShipmentRefused, match=f"is packed in {first.reference}"), nothing_changes():
        pack(again)


@pytest.mark.parametrize(
    ("wrong", "match"),
    [
        ({"unit_ids": (), "sample_ids": ()}, "holds something"),
        ({"unit_ids": (0,)}, "does not exist"),
        ({"sample_ids": (0,)}, "does not exist"),
    ],
)
def test_a_box_of_nothing_or_of_what_is_not_there_is_not_packed(wrong, match):
    registered = registered_donation()

    with pytest.raises(ShipmentRefused, match=match), nothing_changes():
        pack(collection_of(registered, **wrong))


def test_a_box_does_not_go_where_it_stands():
    registered = registered_donation()

    with pytest.raises(ShipmentRefused, match="another site"), nothing_changes():
        pack(collection_of(registered, to_site=maternity()))


def test_a_box_is_handed_over_once():
    shipment = on_its_way(registered_donation())

    with pytest.raises(ShipmentRefused, match="handed over already"), nothing_changes():
        hand_over(shipment)


def test_a_release_is_not_handed_over_past_its_gates_as_if_it_were_a_collection():
    shipment = packed_shipment()

    with pytest.raises(ShipmentRefused, match="is no collection"), nothing_changes():
        hand_over_collection(shipment, to="Desk", by=staff(Role.COLLECTION_STAFF), at=NOON + hours(2))


def test_what_was_discarded_after_packing_does_not_travel():
    kept, spoiled = registered_donation(), registered_donation()
    shipment = pack(collection_of(kept, spoiled))
    discard(spoiled.units[0])
    end_samples(
        [spoiled.samples[0].pk], SampleState.DISCARDED, reason="split", by=staff(Role.LAB_TECHNICIAN), at=REGISTERED_AT
    )

    hand_over(shipment)

    assert Unit.objects.get(pk=kept.units[0].pk).holder == shipment.reference
    assert Unit.objects.get(pk=spoiled.units[0].pk).holder == maternity().code
    assert ReferenceSample.objects.get(pk=spoiled.samples[0].pk).holder == maternity().code
    assert Shipment.objects.get().handed_over_at is not None
