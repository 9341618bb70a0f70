from datetime import date
from decimal import Decimal

import pytest

from biobank.domain.role import Role
from consent.domain.duo import BIOMEDICAL
from inventory.domain.criterion import Criterion, Scope
from inventory.domain.gate import NotReleasable
from inventory.domain.hold import HoldKind
from inventory.domain.request import RequestRefused
from inventory.domain.reservation import AlreadyReserved, ReservationTooLong
from inventory.domain.specification import Operator
from inventory.domain.unit import ProductClass, UnitState, Use
from inventory.models.recipient import Recipient
from inventory.models.request import UnitRequest
from inventory.models.reservation import Reservation
from inventory.services.hold import NewHold, place_holds
from inventory.services.request import (
    request_units,
)
from tests.factories.donation import registered_donation
from tests.factories.donor import consent_for, given_consent, withdrawn
from tests.factories.person import staff
from tests.factories.protocol import clinic, on_protocol, protocol_in_force
from tests.factories.request import coordinator, submitted_request, wanted
from tests.factories.time import NOON, days, hours
from tests.factories.trail import head_number, kinds_since, last_of
from tests.factories.unit import available_unit, determined_unit

pytestmark = pytest.mark.django_db
BEGINS_WITH = (available_unit,)


def refused(*units, match, protocol=None, error=NotReleasable, **otherwise):
    """Ask for units, and hold that the refusal changed nothing but for one entry of the attempt."""
    states, before = [unit.state for unit in units], head_number()

    with pytest.raises(error, match=match):
        request_units(wanted(*units, protocol=protocol, **otherwise), by=coordinator(), at=NOON)

    for unit, state in zip(units, states, strict=True):
        unit.refresh_from_db()
        assert unit.state == state
    assert not UnitRequest.objects.exists()
    assert not Reservation.objects.exists()
    assert not Recipient.objects.exists()
    assert kinds_since(before) == ["request.refused"]


def ready(*unit_and_protocol):
    """Make sure that what is not under test is there before the attempt is counted."""
    coordinator()
    return unit_and_protocol[0] if len(unit_and_protocol) == 1 else unit_and_protocol


def test_requesting_reserves_every_unit_for_the_protocol():
    units = [available_unit(), available_unit()]
    before = head_number()

    request = submitted_request(*units)

    assert [line.unit_id for line in request.lines.order_by("unit_id")] == [unit.pk for unit in units]
    assert {each.until for each in request.reservations.all()} == {NOON + hours(336)}
    for unit in units:
        unit.refresh_from_db()
        assert (unit.state, unit.reserved_from) == (UnitState.RESERVED, UnitState.AVAILABLE)
    kinds = [kind for kind in kinds_since(before) if kind.startswith(("request", "unit", "recipient"))]
    assert kinds == ["recipient.registered", "request.submitted", "unit.reserved", "unit.reserved"]


def test_requesting_a_unit_whose_consent_excludes_the_disease_changes_nothing():
    unit, protocol = ready(available_unit(consent=consent_for("hepatitis B")), protocol_in_force())

    refused(unit, protocol=protocol, match="gate 1")


def test_requesting_a_unit_whose_donor_has_withdrawn_changes_nothing():
    consent = given_consent()
    unit = ready(available_unit(consent=consent))
    protocol_in_force()
    withdrawn(consent, at=NOON - hours(1))
    unit.refresh_from_db()

    refused(unit, match="gate 1")


def test_requesting_for_people_what_the_donor_gave_for_the_laboratory_changes_nothing():
    unit = ready(available_unit(Use.LABORATORY, consent=given_consent(treatment=False)))
    protocol_in_force()

    refused(unit, match="gate 1")


def test_requesting_a_held_unit_changes_nothing():
    unit = ready(available_unit())
    protocol_in_force()
    place_holds(
        [NewHold(HoldKind.MIX_UP, "two labels", donation_id=unit.donation_id)], by=staff(Role.LAB_TECHNICIAN), at=NOON
    )

    refused(unit, match="gate 6")


