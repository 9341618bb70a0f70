"""What people type: a text or number that cannot be kept is refused by its field, and nothing is written."""

from datetime import date
from decimal import Decimal
from functools import partial

import pytest

from biobank.domain.refusal import RuleViolation
from biobank.domain.role import Role
from inventory.domain.assay import Subject
from inventory.domain.hold import HoldKind
from inventory.domain.notice import NoticeKind
from inventory.domain.outcome import OutcomeKind
from inventory.models.recipient import Recipient
from inventory.models.result import Result
from inventory.services.correction import Correction, correct_result
from inventory.services.delivery import AsReceived, Delivery, receive_at_site, return_unit
from inventory.services.disposition import Discard, discard_unit, use_unit
from inventory.services.hold import NewHold, lift_hold, place_holds
from inventory.services.notice import open_notice
from inventory.services.outcome import NewOutcome, report_outcome
from inventory.services.release import revoke_release
from inventory.services.request import cancel_request, reject_request, request_units, take_out_unit
from inventory.services.result import NewResult, record_results
from inventory.services.shipment import hand_over_release, pack_release
from tests.factories.person import person, staff
from tests.factories.protocol import clinic, protocol_in_force
from tests.factories.release import (
    COLD,
    inside,
    issued_release,
    packing,
    picked_release,
    received,
    shipped,
)
from tests.factories.request import coordinator, submitted_request, wanted
from tests.factories.time import NOON, hours
from tests.factories.unit import available_unit
from tests.factories.untouched import nothing_changes

pytestmark = pytest.mark.django_db
BEGINS_WITH = (
    available_unit,
    partial(available_unit, segment=True),
    issued_release,
    picked_release,
    shipped,
    received,
)
NEXT_DAY = NOON + hours(24)
BAD = ["a\x00b", "a\ud800b", "a\u202eb", "x" * 5000]
MISSING = ["", "  "]


def refused(*fields, call):
    """Hold that the call is refused, naming one of the fields, and changes nothing."""
    with nothing_changes(), pytest.raises(RuleViolation) as refusal:
        call()
    assert {refusal.value.field, *(each.field for each in refusal.value.reasons)} & set(fields)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *((field, bad) for field in ("delivery_address", "delivery_contact", "ordering_physician") for bad in BAD),
        *(("recipient", bad) for bad in (*BAD, "Anna Müller", "PATIENT\u200b-7")),
        *(("order_sha256", bad) for bad in (*BAD, "B" * 64, "b" * 63, "signed by Dr Order")),
        *(("weight_kg", Decimal(bad)) for bad in ("NaN", "sNaN", "Infinity", "-Infinity", "1e10", "0.001", "62.555")),
    ],
)
def test_a_request_is_refused_by_the_field_that_cannot_be_kept(field, value):
    unit = available_unit()
    new = wanted(unit, **{field: value})
    by = coordinator()

    refused(field, call=lambda: request_units(new, by=by, at=NOON))


def test_a_unit_that_no_bank_can_have_is_not_looked_up():
    new = wanted(unit_ids=(2**70,))
    by = coordinator()

    refused("units", call=lambda: request_units(new, by=by, at=NOON))


@pytest.mark.parametrize("reason", [*BAD, *MISSING])
def test_what_is_done_to_a_request_gives_a_reason_that_can_be_kept(reason):
    request = submitted_request(available_unit(), available_unit(segment=True))
    unit, by = request.lines.first().unit, staff(Role.QUALITY_REVIEWER)

    for end in (cancel_request, reject_request):
        refused("reason", call=lambda end=end: end(request, reason=reason, by=by, at=NOON))
    refused("reason", call=lambda: take_out_unit(request, unit, reason=reason, by=by, at=NOON))


@pytest.mark.parametrize("reason", [*BAD[:3], *MISSING])
def test_a_revoked_release_says_why_in_words_that_can_be_kept(reason):
    release, by = issued_release(), staff(Role.QUALITY_REVIEWER)

    refused("reason", call=lambda: revoke_release(release, reason=reason, by=by, at=NOON))


@pytest.mark.parametrize("text", [*BAD, *MISSING])
def test_packing_and_handing_over_name_what_can_be_kept(text):
    release, by = picked_release(), staff(Role.STORAGE_TECHNICIAN)
    for field in ("shipper_code", "seal_code", "logger_code", "courier"):
        how = packing(**{field: text})
        refused(field, call=lambda how=how: pack_release(release, how, by=by, at=NOON + hours(1)))
    shipment = pack_release(release, packing(), by=by, at=NOON + hours(1))

    refused("to", call=lambda: hand_over_release(shipment, to=text, by=by, at=NOON + hours(2)))


