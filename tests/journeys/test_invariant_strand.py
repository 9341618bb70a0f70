"""Canaries of the questions about consent: a birth and a recovery of one donor are each asked of their own answer."""

import pytest
from django.db import connection

from biobank.services.guard import drop_guards
from consent.models.consent import Consent
from inventory.models.donation import Donation
from inventory.models.release import Release
from inventory.models.unit import Unit
from tests.factories.donor import given_consent
from tests.factories.recovery import authorised, registered_liver
from tests.factories.release import issued_release
from tests.factories.unit import available_unit
from tests.journeys.invariant_release import what_moves_on_may
from tests.journeys.invariants import withdrawn_consent_blocks

pytestmark = pytest.mark.django_db
BIRTH, AFTER_DEATH = {"deceased__isnull": True}, {"deceased__isnull": False}


def bag_and_liver() -> tuple[Unit, Unit, Release]:
    """Return an issued bag and a liver in stock, of one donor, with no guard left; the authorisation came last."""
    birth = given_consent()
    bag = available_unit(consent=birth, segment=True)
    liver = registered_liver(authorised(birth)).units[0]
    release = issued_release(bag)
    drop_guards(connection)
    Unit.objects.filter(pk=liver.pk).update(state="available", use="laboratory")
    return bag, liver, release


@pytest.mark.parametrize("taken_back", ["birth", "after death"])
def test_what_is_still_in_stock_is_asked_of_the_strand_that_was_withdrawn(taken_back: str) -> None:
    bag, liver, _ = bag_and_liver()
    assert withdrawn_consent_blocks() == []

    Consent.objects.filter(**(BIRTH if taken_back == "birth" else AFTER_DEATH)).update(status="withdrawn")

    problems = withdrawn_consent_blocks()
    named = [any(unit.code in problem for problem in problems) for unit in (bag, liver)]
    assert named == [taken_back == "birth", taken_back != "birth"]


@pytest.mark.parametrize(("strand", "seen"), [(BIRTH, True), (AFTER_DEATH, False)])
def test_what_moves_on_is_asked_of_its_own_strand(strand: dict[str, bool], seen: bool) -> None:
    _, _, release = bag_and_liver()
    issued_at = Release.objects.get(pk=release.pk).issued_at
    assert issued_at is not None
    assert what_moves_on_may(issued_at) == []

    Consent.objects.filter(**strand).update(status="superseded")

    assert any("no consent is active" in problem for problem in what_moves_on_may(issued_at)) is seen


def test_a_recovery_that_nobody_authorised_moves_on_without_a_consent() -> None:
    bag, _, release = bag_and_liver()
    issued_at = Release.objects.get(pk=release.pk).issued_at
    assert issued_at is not None
    Consent.objects.filter(**AFTER_DEATH).update(deceased=None, status="declined")
    Consent.objects.filter(status="declined").update(infant=bag.donation.infant)

    Donation.objects.filter(pk=bag.donation_id).update(event="recovery_after_death")

    problems = what_moves_on_may(issued_at)
    assert any("no consent is active" in problem for problem in problems)
    assert any("human application is not granted" in problem for problem in problems)
