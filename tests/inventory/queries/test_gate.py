from dataclasses import replace

import pytest

from inventory.domain.finding import Gate
from inventory.domain.gate import evaluate
from inventory.domain.verdict import Outcome
from inventory.queries.gate import asked_by, gate_facts
from tests.factories.request import submitted_request
from tests.factories.time import NOON
from tests.factories.unit import available_unit

pytestmark = pytest.mark.django_db


def queries_of(units, asked, django_assert_max_num_queries):
    with django_assert_max_num_queries(100) as counted:
        gate_facts(units, asked, at=NOON)
    return len(counted.captured_queries)


def test_facts_of_three_units_take_as_many_queries_as_of_one(django_assert_max_num_queries):
    units = [available_unit(segment=True) for _ in range(3)]
    asked = replace(asked_by(submitted_request(*units)), recipient=None)

    one = queries_of(units[:1], asked, django_assert_max_num_queries)
    three = queries_of(units, asked, django_assert_max_num_queries)

    assert one == three


def test_without_a_request_the_gates_say_what_can_be_said():
    unit = available_unit(segment=True)

    facts = gate_facts([unit], None, at=NOON)[unit.pk]
    found = {finding.gate: finding.outcome for finding in evaluate(facts, NOON)}

    assert found[Gate.PROTOCOL] is found[Gate.PEOPLE] is found[Gate.RESERVATION] is Outcome.UNKNOWN
    assert found[Gate.ELIGIBILITY] is found[Gate.QUALITY] is found[Gate.TYPING] is Outcome.PASS
    assert found[Gate.EXPIRY] is found[Gate.HOLDS] is Outcome.PASS


def test_totals_of_a_recipient_count_every_unit_they_have():
    first, second = available_unit(segment=True), available_unit(segment=True)
    submitted_request(first)
    request = submitted_request(second)

    recipient = gate_facts([second], asked_by(request), at=NOON)[second.pk].request.recipient

    assert recipient.totals == {"tnc": 2_200_000_000}
