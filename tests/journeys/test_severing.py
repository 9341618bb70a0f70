"""Parts of units: a divided bag severed, and amounts taken of what lives on."""

from dataclasses import replace
from decimal import Decimal

import pytest

from biobank.domain.role import Role
from inventory.domain.acceptance import NotAcceptable
from inventory.domain.assay import Subject
from inventory.domain.gate import NotReleasable
from inventory.domain.processing import ProcessingRefused
from inventory.domain.quantity import QuantityRefused
from inventory.domain.specification import SampleSource
from inventory.domain.unit import Use
from inventory.models.result import Result
from inventory.models.unit import Lineage, Unit
from inventory.queries.result import measurements_of
from inventory.queries.sample import attached_to
from inventory.services.acceptance import accept_units
from inventory.services.processing import process_units
from inventory.services.result import NewResult, record_results
from inventory.services.severing import BagPart, Severing, sever_bag
from tests.factories.donation import on_its_way, registered_donation
from tests.factories.person import credentials, staff
from tests.factories.request import submitted_request
from tests.factories.time import NOON, hours
from tests.factories.trail import head_number, kinds_since, last_of
from tests.factories.unit import (
    ACCEPTED_AT,
    FROZEN_AT,
    available_unit,
    child_of,
    determined_unit,
    frozen_unit,
    measured_unit,
    new_processing,
    received_unit,
)
from tests.factories.untouched import nothing_changes
from tests.factories.waiver import requested, weak_unit

pytestmark = pytest.mark.django_db
BEGINS_WITH = (frozen_unit, received_unit)
SEVERED_AT = FROZEN_AT + hours(100)


def severing(bag, division="80/20", **otherwise):
    hanging = attached_to([bag.pk])
    usual = Severing(
        unit_id=bag.pk,
        division=division,
        larger=BagPart("S9002VA0", tuple(hanging[:1])),
        smaller=BagPart("S9002VB0", tuple(hanging[1:])),
        severed_at=SEVERED_AT,
        operator=staff(Role.LAB_TECHNICIAN),
    )
    return replace(usual, **otherwise)


def sever(bag, **otherwise):
    return sever_bag(severing(bag, **otherwise), by=staff(Role.LAB_TECHNICIAN), at=SEVERED_AT)


def test_an_80_20_bag_becomes_two_units_and_each_keeps_what_hangs_on_it():
    bag = measured_unit()
    Unit.objects.filter(pk=bag.pk).update(volume_ml=Decimal("25.01"), tnc=1_130_000_001)
    hanging, results = attached_to([bag.pk]), Result.objects.filter(unit=bag).count()
    before = head_number()

    larger, smaller = sever(bag)

    bag.refresh_from_db()
    assert bag.state == "consumed"
    assert (larger.volume_ml, larger.tnc) == (Decimal("20.00"), 904_000_000)
    assert (smaller.volume_ml, smaller.tnc) == (Decimal("5.01"), 226_000_001)
    assert {larger.state, smaller.state} == {"quarantined"}
    assert (larger.code[-2:], smaller.code[-2:]) == ("A0", "B0")
    assert (larger.expires_at, larger.expiry_basis) == (bag.expires_at, bag.expiry_basis)
    assert (attached_to([larger.pk]), attached_to([smaller.pk])) == (hanging[:1], hanging[1:])
    assert Result.objects.filter(unit=bag).count() == results
    assert not Result.objects.filter(unit__in=[larger, smaller]).exists()
    assert {each.taken_from.value for each in measurements_of([larger.pk])[larger.pk] if each.assay == "tnc"} == {
        "source"
    }
    assert {(each.taken_ml, each.processing.stays_frozen) for each in Lineage.objects.filter(parent=bag)} == {
        (Decimal("20.00"), True),
        (Decimal("5.01"), True),
    }
    assert kinds_since(before).count("sample.rehung") == len(hanging)
    assert last_of("sample.rehung")["new"]["attached_to"] == smaller.code
    assert not bag.placements.filter(removed_at__isnull=True).exists()


@pytest.mark.parametrize("division", ["50/50", "40/60"])
def test_other_divisions_share_out_all_there_is(division):
    larger, smaller = sever(frozen_unit(), division=division)

    assert larger.volume_ml + smaller.volume_ml == Decimal(25)


def test_a_bag_is_severed_once():
    bag = frozen_unit()
    sever(bag)

    with pytest.raises(ProcessingRefused), nothing_changes():
        sever(bag)


def test_a_thawed_bag_is_not_severed():
    bag = frozen_unit()
    Unit.objects.filter(pk=bag.pk).update(thawed=True)

    with pytest.raises(ProcessingRefused, match="was thawed"), nothing_changes():
        sever(bag)


def test_a_bag_in_a_shipment_or_never_frozen_is_not_severed():
    registered = registered_donation()
    on_its_way(registered)

    with pytest.raises(ProcessingRefused) as refused, nothing_changes():
        sever(registered.units[0])

    assert "no-bag" in [each.code for each in refused.value.reasons]
    with pytest.raises(ProcessingRefused, match="no frozen bag"), nothing_changes():
        sever(received_unit())


@pytest.mark.parametrize("packed", [True, False])
def test_what_is_packed_is_not_processed(packed):
    registered = registered_donation()
    if packed:
        on_its_way(registered)
    bag = registered.units[0]
    run = new_processing(bag, children=(child_of(bag, taken_ml=Decimal(10)),), lives_on=True)

    if packed:
        with pytest.raises(ProcessingRefused, match="was not received"), nothing_changes():
            process_units([run], by=staff(Role.LAB_TECHNICIAN), at=FROZEN_AT)
    else:
        assert process_units([run], by=staff(Role.LAB_TECHNICIAN), at=FROZEN_AT)


