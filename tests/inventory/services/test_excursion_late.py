"""What turns out, by a corrected place, to have lain in a container while it was too warm."""

from decimal import Decimal

import pytest

from biobank.domain.role import Role
from inventory.domain.assay import Subject
from inventory.domain.container import Grid
from inventory.domain.excursion import AssessmentRefused
from inventory.domain.notice import NoticeRefused
from inventory.domain.sample import SampleRole
from inventory.domain.unit import ProductClass, Use
from inventory.models.container import Container
from inventory.models.notice import ConsigneeNotice
from inventory.models.placement import Placement
from inventory.models.shipment import Shipment
from inventory.models.unit import Unit
from inventory.queries.placement import free_positions
from inventory.services.acceptance import accept_units
from inventory.services.container import NewContainer, NewContainerKind, register_container_kind, register_containers
from inventory.services.delivery import AsReceived, Delivery, receive_at_site
from inventory.services.disposition import use_unit
from inventory.services.placement import PutAway, put_away
from inventory.services.processing import process_units
from inventory.services.result import NewResult, record_results
from tests.factories.correction import correction
from tests.factories.excursion import assessed, excursion, group, held, warming
from tests.factories.person import LONG_AGO, credentials, default_site, staff
from tests.factories.release import COLD, shipped
from tests.factories.request import coordinator
from tests.factories.time import NOON, hours
from tests.factories.trail import head_number, kinds_since, last_of
from tests.factories.unit import (
    ACCEPTED_AT,
    FROZEN_AT,
    box,
    child_of,
    confirm_segment,
    determined,
    frozen_unit,
    measured,
    new_processing,
    put_in_box,
    received_unit,
    working_bank,
)
from tests.factories.untouched import nothing_changes
from tests.inventory.services.test_excursion_notice import answered, close

pytestmark = pytest.mark.django_db
BEGUN = FROZEN_AT - hours(2)


def warm_box() -> Container:
    """Return another box, which may be 15 minutes too warm."""
    admin = staff(Role.ADMINISTRATOR)
    kind = register_container_kind(
        NewContainerKind(
            *("Warm box", "box", Grid(2, 2)),
            accepts=(*ProductClass, *SampleRole),
            warmest_celsius=Decimal(-150),
            minutes_allowed=15,
        ),
        by=admin,
        at=LONG_AGO,
    )
    return register_containers([NewContainer("T09-B1", kind, default_site())], by=admin, at=LONG_AGO)[0]


BEGINS_WITH = (working_bank, frozen_unit, received_unit)


def corrected_into(container: Container, row: Placement) -> None:
    """Correct where something was put: it has lain in the first free position of this container all the time."""
    correction("placement", row.pk, "position", free_positions([container], 1)[0].code)


def placement_of(unit: Unit) -> Placement:
    return unit.placements.get(removed_at=None)


def test_a_unit_that_lay_there_is_held_by_the_excursion_and_assessed_with_the_others() -> None:
    unit, container = frozen_unit(), warm_box()
    opened = excursion(container)
    before = head_number()

    corrected_into(container, placement_of(unit))

    item = opened.items.get(unit=unit)
    assert held(unit) == [["excursion"]]
    assert item.position.container == container
    assert item.hold is not None
    assert item.hold.reason.startswith(opened.reference)
    assert {"hold.placed", "excursion.extended", "fact.corrected"} <= set(kinds_since(before))
    assert last_of("excursion.extended")["new"] == {"inside": [unit.code], "held": 1}
    with nothing_changes(), pytest.raises(AssessmentRefused):
        assessed(opened)
    assessed(opened, group("cleared", unit.code))
    assert held(unit) == [[]]


def test_within_what_the_box_allows_it_is_noted_and_its_minutes_count_from_then_on() -> None:
    unit, container = frozen_unit(), warm_box()
    short = excursion(container, warming(minutes=10, since=NOON - hours(9), until=NOON - hours(8)))

    corrected_into(container, placement_of(unit))

    assert (short.items.get().unit, short.items.get().hold, held(unit)) == (unit, None, [[]])
    excursion(container, warming(minutes=6, since=NOON - hours(2), until=NOON - hours(1)))
    assert held(unit) == [["excursion"]]


def test_after_the_assessment_it_is_held_to_be_looked_into() -> None:
    known, unit, container = frozen_unit(), frozen_unit(), warm_box()
    corrected_into(container, placement_of(known))
    opened = excursion(container)
    assessed(opened, group("cleared", known.code))

    corrected_into(container, placement_of(unit))

    assert held(known, unit) == [[], ["investigation"]]
    assert list(opened.items.values_list("unit", flat=True)) == [known.pk]


