"""What the gates ask of a recipient: only what was measured and verified counts, of every unit that is theirs."""

from dataclasses import replace
from decimal import Decimal
from functools import partial

import pytest

from biobank.domain.role import Role
from inventory.domain.assay import Qualifier, Subject
from inventory.domain.criterion import Criterion, Scope
from inventory.domain.finding import Gate
from inventory.domain.gate import NotReleasable, evaluate
from inventory.domain.specification import Measurement, Operator, SampleSource
from inventory.domain.verdict import Outcome
from inventory.models.recipient import Recipient
from inventory.models.request import RequestLine
from inventory.models.result import Result
from inventory.models.unit import Unit
from inventory.queries.gate import Asked, asked_by, gate_facts
from inventory.queries.recipient import recipient_facts
from inventory.services.delivery import return_unit
from inventory.services.disposition import Discard, discard_unit, use_unit
from inventory.services.request import cancel_request
from inventory.services.result import NewResult, record_results, verify_results
from tests.factories.person import staff
from tests.factories.protocol import clinic, protocol_in_force
from tests.factories.release import received, shipped
from tests.factories.request import coordinator, submitted_request
from tests.factories.time import NOON, hours
from tests.factories.unit import available_unit, available_units

pytestmark = pytest.mark.django_db
BEGINS_WITH = (partial(available_units, 2, segment=True), partial(available_unit, segment=True))

TNC = Criterion(Scope.RECIPIENT, "tnc_per_kg", Operator.AT_LEAST, Decimal(1))
DMSO = Criterion(Scope.RECIPIENT, "dmso_g_per_kg_day", Operator.AT_MOST, Decimal("0.05"))
NEXT_DAY = NOON + hours(25)
COUNTED = Measurement("tnc", SampleSource.UNIT, verified=True, number=Decimal(1_100_000_000))


def of_one_unit(criterion, *measured):
    """Return what is known of the one unit of a new recipient, made with 25 mL, of which this was measured."""
    recipient = Recipient.objects.create(code="PATIENT-9", registered_at=NOON)
    facts = recipient_facts(
        recipient,
        weight_kg=Decimal(60),
        typing={},
        criteria=[criterion],
        units=[Unit(pk=10_000, code="U1", volume_ml=Decimal(25))],
        measurements={10_000: measured},
    )
    return facts.units[0].amounts


@pytest.mark.parametrize(
    ("measured", "known"),
    [
        ((COUNTED,), 1_100_000_000),
        ((replace(COUNTED, qualifier=Qualifier.BELOW_LIMIT),), None),
        ((replace(COUNTED, verified=False),), None),
        ((replace(COUNTED, number=None, qualifier=Qualifier.NOT_DONE),), None),
        ((replace(COUNTED, taken_from=SampleSource.SOURCE),), None),
        ((), None),
        ((replace(COUNTED, qualifier=Qualifier.BELOW_LIMIT), COUNTED), 1_100_000_000),
        ((replace(COUNTED, verified=False), COUNTED), 1_100_000_000),
        ((COUNTED, COUNTED), 1_100_000_000),
        ((replace(COUNTED, number=Decimal(9)), COUNTED), None),
    ],
)
def test_an_amount_is_the_one_measured_and_verified_value_of_the_unit(measured, known):
    assert of_one_unit(TNC, *measured).get("tnc") == known


VOLUME = replace(COUNTED, assay="volume_ml", number=Decimal("24.5"))


@pytest.mark.parametrize(
    ("measured", "volume_ml"),
    [
        ((), 25),
        ((VOLUME,), Decimal("24.5")),
        ((replace(VOLUME, taken_from=SampleSource.SOURCE),), 25),
        ((replace(VOLUME, verified=False),), None),
    ],
)
def test_the_volume_is_the_one_it_was_made_with_unless_it_was_measured(measured, volume_ml):
    assert of_one_unit(DMSO, *measured).get("volume_ml") == volume_ml


def test_gate_8_refuses_a_dose_of_which_a_unit_was_only_found_to_be_below_a_limit():
    unit = available_unit(segment=True)
    asked = asked_by(submitted_request(unit, protocol=protocol_in_force(criteria=(TNC,))))
    before = gate_of_protocol(unit, asked)

    counted_anew_below_the_limit(Result.objects.get(unit=unit, assay="tnc"))
    after = gate_of_protocol(unit, asked)

    assert before.outcome is Outcome.PASS
    assert after.outcome is Outcome.UNKNOWN
    assert f"Total nucleated cells of {unit.code} is not known and verified" in after.reason