def test_a_reserved_bag_and_samples_left_over_are_refused():
    request = submitted_request()
    bag = Unit.objects.get(request_lines__request=request)
    assert bag.state == "reserved"
    with pytest.raises(ProcessingRefused, match="is reserved"), nothing_changes():
        sever(bag)

    other = frozen_unit()
    with pytest.raises(ProcessingRefused, match="2 of the samples"), nothing_changes():
        sever(other, larger=BagPart("S9002VA0"), smaller=BagPart("S9002VB0"))
    with pytest.raises(ProcessingRefused, match="does not exist"), nothing_changes():
        sever(other, unit_id=0)
    with pytest.raises(QuantityRefused, match="80/20"), nothing_changes():
        sever(other, division="70/30")


def taking(parent, ml, code, **otherwise):
    child = child_of(parent, product_code=code, taken_ml=Decimal(ml), volume_ml=Decimal(ml), attached=(), kept=())
    return new_processing(parent, children=(child,), lives_on=True, **otherwise)


def take(parent, ml, code="S9002VA0", **otherwise):
    parent.refresh_from_db()
    run = taking(parent, ml, code, **otherwise)
    return process_units([run], by=staff(Role.LAB_TECHNICIAN), at=SEVERED_AT)[0][0]


def test_a_part_is_taken_of_a_unit_that_lives_on_and_its_entry_says_what_was_there():
    bag = received_unit()
    Unit.objects.filter(pk=bag.pk).update(tnc=950_000_000)

    child = take(bag, "10")

    bag.refresh_from_db()
    assert (bag.state, bag.volume_ml, bag.tnc, bag.thawed) == ("quarantined", Decimal(85), 850_000_000, False)
    assert child.made_from.get().taken_ml == Decimal(10)
    entry = last_of("unit.drawn")
    assert (entry["old"]["volume_ml"], entry["new"]["volume_ml"]) == ("95.00", "85.00")
    assert (entry["old"]["tnc"], entry["new"]["tnc"]) == (950_000_000, 850_000_000)
    with pytest.raises(ProcessingRefused, match=r"85.01 taken from .*, which holds 85.00"), nothing_changes():
        take(bag, "85.01", "S9002VB0")


def test_a_unit_of_which_nothing_is_left_is_consumed():
    bag = received_unit()
    take(bag, "45")

    take(bag, "50", "S9002VB0")

    bag.refresh_from_db()
    assert (bag.state, bag.volume_ml) == ("consumed", Decimal(50))
    assert sum(each.taken_ml for each in Lineage.objects.filter(parent=bag)) == Decimal(95)


def test_what_is_frozen_is_thawed_once_for_a_part_and_never_frozen_again():
    bag = frozen_unit()

    kept = take(bag, "1.00", "S9002VC0", stays_frozen=True, frozen_at=None)
    thawing = take(bag, "5.00", frozen_at=None)

    bag.refresh_from_db()
    assert (bag.thawed, bag.volume_ml, kept.thawed, thawing.thawed) == (True, Decimal(19), False, False)
    with pytest.raises(ProcessingRefused, match="thawed already"), nothing_changes():
        take(bag, "5.00", "S9002VB0", frozen_at=None)


@pytest.mark.parametrize("use", [Use.HUMAN_APPLICATION, Use.LABORATORY])
def test_what_was_thawed_for_a_part_never_goes_back_to_stock(use):
    bag, quality = determined_unit(), staff(Role.QUALITY_REVIEWER)
    take(bag, "5.00", frozen_at=None)

    with pytest.raises(NotAcceptable, match="was thawed"), nothing_changes():
        accept_units([bag.pk], use, credentials=credentials(quality), by=quality, at=ACCEPTED_AT)


def test_not_even_by_exception_is_it_asked_for():
    bag = weak_unit()
    take(bag, "5.00", frozen_at=None)

    with pytest.raises(NotReleasable, match="was thawed"), nothing_changes(leaving=("request.refused",)):
        requested(bag)


def test_what_was_counted_before_a_part_was_taken_says_nothing_of_what_is_left_until_it_is_counted_anew():
    unit, whole = measured_unit(), measured_unit()
    at, lab = max(SEVERED_AT, NOON), staff(Role.LAB_TECHNICIAN)
    run = taking(unit, "10.00", "S9002VA0", stays_frozen=True, frozen_at=None)

    process_units([run], by=lab, at=at)

    assert (counted(unit), counted(whole)) == ([None], [Decimal(1_100_000_000)])
    record_results([NewResult("tnc", Subject.UNIT, unit=unit, value="660000000")], by=lab, at=at + hours(1))
    assert counted(unit) == [Decimal(660_000_000)]


def counted(unit):
    own = (each for each in measurements_of([unit.pk])[unit.pk] if each.taken_from is SampleSource.UNIT)
    return [each.number for each in own if each.assay == "tnc"]


@pytest.mark.parametrize("use", [Use.HUMAN_APPLICATION, Use.LABORATORY])
def test_no_part_is_taken_of_an_accepted_unit(use):
    unit = available_unit(use)

    with pytest.raises(ProcessingRefused, match="take its acceptance back"), nothing_changes():
        take(unit, "1.00", stays_frozen=True, frozen_at=None)
