from dataclasses import replace
from decimal import Decimal

import pytest
from pytest_django import DjangoAssertNumQueries

from biobank.domain.role import Role
from inventory.domain.processing import ProcessingRefused
from inventory.domain.product_code import ProductCodeRefused
from inventory.domain.result import ValueRefused
from inventory.domain.sample import SampleRole
from inventory.domain.unit import ProductClass, UnitKind, UnitState
from inventory.models.placement import Placement
from inventory.models.processing import Processing
from inventory.models.result import Result
from inventory.models.sample import ReferenceSample
from inventory.models.unit import Lineage, Unit, UnitSource
from inventory.services.donation import register_donations
from inventory.services.processing import Child, process_units
from inventory.services.receipt import receive_collection
from inventory.services.result import NewResult, Subject, record_results, verify_results
from tests.factories.donation import COLLECTED_AT, REGISTERED_AT, new_donation, on_its_way, registered_donation, seen
from tests.factories.donor import given_consent
from tests.factories.person import default_site, staff
from tests.factories.time import hours
from tests.factories.trail import head_number, kinds_since, last_of
from tests.factories.unit import FROZEN_AT, RECEIVED_AT, child_of, frozen_unit, new_processing, received_unit
from tests.factories.untouched import nothing_changes

pytestmark = pytest.mark.django_db
BEGINS_WITH = (received_unit,)


def process(*news, at=FROZEN_AT):
    return process_units(list(news), by=staff(Role.LAB_TECHNICIAN), at=at)


def count(unit, value):
    new = NewResult("tnc", Subject.UNIT, unit=unit, value=value)
    record_results([new], by=staff(Role.LAB_TECHNICIAN), at=FROZEN_AT)


def piece(code="D0040001", **amounts):
    given = {"taken_g": Decimal(20), "mass_g": Decimal(20)} | amounts
    return Child(code, UnitKind.PIECE, **given)


def placenta():
    return received_unit(
        registered_donation(product=ProductClass.PLACENTA), warmest_celsius=Decimal(9), coldest_celsius=Decimal(4)
    )


def test_a_bag_is_wholly_turned_into_a_quarantined_cryobag_with_its_lineage():
    parent = received_unit()
    before = head_number()

    child = process(new_processing(parent, volume_before_ml=Decimal(95), volume_after_ml=Decimal(25)))[0][0]

    parent.refresh_from_db()
    lineage = Lineage.objects.get()
    assert (parent.state, child.state, child.holder) == ("consumed", UnitState.QUARANTINED, default_site().code)
    assert (lineage.parent, lineage.child, lineage.taken_ml) == (parent, child, Decimal(95))
    assert lineage.processing == Processing.objects.get()
    assert list(UnitSource.objects.filter(unit=child).values_list("donation", flat=True)) == [parent.donation_id]
    assert kinds_since(before) == [
        *("unit.registered", "sample.registered", "sample.registered", "sample.registered"),
        *("result.recorded", "unit.processed", "unit.consumed"),
    ]


def test_samples_are_attached_to_the_child_or_kept_beside_it():
    child = frozen_unit()

    samples = ReferenceSample.objects.filter(unit=child)
    assert sorted(samples.filter(attached=True).values_list("role", flat=True)) == [SampleRole.SEGMENT] * 2
    assert list(samples.filter(attached=False).values_list("role", flat=True)) == [SampleRole.DNA]


def test_the_hours_from_collection_to_freezing_are_a_result_of_each_frozen_child():
    child = process(new_processing(received_unit()))[0][0]

    result = Result.objects.get(unit=child, assay="hours_to_freezing")
    assert result.number == Decimal("29.500")
    assert result.verified_at is None


def test_what_is_not_frozen_has_no_hours_to_freezing_and_the_expiry_of_fresh_material():
    child = process(new_processing(received_unit(), frozen_at=None))[0][0]

    assert not Result.objects.filter(assay="hours_to_freezing").exists()
    assert child.expires_at == COLLECTED_AT + hours(48)