def test_requesting_an_expired_unit_changes_nothing():
    unit = ready(available_unit())
    protocol_in_force()
    type(unit).objects.filter(pk=unit.pk).update(expires_at=NOON, expiry_basis="policy_years")

    refused(unit, match="gate 5")


def test_requesting_a_unit_that_misses_a_criterion_changes_nothing():
    more = Criterion(Scope.UNIT, "tnc", Operator.AT_LEAST, Decimal(2_000_000_000))
    unit, protocol = ready(available_unit(), protocol_in_force(criteria=(more,)))

    refused(unit, protocol=protocol, match="gate 8")


def test_requesting_under_a_superseded_protocol_changes_nothing():
    unit, protocol = ready(available_unit(), protocol_in_force())
    protocol_in_force(title="Amended")

    refused(unit, protocol=protocol, match="not signed and in force")


@pytest.mark.parametrize(
    ("otherwise", "match"),
    [
        ({"ethics_until": date(2026, 3, 13)}, "ethics approval"),
        ({"authorisation_until": date(2026, 3, 13)}, "regulatory authorisation"),
        ({"product_classes": (ProductClass.PLACENTA,)}, "does not take"),
        ({"open_reservations_cap": 0}, "open reservations"),
        ({"recipients_cap": 0}, "recipients"),
        ({"units_per_recipient_cap": 0}, "units for this recipient"),
    ],
)
def test_requesting_under_a_protocol_that_does_not_allow_it_changes_nothing(otherwise, match):
    unit, protocol = ready(available_unit(), protocol_in_force(**otherwise))

    refused(unit, protocol=protocol, match=match)


def test_requesting_for_a_site_without_an_agreement_in_force_changes_nothing():
    over = on_protocol(until=date(2026, 3, 13))
    unit, protocol = ready(available_unit(), protocol_in_force(sites=(over,)))

    refused(unit, protocol=protocol, match="agreement with site CLINIC-1")


def test_requesting_for_a_site_that_is_not_on_the_protocol_changes_nothing():
    unit, protocol, elsewhere = ready(available_unit(), protocol_in_force(), clinic("CLINIC-2"))

    refused(unit, protocol=protocol, site=elsewhere, match="CLINIC-2 is not on the protocol")


def test_requesting_a_unit_in_quarantine_changes_nothing():
    available = available_unit()
    unit = ready(determined_unit(registered_donation()))
    protocol_in_force()
    assert available.state == UnitState.AVAILABLE

    refused(unit, match="it is quarantined, not available")


def test_one_unit_that_cannot_be_had_refuses_all_and_every_reason_is_named():
    good, held, excluded = available_unit(), available_unit(), available_unit(consent=consent_for("hepatitis B"))
    ready(good)
    protocol_in_force()
    place_holds([NewHold(HoldKind.INVESTIGATION, "odd", unit_id=held.pk)], by=staff(Role.LAB_TECHNICIAN), at=NOON)

    refused(good, held, excluded, match="gate 6")

    told = " ".join(last_of("request.refused")["new"]["reasons"])
    assert held.code in told
    assert "gate 6" in told
    assert excluded.code in told
    assert "gate 1" in told
    assert good.code not in told


def test_a_unit_of_another_request_is_refused_by_name():
    unit = available_unit()
    first = submitted_request(unit)
    before = head_number()

    with pytest.raises(AlreadyReserved, match=unit.code):
        request_units(wanted(unit), by=coordinator(), at=NOON)

    assert UnitRequest.objects.get() == first
    assert kinds_since(before) == ["request.refused"]


@pytest.mark.parametrize(
    ("otherwise", "field"),
    [
        ({"unit_ids": ()}, "units"),
        ({"needed_by": date(2026, 3, 13)}, "needed_by"),
        ({"delivery_address": " "}, "delivery_address"),
        ({"delivery_contact": ""}, "delivery_contact"),
        ({"recipient": ""}, "recipient"),
        ({"ordering_physician": ""}, "ordering_physician"),
        ({"order_sha256": ""}, "order_sha256"),
        ({"weight_kg": Decimal(0)}, "weight_kg"),
    ],
)
def test_a_request_that_leaves_something_out_is_refused_by_its_field(otherwise, field):
    unit = available_unit()

    with pytest.raises(RequestRefused) as refusal:
        request_units(wanted(unit, **otherwise), by=coordinator(), at=NOON)

    assert [each.field for each in refusal.value.reasons] == [field]
    assert not UnitRequest.objects.exists()


