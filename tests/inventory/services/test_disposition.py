import json

import pytest
from django.db import IntegrityError, connection, transaction

from biobank.domain.role import Role
from biobank.domain.signature import SignatureRefused
from inventory.domain.disposition import DispositionRefused
from inventory.domain.unit import IllegalTransition, UnitState
from inventory.models.disposition import Disposition
from inventory.models.reservation import Reservation
from inventory.queries.placement import places_of
from inventory.services.disposition import Discard, Loss, discard_unit, lose_unit, use_unit
from tests.factories.person import credentials, person, staff
from tests.factories.release import inside, issued_release, received, shipped, units_of
from tests.factories.request import coordinator
from tests.factories.time import NOON, hours
from tests.factories.trail import head_number, kinds_since
from tests.factories.unit import available_unit
from tests.factories.untouched import nothing_changes

pytestmark = pytest.mark.django_db
BEGINS_WITH = (available_unit, shipped)
LATER = NOON + hours(48)


def discard(unit, at=NOON, **otherwise):
    usual = {"reason": "damaged", "amount": "25 mL", "witness": staff(Role.QUALITY_REVIEWER), "occurred_at": at}
    return discard_unit(unit, Discard(**usual | otherwise), by=staff(Role.LAB_TECHNICIAN), at=at)


def lose(unit, by=None, at=NOON, **otherwise):
    quality = by or staff(Role.QUALITY_REVIEWER)
    usual = {"reason": "Not at its position", "occurred_at": NOON, "witness": staff(Role.STORAGE_TECHNICIAN)}
    return lose_unit(unit, Loss(**usual | otherwise), credentials=credentials(quality), by=quality, at=at)


def test_a_used_unit_states_what_was_left_over():
    [unit] = inside(received())
    before = head_number()

    made = use_unit(unit, left_over="2 mL, discarded at the ward", occurred_at=LATER, by=coordinator(), at=LATER)

    unit.refresh_from_db()
    assert (unit.state, unit.thawed) == (UnitState.USED, True)
    assert (made.kind, made.left_over) == ("used", "2 mL, discarded at the ward")
    assert kinds_since(before) == ["unit.used"]


@pytest.mark.parametrize(
    ("said", "field"), [({"left_over": " "}, "left_over"), ({"occurred_at": LATER + hours(1)}, "occurred_at")]
)
def test_a_use_that_leaves_something_out_changes_nothing(said, field):
    [unit] = inside(received())

    with pytest.raises(DispositionRefused) as refused:
        use_unit(unit, **{"left_over": "nothing", "occurred_at": LATER} | said, by=coordinator(), at=LATER)

    assert [each.field for each in refused.value.reasons] == [field]
    unit.refresh_from_db()
    assert unit.state == UnitState.RECEIVED


def test_what_is_on_its_way_is_not_used():
    [unit] = inside(shipped())

    with pytest.raises(IllegalTransition):
        use_unit(unit, left_over="nothing", occurred_at=LATER, by=coordinator(), at=LATER)

    assert not Disposition.objects.exists()


def test_a_discarded_unit_leaves_its_position():
    unit = available_unit()
    before = head_number()

    made = discard(unit)

    unit.refresh_from_db()
    assert (unit.state, places_of([unit.pk])) == (UnitState.DISCARDED, {})
    assert (made.amount, made.witness) == ("25 mL", staff(Role.QUALITY_REVIEWER))
    assert kinds_since(before) == ["unit.discarded", "unit.removed"]


def test_a_site_reports_that_it_discarded_what_it_received():
    [unit] = inside(received())

    discard(unit, at=LATER, reason="not_needed")

    unit.refresh_from_db()
    assert unit.state == UnitState.DISCARDED


@pytest.mark.parametrize(
    ("otherwise", "field"),
    [
        ({"reason": "because"}, "reason"),
        ({"reason": "other"}, "note"),
        ({"amount": ""}, "amount"),
        ({"witness": None}, "witness"),
        ({"occurred_at": NOON + hours(1)}, "occurred_at"),
    ],
)
def test_a_discard_that_leaves_something_out_changes_nothing(otherwise, field):
    unit = available_unit()

    with pytest.raises(DispositionRefused) as refused:
        discard(unit, **otherwise)

    assert [each.field for each in refused.value.reasons] == [field]
    unit.refresh_from_db()
    assert unit.state == UnitState.AVAILABLE