def bag_of_which_a_part_has_left() -> tuple[Unit, Unit, Shipment]:
    """Return a bag that lives on in its box, and a unit made of a part of it with the journey it left on."""
    bag, lab = received_unit(), staff(Role.LAB_TECHNICIAN)
    put = [PutAway(free_positions([box()], 1)[0].pk, unit_id=bag.pk)]
    put_away(put, reason="waits", by=staff(Role.STORAGE_TECHNICIAN), at=BEGUN - hours(4))
    count = NewResult(assay="tnc", subject=Subject.UNIT, unit=bag, value="1300000000")
    record_results([count], by=lab, at=BEGUN)
    part = new_processing(bag, children=(child_of(bag, taken_ml=Decimal(50)),), lives_on=True)
    child = process_units([part], by=lab, at=FROZEN_AT)[0][0]
    put_in_box(child)
    determined(measured(child))
    quality = staff(Role.QUALITY_REVIEWER)
    accept_units([child.pk], Use.HUMAN_APPLICATION, credentials=credentials(quality), by=quality, at=ACCEPTED_AT)
    confirm_segment(child)
    return bag, child, shipped(child)


@pytest.mark.parametrize("is_assessed", [True, False])
@pytest.mark.parametrize("is_used", [True, False])
def test_the_site_of_what_has_left_is_told_also_of_what_is_assessed_already_or_used(
    is_assessed: bool, is_used: bool
) -> None:
    bag, child, shipment = bag_of_which_a_part_has_left()
    container, late = warm_box(), NOON + hours(30)
    opened = excursion(container, warming(since=BEGUN - hours(3), until=BEGUN - hours(2)), at=late)
    if is_assessed:
        assessed(opened, at=late)
    if is_used:
        receive_at_site(shipment, delivered(child), by=coordinator(), at=NOON + hours(24))
        use_unit(child, left_over="nothing", occurred_at=late, by=coordinator(), at=late)

    correction("placement", placement_of(bag).pk, "position", free_positions([container], 1)[0].code, at=late)

    notice = ConsigneeNotice.objects.get()
    assert (notice.kind, notice.excursion, [item.unit for item in notice.items.all()]) == ("excursion", opened, [child])
    kinds = list(child.holds.values_list("kind", flat=True))
    assert kinds == ([] if is_used else ["investigation" if is_assessed else "excursion"])


def delivered(unit: Unit) -> Delivery:
    return Delivery(items={unit.pk: AsReceived(accepted=True)}, warmest_celsius=COLD)


def test_a_notice_waits_for_no_assessment_of_an_excursion_that_held_nothing() -> None:
    bag, child, _ = bag_of_which_a_part_has_left()
    container, late = warm_box(), NOON + hours(30)
    elsewhere = excursion(happened=warming(minutes=10, since=BEGUN - hours(4), until=BEGUN - hours(3)), at=late)
    short = excursion(container, warming(minutes=10, since=BEGUN - hours(2), until=BEGUN - hours(1)), at=late)

    correction("placement", placement_of(bag).pk, "position", free_positions([container], 1)[0].code, at=late)

    waiting, told = ConsigneeNotice.objects.get(excursion=elsewhere), ConsigneeNotice.objects.get(excursion=short)
    assert (short.is_beyond, [item.unit for item in told.items.all()]) == (False, [child])
    assert close(answered(told, at=late)).closed_at is not None
    with pytest.raises(NoticeRefused, match="is not assessed"):
        close(answered(waiting, at=late))


def test_a_place_corrected_into_a_box_that_was_cold_meanwhile_joins_nothing() -> None:
    unit, container = frozen_unit(), warm_box()
    long_before = excursion(container, warming(since=LONG_AGO, until=LONG_AGO + hours(1)))
    elsewhere = excursion(box("T02-R01-01"))

    corrected_into(container, placement_of(unit))

    assert held(unit) == [[]]
    assert not long_before.items.exists()
    assert not elsewhere.items.exists()


def test_a_sample_that_lay_there_is_noted() -> None:
    unit, container = frozen_unit(), warm_box()
    sample, opened = unit.samples.get(role=SampleRole.DNA), excursion(container)
    wanted = PutAway(free_positions([box()], 1)[0].pk, sample_id=sample.pk)
    put_away([wanted], reason="stored", by=staff(Role.STORAGE_TECHNICIAN), at=NOON - hours(24))

    corrected_into(container, sample.placements.get(removed_at=None))

    assert (opened.items.get().sample, opened.items.get().hold) == (sample, None)
