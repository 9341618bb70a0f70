from dataclasses import replace
from decimal import Decimal
from functools import partial

import pytest

from inventory.domain.criterion import Criterion, Scope
from inventory.domain.finding import Gate
from inventory.domain.gate import evaluate
from inventory.domain.specification import Operator
from inventory.domain.verdict import Outcome
from inventory.queries.gate import asked_by, gate_facts
from tests.factories.protocol import ENOUGH_CELLS, protocol_in_force
from tests.factories.request import submitted_request
from tests.factories.time import NOON
from tests.factories.unit import available_unit

pytestmark = pytest.mark.django_db
BEGINS_WITH = (partial(available_unit, segment=True),)


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
    protocol = protocol_in_force(criteria=(ENOUGH_CELLS, replace(ENOUGH_CELLS, scope=Scope.RECIPIENT)))
    first, second = available_unit(segment=True), available_unit(segment=True)
    submitted_request(first, protocol=protocol)
    request = submitted_request(second, protocol=protocol)

    recipient = gate_facts([second], asked_by(request), at=NOON)[second.pk].request.recipient

    assert {each.code: each.amounts for each in recipient.units} == {
        first.code: {"tnc": 1_100_000_000},
        second.code: {"tnc": 1_100_000_000},
    }


def test_the_typing_of_units_is_gathered_only_where_a_criterion_asks_it():
    unit = available_unit(segment=True)
    asked = asked_by(submitted_request(unit))
    of_6 = Criterion(Scope.UNIT, "hla_match_of_6", Operator.AT_LEAST, Decimal(4))

    before = gate_facts([unit], asked, at=NOON)[unit.pk].request.typings
    matching = replace(asked, protocol=protocol_in_force(criteria=(of_6,)))
    typings = gate_facts([unit], matching, at=NOON)[unit.pk].request.typings

    assert before == {}
    assert sorted(typings[unit.code]) == ["hla_a", "hla_b", "hla_drb1"]
