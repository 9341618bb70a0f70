"""A day of lots: a pool of 24 vials, twelve of them for one patient in one decision, and a letter of one donor."""

import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from biobank.domain.role import Role
from biobank.domain.signature import Meaning
from inventory.domain.gate import NotReleasable
from inventory.domain.hold import HoldKind
from inventory.domain.snapshot import units_in
from inventory.domain.unit import ProductClass
from inventory.models.notice import NoticeItem
from inventory.models.release import Release
from inventory.queries.fold import fold_findings
from inventory.queries.gate_panel import panel_as_signed
from inventory.services.approval import approve_request
from inventory.services.hold import NewHold, place_holds
from inventory.services.pick import pick_units
from inventory.services.release import evaluate_release
from inventory.services.request import request_units
from inventory.services.shipment import hand_over_release, pack_release
from tests.factories.donation import registered_donation
from tests.factories.donor import given_consent, withdrawn
from tests.factories.lot import available_lot, tissue, vials_of, vials_wanted
from tests.factories.person import credentials, staff
from tests.factories.release import packing, scans_of, sign, units_of
from tests.factories.request import coordinator
from tests.factories.time import NOON, hours
from tests.kept import keepable

pytestmark = pytest.mark.django_db


@keepable
def pool_and_consent():
    """Return a pool of two donors, and the consent of one of them."""
    consent = given_consent()
    theirs = tissue(donation=registered_donation(consent, product=ProductClass.CORD_TISSUE))
    return available_lot(theirs, tissue()), consent


BEGINS_WITH = (pool_and_consent, available_lot)


def evaluated(lot, count, **otherwise):
    quality = staff(Role.QUALITY_REVIEWER)
    request = request_units(vials_wanted(lot, count, **otherwise), by=coordinator(), at=NOON)
    approve_request(request, owner=quality, credentials=credentials(quality), by=quality, at=NOON)
    return evaluate_release(request, by=quality, at=NOON)


def released(lot, count=12):
    release = evaluated(lot, count)
    sign(release)
    sign(release, Meaning.RELEASED)
    release.refresh_from_db()
    return release


def test_twelve_vials_of_a_pool_leave_by_one_decision_and_one_donors_withdrawal_reaches_them_all():
    (pool, consent), storage = pool_and_consent(), staff(Role.STORAGE_TECHNICIAN)

    release = released(pool)
    pick_units(release, {vial.pk: scans_of(vial) for vial in units_of(release)}, by=storage, at=NOON + hours(1))
    shipment = pack_release(release, packing(), by=storage, at=NOON + hours(1))
    hand_over_release(shipment, to="Driver 4", by=storage, at=NOON + hours(2))
    withdrawn(consent, at=NOON + hours(3))

    assert Release.objects.get().signatures.count() == 2
    assert [vial.state for vial in vials_of(pool)] == ["shipped"] * 12 + ["quarantined"] * 12
    assert NoticeItem.objects.count() == 12
    assert list(fold_findings()) == []


def test_what_is_signed_of_a_lot_is_written_once_and_each_vial_is_whole_in_it():
    pool, _ = pool_and_consent()

    release = released(pool, 24)

    content = json.loads(release.snapshot)
    [lot] = content["lots"]
    assert content["units"] == []
    assert [set(vial) for vial in lot["vials"]] == [{"unit", "facts"}] * 24
    assert [set(vial["facts"]) for vial in lot["vials"]] == [{"unit"}] * 24
    assert release.snapshot.count('"cd105_positive_percent"') < 24
    assert {len(unit["gates"]) for unit in units_in(content)} == {8}
    panel = panel_as_signed(vials_of(pool)[3])
    assert panel is not None
    assert len(panel.lines) == 9


def test_signing_a_few_vials_costs_as_many_queries_as_signing_many():
    counts = []
    released(available_lot())

    for wanted, recipient in ((12, "PATIENT-12"), (24, "PATIENT-24")):
        release = evaluated(available_lot(), wanted, recipient=recipient)
        with CaptureQueriesContext(connection) as queries:
            sign(release)
            sign(release, Meaning.RELEASED)
        counts.append(len(queries))

    assert counts[0] == counts[1]


def picked(release):
    scans = {vial.pk: scans_of(vial) for vial in units_of(release)}
    pick_units(release, scans, by=staff(Role.STORAGE_TECHNICIAN), at=NOON)
    return release


def packed(release):
    return pack_release(release, packing(), by=staff(Role.STORAGE_TECHNICIAN), at=NOON)


def signed_once(pool):
    release = evaluated(pool, 12)
    sign(release)
    return release


# How far a release of a pool has come, and what would take it further.
STEPS = {
    "request": (lambda pool: pool, lambda pool: evaluated(pool, 12)),
    "first signature": (lambda pool: evaluated(pool, 12), sign),
    "second signature": (signed_once, lambda release: sign(release, Meaning.RELEASED)),
    "pick": (released, picked),
    "hand-over": (
        lambda pool: packed(picked(released(pool))),
        lambda shipment: hand_over_release(shipment, to="Driver 4", by=staff(Role.STORAGE_TECHNICIAN), at=NOON),
    ),
}


@pytest.mark.parametrize("step", STEPS)
def test_one_donor_of_a_pool_who_took_back_consent_stops_it_at_every_step_by_gate_1_alone(step):
    pool, consent = pool_and_consent()
    so_far, go_on = STEPS[step]
    reached = so_far(pool)
    # In the table alone, as if nothing had been voided and nobody held anything.
    consent.events.create(
        kind="withdrawn", scope="all", occurred_at=NOON, at=NOON, by=staff(Role.COLLECTION_STAFF), reason="letter"
    )

    with pytest.raises(NotReleasable, match=f"{consent.donor.donor_code}: The donor withdrew"):
        go_on(reached)

    assert not {vial.state for vial in vials_of(pool)} & {"shipped"}


def test_a_hold_on_the_lot_between_the_signatures_refuses_the_second():
    lot = available_lot()
    release = evaluated(lot, 12)
    sign(release)
    place_holds([NewHold(HoldKind.INVESTIGATION, "doubt", lot_id=lot.pk)], by=staff(Role.LAB_TECHNICIAN), at=NOON)

    with pytest.raises(NotReleasable, match=f"on {lot.code}"):
        sign(release, Meaning.RELEASED)

    assert {vial.state for vial in vials_of(lot)} == {"reserved", "available"}
