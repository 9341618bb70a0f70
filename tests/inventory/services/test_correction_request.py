"""What a correction sends back or opens: an approved request, a signed release, what has left."""

import json
from decimal import Decimal

import pytest

from biobank.domain.role import Role
from inventory.domain.unit import UnitState
from inventory.models.deviation import Deviation
from inventory.models.duty import Duty
from inventory.models.release import Release
from inventory.models.request import UnitRequest, WorklistItem
from inventory.services.approval import approve_request
from tests.factories.correction import AT, confirmed, correction
from tests.factories.donation import COLLECTED_AT
from tests.factories.person import credentials, staff
from tests.factories.release import evaluated_release, inside, issued_release, received, shipped, sign
from tests.factories.request import approved_request, submitted_request
from tests.factories.time import NOON, hours
from tests.factories.trail import last_of
from tests.factories.unit import FROZEN_AT, available_unit

pytestmark = pytest.mark.django_db
BEGINS_WITH = (available_unit,)


def fresh(row):
    row.refresh_from_db()
    return row


def test_a_corrected_weight_sends_an_approved_request_back():
    unit = available_unit(segment=True)
    request = approved_request(unit)
    release = evaluated_release(request)
    sign(release)
    lines = WorklistItem.objects.count()

    made = correction("request", request.pk, "weight_kg", "26.5")
    assert made.rested == ["approval", "signature"]
    confirmed(made)

    assert (fresh(request).weight_kg, request.status, request.approval) == (Decimal("26.50"), "submitted", None)
    assert (fresh(release).status, fresh(unit).state) == ("void", UnitState.RESERVED)
    quality = staff(Role.QUALITY_REVIEWER)
    approve_request(request, owner=quality, credentials=credentials(quality), by=quality, at=AT)
    assert WorklistItem.objects.count() == lines
    assert fresh(request).approval


@pytest.mark.parametrize(
    ("field", "rested"),
    [("delivery_address", ["approval"]), ("ordering_physician", ["approval"]), ("delivery_contact", [])],
)
def test_whither_and_for_whom_is_corrected_and_no_name_is_sealed(field, rested):
    request, stays = approved_request(available_unit(segment=True)), submitted_request(available_unit(segment=True))
    now = {name: getattr(stays, name) for name in ("delivery_address", "ordering_physician", "delivery_contact")}

    made = correction("request", request.pk, field, "Corrected Road 7")
    assert made.rested == rested
    if rested:
        confirmed(made)

    assert getattr(fresh(request), field) == "Corrected Road 7"
    assert request.status == ("submitted" if rested else "approved")
    assert {name: getattr(fresh(stays), name) for name in now} == now
    assert ("Corrected Road 7" in json.dumps(last_of("fact.corrected"))) is (field == "delivery_address")


def test_a_weight_that_nobody_approved_yet_is_corrected_at_once():
    request = submitted_request()

    assert correction("request", request.pk, "weight_kg", "26.5").status == "in_effect"
    assert UnitRequest.objects.get().status == "submitted"


def test_a_correction_voids_the_release_that_was_signed_on_the_old_value():
    unit = available_unit(segment=True)
    release = issued_release(unit)

    confirmed(correction("processing", unit.made_from.get().processing_id, "frozen_at", FROZEN_AT - hours(1)))

    assert Release.objects.get(pk=release.pk).status == "void"
    assert fresh(unit).state == UnitState.QUARANTINED


def test_after_shipment_a_correction_opens_a_deviation_and_the_report_is_owed():
    unit = available_unit(segment=True)
    shipment = shipped(unit)
    gone = inside(shipment)[0]

    made = confirmed(
        correction("donation", gone.donation_id, "collected_at", COLLECTED_AT + hours(1), at=NOON + hours(3)),
        at=NOON + hours(3),
    )

    opened = Deviation.objects.get()
    assert (made.deviation, opened.deviation_class) == (opened, "major")
    assert [item.unit for item in opened.items.filter(unit__isnull=False)] == [gone]
    assert Duty.objects.filter(subject=opened.reference).exists()
    assert fresh(gone).state == UnitState.SHIPPED
    assert made.reference in opened.what_happened


def test_a_loggers_warmest_temperature_is_corrected_by_two_once_received():
    shipment = received(available_unit(segment=True))

    made = correction("shipment", shipment.pk, "warmest_celsius", "-120.0", at=NOON + hours(48))
    assert made.rested == ["receipt"]
    confirmed(made, at=NOON + hours(48))

    assert fresh(shipment).warmest_celsius == Decimal("-120.0")
    assert Deviation.objects.get().items.filter(shipment=shipment).exists()


def test_a_seal_written_wrongly_is_corrected():
    shipment = shipped(available_unit(segment=True))

    correction("shipment", shipment.pk, "seal_code", "SEAL-7")

    assert fresh(shipment).seal_code == "SEAL-7"