def test_a_request_for_an_unknown_or_repeated_unit_is_refused():
    unit = available_unit()

    with pytest.raises(RequestRefused) as refusal:
        request_units(wanted(unit, unit_ids=(unit.pk, unit.pk, 999_999)), by=coordinator(), at=NOON)

    assert {each.code for each in refusal.value.reasons} == {"unit-twice", "no-such-unit"}


def test_a_request_in_the_laboratory_names_no_recipient():
    unit = available_unit(Use.LABORATORY, product=ProductClass.PLACENTA)
    protocol = protocol_in_force(
        code="LAB-1", human_application=False, product_classes=(ProductClass.PLACENTA,), criteria=(), duo=(BIOMEDICAL,)
    )

    request = submitted_request(unit, protocol=protocol)

    assert request.recipient is None
    unit.refresh_from_db()
    assert unit.state == UnitState.RESERVED


def test_a_reservation_is_no_longer_than_the_protocol_allows():
    unit = available_unit()

    with pytest.raises(ReservationTooLong):
        request_units(wanted(unit, until=NOON + days(30)), by=coordinator(), at=NOON)

    assert not Reservation.objects.exists()


def test_a_reservation_ends_when_the_request_says():
    unit = available_unit()

    request = request_units(wanted(unit, until=NOON + days(2)), by=coordinator(), at=NOON)

    assert request.reservations.get().until == NOON + days(2)


TYPING = {"hla_a": "A*02:01, A*01:01", "hla_b": "B*08:01+B*44:02", "hla_drb1": "DRB1*15:01 DRB1*03:01"}


def test_a_request_keeps_the_recipients_typing_in_its_one_form():
    request = request_units(wanted(available_unit(), recipient_typing=TYPING), by=coordinator(), at=NOON)

    request.refresh_from_db()
    assert request.recipient_typing == {
        "hla_a": "A*01:01+A*02:01",
        "hla_b": "B*08:01+B*44:02",
        "hla_drb1": "DRB1*03:01+DRB1*15:01",
    }


@pytest.mark.parametrize(
    "typing",
    [{"hla_a": "A2 perhaps"}, {"hla_a": "B*08:01+B*44:02"}, {"hla_a": ""}, {"hla_a": "A*01:01"}, {"abo_rh": "O pos"}],
)
def test_a_typing_that_cannot_be_read_changes_nothing(typing):
    unit = available_unit()

    with pytest.raises(RequestRefused) as refused:
        request_units(wanted(unit, recipient_typing=TYPING | typing), by=coordinator(), at=NOON)

    assert {each.field for each in refused.value.reasons} == {"recipient_typing"}
    assert not UnitRequest.objects.exists()


def test_a_unit_whose_match_with_the_recipient_is_not_enough_or_not_known_cannot_be_requested():
    of_6 = Criterion(Scope.UNIT, "hla_match_of_6", Operator.AT_LEAST, Decimal(4))
    unit, protocol = ready(available_unit(), protocol_in_force(criteria=(of_6,)))
    # The unit is A*01:01, A*02:01; B*07:02, B*08:01; DRB1*03:01, DRB1*15:01.
    three = TYPING | {"hla_a": "A*03:01+A*11:01", "hla_b": "B*08:01+B*44:02"}

    refused(unit, protocol=protocol, match="HLA-A, HLA-B, HLA-DRB1 is not typed and verified of both")
    refused(unit, protocol=protocol, match="with PATIENT-7 3 against at least 4", recipient_typing=three)
    request = request_units(wanted(unit, protocol=protocol, recipient_typing=TYPING), by=coordinator(), at=NOON)

    assert request.status == "submitted"