def test_units_of_earlier_requests_count_until_those_come_to_nothing():
    protocol = protocol_in_force(criteria=(TNC,))
    first, second = available_units(2, segment=True)
    earlier = submitted_request(first, protocol=protocol)
    request = submitted_request(second, protocol=protocol)

    before = codes_of(second, request)
    cancel_request(earlier, reason="not needed", by=coordinator(), at=NOON)

    assert before == sorted([first.code, second.code])
    assert codes_of(second, request) == [second.code]


def keep_on_its_way(unit):
    shipped(unit, protocol=protocol_in_force())


def use(unit):
    received(unit, protocol=protocol_in_force())
    use_unit(unit, left_over="nothing", occurred_at=NEXT_DAY, by=coordinator(), at=NEXT_DAY)


def send_back(unit):
    received(unit, protocol=protocol_in_force())
    return_unit(unit, reason="not needed", occurred_at=NEXT_DAY, by=coordinator(), at=NEXT_DAY)


def discard_there(unit):
    received(unit, protocol=protocol_in_force())
    discarded = Discard(reason="damaged", amount="25 mL", witness=staff(Role.QUALITY_REVIEWER), occurred_at=NEXT_DAY)
    discard_unit(unit, discarded, by=coordinator(), at=NEXT_DAY)


@pytest.mark.parametrize(
    ("happens", "counts"), [(keep_on_its_way, True), (use, True), (send_back, False), (discard_there, False)]
)
def test_a_unit_that_came_back_or_was_discarded_went_to_nobody(happens, counts):
    protocol_in_force(criteria=(TNC,))
    first, second = available_units(2, segment=True)

    happens(first)

    assert (first.code in codes_of(second, submitted_request(second, protocol=protocol_in_force()))) is counts


def test_a_unit_is_of_whoever_it_was_requested_for_last():
    protocol = protocol_in_force(criteria=(TNC,))
    (first, second), third = available_units(2, segment=True), available_unit(segment=True)
    submitted_request(first, protocol=protocol)
    request = submitted_request(second, protocol=protocol)
    before = codes_of(second, request)

    for_another = submitted_request(third, protocol=protocol, recipient="PATIENT-8")
    RequestLine.objects.create(request=for_another, unit=first)

    assert first.code in before
    assert codes_of(second, request) == [second.code]
    assert sorted(codes_of(third, for_another)) == sorted([first.code, third.code])


def test_the_dmso_of_a_bag_counts_until_the_day_of_its_infusion_is_over():
    protocol = protocol_in_force(criteria=(DMSO,))
    first, second = map(with_dmso, available_units(2, segment=True))
    received(first, protocol=protocol)
    with pytest.raises(NotReleasable, match=r"day 0\.088 against at most 0\.05"):
        submitted_request(second, protocol=protocol)

    use_unit(first, left_over="nothing", occurred_at=NEXT_DAY, by=coordinator(), at=NEXT_DAY)
    asked = Asked(
        protocol=protocol,
        site=clinic(),
        requested_by="the-coordinator",
        recipient=Recipient.objects.get(),
        weight_kg=Decimal("62.5"),
    )

    assert gate_of_protocol(second, asked, at=NEXT_DAY + hours(23)).outcome is Outcome.FAIL
    assert gate_of_protocol(second, asked, at=NEXT_DAY + hours(24)).outcome is Outcome.PASS


def test_dmso_that_nobody_measured_stops_a_request_and_says_of_which_bag():
    protocol = protocol_in_force(criteria=(DMSO,))
    unit = available_unit(segment=True)

    with pytest.raises(NotReleasable, match=f"DMSO by volume of {unit.code} is not known and verified"):
        submitted_request(unit, protocol=protocol)


def codes_of(unit, request):
    facts = gate_facts([unit], asked_by(request), at=NOON)[unit.pk]
    return [each.code for each in facts.request.recipient.units]


def with_dmso(unit):
    result = NewResult("dmso_percent", Subject.UNIT, unit=unit, value="10")
    record_results([result], by=staff(Role.LAB_TECHNICIAN), at=NOON)
    ids = list(Result.objects.filter(unit=unit, assay="dmso_percent").values_list("pk", flat=True))
    verify_results(ids, by=staff(Role.LAB_TECHNICIAN, "the-second-technician"), at=NOON)
    return unit


def counted_anew_below_the_limit(old):
    Result.objects.create(
        assay="tnc",
        subject="unit",
        unit=old.unit,
        number=old.number,
        qualifier="below_limit",
        entered_by=old.entered_by,
        entered_at=NOON,
        verified_by=old.verified_by,
        verified_at=NOON,
        replaces=old,
        reason="the counter was out of range",
    )


def gate_of_protocol(unit, asked, at=NOON):
    findings = evaluate(gate_facts([unit], asked, at=at)[unit.pk], at)
    return next(finding for finding in findings if finding.gate is Gate.PROTOCOL)