def test_recovery_is_computed_when_the_child_of_a_counted_parent_is_counted():
    child = frozen_unit()

    count(child, "1040000000")

    assert Result.objects.get(assay="tnc_recovery_percent").number == Decimal("80.000")
    assert Result.objects.get(assay="tnc_recovery_percent").unit == child


def test_no_recovery_without_a_count_before():
    child = process(new_processing(received_unit()))[0][0]

    count(child, "1040000000")

    assert not Result.objects.filter(assay="tnc_recovery_percent").exists()


def test_several_children_share_the_amount_of_their_parent():
    parent = placenta()
    pieces = (piece("D0040001"), piece("D0040002", taken_g=Decimal(430)))

    children = process(new_processing(parent, children=pieces))[0]

    assert [lineage.taken_g for lineage in Lineage.objects.order_by("pk")] == [Decimal(20), Decimal(430)]
    assert [child.code[13:] for child in children] == ["D0040001", "D0040002"]
    assert last_of("unit.processed")["new"]["children"] == [child.code for child in children]


def test_a_parent_leaves_its_position_when_it_becomes_children():
    frozen = frozen_unit(registered_donation(product=ProductClass.PLACENTA), warmest_celsius=Decimal(9))
    before = head_number()

    process(new_processing(frozen, children=(piece("D0040003", taken_g=Decimal(5)),)))

    assert not Placement.objects.filter(unit=frozen, removed_at__isnull=True).exists()
    assert kinds_since(before)[-2:] == ["unit.removed", "unit.consumed"]


@pytest.mark.parametrize(
    ("wrong", "match"),
    [
        ({"started_at": FROZEN_AT + hours(1)}, "The processing lies in the future"),
        ({"frozen_at": FROZEN_AT - hours(3)}, "frozen before processing began"),
        ({"started_at": COLLECTED_AT - hours(1)}, "was collected after that"),
        ({"volume_after_ml": Decimal(0)}, "more than nothing"),
        ({"children": ()}, "at least one parent and one child"),
    ],
)
def test_a_run_that_cannot_have_been_so_changes_nothing(wrong, match):
    good, bad = received_unit(), received_unit()

    with pytest.raises(ProcessingRefused, match=match) as refused, nothing_changes():
        process(new_processing(good), new_processing(bad, **wrong))

    assert all(bad.code in reason.text for reason in refused.value.reasons)


@pytest.mark.parametrize(
    ("wrong", "match"),
    [
        ({"taken_ml": Decimal(96)}, "which holds 95.00"),
        ({"taken_ml": Decimal(0)}, "nothing or less"),
        ({"volume_ml": Decimal(0)}, "0 is no volume"),
        ({"volume_ml": Decimal("25.001")}, "25.001 is no volume"),
        ({"mass_g": Decimal(-1)}, "-1 is no mass"),
        ({"tnc": -1}, "-1 is no count of cells"),
        ({"tnc": 10**11}, "is no count of cells"),
    ],
)
def test_a_child_with_amounts_that_cannot_be_changes_nothing(wrong, match):
    parent = received_unit()

    with pytest.raises(ProcessingRefused, match=match), nothing_changes():
        process(new_processing(parent, children=(child_of(parent, **wrong),)))


def test_two_children_of_one_code_change_nothing():
    parent = placenta()

    with pytest.raises(ProcessingRefused, match="Two children have the same code"), nothing_changes():
        process(new_processing(parent, children=(piece(), piece())))


def test_a_code_that_another_unit_has_changes_nothing():
    parent = placenta()

    with pytest.raises(ProcessingRefused, match=f"{parent.code} exists already"), nothing_changes():
        process(new_processing(parent, children=(piece("D0030000"),)))


def test_a_product_code_that_is_none_changes_nothing():
    parent = received_unit()

    with pytest.raises(ProductCodeRefused), nothing_changes():
        process(new_processing(parent, children=(child_of(parent, product_code="nonsense"),)))


