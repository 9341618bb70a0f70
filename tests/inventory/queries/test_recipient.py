"""A recipient's totals: only what was measured and verified counts, and what is missing leaves the total unknown."""

from dataclasses import replace
from decimal import Decimal

import pytest

from inventory.domain.assay import Qualifier
from inventory.domain.finding import Gate
from inventory.domain.gate import evaluate
from inventory.domain.protocol import Criterion, Scope
from inventory.domain.specification import Measurement, Operator, SampleSource
from inventory.domain.verdict import Outcome
from inventory.models.recipient import Recipient
from inventory.models.result import Result
from inventory.queries.gate import asked_by, gate_facts
from inventory.queries.recipient import recipient_facts
from tests.factories.protocol import protocol_in_force
from tests.factories.request import submitted_request
from tests.factories.time import NOON
from tests.factories.unit import available_unit

pytestmark = pytest.mark.django_db

TNC = Criterion(Scope.RECIPIENT, "tnc_per_kg", Operator.AT_LEAST, Decimal(1))
COUNTED = Measurement("tnc", SampleSource.UNIT, verified=True, number=Decimal(1_100_000_000))


def totals_of(*measured):
    """Return the totals of a recipient who had no unit before, over units of which this was measured."""
    recipient = Recipient.objects.create(code="PATIENT-9", registered_at=NOON)
    return recipient_facts(recipient, Decimal(60), [TNC], dict(enumerate(measured, start=10_000))).totals


@pytest.mark.parametrize(
    ("second", "total"),
    [
        ((COUNTED,), 2_200_000_000),
        ((replace(COUNTED, qualifier=Qualifier.BELOW_LIMIT),), None),
        ((replace(COUNTED, verified=False),), None),
        ((replace(COUNTED, number=None, qualifier=Qualifier.NOT_DONE),), None),
        ((replace(COUNTED, taken_from=SampleSource.SOURCE),), None),
        ((), None),
        ((replace(COUNTED, qualifier=Qualifier.BELOW_LIMIT), COUNTED), 2_200_000_000),
        ((replace(COUNTED, verified=False), COUNTED), 2_200_000_000),
        ((COUNTED, COUNTED), 2_200_000_000),
        ((replace(COUNTED, number=Decimal(9)), COUNTED), None),
    ],
)
def test_a_total_is_of_measured_and_verified_values_one_for_each_unit(second, total):
    totals = totals_of((COUNTED,), second)

    assert totals.get("tnc") == total


def test_gate_8_refuses_a_dose_of_which_a_unit_was_only_found_to_be_below_a_limit():
    unit = available_unit(segment=True)
    asked = asked_by(submitted_request(unit, protocol=protocol_in_force(criteria=(TNC,))))
    before = gate_of_protocol(unit, asked)

    counted_anew_below_the_limit(Result.objects.get(unit=unit, assay="tnc"))
    after = gate_of_protocol(unit, asked)

    assert before.outcome is Outcome.PASS
    assert after.outcome is not Outcome.PASS
    assert "of the recipient is not known" in after.reason


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


def gate_of_protocol(unit, asked):
    findings = evaluate(gate_facts([unit], asked, at=NOON)[unit.pk], NOON)
    return next(finding for finding in findings if finding.gate is Gate.PROTOCOL)