@pytest.mark.parametrize("text", BAD)
def test_a_delivery_says_what_can_be_kept(text):
    shipment, by = shipped(), coordinator()
    unit = inside(shipment)[0]

    for item in (AsReceived(accepted=False, reason=text), AsReceived(accepted=True, findings={"seal": text})):
        delivery = Delivery(items={unit.pk: item}, warmest_celsius=COLD)
        refused(*("reason", "findings"), call=lambda each=delivery: receive_at_site(shipment, each, by=by, at=NEXT_DAY))


@pytest.mark.parametrize("text", [*BAD, *MISSING])
def test_the_end_of_a_unit_is_told_in_words_that_can_be_kept(text):
    unit, by = inside(received())[0], coordinator()
    discard = Discard(reason="other", amount=text, note=text, witness=person(), occurred_at=NEXT_DAY)

    refused("left_over", call=lambda: use_unit(unit, left_over=text, occurred_at=NEXT_DAY, by=by, at=NEXT_DAY))
    refused("amount", call=lambda: discard_unit(unit, discard, by=by, at=NEXT_DAY))
    refused("reason", call=lambda: return_unit(unit, reason=text, occurred_at=NEXT_DAY, by=by, at=NEXT_DAY))


@pytest.mark.parametrize("text", [*BAD, *MISSING])
def test_a_hold_and_its_lifting_say_why_in_words_that_can_be_kept(text):
    unit, by, quality = available_unit(), staff(Role.LAB_TECHNICIAN), staff(Role.QUALITY_REVIEWER)
    hold = place_holds([NewHold(HoldKind.MIX_UP, "two labels", unit_id=unit.pk)], by=by, at=NOON)[0]
    new = NewHold(HoldKind.MIX_UP, text, unit_id=unit.pk)

    refused("reason", call=lambda: place_holds([new], by=by, at=NOON))
    refused("because", call=lambda: lift_hold(hold, reason=text, by=quality, at=NOON))


@pytest.mark.parametrize("text", [*BAD[:3], *MISSING])
def test_a_notice_says_why_in_words_that_can_be_kept(text):
    unit, by, site = available_unit(), staff(Role.QUALITY_REVIEWER), clinic()

    refused("reason", call=lambda: open_notice(NoticeKind.RECALL, site=site, units=[unit], reason=text, by=by, at=NOON))


@pytest.mark.parametrize("text", BAD)
def test_a_result_and_its_correction_say_what_can_be_kept(text):
    unit, by = available_unit(), staff(Role.LAB_TECHNICIAN)
    old = Result.objects.filter(unit=unit, assay="tnc", sample=None).first()
    good = NewResult("tnc", Subject.UNIT, unit=unit, value="1200000000")

    refused("reason", call=lambda: correct_result(Correction(old.pk, good, reason=text), by=by, at=NOON))
    for field in ("method", "instrument", "laboratory"):
        new = NewResult("tnc", Subject.UNIT, unit=unit, value="1200000000", **{field: text})
        refused(field, call=lambda new=new: record_results([new], by=by, at=NOON))


@pytest.mark.parametrize("text", [*BAD, "NaN", "Infinity", "1e400", "1_0"])
def test_an_outcome_s_value_is_a_plausible_number(text):
    unit, by = inside(received())[0], coordinator()
    new = NewOutcome(kind=OutcomeKind.FOLLOW_UP, outcome_date=date(2026, 3, 15), values={"inr": text})

    refused("inr", call=lambda: report_outcome(unit, new, by=by, at=NOON + hours(48)))


@pytest.mark.parametrize("typed", ["patient-7", " PATIENT-7 "])
def test_one_recipient_has_one_row_and_one_cap_however_the_code_is_typed(typed):
    protocol = protocol_in_force(code="LIVER-2", units_per_recipient_cap=1)
    one, two = available_unit(), available_unit(segment=True)
    request_units(wanted(one, protocol=protocol), by=coordinator(), at=NOON)

    with pytest.raises(RuleViolation, match="gate 8"):
        request_units(wanted(two, protocol=protocol, recipient=typed), by=coordinator(), at=NOON)

    assert Recipient.objects.get(protocol_code=protocol.code).code == "PATIENT-7"
