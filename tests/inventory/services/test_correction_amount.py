"""How much was really taken of a unit: what is left of it follows, and nobody takes more than there was."""

from decimal import Decimal

import pytest

from biobank.domain.role import Role
from inventory.domain.correction import CorrectionRefused
from inventory.domain.unit import UnitKind, UnitState
from inventory.models.correction import Correction
from inventory.queries.correction_proof import correction_findings
from inventory.services.processing import Child, process_units
from tests.factories.correction import confirmed, correction
from tests.factories.person import staff
from tests.factories.trail import last_of
from tests.factories.unit import FROZEN_AT, available_unit, new_processing, received_unit, working_bank
from tests.factories.untouched import nothing_changes

pytestmark = pytest.mark.django_db
BEGINS_WITH = (working_bank, available_unit)


def fresh(row):
    row.refresh_from_db()
    return row


def drawn(taken="15.00"):
    """Return the step by which a bag was made of a part of a unit that lives on."""
    parent = received_unit()
    child = Child("S9002V00", UnitKind.CRYOBAG, taken_ml=Decimal(taken), volume_ml=Decimal(10))
    new = new_processing(parent, children=(child,), lives_on=True)
    [[unit]] = process_units([new], by=staff(Role.LAB_TECHNICIAN), at=FROZEN_AT)
    return unit.made_from.get()


def test_what_is_left_of_a_unit_that_lives_on_follows_what_was_taken():
    step, other = drawn(), drawn()
    left, others = step.parent.volume_ml, other.parent.volume_ml

    made = correction("lineage", step.pk, "taken_ml", "20.00")

    assert (made.subject, made.status, fresh(step).taken_ml) == (step.child.code, "in_effect", Decimal("20.00"))
    assert fresh(step.parent).volume_ml == left - 5
    assert (fresh(other).taken_ml, fresh(other.parent).volume_ml) == (Decimal("15.00"), others)
    follow = Correction.objects.get(noun="unit")
    assert (follow.field, follow.subject, follow.asked_by) == ("volume_ml", step.parent.code, made.asked_by)
    told = last_of("fact.corrected")
    assert (told["old"]["taken_ml"], told["new"]["taken_ml"]) == ("15", "20")
    assert list(correction_findings()) == []
    correction("lineage", step.pk, "taken_ml", "15.00")
    assert fresh(step.parent).volume_ml == left


def test_the_cells_that_are_left_go_in_proportion():
    step = drawn()
    type(step.parent).objects.filter(pk=step.parent_id).update(tnc=800_000_000)
    left = step.parent.volume_ml

    correction("lineage", step.pk, "taken_ml", "20.00")

    assert fresh(step.parent).tnc == int(800_000_000 * (left - 5) / left)


def test_what_was_wholly_used_holds_on_record_what_it_held():
    unit = available_unit()
    step = unit.made_from.get()
    held = step.parent.volume_ml
    assert step.taken_ml == held

    made = correction("lineage", step.pk, "taken_ml", held - 1)
    assert (made.rested, fresh(step).taken_ml) == (["acceptance"], held)
    confirmed(made)

    assert (fresh(step).taken_ml, fresh(step.parent).volume_ml) == (held - 1, held)
    assert (step.parent.state, fresh(unit).state) == (UnitState.CONSUMED, UnitState.QUARANTINED)


def test_what_was_drawn_before_the_rest_was_used_leaves_at_least_the_rest():
    step = drawn()
    parent, left = step.parent, step.parent.volume_ml
    rest = Child("S9002VZ0", UnitKind.CRYOBAG, taken_ml=parent.volume_ml, volume_ml=Decimal(10))
    process_units([new_processing(parent, children=(rest,))], by=staff(Role.LAB_TECHNICIAN), at=FROZEN_AT)
    assert fresh(parent).state == UnitState.CONSUMED

    with pytest.raises(CorrectionRefused, match="did not hold so much"), nothing_changes():
        correction("lineage", step.pk, "taken_ml", "15.01")
    correction("lineage", step.pk, "taken_ml", "14.00")

    assert fresh(parent).volume_ml == left + 1


def test_of_what_was_never_measured_it_is_only_written_what_was_taken():
    step = drawn()
    type(step.parent).objects.filter(pk=step.parent_id).update(volume_ml=None, mass_g=None)

    correction("lineage", step.pk, "taken_g", "3.00")

    assert fresh(step).taken_g == Decimal("3.00")
    assert not Correction.objects.exclude(noun="lineage").exists()


@pytest.mark.parametrize(
    ("field", "value", "match"),
    [
        ("taken_ml", "0", "from 0.01"),
        ("taken_ml", "", "missing"),
        ("taken_ml", "15.00", "is that already"),
        ("taken_g", "3.00", "is its ml"),
        ("child", "another", "is not corrected"),
    ],
)
def test_what_cannot_have_been_taken_is_refused_and_nothing_changes(field, value, match):
    step = drawn()

    with pytest.raises(CorrectionRefused, match=match), nothing_changes():
        correction("lineage", step.pk, field, value)


def test_nobody_takes_more_than_there_was():
    step, whole = drawn(), available_unit().made_from.get()
    everything, too_much = step.parent.volume_ml + 15, whole.parent.volume_ml + 1

    for row, value in ((step, everything), (whole, too_much)):
        with pytest.raises(CorrectionRefused, match="did not hold so much"), nothing_changes():
            correction("lineage", row.pk, "taken_ml", value)

    correction("lineage", step.pk, "taken_ml", everything - Decimal("0.01"))
    assert fresh(step.parent).volume_ml == Decimal("0.01")


def test_a_count_says_nothing_of_how_much_was_taken():
    step = drawn()

    correction("unit", step.parent_id, "tnc", "1")

    assert (fresh(step.parent).tnc, fresh(step).taken_ml) == (1, Decimal("15.00"))
