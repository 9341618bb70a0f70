import pytest

from biobank.domain.role import Role
from inventory.models.unit import Unit
from inventory.queries.batch import touched_by_batch
from inventory.queries.equipment import touched_by_equipment
from inventory.queries.journey import touches_of
from inventory.services.processing import process_units
from tests.factories.journey import batch, device, transferred
from tests.factories.person import staff
from tests.factories.unit import FROZEN_AT, available_unit, new_processing, received_unit

pytestmark = pytest.mark.django_db
BEGINS_WITH = (received_unit,)


def frozen_with(dmso):
    new = new_processing(received_unit(), batch_ids=(dmso.pk,))
    return process_units([new], by=staff(Role.LAB_TECHNICIAN), at=FROZEN_AT)[0][0]


@pytest.mark.parametrize("count", [1, 3])
def test_asking_what_a_batch_touched_costs_three_queries_however_much_it_was(count, django_assert_num_queries):
    dmso, other = batch("L-1"), batch("L-2")
    made = {frozen_with(dmso).code for _ in range(count)}
    untouched = frozen_with(other).code

    with django_assert_num_queries(3):
        touched = {each.code for each in touched_by_batch(dmso)}

    assert made < touched
    assert untouched not in touched
    assert len(touched) == 2 * count


@pytest.mark.parametrize("count", [1, 3])
def test_asking_what_a_device_touched_says_which_courier_has_it(count, django_assert_num_queries):
    units = [available_unit() for _ in range(count)]
    shipment = transferred(*units, papers=False)
    shipper = device("DS-1")

    with django_assert_num_queries(3):
        touched = touched_by_equipment(shipper)

    assert {(each.code, each.holder, each.courier) for each in touched} == {
        (unit.code, shipment.reference, "Cold Courier") for unit in units
    }


def test_a_batch_or_device_that_touched_nothing_touched_nothing():
    frozen_with(batch("L-1"))

    assert touched_by_batch(batch("L-2")) == []
    assert touched_by_equipment(device("LOG-77")) == []


def test_what_touched_units_is_asked_in_as_many_queries_for_one_as_for_three(django_assert_num_queries):
    dmso = batch("L-1")
    units = [frozen_with(dmso) for _ in range(3)]

    for ids in ([units[0].pk], [unit.pk for unit in units]):
        with django_assert_num_queries(3):
            found = touches_of(ids)
        assert {each.what for each in found} == {dmso.reference, "LOG-1"}

    assert Unit.objects.filter(pk__in=[unit.pk for unit in units]).count() == 3
