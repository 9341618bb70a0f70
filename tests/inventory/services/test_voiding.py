import pytest
from django.db import DatabaseError, connection, transaction

from biobank.domain.role import Role
from biobank.services.guard import drop_guards, install_guards
from inventory.domain.correction import CorrectionRefused
from inventory.domain.unit import IllegalTransition, UnitState
from inventory.domain.voiding import VoidingRefused
from inventory.models.disposition import Disposition
from inventory.models.sample import ReferenceSample
from inventory.models.unit import Unit
from inventory.queries.din_label import spoiled_among
from inventory.queries.fold import fold_findings
from inventory.services.placement import PutAway, put_away
from inventory.services.voiding import confirm_voiding, propose_voiding, reject_voiding
from tests.factories.correction import correction
from tests.factories.donation import on_its_way, registered_donation
from tests.factories.person import staff
from tests.factories.result import of_mother, record
from tests.factories.time import NOON
from tests.factories.trail import last_of
from tests.factories.unit import available_unit, box, frozen_unit, received_unit, working_bank
from tests.factories.untouched import nothing_changes

pytestmark = pytest.mark.django_db
BEGINS_WITH = (working_bank, registered_donation)


def proposed(thing, reason="registered twice"):
    return propose_voiding(thing, reason=reason, by=staff(Role.QUALITY_REVIEWER), at=NOON)


def confirm(voiding, role=Role.MEDICAL_DIRECTOR):
    return confirm_voiding(voiding, by=staff(role), at=NOON)


def test_a_donation_registered_twice_is_voided_by_two_with_its_units_tubes_and_label():
    registered, other = registered_donation(), registered_donation()
    donation, unit = registered.donation, registered.units[0]

    voiding = proposed(donation)
    assert Unit.objects.get(pk=unit.pk).state == UnitState.COLLECTED
    confirm(voiding)

    assert Unit.objects.get(pk=unit.pk).state == UnitState.VOIDED
    assert set(ReferenceSample.objects.filter(donation=donation).values_list("state", flat=True)) == {"voided"}
    assert spoiled_among([donation.din, other.donation.din]) == {donation.din}
    ending = Disposition.objects.get()
    assert (ending.kind, ending.recorded_by, ending.witness) == (
        *("voided", staff(Role.QUALITY_REVIEWER), staff(Role.MEDICAL_DIRECTOR)),
    )
    assert last_of("unit.voided")["reason"] == "registered twice"
    assert list(fold_findings()) == []
    assert Unit.objects.get(pk=other.units[0].pk).state == UnitState.COLLECTED


def test_one_unit_of_a_donation_is_voided_alone():
    registered = registered_donation()

    confirm(proposed(registered.units[0]))

    assert Unit.objects.get(pk=registered.units[0].pk).state == UnitState.VOIDED
    assert ReferenceSample.objects.filter(donation=registered.donation, state="stored").count() == 2
    assert not spoiled_among([registered.donation.din])


def test_who_asks_does_not_confirm_and_a_voiding_happens_once():
    voiding = proposed(registered_donation().donation)

    with pytest.raises(VoidingRefused, match="does not confirm"), nothing_changes():
        confirm(voiding, Role.QUALITY_REVIEWER)
    confirm(voiding)
    with pytest.raises(VoidingRefused, match="waits no more"), nothing_changes():
        confirm(voiding)


def test_nothing_that_was_ever_there_is_voided():
    sent, tested = registered_donation(), registered_donation()
    on_its_way(sent)
    record(of_mother(tested.units[0]))
    made = frozen_unit()
    things = {
        "it was packed": sent.donation,
        "it was received": received_unit(),
        "it was processed": made,
        "it was put away": available_unit(),
        "it has a result": tested.donation,
    }

    for match, thing in things.items():
        with pytest.raises(VoidingRefused, match=match), nothing_changes():
            proposed(thing)


def test_what_is_put_away_meanwhile_is_not_voided():
    unit = registered_donation().units[0]
    voiding = proposed(unit)
    place = box("M01-R01-01", at=unit.donation.collection_site).positions.order_by("pk")[0]
    put_away([PutAway(place.pk, unit_id=unit.pk)], reason="found", by=staff(Role.STORAGE_TECHNICIAN), at=NOON)
    staff(Role.MEDICAL_DIRECTOR)

    with pytest.raises(VoidingRefused, match="it was put away"), nothing_changes():
        confirm(voiding)


def test_a_voiding_is_proposed_once_and_may_be_rejected():
    donation = registered_donation().donation
    voiding, director = proposed(donation), staff(Role.MEDICAL_DIRECTOR)

    with pytest.raises(VoidingRefused, match=f"{voiding.reference} already waits"), nothing_changes():
        proposed(donation)
    with pytest.raises(VoidingRefused, match="no reason"), nothing_changes():
        reject_voiding(voiding, reason="", by=director, at=NOON)
    reject_voiding(voiding, reason="it is another infant's", by=director, at=NOON)

    assert last_of("voiding.rejected")["reason"] == "it is another infant's"
    with pytest.raises(VoidingRefused, match="waits no more"), nothing_changes():
        confirm(voiding)


def test_nothing_of_what_was_voided_is_corrected():
    registered = registered_donation()
    confirm(proposed(registered.donation))

    for noun, row, name, value in (
        ("donation", registered.donation, "clamp_seconds", 30),
        ("unit", registered.units[0], "volume_ml", 90),
        ("sample", registered.samples[0], "volume_ml", 2),
    ):
        with pytest.raises(CorrectionRefused, match="was voided"), nothing_changes():
            correction(noun, row.pk, name, value)


def test_a_voided_unit_stays_so():
    registered = registered_donation()
    confirm(proposed(registered.donation))

    with pytest.raises((VoidingRefused, IllegalTransition)), nothing_changes():
        proposed(registered.donation)


@pytest.mark.parametrize("state", [state for state in UnitState if state is not UnitState.VOIDED])
def test_the_database_itself_never_brings_back_what_was_voided(state):
    registered = registered_donation()
    confirm(proposed(registered.donation))

    with pytest.raises(DatabaseError), transaction.atomic():
        Unit.objects.filter(pk=registered.units[0].pk).update(state=state.value)


@pytest.mark.parametrize("make", [lambda: registered_donation().units[0], frozen_unit])
def test_the_database_itself_voids_nothing_without_two_persons_or_that_was_there(make):
    unit = make()

    with pytest.raises(DatabaseError), transaction.atomic():
        Unit.objects.filter(pk=unit.pk).update(state="voided")


def test_canary_without_guards_a_frozen_unit_is_voided_by_a_statement():
    unit = frozen_unit()

    drop_guards(connection)
    try:
        assert Unit.objects.filter(pk=unit.pk).update(state="voided") == 1
    finally:
        install_guards(connection)
