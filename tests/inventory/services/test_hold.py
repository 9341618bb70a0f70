import pytest
from django.db import IntegrityError, transaction

from biobank.domain.role import Role
from inventory.domain.hold import HoldKind, HoldRefused
from inventory.models.hold import Hold
from inventory.queries.hold import open_holds_on
from inventory.services.hold import NewHold, lift_hold, place_holds
from tests.factories.person import person, staff
from tests.factories.time import NOON, hours
from tests.factories.trail import head_number, kinds_since, last_of
from tests.factories.unit import received_unit
from tests.factories.untouched import nothing_changes

pytestmark = pytest.mark.django_db
BEGINS_WITH = (received_unit,)


def place(*news, by=None):
    return place_holds(list(news), by=by or staff(Role.STORAGE_TECHNICIAN), at=NOON)


def on(unit, **otherwise):
    usual = {"kind": HoldKind.MIX_UP, "reason": "label loose", "unit_id": unit.pk}
    return NewHold(**usual | otherwise)


def lift(hold, by=None, reason="label checked"):
    return lift_hold(hold, reason=reason, by=by or staff(Role.QUALITY_REVIEWER), at=NOON + hours(1))


def test_any_staff_places_a_hold_and_the_unit_keeps_its_state_and_place():
    unit = received_unit()
    staff(Role.STORAGE_TECHNICIAN)
    before = head_number()

    hold = place(on(unit))[0]

    assert (hold.lifted_at, hold.placed_by) == (None, staff(Role.STORAGE_TECHNICIAN))
    assert (type(unit).objects.get().state, type(unit).objects.get().holder) == (unit.state, unit.holder)
    assert kinds_since(before) == ["hold.placed"]
    assert last_of("hold.placed")["new"]["lies_on"] == unit.code


@pytest.mark.parametrize(
    ("wrong", "match"),
    [
        ({"reason": " "}, "gives its reason"),
        ({"reason": "x" * 501}, "gives its reason"),
        ({"unit_id": None}, "one unit, one lot"),
        ({"donor_id": 1}, "one unit, one lot"),
        ({"unit_id": 0}, "does not exist"),
        ({"unit_id": None, "donation_id": 0}, "does not exist"),
        ({"unit_id": None, "donor_id": 0}, "does not exist"),
    ],
)
def test_a_hold_without_reason_or_on_nothing_places_none(wrong, match):
    unit = received_unit()
    staff(Role.STORAGE_TECHNICIAN)

    with pytest.raises(HoldRefused, match=match), nothing_changes():
        place(on(unit), on(unit, **wrong))


def test_quality_lifts_a_hold_with_a_reason_and_others_stay_open():
    unit = received_unit()
    hold, other = place(on(unit), on(unit, kind=HoldKind.INVESTIGATION))

    lift(hold)

    hold.refresh_from_db()
    assert (hold.lifted_by, hold.lifted_because) == (staff(Role.QUALITY_REVIEWER), "label checked")
    assert [facts.code for facts in open_holds_on([unit.pk])[unit.pk]] == [other.reference]
    assert last_of("hold.lifted")["old"]["because"] == "label loose"


@pytest.mark.parametrize(
    "role", [role for role in Role if role.value not in {"quality_reviewer", "releasing_officer", "medical_director"}]
)
def test_nobody_but_quality_lifts_a_hold(role):
    hold = place(on(received_unit()))[0]
    wanting = person(role)

    with pytest.raises(HoldRefused, match="Only quality may lift"), nothing_changes():
        lift(hold, by=wanting)


def test_quality_does_not_lift_what_it_placed():
    hold = place(on(received_unit()), by=staff(Role.QUALITY_REVIEWER))[0]

    with pytest.raises(HoldRefused, match="who placed a hold does not lift it"), nothing_changes():
        lift(hold)


@pytest.mark.parametrize(("reason", "match"), [("  ", "needs a reason"), ("x" * 501, "at most 500")])
def test_a_hold_is_not_lifted_without_a_reason_that_fits(reason, match):
    hold = place(on(received_unit()))[0]
    staff(Role.QUALITY_REVIEWER)

    with pytest.raises(HoldRefused, match=match), nothing_changes():
        lift(hold, reason=reason)


def test_a_hold_is_lifted_once():
    hold = place(on(received_unit()))[0]
    lift(hold)
    director = staff(Role.MEDICAL_DIRECTOR)

    with pytest.raises(HoldRefused, match="was lifted before"), nothing_changes():
        lift(hold, by=director)


def test_the_database_itself_refuses_a_hold_lifted_by_who_placed_it():
    hold = place(on(received_unit()))[0]
    row = Hold.objects.filter(pk=hold.pk)

    with pytest.raises(IntegrityError, match="a_hold_is_lifted_by_another_person"), transaction.atomic():
        row.update(lifted_by=hold.placed_by, lifted_at=NOON, lifted_because="mine")
    with pytest.raises(IntegrityError, match="has_person_time_and_reason"), transaction.atomic():
        row.update(lifted_by=staff(Role.QUALITY_REVIEWER), lifted_at=NOON)
    assert row.get().lifted_at is None
