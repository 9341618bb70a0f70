import pytest

from biobank.domain.role import Role
from inventory.domain.unit import Use
from inventory.domain.verdict import Outcome
from inventory.queries.acceptance import acceptance_facts, no_longer_within
from inventory.queries.specification import specifications_in_force
from inventory.services.result import NewResult, Subject, record_results
from tests.factories.person import staff
from tests.factories.time import NOON
from tests.factories.unit import available_unit, frozen_unit

pytestmark = pytest.mark.django_db
BEGINS_WITH = (available_unit,)


def facts_of(*units, use=Use.HUMAN_APPLICATION):
    in_force = {product: each for (product, for_use), each in specifications_in_force().items() if for_use == use}
    return acceptance_facts(units, in_force, at=NOON)


def test_the_facts_of_a_unit_are_its_own():
    ready, bare = available_unit(), frozen_unit()

    found = facts_of(ready, bare)

    assert (found[ready.pk].accepted_before, found[bare.pk].accepted_before) == (Use.HUMAN_APPLICATION, None)
    assert found[ready.pk].determinations[0].signed
    assert found[bare.pk].determinations == (None,)
    assert found[ready.pk].consents[0].donor_code != found[bare.pk].consents[0].donor_code


def test_what_was_received_for_the_laboratory_was_accepted_for_it_and_so_was_what_was_made_of_it():
    unit = frozen_unit(seal_intact=False)
    parent = unit.made_from.get().parent

    found = facts_of(unit, parent)

    assert {found[each.pk].accepted_before for each in (unit, parent)} == {Use.LABORATORY}
    assert not found[unit.pk].rejected_at_receipt


def test_a_rejection_at_receipt_is_known_of_all_that_was_made_of_it():
    unit, other = frozen_unit(bag_intact=False), frozen_unit()

    found = facts_of(unit, other)

    assert (found[unit.pk].rejected_at_receipt, found[other.pk].rejected_at_receipt) == (True, False)


def test_an_accepted_unit_is_told_when_a_named_assay_is_no_longer_within():
    unit, other = available_unit(), available_unit()
    ids = [unit.pk, other.pk]
    later = [NewResult("viable_cd34", Subject.UNIT, unit=unit, value="3900000")]
    record_results(later, by=staff(Role.LAB_TECHNICIAN), at=NOON)

    found = no_longer_within(ids, {"viable_cd34"}, (Outcome.UNKNOWN,))

    assert list(found) == [unit.pk]
    assert "awaits verification" in found[unit.pk]
    assert no_longer_within(ids, {"viable_cd34"}, (Outcome.FAIL,)) == {}
    assert no_longer_within(ids, {"tnc"}, (Outcome.UNKNOWN,)) == {}
    assert no_longer_within([], {"viable_cd34"}, (Outcome.UNKNOWN,)) == {}