def test_nobody_witnesses_their_own_discard():
    unit = available_unit()

    with pytest.raises(DispositionRefused, match="another person"):
        discard(unit, witness=staff(Role.LAB_TECHNICIAN))

    assert not Disposition.objects.exists()


def test_a_released_unit_is_not_discarded():
    [unit] = units_of(issued_release())

    with pytest.raises(IllegalTransition):
        discard(unit)

    unit.refresh_from_db()
    assert unit.state == UnitState.RELEASED


def test_a_lost_unit_is_a_signed_discrepancy():
    unit = available_unit()

    made = lose(unit)

    unit.refresh_from_db()
    assert (unit.state, places_of([unit.pk])) == (UnitState.LOST, {})
    assert made.signature is not None
    assert made.witness == staff(Role.STORAGE_TECHNICIAN)
    assert json.loads(made.signature.content)["witness"] == made.witness.username


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"witness": None}, "witness"),
        ({"witness": "the signer"}, "witness"),
        ({"reason": " "}, "reason"),
        ({"occurred_at": NOON + hours(1)}, "occurred_at"),
    ],
)
def test_a_loss_that_leaves_something_out_changes_nothing(said, field):
    unit, quality = available_unit(), staff(Role.QUALITY_REVIEWER)
    said = {name: quality if value == "the signer" else value for name, value in said.items()}

    with pytest.raises(DispositionRefused) as refused, nothing_changes():
        lose(unit, **said)

    assert [each.field for each in refused.value.reasons] == [field]


def test_what_is_lost_on_its_way_names_the_journey_and_who_looked_for_it_besides():
    shipment = shipped()
    [unit] = inside(shipment)

    made = lose(unit, reason="never came", occurred_at=LATER, at=LATER)

    unit.refresh_from_db()
    assert unit.state == UnitState.LOST
    assert json.loads(made.signature.content)["journeys"] == [shipment.reference]
    assert made.witness == staff(Role.STORAGE_TECHNICIAN)


# SQLite makes a table anew to be rid of a constraint.
@pytest.mark.postgresql
@pytest.mark.parametrize(
    ("missing", "constraint"), [("witness", "a_loss_has_a_witness"), ("signature", "a_loss_is_a_signed_discrepancy")]
)
def test_canary_without_its_constraint_a_loss_lacks_one_of_them(missing, constraint):
    made = lose(available_unit())
    names = ("unit", "kind", "occurred_at", "recorded_at", "recorded_by", "witness", "signature")
    row = {name: getattr(made, name) for name in names}
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(f"ALTER TABLE inventory_disposition DROP CONSTRAINT {constraint}")

    assert Disposition.objects.create(**row | {missing: None})


@pytest.mark.parametrize("missing", ["witness", "signature"])
def test_the_database_itself_keeps_no_loss_without_signature_and_witness(missing):
    made = lose(available_unit())
    names = ("unit", "kind", "occurred_at", "recorded_at", "recorded_by", "witness", "signature")
    row = {name: getattr(made, name) for name in names}

    assert Disposition.objects.create(**row)
    with pytest.raises(IntegrityError, match="a_loss"), transaction.atomic():
        Disposition.objects.create(**row | {missing: None})


def test_a_unit_lost_after_its_release_makes_the_release_void():
    release = issued_release()
    [unit] = units_of(release)

    lose(unit)

    unit.refresh_from_db()
    release.refresh_from_db()
    assert (unit.state, release.status) == (UnitState.LOST, "void")
    assert not Reservation.objects.filter(ended_at__isnull=True).exists()


def test_who_may_not_sign_does_not_lose_a_unit():
    release = issued_release()
    [unit] = units_of(release)

    with pytest.raises(SignatureRefused):
        lose(unit, by=person(Role.STORAGE_TECHNICIAN))

    unit.refresh_from_db()
    release.refresh_from_db()
    assert (unit.state, release.status) == (UnitState.RELEASED, "issued")


def test_a_final_state_is_final():
    unit = available_unit()
    discard(unit)

    with pytest.raises(IllegalTransition):
        lose(unit)

    unit.refresh_from_db()
    assert unit.state == UnitState.DISCARDED