def test_a_parent_is_turned_into_children_once():
    parent = received_unit()
    process(new_processing(parent))

    with pytest.raises(ProcessingRefused, match="is consumed"), nothing_changes():
        process(new_processing(parent, children=(child_of(parent, product_code="S9002VA0"),)))


def test_a_parent_named_by_two_runs_changes_nothing():
    parent = received_unit()
    other = replace(child_of(parent), product_code="S9002VB0")

    with pytest.raises(ProcessingRefused, match="name each parent once"), nothing_changes():
        process(new_processing(parent), new_processing(parent, children=(other,)))


def test_a_parent_that_does_not_exist_changes_nothing():
    parent = received_unit()

    with pytest.raises(ProcessingRefused, match="does not exist"), nothing_changes():
        process(new_processing(parent), new_processing(parent, parent_id=0))


def test_what_is_still_on_its_way_is_not_processed():
    registered = registered_donation()
    shipment = on_its_way(registered)

    with pytest.raises(ProcessingRefused, match=f"is packed in {shipment.reference}"), nothing_changes():
        process(new_processing(registered.units[0]))


def test_hours_beyond_what_can_be_refuse_the_whole_run():
    at = COLLECTED_AT + hours(241)
    late = new_processing(received_unit(), started_at=at, frozen_at=at)

    with pytest.raises(ValueRefused, match="out of the plausible range"), nothing_changes():
        process(late, at=COLLECTED_AT + hours(300))


def test_children_of_a_collected_unit_with_unknown_collection_time_get_no_hours():
    parent = received_unit()
    donation = parent.donation
    donation.pk, donation.code, donation.din = None, "OLD-1", None
    donation.origin, donation.collected_at = "migrated", None
    donation.save()
    parent.pk, parent.code, parent.donation = None, f"OLD-1{parent.product_code}", donation
    parent.save()
    UnitSource.objects.create(unit=parent, donation=donation)

    child = process(new_processing(parent))[0][0]

    assert Unit.objects.get(pk=child.pk).expiry_basis == "not_assigned"
    assert not Result.objects.filter(assay="hours_to_freezing").exists()


def test_one_run_costs_as_many_queries_as_three(django_assert_num_queries: DjangoAssertNumQueries):
    frozen_unit()
    by, one, three = staff(Role.LAB_TECHNICIAN), [received_unit()], [received_unit() for _ in range(3)]
    assert by.site

    for parents in (one, three):
        news = [new_processing(parent) for parent in parents]
        with django_assert_num_queries(21):
            process_units(news, by=by, at=FROZEN_AT)


@pytest.mark.slow
def test_a_hundred_births_cost_hardly_more_queries_than_one(
    django_assert_max_num_queries: DjangoAssertNumQueries,
):
    consent, lab, checker = given_consent(), staff(Role.LAB_TECHNICIAN), staff(Role.LAB_TECHNICIAN, "the-second")
    # The box and its logger are registered on the first journey.
    on_its_way(*register_donations([new_donation(consent)], by=lab, at=REGISTERED_AT))
    news = [new_donation(consent) for _ in range(100)]

    with django_assert_max_num_queries(60):
        registered = register_donations(news, by=lab, at=REGISTERED_AT)
    with django_assert_max_num_queries(60):
        shipment = on_its_way(*registered)
    bags = [each.units[0] for each in registered]
    with django_assert_max_num_queries(60):
        receive_collection(shipment, {bag.pk: seen(bag) for bag in bags}, by=lab, at=RECEIVED_AT)
    for bag in bags:
        bag.refresh_from_db()
    runs = [new_processing(bag) for bag in bags]
    with django_assert_max_num_queries(60):
        children = [each[0] for each in process_units(runs, by=lab, at=FROZEN_AT)]
    with django_assert_max_num_queries(60):
        counts = [NewResult("tnc", Subject.UNIT, unit=child, value="1100000000") for child in children]
        results = record_results(counts, by=lab, at=FROZEN_AT)
    with django_assert_max_num_queries(60):
        verify_results([result.pk for result in results], by=checker, at=FROZEN_AT)
