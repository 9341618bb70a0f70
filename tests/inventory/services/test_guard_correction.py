from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction

from biobank.domain.role import Role
from biobank.services.guard import drop_guards, install_guards
from consent.queries.donor import infants_of
from inventory.models.correction import Correction
from inventory.models.donation import Donation
from inventory.models.placement import Placement
from inventory.models.processing import Processing
from inventory.models.receipt import Receipt
from inventory.models.request import UnitRequest
from inventory.models.sample import ReferenceSample
from inventory.models.shipment import Shipment
from inventory.queries.correction_proof import correction_findings
from tests.factories.correction import AT, confirmed, correction
from tests.factories.donation import COLLECTED_AT
from tests.factories.donor import given_consent
from tests.factories.person import staff
from tests.factories.request import approved_request
from tests.factories.time import NOON, hours
from tests.factories.unit import available_unit, box

pytestmark = pytest.mark.django_db
BEGINS_WITH = (available_unit, approved_request)


def statements():
    """Return statements that would change a recorded fact past every service, by what they would change."""
    request = approved_request()
    unit = request.lines.get().unit
    other = given_consent().donor
    infant, donation = unit.donation.infant, Donation.objects.filter(pk=unit.donation_id)
    places, runs = Placement.objects.filter(unit=unit), Processing.objects.filter(lineage__child=unit)
    free = box().positions.order_by("pk").last()
    run = Processing.objects.filter(pk=runs.get().pk)
    mine = UnitRequest.objects.filter(pk=request.pk)
    return {
        "collected_at": lambda: donation.update(collected_at=COLLECTED_AT - hours(1)),
        "clamp_seconds": lambda: donation.update(clamp_seconds=None),
        "delivery": lambda: donation.update(delivery="caesarean"),
        "donor": lambda: donation.update(donor=other, infant=infants_of([other.pk])[other.pk][0]),
        "frozen_at": lambda: run.update(frozen_at=NOON),
        "method": lambda: run.update(method="another"),
        "role": lambda: ReferenceSample.objects.filter(unit=unit).update(role="dna"),
        "logger": lambda: Shipment.objects.update(logger_code="LOG-0"),
        "findings": lambda: Receipt.objects.update(findings={}),
        "decision": lambda: Receipt.objects.update(decision="reject", reason="why"),
        "weight": lambda: mine.update(weight_kg=Decimal(30)),
        "approval": lambda: mine.update(approval=None, approved_at=None, status="submitted"),
        "position": lambda: places.update(position=free),
        "born_at": lambda: type(infant).objects.filter(pk=infant.pk).update(born_at=NOON),
    }


WHAT = (
    *("collected_at", "clamp_seconds", "delivery", "donor", "frozen_at", "method", "role", "logger", "findings"),
    *("decision", "weight", "approval", "position", "born_at"),
)


@pytest.mark.parametrize("what", WHAT)
def test_a_fact_changes_only_by_the_correction_that_says_so(what):
    statement = statements()[what]

    with pytest.raises(DatabaseError), transaction.atomic():
        statement()


@pytest.mark.parametrize("what", WHAT)
def test_canary_without_guards_every_one_of_them_is_written(what):
    statement = statements()[what]

    drop_guards(connection)
    try:
        assert statement()
    finally:
        install_guards(connection)


def test_a_correction_accounts_for_exactly_its_value_and_only_while_it_is_applying():
    donation = available_unit().donation
    made = correction("donation", donation.pk, "collected_at", COLLECTED_AT + hours(1))
    mine = Donation.objects.filter(pk=donation.pk)

    with pytest.raises(DatabaseError), transaction.atomic():
        mine.update(collected_at=COLLECTED_AT + hours(1))
    confirmed(made)
    with pytest.raises(DatabaseError), transaction.atomic():
        mine.update(collected_at=COLLECTED_AT)
    correction_row(donation, status="applying", new_time=COLLECTED_AT)
    with pytest.raises(DatabaseError), transaction.atomic():
        mine.update(collected_at=COLLECTED_AT - hours(1))


def correction_row(donation, **otherwise):
    usual = {
        "reference": "COR-X",
        "subject": donation.code,
        "noun": "donation",
        "row_id": donation.pk,
        "field": "collected_at",
        "reason": "why",
        "status": "proposed",
        "asked_by": staff(Role.LAB_TECHNICIAN),
        "asked_at": AT,
    }
    return Correction.objects.create(**usual | otherwise)


@pytest.mark.parametrize(
    "changed",
    [
        {"status": "in_effect", "effective_at": AT},
        {"status": "applying", "needs_second": True},
        {"status": "applying", "needs_second": True, "confirmed_at": AT},
        {"reason": ""},
    ],
)
def test_a_correction_that_skips_its_second_person_is_refused(changed):
    donation = available_unit().donation

    with pytest.raises(DatabaseError), transaction.atomic():
        correction_row(donation, **changed)


def test_a_correction_is_not_rewritten_and_nobody_confirms_their_own():
    donation = available_unit().donation
    made = correction("donation", donation.pk, "collected_at", COLLECTED_AT + hours(1))
    mine = Correction.objects.filter(pk=made.pk)

    for changed in (
        {"new_time": COLLECTED_AT + hours(2)},
        {"needs_second": False},
        {"status": "applying", "confirmed_by": made.asked_by, "confirmed_at": AT},
        {"status": "applying"},
        {"status": "in_effect", "effective_at": AT},
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            mine.update(**changed)


def test_verify_finds_a_fact_that_is_not_what_its_correction_wrote():
    unit = available_unit()
    run = unit.made_from.get().processing
    confirmed(correction("processing", run.pk, "additives", '["dextran"]'))
    correction("donation", unit.donation_id, "clamp_seconds", 20)
    assert list(correction_findings()) == []

    Processing.objects.filter(pk=run.pk).update(additives=["nothing"])
    correction_row(unit.donation, status="applying")

    found = [finding.text for finding in correction_findings()]
    assert found[0] == "COR-X was begun and never took effect."
    assert "additives is not what" in found[1]
