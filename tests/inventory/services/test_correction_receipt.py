"""A corrected collection time judges receipts again, and a journey that was warmer than told holds what was inside."""

import json
from decimal import Decimal
from functools import partial

import pytest

from inventory.domain.correction import CorrectionRefused
from inventory.domain.unit import UnitState
from inventory.models.correction import Correction
from inventory.models.hold import Hold
from inventory.models.receipt import Receipt
from inventory.models.result import Result
from inventory.queries.correction_proof import correction_findings
from tests.factories.correction import confirmed, correction
from tests.factories.donation import COLLECTED_AT, registered_donation
from tests.factories.journey import receive, transferred
from tests.factories.time import NOON, hours
from tests.factories.trail import head_number, kinds_since, last_of
from tests.factories.unit import available_unit, received_unit
from tests.factories.untouched import nothing_changes

pytestmark = pytest.mark.django_db
LATER = NOON + hours(72)
BEGINS_WITH = (registered_donation, received_unit, available_unit, partial(available_unit, segment=True))


def collected(unit, at):
    """Correct when the donation of a unit was collected, by two people."""
    return confirmed(correction("donation", unit.donation_id, "collected_at", at))


def test_a_receipt_makes_the_collection_a_fact_that_two_people_correct():
    unit = received_unit()

    made = correction("donation", unit.donation_id, "collected_at", COLLECTED_AT + hours(1))

    assert (made.status, made.rested) == ("proposed", ["receipt"])


def test_before_the_receipt_one_person_corrects_it():
    donation = registered_donation().donation

    assert correction("donation", donation.pk, "collected_at", COLLECTED_AT + hours(1)).status == "in_effect"


@pytest.mark.parametrize(
    ("told", "earlier", "decision", "now", "held"),
    [
        ("23.50", 0.1, "accept", "23.60", 0),
        ("41.90", 0.1, "accept", "42.00", 0),
        ("41.90", 0.1001, "accept_laboratory", "42.01", 0),
        ("71.91", 0.1, "reject", "72.01", 1),
    ],
)
def test_the_receipt_is_decided_anew_by_the_hours_as_they_were(told, earlier, decision, now, held):
    unit = received_unit(hours_since_collection=Decimal(told))
    before = head_number()

    first = collected(unit, COLLECTED_AT - hours(earlier))

    row = Receipt.objects.get(unit=unit)
    assert (row.decision, row.findings["hours_since_collection"]) == (decision, now)
    assert Hold.objects.filter(unit=unit, kind="receipt", lifted_at=None).count() == held
    follow = Correction.objects.get(noun="receipt")
    assert (follow.row_id, follow.status, follow.confirmed_by) == (row.pk, "in_effect", first.confirmed_by)
    assert kinds_since(before).count("fact.corrected") == 2
    assert list(correction_findings()) == []


def test_what_was_rejected_by_a_wrong_time_is_decided_anew_and_its_hold_stays():
    unit = received_unit(hours_since_collection=Decimal("72.5"))
    assert Hold.objects.filter(unit=unit, lifted_at=None).count() == 1

    collected(unit, COLLECTED_AT + hours(1))

    assert Receipt.objects.get(unit=unit).decision == "accept_laboratory"
    assert Hold.objects.filter(unit=unit, lifted_at=None).count() == 1


@pytest.mark.parametrize("name", ["hours_since_collection", "warmest_celsius", "volume_ml"])
@pytest.mark.parametrize("value", ["NaN", "sNaN", "Infinity", "warm"])
def test_a_measured_finding_is_corrected_to_a_number_alone(name, value):
    row = Receipt.objects.get(unit=received_unit())

    with nothing_changes(), pytest.raises(CorrectionRefused, match="is a number"):
        correction("receipt", row.pk, "findings", json.dumps({name: value}))


def test_the_hours_of_a_receipt_are_never_corrected_to_nothing():
    row = Receipt.objects.get(unit=received_unit())

    with nothing_changes(), pytest.raises(CorrectionRefused, match="hours since collection is a number"):
        correction("receipt", row.pk, "findings", json.dumps({"hours_since_collection": None}))


@pytest.mark.parametrize(
    ("found", "decision", "held"),
    [
        ({"label_matches": False}, "reject", 1),
        ({"seal_intact": False}, "accept_laboratory", 1),
        ({"warmest_celsius": "26"}, "accept_laboratory", 1),
        ({"hours_since_collection": "43"}, "accept_laboratory", 0),
    ],
)
def test_what_a_corrected_finding_shows_not_to_be_as_it_was_sent_is_held(found, decision, held):
    row = Receipt.objects.get(unit=received_unit())

    confirmed(correction("receipt", row.pk, "findings", json.dumps(found)))

    row.refresh_from_db()
    assert row.decision == decision
    assert Hold.objects.filter(unit=row.unit, kind="receipt", lifted_at=None).count() == held


def test_what_was_not_as_it_was_sent_between_the_banks_sites_is_held_once_that_is_corrected():
    unit = available_unit()
    [row] = receive(transferred(unit, papers=False), unit)
    assert not Hold.objects.filter(unit=unit).exists()

    confirmed(correction("receipt", row.pk, "findings", json.dumps({"intact": False}), at=LATER), at=LATER)

    assert Hold.objects.get(unit=unit).reason.endswith("differs from what was sent: container.")


def test_an_accepted_unit_is_in_quarantine_again_with_its_hours_to_freezing_unverified():
    unit = available_unit()

    collected(unit, COLLECTED_AT + hours(2))

    unit.refresh_from_db()
    assert unit.state == UnitState.QUARANTINED
    again = Result.objects.get(assay="hours_to_freezing", unit=unit, replaced_by=None)
    assert (again.verified_at, again.replaces is None) == (None, False)
    assert Receipt.objects.get(unit__donation=unit.donation).findings["hours_since_collection"] == "21.50"
    assert last_of("fact.corrected")["new"]["fact"] == "donation.collected_at"


def test_another_donations_receipt_stays():
    unit, other = received_unit(), received_unit()

    collected(unit, COLLECTED_AT + hours(2))

    assert Receipt.objects.get(unit=other).findings["hours_since_collection"] == "23.5"


def test_a_proposal_judges_nothing():
    unit = received_unit()

    correction("donation", unit.donation_id, "collected_at", COLLECTED_AT + hours(1))

    assert Receipt.objects.get(unit=unit).findings["hours_since_collection"] == "23.5"


@pytest.mark.parametrize(("celsius", "held"), [("-149.9", 1), ("", 1), ("-150", 0), ("-190", 0)])
def test_what_was_warmer_on_its_way_than_was_told_is_held_and_nothing_else(celsius, held):
    unit, stayed = available_unit(), available_unit(segment=True)
    shipment, at = transferred(unit, papers=False), NOON + hours(72)
    receive(shipment, unit)

    made = correction("shipment", shipment.pk, "warmest_celsius", celsius, at=at)
    assert not Hold.objects.filter(unit=unit).exists()
    confirmed(made, at=at)

    assert Hold.objects.filter(unit=unit, kind="receipt", lifted_at=None).count() == held
    assert not Hold.objects.filter(unit=stayed).exists()
